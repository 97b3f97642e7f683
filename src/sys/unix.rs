//! Address space on Unix, by `mmap`.

use super::SysError;
use core::ptr::NonNull;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};

#[inline]
pub fn page_size() -> usize {
    rustix::param::page_size()
}

fn error(what: &'static str, bytes: usize, e: rustix::io::Errno) -> SysError {
    SysError { what, bytes, code: e.raw_os_error() }
}

fn map(what: &'static str, len: usize, prot: ProtFlags) -> Result<NonNull<u8>, SysError> {
    let flags = MapFlags::PRIVATE;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flags = flags | MapFlags::NORESERVE;
    // SAFETY: a fresh anonymous mapping at an address of the system's choice touches no memory that is in use.
    let base = unsafe { rustix::mm::mmap_anonymous(core::ptr::null_mut(), len, prot, flags) };
    let base = base.map_err(|e| error(what, len, e))?;
    NonNull::new(base.cast()).ok_or(SysError { what, bytes: len, code: 0 })
}

pub(super) fn reserve(len: usize) -> Result<NonNull<u8>, SysError> {
    map("reserve", len, ProtFlags::empty())
}

pub(super) fn map_zeroed(len: usize) -> Result<NonNull<u8>, SysError> {
    map("map", len, ProtFlags::READ | ProtFlags::WRITE)
}

/// # Safety
/// The range is whole pages of a mapping made here.
pub(super) unsafe fn commit(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    // SAFETY: the caller owns the range; making it accessible takes nothing away from anyone.
    unsafe { rustix::mm::mprotect(at.as_ptr().cast(), len, MprotectFlags::READ | MprotectFlags::WRITE) }
        .map_err(|e| error("commit", len, e))
}

/// # Safety
/// As `commit`; nobody writes to the range afterwards.
#[cfg(jit)]
pub(super) unsafe fn execute(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    // SAFETY: the caller owns the range and has finished writing it.
    unsafe { rustix::mm::mprotect(at.as_ptr().cast(), len, MprotectFlags::READ | MprotectFlags::EXEC) }
        .map_err(|e| error("execute", len, e))
}

/// # Safety
/// As `commit`; nobody uses the content afterwards.
pub(super) unsafe fn decommit(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    // SAFETY: the caller owns the range and gives its content up.
    unsafe { replace("decommit", at, len, ProtFlags::empty()) }
}

/// # Safety
/// As `decommit`; the range is committed.
pub(super) unsafe fn reset(at: NonNull<u8>, len: usize) -> Result<(), SysError> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    // SAFETY: the caller owns the range and gives its content up; Linux gives zeroes for it afterwards.
    return unsafe { rustix::mm::madvise(at.as_ptr().cast(), len, rustix::mm::Advice::LinuxDontNeed) }
        .map_err(|e| error("reset", len, e));
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    // SAFETY: the caller owns the range and gives its content up.
    unsafe {
        replace("reset", at, len, ProtFlags::READ | ProtFlags::WRITE)
    }
}

/// # Safety
/// The range is whole pages of a mapping made here, whose content nobody needs.
unsafe fn replace(what: &'static str, at: NonNull<u8>, len: usize, prot: ProtFlags) -> Result<(), SysError> {
    let flags = MapFlags::PRIVATE | MapFlags::FIXED;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let flags = flags | MapFlags::NORESERVE;
    // SAFETY: a fixed mapping over a range that the caller owns.
    unsafe { rustix::mm::mmap_anonymous(at.as_ptr().cast(), len, prot, flags) }
        .map(|_| ())
        .map_err(|e| error(what, len, e))
}

/// # Safety
/// `at` and `old` are the whole of a mapping made by `map_zeroed`. On success the old address is gone.
pub(super) unsafe fn remap(at: NonNull<u8>, old: usize, new: usize) -> Result<NonNull<u8>, SysError> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // SAFETY: the caller owns the mapping and forgets its old address.
        let to = unsafe { rustix::mm::mremap(at.as_ptr().cast(), old, new, rustix::mm::MremapFlags::MAYMOVE) };
        let to = to.map_err(|e| error("map", new, e))?;
        NonNull::new(to.cast()).ok_or(SysError { what: "map", bytes: new, code: 0 })
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let to = map_zeroed(new)?;
        // SAFETY: two live mappings of at least `old` bytes; the old one is given up.
        unsafe {
            to.as_ptr().copy_from_nonoverlapping(at.as_ptr(), old.min(new));
            release(at, old);
        }
        Ok(to)
    }
}

/// # Safety
/// The range is the whole of a mapping made here, which nobody uses afterwards.
pub(super) unsafe fn release(at: NonNull<u8>, len: usize) {
    // SAFETY: the caller owns the mapping. The only failures are ranges that are not ours.
    let _ = unsafe { rustix::mm::munmap(at.as_ptr().cast(), len) };
}
