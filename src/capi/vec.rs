//! Vectors: the `{size, data}` pairs that C and the library pass back and forth.
//!
//! Why this shape: the layout is the standard's. The five functions of each of the thirteen families are written out
//! next to their element type (cbindgen does not expand macros, and names should be greppable); the work is here, once,
//! over the [`Element`] trait, and as far as it goes not even once for each family: all have one layout, so it is done on bytes,
//! with the size of an element and what copies or deletes one.
//!
//! Invariants: `data` comes from `malloc` (so arrays that a host allocated itself may be deleted here, and a changed
//! `size` cannot corrupt the heap) and is null when `size` is 0; fresh elements are zero, which every family's delete
//! accepts, so a vector that was only partly filled can be deleted.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, guard, has_room, tell};
use super::heap;
use std::ffi::c_char;

/// A byte as C programs see it.
pub type byte_t = c_char;

/// The element of a byte vector.
pub type wasm_byte_t = byte_t;

/// What a vector can hold.
pub(crate) trait Element: Copy {
    /// Whether elements own nothing and are copied as bytes.
    const PLAIN: bool = false;
    /// Another owner of the same content.
    unsafe fn duplicate(self) -> Self;
    /// Gives up what the element owns; zeroed elements own nothing.
    unsafe fn discard(self);
}

impl Element for c_char {
    const PLAIN: bool = true;
    unsafe fn duplicate(self) -> c_char {
        self
    }
    unsafe fn discard(self) {}
}

/// A type whose pointers are vector elements.
pub(crate) trait Owned {
    unsafe fn copy_of(object: *const Self) -> *mut Self;
    unsafe fn delete(object: *mut Self);
}

impl<T: Owned> Element for *mut T {
    unsafe fn duplicate(self) -> *mut T {
        if self.is_null() { self } else { T::copy_of(self) }
    }
    unsafe fn discard(self) {
        if !self.is_null() {
            T::delete(self)
        }
    }
}

/// The layout all families share.
pub(crate) trait Vector {
    type Item: Element;
    fn parts(&self) -> (usize, *mut Self::Item);
    fn from_parts(size: usize, data: *mut Self::Item) -> Self;
}

/// Declares the trait for a family whose struct is written out beside it.
macro_rules! vector {
    ($vec:ty, $item:ty) => {
        const _: () =
            assert!(std::mem::offset_of!($vec, size) == 0 && std::mem::offset_of!($vec, data) == size_of::<usize>());
        impl $crate::capi::vec::Vector for $vec {
            type Item = $item;
            #[inline]
            fn parts(&self) -> (usize, *mut $item) {
                (self.size, self.data)
            }
            #[inline]
            fn from_parts(size: usize, data: *mut $item) -> $vec {
                Self { size, data }
            }
        }
    };
}
pub(crate) use vector;

/// A vector of nothing.
pub(crate) fn empty<V: Vector>() -> V {
    V::from_parts(0, std::ptr::null_mut())
}

/// How one element is copied to where there is room for it; none for plain bytes.
type Duplicate = Option<unsafe fn(*const c_char, *mut c_char)>;
/// How one element is deleted; none for plain bytes.
type Discard = Option<unsafe fn(*mut c_char)>;

fn duplicate_of<I: Element>() -> Duplicate {
    unsafe fn one<I: Element>(from: *const c_char, to: *mut c_char) {
        to.cast::<I>().write(from.cast::<I>().read().duplicate())
    }
    if I::PLAIN { None } else { Some(one::<I>) }
}

fn discard_of<I: Element>() -> Discard {
    unsafe fn one<I: Element>(item: *mut c_char) {
        item.cast::<I>().read().discard()
    }
    if I::PLAIN { None } else { Some(one::<I>) }
}

/// Zeroed room for `size` elements.
fn allocate<T>(size: usize) -> Result<*mut T, Failure> {
    const { assert!(align_of::<T>() <= 16) };
    Ok(room_for(size, size_of::<T>())?.cast())
}

/// Zeroed room for `size` elements of `each` bytes, aligned to 16.
#[inline(never)]
fn room_for(size: usize, each: usize) -> Result<*mut c_char, Failure> {
    if size == 0 {
        return Ok(std::ptr::null_mut());
    }
    let fits = size.checked_mul(each).is_some_and(|bytes| bytes <= isize::MAX as usize);
    if !fits {
        return Err(format!("a vector of {size} elements exceeds the address space").into());
    }
    let data = heap::zeroed(size, each).cast::<c_char>();
    if data.is_null() {
        return Err(format!("out of memory for a vector of {size} elements").into());
    }
    Ok(data)
}

/// A vector that takes over `items`.
pub(crate) fn from_items<V: Vector>(items: Vec<V::Item>) -> Result<V, Failure> {
    match allocate::<V::Item>(items.len()) {
        Ok(data) => {
            // SAFETY: `data` has room for exactly these elements; nothing is copied when there are none.
            unsafe {
                std::ptr::copy_nonoverlapping(items.as_ptr(), data, if data.is_null() { 0 } else { items.len() })
            };
            Ok(V::from_parts(items.len(), data))
        }
        Err(reason) => {
            for item in items {
                // SAFETY: the elements were ours to pass on.
                unsafe { item.discard() };
            }
            Err(reason)
        }
    }
}

/// A byte vector with a copy of `bytes`.
#[inline(never)]
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<wasm_byte_vec_t, Failure> {
    let data = allocate::<c_char>(bytes.len())?;
    if !data.is_null() {
        // SAFETY: `data` has room for exactly these bytes.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), data, bytes.len()) };
    }
    Ok(wasm_byte_vec_t { size: bytes.len(), data })
}

/// The elements; empty for a vector without data.
pub(crate) unsafe fn items<'a, V: Vector>(vec: &V) -> &'a [V::Item] {
    let (size, data) = vec.parts();
    if data.is_null() || size == 0 { &[] } else { std::slice::from_raw_parts(data, size) }
}

/// The bytes of a byte vector.
pub(crate) unsafe fn bytes<'a>(vec: &wasm_byte_vec_t) -> &'a [u8] {
    if vec.data.is_null() || vec.size == 0 { &[] } else { std::slice::from_raw_parts(vec.data.cast(), vec.size) }
}

/// Moves the content out of a vector the caller gives away, leaving it empty, so that deleting it again is harmless.
pub(crate) unsafe fn take<V: Vector>(vec: *mut V) -> V {
    if vec.is_null() { empty() } else { vec.replace(empty()) }
}

/// Deletes the elements and the array.
pub(crate) unsafe fn discard<V: Vector>(vec: V) {
    let (size, data) = vec.parts();
    discard_any(size, data.cast(), size_of::<V::Item>(), discard_of::<V::Item>());
}

#[inline(never)]
unsafe fn discard_any(size: usize, data: *mut c_char, each: usize, one: Discard) {
    if !data.is_null() {
        if let Some(one) = one {
            (0..size).for_each(|i| one(data.add(i * each)));
        }
        heap::release(data.cast());
    }
}

/// A deep copy.
pub(crate) unsafe fn duplicate<V: Vector>(vec: &V) -> Result<V, Failure> {
    let (size, data) = vec.parts();
    let copy = duplicate_any(size, data.cast(), size_of::<V::Item>(), duplicate_of::<V::Item>())?;
    Ok(V::from_parts(copy.size, copy.data.cast()))
}

#[inline(never)]
unsafe fn duplicate_any(
    size: usize,
    data: *const c_char,
    each: usize,
    one: Duplicate,
) -> Result<wasm_byte_vec_t, Failure> {
    if data.is_null() || size == 0 {
        return Ok(empty());
    }
    let copy = room_for(size, each)?;
    match one {
        Some(one) => (0..size).for_each(|i| one(data.add(i * each), copy.add(i * each))),
        None => std::ptr::copy_nonoverlapping(data, copy, size * each),
    }
    Ok(wasm_byte_vec_t { size, data: copy })
}

/// Writes a result, or an empty vector and the reason, to an `out` parameter.
pub(crate) unsafe fn put<V: Vector>(out: *mut V, made: impl FnOnce() -> Result<V, Failure>) {
    tell(|| {
        if out.is_null() {
            return Err("out is NULL".into());
        }
        out.write(empty());
        has_room(0)?;
        out.write(made()?);
        Ok(())
    })
}

// The bodies of exported functions, whole with their wrappers. To them every vector is one of bytes.

/// `wasm_*_vec_new_empty`.
pub(crate) unsafe fn vec_new_empty<V: Vector>(out: *mut V) {
    #[inline(never)]
    unsafe fn any(out: *mut wasm_byte_vec_t) {
        put(out, || Ok(empty()))
    }
    any(out.cast())
}

/// `wasm_*_vec_new_uninitialized`.
pub(crate) unsafe fn vec_new_uninitialized<V: Vector>(out: *mut V, size: usize) {
    #[inline(never)]
    unsafe fn any(out: *mut wasm_byte_vec_t, size: usize, each: usize) {
        put(out, || Ok(wasm_byte_vec_t { size, data: room_for(size, each)? }))
    }
    any(out.cast(), size, size_of::<V::Item>())
}

/// `wasm_*_vec_new`.
pub(crate) unsafe fn vec_new<V: Vector>(out: *mut V, size: usize, data: *const V::Item) {
    #[inline(never)]
    unsafe fn any(out: *mut wasm_byte_vec_t, size: usize, data: *const c_char, each: usize) {
        put(out, || {
            if data.is_null() && size != 0 {
                return Err("data is NULL".into());
            }
            let room = room_for(size, each)?;
            if !room.is_null() {
                std::ptr::copy_nonoverlapping(data, room, size * each);
            }
            Ok(wasm_byte_vec_t { size, data: room })
        })
    }
    any(out.cast(), size, data.cast(), size_of::<V::Item>())
}

/// `wasm_*_vec_copy`.
pub(crate) unsafe fn vec_copy<V: Vector>(out: *mut V, source: *const V) {
    #[inline(never)]
    unsafe fn any(out: *mut wasm_byte_vec_t, source: *const wasm_byte_vec_t, each: usize, one: Duplicate) {
        put(out, || match source.as_ref() {
            Some(source) => duplicate_any(source.size, source.data, each, one),
            None => Err("the vector to copy is NULL".into()),
        })
    }
    any(out.cast(), source.cast(), size_of::<V::Item>(), duplicate_of::<V::Item>())
}

/// `wasm_*_vec_delete`.
pub(crate) unsafe fn vec_delete<V: Vector>(vec: *mut V) {
    #[inline(never)]
    unsafe fn any(vec: *mut wasm_byte_vec_t, each: usize, one: Discard) {
        guard(|| {
            let wasm_byte_vec_t { size, data } = take(vec);
            discard_any(size, data, each, one)
        })
    }
    any(vec.cast(), size_of::<V::Item>(), discard_of::<V::Item>())
}

/// Bytes: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_byte_vec_t {
    pub size: usize,
    pub data: *mut wasm_byte_t,
}
vector!(wasm_byte_vec_t, wasm_byte_t);

/// A name: UTF-8 in a byte vector, without a terminating NUL.
pub type wasm_name_t = wasm_byte_vec_t;

/// # Byte vectors
///
/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_new_empty(out: *mut wasm_byte_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` zeroed bytes in `out`. Fails (see Vectors) if there is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_new_uninitialized(out: *mut wasm_byte_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector with a copy of the `size` bytes at `data` in `out`. Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_new(out: *mut wasm_byte_vec_t, size: usize, data: *const wasm_byte_t) {
    vec_new(out, size, data)
}

/// Copies `source` into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_copy(out: *mut wasm_byte_vec_t, source: *const wasm_byte_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_byte_vec_delete(vec: *mut wasm_byte_vec_t) {
    vec_delete(vec)
}
