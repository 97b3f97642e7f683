//! Constant expressions: initial values of globals and tables, offsets and items of segments.
//!
//! Spec: "Validation / Instructions / Constant Expressions". Validated, so an evaluator with a stack of values needs no
//! checks. Nearly all of them are a single instruction, which takes no allocation.

use super::types::HeapType;
use crate::util::V128;

/// One instruction of a constant expression. Type indices are those of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstOp {
    I32(i32),
    I64(i64),
    /// Bits.
    F32(u32),
    /// Bits.
    F64(u64),
    V128(V128),
    RefNull(HeapType),
    RefFunc(u32),
    GlobalGet(u32),
    I32Add,
    I32Sub,
    I32Mul,
    I64Add,
    I64Sub,
    I64Mul,
    RefI31,
    StructNew(u32),
    StructNewDefault(u32),
    ArrayNew(u32),
    ArrayNewDefault(u32),
    /// Type index and number of elements.
    ArrayNewFixed(u32, u32),
    AnyConvertExtern,
    ExternConvertAny,
}

/// A constant expression: instructions in stack order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstExpr(Repr);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Repr {
    One(ConstOp),
    Many(Box<[ConstOp]>),
}

impl ConstExpr {
    /// An expression of a single instruction.
    pub const fn one(op: ConstOp) -> ConstExpr {
        ConstExpr(Repr::One(op))
    }

    pub(super) fn new(ops: Vec<ConstOp>) -> ConstExpr {
        ConstExpr(Repr::Many(ops.into()))
    }

    #[inline]
    pub fn ops(&self) -> &[ConstOp] {
        match &self.0 {
            Repr::One(op) => std::slice::from_ref(op),
            Repr::Many(ops) => ops,
        }
    }

    /// The instruction of an expression that has only one.
    #[inline]
    pub fn single(&self) -> Option<ConstOp> {
        match self.0 {
            Repr::One(op) => Some(op),
            Repr::Many(_) => None,
        }
    }

    #[inline]
    pub fn as_i32(&self) -> Option<i32> {
        match self.0 {
            Repr::One(ConstOp::I32(v)) => Some(v),
            _ => None,
        }
    }

    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        match self.0 {
            Repr::One(ConstOp::I64(v)) => Some(v),
            _ => None,
        }
    }

    /// A constant offset into a memory or table of either address type.
    #[inline]
    pub fn as_offset(&self) -> Option<u64> {
        match self.0 {
            Repr::One(ConstOp::I32(v)) => Some(v as u32 as u64),
            Repr::One(ConstOp::I64(v)) => Some(v as u64),
            _ => None,
        }
    }

    /// The slots of a constant that is neither a function nor read from a global: numbers, vectors and null.
    #[inline]
    pub fn as_slots(&self) -> Option<[u64; 2]> {
        match self.0 {
            Repr::One(op) => match op {
                ConstOp::I32(v) => Some([v as u32 as u64, 0]),
                ConstOp::I64(v) => Some([v as u64, 0]),
                ConstOp::F32(bits) => Some([bits as u64, 0]),
                ConstOp::F64(bits) => Some([bits, 0]),
                ConstOp::V128(v) => Some(v.to_slots()),
                ConstOp::RefNull(_) => Some([0, 0]),
                _ => None,
            },
            Repr::Many(_) => None,
        }
    }

    #[inline]
    pub fn as_func(&self) -> Option<u32> {
        match self.0 {
            Repr::One(ConstOp::RefFunc(index)) => Some(index),
            _ => None,
        }
    }
}
