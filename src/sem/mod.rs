//! What each numeric operation of WebAssembly means (spec, "Execution / Numerics").
//!
//! One pure function per instruction, named as the instruction with its dots turned into underscores. The interpreter,
//! the constant folder and the tests call the same function, so they cannot disagree.
//!
//! - Integers are unsigned (`u32`, `u64`) whatever the instruction reads into them; comparisons answer `bool`.
//! - Floats are `f32` and `f64`; a reader of memory or of a constant turns bits into floats with the reinterpretations
//!   of [`convert`], which keep every bit of a NaN.
//! - Vectors are [`V128`](crate::util::V128), which is little-endian on every host.
//! - Operations that can trap return [`ArithTrap`].
//!
//! Where the spec leaves a choice, the choice is fixed here and is the same on every host, save for one: which of two
//! NaN operands lends its payload to an arithmetic result, which is the processor's affair. NaN results are always
//! quiet, and canonical if the operands' NaNs are.
//!
//! The code is written for the optimiser: every function is inlined, scalar ones compile to a few instructions, and the
//! lane loops of the vector ones become vector instructions. A caller that keeps vectors in memory should load and store
//! them as whole `V128`s; assembling one from two 64-bit halves in registers defeats that.

#![forbid(unsafe_code)]

/// Declares operations one to a line: `name(operands) -> result = expression;`.
macro_rules! ops {
    ($($(#[$attr:meta])* $name:ident($($arg:ident: $ty:ty),*) -> $ret:ty = $body:expr;)*) => {$(
        $(#[$attr])*
        #[inline(always)]
        pub fn $name($($arg: $ty),*) -> $ret { $body }
    )*};
}

#[macro_use]
mod lanes;

pub mod convert;
pub mod float;
pub mod int;
pub mod simd_float;
pub mod simd_int;
pub mod simd_lane;

/// Why an operation has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArithTrap {
    /// Division or remainder by zero.
    DivideByZero,
    /// The result does not fit: `INT_MIN / -1`, or a float beyond the integer type's range.
    Overflow,
    /// A NaN has no integer value.
    BadConversion,
}

#[cfg(test)]
mod tests;
