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

    /// Modules of the store.
    pub modules: u64,
    /// Bytes of address space that linear memories take. What is not accessible yet takes no memory.
    pub memory_reserved_bytes: u64,
    /// Elements of all tables, and the bytes that tables take.
    pub table_elements: u64,
    pub table_bytes: u64,
    /// Bytes of address space of the stack; what was never used takes no memory.
    pub stack_bytes: u64,
    /// How often the store's objects were collected.
    pub collections: u64,
    /// Calls of guest functions by the host, and of host functions by guests.
    pub calls_in: u64,
    pub calls_out: u64,
    /// Calls of compiled functions by the host and by interpreted functions. Calls of compiled functions by each other, and of
    /// interpreted ones by each other, are not counted.
    pub machine_entries: u64,

    /// Of the engine, with all its stores: stores; modules in any store or shared, and the bytes of their binaries.
    pub engine_stores: u64,
    pub engine_modules: u64,
    pub engine_module_bytes: u64,
    /// Functions of these modules that have been called and so have register code for the interpreter, and its bytes.
    pub engine_translated_functions: u64,
    pub engine_register_code_bytes: u64,
    /// Functions of these modules that have machine code, its bytes, and functions that the compiler has refused.
    pub engine_compiled_functions: u64,
    pub engine_machine_code_bytes: u64,
    pub engine_uncompiled_functions: u64,
    /// How many functions were ever translated and compiled, those of modules that are gone included, and how long compiling took.
    pub engine_translations: u64,
    pub engine_compilations: u64,
    pub engine_compile_nanoseconds: u64,
    /// Bytes of memory that is kept for instances to come.
    pub engine_pooled_bytes: u64,
}

/// # Stores
///
/// Writes what a store has and has done to `out`, whose `size` the host has set. False, and `out` is untouched, if an
/// argument is NULL or `size` has no room for even itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_stats(store: *const wasm_store_t, out: *mut wasmx_stats_t) -> bool {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let (usage, engine) = (store.usage(), store.engine().usage());
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
            modules: usage.modules,
            memory_reserved_bytes: usage.memory_reserved_bytes,
            table_elements: usage.table_elements,
            table_bytes: usage.table_bytes,
            stack_bytes: usage.stack_bytes,
            collections: usage.collections,
            calls_in: usage.calls_in,
            calls_out: usage.calls_out,
            machine_entries: usage.machine_entries,
            engine_stores: engine.stores,
            engine_modules: engine.modules,
            engine_module_bytes: engine.module_bytes,
            engine_translated_functions: engine.translated,
            engine_register_code_bytes: engine.register_code_bytes,
            engine_compiled_functions: engine.compiled,
            engine_machine_code_bytes: engine.machine_code_bytes,
            engine_uncompiled_functions: engine.uncompiled,
            engine_translations: engine.translations,
            engine_compilations: engine.compilations,
            engine_compile_nanoseconds: engine.compile_nanoseconds,
            engine_pooled_bytes: engine.pooled_bytes,
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
