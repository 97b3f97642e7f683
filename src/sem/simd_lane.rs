//! Moving lanes: in and out of vectors, from place to place, and the vector side of the loads and stores that do more
//! than move 16 bytes. Those take, or give, what memory holds; the access itself is the caller's.
//!
//! A lane index is an immediate that validation has bounded; taking it modulo the lane count only spares a check.

use super::lanes::*;
use super::simd_int::v128_bitselect;
use crate::util::V128;

/// Declares the moves of one lane: splat, load-splat, replacement, and lane load and store.
macro_rules! lane_moves {
    ($($t:ty, $n:literal, $scalar:ty: $splat:ident $load_splat:ident $replace:ident $load_lane:ident $store_lane:ident;)*) => {
        ops! {$(
            $splat(a: $scalar) -> V128 = splat(a as $t);
            $load_splat(a: $t) -> V128 = splat(a);
            $replace(v: V128, lane: u8, a: $scalar) -> V128 = $load_lane(v, lane, a as $t);
            $load_lane(v: V128, lane: u8, a: $t) -> V128 = {
                const WIDTH: usize = size_of::<$t>();
                v128_bitselect(splat(a), v, ones_at::<WIDTH>(lane as usize % $n * WIDTH))
            };
            $store_lane(v: V128, lane: u8) -> $t = {
                let ([low, high], bit) = (v.to_slots(), lane as u32 % $n * <$t>::BITS);
                (if bit < 64 { low } else { high } >> (bit % 64)) as $t
            };
        )*}
    };
}

lane_moves! {
    u8, 16, u32: i8x16_splat v128_load8_splat i8x16_replace_lane v128_load8_lane v128_store8_lane;
    u16, 8, u32: i16x8_splat v128_load16_splat i16x8_replace_lane v128_load16_lane v128_store16_lane;
    u32, 4, u32: i32x4_splat v128_load32_splat i32x4_replace_lane v128_load32_lane v128_store32_lane;
    u64, 2, u64: i64x2_splat v128_load64_splat i64x2_replace_lane v128_load64_lane v128_store64_lane;
}

/// Ones in `WIDTH` bytes from byte `at` on. Lanes are replaced by masks, because an array written at a varying index goes
/// through memory, and a vector load that follows a narrower store waits for it.
#[inline(always)]
fn ones_at<const WIDTH: usize>(at: usize) -> V128 {
    let window: &[u8; 40] = const {
        let mut bytes = [0; 40];
        let mut i = 0;
        while i < WIDTH {
            bytes[16 + i] = 0xff;
            i += 1;
        }
        &{ bytes }
    };
    let from = 16 - (at & 15);
    V128(window[from..from + 16].try_into().unwrap_or_default())
}

// Floats move as their bits, NaNs and all.
ops! {
    f32x4_splat(a: f32) -> V128 = splat(a.to_bits());
    f64x2_splat(a: f64) -> V128 = splat(a.to_bits());
    f32x4_replace_lane(v: V128, lane: u8, a: f32) -> V128 = v128_load32_lane(v, lane, a.to_bits());
    f64x2_replace_lane(v: V128, lane: u8, a: f64) -> V128 = v128_load64_lane(v, lane, a.to_bits());
    f32x4_extract_lane(v: V128, lane: u8) -> f32 = f32::from_bits(v128_store32_lane(v, lane));
    f64x2_extract_lane(v: V128, lane: u8) -> f64 = f64::from_bits(v128_store64_lane(v, lane));
}

ops! {
    i8x16_extract_lane_s(v: V128, lane: u8) -> u32 = v128_store8_lane(v, lane) as i8 as u32;
    i8x16_extract_lane_u(v: V128, lane: u8) -> u32 = v128_store8_lane(v, lane) as u32;
    i16x8_extract_lane_s(v: V128, lane: u8) -> u32 = v128_store16_lane(v, lane) as i16 as u32;
    i16x8_extract_lane_u(v: V128, lane: u8) -> u32 = v128_store16_lane(v, lane) as u32;
    i32x4_extract_lane(v: V128, lane: u8) -> u32 = v128_store32_lane(v, lane);
    i64x2_extract_lane(v: V128, lane: u8) -> u64 = v128_store64_lane(v, lane);
}

// Loads that widen, or leave the upper lanes 0. The first byte of memory is in the low bits.
ops! {
    v128_load8x8_s(bits: u64) -> V128 = spread(bits).map(|x| x | (x & 0x0080_0080_0080_0080) * 0x1fe).vector();
    v128_load8x8_u(bits: u64) -> V128 = spread(bits).vector();
    v128_load16x4_s(bits: u64) -> V128 = widen(v128_load64_zero(bits), Half::Low, |x: i16| x as i32);
    v128_load16x4_u(bits: u64) -> V128 = widen(v128_load64_zero(bits), Half::Low, |x: u16| x as u32);
    v128_load32x2_s(bits: u64) -> V128 = widen(v128_load64_zero(bits), Half::Low, |x: i32| x as i64);
    v128_load32x2_u(bits: u64) -> V128 = widen(v128_load64_zero(bits), Half::Low, |x: u32| x as u64);
    v128_load32_zero(bits: u32) -> V128 = [bits, 0, 0, 0].vector();
    v128_load64_zero(bits: u64) -> V128 = [bits, 0].vector();
}

/// Eight bytes as eight 16-bit lanes. Written as lanes, the bytes of an integer would be taken apart one by one.
#[inline(always)]
fn spread(bytes: u64) -> [u64; 2] {
    [bytes & 0xffff_ffff, bytes >> 32].map(|four| {
        let pairs = (four | four << 16) & 0x0000_ffff_0000_ffff;
        (pairs | pairs << 8) & 0x00ff_00ff_00ff_00ff
    })
}

ops! {
    /// Lanes of `a` followed by `b`, picked by the immediates.
    i8x16_shuffle(a: V128, b: V128, picks: [u8; 16]) -> V128 = {
        let mut both = [0; 32];
        both[..16].copy_from_slice(&a.0);
        both[16..].copy_from_slice(&b.0);
        V128::from_slots(gather(both, picks))
    };
    /// Lanes of `a` picked by those of `b`; a pick beyond the last lane gives 0.
    i8x16_swizzle(a: V128, b: V128) -> V128 = {
        let [low, high] = gather(a.0, b.0);
        let [low_picks, high_picks] = b.to_slots();
        V128::from_slots([low & picks_within(low_picks), high & picks_within(high_picks)])
    };
    /// As `i8x16.swizzle`, the first of the results the spec allows.
    i8x16_relaxed_swizzle(a: V128, b: V128) -> V128 = i8x16_swizzle(a, b);
}

/// Ones in the bytes of `picks` that are below 16.
#[inline(always)]
fn picks_within(picks: u64) -> u64 {
    let pairs = picks | picks >> 1;
    let high_digits = (pairs | pairs >> 2) >> 4 & 0x0101_0101_0101_0101;
    !(high_digits * 0xff)
}

/// Bytes looked up one by one, the picks taken modulo the table's length. They are put together in registers: a vector
/// load that follows sixteen byte stores would wait for all of them to reach the cache.
#[inline(always)]
fn gather<const N: usize>(table: [u8; N], picks: [u8; 16]) -> [u64; 2] {
    let mut halves = [0; 2];
    for (i, pick) in picks.into_iter().enumerate() {
        halves[i / 8] |= (table[pick as usize % N] as u64) << (i % 8 * 8);
    }
    halves
}
