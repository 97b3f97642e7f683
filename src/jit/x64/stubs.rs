//! The ways into and out of machine code.
//!
//! The fixed ones are written here in assembly: entering from the interpreter or the host, calling the host, leaving to call
//! something that is not compiled, going on afterwards, trapping, and calling the library on the native stack (`vm::machine` tells the whole
//! protocol). The others are thunks, two for each function type, which move arguments and results between slots and the places
//! of the calling convention.
//!
//! Profilers, debuggers and `backtrace()` walk through all of them, from any instruction. Frame pointers lead from machine code over the thunk it was entered
//! by to the native frame below, and from what is called on the native stack back to machine code; the stubs describe their
//! frames (`.cfi`), and what they call out of is described by [`crate::jit::unwind`]. Frames that change the stack are marked as those
//! of signal handlers are, since debuggers expect only these to do that.

use super::abi::{self, INSTANCE, Loc};
use super::enc::*;
use crate::code::FuncCode;
use crate::jit::ssa::ir::Type;
use crate::module::FuncType;
use crate::vm::layout::{Counts, Func, HostCallSite, Instance, StoreCtx};
use crate::vm::machine::{CALLS, Entry, FAILED, FINISHED, MachineCtx, NATIVE_CALL, Resume, TAIL, THROWN, TRAPPED};
use core::arch::naked_asm;
use core::mem::offset_of;

pub(super) const MACHINE: usize = offset_of!(StoreCtx, machine);
pub(super) const STORE: usize = offset_of!(Instance, store);
pub(super) const NATIVE_SP: usize = offset_of!(MachineCtx, native_sp);
pub(super) const SP: usize = offset_of!(MachineCtx, sp);
pub(super) const ENTRY: usize = offset_of!(MachineCtx, entry);
pub(super) const VALUE_TOP: usize = offset_of!(MachineCtx, value_top);
pub(super) const HEADER: usize = offset_of!(MachineCtx, header);
pub(super) const SITE: usize = offset_of!(StoreCtx, host_call);

/// Where the chain of frame pointers goes on from machine code to the native stack: the frame of whoever has called the trampoline
/// is so far above `native_sp`.
pub(super) const LINK: usize = 48;
/// The frame of the thunk that machine code is entered by is so far below the [`Entry`]. It is the outermost one on the machine
/// stack for this entry, and its caller's is the one above.
const THUNK_FRAME: usize = 16;

/// Pushes the registers that callees keep, and says where they are.
macro_rules! keep_registers {
    () => {
        "push rbp\n.cfi_adjust_cfa_offset 8\n.cfi_offset rbp, -16\npush rbx\n.cfi_adjust_cfa_offset 8\n\
         .cfi_offset rbx, -24\npush r12\n.cfi_adjust_cfa_offset 8\n.cfi_offset r12, -32\npush r13\n\
         .cfi_adjust_cfa_offset 8\n.cfi_offset r13, -40\npush r14\n.cfi_adjust_cfa_offset 8\n.cfi_offset r14, -48\n\
         push r15\n.cfi_adjust_cfa_offset 8\n.cfi_offset r15, -56"
    };
}
pub(super) use keep_registers;

/// Takes them back.
macro_rules! restore_registers {
    () => {
        "pop r15\n.cfi_adjust_cfa_offset -8\n.cfi_restore r15\npop r14\n.cfi_adjust_cfa_offset -8\n.cfi_restore r14\n\
         pop r13\n.cfi_adjust_cfa_offset -8\n.cfi_restore r13\npop r12\n.cfi_adjust_cfa_offset -8\n.cfi_restore r12\n\
         pop rbx\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbx\npop rbp\n.cfi_adjust_cfa_offset -8\n.cfi_restore rbp"
    };
}
pub(super) use restore_registers;

/// Takes them back, and returns to who has called.
macro_rules! restore_registers_and_return {
    () => {
        concat!(restore_registers!(), "\nret")
    };
}

/// From here on the machine stack is not looked at any more: with the native stack pointer, which this register has, the frame is
/// that of the trampoline that has entered machine code.
macro_rules! in_frame_of_entry {
    ($register:literal) => {
        concat!(
            ".cfi_def_cfa ",
            $register,
            ", 64\n.cfi_offset rbp, -16\n.cfi_offset rbx, -24\n.cfi_offset r12, -32\n.cfi_offset r13, -40\n\
             .cfi_offset r14, -48\n.cfi_offset r15, -56"
        )
    };
}
pub(super) use in_frame_of_entry;

/// Calls a compiled function: its code, the thunk of its type, where its arguments are and its results go, the header of the
/// frame they are in, above which the value stack is free. Gives [`FINISHED`], and then the context is as it was but for
/// `header`; or why it came back before the end.
///
/// # Safety
/// The addresses are those of a compiled function and of its type's thunk; the slots hold its arguments; the store has a
/// machine stack.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn enter(
    m: *mut MachineCtx,
    function: usize,
    thunk: usize,
    slots: *mut u64,
    header: *mut u64,
    instance: *mut Instance,
) -> u64 {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        keep_registers!(),
        "push qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset 8",
        "lea rbp, [rsp + {link}]", ".cfi_def_cfa rbp, 16",
        "mov [rdi + {native_sp}], rsp",
        "mov rsp, [rdi + {sp}]",
        "mov r15, r9",
        "push rcx",
        "push 0",
        "push r9",
        "push r8",
        "push qword ptr [rdi + {value_top}]",
        "push qword ptr [rdi + {entry}]",
        "mov [rdi + {entry}], rsp",
        "add r8, {header_bytes}",
        "mov [rdi + {value_top}], r8",
        "mov rax, rsi",
        "mov rdi, rcx",
        "call rdx",
        "mov rdi, [r15 + {store}]",
        "add rdi, {machine}",
        "pop qword ptr [rdi + {entry}]",
        "pop qword ptr [rdi + {value_top}]",
        "pop qword ptr [rdi + {header}]",
        "add rsp, 24",
        "mov [rdi + {sp}], rsp",
        "xor eax, eax",
        "mov rsp, [rdi + {native_sp}]",
        "pop qword ptr [rdi + {native_sp}]",
        "pop r15", "pop r14", "pop r13", "pop r12", "pop rbx", "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        native_sp = const NATIVE_SP, sp = const SP, entry = const ENTRY, value_top = const VALUE_TOP,
        header = const HEADER, store = const STORE, machine = const MACHINE, link = const LINK,
        header_bytes = const 8 * crate::code::HEADER_SLOTS,
    )
}

const _: () = assert!(FINISHED == 0);

/// Goes on after the call that machine code wanted; its results are at `value_top`.
///
/// # Safety
/// The store's machine code has left by `CALLS`, and nothing else is to be resumed before it.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn resume(m: *mut MachineCtx) -> u64 {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        keep_registers!(),
        "push qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset 8",
        "mov [rdi + {native_sp}], rsp",
        // The native frames that the machine code was entered from are others now.
        "lea rax, [rsp + {link}]",
        "mov rcx, [rdi + {entry}]",
        "mov [rcx - {thunk_frame}], rax",
        // What `out` has left there.
        "mov rsp, [rdi + {sp}]", ".cfi_def_cfa rsp, 56",
        restore_registers_and_return!(),
        ".cfi_endproc",
        native_sp = const NATIVE_SP, sp = const SP, link = const LINK, entry = const ENTRY,
        thunk_frame = const THUNK_FRAME,
    )
}

/// What `out` leaves at the stack pointer: six registers, its return address into the thunk, and the thunk's frame: the function's
/// rbp, and the return address into it.
pub const OUT_RBP: usize = 7;
pub const OUT_RETURN: usize = 8;

/// Calls r10, which has eax slots and its arguments at `value_top`. Called by a thunk. A function of the host's is called here,
/// on the native stack; for any other one this leaves machine code. What it leaves is the same, and so a host function's failure
/// finds frames as any call out does.
///
/// # Safety
/// Only machine code calls it, which an entry has set up.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn out() {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        keep_registers!(),
        "mov r11, [r15 + {store}]",
        "mov [r11 + {sp}], rsp",
        "mov r9, [r11 + {entry}]",
        "mov [r9 + {entry_sp}], rsp",
        "test r10b, 1",
        "jne 2f",
        "cmp qword ptr [r10 + {instance}], 0",
        "jne 2f",
        "mov rdx, [r11 + {value_top}]",
        "lea rcx, [rdx + rax * 8]",
        "mov [r11 + {stack_top}], rcx",
        "add qword ptr [r11 + {calls_out}], 1",
        "lea rcx, [rip + {native_call} + 8]",
        "mov [r11 + {site_pc}], rcx",
        "mov rcx, [r9 + {entry_header}]",
        "mov [r11 + {site_fp}], rcx",
        "mov [r11 + {site_instance}], r15",
        "mov rdi, r10",
        "mov rsi, r15",
        "mov rbx, rsp",
        ".cfi_def_cfa_register rbx",
        "mov rsp, [r11 + {native_sp}]",
        "call qword ptr [r10 + {host}]",
        "mov rsp, rbx",
        ".cfi_def_cfa_register rsp",
        "test rax, rax",
        "jne 3f",
        // The host has kept the others.
        ".cfi_remember_state",
        "mov rbx, [rsp + 32]",
        "add rsp, 48", ".cfi_def_cfa rsp, 8",
        "ret",
        "2:",
        ".cfi_restore_state",
        "mov [r11 + {out_func}], r10",
        "mov [r11 + {out_slots}], rax",
        "mov eax, {calls}",
        "jmp 4f",
        "3:",
        "mov r11, [r15 + {store}]",
        "mov [r11 + {out_func}], rax",
        "mov eax, {failed}",
        "4:",
        "mov rsp, [r11 + {native_sp}]", in_frame_of_entry!("rsp"),
        "pop qword ptr [r11 + {native_sp}]", ".cfi_adjust_cfa_offset -8",
        restore_registers_and_return!(),
        ".cfi_endproc",
        store = const STORE, calls = const CALLS, failed = const FAILED,
        native_sp = const MACHINE + NATIVE_SP, sp = const MACHINE + SP, entry = const MACHINE + ENTRY,
        value_top = const MACHINE + VALUE_TOP, entry_sp = const offset_of!(Entry, sp),
        entry_header = const offset_of!(Entry, header),
        out_func = const MACHINE + offset_of!(MachineCtx, out_func),
        out_slots = const MACHINE + offset_of!(MachineCtx, out_slots),
        instance = const offset_of!(Func, instance), host = const offset_of!(Func, host),
        stack_top = const offset_of!(StoreCtx, stack_top),
        calls_out = const offset_of!(StoreCtx, counts) + offset_of!(Counts, calls_out),
        site_pc = const SITE + offset_of!(HostCallSite, pc), site_fp = const SITE + offset_of!(HostCallSite, fp),
        site_instance = const SITE + offset_of!(HostCallSite, instance), native_call = sym NATIVE_CALL,
    )
}

/// Leaves machine code to call r10, which has eax slots, in the place of the function that was entered: its frames are gone. Jumped
/// to by a thunk.
///
/// # Safety
/// Only machine code goes there, which an entry has set up.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn out_tail() {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        "mov rdi, [r15 + {store}]",
        "add rdi, {machine}",
        "mov [rdi + {out_func}], r10",
        "mov [rdi + {out_slots}], rax",
        "mov rdx, [rdi + {native_sp}]", in_frame_of_entry!("rdx"),
        "mov rsp, [rdi + {entry}]",
        "pop qword ptr [rdi + {entry}]",
        "pop qword ptr [rdi + {value_top}]",
        "pop qword ptr [rdi + {header}]",
        "add rsp, 16",
        "pop qword ptr [rdi + {tail}]",
        "mov [rdi + {sp}], rsp",
        "mov eax, {status}",
        "mov rsp, rdx", ".cfi_def_cfa_register rsp",
        "pop qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset -8",
        restore_registers_and_return!(),
        ".cfi_endproc",
        native_sp = const NATIVE_SP, sp = const SP, store = const STORE, machine = const MACHINE, status = const TAIL,
        entry = const ENTRY, value_top = const VALUE_TOP, header = const HEADER, tail = const offset_of!(MachineCtx, tail),
        out_func = const offset_of!(MachineCtx, out_func), out_slots = const offset_of!(MachineCtx, out_slots),
    )
}

/// Leaves machine code with the exception in rax. Called where it is thrown.
///
/// # Safety
/// Only machine code calls it, which an entry has set up.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn throw() {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        "mov rdi, [r15 + {store}]",
        "add rdi, {machine}",
        "mov [rdi + {exception}], rax",
        // The return address stays below the stack pointer, so near that handlers of signals leave it alone.
        "pop rax", ".cfi_adjust_cfa_offset -8",
        "mov [rdi + {trap_pc}], rax",
        "mov [rdi + {trap_fp}], rbp",
        "mov [rdi + {sp}], rsp",
        "mov [rdi + {kept}], rbx", "mov [rdi + {kept} + 8], r12", "mov [rdi + {kept} + 16], r13",
        "mov [rdi + {kept} + 24], r14",
        "mov eax, {thrown}",
        "mov rsp, [rdi + {native_sp}]", in_frame_of_entry!("rsp"),
        "pop qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset -8",
        restore_registers_and_return!(),
        ".cfi_endproc",
        native_sp = const NATIVE_SP, sp = const SP, store = const STORE, machine = const MACHINE, thrown = const THROWN,
        trap_pc = const offset_of!(MachineCtx, trap_pc), trap_fp = const offset_of!(MachineCtx, trap_fp),
        exception = const offset_of!(MachineCtx, exception), kept = const offset_of!(MachineCtx, kept),
    )
}

/// Goes on in a handler of machine code.
///
/// # Safety
/// The frame is intact and of the innermost entry; nothing else is to be resumed before it.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn land(m: *mut MachineCtx, at: *const Resume) -> u64 {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        keep_registers!(),
        "push qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset 8",
        "mov [rdi + {native_sp}], rsp",
        "mov rax, [rdi + {entry}]",
        "mov [rax + {entry_sp}], rsp",
        // Until the handler is reached, the native frame is all there is.
        "lea rcx, [rsp + {link}]", ".cfi_def_cfa rcx, 16",
        "mov [rax - {thunk_frame}], rcx",
        "mov rsp, [rsi + {sp}]",
        "mov rbp, [rsi + {fp}]",
        "mov rbx, [rsi + {kept}]", "mov r12, [rsi + {kept} + 8]", "mov r13, [rsi + {kept} + 16]",
        "mov r14, [rsi + {kept} + 24]",
        "mov r15, [rsi + {instance}]",
        "jmp qword ptr [rsi + {pc}]",
        ".cfi_endproc",
        entry = const ENTRY, entry_sp = const offset_of!(Entry, sp), link = const LINK, thunk_frame = const THUNK_FRAME,
        native_sp = const NATIVE_SP, sp = const offset_of!(Resume, sp), fp = const offset_of!(Resume, fp),
        kept = const offset_of!(Resume, kept), instance = const offset_of!(Resume, instance),
        pc = const offset_of!(Resume, pc),
    )
}

/// Where a function returns that a tail call has given more room for arguments. Its frame lies below one that holds the number
/// of results on the stack: these are copied to where the caller wants them.
///
/// # Safety
/// Only machine code returns here.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn shim() {
    naked_asm!(
        ".cfi_startproc",
        ".cfi_def_cfa rbp, 16",
        ".cfi_offset rbp, -16",
        "mov r10, [rbp - 8]",
        "2:",
        "sub r10, 1",
        "jb 3f",
        "mov r11, [rsp + r10 * 8]",
        "mov [rbp + r10 * 8 + 16], r11",
        "jmp 2b",
        "3:",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        ".cfi_restore rbp",
        "ret",
        ".cfi_endproc",
    )
}

/// Leaves machine code for good. Called where the trap is.
///
/// # Safety
/// Only machine code calls it, which an entry has set up.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn trap() {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        "mov rdi, [r15 + {store}]",
        "add rdi, {machine}",
        // As in `throw`.
        "pop rax", ".cfi_adjust_cfa_offset -8",
        "mov [rdi + {trap_pc}], rax",
        "mov [rdi + {trap_fp}], rbp",
        "mov eax, {trapped}",
        "mov rsp, [rdi + {native_sp}]", in_frame_of_entry!("rsp"),
        "pop qword ptr [rdi + {native_sp}]", ".cfi_adjust_cfa_offset -8",
        restore_registers_and_return!(),
        ".cfi_endproc",
        native_sp = const NATIVE_SP, store = const STORE, machine = const MACHINE, trapped = const TRAPPED,
        trap_pc = const offset_of!(MachineCtx, trap_pc), trap_fp = const offset_of!(MachineCtx, trap_fp),
    )
}

/// `pshufb xmm0, xmm1` for processors that have none. Keeps everything else but the flags.
///
/// # Safety
/// Only machine code calls it.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn shuffle() {
    naked_asm!(
        ".cfi_startproc",
        "push rax",
        ".cfi_adjust_cfa_offset 8",
        "push rcx",
        ".cfi_adjust_cfa_offset 8",
        "push rdx",
        ".cfi_adjust_cfa_offset 8",
        "sub rsp, 48",
        ".cfi_adjust_cfa_offset 48",
        "movups [rsp], xmm0",
        "movups [rsp + 16], xmm1",
        "mov ecx, 15",
        "2:",
        "movzx eax, byte ptr [rsp + rcx + 16]",
        // All ones where the pick is none.
        "movsx edx, al",
        "sar edx, 31",
        "and eax, 15",
        "movzx eax, byte ptr [rsp + rax]",
        "not edx",
        "and eax, edx",
        "mov [rsp + rcx + 32], al",
        "sub ecx, 1",
        "jns 2b",
        "movups xmm0, [rsp + 32]",
        "add rsp, 48",
        ".cfi_adjust_cfa_offset -48",
        "pop rdx",
        ".cfi_adjust_cfa_offset -8",
        "pop rcx",
        ".cfi_adjust_cfa_offset -8",
        "pop rax",
        ".cfi_adjust_cfa_offset -8",
        "ret",
        ".cfi_endproc",
    )
}

/// Calls the library's function in rax on the native stack. Leaves what `out` leaves, so that the frames are found, and the
/// references in registers.
///
/// # Safety
/// Only machine code calls it, which an entry has set up.
#[unsafe(naked)]
pub unsafe extern "sysv64" fn native() {
    naked_asm!(
        ".cfi_startproc", ".cfi_signal_frame",
        "push rbp", ".cfi_adjust_cfa_offset 8", ".cfi_offset rbp, -16",
        "mov rbp, rsp", ".cfi_def_cfa_register rbp",
        "sub rsp, 16",
        "push rbx", "push r12", "push r13", "push r14", "push r15",
        ".cfi_offset rbx, -40", ".cfi_offset r12, -48", ".cfi_offset r13, -56", ".cfi_offset r14, -64",
        ".cfi_offset r15, -72",
        "mov r11, [r15 + {store}]",
        "mov [r11 + {sp}], rsp",
        "mov r10, [r11 + {entry}]",
        "mov [r10 + {entry_sp}], rsp",
        "mov rsp, [r11 + {native_sp}]",
        "call rax",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
        store = const STORE, sp = const MACHINE + SP, native_sp = const MACHINE + NATIVE_SP,
        entry = const MACHINE + ENTRY, entry_sp = const offset_of!(Entry, sp),
    )
}

/// A stub that calls a function of the library, which gets the instance, and keeps every register if that returns 0; else its result
/// is the kind of a trap, and the stub leaves as `trap` does. The host may be called meanwhile: like `out`, the stub leaves rbp and
/// the return address where backtraces look for them.
macro_rules! asks {
    ($(#[$attr:meta])* $name:ident, $asked:path) => {
        $(#[$attr])*
        ///
        /// # Safety
        /// As [`native`].
        #[unsafe(naked)]
        pub unsafe extern "sysv64" fn $name() {
            naked_asm!(
                // The jump to here has made a frame and pushed rax.
                ".cfi_startproc", ".cfi_signal_frame", ".cfi_def_cfa rbp, 16", ".cfi_offset rbp, -16",
                "push rcx", "push rdx", "push rsi", "push rdi", "push r8", "push r9", "push r10", "push r11",
                // The collector looks for references here.
                "push rbx", "push r12", "push r13", "push r14",
                ".cfi_offset rbx, -96", ".cfi_offset r12, -104", ".cfi_offset r13, -112", ".cfi_offset r14, -120",
                "sub rsp, 256",
                "movups [rsp], xmm0", "movups [rsp + 16], xmm1", "movups [rsp + 32], xmm2", "movups [rsp + 48], xmm3",
                "movups [rsp + 64], xmm4", "movups [rsp + 80], xmm5", "movups [rsp + 96], xmm6",
                "movups [rsp + 112], xmm7", "movups [rsp + 128], xmm8", "movups [rsp + 144], xmm9",
                "movups [rsp + 160], xmm10", "movups [rsp + 176], xmm11", "movups [rsp + 192], xmm12",
                "movups [rsp + 208], xmm13", "movups [rsp + 224], xmm14", "movups [rsp + 240], xmm15",
                "mov rdi, r15",
                "mov r11, [r15 + {store}]",
                "mov [r11 + {sp}], rsp",
                "mov r10, [r11 + {entry}]",
                "lea rax, [rsp + {out}]",
                "mov [r10 + {entry_sp}], rax",
                "mov rsp, [r11 + {native_sp}]",
                "call {asked}",
                "mov r11, [r15 + {store}]",
                "lea rsp, [rbp - {below}]",
                "mov [r11 + {trap_kind}], rax",
                "test eax, eax",
                "movups xmm0, [rsp]", "movups xmm1, [rsp + 16]", "movups xmm2, [rsp + 32]", "movups xmm3, [rsp + 48]",
                "movups xmm4, [rsp + 64]", "movups xmm5, [rsp + 80]", "movups xmm6, [rsp + 96]",
                "movups xmm7, [rsp + 112]", "movups xmm8, [rsp + 128]", "movups xmm9, [rsp + 144]",
                "movups xmm10, [rsp + 160]", "movups xmm11, [rsp + 176]", "movups xmm12, [rsp + 192]",
                "movups xmm13, [rsp + 208]", "movups xmm14, [rsp + 224]", "movups xmm15, [rsp + 240]",
                "lea rsp, [rsp + 256]",
                "pop r14", "pop r13", "pop r12", "pop rbx",
                "pop r11", "pop r10", "pop r9", "pop r8", "pop rdi", "pop rsi", "pop rdx", "pop rcx", "pop rax", "pop rbp",
                ".cfi_def_cfa rsp, 8",
                "jne {trap}",
                "ret",
                ".cfi_endproc",
                store = const STORE, sp = const MACHINE + SP, native_sp = const MACHINE + NATIVE_SP,
                entry = const MACHINE + ENTRY, entry_sp = const offset_of!(Entry, sp),
                // The frame is above 16 vectors and 13 registers.
                below = const 256 + 13 * 8, out = const 256 + 13 * 8 - 8 * OUT_RBP,
                trap_kind = const MACHINE + offset_of!(MachineCtx, trap_kind),
                asked = sym $asked, trap = sym trap,
            )
        }
    };
}

asks!(
    /// Asks whether the guest is to stop.
    poll,
    crate::jit::helpers::checkpoint
);
asks!(
    /// Finds room in the heap for an object of `out_slots` bytes.
    heap,
    crate::jit::helpers::heap_room
);
asks!(
    /// Asks for more fuel.
    refuel,
    crate::jit::helpers::refuel
);

const _: () = assert!(OUT_RBP + 1 == OUT_RETURN);

/// What writes the common stubs, in the order of `target`.
pub const FIXED: [fn(&mut Asm); 8] = [
    |asm| far_jump(asm, trap as *const () as usize),
    |asm| far_jump(asm, native as *const () as usize),
    |asm| keeping_jump(asm, poll as *const () as usize),
    |asm| keeping_jump(asm, heap as *const () as usize),
    |asm| keeping_jump(asm, refuel as *const () as usize),
    |asm| far_jump(asm, throw as *const () as usize),
    |asm| far_jump(asm, shim as *const () as usize),
    |asm| far_jump(asm, shuffle as *const () as usize),
];

/// To a stub that keeps all registers: it ends the frame, and pops the register used here.
fn keeping_jump(asm: &mut Asm, to: usize) {
    asm.push(RBP);
    asm.mov(true, RBP, RSP);
    asm.push(RAX);
    asm.mov_imm(RAX, to as u64);
    asm.jmp_rm(Rm::Reg(RAX));
}

/// A jump to one of the above.
fn far_jump(asm: &mut Asm, to: usize) {
    asm.mov_imm(R11, to as u64);
    asm.jmp_rm(Rm::Reg(R11));
}

/// Types and where their values are in slots.
fn types(list: &[crate::module::ValType]) -> Vec<(Type, i32)> {
    let mut slot = 0;
    list.iter()
        .map(|t| {
            slot += t.slots() as i32;
            (Type::of(*t), (slot - t.slots() as i32) * 8)
        })
        .collect()
}

fn load_vector(asm: &mut Asm, ty: Type, r: Reg, from: Mem) {
    let op = match ty {
        Type::F32 => Sse::Movss,
        Type::V128 => Sse::Movups,
        _ => Sse::Movsd,
    };
    asm.sse(op, r, from.into());
}

/// Copies a value between slots and the stack.
fn copy(asm: &mut Asm, ty: Type, from: Mem, to: Mem, by: Reg) {
    asm.ext(if ty.bytes() == 4 { Ext::Mov32 } else { Ext::Mov64 }, by, from.into());
    asm.store(8, to, by);
    if ty == Type::V128 {
        asm.load64(by, Mem { disp: from.disp + 8, ..from });
        asm.store(8, Mem { disp: to.disp + 8, ..to }, by);
    }
}

/// The thunk that `enter` calls: rdi = slots, rax = function.
pub fn thunk_in(asm: &mut Asm, ty: &FuncType) {
    enter_with(asm, &types(&ty.params), &types(&ty.results), RDI);
}

/// The thunk for entering a function in the middle: rdi = the interpreter's frame, which is all that the code gets; rax = code.
pub fn thunk_loop(asm: &mut Asm, ty: &FuncType) {
    enter_with(asm, &[], &types(&ty.results), RDI);
}

/// The thunk that `call_directly` calls, for a type of numbers: rdi = arguments, rsi = results, rax = function.
pub fn thunk_direct(asm: &mut Asm, ty: &FuncType) {
    let apart = |list| types(list).iter().map(|(ty, at)| (*ty, at * 2)).collect::<Vec<_>>();
    enter_with(asm, &apart(&ty.params), &apart(&ty.results), RSI);
}

/// Types with the distances of their values from rdi, and from the register of the results.
fn enter_with(asm: &mut Asm, params: &[(Type, i32)], results: &[(Type, i32)], results_at: Reg) {
    let (arg_locs, arg_words) = abi::arguments(&params.iter().map(|p| p.0).collect::<Vec<_>>());
    let (result_locs, result_words) = abi::results(&results.iter().map(|r| r.0).collect::<Vec<_>>());
    let words = arg_words.max(result_words) as i32 * 8;
    asm.push(RBP);
    asm.mov(true, RBP, RSP);
    asm.push(results_at);
    if words > 0 {
        asm.alu_imm(Alu::Sub, true, Rm::Reg(RSP), words);
    }
    if !params.is_empty() {
        asm.mov(true, R11, RDI);
    }
    for (&(ty, at), loc) in params.iter().zip(arg_locs) {
        let from = Mem::base(R11, at);
        match loc {
            Loc::Int(r) => asm.ext(if ty == Type::I32 { Ext::Mov32 } else { Ext::Mov64 }, r, from.into()),
            Loc::Vector(r) => load_vector(asm, ty, r, from),
            Loc::Stack(n) => copy(asm, ty, from, Mem::base(RSP, 8 * n as i32), R10),
        }
    }
    asm.call_rm(Rm::Reg(RAX));
    if !results.is_empty() {
        asm.load64(R11, Mem::base(RSP, words));
    }
    for (&(ty, at), loc) in results.iter().zip(result_locs) {
        let to = Mem::base(R11, at);
        match loc {
            Loc::Int(r) => asm.store(8, to, r),
            Loc::Vector(r) => asm.sse_store(ty.bytes(), to, r),
            Loc::Stack(n) => copy(asm, ty, Mem::base(RSP, 8 * n as i32), to, R10),
        }
    }
    asm.alu_imm(Alu::Add, true, Rm::Reg(RSP), words + 8);
    asm.pop(RBP);
    asm.ret();
}

/// The thunk for calls of what is not compiled: r10 = function, arguments by the calling convention. Tail calls jump to it; `shim`
/// is where that stub is.
pub fn thunk_out(asm: &mut Asm, ty: &FuncType, shim: u32) {
    let (params, results) = (types(&ty.params), types(&ty.results));
    let (arg_locs, _) = abi::arguments(&params.iter().map(|p| p.0).collect::<Vec<_>>());
    let (result_locs, _) = abi::results(&results.iter().map(|r| r.0).collect::<Vec<_>>());
    let value_top = |asm: &mut Asm| {
        asm.load64(R11, Mem::base(INSTANCE, STORE as i32));
        asm.load64(R11, Mem::base(R11, (MACHINE + VALUE_TOP) as i32));
    };
    value_top(asm);
    for (&(ty, at), loc) in params.iter().zip(arg_locs) {
        let to = Mem::base(R11, at);
        match loc {
            Loc::Int(r) => asm.store(8, to, r),
            Loc::Vector(r) => asm.sse_store(ty.bytes(), to, r),
            // Above the return address. Whom to call is in r10.
            Loc::Stack(n) => copy(asm, ty, Mem::base(RSP, 8 + 8 * n as i32), to, RAX),
        }
    }
    // The room that a tail call has made is not needed any more.
    let (no_shim, no_tail) = (asm.new_label(), asm.new_label());
    asm.lea_here(R11, shim);
    asm.alu(Alu::Cmp, true, R11, Mem::base(RSP, 0).into());
    asm.jcc(Cc::Ne, no_shim);
    asm.mov(true, RSP, RBP);
    asm.pop(RBP);
    asm.bind(no_shim);
    asm.mov_imm(RAX, ty.param_slots.max(ty.result_slots) as u64);
    // The caller is the thunk that the interpreter has entered by: it takes the place of that.
    asm.load64(R11, Mem::base(INSTANCE, STORE as i32));
    asm.load64(R11, Mem::base(R11, (MACHINE + ENTRY) as i32));
    asm.lea(true, R11, Mem::base(R11, -(THUNK_FRAME as i32)));
    asm.alu(Alu::Cmp, true, RBP, Rm::Reg(R11));
    asm.jcc(Cc::Ne, no_tail);
    asm.mov_imm(R11, out_tail as *const () as usize as u64);
    asm.jmp_rm(Rm::Reg(R11));
    asm.bind(no_tail);
    asm.push(RBP);
    asm.mov(true, RBP, RSP);
    asm.mov_imm(R11, out as *const () as usize as u64);
    asm.call_rm(Rm::Reg(R11));
    asm.pop(RBP);
    value_top(asm);
    for (&(ty, at), loc) in results.iter().zip(result_locs) {
        let from = Mem::base(R11, at);
        match loc {
            Loc::Int(r) => asm.ext(if ty == Type::I32 { Ext::Mov32 } else { Ext::Mov64 }, r, from.into()),
            Loc::Vector(r) => load_vector(asm, ty, r, from),
            Loc::Stack(n) => copy(asm, ty, from, Mem::base(RSP, 8 + 8 * n as i32), R10),
        }
    }
    asm.ret();
}

/// Bytes of a [`record_jump`] at most.
pub const RECORD_JUMP: usize = 24;

/// Goes to a function of the module by its code record: to its machine code, or out of machine code, where r10 says who is called.
pub fn record_jump(asm: &mut Asm, record: &FuncCode) {
    asm.mov_imm(R10, core::ptr::from_ref(record) as usize as u64 | 1);
    asm.jmp_rm(Mem::base(R10, offset_of!(FuncCode, tier.machine) as i32 - 1).into());
}
