//! `wasm_instance_t`: modules come to life.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given, has_room};
use super::engine::wasm_store_t;
use super::externs::{wasm_extern_t, wasm_extern_vec_t};
use super::module::wasm_module_t;
use super::object;
use super::refs::wasm_ref_t;
use super::traps::wasm_trap_t;
use super::vec;
use crate::runtime::{CreateError, Extern, Instance, InstantiateError, Store, Trap};
use crate::util::short;
use crate::vm::trap::TrapKind;
use std::ffi::c_void;
use std::mem::ManuallyDrop;

/// An instance of a module.
pub struct wasm_instance_t {
    _opaque: [u8; 0],
}

/// # Instances
///
/// Gives up one ownership of an instance. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_delete(instance: *mut wasm_instance_t) {
    object::delete(instance)
}

/// One more owner of the same instance; NULL if `instance` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_copy(instance: *const wasm_instance_t) -> *mut wasm_instance_t {
    object::copy(instance)
}

/// Whether both are the same instance: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_same(a: *const wasm_instance_t, b: *const wasm_instance_t) -> bool {
    object::same(a, b)
}

/// The host's data on an instance, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_get_host_info(instance: *const wasm_instance_t) -> *mut c_void {
    object::host_info(instance)
}

/// Sets the host's data on an instance, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_set_host_info(instance: *mut wasm_instance_t, info: *mut c_void) {
    object::set_host_info(instance, info, None)
}

/// As `wasm_instance_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_set_host_info_with_finalizer(
    instance: *mut wasm_instance_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(instance, info, finalizer)
}

/// An instance as a reference. Borrowed: valid as long as `instance`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_as_ref(instance: *mut wasm_instance_t) -> *mut wasm_ref_t {
    instance.cast()
}

/// As `wasm_instance_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_as_ref_const(instance: *const wasm_instance_t) -> *const wasm_ref_t {
    instance.cast()
}

/// The instance that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_instance(reference: *mut wasm_ref_t) -> *mut wasm_instance_t {
    object::cast(reference)
}

/// As `wasm_ref_as_instance`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_instance_const(reference: *const wasm_ref_t) -> *const wasm_instance_t {
    object::cast_const(reference)
}

/// An instance of `module`, owned by the caller. `imports` (NULL is none) has one external for each import, in the
/// order of `wasm_module_imports`, of matching types and of this store; they are borrowed. Runs the start function.
/// NULL if that traps, or an import does not fit; then `*trap` (unless `trap` is NULL) says why, and the caller owns
/// it. On success `*trap` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_new(
    store: *mut wasm_store_t,
    module: *const wasm_module_t,
    imports: *const wasm_extern_vec_t,
    trap: *mut *mut wasm_trap_t,
) -> *mut wasm_instance_t {
    attempt(|| {
        if !trap.is_null() {
            trap.write(std::ptr::null_mut());
        }
        // What the start function calls may delete the store.
        let store = &given(store, "the store")?.store.clone();
        match instantiate(store, module, imports) {
            Ok(instance) => Ok(object::give(instance)),
            Err((reason, cause)) => {
                if !trap.is_null() {
                    let cause = cause.unwrap_or_else(|| Trap::new(store, reason.as_bytes()));
                    trap.write(object::give(cause));
                }
                Err(reason)
            }
        }
    })
}

/// The instance, or why not, with the trap if guest code was stopped by one.
unsafe fn instantiate(
    store: &Store,
    module: *const wasm_module_t,
    imports: *const wasm_extern_vec_t,
) -> Result<Instance, (Failure, Option<Trap>)> {
    let module = object::borrow(module).map_err(|e| (e, None))?;
    let given = imports.as_ref().map_or(&[][..], |v| vec::items(v));
    has_room(given.len() * 8).map_err(|e| (e, None))?;
    let mut borrowed: Vec<ManuallyDrop<Extern>> = Vec::with_capacity(given.len());
    for (i, import) in given.iter().enumerate() {
        borrowed.push(object::borrow(*import).map_err(|e| (name_import(&module, i, &e), None))?);
    }
    // SAFETY: `ManuallyDrop` has the layout of what it holds.
    let imports = unsafe { std::slice::from_raw_parts(borrowed.as_ptr().cast::<Extern>(), borrowed.len()) };
    Instance::new(store, &module, imports).map_err(|e| {
        let reason = e.to_string().into();
        match e {
            InstantiateError::Trap(trap) => (reason, Some(trap)),
            InstantiateError::Create(CreateError::Limit(_)) => {
                let trap = Trap::of_kind_saying(store, TrapKind::LimitExceeded, e.to_string());
                (reason, Some(trap))
            }
            _ => (reason, None),
        }
    })
}

fn name_import(module: &crate::runtime::Module, i: usize, reason: &str) -> Failure {
    match module.info().imports.get(i) {
        Some(import) => format!("import {i}, {:?} {:?}: {reason}", short(&import.module), short(&import.name)).into(),
        None => format!("import {i}: {reason}").into(),
    }
}

/// Writes the exports to `out`, in the order of `wasm_module_exports`; the caller owns them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_instance_exports(instance: *const wasm_instance_t, out: *mut wasm_extern_vec_t) {
    vec::put(out, || {
        let instance = object::borrow(instance)?;
        has_room(instance.exports().len() * 256)?;
        vec::from_items(instance.exports().map(object::give::<wasm_extern_t>).collect())
    })
}
