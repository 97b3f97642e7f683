//! `wasm_memory_t`: linear memories.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, tell};
use super::engine::wasm_store_t;
use super::externtypes::ExternType;
use super::object;
use super::objtypes::wasm_memorytype_t;
use super::refs::wasm_ref_t;
use super::vec::byte_t;
use crate::module;
use crate::runtime::Memory;
use std::ffi::c_void;

/// A size of a memory in pages.
pub type wasm_memory_pages_t = u32;

/// A linear memory.
pub struct wasm_memory_t {
    _opaque: [u8; 0],
}

/// # Memories
///
/// Gives up one ownership of a memory. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_delete(memory: *mut wasm_memory_t) {
    object::delete(memory)
}

/// One more owner of the same memory; NULL if `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_copy(memory: *const wasm_memory_t) -> *mut wasm_memory_t {
    object::copy(memory)
}

/// Whether both are the same memory: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_same(a: *const wasm_memory_t, b: *const wasm_memory_t) -> bool {
    object::same(a, b)
}

/// The host's data on a memory, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_get_host_info(memory: *const wasm_memory_t) -> *mut c_void {
    object::host_info(memory)
}

/// Sets the host's data on a memory, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_set_host_info(memory: *mut wasm_memory_t, info: *mut c_void) {
    object::set_host_info(memory, info, None)
}

/// As `wasm_memory_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_set_host_info_with_finalizer(
    memory: *mut wasm_memory_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(memory, info, finalizer)
}

/// A memory as a reference. Borrowed: valid as long as `memory`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_as_ref(memory: *mut wasm_memory_t) -> *mut wasm_ref_t {
    memory.cast()
}

/// As `wasm_memory_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_as_ref_const(memory: *const wasm_memory_t) -> *const wasm_ref_t {
    memory.cast()
}

/// The memory that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_memory(reference: *mut wasm_ref_t) -> *mut wasm_memory_t {
    object::cast(reference)
}

/// As `wasm_ref_as_memory`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_memory_const(reference: *const wasm_ref_t) -> *const wasm_memory_t {
    object::cast_const(reference)
}

/// A memory of zeros, owned by the caller. Reads `ty`. NULL if an argument is NULL, the limits contradict each other,
/// or there is no room for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_new(store: *mut wasm_store_t, ty: *const wasm_memorytype_t) -> *mut wasm_memory_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let ty = ExternType::of(ty)?.memory_in_engine()?;
        Ok(object::give(Memory::new(store, ty).map_err(|e| e.to_string())?))
    })
}

/// The type of the memory, owned by the caller; NULL if `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_type(memory: *const wasm_memory_t) -> *mut wasm_memorytype_t {
    attempt(|| {
        let memory = object::borrow(memory)?;
        let ty = module::ExternType::Memory(memory.current_type());
        Ok(ExternType::from_engine(&ty, memory.store().engine().types())?.into_raw().cast())
    })
}

/// The first byte of the memory. Borrowed: valid until the memory grows, in the host or in the guest, or dies. NULL if
/// `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_data(memory: *mut wasm_memory_t) -> *mut byte_t {
    tell(|| Ok(object::borrow(memory)?.data().cast()))
}

/// The number of bytes; 0 if `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_data_size(memory: *const wasm_memory_t) -> usize {
    attempt(|| Ok(object::borrow(memory)?.data_len()))
}

/// The number of pages; 0 if `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_size(memory: *const wasm_memory_t) -> wasm_memory_pages_t {
    attempt(|| Ok(u32::try_from(object::borrow(memory)?.size()).unwrap_or(u32::MAX)))
}

/// Adds `delta` pages of zeros. False, and nothing changes, if the memory's maximum or a limit forbids it, there is no
/// room, or `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memory_grow(memory: *mut wasm_memory_t, delta: wasm_memory_pages_t) -> bool {
    attempt(|| match object::borrow(memory)?.grow(delta as u64) {
        Some(_) => Ok(true),
        None => Err(format!("the memory cannot grow by {delta} pages").into()),
    })
}
