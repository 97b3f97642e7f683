//! WASI's file system, driven call by call through a guest with a memory: what each function does, what it refuses, and
//! that nothing gets out of a preopened directory.

#![cfg(unix)]

#[path = "wasi_fs/descriptors.rs"]
mod descriptors;
#[path = "wasi_fs/host.rs"]
mod host;
#[path = "wasi_fs/io.rs"]
mod io;
