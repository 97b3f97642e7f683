//! What profilers of Linux want of the system: a clock that they share, files that nobody else can have put there, and a mapping that they see.

use rustix::fs::OFlags;
use rustix::mm::{MapFlags, ProtFlags};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Nanoseconds of the clock that `perf record -k mono` uses.
pub fn clock() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

/// The thread's number in the system.
pub fn thread() -> u32 {
    rustix::thread::gettid().as_raw_nonzero().get() as u32
}

/// An empty file for the user alone. Where the directory is everybody's, a link that somebody else has put there is not followed.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(0o600);
    options.custom_flags(OFlags::NOFOLLOW.bits() as i32).open(path)
}

/// A page of a file, mapped as code: the profiler notes the mapping and finds the file by it.
pub struct Marker {
    at: *mut core::ffi::c_void,
}

// SAFETY: an address that nobody reads.
unsafe impl Send for Marker {}

impl Marker {
    pub fn new(file: &File) -> io::Result<Marker> {
        let (read, len) = (ProtFlags::READ | ProtFlags::EXEC, super::page_size());
        // SAFETY: a new mapping, at a place of the system's choice.
        let at = unsafe { rustix::mm::mmap(core::ptr::null_mut(), len, read, MapFlags::PRIVATE, file, 0)? };
        Ok(Marker { at })
    }
}

impl Drop for Marker {
    fn drop(&mut self) {
        // SAFETY: the mapping made above.
        let _ = unsafe { rustix::mm::munmap(self.at, super::page_size()) };
    }
}
