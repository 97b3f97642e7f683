//! What the runtime needs of `code` and `interp`, in one place: this is where another way to run code would be chosen.

pub use crate::code::ModuleCode;
pub(super) use crate::interp::{backtrace, call, call_guest, place_all, prepare};
use core::ffi::c_void;

#[cfg(jit)]
pub(super) use crate::interp::handlers::machine::{call_directly, end_directly, is_direct};

/// Compiles what can be compiled of a module.
#[cfg(jit)]
pub(super) fn compile(code: &ModuleCode) {
    crate::jit::compile_module(code);
}

/// How functions get compiled as they get hot, where there is a compiler for the processor.
#[cfg(jit)]
pub(super) fn tiering(calls: u32, loops: u32, background: bool) -> Option<crate::code::tier::Tier> {
    let handlers = crate::interp::handlers::tier::handlers();
    Some(crate::code::tier::Tier { calls, loops, background, handlers })
}

/// Waits for the compiler's thread to end.
#[cfg(jit)]
pub(super) use crate::jit::tier::end_thread as end_compiler;

/// Whether machine code of a module may do without checks of its memory.
#[cfg(jit)]
pub(super) fn guards(module: &crate::module::Module) -> bool {
    crate::jit::guard::suits(module)
}

/// Begins the files of profilers, and why one of them is not whole.
#[cfg(profile)]
pub(super) use crate::jit::profile::{ALL as PROFILES, failure as profile_failure, start as start_profile};

/// The address of the handler that enters machine code.
#[cfg(jit)]
pub(super) fn enter_machine() -> usize {
    crate::interp::handlers::machine::enter_machine as *const () as usize
}

/// Whether a function may be called directly.
#[cfg(not(jit))]
#[inline(always)]
pub(super) fn is_direct(_: &crate::vm::layout::Func) -> bool {
    false
}

/// Calls a compiled function: there is none.
///
/// # Safety
/// None.
#[cfg(not(jit))]
#[inline(always)]
pub(super) unsafe fn call_directly(
    _: *mut crate::vm::layout::Func,
    _: *const u64,
    _: *mut u64,
) -> Option<*mut crate::vm::layout::ObjHeader> {
    None
}

/// Gives a fault that a handler of the host's got to the code that has it: whether it is a guest's, and the handler is to return.
///
/// # Safety
/// The arguments are those of a handler with `SA_SIGINFO`, or null.
pub unsafe fn handle_fault(info: *mut c_void, context: *mut c_void) -> bool {
    #[cfg(jit)]
    // SAFETY: by the contract.
    unsafe {
        crate::sys::faults::offer(info, context)
    }
    #[cfg(not(jit))]
    {
        let _ = (info, context);
        false
    }
}
