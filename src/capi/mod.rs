//! The C API: `wasm.h`, `wasi.h`, and what goes beyond them (`wasmx.h`, in the folder `wasmx`).
//!
//! Why it looks like this: one file per section of the header, every exported function written out with its
//! documentation, because the headers in `include/` are made from these files by cbindgen, which reads sources and
//! expands no macros. The families of the standard (vectors, copies, casts, host data) are therefore many short
//! functions over few generic ones. `tests/header_wasm.rs` makes the headers again and compares.
//!
//! # Safety
//! The callers are C programs. Each function relies on the following, and on nothing else: a pointer argument is NULL
//! or points to a live object of its type (objects of a wrong kind are noticed where a kind is recorded); `own`
//! arguments are not used again by the caller; borrowed results are used no longer than their owner; a store and its
//! objects are used by one thread at a time.
#![allow(non_camel_case_types, reason = "the names are the C API's")]
#![allow(clippy::missing_safety_doc, reason = "said once, above")]

mod boundary;
mod call;
mod convert;
mod engine;
mod externs;
mod externtypes;
mod foreign;
mod func;
mod global;
mod heap;
mod image;
mod instance;
mod memory;
mod module;
mod object;
mod objtypes;
#[cfg(test)]
mod panics;
mod porttypes;
mod refs;
mod table;
#[cfg(test)]
mod tests;
mod traps;
mod val;
mod valtypes;
mod vec;
#[cfg(all(feature = "wasi", unix))]
mod wasi;
mod wasmx;

pub use engine::*;
pub use externs::*;
pub use externtypes::*;
pub use foreign::*;
pub use func::*;
pub use global::*;
pub use instance::*;
pub use memory::*;
pub use module::*;
pub use objtypes::*;
pub use porttypes::*;
pub use refs::*;
pub use table::*;
pub use traps::*;
pub use val::*;
pub use valtypes::*;
pub use vec::*;
#[cfg(all(feature = "wasi", unix))]
pub use wasi::*;
pub use wasmx::*;
