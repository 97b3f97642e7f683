//! What the runtime needs of `code` and `interp`, in one place: this is where another way to run code would be chosen.
#![forbid(unsafe_code)]

pub use crate::code::ModuleCode;
pub(super) use crate::interp::{backtrace, call, call_guest, prepare};

/// Compiles what can be compiled of a module.
#[cfg(jit)]
pub(super) fn compile(code: &ModuleCode) {
    crate::jit::compile_module(code);
}

/// How functions get compiled as they get hot, where there is a compiler for the processor.
#[cfg(jit)]
pub(super) fn tiering(calls: u32, loops: u32, background: bool) -> Option<crate::code::tier::Tier> {
    let handlers = crate::interp::handlers::tier::handlers();
    crate::jit::x64::supported().then_some(crate::code::tier::Tier { calls, loops, background, handlers })
}

/// The address of the handler that enters machine code.
#[cfg(jit)]
pub(super) fn enter_machine() -> usize {
    crate::interp::handlers::machine::enter_machine as *const () as usize
}
