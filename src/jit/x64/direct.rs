//! The way into machine code that calls from the host take, the shortest one: from the beginning of the activation to its end.
//!
//! Why all of it is one stub: a call takes as long as it takes to write what it keeps. So nothing is kept twice, in Rust and here, and what
//! has not changed is not written back. `stubs` has the others, `vm::machine` tells the whole protocol.

use super::stubs::{
    ENTRY, HEADER, LINK, MACHINE, NATIVE_SP, SITE, SP, STORE, VALUE_TOP, in_frame_of_entry, keep_registers,
    restore_registers,
};
use crate::code::FuncCode;
use crate::vm::layout::{Activation, Counts, Func, HostCallSite, ObjHeader, RuntimeHooks, StoreCtx};
use crate::vm::machine::{DirectCall, Entry};
use core::arch::naked_asm;
use core::mem::offset_of;

/// Calls a compiled function for the host, from its activation's beginning to its end, and passes nothing through the frame:
/// the values of `args` and `results` are 16 bytes apart. Gives null, or the trap. If machine code has been left, or comes back
/// before the end, [`RuntimeHooks::direct_ended`] does what is left to do. Then the function still writes its results there when
/// it ends, unless another one has taken its place, which has them in the frame.
///
/// # Safety
/// As [`enter`](super::stubs::enter); the function has a direct thunk. An activation may begin, and `frame` is where the value stack ends; `exit` is where the
/// interpreter's frame returns.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn call_directly(
    args: *const u64,
    results: *mut u64,
    func: *mut Func,
    frame: *mut u64,
    header: *mut u64,
    exit: *const u64,
) -> *mut ObjHeader {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        "sub rsp, {size}", ".cfi_adjust_cfa_offset {size}",
        "mov r11, [rdx + {func_store}]",
        "mov rax, [r11 + {activation}]",
        "mov r10, [r11 + {entry}]",
        "mov [rsp + {prev}], rax",
        "mov [rsp + {machine_entry}], r10",
        "mov [rsp + {kept_frame}], rcx",
        "mov [rsp + {kept_results}], rsi",
        "mov [rsp + {kept_func}], rdx",
        "test rax, rax",
        "jne 4f",
        "cmp qword ptr [r11 + {site_pc}], 0",
        "jne 5f",
        "6:",
        "mov [r11 + {activation}], rsp",
        "add dword ptr [r11 + {depth}], 1",
        "add qword ptr [r11 + {direct_calls}], 1",
        // The frame's header: where it returns, and null.
        "movq xmm0, r9",
        "movups [r8], xmm0",
        // Where machine code that comes back before its end returns. From here on this is a frame of its own, as a trampoline's.
        "lea rax, [rip + 3f]",
        "push rax", ".cfi_remember_state", ".cfi_def_cfa rsp, 8",
        keep_registers!(),
        "push qword ptr [r11 + {native_sp}]", ".cfi_adjust_cfa_offset 8",
        "lea rbp, [rsp + {link}]", ".cfi_def_cfa rbp, 16",
        "mov r15, [rdx + {instance}]",
        "mov [r11 + {native_sp}], rsp",
        "mov rbx, rsp",
        "mov rsp, [r11 + {sp}]",
        "sub rsp, {entry_size}",
        // Instance, and null for the stack pointer.
        "movq xmm0, r15",
        "movups [rsp + {entry_instance}], xmm0",
        "mov [rsp + {entry_slots}], rcx",
        "mov [rsp + {entry_header}], r8",
        "mov rcx, [r11 + {value_top}]",
        "mov [rsp + {entry_top}], rcx",
        "mov [rsp], r10",
        "mov [r11 + {entry}], rsp",
        "add r8, {header_bytes}",
        "mov [r11 + {value_top}], r8",
        "mov rdx, [rdx + {code}]",
        "mov rax, [rdx + {function}]",
        "call qword ptr [rdx + {direct}]",
        "mov r11, [r15 + {store}]",
        "mov rax, [rsp]",
        "mov [r11 + {entry}], rax",
        "cmp qword ptr [rsp + {entry_sp}], 0",
        "jne 2f",
        // Machine code has never been left: the registers that callees keep are as they were, and so is what only those have touched
        // who were called.
        "test rax, rax",
        "jne 7f",
        "8:",
        ".cfi_remember_state",
        "mov rsp, rbx", ".cfi_def_cfa rsp, 64",
        "mov r15, [rsp + 8]",
        "mov rbp, [rsp + 48]",
        "mov rbx, [rsp + 40]",
        "mov rax, [rsp + 64 + {prev}]",
        "mov [r11 + {activation}], rax",
        "sub dword ptr [r11 + {depth}], 1",
        "xor eax, eax",
        "add rsp, 64 + {size}",
        ".cfi_def_cfa rsp, 8", ".cfi_restore rbp", ".cfi_restore rbx", ".cfi_restore r12", ".cfi_restore r13",
        ".cfi_restore r14", ".cfi_restore r15",
        "ret",
        ".cfi_restore_state",
        // Machine code below this one goes on.
        "7:",
        "mov rcx, [rsp + {entry_top}]",
        "mov [r11 + {value_top}], rcx",
        "mov rcx, [rbx]",
        "mov [r11 + {native_sp}], rcx",
        "jmp 8b",
        // It has ended, and was left before: by a call of the host, or for the interpreter, which has gone on here by another
        // trampoline and is told so.
        "2:",
        "mov rcx, [rsp + {entry_top}]",
        "mov [r11 + {value_top}], rcx",
        "mov rcx, [rsp + {entry_header}]",
        "mov [r11 + {header}], rcx",
        "add rsp, {entry_size}",
        "mov [r11 + {sp}], rsp",
        "xor eax, eax",
        "mov rsp, [r11 + {native_sp}]", in_frame_of_entry!("rsp"),
        "cmp rbx, rsp",
        "pop qword ptr [r11 + {native_sp}]", ".cfi_adjust_cfa_offset -8",
        restore_registers!(),
        "jne 9f",
        "add rsp, 8",
        ".cfi_restore_state",
        // Some look up the frame of what stands before a return address.
        "nop",
        "3:",
        "mov rdi, rax",
        "mov rsi, rsp",
        "mov r11, [rsp + {kept_func}]",
        "mov r11, [r11 + {func_store}]",
        "mov r11, [r11 + {hooks}]",
        "call qword ptr [r11 + {direct_ended}]",
        ".cfi_remember_state",
        "add rsp, {size}", ".cfi_def_cfa rsp, 8",
        "ret",
        "9:",
        "ret",
        ".cfi_restore_state",
        // A call from a host function: where that was called from.
        "4:",
        "mov rax, [r11 + {site_pc} + 16]",
        "movups xmm0, [r11 + {site_pc}]",
        "mov [rsp + {caller} + 16], rax",
        "movups [rsp + {caller}], xmm0",
        "jmp 6b",
        "5:",
        "mov qword ptr [r11 + {site_pc}], 0",
        "jmp 6b",
        ".cfi_endproc",
        size = const DIRECT_CALL, func_store = const offset_of!(Func, hdr) + offset_of!(ObjHeader, store),
        activation = const offset_of!(StoreCtx, activation), depth = const offset_of!(StoreCtx, depth),
        direct_calls = const offset_of!(StoreCtx, counts) + offset_of!(Counts, direct),
        hooks = const offset_of!(StoreCtx, hooks), direct_ended = const offset_of!(RuntimeHooks, direct_ended),
        site_pc = const SITE + offset_of!(HostCallSite, pc),
        prev = const ACTIVATION + offset_of!(Activation, prev), caller = const ACTIVATION + offset_of!(Activation, caller),
        machine_entry = const ACTIVATION + offset_of!(Activation, machine_entry),
        kept_frame = const offset_of!(DirectCall, frame), kept_results = const offset_of!(DirectCall, results),
        kept_func = const offset_of!(DirectCall, func), instance = const offset_of!(Func, instance),
        code = const offset_of!(Func, code), native_sp = const MACHINE + NATIVE_SP, sp = const MACHINE + SP,
        entry = const MACHINE + ENTRY, value_top = const MACHINE + VALUE_TOP, header = const MACHINE + HEADER, store = const STORE, link = const LINK,
        header_bytes = const 8 * crate::code::HEADER_SLOTS, function = const offset_of!(FuncCode, tier.machine),
        direct = const offset_of!(FuncCode, tier.direct), entry_size = const size_of::<Entry>(),
        entry_sp = const offset_of!(Entry, sp), entry_slots = const offset_of!(Entry, slots),
        entry_header = const offset_of!(Entry, header), entry_top = const offset_of!(Entry, value_top),
        entry_instance = const offset_of!(Entry, instance),
    )
}

/// Bytes of a [`DirectCall`], so that the stack is aligned below it, where its return address has been pushed.
const DIRECT_CALL: usize = size_of::<DirectCall>().next_multiple_of(16) + 8;
const ACTIVATION: usize = offset_of!(DirectCall, activation);
const _: () = assert!(ACTIVATION == 0 && offset_of!(Entry, prev) == 0 && crate::code::HEADER_SLOTS == 2);
const _: () = assert!(offset_of!(Entry, sp) == offset_of!(Entry, instance) + 8);
