//! Float operations: `f32` and `f64` (spec, "Floating-Point Operations").
//!
//! `abs`, `neg` and `copysign` touch the sign bit only, even of a NaN; every other operation that yields a NaN yields a
//! quiet one. Rounding to an integral value is computed here rather than left to the C library, which the SSE2 baseline
//! of x86-64 would call: the libraries differ on signalling NaNs, and a call would cost more than the arithmetic. AArch64
//! has the instructions.

/// One float type's operations. `$magic` is the power of two from which on every value is integral; adding it to a
/// smaller magnitude and taking it away again rounds to the nearest integer, ties to even.
macro_rules! float_ops {
    (
        $f:ty, $magic:literal:
        $eq:ident $ne:ident $lt:ident $gt:ident $le:ident $ge:ident
        $abs:ident $neg:ident $ceil:ident $floor:ident $trunc:ident $nearest:ident $sqrt:ident
        $add:ident $sub:ident $mul:ident $div:ident $min:ident $max:ident $copysign:ident
        $pmin:ident $pmax:ident
    ) => {
        ops! {
            $eq(a: $f, b: $f) -> bool = a == b;
            $ne(a: $f, b: $f) -> bool = a != b;
            $lt(a: $f, b: $f) -> bool = a < b;
            $gt(a: $f, b: $f) -> bool = a > b;
            $le(a: $f, b: $f) -> bool = a <= b;
            $ge(a: $f, b: $f) -> bool = a >= b;

            $abs(a: $f) -> $f = a.abs();
            $neg(a: $f) -> $f = -a;
            $copysign(a: $f, b: $f) -> $f = a.copysign(b);

            $sqrt(a: $f) -> $f = a.sqrt();
            $add(a: $f, b: $f) -> $f = a + b;
            $sub(a: $f, b: $f) -> $f = a - b;
            $mul(a: $f, b: $f) -> $f = a * b;
            $div(a: $f, b: $f) -> $f = a / b;

            /// The sum of a NaN and anything is that NaN made quiet. Equal operands differ at most in the sign of zero.
            $min(a: $f, b: $f) -> $f = {
                if a.is_nan() || b.is_nan() {
                    a + b
                } else if a == b {
                    <$f>::from_bits(a.to_bits() | b.to_bits())
                } else if a < b {
                    a
                } else {
                    b
                }
            };
            $max(a: $f, b: $f) -> $f = {
                if a.is_nan() || b.is_nan() {
                    a + b
                } else if a == b {
                    <$f>::from_bits(a.to_bits() & b.to_bits())
                } else if a > b {
                    a
                } else {
                    b
                }
            };

            /// The lane of the vector instruction: a comparison and a choice, bit for bit.
            $pmin(a: $f, b: $f) -> $f = if b < a { b } else { a };
            $pmax(a: $f, b: $f) -> $f = if a < b { b } else { a };
        }

        // In the four below, a NaN fails the comparison with the bound, goes through the arithmetic, and comes out
        // quiet. The sign is put back at the end for the sake of zero results.
        #[cfg(not(target_arch = "aarch64"))]
        ops! {
            $nearest(a: $f) -> $f = {
                if a.abs() >= $magic { a } else { ((a.abs() + $magic) - $magic).copysign(a) }
            };
            $trunc(a: $f) -> $f = {
                let rounded = (a.abs() + $magic) - $magic;
                let down = if rounded > a.abs() { rounded - 1.0 } else { rounded };
                if a.abs() >= $magic { a } else { down.copysign(a) }
            };
            $floor(a: $f) -> $f = {
                let rounded = ((a.abs() + $magic) - $magic).copysign(a);
                let down = if rounded > a { rounded - 1.0 } else { rounded };
                if a.abs() >= $magic { a } else { down.copysign(a) }
            };
            $ceil(a: $f) -> $f = {
                let rounded = ((a.abs() + $magic) - $magic).copysign(a);
                let up = if rounded < a { rounded + 1.0 } else { rounded };
                if a.abs() >= $magic { a } else { up.copysign(a) }
            };
        }

        #[cfg(target_arch = "aarch64")]
        ops! {
            $nearest(a: $f) -> $f = a.round_ties_even();
            $trunc(a: $f) -> $f = a.trunc();
            $floor(a: $f) -> $f = a.floor();
            $ceil(a: $f) -> $f = a.ceil();
        }
    };
}

float_ops! {
    f32, 8_388_608.0:
    f32_eq f32_ne f32_lt f32_gt f32_le f32_ge
    f32_abs f32_neg f32_ceil f32_floor f32_trunc f32_nearest f32_sqrt
    f32_add f32_sub f32_mul f32_div f32_min f32_max f32_copysign
    f32_pmin f32_pmax
}

float_ops! {
    f64, 4_503_599_627_370_496.0:
    f64_eq f64_ne f64_lt f64_gt f64_le f64_ge
    f64_abs f64_neg f64_ceil f64_floor f64_trunc f64_nearest f64_sqrt
    f64_add f64_sub f64_mul f64_div f64_min f64_max f64_copysign
    f64_pmin f64_pmax
}
