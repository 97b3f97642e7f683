//! What the system's errors are called in WASI.
#![forbid(unsafe_code)]

use super::types::Errno;
use rustix::io::Errno as Sys;

impl From<Sys> for Errno {
    fn from(e: Sys) -> Errno {
        // `EWOULDBLOCK` and `EDEADLOCK` are other names, and on some systems `EOPNOTSUPP` is.
        const MAP: &[(Sys, Errno)] = &[
            (Sys::TOOBIG, Errno::TooBig),
            (Sys::ACCESS, Errno::Acces),
            (Sys::ADDRINUSE, Errno::Addrinuse),
            (Sys::ADDRNOTAVAIL, Errno::Addrnotavail),
            (Sys::AFNOSUPPORT, Errno::Afnosupport),
            (Sys::AGAIN, Errno::Again),
            (Sys::ALREADY, Errno::Already),
            (Sys::BADF, Errno::Badf),
            (Sys::BADMSG, Errno::Badmsg),
            (Sys::BUSY, Errno::Busy),
            (Sys::CANCELED, Errno::Canceled),
            (Sys::CHILD, Errno::Child),
            (Sys::CONNABORTED, Errno::Connaborted),
            (Sys::CONNREFUSED, Errno::Connrefused),
            (Sys::CONNRESET, Errno::Connreset),
            (Sys::DEADLK, Errno::Deadlk),
            (Sys::DESTADDRREQ, Errno::Destaddrreq),
            (Sys::DOM, Errno::Dom),
            (Sys::DQUOT, Errno::Dquot),
            (Sys::EXIST, Errno::Exist),
            (Sys::FAULT, Errno::Fault),
            (Sys::FBIG, Errno::Fbig),
            (Sys::HOSTUNREACH, Errno::Hostunreach),
            (Sys::IDRM, Errno::Idrm),
            (Sys::ILSEQ, Errno::Ilseq),
            (Sys::INPROGRESS, Errno::Inprogress),
            (Sys::INTR, Errno::Intr),
            (Sys::INVAL, Errno::Inval),
            (Sys::IO, Errno::Io),
            (Sys::ISCONN, Errno::Isconn),
            (Sys::ISDIR, Errno::Isdir),
            (Sys::LOOP, Errno::Loop),
            (Sys::MFILE, Errno::Mfile),
            (Sys::MLINK, Errno::Mlink),
            (Sys::MSGSIZE, Errno::Msgsize),
            (Sys::MULTIHOP, Errno::Multihop),
            (Sys::NAMETOOLONG, Errno::Nametoolong),
            (Sys::NETDOWN, Errno::Netdown),
            (Sys::NETRESET, Errno::Netreset),
            (Sys::NETUNREACH, Errno::Netunreach),
            (Sys::NFILE, Errno::Nfile),
            (Sys::NOBUFS, Errno::Nobufs),
            (Sys::NODEV, Errno::Nodev),
            (Sys::NOENT, Errno::Noent),
            (Sys::NOEXEC, Errno::Noexec),
            (Sys::NOLCK, Errno::Nolck),
            (Sys::NOLINK, Errno::Nolink),
            (Sys::NOMEM, Errno::Nomem),
            (Sys::NOMSG, Errno::Nomsg),
            (Sys::NOPROTOOPT, Errno::Noprotoopt),
            (Sys::NOSPC, Errno::Nospc),
            (Sys::NOSYS, Errno::Nosys),
            (Sys::NOTCONN, Errno::Notconn),
            (Sys::NOTDIR, Errno::Notdir),
            (Sys::NOTEMPTY, Errno::Notempty),
            (Sys::NOTRECOVERABLE, Errno::Notrecoverable),
            (Sys::NOTSOCK, Errno::Notsock),
            (Sys::NOTSUP, Errno::Notsup),
            (Sys::OPNOTSUPP, Errno::Notsup),
            (Sys::NOTTY, Errno::Notty),
            (Sys::NXIO, Errno::Nxio),
            (Sys::OVERFLOW, Errno::Overflow),
            (Sys::OWNERDEAD, Errno::Ownerdead),
            (Sys::PERM, Errno::Perm),
            (Sys::PIPE, Errno::Pipe),
            (Sys::PROTO, Errno::Proto),
            (Sys::PROTONOSUPPORT, Errno::Protonosupport),
            (Sys::PROTOTYPE, Errno::Prototype),
            (Sys::RANGE, Errno::Range),
            (Sys::ROFS, Errno::Rofs),
            (Sys::SPIPE, Errno::Spipe),
            (Sys::SRCH, Errno::Srch),
            (Sys::STALE, Errno::Stale),
            (Sys::TIMEDOUT, Errno::Timedout),
            (Sys::TXTBSY, Errno::Txtbsy),
            (Sys::XDEV, Errno::Xdev),
        ];
        MAP.iter().find(|(sys, _)| *sys == e).map_or(Errno::Io, |(_, errno)| *errno)
    }
}

impl From<std::io::Error> for Errno {
    fn from(e: std::io::Error) -> Errno {
        use std::io::ErrorKind;
        if let Some(sys) = Sys::from_io_error(&e) {
            return sys.into();
        }
        // Errors that libraries make up themselves have a kind only.
        match e.kind() {
            ErrorKind::NotFound => Errno::Noent,
            ErrorKind::PermissionDenied => Errno::Perm,
            ErrorKind::AlreadyExists => Errno::Exist,
            ErrorKind::InvalidInput => Errno::Inval,
            ErrorKind::Unsupported => Errno::Notsup,
            ErrorKind::WouldBlock => Errno::Again,
            ErrorKind::OutOfMemory => Errno::Nomem,
            _ => Errno::Io,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_keep_their_meaning() {
        assert_eq!(Errno::from(Sys::NOENT), Errno::Noent);
        assert_eq!(Errno::from(Sys::WOULDBLOCK), Errno::Again);
        assert_eq!(Errno::from(Sys::from_raw_os_error(4000)), Errno::Io);
        assert_eq!(Errno::from(std::io::Error::from_raw_os_error(Sys::ISDIR.raw_os_error())), Errno::Isdir);
        assert_eq!(Errno::from(std::io::Error::other("?")), Errno::Io);
    }
}
