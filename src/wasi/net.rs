//! Sockets that the host gives to a guest.
#![forbid(unsafe_code)]

use super::fs::Descriptor;
use super::p1::types::{FdFlags, Rights};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::net::{SocketType, sockopt};
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

/// What a stream socket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    Listening,
    Connected,
}

/// A socket that listens at "HOST:PORT" or "unix:PATH", and the port that it got.
pub fn listen(address: &str) -> io::Result<(Descriptor, u16)> {
    let (fd, port): (OwnedFd, u16) = match address.strip_prefix("unix:") {
        Some(path) => (UnixListener::bind(path)?.into(), 0),
        None => {
            let socket = TcpListener::bind(address)?;
            let port = socket.local_addr()?.port();
            (socket.into(), port)
        }
    };
    check(fd.as_fd())?;
    Ok((descriptor(fd, Socket::Listening), port))
}

/// What a descriptor of the host's is, if a guest can use it; it does not block from then on.
pub fn check(fd: BorrowedFd<'_>) -> io::Result<Socket> {
    if sockopt::socket_type(fd)? != SocketType::STREAM {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a stream socket"));
    }
    let kind = if sockopt::socket_acceptconn(fd)? { Socket::Listening } else { Socket::Connected };
    if kind == Socket::Connected {
        rustix::net::getpeername(fd)?;
    }
    rustix::io::ioctl_fionbio(fd, true)?;
    Ok(kind)
}

/// A socket that [`check`] has seen, for the guest.
pub fn descriptor(fd: OwnedFd, kind: Socket) -> Descriptor {
    match kind {
        Socket::Listening => Descriptor::listener(fd, FdFlags::NONE),
        Socket::Connected => {
            let rights = Rights::FD_READ
                | Rights::FD_WRITE
                | Rights::SOCK_SHUTDOWN
                | Rights::FD_FDSTAT_SET_FLAGS
                | Rights::FD_FILESTAT_GET
                | Rights::POLL_FD_READWRITE;
            Descriptor::connection(fd, rights, FdFlags::NONE)
        }
    }
}
