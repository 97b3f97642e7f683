//! Arguments, environment, clocks, random numbers, and the end of the program.
#![forbid(unsafe_code)]

use super::types::{ClockId, Errno};
use super::{Call, Outcome};
use crate::wasi::Stop;

/// Writes strings that end in NUL to `buf`, one after the other, and the address of each to `list`.
fn put_strings(call: &Call<'_>, strings: &[Vec<u8>], list: u32, buf: u32) -> Outcome {
    let mem = call.mem()?;
    let (_, bytes) = sizes(strings)?;
    // Both as a whole first: nothing is written if there is no room for all.
    mem.check(list, strings.len() as u64 * 4)?;
    mem.check(buf, bytes as u64)?;
    let mut at = buf;
    for (i, s) in strings.iter().enumerate() {
        mem.write_u32(list + i as u32 * 4, at)?;
        mem.write(at, s)?;
        mem.write_u8(at + s.len() as u32, 0)?;
        // After the last string of a full memory this is 4 GiB, and not used any more.
        at = at.wrapping_add(s.len() as u32 + 1);
    }
    Ok(())
}

/// How many strings there are, and bytes with their NULs.
fn sizes(strings: &[Vec<u8>]) -> Result<(u32, u32), Errno> {
    let bytes: u64 = strings.iter().map(|s| s.len() as u64 + 1).sum();
    match (u32::try_from(strings.len()), u32::try_from(bytes)) {
        (Ok(count), Ok(bytes)) => Ok((count, bytes)),
        _ => Err(Errno::Overflow),
    }
}

fn put_sizes(call: &Call<'_>, strings: &[Vec<u8>], count_at: u32, bytes_at: u32) -> Outcome {
    let (count, bytes) = sizes(strings)?;
    call.mem()?.check(bytes_at, 4)?;
    call.mem()?.write_u32(count_at, count)?;
    Ok(call.mem()?.write_u32(bytes_at, bytes)?)
}

pub fn args_get(call: &mut Call<'_>, argv: u32, buf: u32) -> Outcome {
    put_strings(call, &call.ctx.args, argv, buf)
}

pub fn args_sizes_get(call: &mut Call<'_>, count: u32, bytes: u32) -> Outcome {
    put_sizes(call, &call.ctx.args, count, bytes)
}

pub fn environ_get(call: &mut Call<'_>, environ: u32, buf: u32) -> Outcome {
    put_strings(call, &call.ctx.env, environ, buf)
}

pub fn environ_sizes_get(call: &mut Call<'_>, count: u32, bytes: u32) -> Outcome {
    put_sizes(call, &call.ctx.env, count, bytes)
}

pub fn clock_res_get(call: &mut Call<'_>, id: u32, out: u32) -> Outcome {
    let id = ClockId::from_number(id as u64).ok_or(Errno::Inval)?;
    Ok(call.mem()?.write_u64(out, call.ctx.clocks.resolution(id)?)?)
}

/// `_precision` is how late the answer may be; ours never is.
pub fn clock_time_get(call: &mut Call<'_>, id: u32, _precision: u64, out: u32) -> Outcome {
    let id = ClockId::from_number(id as u64).ok_or(Errno::Inval)?;
    Ok(call.mem()?.write_u64(out, call.ctx.clocks.now(id)?)?)
}

pub fn random_get(call: &mut Call<'_>, buf: u32, len: u32) -> Outcome {
    let mem = call.mem()?;
    mem.check(buf, len as u64)?;
    let mut chunk = [0; 4096];
    let (mut at, mut left) = (buf as u64, len as usize);
    while left > 0 {
        let n = left.min(chunk.len());
        call.ctx.random.fill(&mut chunk[..n])?;
        // Inside the memory, so below 4 GiB.
        mem.write(at as u32, &chunk[..n])?;
        at += n as u64;
        left -= n;
        if call.ctx.wake.is_raised() {
            return Err(Stop::Interrupted);
        }
    }
    Ok(())
}

pub fn proc_exit(call: &mut Call<'_>, code: u32) -> Outcome {
    call.ctx.set_exit_code(code);
    call.ctx.threads.exit(&call.ctx.interrupter, code);
    Err(Stop::Exit(code))
}

/// A guest has no handlers, so a signal either ends it or does nothing; 0 only asks whether it could be sent.
pub fn proc_raise(_call: &mut Call<'_>, signal: u32) -> Outcome {
    // Signals by their numbers in the witx: none, those whose default is to be ignored, and the rest.
    const NONE: u32 = 0;
    const IGNORED: [u32; 4] = [16, 17, 22, 27];
    const LAST: u32 = 30;
    match signal {
        NONE => Ok(()),
        s if IGNORED.contains(&s) => Ok(()),
        1..=LAST => Err(Stop::Trap("the program raised a signal that ends it")),
        _ => Err(Errno::Inval.into()),
    }
}

pub fn sched_yield(call: &mut Call<'_>) -> Outcome {
    if call.ctx.wake.is_raised() {
        return Err(Stop::Interrupted);
    }
    std::thread::yield_now();
    Ok(())
}
