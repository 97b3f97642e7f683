//! Charging fuel (`code::translate::fuel` says what costs what). Not emitted unless the engine meters.

use super::call::memory0;
use super::control::raise;
use crate::interp::dispatch::{go, jump, op};
use crate::interp::operand::{f16, high32, low32};
use crate::vm::layout::HostCallSite;

op!(
    /// Pays J units; the operand stack ends at slot I.
    fuel(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        let (left, cost) = ((*store).fuel, low32(pc) as u64);
        if left < cost {
            (*store).fuel_needed = cost;
            jump!(refuel, pc, fp, mb, ml, ctx, ia, fa)
        }
        (*store).fuel = left - cost;
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Pays slot A shifted right by the low bits of B; bit 15 of B says that it has 64 bits. The operand stack ends at slot I.
    fuel_sized(pc fp mb ml ctx ia fa) {
        let how = f16::<1>(pc);
        let len = *fp.add(f16::<0>(pc));
        let len = if how & 0x8000 != 0 { len } else { len as u32 as u64 };
        let store = (*ctx).store;
        let (left, cost) = ((*store).fuel, len >> (how & 63));
        if left < cost {
            (*store).fuel_needed = cost;
            jump!(refuel, pc, fp, mb, ml, ctx, ia, fa)
        }
        (*store).fuel = left - cost;
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Too little fuel is left for the instruction at `pc`: asks the host for more, and starts the instruction anew or
    /// traps. The host may do what it may in a function of its own.
    #[cold]
    #[inline(never)]
    refuel(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        // As after a call, the site is beyond the first word of its instruction.
        (*store).host_call = HostCallSite { pc: pc.add(1), fp, instance: ctx };
        (*store).stack_top = fp.add(high32(pc));
        let kind = ((*(*store).hooks).out_of_fuel)(store, (*store).fuel_needed);
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind as u64, fa)
        }
        let (mb, ml) = memory0(ctx);
        go!(pc, fp, mb, ml, ctx, ia, fa)
    }
);
