//! Handles as C sees them, and what all kinds of objects have in common.
//!
//! Why a handle is the object's address: the runtime counts handles in the object itself, so `wasm_func_t *`,
//! `wasm_extern_t *` and `wasm_ref_t *` to one function are one pointer. A copy is an increment, a cast is a check of
//! the kind, identity is equality, and a borrowed reference costs nothing.
//!
//! Invariants: each owned pointer on the C side stands for one count of its object; a pointer whose kind is wrong for
//! its C type (a host that cast it by force) is refused.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, guard, refuse};
use crate::runtime::{self, ObjHeader, ObjKind, Ref};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

/// A finalizer as C passes it.
pub(crate) type Finalizer = Option<unsafe extern "C" fn(*mut c_void)>;

/// A C type that stands for objects of certain kinds.
pub(crate) trait Object: Sized {
    /// What messages call it.
    const NAME: &'static str;
    /// The runtime's name for a handle to it.
    type View;
    /// The kinds, as bits.
    const KINDS: u32;
    fn view(handle: Ref) -> Result<Self::View, Ref>;
    fn handle(view: Self::View) -> Ref;
}

/// Declares the C type of a kind of object.
macro_rules! object {
    ($c:ident, $name:literal, $view:ident, $($kind:ident)|+) => {
        impl Object for super::$c {
            const NAME: &'static str = $name;
            type View = runtime::$view;
            const KINDS: u32 = $(1 << ObjKind::$kind as u32)|+;
            #[inline]
            fn view(handle: Ref) -> Result<runtime::$view, Ref> {
                runtime::$view::from_ref(handle)
            }
            #[inline]
            fn handle(view: runtime::$view) -> Ref {
                view.into_ref()
            }
        }
    };
}
object!(wasm_func_t, "function", Func, Func);
object!(wasm_global_t, "global", Global, Global);
object!(wasm_table_t, "table", Table, Table);
object!(wasm_memory_t, "memory", Memory, Memory);
object!(wasm_extern_t, "external", Extern, Func | Global | Table | Memory | Tag);
object!(wasm_instance_t, "instance", Instance, Instance);
object!(wasm_module_t, "module", Module, Module);
object!(wasm_foreign_t, "foreign object", Foreign, Foreign);
object!(wasm_trap_t, "trap", Trap, Trap);
object!(wasmx_tag_t, "tag", Tag, Tag);

impl Object for super::wasm_ref_t {
    const NAME: &'static str = "reference";
    type View = Ref;
    const KINDS: u32 = u32::MAX;
    #[inline]
    fn view(handle: Ref) -> Result<Ref, Ref> {
        Ok(handle)
    }
    #[inline]
    fn handle(view: Ref) -> Ref {
        view
    }
}

/// The header behind a C pointer, if it is there and its kind is right.
#[inline]
pub(crate) unsafe fn header<T: Object>(object: *const T) -> Result<NonNull<ObjHeader>, Failure> {
    peek(object).ok_or_else(|| misfit(object.is_null(), T::NAME))
}

/// As [`header`], for callers that leave it to others to tell what is wrong.
#[inline(always)]
pub(crate) unsafe fn peek<T: Object>(object: *const T) -> Option<NonNull<ObjHeader>> {
    NonNull::new(object.cast_mut().cast::<ObjHeader>()).filter(|header| admits(T::KINDS, *header))
}

#[inline(always)]
unsafe fn admits(kinds: u32, header: NonNull<ObjHeader>) -> bool {
    kinds >> header.as_ref().kind as u32 & 1 != 0
}

#[cold]
#[inline(never)]
fn misfit(is_null: bool, name: &str) -> Failure {
    if is_null { format!("the {name} is NULL").into() } else { format!("the object is not a {name}").into() }
}

/// The runtime's handle for the duration of a call: the count stays with the C side.
#[inline]
pub(crate) unsafe fn borrow<T: Object>(object: *const T) -> Result<ManuallyDrop<T::View>, Failure> {
    match T::view(Ref::from_raw(header(object)?)) {
        Ok(view) => Ok(ManuallyDrop::new(view)),
        Err(other) => {
            std::mem::forget(other);
            Err(misfit(false, T::NAME))
        }
    }
}

/// Passes a handle to C.
#[inline]
pub(crate) fn give<T: Object>(view: T::View) -> *mut T {
    T::handle(view).into_raw().as_ptr().cast()
}

// What follows are bodies of exported functions, whole with their wrappers: one function for all types of handles each.

/// `wasm_*_delete`.
pub(crate) unsafe fn delete<T: Object>(object: *mut T) {
    #[inline(never)]
    unsafe fn any(object: *mut ObjHeader) {
        guard(|| NonNull::new(object).map(|header| Ref::from_raw(header)).map_or((), drop))
    }
    any(object.cast())
}

/// `wasm_*_copy`.
pub(crate) unsafe fn copy<T: Object>(object: *const T) -> *mut T {
    #[inline(never)]
    unsafe fn any(object: *mut ObjHeader) -> *mut ObjHeader {
        guard(|| match NonNull::new(object) {
            Some(header) => Ref::new(header).into_raw().as_ptr(),
            None => std::ptr::null_mut(),
        })
    }
    any(object.cast_mut().cast()).cast()
}

/// `wasm_*_same`. A value of the guest's heap has one box at a time.
pub(crate) fn same<T: Object>(a: *const T, b: *const T) -> bool {
    !a.is_null() && a == b
}

/// `wasm_*_get_host_info`.
pub(crate) unsafe fn host_info<T: Object>(object: *const T) -> *mut c_void {
    #[inline(never)]
    unsafe fn any(object: *mut ObjHeader, kinds: u32, name: &str) -> *mut c_void {
        guard(|| match with_kind(object, kinds, name) {
            Some(header) => ManuallyDrop::new(Ref::from_raw(header)).host_info(),
            None => std::ptr::null_mut(),
        })
    }
    any(object.cast_mut().cast(), T::KINDS, T::NAME)
}

/// `wasm_*_set_host_info` and `..._with_finalizer`.
pub(crate) unsafe fn set_host_info<T: Object>(object: *mut T, info: *mut c_void, finalizer: Finalizer) {
    #[inline(never)]
    unsafe fn any(object: *mut ObjHeader, kinds: u32, name: &str, info: *mut c_void, finalizer: Finalizer) {
        guard(|| {
            if let Some(header) = with_kind(object, kinds, name) {
                ManuallyDrop::new(Ref::from_raw(header)).set_host_info(info, finalizer)
            }
        })
    }
    any(object.cast(), T::KINDS, T::NAME, info, finalizer)
}

/// `wasm_ref_as_*` and its like: the same pointer if the kind is right.
pub(crate) unsafe fn cast<A: Object, B: Object>(object: *mut A) -> *mut B {
    cast_const::<A, B>(object.cast_const()).cast_mut()
}

/// As [`cast`].
pub(crate) unsafe fn cast_const<A: Object, B: Object>(object: *const A) -> *const B {
    #[inline(never)]
    unsafe fn any(object: *mut ObjHeader, kinds: u32, name: &str) -> *const ObjHeader {
        guard(|| match object.is_null() {
            true => std::ptr::null(),
            false => with_kind(object, kinds, name).map_or(std::ptr::null(), |_| object),
        })
    }
    any(object.cast_mut().cast(), B::KINDS, B::NAME).cast()
}

/// The object if it is of such a kind; otherwise the reason is recorded.
unsafe fn with_kind(object: *mut ObjHeader, kinds: u32, name: &str) -> Option<NonNull<ObjHeader>> {
    let header = NonNull::new(object).filter(|header| admits(kinds, *header));
    if header.is_none() {
        refuse(misfit(object.is_null(), name));
    }
    header
}
