//! The library's own heap.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::guard;
use crate::sys::heap::{Functions, set_functions};
use std::ffi::c_void;

/// A heap of the host's. Its functions are called by any thread that uses the library, several at a time, and must not call the
/// library. Alignments are powers of two, mostly 8 or 16; sizes are not 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmx_allocator_t {
    pub env: *mut c_void,
    /// A block of `size` bytes; NULL if there is none.
    pub allocate: Option<unsafe extern "C" fn(env: *mut c_void, size: usize, alignment: usize) -> *mut c_void>,
    /// A block of `new_size` bytes with the content of `block`, which is gone then, as far as both go; NULL if there is none,
    /// and `block` stays. May itself be NULL: blocks are allocated anew and copied then.
    pub reallocate: Option<
        unsafe extern "C" fn(
            env: *mut c_void,
            block: *mut c_void,
            old_size: usize,
            new_size: usize,
            alignment: usize,
        ) -> *mut c_void,
    >,
    /// Takes a block back, with the size and alignment that it was allocated with.
    pub release: Option<unsafe extern "C" fn(env: *mut c_void, block: *mut c_void, size: usize, alignment: usize)>,
}

/// Has the library allocate by functions of the host's, for the rest of the process's life. Must be the first function of the
/// library that is called. Reads `allocator`. Not covered: linear memories (`wasmx_config_set_memory_allocator`) and other
/// mappings of the system's (stacks of stores, heaps of structures and arrays, machine code), arrays of vectors, which
/// hosts may give to `free`, and what the C library allocates for threads and files. False if the library has allocated
/// something already, a function is missing, `allocator` is NULL, or the library was built without the feature `heap`;
/// `wasmx_last_error` is not set then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_set_allocator(allocator: *const wasmx_allocator_t) -> bool {
    guard(|| {
        let Some(given) = allocator.as_ref() else { return false };
        let (Some(allocate), Some(release)) = (given.allocate, given.release) else { return false };
        set_functions(Functions { env: given.env, allocate, reallocate: given.reallocate, release }).is_ok()
    })
}
