//! What the runtime needs of `code` and `interp`, in one place: this is where another way to run code would be chosen.
#![forbid(unsafe_code)]

pub use crate::code::ModuleCode;
pub(super) use crate::interp::{backtrace, call, prepare};

/// Compiles what can be compiled of a module.
#[cfg(jit)]
pub(super) fn compile(code: &ModuleCode) {
    let start = std::time::Instant::now();
    crate::jit::compile_module(code, crate::interp::handlers::machine::enter_machine as *const ());
    if let Some(machine) = crate::jit::machine_code(code) {
        let stats = machine.stats();
        let spent = start.elapsed().as_nanos() as u64;
        code.note_compiled(stats.compiled as u64, stats.code_bytes as u64, stats.uncovered.len() as u64, spent);
    }
}
