//! 64-bit limits: types of memories and tables with all that a module can say about them, and sizes beyond 32 bits.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::convert::{kind_in, reference_to_val, val_to_reference};
use crate::capi::externtypes::{ExternType, limits};
use crate::capi::memory::wasm_memory_t;
use crate::capi::object;
use crate::capi::objtypes::{wasm_memorytype_t, wasm_tabletype_t};
use crate::capi::refs::wasm_ref_t;
use crate::capi::table::wasm_table_t;
use crate::capi::valtypes::{WASM_EXTERNREF, wasm_valtype_kind, wasm_valtype_t};
use crate::module::{MemoryType, RefType, TableType, ValType};

unsafe fn memory_type<'a>(ty: *const wasm_memorytype_t) -> Result<&'a MemoryType, Failure> {
    match ExternType::of(ty)? {
        ExternType::Memory { full, .. } => Ok(full),
        other => Err(other.is_not("a memory type")),
    }
}

unsafe fn table_type<'a>(ty: *const wasm_tabletype_t) -> Result<&'a TableType, Failure> {
    match ExternType::of(ty)? {
        ExternType::Table { full, .. } => Ok(full),
        other => Err(other.is_not("a table type")),
    }
}

/// Writes a maximum, if there is one.
unsafe fn put_maximum(maximum: Option<u64>, out: *mut u64) -> Result<bool, Failure> {
    given(out, "out")?;
    if let Some(maximum) = maximum {
        out.write(maximum);
    }
    Ok(maximum.is_some())
}

/// # Memory types
///
/// A memory type, owned by the caller. `minimum` and `maximum` are in pages of 2 to the power of `page_size_log2` bytes,
/// which is 16, or 0 with custom page sizes; `maximum` counts only if `has_maximum`. `is64` is for 64-bit addresses.
/// `shared` memories need a maximum. NULL if the limits contradict each other, or address more than the type can.
#[unsafe(no_mangle)]
pub extern "C" fn wasmx_memorytype_new(
    minimum: u64,
    maximum: u64,
    has_maximum: bool,
    is64: bool,
    shared: bool,
    page_size_log2: u8,
) -> *mut wasm_memorytype_t {
    attempt(|| {
        if !matches!(page_size_log2, 0 | 16) {
            return Err(format!("pages of 2^{page_size_log2} bytes are not supported").into());
        }
        let maximum = has_maximum.then_some(maximum);
        let full = MemoryType { minimum, maximum, is64, shared, page_log2: page_size_log2 };
        let most = full.address_limit();
        if minimum > most || maximum.is_some_and(|max| max > most || max < minimum) {
            return Err("the limits contradict each other, or address too much".into());
        }
        if shared && maximum.is_none() {
            return Err("a shared memory has a maximum".into());
        }
        Ok(ExternType::Memory { limits: limits(minimum, maximum), full }.into_raw().cast())
    })
}

/// The pages at first; 0 if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memorytype_minimum(ty: *const wasm_memorytype_t) -> u64 {
    attempt(|| Ok(memory_type(ty)?.minimum))
}

/// Writes the most pages to `out`, if there is a maximum; false otherwise, and if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memorytype_maximum(ty: *const wasm_memorytype_t, out: *mut u64) -> bool {
    attempt(|| put_maximum(memory_type(ty)?.maximum, out))
}

/// Whether addresses have 64 bits; false if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memorytype_is64(ty: *const wasm_memorytype_t) -> bool {
    attempt(|| Ok(memory_type(ty)?.is64))
}

/// Whether the memory may be used by several threads at once; false if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memorytype_is_shared(ty: *const wasm_memorytype_t) -> bool {
    attempt(|| Ok(memory_type(ty)?.shared))
}

/// The size of a page as a power of two; 0 if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memorytype_page_size_log2(ty: *const wasm_memorytype_t) -> u8 {
    attempt(|| Ok(memory_type(ty)?.page_log2))
}

/// # Table types
///
/// A table type, owned by the caller. Takes over `element`. `maximum` counts only if `has_maximum`; `is64` is for 64-bit
/// indices. NULL (and `element` is deleted) if `element` is NULL or no reference type, or the limits contradict each
/// other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tabletype_new(
    element: *mut wasm_valtype_t,
    minimum: u64,
    maximum: u64,
    has_maximum: bool,
    is64: bool,
) -> *mut wasm_tabletype_t {
    attempt(|| {
        given(element, "the element type")?;
        let maximum = has_maximum.then_some(maximum);
        let full = TableType { element: RefType::FUNCREF, minimum, maximum, is64 };
        let ty = ExternType::Table { element, limits: limits(minimum, maximum), full };
        if wasm_valtype_kind(element) < WASM_EXTERNREF {
            return Err("the elements of a table are references".into());
        }
        let most = if is64 { u64::MAX } else { u32::MAX as u64 };
        if minimum > most || maximum.is_some_and(|max| max > most || max < minimum) {
            return Err("the limits contradict each other".into());
        }
        Ok(ty.into_raw().cast())
    })
}

/// The elements at first; 0 if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tabletype_minimum(ty: *const wasm_tabletype_t) -> u64 {
    attempt(|| Ok(table_type(ty)?.minimum))
}

/// Writes the most elements to `out`, if there is a maximum; false otherwise, and if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tabletype_maximum(ty: *const wasm_tabletype_t, out: *mut u64) -> bool {
    attempt(|| put_maximum(table_type(ty)?.maximum, out))
}

/// Whether indices have 64 bits; false if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tabletype_is64(ty: *const wasm_tabletype_t) -> bool {
    attempt(|| Ok(table_type(ty)?.is64))
}

/// # Memories
///
/// The number of pages; 0 if `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memory_size64(memory: *const wasm_memory_t) -> u64 {
    attempt(|| Ok(object::borrow(memory)?.size()))
}

/// Adds `delta` pages of zeros. False, and nothing changes, if the memory's maximum or a limit forbids it, there is no
/// room, or `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memory_grow64(memory: *mut wasm_memory_t, delta: u64) -> bool {
    attempt(|| match object::borrow(memory)?.grow(delta) {
        Some(_) => Ok(true),
        None => Err(format!("the memory cannot grow by {delta} pages").into()),
    })
}

/// # Tables
///
/// The number of elements; 0 if `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_size64(table: *const wasm_table_t) -> u64 {
    attempt(|| Ok(object::borrow(table)?.size()))
}

/// Adds `delta` elements filled with `init` (NULL is the null reference). False, and nothing changes, if the table's
/// maximum or a limit forbids it, `init` is not of the element type or belongs to another store, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_grow64(table: *mut wasm_table_t, delta: u64, init: *mut wasm_ref_t) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        let element = ValType::Ref(table.ty().element);
        let init = reference_to_val(init, kind_in(element, table.store().engine().types()))?;
        match table.grow(delta, &init) {
            Some(_) => Ok(true),
            None => Err(format!("the table cannot grow by {delta} such elements").into()),
        }
    })
}

/// The element at `index`, owned by the caller; NULL if it is null, `index` is out of bounds, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_get64(table: *const wasm_table_t, index: u64) -> *mut wasm_ref_t {
    attempt(|| {
        let table = object::borrow(table)?;
        let element = table.get(index).ok_or_else(|| format!("index {index} is out of the table's bounds"))?;
        val_to_reference(element, &table.store())
    })
}

/// Sets the element at `index`; `reference` (NULL is the null reference) gains an owner. False if `index` is out of
/// bounds, the reference is not of the element type or belongs to another store, or `table` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_table_set64(table: *mut wasm_table_t, index: u64, reference: *mut wasm_ref_t) -> bool {
    attempt(|| {
        let table = object::borrow(table)?;
        if index >= table.size() {
            return Err(format!("index {index} is out of the table's bounds").into());
        }
        let element = ValType::Ref(table.ty().element);
        let value = reference_to_val(reference, kind_in(element, table.store().engine().types()))?;
        if !table.set(index, &value) {
            return Err("the reference has the wrong type or belongs to another store".into());
        }
        Ok(true)
    })
}
