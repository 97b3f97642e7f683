//! Moving lanes.

use super::edge_values::{v128_pairs, v128s};
use crate::sem::simd_lane::*;
use crate::util::V128;

/// Byte `i` is `i`.
const COUNTING: V128 = V128([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

#[test]
fn splats() {
    assert_eq!(i8x16_splat(0xffff_ff12), V128([0x12; 16]));
    assert_eq!(i16x8_splat(0xffff_1234), V128::from_u128(0x1234_1234_1234_1234_1234_1234_1234_1234));
    assert_eq!(i32x4_splat(0x1234_5678), V128::from_u128(0x12345678_12345678_12345678_12345678));
    assert_eq!(i64x2_splat(0x0123_4567_89ab_cdef), V128::from_u128(0x0123456789abcdef_0123456789abcdef));
    let signalling = f32::from_bits(0x7fa0_0001);
    assert_eq!(f32x4_splat(signalling), i32x4_splat(0x7fa0_0001));
    let signalling = f64::from_bits(0x7ff4_0000_0000_0001);
    assert_eq!(f64x2_splat(signalling), i64x2_splat(0x7ff4_0000_0000_0001));
    assert_eq!(v128_load8_splat(7), i8x16_splat(7));
    assert_eq!(v128_load16_splat(0x8007), i16x8_splat(0x8007));
    assert_eq!(v128_load32_splat(7), i32x4_splat(7));
    assert_eq!(v128_load64_splat(7), i64x2_splat(7));
}

#[test]
fn lanes_are_little_endian() {
    assert_eq!(i8x16_extract_lane_u(COUNTING, 15), 15);
    assert_eq!(i16x8_extract_lane_u(COUNTING, 1), 0x0302);
    assert_eq!(i32x4_extract_lane(COUNTING, 3), 0x0f0e_0d0c);
    assert_eq!(i64x2_extract_lane(COUNTING, 0), 0x0706_0504_0302_0100);
    assert_eq!(f32x4_extract_lane(COUNTING, 1).to_bits(), 0x0706_0504);
    assert_eq!(f64x2_extract_lane(COUNTING, 1).to_bits(), 0x0f0e_0d0c_0b0a_0908);
}

#[test]
fn extraction_extends() {
    let v = V128([0x80; 16]);
    assert_eq!(i8x16_extract_lane_s(v, 3), 0xffff_ff80);
    assert_eq!(i8x16_extract_lane_u(v, 3), 0x80);
    assert_eq!(i16x8_extract_lane_s(v, 3), 0xffff_8080);
    assert_eq!(i16x8_extract_lane_u(v, 3), 0x8080);
}

#[test]
fn replacement_touches_one_lane() {
    for a in v128s() {
        let v = V128::from_u128(a);
        macro_rules! lanes {
            ($($n:literal $t:ty: $replace:ident $load:ident $store:ident;)*) => {$(
                for lane in 0..$n {
                    let value = 0x8123_4567_89ab_cde0_u64 + lane as u64;
                    let width = 128 / $n;
                    let mask = (u128::MAX >> (128 - width)) << (lane * width);
                    let expected = V128::from_u128(a & !mask | ((value as u128) << (lane * width) & mask));
                    assert_eq!($replace(v, lane as u8, value as _), expected);
                    assert_eq!($load(v, lane as u8, value as $t), expected);
                    assert_eq!($store(v, lane as u8), (a >> (lane * width)) as $t);
                }
            )*};
        }
        lanes! {
            16 u8: i8x16_replace_lane v128_load8_lane v128_store8_lane;
            8 u16: i16x8_replace_lane v128_load16_lane v128_store16_lane;
            4 u32: i32x4_replace_lane v128_load32_lane v128_store32_lane;
            2 u64: i64x2_replace_lane v128_load64_lane v128_store64_lane;
        }
        for lane in 0..4 {
            let value = 0x7f80_0001 + lane as u32;
            assert_eq!(f32x4_replace_lane(v, lane, f32::from_bits(value)), i32x4_replace_lane(v, lane, value));
        }
        for lane in 0..2 {
            let value = 0x7ff0_0000_0000_0001 + lane as u64;
            assert_eq!(f64x2_replace_lane(v, lane, f64::from_bits(value)), i64x2_replace_lane(v, lane, value));
        }
    }
}

#[test]
fn loads_that_widen() {
    for a in v128s() {
        let bits = a as u64;
        let bytes = bits.to_le_bytes();
        let expected = |lanes: Vec<Vec<u8>>| V128(lanes.concat().try_into().unwrap());
        let halves = || bytes.chunks(2).map(|c| u16::from_le_bytes([c[0], c[1]]));
        let words = [bits as u32, (bits >> 32) as u32];
        assert_eq!(v128_load8x8_s(bits), expected(bytes.map(|x| (x as i8 as i16).to_le_bytes().to_vec()).to_vec()));
        assert_eq!(v128_load8x8_u(bits), expected(bytes.map(|x| (x as u16).to_le_bytes().to_vec()).to_vec()));
        assert_eq!(
            v128_load16x4_s(bits),
            expected(halves().map(|x| (x as i16 as i32).to_le_bytes().to_vec()).collect())
        );
        assert_eq!(v128_load16x4_u(bits), expected(halves().map(|x| (x as u32).to_le_bytes().to_vec()).collect()));
        assert_eq!(v128_load32x2_s(bits), expected(words.map(|x| (x as i32 as i64).to_le_bytes().to_vec()).to_vec()));
        assert_eq!(v128_load32x2_u(bits), expected(words.map(|x| (x as u64).to_le_bytes().to_vec()).to_vec()));
        assert_eq!(v128_load32_zero(words[0]), V128::from_u128(words[0].into()));
        assert_eq!(v128_load64_zero(bits), V128::from_u128(bits.into()));
    }
}

#[test]
fn shuffles_and_swizzles() {
    let high = V128(COUNTING.0.map(|x| x + 16));
    // Every place can take every lane.
    for by in 0..32 {
        let picks: [u8; 16] = std::array::from_fn(|i| (i as u8 * 7 + by) % 32);
        assert_eq!(i8x16_shuffle(COUNTING, high, picks), V128(picks));
    }
    let a = V128(COUNTING.0.map(|x| x + 0x80));
    for pick in 0..=255 {
        let expected = if pick < 16 { 0x80 + pick } else { 0 };
        assert_eq!(i8x16_swizzle(a, V128([pick; 16])), V128([expected; 16]));
    }
    for (a, b) in v128_pairs() {
        let (v, w) = (V128::from_u128(a), V128::from_u128(b));
        let expected = V128(w.0.map(|pick| *v.0.get(pick as usize).unwrap_or(&0)));
        assert_eq!(i8x16_swizzle(v, w), expected);
        assert_eq!(i8x16_relaxed_swizzle(v, w), expected);
    }
}
