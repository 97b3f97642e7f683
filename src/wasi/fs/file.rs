//! Regular files.
//!
//! The position and append mode are the system's own, so threads that share a descriptor get what POSIX promises, as far
//! as a call is one system call. Synchronised writing is done here, because systems do not let it be changed after opening.
#![forbid(unsafe_code)]

use super::descriptor::Perms;
use super::stat::{Times, filestat_of};
use crate::wasi::p1::types::{Advice, Errno, FdFlags, Filestat, Whence};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::{self, OFlags, SeekFrom};
use rustix::io::Errno as Sys;
use std::num::NonZeroU64;
use std::os::unix::fs::FileExt;

pub struct File {
    file: std::fs::File,
    perms: Perms,
}

/// Offsets and sizes are signed in the system's interface.
fn signed(value: u64) -> Result<u64, Errno> {
    if i64::try_from(value).is_ok() { Ok(value) } else { Err(Errno::Inval) }
}

/// Repeats what a signal of the host's has interrupted.
fn retry<T>(mut call: impl FnMut() -> std::io::Result<T>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            done => return Ok(done?),
        }
    }
}

fn retry_sys<T>(mut call: impl FnMut() -> Result<T, Sys>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Sys::INTR) => {}
            done => return Ok(done?),
        }
    }
}

impl File {
    pub fn new(file: std::fs::File, perms: Perms) -> File {
        File { file, perms }
    }

    /// For waiting until it is ready.
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// Fails unless the host lets guests write to files here.
    fn writable(&self) -> Result<(), Errno> {
        if self.perms.write_files { Ok(()) } else { Err(Errno::Perm) }
    }

    /// Reads at the position, or at an offset.
    pub fn read(&self, to: &mut [u8], at: Option<u64>, flags: FdFlags) -> Result<usize, Errno> {
        if flags.contains(FdFlags::RSYNC) {
            self.sync(true)?;
        }
        match at {
            None => retry(|| std::io::Read::read(&mut &self.file, to)),
            Some(at) => {
                let at = signed(at)?;
                retry(|| self.file.read_at(to, at))
            }
        }
    }

    /// Writes at the position or the end, or at an offset.
    pub fn write(&self, bytes: &[u8], at: Option<u64>) -> Result<usize, Errno> {
        self.writable()?;
        match at {
            None => retry(|| std::io::Write::write(&mut &self.file, bytes)),
            Some(at) => {
                let at = signed(at)?;
                retry(|| self.file.write_at(bytes, at))
            }
        }
    }

    /// Waits for what has been written, if the flags of the descriptor ask for it.
    pub fn written(&self, flags: FdFlags) -> Result<(), Errno> {
        if flags.contains(FdFlags::SYNC) {
            self.sync(false)
        } else if flags.intersects(FdFlags::DSYNC) {
            self.sync(true)
        } else {
            Ok(())
        }
    }

    pub fn seek(&self, delta: i64, whence: Whence) -> Result<u64, Errno> {
        let to = match whence {
            Whence::Set => SeekFrom::Start(u64::try_from(delta).map_err(|_| Errno::Inval)?),
            Whence::Cur => SeekFrom::Current(delta),
            Whence::End => SeekFrom::End(delta),
        };
        Ok(fs::seek(&self.file, to)?)
    }

    pub fn tell(&self) -> Result<u64, Errno> {
        Ok(fs::tell(&self.file)?)
    }

    pub fn set_size(&self, size: u64) -> Result<(), Errno> {
        self.writable()?;
        let size = signed(size)?;
        retry_sys(|| fs::ftruncate(&self.file, size))
    }

    pub fn allocate(&self, offset: u64, len: u64) -> Result<(), Errno> {
        self.writable()?;
        if len == 0 {
            return Err(Errno::Inval);
        }
        let end = signed(offset)?.checked_add(signed(len)?).ok_or(Errno::Fbig)?;
        signed(end).map_err(|_| Errno::Fbig)?;
        retry_sys(|| fs::fallocate(&self.file, fs::FallocateFlags::empty(), offset, len))
    }

    pub fn advise(&self, offset: u64, len: u64, advice: Advice) -> Result<(), Errno> {
        signed(offset)?.checked_add(signed(len)?).ok_or(Errno::Inval)?;
        #[cfg(not(target_vendor = "apple"))]
        fs::fadvise(
            &self.file,
            offset,
            NonZeroU64::new(len),
            match advice {
                Advice::Normal => fs::Advice::Normal,
                Advice::Sequential => fs::Advice::Sequential,
                Advice::Random => fs::Advice::Random,
                Advice::Willneed => fs::Advice::WillNeed,
                Advice::Dontneed => fs::Advice::DontNeed,
                Advice::Noreuse => fs::Advice::NoReuse,
            },
        )?;
        Ok(())
    }

    pub fn sync(&self, data_only: bool) -> Result<(), Errno> {
        sync(self.file.as_fd(), data_only)
    }

    pub fn stat(&self) -> Result<Filestat, Errno> {
        Ok(filestat_of(&fs::fstat(&self.file)?))
    }

    pub fn set_times(&self, times: Times) -> Result<(), Errno> {
        self.writable()?;
        Ok(fs::futimens(&self.file, &times.0)?)
    }

    pub fn set_append(&self, append: bool) -> Result<(), Errno> {
        Ok(fs::fcntl_setfl(&self.file, if append { OFlags::APPEND } else { OFlags::empty() })?)
    }
}

pub(super) fn sync(fd: BorrowedFd<'_>, data_only: bool) -> Result<(), Errno> {
    #[cfg(not(target_vendor = "apple"))]
    if data_only {
        return retry_sys(|| fs::fdatasync(fd));
    }
    retry_sys(|| fs::fsync(fd))
}
