//! The vector operators. Accesses to memory that do more than move are taken apart: see `ssa::vector`.
#![forbid(unsafe_code)]

use super::{Builder, Result};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;
use crate::module::ops::{MemArg, Operator};

impl Builder<'_> {
    pub(super) fn vector_constant(&mut self, bits: u128) -> Value {
        let n = self.f.vector(bits);
        self.value(Op::V(VOp::Const), Type::V128, &[], n)
    }

    /// An operation on the last `n` operands.
    fn vector_op(&mut self, op: VOp, ty: Type, n: usize, imm: u64) {
        let args = self.stack.split_off(self.stack.len() - n);
        let v = self.value(Op::V(op), ty, &args, imm);
        self.stack.push(v);
    }

    fn splat(&mut self, op: VSplat) {
        let a = self.pop();
        let v = match self.f.as_const(a) {
            Some(bits) => self.vector_constant(splat_of(op, bits)),
            None => self.value(Op::V(VOp::Splat(op)), Type::V128, &[a], 0),
        };
        self.stack.push(v);
    }

    /// Compiles an operator if it is one of the vector proposal's.
    pub(super) fn vector(&mut self, op: &Operator<'_>) -> Result<bool> {
        if let Some(op) = VBinary::of(op) {
            self.vector_op(VOp::Binary(op), Type::V128, 2, 0);
        } else if let Some(op) = VUnary::of(op) {
            self.vector_op(VOp::Unary(op), Type::V128, 1, 0);
        } else if let Some(op) = VShift::of(op) {
            self.vector_op(VOp::Shift(op), Type::V128, 2, 0);
        } else if let Some(op) = VTernary::of(op) {
            self.vector_op(VOp::Ternary(op), Type::V128, 3, 0);
        } else if let Some(op) = VTest::of(op) {
            self.vector_op(VOp::Test(op), Type::I32, 1, 0);
        } else if let Some(op) = VSplat::of(op) {
            self.splat(op);
        } else if let Some((extract, lane)) = extract(op) {
            self.vector_op(VOp::Extract(extract), scalar_of(extract), 1, lane as u64);
        } else if let Some((replace, lane)) = replace(op) {
            self.vector_op(VOp::Replace(replace), Type::V128, 2, lane as u64);
        } else {
            return self.vector_other(op);
        }
        Ok(true)
    }

    fn vector_other(&mut self, op: &Operator<'_>) -> Result<bool> {
        use Operator::*;
        match op {
            V128Const { value } => {
                let v = self.vector_constant(u128::from_le_bytes(*value.bytes()));
                self.stack.push(v);
            }
            I8x16Swizzle | I8x16RelaxedSwizzle => self.vector_op(VOp::Swizzle, Type::V128, 2, 0),
            I8x16Shuffle { lanes } => {
                let n = self.f.vector(u128::from_le_bytes(*lanes));
                self.vector_op(VOp::Shuffle, Type::V128, 2, n);
            }
            V128Load { memarg } => self.load(Width::V128, Type::V128, memarg)?,
            V128Store { memarg } => self.store(Width::V128, Type::V128, memarg)?,
            V128Load32Zero { memarg } => self.load(Width::V32Zero, Type::V128, memarg)?,
            V128Load64Zero { memarg } => self.load(Width::V64Zero, Type::V128, memarg)?,
            V128Load8x8S { memarg } => self.load_extended(VUnary::I16x8ExtendLowI8x16S, memarg)?,
            V128Load8x8U { memarg } => self.load_extended(VUnary::I16x8ExtendLowI8x16U, memarg)?,
            V128Load16x4S { memarg } => self.load_extended(VUnary::I32x4ExtendLowI16x8S, memarg)?,
            V128Load16x4U { memarg } => self.load_extended(VUnary::I32x4ExtendLowI16x8U, memarg)?,
            V128Load32x2S { memarg } => self.load_extended(VUnary::I64x2ExtendLowI32x4S, memarg)?,
            V128Load32x2U { memarg } => self.load_extended(VUnary::I64x2ExtendLowI32x4U, memarg)?,
            V128Load8Splat { memarg } => self.load_splat(Width::U8, Type::I32, VSplat::I8x16Splat, memarg)?,
            V128Load16Splat { memarg } => self.load_splat(Width::U16, Type::I32, VSplat::I16x8Splat, memarg)?,
            V128Load32Splat { memarg } => self.load_splat(Width::F32, Type::F32, VSplat::F32x4Splat, memarg)?,
            V128Load64Splat { memarg } => self.load_splat(Width::F64, Type::F64, VSplat::F64x2Splat, memarg)?,
            V128Load8Lane { memarg, lane } => {
                self.load_lane((Width::U8, Type::I32), VReplace::I8x16ReplaceLane, memarg, *lane)?;
            }
            V128Load16Lane { memarg, lane } => {
                self.load_lane((Width::U16, Type::I32), VReplace::I16x8ReplaceLane, memarg, *lane)?;
            }
            V128Load32Lane { memarg, lane } => {
                self.load_lane((Width::U32, Type::I32), VReplace::I32x4ReplaceLane, memarg, *lane)?;
            }
            V128Load64Lane { memarg, lane } => {
                self.load_lane((Width::W64, Type::I64), VReplace::I64x2ReplaceLane, memarg, *lane)?;
            }
            V128Store8Lane { memarg, lane } => {
                self.store_lane((Width::U8, Type::I32), VExtract::I8x16ExtractLaneU, memarg, *lane)?;
            }
            V128Store16Lane { memarg, lane } => {
                self.store_lane((Width::U16, Type::I32), VExtract::I16x8ExtractLaneU, memarg, *lane)?;
            }
            V128Store32Lane { memarg, lane } => {
                self.store_lane((Width::F32, Type::F32), VExtract::F32x4ExtractLane, memarg, *lane)?;
            }
            V128Store64Lane { memarg, lane } => {
                self.store_lane((Width::F64, Type::F64), VExtract::F64x2ExtractLane, memarg, *lane)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn load_extended(&mut self, op: VUnary, arg: &MemArg) -> Result<()> {
        self.load(Width::V64Zero, Type::V128, arg)?;
        self.vector_op(VOp::Unary(op), Type::V128, 1, 0);
        Ok(())
    }

    fn load_splat(&mut self, width: Width, ty: Type, op: VSplat, arg: &MemArg) -> Result<()> {
        self.load(width, ty, arg)?;
        self.splat(op);
        Ok(())
    }

    fn load_lane(&mut self, what: (Width, Type), op: VReplace, arg: &MemArg, lane: u8) -> Result<()> {
        let vector = self.pop();
        self.load(what.0, what.1, arg)?;
        let scalar = self.pop();
        let v = self.value(Op::V(VOp::Replace(op)), Type::V128, &[vector, scalar], lane as u64);
        self.stack.push(v);
        Ok(())
    }

    fn store_lane(&mut self, what: (Width, Type), op: VExtract, arg: &MemArg, lane: u8) -> Result<()> {
        self.vector_op(VOp::Extract(op), what.1, 1, lane as u64);
        self.store(what.0, what.1, arg)
    }
}

fn extract(op: &Operator<'_>) -> Option<(VExtract, u8)> {
    use Operator::*;
    match op {
        I8x16ExtractLaneS { lane }
        | I8x16ExtractLaneU { lane }
        | I16x8ExtractLaneS { lane }
        | I16x8ExtractLaneU { lane }
        | I32x4ExtractLane { lane }
        | I64x2ExtractLane { lane }
        | F32x4ExtractLane { lane }
        | F64x2ExtractLane { lane } => VExtract::of(op).map(|e| (e, *lane)),
        _ => None,
    }
}

fn replace(op: &Operator<'_>) -> Option<(VReplace, u8)> {
    use Operator::*;
    match op {
        I8x16ReplaceLane { lane }
        | I16x8ReplaceLane { lane }
        | I32x4ReplaceLane { lane }
        | I64x2ReplaceLane { lane }
        | F32x4ReplaceLane { lane }
        | F64x2ReplaceLane { lane } => VReplace::of(op).map(|r| (r, *lane)),
        _ => None,
    }
}

fn scalar_of(op: VExtract) -> Type {
    match op {
        VExtract::I8x16ExtractLaneS
        | VExtract::I8x16ExtractLaneU
        | VExtract::I16x8ExtractLaneS
        | VExtract::I16x8ExtractLaneU
        | VExtract::I32x4ExtractLane => Type::I32,
        VExtract::I64x2ExtractLane => Type::I64,
        VExtract::F32x4ExtractLane => Type::F32,
        VExtract::F64x2ExtractLane => Type::F64,
    }
}

fn splat_of(op: VSplat, bits: u64) -> u128 {
    use crate::sem::simd_lane::*;
    match op {
        VSplat::I8x16Splat => i8x16_splat(bits as u32),
        VSplat::I16x8Splat => i16x8_splat(bits as u32),
        VSplat::I32x4Splat | VSplat::F32x4Splat => i32x4_splat(bits as u32),
        VSplat::I64x2Splat | VSplat::F64x2Splat => i64x2_splat(bits),
    }
    .to_u128()
}
