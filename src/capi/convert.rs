//! Between the values of C and those of the runtime, for the paths where speed does not matter (globals, tables); calls
//! have their own in `marshal`.
//!
//! Invariants: a reference that comes in is borrowed and gains a handle of the runtime's; one that goes out passes its
//! handle to C.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::Failure;
use super::object;
use super::refs::wasm_ref_t;
use super::val::{wasm_val_of_t, wasm_val_t};
use super::valtypes::{
    KIND_ANYREF, KIND_EXNREF, WASM_EXTERNREF, WASM_F32, WASM_F64, WASM_FUNCREF, WASM_I32, WASM_I64, kind_of,
};
use crate::module::{RefType, TypeRegistry, ValType};
use crate::runtime::{AnyRef, Func, Ref, Store, Val};
use std::ptr::NonNull;

/// The kind of the values of a type that is alive in `registry`.
#[inline(never)]
pub(crate) fn kind_in(ty: ValType, registry: &TypeRegistry) -> u8 {
    match ty {
        ValType::Ref(r) => kind_of(ValType::Ref(RefType { heap: registry.top(r.heap), ..r })),
        _ => kind_of(ty),
    }
}

/// What messages call a kind.
pub(crate) fn kind_name(kind: u8) -> &'static str {
    match kind {
        WASM_I32 => "i32",
        WASM_I64 => "i64",
        WASM_F32 => "f32",
        WASM_F64 => "f64",
        WASM_FUNCREF => "funcref",
        WASM_EXTERNREF => "externref",
        KIND_ANYREF => "anyref",
        KIND_EXNREF => "exnref",
        super::valtypes::KIND_V128 => "v128",
        _ => "of no known kind",
    }
}

/// A C value as one of the type that is wanted.
#[inline(never)]
pub(crate) unsafe fn to_val(value: &wasm_val_t, ty: ValType, registry: &TypeRegistry) -> Result<Val, Failure> {
    let wanted = kind_in(ty, registry);
    if value.kind != wanted {
        return Err(format!("the value is {} instead of {}", kind_name(value.kind), kind_name(wanted)).into());
    }
    Ok(match wanted {
        WASM_I32 => Val::I32(value.of.i32),
        WASM_I64 => Val::I64(value.of.i64),
        WASM_F32 => Val::F32(value.of.f32.to_bits()),
        WASM_F64 => Val::F64(value.of.f64.to_bits()),
        _ => return reference_to_val(value.of.r#ref, wanted),
    })
}

/// A C reference as a value of a kind.
pub(crate) unsafe fn reference_to_val(reference: *const wasm_ref_t, kind: u8) -> Result<Val, Failure> {
    let handle = NonNull::new(reference.cast_mut().cast()).map(|header| Ref::new(header));
    match kind {
        WASM_FUNCREF => match handle {
            None => Ok(Val::FuncRef(None)),
            Some(handle) => match Func::from_ref(handle) {
                Ok(func) => Ok(Val::FuncRef(Some(func))),
                Err(_) => Err("the reference is not to a function".into()),
            },
        },
        WASM_EXTERNREF => Ok(Val::ExternRef(handle.map(AnyRef::from_object))),
        KIND_ANYREF => Ok(Val::AnyRef(handle.map(AnyRef::from_object))),
        KIND_EXNREF => match handle.map(AnyRef::from_object) {
            None => Ok(Val::ExnRef(None)),
            Some(AnyRef::Heap(object)) => Ok(Val::ExnRef(Some(object))),
            Some(_) => Err("the reference is not to an exception".into()),
        },
        _ => Err(format!("a {} cannot be given as a reference", kind_name(kind)).into()),
    }
}

/// The reference in a value of the runtime's, owned by the C side; null for null. What is no object gets into a box.
pub(crate) fn val_to_reference(value: Val, store: &Store) -> Result<*mut wasm_ref_t, Failure> {
    match value {
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => Ok(std::ptr::null_mut()),
        Val::FuncRef(Some(func)) => Ok(object::give(func.into_ref())),
        Val::ExternRef(Some(value)) | Val::AnyRef(Some(value)) => Ok(object::give(value.into_object(store))),
        Val::ExnRef(Some(value)) => Ok(object::give(AnyRef::Heap(value).into_object(store))),
        Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) | Val::V128(_) => {
            Err("the value is not a reference".into())
        }
    }
}

/// A value of the runtime's for C, which owns the reference in it.
pub(crate) fn from_val(value: Val, store: &Store) -> Result<wasm_val_t, Failure> {
    let (kind, of) = match value {
        Val::I32(v) => (WASM_I32, wasm_val_of_t { i32: v }),
        Val::I64(v) => (WASM_I64, wasm_val_of_t { i64: v }),
        Val::F32(v) => (WASM_F32, wasm_val_of_t { f32: f32::from_bits(v) }),
        Val::F64(v) => (WASM_F64, wasm_val_of_t { f64: f64::from_bits(v) }),
        Val::V128(_) => return Err("a v128 has no form in wasm.h".into()),
        Val::FuncRef(_) => (WASM_FUNCREF, wasm_val_of_t { r#ref: val_to_reference(value, store)? }),
        Val::ExternRef(_) => (WASM_EXTERNREF, wasm_val_of_t { r#ref: val_to_reference(value, store)? }),
        Val::AnyRef(_) => (KIND_ANYREF, wasm_val_of_t { r#ref: val_to_reference(value, store)? }),
        Val::ExnRef(_) => (KIND_EXNREF, wasm_val_of_t { r#ref: val_to_reference(value, store)? }),
    };
    Ok(wasm_val_t { kind, of })
}
