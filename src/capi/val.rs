//! `wasm_val_t`: values that cross the border.
//!
//! Why: a tagged union with the standard's layout. A reference in a value is an owned `wasm_ref_t *`, NULL being null.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, guard};
use super::object;
use super::refs::wasm_ref_t;
use super::valtypes::{KIND_EXNREF, WASM_EXTERNREF, wasm_valkind_t};
use super::vec::{Element, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector};

/// A single precision number.
pub type float32_t = f32;

/// A double precision number.
pub type float64_t = f64;

/// What a value holds; its kind says which.
#[repr(C)]
#[derive(Clone, Copy)]
pub union wasm_val_of_t {
    pub i32: i32,
    pub i64: i64,
    pub f32: float32_t,
    pub f64: float64_t,
    /// Owned by the value; NULL is the null reference.
    pub r#ref: *mut wasm_ref_t,
}

/// A value.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasm_val_t {
    pub kind: wasm_valkind_t,
    pub of: wasm_val_of_t,
}

impl wasm_val_t {
    /// The reference in the value; null for numbers.
    #[inline]
    pub(crate) fn reference(&self) -> *mut wasm_ref_t {
        if is_reference(self.kind) {
            // SAFETY: reference kinds hold a pointer.
            unsafe { self.of.r#ref }
        } else {
            std::ptr::null_mut()
        }
    }
}

/// Whether values of the kind own a reference. What claims to be of no known kind owns nothing.
#[inline]
fn is_reference(kind: wasm_valkind_t) -> bool {
    (WASM_EXTERNREF..=KIND_EXNREF).contains(&kind)
}

impl Element for wasm_val_t {
    unsafe fn duplicate(self) -> wasm_val_t {
        let mut copy = self;
        if is_reference(self.kind) {
            copy.of.r#ref = object::copy(self.reference());
        }
        copy
    }
    unsafe fn discard(self) {
        object::delete(self.reference())
    }
}

/// # Values
///
/// Gives up the reference in `value`, if there is one, and makes it null. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_delete(value: *mut wasm_val_t) {
    guard(|| {
        if let Some(value) = value.as_mut() {
            let reference = value.reference();
            if !reference.is_null() {
                value.of.r#ref = std::ptr::null_mut();
                object::delete(reference);
            }
        }
    })
}

/// Copies `source` to `out`, which is written without being read; a reference gains an owner.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_copy(out: *mut wasm_val_t, source: *const wasm_val_t) {
    attempt(|| {
        let copy = given(source, "the value")?.duplicate();
        given(out, "out")?;
        out.write(copy);
        Ok(())
    })
}

/// Values: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_val_vec_t {
    pub size: usize,
    pub data: *mut wasm_val_t,
}
vector!(wasm_val_vec_t, wasm_val_t);

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_new_empty(out: *mut wasm_val_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` zeroed values in `out`. Fails (see Vectors) if there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_new_uninitialized(out: *mut wasm_val_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector with the `size` values at `data` in `out`: it copies the values and takes over the references in
/// them. Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_new(out: *mut wasm_val_vec_t, size: usize, data: *const wasm_val_t) {
    vec_new(out, size, data)
}

/// Copies `source` into `out`; every reference in it gains an owner.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_copy(out: *mut wasm_val_vec_t, source: *const wasm_val_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the references in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_val_vec_delete(vec: *mut wasm_val_vec_t) {
    vec_delete(vec)
}
