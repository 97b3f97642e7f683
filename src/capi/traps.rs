//! `wasm_frame_t` and `wasm_trap_t`: where the guest was, and why it stopped.
//!
//! Invariants: a frame owns a handle to its instance, so it outlives the trap it came from. Messages end in a NUL on
//! the C side and have none inside.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{attempt, given, guard, has_room};
use super::engine::wasm_store_t;
use super::instance::wasm_instance_t;
use super::object;
use super::refs::wasm_ref_t;
use super::vec::{
    self, Owned, vec_copy, vec_delete, vec_new, vec_new_empty, vec_new_uninitialized, vector, wasm_name_t,
};
use crate::runtime::{Frame, Trap};
use std::ffi::c_void;

/// A frame of a backtrace: a function of the guest that was running when a trap arose.
pub struct wasm_frame_t {
    pub(super) frame: Frame,
}

impl wasm_frame_t {
    fn into_raw(frame: Frame) -> *mut wasm_frame_t {
        Box::into_raw(Box::new(wasm_frame_t { frame }))
    }
}

impl Owned for wasm_frame_t {
    unsafe fn copy_of(object: *const Self) -> *mut Self {
        match object.as_ref() {
            Some(frame) => wasm_frame_t::into_raw(frame.frame.clone()),
            None => std::ptr::null_mut(),
        }
    }
    unsafe fn delete(object: *mut Self) {
        if !object.is_null() {
            drop(Box::from_raw(object))
        }
    }
}

/// Frames: `size` elements at `data`. Owns the array and the elements.
#[repr(C)]
pub struct wasm_frame_vec_t {
    pub size: usize,
    pub data: *mut *mut wasm_frame_t,
}
vector!(wasm_frame_vec_t, *mut wasm_frame_t);

/// # Frames
///
/// Deletes a frame. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_delete(frame: *mut wasm_frame_t) {
    guard(|| <wasm_frame_t as Owned>::delete(frame))
}

/// A copy of a frame, owned by the caller; NULL if `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_copy(frame: *const wasm_frame_t) -> *mut wasm_frame_t {
    guard(|| <wasm_frame_t as Owned>::copy_of(frame))
}

/// Makes an empty vector in `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_new_empty(out: *mut wasm_frame_vec_t) {
    vec_new_empty(out)
}

/// Makes a vector of `size` NULL pointers in `out`, to be filled with frames it then owns. Fails (see Vectors) if there
/// is no memory for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_new_uninitialized(out: *mut wasm_frame_vec_t, size: usize) {
    vec_new_uninitialized(out, size)
}

/// Makes a vector of the `size` pointers at `data` in `out`: it copies the pointers and takes over the frames behind
/// them (NULL elements are fine). Fails if `data` is NULL while `size` is not 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_new(out: *mut wasm_frame_vec_t, size: usize, data: *const *mut wasm_frame_t) {
    vec_new(out, size, data)
}

/// Copies `source` and each of its frames into `out`. Fails if `source` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_copy(out: *mut wasm_frame_vec_t, source: *const wasm_frame_vec_t) {
    vec_copy(out, source)
}

/// Deletes the array and the frames in it, and leaves `vec` empty. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_vec_delete(vec: *mut wasm_frame_vec_t) {
    vec_delete(vec)
}

/// The instance whose function was running. Borrowed: valid as long as `frame`. NULL if `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_instance(frame: *const wasm_frame_t) -> *mut wasm_instance_t {
    attempt(|| Ok(given(frame, "the frame")?.frame.instance.as_ref().as_ptr().cast()))
}

/// The index of the function in its module, imported functions first; 0 if `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_func_index(frame: *const wasm_frame_t) -> u32 {
    attempt(|| Ok(given(frame, "the frame")?.frame.func_index))
}

/// The offset of the instruction from the start of the function's body, in bytes of the binary; 0 if `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_func_offset(frame: *const wasm_frame_t) -> usize {
    attempt(|| Ok(given(frame, "the frame")?.frame.func_offset as usize))
}

/// The offset of the instruction from the start of the module's binary; 0 if `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_frame_module_offset(frame: *const wasm_frame_t) -> usize {
    attempt(|| Ok(given(frame, "the frame")?.frame.module_offset as usize))
}

/// The text of a trap: a byte vector that ends in a NUL.
pub type wasm_message_t = wasm_name_t;

/// What stopped the guest: a message, and the frames that were running.
pub struct wasm_trap_t {
    _opaque: [u8; 0],
}

/// # Traps
///
/// Gives up one ownership of a trap. NULL is ignored. The object itself lives on while anything else refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_delete(trap: *mut wasm_trap_t) {
    object::delete(trap)
}

/// One more owner of the same trap; NULL if `trap` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_copy(trap: *const wasm_trap_t) -> *mut wasm_trap_t {
    object::copy(trap)
}

/// Whether both are the same trap: not equal, but identical. False if either is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_same(a: *const wasm_trap_t, b: *const wasm_trap_t) -> bool {
    object::same(a, b)
}

/// The host's data on a trap, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_get_host_info(trap: *const wasm_trap_t) -> *mut c_void {
    object::host_info(trap)
}

/// Sets the host's data on a trap, for all its owners. Finalizes what was there before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_set_host_info(trap: *mut wasm_trap_t, info: *mut c_void) {
    object::set_host_info(trap, info, None)
}

/// As `wasm_trap_set_host_info`; `finalizer` (may be NULL) is called once with `info`, when the data is replaced or the
/// object dies.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_set_host_info_with_finalizer(
    trap: *mut wasm_trap_t,
    info: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    object::set_host_info(trap, info, finalizer)
}

/// A trap as a reference. Borrowed: valid as long as `trap`. NULL stays NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_as_ref(trap: *mut wasm_trap_t) -> *mut wasm_ref_t {
    trap.cast()
}

/// As `wasm_trap_as_ref`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_as_ref_const(trap: *const wasm_trap_t) -> *const wasm_ref_t {
    trap.cast()
}

/// The trap that a reference is, borrowed; NULL if it is something else or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_trap(reference: *mut wasm_ref_t) -> *mut wasm_trap_t {
    object::cast(reference)
}

/// As `wasm_ref_as_trap`, without leave to change it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_ref_as_trap_const(reference: *const wasm_ref_t) -> *const wasm_trap_t {
    object::cast_const(reference)
}

/// A trap with a message of the host's, owned by the caller: for callbacks to return. Reads `message`, with or without
/// a final NUL; NULL stands for the empty message. Made while guest code runs, it knows the frames. NULL if `store` is
/// NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_new(store: *mut wasm_store_t, message: *const wasm_message_t) -> *mut wasm_trap_t {
    attempt(|| {
        let text = message.as_ref().map_or(&[][..], |m| vec::bytes(m));
        let text = text.strip_suffix(b"\0").unwrap_or(text);
        has_room(text.len())?;
        Ok(object::give(Trap::new(&given(store, "the store")?.store, text)))
    })
}

/// Writes the message, ending in a NUL, to `out`; the caller owns it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_message(trap: *const wasm_trap_t, out: *mut wasm_message_t) {
    vec::put(out, || {
        let trap = object::borrow(trap)?;
        has_room(trap.message_bytes().len() * 3)?;
        let mut text = trap.message_bytes().to_vec();
        text.push(0);
        vec::from_bytes(&text)
    })
}

/// The innermost frame, owned by the caller; NULL if no guest code was running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_origin(trap: *const wasm_trap_t) -> *mut wasm_frame_t {
    attempt(|| Ok(object::borrow(trap)?.frame(0).map_or(std::ptr::null_mut(), wasm_frame_t::into_raw)))
}

/// Writes the frames, innermost first, to `out`; the caller owns them. Empty if no guest code was running.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_trap_trace(trap: *const wasm_trap_t, out: *mut wasm_frame_vec_t) {
    vec::put(out, || {
        let trap = object::borrow(trap)?;
        has_room(trap.frame_count() * 256)?;
        vec::from_items(trap.frames().map(wasm_frame_t::into_raw).collect())
    })
}
