//! Structures, arrays and `i31`s made and read by the host, and what a reference refers to.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::raw::{checked, from_val, to_val, wasmx_raw_t};
use super::types::wasmx_type_t;
use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::convert::{kind_in, reference_to_val};
use crate::capi::engine::wasm_store_t;
use crate::capi::object;
use crate::capi::refs::wasm_ref_t;
use crate::capi::valtypes::wasm_valtype_t;
use crate::module::{StorageType, TypeHandle, ValType};
use crate::runtime::{AnyRef, HeapRef, ObjKind, ObjectKind, Store};
use std::mem::ManuallyDrop;
use std::sync::Arc;

/// What a reference refers to: one of `wasmx_refkind_enum`.
pub type wasmx_refkind_t = u8;

/// What a reference refers to.
#[repr(C)]
pub enum wasmx_refkind_enum {
    /// Nothing: it is NULL.
    WASMX_REF_NULL = 0,
    WASMX_REF_FUNC = 1,
    WASMX_REF_GLOBAL = 2,
    WASMX_REF_TABLE = 3,
    WASMX_REF_MEMORY = 4,
    WASMX_REF_TAG = 5,
    WASMX_REF_INSTANCE = 6,
    WASMX_REF_MODULE = 7,
    WASMX_REF_FOREIGN = 8,
    WASMX_REF_TRAP = 9,
    WASMX_REF_STRUCT = 10,
    WASMX_REF_ARRAY = 11,
    WASMX_REF_EXCEPTION = 12,
    WASMX_REF_I31 = 13,
}

unsafe fn value(reference: *const wasm_ref_t) -> Result<AnyRef, Failure> {
    let reference = object::borrow(reference)?;
    Ok(AnyRef::from_object(ManuallyDrop::into_inner(reference.clone())))
}

/// The object behind a reference, if it is of the kind.
unsafe fn heap(reference: *const wasm_ref_t, kind: ObjectKind) -> Result<HeapRef, Failure> {
    match value(reference)? {
        AnyRef::Heap(object) if object.kind() == kind => Ok(object),
        _ if kind == ObjectKind::Struct => Err("the reference is not to a structure".into()),
        _ => Err("the reference is not to an array".into()),
    }
}

/// A type, if it is one of the store's engine.
unsafe fn type_in<'a>(ty: *const wasmx_type_t, store: &Store) -> Result<&'a TypeHandle, Failure> {
    let handle = &given(ty, "the type")?.handle;
    match Arc::ptr_eq(handle.registry(), store.engine().types()) {
        true => Ok(handle),
        false => Err("the type belongs to another engine".into()),
    }
}

unsafe fn get(object: &HeapRef, index: u32, out: *mut wasmx_raw_t) -> Result<bool, Failure> {
    given(out, "out")?;
    let value = object.get(index).ok_or_else(|| format!("there is no field or element {index}"))?;
    out.write(from_val(&value, object.store()));
    Ok(true)
}

/// The type of a field or element, as values of it are passed.
fn field_type(ty: &TypeHandle, index: u32) -> Result<ValType, Failure> {
    let composite = &ty.ty().composite;
    let storage: Option<StorageType> = match (composite.as_struct(), composite.as_array()) {
        (Some(ty), _) => ty.fields.get(index as usize).map(|f| f.storage),
        (_, Some(ty)) => Some(ty.field.storage),
        _ => None,
    };
    Ok(storage.ok_or_else(|| format!("there is no field {index}"))?.unpacked())
}

unsafe fn set(object: &HeapRef, index: u32, raw: *const wasmx_raw_t) -> Result<bool, Failure> {
    let raw = given(raw, "the value")?;
    let ty = field_type(&object.ty(), index)?;
    if !object.set(index, &to_val(raw, ty, object.store())) {
        return Err("there is no such field or element, or it cannot change, or the value has the wrong type".into());
    }
    Ok(true)
}

/// # References to the guest's objects
///
/// What a reference refers to, one of `wasmx_refkind_enum`; 0 (`WASMX_REF_NULL`) if it is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_ref_kind(reference: *const wasm_ref_t) -> wasmx_refkind_t {
    attempt(|| {
        if reference.is_null() {
            return Ok(wasmx_refkind_enum::WASMX_REF_NULL as u8);
        }
        Ok(match value(reference)? {
            AnyRef::I31(_) => wasmx_refkind_enum::WASMX_REF_I31,
            AnyRef::Heap(object) => match object.kind() {
                ObjectKind::Struct => wasmx_refkind_enum::WASMX_REF_STRUCT,
                ObjectKind::Array => wasmx_refkind_enum::WASMX_REF_ARRAY,
                ObjectKind::Exception => wasmx_refkind_enum::WASMX_REF_EXCEPTION,
            },
            AnyRef::Host(object) => match object.kind() {
                ObjKind::Func => wasmx_refkind_enum::WASMX_REF_FUNC,
                ObjKind::Global => wasmx_refkind_enum::WASMX_REF_GLOBAL,
                ObjKind::Table => wasmx_refkind_enum::WASMX_REF_TABLE,
                ObjKind::Memory => wasmx_refkind_enum::WASMX_REF_MEMORY,
                ObjKind::Tag => wasmx_refkind_enum::WASMX_REF_TAG,
                ObjKind::Instance => wasmx_refkind_enum::WASMX_REF_INSTANCE,
                ObjKind::Module => wasmx_refkind_enum::WASMX_REF_MODULE,
                ObjKind::Foreign => wasmx_refkind_enum::WASMX_REF_FOREIGN,
                ObjKind::Trap => wasmx_refkind_enum::WASMX_REF_TRAP,
                ObjKind::Boxed => return Err("internal error: a box in a box".into()),
            },
        } as u8)
    })
}

/// The defined type of what a reference refers to, owned by the caller: of a function, a structure or an array. NULL for
/// everything else, and NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_ref_type(reference: *const wasm_ref_t) -> *mut wasmx_type_t {
    attempt(|| match value(reference)? {
        AnyRef::Heap(object) if object.kind() != ObjectKind::Exception => Ok(wasmx_type_t::into_raw(object.ty())),
        AnyRef::Host(object) => {
            let func = object.as_func().ok_or("what the reference refers to has no defined type")?;
            Ok(wasmx_type_t::into_raw(object.store().engine().types().handle(func.type_id())))
        }
        _ => Err("what the reference refers to has no defined type".into()),
    })
}

/// Whether a reference (NULL is the null reference) is a value of a type: the test that `ref.test` makes. False if `ty`
/// is NULL or no reference type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_ref_is(reference: *const wasm_ref_t, ty: *const wasm_valtype_t) -> bool {
    attempt(|| {
        let ty = given(ty, "the value type")?;
        let ValType::Ref(r) = ty.ty() else { return Err("the type is not a reference type".into()) };
        if reference.is_null() {
            return Ok(r.nullable);
        }
        let store = object::borrow(reference)?.store();
        let registry = store.engine().types();
        let wanted = ty.in_engine(registry)?;
        // What cannot be of that kind at all is not of the type: an answer, not a failure.
        Ok(reference_to_val(reference, kind_in(wanted, registry)).is_ok_and(|value| value.matches(wanted, &store)))
    })
}

/// The `i31` with the low 31 bits of `value`, as a reference owned by the caller. NULL if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_i31_new(store: *mut wasm_store_t, value: i32) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        Ok(object::give(AnyRef::I31(value as u32 & 0x7fff_ffff).into_object(store)))
    })
}

/// Writes the value of an `i31`, sign-extended, to `out`. False, and `out` is untouched, if the reference is none, or an
/// argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_i31_get(reference: *const wasm_ref_t, out: *mut i32) -> bool {
    attempt(|| {
        given(out, "out")?;
        match value(reference)? {
            AnyRef::I31(bits) => out.write(((bits << 1) as i32) >> 1),
            _ => return Err("the reference is not to an i31".into()),
        }
        Ok(true)
    })
}

/// A structure of a type with `count` fields, as a reference owned by the caller. Reads `fields`. NULL if `store` or `ty`
/// is NULL, `ty` is no structure type or of another engine, the values are not as many and not of the types that it
/// says, or a limit forbids it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_struct_new(
    store: *mut wasm_store_t,
    ty: *const wasmx_type_t,
    count: usize,
    fields: *const wasmx_raw_t,
) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        let ty = type_in(ty, store)?;
        let struct_ty = ty.ty().composite.as_struct().ok_or("the type is not that of a structure")?;
        let types = struct_ty.fields.iter().map(|f| f.storage.unpacked());
        let values = checked(fields, count, types, store, "the fields")?;
        let made = HeapRef::new_struct(store, ty, &values).map_err(|e| e.to_string())?;
        Ok(object::give(AnyRef::Heap(made).into_object(store)))
    })
}

/// The number of fields of a structure; 0 if the reference is to none, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_struct_field_count(reference: *const wasm_ref_t) -> usize {
    attempt(|| Ok(heap(reference, ObjectKind::Struct)?.len() as usize))
}

/// Writes a field of a structure to `out`; a packed one as an `i32` with zeros above. A reference is good as long as the
/// field holds it. False, and `out` is untouched, if the reference is to no structure, there is no such field, or an
/// argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_struct_get(reference: *const wasm_ref_t, index: u32, out: *mut wasmx_raw_t) -> bool {
    attempt(|| get(&heap(reference, ObjectKind::Struct)?, index, out))
}

/// Sets a field of a structure. Reads `value`. False, and nothing changes, if the reference is to no structure, there is
/// no such field, it cannot change, a reference in `value` is not of its type, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_struct_set(reference: *mut wasm_ref_t, index: u32, value: *const wasmx_raw_t) -> bool {
    attempt(|| set(&heap(reference, ObjectKind::Struct)?, index, value))
}

/// An array of a type with `length` equal elements, as a reference owned by the caller. Reads `init`. NULL if an argument
/// is NULL, `ty` is no array type or of another engine, a reference is not of the element type, or a limit forbids it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_array_new(
    store: *mut wasm_store_t,
    ty: *const wasmx_type_t,
    length: u32,
    init: *const wasmx_raw_t,
) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        let ty = type_in(ty, store)?;
        let array_ty = ty.ty().composite.as_array().ok_or("the type is not that of an array")?;
        let init = to_val(given(init, "the initial element")?, array_ty.field.storage.unpacked(), store);
        let made = HeapRef::new_array(store, ty, length, &init).map_err(|e| e.to_string())?;
        Ok(object::give(AnyRef::Heap(made).into_object(store)))
    })
}

/// As `wasmx_array_new`, with the `length` elements at `elements`, which may be NULL if there are none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_array_new_from(
    store: *mut wasm_store_t,
    ty: *const wasmx_type_t,
    length: u32,
    elements: *const wasmx_raw_t,
) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        let ty = type_in(ty, store)?;
        let array_ty = ty.ty().composite.as_array().ok_or("the type is not that of an array")?;
        let each = array_ty.field.storage.unpacked();
        let types = (0..length).map(|_| each);
        let values = checked(elements, length as usize, types, store, "the elements")?;
        let made = HeapRef::new_array_of(store, ty, &values).map_err(|e| e.to_string())?;
        Ok(object::give(AnyRef::Heap(made).into_object(store)))
    })
}

/// The number of elements of an array; 0 if the reference is to none, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_array_length(reference: *const wasm_ref_t) -> u32 {
    attempt(|| Ok(heap(reference, ObjectKind::Array)?.len()))
}

/// Writes an element of an array to `out`, as `wasmx_struct_get` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_array_get(reference: *const wasm_ref_t, index: u32, out: *mut wasmx_raw_t) -> bool {
    attempt(|| get(&heap(reference, ObjectKind::Array)?, index, out))
}

/// Sets an element of an array, as `wasmx_struct_set` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_array_set(reference: *mut wasm_ref_t, index: u32, value: *const wasmx_raw_t) -> bool {
    attempt(|| set(&heap(reference, ObjectKind::Array)?, index, value))
}
