//! Conversions between number types (spec, "Conversions").
//!
//! The bounds of the trapping truncations are floats next to the integer type's range: a value truncates into the range
//! exactly if it lies strictly between them, or at the lower one where no float lies between it and the next integer below.

use super::ArithTrap;

ops! {
    i32_wrap_i64(a: u64) -> u32 = a as u32;
    i64_extend_i32_s(a: u32) -> u64 = a as i32 as u64;
    i64_extend_i32_u(a: u32) -> u64 = a as u64;

    i32_reinterpret_f32(a: f32) -> u32 = a.to_bits();
    i64_reinterpret_f64(a: f64) -> u64 = a.to_bits();
    f32_reinterpret_i32(a: u32) -> f32 = f32::from_bits(a);
    f64_reinterpret_i64(a: u64) -> f64 = f64::from_bits(a);

    f32_convert_i32_s(a: u32) -> f32 = a as i32 as f32;
    f32_convert_i32_u(a: u32) -> f32 = a as f32;
    f32_convert_i64_s(a: u64) -> f32 = a as i64 as f32;
    f32_convert_i64_u(a: u64) -> f32 = a as f32;
    f64_convert_i32_s(a: u32) -> f64 = a as i32 as f64;
    f64_convert_i32_u(a: u32) -> f64 = a as f64;
    f64_convert_i64_s(a: u64) -> f64 = a as i64 as f64;
    f64_convert_i64_u(a: u64) -> f64 = a as f64;
    f32_demote_f64(a: f64) -> f32 = a as f32;
    f64_promote_f32(a: f32) -> f64 = a as f64;

    // Rust's casts saturate, and send NaN to 0, just as these instructions do.
    i32_trunc_sat_f32_s(a: f32) -> u32 = a as i32 as u32;
    i32_trunc_sat_f32_u(a: f32) -> u32 = a as u32;
    i32_trunc_sat_f64_s(a: f64) -> u32 = a as i32 as u32;
    i32_trunc_sat_f64_u(a: f64) -> u32 = a as u32;
    i64_trunc_sat_f32_s(a: f32) -> u64 = a as i64 as u64;
    i64_trunc_sat_f32_u(a: f32) -> u64 = a as u64;
    i64_trunc_sat_f64_s(a: f64) -> u64 = a as i64 as u64;
    i64_trunc_sat_f64_u(a: f64) -> u64 = a as u64;

    i32_trunc_f32_s(a: f32) -> Result<u32, ArithTrap> =
        if a >= -TWO_31 as f32 && a < TWO_31 as f32 { Ok(a as i32 as u32) } else { Err(out_of_range(a.is_nan())) };
    i32_trunc_f32_u(a: f32) -> Result<u32, ArithTrap> =
        if a > -1.0 && a < TWO_32 as f32 { Ok(a as u32) } else { Err(out_of_range(a.is_nan())) };
    i32_trunc_f64_s(a: f64) -> Result<u32, ArithTrap> =
        if a > -TWO_31 - 1.0 && a < TWO_31 { Ok(a as i32 as u32) } else { Err(out_of_range(a.is_nan())) };
    i32_trunc_f64_u(a: f64) -> Result<u32, ArithTrap> =
        if a > -1.0 && a < TWO_32 { Ok(a as u32) } else { Err(out_of_range(a.is_nan())) };
    i64_trunc_f32_s(a: f32) -> Result<u64, ArithTrap> =
        if a >= -TWO_63 as f32 && a < TWO_63 as f32 { Ok(a as i64 as u64) } else { Err(out_of_range(a.is_nan())) };
    i64_trunc_f32_u(a: f32) -> Result<u64, ArithTrap> =
        if a > -1.0 && a < TWO_64 as f32 { Ok(a as u64) } else { Err(out_of_range(a.is_nan())) };
    i64_trunc_f64_s(a: f64) -> Result<u64, ArithTrap> =
        if a >= -TWO_63 && a < TWO_63 { Ok(a as i64 as u64) } else { Err(out_of_range(a.is_nan())) };
    i64_trunc_f64_u(a: f64) -> Result<u64, ArithTrap> =
        if a > -1.0 && a < TWO_64 { Ok(a as u64) } else { Err(out_of_range(a.is_nan())) };
}

const TWO_31: f64 = 2_147_483_648.0;
const TWO_32: f64 = 4_294_967_296.0;
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

#[inline(always)]
fn out_of_range(is_nan: bool) -> ArithTrap {
    if is_nan { ArithTrap::BadConversion } else { ArithTrap::Overflow }
}
