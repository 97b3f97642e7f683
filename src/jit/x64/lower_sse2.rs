//! Selection for processors that have no vector instructions but SSE2: what takes the place of each of the others.
//!
//! Selection names instructions as if all of SSE 4.2 were there. Where one is not, [`Lower::one`] and [`Lower::two`] come here, and
//! the same operands go through a few older instructions to the same result. Operands in memory may be narrower than a vector, so they
//! are loaded first.
#![forbid(unsafe_code)]

use super::enc::{Alu, Cc, Shift, Sse, XMM0, XMM1};
use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::{Lower, vector_reg};
use super::lower_simd::{Last, all8, all16, all32, all64};
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;

/// Predicates of `cmpps`.
const LESS: u8 = 1;

impl Lower<'_> {
    /// A last operand in a register. `load`: for memory, what loads as much as is read.
    pub(super) fn loaded(&mut self, (src, more): Last, load: Sse) -> VReg {
        let op = match src {
            Src::Reg => return more[0].vreg(),
            Src::Vector(_) => MOp::V(MVec::One(Vi::Movaps, 0, src)),
            _ => MOp::SseMove(load, src),
        };
        let t = self.vtemp();
        let mut operands = Operands::from([Operand::reg_def(t)]);
        operands.extend(&more);
        self.emit(op, &operands);
        t
    }

    /// [`Lower::one`] without the instruction.
    pub(super) fn one_by_sse2(&mut self, op: Vi, imm: u8, d: VReg, last: Last) {
        let x = self.loaded(last, Sse::Movsd);
        match op {
            // The smaller one of both signs, as unsigned numbers.
            Vi::Pabsb => self.larger_of_negated(Vi::Psubb, Vi::Pminub, d, x),
            Vi::Pabsw => self.larger_of_negated(Vi::Psubw, Vi::Pmaxsw, d, x),
            Vi::Pabsd => {
                let sign = self.shift_of(S::Psrad, 31, x);
                let turned = self.two_of(Vi::Pxor, x, sign);
                self.two_regs(Vi::Psubd, 0, d, turned, sign);
            }
            Vi::Pmovsxbw => {
                let high = self.two_of(Vi::Punpcklbw, x, x);
                self.shift_to(S::Psraw, 8, d, high);
            }
            Vi::Pmovsxwd => {
                let high = self.two_of(Vi::Punpcklwd, x, x);
                self.shift_to(S::Psrad, 16, d, high);
            }
            Vi::Pmovsxdq => {
                let sign = self.shift_of(S::Psrad, 31, x);
                self.two_regs(Vi::Punpckldq, 0, d, x, sign);
            }
            Vi::Pmovzxbw => self.with_zero(Vi::Punpcklbw, d, x),
            Vi::Pmovzxwd => self.with_zero(Vi::Punpcklwd, d, x),
            Vi::Pmovzxdq => self.with_zero(Vi::Punpckldq, d, x),
            Vi::Movddup => self.two_regs(Vi::Punpcklqdq, 0, d, x, x),
            Vi::Roundps => self.round_lanes(false, imm & 3, d, x),
            Vi::Roundpd => self.round_lanes(true, imm & 3, d, x),
            // All others are of SSE2, or never selected without AVX.
            other => misplaced(other),
        }
    }

    fn larger_of_negated(&mut self, sub: Vi, pick: Vi, d: VReg, x: VReg) {
        let zero = self.constant(0);
        let negated = self.two_of(sub, zero, x);
        self.two_regs(pick, 0, d, x, negated);
    }

    fn with_zero(&mut self, op: Vi, d: VReg, x: VReg) {
        let zero = self.constant(0);
        self.two_regs(op, 0, d, x, zero);
    }

    /// Rounds to integers as `roundps` does: adding and taking away a number so large that no fraction is left rounds to the
    /// nearest, which is then corrected by one.
    pub(super) fn round_lanes(&mut self, double: bool, mode: u8, d: VReg, x: VReg) {
        let pick = |single: Vi, of_double: Vi| if double { of_double } else { single };
        let all = |single: f32, of_double: f64| {
            if double { all64(of_double.to_bits()) } else { all32(single.to_bits()) }
        };
        let magnitude = if double { all64(u64::MAX >> 1) } else { all32(u32::MAX >> 1) };
        let large = all(8388608.0, 4503599627370496.0);
        let (add, sub, cmp) = (pick(Vi::Addps, Vi::Addpd), pick(Vi::Subps, Vi::Subpd), pick(Vi::Cmpps, Vi::Cmppd));
        let positive = self.two_const(Vi::Andps, x, magnitude);
        let sign = self.two_const(Vi::Andps, x, !magnitude);
        // What is larger is an integer already.
        let has_fraction = self.vtemp();
        let src = self.pool(large);
        self.two(cmp, LESS, has_fraction, positive, src);
        let sum = self.two_const(add, positive, large);
        let nearest = self.two_const(sub, sum, large);
        let mut rounded = self.two_of(Vi::Orps, nearest, sign);
        if mode != 0 {
            // Toward zero is down, of the magnitude.
            let (from, to) = if mode == 3 { (positive, nearest) } else { (x, rounded) };
            let wrong = self.vtemp();
            match mode {
                2 => self.two_regs(cmp, LESS, wrong, to, from),
                _ => self.two_regs(cmp, LESS, wrong, from, to),
            }
            let one = self.two_const(Vi::Andps, wrong, all(1.0, 1.0));
            let corrected = self.two_of(if mode == 2 { add } else { sub }, to, one);
            // A zero keeps the sign.
            rounded = self.two_of(Vi::Orps, corrected, sign);
        }
        // Makes NaN quiet, and changes no other number as large as that.
        let zero = self.constant(0);
        let other = self.two_of(add, x, zero);
        let (chosen, others) =
            (self.two_of(Vi::Pand, rounded, has_fraction), self.two_of(Vi::Pandn, has_fraction, other));
        self.two_regs(Vi::Por, 0, d, chosen, others);
    }

    /// [`Lower::two`] without the instruction.
    pub(super) fn two_by_sse2(&mut self, op: Vi, imm: u8, d: VReg, a: VReg, last: Last) {
        if let Vi::Pinsrb | Vi::Pinsrd | Vi::Pinsrq = op {
            return self.insert_by_sse2(op, imm, d, a, last);
        }
        let b = self.loaded(last, Sse::Movss);
        match op {
            Vi::Pcmpeqq => {
                let halves = self.two_of(Vi::Pcmpeqd, a, b);
                let swapped = self.one_of(Vi::Pshufd, 0xb1, halves);
                self.two_regs(Vi::Pand, 0, d, halves, swapped);
            }
            Vi::Pcmpgtq => {
                // By the upper halves; where these are equal, the difference borrows from the upper half if `a` is larger.
                let difference = self.two_of(Vi::Psubq, b, a);
                let equal = self.two_of(Vi::Pcmpeqd, a, b);
                let borrowed = self.two_of(Vi::Pand, difference, equal);
                let greater = self.two_of(Vi::Pcmpgtd, a, b);
                let upper = self.two_of(Vi::Por, borrowed, greater);
                let src = self.in_reg(upper);
                self.one(Vi::Pshufd, 0xf5, d, src);
            }
            // With the signs turned over, one order becomes the other.
            Vi::Pminsb => self.turned(Vi::Pminub, all8(0x80), d, a, b),
            Vi::Pmaxsb => self.turned(Vi::Pmaxub, all8(0x80), d, a, b),
            Vi::Pminuw => self.turned(Vi::Pminsw, all16(0x8000), d, a, b),
            Vi::Pmaxuw => self.turned(Vi::Pmaxsw, all16(0x8000), d, a, b),
            Vi::Pminsd => self.pick(0, false, d, a, b),
            Vi::Pmaxsd => self.pick(0, true, d, a, b),
            Vi::Pminud => self.pick(all32(1 << 31), false, d, a, b),
            Vi::Pmaxud => self.pick(all32(1 << 31), true, d, a, b),
            Vi::Pmulld => {
                // The products of the lanes 0 and 2, and of 1 and 3.
                let even = self.two_of(Vi::Pmuludq, a, b);
                let (a, b) = (self.shift_of(S::Psrlq, 32, a), self.shift_of(S::Psrlq, 32, b));
                let odd = self.two_of(Vi::Pmuludq, a, b);
                let even = self.one_of(Vi::Pshufd, 0xe8, even);
                let odd = self.one_of(Vi::Pshufd, 0xe8, odd);
                self.two_regs(Vi::Punpckldq, 0, d, even, odd);
            }
            Vi::Pmuldq => {
                // A negative number counts for 2^32 more without its sign: the other one, shifted so far, is taken away.
                let product = self.two_of(Vi::Pmuludq, a, b);
                let (of_a, of_b) = (self.shift_of(S::Psrad, 31, a), self.shift_of(S::Psrad, 31, b));
                let (x, y) = (self.two_of(Vi::Pand, of_a, b), self.two_of(Vi::Pand, of_b, a));
                let excess = self.two_of(Vi::Paddd, x, y);
                let excess = self.shift_of(S::Psllq, 32, excess);
                self.two_regs(Vi::Psubq, 0, d, product, excess);
            }
            Vi::Packusdw => {
                // Down to the range of signed words and back; negative numbers are zero.
                let (a, b) = (self.without_sign(a), self.without_sign(b));
                let packed = self.two_of(Vi::Packssdw, a, b);
                let src = self.pool(all16(0x8000));
                self.two(Vi::Pxor, 0, d, packed, src);
            }
            Vi::Pmaddubsw => {
                let a_even = self.two_const(Vi::Pand, a, all16(0xff));
                let a_odd = self.shift_of(S::Psrlw, 8, a);
                let b_even = self.shift_of(S::Psllw, 8, b);
                let (b_even, b_odd) = (self.shift_of(S::Psraw, 8, b_even), self.shift_of(S::Psraw, 8, b));
                let even = self.two_of(Vi::Pmullw, a_even, b_even);
                let odd = self.two_of(Vi::Pmullw, a_odd, b_odd);
                self.two_regs(Vi::Paddsw, 0, d, even, odd);
            }
            Vi::Pmulhrsw => {
                let (low, high) = (self.two_of(Vi::Pmullw, a, b), self.two_of(Vi::Pmulhw, a, b));
                let first = self.two_of(Vi::Punpcklwd, low, high);
                let second = self.two_of(Vi::Punpckhwd, low, high);
                let (first, second) = (self.rounded_q15(first), self.rounded_q15(second));
                self.two_regs(Vi::Packssdw, 0, d, first, second);
            }
            Vi::Palignr => {
                let low = self.shift_of(S::Psrldq, imm, b);
                let high = self.shift_of(S::Pslldq, 16 - imm, a);
                self.two_regs(Vi::Por, 0, d, low, high);
            }
            Vi::Pblendw => {
                let mask = (0..8).filter(|i| imm >> i & 1 == 1).fold(0, |m, i| m | 0xffff << (16 * i));
                let of_a = self.two_const(Vi::Pand, a, !mask);
                let of_b = self.two_const(Vi::Pand, b, mask);
                self.two_regs(Vi::Por, 0, d, of_a, of_b);
            }
            // The lane comes from the lowest one.
            Vi::Insertps => {
                let b = self.two_const(Vi::Pand, b, u32::MAX as u128);
                self.merge(d, a, b, imm >> 4, 4);
            }
            Vi::Pshufb => {
                let r = |n| vector_reg(n);
                let operands = [
                    Operand::reg_fixed_def(d, r(XMM0)),
                    Operand::reg_fixed_use(a, r(XMM0)),
                    Operand::reg_fixed_use(b, r(XMM1)),
                ];
                self.emit(MOp::V(MVec::Shuffle), &operands);
            }
            // All others are of SSE2, or never selected without AVX.
            other => misplaced(other),
        }
    }

    fn turned(&mut self, op: Vi, signs: u128, d: VReg, a: VReg, b: VReg) {
        let (x, y) = (self.two_const(Vi::Pxor, a, signs), self.two_const(Vi::Pxor, b, signs));
        let picked = self.two_of(op, x, y);
        let src = self.pool(signs);
        self.two(Vi::Pxor, 0, d, picked, src);
    }

    /// The greater or the smaller one with `signs` turned over.
    fn pick(&mut self, signs: u128, max: bool, d: VReg, a: VReg, b: VReg) {
        let (mut x, mut y) = (a, b);
        if signs != 0 {
            (x, y) = (self.two_const(Vi::Pxor, a, signs), self.two_const(Vi::Pxor, b, signs));
        }
        let greater = self.two_of(Vi::Pcmpgtd, x, y);
        let (a, b) = if max { (b, a) } else { (a, b) };
        self.blend_to(d, a, b, greater);
    }

    /// Signed numbers, the negative ones zero, less 0x8000.
    fn without_sign(&mut self, x: VReg) -> VReg {
        let sign = self.shift_of(S::Psrad, 31, x);
        let positive = self.two_of(Vi::Pandn, sign, x);
        self.two_const(Vi::Psubd, positive, all32(0x8000))
    }

    /// The bits 15 to 30 of products, after rounding, with the highest of them as the sign.
    fn rounded_q15(&mut self, x: VReg) -> VReg {
        let sum = self.two_const(Vi::Paddd, x, all32(0x4000));
        let top = self.shift_of(S::Pslld, 1, sum);
        self.shift_of(S::Psrad, 16, top)
    }

    /// Counts the bits of bytes in pairs, fours and eights.
    pub(super) fn popcnt_by_sse2(&mut self, d: VReg, a: VReg) {
        let odd = self.shift_of(S::Psrlw, 1, a);
        let odd = self.two_const(Vi::Pand, odd, all8(0x55));
        let pairs = self.two_of(Vi::Psubb, a, odd);
        let upper = self.shift_of(S::Psrlw, 2, pairs);
        let upper = self.two_const(Vi::Pand, upper, all8(0x33));
        let lower = self.two_const(Vi::Pand, pairs, all8(0x33));
        let fours = self.two_of(Vi::Paddb, lower, upper);
        let upper = self.shift_of(S::Psrlw, 4, fours);
        let sum = self.two_of(Vi::Paddb, fours, upper);
        let src = self.pool(all8(15));
        self.two(Vi::Pand, 0, d, sum, src);
    }

    /// The flags for "all bits are zero" with [`Cc::E`], as `ptest` sets them.
    pub(super) fn zero_flags(&mut self, v: VReg, cc: Cc) -> (Cmp, When, Operands) {
        let zero = self.constant(0);
        let bytes = self.two_of(Vi::Pcmpeqb, v, zero);
        let mask = self.temp(Class::Int);
        self.emit(MOp::V(MVec::One(Vi::Pmovmskb, 0, Src::Reg)), &[Operand::reg_def(mask), Operand::reg_use(bytes)]);
        (Cmp::Int { wide: false, src: Src::Imm(0xffff) }, When::Is(cc), Operands::from([Operand::reg_use(mask)]))
    }

    // Integers.

    /// Counts bits without `popcnt`: in pairs, fours and eights, which a multiplication adds up.
    pub(super) fn popcnt_by_parts(&mut self, d: VReg, a: VReg, wide: bool) {
        let odd = self.shifted_int(1, a, wide);
        let odd = self.alu_const(Alu::And, odd, 0x55, wide);
        let pairs = self.alu_regs(Alu::Sub, a, odd, wide);
        let upper = self.shifted_int(2, pairs, wide);
        let upper = self.alu_const(Alu::And, upper, 0x33, wide);
        let lower = self.alu_const(Alu::And, pairs, 0x33, wide);
        let fours = self.alu_regs(Alu::Add, lower, upper, wide);
        let upper = self.shifted_int(4, fours, wide);
        let sum = self.alu_regs(Alu::Add, fours, upper, wide);
        let bytes = self.alu_const(Alu::And, sum, 15, wide);
        let all = self.temp(Class::Int);
        let ones = Src::Pool(u64::from_le_bytes([1; 8]));
        self.emit(MOp::Mul(wide, ones), &[Operand::reg_reuse_def(all, 1), Operand::reg_use(bytes)]);
        let n = if wide { 56 } else { 24 };
        let operands = [Operand::reg_reuse_def(d, 1), Operand::reg_use(all)];
        self.emit(MOp::ShiftImm(Shift::Shr, wide, n), &operands);
    }

    fn shifted_int(&mut self, n: u8, a: VReg, wide: bool) -> VReg {
        let t = self.temp(Class::Int);
        self.emit(MOp::ShiftImm(Shift::Shr, wide, n), &[Operand::reg_reuse_def(t, 1), Operand::reg_use(a)]);
        t
    }

    /// With a constant of so many equal bytes.
    fn alu_const(&mut self, op: Alu, a: VReg, byte: u8, wide: bool) -> VReg {
        let t = self.temp(Class::Int);
        let src = Src::Pool(u64::from_le_bytes([byte; 8]));
        self.emit(MOp::Alu(op, wide, src), &[Operand::reg_reuse_def(t, 1), Operand::reg_use(a)]);
        t
    }

    fn alu_regs(&mut self, op: Alu, a: VReg, b: VReg, wide: bool) -> VReg {
        let t = self.temp(Class::Int);
        let operands = [Operand::reg_reuse_def(t, 1), Operand::reg_use(a), Operand::reg_use(b)];
        self.emit(MOp::Alu(op, wide, Src::Reg), &operands);
        t
    }

    /// Bits from the top or the bottom to the first that is set.
    pub(super) fn zeros(&mut self, top: bool, d: Value, (src, more): Last, wide: bool) {
        let mut operands = Operands::from([Operand::reg_def(self.def(d))]);
        operands.extend(&more);
        self.emit(MOp::Zeros { top, wide, src }, &operands);
    }
}
