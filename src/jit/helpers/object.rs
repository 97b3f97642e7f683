//! Routines for objects of the garbage-collected heap. Those that make an object take references from the machine stack or make
//! do without, since a collection may come in between.

use super::{Answer, hooks};
use crate::code::heap::HEADER;
use crate::vm::array::{
    array_size, copy_new, data, elements, fill_in_parts, fill_new, unless_stopped, within, zero_new,
};
use crate::vm::bulk::copy;
use crate::vm::gc;
use crate::vm::layout::Instance;
use crate::vm::trap::TrapKind;

/// What the immediate of an array's routine says.
struct Which(u64);

impl Which {
    /// Canonical, of the array; or the segment.
    fn low(&self) -> u32 {
        self.0 as u32
    }

    fn segment(&self) -> u32 {
        (self.0 >> 32) as u32 & 0xff_ffff
    }

    fn log2(&self) -> usize {
        (self.0 >> 56) as usize
    }
}

/// Room in the heap's run for as many bytes as the context says: 0, or the number of a trap.
///
/// # Safety
/// Machine code of the instance has left by the stub for this.
pub unsafe extern "sysv64" fn heap_room(ctx: *mut Instance) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        let store = (*ctx).store;
        room(ctx, (*store).machine.out_slots as u64).map_or_else(|kind| kind as u64, |()| 0)
    }
}

unsafe fn room(ctx: *mut Instance, size: u64) -> Result<(), TrapKind> {
    // SAFETY: the interpreter's frames end at `value_top`, and machine code's are on its stack.
    unsafe {
        let store = (*ctx).store;
        (*store).stack_top = (*store).machine.value_top;
        match (hooks(ctx).heap_room)(store, size) {
            0 => Ok(()),
            kind => Err(TrapKind::from_u8(kind)),
        }
    }
}

/// A new array, whose elements `write` writes; it gives 0, or the number of the trap that stops the guest.
unsafe fn new_array(ctx: *mut Instance, which: &Which, len: u32, write: impl FnOnce(*mut u8) -> u64) -> Answer {
    // SAFETY: the elements are written before anything else can happen.
    unsafe {
        let (store, size) = ((*ctx).store, array_size(len, which.log2()));
        let mut at = gc::allocate(store, size as usize);
        if at == 0 {
            if let Err(kind) = room(ctx, size) {
                return Err(kind).into();
            }
            at = gc::allocate(store, size as usize);
            if at == 0 {
                return Err(TrapKind::Internal).into();
            }
        }
        gc::header(store, at).write(gc::Header { type_id: which.low(), extent: len });
        Answer { value: at as u64, trap: write(gc::object(store, at)) }
    }
}

/// (length, value).
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_new(ctx: *mut Instance, args: *const u64, imm: u64) -> Answer {
    let which = Which(imm);
    // SAFETY: the arguments are on the machine stack.
    unsafe {
        let len = *args as u32;
        new_array(ctx, &which, len, |object| fill_new((*ctx).store, object, which.log2(), args.add(1)))
    }
}

/// As its instruction.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_new_default(ctx: *mut Instance, len: u64, imm: u64) -> Answer {
    let (which, len) = (Which(imm), len as u32);
    // SAFETY: the array has room for its elements.
    unsafe { new_array(ctx, &which, len, |object| zero_new((*ctx).store, object, which.log2())) }
}

/// As its instruction.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_new_data(ctx: *mut Instance, from: u64, len: u64, imm: u64) -> Answer {
    let (which, from, len) = (Which(imm), from as u32, len as u32);
    // SAFETY: the bytes are inside the segment.
    unsafe {
        let data = data(ctx, which.segment() as usize);
        if !within(from, len, which.log2(), data.len() as u64) {
            return Err(TrapKind::MemoryOutOfBounds).into();
        }
        let from = data.as_ptr().add(from as usize);
        new_array(ctx, &which, len, |object| copy_new((*ctx).store, object, which.log2(), from))
    }
}

/// As its instruction.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_new_elem(ctx: *mut Instance, from: u64, len: u64, imm: u64) -> Answer {
    let (which, from, len) = (Which(imm), from as u32, len as u32);
    // SAFETY: the references are inside the segment.
    unsafe {
        if !within(from, len, 0, (hooks(ctx).segment_len)(ctx, which.segment())) {
            return Err(TrapKind::TableOutOfBounds).into();
        }
        new_array(ctx, &which, len, |object| {
            let to = object.add(HEADER as usize);
            unless_stopped(object, (hooks(ctx).array_init)(ctx, which.segment(), from, len, to, which.log2() as u32))
        })
    }
}

/// (array, index, length, value).
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_fill(ctx: *mut Instance, args: *const u64, imm: u64) -> u64 {
    let log2 = Which(imm).log2();
    // SAFETY: as above; the elements are inside the array.
    unsafe {
        let (r, at, len) = (*args as u32, *args.add(1) as u32, *args.add(2) as u32);
        match elements(ctx, r, at, len, log2) {
            Ok(to) => fill_in_parts((*ctx).store, to, len as usize, log2, args.add(3)),
            Err(kind) => kind as u64,
        }
    }
}

/// (array, index, array, index, length).
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_copy(ctx: *mut Instance, args: *const u64, imm: u64) -> u64 {
    let log2 = Which(imm).log2();
    // SAFETY: as above; both runs are inside their arrays, and may overlap.
    unsafe {
        let [to, to_at, from, from_at, len] = [0, 1, 2, 3, 4].map(|n| *args.add(n) as u32);
        if from == 0 {
            return TrapKind::NullArrayReference as u64;
        }
        let to = match elements(ctx, to, to_at, len, log2) {
            Ok(to) => to,
            Err(kind) => return kind as u64,
        };
        match elements(ctx, from, from_at, len, log2) {
            Ok(from) => copy((*ctx).store, from, to, (len as usize) << log2),
            Err(kind) => kind as u64,
        }
    }
}

/// As its instruction.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_init_data(
    ctx: *mut Instance,
    r: u64,
    at: u64,
    from: u64,
    len: u64,
    imm: u64,
) -> u64 {
    let (which, from, len) = (Which(imm), from as u32, len as u32);
    // SAFETY: as above.
    unsafe {
        let to = match elements(ctx, r as u32, at as u32, len, which.log2()) {
            Ok(to) => to,
            Err(kind) => return kind as u64,
        };
        let data = data(ctx, which.low() as usize);
        if !within(from, len, which.log2(), data.len() as u64) {
            return TrapKind::MemoryOutOfBounds as u64;
        }
        copy((*ctx).store, data.as_ptr().add(from as usize), to, (len as usize) << which.log2())
    }
}

/// As its instruction.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn array_init_elem(
    ctx: *mut Instance,
    r: u64,
    at: u64,
    from: u64,
    len: u64,
    imm: u64,
) -> u64 {
    let (which, from, len) = (Which(imm), from as u32, len as u32);
    // SAFETY: as above.
    unsafe {
        let to = match elements(ctx, r as u32, at as u32, len, which.log2()) {
            Ok(to) => to,
            Err(kind) => return kind as u64,
        };
        if !within(from, len, 0, (hooks(ctx).segment_len)(ctx, which.low())) {
            return TrapKind::TableOutOfBounds as u64;
        }
        (hooks(ctx).array_init)(ctx, which.low(), from, len, to, which.log2() as u32)
    }
}

/// An exception with the payload given, of a tag of the instance.
///
/// # Safety
/// Machine code passes its instance, with operands and an immediate as it was built for them.
pub(super) unsafe extern "sysv64" fn exception(ctx: *mut Instance, payload: *const u64, tag: u64) -> Answer {
    // SAFETY: tag indices come from validated code; the payload is on the machine stack.
    unsafe {
        let store = (*ctx).store;
        (*store).stack_top = (*store).machine.value_top;
        let made = (hooks(ctx).exception_new)(store, *(*ctx).tags.add(tag as usize), payload);
        Answer { value: made as u32 as u64, trap: made >> 32 }
    }
}
