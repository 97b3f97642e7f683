//! The operating system, as little of it as the library needs: address space, and threads. One file per family of systems for
//! address space, all with the same functions; `fallback` uses the global allocator, so that every target compiles and
//! works, without reservations.
//!
//! Invariant: nothing here panics. Every failure is a [`SysError`] that names the request which failed; the caller
//! decides whether there is another way (a memory that cannot be reserved is grown by moving).

pub mod cpu;
pub mod heap;

use core::fmt;
use core::ptr::NonNull;

#[cfg(unix)]
#[path = "unix.rs"]
mod os;
#[cfg(not(unix))]
#[path = "fallback.rs"]
mod os;

// The layout of what the system passes to handlers is known for these.
#[cfg(all(jit, any(target_os = "linux", target_os = "android")))]
pub mod faults;
#[cfg(all(jit, not(any(target_os = "linux", target_os = "android"))))]
#[path = "no_faults.rs"]
pub mod faults;
mod per_process;
#[cfg(profile)]
pub mod profile;
mod threads;
#[cfg(jit)]
pub mod unwind;
#[cfg(jit)]
mod valgrind;

pub use os::page_size;
pub use per_process::PerProcess;
pub use threads::{at_work, thread_mark, thread_stack, without_signals};
#[cfg(jit)]
pub use threads::{stack_is_gone, stack_is_here, stack_pointer};
#[cfg(jit)]
pub use valgrind::defined;

/// A request that the operating system refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SysError {
    /// What was asked for.
    pub what: &'static str,
    pub bytes: usize,
    /// `errno`, or 0 where there is none.
    pub code: i32,
}

impl fmt::Display for SysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {} bytes of memory", self.what, self.bytes)?;
        match self.code {
            0 => Ok(()),
            code => write!(f, ": {}", std::io::Error::from_raw_os_error(code)),
        }
    }
}

impl std::error::Error for SysError {}

/// A run of address space, page-aligned, owned. Its bytes are reached through raw pointers only: what lives in it
/// is the business of its owner.
#[derive(Debug)]
pub struct Region {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a region is an address range with no thread affinity; all access to its bytes is through raw pointers,
// whose users answer for synchronisation.
unsafe impl Send for Region {}
// SAFETY: as above; `&Region` gives nothing but the address and length.
unsafe impl Sync for Region {}

impl Region {
    /// Address space that cannot be touched yet; [`Region::commit`] opens parts of it. Fails on systems without
    /// reservations, and where the address space is limited.
    pub fn reserve(len: usize) -> Result<Region, SysError> {
        let len = round_up(len, "reserve")?;
        Ok(Region { base: os::reserve(len)?, len })
    }

    /// Zeroed bytes that can be read and written, taken from the system when first touched where it can do that.
    pub fn zeroed(len: usize) -> Result<Region, SysError> {
        let len = round_up(len, "map")?;
        Ok(Region { base: os::map_zeroed(len)?, len })
    }

    #[inline]
    pub fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// In bytes, a multiple of the page size.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Makes `len` bytes from `offset` readable and writable; bytes not committed before read as zero. Both must be
    /// multiples of the page size, and inside the region.
    pub fn commit(&self, offset: usize, len: usize) -> Result<(), SysError> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part(offset, len, "commit")?;
        // SAFETY: `part` checked that the range lies in this region, which is a live mapping of ours.
        unsafe { os::commit(at, len) }
    }

    /// Gives `len` bytes from `offset` back to the system: their content is lost and they cannot be touched.
    pub fn decommit(&self, offset: usize, len: usize) -> Result<(), SysError> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part(offset, len, "decommit")?;
        // SAFETY: as in `commit`; the caller of this method gives up the content.
        unsafe { os::decommit(at, len) }
    }

    /// Zeroes `len` bytes from `offset`, which are committed, and gives their pages back to the system.
    pub fn reset(&self, offset: usize, len: usize) -> Result<(), SysError> {
        if len == 0 {
            return Ok(());
        }
        let at = self.part(offset, len, "reset")?;
        // SAFETY: as in `decommit`.
        unsafe { os::reset(at, len) }
    }

    /// Zeroes the first `len` bytes, which are committed: by writing if they are at most `small`, else as
    /// [`Region::reset`] does.
    pub fn zero(&self, len: usize, small: usize) -> Result<(), SysError> {
        if len > small {
            return self.reset(0, len);
        }
        let at = self.part(0, len.next_multiple_of(page_size()), "reset")?;
        // SAFETY: inside the region, and committed.
        unsafe { at.as_ptr().write_bytes(0, len) };
        Ok(())
    }

    /// Makes `len` bytes from `offset` executable and no longer writable. They hold machine code that nobody runs yet.
    #[cfg(jit)]
    pub fn make_executable(&self, offset: usize, len: usize) -> Result<(), SysError> {
        let at = self.part(offset, len, "execute")?;
        // SAFETY: as in `commit`; x86-64 keeps its instruction cache coherent.
        unsafe { os::execute(at, len) }
    }

    /// Grows a region made by [`Region::zeroed`], keeping its content; it may move.
    pub fn grow(&mut self, len: usize) -> Result<(), SysError> {
        let len = round_up(len, "map")?;
        if len <= self.len {
            return Ok(());
        }
        // SAFETY: `self.base` and `self.len` describe the whole of a live mapping that `self` owns.
        self.base = unsafe { os::remap(self.base, self.len, len)? };
        self.len = len;
        Ok(())
    }

    fn part(&self, offset: usize, len: usize, what: &'static str) -> Result<NonNull<u8>, SysError> {
        let inside = offset.checked_add(len).is_some_and(|end| end <= self.len);
        if !inside || (offset | len) & (page_size() - 1) != 0 {
            return Err(SysError { what, bytes: len, code: 0 });
        }
        // SAFETY: `offset` is at most the length of the mapping.
        Ok(unsafe { self.base.add(offset) })
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: the region owns the whole mapping, and nobody uses it after its owner.
        unsafe { os::release(self.base, self.len) }
    }
}

/// `len` rounded up to whole pages, at least one.
fn round_up(len: usize, what: &'static str) -> Result<usize, SysError> {
    let page = page_size();
    match len.max(1).checked_next_multiple_of(page) {
        Some(len) if len <= isize::MAX as usize => Ok(len),
        _ => Err(SysError { what, bytes: len, code: 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeroed_is_zero_and_grows_with_its_content() {
        let mut r = Region::zeroed(10).unwrap();
        assert_eq!(r.len(), page_size());
        // SAFETY: the region is `page_size()` writable bytes.
        unsafe {
            assert_eq!(*r.base(), 0);
            *r.base().add(r.len() - 1) = 7;
        }
        let old = r.len();
        r.grow(old * 100).unwrap();
        // SAFETY: grown to a hundred pages.
        unsafe {
            assert_eq!(*r.base().add(old - 1), 7);
            assert_eq!(*r.base().add(r.len() - 1), 0);
        }
        r.grow(1).unwrap();
        assert_eq!(r.len(), old * 100);
    }

    #[test]
    fn absurd_sizes_are_errors() {
        assert!(Region::zeroed(usize::MAX).is_err());
        assert!(Region::reserve(usize::MAX - 5).is_err());
        assert!(Region::zeroed(isize::MAX as usize).is_err());
        let text = Region::zeroed(usize::MAX).unwrap_err().to_string();
        assert!(text.contains("map"), "{text}");
    }

    #[cfg(all(unix, target_pointer_width = "64"))]
    #[test]
    fn reservations_commit_in_parts() {
        let page = page_size();
        let r = Region::reserve(1 << 30).unwrap();
        r.commit(0, page * 2).unwrap();
        // SAFETY: two pages are committed.
        unsafe {
            *r.base().add(page) = 5;
            r.decommit(page, page).unwrap();
            r.commit(page, page).unwrap();
            assert_eq!(*r.base().add(page), 0);
            *r.base() = 9;
            r.reset(0, page).unwrap();
            assert_eq!(*r.base(), 0);
            for small in [0, page] {
                *r.base().add(page - 1) = 9;
                r.zero(page, small).unwrap();
                assert_eq!(*r.base().add(page - 1), 0);
            }
        }
        assert!(r.commit(page, 1 << 30).is_err());
        assert!(r.commit(1, page).is_err());
    }
}
