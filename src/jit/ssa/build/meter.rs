//! What engines may ask of code beyond what the module says: paying fuel, and canonical NaNs. Both at the same operators as the
//! interpreter's code (`code::translate::fuel`, `code::translate::canon`), so that nobody can tell who runs a function.
#![forbid(unsafe_code)]

use super::Builder;
use crate::code::translate::canon::Nans;
use crate::code::translate::fuel::{costs, ends_run, sized};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;
use crate::module::ops::Operator;

impl Builder<'_> {
    /// Pays for an operator that is about to be built.
    pub(super) fn meter(&mut self, op: &Operator<'_>) {
        if self.dead.is_some() {
            self.run = None;
            return;
        }
        if costs(op) {
            match self.run {
                Some(run) => self.f.insts[run.index()].imm += 1,
                None => self.run = Some(self.pay(&[], 1)),
            }
        }
        if let Some(shift) = sized(op) {
            let len = *self.stack.last().expect("an operand, as validated");
            let long = match self.f.ty(len) {
                Type::I32 => self.value(Op::Zext, Type::I64, &[len], 0),
                _ => len,
            };
            let cost = if shift == 0 {
                long
            } else {
                let shift = self.constant(Type::I64, shift);
                self.value(Op::ShrU, Type::I64, &[long, shift], 0)
            };
            self.pay(&[cost], 0);
        }
        if ends_run(op) {
            self.run = None;
        }
    }

    /// The host may be asked for more, and do what it may in a function of its own.
    fn pay(&mut self, cost: &[Value], fixed: u64) -> Inst {
        let inst = self.inst(Op::Fuel, Type::I64, cost, fixed, &[]);
        self.forget_memory();
        inst
    }

    /// Makes the topmost operand canonical if it is a NaN.
    pub(super) fn canonicalise(&mut self, nans: Nans) {
        const NAN32: u64 = 0x7fc0_0000;
        const NAN64: u64 = 0x7ff8_0000_0000_0000;
        let (ty, bits) = match nans {
            Nans::F32 => (Type::F32, NAN32),
            Nans::F64 => (Type::F64, NAN64),
            Nans::F32x4 => return self.canonical_lanes(&Operator::F32x4Ne, NAN32 << 32 | NAN32),
            Nans::F64x2 => return self.canonical_lanes(&Operator::F64x2Ne, NAN64),
        };
        let v = self.pop();
        let (nan, is_nan) = (self.constant(ty, bits), self.value(Op::FCmp(FCond::Ne), Type::I32, &[v, v], 0));
        let v = self.value(Op::Select, ty, &[nan, v, is_nan], 0);
        self.stack.push(v);
    }

    fn canonical_lanes(&mut self, unequal: &Operator<'_>, half: u64) {
        let (Some(unequal), Some(choose)) = (VBinary::of(unequal), VTernary::of(&Operator::V128Bitselect)) else {
            return;
        };
        let v = self.pop();
        let nan = self.vector_constant(half as u128 | (half as u128) << 64);
        let is_nan = self.value(Op::V(VOp::Binary(unequal)), Type::V128, &[v, v], 0);
        let v = self.value(Op::V(VOp::Ternary(choose)), Type::V128, &[nan, v, is_nan], 0);
        self.stack.push(v);
    }
}
