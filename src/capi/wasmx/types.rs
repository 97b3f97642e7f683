//! `wasmx_type_t`: defined types (functions, structures, arrays) as an engine knows them.
//!
//! Why: a reference type may name one, objects are made of one, and tests compare them. Types are the same across the
//! modules of an engine when the specification says so, whoever wrote them down.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{Failure, attempt, given, guard};
use crate::capi::engine::wasm_engine_t;
use crate::capi::externtypes::ExternType;
use crate::capi::module::wasm_module_t;
use crate::capi::object;
use crate::capi::objtypes::wasm_mutability_t;
use crate::capi::valtypes::{wasm_functype_t, wasm_valtype_t};
use crate::module::{self, ArrayType, CompositeType, FieldType, StorageType, StructType, TypeHandle, ValType};

/// A defined type of an engine, which it keeps alive. May be used from any thread.
pub struct wasmx_type_t {
    pub(super) handle: TypeHandle,
}

impl wasmx_type_t {
    #[inline(never)]
    pub(super) fn into_raw(handle: TypeHandle) -> *mut wasmx_type_t {
        Box::into_raw(Box::new(wasmx_type_t { handle }))
    }

    fn fields(&self) -> &[FieldType] {
        match &self.handle.ty().composite {
            CompositeType::Func(_) => &[],
            CompositeType::Struct(ty) => &ty.fields,
            CompositeType::Array(ty) => std::slice::from_ref(&ty.field),
        }
    }
}

/// What a defined type is of: one of `wasmx_typekind_enum`.
pub type wasmx_typekind_t = u8;

/// What a defined type is of.
#[repr(C)]
pub enum wasmx_typekind_enum {
    WASMX_TYPE_FUNC = 0,
    WASMX_TYPE_STRUCT = 1,
    WASMX_TYPE_ARRAY = 2,
}

/// A field of a structure, or the elements of an array.
#[repr(C)]
pub struct wasmx_fieldtype_t {
    /// What it holds.
    pub r#type: *mut wasm_valtype_t,
    /// 8 or 16 for an `i32` of which only so many bits are kept; 0 for the whole value.
    pub packed: u8,
    /// One of `wasm_mutability_enum`.
    pub mutability: wasm_mutability_t,
}

/// # Defined types
///
/// Deletes a type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_delete(ty: *mut wasmx_type_t) {
    guard(|| {
        if !ty.is_null() {
            drop(Box::from_raw(ty))
        }
    })
}

/// A copy of a type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_copy(ty: *const wasmx_type_t) -> *mut wasmx_type_t {
    attempt(|| Ok(wasmx_type_t::into_raw(given(ty, "the type")?.handle.clone())))
}

/// Whether both are the same type of the same engine. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_same(a: *const wasmx_type_t, b: *const wasmx_type_t) -> bool {
    attempt(|| {
        let (a, b) = (&given(a, "the type")?.handle, &given(b, "the type")?.handle);
        Ok(std::sync::Arc::ptr_eq(a.registry(), b.registry()) && a.id() == b.id())
    })
}

/// Whether `sub` is `sup`, or was declared as a subtype of it, directly or not. False if either is NULL, or they belong
/// to different engines.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_is_subtype(sub: *const wasmx_type_t, sup: *const wasmx_type_t) -> bool {
    attempt(|| {
        let (sub, sup) = (&given(sub, "the subtype")?.handle, &given(sup, "the supertype")?.handle);
        if !std::sync::Arc::ptr_eq(sub.registry(), sup.registry()) {
            return Err("the types belong to different engines".into());
        }
        Ok(sub.registry().is_subtype(sub.id(), sup.id()))
    })
}

/// What the type is of, one of `wasmx_typekind_enum`; 0 (`WASMX_TYPE_FUNC`) if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_kind(ty: *const wasmx_type_t) -> wasmx_typekind_t {
    attempt(|| {
        Ok(match given(ty, "the type")?.handle.ty().composite {
            CompositeType::Func(_) => wasmx_typekind_enum::WASMX_TYPE_FUNC,
            CompositeType::Struct(_) => wasmx_typekind_enum::WASMX_TYPE_STRUCT,
            CompositeType::Array(_) => wasmx_typekind_enum::WASMX_TYPE_ARRAY,
        } as u8)
    })
}

/// The type that `ty` was declared as a direct subtype of, owned by the caller; NULL if there is none or `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_supertype(ty: *const wasmx_type_t) -> *mut wasmx_type_t {
    attempt(|| {
        let handle = &given(ty, "the type")?.handle;
        match handle.ty().supertype {
            Some(id) => Ok(wasmx_type_t::into_raw(handle.registry().handle(id))),
            None => Err("the type has no supertype".into()),
        }
    })
}

/// A function type of `wasm.h` as a defined type of an engine, owned by the caller. Reads `ty`. NULL if an argument is
/// NULL, or a type in it belongs to another engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_new_func(
    engine: *const wasm_engine_t,
    ty: *const wasm_functype_t,
) -> *mut wasmx_type_t {
    attempt(|| {
        let types = given(engine, "the engine")?.engine.types();
        Ok(wasmx_type_t::into_raw(ExternType::of(ty)?.func_in_engine(types)?))
    })
}

/// A function type as `wasm.h` has it, owned by the caller; NULL if `ty` is no function type or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_functype(ty: *const wasmx_type_t) -> *mut wasm_functype_t {
    attempt(|| {
        let handle = &given(ty, "the type")?.handle;
        if handle.ty().as_func().is_none() {
            return Err("the type is not that of a function".into());
        }
        let ty = module::ExternType::Func(handle.id());
        Ok(ExternType::from_engine(&ty, handle.registry())?.into_raw().cast())
    })
}

unsafe fn field(engine: &wasm_engine_t, field: &wasmx_fieldtype_t) -> Result<FieldType, Failure> {
    let ty = given(field.r#type.cast_const(), "the type of a field")?.in_engine(engine.engine.types())?;
    let storage = match (field.packed, ty) {
        (0, ty) => StorageType::Val(ty),
        (8, ValType::I32) => StorageType::I8,
        (16, ValType::I32) => StorageType::I16,
        (8 | 16, _) => return Err("only an i32 can be packed".into()),
        (bits, _) => return Err(format!("a field cannot be packed into {bits} bits").into()),
    };
    match field.mutability {
        0 | 1 => Ok(FieldType { mutable: field.mutability == 1, storage }),
        other => Err(format!("{other} is no mutability").into()),
    }
}

/// The structure type with `count` fields, owned by the caller. It is final, has no supertype, and is a recursion group
/// of its own. Reads `fields` and the types in them. NULL if `engine` or the type of a field is NULL, or a field
/// contradicts itself.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_new_struct(
    engine: *const wasm_engine_t,
    count: usize,
    fields: *const wasmx_fieldtype_t,
) -> *mut wasmx_type_t {
    attempt(|| {
        let engine = given(engine, "the engine")?;
        if fields.is_null() && count != 0 {
            return Err("the fields are NULL".into());
        }
        if count > MOST_FIELDS {
            return Err(format!("a structure has at most {MOST_FIELDS} fields").into());
        }
        let fields = (0..count).map(|i| field(engine, &*fields.add(i))).collect::<Result<Box<[_]>, _>>()?;
        let ty = CompositeType::Struct(StructType { fields });
        Ok(wasmx_type_t::into_raw(engine.engine.types().intern(&ty, true, None)))
    })
}

/// As many as validation lets a module have.
const MOST_FIELDS: usize = 10_000;

/// The array type with such elements, owned by the caller. Otherwise as `wasmx_type_new_struct`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_new_array(
    engine: *const wasm_engine_t,
    element: *const wasmx_fieldtype_t,
) -> *mut wasmx_type_t {
    attempt(|| {
        let engine = given(engine, "the engine")?;
        let field = field(engine, given(element, "the element type")?)?;
        let ty = CompositeType::Array(ArrayType { field });
        Ok(wasmx_type_t::into_raw(engine.engine.types().intern(&ty, true, None)))
    })
}

/// The number of fields of a structure type; 1 for an array type, 0 for a function type and if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_field_count(ty: *const wasmx_type_t) -> usize {
    attempt(|| Ok(given(ty, "the type")?.fields().len()))
}

/// Writes field `index` of a structure type, or the elements of an array type (`index` 0), to `out`; the caller then owns
/// the type in it. False, and `out` is untouched, if there is no such field or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_type_field(ty: *const wasmx_type_t, index: usize, out: *mut wasmx_fieldtype_t) -> bool {
    attempt(|| {
        let ty = given(ty, "the type")?;
        given(out, "out")?;
        let field = ty.fields().get(index).ok_or_else(|| format!("the type has no field {index}"))?;
        out.write(wasmx_fieldtype_t {
            r#type: wasm_valtype_t::into_raw(field.storage.unpacked(), ty.handle.registry()),
            packed: match field.storage {
                StorageType::I8 => 8,
                StorageType::I16 => 16,
                StorageType::Val(_) => 0,
            },
            mutability: field.mutable as wasm_mutability_t,
        });
        Ok(true)
    })
}

/// The number of types that a module defines; 0 if `module` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_module_type_count(module: *const wasm_module_t) -> usize {
    attempt(|| Ok(object::borrow(module)?.info().types.len()))
}

/// The type that a module defines with an index, owned by the caller; NULL if there is none or `module` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_module_type(module: *const wasm_module_t, index: usize) -> *mut wasmx_type_t {
    attempt(|| {
        let module = object::borrow(module)?;
        let info = module.info();
        let id = info.types.get(index).ok_or_else(|| format!("the module has no type {index}"))?;
        Ok(wasmx_type_t::into_raw(info.registry.handle(*id)))
    })
}
