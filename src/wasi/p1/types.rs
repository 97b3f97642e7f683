//! The types of WASI preview 1: numbers, flags, and how records lie in guest memory.
//!
//! Spec: `wasi_snapshot_preview1.witx` and `typenames.witx`, and for snapshot 0 their older versions under
//! `phases/old/snapshot_0`. Records are written field by field at the offsets that the witx layout rules give;
//! everything is little-endian.

/// Declares an enumeration whose numbers count up from 0, as witx enumerations do.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident: $repr:ident { $($variant:ident)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr($repr)]
        pub enum $name {
            $($variant),+
        }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// The value with a number.
            pub fn from_number(n: u64) -> Option<$name> {
                Self::ALL.get(usize::try_from(n).ok()?).copied()
            }
        }
    };
}

/// Declares a set of flags.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident: $repr:ident { $($flag:ident = $bit:literal)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name(pub $repr);

        impl $name {
            $(pub const $flag: $name = $name(1 << $bit);)*
            pub const NONE: $name = $name(0);
            pub const ALL: $name = $name(0 $(| 1 << $bit)*);

            /// The flags with these bits, if all of them have a meaning.
            pub fn from_bits(bits: u64) -> Option<$name> {
                (bits & !(Self::ALL.0 as u64) == 0).then_some($name(bits as $repr))
            }

            pub fn contains(self, other: $name) -> bool {
                self.0 & other.0 == other.0
            }

            pub fn intersects(self, other: $name) -> bool {
                self.0 & other.0 != 0
            }
        }

        impl core::ops::BitOr for $name {
            type Output = $name;
            fn bitor(self, other: $name) -> $name {
                $name(self.0 | other.0)
            }
        }

        impl core::ops::BitAnd for $name {
            type Output = $name;
            fn bitand(self, other: $name) -> $name {
                $name(self.0 & other.0)
            }
        }

        impl core::ops::Not for $name {
            type Output = $name;
            fn not(self) -> $name {
                $name(!self.0 & Self::ALL.0)
            }
        }
    };
}

numbered! {
    /// `errno`: why a function failed.
    Errno: u16 {
        Success TooBig Acces Addrinuse Addrnotavail Afnosupport Again Already Badf Badmsg Busy Canceled Child
        Connaborted Connrefused Connreset Deadlk Destaddrreq Dom Dquot Exist Fault Fbig Hostunreach Idrm Ilseq
        Inprogress Intr Inval Io Isconn Isdir Loop Mfile Mlink Msgsize Multihop Nametoolong Netdown Netreset
        Netunreach Nfile Nobufs Nodev Noent Noexec Nolck Nolink Nomem Nomsg Noprotoopt Nospc Nosys Notconn Notdir
        Notempty Notrecoverable Notsock Notsup Notty Nxio Overflow Ownerdead Perm Pipe Proto Protonosupport
        Prototype Range Rofs Spipe Srch Stale Timedout Txtbsy Xdev Notcapable
    }
}

numbered! {
    /// `filetype`.
    FileType: u8 { Unknown BlockDevice CharacterDevice Directory RegularFile SocketDgram SocketStream SymbolicLink }
}

numbered! {
    /// `whence`, by its numbers in preview 1; see [`Whence::from_old`].
    Whence: u8 { Set Cur End }
}

impl Whence {
    /// The value with a number of snapshot 0, which counted otherwise.
    pub fn from_old(n: u64) -> Option<Whence> {
        [Whence::Cur, Whence::End, Whence::Set].get(usize::try_from(n).ok()?).copied()
    }
}

numbered! {
    /// `advice`.
    Advice: u8 { Normal Sequential Random Willneed Dontneed Noreuse }
}

numbered! {
    /// `clockid`.
    ClockId: u32 { Realtime Monotonic ProcessCputime ThreadCputime }
}

numbered! {
    /// `eventtype`.
    EventType: u8 { Clock FdRead FdWrite }
}

flags! {
    /// `rights`: what may be done with a descriptor.
    Rights: u64 {
        FD_DATASYNC = 0 FD_READ = 1 FD_SEEK = 2 FD_FDSTAT_SET_FLAGS = 3 FD_SYNC = 4 FD_TELL = 5 FD_WRITE = 6
        FD_ADVISE = 7 FD_ALLOCATE = 8 PATH_CREATE_DIRECTORY = 9 PATH_CREATE_FILE = 10 PATH_LINK_SOURCE = 11
        PATH_LINK_TARGET = 12 PATH_OPEN = 13 FD_READDIR = 14 PATH_READLINK = 15 PATH_RENAME_SOURCE = 16
        PATH_RENAME_TARGET = 17 PATH_FILESTAT_GET = 18 PATH_FILESTAT_SET_SIZE = 19 PATH_FILESTAT_SET_TIMES = 20
        FD_FILESTAT_GET = 21 FD_FILESTAT_SET_SIZE = 22 FD_FILESTAT_SET_TIMES = 23 PATH_SYMLINK = 24
        PATH_REMOVE_DIRECTORY = 25 PATH_UNLINK_FILE = 26 POLL_FD_READWRITE = 27 SOCK_SHUTDOWN = 28 SOCK_ACCEPT = 29
    }
}

flags! {
    /// `fdflags`.
    FdFlags: u16 { APPEND = 0 DSYNC = 1 NONBLOCK = 2 RSYNC = 3 SYNC = 4 }
}

flags! {
    /// `oflags`.
    OFlags: u16 { CREAT = 0 DIRECTORY = 1 EXCL = 2 TRUNC = 3 }
}

flags! {
    /// `lookupflags`.
    LookupFlags: u32 { SYMLINK_FOLLOW = 0 }
}

flags! {
    /// `fstflags`: which times to set.
    FstFlags: u16 { ATIM = 0 ATIM_NOW = 1 MTIM = 2 MTIM_NOW = 3 }
}

flags! {
    /// `riflags`, of `sock_recv`.
    RiFlags: u16 { PEEK = 0 WAITALL = 1 }
}

flags! {
    /// `roflags`, what `sock_recv` reports.
    RoFlags: u16 { DATA_TRUNCATED = 0 }
}

flags! {
    /// `siflags`, of `sock_send`: none is defined.
    SiFlags: u16 {}
}

flags! {
    /// `sdflags`: which directions to shut down.
    SdFlags: u8 { RD = 0 WR = 1 }
}

flags! {
    /// `subclockflags`.
    SubclockFlags: u16 { ABSTIME = 0 }
}

flags! {
    /// `eventrwflags`.
    EventFlags: u16 { HANGUP = 0 }
}

/// Writes fields into a record.
fn put<const N: usize, const M: usize>(record: &mut [u8; N], at: usize, field: [u8; M]) {
    record[at..at + M].copy_from_slice(&field);
}

/// A field of a record.
fn get<const M: usize>(record: &[u8], at: usize) -> [u8; M] {
    core::array::from_fn(|i| record[at + i])
}

/// `fdstat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fdstat {
    pub filetype: FileType,
    pub flags: FdFlags,
    pub rights_base: Rights,
    pub rights_inheriting: Rights,
}

impl Fdstat {
    pub const SIZE: usize = 24;

    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut r = [0; Self::SIZE];
        put(&mut r, 0, [self.filetype as u8]);
        put(&mut r, 2, self.flags.0.to_le_bytes());
        put(&mut r, 8, self.rights_base.0.to_le_bytes());
        put(&mut r, 16, self.rights_inheriting.0.to_le_bytes());
        r
    }
}

/// `filestat`. Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filestat {
    pub dev: u64,
    pub ino: u64,
    pub filetype: FileType,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
    pub ctim: u64,
}

impl Filestat {
    pub const SIZE: usize = 64;
    pub const OLD_SIZE: usize = 56;

    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut r = [0; Self::SIZE];
        put(&mut r, 0, self.dev.to_le_bytes());
        put(&mut r, 8, self.ino.to_le_bytes());
        put(&mut r, 16, [self.filetype as u8]);
        put(&mut r, 24, self.nlink.to_le_bytes());
        put(&mut r, 32, self.size.to_le_bytes());
        put(&mut r, 40, self.atim.to_le_bytes());
        put(&mut r, 48, self.mtim.to_le_bytes());
        put(&mut r, 56, self.ctim.to_le_bytes());
        r
    }

    /// As snapshot 0 has it, with 32 bits for the number of links.
    pub fn to_old_bytes(&self) -> [u8; Self::OLD_SIZE] {
        let mut r = [0; Self::OLD_SIZE];
        put(&mut r, 0, self.dev.to_le_bytes());
        put(&mut r, 8, self.ino.to_le_bytes());
        put(&mut r, 16, [self.filetype as u8]);
        put(&mut r, 20, u32::try_from(self.nlink).unwrap_or(u32::MAX).to_le_bytes());
        put(&mut r, 24, self.size.to_le_bytes());
        put(&mut r, 32, self.atim.to_le_bytes());
        put(&mut r, 40, self.mtim.to_le_bytes());
        put(&mut r, 48, self.ctim.to_le_bytes());
        r
    }
}

/// `prestat` of a directory, the only kind there is.
pub struct Prestat {
    pub name_len: u32,
}

impl Prestat {
    pub const SIZE: usize = 8;

    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut r = [0; Self::SIZE];
        put(&mut r, 4, self.name_len.to_le_bytes());
        r
    }
}

/// `dirent`, the head of an entry; its name follows.
pub struct Dirent {
    pub next: u64,
    pub ino: u64,
    pub name_len: u32,
    pub filetype: FileType,
}

impl Dirent {
    pub const SIZE: usize = 24;

    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut r = [0; Self::SIZE];
        put(&mut r, 0, self.next.to_le_bytes());
        put(&mut r, 8, self.ino.to_le_bytes());
        put(&mut r, 16, self.name_len.to_le_bytes());
        put(&mut r, 20, [self.filetype as u8]);
        r
    }
}

/// `subscription`: what `poll_oneoff` waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub userdata: u64,
    pub what: Awaited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// `id` is as the guest gave it: a wrong one is an error of this event alone.
    Clock {
        id: u32,
        timeout: u64,
        flags: u16,
    },
    Read(u32),
    Write(u32),
}

impl Subscription {
    pub const SIZE: usize = 48;
    pub const OLD_SIZE: usize = 56;

    /// None if the tag has no meaning.
    pub fn from_bytes(r: &[u8; Self::SIZE]) -> Option<Subscription> {
        Self::parse(r, 16)
    }

    /// As snapshot 0 has it, where a clock has user data of its own before its number.
    pub fn from_old_bytes(r: &[u8; Self::OLD_SIZE]) -> Option<Subscription> {
        Self::parse(r, 24)
    }

    fn parse(r: &[u8], clock: usize) -> Option<Subscription> {
        let what = match EventType::from_number(r[8] as u64)? {
            EventType::Clock => Awaited::Clock {
                id: u32::from_le_bytes(get(r, clock)),
                timeout: u64::from_le_bytes(get(r, clock + 8)),
                flags: u16::from_le_bytes(get(r, clock + 24)),
            },
            EventType::FdRead => Awaited::Read(u32::from_le_bytes(get(r, 16))),
            EventType::FdWrite => Awaited::Write(u32::from_le_bytes(get(r, 16))),
        };
        Some(Subscription { userdata: u64::from_le_bytes(get(r, 0)), what })
    }
}

/// `event`: what `poll_oneoff` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub userdata: u64,
    pub error: Errno,
    pub kind: EventType,
    pub nbytes: u64,
    pub flags: EventFlags,
}

impl Event {
    pub const SIZE: usize = 32;

    pub fn to_bytes(&self) -> [u8; Self::SIZE] {
        let mut r = [0; Self::SIZE];
        put(&mut r, 0, self.userdata.to_le_bytes());
        put(&mut r, 8, (self.error as u16).to_le_bytes());
        put(&mut r, 10, [self.kind as u8]);
        put(&mut r, 16, self.nbytes.to_le_bytes());
        put(&mut r, 24, self.flags.0.to_le_bytes());
        r
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_witx() {
        assert_eq!(Errno::ALL.len(), 77);
        for (errno, number) in [
            (Errno::Success, 0),
            (Errno::TooBig, 1),
            (Errno::Again, 6),
            (Errno::Badf, 8),
            (Errno::Exist, 20),
            (Errno::Fault, 21),
            (Errno::Inval, 28),
            (Errno::Io, 29),
            (Errno::Isdir, 31),
            (Errno::Loop, 32),
            (Errno::Nametoolong, 37),
            (Errno::Noent, 44),
            (Errno::Nosys, 52),
            (Errno::Notdir, 54),
            (Errno::Notempty, 55),
            (Errno::Notsock, 57),
            (Errno::Notsup, 58),
            (Errno::Overflow, 61),
            (Errno::Perm, 63),
            (Errno::Pipe, 64),
            (Errno::Range, 68),
            (Errno::Rofs, 69),
            (Errno::Spipe, 70),
            (Errno::Timedout, 73),
            (Errno::Xdev, 75),
            (Errno::Notcapable, 76),
        ] {
            assert_eq!(errno as u16, number, "{errno:?}");
        }
        assert_eq!(FileType::SymbolicLink as u8, 7);
        assert_eq!((Whence::from_number(0), Whence::from_number(3)), (Some(Whence::Set), None));
        assert_eq!((Whence::from_old(0), Whence::from_old(2)), (Some(Whence::Cur), Some(Whence::Set)));
        assert_eq!(Rights::ALL.0, (1 << 30) - 1);
        assert_eq!(FdFlags::SYNC.0, 16);
        assert_eq!(SiFlags::from_bits(1), None);
        assert_eq!(SdFlags::from_bits(3), Some(SdFlags::RD | SdFlags::WR));
    }

    #[test]
    fn records_lie_as_the_witx_says() {
        let stat = Filestat {
            dev: 1,
            ino: 2,
            filetype: FileType::RegularFile,
            nlink: 1 << 32,
            size: 5,
            atim: 6,
            mtim: 7,
            ctim: 8,
        };
        let (new, old) = (stat.to_bytes(), stat.to_old_bytes());
        assert_eq!((new[0], new[8], new[16], new[28], new[32], new[40], new[48], new[56]), (1, 2, 4, 1, 5, 6, 7, 8));
        assert_eq!((old[0], old[8], old[16], old[24], old[32], old[40], old[48]), (1, 2, 4, 5, 6, 7, 8));
        assert_eq!(old[20..24], [0xff; 4]);
        let mut r = [0; 48];
        (r[0], r[16], r[24], r[40]) = (9, 1, 77, 1);
        let clock = Awaited::Clock { id: 1, timeout: 77, flags: 1 };
        assert_eq!(Subscription::from_bytes(&r), Some(Subscription { userdata: 9, what: clock }));
        let mut r = [0; 56];
        (r[0], r[16], r[24], r[32], r[48]) = (9, 5, 1, 77, 1);
        assert_eq!(Subscription::from_old_bytes(&r), Some(Subscription { userdata: 9, what: clock }));
        r[8] = 2;
        assert_eq!(Subscription::from_old_bytes(&r), Some(Subscription { userdata: 9, what: Awaited::Write(5) }));
        r[8] = 3;
        assert_eq!(Subscription::from_old_bytes(&r), None);
    }
}
