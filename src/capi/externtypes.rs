//! `wasm_externtype_t` and what it can be: the one representation behind the six C names of import and export types.
//!
//! Why one enum: the standard wants a function type *as* an external type to be a borrowed view of the same object, and
//! wants the external type to be deleted through either name. With one enum behind all six names a cast is a pointer
//! cast with a check of the variant.
//!
//! Invariants: the pointers inside are owned, not null, and never shared; accessors lend them out.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given, guard, set_last_error};
use super::objtypes::{
    wasm_globaltype_t, wasm_limits_t, wasm_memorytype_t, wasm_mutability_t, wasm_tabletype_t, wasm_tagtype_t,
};
use super::valtypes::{wasm_functype_t, wasm_valtype_t, wasm_valtype_vec_t};
use super::vec::{self, Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector};
use crate::module::{self, FuncType, GlobalType, MemoryType, TableType, TypeHandle, TypeRegistry, ValType};
use std::sync::Arc;

/// What something imported or exported is: one of `wasm_externkind_enum`.
pub type wasm_externkind_t = u8;

/// The kinds of imports and exports.
#[repr(C)]
pub enum wasm_externkind_enum {
    WASM_EXTERN_FUNC = 0,
    WASM_EXTERN_GLOBAL = 1,
    WASM_EXTERN_TABLE = 2,
    WASM_EXTERN_MEMORY = 3,
    WASM_EXTERN_TAG = 4,
}

pub const WASM_EXTERN_FUNC: wasm_externkind_t = wasm_externkind_enum::WASM_EXTERN_FUNC as u8;
pub const WASM_EXTERN_GLOBAL: wasm_externkind_t = wasm_externkind_enum::WASM_EXTERN_GLOBAL as u8;
pub const WASM_EXTERN_TABLE: wasm_externkind_t = wasm_externkind_enum::WASM_EXTERN_TABLE as u8;
pub const WASM_EXTERN_MEMORY: wasm_externkind_t = wasm_externkind_enum::WASM_EXTERN_MEMORY as u8;
pub const WASM_EXTERN_TAG: wasm_externkind_t = wasm_externkind_enum::WASM_EXTERN_TAG as u8;

/// What is behind a `wasm_externtype_t` and the five types that can be seen as one.
pub(crate) enum ExternType {
    /// `exact` is the defined type it was read from, which may be part of a hierarchy or of a recursive group.
    Func {
        params: wasm_valtype_vec_t,
        results: wasm_valtype_vec_t,
        exact: Option<TypeHandle>,
    },
    Global {
        content: *mut wasm_valtype_t,
        mutability: wasm_mutability_t,
    },
    /// `full` is what the limits of the standard API cannot say; its element type is that of `element`.
    Table {
        element: *mut wasm_valtype_t,
        limits: wasm_limits_t,
        full: TableType,
    },
    Memory {
        limits: wasm_limits_t,
        full: MemoryType,
    },
    Tag {
        functype: *mut wasm_functype_t,
    },
}

impl ExternType {
    #[inline(never)]
    pub(crate) fn into_raw(self) -> *mut ExternType {
        Box::into_raw(Box::new(self))
    }

    /// The type behind any of the six names.
    pub(crate) unsafe fn of<'a, T>(ty: *const T) -> Result<&'a ExternType, Failure> {
        given(ty.cast::<ExternType>(), "the type")
    }

    pub(crate) fn kind(&self) -> wasm_externkind_t {
        match self {
            ExternType::Func { .. } => WASM_EXTERN_FUNC,
            ExternType::Global { .. } => WASM_EXTERN_GLOBAL,
            ExternType::Table { .. } => WASM_EXTERN_TABLE,
            ExternType::Memory { .. } => WASM_EXTERN_MEMORY,
            ExternType::Tag { .. } => WASM_EXTERN_TAG,
        }
    }

    /// The complaint about a type of the wrong kind.
    pub(crate) fn is_not(&self, wanted: &str) -> Failure {
        let found = match self {
            ExternType::Func { .. } => "a function type",
            ExternType::Global { .. } => "a global type",
            ExternType::Table { .. } => "a table type",
            ExternType::Memory { .. } => "a memory type",
            ExternType::Tag { .. } => "a tag type",
        };
        format!("{found} was passed instead of {wanted}").into()
    }

    unsafe fn duplicate(&self) -> Result<ExternType, Failure> {
        Ok(match self {
            ExternType::Func { params, results, exact } => {
                let mut copy =
                    ExternType::Func { params: vec::duplicate(params)?, results: vec::empty(), exact: exact.clone() };
                if let ExternType::Func { results: slot, .. } = &mut copy {
                    *slot = vec::duplicate(results)?;
                }
                copy
            }
            ExternType::Global { content, mutability } => {
                ExternType::Global { content: wasm_valtype_t::copy_of(*content), mutability: *mutability }
            }
            ExternType::Table { element, limits, full } => {
                ExternType::Table { element: wasm_valtype_t::copy_of(*element), limits: *limits, full: *full }
            }
            ExternType::Memory { limits, full } => ExternType::Memory { limits: *limits, full: *full },
            ExternType::Tag { functype } => ExternType::Tag { functype: wasm_functype_t::copy_of(*functype) },
        })
    }
}

// To and from the engine's types.
impl ExternType {
    /// The type of something that exists in an engine.
    pub(crate) fn from_engine(ty: &module::ExternType, registry: &Arc<TypeRegistry>) -> Result<ExternType, Failure> {
        Ok(match ty {
            module::ExternType::Func(id) => ExternType::from_func(registry.handle(*id))?,
            module::ExternType::Global(ty) => ExternType::Global {
                content: wasm_valtype_t::into_raw(ty.content, registry),
                mutability: ty.mutable as wasm_mutability_t,
            },
            module::ExternType::Table(ty) => ExternType::Table {
                element: wasm_valtype_t::into_raw(ValType::Ref(ty.element), registry),
                limits: limits(ty.minimum, ty.maximum),
                full: *ty,
            },
            module::ExternType::Memory(ty) => ExternType::Memory { limits: limits(ty.minimum, ty.maximum), full: *ty },
            module::ExternType::Tag(id) => {
                ExternType::Tag { functype: ExternType::from_func(registry.handle(*id))?.into_raw().cast() }
            }
        })
    }

    fn from_func(exact: TypeHandle) -> Result<ExternType, Failure> {
        let ty = exact.ty().clone();
        let func = ty.as_func().ok_or("not a function type")?;
        let registry = exact.registry().clone();
        let list = |types: &[ValType]| {
            vec::from_items(types.iter().map(|ty| wasm_valtype_t::into_raw(*ty, &registry)).collect())
        };
        let mut made = ExternType::Func { params: list(&func.params)?, results: vec::empty(), exact: Some(exact) };
        if let ExternType::Func { results, .. } = &mut made {
            *results = list(&func.results)?;
        }
        Ok(made)
    }

    /// The defined type that a function type means in an engine.
    pub(crate) unsafe fn func_in_engine(&self, registry: &Arc<TypeRegistry>) -> Result<TypeHandle, Failure> {
        match self {
            ExternType::Func { exact: Some(exact), .. } if Arc::ptr_eq(exact.registry(), registry) => Ok(exact.clone()),
            ExternType::Func { params, results, .. } => {
                let list = |types: &wasm_valtype_vec_t| {
                    vec::items(types).iter().map(|ty| given(*ty, "a value type")?.in_engine(registry)).collect()
                };
                let (params, results): (Result<Vec<_>, _>, Result<Vec<_>, Failure>) = (list(params), list(results));
                Ok(registry.intern_func(&FuncType::new(params?, results?)))
            }
            other => Err(other.is_not("a function type")),
        }
    }

    pub(crate) unsafe fn global_in_engine(&self, registry: &Arc<TypeRegistry>) -> Result<GlobalType, Failure> {
        match self {
            ExternType::Global { content, mutability } => {
                Ok(GlobalType { content: (**content).in_engine(registry)?, mutable: *mutability != 0 })
            }
            other => Err(other.is_not("a global type")),
        }
    }

    pub(crate) unsafe fn table_in_engine(&self, registry: &Arc<TypeRegistry>) -> Result<TableType, Failure> {
        match self {
            ExternType::Table { element, full, .. } => match (**element).in_engine(registry)? {
                ValType::Ref(element) => Ok(TableType { element, ..*full }),
                _ => Err("the elements of a table are references".into()),
            },
            other => Err(other.is_not("a table type")),
        }
    }

    pub(crate) fn memory_in_engine(&self) -> Result<MemoryType, Failure> {
        match self {
            ExternType::Memory { full, .. } => Ok(*full),
            other => Err(other.is_not("a memory type")),
        }
    }
}

/// Limits as the standard API can say them: what does not fit is as good as unlimited.
pub(crate) fn limits(minimum: u64, maximum: Option<u64>) -> wasm_limits_t {
    let fit = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    wasm_limits_t { min: fit(minimum), max: maximum.map_or(u32::MAX, fit) }
}

impl Owned for ExternType {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        attempt(|| match object.as_ref() {
            Some(ty) => Ok(ty.duplicate()?.into_raw()),
            None => Ok(std::ptr::null_mut()),
        })
    }
    unsafe fn delete(object: *mut Self) {
        if !object.is_null() {
            drop(Box::from_raw(object))
        }
    }
}

impl Drop for ExternType {
    fn drop(&mut self) {
        // SAFETY: the pointers inside are owned and die with this value.
        unsafe {
            match self {
                ExternType::Func { params, results, .. } => {
                    vec::discard(vec::take(params));
                    vec::discard(vec::take(results));
                }
                ExternType::Global { content, .. } => wasm_valtype_t::delete(*content),
                ExternType::Table { element, .. } => wasm_valtype_t::delete(*element),
                ExternType::Memory { .. } => {}
                ExternType::Tag { functype } => wasm_functype_t::delete(*functype),
            }
        }
    }
}

/// The same type under another name, if it is of that kind; null otherwise.
unsafe fn cast(ty: *const wasm_externtype_t, kind: wasm_externkind_t) -> *const ExternType {
    let ty = ty.cast::<ExternType>();
    match ty.as_ref() {
        Some(found) if found.kind() == kind => ty,
        Some(_) => {
            set_last_error("the type is of another kind");
            std::ptr::null()
        }
        None => std::ptr::null(),
    }
}

/// The type of something imported or exported: a function, global, table, memory or tag type.
pub struct wasm_externtype_t {
    _same: ExternType,
}

impl Owned for wasm_externtype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// External types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_externtype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_externtype_t,
}
vector!(wasm_externtype_vec_t, *mut wasm_externtype_t);

/// # External types
///
/// Deletes an external type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_delete(ty: *mut wasm_externtype_t) {
    guard(|| <wasm_externtype_t as Owned>::delete(ty))
}

/// A copy of an external type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_copy(ty: *const wasm_externtype_t) -> *mut wasm_externtype_t {
    guard(|| <wasm_externtype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_new_empty(out: *mut wasm_externtype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with external types it then owns. Fails (see Vectors)
/// if there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_new_uninitialized(out: *mut wasm_externtype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the external types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_new(
    out: *mut wasm_externtype_vec_t,
    size: usize,
    data: *const *mut wasm_externtype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its external types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_copy(
    out: *mut wasm_externtype_vec_t,
    source: *const wasm_externtype_vec_t,
) {
    vec_copy(out, source)
}

/// Deletes the array and the external types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_vec_delete(vec: *mut wasm_externtype_vec_t) {
    vec_delete(vec)
}

/// What the type is of, one of `wasm_externkind_enum`; 0 (`WASM_EXTERN_FUNC`) if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_kind(ty: *const wasm_externtype_t) -> wasm_externkind_t {
    attempt(|| Ok(ExternType::of(ty)?.kind()))
}

/// A function type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_as_externtype(ty: *mut wasm_functype_t) -> *mut wasm_externtype_t {
    ty.cast()
}

/// As `wasm_functype_as_externtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_functype_as_externtype_const(ty: *const wasm_functype_t) -> *const wasm_externtype_t {
    ty.cast()
}

/// The function type that an external type is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_functype(ty: *mut wasm_externtype_t) -> *mut wasm_functype_t {
    cast(ty, WASM_EXTERN_FUNC).cast_mut().cast()
}

/// As `wasm_externtype_as_functype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_functype_const(ty: *const wasm_externtype_t) -> *const wasm_functype_t {
    cast(ty, WASM_EXTERN_FUNC).cast()
}

/// A global type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_as_externtype(ty: *mut wasm_globaltype_t) -> *mut wasm_externtype_t {
    ty.cast()
}

/// As `wasm_globaltype_as_externtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_as_externtype_const(ty: *const wasm_globaltype_t) -> *const wasm_externtype_t {
    ty.cast()
}

/// The global type that an external type is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_globaltype(ty: *mut wasm_externtype_t) -> *mut wasm_globaltype_t {
    cast(ty, WASM_EXTERN_GLOBAL).cast_mut().cast()
}

/// As `wasm_externtype_as_globaltype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_globaltype_const(ty: *const wasm_externtype_t) -> *const wasm_globaltype_t {
    cast(ty, WASM_EXTERN_GLOBAL).cast()
}

/// A table type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_as_externtype(ty: *mut wasm_tabletype_t) -> *mut wasm_externtype_t {
    ty.cast()
}

/// As `wasm_tabletype_as_externtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_as_externtype_const(ty: *const wasm_tabletype_t) -> *const wasm_externtype_t {
    ty.cast()
}

/// The table type that an external type is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_tabletype(ty: *mut wasm_externtype_t) -> *mut wasm_tabletype_t {
    cast(ty, WASM_EXTERN_TABLE).cast_mut().cast()
}

/// As `wasm_externtype_as_tabletype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_tabletype_const(ty: *const wasm_externtype_t) -> *const wasm_tabletype_t {
    cast(ty, WASM_EXTERN_TABLE).cast()
}

/// A memory type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_as_externtype(ty: *mut wasm_memorytype_t) -> *mut wasm_externtype_t {
    ty.cast()
}

/// As `wasm_memorytype_as_externtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_as_externtype_const(ty: *const wasm_memorytype_t) -> *const wasm_externtype_t {
    ty.cast()
}

/// The memory type that an external type is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_memorytype(ty: *mut wasm_externtype_t) -> *mut wasm_memorytype_t {
    cast(ty, WASM_EXTERN_MEMORY).cast_mut().cast()
}

/// As `wasm_externtype_as_memorytype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_memorytype_const(ty: *const wasm_externtype_t) -> *const wasm_memorytype_t {
    cast(ty, WASM_EXTERN_MEMORY).cast()
}

/// A tag type as an external type. Borrowed: the same object, valid as long as `ty`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_as_externtype(ty: *mut wasm_tagtype_t) -> *mut wasm_externtype_t {
    ty.cast()
}

/// As `wasm_tagtype_as_externtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_as_externtype_const(ty: *const wasm_tagtype_t) -> *const wasm_externtype_t {
    ty.cast()
}

/// The tag type that an external type is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_tagtype(ty: *mut wasm_externtype_t) -> *mut wasm_tagtype_t {
    cast(ty, WASM_EXTERN_TAG).cast_mut().cast()
}

/// As `wasm_externtype_as_tagtype`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_externtype_as_tagtype_const(ty: *const wasm_externtype_t) -> *const wasm_tagtype_t {
    cast(ty, WASM_EXTERN_TAG).cast()
}
