//! What machine code and the interpreter share while they call each other: the registers of the machine stack, and the
//! records on it.
//!
//! Machine code runs on a stack of its own, one per store, so that its depth is bounded by configuration and not by the host's
//! thread. The interpreter, or a call from the host, enters it through a trampoline that remembers the native stack pointer, and
//! functions of the host's are called there. When machine code calls a
//! function that is not compiled, it does not recurse: it leaves its frames where they are and returns to the trampoline's caller
//! with the wish to call; the interpreter runs the function as any other, with the `resume` instruction as return
//! address, and that goes on where machine code stopped. So neither side grows the native stack; only host functions do.
//!
//! The machine stack grows downwards. Between the frames of two entries lies an [`Entry`].

use super::layout::{Activation, Func};
use crate::sys::{self, Region};

/// Why machine code came back to the trampoline.
pub const FINISHED: u64 = 0;
/// `trap_pc` has the return address of the call that trapped.
pub const TRAPPED: u64 = 1;
/// `out_func` is to be called with the arguments from `value_top` on.
pub const CALLS: u64 = 2;
/// `exception` is thrown; `trap_pc` has the return address of the throw.
pub const THROWN: u64 = 3;
/// As `CALLS`, in the place of the function that was entered, whose entry is gone: the arguments are behind `header`, the frame
/// to be replaced is at `tail`.
pub const TAIL: u64 = 4;
/// `out_func` is the object that a host function called here has failed with.
pub const FAILED: u64 = 5;

/// The pc of a place in machine code that has called the library: the words stand for the place and for what returns there.
pub static NATIVE_CALL: [u64; 2] = [0; 2];

/// The pc that stands for where machine code goes on after a call of the library.
pub fn native_pc() -> *const u64 {
    &raw const NATIVE_CALL[1]
}

/// The machine stack of a store. All zero until the store runs machine code.
#[repr(C)]
pub struct MachineCtx {
    /// The native stack pointer of the trampoline below the machine code that runs. It has pushed the one before, which comes back
    /// as machine code is left.
    pub native_sp: usize,
    /// The machine stack pointer while other code runs.
    pub sp: usize,
    /// A frame must not reach below this address.
    pub limit: usize,
    /// The innermost entry; null outside of machine code.
    pub entry: *mut Entry,
    /// Where the frame of a call out of machine code goes on the value stack.
    pub value_top: *mut u64,
    /// Who is called, and the larger of its argument and result slots. Bit 0 set: a code record, not a `Func`.
    pub out_func: usize,
    pub out_slots: usize,
    /// The return address of the call that trapped, and its frame pointer.
    pub trap_pc: usize,
    pub trap_fp: usize,
    /// The registers that callees keep, in that order, where something was thrown.
    pub kept: [usize; 4],
    pub exception: usize,
    /// Which clause of a handler takes the exception.
    pub clause: usize,
    /// See [`TAIL`].
    pub tail: *mut u64,
    /// The kind of a trap that a poll made.
    pub trap_kind: usize,
    /// The innermost entry when the last activation failed.
    pub trap_entry: *mut Entry,
    /// Where an exception that has been caught goes on.
    pub resume: Resume,
    /// Where the header of the interpreter's frame that has just been finished is.
    pub header: *mut u64,
    /// What a call from the host came back with before its end.
    pub status: u64,
    pub stack: Option<MachineStack>,
}

/// The mapping of a machine stack: a page that nobody may touch, then the stack, which grows towards it.
pub struct MachineStack {
    region: Region,
    /// See `sys::stack_is_here`.
    number: usize,
}

/// Below the limit: what functions use without a check, stubs, and signal handlers of the host's that use no stack of their own.
const STACK_RESERVE: usize = 64 << 10;

impl MachineStack {
    /// A stack with that much room for frames, above and beside what is reserved.
    pub fn new(bytes: usize) -> Option<MachineStack> {
        let guard = sys::page_size();
        let region = Region::zeroed(bytes.checked_add(2 * STACK_RESERVE + guard)?).ok()?;
        region.decommit(0, guard).ok()?;
        let low = region.base() as usize;
        let number = sys::stack_is_here(low + guard, low + region.len());
        Some(MachineStack { region, number })
    }

    /// The lowest address of use.
    pub fn low(&self) -> usize {
        self.region.base() as usize + sys::page_size()
    }

    /// The address behind the highest.
    pub fn high(&self) -> usize {
        self.region.base() as usize + self.region.len()
    }

    /// Gives the pages back to the system. False when it does not take them.
    pub fn clear(&self) -> bool {
        let guard = sys::page_size();
        self.region.reset(guard, self.region.len() - guard).is_ok()
    }
}

impl Drop for MachineStack {
    fn drop(&mut self) {
        sys::stack_is_gone(self.number);
    }
}

/// An entry of machine code, on the machine stack above the frames that it made.
#[repr(C)]
pub struct Entry {
    pub prev: *mut Entry,
    /// What `value_top` was before.
    pub value_top: *mut u64,
    /// The header (return pc, caller's fp) of the interpreter's frame that called.
    pub header: *mut u64,
    pub instance: *mut super::layout::Instance,
    /// The machine stack pointer when machine code last left this entry by a call: the registers that `out` kept. Null while it
    /// has not been left, nor gone on by another trampoline.
    pub sp: *const usize,
    /// Where the arguments of the function were that was entered.
    pub slots: *mut u64,
}

/// What a call that the host makes of machine code keeps on the native stack.
#[repr(C)]
pub struct DirectCall {
    pub activation: Activation,
    /// Where the value stack's top was.
    pub frame: *mut u64,
    /// Where the results go, 16 bytes apart.
    pub results: *mut u64,
    pub func: *mut Func,
}

/// Where machine code goes on with an exception.
#[repr(C)]
pub struct Resume {
    pub pc: usize,
    pub sp: usize,
    pub fp: usize,
    /// As [`MachineCtx::kept`].
    pub kept: [usize; 4],
    pub instance: *mut super::layout::Instance,
}

impl MachineCtx {
    pub const fn new() -> MachineCtx {
        MachineCtx {
            native_sp: 0,
            sp: 0,
            limit: 0,
            entry: core::ptr::null_mut(),
            value_top: core::ptr::null_mut(),
            out_func: 0,
            out_slots: 0,
            trap_pc: 0,
            trap_fp: 0,
            kept: [0; 4],
            exception: 0,
            clause: 0,
            tail: core::ptr::null_mut(),
            trap_kind: 0,
            trap_entry: core::ptr::null_mut(),
            resume: Resume { pc: 0, sp: 0, fp: 0, kept: [0; 4], instance: core::ptr::null_mut() },
            header: core::ptr::null_mut(),
            status: FINISHED,
            stack: None,
        }
    }

    /// Gives the context its stack.
    pub fn take_stack(&mut self, stack: MachineStack) {
        self.limit = stack.low() + STACK_RESERVE;
        self.sp = stack.high();
        self.stack = Some(stack);
    }

    /// Calls `f` with every word of the stack that is in use.
    ///
    /// # Safety
    /// Machine code is not running: `sp` is where it stopped.
    pub unsafe fn each_word(&self, mut f: impl FnMut(u64)) {
        let Some(stack) = &self.stack else { return };
        let mut at = self.sp as *const u64;
        // SAFETY: from the stack pointer to the end of the mapping.
        unsafe {
            let end = stack.high() as *const u64;
            sys::defined(at.cast(), end as usize - at as usize);
            while at < end {
                f(core::ptr::read_volatile(at));
                at = at.add(1);
            }
        }
    }

    /// Steps out of entries until this one is the innermost again, as an activation ends or an exception goes on.
    ///
    /// # Safety
    /// It is one that was entered before, or null; machine code of the others does not run again.
    pub unsafe fn leave_until(&mut self, entry: *mut Entry) {
        while self.entry != entry && !self.entry.is_null() {
            let e = self.entry;
            // SAFETY: entries lie on the stack until they are left.
            unsafe { (self.entry, self.value_top, self.sp) = ((*e).prev, (*e).value_top, e.add(1) as usize) };
        }
    }

    /// The function to call, or the code record of one.
    pub fn out(&self) -> Out {
        match self.out_func & 1 {
            0 => Out::Func(self.out_func as *mut Func),
            _ => Out::Code((self.out_func & !1) as *const core::ffi::c_void),
        }
    }
}

impl Default for MachineCtx {
    fn default() -> Self {
        Self::new()
    }
}

/// Who machine code wants called.
pub enum Out {
    Func(*mut Func),
    /// The code record of a function of the same instance.
    Code(*const core::ffi::c_void),
}
