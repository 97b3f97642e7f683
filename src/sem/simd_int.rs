//! Vector operations on integer lanes: everything that makes a vector out of vectors. Moving lanes in and out of
//! vectors is in [`simd_lane`](super::simd_lane).
//!
//! Wrapping arithmetic is the same for both signs and uses unsigned lanes.

use super::lanes::*;
use crate::util::V128;

// Bits.
ops! {
    v128_not(a: V128) -> V128 = map(a, |x: u64| !x);
    v128_and(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y| x & y);
    v128_andnot(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y| x & !y);
    v128_or(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y| x | y);
    v128_xor(a: V128, b: V128) -> V128 = zip(a, b, |x: u64, y| x ^ y);
    /// Bits of `a` where `mask` has ones, bits of `b` elsewhere.
    v128_bitselect(a: V128, b: V128, mask: V128) -> V128 = zip3(a, b, mask, |x: u64, y, m| x & m | y & !m);
}

// Answers in a scalar. The bit masks gather sign bits by a multiplication that moves each to its own place at the top.
ops! {
    v128_any_true(a: V128) -> bool = a.to_u128() != 0;
    i8x16_all_true(a: V128) -> bool = all_true::<u8, 16>(a, |x| x != 0);
    i16x8_all_true(a: V128) -> bool = all_true::<u16, 8>(a, |x| x != 0);
    i32x4_all_true(a: V128) -> bool = all_true::<u32, 4>(a, |x| x != 0);
    i64x2_all_true(a: V128) -> bool = all_true::<u64, 2>(a, |x| x != 0);

    i8x16_bitmask(a: V128) -> u32 = {
        let [low, high] = a.to_slots().map(|x| (x & 0x8080_8080_8080_8080).wrapping_mul(0x0002_0408_1020_4081) >> 56);
        (low | high << 8) as u32
    };
    i16x8_bitmask(a: V128) -> u32 = {
        let [low, high] = a.to_slots().map(|x| (x & 0x8000_8000_8000_8000).wrapping_mul(0x0000_2000_4000_8001) >> 60);
        // The product adds the bits 15, 31, 47, 63 up into 60..=63.
        (low | high << 4) as u32
    };
    i32x4_bitmask(a: V128) -> u32 = bitmask::<u32, 4>(a, |x| x >> 31);
    i64x2_bitmask(a: V128) -> u32 = bitmask::<u64, 2>(a, |x| (x >> 63) as u32);
}

/// Joined without short circuits, so that the lanes are tested together.
#[inline(always)]
fn all_true<A: Lane, const N: usize>(a: V128, test: impl Fn(A) -> bool) -> bool
where
    [A; N]: Lanes,
{
    <[A; N]>::of(a).into_iter().fold(true, |all, x| all & test(x))
}

#[inline(always)]
fn bitmask<A: Lane, const N: usize>(a: V128, sign: impl Fn(A) -> u32) -> u32
where
    [A; N]: Lanes,
{
    <[A; N]>::of(a).into_iter().enumerate().fold(0, |mask, (i, x)| mask | sign(x) << i)
}

// One operand.
lane_ops! {
    i8x16_abs(x: i8) = x.wrapping_abs();
    i16x8_abs(x: i16) = x.wrapping_abs();
    i32x4_abs(x: i32) = x.wrapping_abs();
    i64x2_abs(x: i64) = x.wrapping_abs();
    i8x16_neg(x: u8) = x.wrapping_neg();
    i16x8_neg(x: u16) = x.wrapping_neg();
    i32x4_neg(x: u32) = x.wrapping_neg();
    i64x2_neg(x: u64) = x.wrapping_neg();
    i8x16_popcnt(x: u8) = x.count_ones() as u8;
}

// Two operands.
lane_ops! {
    i8x16_add(x, y: u8) = x.wrapping_add(y);
    i16x8_add(x, y: u16) = x.wrapping_add(y);
    i32x4_add(x, y: u32) = x.wrapping_add(y);
    i64x2_add(x, y: u64) = x.wrapping_add(y);
    i8x16_sub(x, y: u8) = x.wrapping_sub(y);
    i16x8_sub(x, y: u16) = x.wrapping_sub(y);
    i32x4_sub(x, y: u32) = x.wrapping_sub(y);
    i64x2_sub(x, y: u64) = x.wrapping_sub(y);
    i16x8_mul(x, y: u16) = x.wrapping_mul(y);
    i32x4_mul(x, y: u32) = x.wrapping_mul(y);
    i64x2_mul(x, y: u64) = x.wrapping_mul(y);

    i8x16_add_sat_s(x, y: i8) = x.saturating_add(y);
    i8x16_add_sat_u(x, y: u8) = x.saturating_add(y);
    i16x8_add_sat_s(x, y: i16) = x.saturating_add(y);
    i16x8_add_sat_u(x, y: u16) = x.saturating_add(y);
    i8x16_sub_sat_s(x, y: i8) = x.saturating_sub(y);
    i8x16_sub_sat_u(x, y: u8) = x.saturating_sub(y);
    i16x8_sub_sat_s(x, y: i16) = x.saturating_sub(y);
    i16x8_sub_sat_u(x, y: u16) = x.saturating_sub(y);

    i8x16_min_s(x, y: i8) = x.min(y);
    i8x16_min_u(x, y: u8) = x.min(y);
    i8x16_max_s(x, y: i8) = x.max(y);
    i8x16_max_u(x, y: u8) = x.max(y);
    i16x8_min_s(x, y: i16) = x.min(y);
    i16x8_min_u(x, y: u16) = x.min(y);
    i16x8_max_s(x, y: i16) = x.max(y);
    i16x8_max_u(x, y: u16) = x.max(y);
    i32x4_min_s(x, y: i32) = x.min(y);
    i32x4_min_u(x, y: u32) = x.min(y);
    i32x4_max_s(x, y: i32) = x.max(y);
    i32x4_max_u(x, y: u32) = x.max(y);

    /// The average, halves rounded up.
    i8x16_avgr_u(x, y: u8) = ((x as u16 + y as u16 + 1) >> 1) as u8;
    i16x8_avgr_u(x, y: u16) = ((x as u32 + y as u32 + 1) >> 1) as u16;

    /// The product of fixed-point fractions with 15 bits, rounded. It does not fit only when both are -1.
    i16x8_q15mulr_sat_s(x, y: i16) = ((x as i32 * y as i32 + 0x4000) >> 15).min(i16::MAX as i32) as i16;
}

lane_tests! {
    i8x16_eq(x, y: u8) = x == y;
    i8x16_ne(x, y: u8) = x != y;
    i8x16_lt_s(x, y: i8) = x < y;
    i8x16_lt_u(x, y: u8) = x < y;
    i8x16_gt_s(x, y: i8) = x > y;
    i8x16_gt_u(x, y: u8) = x > y;
    i8x16_le_s(x, y: i8) = x <= y;
    i8x16_le_u(x, y: u8) = x <= y;
    i8x16_ge_s(x, y: i8) = x >= y;
    i8x16_ge_u(x, y: u8) = x >= y;

    i16x8_eq(x, y: u16) = x == y;
    i16x8_ne(x, y: u16) = x != y;
    i16x8_lt_s(x, y: i16) = x < y;
    i16x8_lt_u(x, y: u16) = x < y;
    i16x8_gt_s(x, y: i16) = x > y;
    i16x8_gt_u(x, y: u16) = x > y;
    i16x8_le_s(x, y: i16) = x <= y;
    i16x8_le_u(x, y: u16) = x <= y;
    i16x8_ge_s(x, y: i16) = x >= y;
    i16x8_ge_u(x, y: u16) = x >= y;

    i32x4_eq(x, y: u32) = x == y;
    i32x4_ne(x, y: u32) = x != y;
    i32x4_lt_s(x, y: i32) = x < y;
    i32x4_lt_u(x, y: u32) = x < y;
    i32x4_gt_s(x, y: i32) = x > y;
    i32x4_gt_u(x, y: u32) = x > y;
    i32x4_le_s(x, y: i32) = x <= y;
    i32x4_le_u(x, y: u32) = x <= y;
    i32x4_ge_s(x, y: i32) = x >= y;
    i32x4_ge_u(x, y: u32) = x >= y;

    i64x2_eq(x, y: u64) = x == y;
    i64x2_ne(x, y: u64) = x != y;
    i64x2_lt_s(x, y: i64) = x < y;
    i64x2_gt_s(x, y: i64) = x > y;
    i64x2_le_s(x, y: i64) = x <= y;
    i64x2_ge_s(x, y: i64) = x >= y;
}

// Shifts by a scalar count, taken modulo the lane's width.
ops! {
    i8x16_shl(a: V128, count: u32) -> V128 = map(a, |x: u8| x << (count & 7));
    i8x16_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i8| x >> (count & 7));
    i8x16_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u8| x >> (count & 7));
    i16x8_shl(a: V128, count: u32) -> V128 = map(a, |x: u16| x << (count & 15));
    i16x8_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i16| x >> (count & 15));
    i16x8_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u16| x >> (count & 15));
    i32x4_shl(a: V128, count: u32) -> V128 = map(a, |x: u32| x << (count & 31));
    i32x4_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i32| x >> (count & 31));
    i32x4_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u32| x >> (count & 31));
    i64x2_shl(a: V128, count: u32) -> V128 = map(a, |x: u64| x << (count & 63));
    i64x2_shr_s(a: V128, count: u32) -> V128 = map(a, |x: i64| x >> (count & 63));
    i64x2_shr_u(a: V128, count: u32) -> V128 = map(a, |x: u64| x >> (count & 63));
}

// Between widths.
ops! {
    i8x16_narrow_i16x8_s(a: V128, b: V128) -> V128 = narrow(a, b, |x: i16| x.clamp(-0x80, 0x7f) as i8);
    i8x16_narrow_i16x8_u(a: V128, b: V128) -> V128 = narrow(a, b, |x: i16| x.clamp(0, 0xff) as u8);
    i16x8_narrow_i32x4_s(a: V128, b: V128) -> V128 = narrow(a, b, |x: i32| x.clamp(-0x8000, 0x7fff) as i16);
    i16x8_narrow_i32x4_u(a: V128, b: V128) -> V128 = narrow(a, b, |x: i32| x.clamp(0, 0xffff) as u16);

    i16x8_extend_low_i8x16_s(a: V128) -> V128 = widen(a, Half::Low, |x: i8| x as i16);
    i16x8_extend_low_i8x16_u(a: V128) -> V128 = widen(a, Half::Low, |x: u8| x as u16);
    i16x8_extend_high_i8x16_s(a: V128) -> V128 = widen(a, Half::High, |x: i8| x as i16);
    i16x8_extend_high_i8x16_u(a: V128) -> V128 = widen(a, Half::High, |x: u8| x as u16);
    i32x4_extend_low_i16x8_s(a: V128) -> V128 = widen(a, Half::Low, |x: i16| x as i32);
    i32x4_extend_low_i16x8_u(a: V128) -> V128 = widen(a, Half::Low, |x: u16| x as u32);
    i32x4_extend_high_i16x8_s(a: V128) -> V128 = widen(a, Half::High, |x: i16| x as i32);
    i32x4_extend_high_i16x8_u(a: V128) -> V128 = widen(a, Half::High, |x: u16| x as u32);
    i64x2_extend_low_i32x4_s(a: V128) -> V128 = widen(a, Half::Low, |x: i32| x as i64);
    i64x2_extend_low_i32x4_u(a: V128) -> V128 = widen(a, Half::Low, |x: u32| x as u64);
    i64x2_extend_high_i32x4_s(a: V128) -> V128 = widen(a, Half::High, |x: i32| x as i64);
    i64x2_extend_high_i32x4_u(a: V128) -> V128 = widen(a, Half::High, |x: u32| x as u64);

    i16x8_extmul_low_i8x16_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: i8, y| x as i16 * y as i16);
    i16x8_extmul_low_i8x16_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: u8, y| x as u16 * y as u16);
    i16x8_extmul_high_i8x16_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: i8, y| x as i16 * y as i16);
    i16x8_extmul_high_i8x16_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: u8, y| x as u16 * y as u16);
    i32x4_extmul_low_i16x8_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: i16, y| x as i32 * y as i32);
    i32x4_extmul_low_i16x8_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: u16, y| x as u32 * y as u32);
    i32x4_extmul_high_i16x8_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: i16, y| x as i32 * y as i32);
    i32x4_extmul_high_i16x8_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: u16, y| x as u32 * y as u32);
    i64x2_extmul_low_i32x4_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: i32, y| x as i64 * y as i64);
    i64x2_extmul_low_i32x4_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::Low, |x: u32, y| x as u64 * y as u64);
    i64x2_extmul_high_i32x4_s(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: i32, y| x as i64 * y as i64);
    i64x2_extmul_high_i32x4_u(a: V128, b: V128) -> V128 = widen2(a, b, Half::High, |x: u32, y| x as u64 * y as u64);

    i16x8_extadd_pairwise_i8x16_s(a: V128) -> V128 = pairwise(a, |x: i8, y| x as i16 + y as i16);
    i16x8_extadd_pairwise_i8x16_u(a: V128) -> V128 = pairwise(a, |x: u8, y| x as u16 + y as u16);
    i32x4_extadd_pairwise_i16x8_s(a: V128) -> V128 = pairwise(a, |x: i16, y| x as i32 + y as i32);
    i32x4_extadd_pairwise_i16x8_u(a: V128) -> V128 = pairwise(a, |x: u16, y| x as u32 + y as u32);

    /// The sum wraps only when all four factors are -32768. The pairs are split by shifts, not by index, so that the
    /// whole is lane by lane.
    i32x4_dot_i16x8_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i32, y: i32| {
        (x as i16 as i32 * y as i16 as i32).wrapping_add((x >> 16) * (y >> 16))
    });
}

// Relaxed operations, each fixed to the first of the results the spec allows, which is also what its deterministic
// profile demands. For lane selection that is `v128.bitselect`.
ops! {
    i8x16_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = v128_bitselect(a, b, mask);
    i16x8_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = v128_bitselect(a, b, mask);
    i32x4_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = v128_bitselect(a, b, mask);
    i64x2_relaxed_laneselect(a: V128, b: V128, mask: V128) -> V128 = v128_bitselect(a, b, mask);
    i16x8_relaxed_q15mulr_s(a: V128, b: V128) -> V128 = i16x8_q15mulr_sat_s(a, b);
    /// Both factors are signed, and the sum saturates: it exceeds `i16` when all four factors are -128.
    i16x8_relaxed_dot_i8x16_i7x16_s(a: V128, b: V128) -> V128 = zip(a, b, |x: i16, y: i16| {
        (x as i8 as i16 * y as i8 as i16).saturating_add((x >> 8) * (y >> 8))
    });
    i32x4_relaxed_dot_i8x16_i7x16_add_s(a: V128, b: V128, c: V128) -> V128 =
        zip(i16x8_relaxed_dot_i8x16_i7x16_s(a, b), c, |x: i32, z| (x as i16 as i32 + (x >> 16)).wrapping_add(z));
}
