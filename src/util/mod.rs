//! Small shared types with no knowledge of WebAssembly's structure.

mod v128;

pub use v128::V128;
