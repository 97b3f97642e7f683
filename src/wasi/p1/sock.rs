//! Sockets.
#![forbid(unsafe_code)]

use super::types::Errno;
use super::{Call, Outcome};

pub fn sock_accept(_call: &mut Call<'_>, _fd: u32, _flags: u32, _out: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn sock_recv(
    _call: &mut Call<'_>,
    _fd: u32,
    _data: u32,
    _count: u32,
    _flags: u32,
    _len: u32,
    _out_flags: u32,
) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn sock_send(_call: &mut Call<'_>, _fd: u32, _data: u32, _count: u32, _flags: u32, _len: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn sock_shutdown(_call: &mut Call<'_>, _fd: u32, _how: u32) -> Outcome {
    Err(Errno::Nosys.into())
}
