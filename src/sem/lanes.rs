//! Vectors as arrays of lanes, and the few shapes that vector operations come in (spec, "Vector Operations").
//!
//! Everything here is loops of known length over small arrays, which the optimiser turns into vector instructions.

use crate::util::V128;

/// An array of lanes that fills a vector.
pub(super) trait Lanes: Sized {
    fn of(v: V128) -> Self;
    fn vector(self) -> V128;
}

/// A number that a vector can have as its lanes.
pub(super) trait Lane: Copy {
    /// The unsigned integer of this width, which comparisons answer in: all ones or all zeros.
    type Mask: Lane;
    fn mask(holds: bool) -> Self::Mask;
}

macro_rules! lanes {
    ($($t:ty, $mask:ty, $n:literal;)*) => {$(
        impl Lanes for [$t; $n] {
            #[inline(always)]
            fn of(v: V128) -> Self {
                let bytes = v.0;
                core::array::from_fn(|i| {
                    <$t>::from_le_bytes(core::array::from_fn(|byte| bytes[i * size_of::<$t>() + byte]))
                })
            }

            #[inline(always)]
            fn vector(self) -> V128 {
                let mut bytes = [0; 16];
                for i in 0..$n {
                    let lane = self[i].to_le_bytes();
                    for byte in 0..size_of::<$t>() {
                        bytes[i * size_of::<$t>() + byte] = lane[byte];
                    }
                }
                V128(bytes)
            }
        }

        impl Lane for $t {
            type Mask = $mask;

            #[inline(always)]
            fn mask(holds: bool) -> $mask {
                if holds { <$mask>::MAX } else { 0 }
            }
        }
    )*};
}

lanes! {
    u8, u8, 16;
    i8, u8, 16;
    u16, u16, 8;
    i16, u16, 8;
    u32, u32, 4;
    i32, u32, 4;
    u64, u64, 2;
    i64, u64, 2;
    f32, u32, 4;
    f64, u64, 2;
}

/// Lane by lane, one operand.
#[inline(always)]
pub(super) fn map<A: Lane, B: Lane, const N: usize>(a: V128, f: impl Fn(A) -> B) -> V128
where
    [A; N]: Lanes,
    [B; N]: Lanes,
{
    let a = <[A; N]>::of(a);
    core::array::from_fn::<B, N, _>(|i| f(a[i])).vector()
}

/// Lane by lane, two operands.
#[inline(always)]
pub(super) fn zip<A: Lane, B: Lane, const N: usize>(a: V128, b: V128, f: impl Fn(A, A) -> B) -> V128
where
    [A; N]: Lanes,
    [B; N]: Lanes,
{
    let (a, b) = (<[A; N]>::of(a), <[A; N]>::of(b));
    core::array::from_fn::<B, N, _>(|i| f(a[i], b[i])).vector()
}

/// Lane by lane, three operands.
#[inline(always)]
pub(super) fn zip3<A: Lane, const N: usize>(a: V128, b: V128, c: V128, f: impl Fn(A, A, A) -> A) -> V128
where
    [A; N]: Lanes,
{
    let (a, b, c) = (<[A; N]>::of(a), <[A; N]>::of(b), <[A; N]>::of(c));
    core::array::from_fn::<A, N, _>(|i| f(a[i], b[i], c[i])).vector()
}

/// The same value in every lane.
#[inline(always)]
pub(super) fn splat<A: Lane, const N: usize>(a: A) -> V128
where
    [A; N]: Lanes,
{
    [a; N].vector()
}

/// Half of the lanes, each made twice as wide.
#[inline(always)]
pub(super) fn widen<A: Lane, B: Lane, const N: usize, const M: usize>(a: V128, half: Half, f: impl Fn(A) -> B) -> V128
where
    [A; N]: Lanes,
    [B; M]: Lanes,
{
    let a = <[A; N]>::of(a);
    core::array::from_fn::<B, M, _>(|i| f(a[half as usize * M + i])).vector()
}

/// Half of the lanes of two operands, combined into lanes twice as wide.
#[inline(always)]
pub(super) fn widen2<A: Lane, B: Lane, const N: usize, const M: usize>(
    a: V128,
    b: V128,
    half: Half,
    f: impl Fn(A, A) -> B,
) -> V128
where
    [A; N]: Lanes,
    [B; M]: Lanes,
{
    let (a, b) = (<[A; N]>::of(a), <[A; N]>::of(b));
    core::array::from_fn::<B, M, _>(|i| f(a[half as usize * M + i], b[half as usize * M + i])).vector()
}

/// Which lanes a widening takes.
#[derive(Clone, Copy)]
pub(super) enum Half {
    Low = 0,
    High = 1,
}

/// Adjacent lanes combined into one twice as wide.
#[inline(always)]
pub(super) fn pairwise<A: Lane, B: Lane, const N: usize, const M: usize>(a: V128, f: impl Fn(A, A) -> B) -> V128
where
    [A; N]: Lanes,
    [B; M]: Lanes,
{
    let a = <[A; N]>::of(a);
    core::array::from_fn::<B, M, _>(|i| f(a[2 * i], a[2 * i + 1])).vector()
}

/// The lanes of `a`, then those of `b`, each made half as wide.
#[inline(always)]
pub(super) fn narrow<A: Lane, B: Lane, const N: usize, const M: usize>(a: V128, b: V128, f: impl Fn(A) -> B) -> V128
where
    [A; N]: Lanes,
    [B; M]: Lanes,
{
    let (a, b) = (<[A; N]>::of(a), <[A; N]>::of(b));
    core::array::from_fn::<B, M, _>(|i| f(if i < N { a[i] } else { b[i - N] })).vector()
}

/// Declares operations lane by lane, one to a line: `name(x, y: lane) = expression over lanes;`.
macro_rules! lane_ops {
    ($($(#[$attr:meta])* $name:ident($x:ident: $t:ty) = $body:expr;)*) => {$(
        $(#[$attr])*
        #[inline(always)]
        pub fn $name(a: V128) -> V128 { map(a, |$x: $t| $body) }
    )*};
    ($($(#[$attr:meta])* $name:ident($x:ident, $y:ident: $t:ty) = $body:expr;)*) => {$(
        $(#[$attr])*
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 { zip(a, b, |$x: $t, $y: $t| $body) }
    )*};
}

/// As `lane_ops`, for comparisons.
macro_rules! lane_tests {
    ($($name:ident($x:ident, $y:ident: $t:ty) = $body:expr;)*) => {$(
        #[inline(always)]
        pub fn $name(a: V128, b: V128) -> V128 { zip(a, b, |$x: $t, $y: $t| <$t>::mask($body)) }
    )*};
}
