//! x86-64.

pub mod abi;
pub mod aside;
pub mod direct;
#[cfg(all(feature = "disassembly", debug_assertions))]
pub mod disassembly;
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
mod hold;
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
mod lower_sse2;
mod lower_sse2_lane;
pub mod mach;
pub mod stubs;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_simd;
