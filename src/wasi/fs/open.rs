//! `path_open`: which rights the new descriptor has, and how the system is asked for it.
#![forbid(unsafe_code)]

use super::descriptor::{DIR_RIGHTS, Descriptor, FILE_RIGHTS, Kind, Perms, Rights2};
use super::dir::{Dir, guest_path, has_trailing_slash};
use super::file::File;
use crate::wasi::p1::types::{Errno, FdFlags, OFlags, Rights};
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt};
use cap_std::fs::{OpenOptions, OpenOptionsExt};
use rustix::fs::{FileType as SysKind, OFlags as SysFlags};
use rustix::io::Errno as Sys;

/// What `path_open` is asked for.
#[derive(Clone, Copy, Debug)]
pub struct OpenRequest<'a> {
    pub path: &'a [u8],
    pub follow: bool,
    pub oflags: OFlags,
    pub rights: Rights2,
    pub fdflags: FdFlags,
}

const ACCESS: Rights =
    Rights(Rights::FD_READ.0 | Rights::FD_WRITE.0 | Rights::FD_ALLOCATE.0 | Rights::FD_FILESTAT_SET_SIZE.0);

/// Rights for which a file must be open for writing.
const WRITING: Rights = Rights(Rights::FD_WRITE.0 | Rights::FD_ALLOCATE.0 | Rights::FD_FILESTAT_SET_SIZE.0);

/// The rights that a new descriptor gets, if its directory passes them on. Those to sockets mean nothing here: who asks for
/// everything there is gets the rest.
fn granted(parent: Rights2, asked: Rights2) -> Result<Rights2, Errno> {
    let known = DIR_RIGHTS | FILE_RIGHTS;
    let asked = Rights2 { base: asked.base & known, inheriting: asked.inheriting & known };
    // Guests written since rights fell out of use ask for none at all and mean a descriptor to look at.
    if asked.base == Rights::NONE && asked.inheriting == Rights::NONE {
        return Ok(Rights2 { base: parent.inheriting & !ACCESS, inheriting: parent.inheriting });
    }
    if !parent.inheriting.contains(asked.base | asked.inheriting) {
        return Err(Errno::Notcapable);
    }
    Ok(asked)
}

/// Whether opening for writing failed in a way that leaves reading possible.
fn may_read(os_error: i32) -> bool {
    [Sys::ACCESS, Sys::PERM, Sys::ROFS, Sys::TXTBSY].contains(&Sys::from_raw_os_error(os_error))
}

impl Descriptor {
    /// Opens or makes a file, or opens a directory, below this directory.
    pub fn open(&self, request: &OpenRequest<'_>) -> Result<Descriptor, Errno> {
        let OpenRequest { path, oflags, fdflags, .. } = *request;
        let mut needed = Rights::PATH_OPEN;
        if oflags.contains(OFlags::CREAT) {
            needed = needed | Rights::PATH_CREATE_FILE;
        }
        if oflags.contains(OFlags::TRUNC) {
            needed = needed | Rights::PATH_FILESTAT_SET_SIZE;
        }
        let dir = self.dir(needed)?;
        let parent = self.rights();
        let mut rights = granted(parent, request.rights)?;
        let mut sync = Rights::NONE;
        if fdflags.contains(FdFlags::DSYNC) {
            sync = sync | Rights::FD_DATASYNC;
        }
        if fdflags.intersects(FdFlags::RSYNC | FdFlags::SYNC) {
            sync = sync | Rights::FD_SYNC;
        }
        if !parent.inheriting.contains(sync) {
            return Err(Errno::Notcapable);
        }
        let path = guest_path(path)?;

        let changes = OFlags::CREAT | OFlags::EXCL | OFlags::TRUNC;
        if oflags.contains(OFlags::DIRECTORY) && oflags.intersects(changes) {
            return Err(Errno::Inval);
        }
        let read = rights.base.contains(Rights::FD_READ);
        let write = rights.base.intersects(WRITING);
        let Perms { read_files, write_files, change_dirs } = dir.perms();
        if (oflags.contains(OFlags::CREAT) && !change_dirs)
            || ((oflags.contains(OFlags::TRUNC) || write) && !write_files)
        {
            return Err(Errno::Perm);
        }
        let alters = write || oflags.intersects(changes);
        if read && !read_files && alters {
            return Err(Errno::Perm);
        }
        // No file is made by such a name.
        if oflags.contains(OFlags::CREAT) && has_trailing_slash(path) {
            return Err(Errno::Isdir);
        }

        let mut options = OpenOptions::new();
        options.follow(if request.follow { FollowSymlinks::Yes } else { FollowSymlinks::No });
        // Without blocking and without becoming somebody's terminal, in case it is no file after all.
        options.custom_flags((SysFlags::NONBLOCK | SysFlags::NOCTTY).bits() as i32);
        options.read(read || !write).write(write);
        let mut making = options.clone();
        // Files are made and emptied by a descriptor that can write, even if the guest's cannot.
        making
            .write(write || oflags.intersects(OFlags::CREAT | OFlags::TRUNC))
            .create(oflags.contains(OFlags::CREAT))
            .create_new(oflags.contains(OFlags::CREAT | OFlags::EXCL))
            .truncate(oflags.contains(OFlags::TRUNC));
        let opened = match dir.cap().open_with(path, &making) {
            // One that exists may be there to be read only.
            Err(e)
                if !write
                    && e.raw_os_error().is_some_and(may_read)
                    && !oflags.intersects(OFlags::EXCL | OFlags::TRUNC) =>
            {
                dir.cap().open_with(path, &options)
            }
            other => other,
        }?;
        let opened = opened.into_std();
        match SysKind::from_raw_mode(rustix::fs::fstat(&opened)?.st_mode) {
            SysKind::Directory => {
                rights.base = rights.base & DIR_RIGHTS;
                Ok(Descriptor::new(Kind::Dir(Dir::new(opened, dir.perms())), rights, FdFlags::NONE))
            }
            _ if oflags.contains(OFlags::DIRECTORY) => Err(Errno::Notdir),
            SysKind::RegularFile => {
                if read && !read_files {
                    return Err(Errno::Perm);
                }
                rights.base = rights.base & FILE_RIGHTS;
                let file = File::new(opened, dir.perms());
                if fdflags.contains(FdFlags::APPEND) {
                    file.set_append(true)?;
                }
                Ok(Descriptor::new(Kind::File(file), rights, fdflags))
            }
            _ => Err(Errno::Perm),
        }
    }
}
