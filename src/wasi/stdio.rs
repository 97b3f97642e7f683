//! Streams: what standard input, output and error are connected to.
//!
//! A stream has no position that a guest could move. The descriptor table holds it as `Arc<dyn Stream>`; the host keeps
//! a clone where it wants something back ([`Captured`]). All methods may be called by several threads of a guest at a
//! time; no lock is held while something blocks.
#![forbid(unsafe_code)]

use super::p1::types::{Errno, FileType};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// When a stream can be read or written without blocking.
#[derive(Clone, Copy)]
pub enum Readiness<'a> {
    /// At any time.
    Always,
    /// When the system says so of this descriptor.
    Fd(BorrowedFd<'a>),
}

/// A place that bytes come from or go to.
pub trait Stream: Send + Sync {
    /// Reads up to as many bytes as there is room for, at least one unless the stream has ended: 0. Blocks if the
    /// descriptor of [`Stream::readiness`] is not ready.
    fn read(&self, _to: &mut [u8]) -> Result<usize, Errno> {
        Err(Errno::Badf)
    }

    /// Writes some of the bytes, at least one unless there are none; how many.
    fn write(&self, _bytes: &[u8]) -> Result<usize, Errno> {
        Err(Errno::Badf)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Always
    }

    /// How many bytes can be read at once, as far as that is known; at least 1 for a stream that can be read.
    fn available(&self) -> u64 {
        1
    }

    /// A terminal is a character device: guests buffer by lines then. What is not known is `Unknown`.
    fn filetype(&self) -> FileType {
        FileType::Unknown
    }
}

pub(super) fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    // What these locks guard is whole after every statement.
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends at once, and takes everything.
pub struct Null;

impl Stream for Null {
    fn read(&self, _to: &mut [u8]) -> Result<usize, Errno> {
        Ok(0)
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        Ok(bytes.len())
    }
}

/// A descriptor of the host's.
pub struct HostFd(OwnedFd);

impl HostFd {
    pub fn new(fd: OwnedFd) -> HostFd {
        HostFd(fd)
    }

    /// The process's own input or output, by a duplicate, so that it stays open as long as the guest needs it.
    pub fn duplicate(fd: BorrowedFd<'_>) -> std::io::Result<HostFd> {
        Ok(HostFd(fd.try_clone_to_owned()?))
    }

    /// A file to read.
    pub fn open(path: &Path) -> std::io::Result<HostFd> {
        Ok(HostFd(File::open(path)?.into()))
    }

    /// A file to write, made or emptied.
    pub fn create(path: &Path) -> std::io::Result<HostFd> {
        Ok(HostFd(File::create(path)?.into()))
    }
}

impl Stream for HostFd {
    fn read(&self, to: &mut [u8]) -> Result<usize, Errno> {
        loop {
            match rustix::io::read(&self.0, &mut *to) {
                Err(rustix::io::Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }

    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        loop {
            match rustix::io::write(&self.0, bytes) {
                Err(rustix::io::Errno::INTR) => {}
                done => return Ok(done?),
            }
        }
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Fd(self.0.as_fd())
    }

    fn available(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.0).unwrap_or(1).max(1)
    }

    fn filetype(&self) -> FileType {
        use rustix::fs::FileType as Kind;
        let Ok(stat) = rustix::fs::fstat(&self.0) else { return FileType::Unknown };
        match Kind::from_raw_mode(stat.st_mode) {
            // `/dev/null` and its like are not terminals, and guests take every character device for one.
            Kind::CharacterDevice if rustix::termios::isatty(&self.0) => FileType::CharacterDevice,
            Kind::RegularFile => FileType::RegularFile,
            Kind::BlockDevice => FileType::BlockDevice,
            Kind::Socket => FileType::SocketStream,
            _ => FileType::Unknown,
        }
    }
}

/// Bytes to be read, once.
pub struct Bytes(Mutex<(Box<[u8]>, usize)>);

impl Bytes {
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Bytes {
        Bytes(Mutex::new((bytes.into(), 0)))
    }
}

impl Stream for Bytes {
    fn read(&self, to: &mut [u8]) -> Result<usize, Errno> {
        let mut state = lock(&self.0);
        let (bytes, at) = &mut *state;
        let n = to.len().min(bytes.len() - *at);
        to[..n].copy_from_slice(&bytes[*at..*at + n]);
        *at += n;
        Ok(n)
    }

    fn available(&self) -> u64 {
        let state = lock(&self.0);
        ((state.0.len() - state.1) as u64).max(1)
    }
}

/// Output that the host reads out of the environment. It keeps a bounded number of unread bytes; what exceeds that is
/// dropped, as if it had been written, so that a guest cannot use up the host's memory.
pub struct Captured {
    bytes: Mutex<VecDeque<u8>>,
    limit: usize,
}

impl Captured {
    pub fn new(limit: usize) -> Captured {
        Captured { bytes: Mutex::default(), limit }
    }

    /// Takes up to as many bytes as there is room for, those first that were written first; how many.
    pub fn take(&self, to: &mut [u8]) -> usize {
        let mut bytes = lock(&self.bytes);
        let n = to.len().min(bytes.len());
        for (to, byte) in to.iter_mut().zip(bytes.drain(..n)) {
            *to = byte;
        }
        n
    }

    /// How many bytes nobody has taken yet.
    pub fn len(&self) -> usize {
        lock(&self.bytes).len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Stream for Captured {
    fn write(&self, new: &[u8]) -> Result<usize, Errno> {
        let mut bytes = lock(&self.bytes);
        let room = self.limit.saturating_sub(bytes.len()).min(new.len());
        if bytes.try_reserve(room).is_ok() {
            bytes.extend(&new[..room]);
        }
        Ok(new.len())
    }
}
