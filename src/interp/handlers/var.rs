//! Moves between slots, constants, globals and references.

use crate::interp::dispatch::{go, op, trap};
use crate::interp::operand::{f16, get, high32, imm, low32, peek, poke, set, set_vector, word};
use crate::vm::trap::TrapKind;

op!(
    /// A = B.
    copy(pc fp mb ml ctx ia fa) {
        set(pc, fp, get::<1, u64>(pc, fp));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = B, then C = D.
    copy2(pc fp mb ml ctx ia fa) {
        set(pc, fp, get::<1, u64>(pc, fp));
        *fp.add(f16::<2>(pc)) = get::<3, u64>(pc, fp);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = two slots from B.
    copy128(pc fp mb ml ctx ia fa) {
        let v = peek::<u128>(fp.add(f16::<1>(pc)).cast());
        poke::<u128>(fp.add(f16::<0>(pc)).cast(), v);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Slot J = slot I, both beyond 16 bits.
    copy_far(pc fp mb ml ctx ia fa) {
        *fp.add(low32(pc)) = *fp.add(high32(pc));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from J = two slots from I.
    copy_far128(pc fp mb ml ctx ia fa) {
        let v = peek::<u128>(fp.add(high32(pc)).cast());
        poke::<u128>(fp.add(low32(pc)).cast(), v);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = I, sign-extended.
    const_i(pc fp mb ml ctx ia fa) {
        set(pc, fp, imm(pc) as i64 as u64);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = word 2.
    const64(pc fp mb ml ctx ia fa) {
        set(pc, fp, word(pc, 2));
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = words 2 and 3.
    const128(pc fp mb ml ctx ia fa) {
        // Whole: a vector load that follows two narrower stores would wait for both.
        set_vector(pc, fp, peek(pc.add(2).cast()));
        go!(pc.add(4), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = own global I.
    global_get_own(pc fp mb ml ctx ia fa) {
        let v = (*(*ctx).own_globals.add(high32(pc)))[0];
        set(pc, fp, v);
        go!(pc.add(2), fp, mb, ml, ctx, v, fa)
    }
);
op!(
    /// A = global I.
    global_get(pc fp mb ml ctx ia fa) {
        let v = (**(*ctx).globals.add(high32(pc)))[0];
        set(pc, fp, v);
        go!(pc.add(2), fp, mb, ml, ctx, v, fa)
    }
);
op!(
    /// Two slots from A = own global I.
    global_get_own128(pc fp mb ml ctx ia fa) {
        let v = *(*ctx).own_globals.add(high32(pc));
        (fp.add(f16::<0>(pc)) as *mut [u64; 2]).write(v);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = global I.
    global_get128(pc fp mb ml ctx ia fa) {
        let v = **(*ctx).globals.add(high32(pc));
        (fp.add(f16::<0>(pc)) as *mut [u64; 2]).write(v);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Own global I = A.
    global_set_own(pc fp mb ml ctx ia fa) {
        (*(*ctx).own_globals.add(high32(pc)))[0] = get::<0, u64>(pc, fp);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Own global I = (acc).
    global_set_own_a(pc fp mb ml ctx ia fa) {
        (*(*ctx).own_globals.add(high32(pc)))[0] = ia;
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Global I = A.
    global_set(pc fp mb ml ctx ia fa) {
        (**(*ctx).globals.add(high32(pc)))[0] = get::<0, u64>(pc, fp);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Own global I = two slots from A.
    global_set_own128(pc fp mb ml ctx ia fa) {
        *(*ctx).own_globals.add(high32(pc)) = (fp.add(f16::<0>(pc)) as *const [u64; 2]).read();
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Global I = two slots from A.
    global_set128(pc fp mb ml ctx ia fa) {
        **(*ctx).globals.add(high32(pc)) = (fp.add(f16::<0>(pc)) as *const [u64; 2]).read();
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = reference to function I.
    ref_func(pc fp mb ml ctx ia fa) {
        let index = high32(pc);
        let mut f = *(*ctx).funcs.add(index);
        if f.is_null() {
            f = ((*(*(*ctx).store).hooks).func_ref)(ctx, index as u32);
        }
        set(pc, fp, f as u64);
        go!(pc.add(2), fp, mb, ml, ctx, f as u64, fa)
    }
);
op!(
    /// Traps when the reference A is null.
    ref_as_non_null(pc fp mb ml ctx ia fa) {
        if get::<0, u64>(pc, fp) == 0 {
            trap!(TrapKind::NullReference, pc, fp, mb, ml, ctx, fa)
        }
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
