//! Reading the fields of an instruction and the slots they name (`code::op` describes the encoding). Little-endian hosts only need
//! plain loads; the fields are extracted by address so that each costs one instruction.

use super::acc::Value;
use super::dispatch::{Fp, Pc};
use crate::util::V128;

/// 16-bit field `A`, `B`, `C` or `D` (0 to 3) of word 1.
#[inline(always)]
pub unsafe fn f16<const N: usize>(pc: Pc) -> usize {
    // SAFETY: an instruction has a word 1 whenever its handler asks for it.
    unsafe { *(pc as *const u16).add(4 + N) as usize }
}

/// The signed 16-bit immediate in field `N`.
#[inline(always)]
pub unsafe fn i16<const N: usize>(pc: Pc) -> i16 {
    // SAFETY: as `f16`.
    unsafe { *(pc as *const core::primitive::i16).add(4 + N) }
}

/// The 32-bit field `I` (in the place of C and D), signed.
#[inline(always)]
pub unsafe fn imm(pc: Pc) -> i32 {
    // SAFETY: as `f16`.
    unsafe { *(pc as *const i32).add(3) }
}

/// The 32-bit field `J` (in the place of A and B), unsigned.
#[inline(always)]
pub unsafe fn low32(pc: Pc) -> usize {
    // SAFETY: as `f16`.
    unsafe { *(pc as *const u32).add(2) as usize }
}

/// The 32-bit field `I`, unsigned.
#[inline(always)]
pub unsafe fn high32(pc: Pc) -> usize {
    // SAFETY: as `f16`.
    unsafe { *(pc as *const u32).add(3) as usize }
}

/// Word `n` of the instruction.
#[inline(always)]
pub unsafe fn word(pc: Pc, n: usize) -> u64 {
    // SAFETY: the op's encoding has that many words.
    unsafe { *pc.add(n) }
}

#[repr(C, packed)]
struct Packed<T>(T);

/// Reads a value at any alignment. The library's `read_unaligned` goes through a local variable when debug assertions are
/// on, and a handler with an addressable local cannot end in a tail call.
#[inline(always)]
pub unsafe fn peek<T: Copy>(p: *const u8) -> T {
    // SAFETY: the caller gives readable bytes of a plain type.
    unsafe { (*p.cast::<Packed<T>>()).0 }
}

/// Writes a value at any alignment; see [`peek`].
#[inline(always)]
pub unsafe fn poke<T: Copy>(p: *mut u8, v: T) {
    // SAFETY: the caller gives writable bytes.
    unsafe { (*p.cast::<Packed<T>>()).0 = v }
}

/// Reads the slot that field `N` names.
#[inline(always)]
pub unsafe fn get<const N: usize, T: Value>(pc: Pc, fp: Fp) -> T {
    // SAFETY: fields name slots inside the frame.
    unsafe { T::read(fp.add(f16::<N>(pc))) }
}

/// Writes the destination, slot `A`.
#[inline(always)]
pub unsafe fn set<T: Value>(pc: Pc, fp: Fp, v: T) {
    // SAFETY: fields name slots inside the frame.
    unsafe { v.write(fp.add(f16::<0>(pc))) }
}

/// Reads the vector that field `N` names: two slots. Whole, so that it goes straight to a vector register.
#[inline(always)]
pub unsafe fn get_vector<const N: usize>(pc: Pc, fp: Fp) -> V128 {
    // SAFETY: fields name slots inside the frame.
    unsafe { *(fp.add(f16::<N>(pc)) as *const V128) }
}

/// Writes the destination, two slots from `A`.
#[inline(always)]
pub unsafe fn set_vector(pc: Pc, fp: Fp, v: V128) {
    // SAFETY: fields name slots inside the frame.
    unsafe { *(fp.add(f16::<0>(pc)) as *mut V128) = v }
}

/// An immediate operand of an integer type, from the 32-bit or 16-bit field.
pub trait Immediate {
    fn from_i32(v: i32) -> Self;
}

impl Immediate for u32 {
    #[inline(always)]
    fn from_i32(v: i32) -> u32 {
        v as u32
    }
}

impl Immediate for u64 {
    #[inline(always)]
    fn from_i32(v: i32) -> u64 {
        v as i64 as u64
    }
}

/// The pc that a branch offset leads to.
#[inline(always)]
pub unsafe fn target(pc: Pc, off: i32) -> Pc {
    // SAFETY: translation patches offsets to instruction starts of the same function.
    unsafe { pc.offset(off as isize) }
}
