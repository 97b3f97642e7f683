//! `wasmx.h`: what the standard lacks.

use super::boundary;
use std::ffi::c_char;

/// Why the last call on this thread that returned NULL, false or 0, or left an empty vector, did so: a C string in UTF-8, or NULL if
/// no call on this thread has failed. Borrowed: valid until the next failure on this thread, or its end. Success does not change it, so
/// ask only after a failure. May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn wasmx_last_error() -> *const c_char {
    boundary::last_error()
}
