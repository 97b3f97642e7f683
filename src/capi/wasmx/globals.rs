//! Globals and tables with raw values, which hold what a `wasm_val_t` cannot.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::raw::{from_val, to_val, wasmx_raw_t};
use crate::capi::boundary::{attempt, given};
use crate::capi::engine::wasm_store_t;
use crate::capi::externtypes::ExternType;
use crate::capi::global::wasm_global_t;
use crate::capi::object;
use crate::capi::objtypes::wasm_globaltype_t;
use crate::capi::table::wasm_table_t;
use crate::module::ValType;
use crate::runtime::Global;

/// # Globals and tables with raw values
///
/// A global with an initial value, owned by the caller. Reads `ty` and `value`. NULL if an argument is NULL, or a
/// reference is not of the type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_global_new_raw(
    store: *mut wasm_store_t,
    ty: *const wasm_globaltype_t,
    value: *const wasmx_raw_t,
) -> *mut wasm_global_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let ty = ExternType::of(ty)?.global_in_engine(store.engine().types())?;
        let value = to_val(given(value, "the value")?, ty.content, store);
        Ok(object::give(Global::new(store, ty, &value).map_err(|e| e.to_string())?))
    })
}

/// Writes the value of the global to `out`. False, and `out` is untouched, if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_global_get_raw(global: *const wasm_global_t, out: *mut wasmx_raw_t) -> bool {
    attempt(|| {
        let global = object::borrow(global)?;
        given(out, "out")?;
        out.write(from_val(&global.get(), &global.store()));
        Ok(true)
    })
}

/// Sets the global. Reads `value`. False, and nothing changes, if an argument is NULL, the global cannot change, or a
/// reference is not of its type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_global_set_raw(global: *mut wasm_global_t, value: *const wasmx_raw_t) -> bool {
    attempt(|| {
        let global = object::borrow(global)?;
        let ty = global.ty();
        if !ty.mutable {
            return Err("the global is immutable".into());
        }
        if !global.set(&to_val(given(value, "the value")?, ty.content, &global.store())) {
            return Err("the value has the wrong type".into());
        }
        Ok(true)
    })
}

/// Writes the element at `index` to `out`. False, and `out` is untouched, if `index` is out of bounds or an argument is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_get_raw(table: *const wasm_table_t, index: u64, out: *mut wasmx_raw_t) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        given(out, "out")?;
        let element = table.get(index).ok_or_else(|| format!("index {index} is out of the table's bounds"))?;
        out.write(from_val(&element, &table.store()));
        Ok(true)
    })
}

/// Sets the element at `index`. Reads `value`. False, and nothing changes, if `index` is out of bounds, an argument is
/// NULL, or the reference is not of the element type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_set_raw(table: *mut wasm_table_t, index: u64, value: *const wasmx_raw_t) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        let element = to_val(given(value, "the value")?, ValType::Ref(table.ty().element), &table.store());
        if !table.set(index, &element) {
            return Err("the index is out of the table's bounds, or the reference has the wrong type".into());
        }
        Ok(true)
    })
}
