//! Selection for floats and conversions.
#![forbid(unsafe_code)]

use super::enc::Sse;
use super::enc_simd::Vi;
use super::lower::Lower;
use super::lower_simd::{all32, all64};
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;

impl Lower<'_> {
    pub(super) fn float_inst(&mut self, data: InstData, args: &[Value]) {
        let double = data.ty == Type::F64;
        let d = data.first;
        let pick = |single: Vi, of_double: Vi| if double { of_double } else { single };
        let pick_old = |single: Sse, of_double: Sse| if double { of_double } else { single };
        let all = |single: u32, of_double: u64| if double { all64(of_double) } else { all32(single) };
        let (sign, magnitude) = (all(1 << 31, 1 << 63), all(u32::MAX >> 1, u64::MAX >> 1));
        match data.op {
            Op::FAdd => self.scalar(pick(Vi::Addss, Vi::Addsd), d, args[0], args[1]),
            Op::FSub => self.scalar(pick(Vi::Subss, Vi::Subsd), d, args[0], args[1]),
            Op::FMul => self.scalar(pick(Vi::Mulss, Vi::Mulsd), d, args[0], args[1]),
            Op::FDiv => self.scalar(pick(Vi::Divss, Vi::Divsd), d, args[0], args[1]),
            Op::FMin | Op::FMax => {
                let (a, b, d) = (self.reg(args[0]), self.reg(args[1]), self.def(d));
                let op = MOp::MinMax { double, max: data.op == Op::FMax };
                self.emit(op, &[Operand::reg_reuse_def(d, 1), Operand::reg_use(a), Operand::reg_use(b)]);
            }
            Op::FAbs => {
                let (a, d) = (self.reg(args[0]), self.def(d));
                self.masked(Vi::Andps, d, a, magnitude);
            }
            Op::FNeg => {
                let (a, d) = (self.reg(args[0]), self.def(d));
                self.masked(Vi::Xorps, d, a, sign);
            }
            Op::FCopysign => {
                let (a, b, d) = (self.reg(args[0]), self.reg(args[1]), self.def(d));
                let bits = self.two_const(Vi::Andps, a, magnitude);
                let from = self.two_const(Vi::Andps, b, sign);
                self.two_regs(Vi::Orps, 0, d, bits, from);
            }
            Op::FCeil => self.round(2, d, args[0], double),
            Op::FFloor => self.round(1, d, args[0], double),
            Op::FTrunc => self.round(3, d, args[0], double),
            Op::FNearest => self.round(0, d, args[0], double),
            Op::FSqrt => self.convert(pick(Vi::Sqrtss, Vi::Sqrtsd), pick_old(Sse::Sqrtss, Sse::Sqrtsd), d, args[0]),
            Op::Demote => self.convert(Vi::Cvtsd2ss, Sse::Cvtsd2ss, d, args[0]),
            Op::Promote => self.convert(Vi::Cvtss2sd, Sse::Cvtss2sd, d, args[0]),
            Op::ConvertS | Op::ConvertU => {
                let from_wide = self.f.ty(args[0]).is_wide();
                let (a, d) = (self.reg(args[0]), self.def(d));
                if data.op == Op::ConvertU && from_wide {
                    let t = self.temp(Class::Int);
                    let u = self.temp(Class::Int);
                    let operands =
                        [Operand::reg_def(d), Operand::reg_temp(t), Operand::reg_temp(u), Operand::reg_use(a)];
                    return self.emit(MOp::Uint64ToFloat { double }, &operands);
                }
                // An unsigned 32-bit integer is a signed one of 64 bits.
                let wide = from_wide || data.op == Op::ConvertU;
                self.emit(MOp::IntToFloat { double, wide }, &[Operand::reg_def(d), Operand::reg_use(a)]);
            }
            Op::TruncS | Op::TruncU | Op::TruncSatS | Op::TruncSatU => {
                let op = MOp::Trunc(Truncation {
                    double: self.f.ty(args[0]) == Type::F64,
                    wide: data.ty == Type::I64,
                    signed: matches!(data.op, Op::TruncS | Op::TruncSatS),
                    saturate: matches!(data.op, Op::TruncSatS | Op::TruncSatU),
                    offset: data.offset,
                });
                let (a, d) = (self.reg(args[0]), self.def(d));
                let (t, u) = (self.temp(Class::Int), self.temp(Class::Float));
                // The result is written before the operand is read for the last time.
                let operands =
                    [Operand::reg_def(d), Operand::reg_temp(t), Operand::reg_temp(u), Operand::reg_use_at_end(a)];
                self.emit(op, &operands);
            }
            Op::Bitcast => {
                let from = self.f.ty(args[0]);
                let wide = data.ty.is_wide();
                let (a, d) = (self.reg(args[0]), self.def(d));
                let op = match (from.is_vector_class(), data.ty.is_vector_class()) {
                    (false, true) => MOp::ToVector(wide),
                    (true, false) => MOp::FromVector(wide),
                    (true, true) => MOp::SseMove(Sse::Movaps, Src::Reg),
                    (false, false) => MOp::Ext(super::enc::Ext::Mov64, Src::Reg),
                };
                self.emit(op, &[Operand::reg_def(d), Operand::reg_use(a)]);
            }
            // All others are in `lower`.
            other => misplaced(other),
        }
    }

    fn scalar(&mut self, op: Vi, d: Value, a: Value, b: Value) {
        let commutative = matches!(op, Vi::Addss | Vi::Addsd | Vi::Mulss | Vi::Mulsd);
        let (a, b) = if commutative && self.f.as_const(a).is_some() { (b, a) } else { (a, b) };
        let first = self.reg(a);
        let src = self.float_src(b);
        let d = self.def(d);
        self.two(op, 0, d, first, src);
    }

    fn masked(&mut self, op: Vi, d: VReg, a: VReg, mask: u128) {
        let src = self.pool(mask);
        self.two(op, 0, d, a, src);
    }

    fn round(&mut self, mode: u8, d: Value, a: Value, double: bool) {
        let (a, d) = (self.reg(a), self.def(d));
        if self.vex() {
            // Bit 3: no inexact exception.
            let op = if double { Vi::Roundsd } else { Vi::Roundss };
            return self.two_regs(op, mode | 8, d, a, a);
        }
        if !self.out.cpu.sse42 {
            return self.round_lanes(double, mode, d, a);
        }
        self.emit(MOp::Round { double, mode }, &[Operand::reg_def(d), Operand::reg_use(a)]);
    }

    /// An operation that keeps the upper lanes of its first operand: with VEX the only one, so that nothing else is waited for.
    fn convert(&mut self, op: Vi, old: Sse, d: Value, a: Value) {
        let (src, more) = self.float_src(a);
        if self.vex()
            && let Src::Reg = src
        {
            let (a, d) = (self.reg(a), self.def(d));
            return self.two_regs(op, 0, d, a, a);
        }
        let mut operands = Operands::from([Operand::reg_def(self.def(d))]);
        operands.extend(&more);
        self.emit(MOp::SseConvert(old, src), &operands);
    }
}
