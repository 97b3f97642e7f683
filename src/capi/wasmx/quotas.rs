//! How much stores and modules may use, and the host's word on growth.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::fuel::Environment;
use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::engine::{wasm_config_t, wasm_store_t};
use crate::runtime::{Config, Growth, Limits};
use std::ffi::c_void;

/// What can be limited. What a store may use can be set for all stores of an engine, in its configuration, and for one
/// store; the others are for configurations only.
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum wasmx_limit_enum {
    /// Bytes of each memory. At first without limit.
    WASMX_LIMIT_MEMORY_BYTES = 0,
    /// Bytes of all memories of the store together. At first without limit.
    WASMX_LIMIT_TOTAL_MEMORY_BYTES = 1,
    /// Bytes of the heap of structures, arrays and exceptions, rounded down to megabytes. At most, and at first, 4 GiB.
    WASMX_LIMIT_HEAP_BYTES = 2,
    /// Elements of each table. At first 10,000,000.
    WASMX_LIMIT_TABLE_ELEMENTS = 3,
    /// Instances, memories and tables that exist at a time. At first without limit.
    WASMX_LIMIT_INSTANCES = 4,
    WASMX_LIMIT_MEMORIES = 5,
    WASMX_LIMIT_TABLES = 6,
    /// Elements of all tables of the store together. At first without limit.
    WASMX_LIMIT_TOTAL_TABLE_ELEMENTS = 7,

    /// Bytes of each store's stack, which bounds how deeply guest functions call each other. At first 8 MiB. Guest code
    /// takes none of the native stack but for the calls between guest and host.
    WASMX_LIMIT_STACK_BYTES = 16,
    /// How often host and guest may call each other in turn, which bounds the native stack. At first 400.
    WASMX_LIMIT_HOST_NESTING = 17,

    /// Bytes of a module. At first 1 GiB.
    WASMX_LIMIT_MODULE_BYTES = 32,
    /// Types, imports and exports of a module. At first 1,000,000 each.
    WASMX_LIMIT_MODULE_TYPES = 33,
    WASMX_LIMIT_MODULE_IMPORTS = 34,
    WASMX_LIMIT_MODULE_EXPORTS = 35,
    /// Functions, tables, memories, globals and tags of a module, imported ones included. At first 1,000,000, but 100,000
    /// tables and 100 memories.
    WASMX_LIMIT_MODULE_FUNCTIONS = 36,
    WASMX_LIMIT_MODULE_TABLES = 37,
    WASMX_LIMIT_MODULE_MEMORIES = 38,
    WASMX_LIMIT_MODULE_GLOBALS = 39,
    WASMX_LIMIT_MODULE_TAGS = 40,
    /// Segments of a module. At first 100,000 each.
    WASMX_LIMIT_MODULE_ELEMENT_SEGMENTS = 41,
    WASMX_LIMIT_MODULE_DATA_SEGMENTS = 42,
    /// Bytes of a function's body. At most, and at first, 7,654,321.
    WASMX_LIMIT_FUNCTION_BYTES = 43,
    /// Locals of a function, parameters included. At most, and at first, 50,000.
    WASMX_LIMIT_FUNCTION_LOCALS = 44,
    /// Blocks inside each other in a function. At first without limit.
    WASMX_LIMIT_FUNCTION_NESTING = 45,
}

/// What is limited: one of `wasmx_limit_enum`.
pub type wasmx_limit_t = u8;

/// What grows, or is made.
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum wasmx_growth_enum {
    WASMX_GROWTH_MEMORY = 0,
    WASMX_GROWTH_TABLE = 1,
}

/// A growth that the host is asked about.
#[repr(C)]
pub struct wasmx_growth_t {
    /// One of `wasmx_growth_enum`.
    pub kind: u8,
    /// Whether its type has a maximum.
    pub has_maximum: bool,
    /// Bytes of a memory or elements of a table: now (0 for a new one), and as they would be.
    pub from: u64,
    pub to: u64,
    /// The maximum of its type.
    pub maximum: u64,
}

/// Asked before a memory or table is made or grows, if the limits allow it: false refuses. It must not run guest code or
/// use the memory or table in question. `growth` is valid until it returns.
pub type wasmx_growth_callback_t =
    Option<unsafe extern "C" fn(env: *mut c_void, growth: *const wasmx_growth_t) -> bool>;

/// Reads and writes one limit as a number of 64 bits, whatever it is kept as.
macro_rules! field {
    ($place:expr, $new:expr) => {{
        let old = $place as u64;
        if let Some(new) = $new {
            // What does not fit is no limit at all.
            $place = u64::min(new, u64::MAX).try_into().unwrap_or(!0);
        }
        old
    }};
}

/// A limit of a store's; `new` replaces it.
fn of_store(limits: &mut Limits, which: wasmx_limit_t, new: Option<u64>) -> Result<u64, Failure> {
    use wasmx_limit_enum::*;
    const MEMORY: u8 = WASMX_LIMIT_MEMORY_BYTES as u8;
    const TOTAL: u8 = WASMX_LIMIT_TOTAL_MEMORY_BYTES as u8;
    const HEAP: u8 = WASMX_LIMIT_HEAP_BYTES as u8;
    const ELEMENTS: u8 = WASMX_LIMIT_TABLE_ELEMENTS as u8;
    const TOTAL_ELEMENTS: u8 = WASMX_LIMIT_TOTAL_TABLE_ELEMENTS as u8;
    const INSTANCES: u8 = WASMX_LIMIT_INSTANCES as u8;
    const MEMORIES: u8 = WASMX_LIMIT_MEMORIES as u8;
    const TABLES: u8 = WASMX_LIMIT_TABLES as u8;
    Ok(match which {
        MEMORY => field!(limits.memory_bytes, new),
        TOTAL => field!(limits.total_memory_bytes, new),
        HEAP => field!(limits.heap_bytes, new),
        ELEMENTS => field!(limits.table_elements, new),
        TOTAL_ELEMENTS => field!(limits.total_table_elements, new),
        INSTANCES => field!(limits.instances, new),
        MEMORIES => field!(limits.memories, new),
        TABLES => field!(limits.tables, new),
        _ => return Err(format!("there is no limit {which} of a store").into()),
    })
}

/// A limit of a configuration's; `new` replaces it.
fn of_config(config: &mut Config, which: wasmx_limit_t, new: Option<u64>) -> Result<u64, Failure> {
    use wasmx_limit_enum::*;
    const LIMITS: [wasmx_limit_enum; 16] = [
        WASMX_LIMIT_STACK_BYTES,
        WASMX_LIMIT_HOST_NESTING,
        WASMX_LIMIT_MODULE_BYTES,
        WASMX_LIMIT_MODULE_TYPES,
        WASMX_LIMIT_MODULE_IMPORTS,
        WASMX_LIMIT_MODULE_EXPORTS,
        WASMX_LIMIT_MODULE_FUNCTIONS,
        WASMX_LIMIT_MODULE_TABLES,
        WASMX_LIMIT_MODULE_MEMORIES,
        WASMX_LIMIT_MODULE_GLOBALS,
        WASMX_LIMIT_MODULE_TAGS,
        WASMX_LIMIT_MODULE_ELEMENT_SEGMENTS,
        WASMX_LIMIT_MODULE_DATA_SEGMENTS,
        WASMX_LIMIT_FUNCTION_BYTES,
        WASMX_LIMIT_FUNCTION_LOCALS,
        WASMX_LIMIT_FUNCTION_NESTING,
    ];
    let Some(limit) = LIMITS.into_iter().find(|l| *l as u8 == which) else {
        return of_store(&mut config.limits, which, new).map_err(|_| format!("there is no limit {which}").into());
    };
    let module = &mut config.module_limits;
    Ok(match limit {
        WASMX_LIMIT_STACK_BYTES => {
            if new.is_some_and(|n| n > MOST_STACK) {
                return Err(format!("a stack has at most {MOST_STACK} bytes").into());
            }
            field!(config.stack_bytes, new)
        }
        WASMX_LIMIT_HOST_NESTING => field!(config.max_nesting, new),
        WASMX_LIMIT_MODULE_BYTES => field!(module.module_size, new),
        WASMX_LIMIT_MODULE_TYPES => field!(module.types, new),
        WASMX_LIMIT_MODULE_IMPORTS => field!(module.imports, new),
        WASMX_LIMIT_MODULE_EXPORTS => field!(module.exports, new),
        WASMX_LIMIT_MODULE_FUNCTIONS => field!(module.functions, new),
        WASMX_LIMIT_MODULE_TABLES => field!(module.tables, new),
        WASMX_LIMIT_MODULE_MEMORIES => field!(module.memories, new),
        WASMX_LIMIT_MODULE_GLOBALS => field!(module.globals, new),
        WASMX_LIMIT_MODULE_TAGS => field!(module.tags, new),
        WASMX_LIMIT_MODULE_ELEMENT_SEGMENTS => field!(module.elem_segments, new),
        WASMX_LIMIT_MODULE_DATA_SEGMENTS => field!(module.data_segments, new),
        WASMX_LIMIT_FUNCTION_BYTES => field!(module.function_size, new),
        WASMX_LIMIT_FUNCTION_LOCALS => field!(module.function_locals, new),
        WASMX_LIMIT_FUNCTION_NESTING => field!(module.function_nesting, new),
        // Those of stores have been dealt with.
        _ => 0,
    })
}

/// More than any guest needs, and less than the address space has.
const MOST_STACK: u64 = 1 << 32;

/// # Limits
///
/// Sets how much each store or module of the engine may use; UINT64_MAX stands for as much as there is. What exceeds a
/// limit of a module is no valid module; what exceeds one of a store is refused by the call that asks for it, and an
/// instantiation fails with a trap of kind `WASMX_TRAP_LIMIT_EXCEEDED`. In guest code `memory.grow` and `table.grow` give
/// -1, new objects a trap of kind `WASMX_TRAP_OUT_OF_MEMORY`, and deep calls one of kind `WASMX_TRAP_STACK_OVERFLOW`. The
/// same happens when the system has no more memory. False if there is no such limit, `most` is more than is possible for a
/// stack, or `config` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_limit(config: *mut wasm_config_t, limit: wasmx_limit_t, most: u64) -> bool {
    attempt(|| {
        let config = config.as_mut().ok_or("the configuration is NULL")?;
        of_config(&mut config.config, limit, Some(most))?;
        Ok(true)
    })
}

/// What is set; 0 if there is no such limit, or `config` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_limit(config: *const wasm_config_t, limit: wasmx_limit_t) -> u64 {
    attempt(|| of_config(&mut given(config, "the configuration")?.config.clone(), limit, None))
}

/// Sets how much a store may use from now on; what it uses already stays. False if stores have no such limit, or `store`
/// is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_set_limit(store: *mut wasm_store_t, limit: wasmx_limit_t, most: u64) -> bool {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        let mut limits = store.limits();
        of_store(&mut limits, limit, Some(most))?;
        store.set_limits(limits);
        Ok(true)
    })
}

/// What is set; 0 if stores have no such limit, or `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_limit(store: *const wasm_store_t, limit: wasmx_limit_t) -> u64 {
    attempt(|| of_store(&mut given(store, "the store")?.store.limits(), limit, None))
}

/// Asks `callback` before every growth of a memory or table of the store, and for every new one; NULL stands for nobody.
/// A refusal is like a limit that is exceeded. `finalizer` (may be NULL) is called once with `env`, when another callback
/// takes its place or the store dies. False, and no finalizer is called, if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_store_set_growth_callback(
    store: *mut wasm_store_t,
    callback: wasmx_growth_callback_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> bool {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        let environment = Environment::new(env, finalizer);
        store.set_growth_hook(Some(Box::new(move |growth| {
            let environment = &environment;
            let (kind, from, to, max) = match growth {
                Growth::Memory { from, to, max } => (wasmx_growth_enum::WASMX_GROWTH_MEMORY, from, to, max),
                Growth::Table { from, to, max } => (wasmx_growth_enum::WASMX_GROWTH_TABLE, from, to, max),
            };
            let growth =
                wasmx_growth_t { kind: kind as u8, has_maximum: max.is_some(), from, to, maximum: max.unwrap_or(0) };
            // SAFETY: the host gave both for each other.
            callback.is_none_or(|callback| unsafe { callback(environment.env, &growth) })
        })));
        Ok(true)
    })
}
