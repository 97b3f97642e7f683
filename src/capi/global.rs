//! `wasm_global_t`: global variables.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given};
use super::convert::{from_val, to_val};
use super::engine::wasm_store_t;
use super::externtypes::ExternType;
use super::object;
use super::objtypes::wasm_globaltype_t;
use super::refs::wasm_ref_t;
use super::val::{wasm_val_of_t, wasm_val_t};
use super::valtypes::WASM_I32;
use crate::module;
use crate::runtime::Global;
use std::ffi::c_void;

/// A global variable.
pub struct wasm_global_t {
    _opaque: [u8; 0],
}

/// # Globals
///
/// Gives up one ownership of a global. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_delete(global: *mut wasm_global_t) {
    object::delete(global)
}

/// One more owner of the same global; NULL if `global` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_copy(global: *const wasm_global_t) -> *mut wasm_global_t {
    object::copy(global)
}

/// Whether both are the same global: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_same(a: *const wasm_global_t, b: *const wasm_global_t) -> bool {
    object::same(a, b)
}

/// The host's data on a global, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_get_host_info(global: *const wasm_global_t) -> *mut c_void {
    object::host_info(global)
}

/// Sets the host's data on a global, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_set_host_info(global: *mut wasm_global_t, info: *mut c_void) {
    object::set_host_info(global, info, None)
}

/// As `wasm_global_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_set_host_info_with_finalizer(
    global: *mut wasm_global_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(global, info, finalizer)
}

/// A global as a reference. Borrowed: valid as long as `global`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_as_ref(global: *mut wasm_global_t) -> *mut wasm_ref_t {
    global.cast()
}

/// As `wasm_global_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_as_ref_const(global: *const wasm_global_t) -> *const wasm_ref_t {
    global.cast()
}

/// The global that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_global(reference: *mut wasm_ref_t) -> *mut wasm_global_t {
    object::cast(reference)
}

/// As `wasm_ref_as_global`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_global_const(reference: *const wasm_ref_t) -> *const wasm_global_t {
    object::cast_const(reference)
}

/// A global with an initial value, owned by the caller. Reads `ty` and `value`; a reference in it gains an owner. NULL
/// if an argument is NULL, or the value is not of the type, or belongs to another store.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_new(
    store: *mut wasm_store_t,
    ty: *const wasm_globaltype_t,
    value: *const wasm_val_t,
) -> *mut wasm_global_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let types = store.engine().types();
        let ty = ExternType::of(ty)?.global_in_engine(types)?;
        let value = to_val(given(value, "the value")?, ty.content, types)?;
        Ok(object::give(Global::new(store, ty, &value).map_err(|e| e.to_string())?))
    })
}

/// The type of the global, owned by the caller; NULL if `global` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_type(global: *const wasm_global_t) -> *mut wasm_globaltype_t {
    attempt(|| {
        let global = object::borrow(global)?;
        let ty = module::ExternType::Global(global.ty());
        Ok(ExternType::from_engine(&ty, global.store().engine().types())?.into_raw().cast())
    })
}

/// Writes the value of the global to `out`, which then owns the reference in it. If `global` is NULL, or its value has
/// no form in this API (`v128`), that is an `i32` 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_get(global: *const wasm_global_t, out: *mut wasm_val_t) {
    attempt(|| {
        given(out, "out")?;
        out.write(wasm_val_t { kind: WASM_I32, of: wasm_val_of_t { i64: 0 } });
        let global = object::borrow(global)?;
        out.write(from_val(global.get(), &global.store())?);
        Ok(())
    })
}

/// Sets the global. Reads `value`; a reference in it gains an owner. Does nothing if an argument is NULL, or the global
/// cannot change, or the value is not of its type or belongs to another store; `wasmx_last_error` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_set(global: *mut wasm_global_t, value: *const wasm_val_t) {
    attempt(|| {
        let global = object::borrow(global)?;
        let ty = global.ty();
        if !ty.mutable {
            return Err("the global is immutable".into());
        }
        let value = to_val(given(value, "the value")?, ty.content, global.store().engine().types())?;
        if !global.set(&value) {
            return Err("the value has the wrong type or belongs to another store".into());
        }
        Ok(())
    })
}
