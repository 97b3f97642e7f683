//! Atomic operators. Each has one form with its operands in slots; the matches are made from the rows of the op table.

use super::emit::{Acc, abcd};
use super::memory::memory_of;
use super::{Translator, Ty};
use crate::code::op::{Op, op_rows};
use crate::module::ops::{MemArg, Operator};

macro_rules! typed {
    ([$class:ident] $( ($t:ident $($f:ident)? $({$ty:ident $w:ident})+) [$name:ident] )*) => {
        /// The op of an operator of the class, with the type of its result or operand.
        fn $class(op: &Operator<'_>) -> Option<(Op, Ty, MemArg)> {
            match *op {
                $($(Operator::$w { memarg } => Some((Op::$name, Ty::$ty, memarg)),)+)*
                _ => None,
            }
        }
    };
}
op_rows!(atomic_load typed atomic_load);
op_rows!(atomic_store typed atomic_store);
op_rows!(atomic_rmw typed atomic_rmw);
op_rows!(atomic_cmpxchg typed atomic_cmpxchg);

macro_rules! wait {
    ([] $( ($t:ident $w:ident) [$name:ident] )*) => {
        fn atomic_wait(op: &Operator<'_>) -> Option<(Op, MemArg)> {
            match *op {
                $(Operator::$w { memarg } => Some((Op::$name, memarg)),)*
                _ => None,
            }
        }
    };
}
op_rows!(atomic_wait wait);

impl Translator<'_> {
    /// Translates an atomic operator; false if it is none.
    pub(super) fn atomic_operator(&mut self, op: &Operator<'_>) -> bool {
        if let Some((op, ty, arg)) = atomic_load(op) {
            self.operands_to_result(ty, Acc::Int, op, 1, &[abcd(0, 0, memory_of(&arg), 0), arg.offset]);
        } else if let Some((op, _, arg)) = atomic_store(op) {
            self.operands(op, 2, &[abcd(0, 0, memory_of(&arg), 0), arg.offset]);
        } else if let Some((op, ty, arg)) = atomic_rmw(op) {
            self.operands_to_result(ty, Acc::Int, op, 2, &[abcd(0, 0, 0, memory_of(&arg)), arg.offset]);
        } else if let Some((op, ty, arg)) = atomic_cmpxchg(op) {
            self.operands_to_result(ty, Acc::Int, op, 3, &[0, arg.offset, memory_of(&arg) as u64]);
        } else if let Some((op, arg)) = atomic_wait(op) {
            self.operands_to_result(Ty::I32, Acc::Int, op, 3, &[0, arg.offset, memory_of(&arg) as u64]);
        } else {
            match *op {
                Operator::MemoryAtomicNotify { memarg: arg } => {
                    let words = [abcd(0, 0, 0, memory_of(&arg)), arg.offset];
                    self.operands_to_result(Ty::I32, Acc::Int, Op::atomic_notify, 2, &words);
                }
                Operator::AtomicFence { .. } => self.emit(Op::atomic_fence, &[0]),
                _ => return false,
            }
        }
        true
    }
}
