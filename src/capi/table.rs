//! `wasm_table_t`: tables of references.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given};
use super::convert::{kind_in, reference_to_val, val_to_reference};
use super::engine::wasm_store_t;
use super::externtypes::ExternType;
use super::object;
use super::objtypes::wasm_tabletype_t;
use super::refs::wasm_ref_t;
use crate::module::{self, ValType};
use crate::runtime::Table;
use std::ffi::c_void;

/// A size or an index of a table.
pub type wasm_table_size_t = u32;

/// A table of references.
pub struct wasm_table_t {
    _opaque: [u8; 0],
}

/// # Tables
///
/// Gives up one ownership of a table. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_delete(table: *mut wasm_table_t) {
    object::delete(table)
}

/// One more owner of the same table; NULL if `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_copy(table: *const wasm_table_t) -> *mut wasm_table_t {
    object::copy(table)
}

/// Whether both are the same table: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_same(a: *const wasm_table_t, b: *const wasm_table_t) -> bool {
    object::same(a, b)
}

/// The host's data on a table, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_get_host_info(table: *const wasm_table_t) -> *mut c_void {
    object::host_info(table)
}

/// Sets the host's data on a table, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_set_host_info(table: *mut wasm_table_t, info: *mut c_void) {
    object::set_host_info(table, info, None)
}

/// As `wasm_table_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_set_host_info_with_finalizer(
    table: *mut wasm_table_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(table, info, finalizer)
}

/// A table as a reference. Borrowed: valid as long as `table`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_as_ref(table: *mut wasm_table_t) -> *mut wasm_ref_t {
    table.cast()
}

/// As `wasm_table_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_as_ref_const(table: *const wasm_table_t) -> *const wasm_ref_t {
    table.cast()
}

/// The table that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_table(reference: *mut wasm_ref_t) -> *mut wasm_table_t {
    object::cast(reference)
}

/// As `wasm_ref_as_table`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_table_const(reference: *const wasm_ref_t) -> *const wasm_table_t {
    object::cast_const(reference)
}

/// A table filled with `init`, owned by the caller. Reads `ty`; `init` (NULL is the null reference) gains an owner.
/// NULL if `store` or `ty` is NULL, `init` is not of the element type or belongs to another store, or a limit forbids
/// the size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_new(
    store: *mut wasm_store_t,
    ty: *const wasm_tabletype_t,
    init: *mut wasm_ref_t,
) -> *mut wasm_table_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let types = store.engine().types();
        let ty = ExternType::of(ty)?.table_in_engine(types)?;
        let init = reference_to_val(init, kind_in(ValType::Ref(ty.element), types))?;
        Ok(object::give(Table::new(store, ty, &init).map_err(|e| e.to_string())?))
    })
}

/// The type of the table, owned by the caller; NULL if `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_type(table: *const wasm_table_t) -> *mut wasm_tabletype_t {
    attempt(|| {
        let table = object::borrow(table)?;
        let ty = module::ExternType::Table(table.current_type());
        Ok(ExternType::from_engine(&ty, table.store().engine().types())?.into_raw().cast())
    })
}

/// The element at `index`, owned by the caller; NULL if it is null, `index` is out of bounds, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_get(table: *const wasm_table_t, index: wasm_table_size_t) -> *mut wasm_ref_t {
    attempt(|| {
        let table = object::borrow(table)?;
        let element = table.get(index as u64).ok_or_else(|| format!("index {index} is out of the table's bounds"))?;
        val_to_reference(element, &table.store())
    })
}

/// Sets the element at `index`; `reference` (NULL is the null reference) gains an owner. False if `index` is out of
/// bounds, the reference is not of the element type or belongs to another store, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_set(
    table: *mut wasm_table_t,
    index: wasm_table_size_t,
    reference: *mut wasm_ref_t,
) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        if index as u64 >= table.size() {
            return Err(format!("index {index} is out of the table's bounds").into());
        }
        let element = ValType::Ref(table.ty().element);
        let value = reference_to_val(reference, kind_in(element, table.store().engine().types()))?;
        if !table.set(index as u64, &value) {
            return Err("the reference has the wrong type or belongs to another store".into());
        }
        Ok(true)
    })
}

/// The number of elements; 0 if `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_size(table: *const wasm_table_t) -> wasm_table_size_t {
    attempt(|| Ok(u32::try_from(object::borrow(table)?.size()).unwrap_or(u32::MAX)))
}

/// Adds `delta` elements filled with `init` (NULL is the null reference). False, and nothing changes, if the table's
/// maximum or a limit forbids it, `init` is not of the element type or belongs to another store, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_grow(
    table: *mut wasm_table_t,
    delta: wasm_table_size_t,
    init: *mut wasm_ref_t,
) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        let element = ValType::Ref(table.ty().element);
        let init = reference_to_val(init, kind_in(element, table.store().engine().types()))?;
        match table.grow(delta as u64, &init) {
            Some(_) => Ok(true),
            None => Err(format!("the table cannot grow by {delta} such elements").into()),
        }
    })
}
