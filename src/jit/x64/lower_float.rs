//! Selection for floats and conversions.
#![forbid(unsafe_code)]

use super::enc::Sse;
use super::lower::Lower;
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;

impl Lower<'_> {
    pub(super) fn float_inst(&mut self, data: InstData, args: &[Value]) {
        let double = data.ty == Type::F64;
        let d = data.first;
        let pick = |single: Sse, of_double: Sse| if double { of_double } else { single };
        let sign = if double { 1 << 63 } else { 1 << 31 };
        let magnitude = if double { u64::MAX >> 1 } else { u32::MAX as u64 >> 1 };
        match data.op {
            Op::FAdd => self.sse(pick(Sse::Addss, Sse::Addsd), d, args[0], args[1]),
            Op::FSub => self.sse(pick(Sse::Subss, Sse::Subsd), d, args[0], args[1]),
            Op::FMul => self.sse(pick(Sse::Mulss, Sse::Mulsd), d, args[0], args[1]),
            Op::FDiv => self.sse(pick(Sse::Divss, Sse::Divsd), d, args[0], args[1]),
            Op::FMin | Op::FMax => {
                let (a, b, d) = (self.reg(args[0]), self.reg(args[1]), self.def(d));
                let op = MOp::MinMax { double, max: data.op == Op::FMax };
                self.emit(op, &[Operand::reg_reuse_def(d, 1), Operand::reg_use(a), Operand::reg_use(b)]);
            }
            Op::FAbs => {
                let (a, d) = (self.reg(args[0]), self.def(d));
                self.masked(Sse::Andps, d, a, magnitude, double);
            }
            Op::FNeg => {
                let (a, d) = (self.reg(args[0]), self.def(d));
                self.masked(Sse::Xorps, d, a, sign, double);
            }
            Op::FCopysign => {
                let (a, b, d) = (self.reg(args[0]), self.reg(args[1]), self.def(d));
                let (bits, from) = (self.temp(Class::Float), self.temp(Class::Float));
                self.masked(Sse::Andps, bits, a, magnitude, double);
                self.masked(Sse::Andps, from, b, sign, double);
                let operands = [Operand::reg_reuse_def(d, 1), Operand::reg_use(bits), Operand::reg_use(from)];
                self.emit(MOp::Sse(Sse::Orps, Src::Reg), &operands);
            }
            Op::FCeil => self.round(2, d, args[0], double),
            Op::FFloor => self.round(1, d, args[0], double),
            Op::FTrunc => self.round(3, d, args[0], double),
            Op::FNearest => self.round(0, d, args[0], double),
            Op::FSqrt => self.convert(pick(Sse::Sqrtss, Sse::Sqrtsd), d, args[0]),
            Op::Demote => self.convert(Sse::Cvtsd2ss, d, args[0]),
            Op::Promote => self.convert(Sse::Cvtss2sd, d, args[0]),
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
            other => unreachable!("{other:?} is no operation on floats"),
        }
    }

    /// The operation with the other operand's register overwritten.
    fn sse(&mut self, op: Sse, d: Value, a: Value, b: Value) {
        let commutative = matches!(op, Sse::Addss | Sse::Addsd | Sse::Mulss | Sse::Mulsd);
        let (a, b) = if commutative && self.f.as_const(a).is_some() { (b, a) } else { (a, b) };
        let first = self.reg(a);
        let (src, more) = self.float_src(b);
        let mut operands = vec![Operand::reg_reuse_def(self.def(d), 1), Operand::reg_use(first)];
        operands.extend(more);
        self.emit(MOp::Sse(op, src), &operands);
    }

    fn masked(&mut self, op: Sse, d: VReg, a: VReg, mask: u64, double: bool) {
        let m = self.temp(Class::Float);
        self.emit(MOp::FloatImm(mask, double), &[Operand::reg_def(m)]);
        self.emit(MOp::Sse(op, Src::Reg), &[Operand::reg_reuse_def(d, 1), Operand::reg_use(a), Operand::reg_use(m)]);
    }

    fn round(&mut self, mode: u8, d: Value, a: Value, double: bool) {
        let (a, d) = (self.reg(a), self.def(d));
        self.emit(MOp::Round { double, mode }, &[Operand::reg_def(d), Operand::reg_use(a)]);
    }

    fn convert(&mut self, op: Sse, d: Value, a: Value) {
        let (src, more) = self.float_src(a);
        let mut operands = vec![Operand::reg_def(self.def(d))];
        operands.extend(more);
        self.emit(MOp::SseConvert(op, src), &operands);
    }
}
