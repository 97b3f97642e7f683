//! Directories, and everything that takes a path below one.
#![forbid(unsafe_code)]

use super::descriptor::Perms;
use super::file::sync;
use super::listing::{Entry, Listing};
use super::lookup;
use super::stat::{Times, filestat_of, filetype_of};
use crate::wasi::p1::types::{Errno, FileType, Filestat};
use cap_std::fs::Dir as CapDir;
use rustix::fd::AsFd;
use rustix::fs::{AtFlags, FileType as Kind, Mode, OFlags};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The longest path that a guest may give, as systems have it.
pub const MAX_PATH: usize = 4096;

pub struct Dir {
    dir: CapDir,
    perms: Perms,
    listing: Mutex<Listing>,
}

/// A path of the guest's. Paths are text in WASI.
#[inline(never)]
pub(super) fn guest_path(bytes: &[u8]) -> Result<&Path, Errno> {
    if bytes.len() >= MAX_PATH {
        return Err(Errno::Nametoolong);
    }
    if bytes.contains(&0) {
        return Err(Errno::Inval);
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(Errno::Ilseq);
    }
    if bytes.is_empty() {
        return Err(Errno::Noent);
    }
    Ok(Path::new(OsStr::from_bytes(bytes)))
}

pub(super) fn has_trailing_slash(path: &Path) -> bool {
    path.as_os_str().as_bytes().ends_with(b"/")
}

fn without_trailing_slashes(path: &Path) -> &Path {
    let bytes = path.as_os_str().as_bytes();
    let end = bytes.iter().rposition(|b| *b != b'/').map_or(1, |last| last + 1);
    Path::new(OsStr::from_bytes(&bytes[..end]))
}

impl Dir {
    pub(super) fn new(file: std::fs::File, perms: Perms) -> Dir {
        Dir { dir: CapDir::from_std_file(file), perms, listing: Mutex::default() }
    }

    /// A directory by the host's own path.
    pub fn open_ambient(path: &Path, perms: Perms) -> io::Result<Dir> {
        let mut options = std::fs::OpenOptions::new();
        options.read(true).custom_flags((OFlags::DIRECTORY | OFlags::NOCTTY).bits() as i32);
        match options.open(path) {
            Ok(file) => Ok(Dir::new(file, perms)),
            // It cannot be listed, but what is in it may be reached.
            Err(e) if e.kind() == io::ErrorKind::PermissionDenied => {
                let dir = CapDir::open_ambient_dir(path, cap_std::ambient_authority())?;
                Ok(Dir { dir, perms, listing: Mutex::default() })
            }
            Err(e) => Err(e),
        }
    }

    pub(super) fn cap(&self) -> &CapDir {
        &self.dir
    }

    pub fn perms(&self) -> Perms {
        self.perms
    }

    fn changeable(&self) -> Result<(), Errno> {
        if self.perms.change_dirs { Ok(()) } else { Err(Errno::Perm) }
    }

    pub fn stat_self(&self) -> Result<Filestat, Errno> {
        Ok(filestat_of(&rustix::fs::fstat(&self.dir)?))
    }

    pub fn set_times_self(&self, times: Times) -> Result<(), Errno> {
        self.changeable()?;
        Ok(rustix::fs::futimens(&self.dir, &times.0)?)
    }

    pub fn sync(&self, data_only: bool) -> Result<(), Errno> {
        sync(self.dir.as_fd(), data_only)
    }

    pub fn stat(&self, path: &[u8], follow: bool) -> Result<Filestat, Errno> {
        let path = guest_path(path)?;
        lookup::stat(&self.dir, path, follow)
    }

    pub fn set_times(&self, path: &[u8], follow: bool, times: Times) -> Result<(), Errno> {
        let path = guest_path(path)?;
        self.changeable()?;
        lookup::set_times(&self.dir, path, follow, &times)
    }

    pub fn create_dir(&self, path: &[u8]) -> Result<(), Errno> {
        let path = guest_path(path)?;
        self.changeable()?;
        Ok(self.dir.create_dir(path)?)
    }

    pub fn remove_dir(&self, path: &[u8]) -> Result<(), Errno> {
        let path = guest_path(path)?;
        self.changeable()?;
        // A slash at the end says what must hold anyway.
        Ok(self.dir.remove_dir(without_trailing_slashes(path))?)
    }

    pub fn unlink(&self, path: &[u8]) -> Result<(), Errno> {
        let path = guest_path(path)?;
        self.changeable()?;
        // With a slash behind it a link would be taken for what it leads to.
        if has_trailing_slash(path) {
            let found = lookup::stat(&self.dir, without_trailing_slashes(path), false)?;
            return Err(if found.filetype == FileType::Directory { Errno::Isdir } else { Errno::Notdir });
        }
        Ok(self.dir.remove_file(path)?)
    }

    /// The text of a symbolic link. That of one that is absolute, which the guest cannot have made, stays hidden.
    pub fn read_link(&self, path: &[u8]) -> Result<Vec<u8>, Errno> {
        let path = guest_path(path)?;
        Ok(self.dir.read_link(path)?.into_os_string().into_vec())
    }

    pub fn symlink(&self, target: &[u8], path: &[u8]) -> Result<(), Errno> {
        let target = guest_path(target)?;
        let path = guest_path(path)?;
        self.changeable()?;
        Ok(self.dir.symlink(target, path)?)
    }

    /// Gives a file another name, here or below another directory.
    pub fn link(&self, path: &[u8], to: &Dir, new: &[u8]) -> Result<(), Errno> {
        let path = guest_path(path)?;
        let new = guest_path(new)?;
        self.may_move(to)?;
        Ok(self.dir.hard_link(path, &to.dir, new)?)
    }

    pub fn rename(&self, path: &[u8], to: &Dir, new: &[u8]) -> Result<(), Errno> {
        let path = guest_path(path)?;
        let new = guest_path(new)?;
        self.may_move(to)?;
        // Only a directory can get a name that ends in a slash; `cap-std` takes the slash away.
        if has_trailing_slash(new)
            && lookup::stat(&self.dir, without_trailing_slashes(path), false)?.filetype != FileType::Directory
        {
            return Err(Errno::Notdir);
        }
        Ok(self.dir.rename(path, &to.dir, new)?)
    }

    /// Whether entries may go from here to there: both change, and a file must not become writable on the way.
    fn may_move(&self, to: &Dir) -> Result<(), Errno> {
        self.changeable()?;
        to.changeable()?;
        if self.perms.covers(to.perms) { Ok(()) } else { Err(Errno::Perm) }
    }

    /// The entries from a cookie on, in the form of `fd_readdir`.
    pub fn list(&self, cookie: u64, room: usize) -> Result<Vec<u8>, Errno> {
        // A listing is replaced as a whole.
        let mut listing = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        if listing.is_stale(cookie) {
            listing.refresh(self.read_entries()?);
        }
        listing.write(cookie, room)
    }

    fn read_entries(&self) -> Result<Vec<Entry>, Errno> {
        let ino = self.stat_self()?.ino;
        // What is above a preopened directory is nobody's business: it is its own parent, as the root is.
        let directory = |name: &[u8]| Entry { name: name.into(), ino, filetype: FileType::Directory };
        let mut entries = vec![directory(b"."), directory(b"..")];
        // A descriptor of its own, so that two readers do not share a position.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut stream = rustix::fs::Dir::new(rustix::fs::openat(&self.dir, ".", flags, Mode::empty())?)?;
        while let Some(entry) = stream.read() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let filetype = match entry.file_type() {
                // Some file systems do not say.
                Kind::Unknown => rustix::fs::statat(&self.dir, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(FileType::Unknown, |s| filetype_of(Kind::from_raw_mode(s.st_mode))),
                known => filetype_of(known),
            };
            entries.push(Entry { name: name.into(), ino: entry.ino(), filetype });
        }
        Ok(entries)
    }
}
