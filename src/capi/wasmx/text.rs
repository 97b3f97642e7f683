//! The text format.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{attempt, given, has_room};
use crate::capi::vec::{bytes, empty, from_bytes, wasm_byte_vec_t};
use crate::text;

/// # The text format
///
/// Makes a module in the text format (`.wat`, UTF-8, no NUL needed at its end) into a binary in `out`, which the caller
/// owns and may pass to `wasm_module_new`; whether the module is valid is found out there. `wat` stays the caller's, and
/// may be binary already: then `out` is a copy. False if the text has a mistake, an argument is NULL, or the library was
/// built without the text format; `out`, which must not be `wat`, is then empty. `wasmx_last_error` tells line and column of the mistake and, on two
/// more lines, quotes the line with a caret under the place. May be called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wat2wasm(wat: *const wasm_byte_vec_t, out: *mut wasm_byte_vec_t) -> bool {
    attempt(|| {
        if out.is_null() {
            return Err("out is NULL".into());
        }
        out.write(empty());
        let source = bytes(given(wat, "the text")?);
        // The parser's tokens and its tree: 48 bytes for each of the text's is more than has been seen.
        has_room(source.len().saturating_mul(48))?;
        let binary = if text::is_binary(source) {
            from_bytes(source)?
        } else {
            from_bytes(&text::to_binary(source).map_err(|e| e.to_string())?)?
        };
        out.write(binary);
        Ok(true)
    })
}
