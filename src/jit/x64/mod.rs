//! x86-64.

pub mod abi;
pub mod emit;
mod emit_cold;
mod emit_float;
mod emit_inst;
pub mod enc;
mod enc_vector;
pub mod lower;
mod lower_call;
mod lower_cond;
mod lower_float;
mod lower_int;
mod lower_mem;
pub mod mach;
pub mod stubs;
#[cfg(test)]
mod tests;

/// Whether this processor has what the generated code uses: SSE4.1, BMI1 and 2, `lzcnt` and `popcnt` (all since 2013).
pub fn supported() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("sse4.1") && has!("bmi1") && has!("bmi2") && has!("lzcnt") && has!("popcnt")
}
