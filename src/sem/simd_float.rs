//! Vector operations on float lanes: the scalar operations, lane by lane.
//!
//! The relaxed operations are fixed to the first of the results the spec allows, which is what its deterministic profile
//! demands: multiply-add rounds twice (a fused one would need a library call on older x86-64), minimum and maximum order
//! the zeros and propagate NaNs, truncation saturates.

use super::float::*;
use super::lanes::*;
use crate::util::V128;

/// The scalar minimum and maximum without branches, which would keep the lanes apart: chosen by masks.
macro_rules! select {
    ($f:ty, $bits:ty, $x:ident, $y:ident, $first:expr, $join:tt) => {{
        let choose = |when: bool, then: $bits, otherwise: $bits| {
            let mask = (when as $bits).wrapping_neg();
            then & mask | otherwise & !mask
        };
        let ordered = choose($first, $x.to_bits(), $y.to_bits());
        let zeros = choose($x == $y, $x.to_bits() $join $y.to_bits(), ordered);
        <$f>::from_bits(choose($x.is_nan() | $y.is_nan(), ($x + $y).to_bits(), zeros))
    }};
}
macro_rules! select_min {
    ($f:ty, $bits:ty, $x:ident, $y:ident) => { select!($f, $bits, $x, $y, $x < $y, |) };
}
macro_rules! select_max {
    ($f:ty, $bits:ty, $x:ident, $y:ident) => { select!($f, $bits, $x, $y, $x > $y, &) };
}

lane_ops! {
    f32x4_abs(x: f32) = f32_abs(x);
    f32x4_neg(x: f32) = f32_neg(x);
    f32x4_sqrt(x: f32) = f32_sqrt(x);
    f32x4_ceil(x: f32) = f32_ceil(x);
    f32x4_floor(x: f32) = f32_floor(x);
    f32x4_trunc(x: f32) = f32_trunc(x);
    f32x4_nearest(x: f32) = f32_nearest(x);

    f64x2_abs(x: f64) = f64_abs(x);
    f64x2_neg(x: f64) = f64_neg(x);
    f64x2_sqrt(x: f64) = f64_sqrt(x);
    f64x2_ceil(x: f64) = f64_ceil(x);
    f64x2_floor(x: f64) = f64_floor(x);
    f64x2_trunc(x: f64) = f64_trunc(x);
    f64x2_nearest(x: f64) = f64_nearest(x);
}

lane_ops! {
    f32x4_add(x, y: f32) = x + y;
    f32x4_sub(x, y: f32) = x - y;
    f32x4_mul(x, y: f32) = x * y;
    f32x4_div(x, y: f32) = x / y;
    f32x4_min(x, y: f32) = select_min!(f32, u32, x, y);
    f32x4_max(x, y: f32) = select_max!(f32, u32, x, y);
    f32x4_pmin(x, y: f32) = f32_pmin(x, y);
    f32x4_pmax(x, y: f32) = f32_pmax(x, y);

    f64x2_add(x, y: f64) = x + y;
    f64x2_sub(x, y: f64) = x - y;
    f64x2_mul(x, y: f64) = x * y;
    f64x2_div(x, y: f64) = x / y;
    f64x2_min(x, y: f64) = select_min!(f64, u64, x, y);
    f64x2_max(x, y: f64) = select_max!(f64, u64, x, y);
    f64x2_pmin(x, y: f64) = f64_pmin(x, y);
    f64x2_pmax(x, y: f64) = f64_pmax(x, y);
}

lane_tests! {
    f32x4_eq(x, y: f32) = x == y;
    f32x4_ne(x, y: f32) = x != y;
    f32x4_lt(x, y: f32) = x < y;
    f32x4_gt(x, y: f32) = x > y;
    f32x4_le(x, y: f32) = x <= y;
    f32x4_ge(x, y: f32) = x >= y;

    f64x2_eq(x, y: f64) = x == y;
    f64x2_ne(x, y: f64) = x != y;
    f64x2_lt(x, y: f64) = x < y;
    f64x2_gt(x, y: f64) = x > y;
    f64x2_le(x, y: f64) = x <= y;
    f64x2_ge(x, y: f64) = x >= y;
}

// Conversions. Rust's casts saturate and send NaN to 0. Where the result has more lanes than the operand, the upper ones
// are 0; where it has fewer, the operand's upper ones are ignored.
ops! {
    f32x4_convert_i32x4_s(a: V128) -> V128 = map(a, |x: i32| x as f32);
    f32x4_convert_i32x4_u(a: V128) -> V128 = map(a, |x: u32| x as f32);
    f64x2_convert_low_i32x4_s(a: V128) -> V128 = widen(a, Half::Low, |x: i32| x as f64);
    f64x2_convert_low_i32x4_u(a: V128) -> V128 = widen(a, Half::Low, |x: u32| x as f64);
    f64x2_promote_low_f32x4(a: V128) -> V128 = widen(a, Half::Low, |x: f32| x as f64);
    f32x4_demote_f64x2_zero(a: V128) -> V128 = narrow(a, V128::ZERO, |x: f64| x as f32);
    i32x4_trunc_sat_f32x4_s(a: V128) -> V128 = map(a, |x: f32| x as i32);
    i32x4_trunc_sat_f32x4_u(a: V128) -> V128 = map(a, |x: f32| x as u32);
    i32x4_trunc_sat_f64x2_s_zero(a: V128) -> V128 = narrow(a, V128::ZERO, |x: f64| x as i32);
    i32x4_trunc_sat_f64x2_u_zero(a: V128) -> V128 = narrow(a, V128::ZERO, |x: f64| x as u32);
}

// Relaxed operations.
ops! {
    f32x4_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f32, y, z| x * y + z);
    f32x4_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f32, y, z| -x * y + z);
    f64x2_relaxed_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f64, y, z| x * y + z);
    f64x2_relaxed_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f64, y, z| -x * y + z);
    // The same where the processor has instructions that round once.
    f32x4_fused_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f32, y, z| x.mul_add(y, z));
    f32x4_fused_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f32, y, z| (-x).mul_add(y, z));
    f64x2_fused_madd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f64, y, z| x.mul_add(y, z));
    f64x2_fused_nmadd(a: V128, b: V128, c: V128) -> V128 = zip3(a, b, c, |x: f64, y, z| (-x).mul_add(y, z));
    f32x4_relaxed_min(a: V128, b: V128) -> V128 = f32x4_min(a, b);
    f32x4_relaxed_max(a: V128, b: V128) -> V128 = f32x4_max(a, b);
    f64x2_relaxed_min(a: V128, b: V128) -> V128 = f64x2_min(a, b);
    f64x2_relaxed_max(a: V128, b: V128) -> V128 = f64x2_max(a, b);
    i32x4_relaxed_trunc_f32x4_s(a: V128) -> V128 = i32x4_trunc_sat_f32x4_s(a);
    i32x4_relaxed_trunc_f32x4_u(a: V128) -> V128 = i32x4_trunc_sat_f32x4_u(a);
    i32x4_relaxed_trunc_f64x2_s_zero(a: V128) -> V128 = i32x4_trunc_sat_f64x2_s_zero(a);
    i32x4_relaxed_trunc_f64x2_u_zero(a: V128) -> V128 = i32x4_trunc_sat_f64x2_u_zero(a);
}
