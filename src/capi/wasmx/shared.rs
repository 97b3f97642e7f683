//! Shared memories: made once, used by several stores at a time.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{attempt, given, guard, tell};
use crate::capi::engine::{wasm_engine_t, wasm_store_t};
use crate::capi::externtypes::{ExternType, limits};
use crate::capi::memory::wasm_memory_t;
use crate::capi::object;
use crate::capi::objtypes::wasm_memorytype_t;
use crate::capi::vec::byte_t;
use crate::module::MemoryType;
use crate::runtime::{Memory, SharedMemory};
use std::sync::Arc;

/// A memory that belongs to no store. All functions on it may be called from any thread at any time; what is in it must
/// be read and written atomically where other threads do so, too.
pub struct wasmx_shared_memory_t {
    shared: Arc<SharedMemory>,
}

fn into_raw(shared: Arc<SharedMemory>) -> *mut wasmx_shared_memory_t {
    Box::into_raw(Box::new(wasmx_shared_memory_t { shared }))
}

/// # Shared memories
///
/// A shared memory of zeros, owned by the caller. Reads `ty`, which must be that of a shared memory: see
/// `wasmx_memorytype_new`. NULL if it is not, an argument is NULL, or there is no room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_new(
    engine: *mut wasm_engine_t,
    ty: *const wasm_memorytype_t,
) -> *mut wasmx_shared_memory_t {
    attempt(|| {
        let engine = &given(engine.cast_const(), "the engine")?.engine;
        let ty = ExternType::of(ty)?.memory_in_engine()?;
        Ok(into_raw(SharedMemory::new(engine, ty).map_err(|e| e.to_string())?))
    })
}

/// Deletes the host's hold on a shared memory; it lives on while a store uses it. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_delete(shared: *mut wasmx_shared_memory_t) {
    guard(|| {
        if !shared.is_null() {
            drop(Box::from_raw(shared))
        }
    })
}

/// One more owner of the same shared memory; NULL if `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_copy(shared: *const wasmx_shared_memory_t) -> *mut wasmx_shared_memory_t {
    attempt(|| Ok(into_raw(given(shared, "the shared memory")?.shared.clone())))
}

/// Whether both are the same shared memory. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_same(
    a: *const wasmx_shared_memory_t,
    b: *const wasmx_shared_memory_t,
) -> bool {
    attempt(|| Ok(Arc::ptr_eq(&given(a, "the shared memory")?.shared, &given(b, "the shared memory")?.shared)))
}

/// The type of the memory, its minimum being the present size; owned by the caller. NULL if `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_type(shared: *const wasmx_shared_memory_t) -> *mut wasm_memorytype_t {
    attempt(|| {
        let shared = &given(shared, "the shared memory")?.shared;
        let full = MemoryType { minimum: shared.size(), ..shared.ty() };
        Ok(ExternType::Memory { limits: limits(full.minimum, full.maximum), full }.into_raw().cast())
    })
}

/// The first byte. Borrowed: valid as long as the memory lives, which never moves. NULL if `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_data(shared: *const wasmx_shared_memory_t) -> *mut byte_t {
    tell(|| Ok(given(shared, "the shared memory")?.shared.base().cast()))
}

/// The number of bytes; 0 if `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_data_size(shared: *const wasmx_shared_memory_t) -> usize {
    attempt(|| Ok(given(shared, "the shared memory")?.shared.len()))
}

/// The number of pages; 0 if `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_size(shared: *const wasmx_shared_memory_t) -> u64 {
    attempt(|| Ok(given(shared, "the shared memory")?.shared.size()))
}

/// Adds `delta` pages of zeros, for all stores. False, and nothing changes, if the memory's maximum forbids it, there is
/// no room, or `shared` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_grow(shared: *mut wasmx_shared_memory_t, delta: u64) -> bool {
    attempt(|| match given(shared.cast_const(), "the shared memory")?.shared.grow_pages(delta) {
        Some(_) => Ok(true),
        None => Err(format!("the memory cannot grow by {delta} pages").into()),
    })
}

/// The shared memory as a memory of a store, to be imported there; owned by the caller. NULL if an argument is NULL, or a
/// limit of the store forbids it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_shared_memory_as_memory(
    shared: *const wasmx_shared_memory_t,
    store: *mut wasm_store_t,
) -> *mut wasm_memory_t {
    attempt(|| {
        let shared = &given(shared, "the shared memory")?.shared;
        let store = &given(store.cast_const(), "the store")?.store;
        Ok(object::give(Memory::from_shared(store, shared).map_err(|e| e.to_string())?))
    })
}

/// What other stores can be given of a memory, owned by the caller; NULL if the memory is not shared, or `memory` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_memory_shared(memory: *const wasm_memory_t) -> *mut wasmx_shared_memory_t {
    attempt(|| match object::borrow(memory)?.shared() {
        Some(shared) => Ok(into_raw(shared)),
        None => Err("the memory is not shared".into()),
    })
}
