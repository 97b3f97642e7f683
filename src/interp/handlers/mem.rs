//! Loads and stores (spec, "Memory Instructions"). Every access is checked; memory 0 has its base and length in the machine state.

use crate::code::op::op_rows;
use crate::interp::acc::Value;
use crate::interp::dispatch::{go, jump, op, trap};
use crate::interp::operand::{f16, get, high32, i16, peek, poke, set, word};
pub use crate::vm::bulk::length;
use crate::vm::layout::{Instance, NO_FAULT};
use crate::vm::trap::TrapKind;
use core::sync::atomic::Ordering;

/// Where `len` bytes at `addr + offset` of memory 0 are, or the end of the handler.
macro_rules! at {
    ($addr:expr, $off:expr, $len:expr, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let ea = $addr as u64 + $off as u64;
        if ea + $len as u64 > $ml as u64 {
            (*(*$ctx).store).fault = ea;
            // Handing on the accumulators lets the access be tried again.
            jump!(out_of_bounds, $pc, $fp, $mb, $ml, $ctx, $ia, $fa);
        }
        $mb.add(ea as usize)
    }};
}
pub(super) use at;

op!(
    /// An access to memory 0 went past the length that the chain knows: tried again when a shared memory has grown meanwhile.
    #[cold]
    #[inline(never)]
    out_of_bounds(pc fp mb ml ctx ia fa) {
        let m = (*ctx).mem0;
        if !m.is_null() && !(*m).shared_len.is_null() {
            let len = (*(*m).shared_len).load(Ordering::SeqCst);
            if len > ml {
                (*m).len = len;
                (*(*ctx).store).fault = NO_FAULT;
                go!(pc, fp, mb, len, ctx, ia, fa)
            }
        }
        trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
    }
);

/// Where `len` bytes are in any memory of the instance, by the generic form's rules: 64-bit address and offset.
#[inline(always)]
pub unsafe fn locate(ctx: *mut Instance, memory: usize, addr: u64, offset: u64, len: u64) -> Option<*mut u8> {
    // SAFETY: memory indices come from validated code.
    unsafe {
        let m = *(*ctx).memories.add(memory);
        let addr = if (*m).is64 { addr } else { addr as u32 as u64 };
        // What overflows is as far outside as can be said.
        let start = addr.checked_add(offset).unwrap_or(NO_FAULT);
        match start.checked_add(len) {
            Some(end) if end <= length(m) as u64 => Some((*m).base.add(start as usize)),
            _ => {
                (*(*ctx).store).fault = start;
                None
            }
        }
    }
}

/// Extends what was read and passes it on.
macro_rules! loaded {
    ($v:expr, i32, $words:literal, $($state:ident)*) => { loaded!(@ ($v as i32 as u32), $words, $($state)*) };
    ($v:expr, i64, $words:literal, $($state:ident)*) => { loaded!(@ ($v as i64 as u64), $words, $($state)*) };
    ($v:expr, $t:ident, $words:literal, $($state:ident)*) => { loaded!(@ ($v as $t), $words, $($state)*) };
    (@ $v:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r = $v;
        set($pc, $fp, r);
        let (ia, fa) = Value::put(r, $ia, $fa);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, ia, fa)
    }};
}
macro_rules! load {
    ([] $( ($w:ident $mem:ident $t:ident) [$s:ident $a:ident $ss:ident $as_:ident $si:ident $ai:ident $g:ident] )*) => { $(
        op!($s(pc fp mb ml ctx ia fa) {
            let p = at!(get::<1, u32>(pc, fp), high32(pc), size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($a(pc fp mb ml ctx ia fa) {
            let p = at!(ia as u32, high32(pc), size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($ss(pc fp mb ml ctx ia fa) {
            let addr = get::<1, u32>(pc, fp).wrapping_add(get::<2, u32>(pc, fp));
            let p = at!(addr, f16::<3>(pc), size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            let addr = (ia as u32).wrapping_add(get::<1, u32>(pc, fp));
            let p = at!(addr, high32(pc), size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($si(pc fp mb ml ctx ia fa) {
            let addr = get::<1, u32>(pc, fp).wrapping_add(high32(pc) as u32);
            let p = at!(addr, 0u64, size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($ai(pc fp mb ml ctx ia fa) {
            let addr = (ia as u32).wrapping_add(high32(pc) as u32);
            let p = at!(addr, 0u64, size_of::<$mem>(), pc fp mb ml ctx ia fa);
            loaded!(peek::<$mem>(p), $t, 2, pc fp mb ml ctx ia fa)
        });
        op!($g(pc fp mb ml ctx ia fa) {
            match locate(ctx, f16::<2>(pc), get::<1, u64>(pc, fp), word(pc, 2), size_of::<$mem>() as u64) {
                Some(p) => loaded!(peek::<$mem>(p), $t, 3, pc fp mb ml ctx ia fa),
                None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}

op_rows!(load load);

macro_rules! store {
    ([] $( ($t:ident) [$ss:ident $as_:ident $sa:ident $si:ident $sum:ident $far:ident $g:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            let p = at!(get::<0, u32>(pc, fp), high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, get::<1, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            let p = at!(ia as u32, high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, get::<1, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($sa(pc fp mb ml ctx ia fa) {
            let p = at!(get::<0, u32>(pc, fp), high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, ia as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($si(pc fp mb ml ctx ia fa) {
            let p = at!(get::<0, u32>(pc, fp), high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, i16::<1>(pc) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($sum(pc fp mb ml ctx ia fa) {
            let addr = get::<0, u32>(pc, fp).wrapping_add(get::<1, u32>(pc, fp));
            let p = at!(addr, f16::<3>(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, get::<2, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($far(pc fp mb ml ctx ia fa) {
            let addr = get::<0, u32>(pc, fp).wrapping_add(high32(pc) as u32);
            let p = at!(addr, 0u64, size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, get::<1, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($g(pc fp mb ml ctx ia fa) {
            match locate(ctx, f16::<2>(pc), get::<0, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Some(p) => poke::<$t>(p, get::<1, u64>(pc, fp) as $t),
                None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
            }
            go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
        });
    )* };
}
op_rows!(store store);

macro_rules! store_float {
    ([] $( ($t:ident) [$sa:ident] )*) => { $(
        op!($sa(pc fp mb ml ctx ia fa) {
            let p = at!(get::<0, u32>(pc, fp), high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke::<$t>(p, $t::take(ia, fa));
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
    )* };
}
op_rows!(store_float store_float);
