//! Looking at what a path names, and setting its times, without opening it: a pipe would block and a device might act.
//!
//! Linux has descriptors that only point (`O_PATH`). Elsewhere `cap-std` does it by name, and opens a file for a moment to
//! set its times; there only regular files and directories get new ones.
#![forbid(unsafe_code)]

use super::stat::Times;
use crate::wasi::p1::types::{Errno, Filestat};
use cap_std::fs::Dir;
use std::path::Path;

#[cfg(target_os = "linux")]
pub(super) use pointing::{set_times, stat};

#[cfg(not(target_os = "linux"))]
pub(super) use by_name::{set_times, stat};

#[cfg(target_os = "linux")]
mod pointing {
    use super::*;
    use crate::wasi::fs::stat::filestat_of;
    use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
    use cap_std::fs::{File, OpenOptions, OpenOptionsExt};
    use rustix::fd::AsRawFd;
    use rustix::fs::{AtFlags, CWD, OFlags, fstat, utimensat};
    use rustix::io::Errno as Sys;

    fn point_at(dir: &Dir, path: &Path, follow: bool) -> Result<File, Errno> {
        let mut options = OpenOptions::new();
        options.read(true).follow(if follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
        options.custom_flags(OFlags::PATH.bits() as i32);
        Ok(dir.open_with(path, &options)?)
    }

    pub fn stat(dir: &Dir, path: &Path, follow: bool) -> Result<Filestat, Errno> {
        Ok(filestat_of(&fstat(point_at(dir, path, follow)?)?))
    }

    pub fn set_times(dir: &Dir, path: &Path, follow: bool, times: &Times) -> Result<(), Errno> {
        let target = point_at(dir, path, follow)?;
        match utimensat(&target, "", &times.0, AtFlags::EMPTY_PATH) {
            // Kernels before 5.8 do not know the flag; their own name for the descriptor works as well.
            Err(Sys::INVAL | Sys::NOENT) => {
                let name = format!("/proc/self/fd/{}", target.as_raw_fd());
                Ok(utimensat(CWD, name, &times.0, AtFlags::empty())?)
            }
            done => Ok(done?),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod by_name {
    use super::*;
    use crate::wasi::fs::stat::{filetype_of, time_of};
    use crate::wasi::p1::types::FileType;
    use cap_fs_ext::{DirExt, SystemTimeSpec};
    use cap_std::fs::MetadataExt;
    use cap_std::time::{Duration, SystemClock};
    use rustix::fs::{FileType as Kind, Timespec, UTIME_NOW, UTIME_OMIT};

    // Modes are of other types on other systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast)]
    pub fn stat(dir: &Dir, path: &Path, follow: bool) -> Result<Filestat, Errno> {
        let m = if follow { dir.metadata(path) } else { dir.symlink_metadata(path) }?;
        Ok(Filestat {
            dev: m.dev(),
            ino: m.ino(),
            filetype: filetype_of(Kind::from_raw_mode(m.mode() as _)),
            nlink: m.nlink(),
            size: m.size(),
            atim: time_of(m.atime(), m.atime_nsec()),
            mtim: time_of(m.mtime(), m.mtime_nsec()),
            ctim: time_of(m.ctime(), m.ctime_nsec()),
        })
    }

    pub fn set_times(dir: &Dir, path: &Path, follow: bool, times: &Times) -> Result<(), Errno> {
        let spec = |t: &Timespec| match t.tv_nsec {
            UTIME_OMIT => Ok(None),
            UTIME_NOW => Ok(Some(SystemTimeSpec::SymbolicNow)),
            nanos => {
                let since = Duration::new(t.tv_sec as u64, nanos as u32);
                let time = SystemClock::UNIX_EPOCH.checked_add(since).ok_or(Errno::Inval)?;
                Ok::<_, Errno>(Some(SystemTimeSpec::Absolute(time)))
            }
        };
        let (atim, mtim) = (spec(&times.0.last_access)?, spec(&times.0.last_modification)?);
        if follow {
            // Opening a pipe for this would wait for somebody at its other end.
            if !matches!(stat(dir, path, true)?.filetype, FileType::RegularFile | FileType::Directory) {
                return Err(Errno::Perm);
            }
            return Ok(dir.set_times(path, atim, mtim)?);
        }
        Ok(dir.set_symlink_times(path, atim, mtim)?)
    }
}
