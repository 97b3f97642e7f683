//! libwasm: a WebAssembly runtime behind the standard C API.
//!
//! The folders, each importing only from those before it: `util` (small types), `sem` (what each numeric operation
//! means), `sys` (the operating system), `text` (the text format), `module` (bytes to validated module), `debuginfo`
//! (source lines of code), `code` (register code and its
//! translation), `vm` (run-time layout), `jit` (the compiler), `interp` (the interpreter), `runtime` (engine, stores, instances),
//! `wasi`, and `capi` (`wasm.h`, `wasi.h`, `wasmx.h`). ARCHITECTURE.md tells the whole story.

pub mod capi;
pub mod code;
#[cfg(feature = "debuginfo")]
pub mod debuginfo;
pub mod interp;
#[cfg(jit)]
pub mod jit;
pub mod module;
pub mod runtime;
pub mod sem;
pub mod sys;
pub mod text;
pub mod util;
pub mod vm;
#[cfg(all(feature = "wasi", unix))]
pub mod wasi;
