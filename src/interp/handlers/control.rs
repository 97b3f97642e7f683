//! Branches, selection and traps.

use crate::interp::dispatch::{TRAPPED, go, op};
use crate::interp::operand::{f16, get, high32, imm, peek, poke, set, target, word};
use crate::vm::layout::{HostCallSite, PendingTrap};
use crate::vm::trap::TrapKind;

op!(
    /// Jumps by I.
    br(pc fp mb ml ctx ia fa) {
        go!(target(pc, imm(pc)), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = index, I = number of targets without the default. Words 2 and on: offsets, the default last.
    br_table(pc fp mb ml ctx ia fa) {
        let index = get::<0, u32>(pc, fp) as usize;
        let n = high32(pc);
        let off = word(pc, 2 + if index < n { index } else { n });
        go!(pc.offset(off as i64 as isize), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// `br_table` with the index in the accumulator.
    br_table_a(pc fp mb ml ctx ia fa) {
        let index = ia as u32 as usize;
        let n = high32(pc);
        let off = word(pc, 2 + if index < n { index } else { n });
        go!(pc.offset(off as i64 as isize), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = B != 0 ? C : D.
    select(pc fp mb ml ctx ia fa) {
        let n = if get::<1, u32>(pc, fp) != 0 { f16::<2>(pc) } else { f16::<3>(pc) };
        let v = *fp.add(n);
        set(pc, fp, v);
        go!(pc.add(2), fp, mb, ml, ctx, v, fa)
    }
);
op!(
    /// A = (acc) != 0 ? C : D.
    select_a(pc fp mb ml ctx ia fa) {
        let n = if ia as u32 != 0 { f16::<2>(pc) } else { f16::<3>(pc) };
        let v = *fp.add(n);
        set(pc, fp, v);
        go!(pc.add(2), fp, mb, ml, ctx, v, fa)
    }
);
op!(
    /// Two slots: A = B != 0 ? C : D.
    select128(pc fp mb ml ctx ia fa) {
        let n = if get::<1, u32>(pc, fp) != 0 { f16::<2>(pc) } else { f16::<3>(pc) };
        let v = peek::<u128>(fp.add(n).cast());
        poke::<u128>(fp.add(f16::<0>(pc)).cast(), v);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Traps with kind A.
    trap(pc fp mb ml ctx ia fa) {
        return raise(pc, fp, mb, ml, ctx, f16::<0>(pc) as u64, fa)
    }
);
op!(
    /// Stands in for the instruction at a loop header while a store that shares the code is asked to stop (`code::checks`).
    #[cold]
    check(pc fp mb ml ctx ia fa) {
        let next = crate::interp::checkpoint(pc, ctx);
        if next < 256 {
            return raise(pc, fp, mb, ml, ctx, next, fa)
        }
        let handler: crate::interp::dispatch::Handler = core::mem::transmute(next as usize);
        return handler(pc, fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Ends the activation with a trap whose kind is in the integer accumulator.
    #[cold]
    #[inline(never)]
    raise(pc fp mb ml ctx ia fa) {
        let site = HostCallSite { pc, fp, instance: ctx };
        (*(*ctx).store).trap = PendingTrap { kind: ia as u8, object: core::ptr::null_mut(), exception: 0, site };
        // Opaque, or callers would call this for its effect and return the constant themselves.
        return core::hint::black_box(TRAPPED)
    }
);
op!(
    /// As `raise`, for a `sem::ArithTrap` in the integer accumulator.
    #[cold]
    #[inline(never)]
    raise_arith(pc fp mb ml ctx ia fa) {
        return raise(pc, fp, mb, ml, ctx, TrapKind::from_arith(ia as u8) as u64, fa)
    }
);
