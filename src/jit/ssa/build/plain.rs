//! The operators that compute, access memory, globals and tables: each becomes one instruction, or a few.
#![forbid(unsafe_code)]

use super::{Builder, Result, Uncovered};
use crate::jit::ssa::ir::*;
use crate::module::ops::{MemArg, Operator};

impl Builder<'_> {
    fn unary(&mut self, op: Op, ty: Type) {
        let a = self.pop();
        let v = self.value(op, ty, &[a], 0);
        self.stack.push(v);
    }

    fn binary(&mut self, op: Op, ty: Type) {
        let (b, a) = (self.pop(), self.pop());
        let v = self.value(op, ty, &[a, b], 0);
        self.stack.push(v);
    }

    fn eqz(&mut self, ty: Type) {
        let zero = self.constant(ty, 0);
        self.stack.push(zero);
        self.binary(Op::Cmp(Cond::Eq), Type::I32);
    }

    fn select(&mut self) -> Result<()> {
        let (cond, b, a) = (self.pop(), self.pop(), self.pop());
        let v = self.value(Op::Select, self.f.ty(a), &[a, b, cond], 0);
        self.stack.push(v);
        Ok(())
    }

    pub(super) fn load(&mut self, width: Width, ty: Type, arg: &MemArg) -> Result<()> {
        let addr = self.pop();
        let (base, checked) = self.address(addr, arg, width.bytes())?;
        let v = self.value(Op::Load(width), ty, &[base, checked], arg.offset);
        self.stack.push(v);
        Ok(())
    }

    pub(super) fn store(&mut self, width: Width, ty: Type, arg: &MemArg) -> Result<()> {
        let (value, addr) = (self.pop(), self.pop());
        let (base, checked) = self.address(addr, arg, width.bytes())?;
        self.inst(Op::Store(width), ty, &[base, checked, value], arg.offset, &[]);
        Ok(())
    }

    /// An operation of 128 bits: two results.
    fn wide(&mut self, op: Op, operands: usize) {
        let args = self.operands(operands);
        let inst = self.inst(op, Type::I64, &args, 0, &[Type::I64, Type::I64]);
        let first = self.f.inst(inst).first;
        self.stack.extend([first, Value(first.0 + 1)]);
    }

    fn global(&self, index: u32) -> Result<Type> {
        Ok(Type::of(self.module.globals[index as usize].ty.content))
    }

    /// Operands for a helper: the last `n`.
    #[inline(never)]
    pub(super) fn operands(&mut self, n: usize) -> Vec<Value> {
        self.stack.split_off(self.stack.len() - n)
    }

    /// An operator that neither branches nor calls.
    pub(super) fn plain(&mut self, op: Operator<'_>) -> Result<()> {
        match op {
            Operator::I32Const { value } => {
                let v = self.constant(Type::I32, value as u32 as u64);
                self.stack.push(v);
            }
            Operator::I64Const { value } => {
                let v = self.constant(Type::I64, value as u64);
                self.stack.push(v);
            }
            Operator::F32Const { value } => {
                let v = self.constant(Type::F32, value.bits() as u64);
                self.stack.push(v);
            }
            Operator::F64Const { value } => {
                let v = self.constant(Type::F64, value.bits());
                self.stack.push(v);
            }
            Operator::Select | Operator::TypedSelect { .. } => return self.select(),
            Operator::GlobalGet { global_index } => {
                let ty = self.global(global_index)?;
                let v = self.value(Op::GlobalGet, ty, &[], global_index as u64);
                self.stack.push(v);
            }
            Operator::GlobalSet { global_index } => {
                let ty = self.global(global_index)?;
                let v = self.pop();
                self.inst(Op::GlobalSet, ty, &[v], global_index as u64, &[]);
            }
            Operator::RefNull { .. } => {
                let v = self.constant(Type::Ref, 0);
                self.stack.push(v);
            }
            Operator::RefIsNull => {
                let a = self.pop();
                let zero = self.constant(Type::Ref, 0);
                let v = self.value(Op::Cmp(Cond::Eq), Type::I32, &[a, zero], 0);
                self.stack.push(v);
            }
            Operator::I64Add128 => self.wide(Op::Add128, 4),
            Operator::I64Sub128 => self.wide(Op::Sub128, 4),
            Operator::I64MulWideS => self.wide(Op::MulWideS, 2),
            Operator::I64MulWideU => self.wide(Op::MulWideU, 2),
            Operator::I32Add => self.binary(Op::Add, Type::I32),
            Operator::I32Sub => self.binary(Op::Sub, Type::I32),
            Operator::I32Mul => self.binary(Op::Mul, Type::I32),
            Operator::I32And => self.binary(Op::And, Type::I32),
            Operator::I32Or => self.binary(Op::Or, Type::I32),
            Operator::I32Xor => self.binary(Op::Xor, Type::I32),
            Operator::I32Shl => self.binary(Op::Shl, Type::I32),
            Operator::I32ShrS => self.binary(Op::ShrS, Type::I32),
            Operator::I32ShrU => self.binary(Op::ShrU, Type::I32),
            Operator::I32Rotl => self.binary(Op::Rotl, Type::I32),
            Operator::I32Rotr => self.binary(Op::Rotr, Type::I32),
            Operator::I32DivS => self.binary(Op::DivS, Type::I32),
            Operator::I32DivU => self.binary(Op::DivU, Type::I32),
            Operator::I32RemS => self.binary(Op::RemS, Type::I32),
            Operator::I32RemU => self.binary(Op::RemU, Type::I32),
            Operator::I32Clz => self.unary(Op::Clz, Type::I32),
            Operator::I32Ctz => self.unary(Op::Ctz, Type::I32),
            Operator::I32Popcnt => self.unary(Op::Popcnt, Type::I32),
            Operator::I32Extend8S => self.unary(Op::Extend8, Type::I32),
            Operator::I32Extend16S => self.unary(Op::Extend16, Type::I32),
            Operator::I32Eqz => self.eqz(Type::I32),
            Operator::I32Eq => self.binary(Op::Cmp(Cond::Eq), Type::I32),
            Operator::I32Ne => self.binary(Op::Cmp(Cond::Ne), Type::I32),
            Operator::I32LtS => self.binary(Op::Cmp(Cond::LtS), Type::I32),
            Operator::I32LtU => self.binary(Op::Cmp(Cond::LtU), Type::I32),
            Operator::I32GtS => self.binary(Op::Cmp(Cond::GtS), Type::I32),
            Operator::I32GtU => self.binary(Op::Cmp(Cond::GtU), Type::I32),
            Operator::I32LeS => self.binary(Op::Cmp(Cond::LeS), Type::I32),
            Operator::I32LeU => self.binary(Op::Cmp(Cond::LeU), Type::I32),
            Operator::I32GeS => self.binary(Op::Cmp(Cond::GeS), Type::I32),
            Operator::I32GeU => self.binary(Op::Cmp(Cond::GeU), Type::I32),
            Operator::I64Add => self.binary(Op::Add, Type::I64),
            Operator::I64Sub => self.binary(Op::Sub, Type::I64),
            Operator::I64Mul => self.binary(Op::Mul, Type::I64),
            Operator::I64And => self.binary(Op::And, Type::I64),
            Operator::I64Or => self.binary(Op::Or, Type::I64),
            Operator::I64Xor => self.binary(Op::Xor, Type::I64),
            Operator::I64Shl => self.binary(Op::Shl, Type::I64),
            Operator::I64ShrS => self.binary(Op::ShrS, Type::I64),
            Operator::I64ShrU => self.binary(Op::ShrU, Type::I64),
            Operator::I64Rotl => self.binary(Op::Rotl, Type::I64),
            Operator::I64Rotr => self.binary(Op::Rotr, Type::I64),
            Operator::I64DivS => self.binary(Op::DivS, Type::I64),
            Operator::I64DivU => self.binary(Op::DivU, Type::I64),
            Operator::I64RemS => self.binary(Op::RemS, Type::I64),
            Operator::I64RemU => self.binary(Op::RemU, Type::I64),
            Operator::I64Clz => self.unary(Op::Clz, Type::I64),
            Operator::I64Ctz => self.unary(Op::Ctz, Type::I64),
            Operator::I64Popcnt => self.unary(Op::Popcnt, Type::I64),
            Operator::I64Extend8S => self.unary(Op::Extend8, Type::I64),
            Operator::I64Extend16S => self.unary(Op::Extend16, Type::I64),
            Operator::I64Eqz => self.eqz(Type::I64),
            Operator::I64Eq => self.binary(Op::Cmp(Cond::Eq), Type::I32),
            Operator::I64Ne => self.binary(Op::Cmp(Cond::Ne), Type::I32),
            Operator::I64LtS => self.binary(Op::Cmp(Cond::LtS), Type::I32),
            Operator::I64LtU => self.binary(Op::Cmp(Cond::LtU), Type::I32),
            Operator::I64GtS => self.binary(Op::Cmp(Cond::GtS), Type::I32),
            Operator::I64GtU => self.binary(Op::Cmp(Cond::GtU), Type::I32),
            Operator::I64LeS => self.binary(Op::Cmp(Cond::LeS), Type::I32),
            Operator::I64LeU => self.binary(Op::Cmp(Cond::LeU), Type::I32),
            Operator::I64GeS => self.binary(Op::Cmp(Cond::GeS), Type::I32),
            Operator::I64GeU => self.binary(Op::Cmp(Cond::GeU), Type::I32),
            Operator::I64Extend32S => self.unary(Op::Extend32, Type::I64),
            Operator::I64ExtendI32S => self.unary(Op::Sext, Type::I64),
            Operator::I64ExtendI32U => self.unary(Op::Zext, Type::I64),
            Operator::I32WrapI64 => self.unary(Op::Wrap, Type::I32),
            Operator::F32Add => self.binary(Op::FAdd, Type::F32),
            Operator::F32Sub => self.binary(Op::FSub, Type::F32),
            Operator::F32Mul => self.binary(Op::FMul, Type::F32),
            Operator::F32Div => self.binary(Op::FDiv, Type::F32),
            Operator::F32Min => self.binary(Op::FMin, Type::F32),
            Operator::F32Max => self.binary(Op::FMax, Type::F32),
            Operator::F32Copysign => self.binary(Op::FCopysign, Type::F32),
            Operator::F32Abs => self.unary(Op::FAbs, Type::F32),
            Operator::F32Neg => self.unary(Op::FNeg, Type::F32),
            Operator::F32Ceil => self.unary(Op::FCeil, Type::F32),
            Operator::F32Floor => self.unary(Op::FFloor, Type::F32),
            Operator::F32Trunc => self.unary(Op::FTrunc, Type::F32),
            Operator::F32Nearest => self.unary(Op::FNearest, Type::F32),
            Operator::F32Sqrt => self.unary(Op::FSqrt, Type::F32),
            Operator::F32Eq => self.binary(Op::FCmp(FCond::Eq), Type::I32),
            Operator::F32Ne => self.binary(Op::FCmp(FCond::Ne), Type::I32),
            Operator::F32Lt => self.binary(Op::FCmp(FCond::Lt), Type::I32),
            Operator::F32Gt => self.binary(Op::FCmp(FCond::Gt), Type::I32),
            Operator::F32Le => self.binary(Op::FCmp(FCond::Le), Type::I32),
            Operator::F32Ge => self.binary(Op::FCmp(FCond::Ge), Type::I32),
            Operator::F32ConvertI32S => self.unary(Op::ConvertS, Type::F32),
            Operator::I32TruncF32S => self.unary(Op::TruncS, Type::I32),
            Operator::I32TruncSatF32S => self.unary(Op::TruncSatS, Type::I32),
            Operator::F32ConvertI32U => self.unary(Op::ConvertU, Type::F32),
            Operator::I32TruncF32U => self.unary(Op::TruncU, Type::I32),
            Operator::I32TruncSatF32U => self.unary(Op::TruncSatU, Type::I32),
            Operator::F32ConvertI64S => self.unary(Op::ConvertS, Type::F32),
            Operator::I64TruncF32S => self.unary(Op::TruncS, Type::I64),
            Operator::I64TruncSatF32S => self.unary(Op::TruncSatS, Type::I64),
            Operator::F32ConvertI64U => self.unary(Op::ConvertU, Type::F32),
            Operator::I64TruncF32U => self.unary(Op::TruncU, Type::I64),
            Operator::I64TruncSatF32U => self.unary(Op::TruncSatU, Type::I64),
            Operator::F64Add => self.binary(Op::FAdd, Type::F64),
            Operator::F64Sub => self.binary(Op::FSub, Type::F64),
            Operator::F64Mul => self.binary(Op::FMul, Type::F64),
            Operator::F64Div => self.binary(Op::FDiv, Type::F64),
            Operator::F64Min => self.binary(Op::FMin, Type::F64),
            Operator::F64Max => self.binary(Op::FMax, Type::F64),
            Operator::F64Copysign => self.binary(Op::FCopysign, Type::F64),
            Operator::F64Abs => self.unary(Op::FAbs, Type::F64),
            Operator::F64Neg => self.unary(Op::FNeg, Type::F64),
            Operator::F64Ceil => self.unary(Op::FCeil, Type::F64),
            Operator::F64Floor => self.unary(Op::FFloor, Type::F64),
            Operator::F64Trunc => self.unary(Op::FTrunc, Type::F64),
            Operator::F64Nearest => self.unary(Op::FNearest, Type::F64),
            Operator::F64Sqrt => self.unary(Op::FSqrt, Type::F64),
            Operator::F64Eq => self.binary(Op::FCmp(FCond::Eq), Type::I32),
            Operator::F64Ne => self.binary(Op::FCmp(FCond::Ne), Type::I32),
            Operator::F64Lt => self.binary(Op::FCmp(FCond::Lt), Type::I32),
            Operator::F64Gt => self.binary(Op::FCmp(FCond::Gt), Type::I32),
            Operator::F64Le => self.binary(Op::FCmp(FCond::Le), Type::I32),
            Operator::F64Ge => self.binary(Op::FCmp(FCond::Ge), Type::I32),
            Operator::F64ConvertI32S => self.unary(Op::ConvertS, Type::F64),
            Operator::I32TruncF64S => self.unary(Op::TruncS, Type::I32),
            Operator::I32TruncSatF64S => self.unary(Op::TruncSatS, Type::I32),
            Operator::F64ConvertI32U => self.unary(Op::ConvertU, Type::F64),
            Operator::I32TruncF64U => self.unary(Op::TruncU, Type::I32),
            Operator::I32TruncSatF64U => self.unary(Op::TruncSatU, Type::I32),
            Operator::F64ConvertI64S => self.unary(Op::ConvertS, Type::F64),
            Operator::I64TruncF64S => self.unary(Op::TruncS, Type::I64),
            Operator::I64TruncSatF64S => self.unary(Op::TruncSatS, Type::I64),
            Operator::F64ConvertI64U => self.unary(Op::ConvertU, Type::F64),
            Operator::I64TruncF64U => self.unary(Op::TruncU, Type::I64),
            Operator::I64TruncSatF64U => self.unary(Op::TruncSatU, Type::I64),
            Operator::F32DemoteF64 => self.unary(Op::Demote, Type::F32),
            Operator::F64PromoteF32 => self.unary(Op::Promote, Type::F64),
            Operator::I32ReinterpretF32 => self.unary(Op::Bitcast, Type::I32),
            Operator::I64ReinterpretF64 => self.unary(Op::Bitcast, Type::I64),
            Operator::F32ReinterpretI32 => self.unary(Op::Bitcast, Type::F32),
            Operator::F64ReinterpretI64 => self.unary(Op::Bitcast, Type::F64),
            Operator::I32Load8S { memarg } => return self.load(Width::S8, Type::I32, &memarg),
            Operator::I32Load8U { memarg } => return self.load(Width::U8, Type::I32, &memarg),
            Operator::I32Load16S { memarg } => return self.load(Width::S16, Type::I32, &memarg),
            Operator::I32Load16U { memarg } => return self.load(Width::U16, Type::I32, &memarg),
            Operator::I32Load { memarg } => return self.load(Width::U32, Type::I32, &memarg),
            Operator::I64Load8S { memarg } => return self.load(Width::S8, Type::I64, &memarg),
            Operator::I64Load8U { memarg } => return self.load(Width::U8, Type::I64, &memarg),
            Operator::I64Load16S { memarg } => return self.load(Width::S16, Type::I64, &memarg),
            Operator::I64Load16U { memarg } => return self.load(Width::U16, Type::I64, &memarg),
            Operator::I64Load32S { memarg } => return self.load(Width::S32, Type::I64, &memarg),
            Operator::I64Load32U { memarg } => return self.load(Width::U32, Type::I64, &memarg),
            Operator::I64Load { memarg } => return self.load(Width::W64, Type::I64, &memarg),
            Operator::F32Load { memarg } => return self.load(Width::F32, Type::F32, &memarg),
            Operator::F64Load { memarg } => return self.load(Width::F64, Type::F64, &memarg),
            Operator::I32Store8 { memarg } => return self.store(Width::U8, Type::I32, &memarg),
            Operator::I32Store16 { memarg } => return self.store(Width::U16, Type::I32, &memarg),
            Operator::I32Store { memarg } => return self.store(Width::U32, Type::I32, &memarg),
            Operator::I64Store8 { memarg } => return self.store(Width::U8, Type::I64, &memarg),
            Operator::I64Store16 { memarg } => return self.store(Width::U16, Type::I64, &memarg),
            Operator::I64Store32 { memarg } => return self.store(Width::U32, Type::I64, &memarg),
            Operator::I64Store { memarg } => return self.store(Width::W64, Type::I64, &memarg),
            Operator::F32Store { memarg } => return self.store(Width::F32, Type::F32, &memarg),
            Operator::F64Store { memarg } => return self.store(Width::F64, Type::F64, &memarg),
            other if self.vector(&other)? => {}
            other => {
                if self.table_operator(&other) || self.memory_operator(&other)? || self.gc_operator(&other) {
                    return Ok(());
                }
                // Its text would bring the text of all operators into the library.
                #[cfg(debug_assertions)]
                return Err(Uncovered(format!("{other:?}")));
                #[cfg(not(debug_assertions))]
                return Err(Uncovered("an operator".into()));
            }
        }
        Ok(())
    }
}
