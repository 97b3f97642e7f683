//! What a trap knows beyond its message: its kind, and names and places of the functions that were running.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{attempt, given};
use crate::capi::object;
use crate::capi::traps::{wasm_frame_t, wasm_trap_t};
use crate::capi::vec::{self, wasm_byte_vec_t, wasm_name_t};
use crate::vm::trap::TrapKind;

/// Why a guest stopped. Later versions may add kinds.
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum wasmx_trapkind_enum {
    /// There is no trap.
    WASMX_TRAP_NONE = 0,
    WASMX_TRAP_UNREACHABLE = 1,
    WASMX_TRAP_MEMORY_OUT_OF_BOUNDS = 2,
    WASMX_TRAP_TABLE_OUT_OF_BOUNDS = 3,
    /// An indirect call beyond the table's end.
    WASMX_TRAP_UNDEFINED_ELEMENT = 4,
    /// An indirect call of a null element.
    WASMX_TRAP_UNINITIALIZED_ELEMENT = 5,
    WASMX_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 6,
    WASMX_TRAP_INTEGER_DIVIDE_BY_ZERO = 7,
    WASMX_TRAP_INTEGER_OVERFLOW = 8,
    WASMX_TRAP_BAD_CONVERSION_TO_INTEGER = 9,
    /// Guest functions called each other too deeply, or host and guest did.
    WASMX_TRAP_STACK_OVERFLOW = 10,
    WASMX_TRAP_UNALIGNED_ATOMIC = 11,
    WASMX_TRAP_EXPECTED_SHARED_MEMORY = 12,
    WASMX_TRAP_NULL_REFERENCE = 13,
    WASMX_TRAP_NULL_FUNCTION_REFERENCE = 14,
    WASMX_TRAP_NULL_I31_REFERENCE = 15,
    WASMX_TRAP_NULL_STRUCT_REFERENCE = 16,
    WASMX_TRAP_NULL_ARRAY_REFERENCE = 17,
    WASMX_TRAP_NULL_EXCEPTION_REFERENCE = 18,
    WASMX_TRAP_CAST_FAILURE = 19,
    WASMX_TRAP_ARRAY_OUT_OF_BOUNDS = 20,
    WASMX_TRAP_ALLOCATION_TOO_LARGE = 21,
    WASMX_TRAP_OUT_OF_MEMORY = 22,
    WASMX_TRAP_OUT_OF_FUEL = 23,
    WASMX_TRAP_INTERRUPTED = 24,
    WASMX_TRAP_DEADLINE = 25,
    /// An instantiation wanted more than a limit of the store allows.
    WASMX_TRAP_LIMIT_EXCEEDED = 26,
    /// An exception that nothing caught: see `wasmx_trap_exception`.
    WASMX_TRAP_UNCAUGHT_EXCEPTION = 27,
    /// Made by the host, or by the library on a call that does not fit.
    WASMX_TRAP_HOST = 28,
    /// A bug in the library.
    WASMX_TRAP_INTERNAL = 29,
}

/// Why a guest stopped: one of `wasmx_trapkind_enum`.
pub type wasmx_trapkind_t = u8;

// The numbers are the library's own.
const _: () = {
    use wasmx_trapkind_enum::*;
    assert!(WASMX_TRAP_UNREACHABLE as u8 == TrapKind::Unreachable as u8);
    assert!(WASMX_TRAP_STACK_OVERFLOW as u8 == TrapKind::StackOverflow as u8);
    assert!(WASMX_TRAP_CAST_FAILURE as u8 == TrapKind::CastFailure as u8);
    assert!(WASMX_TRAP_OUT_OF_MEMORY as u8 == TrapKind::OutOfMemory as u8);
    assert!(WASMX_TRAP_OUT_OF_FUEL as u8 == TrapKind::OutOfFuel as u8);
    assert!(WASMX_TRAP_INTERRUPTED as u8 == TrapKind::Interrupted as u8);
    assert!(WASMX_TRAP_DEADLINE as u8 == TrapKind::DeadlineExceeded as u8);
    assert!(WASMX_TRAP_LIMIT_EXCEEDED as u8 == TrapKind::LimitExceeded as u8);
    assert!(WASMX_TRAP_UNCAUGHT_EXCEPTION as u8 == TrapKind::UncaughtException as u8);
    assert!(WASMX_TRAP_HOST as u8 == TrapKind::Host as u8);
    assert!(WASMX_TRAP_INTERNAL as u8 == TrapKind::Internal as u8);
};

/// # Traps and frames
///
/// Why the guest stopped, one of `wasmx_trapkind_enum`; 0 (`WASMX_TRAP_NONE`) if `trap` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_trap_kind(trap: *const wasm_trap_t) -> wasmx_trapkind_t {
    attempt(|| Ok(object::borrow(trap)?.kind() as u8))
}

/// Writes the address in the guest's memory at which a load or store would have begun that was out of bounds. False, and
/// `out` is untouched, if it is not known: the trap is of another kind, or came from an instruction on many bytes; and if
/// an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_trap_fault_address(trap: *const wasm_trap_t, out: *mut u64) -> bool {
    attempt(|| {
        let address = object::borrow(trap)?.fault_address();
        given(out, "out")?;
        if let Some(address) = address {
            out.write(address);
        }
        Ok(address.is_some())
    })
}

/// Writes the frames as text (UTF-8 as far as names are, no NUL at the end) to `out`, which the caller owns: one line for
/// each, innermost first, with its number, the offset in the module, and the names of module and function as far as the
/// module gives them. Empty if no guest code was running, or `trap` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_trap_backtrace(trap: *const wasm_trap_t, out: *mut wasm_byte_vec_t) {
    vec::put(out, || vec::from_bytes(object::borrow(trap)?.backtrace().as_bytes()))
}

/// Writes the name that the module's name section gives the function to `out`, without a NUL at its end; the caller owns
/// it. False, and `out` is empty, if there is none or `frame` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_frame_func_name(frame: *const wasm_frame_t, out: *mut wasm_name_t) -> bool {
    let mut found = false;
    vec::put(out, || {
        let frame = &given(frame, "the frame")?.frame;
        let name = frame.instance.module().func_name(frame.func_index);
        found = name.is_some();
        vec::from_bytes(name.unwrap_or_default().as_bytes())
    });
    found && !out.is_null()
}

/// As `wasmx_frame_func_name`, for the name of the module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_frame_module_name(frame: *const wasm_frame_t, out: *mut wasm_name_t) -> bool {
    let mut found = false;
    vec::put(out, || {
        let name = given(frame, "the frame")?.frame.instance.module().name();
        found = name.is_some();
        vec::from_bytes(name.unwrap_or_default().as_bytes())
    });
    found && !out.is_null()
}
