//! Stopping guests: from another thread, or when a time has passed.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{attempt, given, guard};
use crate::capi::engine::wasm_store_t;
use crate::runtime::Interrupter;
use std::time::Duration;

/// Stops the guest of a store. All functions on it may be called from any thread at any time, even when the store is gone.
pub struct wasmx_interrupter_t {
    interrupter: Interrupter,
}

/// # Interrupts and deadlines
///
/// What stops the store's guest from other threads, owned by the caller. It does not keep the store alive. NULL if
/// `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_interrupter(store: *const wasm_store_t) -> *mut wasmx_interrupter_t {
    attempt(|| {
        let interrupter = given(store, "the store")?.store.interrupter();
        Ok(Box::into_raw(Box::new(wasmx_interrupter_t { interrupter })))
    })
}

/// Deletes an interrupter. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_interrupter_delete(interrupter: *mut wasmx_interrupter_t) {
    guard(|| {
        if !interrupter.is_null() {
            drop(Box::from_raw(interrupter))
        }
    })
}

/// One more interrupter of the same store, owned by the caller; NULL if `interrupter` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_interrupter_copy(interrupter: *const wasmx_interrupter_t) -> *mut wasmx_interrupter_t {
    attempt(|| {
        let interrupter = given(interrupter, "the interrupter")?.interrupter.clone();
        Ok(Box::into_raw(Box::new(wasmx_interrupter_t { interrupter })))
    })
}

/// Stops the guest with a trap of kind `WASMX_TRAP_INTERRUPTED`: at its next loop iteration or call, in a blocking
/// `memory.atomic.wait` or WASI call, or between parts of a large `memory.fill` or `memory.copy`, which may be done in
/// part. When no guest runs, the next one stops as soon as it loops or calls, unless `wasmx_store_clear_interrupt` comes
/// before. The store can be used again after that trap. A host function that is running is not disturbed. May be called
/// from any thread at any time, but not from a signal handler. False if the store is gone, or `interrupter` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_interrupter_interrupt(interrupter: *const wasmx_interrupter_t) -> bool {
    attempt(|| match given(interrupter, "the interrupter")?.interrupter.interrupt() {
        true => Ok(true),
        false => Err("the store is gone".into()),
    })
}

/// As `wasmx_interrupter_interrupt`, for a store that is sure to exist during the call: unlike other functions on a store,
/// this one may be called from any thread. False if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_interrupt(store: *const wasm_store_t) -> bool {
    attempt(|| Ok(given(store, "the store")?.store.interrupter().interrupt()))
}

/// Takes back an interrupt, or a deadline that has passed, that no guest has noticed yet. True if there was one; false if
/// not, and if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_clear_interrupt(store: *mut wasm_store_t) -> bool {
    attempt(|| Ok(given(store.cast_const(), "the store")?.store.clear_interrupt()))
}

/// Stops the guest when so many nanoseconds from now have passed, as an interrupt does, but with a trap of kind
/// `WASMX_TRAP_DEADLINE`. Replaces an earlier deadline. The time goes on between calls: a guest that is called after it
/// stops as soon as it loops or calls. The first deadline of a process starts a thread, which handles no signals and ends
/// when there have been no deadlines for a tenth of a second. False if no thread can be started, or `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_set_deadline(store: *mut wasm_store_t, nanoseconds: u64) -> bool {
    attempt(|| {
        let interrupter = given(store.cast_const(), "the store")?.store.interrupter();
        let set = interrupter.set_deadline(Some(Duration::from_nanos(nanoseconds)));
        set.map(|()| true).map_err(|e| format!("cannot start a thread for deadlines: {e}").into())
    })
}

/// Takes a deadline away, and also takes it back if it has passed and no guest has noticed. Nothing happens if there is
/// none, or `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_clear_deadline(store: *mut wasm_store_t) {
    attempt(|| {
        // Taking one away starts no thread, so it cannot fail.
        let _ = given(store.cast_const(), "the store")?.store.interrupter().set_deadline(None);
        Ok(())
    })
}
