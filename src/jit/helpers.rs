//! The library's functions that machine code calls, on the native stack, with the C convention: the instance first, then the
//! operands as integers, then the immediate.

use super::ssa::ir::Helper;
use crate::code::ModuleCode;
use crate::vm::layout::{Func, Instance, Memory};

/// The address of a helper.
pub fn address(helper: Helper) -> u64 {
    let f = match helper {
        Helper::MemoryGrow => memory_grow as *const (),
        Helper::MemoryFill => memory_fill as *const (),
        Helper::MemoryCopy => memory_copy as *const (),
        Helper::MemoryInit => memory_init as *const (),
        Helper::DataDrop => data_drop as *const (),
        Helper::RefFunc => ref_func as *const (),
    };
    f as usize as u64
}

/// A memory of the instance.
///
/// # Safety
/// The index is one of the module's.
unsafe fn memory(ctx: *mut Instance, index: u64) -> *mut Memory {
    // SAFETY: by the contract.
    unsafe { *(*ctx).memories.add(index as usize) }
}

/// A part of a memory, if it is inside.
///
/// # Safety
/// The memory is alive.
unsafe fn part(m: *mut Memory, at: u64, len: u64) -> Option<*mut u8> {
    // SAFETY: by the contract; the sum of two 32-bit numbers does not overflow, and a position inside is in the mapping.
    unsafe { (at + len <= (*m).len as u64).then(|| (*m).base.add(at as usize)) }
}

unsafe extern "sysv64" fn memory_grow(ctx: *mut Instance, delta: u64, index: u64) -> u64 {
    // SAFETY: machine code passes its instance and an index that validation has checked. The runtime may call the host,
    // whose activations begin above what this activation uses.
    unsafe {
        let store = (*ctx).store;
        (*store).stack_top = (*store).machine.value_top;
        ((*(*store).hooks).memory_grow)(memory(ctx, index), delta) as u32 as u64
    }
}

unsafe extern "sysv64" fn memory_fill(ctx: *mut Instance, at: u64, byte: u64, len: u64, index: u64) -> u64 {
    // SAFETY: as above; the part is inside the memory.
    unsafe {
        match part(memory(ctx, index), at, len) {
            Some(p) => p.write_bytes(byte as u8, len as usize),
            None => return 1,
        }
    }
    0
}

unsafe extern "sysv64" fn memory_copy(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above; both parts are inside, and may overlap.
    unsafe {
        let (to, from) =
            (part(memory(ctx, indices >> 32), dst, len), part(memory(ctx, indices as u32 as u64), src, len));
        match (to, from) {
            (Some(to), Some(from)) => to.copy_from(from, len as usize),
            _ => return 1,
        }
    }
    0
}

unsafe extern "sysv64" fn memory_init(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above; segment indices are validated too. A dropped segment is empty.
    unsafe {
        let segment = indices as u32 as usize;
        let code = &*((*ctx).module as *const ModuleCode);
        let data = if *(*ctx).data_dropped.add(segment) != 0 { &[][..] } else { code.data(segment) };
        let from = data.get(src as usize..(src + len) as usize);
        match (part(memory(ctx, indices >> 32), dst, len), from) {
            (Some(to), Some(from)) => to.copy_from_nonoverlapping(from.as_ptr(), from.len()),
            _ => return 1,
        }
    }
    0
}

unsafe extern "sysv64" fn data_drop(ctx: *mut Instance, segment: u64) {
    // SAFETY: as above.
    unsafe { *(*ctx).data_dropped.add(segment as usize) = 1 }
}

unsafe extern "sysv64" fn ref_func(ctx: *mut Instance, index: u64) -> *mut Func {
    // SAFETY: as above.
    unsafe { ((*(*(*ctx).store).hooks).func_ref)(ctx, index as u32) }
}

/// Whether the guest is to stop: the number of the trap, or 0.
///
/// # Safety
/// Machine code passes its instance.
pub unsafe extern "sysv64" fn checkpoint(ctx: *mut Instance) -> u64 {
    // SAFETY: by the contract; the hooks outlive the store.
    unsafe {
        let store = (*ctx).store;
        ((*(*store).hooks).checkpoint)(store) as u64
    }
}
