//! `wasm_extern_t`: what can be imported and exported.
//!
//! Why: functions, globals, tables, memories and tags travel together in import and export lists. An external is the
//! same pointer as the object it is.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::attempt;
use super::externtypes::{ExternType, wasm_externkind_t, wasm_externtype_t};
use super::func::wasm_func_t;
use super::global::wasm_global_t;
use super::memory::wasm_memory_t;
use super::object;
use super::refs::wasm_ref_t;
use super::table::wasm_table_t;
use super::vec::{Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector};
use std::ffi::c_void;

/// A function, global, table, memory or tag, as something to import or export.
pub struct wasm_extern_t {
    _opaque: [u8; 0],
}

impl Owned for wasm_extern_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        object::copy(object)
    }
    unsafe fn delete(object: *mut Self) {
        object::delete(object)
    }
}

/// Externals: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_extern_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_extern_t,
}
vector!(wasm_extern_vec_t, *mut wasm_extern_t);

/// # Externals
///
/// Gives up one ownership of an external. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_delete(external: *mut wasm_extern_t) {
    object::delete(external)
}

/// One more owner of the same external; NULL if `external` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_copy(external: *const wasm_extern_t) -> *mut wasm_extern_t {
    object::copy(external)
}

/// Whether both are the same external: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_same(a: *const wasm_extern_t, b: *const wasm_extern_t) -> bool {
    object::same(a, b)
}

/// The host's data on an external, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_get_host_info(external: *const wasm_extern_t) -> *mut c_void {
    object::host_info(external)
}

/// Sets the host's data on an external, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_set_host_info(external: *mut wasm_extern_t, info: *mut c_void) {
    object::set_host_info(external, info, None)
}

/// As `wasm_extern_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_set_host_info_with_finalizer(
    external: *mut wasm_extern_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(external, info, finalizer)
}

/// An external as a reference. Borrowed: valid as long as `external`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_ref(external: *mut wasm_extern_t) -> *mut wasm_ref_t {
    external.cast()
}

/// As `wasm_extern_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_ref_const(external: *const wasm_extern_t) -> *const wasm_ref_t {
    external.cast()
}

/// The external that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_extern(reference: *mut wasm_ref_t) -> *mut wasm_extern_t {
    object::cast(reference)
}

/// As `wasm_ref_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_extern_const(reference: *const wasm_ref_t) -> *const wasm_extern_t {
    object::cast_const(reference)
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_new_empty(out: *mut wasm_extern_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with externals it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_new_uninitialized(out: *mut wasm_extern_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the externals behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_new(
    out: *mut wasm_extern_vec_t,
    size: usize,
    data: *const *mut wasm_extern_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its externals into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_copy(out: *mut wasm_extern_vec_t, source: *const wasm_extern_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the externals in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_vec_delete(vec: *mut wasm_extern_vec_t) {
    vec_delete(vec)
}

/// What the external is, one of `wasm_externkind_enum`; 0 (`WASM_EXTERN_FUNC`) if `external` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_kind(external: *const wasm_extern_t) -> wasm_externkind_t {
    attempt(|| Ok(object::header(external)?.as_ref().kind as wasm_externkind_t))
}

/// The type of the external, owned by the caller; NULL if `external` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_type(external: *const wasm_extern_t) -> *mut wasm_externtype_t {
    attempt(|| {
        let external = object::borrow(external)?;
        Ok(ExternType::from_engine(&external.ty(), external.store().engine().types())?.into_raw().cast())
    })
}

/// A function as an external. Borrowed: valid as long as `func`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_as_extern(func: *mut wasm_func_t) -> *mut wasm_extern_t {
    func.cast()
}

/// As `wasm_func_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_as_extern_const(func: *const wasm_func_t) -> *const wasm_extern_t {
    func.cast()
}

/// The function that an external is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_func(external: *mut wasm_extern_t) -> *mut wasm_func_t {
    object::cast(external)
}

/// As `wasm_extern_as_func`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_func_const(external: *const wasm_extern_t) -> *const wasm_func_t {
    object::cast_const(external)
}

/// A global as an external. Borrowed: valid as long as `global`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_as_extern(global: *mut wasm_global_t) -> *mut wasm_extern_t {
    global.cast()
}

/// As `wasm_global_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_global_as_extern_const(global: *const wasm_global_t) -> *const wasm_extern_t {
    global.cast()
}

/// The global that an external is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_global(external: *mut wasm_extern_t) -> *mut wasm_global_t {
    object::cast(external)
}

/// As `wasm_extern_as_global`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_global_const(external: *const wasm_extern_t) -> *const wasm_global_t {
    object::cast_const(external)
}

/// A table as an external. Borrowed: valid as long as `table`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_as_extern(table: *mut wasm_table_t) -> *mut wasm_extern_t {
    table.cast()
}

/// As `wasm_table_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_table_as_extern_const(table: *const wasm_table_t) -> *const wasm_extern_t {
    table.cast()
}

/// The table that an external is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_table(external: *mut wasm_extern_t) -> *mut wasm_table_t {
    object::cast(external)
}

/// As `wasm_extern_as_table`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_table_const(external: *const wasm_extern_t) -> *const wasm_table_t {
    object::cast_const(external)
}

/// A memory as an external. Borrowed: valid as long as `memory`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_as_extern(memory: *mut wasm_memory_t) -> *mut wasm_extern_t {
    memory.cast()
}

/// As `wasm_memory_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_as_extern_const(memory: *const wasm_memory_t) -> *const wasm_extern_t {
    memory.cast()
}

/// The memory that an external is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_memory(external: *mut wasm_extern_t) -> *mut wasm_memory_t {
    object::cast(external)
}

/// As `wasm_extern_as_memory`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_extern_as_memory_const(external: *const wasm_extern_t) -> *const wasm_memory_t {
    object::cast_const(external)
}
