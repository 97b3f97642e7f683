//! What the runtime needs of `code` and `interp`, in one place: this is where another way to run code would be chosen.
#![forbid(unsafe_code)]

pub use crate::code::ModuleCode;
pub(super) use crate::interp::{backtrace, call, prepare};

/// Compiles what can be compiled of a module.
#[cfg(jit)]
pub(super) fn compile(code: &ModuleCode) {
    crate::jit::compile_module(code, crate::interp::handlers::machine::enter_machine as *const ());
}
