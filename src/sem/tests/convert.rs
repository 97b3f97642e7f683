//! Conversions.

use super::opaque;
use crate::sem::ArithTrap::{self, BadConversion, Overflow};
use crate::sem::convert::*;

/// The neighbours of a float; bits count magnitudes up, whatever the sign.
fn away32(x: f32) -> f32 {
    f32::from_bits(x.to_bits() + 1)
}
fn towards32(x: f32) -> f32 {
    f32::from_bits(x.to_bits() - 1)
}
fn away64(x: f64) -> f64 {
    f64::from_bits(x.to_bits() + 1)
}
fn towards64(x: f64) -> f64 {
    f64::from_bits(x.to_bits() - 1)
}

const P31: f64 = 2147483648.0;
const P32: f64 = 4294967296.0;
const P63: f64 = 9223372036854775808.0;
const P64: f64 = 18446744073709551616.0;

/// Trapping truncation and saturating truncation of the same value.
fn both<T>(x: T, f: fn(T) -> Result<u64, ArithTrap>, sat: fn(T) -> u64) -> (Result<u64, ArithTrap>, u64)
where
    T: Copy,
{
    let x = opaque(x);
    (f(x), sat(x))
}

#[test]
fn truncation_to_i32() {
    let s32 = |x| both(x, |x| i32_trunc_f32_s(x).map(u64::from), |x| i32_trunc_sat_f32_s(x).into());
    let u32_ = |x| both(x, |x| i32_trunc_f32_u(x).map(u64::from), |x| i32_trunc_sat_f32_u(x).into());
    let s64 = |x| both(x, |x| i32_trunc_f64_s(x).map(u64::from), |x| i32_trunc_sat_f64_s(x).into());
    let u64_ = |x| both(x, |x| i32_trunc_f64_u(x).map(u64::from), |x| i32_trunc_sat_f64_u(x).into());
    let ok = |v: u32| (Ok(v as u64), v as u64);
    let over = |v: u32| (Err(Overflow), v as u64);
    let (min, max) = (0x8000_0000, 0x7fff_ffff);

    assert_eq!(s32(-P31 as f32), ok(min));
    assert_eq!(s32(away32(-P31 as f32)), over(min));
    assert_eq!(s32(towards32(P31 as f32)), ok(0x7fff_ff80));
    assert_eq!(s32(P31 as f32), over(max));
    assert_eq!(s32(-1.9), ok(u32::MAX));
    assert_eq!(s32(1.9), ok(1));
    assert_eq!(s32(f32::NEG_INFINITY), over(min));

    assert_eq!(u32_(towards32(-1.0)), ok(0));
    assert_eq!(u32_(-1.0), over(0));
    assert_eq!(u32_(-0.0), ok(0));
    assert_eq!(u32_(towards32(P32 as f32)), ok(0xffff_ff00));
    assert_eq!(u32_(P32 as f32), over(u32::MAX));

    assert_eq!(s64(-P31), ok(min));
    assert_eq!(s64(towards64(-P31 - 1.0)), ok(min));
    assert_eq!(s64(-P31 - 1.0), over(min));
    assert_eq!(s64(towards64(P31)), ok(max));
    assert_eq!(s64(P31), over(max));

    assert_eq!(u64_(towards64(-1.0)), ok(0));
    assert_eq!(u64_(-1.0), over(0));
    assert_eq!(u64_(towards64(P32)), ok(u32::MAX));
    assert_eq!(u64_(P32), over(u32::MAX));
    assert_eq!(u64_(f64::INFINITY), over(u32::MAX));
}

#[test]
fn truncation_to_i64() {
    let s32 = |x| both(x, i64_trunc_f32_s, i64_trunc_sat_f32_s);
    let u32_ = |x| both(x, i64_trunc_f32_u, i64_trunc_sat_f32_u);
    let s64 = |x| both(x, i64_trunc_f64_s, i64_trunc_sat_f64_s);
    let u64_ = |x| both(x, i64_trunc_f64_u, i64_trunc_sat_f64_u);
    let ok = |v: u64| (Ok(v), v);
    let over = |v: u64| (Err(Overflow), v);
    let (min, max) = (1 << 63, i64::MAX as u64);

    assert_eq!(s32(-P63 as f32), ok(min));
    assert_eq!(s32(away32(-P63 as f32)), over(min));
    assert_eq!(s32(towards32(P63 as f32)), ok(0x7fff_ff80_0000_0000));
    assert_eq!(s32(P63 as f32), over(max));

    assert_eq!(u32_(towards32(-1.0)), ok(0));
    assert_eq!(u32_(-1.0), over(0));
    assert_eq!(u32_(towards32(P64 as f32)), ok(0xffff_ff00_0000_0000));
    assert_eq!(u32_(P64 as f32), over(u64::MAX));

    assert_eq!(s64(-P63), ok(min));
    assert_eq!(s64(away64(-P63)), over(min));
    assert_eq!(s64(towards64(P63)), ok(0x7fff_ffff_ffff_fc00));
    assert_eq!(s64(P63), over(max));
    assert_eq!(s64(-1.9), ok(u64::MAX));

    assert_eq!(u64_(towards64(-1.0)), ok(0));
    assert_eq!(u64_(-1.0), over(0));
    assert_eq!(u64_(towards64(P64)), ok(0xffff_ffff_ffff_f800));
    assert_eq!(u64_(P64), over(u64::MAX));
    assert_eq!(u64_(f64::NEG_INFINITY), over(0));
}

#[test]
fn nan_has_no_integer_value() {
    for bits in [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0x7fff_ffff] {
        let nan = opaque(f32::from_bits(bits));
        assert_eq!([i32_trunc_f32_s(nan), i32_trunc_f32_u(nan)], [Err(BadConversion); 2]);
        assert_eq!([i64_trunc_f32_s(nan), i64_trunc_f32_u(nan)], [Err(BadConversion); 2]);
        assert_eq!([i32_trunc_sat_f32_s(nan), i32_trunc_sat_f32_u(nan)], [0; 2]);
        assert_eq!([i64_trunc_sat_f32_s(nan), i64_trunc_sat_f32_u(nan)], [0; 2]);
    }
    for bits in [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001] {
        let nan = opaque(f64::from_bits(bits));
        assert_eq!([i32_trunc_f64_s(nan), i32_trunc_f64_u(nan)], [Err(BadConversion); 2]);
        assert_eq!([i64_trunc_f64_s(nan), i64_trunc_f64_u(nan)], [Err(BadConversion); 2]);
        assert_eq!([i32_trunc_sat_f64_s(nan), i32_trunc_sat_f64_u(nan)], [0; 2]);
        assert_eq!([i64_trunc_sat_f64_s(nan), i64_trunc_sat_f64_u(nan)], [0; 2]);
    }
}

#[test]
fn conversion_from_integers_rounds_to_nearest_even() {
    assert_eq!(f32_convert_i32_s(0x8000_0000), -P31 as f32);
    assert_eq!(f32_convert_i32_s(16777217), 16777216.0);
    assert_eq!(f32_convert_i32_s(16777219), 16777220.0);
    assert_eq!(f32_convert_i32_u(u32::MAX), P32 as f32);
    assert_eq!(f32_convert_i32_u(0x8000_0080), P31 as f32);
    assert_eq!(f32_convert_i32_u(0x8000_0081).to_bits(), 0x4f00_0001);
    assert_eq!(f32_convert_i64_s(u64::MAX), -1.0);
    // A way through f64 would round these twice.
    assert_eq!(f32_convert_i64_s(0x7fff_ff40_0000_0001).to_bits(), 0x5eff_ffff);
    assert_eq!(f32_convert_i64_u(0x8000_0080_0000_0001).to_bits(), 0x5f00_0001);
    assert_eq!(f32_convert_i64_u(0x8000_0080_0000_0000).to_bits(), 0x5f00_0000);
    assert_eq!(f32_convert_i64_u(u64::MAX), P64 as f32);
    assert_eq!(f64_convert_i32_s(u32::MAX), -1.0);
    assert_eq!(f64_convert_i32_u(u32::MAX), 4294967295.0);
    assert_eq!(f64_convert_i64_s(0x8000_0000_0000_0000), -P63);
    assert_eq!(f64_convert_i64_s(9007199254740993), 9007199254740992.0);
    assert_eq!(f64_convert_i64_u(0x8000_0000_0000_0400).to_bits(), 0x43e0_0000_0000_0000);
    assert_eq!(f64_convert_i64_u(0x8000_0000_0000_0401).to_bits(), 0x43e0_0000_0000_0001);
    assert_eq!(f64_convert_i64_u(u64::MAX), P64);
}

#[test]
fn between_float_widths() {
    assert_eq!(f32_demote_f64(opaque(1e-46)).to_bits(), 0);
    assert_eq!(f32_demote_f64(opaque(-1e-46)).to_bits(), 0x8000_0000);
    assert_eq!(f32_demote_f64(opaque(f64::MAX)), f32::INFINITY);
    assert_eq!(f32_demote_f64(opaque(f64::from_bits(0x47ef_ffff_efff_ffff))), f32::MAX);
    assert_eq!(f32_demote_f64(opaque(f64::from_bits(0x47ef_ffff_f000_0000))), f32::INFINITY);
    assert_eq!(f64_promote_f32(opaque(f32::from_bits(1))), 1.401298464324817e-45);
    // Canonical NaNs stay canonical; others become quiet.
    assert_eq!(f32_demote_f64(opaque(f64::from_bits(0x7ff8_0000_0000_0000))).to_bits(), 0x7fc0_0000);
    assert_eq!(f64_promote_f32(opaque(f32::from_bits(0xffc0_0000))).to_bits(), 0xfff8_0000_0000_0000);
    let quiet = f32_demote_f64(opaque(f64::from_bits(0x7ff0_0000_0000_0001)));
    assert!(quiet.is_nan() && quiet.to_bits() & 0x40_0000 != 0);
    let quiet = f64_promote_f32(opaque(f32::from_bits(0x7fa0_0000)));
    assert!(quiet.is_nan() && quiet.to_bits() & 1 << 51 != 0);
}

#[test]
fn bits_survive_reinterpretation() {
    for bits in [0x7fa0_0001u32, 0xff80_0001, 0x8000_0000, 0x7fff_ffff] {
        assert_eq!(i32_reinterpret_f32(opaque(f32_reinterpret_i32(opaque(bits)))), bits);
        let bits = (bits as u64) << 32 | 1;
        assert_eq!(i64_reinterpret_f64(opaque(f64_reinterpret_i64(opaque(bits)))), bits);
    }
    assert_eq!(i32_wrap_i64(0x1234_5678_9abc_def0), 0x9abc_def0);
    assert_eq!(i64_extend_i32_s(0x8000_0000), 0xffff_ffff_8000_0000);
    assert_eq!(i64_extend_i32_u(0x8000_0000), 0x8000_0000);
}
