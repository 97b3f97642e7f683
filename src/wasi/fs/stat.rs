//! `filestat` records and times.
#![forbid(unsafe_code)]

use crate::wasi::p1::types::{Errno, FileType, Filestat, FstFlags};
use rustix::fs::{FileType as Kind, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};

const NANOS: u64 = 1_000_000_000;

/// WASI has no time before 1970.
pub fn time_of(seconds: i64, nanos: i64) -> u64 {
    match (u64::try_from(seconds), u64::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) => seconds.saturating_mul(NANOS).saturating_add(nanos),
        _ => 0,
    }
}

pub fn filetype_of(kind: Kind) -> FileType {
    match kind {
        Kind::RegularFile => FileType::RegularFile,
        Kind::Directory => FileType::Directory,
        Kind::Symlink => FileType::SymbolicLink,
        Kind::CharacterDevice => FileType::CharacterDevice,
        Kind::BlockDevice => FileType::BlockDevice,
        Kind::Socket => FileType::SocketStream,
        Kind::Fifo | Kind::Unknown => FileType::Unknown,
    }
}

// The fields have other types on other systems.
#[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
pub fn filestat_of(s: &Stat) -> Filestat {
    Filestat {
        dev: s.st_dev as u64,
        ino: s.st_ino as u64,
        filetype: filetype_of(Kind::from_raw_mode(s.st_mode)),
        nlink: s.st_nlink as u64,
        size: u64::try_from(s.st_size).unwrap_or(0),
        atim: time_of(s.st_atime as i64, s.st_atime_nsec as i64),
        mtim: time_of(s.st_mtime as i64, s.st_mtime_nsec as i64),
        ctim: time_of(s.st_ctime as i64, s.st_ctime_nsec as i64),
    }
}

/// The times to set, as the `*_set_times` functions are given them.
#[derive(Clone)]
pub struct Times(pub Timestamps);

impl Times {
    /// Of each time either the value or the present may be asked for, or neither.
    pub fn new(atim: u64, mtim: u64, flags: FstFlags) -> Result<Times, Errno> {
        let one = |value: u64, set: FstFlags, now: FstFlags| {
            let (tv_sec, tv_nsec) = match (flags.contains(set), flags.contains(now)) {
                (true, true) => return Err(Errno::Inval),
                // Less than 2^64 / 10^9 seconds.
                (true, false) => ((value / NANOS) as i64, (value % NANOS) as _),
                (false, true) => (0, UTIME_NOW),
                (false, false) => (0, UTIME_OMIT),
            };
            Ok(Timespec { tv_sec, tv_nsec })
        };
        Ok(Times(Timestamps {
            last_access: one(atim, FstFlags::ATIM, FstFlags::ATIM_NOW)?,
            last_modification: one(mtim, FstFlags::MTIM, FstFlags::MTIM_NOW)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_time_flags() {
        for bits in 0..16 {
            let flags = FstFlags(bits);
            let both = |a, b| flags.contains(a) && flags.contains(b);
            let wrong = both(FstFlags::ATIM, FstFlags::ATIM_NOW) || both(FstFlags::MTIM, FstFlags::MTIM_NOW);
            let times = Times::new(u64::MAX, 1_500_000_000, flags);
            assert_eq!(times.is_err(), wrong, "{bits:04b}");
            let Ok(Times(t)) = times else { continue };
            if flags.contains(FstFlags::ATIM) {
                assert_eq!((t.last_access.tv_sec, t.last_access.tv_nsec), (18_446_744_073, 709_551_615));
            } else if flags.contains(FstFlags::ATIM_NOW) {
                assert_eq!(t.last_access.tv_nsec, UTIME_NOW);
            } else {
                assert_eq!(t.last_access.tv_nsec, UTIME_OMIT);
            }
            if flags.contains(FstFlags::MTIM) {
                assert_eq!((t.last_modification.tv_sec, t.last_modification.tv_nsec), (1, 500_000_000));
            }
        }
    }

    #[test]
    fn times_outside_of_the_range_are_clamped() {
        assert_eq!((time_of(-5, 0), time_of(-1, 999_999_999)), (0, 0));
        assert_eq!(time_of(1, 7), 1_000_000_007);
        assert_eq!(time_of(i64::MAX, 7), u64::MAX);
    }
}
