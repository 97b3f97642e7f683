//! Small shared types with no knowledge of WebAssembly's structure.

#![forbid(unsafe_code)]

mod v128;

pub use v128::V128;
