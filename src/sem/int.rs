//! Integer operations: `i32`, `i64`, sign extension, and 128-bit wide arithmetic (spec, "Integer Operations"; the
//! wide-arithmetic proposal).

use super::ArithTrap;

/// One integer type's operations; the two types differ in nothing but width.
macro_rules! int_ops {
    (
        $u:ty, $s:ty:
        $eqz:ident $eq:ident $ne:ident
        $lt_s:ident $lt_u:ident $gt_s:ident $gt_u:ident $le_s:ident $le_u:ident $ge_s:ident $ge_u:ident
        $clz:ident $ctz:ident $popcnt:ident
        $add:ident $sub:ident $mul:ident $div_s:ident $div_u:ident $rem_s:ident $rem_u:ident
        $and:ident $or:ident $xor:ident $shl:ident $shr_s:ident $shr_u:ident $rotl:ident $rotr:ident
        $extend8_s:ident $extend16_s:ident
    ) => {
        ops! {
            $eqz(a: $u) -> bool = a == 0;
            $eq(a: $u, b: $u) -> bool = a == b;
            $ne(a: $u, b: $u) -> bool = a != b;
            $lt_s(a: $u, b: $u) -> bool = (a as $s) < b as $s;
            $lt_u(a: $u, b: $u) -> bool = a < b;
            $gt_s(a: $u, b: $u) -> bool = a as $s > b as $s;
            $gt_u(a: $u, b: $u) -> bool = a > b;
            $le_s(a: $u, b: $u) -> bool = a as $s <= b as $s;
            $le_u(a: $u, b: $u) -> bool = a <= b;
            $ge_s(a: $u, b: $u) -> bool = a as $s >= b as $s;
            $ge_u(a: $u, b: $u) -> bool = a >= b;

            $clz(a: $u) -> $u = a.leading_zeros() as $u;
            $ctz(a: $u) -> $u = a.trailing_zeros() as $u;
            $popcnt(a: $u) -> $u = a.count_ones() as $u;

            $add(a: $u, b: $u) -> $u = a.wrapping_add(b);
            $sub(a: $u, b: $u) -> $u = a.wrapping_sub(b);
            $mul(a: $u, b: $u) -> $u = a.wrapping_mul(b);
            $and(a: $u, b: $u) -> $u = a & b;
            $or(a: $u, b: $u) -> $u = a | b;
            $xor(a: $u, b: $u) -> $u = a ^ b;

            // Shift and rotation counts are taken modulo the width, which the wrapping forms do by themselves.
            $shl(a: $u, b: $u) -> $u = a.wrapping_shl(b as u32);
            $shr_s(a: $u, b: $u) -> $u = (a as $s).wrapping_shr(b as u32) as $u;
            $shr_u(a: $u, b: $u) -> $u = a.wrapping_shr(b as u32);
            $rotl(a: $u, b: $u) -> $u = a.rotate_left(b as u32 & (<$u>::BITS - 1));
            $rotr(a: $u, b: $u) -> $u = a.rotate_right(b as u32 & (<$u>::BITS - 1));

            $div_u(a: $u, b: $u) -> Result<$u, ArithTrap> = a.checked_div(b).ok_or(ArithTrap::DivideByZero);
            $rem_u(a: $u, b: $u) -> Result<$u, ArithTrap> = a.checked_rem(b).ok_or(ArithTrap::DivideByZero);
            $div_s(a: $u, b: $u) -> Result<$u, ArithTrap> = {
                if b == 0 {
                    return Err(ArithTrap::DivideByZero);
                }
                (a as $s).checked_div(b as $s).map(|q| q as $u).ok_or(ArithTrap::Overflow)
            };
            /// Unlike the quotient, the remainder of `INT_MIN` by -1 is representable: it is 0.
            $rem_s(a: $u, b: $u) -> Result<$u, ArithTrap> = {
                if b == 0 {
                    return Err(ArithTrap::DivideByZero);
                }
                Ok((a as $s).wrapping_rem(b as $s) as $u)
            };

            $extend8_s(a: $u) -> $u = a as i8 as $u;
            $extend16_s(a: $u) -> $u = a as i16 as $u;
        }
    };
}

int_ops! {
    u32, i32:
    i32_eqz i32_eq i32_ne
    i32_lt_s i32_lt_u i32_gt_s i32_gt_u i32_le_s i32_le_u i32_ge_s i32_ge_u
    i32_clz i32_ctz i32_popcnt
    i32_add i32_sub i32_mul i32_div_s i32_div_u i32_rem_s i32_rem_u
    i32_and i32_or i32_xor i32_shl i32_shr_s i32_shr_u i32_rotl i32_rotr
    i32_extend8_s i32_extend16_s
}

int_ops! {
    u64, i64:
    i64_eqz i64_eq i64_ne
    i64_lt_s i64_lt_u i64_gt_s i64_gt_u i64_le_s i64_le_u i64_ge_s i64_ge_u
    i64_clz i64_ctz i64_popcnt
    i64_add i64_sub i64_mul i64_div_s i64_div_u i64_rem_s i64_rem_u
    i64_and i64_or i64_xor i64_shl i64_shr_s i64_shr_u i64_rotl i64_rotr
    i64_extend8_s i64_extend16_s
}

// Wide values are pairs, low half first, as the instructions take and leave them.
ops! {
    i64_extend32_s(a: u64) -> u64 = a as i32 as u64;

    i64_add128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) =
        halves(wide(a_low, a_high).wrapping_add(wide(b_low, b_high)));
    i64_sub128(a_low: u64, a_high: u64, b_low: u64, b_high: u64) -> (u64, u64) =
        halves(wide(a_low, a_high).wrapping_sub(wide(b_low, b_high)));
    i64_mul_wide_s(a: u64, b: u64) -> (u64, u64) =
        halves((a as i64 as i128).wrapping_mul(b as i64 as i128) as u128);
    i64_mul_wide_u(a: u64, b: u64) -> (u64, u64) = halves((a as u128).wrapping_mul(b as u128));
}

#[inline(always)]
fn wide(low: u64, high: u64) -> u128 {
    low as u128 | (high as u128) << 64
}

#[inline(always)]
fn halves(v: u128) -> (u64, u64) {
    (v as u64, (v >> 64) as u64)
}
