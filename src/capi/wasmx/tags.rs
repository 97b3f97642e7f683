//! Tags and exceptions: made by the host, thrown from its callbacks, and found in traps.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::raw::{checked, from_val, wasmx_raw_t};
use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::engine::wasm_store_t;
use crate::capi::externs::wasm_extern_t;
use crate::capi::externtypes::ExternType;
use crate::capi::object;
use crate::capi::objtypes::wasm_tagtype_t;
use crate::capi::refs::wasm_ref_t;
use crate::capi::traps::wasm_trap_t;
use crate::module;
use crate::runtime::{AnyRef, HeapRef, ObjectKind, Tag, Trap};

/// An exception tag.
pub struct wasmx_tag_t {
    _opaque: [u8; 0],
}

/// The exception behind a reference.
unsafe fn exception(reference: *const wasm_ref_t) -> Result<HeapRef, Failure> {
    let reference = object::borrow(reference)?;
    match AnyRef::from_object(std::mem::ManuallyDrop::into_inner(reference.clone())) {
        AnyRef::Heap(object) if object.kind() == ObjectKind::Exception => Ok(object),
        _ => Err("the reference is not to an exception".into()),
    }
}

/// # Tags
///
/// A new tag, different from all others, owned by the caller. Reads `ty`. NULL if an argument is NULL, or the function
/// type has results or belongs to another engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_new(store: *mut wasm_store_t, ty: *const wasm_tagtype_t) -> *mut wasmx_tag_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let ty = match ExternType::of(ty)? {
            ExternType::Tag { functype } => ExternType::of(*functype)?.func_in_engine(store.engine().types())?,
            other => return Err(other.is_not("a tag type")),
        };
        Ok(object::give(Tag::with_type(store, ty).map_err(|e| e.to_string())?))
    })
}

/// Gives up one ownership of a tag. NULL is ignored. The tag itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_delete(tag: *mut wasmx_tag_t) {
    object::delete(tag)
}

/// One more owner of the same tag; NULL if `tag` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_copy(tag: *const wasmx_tag_t) -> *mut wasmx_tag_t {
    object::copy(tag)
}

/// Whether both are the same tag. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_same(a: *const wasmx_tag_t, b: *const wasmx_tag_t) -> bool {
    object::same(a, b)
}

/// The type of the tag, owned by the caller; NULL if `tag` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_type(tag: *const wasmx_tag_t) -> *mut wasm_tagtype_t {
    attempt(|| {
        let tag = object::borrow(tag)?;
        let ty = module::ExternType::Tag(tag.type_id());
        Ok(ExternType::from_engine(&ty, tag.store().engine().types())?.into_raw().cast())
    })
}

/// A tag as an external. Borrowed: valid as long as `tag`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_as_extern(tag: *mut wasmx_tag_t) -> *mut wasm_extern_t {
    tag.cast()
}

/// As `wasmx_tag_as_extern`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_tag_as_extern_const(tag: *const wasmx_tag_t) -> *const wasm_extern_t {
    tag.cast()
}

/// The tag that an external is, borrowed; NULL if it is another kind or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_extern_as_tag(external: *mut wasm_extern_t) -> *mut wasmx_tag_t {
    object::cast(external)
}

/// As `wasmx_extern_as_tag`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_extern_as_tag_const(external: *const wasm_extern_t) -> *const wasmx_tag_t {
    object::cast_const(external)
}

/// # Exceptions
///
/// An exception with a tag and `count` values that it carries, as a reference owned by the caller. Reads `payload`. NULL
/// if `store` or `tag` is NULL, the values are not as many and not of the types that the tag says, the tag belongs to
/// another store, or a limit forbids it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_exception_new(
    store: *mut wasm_store_t,
    tag: *const wasmx_tag_t,
    count: usize,
    payload: *const wasmx_raw_t,
) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let tag = object::borrow(tag)?;
        let ty = tag.ty();
        let types = ty.as_func().map_or(&[][..], |f| &f.params);
        let values = checked(payload, count, types.iter().copied(), store, "the payload")?;
        let exception = HeapRef::new_exception(store, &tag, &values).map_err(|e| e.to_string())?;
        Ok(object::give(AnyRef::Heap(exception).into_object(store)))
    })
}

/// The tag of an exception, owned by the caller; NULL if `exception` is none or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_exception_tag(exception: *const wasm_ref_t) -> *mut wasmx_tag_t {
    attempt(|| Ok(object::give(self::exception(exception)?.tag().ok_or("the reference is not to an exception")?)))
}

/// The number of values that an exception carries; 0 if `exception` is none or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_exception_payload_count(exception: *const wasm_ref_t) -> usize {
    attempt(|| Ok(self::exception(exception)?.ty().ty().as_func().map_or(0, |f| f.params.len())))
}

/// Writes the values that an exception carries to `out`, which has room for `capacity`. References among them are good
/// as long as the exception is. False, and `out` is untouched, if there is too little room, `exception` is none or NULL,
/// or `out` is NULL where it is needed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_exception_payload(
    exception: *const wasm_ref_t,
    out: *mut wasmx_raw_t,
    capacity: usize,
) -> bool {
    attempt(|| {
        let exception = self::exception(exception)?;
        let values = exception.payload().ok_or("the reference is not to an exception")?;
        if capacity < values.len() {
            return Err(format!("not enough room for the values: expected {}, found {capacity}", values.len()).into());
        }
        if !values.is_empty() {
            given(out, "out")?;
        }
        for (i, value) in values.iter().enumerate() {
            out.add(i).write(from_val(value, exception.store()));
        }
        Ok(true)
    })
}

/// The trap that throws an exception: returned from a callback, it is the exception that guest code can catch. Owned by
/// the caller. NULL if `exception` is none or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_trap_new_exception(exception: *const wasm_ref_t) -> *mut wasm_trap_t {
    attempt(|| {
        let trap = Trap::from_exception(&self::exception(exception)?);
        Ok(object::give(trap.ok_or("the reference is not to an exception")?))
    })
}

/// The exception that nothing caught, owned by the caller; NULL if `trap` arose from something else, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_trap_exception(trap: *const wasm_trap_t) -> *mut wasm_ref_t {
    attempt(|| match object::borrow(trap)?.thrown() {
        Some(exception) => {
            let store = exception.store().clone();
            Ok(object::give(AnyRef::Heap(exception).into_object(&store)))
        }
        None => Err("the trap is not an exception".into()),
    })
}
