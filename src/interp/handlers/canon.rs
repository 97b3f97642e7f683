//! Making NaNs canonical (`code::translate::canon`). Not emitted unless the engine is to be deterministic.

use crate::interp::acc::Value;
use crate::interp::dispatch::{go, op};
use crate::interp::operand::{get, get_vector, set, set_vector};
use crate::util::V128;

op!(
    /// A = B, or the canonical NaN.
    f32_canon(pc fp mb ml ctx ia fa) {
        let v = get::<1, f32>(pc, fp);
        let r = if v.is_nan() { f32::from_bits(0x7fc0_0000) } else { v };
        set(pc, fp, r);
        let (ia, fa) = Value::put(r, ia, fa);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = B, or the canonical NaN.
    f64_canon(pc fp mb ml ctx ia fa) {
        let v = get::<1, f64>(pc, fp);
        let r = if v.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { v };
        set(pc, fp, r);
        let (ia, fa) = Value::put(r, ia, fa);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = two slots from B, each lane or the canonical NaN.
    f32x4_canon(pc fp mb ml ctx ia fa) {
        let [low, high] = get_vector::<1>(pc, fp).to_slots();
        set_vector(pc, fp, V128::from_slots([canon_pair(low), canon_pair(high)]));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = two slots from B, each lane or the canonical NaN.
    f64x2_canon(pc fp mb ml ctx ia fa) {
        let [low, high] = get_vector::<1>(pc, fp).to_slots();
        set_vector(pc, fp, V128::from_slots([canon64(low), canon64(high)]));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);

#[inline(always)]
fn canon32(bits: u32) -> u32 {
    if bits & 0x7fff_ffff > 0x7f80_0000 { 0x7fc0_0000 } else { bits }
}

#[inline(always)]
fn canon_pair(bits: u64) -> u64 {
    canon32(bits as u32) as u64 | (canon32((bits >> 32) as u32) as u64) << 32
}

#[inline(always)]
fn canon64(bits: u64) -> u64 {
    if bits & (u64::MAX >> 1) > 0x7ff0_0000_0000_0000 { 0x7ff8_0000_0000_0000 } else { bits }
}
