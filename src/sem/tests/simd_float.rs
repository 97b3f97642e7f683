//! Vector operations on float lanes, against the scalar operations, lane by lane.

use super::edge_values::{v128_pairs, v128s};
use crate::sem::convert::*;
use crate::sem::float::*;
use crate::sem::simd_float::*;
use crate::util::V128;

fn f32s(v: u128) -> [f32; 4] {
    std::array::from_fn(|i| f32::from_bits((v >> (32 * i)) as u32))
}
fn f64s(v: u128) -> [f64; 2] {
    std::array::from_fn(|i| f64::from_bits((v >> (64 * i)) as u64))
}
fn i32s(v: u128) -> [u32; 4] {
    std::array::from_fn(|i| (v >> (32 * i)) as u32)
}

/// Equal bits, or NaNs which are both quiet: which payload an arithmetic NaN has is left to the processor.
fn same32(result: V128, expected: [f32; 4], what: &str) {
    for (x, y) in f32s(result.to_u128()).into_iter().zip(expected) {
        let both_quiet = x.is_nan() && y.is_nan() && x.to_bits() & y.to_bits() & 0x40_0000 != 0;
        assert!(x.to_bits() == y.to_bits() || both_quiet, "{what}: {:#x}, not {:#x}", x.to_bits(), y.to_bits());
    }
}
fn same64(result: V128, expected: [f64; 2], what: &str) {
    for (x, y) in f64s(result.to_u128()).into_iter().zip(expected) {
        let both_quiet = x.is_nan() && y.is_nan() && x.to_bits() & y.to_bits() & 1 << 51 != 0;
        assert!(x.to_bits() == y.to_bits() || both_quiet, "{what}: {:#x}, not {:#x}", x.to_bits(), y.to_bits());
    }
}

#[test]
fn one_operand() {
    for a in v128s() {
        let v = V128::from_u128(a);
        macro_rules! unary {
            ($($vector:ident $same:ident $lanes:ident $scalar:ident;)*) => {$(
                $same($vector(v), $lanes(a).map($scalar), &format!("{} of {a:#034x}", stringify!($vector)));
            )*};
        }
        unary! {
            f32x4_abs same32 f32s f32_abs;
            f32x4_neg same32 f32s f32_neg;
            f32x4_sqrt same32 f32s f32_sqrt;
            f32x4_ceil same32 f32s f32_ceil;
            f32x4_floor same32 f32s f32_floor;
            f32x4_trunc same32 f32s f32_trunc;
            f32x4_nearest same32 f32s f32_nearest;
            f64x2_abs same64 f64s f64_abs;
            f64x2_neg same64 f64s f64_neg;
            f64x2_sqrt same64 f64s f64_sqrt;
            f64x2_ceil same64 f64s f64_ceil;
            f64x2_floor same64 f64s f64_floor;
            f64x2_trunc same64 f64s f64_trunc;
            f64x2_nearest same64 f64s f64_nearest;
        }
    }
}

#[test]
fn two_operands() {
    for (a, b) in v128_pairs() {
        let (v, w) = (V128::from_u128(a), V128::from_u128(b));
        macro_rules! binary {
            ($($f32x4:ident $f32:ident $f64x2:ident $f64:ident;)*) => {$(
                let (x, y) = (f32s(a), f32s(b));
                let expected = std::array::from_fn(|i| $f32(x[i], y[i]));
                same32($f32x4(v, w), expected, &format!("{} of {a:#034x}, {b:#034x}", stringify!($f32x4)));
                let (x, y) = (f64s(a), f64s(b));
                let expected = std::array::from_fn(|i| $f64(x[i], y[i]));
                same64($f64x2(v, w), expected, &format!("{} of {a:#034x}, {b:#034x}", stringify!($f64x2)));
            )*};
        }
        binary! {
            f32x4_add f32_add f64x2_add f64_add;
            f32x4_sub f32_sub f64x2_sub f64_sub;
            f32x4_mul f32_mul f64x2_mul f64_mul;
            f32x4_div f32_div f64x2_div f64_div;
            f32x4_min f32_min f64x2_min f64_min;
            f32x4_max f32_max f64x2_max f64_max;
            f32x4_relaxed_min f32_min f64x2_relaxed_min f64_min;
            f32x4_relaxed_max f32_max f64x2_relaxed_max f64_max;
            f32x4_pmin f32_pmin f64x2_pmin f64_pmin;
            f32x4_pmax f32_pmax f64x2_pmax f64_pmax;
        }
        macro_rules! tests {
            ($($f32x4:ident $f32:ident $f64x2:ident $f64:ident;)*) => {$(
                let (x, y) = (f32s(a), f32s(b));
                let mask = |i: usize| if $f32(x[i], y[i]) { u32::MAX } else { 0 };
                assert_eq!(i32s($f32x4(v, w).to_u128()), std::array::from_fn(mask), "{}", stringify!($f32x4));
                let (x, y) = (f64s(a), f64s(b));
                let mask = |i: usize| if $f64(x[i], y[i]) { u64::MAX } else { 0 };
                assert_eq!($f64x2(v, w).to_slots(), std::array::from_fn(mask), "{}", stringify!($f64x2));
            )*};
        }
        tests! {
            f32x4_eq f32_eq f64x2_eq f64_eq;
            f32x4_ne f32_ne f64x2_ne f64_ne;
            f32x4_lt f32_lt f64x2_lt f64_lt;
            f32x4_gt f32_gt f64x2_gt f64_gt;
            f32x4_le f32_le f64x2_le f64_le;
            f32x4_ge f32_ge f64x2_ge f64_ge;
        }
        let (x, y) = (f32s(a), f32s(b));
        same32(f32x4_relaxed_madd(v, w, v), std::array::from_fn(|i| x[i] * y[i] + x[i]), "madd");
        same32(f32x4_relaxed_nmadd(v, w, v), std::array::from_fn(|i| -(x[i] * y[i]) + x[i]), "nmadd");
        let (x, y) = (f64s(a), f64s(b));
        same64(f64x2_relaxed_madd(v, w, v), std::array::from_fn(|i| x[i] * y[i] + x[i]), "madd");
        same64(f64x2_relaxed_nmadd(v, w, v), std::array::from_fn(|i| -(x[i] * y[i]) + x[i]), "nmadd");
    }
}

#[test]
fn multiply_add_rounds_twice() {
    // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: the last term is lost before the addition.
    let x = V128::from_u128(0x3f80_0800);
    let minus = V128::from_u128(0xbf80_1000);
    assert_eq!(f32x4_relaxed_madd(x, x, minus), V128::ZERO);
    let minus = V128::from_u128(0x3f80_1000);
    assert_eq!(f32x4_relaxed_nmadd(x, x, minus), V128::ZERO);
}

#[test]
fn conversions() {
    for a in v128s() {
        let v = V128::from_u128(a);
        let what = format!("of {a:#034x}");
        same32(f32x4_convert_i32x4_s(v), i32s(a).map(f32_convert_i32_s), &what);
        same32(f32x4_convert_i32x4_u(v), i32s(a).map(f32_convert_i32_u), &what);
        let [low, high, ..] = i32s(a);
        same64(f64x2_convert_low_i32x4_s(v), [low, high].map(f64_convert_i32_s), &what);
        same64(f64x2_convert_low_i32x4_u(v), [low, high].map(f64_convert_i32_u), &what);
        let [low, high, ..] = f32s(a);
        same64(f64x2_promote_low_f32x4(v), [low, high].map(f64_promote_f32), &what);
        let [low, high] = f64s(a).map(f32_demote_f64);
        same32(f32x4_demote_f64x2_zero(v), [low, high, 0.0, 0.0], &what);
        for (op, scalar) in [
            (i32x4_trunc_sat_f32x4_s as fn(V128) -> V128, i32_trunc_sat_f32_s as fn(f32) -> u32),
            (i32x4_trunc_sat_f32x4_u, i32_trunc_sat_f32_u),
            (i32x4_relaxed_trunc_f32x4_s, i32_trunc_sat_f32_s),
            (i32x4_relaxed_trunc_f32x4_u, i32_trunc_sat_f32_u),
        ] {
            assert_eq!(i32s(op(v).to_u128()), f32s(a).map(scalar), "{what}");
        }
        for (op, scalar) in [
            (i32x4_trunc_sat_f64x2_s_zero as fn(V128) -> V128, i32_trunc_sat_f64_s as fn(f64) -> u32),
            (i32x4_trunc_sat_f64x2_u_zero, i32_trunc_sat_f64_u),
            (i32x4_relaxed_trunc_f64x2_s_zero, i32_trunc_sat_f64_s),
            (i32x4_relaxed_trunc_f64x2_u_zero, i32_trunc_sat_f64_u),
        ] {
            let [low, high] = f64s(a).map(scalar);
            assert_eq!(i32s(op(v).to_u128()), [low, high, 0, 0], "{what}");
        }
    }
}
