//! What a store has and has done, in numbers, and collecting on demand.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{attempt, given};
use crate::capi::engine::wasm_store_t;

/// What a store has and has done. Later versions add members at the end.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct wasmx_stats_t {
    /// Set by the host to `sizeof(wasmx_stats_t)`: no more than so many bytes are written.
    pub size: usize,
    /// Objects of all kinds, functions and globals of instances not counted.
    pub objects: u64,
    /// Owned pointers of the host's to the store and its objects.
    pub handles: u64,
    pub instances: u64,
    pub memories: u64,
    pub tables: u64,
    /// Bytes of linear memories.
    pub memory_bytes: u64,
    /// Bytes that the heap of structures, arrays and exceptions takes.
    pub heap_bytes: u64,
    /// Bytes of it that were in use after its last collection.
    pub heap_live_bytes: u64,
    /// How often it was collected.
    pub heap_collections: u64,
}

/// # Stores
///
/// Writes what a store has and has done to `out`, whose `size` the host has set. False, and `out` is untouched, if an
/// argument is NULL or `size` has no room for even itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_stats(store: *const wasm_store_t, out: *mut wasmx_stats_t) -> bool {
    attempt(|| {
        let usage = given(store, "the store")?.store.usage();
        let size = *given(out.cast_const().cast::<usize>(), "out")?;
        if size < size_of::<usize>() {
            return Err("the size of the statistics is not set".into());
        }
        let stats = wasmx_stats_t {
            size,
            objects: usage.objects,
            handles: usage.handles,
            instances: usage.instances,
            memories: usage.memories,
            tables: usage.tables,
            memory_bytes: usage.memory_bytes,
            heap_bytes: usage.heap_bytes,
            heap_live_bytes: usage.heap_live_bytes,
            heap_collections: usage.heap_collections,
        };
        let bytes = size.min(size_of::<wasmx_stats_t>());
        std::ptr::copy_nonoverlapping((&raw const stats).cast::<u8>(), out.cast::<u8>(), bytes);
        Ok(true)
    })
}

/// Frees what nothing in the store reaches any more, and returns the number of objects that were freed, those of the
/// guest's heap not counted. Stores do this by themselves; a host asks for it to have finalizers run now. Does nothing
/// while guest code runs, or if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_collect(store: *mut wasm_store_t) -> usize {
    attempt(|| Ok(given(store.cast_const(), "the store")?.store.collect()))
}
