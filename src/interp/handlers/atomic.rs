//! Atomic accesses, waiting and notifying (threads proposal). Every access is sequentially consistent and must be
//! aligned; whether the memory is shared only matters for waiting.

use super::mem::locate;
use crate::code::op::op_rows;
use crate::interp::dispatch::{go, op, trap};
use crate::interp::operand::{f16, get, set, word};
use crate::vm::layout::Instance;
use crate::vm::park;
use crate::vm::trap::TrapKind;
use crate::vm::wait::wait;
use core::sync::atomic::Ordering::SeqCst;

/// The atomic integers by the name of the plain ones.
mod cell {
    pub use core::sync::atomic::{AtomicU8 as u8, AtomicU16 as u16, AtomicU32 as u32, AtomicU64 as u64};
}

/// Where an aligned `len` bytes are in a memory of the instance.
#[inline(always)]
unsafe fn locate_aligned(
    ctx: *mut Instance,
    memory: usize,
    addr: u64,
    offset: u64,
    len: u64,
) -> Result<*mut u8, TrapKind> {
    // SAFETY: memory indices come from validated code.
    unsafe {
        // Memories begin at a page, and sums that wrap around are out of bounds whatever they leave.
        if addr.wrapping_add(offset) & (len - 1) != 0 {
            return Err(TrapKind::UnalignedAtomic);
        }
        locate(ctx, memory, addr, offset, len).ok_or(TrapKind::MemoryOutOfBounds)
    }
}

/// Leaves an integer result in its slot and the accumulator, and goes on.
macro_rules! result {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r = $r as u64;
        set($pc, $fp, r);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, r, $fa)
    }};
}

macro_rules! load {
    ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            match locate_aligned(ctx, f16::<2>(pc), get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Ok(p) => result!(cell::$t::from_ptr(p.cast()).load(SeqCst), 3, pc fp mb ml ctx ia fa),
                Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(atomic_load load);

macro_rules! store {
    ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            match locate_aligned(ctx, f16::<2>(pc), get::<0, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Ok(p) => cell::$t::from_ptr(p.cast()).store(get::<1, u64>(pc, fp) as $t, SeqCst),
                Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
            }
            go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
        });
    )* };
}
op_rows!(atomic_store store);

macro_rules! rmw {
    ([] $( ($t:ident $f:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            match locate_aligned(ctx, f16::<3>(pc), get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Ok(p) => {
                    let value = get::<2, u64>(pc, fp) as $t;
                    result!(cell::$t::from_ptr(p.cast()).$f(value, SeqCst), 3, pc fp mb ml ctx ia fa)
                }
                Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(atomic_rmw rmw);

macro_rules! cmpxchg {
    ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            let memory = word(pc, 3) as usize;
            match locate_aligned(ctx, memory, get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Ok(p) => {
                    // What is expected is cut to the width of the access, too.
                    let (expected, new) = (get::<2, u64>(pc, fp) as $t, get::<3, u64>(pc, fp) as $t);
                    let old = match cell::$t::from_ptr(p.cast()).compare_exchange(expected, new, SeqCst, SeqCst) {
                        Ok(old) | Err(old) => old,
                    };
                    result!(old, 4, pc fp mb ml ctx ia fa)
                }
                Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(atomic_cmpxchg cmpxchg);

macro_rules! wait {
    ([] $( ($t:ident $w:ident) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            let memory = word(pc, 3) as usize;
            let located = locate_aligned(ctx, memory, get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64);
            let (expected, timeout) = (get::<2, $t>(pc, fp), get::<3, u64>(pc, fp) as i64);
            let ended = match located {
                Ok(p) => wait(ctx, memory, p, timeout, move || cell::$t::from_ptr(p.cast()).load(SeqCst) == expected),
                Err(kind) => Err(kind),
            };
            match ended {
                Ok(r) => result!(r, 4, pc fp mb ml ctx ia fa),
                Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(atomic_wait wait);

op!(
    /// A = how many threads were woken of at most C that wait for B in memory D, at the offset in word 2.
    atomic_notify(pc fp mb ml ctx ia fa) {
        match locate_aligned(ctx, f16::<3>(pc), get::<1, u64>(pc, fp), word(pc, 2), 4) {
            Ok(p) => result!(park::notify(p as usize, get::<2, u32>(pc, fp)), 3, pc fp mb ml ctx ia fa),
            Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
        }
    }
);
op!(
    /// Orders all accesses before it before all after it.
    atomic_fence(pc fp mb ml ctx ia fa) {
        core::sync::atomic::fence(SeqCst);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
