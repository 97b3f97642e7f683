//! The C heap, for arrays that C and the library pass back and forth.
//!
//! Why not Rust's allocator: a host may delete a vector whose array it got from `malloc` itself, or whose `size` it has
//! changed; `free` needs neither the size nor the same allocator crate.

use std::ffi::c_void;

// SAFETY: the C standard's own signatures.
unsafe extern "C" {
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
}

/// Zeroed room for `count` elements of `size` bytes each, aligned for any C type; null if there is none.
pub(crate) fn zeroed(count: usize, size: usize) -> *mut c_void {
    // SAFETY: any arguments are allowed.
    unsafe { calloc(count, size) }
}

/// Gives a block back.
///
/// # Safety
/// `block` came from the C heap and is not used again.
pub(crate) unsafe fn release(block: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { free(block) }
}
