//! Selection for atomic accesses and for arithmetic of 128 bits.
//!
//! The processor's ordinary loads are ordered as sequential consistency wants if stores are exchanges (Intel SDM volume 3,
//! "Memory Ordering").
#![forbid(unsafe_code)]

use super::enc::{Alu, RAX, RDX};
use super::lower::{Lower, int_reg};
use super::mach::*;
use crate::jit::alloc::{Class, Operand};
use crate::jit::ssa::ir::*;

impl Lower<'_> {
    pub(super) fn atomic_inst(&mut self, data: InstData, args: &[Value]) {
        match data.op {
            Op::Fence => self.emit(MOp::Fence, &[]),
            Op::Atomic(op, width) => self.atomic(op, width, data, args),
            Op::Add128 | Op::Sub128 => {
                let [a, b, c, d] = [0, 1, 2, 3].map(|n| self.reg(args[n]));
                let (low, high) = (self.def(data.first), self.def(Value(data.first.0 + 1)));
                let operands = [
                    Operand::reg_reuse_def(low, 2),
                    Operand::reg_reuse_def(high, 3),
                    Operand::reg_use(a),
                    Operand::reg_use(b),
                    Operand::reg_use_at_end(c),
                    Operand::reg_use_at_end(d),
                ];
                self.emit(MOp::Carry(data.op == Op::Sub128), &operands);
            }
            Op::MulWideS | Op::MulWideU => {
                let (a, b) = (self.reg(args[0]), self.reg(args[1]));
                let (low, high) = (self.def(data.first), self.def(Value(data.first.0 + 1)));
                let operands = [
                    Operand::reg_fixed_def(high, int_reg(RDX)),
                    Operand::reg_fixed_def(low, int_reg(RAX)),
                    Operand::reg_fixed_use(a, int_reg(RAX)),
                    Operand::reg_use(b),
                ];
                self.emit(MOp::MulHi { signed: data.op == Op::MulWideS, wide: true }, &operands);
            }
            other => misplaced(other),
        }
    }

    fn atomic(&mut self, op: Atomic, width: Width, data: InstData, args: &[Value]) {
        let (addr, place) = self.address(args[0], args[1], data.imm);
        let bytes = width.bytes();
        if op == Atomic::Load {
            let d = self.def(data.first);
            return self.load_width(d, width, data.ty, addr, &place);
        }
        let value = self.reg(args[2]);
        let d = if data.results == 1 { self.def(data.first) } else { self.temp(Class::Int) };
        let late = |list: &[Operand]| {
            let mut operands = Operands::none();
            list.iter().for_each(|o| operands.push(Operand::reg_use_at_end(o.vreg())));
            operands
        };
        let mut operands = Operands::from([Operand::reg_reuse_def(d, 1), Operand::reg_use(value)]);
        let op = match op {
            Atomic::Store | Atomic::Xchg => MOp::Xchg(bytes, addr),
            Atomic::Add => MOp::Xadd(bytes, addr),
            Atomic::Sub => {
                let negated = self.temp(Class::Int);
                let both = [Operand::reg_reuse_def(negated, 1), Operand::reg_use(value)];
                self.emit(MOp::Not(3, true), &both);
                operands[1] = Operand::reg_use(negated);
                MOp::Xadd(bytes, addr)
            }
            Atomic::Cmpxchg => {
                let new = self.reg(args[3]);
                operands = Operands::from([
                    Operand::reg_fixed_def(d, int_reg(RAX)),
                    Operand::reg_fixed_use(value, int_reg(RAX)),
                    Operand::reg_use_at_end(new),
                ]);
                operands.extend(&late(&place));
                return self.emit(MOp::Cmpxchg(bytes, addr), &operands);
            }
            Atomic::And | Atomic::Or | Atomic::Xor => {
                let t = self.temp(Class::Int);
                let alu = match op {
                    Atomic::And => Alu::And,
                    Atomic::Or => Alu::Or,
                    _ => Alu::Xor,
                };
                operands = Operands::from([Operand::reg_fixed_def(d, int_reg(RAX)), Operand::reg_def(t)]);
                operands.push(Operand::reg_use_at_end(value));
                operands.extend(&late(&place));
                return self.emit(MOp::AtomicLoop(alu, bytes, addr), &operands);
            }
            Atomic::Load => unreachable!("done above"),
        };
        operands.extend(&late(&place));
        self.emit(op, &operands);
    }
}
