//! x86-64.

pub mod abi;
pub mod emit;
mod emit_cold;
mod emit_float;
mod emit_inst;
mod emit_object;
mod emit_simd;
pub mod enc;
mod enc_atomic;
mod enc_simd;
mod enc_vector;
mod held;
pub mod lower;
mod lower_atomic;
mod lower_call;
mod lower_cond;
mod lower_float;
mod lower_int;
mod lower_mem;
mod lower_object;
mod lower_shuffle;
mod lower_simd;
mod lower_simd_float;
mod lower_simd_lane;
mod lower_simd_shift;
pub mod mach;
pub mod stubs;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_simd;

/// Which instructions vectors are computed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// SSE up to 4.2, in the old encodings.
    Sse,
    /// AVX and AVX2, of which the VEX encodings have a destination of their own and read memory at any address.
    Avx,
}

impl Isa {
    /// The best of this processor, unless less is wanted.
    pub fn of(options: crate::code::Options) -> Isa {
        let avx = !options.baseline && std::arch::is_x86_feature_detected!("avx2");
        if avx { Isa::Avx } else { Isa::Sse }
    }
}

/// Whether this processor has what the generated code uses: SSE4.2, BMI1 and 2, `lzcnt` and `popcnt` (all since 2013).
pub fn supported() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("sse4.2") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
}
