//! The library's functions that machine code calls, on the native stack, with the C convention: the instance first, then the
//! operands as integers (or the address of the packed operands), then the immediate.
//!
//! Those that can trap give the trap's number, alone or beside the value (`ssa::op::Outcome`). Machine code's registers and
//! frames are all on the machine stack meanwhile, where the collector searches.

mod object;

use super::ssa::ir::Helper;
use crate::vm::array::data;
use crate::vm::bulk::{PART, copy, fill_in_parts, fill_table, length, within};
use crate::vm::layout::{Func, HostCallSite, Instance, Memory, RuntimeHooks, Table};
use crate::vm::machine::native_pc;
use crate::vm::trap::TrapKind;
use crate::vm::{park, wait};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub use object::heap_room;

/// The address of a helper.
pub fn address(helper: Helper) -> u64 {
    let f = match helper {
        Helper::MemoryGrow => memory_grow as *const (),
        Helper::MemoryFill => memory_fill as *const (),
        Helper::MemoryCopy => memory_copy as *const (),
        Helper::MemoryInit => memory_init as *const (),
        Helper::DataDrop => data_drop as *const (),
        Helper::RefFunc => ref_func as *const (),
        Helper::TableGrow => table_grow as *const (),
        Helper::TableFill => table_fill as *const (),
        Helper::TableCopy => table_copy as *const (),
        Helper::TableInit => table_init as *const (),
        Helper::ElemDrop => elem_drop as *const (),
        Helper::IsSubtype => is_subtype as *const (),
        Helper::AtomicWait32 => wait32 as *const (),
        Helper::AtomicWait64 => wait64 as *const (),
        Helper::AtomicNotify => notify as *const (),
        Helper::ArrayNew => object::array_new as *const (),
        Helper::ArrayNewDefault => object::array_new_default as *const (),
        Helper::ArrayNewData => object::array_new_data as *const (),
        Helper::ArrayNewElem => object::array_new_elem as *const (),
        Helper::ArrayFill => object::array_fill as *const (),
        Helper::ArrayCopy => object::array_copy as *const (),
        Helper::ArrayInitData => object::array_init_data as *const (),
        Helper::ArrayInitElem => object::array_init_elem as *const (),
        Helper::Exception => object::exception as *const (),
    };
    f as usize as u64
}

/// A value and the number of a trap, or 0.
#[repr(C)]
pub struct Answer {
    value: u64,
    trap: u64,
}

impl From<Result<u64, TrapKind>> for Answer {
    fn from(r: Result<u64, TrapKind>) -> Answer {
        match r {
            Ok(value) => Answer { value, trap: 0 },
            Err(kind) => Answer { value: 0, trap: kind as u64 },
        }
    }
}

/// # Safety
/// The instance is alive.
unsafe fn hooks(ctx: *mut Instance) -> &'static RuntimeHooks {
    // SAFETY: the hooks are a static of the runtime.
    unsafe { &*(*(*ctx).store).hooks }
}

/// Makes the guest known to the store before the host may be asked: activations begin above what this one uses, and backtraces
/// find it.
///
/// # Safety
/// Machine code of the instance has called the library.
unsafe fn expose(ctx: *mut Instance) {
    // SAFETY: by the contract there is an entry.
    unsafe {
        let store = (*ctx).store;
        let m = &(*store).machine;
        (*store).stack_top = m.value_top;
        (*store).host_call = HostCallSite { pc: native_pc(), fp: (*m.entry).header, instance: ctx };
    }
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
    // SAFETY: by the contract; a position inside is in the mapping.
    unsafe { within(at, len, length(m)).then(|| (*m).base.add(at as usize)) }
}

unsafe extern "sysv64" fn memory_grow(ctx: *mut Instance, delta: u64, index: u64) -> u64 {
    // SAFETY: machine code passes its instance and an index that validation has checked.
    unsafe {
        expose(ctx);
        let m = memory(ctx, index);
        let old = (hooks(ctx).memory_grow)(m, delta);
        if (*m).is64 { old } else { old as u32 as u64 }
    }
}

const OUTSIDE: u64 = TrapKind::MemoryOutOfBounds as u64;

unsafe extern "sysv64" fn memory_fill(ctx: *mut Instance, at: u64, byte: u64, len: u64, index: u64) -> u64 {
    // SAFETY: as above; the part is inside the memory.
    unsafe {
        let Some(to) = part(memory(ctx, index), at, len) else { return OUTSIDE };
        if len as usize > PART {
            return fill_in_parts((*ctx).store, to, byte as u8, len as usize);
        }
        to.write_bytes(byte as u8, len as usize);
    }
    0
}

unsafe extern "sysv64" fn memory_copy(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above; both parts are inside, and may overlap.
    unsafe {
        let (to, from) = (memory(ctx, indices >> 32), memory(ctx, indices as u32 as u64));
        let (Some(to), Some(from)) = (part(to, dst, len), part(from, src, len)) else { return OUTSIDE };
        copy((*ctx).store, from, to, len as usize)
    }
}

unsafe extern "sysv64" fn memory_init(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above; segment indices are validated too.
    unsafe {
        let from = data(ctx, indices as u32 as usize).get(src as usize..(src + len) as usize);
        let (Some(to), Some(from)) = (part(memory(ctx, indices >> 32), dst, len), from) else { return OUTSIDE };
        copy((*ctx).store, from.as_ptr(), to, from.len())
    }
}

unsafe extern "sysv64" fn data_drop(ctx: *mut Instance, segment: u64) {
    // SAFETY: as above.
    unsafe { *(*ctx).data_dropped.add(segment as usize) = 1 }
}

unsafe extern "sysv64" fn ref_func(ctx: *mut Instance, index: u64) -> *mut Func {
    // SAFETY: as above.
    unsafe { (hooks(ctx).func_ref)(ctx, index as u32) }
}

unsafe extern "sysv64" fn is_subtype(ctx: *mut Instance, actual: u64, expected: u64) -> u64 {
    // SAFETY: both are types of the store's engine.
    unsafe { (hooks(ctx).is_subtype)((*ctx).store, actual as u32, expected as u32) as u64 }
}

// Tables.

/// A table of the instance.
///
/// # Safety
/// The index is one of the module's.
unsafe fn table(ctx: *mut Instance, index: u64) -> *mut Table {
    // SAFETY: by the contract.
    unsafe { *(*ctx).tables.add(index as usize) }
}

const OUTSIDE_TABLE: u64 = TrapKind::TableOutOfBounds as u64;

unsafe extern "sysv64" fn table_grow(ctx: *mut Instance, value: u64, delta: u64, index: u64) -> u64 {
    // SAFETY: as for memories; the value is a reference of the table's type.
    unsafe {
        expose(ctx);
        let t = table(ctx, index);
        let old = (hooks(ctx).table_grow)(t, delta, value);
        if (*t).is64 { old } else { old as u32 as u64 }
    }
}

unsafe extern "sysv64" fn table_fill(ctx: *mut Instance, at: u64, value: u64, len: u64, index: u64) -> u64 {
    // SAFETY: as above; the elements are inside.
    unsafe {
        let t = table(ctx, index);
        if !within(at, len, (*t).len) {
            return OUTSIDE_TABLE;
        }
        fill_table((*ctx).store, (*t).base.add(at as usize), value, len as usize)
    }
}

unsafe extern "sysv64" fn table_copy(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above; both runs are inside, and may overlap.
    unsafe {
        let (to, from) = (table(ctx, indices >> 32), table(ctx, indices as u32 as u64));
        if !within(dst, len, (*to).len) || !within(src, len, (*from).len) {
            return OUTSIDE_TABLE;
        }
        let (from, to) = ((*from).base.add(src as usize), (*to).base.add(dst as usize));
        copy((*ctx).store, from.cast(), to.cast(), len as usize * size_of::<u64>())
    }
}

unsafe extern "sysv64" fn table_init(ctx: *mut Instance, dst: u64, src: u64, len: u64, indices: u64) -> u64 {
    // SAFETY: as above.
    unsafe { (hooks(ctx).table_init)(ctx, (indices >> 32) as u32, indices as u32, dst, src, len) }
}

unsafe extern "sysv64" fn elem_drop(ctx: *mut Instance, segment: u64) {
    // SAFETY: as above.
    unsafe { (hooks(ctx).elem_drop)(ctx, segment as u32) }
}

// Waiting.

unsafe extern "sysv64" fn wait32(ctx: *mut Instance, at: *mut u8, expected: u64, timeout: i64, memory: u64) -> Answer {
    // SAFETY: machine code has checked that the place is inside the memory and aligned.
    unsafe {
        let word = AtomicU32::from_ptr(at.cast());
        let check = || word.load(Ordering::SeqCst) == expected as u32;
        wait::wait(ctx, memory as usize, at, timeout, check).map(u64::from).into()
    }
}

unsafe extern "sysv64" fn wait64(ctx: *mut Instance, at: *mut u8, expected: u64, timeout: i64, memory: u64) -> Answer {
    // SAFETY: as above.
    unsafe {
        let word = AtomicU64::from_ptr(at.cast());
        let check = || word.load(Ordering::SeqCst) == expected;
        wait::wait(ctx, memory as usize, at, timeout, check).map(u64::from).into()
    }
}

unsafe extern "sysv64" fn notify(_: *mut Instance, at: usize, count: u64) -> u64 {
    park::notify(at, count as u32) as u64
}

/// Whether the guest is to stop: the number of the trap, or 0.
///
/// # Safety
/// Machine code passes its instance.
pub unsafe extern "sysv64" fn checkpoint(ctx: *mut Instance) -> u64 {
    // SAFETY: by the contract; the hooks outlive the store.
    unsafe { (hooks(ctx).poll)(ctx) as u64 }
}

/// Asks for as much fuel as an instruction needs: 0, or the number of the trap that ends the run.
///
/// # Safety
/// Machine code passes its instance.
pub unsafe extern "sysv64" fn refuel(ctx: *mut Instance) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        let store = (*ctx).store;
        expose(ctx);
        (hooks(ctx).out_of_fuel)(store, (*store).fuel_needed) as u64
    }
}
