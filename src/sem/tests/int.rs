//! Integer operations.

use super::opaque;
use crate::sem::ArithTrap::{DivideByZero, Overflow};
use crate::sem::int::*;

const MIN32: u32 = 0x8000_0000;
const MIN64: u64 = 0x8000_0000_0000_0000;
const M1_32: u32 = u32::MAX;
const M1_64: u64 = u64::MAX;

#[test]
fn arithmetic_wraps() {
    assert_eq!(i32_add(u32::MAX, 1), 0);
    assert_eq!(i32_sub(0, 1), u32::MAX);
    assert_eq!(i32_mul(0x0123_4567, 0x7654_3210), 0x358e_7470);
    assert_eq!(i64_add(u64::MAX, 1), 0);
    assert_eq!(i64_sub(0, 1), u64::MAX);
    assert_eq!(i64_mul(0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210), 0x2236_d88f_e561_8cf0);
}

#[test]
fn signed_division_truncates_towards_zero() {
    let neg = |v: i32| v as u32;
    assert_eq!(i32_div_s(neg(-7), 2), Ok(neg(-3)));
    assert_eq!(i32_rem_s(neg(-7), 2), Ok(neg(-1)));
    assert_eq!(i32_div_s(7, neg(-2)), Ok(neg(-3)));
    assert_eq!(i32_rem_s(7, neg(-2)), Ok(1));
    assert_eq!(i32_div_u(neg(-7), 2), Ok(0x7fff_fffc));
    assert_eq!(i32_rem_u(neg(-7), 2), Ok(1));
    assert_eq!(i64_div_s(-7i64 as u64, 2), Ok(-3i64 as u64));
    assert_eq!(i64_rem_s(-7i64 as u64, 2), Ok(-1i64 as u64));
    assert_eq!(i64_div_u(-7i64 as u64, 2), Ok(0x7fff_ffff_ffff_fffc));
    assert_eq!(i64_rem_u(-7i64 as u64, 2), Ok(1));
}

#[test]
fn division_traps() {
    assert_eq!(i32_div_s(MIN32, M1_32), Err(Overflow));
    assert_eq!(i32_rem_s(MIN32, M1_32), Ok(0));
    assert_eq!(i32_div_u(MIN32, M1_32), Ok(0));
    assert_eq!(i32_rem_u(MIN32, M1_32), Ok(MIN32));
    assert_eq!(i64_div_s(MIN64, M1_64), Err(Overflow));
    assert_eq!(i64_rem_s(MIN64, M1_64), Ok(0));
    assert_eq!(i64_div_u(MIN64, M1_64), Ok(0));
    assert_eq!(i64_rem_u(MIN64, M1_64), Ok(MIN64));
    for a in [0, 1, MIN32, M1_32] {
        for f in [i32_div_s, i32_div_u, i32_rem_s, i32_rem_u] {
            assert_eq!(f(opaque(a), opaque(0)), Err(DivideByZero));
        }
    }
    for a in [0, 1, MIN64, M1_64] {
        for f in [i64_div_s, i64_div_u, i64_rem_s, i64_rem_u] {
            assert_eq!(f(opaque(a), opaque(0)), Err(DivideByZero));
        }
    }
}

#[test]
fn counts_are_taken_modulo_the_width() {
    assert_eq!(i32_shl(1, 32), 1);
    assert_eq!(i32_shl(1, 33), 2);
    assert_eq!(i32_shr_s(MIN32, 31), M1_32);
    assert_eq!(i32_shr_s(MIN32, u32::MAX), M1_32);
    assert_eq!(i32_shr_u(MIN32, 63), 1);
    assert_eq!(i32_rotl(0xabcd_9876, 1), 0x579b_30ed);
    assert_eq!(i32_rotl(0xabcd_9876, 33), 0x579b_30ed);
    assert_eq!(i32_rotr(1, 1), MIN32);
    assert_eq!(i32_rotr(0xb0c1_d2e3, 0xff05), 0x1d86_0e97);
    assert_eq!(i64_shl(1, 64), 1);
    assert_eq!(i64_shl(1, 1 << 40 | 1), 2);
    assert_eq!(i64_shr_s(MIN64, 63), M1_64);
    assert_eq!(i64_shr_u(MIN64, 127), 1);
    assert_eq!(i64_rotl(MIN64 | 1, 65), 3);
    assert_eq!(i64_rotr(1, 1), MIN64);
    assert_eq!(i64_rotr(1, 1 << 32), 1);
}

#[test]
fn bit_counts() {
    assert_eq!((i32_clz(0), i32_ctz(0), i32_popcnt(0)), (32, 32, 0));
    assert_eq!((i32_clz(1), i32_ctz(MIN32), i32_popcnt(M1_32)), (31, 31, 32));
    assert_eq!((i64_clz(0), i64_ctz(0), i64_popcnt(0)), (64, 64, 0));
    assert_eq!((i64_clz(1), i64_ctz(MIN64), i64_popcnt(M1_64)), (63, 63, 64));
}

#[test]
fn comparisons_know_signs() {
    assert!(i32_lt_s(MIN32, 0) && !i32_lt_u(MIN32, 0));
    assert!(i32_gt_u(M1_32, 1) && !i32_gt_s(M1_32, 1));
    assert!(i32_le_s(M1_32, M1_32) && i32_le_s(M1_32, 0) && !i32_le_u(M1_32, 0));
    assert!(i32_ge_u(M1_32, 0) && !i32_ge_s(M1_32, 0) && i32_ge_s(0, 0));
    assert!(i64_lt_s(MIN64, 0) && !i64_lt_u(MIN64, 0));
    assert!(i64_gt_u(M1_64, 1) && !i64_gt_s(M1_64, 1));
    assert!(i64_le_s(M1_64, M1_64) && i64_le_s(M1_64, 0) && !i64_le_u(M1_64, 0));
    assert!(i64_ge_u(M1_64, 0) && !i64_ge_s(M1_64, 0) && i64_ge_s(0, 0));
    assert!(i32_eqz(0) && !i32_eqz(MIN32) && i64_eqz(0) && !i64_eqz(1 << 32));
    assert!(i32_eq(1, 1) && i32_ne(1, 2) && i64_eq(1, 1) && i64_ne(1 << 32, 0));
}

#[test]
fn sign_extension() {
    assert_eq!(i32_extend8_s(0x0123_4580), 0xffff_ff80);
    assert_eq!(i32_extend8_s(0xfedc_ba7f), 0x7f);
    assert_eq!(i32_extend16_s(0x0123_8000), 0xffff_8000);
    assert_eq!(i64_extend8_s(0x80), 0xffff_ffff_ffff_ff80);
    assert_eq!(i64_extend16_s(0x1_7fff), 0x7fff);
    assert_eq!(i64_extend32_s(0x0123_4567_8000_0000), 0xffff_ffff_8000_0000);
}

#[test]
fn wide_arithmetic() {
    assert_eq!(i64_add128(M1_64, 0, 1, 0), (0, 1));
    assert_eq!(i64_add128(M1_64, M1_64, 1, 0), (0, 0));
    assert_eq!(i64_sub128(0, 0, 1, 0), (M1_64, M1_64));
    assert_eq!(i64_sub128(0, 1, 1, 0), (M1_64, 0));
    assert_eq!(i64_mul_wide_u(M1_64, M1_64), (1, M1_64 - 1));
    assert_eq!(i64_mul_wide_s(M1_64, M1_64), (1, 0));
    assert_eq!(i64_mul_wide_s(MIN64, MIN64), (0, 1 << 62));
    assert_eq!(i64_mul_wide_s(MIN64, 2), (0, M1_64));
    assert_eq!(i64_mul_wide_u(MIN64, 2), (0, 1));
}
