//! Float operations.

use super::edge_values::{f32s, f64s};
use super::{Random, opaque};
use crate::sem::float::*;

fn each_f32(mut f: impl FnMut(f32)) {
    f32s().into_iter().for_each(|bits| f(opaque(f32::from_bits(bits))));
}

fn each_f64(mut f: impl FnMut(f64)) {
    f64s().into_iter().for_each(|bits| f(opaque(f64::from_bits(bits))));
}

/// Checks a result against what a NaN operand demands, or against `expected` where there is none.
macro_rules! check {
    ($f:ty, $name:literal, $result:expr, $expected:expr, $($operand:expr),+) => {{
        let quiet = 1 << (<$f>::MANTISSA_DIGITS - 2);
        let canonical = |x: $f| x.to_bits() & !(1 << (size_of::<$f>() * 8 - 1)) == <$f>::INFINITY.to_bits() | quiet;
        let (result, expected): ($f, $f) = ($result, $expected);
        let shown = ($name, $($operand.to_bits()),+);
        if expected.is_nan() {
            assert!(result.is_nan() && result.to_bits() & quiet != 0, "{shown:x?} is {:#x}, not quiet", result.to_bits());
            if [$($operand),+].iter().all(|&x| !x.is_nan() || canonical(x)) {
                assert!(canonical(result), "{shown:x?} is {:#x}, not canonical", result.to_bits());
            }
        } else {
            assert_eq!(result.to_bits(), expected.to_bits(), "{shown:x?} is {result:?}, not {expected:?}");
        }
    }};
}

/// Comparing signs orders the zeros as the spec does.
macro_rules! obvious_min {
    ($a:expr, $b:expr) => {
        match () {
            _ if $a.is_nan() || $b.is_nan() => $a + $b,
            _ if $a == $b => {
                if $a.is_sign_negative() {
                    $a
                } else {
                    $b
                }
            }
            _ => {
                if $a < $b {
                    $a
                } else {
                    $b
                }
            }
        }
    };
}

#[test]
fn rounding_agrees_with_the_standard_library() {
    let each32 = |x: f32| {
        check!(f32, "nearest", f32_nearest(x), x.round_ties_even(), x);
        check!(f32, "trunc", f32_trunc(x), x.trunc(), x);
        check!(f32, "floor", f32_floor(x), x.floor(), x);
        check!(f32, "ceil", f32_ceil(x), x.ceil(), x);
        check!(f32, "sqrt", f32_sqrt(x), x.sqrt(), x);
    };
    let each64 = |x: f64| {
        check!(f64, "nearest", f64_nearest(x), x.round_ties_even(), x);
        check!(f64, "trunc", f64_trunc(x), x.trunc(), x);
        check!(f64, "floor", f64_floor(x), x.floor(), x);
        check!(f64, "ceil", f64_ceil(x), x.ceil(), x);
        check!(f64, "sqrt", f64_sqrt(x), x.sqrt(), x);
    };
    each_f32(each32);
    each_f64(each64);
    let mut random = Random(1);
    for _ in 0..50_000 {
        let bits = random.next();
        each32(f32::from_bits(bits as u32));
        each64(f64::from_bits(bits));
        // Magnitudes at which a fraction is left, halves among them.
        each32((bits as i32 >> (bits >> 32 & 31)) as f32 * 0.25);
        each64((bits as i64 >> (bits & 63)) as f64 * 0.25);
    }
}

#[test]
fn ties_go_to_even_and_zeros_keep_their_sign() {
    assert_eq!(f32_nearest(0.5), 0.0);
    assert_eq!(f32_nearest(1.5), 2.0);
    assert_eq!(f32_nearest(2.5), 2.0);
    assert_eq!(f32_nearest(-0.5).to_bits(), 0x8000_0000);
    assert_eq!(f32_ceil(-0.9).to_bits(), 0x8000_0000);
    assert_eq!(f32_trunc(-0.9).to_bits(), 0x8000_0000);
    assert_eq!(f32_floor(-0.0).to_bits(), 0x8000_0000);
    assert_eq!(f32_floor(0.9).to_bits(), 0);
    assert_eq!(f64_nearest(4503599627370495.5), 4503599627370496.0);
    assert_eq!(f64_nearest(2251799813685248.5), 2251799813685248.0);
    assert_eq!(f64_ceil(-0.5).to_bits(), 1 << 63);
}

#[test]
fn arithmetic_and_choices() {
    each_f32(|a| {
        each_f32(|b| {
            let (minus_a, minus_b) = (-a, -b);
            check!(f32, "add", f32_add(a, b), a + b, a, b);
            check!(f32, "sub", f32_sub(a, b), a - b, a, b);
            check!(f32, "mul", f32_mul(a, b), a * b, a, b);
            check!(f32, "div", f32_div(a, b), a / b, a, b);
            check!(f32, "min", f32_min(a, b), obvious_min!(a, b), a, b);
            check!(f32, "max", f32_max(a, b), -obvious_min!(minus_a, minus_b), a, b);
            let (pmin, pmax) = (if b < a { b } else { a }, if a < b { b } else { a });
            assert_eq!(f32_pmin(a, b).to_bits(), pmin.to_bits());
            assert_eq!(f32_pmax(a, b).to_bits(), pmax.to_bits());
            assert_eq!(f32_copysign(a, b).to_bits(), a.to_bits() & 0x7fff_ffff | b.to_bits() & 0x8000_0000);
        });
        assert_eq!(f32_abs(a).to_bits(), a.to_bits() & 0x7fff_ffff);
        assert_eq!(f32_neg(a).to_bits(), a.to_bits() ^ 0x8000_0000);
    });
    each_f64(|a| {
        each_f64(|b| {
            let (minus_a, minus_b) = (-a, -b);
            check!(f64, "add", f64_add(a, b), a + b, a, b);
            check!(f64, "sub", f64_sub(a, b), a - b, a, b);
            check!(f64, "mul", f64_mul(a, b), a * b, a, b);
            check!(f64, "div", f64_div(a, b), a / b, a, b);
            check!(f64, "min", f64_min(a, b), obvious_min!(a, b), a, b);
            check!(f64, "max", f64_max(a, b), -obvious_min!(minus_a, minus_b), a, b);
            let (pmin, pmax) = (if b < a { b } else { a }, if a < b { b } else { a });
            assert_eq!(f64_pmin(a, b).to_bits(), pmin.to_bits());
            assert_eq!(f64_pmax(a, b).to_bits(), pmax.to_bits());
            assert_eq!(f64_copysign(a, b).to_bits(), a.to_bits() << 1 >> 1 | b.to_bits() >> 63 << 63);
        });
        assert_eq!(f64_abs(a).to_bits(), a.to_bits() << 1 >> 1);
        assert_eq!(f64_neg(a).to_bits(), a.to_bits() ^ 1 << 63);
    });
}

#[test]
fn zeros_are_ordered_by_sign() {
    for (a, b) in [(0.0, -0.0), (-0.0, 0.0)] {
        assert_eq!(f32_min(a, b).to_bits(), 0x8000_0000);
        assert_eq!(f32_max(a, b).to_bits(), 0);
        let (a, b) = (a as f64, b as f64);
        assert_eq!(f64_min(a, b).to_bits(), 1 << 63);
        assert_eq!(f64_max(a, b).to_bits(), 0);
    }
}

#[test]
fn comparisons_with_nan_fail_but_for_ne() {
    each_f32(|a| {
        let nan = opaque(f32::from_bits(0x7fa0_0001));
        for f in [f32_eq, f32_lt, f32_gt, f32_le, f32_ge] {
            assert!(!f(a, nan) && !f(nan, a));
        }
        assert!(f32_ne(a, nan) && f32_ne(nan, a));
    });
    each_f64(|a| {
        let nan = opaque(f64::NAN);
        for f in [f64_eq, f64_lt, f64_gt, f64_le, f64_ge] {
            assert!(!f(a, nan) && !f(nan, a));
        }
        assert!(f64_ne(a, nan) && f64_ne(nan, a));
    });
    assert!(f32_eq(0.0, -0.0) && f32_le(-0.0, 0.0) && f32_ge(-0.0, 0.0) && !f32_lt(-0.0, 0.0) && !f32_gt(0.0, -0.0));
    assert!(f64_lt(1.0, f64::INFINITY) && f64_gt(1.0, f64::NEG_INFINITY) && !f64_ne(0.0, -0.0));
}
