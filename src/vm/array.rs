//! Arrays of the garbage-collected heap: what the interpreter and the compiler's routines share.

use super::bulk::PART;
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

/// After the elements of a new array have been written, or have not all been because the guest is to stop: then the array, which
/// nobody has, is made an empty one for the collector to find. Passes the trap's number on, or 0.
///
/// # Safety
/// The object is a new array.
#[inline(always)]
pub unsafe fn unless_stopped(object: *mut u8, kind: u64) -> u64 {
    if kind != 0 {
        // SAFETY: an object begins with its header.
        unsafe { (*object.cast::<gc::Header>()).extent = 0 };
    }
    kind
}

/// Where the elements of an array are, and how many.
#[inline(always)]
unsafe fn body(object: *mut u8) -> (*mut u8, usize) {
    // SAFETY: the callers pass an array.
    unsafe { (object.add(HEADER as usize), (*object.cast::<gc::Header>()).extent as usize) }
}

/// Writes the elements of a new array: a value from a slot. 0, or the number of the trap that stops the guest meanwhile.
///
/// # Safety
/// The object is a new array of the live store's heap, with elements of this width; the slots are there.
#[inline(never)]
pub unsafe fn fill_new(store: *mut StoreCtx, object: *mut u8, log2: usize, from: *const u64) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        let (to, len) = body(object);
        if len << log2 <= PART {
            fill(to, len, log2, from);
            return 0;
        }
        unless_stopped(object, fill_in_parts(store, to, len, log2, from))
    }
}

/// As [`fill_new`], with zeros.
///
/// # Safety
/// As there.
#[inline(never)]
pub unsafe fn zero_new(store: *mut StoreCtx, object: *mut u8, log2: usize) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        let (to, len) = body(object);
        if len << log2 <= PART {
            to.write_bytes(0, len << log2);
            return 0;
        }
        unless_stopped(object, super::bulk::fill_in_parts(store, to, 0, len << log2))
    }
}

/// As [`fill_new`], from bytes.
///
/// # Safety
/// As there; there are as many bytes as the array has.
#[inline(never)]
pub unsafe fn copy_new(store: *mut StoreCtx, object: *mut u8, log2: usize, from: *const u8) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        let (to, len) = body(object);
        unless_stopped(object, super::bulk::copy(store, from, to, len << log2))
    }
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
