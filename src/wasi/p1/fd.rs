//! Functions on descriptors.
#![forbid(unsafe_code)]

use super::types::{Errno, Rights};
use super::{Call, Outcome};
use crate::wasi::stdio::Readiness;
use rustix::event::PollFlags;

/// How many bytes travel at a time.
const CHUNK: usize = 64 << 10;

pub fn fd_advise(_call: &mut Call<'_>, _a: u32, _b: u64, _c: u64, _d: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_allocate(_call: &mut Call<'_>, _a: u32, _b: u64, _c: u64) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_datasync(_call: &mut Call<'_>, _a: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_fdstat_set_flags(_call: &mut Call<'_>, _a: u32, _b: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_fdstat_set_rights(_call: &mut Call<'_>, _a: u32, _b: u64, _c: u64) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_filestat_get(_call: &mut Call<'_>, _a: u32, _b: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_filestat_set_size(_call: &mut Call<'_>, _a: u32, _b: u64) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_filestat_set_times(_call: &mut Call<'_>, _a: u32, _b: u64, _c: u64, _d: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_pread(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u64, _e: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_prestat_get(_call: &mut Call<'_>, _a: u32, _b: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_prestat_dir_name(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_pwrite(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u64, _e: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_readdir(_call: &mut Call<'_>, _a: u32, _b: u32, _c: u32, _d: u64, _e: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_renumber(_call: &mut Call<'_>, _a: u32, _b: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_seek(_call: &mut Call<'_>, _a: u32, _b: i64, _c: u32, _d: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_sync(_call: &mut Call<'_>, _a: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_tell(_call: &mut Call<'_>, _a: u32, _b: u32) -> Outcome {
    Err(Errno::Nosys.into())
}

pub fn fd_close(call: &mut Call<'_>, fd: u32) -> Outcome {
    Ok(call.ctx.table.close(fd)?)
}

pub fn fd_fdstat_get(call: &mut Call<'_>, fd: u32, out: u32) -> Outcome {
    let stat = call.ctx.table.get(fd)?.fdstat();
    Ok(call.mem()?.write(out, &stat.to_bytes())?)
}

pub fn fd_read(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let mem = call.mem()?;
    let (vectors, total) = mem.iovecs(iovs, count)?;
    mem.check(out, 4)?;
    let stream = descriptor.stream(Rights::FD_READ)?;
    if let Readiness::Fd(fd) = stream.readiness() {
        call.ctx.wake.wait(fd, PollFlags::IN)?;
    }
    let mut buf = vec![0; (total as usize).min(CHUNK)];
    let n = stream.read(&mut buf)?;
    mem.scatter(&vectors, 0, &buf[..n])?;
    Ok(mem.write_u32(out, n as u32)?)
}

pub fn fd_write(call: &mut Call<'_>, fd: u32, iovs: u32, count: u32, out: u32) -> Outcome {
    let descriptor = call.ctx.table.get(fd)?;
    let mem = call.mem()?;
    let (vectors, total) = mem.iovecs(iovs, count)?;
    mem.check(out, 4)?;
    let stream = descriptor.stream(Rights::FD_WRITE)?;
    let mut buf = vec![0; (total as usize).min(CHUNK)];
    let n = mem.gather(&vectors, 0, &mut buf)?;
    let n = stream.write(&buf[..n])?;
    Ok(mem.write_u32(out, n as u32)?)
}
