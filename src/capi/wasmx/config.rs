//! What went wrong, and which proposals an engine admits.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.

use crate::capi::boundary::{self, attempt, given};
use crate::capi::engine::wasm_config_t;
use crate::module::Feature;
use std::ffi::{CStr, c_char, c_void};

/// Why the last call on this thread that returned NULL, false or 0, or left an empty vector, did so: a C string in
/// UTF-8, or NULL if no call on this thread has failed. Borrowed: valid until the next failure on this thread, or its
/// end. Success does not change it, so ask only after a failure. May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn wasmx_last_error() -> *const c_char {
    boundary::last_error()
}

/// # Configurations
///
/// Switches a proposal of WebAssembly on or off, by its name: "mutable-globals", "saturating-float-to-int",
/// "sign-extension", "multi-value", "bulk-memory", "reference-types", "simd", "relaxed-simd", "tail-call",
/// "extended-const", "function-references", "gc", "multi-memory", "memory64", "exceptions", "legacy-exceptions",
/// "threads", "wide-arithmetic", "custom-page-sizes" or "compact-imports". All are on at first. A module that uses one
/// that is off is refused, and the reason names it. False if there is no proposal of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_feature(config: *mut wasm_config_t, name: *const c_char, on: bool) -> bool {
    attempt(|| {
        // SAFETY: C promises a configuration that nobody else uses, and a string that ends in NUL, or NULL.
        let (config, name) = unsafe {
            let name = CStr::from_ptr(given(name, "the name")?);
            (config.as_mut().ok_or("the configuration is NULL")?, name)
        };
        let feature = Feature::ALL.iter().find(|f| f.name().as_bytes() == name.to_bytes());
        let feature = feature.ok_or_else(|| format!("there is no proposal {name:?}"))?;
        config.config.features.set(*feature, on);
        Ok(true)
    })
}

/// Whether guests of the engine compute the same on every machine, bit for bit. Off at first, and then it costs nothing. NaNs
/// that arithmetic produces are canonical, vector instructions with a choice make the same one everywhere, and WASI shows clocks
/// that move on by a microsecond with each reading and pseudo-random numbers, unless its configuration sets others. What the
/// host does, how threads of the guest take turns, and when memory runs out is not covered. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_deterministic(config: *mut wasm_config_t, on: bool) {
    boundary::guard(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        if let Some(config) = unsafe { config.as_mut() } {
            config.config.deterministic = on;
        }
    })
}

/// Whether machine code of the engine may leave checks of memory bounds to the processor. On at first. Then, as long as the library
/// has such code, it has a handler for SIGSEGV and SIGBUS: faults of that code become traps, all others go to the handler that was
/// there before, as if ours were not. A host that installs handlers later and does not call those it replaces must pass faults
/// to [`wasmx_handle_fault`], or switch this off: then all code checks by itself, which it also does in builds without a
/// compiler, for memories that the compiler knows no better way for, where address space is short, and under valgrind.
/// NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_signals(config: *mut wasm_config_t, on: bool) {
    boundary::guard(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        if let Some(config) = unsafe { config.as_mut() } {
            config.config.signals = on;
        }
    })
}

/// For a host's handler of SIGSEGV and SIGBUS that replaces the library's: passes on what a handler with SA_SIGINFO is given. True
/// if the fault is a guest's: then the handler must return at once, and the guest traps. False, and nothing has happened, if it is
/// not, or if an argument is NULL. May be called in a handler on any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_handle_fault(info: *mut c_void, context: *mut c_void) -> bool {
    // SAFETY: C promises the arguments of a handler.
    unsafe { crate::runtime::handle_fault(info, context) }
}
