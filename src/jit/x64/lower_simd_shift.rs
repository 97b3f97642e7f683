//! Selection for shifts of vectors. The count is taken modulo the width of a lane, which the processor does not do.
#![forbid(unsafe_code)]

use super::enc::Alu;
use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::Lower;
use super::lower_simd::{all8, all64};
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::VShift;

impl Lower<'_> {
    pub(super) fn vector_shift(&mut self, op: VShift, d: Value, a: Value, by: Value) {
        use VShift::*;
        let (bits, imm, var) = match op {
            I8x16Shl | I8x16ShrS | I8x16ShrU => return self.shift_bytes(op, d, a, by),
            I16x8Shl => (16, S::Psllw, Vi::Psllw),
            I16x8ShrS => (16, S::Psraw, Vi::Psraw),
            I16x8ShrU => (16, S::Psrlw, Vi::Psrlw),
            I32x4Shl => (32, S::Pslld, Vi::Pslld),
            I32x4ShrS => (32, S::Psrad, Vi::Psrad),
            I32x4ShrU => (32, S::Psrld, Vi::Psrld),
            I64x2Shl => (64, S::Psllq, Vi::Psllq),
            I64x2ShrU => (64, S::Psrlq, Vi::Psrlq),
            I64x2ShrS => return self.shift_64_signed(d, a, by),
        };
        if let Some(n) = self.f.as_const(by) {
            let (a, d) = (self.reg(a), self.def(d));
            return self.shift_to(imm, (n % bits) as u8, d, a);
        }
        let count = self.shift_count(by, bits as i32 - 1, 0);
        let (a, d) = (self.reg(a), self.def(d));
        self.two_regs(var, 0, d, a, count);
    }

    /// `(by & mask) + more` in a vector register.
    fn shift_count(&mut self, by: Value, mask: i32, more: i32) -> VReg {
        let by = self.low(by);
        let (mut n, d) = (self.temp(Class::Int), self.vtemp());
        let operands = [Operand::reg_reuse_def(n, 1), Operand::reg_use(by)];
        self.emit(MOp::Alu(Alu::And, false, Src::Imm(mask)), &operands);
        if more != 0 {
            let sum = self.temp(Class::Int);
            let operands = [Operand::reg_reuse_def(sum, 1), Operand::reg_use(n)];
            self.emit(MOp::Alu(Alu::Add, false, Src::Imm(more)), &operands);
            n = sum;
        }
        self.emit(MOp::ToVector(false), &[Operand::reg_def(d), Operand::reg_use(n)]);
        d
    }

    /// Bytes are shifted as words; what comes over from the neighbour is masked.
    fn shift_bytes(&mut self, op: VShift, d: Value, a: Value, by: Value) {
        let known = self.f.as_const(by).map(|n| (n & 7) as u8);
        let signed = op == VShift::I8x16ShrS;
        let (imm, var) = if op == VShift::I8x16Shl { (S::Psllw, Vi::Psllw) } else { (S::Psrlw, Vi::Psrlw) };
        match known {
            Some(0) => {
                let src = self.vector_src(a);
                let d = self.def(d);
                self.one(Vi::Movups, 0, d, src);
            }
            Some(1) if op == VShift::I8x16Shl => {
                let (a, d) = (self.reg(a), self.def(d));
                self.two_regs(Vi::Paddb, 0, d, a, a);
            }
            Some(7) if signed => {
                let zero = self.constant(0);
                let src = self.vector_src(a);
                let d = self.def(d);
                self.two(Vi::Pcmpgtb, 0, d, zero, src);
            }
            Some(n) => {
                let (a, d) = (self.reg(a), self.def(d));
                let shifted = self.shift_of(imm, n, a);
                let mask = if op == VShift::I8x16Shl { 0xff << n } else { 0xff >> n };
                let src = self.pool(all8(mask));
                if !signed {
                    return self.two(Vi::Pand, 0, d, shifted, src);
                }
                // The sign, now at a lower place, is extended: (x ^ sign) - sign.
                let sign = all8(0x80 >> n);
                let t = self.vtemp();
                self.two(Vi::Pand, 0, t, shifted, src);
                let turned = self.two_const(Vi::Pxor, t, sign);
                let src = self.pool(sign);
                self.two(Vi::Psubb, 0, d, turned, src);
            }
            None if signed => {
                // Each byte as the upper half of a word.
                let count = self.shift_count(by, 7, 8);
                let (a, d) = (self.reg(a), self.def(d));
                let low = self.two_of(Vi::Punpcklbw, a, a);
                let high = self.two_of(Vi::Punpckhbw, a, a);
                let low = self.two_of(Vi::Psraw, low, count);
                let high = self.two_of(Vi::Psraw, high, count);
                self.two_regs(Vi::Packsswb, 0, d, low, high);
            }
            None => {
                // The mask 0xff >> n, in each byte.
                let (count, beyond) = (self.shift_count(by, 7, 0), self.shift_count(by, 7, 8));
                let (a, d) = (self.reg(a), self.def(d));
                let ones = self.constant(u128::MAX);
                let words = self.two_of(Vi::Psrlw, ones, beyond);
                let mask = self.two_of(Vi::Packuswb, words, words);
                if op == VShift::I8x16Shl {
                    let kept = self.two_of(Vi::Pand, a, mask);
                    self.two_regs(var, 0, d, kept, count);
                } else {
                    let shifted = self.two_of(var, a, count);
                    self.two_regs(Vi::Pand, 0, d, shifted, mask);
                }
            }
        }
    }

    /// There is no such instruction: (a >> n ^ sign) - sign, with the sign where the shift puts it.
    fn shift_64_signed(&mut self, d: Value, a: Value, by: Value) {
        if let Some(n) = self.f.as_const(by) {
            let n = (n % 64) as u8;
            let (a, d) = (self.reg(a), self.def(d));
            if n == 63 {
                let zero = self.constant(0);
                return self.two_regs(Vi::Pcmpgtq, 0, d, zero, a);
            }
            let sign = all64(1 << 63 >> n);
            let shifted = self.shift_of(S::Psrlq, n, a);
            let turned = self.two_const(Vi::Pxor, shifted, sign);
            let src = self.pool(sign);
            return self.two(Vi::Psubq, 0, d, turned, src);
        }
        let count = self.shift_count(by, 63, 0);
        let (a, d) = (self.reg(a), self.def(d));
        let top = self.constant(all64(1 << 63));
        let sign = self.two_of(Vi::Psrlq, top, count);
        let shifted = self.two_of(Vi::Psrlq, a, count);
        let turned = self.two_of(Vi::Pxor, shifted, sign);
        self.two_regs(Vi::Psubq, 0, d, turned, sign);
    }
}
