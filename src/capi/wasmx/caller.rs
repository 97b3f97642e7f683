//! Who calls a host function, and what it exports.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::engine::wasm_store_t;
use crate::capi::externs::wasm_extern_t;
use crate::capi::instance::wasm_instance_t;
use crate::capi::memory::wasm_memory_t;
use crate::capi::object;
use crate::runtime::{Extern, Instance, Store};
use crate::vm::layout;
use std::ffi::{CStr, c_char};
use std::mem::ManuallyDrop;

/// Who calls a host function. It and what it lends are valid until that function returns.
pub struct wasmx_caller_t {
    store: ManuallyDrop<wasm_store_t>,
    instance: *mut layout::Instance,
}

impl wasmx_caller_t {
    #[inline]
    /// The store is borrowed: the function that is running keeps it alive.
    pub(super) fn new(store: ManuallyDrop<Store>, instance: *mut layout::Instance) -> wasmx_caller_t {
        let store = ManuallyDrop::new(wasm_store_t { store: ManuallyDrop::into_inner(store) });
        wasmx_caller_t { store, instance }
    }

    #[inline]
    pub(super) fn store(&self) -> &Store {
        &self.store.store
    }
}

/// The export of a name.
unsafe fn export(instance: *const wasm_instance_t, name: *const c_char) -> Result<Extern, Failure> {
    let name = CStr::from_ptr(given(name, "the name")?);
    let instance: std::mem::ManuallyDrop<Instance> = object::borrow(instance)?;
    let found = name.to_str().ok().and_then(|name| instance.export(name));
    found.ok_or_else(|| format!("there is no export {name:?}").into())
}

/// The export of the calling instance; the instance itself keeps it alive, so the handle is not needed.
unsafe fn lend(caller: *const wasmx_caller_t, name: *const c_char) -> Result<Extern, Failure> {
    let instance = given(caller, "the caller")?.instance;
    if instance.is_null() {
        return Err("the host has made the call itself: no instance calls".into());
    }
    export(instance.cast_const().cast(), name)
}

/// # Instances
///
/// The export of a name, a C string in UTF-8; owned by the caller. NULL if there is none, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_instance_export(
    instance: *const wasm_instance_t,
    name: *const c_char,
) -> *mut wasm_extern_t {
    attempt(|| Ok(object::give(export(instance, name)?)))
}

/// # Callers
///
/// The store, borrowed: not to be deleted, and valid until the host function returns. NULL if `caller` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_caller_store(caller: *mut wasmx_caller_t) -> *mut wasm_store_t {
    attempt(|| match caller.as_mut() {
        Some(caller) => Ok(&raw mut *caller.store),
        None => Err("the caller is NULL".into()),
    })
}

/// The instance whose code made the call, borrowed. NULL if the host made it itself, or `caller` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_caller_instance(caller: *const wasmx_caller_t) -> *const wasm_instance_t {
    attempt(|| Ok(given(caller, "the caller")?.instance.cast_const().cast()))
}

/// The export of the calling instance with a name, a C string in UTF-8; borrowed. NULL if there is none, no instance
/// calls, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_caller_export(caller: *const wasmx_caller_t, name: *const c_char) -> *mut wasm_extern_t {
    attempt(|| Ok(lend(caller, name)?.as_ref().as_ptr().cast()))
}

/// The memory that the calling instance exports by a name, or as "memory" if `name` is NULL; borrowed. NULL if there is
/// none, no instance calls, or `caller` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_caller_memory(caller: *const wasmx_caller_t, name: *const c_char) -> *mut wasm_memory_t {
    attempt(|| {
        let found = lend(caller, if name.is_null() { c"memory".as_ptr() } else { name })?;
        let memory = found.into_memory().ok_or("the export is not a memory")?;
        Ok(memory.as_ref().as_ptr().cast())
    })
}
