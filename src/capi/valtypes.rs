//! `wasm_valtype_t` and `wasm_functype_t`: the types of values and functions.
//!
//! Why: plain data that belongs to whoever holds it and knows no store. A function type is an [`ExternType`] in
//! disguise, so that its cast to `wasm_externtype_t` is the same pointer.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given, guard};
use super::externtypes::ExternType;
use super::vec::{self, Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector};
use crate::module::{HeapType, RefType, TypeHandle, TypeRegistry, ValType};
use std::sync::Arc;

/// What a value is: one of `wasm_valkind_enum`.
pub type wasm_valkind_t = u8;

/// The kinds of values that the standard API can hold.
#[repr(C)]
pub enum wasm_valkind_enum {
    /// A 32-bit integer, signed or not.
    WASM_I32 = 0,
    /// A 64-bit integer, signed or not.
    WASM_I64 = 1,
    /// An IEEE 754 single.
    WASM_F32 = 2,
    /// An IEEE 754 double.
    WASM_F64 = 3,
    /// A reference to anything of the host's; NULL is the null reference.
    WASM_EXTERNREF = 128,
    /// A reference to a function; NULL is the null reference.
    WASM_FUNCREF = 129,
}

pub const WASM_I32: wasm_valkind_t = wasm_valkind_enum::WASM_I32 as u8;
pub const WASM_I64: wasm_valkind_t = wasm_valkind_enum::WASM_I64 as u8;
pub const WASM_F32: wasm_valkind_t = wasm_valkind_enum::WASM_F32 as u8;
pub const WASM_F64: wasm_valkind_t = wasm_valkind_enum::WASM_F64 as u8;
pub const WASM_EXTERNREF: wasm_valkind_t = wasm_valkind_enum::WASM_EXTERNREF as u8;
pub const WASM_FUNCREF: wasm_valkind_t = wasm_valkind_enum::WASM_FUNCREF as u8;

// Kinds beyond the standard's, for types that only modules bring along.
pub(crate) const KIND_V128: wasm_valkind_t = 4;
pub(crate) const KIND_ANYREF: wasm_valkind_t = 130;
pub(crate) const KIND_EXNREF: wasm_valkind_t = 131;

/// The type of a value.
#[derive(Clone)]
pub struct wasm_valtype_t {
    ty: ValType,
    /// Keeps the defined type alive that a reference type names.
    named: Option<TypeHandle>,
}

impl wasm_valtype_t {
    /// A type as a module has it, whose named type, if any, is alive in `registry`.
    #[inline(never)]
    pub(crate) fn into_raw(ty: ValType, registry: &Arc<TypeRegistry>) -> *mut wasm_valtype_t {
        let named = match ty {
            ValType::Ref(RefType { heap: HeapType::Concrete(id), .. }) => Some(registry.handle(id)),
            _ => None,
        };
        Box::into_raw(Box::new(wasm_valtype_t { ty, named }))
    }

    /// The type as the engine with this registry knows it; types that belong to another engine have no meaning there.
    pub(crate) fn in_engine(&self, registry: &Arc<TypeRegistry>) -> Result<ValType, Failure> {
        match &self.named {
            Some(handle) if !Arc::ptr_eq(handle.registry(), registry) => Err("a type belongs to another engine".into()),
            _ => Ok(self.ty),
        }
    }

    /// A type and what keeps the defined type in it alive.
    pub(crate) fn with_handle(ty: ValType, named: Option<TypeHandle>) -> *mut wasm_valtype_t {
        Box::into_raw(Box::new(wasm_valtype_t { ty, named }))
    }

    pub(crate) fn ty(&self) -> ValType {
        self.ty
    }

    /// The defined type that a reference type names.
    pub(crate) fn named(&self) -> Option<&TypeHandle> {
        self.named.as_ref()
    }

    fn kind(&self) -> wasm_valkind_t {
        match (&self.named, self.ty) {
            (Some(handle), ValType::Ref(r)) => {
                kind_of(ValType::Ref(RefType { heap: handle.registry().top(r.heap), ..r }))
            }
            (_, ty) => kind_of(ty),
        }
    }
}

/// The kind of the values of a type that names no defined type.
pub(crate) fn kind_of(ty: ValType) -> wasm_valkind_t {
    match ty {
        ValType::I32 => WASM_I32,
        ValType::I64 => WASM_I64,
        ValType::F32 => WASM_F32,
        ValType::F64 => WASM_F64,
        ValType::V128 => KIND_V128,
        ValType::Ref(r) => match r.heap {
            HeapType::Func | HeapType::NoFunc => WASM_FUNCREF,
            HeapType::Extern | HeapType::NoExtern => WASM_EXTERNREF,
            HeapType::Exn | HeapType::NoExn => KIND_EXNREF,
            _ => KIND_ANYREF,
        },
    }
}

impl Owned for wasm_valtype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        match object.as_ref() {
            Some(ty) => Box::into_raw(Box::new(ty.clone())),
            None => std::ptr::null_mut(),
        }
    }
    unsafe fn delete(object: *mut Self) {
        if !object.is_null() {
            drop(Box::from_raw(object))
        }
    }
}

/// Value types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_valtype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_valtype_t,
}
vector!(wasm_valtype_vec_t, *mut wasm_valtype_t);

/// # Value types
///
/// Deletes a value type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_delete(ty: *mut wasm_valtype_t) {
    guard(|| <wasm_valtype_t as Owned>::delete(ty))
}

/// A copy of a value type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_copy(ty: *const wasm_valtype_t) -> *mut wasm_valtype_t {
    guard(|| <wasm_valtype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_new_empty(out: *mut wasm_valtype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with value types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_new_uninitialized(out: *mut wasm_valtype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the value types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_new(
    out: *mut wasm_valtype_vec_t,
    size: usize,
    data: *const *mut wasm_valtype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its value types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_copy(out: *mut wasm_valtype_vec_t, source: *const wasm_valtype_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the value types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_vec_delete(vec: *mut wasm_valtype_vec_t) {
    vec_delete(vec)
}

/// The value type of a kind, owned by the caller; NULL if `kind` is not one of `wasm_valkind_enum`.
#[unsafe(no_mangle)]
pub extern "C" fn wasm_valtype_new(kind: wasm_valkind_t) -> *mut wasm_valtype_t {
    attempt(|| {
        let ty = match kind {
            WASM_I32 => ValType::I32,
            WASM_I64 => ValType::I64,
            WASM_F32 => ValType::F32,
            WASM_F64 => ValType::F64,
            WASM_EXTERNREF => ValType::EXTERNREF,
            WASM_FUNCREF => ValType::FUNCREF,
            _ => return Err(format!("{kind} is no kind of value").into()),
        };
        Ok(Box::into_raw(Box::new(wasm_valtype_t { ty, named: None })))
    })
}

/// The kind of a value type; 0 (`WASM_I32`) if `ty` is NULL. Types of the guest's that are none of the standard's six have
/// the kind of the type at the top of their hierarchy, which may be one of `wasmx_valkind_enum` in wasmx.h.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_valtype_kind(ty: *const wasm_valtype_t) -> wasm_valkind_t {
    attempt(|| Ok(given(ty, "the value type")?.kind()))
}

/// The type of a function: its parameters and results.
pub struct wasm_functype_t {
    _same: ExternType,
}

impl Owned for wasm_functype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// Function types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_functype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_functype_t,
}
vector!(wasm_functype_vec_t, *mut wasm_functype_t);

/// # Function types
///
/// Deletes a function type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_delete(ty: *mut wasm_functype_t) {
    guard(|| <wasm_functype_t as Owned>::delete(ty))
}

/// A copy of a function type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_copy(ty: *const wasm_functype_t) -> *mut wasm_functype_t {
    guard(|| <wasm_functype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_new_empty(out: *mut wasm_functype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with function types it then owns. Fails (see Vectors)
/// if there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_new_uninitialized(out: *mut wasm_functype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the function types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_new(
    out: *mut wasm_functype_vec_t,
    size: usize,
    data: *const *mut wasm_functype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its function types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_copy(out: *mut wasm_functype_vec_t, source: *const wasm_functype_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the function types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_vec_delete(vec: *mut wasm_functype_vec_t) {
    vec_delete(vec)
}

/// A function type, owned by the caller. Takes over both vectors and leaves them empty; NULL stands for an empty one.
/// Returns NULL, and deletes what the vectors held, if an element is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_new(
    params: *mut wasm_valtype_vec_t,
    results: *mut wasm_valtype_vec_t,
) -> *mut wasm_functype_t {
    attempt(|| {
        let ty = ExternType::Func { params: vec::take(params), results: vec::take(results), exact: None };
        let ExternType::Func { params, results, .. } = &ty else { unreachable!() };
        if vec::items(params).iter().chain(vec::items(results)).any(|ty| ty.is_null()) {
            return Err("a parameter or result type is NULL".into());
        }
        Ok(ty.into_raw().cast())
    })
}

/// The parameter types, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_params(ty: *const wasm_functype_t) -> *const wasm_valtype_vec_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Func { params, .. } => Ok(params as *const _),
        other => Err(other.is_not("a function type")),
    })
}

/// The result types, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_results(ty: *const wasm_functype_t) -> *const wasm_valtype_vec_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Func { results, .. } => Ok(results as *const _),
        other => Err(other.is_not("a function type")),
    })
}
