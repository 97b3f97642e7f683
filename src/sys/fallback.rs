//! Address space for systems without a file of their own, by the global allocator: no reservations, so that memories
//! grow by moving.

use super::SysError;
use core::ptr::NonNull;
use std::alloc::Layout;

const PAGE: usize = 4096;

pub fn page_size() -> usize {
    PAGE
}

fn layout(what: &'static str, len: usize) -> Result<Layout, SysError> {
    Layout::from_size_align(len, PAGE).map_err(|_| SysError { what, bytes: len, code: 0 })
}

pub(super) fn reserve(len: usize) -> Result<NonNull<u8>, SysError> {
    Err(SysError { what: "reserve", bytes: len, code: 0 })
}

pub(super) fn map_zeroed(len: usize) -> Result<NonNull<u8>, SysError> {
    // SAFETY: the layout is of non-zero size: regions are at least a page long.
    let base = unsafe { std::alloc::alloc_zeroed(layout("map", len)?) };
    NonNull::new(base).ok_or(SysError { what: "map", bytes: len, code: 0 })
}

/// # Safety
/// The range is whole pages of a mapping made here.
pub(super) unsafe fn commit(_: NonNull<u8>, _: usize) -> Result<(), SysError> {
    Ok(())
}

/// # Safety
/// As `commit`; nobody uses the content afterwards.
pub(super) unsafe fn decommit(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    // SAFETY: the caller owns the range.
    unsafe { reset(at, len) }
}

/// # Safety
/// As `decommit`.
pub(super) unsafe fn reset(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    // SAFETY: the caller owns the range.
    unsafe { at.as_ptr().write_bytes(0, len) };
    Ok(())
}

/// # Safety
/// `at` and `old` are the whole of a mapping made by `map_zeroed`. On success the old address is gone.
pub(super) unsafe fn remap(at: NonNull<u8>, old: usize, new: usize) -> Result<NonNull<u8>, SysError> {
    let to = map_zeroed(new)?;
    // SAFETY: two live allocations of at least `old` bytes; the old one is given up.
    unsafe {
        to.as_ptr().copy_from_nonoverlapping(at.as_ptr(), old.min(new));
        release(at, old);
    }
    Ok(to)
}

/// # Safety
/// The range is the whole of a mapping made here, which nobody uses afterwards.
pub(super) unsafe fn release(at: NonNull<u8>, len: usize) {
    if let Ok(layout) = layout("release", len) {
        // SAFETY: allocated by `map_zeroed` with this layout.
        unsafe { std::alloc::dealloc(at.as_ptr(), layout) };
    }
}
