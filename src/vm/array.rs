//! Arrays of the garbage-collected heap: what the interpreter and the compiler's routines share.

use super::gc;
use super::layout::{Instance, StoreCtx};
use super::trap::TrapKind;
use crate::code::ModuleCode;
use crate::code::heap::HEADER;
use crate::util::V128;

/// The size in bytes of an array.
#[inline(always)]
pub fn array_size(len: u32, width_log2: usize) -> u64 {
    (HEADER as u64 + ((len as u64) << width_log2) + 7) & !7
}

/// Fills elements with a value from a slot.
///
/// # Safety
/// The elements are inside an array, and the slots are there.
#[inline(never)]
pub unsafe fn fill(to: *mut u8, len: usize, width_log2: usize, from: *const u64) {
    // SAFETY: the caller has checked the bounds of the array.
    unsafe {
        match width_log2 {
            0 => to.write_bytes(*from as u8, len),
            1 => (0..len).for_each(|i| to.cast::<u16>().add(i).write_unaligned(*from as u16)),
            2 => (0..len).for_each(|i| to.cast::<u32>().add(i).write_unaligned(*from as u32)),
            3 => (0..len).for_each(|i| to.cast::<u64>().add(i).write_unaligned(*from)),
            _ => {
                let v = from.cast::<V128>().read_unaligned();
                (0..len).for_each(|i| to.cast::<V128>().add(i).write_unaligned(v));
            }
        }
    }
}

/// As [`fill`], unless the guest is to stop meanwhile: then the number of the trap, else 0.
///
/// # Safety
/// As there; the store is live.
#[inline(never)]
pub unsafe fn fill_in_parts(store: *mut StoreCtx, to: *mut u8, len: usize, log2: usize, from: *const u64) -> u64 {
    // SAFETY: as there; the store is live.
    unsafe { super::bulk::in_parts(store, len << log2, |at, part| fill(to.add(at), part >> log2, log2, from)) }
}

/// The bytes of a data segment: none once dropped.
///
/// # Safety
/// The instance is alive for as long as the result is used; the segment is one of its module's.
#[inline(always)]
pub unsafe fn data<'a>(ctx: *mut Instance, segment: usize) -> &'a [u8] {
    // SAFETY: segment indices come from validated code; the module lives as long as its instance.
    unsafe {
        if *(*ctx).data_dropped.add(segment) != 0 { &[] } else { (*((*ctx).module as *const ModuleCode)).data(segment) }
    }
}

/// Whether `len` items of `1 << log2` bytes from byte `at` on lie within `size` bytes.
#[inline(always)]
pub fn within(at: u32, len: u32, log2: usize, size: u64) -> bool {
    at as u64 + ((len as u64) << log2) <= size
}

/// The address of an element of the array `r`, of which `len` elements from `i` on are to be used.
///
/// # Safety
/// The instance is alive; the reference is null or to an array of its store's heap.
#[inline(always)]
pub unsafe fn elements(ctx: *mut Instance, r: u32, i: u32, len: u32, log2: usize) -> Result<*mut u8, TrapKind> {
    // SAFETY: an array reference of validated code is null or an array of the heap.
    unsafe {
        if r == 0 {
            return Err(TrapKind::NullArrayReference);
        }
        let object = gc::object((*ctx).store, r);
        if !within(i, len, 0, (*object.cast::<gc::Header>()).extent as u64) {
            return Err(TrapKind::ArrayOutOfBounds);
        }
        Ok(object.add(HEADER as usize + ((i as usize) << log2)))
    }
}
