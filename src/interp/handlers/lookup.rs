//! `i8x16.shuffle` and `i8x16.swizzle`: the two instructions that processors have and the optimiser does not recognise. One
//! version for each instruction set, all with the results of the functions in `sem`.

use crate::interp::dispatch::Pc;
use crate::interp::operand::peek;
use crate::util::V128;

/// The picks of a shuffle.
#[inline(always)]
unsafe fn picks(pc: Pc) -> V128 {
    // SAFETY: they are words 2 and 3 of the instruction.
    unsafe { peek(pc.add(2).cast()) }
}

/// Defines the three handlers from the two operations.
macro_rules! lookups {
    ($(#[$attr:meta])* $swizzle:path, $shuffle:path) => {
        use super::picks;
        use crate::interp::dispatch::{go, op};
        use crate::interp::operand::{get_vector, set_vector};
        op!(
            $(#[$attr])*
            i8x16_swizzle(pc fp mb ml ctx ia fa) {
                set_vector(pc, fp, $swizzle(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp)));
                go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
            }
        );
        op!(
            $(#[$attr])*
            i8x16_relaxed_swizzle(pc fp mb ml ctx ia fa) {
                set_vector(pc, fp, $swizzle(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp)));
                go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
            }
        );
        op!(
            $(#[$attr])*
            i8x16_shuffle(pc fp mb ml ctx ia fa) {
                set_vector(pc, fp, $shuffle(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp), picks(pc)));
                go!(pc.add(4), fp, mb, ml, ctx, ia, fa)
            }
        );
    };
}

/// On any processor.
#[cfg(not(target_arch = "aarch64"))]
pub mod portable {
    use crate::sem::simd_lane;
    use crate::util::V128;

    #[inline(always)]
    fn shuffle(a: V128, b: V128, picks: V128) -> V128 {
        simd_lane::i8x16_shuffle(a, b, picks.0)
    }

    lookups!(simd_lane::i8x16_swizzle, shuffle);
}

/// With NEON, which every AArch64 has.
#[cfg(target_arch = "aarch64")]
pub mod portable {
    use crate::util::V128;
    use core::arch::aarch64::{uint8x16_t, uint8x16x2_t, vqtbl1q_u8, vqtbl2q_u8};
    use core::mem::transmute;

    #[inline(always)]
    fn swizzle(a: V128, b: V128) -> V128 {
        // SAFETY: vectors are sixteen bytes, whatever their type; picks beyond the table give 0, as they should.
        unsafe { transmute(vqtbl1q_u8(transmute::<V128, uint8x16_t>(a), transmute::<V128, uint8x16_t>(b))) }
    }

    #[inline(always)]
    fn shuffle(a: V128, b: V128, picks: V128) -> V128 {
        // SAFETY: as above.
        unsafe {
            let both = uint8x16x2_t(transmute::<V128, uint8x16_t>(a), transmute::<V128, uint8x16_t>(b));
            transmute(vqtbl2q_u8(both, transmute::<V128, uint8x16_t>(picks)))
        }
    }

    lookups!(swizzle, shuffle);
}

/// With SSSE3.
#[cfg(target_arch = "x86_64")]
pub mod x86_64_v2 {
    use crate::util::V128;
    use core::arch::x86_64::{__m128i, _mm_adds_epu8, _mm_or_si128, _mm_set1_epi8, _mm_shuffle_epi8, _mm_sub_epi8};
    use core::mem::transmute;

    // `pshufb` takes picks modulo 16, and gives 0 where the top bit is set.

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn swizzle(a: V128, b: V128) -> V128 {
        // SAFETY: vectors are sixteen bytes, whatever their type.
        unsafe {
            let picks = _mm_adds_epu8(transmute::<V128, __m128i>(b), _mm_set1_epi8(0x70));
            transmute(_mm_shuffle_epi8(transmute::<V128, __m128i>(a), picks))
        }
    }

    #[inline]
    #[target_feature(enable = "ssse3")]
    fn shuffle(a: V128, b: V128, picks: V128) -> V128 {
        // SAFETY: as above.
        unsafe {
            let picks = transmute::<V128, __m128i>(picks);
            let from_a = _mm_adds_epu8(picks, _mm_set1_epi8(0x70));
            let from_b = _mm_sub_epi8(picks, _mm_set1_epi8(16));
            let a = _mm_shuffle_epi8(transmute::<V128, __m128i>(a), from_a);
            let b = _mm_shuffle_epi8(transmute::<V128, __m128i>(b), from_b);
            transmute(_mm_or_si128(a, b))
        }
    }

    lookups!(
        #[target_feature(enable = "ssse3")]
        swizzle,
        shuffle
    );
}
