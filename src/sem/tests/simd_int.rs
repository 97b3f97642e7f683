//! Vector operations on integer lanes, against the same arithmetic on wide integers, lane by lane.

use super::edge_values::{v128_pairs, v128s};
use crate::sem::simd_int::*;
use crate::util::V128;

/// The lanes of `v` as signed and as unsigned numbers.
fn signed(v: u128, width: u32) -> Vec<i128> {
    (0..128 / width).map(|i| (v << (128 - width - i * width)) as i128 >> (128 - width)).collect()
}
fn unsigned(v: u128, width: u32) -> Vec<i128> {
    (0..128 / width).map(|i| (v << (128 - width - i * width) >> (128 - width)) as i128).collect()
}

/// A vector of the low bits of each value.
fn pack(width: u32, lanes: impl IntoIterator<Item = i128>) -> V128 {
    let mask = u128::MAX >> (128 - width);
    V128::from_u128(lanes.into_iter().enumerate().fold(0, |v, (i, x)| v | (x as u128 & mask) << (i as u32 * width)))
}

fn saturate(x: i128, min: i128, max: i128) -> i128 {
    x.clamp(min, max)
}

/// `unary!(width, read: op = |x| ...; ...)`, and `binary!` alike, with the wide value that the lane must be.
macro_rules! unary {
    ($($width:literal $read:ident $op:ident = |$x:ident| $wide:expr;)*) => {
        for a in v128s() {$(
            let expected = pack($width, $read(a, $width).into_iter().map(|$x| $wide));
            assert_eq!($op(V128::from_u128(a)), expected, "{} of {a:#034x}", stringify!($op));
        )*}
    };
}
macro_rules! binary {
    ($($width:literal $read:ident $op:ident = |$x:ident, $y:ident| $wide:expr;)*) => {
        for (a, b) in v128_pairs() {$(
            let lanes = $read(a, $width).into_iter().zip($read(b, $width)).map(|($x, $y)| $wide);
            let expected = pack($width, lanes);
            let result = $op(V128::from_u128(a), V128::from_u128(b));
            assert_eq!(result, expected, "{} of {a:#034x} and {b:#034x}", stringify!($op));
        )*}
    };
}
macro_rules! tests {
    ($($width:literal $read:ident $op:ident = |$x:ident, $y:ident| $holds:expr;)*) => {
        binary! { $($width $read $op = |$x, $y| -i128::from($holds);)* }
    };
}

#[test]
fn one_operand() {
    unary! {
        8 signed i8x16_abs = |x| x.abs();
        16 signed i16x8_abs = |x| x.abs();
        32 signed i32x4_abs = |x| x.abs();
        64 signed i64x2_abs = |x| x.abs();
        8 signed i8x16_neg = |x| -x;
        16 signed i16x8_neg = |x| -x;
        32 signed i32x4_neg = |x| -x;
        64 signed i64x2_neg = |x| -x;
        8 unsigned i8x16_popcnt = |x| x.count_ones().into();
        64 unsigned v128_not = |x| !x;
    }
}

#[test]
fn wrapping_arithmetic() {
    binary! {
        8 signed i8x16_add = |x, y| x + y;
        16 signed i16x8_add = |x, y| x + y;
        32 signed i32x4_add = |x, y| x + y;
        64 signed i64x2_add = |x, y| x + y;
        8 signed i8x16_sub = |x, y| x - y;
        16 signed i16x8_sub = |x, y| x - y;
        32 signed i32x4_sub = |x, y| x - y;
        64 signed i64x2_sub = |x, y| x - y;
        16 signed i16x8_mul = |x, y| x * y;
        32 signed i32x4_mul = |x, y| x * y;
        64 signed i64x2_mul = |x, y| x * y;
        64 signed v128_and = |x, y| x & y;
        64 signed v128_andnot = |x, y| x & !y;
        64 signed v128_or = |x, y| x | y;
        64 signed v128_xor = |x, y| x ^ y;
    }
}

#[test]
fn saturating_arithmetic() {
    binary! {
        8 signed i8x16_add_sat_s = |x, y| saturate(x + y, -128, 127);
        8 unsigned i8x16_add_sat_u = |x, y| saturate(x + y, 0, 255);
        16 signed i16x8_add_sat_s = |x, y| saturate(x + y, -32768, 32767);
        16 unsigned i16x8_add_sat_u = |x, y| saturate(x + y, 0, 65535);
        8 signed i8x16_sub_sat_s = |x, y| saturate(x - y, -128, 127);
        8 unsigned i8x16_sub_sat_u = |x, y| saturate(x - y, 0, 255);
        16 signed i16x8_sub_sat_s = |x, y| saturate(x - y, -32768, 32767);
        16 unsigned i16x8_sub_sat_u = |x, y| saturate(x - y, 0, 65535);
        16 signed i16x8_q15mulr_sat_s = |x, y| saturate((x * y + 0x4000) >> 15, -32768, 32767);
        16 signed i16x8_relaxed_q15mulr_s = |x, y| saturate((x * y + 0x4000) >> 15, -32768, 32767);
        8 unsigned i8x16_avgr_u = |x, y| (x + y + 1) / 2;
        16 unsigned i16x8_avgr_u = |x, y| (x + y + 1) / 2;
    }
}

#[test]
fn minima_and_maxima() {
    binary! {
        8 signed i8x16_min_s = |x, y| x.min(y);
        8 unsigned i8x16_min_u = |x, y| x.min(y);
        8 signed i8x16_max_s = |x, y| x.max(y);
        8 unsigned i8x16_max_u = |x, y| x.max(y);
        16 signed i16x8_min_s = |x, y| x.min(y);
        16 unsigned i16x8_min_u = |x, y| x.min(y);
        16 signed i16x8_max_s = |x, y| x.max(y);
        16 unsigned i16x8_max_u = |x, y| x.max(y);
        32 signed i32x4_min_s = |x, y| x.min(y);
        32 unsigned i32x4_min_u = |x, y| x.min(y);
        32 signed i32x4_max_s = |x, y| x.max(y);
        32 unsigned i32x4_max_u = |x, y| x.max(y);
    }
}

#[test]
fn comparisons() {
    tests! {
        8 signed i8x16_eq = |x, y| x == y;
        8 signed i8x16_ne = |x, y| x != y;
        8 signed i8x16_lt_s = |x, y| x < y;
        8 unsigned i8x16_lt_u = |x, y| x < y;
        8 signed i8x16_gt_s = |x, y| x > y;
        8 unsigned i8x16_gt_u = |x, y| x > y;
        8 signed i8x16_le_s = |x, y| x <= y;
        8 unsigned i8x16_le_u = |x, y| x <= y;
        8 signed i8x16_ge_s = |x, y| x >= y;
        8 unsigned i8x16_ge_u = |x, y| x >= y;
        16 signed i16x8_eq = |x, y| x == y;
        16 signed i16x8_ne = |x, y| x != y;
        16 signed i16x8_lt_s = |x, y| x < y;
        16 unsigned i16x8_lt_u = |x, y| x < y;
        16 signed i16x8_gt_s = |x, y| x > y;
        16 unsigned i16x8_gt_u = |x, y| x > y;
        16 signed i16x8_le_s = |x, y| x <= y;
        16 unsigned i16x8_le_u = |x, y| x <= y;
        16 signed i16x8_ge_s = |x, y| x >= y;
        16 unsigned i16x8_ge_u = |x, y| x >= y;
    }
    tests! {
        32 signed i32x4_eq = |x, y| x == y;
        32 signed i32x4_ne = |x, y| x != y;
        32 signed i32x4_lt_s = |x, y| x < y;
        32 unsigned i32x4_lt_u = |x, y| x < y;
        32 signed i32x4_gt_s = |x, y| x > y;
        32 unsigned i32x4_gt_u = |x, y| x > y;
        32 signed i32x4_le_s = |x, y| x <= y;
        32 unsigned i32x4_le_u = |x, y| x <= y;
        32 signed i32x4_ge_s = |x, y| x >= y;
        32 unsigned i32x4_ge_u = |x, y| x >= y;
        64 signed i64x2_eq = |x, y| x == y;
        64 signed i64x2_ne = |x, y| x != y;
        64 signed i64x2_lt_s = |x, y| x < y;
        64 signed i64x2_gt_s = |x, y| x > y;
        64 signed i64x2_le_s = |x, y| x <= y;
        64 signed i64x2_ge_s = |x, y| x >= y;
    }
}

#[test]
fn shifts() {
    type Shift = fn(V128, u32) -> V128;
    let ops: [(u32, [Shift; 3]); 4] = [
        (8, [i8x16_shl, i8x16_shr_s, i8x16_shr_u]),
        (16, [i16x8_shl, i16x8_shr_s, i16x8_shr_u]),
        (32, [i32x4_shl, i32x4_shr_s, i32x4_shr_u]),
        (64, [i64x2_shl, i64x2_shr_s, i64x2_shr_u]),
    ];
    for (width, [shl, shr_s, shr_u]) in ops {
        for count in [0, 1, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, u32::MAX] {
            for a in v128s() {
                let (v, by) = (V128::from_u128(a), count % width);
                let what = format!("{width}-bit lanes of {a:#034x} by {count}");
                assert_eq!(shl(v, count), pack(width, unsigned(a, width).into_iter().map(|x| x << by)), "{what}");
                assert_eq!(shr_s(v, count), pack(width, signed(a, width).into_iter().map(|x| x >> by)), "{what}");
                assert_eq!(shr_u(v, count), pack(width, unsigned(a, width).into_iter().map(|x| x >> by)), "{what}");
            }
        }
    }
}

#[test]
fn widening() {
    for a in v128s() {
        let v = V128::from_u128(a);
        macro_rules! extend {
            ($($from:literal $to:literal $read:ident $low:ident $high:ident;)*) => {$(
                let lanes = $read(a, $from);
                let (low, high) = lanes.split_at(lanes.len() / 2);
                assert_eq!($low(v), pack($to, low.iter().copied()), "{} of {a:#034x}", stringify!($low));
                assert_eq!($high(v), pack($to, high.iter().copied()), "{} of {a:#034x}", stringify!($high));
            )*};
        }
        extend! {
            8 16 signed i16x8_extend_low_i8x16_s i16x8_extend_high_i8x16_s;
            8 16 unsigned i16x8_extend_low_i8x16_u i16x8_extend_high_i8x16_u;
            16 32 signed i32x4_extend_low_i16x8_s i32x4_extend_high_i16x8_s;
            16 32 unsigned i32x4_extend_low_i16x8_u i32x4_extend_high_i16x8_u;
            32 64 signed i64x2_extend_low_i32x4_s i64x2_extend_high_i32x4_s;
            32 64 unsigned i64x2_extend_low_i32x4_u i64x2_extend_high_i32x4_u;
        }
        macro_rules! pairwise {
            ($($from:literal $to:literal $read:ident $op:ident;)*) => {$(
                let sums = $read(a, $from).chunks(2).map(|p| p[0] + p[1]).collect::<Vec<_>>();
                assert_eq!($op(v), pack($to, sums), "{} of {a:#034x}", stringify!($op));
            )*};
        }
        pairwise! {
            8 16 signed i16x8_extadd_pairwise_i8x16_s;
            8 16 unsigned i16x8_extadd_pairwise_i8x16_u;
            16 32 signed i32x4_extadd_pairwise_i16x8_s;
            16 32 unsigned i32x4_extadd_pairwise_i16x8_u;
        }
    }
}

#[test]
fn products() {
    for (a, b) in v128_pairs() {
        let (v, w) = (V128::from_u128(a), V128::from_u128(b));
        macro_rules! multiply {
            ($($from:literal $to:literal $read:ident $low:ident $high:ident;)*) => {$(
                let all = $read(a, $from).into_iter().zip($read(b, $from)).map(|(x, y)| x * y).collect::<Vec<_>>();
                let (low, high) = all.split_at(all.len() / 2);
                assert_eq!($low(v, w), pack($to, low.iter().copied()), "{} of {a:#x}, {b:#x}", stringify!($low));
                assert_eq!($high(v, w), pack($to, high.iter().copied()), "{} of {a:#x}, {b:#x}", stringify!($high));
            )*};
        }
        multiply! {
            8 16 signed i16x8_extmul_low_i8x16_s i16x8_extmul_high_i8x16_s;
            8 16 unsigned i16x8_extmul_low_i8x16_u i16x8_extmul_high_i8x16_u;
            16 32 signed i32x4_extmul_low_i16x8_s i32x4_extmul_high_i16x8_s;
            16 32 unsigned i32x4_extmul_low_i16x8_u i32x4_extmul_high_i16x8_u;
            32 64 signed i64x2_extmul_low_i32x4_s i64x2_extmul_high_i32x4_s;
            32 64 unsigned i64x2_extmul_low_i32x4_u i64x2_extmul_high_i32x4_u;
        }
        let dot = |width| -> Vec<i128> {
            let products: Vec<_> = signed(a, width).iter().zip(signed(b, width)).map(|(x, y)| x * y).collect();
            products.chunks(2).map(|p| p[0] + p[1]).collect()
        };
        assert_eq!(i32x4_dot_i16x8_s(v, w), pack(32, dot(16)), "dot of {a:#x}, {b:#x}");
        let relaxed: Vec<_> = dot(8).into_iter().map(|x| saturate(x, -32768, 32767)).collect();
        assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(v, w), pack(16, relaxed.clone()), "relaxed dot of {a:#x}, {b:#x}");
        let sums: Vec<_> = relaxed.chunks(2).zip(signed(a, 32)).map(|(p, c)| p[0] + p[1] + c).collect();
        assert_eq!(i32x4_relaxed_dot_i8x16_i7x16_add_s(v, w, v), pack(32, sums), "dot and add of {a:#x}, {b:#x}");
    }
    let all = |x: u16| pack(16, [x.into(); 8]);
    assert_eq!(i32x4_dot_i16x8_s(all(0x8000), all(0x8000)), pack(32, [0x8000_0000; 4]));
    let all = |x: u8| pack(8, [x.into(); 16]);
    assert_eq!(i16x8_relaxed_dot_i8x16_i7x16_s(all(0x80), all(0x80)), pack(16, [0x7fff; 8]));
}

#[test]
fn narrowing() {
    for (a, b) in v128_pairs() {
        macro_rules! narrow {
            ($($from:literal $to:literal $op:ident $min:literal $max:literal;)*) => {$(
                let lanes = signed(a, $from).into_iter().chain(signed(b, $from)).map(|x| saturate(x, $min, $max));
                let expected = pack($to, lanes);
                assert_eq!($op(V128::from_u128(a), V128::from_u128(b)), expected, "{} of {a:#x}, {b:#x}", stringify!($op));
            )*};
        }
        narrow! {
            16 8 i8x16_narrow_i16x8_s -128 127;
            16 8 i8x16_narrow_i16x8_u 0 255;
            32 16 i16x8_narrow_i32x4_s -32768 32767;
            32 16 i16x8_narrow_i32x4_u 0 65535;
        }
    }
}

#[test]
fn answers_in_a_scalar() {
    for a in v128s() {
        let v = V128::from_u128(a);
        assert_eq!(v128_any_true(v), a != 0);
        macro_rules! answers {
            ($($width:literal $all_true:ident $bitmask:ident;)*) => {$(
                assert_eq!($all_true(v), signed(a, $width).iter().all(|&x| x != 0), "{a:#034x}");
                let mask = signed(a, $width).iter().enumerate().fold(0, |mask, (i, &x)| mask | u32::from(x < 0) << i);
                assert_eq!($bitmask(v), mask, "{} of {a:#034x}", stringify!($bitmask));
            )*};
        }
        answers! {
            8 i8x16_all_true i8x16_bitmask;
            16 i16x8_all_true i16x8_bitmask;
            32 i32x4_all_true i32x4_bitmask;
            64 i64x2_all_true i64x2_bitmask;
        }
    }
}

#[test]
fn selection_by_bits() {
    for (a, b) in v128_pairs() {
        let mask = a.rotate_left(17) ^ b.rotate_left(77);
        let [x, y, m] = [a, b, mask].map(V128::from_u128);
        let expected = V128::from_u128(a & mask | b & !mask);
        for select in [
            v128_bitselect,
            i8x16_relaxed_laneselect,
            i16x8_relaxed_laneselect,
            i32x4_relaxed_laneselect,
            i64x2_relaxed_laneselect,
        ] {
            assert_eq!(select(x, y, m), expected);
        }
    }
}
