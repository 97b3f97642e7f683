//! `wasm_globaltype_t`, `wasm_tabletype_t`, `wasm_memorytype_t` and `wasm_tagtype_t`: the types of everything a module
//! can import or export besides functions.
//!
//! Why together: each is an [`ExternType`] behind a name of its own, with a constructor and one or two accessors.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, guard};
use super::externtypes::{ExternType, WASM_EXTERN_FUNC};
use super::valtypes::{WASM_EXTERNREF, wasm_functype_t, wasm_valtype_kind, wasm_valtype_t};
use super::vec::{Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector};
use crate::module::{MemoryType, RefType, TableType};

/// Whether a global can change: one of `wasm_mutability_enum`.
pub type wasm_mutability_t = u8;

/// Whether a global can change.
#[repr(C)]
pub enum wasm_mutability_enum {
    WASM_CONST = 0,
    WASM_VAR = 1,
}

/// How large a table (in elements) or memory (in pages) is at first and may become: `wasm_limits_max_default` as `max`
/// means that there is no maximum.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct wasm_limits_t {
    pub min: u32,
    pub max: u32,
}

impl wasm_limits_t {
    /// As the engine has them: the greatest maximum means none.
    fn wide(self) -> (u64, Option<u64>) {
        (self.min as u64, (self.max != u32::MAX).then_some(self.max as u64))
    }
}

/// The type of a global: what it holds, and whether it can change.
pub struct wasm_globaltype_t {
    _same: ExternType,
}

impl Owned for wasm_globaltype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// Global types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_globaltype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_globaltype_t,
}
vector!(wasm_globaltype_vec_t, *mut wasm_globaltype_t);

/// # Global types
///
/// Deletes a global type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_delete(ty: *mut wasm_globaltype_t) {
    guard(|| <wasm_globaltype_t as Owned>::delete(ty))
}

/// A copy of a global type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_copy(ty: *const wasm_globaltype_t) -> *mut wasm_globaltype_t {
    guard(|| <wasm_globaltype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_new_empty(out: *mut wasm_globaltype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with global types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_new_uninitialized(out: *mut wasm_globaltype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the global types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_new(
    out: *mut wasm_globaltype_vec_t,
    size: usize,
    data: *const *mut wasm_globaltype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its global types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_copy(
    out: *mut wasm_globaltype_vec_t,
    source: *const wasm_globaltype_vec_t,
) {
    vec_copy(out, source)
}

/// Deletes the array and the global types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_vec_delete(vec: *mut wasm_globaltype_vec_t) {
    vec_delete(vec)
}

/// A global type, owned by the caller. Takes over `content`. Returns NULL (and deletes `content`) if `content` is NULL
/// or `mutability` is not one of `wasm_mutability_enum`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_new(
    content: *mut wasm_valtype_t,
    mutability: wasm_mutability_t,
) -> *mut wasm_globaltype_t {
    attempt(|| {
        given(content, "the content type")?;
        let ty = ExternType::Global { content, mutability };
        if mutability > wasm_mutability_enum::WASM_VAR as u8 {
            return Err(format!("{mutability} is no mutability").into());
        }
        Ok(ty.into_raw().cast())
    })
}

/// The type of the content, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_content(ty: *const wasm_globaltype_t) -> *const wasm_valtype_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Global { content, .. } => Ok(content.cast_const()),
        other => Err(other.is_not("a global type")),
    })
}

/// Whether such a global can change; 0 (`WASM_CONST`) if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_globaltype_mutability(ty: *const wasm_globaltype_t) -> wasm_mutability_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Global { mutability, .. } => Ok(*mutability),
        other => Err(other.is_not("a global type")),
    })
}

/// The type of a table: its elements and its limits.
pub struct wasm_tabletype_t {
    _same: ExternType,
}

impl Owned for wasm_tabletype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// Table types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_tabletype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_tabletype_t,
}
vector!(wasm_tabletype_vec_t, *mut wasm_tabletype_t);

/// # Table types
///
/// Deletes a table type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_delete(ty: *mut wasm_tabletype_t) {
    guard(|| <wasm_tabletype_t as Owned>::delete(ty))
}

/// A copy of a table type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_copy(ty: *const wasm_tabletype_t) -> *mut wasm_tabletype_t {
    guard(|| <wasm_tabletype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_new_empty(out: *mut wasm_tabletype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with table types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_new_uninitialized(out: *mut wasm_tabletype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the table types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_new(
    out: *mut wasm_tabletype_vec_t,
    size: usize,
    data: *const *mut wasm_tabletype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its table types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_copy(out: *mut wasm_tabletype_vec_t, source: *const wasm_tabletype_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the table types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_vec_delete(vec: *mut wasm_tabletype_vec_t) {
    vec_delete(vec)
}

/// A table type, owned by the caller. Takes over `element`; reads `limits`. Returns NULL (and deletes `element`) if
/// either is NULL or `element` is not a reference type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_new(
    element: *mut wasm_valtype_t,
    limits: *const wasm_limits_t,
) -> *mut wasm_tabletype_t {
    attempt(|| {
        given(element, "the element type")?;
        let read = given(limits, "limits").copied();
        let limits = *read.as_ref().unwrap_or(&wasm_limits_t { min: 0, max: 0 });
        let (minimum, maximum) = limits.wide();
        let full = TableType { element: RefType::FUNCREF, minimum, maximum, is64: false };
        let ty = ExternType::Table { element, limits, full };
        read?;
        if wasm_valtype_kind(element) < WASM_EXTERNREF {
            return Err("the elements of a table are references".into());
        }
        Ok(ty.into_raw().cast())
    })
}

/// The type of the elements, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_element(ty: *const wasm_tabletype_t) -> *const wasm_valtype_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Table { element, .. } => Ok(element.cast_const()),
        other => Err(other.is_not("a table type")),
    })
}

/// The limits in elements, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tabletype_limits(ty: *const wasm_tabletype_t) -> *const wasm_limits_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Table { limits, .. } => Ok(limits as *const _),
        other => Err(other.is_not("a table type")),
    })
}

/// The type of a memory: its limits.
pub struct wasm_memorytype_t {
    _same: ExternType,
}

impl Owned for wasm_memorytype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// Memory types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_memorytype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_memorytype_t,
}
vector!(wasm_memorytype_vec_t, *mut wasm_memorytype_t);

/// # Memory types
///
/// Deletes a memory type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_delete(ty: *mut wasm_memorytype_t) {
    guard(|| <wasm_memorytype_t as Owned>::delete(ty))
}

/// A copy of a memory type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_copy(ty: *const wasm_memorytype_t) -> *mut wasm_memorytype_t {
    guard(|| <wasm_memorytype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_new_empty(out: *mut wasm_memorytype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with memory types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_new_uninitialized(out: *mut wasm_memorytype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the memory types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_new(
    out: *mut wasm_memorytype_vec_t,
    size: usize,
    data: *const *mut wasm_memorytype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its memory types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_copy(
    out: *mut wasm_memorytype_vec_t,
    source: *const wasm_memorytype_vec_t,
) {
    vec_copy(out, source)
}

/// Deletes the array and the memory types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_vec_delete(vec: *mut wasm_memorytype_vec_t) {
    vec_delete(vec)
}

/// A memory type, owned by the caller. Reads `limits`, in pages of `MEMORY_PAGE_SIZE`; NULL if `limits` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_new(limits: *const wasm_limits_t) -> *mut wasm_memorytype_t {
    attempt(|| {
        let limits = *given(limits, "limits")?;
        let (minimum, maximum) = limits.wide();
        let full = MemoryType { minimum, maximum, is64: false, shared: false, page_log2: 16 };
        Ok(ExternType::Memory { limits, full }.into_raw().cast())
    })
}

/// The limits in pages, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_memorytype_limits(ty: *const wasm_memorytype_t) -> *const wasm_limits_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Memory { limits, .. } => Ok(limits as *const _),
        other => Err(other.is_not("a memory type")),
    })
}

/// The type of an exception tag: a function type whose parameters are what the exception carries.
pub struct wasm_tagtype_t {
    _same: ExternType,
}

impl Owned for wasm_tagtype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        ExternType::copy_of(object.cast()).cast()
    }
    unsafe fn delete(object: *mut Self) {
        ExternType::delete(object.cast())
    }
}

/// Tag types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_tagtype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_tagtype_t,
}
vector!(wasm_tagtype_vec_t, *mut wasm_tagtype_t);

/// # Tag types
///
/// Deletes a tag type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_delete(ty: *mut wasm_tagtype_t) {
    guard(|| <wasm_tagtype_t as Owned>::delete(ty))
}

/// A copy of a tag type, owned by the caller; NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_copy(ty: *const wasm_tagtype_t) -> *mut wasm_tagtype_t {
    guard(|| <wasm_tagtype_t as Owned>::copy_of(ty))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_new_empty(out: *mut wasm_tagtype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with tag types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_new_uninitialized(out: *mut wasm_tagtype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the tag types behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_new(
    out: *mut wasm_tagtype_vec_t,
    size: usize,
    data: *const *mut wasm_tagtype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its tag types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_copy(out: *mut wasm_tagtype_vec_t, source: *const wasm_tagtype_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the tag types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_vec_delete(vec: *mut wasm_tagtype_vec_t) {
    vec_delete(vec)
}

/// A tag type, owned by the caller. Takes over `functype`; NULL if that is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_new(functype: *mut wasm_functype_t) -> *mut wasm_tagtype_t {
    attempt(|| {
        let func = ExternType::of(functype)?;
        if func.kind() != WASM_EXTERN_FUNC {
            let reason = func.is_not("a function type");
            wasm_functype_t::delete(functype);
            return Err(reason);
        }
        Ok(ExternType::Tag { functype }.into_raw().cast())
    })
}

/// The function type, borrowed: valid as long as `ty`. NULL if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_tagtype_functype(ty: *const wasm_tagtype_t) -> *const wasm_functype_t {
    attempt(|| match ExternType::of(ty)? {
        ExternType::Tag { functype } => Ok(functype.cast_const()),
        other => Err(other.is_not("a tag type")),
    })
}
