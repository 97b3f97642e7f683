//! `wasm_module_t` and `wasm_shared_module_t`: validated code.
//!
//! Why two: a module is an object of a store, so that it can carry host data and be a reference; the code behind it
//! belongs to the engine. Sharing takes the code out of the store, obtaining puts it into another.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given, guard, has_room, make};
use super::engine::wasm_store_t;
use super::externtypes::{ExternType, wasm_externtype_t};
use super::image;
use super::object;
use super::porttypes::{wasm_exporttype_t, wasm_exporttype_vec_t, wasm_importtype_t, wasm_importtype_vec_t};
use super::refs::wasm_ref_t;
use super::vec::{self, wasm_byte_vec_t};
use crate::module;
use crate::runtime::{Module, ModuleCode};
use std::ffi::c_void;
use std::sync::Arc;

/// A validated module, ready to be instantiated in its store.
pub struct wasm_module_t {
    _opaque: [u8; 0],
}

/// # Modules
///
/// Gives up one ownership of a module. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_delete(module: *mut wasm_module_t) {
    object::delete(module)
}

/// One more owner of the same module; NULL if `module` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_copy(module: *const wasm_module_t) -> *mut wasm_module_t {
    object::copy(module)
}

/// Whether both are the same module: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_same(a: *const wasm_module_t, b: *const wasm_module_t) -> bool {
    object::same(a, b)
}

/// The host's data on a module, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_get_host_info(module: *const wasm_module_t) -> *mut c_void {
    object::host_info(module)
}

/// Sets the host's data on a module, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_set_host_info(module: *mut wasm_module_t, info: *mut c_void) {
    object::set_host_info(module, info, None)
}

/// As `wasm_module_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or
/// the object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_set_host_info_with_finalizer(
    module: *mut wasm_module_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(module, info, finalizer)
}

/// A module as a reference. Borrowed: valid as long as `module`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_as_ref(module: *mut wasm_module_t) -> *mut wasm_ref_t {
    module.cast()
}

/// As `wasm_module_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_as_ref_const(module: *const wasm_module_t) -> *const wasm_ref_t {
    module.cast()
}

/// The module that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_module(reference: *mut wasm_ref_t) -> *mut wasm_module_t {
    object::cast(reference)
}

/// As `wasm_ref_as_module`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_module_const(reference: *const wasm_ref_t) -> *const wasm_module_t {
    object::cast_const(reference)
}

/// A module's code on its own, for bringing it to other stores, on any thread.
pub struct wasm_shared_module_t {
    code: Arc<ModuleCode>,
}

/// Deletes a shared module. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_shared_module_delete(shared: *mut wasm_shared_module_t) {
    guard(|| {
        if !shared.is_null() {
            drop(Box::from_raw(shared))
        }
    })
}

/// The code of `module`, owned by the caller; NULL if `module` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_share(module: *const wasm_module_t) -> *mut wasm_shared_module_t {
    attempt(|| {
        let code = object::borrow(module)?.code().clone();
        Ok(Box::into_raw(Box::new(wasm_shared_module_t { code })))
    })
}

/// The shared module in `store`, owned by the caller. A store of another engine validates it anew, for its own
/// configuration. NULL if an argument is NULL or that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_obtain(
    store: *mut wasm_store_t,
    shared: *const wasm_shared_module_t,
) -> *mut wasm_module_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let code = &given(shared, "the shared module")?.code;
        // Canonical types are numbered per engine, so another engine has to read the binary itself.
        let module = if Arc::ptr_eq(&code.module.registry, store.engine().types()) {
            Module::from_code(store, code.clone())
        } else {
            Module::new(store, &*code.module.bytes).map_err(|e| e.to_string())?
        };
        Ok(object::give(module))
    })
}

/// Validates a binary and makes a module of it, owned by the caller. Copies what it needs of `binary`. NULL if an
/// argument is NULL or the binary is no valid module; `wasmx_last_error` tells where and why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_new(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> *mut wasm_module_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let binary = vec::bytes(given(binary, "the binary")?);
        has_room(binary.len())?;
        Ok(object::give(Module::new(store, binary).map_err(|e| e.to_string())?))
    })
}

/// Whether a binary is a valid module. False if an argument is NULL; `wasmx_last_error` tells where and why not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_validate(store: *mut wasm_store_t, binary: *const wasm_byte_vec_t) -> bool {
    make(|| {
        let store = &given(store, "the store")?.store;
        let binary = vec::bytes(given(binary, "the binary")?);
        store.engine().validate(binary).map_err(|e| e.to_string())?;
        Ok(true)
    })
}

/// Writes what the module imports to `out`, in the order in which `wasm_instance_new` wants it; the caller owns it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_imports(module: *const wasm_module_t, out: *mut wasm_importtype_vec_t) {
    vec::put(out, || {
        let module = object::borrow(module)?;
        let module = module.info();
        has_room(module.imports.len() * 512)?;
        let one = |import: &module::Import| -> Result<*mut wasm_importtype_t, Failure> {
            let ty = extern_type(&import.ty, module)?;
            Ok(wasm_importtype_t::into_raw(name(&import.module)?, name(&import.name)?, ty))
        };
        collect(module.imports.iter().map(one))
    })
}

/// Writes what the module exports to `out`, in the order of `wasm_instance_exports`; the caller owns it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_exports(module: *const wasm_module_t, out: *mut wasm_exporttype_vec_t) {
    vec::put(out, || {
        let module = object::borrow(module)?;
        let module = module.info();
        has_room(module.exports.len() * 512)?;
        let one = |export: &module::Export| -> Result<*mut wasm_exporttype_t, Failure> {
            let ty = extern_type(&module.export_type(export), module)?;
            Ok(wasm_exporttype_t::into_raw(name(&export.name)?, ty))
        };
        collect(module.exports.iter().map(one))
    })
}

fn name(text: &str) -> Result<vec::wasm_name_t, Failure> {
    vec::from_bytes(text.as_bytes())
}

fn extern_type(ty: &module::ExternType, module: &module::Module) -> Result<*mut wasm_externtype_t, Failure> {
    Ok(ExternType::from_engine(ty, &module.registry)?.into_raw().cast())
}

/// A vector of what the iterator makes; nothing is left behind if one fails.
fn collect<V: vec::Vector>(made: impl Iterator<Item = Result<V::Item, Failure>>) -> Result<V, Failure> {
    let mut items = Vec::new();
    for item in made {
        match item {
            Ok(item) => items.push(item),
            Err(reason) => {
                // SAFETY: the elements are this function's own.
                items.into_iter().for_each(|item| unsafe { vec::Element::discard(item) });
                return Err(reason);
            }
        }
    }
    vec::from_items(items)
}

/// Writes an image of the module to `out`, for `wasm_module_deserialize` of the same build of this library; the caller
/// owns it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_serialize(module: *const wasm_module_t, out: *mut wasm_byte_vec_t) {
    vec::put(out, || {
        let module = object::borrow(module)?;
        has_room(module.info().bytes.len() + 1024)?;
        vec::from_bytes(&image::write(module.info()))
    })
}

/// The module of an image, owned by the caller. Copies what it needs of `binary`. NULL if an argument is NULL, the
/// image is damaged or of another build, or the store's engine does not accept the module. The image is not trusted:
/// its content is validated again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_module_deserialize(
    store: *mut wasm_store_t,
    binary: *const wasm_byte_vec_t,
) -> *mut wasm_module_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        has_room(given(binary, "the image")?.size)?;
        let binary = image::read(vec::bytes(given(binary, "the image")?), *store.engine().features())?;
        Ok(object::give(Module::new(store, binary).map_err(|e| e.to_string())?))
    })
}
