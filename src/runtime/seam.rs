//! What the runtime needs of `code` and `interp`, in one place: this is where another way to run code would be chosen.
#![forbid(unsafe_code)]

pub use crate::code::ModuleCode;
pub(super) use crate::interp::{backtrace, call, prepare};
