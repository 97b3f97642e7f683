//! The operations against values worked out by hand from the spec, and against slower but more obvious renderings of it.
//!
//! Operands go through [`opaque`]: with constants in sight the optimiser may fold `x * 1.0` to `x` and leave a signalling
//! NaN as it was, which no operand that arrives at run time can see.

mod convert;
#[path = "../../../tests/common/edge_values.rs"]
mod edge_values;
mod float;
mod int;
mod simd_float;
mod simd_int;
mod simd_lane;

use std::hint::black_box as opaque;

/// Deterministic pseudo-random bits (splitmix64), for the comparisons that want many ordinary values.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
