//! `wasm_ref_t`: an object of any kind, seen as a reference.
//!
//! Why: values, tables and host data treat all objects alike. See `object` for what a reference is.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::object;
use std::ffi::c_void;

/// A reference to an object of any kind: function, global, table, memory, tag, instance, module, trap or foreign; or to
/// a value of the guest's own: a structure, an array, an exception or an `i31` (see wasmx.h).
pub struct wasm_ref_t {
    _opaque: [u8; 0],
}

/// # References
///
/// Gives up one ownership of a reference. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_delete(reference: *mut wasm_ref_t) {
    object::delete(reference)
}

/// One more owner of the same reference; NULL if `reference` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_copy(reference: *const wasm_ref_t) -> *mut wasm_ref_t {
    object::copy(reference)
}

/// Whether both are the same reference: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_same(a: *const wasm_ref_t, b: *const wasm_ref_t) -> bool {
    object::same(a, b)
}

/// The host's data on a reference, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_get_host_info(reference: *const wasm_ref_t) -> *mut c_void {
    object::host_info(reference)
}

/// Sets the host's data on a reference, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_set_host_info(reference: *mut wasm_ref_t, info: *mut c_void) {
    object::set_host_info(reference, info, None)
}

/// As `wasm_ref_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_set_host_info_with_finalizer(
    reference: *mut wasm_ref_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(reference, info, finalizer)
}
