//! Long work on memories: what the interpreter and the compiler's routines share.

use super::layout::{Memory, StoreCtx};
use core::sync::atomic::Ordering;

/// The length of a memory in bytes, also when another thread may be growing it.
///
/// # Safety
/// The memory is alive.
#[inline(always)]
pub unsafe fn length(m: *mut Memory) -> usize {
    // SAFETY: the caller gives a live memory.
    unsafe { if (*m).shared_len.is_null() { (*m).len } else { (*(*m).shared_len).load(Ordering::SeqCst) } }
}

/// Whether `len` items from `at` are within `size`.
#[inline(always)]
pub fn within(at: u64, len: u64, size: usize) -> bool {
    at.checked_add(len).is_some_and(|end| end <= size as u64)
}

/// Bytes that are written without asking whether the guest is to stop: about a millisecond's work, even on new pages.
pub const PART: usize = 1 << 20;

/// As `write_bytes`, unless the guest is to stop meanwhile: then the number of the trap, else 0.
///
/// # Safety
/// The bytes are inside a memory, and the store is live.
#[cold]
#[inline(never)]
pub unsafe fn fill_in_parts(store: *mut StoreCtx, to: *mut u8, byte: u8, len: usize) -> u64 {
    // SAFETY: the bytes are inside the memory, and the store is live.
    unsafe { in_parts(store, len, |at, part| to.add(at).write_bytes(byte, part)) }
}

/// As `copy_to`, unless the guest is to stop meanwhile: then the number of the trap, else 0. Items of up to 16 bytes stay whole.
///
/// # Safety
/// The bytes are inside their memories, and the store is live.
#[cold]
#[inline(never)]
pub unsafe fn copy_in_parts(store: *mut StoreCtx, from: *const u8, to: *mut u8, len: usize) -> u64 {
    // What overlaps is copied from the end where nothing is overwritten before it is read.
    let backward = from.addr() < to.addr();
    // SAFETY: the bytes are inside their memories, and the store is live.
    unsafe {
        in_parts(store, len, |at, part| {
            let at = if backward { len - at - part } else { at };
            from.add(at).copy_to(to.add(at), part);
        })
    }
}

/// As `copy_to` for few bytes, and else as [`copy_in_parts`].
///
/// # Safety
/// As there.
#[inline(always)]
pub unsafe fn copy(store: *mut StoreCtx, from: *const u8, to: *mut u8, len: usize) -> u64 {
    // SAFETY: as there.
    unsafe {
        if len > PART {
            return copy_in_parts(store, from, to, len);
        }
        from.copy_to(to, len);
        0
    }
}

/// Does work of `len` bytes in parts, and looks in between whether the guest is to stop: the number of the trap, else 0.
///
/// # Safety
/// The store is live.
pub unsafe fn in_parts(store: *mut StoreCtx, len: usize, part: impl FnMut(usize, usize)) -> u64 {
    // SAFETY: the store is live.
    unsafe { in_steps(store, len, PART, part) }
}

/// As [`in_parts`], for work of `len` steps, so many of them at a time.
///
/// # Safety
/// As there.
pub unsafe fn in_steps(store: *mut StoreCtx, len: usize, most: usize, mut part: impl FnMut(usize, usize)) -> u64 {
    let mut done = 0;
    while done < len {
        let next = most.min(len - done);
        part(done, next);
        done += next;
        // SAFETY: the store is live, and its hooks outlive it.
        unsafe {
            if (*store).is_stop_wanted() {
                let kind = ((*(*store).hooks).checkpoint)(store);
                if kind != 0 {
                    return kind as u64;
                }
            }
        }
    }
    0
}

/// Writes `v` to `len` elements, unless the guest is to stop meanwhile: then the number of the trap, else 0.
///
/// # Safety
/// The elements are inside a table, and the store is live.
#[inline(never)]
pub unsafe fn fill_table(store: *mut StoreCtx, to: *mut u64, v: u64, len: usize) -> u64 {
    // SAFETY: the elements are inside the table, and the store is live.
    unsafe {
        in_parts(store, len * size_of::<u64>(), |at, part| {
            core::slice::from_raw_parts_mut(to.byte_add(at), part / size_of::<u64>()).fill(v);
        })
    }
}
