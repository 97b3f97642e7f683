//! Vector operators. Each has one form with its operands in slots, so all there is to do is to find its op; the matches are made
//! from the rows of the op table.

use super::emit::{Acc, abcd, abi};
use super::memory::memory_of;
use super::{Translator, Ty};
use crate::code::op::{Op, op_rows};
use crate::module::ops::{MemArg, Operator};

/// A function from operators without immediates to their ops.
macro_rules! plain {
    ([$class:ident] $( ($w:ident) [$name:ident] )*) => {
        fn $class(op: &Operator<'_>) -> Option<Op> {
            match op {
                $(Operator::$w => Some(Op::$name),)*
                _ => None,
            }
        }
    };
}
op_rows!(v128_unary plain v128_unary);
op_rows!(v128_binary plain v128_binary);
op_rows!(v128_swizzle plain v128_swizzle);
op_rows!(v128_ternary plain v128_ternary);
op_rows!(v128_fused plain v128_fused);
op_rows!(v128_shift plain v128_shift);
op_rows!(v128_test plain v128_test);

macro_rules! splat {
    ([] $( ($w:ident $t:ident) [$name:ident] )*) => {
        fn v128_splat(op: &Operator<'_>) -> Option<Op> {
            match op {
                $(Operator::$w => Some(Op::$name),)*
                _ => None,
            }
        }
    };
}
op_rows!(v128_splat splat);

/// The type of a scalar operand or result.
macro_rules! scalar {
    (u32) => {
        Ty::I32
    };
    (u64) => {
        Ty::I64
    };
    (f32) => {
        Ty::F32
    };
    (f64) => {
        Ty::F64
    };
}
macro_rules! lane {
    ([$class:ident] $( ($w:ident $t:ident) [$name:ident] )*) => {
        fn $class(op: &Operator<'_>) -> Option<(Op, Ty, u32)> {
            match *op {
                $(Operator::$w { lane } => Some((Op::$name, scalar!($t), lane as u32)),)*
                _ => None,
            }
        }
    };
}
op_rows!(v128_extract lane v128_extract);
op_rows!(v128_replace lane v128_replace);

/// An access to memory: its forms for memory 0 and any memory, and its lane if it has one.
struct Access {
    fast: Op,
    any: Op,
    memarg: MemArg,
    lane: u32,
}

macro_rules! load {
    ([] $( ($w:ident $t:ident) [$fast:ident $any:ident] )*) => {
        fn v128_load(op: &Operator<'_>) -> Option<Access> {
            match *op {
                $(Operator::$w { memarg } => Some(Access { fast: Op::$fast, any: Op::$any, memarg, lane: 0 }),)*
                _ => None,
            }
        }
    };
}
op_rows!(v128_load load);

macro_rules! access_lane {
    ([$class:ident] $( ($w:ident $t:ident) [$fast:ident $any:ident] )*) => {
        fn $class(op: &Operator<'_>) -> Option<Access> {
            match *op {
                $(Operator::$w { memarg, lane } => {
                    Some(Access { fast: Op::$fast, any: Op::$any, memarg, lane: lane as u32 })
                })*
                _ => None,
            }
        }
    };
}
op_rows!(v128_load_lane access_lane v128_load_lane);
op_rows!(v128_store_lane access_lane v128_store_lane);

impl Translator<'_> {
    /// The op of a relaxed multiply-add, if it rounds once.
    fn fused(&self, op: &Operator<'_>) -> Option<Op> {
        if self.owner.options.rounds_once() { v128_fused(op) } else { None }
    }

    /// Translates a vector operator; false if it is none.
    pub(super) fn simd_operator(&mut self, op: &Operator<'_>) -> bool {
        if let Some(op) = v128_binary(op).or_else(|| v128_shift(op)).or_else(|| v128_swizzle(op)) {
            self.vector(op, 2, &[0]);
        } else if let Some(op) = v128_unary(op).or_else(|| v128_splat(op)) {
            self.vector(op, 1, &[0]);
        } else if let Some(load) = v128_load(op) {
            self.v128_load(&load);
        } else if let Some(op) = self.fused(op).or_else(|| v128_ternary(op)) {
            self.vector(op, 3, &[0]);
        } else if let Some(op) = v128_test(op) {
            self.operands_to_result(Ty::I32, Acc::Int, op, 1, &[0]);
        } else if let Some((op, ty, lane)) = v128_extract(op) {
            self.operands_to_result(ty, Acc::of(ty), op, 1, &[abcd(0, 0, lane, 0)]);
        } else if let Some((op, _, lane)) = v128_replace(op) {
            self.vector(op, 2, &[abcd(0, 0, 0, lane)]);
        } else if let Some(load) = v128_load_lane(op) {
            let (op, words) = self.lane_access(&load);
            self.vector(op, 2, words.as_slice());
        } else if let Some(store) = v128_store_lane(op) {
            let (op, words) = self.lane_access(&store);
            self.operands(op, 2, words.as_slice());
        } else {
            match *op {
                Operator::V128Store { memarg } => self.v128_store(&memarg),
                Operator::V128Const { value } => {
                    let [low, high] = halves(value.bytes());
                    self.emit_result(Ty::V128, Acc::Keep, Op::const128, &[0, low, high]);
                }
                Operator::I8x16Shuffle { lanes } => {
                    let [low, high] = halves(&lanes);
                    self.vector(Op::i8x16_shuffle, 2, &[0, low, high]);
                }
                _ => return false,
            }
        }
        true
    }

    /// An instruction with a vector as its result.
    fn vector(&mut self, op: Op, operands: usize, words: &[u64]) {
        self.operands_to_result(Ty::V128, Acc::Keep, op, operands, words);
    }

    fn v128_load(&mut self, load: &Access) {
        match self.fast_offset(&load.memarg) {
            Some(offset) => self.vector(load.fast, 1, &[abi(0, 0, offset)]),
            None => self.vector(load.any, 1, &[abcd(0, 0, memory_of(&load.memarg), 0), load.memarg.offset]),
        }
    }

    fn v128_store(&mut self, memarg: &MemArg) {
        match self.fast_offset(memarg) {
            Some(offset) => self.operands(Op::v128_store, 2, &[abi(0, 0, offset)]),
            None => self.operands(Op::v128_store_g, 2, &[abcd(0, 0, memory_of(memarg), 0), memarg.offset]),
        }
    }

    /// The form of an access to a lane, and its words.
    fn lane_access(&self, access: &Access) -> (Op, Words) {
        let (lane, offset) = (abcd(0, 0, 0, access.lane), access.memarg.offset);
        match self.fast_offset(&access.memarg) {
            Some(_) => (access.fast, Words([lane, offset, 0], 2)),
            None => (access.any, Words([lane, offset, memory_of(&access.memarg) as u64], 3)),
        }
    }
}

/// Up to three words.
struct Words([u64; 3], usize);

impl Words {
    fn as_slice(&self) -> &[u64] {
        &self.0[..self.1]
    }
}

/// Sixteen bytes as two words.
fn halves(bytes: &[u8; 16]) -> [u64; 2] {
    crate::util::V128(*bytes).to_slots()
}
