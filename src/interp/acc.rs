//! The float accumulator: a vector register passed from handler to handler, holding an `f32` or `f64` in its low lanes
//! and nothing defined above. A vector type, not `f64`, so that `f32` and `f64` handlers share one signature without moves between
//! register files; uninitialised above, so that no instruction is spent on the upper lanes.

use core::mem::MaybeUninit;

#[cfg(target_arch = "x86_64")]
pub type Vector = core::arch::x86_64::__m128;
#[cfg(target_arch = "aarch64")]
pub type Vector = core::arch::aarch64::float32x4_t;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub type Vector = [f32; 4];

pub type FAcc = MaybeUninit<Vector>;

/// An accumulator that holds nothing.
#[inline(always)]
pub fn none() -> FAcc {
    MaybeUninit::uninit()
}

/// The types an accumulator carries: integers in the integer one, floats in the float one.
pub trait Value: Copy {
    /// The value in an accumulator pair, given the pair.
    unsafe fn take(ia: u64, fa: FAcc) -> Self;
    /// The accumulator pair after the value was put into its own one.
    fn put(self, ia: u64, fa: FAcc) -> (u64, FAcc);
    /// Reads from a slot.
    unsafe fn read(slot: *const u64) -> Self;
    /// Writes to a slot.
    unsafe fn write(self, slot: *mut u64);
}

macro_rules! int_value {
    ($($t:ty)*) => { $(
        impl Value for $t {
            #[inline(always)]
            unsafe fn take(ia: u64, _: FAcc) -> $t {
                ia as $t
            }
            #[inline(always)]
            fn put(self, _: u64, fa: FAcc) -> (u64, FAcc) {
                (self as u64, fa)
            }
            #[inline(always)]
            unsafe fn read(slot: *const u64) -> $t {
                // SAFETY: the caller gives a slot of the frame; the value is in its low bytes.
                unsafe { *(slot as *const $t) }
            }
            #[inline(always)]
            unsafe fn write(self, slot: *mut u64) {
                // SAFETY: the caller gives a slot of the frame.
                unsafe { *slot = self as u64 }
            }
        }
    )* };
}
int_value!(u32 u64);

macro_rules! float_value {
    ($($t:ty)*) => { $(
        impl Value for $t {
            #[inline(always)]
            unsafe fn take(_: u64, fa: FAcc) -> $t {
                // SAFETY: the caller knows that the accumulator holds this type.
                unsafe { *(fa.as_ptr() as *const $t) }
            }
            #[inline(always)]
            fn put(self, ia: u64, _: FAcc) -> (u64, FAcc) {
                let mut fa = none();
                // SAFETY: the low lanes of a vector hold a float.
                unsafe { *(fa.as_mut_ptr() as *mut $t) = self };
                (ia, fa)
            }
            #[inline(always)]
            unsafe fn read(slot: *const u64) -> $t {
                // SAFETY: the caller gives a slot of the frame; the value is in its low bytes.
                unsafe { *(slot as *const $t) }
            }
            #[inline(always)]
            unsafe fn write(self, slot: *mut u64) {
                // SAFETY: the caller gives a slot of the frame.
                unsafe { *(slot as *mut $t) = self }
            }
        }
    )* };
}
float_value!(f32 f64);
