//! Sockets: connections accepted on what the host has preopened.
//!
//! The system's sockets never block: a call that has to wait does so in `poll`, where it can be ended from outside, and
//! tries again. Whether the guest wants to wait is in the descriptor's flags.
#![forbid(unsafe_code)]

use super::types::{Errno, FdFlags, RiFlags, Rights, RoFlags, SdFlags, SiFlags};
use super::{Call, Outcome};
use crate::wasi::Stop;
use crate::wasi::fs::{Descriptor, Kind};
use rustix::event::PollFlags;
use rustix::fd::{AsFd, OwnedFd};
use rustix::net::{RecvFlags, SendFlags, Shutdown};

/// How many bytes travel at a time.
const CHUNK: usize = 64 << 10;

/// Does `work` when it does not block any more, or fails if the guest does not want to wait.
fn when_ready<T>(
    call: &Call<'_>,
    fd: &OwnedFd,
    what: PollFlags,
    flags: FdFlags,
    mut work: impl FnMut() -> rustix::io::Result<T>,
) -> Result<T, Stop> {
    loop {
        match work() {
            Err(rustix::io::Errno::AGAIN) if !flags.contains(FdFlags::NONBLOCK) => {
                call.ctx.wake.wait(fd.as_fd(), what)?
            }
            Err(rustix::io::Errno::INTR) => {}
            done => return Ok(done?),
        }
    }
}

/// The connected socket behind a descriptor.
fn connection(d: &Descriptor, rights: Rights) -> Result<&OwnedFd, Errno> {
    match &d.kind {
        Kind::Connection(fd) => {
            d.require(rights)?;
            Ok(fd)
        }
        Kind::Listener(_) => Err(Errno::Notconn),
        Kind::File(_) | Kind::Dir(_) | Kind::Stream(_) => Err(Errno::Notsock),
    }
}

pub fn sock_accept(call: &mut Call<'_>, fd: u32, flags: u32, out: u32) -> Outcome {
    let listener = call.ctx.table.get(fd)?;
    let Kind::Listener(socket) = &listener.kind else {
        return Err(match listener.kind {
            Kind::Connection(_) => Errno::Inval.into(),
            _ => Errno::Notsock.into(),
        });
    };
    listener.require(Rights::SOCK_ACCEPT)?;
    let wanted = FdFlags::from_bits(flags as u64).filter(|f| FdFlags::NONBLOCK.contains(*f)).ok_or(Errno::Inval)?;
    let mem = call.mem()?;
    mem.check(out, 4)?;
    // Nobody is turned away who has been let in.
    call.ctx.table.check_room()?;
    let accepted = when_ready(call, socket, PollFlags::IN, listener.flags(), || accept(socket))?;
    let rights = listener.rights().inheriting;
    let number = call.ctx.table.insert(Descriptor::connection(accepted, rights, wanted))?;
    Ok(mem.write_u32(out, number)?)
}

/// A connection that does not block, and that programs the host starts do not inherit.
fn accept(socket: &OwnedFd) -> rustix::io::Result<OwnedFd> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return rustix::net::accept_with(socket, rustix::net::SocketFlags::CLOEXEC | rustix::net::SocketFlags::NONBLOCK);
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        let fd = rustix::net::accept(socket)?;
        rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(fd)
    }
}

pub fn sock_recv(
    call: &mut Call<'_>,
    fd: u32,
    data: u32,
    count: u32,
    flags: u32,
    len_out: u32,
    flags_out: u32,
) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let socket = connection(&descriptor, Rights::FD_READ)?;
    let flags = RiFlags::from_bits(flags as u64).ok_or(Errno::Inval)?;
    let mem = call.mem()?;
    let (vectors, total) = mem.iovecs(data, count)?;
    mem.check(len_out, 4)?;
    mem.check(flags_out, 2)?;
    let peek = flags.contains(RiFlags::PEEK);
    let how = if peek { RecvFlags::PEEK } else { RecvFlags::empty() };
    let mut buf = vec![0; (total as usize).min(CHUNK)];
    let mut done = 0u32;
    while done < total {
        let room = buf.len().min((total - done) as usize);
        let piece = when_ready(call, socket, PollFlags::IN, descriptor.flags(), || {
            Ok(rustix::net::recv(socket, &mut buf[..room], how)?.0)
        });
        let n = match piece {
            Err(Stop::Errno(_)) if done > 0 => break,
            n => n?.min(room),
        };
        mem.scatter(&vectors, done as u64, &buf[..n])?;
        // At most what was left of 32 bits.
        done += n as u32;
        if n == 0 || peek || !flags.contains(RiFlags::WAITALL) {
            break;
        }
    }
    mem.write_u32(len_out, done)?;
    // Streams are never cut short.
    Ok(mem.write_u16(flags_out, RoFlags::NONE.0)?)
}

pub fn sock_send(call: &mut Call<'_>, fd: u32, data: u32, count: u32, flags: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let socket = connection(&descriptor, Rights::FD_WRITE)?;
    SiFlags::from_bits(flags as u64).ok_or(Errno::Inval)?;
    let mem = call.mem()?;
    let (vectors, total) = mem.iovecs(data, count)?;
    mem.check(out, 4)?;
    let mut buf = vec![0; (total as usize).min(CHUNK)];
    let n = mem.gather(&vectors, 0, &mut buf)?;
    let sent = when_ready(call, socket, PollFlags::OUT, descriptor.flags(), || {
        // A closed connection is an error for the guest, not a signal for the host.
        rustix::net::send(socket, &buf[..n], SendFlags::NOSIGNAL)
    })?;
    Ok(mem.write_u32(out, sent as u32)?)
}

pub fn sock_shutdown(call: &mut Call<'_>, fd: u32, how: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let socket = connection(&descriptor, Rights::SOCK_SHUTDOWN)?;
    let how = match SdFlags::from_bits(how as u64) {
        Some(SdFlags::RD) => Shutdown::Read,
        Some(SdFlags::WR) => Shutdown::Write,
        Some(SdFlags::ALL) => Shutdown::Both,
        _ => return Err(Errno::Inval.into()),
    };
    Ok(rustix::net::shutdown(socket, how)?)
}
