//! Functions on descriptors.
//!
//! Data travels through a buffer of the host's, a piece at a time: guest memory may be shared with other threads, so the
//! system is never handed it. Regular files fill or empty all vectors of a call, as programs expect of them; everything
//! else gives what is there.
#![forbid(unsafe_code)]

use super::types::{Advice, Errno, FdFlags, FstFlags, Prestat, Rights, Whence};
use super::{Call, Outcome};
use crate::wasi::Stop;
use crate::wasi::fs::{Descriptor, File, Kind, Rights2, Times};
use crate::wasi::guest::{Guest, Iovec};
use crate::wasi::stdio::{Readiness, Stream};
use crate::wasi::wake::Wake;
use rustix::event::PollFlags;
use rustix::fd::{AsFd, BorrowedFd};
use rustix::net::{RecvFlags, SendFlags};
use std::cell::Cell;
use std::time::Duration;

/// How many bytes travel at a time.
const CHUNK: usize = 1 << 20;

/// A buffer up to this size is kept for the thread's next call.
const KEPT: usize = 64 << 10;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends a buffer for up to so many bytes, up to [`CHUNK`]. A call made meanwhile by the same thread, out of a host's
/// stream, gets another.
fn with_buffer<T>(bytes: u32, work: impl FnOnce(&mut [u8]) -> T) -> T {
    let len = (bytes as usize).min(CHUNK);
    let mut buffer = BUFFER.take();
    if buffer.len() < len {
        buffer.resize(len, 0);
    }
    let result = work(&mut buffer[..len]);
    if buffer.len() <= KEPT {
        BUFFER.set(buffer);
    }
    result
}

fn flags(bits: u32) -> Result<FdFlags, Errno> {
    FdFlags::from_bits(bits as u64).ok_or(Errno::Inval)
}

/// Rights as a guest asks for them; what no right has been defined for is nothing.
pub(super) fn rights_of(base: u64, inheriting: u64) -> Rights2 {
    Rights2 { base: Rights(base) & Rights::ALL, inheriting: Rights(inheriting) & Rights::ALL }
}

/// Waits until a descriptor of the system's is ready, or fails if the guest does not want to wait.
fn ready(wake: &Wake, fd: BorrowedFd<'_>, what: PollFlags, flags: FdFlags) -> Result<(), Stop> {
    if !flags.contains(FdFlags::NONBLOCK) {
        return wake.wait(fd, what);
    }
    let found = wake.poll(&[(fd, what)], Some(Duration::ZERO))?;
    if found.iter().all(|found| found.is_empty()) { Err(Errno::Again.into()) } else { Ok(()) }
}

fn stream_ready(wake: &Wake, stream: &dyn Stream, what: PollFlags, flags: FdFlags) -> Result<(), Stop> {
    match stream.readiness() {
        Readiness::Always => Ok(()),
        Readiness::Fd(fd) => ready(wake, fd, what, flags),
    }
}

pub fn fd_advise(call: &mut Call<'_>, fd: u32, offset: u64, len: u64, advice: u32) -> Outcome {
    let advice = Advice::from_number(advice as u64).ok_or(Errno::Inval)?;
    Ok(call.ctx.table.get(fd)?.seekable(Rights::FD_ADVISE)?.advise(offset, len, advice)?)
}

pub fn fd_allocate(call: &mut Call<'_>, fd: u32, offset: u64, len: u64) -> Outcome {
    Ok(call.ctx.table.get(fd)?.seekable(Rights::FD_ALLOCATE)?.allocate(offset, len)?)
}

pub fn fd_close(call: &mut Call<'_>, fd: u32) -> Outcome {
    Ok(call.ctx.table.close(fd)?)
}

pub fn fd_datasync(call: &mut Call<'_>, fd: u32) -> Outcome {
    Ok(call.ctx.table.get(fd)?.sync(Rights::FD_DATASYNC, true)?)
}

pub fn fd_sync(call: &mut Call<'_>, fd: u32) -> Outcome {
    Ok(call.ctx.table.get(fd)?.sync(Rights::FD_SYNC, false)?)
}

pub fn fd_fdstat_get(call: &mut Call<'_>, fd: u32, out: u32) -> Outcome {
    let stat = call.ctx.table.get(fd)?.fdstat();
    Ok(call.mem()?.write(out, &stat.to_bytes())?)
}

pub fn fd_fdstat_set_flags(call: &mut Call<'_>, fd: u32, bits: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    Ok(descriptor.set_flags(flags(bits)?)?)
}

pub fn fd_fdstat_set_rights(call: &mut Call<'_>, fd: u32, base: u64, inheriting: u64) -> Outcome {
    let to = Rights2 { base: Rights(base), inheriting: Rights(inheriting) };
    Ok(call.ctx.table.get(fd)?.shrink(to)?)
}

pub fn fd_filestat_get(call: &mut Call<'_>, fd: u32, out: u32) -> Outcome {
    let stat = call.ctx.table.get(fd)?.filestat()?;
    super::path::write_filestat(call, out, &stat)
}

pub fn fd_filestat_set_size(call: &mut Call<'_>, fd: u32, size: u64) -> Outcome {
    Ok(call.ctx.table.get(fd)?.file(Rights::FD_FILESTAT_SET_SIZE)?.set_size(size)?)
}

pub fn fd_filestat_set_times(call: &mut Call<'_>, fd: u32, atim: u64, mtim: u64, bits: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let bits = FstFlags::from_bits(bits as u64).ok_or(Errno::Inval)?;
    Ok(descriptor.set_times(Times::new(atim, mtim, bits)?)?)
}

pub fn fd_prestat_get(call: &mut Call<'_>, fd: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    // Guests count up until there are no more.
    let name = descriptor.preopen_name().ok_or(Errno::Badf)?;
    // Bounded when the directory was preopened.
    let stat = Prestat { name_len: name.len() as u32 };
    Ok(call.mem()?.write(out, &stat.to_bytes())?)
}

pub fn fd_prestat_dir_name(call: &mut Call<'_>, fd: u32, out: u32, room: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let name = descriptor.preopen_name().ok_or(Errno::Notdir)?;
    if name.len() > room as usize {
        return Err(Errno::Nametoolong.into());
    }
    Ok(call.mem()?.write(out, name)?)
}

pub fn fd_renumber(call: &mut Call<'_>, from: u32, to: u32) -> Outcome {
    Ok(call.ctx.table.renumber(from, to)?)
}

pub fn fd_seek(call: &mut Call<'_>, fd: u32, delta: i64, whence: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let number = whence as u64;
    let whence = if call.is_old() { Whence::from_old(number) } else { Whence::from_number(number) };
    let whence = whence.ok_or(Errno::Inval)?;
    // Asking where one is takes less.
    let asking = delta == 0 && whence == Whence::Cur;
    let file = match descriptor.seekable(Rights::FD_SEEK) {
        Err(Errno::Notcapable) if asking => descriptor.seekable(Rights::FD_TELL)?,
        other => other?,
    };
    let mem = call.mem()?;
    mem.check(out, 8)?;
    Ok(mem.write_u64(out, file.seek(delta, whence)?)?)
}

pub fn fd_tell(call: &mut Call<'_>, fd: u32, out: u32) -> Outcome {
    let at = match call.ctx.table.get(fd)? {
        d if d.rights().base.contains(Rights::FD_SEEK) => d.seekable(Rights::FD_SEEK)?.tell()?,
        d => d.seekable(Rights::FD_TELL)?.tell()?,
    };
    Ok(call.mem()?.write_u64(out, at)?)
}

pub fn fd_readdir(call: &mut Call<'_>, fd: u32, buf: u32, room: u32, cookie: u64, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let Kind::Dir(_) = descriptor.kind else { return Err(Errno::Notdir.into()) };
    let dir = descriptor.dir(Rights::FD_READDIR)?;
    let mem = call.mem()?;
    mem.check(buf, room as u64)?;
    mem.check(out, 4)?;
    let entries = dir.list(cookie, room as usize)?;
    mem.write(buf, &entries)?;
    Ok(mem.write_u32(out, entries.len() as u32)?)
}

/// Where the data of a call is: checked vectors of guest memory.
struct Vectors<'a> {
    mem: &'a Guest,
    list: Vec<Iovec>,
    total: u32,
}

impl<'a> Vectors<'a> {
    fn new(mem: &'a Guest, at: u32, count: u32, out: u32) -> Result<Vectors<'a>, Errno> {
        let (list, total) = mem.iovecs(at, count)?;
        // Before anything is read that could not be reported.
        mem.check(out, 4)?;
        Ok(Vectors { mem, list, total })
    }

    /// Fills the vectors from a file.
    fn read_file(&self, wake: &Wake, file: &File, at: Option<u64>, flags: FdFlags) -> Result<u32, Stop> {
        self.transfer(wake, |done, buf| {
            let n = file.read(buf, at.map(|at| at.saturating_add(done)), flags)?;
            self.mem.scatter(&self.list, done, &buf[..n])
        })
    }

    /// Writes what is in the vectors to a file.
    fn write_file(&self, wake: &Wake, file: &File, at: Option<u64>, flags: FdFlags) -> Result<u32, Stop> {
        let n = self.transfer(wake, |done, buf| {
            let n = self.mem.gather(&self.list, done, buf)?;
            file.write(&buf[..n], at.map(|at| at.saturating_add(done)))
        })?;
        file.written(flags)?;
        Ok(n)
    }

    /// Goes on until all is done or a piece comes out short. An error after the first piece is for the next call to find.
    fn transfer(
        &self,
        wake: &Wake,
        mut piece: impl FnMut(u64, &mut [u8]) -> Result<usize, Errno>,
    ) -> Result<u32, Stop> {
        with_buffer(self.total, |buf| {
            let mut done = 0;
            loop {
                let wanted = buf.len().min((self.total - done) as usize);
                let n = match piece(done as u64, &mut buf[..wanted]) {
                    Err(_) if done > 0 => return Ok(done),
                    n => n?,
                };
                // At most what was left of 32 bits.
                done += n as u32;
                if n < wanted || done == self.total {
                    return Ok(done);
                }
                if wake.is_raised() {
                    return Err(Stop::Interrupted);
                }
            }
        })
    }

    /// Reads once from what has no end known in advance.
    fn read_once(&self, read: impl FnOnce(&mut [u8]) -> Result<usize, Errno>) -> Result<u32, Stop> {
        with_buffer(self.total.min(KEPT as u32), |buf| {
            let n = read(buf)?.min(buf.len());
            self.mem.scatter(&self.list, 0, &buf[..n])?;
            Ok(n as u32)
        })
    }

    fn write_once(&self, write: impl FnOnce(&[u8]) -> Result<usize, Errno>) -> Result<u32, Stop> {
        with_buffer(self.total.min(KEPT as u32), |buf| {
            let n = self.mem.gather(&self.list, 0, buf)?;
            Ok(write(&buf[..n])?.min(n) as u32)
        })
    }
}

pub fn fd_read(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    read(call, &descriptor, iovs, count, None, out)
}

pub fn fd_pread(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, at: u64, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    read(call, &descriptor, iovs, count, Some(at), out)
}

fn read(call: &Call<'_>, d: &Descriptor, iovs: u32, count: u32, at: Option<u64>, out: u32) -> Outcome {
    let wake = &call.ctx.wake;
    let needed = if at.is_some() { Rights::FD_READ | Rights::FD_SEEK } else { Rights::FD_READ };
    let mem = call.mem()?;
    let flags = d.flags();
    let n = match &d.kind {
        Kind::Dir(_) => return Err(Errno::Badf.into()),
        Kind::File(_) => {
            let file = positioned(d, needed)?;
            Vectors::new(mem, iovs, count, out)?.read_file(wake, file, at, flags)?
        }
        _ if at.is_some() => return Err(Errno::Spipe.into()),
        Kind::Stream(stream) => {
            d.require(needed)?;
            let vectors = Vectors::new(mem, iovs, count, out)?;
            stream_ready(wake, &**stream, PollFlags::IN, flags)?;
            vectors.read_once(|buf| stream.read(buf))?
        }
        Kind::Connection(socket) => {
            d.require(needed)?;
            let vectors = Vectors::new(mem, iovs, count, out)?;
            ready(wake, socket.as_fd(), PollFlags::IN, flags)?;
            vectors.read_once(|buf| Ok(rustix::net::recv(socket, buf, RecvFlags::empty())?.0))?
        }
        Kind::Listener(_) => return Err(Errno::Notconn.into()),
    };
    Ok(mem.write_u32(out, n)?)
}

pub fn fd_write(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    write(call, &descriptor, iovs, count, None, out)
}

pub fn fd_pwrite(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, at: u64, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    write(call, &descriptor, iovs, count, Some(at), out)
}

fn write(call: &Call<'_>, d: &Descriptor, iovs: u32, count: u32, at: Option<u64>, out: u32) -> Outcome {
    let wake = &call.ctx.wake;
    let needed = if at.is_some() { Rights::FD_WRITE | Rights::FD_SEEK } else { Rights::FD_WRITE };
    let mem = call.mem()?;
    let flags = d.flags();
    let n = match &d.kind {
        Kind::Dir(_) => return Err(Errno::Badf.into()),
        Kind::File(_) => {
            let file = positioned(d, needed)?;
            Vectors::new(mem, iovs, count, out)?.write_file(wake, file, at, flags)?
        }
        _ if at.is_some() => return Err(Errno::Spipe.into()),
        Kind::Stream(stream) => {
            d.require(needed)?;
            let vectors = Vectors::new(mem, iovs, count, out)?;
            stream_ready(wake, &**stream, PollFlags::OUT, flags)?;
            vectors.write_once(|bytes| stream.write(bytes))?
        }
        Kind::Connection(socket) => {
            d.require(needed)?;
            let vectors = Vectors::new(mem, iovs, count, out)?;
            ready(wake, socket.as_fd(), PollFlags::OUT, flags)?;
            vectors.write_once(|bytes| Ok(rustix::net::send(socket, bytes, SendFlags::NOSIGNAL)?))?
        }
        Kind::Listener(_) => return Err(Errno::Notconn.into()),
    };
    Ok(mem.write_u32(out, n)?)
}

/// The file of a call that reads or writes. Reading and writing at an offset ask for the right to seek, and say so.
fn positioned(d: &Descriptor, needed: Rights) -> Result<&File, Errno> {
    d.require(needed & !Rights::FD_SEEK)?;
    d.file(needed & Rights::FD_SEEK)
}
