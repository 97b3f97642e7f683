//! Selection for vectors of floats, and conversions.
//!
//! Relaxed operations are fixed to what `sem` fixed them to, so that every tier agrees: multiply-adds round once in all of them, or twice
//! (`Options::rounds_once`).
#![forbid(unsafe_code)]

use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::Lower;
use super::lower_simd::{all32, all64};
use super::mach::*;
use crate::jit::alloc::{Operand, VReg};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;

/// Predicates of `cmpps`.
const EQ: u8 = 0;
const UNORDERED: u8 = 3;
const NOT_LESS: u8 = 5;

/// Rounding without an inexact exception: to even, down, up, toward zero.
const NEAREST: u8 = 8;
const DOWN: u8 = 9;
const UP: u8 = 10;
const TO_ZERO: u8 = 11;

impl Lower<'_> {
    pub(super) fn float_unary(&mut self, op: VUnary, d: Value, a: Value) {
        use VUnary::*;
        match op {
            F32x4Ceil => self.unary(Vi::Roundps, UP, d, a),
            F32x4Floor => self.unary(Vi::Roundps, DOWN, d, a),
            F32x4Trunc => self.unary(Vi::Roundps, TO_ZERO, d, a),
            F32x4Nearest => self.unary(Vi::Roundps, NEAREST, d, a),
            F64x2Ceil => self.unary(Vi::Roundpd, UP, d, a),
            F64x2Floor => self.unary(Vi::Roundpd, DOWN, d, a),
            F64x2Trunc => self.unary(Vi::Roundpd, TO_ZERO, d, a),
            F64x2Nearest => self.unary(Vi::Roundpd, NEAREST, d, a),
            F32x4Sqrt => self.unary(Vi::Sqrtps, 0, d, a),
            F64x2Sqrt => self.unary(Vi::Sqrtpd, 0, d, a),
            F32x4Abs => self.with_const(Vi::Andps, d, a, all32(u32::MAX >> 1)),
            F64x2Abs => self.with_const(Vi::Andps, d, a, all64(u64::MAX >> 1)),
            F32x4Neg => self.with_const(Vi::Xorps, d, a, all32(1 << 31)),
            F64x2Neg => self.with_const(Vi::Xorps, d, a, all64(1 << 63)),
            F32x4ConvertI32x4S => self.unary(Vi::Cvtdq2ps, 0, d, a),
            F64x2ConvertLowI32x4S => self.extend_low(Vi::Cvtdq2pd, d, a),
            F64x2PromoteLowF32x4 => self.extend_low(Vi::Cvtps2pd, d, a),
            F32x4DemoteF64x2Zero => self.unary(Vi::Cvtpd2ps, 0, d, a),
            F32x4ConvertI32x4U => {
                // Both halves are exact, so the sum alone rounds.
                let (a, d) = (self.reg(a), self.def(d));
                let high = self.shift_of(S::Psrld, 16, a);
                let low = self.two_const(Vi::Pand, a, all32(0xffff));
                let high = self.one_of(Vi::Cvtdq2ps, 0, high);
                let low = self.one_of(Vi::Cvtdq2ps, 0, low);
                let high = self.two_const(Vi::Mulps, high, all32(65536f32.to_bits()));
                self.two_regs(Vi::Addps, 0, d, high, low);
            }
            F64x2ConvertLowI32x4U => {
                // As the low bits of a number whose lowest bit counts one.
                let (a, d) = (self.reg(a), self.def(d));
                let exponent = self.two_const(Vi::Unpcklps, a, all32(0x4330_0000));
                let src = self.pool(all64(0x4330_0000_0000_0000));
                self.two(Vi::Subpd, 0, d, exponent, src);
            }
            I32x4TruncSatF32x4S | I32x4RelaxedTruncF32x4S => {
                // What is too large comes out as 0x80000000, and is turned over.
                let (a, d) = (self.reg(a), self.def(d));
                let (number, large) = (self.vtemp(), self.vtemp());
                self.two_regs(Vi::Cmpps, EQ, number, a, a);
                let a = self.two_of(Vi::Andps, a, number);
                let src = self.pool(all32(2147483648f32.to_bits()));
                self.two(Vi::Cmpps, NOT_LESS, large, a, src);
                let r = self.one_of(Vi::Cvttps2dq, 0, a);
                self.two_regs(Vi::Pxor, 0, d, r, large);
            }
            I32x4TruncSatF32x4U | I32x4RelaxedTruncF32x4U => self.trunc_unsigned(d, a),
            I32x4TruncSatF64x2SZero | I32x4RelaxedTruncF64x2SZero => {
                // A NaN compared with anything by `min` gives the second operand: zero for it, else the largest integer.
                let (a, d) = (self.reg(a), self.def(d));
                let number = self.vtemp();
                self.two_regs(Vi::Cmppd, EQ, number, a, a);
                let most = self.two_const(Vi::Andps, number, all64(2147483647f64.to_bits()));
                let fits = self.two_of(Vi::Minpd, a, most);
                let src = self.in_reg(fits);
                self.one(Vi::Cvttpd2dq, 0, d, src);
            }
            I32x4TruncSatF64x2UZero | I32x4RelaxedTruncF64x2UZero => {
                // As the low bits of a number whose lowest bit counts one.
                let (a, d) = (self.reg(a), self.def(d));
                let zero = self.constant(0);
                let positive = self.two_of(Vi::Maxpd, a, zero);
                let fits = self.two_const(Vi::Minpd, positive, all64(4294967295f64.to_bits()));
                let whole = self.one_of(Vi::Roundpd, TO_ZERO, fits);
                let sum = self.two_const(Vi::Addpd, whole, all64(0x4330_0000_0000_0000));
                self.two_regs(Vi::Shufps, 0x88, d, sum, zero);
            }
            // All others are in `lower_simd`.
            other => misplaced(other),
        }
    }

    /// In two parts: below two to the power of 31, and what exceeds that.
    fn trunc_unsigned(&mut self, d: Value, a: Value) {
        let half = all32(2147483648f32.to_bits());
        let (a, d) = (self.reg(a), self.def(d));
        let zero = self.constant(0);
        // NaN becomes zero.
        let a = self.two_of(Vi::Maxps, a, zero);
        let above = self.two_const(Vi::Subps, a, half);
        let large = self.vtemp();
        let src = self.pool(half);
        self.two(Vi::Cmpps, NOT_LESS, large, above, src);
        let low = self.one_of(Vi::Cvttps2dq, 0, a);
        let high = self.one_of(Vi::Cvttps2dq, 0, above);
        let high = self.two_of(Vi::Pxor, high, large);
        let high = self.two_of(Vi::Pmaxsd, high, zero);
        self.two_regs(Vi::Paddd, 0, d, low, high);
    }

    /// `ops`: the pick of the processor, addition, comparison, and what joins the zeros of both signs.
    pub(super) fn vector_min_max(&mut self, ops: [Vi; 4], d: Value, a: Value, b: Value) {
        let [pick, add, cmp, join] = ops;
        let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
        // The pick takes the second operand when both are zero.
        let (x, y) = (self.two_of(pick, a, b), self.two_of(pick, b, a));
        let picked = self.two_of(join, x, y);
        let nan = self.vtemp();
        self.two_regs(cmp, UNORDERED, nan, a, b);
        let sum = self.two_of(add, a, b);
        self.blend_to(d, picked, sum, nan);
    }

    fn product(&mut self, op: Vi, a: Value, b: Value) -> VReg {
        let a = self.reg(a);
        let src = self.vector_src(b);
        let t = self.vtemp();
        self.two(op, 0, t, a, src);
        t
    }

    /// By an instruction that rounds once.
    fn fused(&mut self, op: Vi, d: Value, args: &[Value]) {
        // What is in memory is read in place.
        let swap = self.is_last(args[0]) && !self.is_last(args[1]);
        let (a, b) = if swap { (args[1], args[0]) } else { (args[0], args[1]) };
        let (c, a) = (self.reg(args[2]), self.reg(a));
        let (src, more) = self.vector_src(b);
        let mut operands =
            Operands::from([Operand::reg_reuse_def(self.def(d), 1), Operand::reg_use(c), Operand::reg_use(a)]);
        operands.extend(&more);
        self.emit(MOp::V(MVec::Fused(op, src)), &operands);
    }

    /// `ops`: with FMA, and without.
    pub(super) fn madd(&mut self, ops: [Vi; 3], d: Value, args: &[Value]) {
        let [fused, mul, add] = ops;
        if self.rounds_once {
            return self.fused(fused, d, args);
        }
        let product = self.product(mul, args[0], args[1]);
        let src = self.vector_src(args[2]);
        let d = self.def(d);
        self.two(add, 0, d, product, src);
    }

    pub(super) fn nmadd(&mut self, ops: [Vi; 3], d: Value, args: &[Value]) {
        let [fused, mul, sub] = ops;
        if self.rounds_once {
            return self.fused(fused, d, args);
        }
        let product = self.product(mul, args[0], args[1]);
        let (c, d) = (self.reg(args[2]), self.def(d));
        self.two_regs(sub, 0, d, c, product);
    }
}
