//! Whether and when guest functions become machine code.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.

use crate::capi::boundary::{self, attempt};
use crate::capi::engine::wasm_config_t;
use crate::runtime::{Engine, Tier};

/// How guest functions run.
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum wasmx_tier_enum {
    /// By the interpreter, always: no executable memory is asked for.
    WASMX_TIER_INTERPRETER = 0,
    /// By the interpreter at first, and as machine code once they are hot: called often, or long in a loop. What guests compute,
    /// their traps, and what fuel they consume is the same.
    WASMX_TIER_TIERING = 1,
    /// As machine code, made when a module is loaded.
    WASMX_TIER_EAGER = 2,
}

/// How guest functions run: one of `wasmx_tier_enum`.
pub type wasmx_tier_t = u8;

/// # Configurations
///
/// Sets how guest functions run; at first it is WASMX_TIER_TIERING. A function that the compiler does not cover, or for which
/// there is no memory, is interpreted whatever was asked for; so are all where the system gives no executable memory. False if
/// `config` is NULL, there is no such way, or it is WASMX_TIER_EAGER and the library has no compiler for this processor.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_tier(config: *mut wasm_config_t, tier: wasmx_tier_t) -> bool {
    attempt(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        let config = unsafe { config.as_mut() }.ok_or("the configuration is NULL")?;
        config.config.tier = match tier {
            0 => Tier::Interpreter,
            1 => Tier::Tiering,
            2 if Engine::has_compiler() => Tier::Eager,
            2 => return Err("the library has no compiler for this processor".into()),
            _ => return Err(format!("there is no tier {tier}").into()),
        };
        Ok(true)
    })
}

/// When a function is hot, with WASMX_TIER_TIERING: when its calls have executed `calls` times as much code as it has, or one of its
/// loops `loops` times as much; 0 stands for the first call, and the first trip. At first both are what measurements
/// recommend. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_tier_thresholds(config: *mut wasm_config_t, calls: u32, loops: u32) {
    boundary::guard(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        if let Some(config) = unsafe { config.as_mut() } {
            (config.config.tier_calls, config.config.tier_loops) = (calls, loops);
        }
    })
}

/// How many threads compile hot functions while guests go on: 1 at most, which is what it is at first. The thread is one for all
/// engines of the process; it starts when it is first needed, takes no signals, and ends when there has been nothing to do
/// for a while. With 0 the library starts no thread for this: a guest waits until its function is compiled. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_compile_threads(config: *mut wasm_config_t, threads: u32) {
    boundary::guard(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        if let Some(config) = unsafe { config.as_mut() } {
            config.config.compile_threads = threads;
        }
    })
}
