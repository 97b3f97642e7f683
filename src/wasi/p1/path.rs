//! Functions on paths.
#![forbid(unsafe_code)]

use super::fd::rights_of;
use super::types::{Errno, FdFlags, Filestat, FstFlags, LookupFlags, OFlags, Rights};
use super::{Call, Outcome};
use crate::wasi::fs::{MAX_PATH, OpenRequest, Times};

/// A path of the guest's. One that is too long is not even copied.
fn path(call: &Call<'_>, at: u32, len: u32) -> Result<Vec<u8>, Errno> {
    let mem = call.mem()?;
    mem.check(at, len as u64)?;
    if len as usize >= MAX_PATH {
        return Err(Errno::Nametoolong);
    }
    mem.bytes(at, len)
}

/// Whether the last part of a path may be a symbolic link that is followed.
fn follows(flags: u32) -> Result<bool, Errno> {
    let flags = LookupFlags::from_bits(flags as u64).ok_or(Errno::Inval)?;
    Ok(flags.contains(LookupFlags::SYMLINK_FOLLOW))
}

/// Writes a record as the caller's version has it.
pub(super) fn write_filestat(call: &Call<'_>, out: u32, stat: &Filestat) -> Outcome {
    let mem = call.mem()?;
    Ok(if call.is_old() { mem.write(out, &stat.to_old_bytes()) } else { mem.write(out, &stat.to_bytes()) }?)
}

pub fn path_create_directory(call: &mut Call<'_>, fd: u32, at: u32, len: u32) -> Outcome {
    let path = path(call, at, len)?;
    Ok(call.ctx.table.get(fd)?.dir(Rights::PATH_CREATE_DIRECTORY)?.create_dir(&path)?)
}

pub fn path_filestat_get(call: &mut Call<'_>, fd: u32, flags: u32, at: u32, len: u32, out: u32) -> Outcome {
    let path = path(call, at, len)?;
    let stat = call.ctx.table.get(fd)?.dir(Rights::PATH_FILESTAT_GET)?.stat(&path, follows(flags)?)?;
    write_filestat(call, out, &stat)
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_filestat_set_times(
    call: &mut Call<'_>,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    atim: u64,
    mtim: u64,
    bits: u32,
) -> Outcome {
    let path = path(call, at, len)?;
    let descriptor = call.ctx.table.get(fd)?;
    let dir = descriptor.dir(Rights::PATH_FILESTAT_SET_TIMES)?;
    let bits = FstFlags::from_bits(bits as u64).ok_or(Errno::Inval)?;
    Ok(dir.set_times(&path, follows(flags)?, Times::new(atim, mtim, bits)?)?)
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_link(
    call: &mut Call<'_>,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    new_fd: u32,
    new_at: u32,
    new_len: u32,
) -> Outcome {
    let (old, new) = (path(call, at, len)?, path(call, new_at, new_len)?);
    let (from, to) = (call.ctx.table.get(fd)?, call.ctx.table.get(new_fd)?);
    let (from, to) = (from.dir(Rights::PATH_LINK_SOURCE)?, to.dir(Rights::PATH_LINK_TARGET)?);
    // What a link leads to is linked by its own path.
    if follows(flags)? {
        return Err(Errno::Inval.into());
    }
    Ok(from.link(&old, to, &new)?)
}

#[allow(clippy::too_many_arguments, reason = "as many as the function has")]
pub fn path_open(
    call: &mut Call<'_>,
    fd: u32,
    flags: u32,
    at: u32,
    len: u32,
    oflags: u32,
    base: u64,
    inheriting: u64,
    fdflags: u32,
    out: u32,
) -> Outcome {
    let path = path(call, at, len)?;
    let table = &call.ctx.table;
    let descriptor = table.get(fd)?;
    let request = OpenRequest {
        path: &path,
        follow: follows(flags)?,
        oflags: OFlags::from_bits(oflags as u64).ok_or(Errno::Inval)?,
        rights: rights_of(base, inheriting),
        fdflags: FdFlags::from_bits(fdflags as u64).ok_or(Errno::Inval)?,
    };
    let mem = call.mem()?;
    // Nothing is made that could not be handed over.
    mem.check(out, 4)?;
    table.check_room()?;
    let opened = table.insert(descriptor.open(&request)?)?;
    Ok(mem.write_u32(out, opened)?)
}

pub fn path_readlink(call: &mut Call<'_>, fd: u32, at: u32, len: u32, buf: u32, room: u32, out: u32) -> Outcome {
    let path = path(call, at, len)?;
    let descriptor = call.ctx.table.get(fd)?;
    let dir = descriptor.dir(Rights::PATH_READLINK)?;
    let mem = call.mem()?;
    mem.check(buf, room as u64)?;
    let mut text = dir.read_link(&path)?;
    text.truncate(room as usize);
    mem.write(buf, &text)?;
    // At most the room there was.
    Ok(mem.write_u32(out, text.len() as u32)?)
}

pub fn path_remove_directory(call: &mut Call<'_>, fd: u32, at: u32, len: u32) -> Outcome {
    let path = path(call, at, len)?;
    Ok(call.ctx.table.get(fd)?.dir(Rights::PATH_REMOVE_DIRECTORY)?.remove_dir(&path)?)
}

pub fn path_rename(call: &mut Call<'_>, fd: u32, at: u32, len: u32, new_fd: u32, new_at: u32, new_len: u32) -> Outcome {
    let (old, new) = (path(call, at, len)?, path(call, new_at, new_len)?);
    let (from, to) = (call.ctx.table.get(fd)?, call.ctx.table.get(new_fd)?);
    let (from, to) = (from.dir(Rights::PATH_RENAME_SOURCE)?, to.dir(Rights::PATH_RENAME_TARGET)?);
    Ok(from.rename(&old, to, &new)?)
}

pub fn path_symlink(call: &mut Call<'_>, at: u32, len: u32, fd: u32, new_at: u32, new_len: u32) -> Outcome {
    let (target, new) = (path(call, at, len)?, path(call, new_at, new_len)?);
    Ok(call.ctx.table.get(fd)?.dir(Rights::PATH_SYMLINK)?.symlink(&target, &new)?)
}

pub fn path_unlink_file(call: &mut Call<'_>, fd: u32, at: u32, len: u32) -> Outcome {
    let path = path(call, at, len)?;
    Ok(call.ctx.table.get(fd)?.dir(Rights::PATH_UNLINK_FILE)?.unlink(&path)?)
}
