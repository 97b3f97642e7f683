//! `wasm_func_t`: functions of the guest and of the host.
//!
//! See `call` for how calls cross the border.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given};
use super::call::{self, Callback};
use super::engine::wasm_store_t;
use super::externtypes::ExternType;
use super::object;
use super::object::Finalizer;
use super::refs::wasm_ref_t;
use super::traps::wasm_trap_t;
use super::val::wasm_val_vec_t;
use super::valtypes::wasm_functype_t;
use crate::module;
use std::ffi::c_void;

/// A function, of the guest or of the host.
pub struct wasm_func_t {
    _opaque: [u8; 0],
}

/// # Functions
///
/// Gives up one ownership of a function. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_delete(func: *mut wasm_func_t) {
    object::delete(func)
}

/// One more owner of the same function; NULL if `func` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_copy(func: *const wasm_func_t) -> *mut wasm_func_t {
    object::copy(func)
}

/// Whether both are the same function: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_same(a: *const wasm_func_t, b: *const wasm_func_t) -> bool {
    object::same(a, b)
}

/// The host's data on a function, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_get_host_info(func: *const wasm_func_t) -> *mut c_void {
    object::host_info(func)
}

/// Sets the host's data on a function, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_set_host_info(func: *mut wasm_func_t, info: *mut c_void) {
    object::set_host_info(func, info, None)
}

/// As `wasm_func_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_set_host_info_with_finalizer(
    func: *mut wasm_func_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(func, info, finalizer)
}

/// A function as a reference. Borrowed: valid as long as `func`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_as_ref(func: *mut wasm_func_t) -> *mut wasm_ref_t {
    func.cast()
}

/// As `wasm_func_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_as_ref_const(func: *const wasm_func_t) -> *const wasm_ref_t {
    func.cast()
}

/// The function that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_func(reference: *mut wasm_ref_t) -> *mut wasm_func_t {
    object::cast(reference)
}

/// As `wasm_ref_as_func`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_func_const(reference: *const wasm_ref_t) -> *const wasm_func_t {
    object::cast_const(reference)
}

/// A function of the host's. `args` is borrowed. `results` has room for as many values as the function has results,
/// already of the right kinds and zero or null; the callback writes them, and gives up what references it puts there.
/// It returns NULL, or a trap that it gives up, which stops the guest and comes out of the outermost `wasm_func_call`
/// unchanged; one of another store comes out as a new trap with the same message.
pub type wasm_func_callback_t =
    Option<unsafe extern "C" fn(args: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> *mut wasm_trap_t>;

/// As `wasm_func_callback_t`, with the `env` that the function was made with.
pub type wasm_func_callback_with_env_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        args: *const wasm_val_vec_t,
        results: *mut wasm_val_vec_t,
    ) -> *mut wasm_trap_t,
>;

/// A function that calls back to the host, owned by the caller. Reads `ty`. NULL if an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_new(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasm_func_callback_t,
) -> *mut wasm_func_t {
    attempt(|| make(store, ty, Callback::Plain(callback.ok_or("the callback is NULL")?), None))
}

/// As `wasm_func_new`; `callback` gets `env`. `finalizer` (may be NULL) is called once with `env`, when the function
/// dies; if NULL is returned, it is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_new_with_env(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasm_func_callback_with_env_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> *mut wasm_func_t {
    attempt(|| make(store, ty, Callback::WithEnv(callback.ok_or("the callback is NULL")?, env), finalizer))
}

unsafe fn make(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: Callback,
    finalizer: Finalizer,
) -> Result<*mut wasm_func_t, Failure> {
    let store = &given(store, "the store")?.store;
    let ty = ExternType::of(ty)?.func_in_engine(store.engine().types())?;
    Ok(object::give(call::host_func(store, ty, callback, finalizer)))
}

/// The type of the function, owned by the caller; NULL if `func` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_type(func: *const wasm_func_t) -> *mut wasm_functype_t {
    attempt(|| {
        let func = object::borrow(func)?;
        let ty = module::ExternType::Func(func.type_id());
        Ok(ExternType::from_engine(&ty, func.store().engine().types())?.into_raw().cast())
    })
}

/// The number of parameters; 0 if `func` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_param_arity(func: *const wasm_func_t) -> usize {
    attempt(|| Ok(object::borrow(func)?.ty().params.len()))
}

/// The number of results; 0 if `func` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_result_arity(func: *const wasm_func_t) -> usize {
    attempt(|| Ok(object::borrow(func)?.ty().results.len()))
}

/// Calls the function. Reads `args`, which must have as many values as the function has parameters, of the right kinds.
/// Writes the results to the first elements of `results`, without reading what is there, and the caller then owns the
/// references in them; there may be more room than results, but not less. NULL as a vector is an empty one. Returns
/// NULL, or the trap that stopped the call, owned by the caller, in which case `results` is untouched. Arguments and
/// results that do not fit are traps, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_func_call(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    call::call(func, args, results)
}
