//! Fuel: bounding how much guest code executes, exactly and the same on every machine.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{Failure, attempt, given, guard};
use crate::capi::engine::{wasm_config_t, wasm_store_t};
use crate::runtime::Store;
use std::ffi::c_void;

/// Asked when fuel has run out: `missing` units at least are needed to go on. Returns the units to add; 0 ends the run
/// with a trap of kind `WASMX_TRAP_OUT_OF_FUEL`. It may take its time, and do what a host function may, the store being
/// the one that it was set for; guest code that it calls itself gets what fuel it adds, and nobody is asked then.
pub type wasmx_fuel_callback_t = Option<unsafe extern "C" fn(env: *mut c_void, missing: u64) -> u64>;

/// What a callback of C's works with, and who is told when it is done with.
pub(super) struct Environment {
    pub env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

// SAFETY: the host promises that a callback may be called by whichever thread uses the store.
unsafe impl Send for Environment {}

impl Environment {
    pub fn new(env: *mut c_void, finalizer: Option<unsafe extern "C" fn(*mut c_void)>) -> Environment {
        Environment { env, finalizer }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the host gave both, to be used once.
            unsafe { finalizer(self.env) }
        }
    }
}

unsafe fn metered<'a>(store: *const wasm_store_t) -> Result<&'a Store, Failure> {
    let store = &given(store, "the store")?.store;
    if !store.is_metered() {
        return Err("the engine was made without fuel: see wasmx_config_set_fuel".into());
    }
    Ok(store)
}

/// # Fuel
///
/// Whether guest code of the engine pays for what it executes. Off at first, and then it costs nothing. With fuel, each
/// operator of the WebAssembly text that is executed costs one unit, but for those that only mark a place (`block`,
/// `loop`, `else`, `end`, `nop`, and the heads of try blocks and clauses). `memory.fill`, `copy` and `init` cost one more
/// for each 64 whole bytes of their length; those of tables and arrays, `table.grow`, and what makes an array of a given
/// length, one more for each element. Code between two branches or calls is paid when it is entered, and not entered if
/// there is too little fuel: then the host is asked (`wasmx_store_set_fuel_callback`), or the run ends with a trap of kind
/// `WASMX_TRAP_OUT_OF_FUEL`. What a program consumes is the same on every machine, on every run. A store has no fuel
/// at first. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_fuel(config: *mut wasm_config_t, on: bool) {
    guard(|| {
        if let Some(config) = config.as_mut() {
            config.config.fuel = on;
        }
    })
}

/// Sets how many units are left. False if `store` is NULL, or its engine was made without fuel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_set_fuel(store: *mut wasm_store_t, units: u64) -> bool {
    attempt(|| {
        metered(store)?.set_fuel(units);
        Ok(true)
    })
}

/// Adds to what is left, up to UINT64_MAX. False if `store` is NULL, or its engine was made without fuel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_add_fuel(store: *mut wasm_store_t, units: u64) -> bool {
    attempt(|| {
        metered(store)?.add_fuel(units);
        Ok(true)
    })
}

/// How many units are left; 0 if `store` is NULL, or its engine was made without fuel. A host function sees what is left
/// during its call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_fuel(store: *const wasm_store_t) -> u64 {
    attempt(|| Ok(metered(store)?.fuel()))
}

/// How many units have been consumed since the store was made; 0 if `store` is NULL, or its engine was made without
/// fuel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_fuel_consumed(store: *const wasm_store_t) -> u64 {
    attempt(|| Ok(metered(store)?.fuel_consumed()))
}

/// Asks `callback` when fuel runs out; NULL stands for nobody. `finalizer` (may be NULL) is called once with `env`, when
/// another callback takes its place or the store dies. False, and no finalizer is called, if `store` is NULL, or its
/// engine was made without fuel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_set_fuel_callback(
    store: *mut wasm_store_t,
    callback: wasmx_fuel_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> bool {
    attempt(|| {
        let store = metered(store)?;
        let environment = Environment::new(env, finalizer);
        store.set_fuel_hook(Some(Box::new(move |_, missing| {
            let environment = &environment;
            // SAFETY: the host gave both for each other.
            callback.map_or(0, |callback| unsafe { callback(environment.env, missing) })
        })));
        Ok(true)
    })
}
