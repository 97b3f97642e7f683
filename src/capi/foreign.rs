//! `wasm_foreign_t`: an object of the host's in the guest's world, with no meaning but its identity and its host data.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given};
use super::engine::wasm_store_t;
use super::object;
use super::refs::wasm_ref_t;
use crate::runtime::Foreign;
use std::ffi::c_void;

/// An object of the host's that guest code can hold as an `externref`.
pub struct wasm_foreign_t {
    _opaque: [u8; 0],
}

/// # Foreign objects
///
/// Gives up one ownership of a foreign object. NULL is ignored. The object itself lives on while anything else refers
/// to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_delete(foreign: *mut wasm_foreign_t) {
    object::delete(foreign)
}

/// One more owner of the same foreign object; NULL if `foreign` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_copy(foreign: *const wasm_foreign_t) -> *mut wasm_foreign_t {
    object::copy(foreign)
}

/// Whether both are the same foreign object: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_same(a: *const wasm_foreign_t, b: *const wasm_foreign_t) -> bool {
    object::same(a, b)
}

/// The host's data on a foreign object, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_get_host_info(foreign: *const wasm_foreign_t) -> *mut c_void {
    object::host_info(foreign)
}

/// Sets the host's data on a foreign object, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_set_host_info(foreign: *mut wasm_foreign_t, info: *mut c_void) {
    object::set_host_info(foreign, info, None)
}

/// As `wasm_foreign_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_set_host_info_with_finalizer(
    foreign: *mut wasm_foreign_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(foreign, info, finalizer)
}

/// A foreign object as a reference. Borrowed: valid as long as `foreign`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_as_ref(foreign: *mut wasm_foreign_t) -> *mut wasm_ref_t {
    foreign.cast()
}

/// As `wasm_foreign_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_as_ref_const(foreign: *const wasm_foreign_t) -> *const wasm_ref_t {
    foreign.cast()
}

/// The foreign object that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_foreign(reference: *mut wasm_ref_t) -> *mut wasm_foreign_t {
    object::cast(reference)
}

/// As `wasm_ref_as_foreign`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_foreign_const(reference: *const wasm_ref_t) -> *const wasm_foreign_t {
    object::cast_const(reference)
}

/// A new foreign object, owned by the caller; NULL if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_foreign_new(store: *mut wasm_store_t) -> *mut wasm_foreign_t {
    attempt(|| Ok(object::give(Foreign::new(&given(store, "the store")?.store))))
}
