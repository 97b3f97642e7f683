//! Operands at which numeric operations go wrong: the values where signs, widths, rounding, saturation and NaNs show.
//! Shared by every test that runs operations over a table of operands; all values are bits, so that NaNs arrive intact.
//!
//! The lists are short enough to be crossed with themselves. Vectors are made from them so that every pair of a lane
//! type's values meets in some lane of some pair of vectors.

#![allow(dead_code)] // Each test that includes this file takes what it needs.

/// Lanes of 8 bits: also what sign extension from 8 bits looks at.
pub const I8: [u8; 16] =
    [0x00, 0x01, 0x02, 0x03, 0x07, 0x08, 0x0f, 0x10, 0x3f, 0x55, 0x7f, 0x80, 0x81, 0xaa, 0xfe, 0xff];

pub const I16: [u16; 24] = [
    0x0000, 0x0001, 0x0002, 0x000f, 0x0010, 0x007f, 0x0080, 0x0081, 0x00ff, 0x0100, 0x0101, 0x1234, 0x3fff, 0x4000,
    0x5555, 0x7fff, 0x8000, 0x8001, 0xaaaa, 0xff7f, 0xff80, 0xff81, 0xfffe, 0xffff,
];

pub const I32: [u32; 48] = [
    0,
    1,
    2,
    3,
    7,
    8,
    10,
    31, // shift counts about the widths
    32,
    33,
    63,
    64,
    0x7f, // boundaries of the narrower lanes
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0x8001,
    0xffff,
    0x1_0000,
    0x00ff_ffff, // integers that f32 begins to round
    0x0100_0000,
    0x0100_0001,
    0x0100_0003,
    0x0123_4567,
    0x3fff_ffff,
    0x4000_0000,
    0x5555_5555,
    0x7fff_ff80, // the greatest f32 below 2^31
    0x7fff_ffbf, // rounds down to it
    0x7fff_ffc0, // rounds up
    0x7fff_ffff,
    0x8000_0000,
    0x8000_0001,
    0x8000_0080, // a tie, down to even
    0x8000_0081,
    0x8000_0180, // a tie, up to even
    0xaaaa_aaaa,
    0xfedc_ba98,
    0xffff_0000,
    0xffff_7fff,
    0xffff_8000,
    0xffff_ff00, // the greatest f32 below 2^32
    0xffff_ff7f,
    0xffff_ff80,
    0xffff_fffe,
    0xffff_ffff,
];

pub const I64: [u64; 48] = [
    0,
    1,
    2,
    3,
    7,
    10,
    31,
    32,
    63, // shift counts about the width
    64,
    65,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0x7fff_ffff, // boundaries of 32 bits
    0x8000_0000,
    0x8000_0001,
    0xffff_ffff,
    0x1_0000_0000,
    0x1_0000_0001,
    0x0100_0001,           // rounds in f32
    0x001f_ffff_ffff_ffff, // integers that f64 begins to round
    0x0020_0000_0000_0000,
    0x0020_0000_0000_0001,
    0x0020_0000_0000_0003,
    0x0123_4567_89ab_cdef,
    0x5555_5555_5555_5555,
    0x7fff_ff40_0000_0001, // rounds twice on a way to f32 through f64
    0x7fff_ff80_0000_0000, // the greatest f32 below 2^63
    0x7fff_ffff_ffff_fc00, // the greatest f64 below 2^63
    0x7fff_ffff_ffff_fe00, // a tie, up to even
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0001,
    0x8000_0000_0000_0400, // a tie in f64, down to even
    0x8000_0000_0000_0401,
    0x8000_0000_0000_0c00, // a tie in f64, up to even
    0x8000_0080_0000_0000, // a tie in f32
    0x8000_0080_0000_0001,
    0xaaaa_aaaa_aaaa_aaaa,
    0xffff_ffff_0000_0000,
    0xffff_ffff_7fff_ffff,
    0xffff_ffff_8000_0000,
    0xffff_ffff_ffff_8000,
    0xffff_ffff_ffff_ff80,
    0xffff_ffff_ffff_fffe,
    0xffff_ffff_ffff_ffff,
];

/// Magnitudes; [`f32s`] adds their negations.
const F32: [u32; 34] = [
    0x0000_0000,
    0x0000_0001, // smallest subnormal
    0x007f_ffff, // largest subnormal
    0x0080_0000, // smallest normal
    0x3eff_ffff, // just below 0.5
    0x3f00_0000, // 0.5
    0x3f00_0001,
    0x3f7f_ffff, // just below 1
    0x3f80_0000, // 1
    0x3f80_0001,
    0x3fc0_0000, // 1.5
    0x4020_0000, // 2.5
    0x4060_0000, // 3.5
    0x42fe_0000, // 127
    0x4a7f_ffff, // 2^22 - 0.25
    0x4a80_0001, // 2^22 + 0.5
    0x4aff_ffff, // 2^23 - 0.5
    0x4b00_0000, // 2^23
    0x4b00_0001,
    0x4eff_ffff, // below 2^31
    0x4f00_0000, // 2^31
    0x4f00_0001,
    0x4f7f_ffff, // below 2^32
    0x4f80_0000, // 2^32
    0x5eff_ffff, // below 2^63
    0x5f00_0000, // 2^63
    0x5f80_0000, // 2^64
    0x7f7f_ffff, // largest finite
    0x7f80_0000, // infinity
    0x7fc0_0000, // canonical NaN
    0x7fc0_1234, // quiet NaN with a payload
    0x7fff_ffff,
    0x7f80_0001, // signalling NaNs
    0x7fa0_0000,
];

/// Magnitudes; [`f64s`] adds their negations.
const F64: [u64; 44] = [
    0x0000_0000_0000_0000,
    0x0000_0000_0000_0001, // smallest subnormal
    0x000f_ffff_ffff_ffff, // largest subnormal
    0x0010_0000_0000_0000, // smallest normal
    0x3690_0000_0000_0000, // half of the smallest subnormal f32
    0x3690_0000_0000_0001,
    0x36a0_0000_0000_0000, // the smallest subnormal f32
    0x380f_ffff_e000_0000, // about the smallest normal f32
    0x3810_0000_0000_0000,
    0x3fdf_ffff_ffff_ffff, // just below 0.5
    0x3fe0_0000_0000_0000, // 0.5
    0x3fe0_0000_0000_0001,
    0x3fef_ffff_ffff_ffff, // just below 1
    0x3ff0_0000_0000_0000, // 1
    0x3ff0_0000_1000_0000, // 1 plus half a unit of f32: a tie, down to even
    0x3ff0_0000_1000_0001,
    0x3ff0_0000_3000_0000, // a tie, up to even
    0x3ff8_0000_0000_0000, // 1.5
    0x4004_0000_0000_0000, // 2.5
    0x400c_0000_0000_0000, // 3.5
    0x41df_ffff_ffc0_0000, // 2^31 - 1
    0x41df_ffff_ffff_ffff, // below 2^31
    0x41e0_0000_0000_0000, // 2^31
    0x41e0_0000_001f_ffff, // below 2^31 + 1
    0x41e0_0000_0020_0000, // 2^31 + 1
    0x41ef_ffff_ffff_ffff, // below 2^32
    0x41f0_0000_0000_0000, // 2^32
    0x431f_ffff_ffff_ffff, // below 2^51
    0x4320_0000_0000_0001, // 2^51 + 0.5
    0x432f_ffff_ffff_ffff, // 2^52 - 0.5
    0x4330_0000_0000_0000, // 2^52
    0x4330_0000_0000_0001,
    0x43df_ffff_ffff_ffff, // below 2^63
    0x43e0_0000_0000_0000, // 2^63
    0x43ef_ffff_ffff_ffff, // below 2^64
    0x43f0_0000_0000_0000, // 2^64
    0x47ef_ffff_efff_ffff, // rounds to the largest f32
    0x47ef_ffff_f000_0000, // rounds to infinity as an f32
    0x7fef_ffff_ffff_ffff, // largest finite
    0x7ff0_0000_0000_0000, // infinity
    0x7ff8_0000_0000_0000, // canonical NaN
    0x7ff8_0000_dead_beef, // quiet NaN with a payload
    0x7ff0_0000_0000_0001, // signalling NaNs
    0x7ff4_0000_0000_0000,
];

/// Edge values of `f32`, as bits.
pub fn f32s() -> Vec<u32> {
    F32.iter().flat_map(|&bits| [bits, bits | 1 << 31]).collect()
}

/// Edge values of `f64`, as bits.
pub fn f64s() -> Vec<u64> {
    F64.iter().flat_map(|&bits| [bits, bits | 1 << 63]).collect()
}

/// Every power of two, its neighbours, and their negations, in the low `width` bits.
pub fn powers_of_two(width: u32) -> Vec<u64> {
    let mask = u64::MAX >> (64 - width);
    let near = (0..width).flat_map(|n| [(1u64 << n) - 1, 1 << n, (1 << n) + 1]);
    let mut all: Vec<u64> = near.flat_map(|v| [v & mask, v.wrapping_neg() & mask]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Vectors for operations with one operand: each lane type's edge values in order, then some that tell lanes apart.
pub fn v128s() -> Vec<u128> {
    let mut all: Vec<u128> = lane_tables().iter().flat_map(|(width, values)| pack(*width, values)).collect();
    all.extend([0, u128::MAX, 1, 1 << 127, 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100]);
    // A single odd lane out, in every place and width: what tests of all or any lanes look for.
    for width in [8, 16, 32, 64] {
        let lane = u128::MAX >> (128 - width);
        all.extend((0..128 / width).flat_map(|i| [lane << (i * width), !(lane << (i * width))]));
    }
    all
}

/// Vectors for operations with two operands: every pair of a lane type's edge values meets in some lane.
pub fn v128_pairs() -> Vec<(u128, u128)> {
    let mut all = Vec::new();
    for (width, values) in lane_tables() {
        let mut rotated = values.clone();
        for _ in 0..values.len() {
            rotated.rotate_left(1);
            all.extend(pack(width, &values).into_iter().zip(pack(width, &rotated)));
        }
    }
    all
}

/// Each lane width with the values for it, a whole number of vectors each.
fn lane_tables() -> Vec<(u32, Vec<u64>)> {
    vec![
        (8, I8.map(u64::from).to_vec()),
        (16, I16.map(u64::from).to_vec()),
        (32, I32.map(u64::from).to_vec()),
        (64, I64.to_vec()),
        (32, f32s().into_iter().map(u64::from).collect()),
        (64, f64s()),
    ]
}

/// Lanes of `width` bits, the first one lowest.
fn pack(width: u32, values: &[u64]) -> Vec<u128> {
    let lanes = (128 / width) as usize;
    assert_eq!(values.len() % lanes, 0, "a partial vector of {width}-bit lanes");
    let vector = |v: &[u64]| v.iter().enumerate().fold(0, |all, (i, &x)| all | (x as u128) << (i as u32 * width));
    values.chunks_exact(lanes).map(vector).collect()
}
