//! `wasm_importtype_t` and `wasm_exporttype_t`: what a module asks for and what it offers, with names.
//!
//! Invariants: names and types inside are owned and lent out by the accessors.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, guard};
use super::externtypes::wasm_externtype_t;
use super::vec::{
    self, Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector, wasm_name_t,
};

/// An import of a module: the module and the name it is asked from, and its type.
pub struct wasm_importtype_t {
    module: wasm_name_t,
    name: wasm_name_t,
    ty: *mut wasm_externtype_t,
}

/// An export of a module: its name and its type.
pub struct wasm_exporttype_t {
    name: wasm_name_t,
    ty: *mut wasm_externtype_t,
}

impl wasm_importtype_t {
    /// Takes over all three.
    pub(crate) fn into_raw(
        module: wasm_name_t,
        name: wasm_name_t,
        ty: *mut wasm_externtype_t,
    ) -> *mut wasm_importtype_t {
        Box::into_raw(Box::new(wasm_importtype_t { module, name, ty }))
    }
}

impl wasm_exporttype_t {
    /// Takes over both.
    pub(crate) fn into_raw(name: wasm_name_t, ty: *mut wasm_externtype_t) -> *mut wasm_exporttype_t {
        Box::into_raw(Box::new(wasm_exporttype_t { name, ty }))
    }
}

impl Drop for wasm_importtype_t {
    fn drop(&mut self) {
        // SAFETY: the names and the type are owned.
        unsafe {
            vec::discard(vec::take(&mut self.module));
            vec::discard(vec::take(&mut self.name));
            wasm_externtype_t::delete(self.ty);
        }
    }
}

impl Drop for wasm_exporttype_t {
    fn drop(&mut self) {
        // SAFETY: the name and the type are owned.
        unsafe {
            vec::discard(vec::take(&mut self.name));
            wasm_externtype_t::delete(self.ty);
        }
    }
}

impl Owned for wasm_importtype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        attempt(|| match object.as_ref() {
            Some(from) => {
                let ty = wasm_externtype_t::copy_of(from.ty);
                let mut copy = Box::new(wasm_importtype_t { module: vec::empty(), name: vec::empty(), ty });
                copy.module = vec::duplicate(&from.module)?;
                copy.name = vec::duplicate(&from.name)?;
                Ok(Box::into_raw(copy))
            }
            None => Ok(std::ptr::null_mut()),
        })
    }
    unsafe fn delete(object: *mut Self) {
        if !object.is_null() {
            drop(Box::from_raw(object))
        }
    }
}

impl Owned for wasm_exporttype_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        attempt(|| match object.as_ref() {
            Some(from) => {
                let ty = wasm_externtype_t::copy_of(from.ty);
                let mut copy = Box::new(wasm_exporttype_t { name: vec::empty(), ty });
                copy.name = vec::duplicate(&from.name)?;
                Ok(Box::into_raw(copy))
            }
            None => Ok(std::ptr::null_mut()),
        })
    }
    unsafe fn delete(object: *mut Self) {
        if !object.is_null() {
            drop(Box::from_raw(object))
        }
    }
}

/// Import types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_importtype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_importtype_t,
}
vector!(wasm_importtype_vec_t, *mut wasm_importtype_t);

/// # Import types
///
/// Deletes an import type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_delete(import: *mut wasm_importtype_t) {
    guard(|| <wasm_importtype_t as Owned>::delete(import))
}

/// A copy of an import type, owned by the caller; NULL if `import` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_copy(import: *const wasm_importtype_t) -> *mut wasm_importtype_t {
    guard(|| <wasm_importtype_t as Owned>::copy_of(import))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_new_empty(out: *mut wasm_importtype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with import types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_new_uninitialized(out: *mut wasm_importtype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the import types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_new(
    out: *mut wasm_importtype_vec_t,
    size: usize,
    data: *const *mut wasm_importtype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its import types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_copy(
    out: *mut wasm_importtype_vec_t,
    source: *const wasm_importtype_vec_t,
) {
    vec_copy(out, source)
}

/// Deletes the array and the import types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_vec_delete(vec: *mut wasm_importtype_vec_t) {
    vec_delete(vec)
}

/// An import type, owned by the caller. Takes over all three arguments and leaves the names empty; a NULL name is the
/// empty name. Returns NULL (and deletes the names) if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_new(
    module: *mut wasm_name_t,
    name: *mut wasm_name_t,
    ty: *mut wasm_externtype_t,
) -> *mut wasm_importtype_t {
    attempt(|| {
        let import = Box::new(wasm_importtype_t { module: vec::take(module), name: vec::take(name), ty });
        given(ty, "the type")?;
        Ok(Box::into_raw(import))
    })
}

/// The module the import is asked from, borrowed: valid as long as `import`. NULL if `import` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_module(import: *const wasm_importtype_t) -> *const wasm_name_t {
    attempt(|| Ok(&raw const given(import, "the import type")?.module))
}

/// The name of the import, borrowed: valid as long as `import`. NULL if `import` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_name(import: *const wasm_importtype_t) -> *const wasm_name_t {
    attempt(|| Ok(&raw const given(import, "the import type")?.name))
}

/// The type of the import, borrowed: valid as long as `import`. NULL if `import` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_importtype_type(import: *const wasm_importtype_t) -> *const wasm_externtype_t {
    attempt(|| Ok(given(import, "the import type")?.ty.cast_const()))
}

/// Export types: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_exporttype_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_exporttype_t,
}
vector!(wasm_exporttype_vec_t, *mut wasm_exporttype_t);

/// # Export types
///
/// Deletes an export type. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_delete(export: *mut wasm_exporttype_t) {
    guard(|| <wasm_exporttype_t as Owned>::delete(export))
}

/// A copy of an export type, owned by the caller; NULL if `export` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_copy(export: *const wasm_exporttype_t) -> *mut wasm_exporttype_t {
    guard(|| <wasm_exporttype_t as Owned>::copy_of(export))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_new_empty(out: *mut wasm_exporttype_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with export types it then owns. Fails (see Vectors) if
/// there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_new_uninitialized(out: *mut wasm_exporttype_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the export types
/// behind them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_new(
    out: *mut wasm_exporttype_vec_t,
    size: usize,
    data: *const *mut wasm_exporttype_t,
) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its export types into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_copy(
    out: *mut wasm_exporttype_vec_t,
    source: *const wasm_exporttype_vec_t,
) {
    vec_copy(out, source)
}

/// Deletes the array and the export types in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_vec_delete(vec: *mut wasm_exporttype_vec_t) {
    vec_delete(vec)
}

/// An export type, owned by the caller. Takes over both arguments and leaves the name empty; a NULL name is the empty
/// name. Returns NULL (and deletes the name) if `ty` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_new(
    name: *mut wasm_name_t,
    ty: *mut wasm_externtype_t,
) -> *mut wasm_exporttype_t {
    attempt(|| {
        let export = Box::new(wasm_exporttype_t { name: vec::take(name), ty });
        given(ty, "the type")?;
        Ok(Box::into_raw(export))
    })
}

/// The name of the export, borrowed: valid as long as `export`. NULL if `export` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_name(export: *const wasm_exporttype_t) -> *const wasm_name_t {
    attempt(|| Ok(&raw const given(export, "the export type")?.name))
}

/// The type of the export, borrowed: valid as long as `export`. NULL if `export` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_exporttype_type(export: *const wasm_exporttype_t) -> *const wasm_externtype_t {
    attempt(|| Ok(given(export, "the export type")?.ty.cast_const()))
}
