//! WASI's file system, driven call by call through a guest with a memory: what each function does, what it refuses, and
//! that nothing gets out of a preopened directory.

#![cfg(unix)]

#[path = "wasi_fs/descriptors.rs"]
mod descriptors;
#[path = "wasi_fs/escape.rs"]
mod escape;
#[path = "wasi_fs/host.rs"]
mod host;
#[path = "wasi_fs/io.rs"]
mod io;
#[path = "wasi_fs/listing.rs"]
mod listing;
#[path = "wasi_fs/opening.rs"]
mod opening;
#[path = "wasi_fs/paths.rs"]
mod paths;
#[path = "wasi_fs/random.rs"]
mod random;
#[path = "wasi_fs/read_only.rs"]
mod read_only;
#[path = "wasi_fs/without_openat2.rs"]
mod without_openat2;
