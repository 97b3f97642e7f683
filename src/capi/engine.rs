//! `wasm_config_t`, `wasm_engine_t` and `wasm_store_t`: the world that everything else lives in.
//!
//! Why: an engine is shared between threads and holds what stores have in common; a store holds all objects of one
//! guest world and belongs to one thread at a time. Deleting either only gives up the host's own handle.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, guard};
use crate::runtime::{Config, Engine, Store};

/// How an engine behaves. Extended by the `wasmx_config_*` functions.
pub struct wasm_config_t {
    pub(crate) config: Config,
}

/// What stores share: a configuration and compiled code. May be used by all threads at once.
pub struct wasm_engine_t {
    pub(crate) engine: Engine,
}

/// A world of objects. Everything made in it keeps it alive.
pub struct wasm_store_t {
    pub(crate) store: Store,
}

/// # Configurations
///
/// Deletes a configuration. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_config_delete(config: *mut wasm_config_t) {
    guard(|| {
        if !config.is_null() {
            drop(Box::from_raw(config))
        }
    })
}

/// The default configuration, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_config_new() -> *mut wasm_config_t {
    attempt(|| Ok(Box::into_raw(Box::new(wasm_config_t { config: Config::default() }))))
}

/// # Engines
///
/// Deletes the host's hold on an engine; stores made from it keep working. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_delete(engine: *mut wasm_engine_t) {
    guard(|| {
        if !engine.is_null() {
            drop(Box::from_raw(engine))
        }
    })
}

/// An engine with the default configuration, owned by the caller.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_engine_new() -> *mut wasm_engine_t {
    attempt(|| Ok(Box::into_raw(Box::new(wasm_engine_t { engine: Engine::new(Config::default()) }))))
}

/// An engine with a configuration, owned by the caller. Takes over `config`; NULL stands for the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_engine_new_with_config(config: *mut wasm_config_t) -> *mut wasm_engine_t {
    // Taken over, whatever comes of it.
    let config = if config.is_null() { None } else { Some(Box::from_raw(config)) };
    attempt(|| {
        let config = config.map_or_else(Config::default, |c| c.config);
        Ok(Box::into_raw(Box::new(wasm_engine_t { engine: Engine::new(config) })))
    })
}

/// # Stores
///
/// Deletes the host's hold on a store; it lives on as long as anything made in it has an owner. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_delete(store: *mut wasm_store_t) {
    guard(|| {
        if !store.is_null() {
            drop(Box::from_raw(store))
        }
    })
}

/// A store, owned by the caller. It keeps the engine alive. NULL if `engine` is NULL or there is no memory for its
/// stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_store_new(engine: *mut wasm_engine_t) -> *mut wasm_store_t {
    attempt(|| {
        let engine = &given(engine, "the engine")?.engine;
        let store = Store::new(engine).map_err(|e| format!("no memory for a store: {e}"))?;
        Ok(Box::into_raw(Box::new(wasm_store_t { store })))
    })
}
