//! Selection for integer arithmetic.
#![forbid(unsafe_code)]

use super::enc::{self, Alu, Ext, Shift};
use super::lower::{Lower, int_reg};
use super::mach::*;
use crate::jit::alloc::{Class, Operand};
use crate::jit::ssa::ir::*;

/// Opcodes of instructions that count bits.
pub(super) const LZCNT: u8 = 0xbd;
pub(super) const TZCNT: u8 = 0xbc;
pub(super) const POPCNT: u8 = 0xb8;

impl Lower<'_> {
    pub(super) fn alu(&mut self, op: Alu, d: Value, a: Value, b: Value) {
        let wide = self.f.ty(d).is_wide();
        let first = if wide { self.reg(a) } else { self.low(a) };
        let (src, more) = self.src(b);
        let mut operands = Operands::from([Operand::reg_reuse_def(self.def(d), 1), Operand::reg_use(first)]);
        operands.extend(&more);
        self.emit(MOp::Alu(op, wide, src), &operands);
    }

    /// With the operand second that can be part of the instruction, or else the one that lives on.
    pub(super) fn commutative(&mut self, op: Alu, d: Value, a: Value, b: Value) {
        let load = |l: &Self, v: Value| l.foldable(v, |op| matches!(op, Op::Load(Width::U32 | Width::W64))).is_some();
        let second = self.f.as_const(b).is_some() || load(self, b);
        let swap = !second && (self.const_i32(a).is_some() || load(self, a) || self.lives_on(a) > self.lives_on(b));
        let (a, b) = if swap { (b, a) } else { (a, b) };
        self.alu(op, d, a, b);
    }

    pub(super) fn lea_disp(&mut self, d: Value, a: Value, disp: i32, wide: bool) {
        let a = if wide { self.reg(a) } else { self.low(a) };
        let addr = Addr { base: Base::Reg, index: false, scale: 0, disp };
        let d = self.def(d);
        self.emit(MOp::Lea(wide, addr), &[Operand::reg_def(d), Operand::reg_use(a)]);
    }

    pub(super) fn add(&mut self, d: Value, a: Value, b: Value, wide: bool) {
        let (a, b) = if self.const_i32(a).is_some() { (b, a) } else { (a, b) };
        if let Some(disp) = self.const_i32(b) {
            // base + index << scale + disp, if the other operand is such a sum.
            if let Some(i) = self.foldable(a, |op| op == Op::Add) {
                let (x, y) = (self.f.args(i)[0], self.f.args(i)[1]);
                if self.f.as_const(x).is_none() && self.f.as_const(y).is_none() {
                    return self.lea_sum(d, x, y, disp, wide);
                }
            }
            if let Some((index, scale)) = self.scaled(a) {
                let index = if wide { self.reg(index) } else { self.low(index) };
                let addr = Addr { base: Base::None, index: true, scale, disp };
                let d = self.def(d);
                return self.emit(MOp::Lea(wide, addr), &[Operand::reg_def(d), Operand::reg_use(index)]);
            }
            return self.lea_disp(d, a, disp, wide);
        }
        if self.with_carry(Alu::Add, d, a, b, wide) || self.with_carry(Alu::Add, d, b, a, wide) {
            return;
        }
        let scaled = |l: &Self, v: Value| l.scaled(v).is_some();
        if scaled(self, a) || scaled(self, b) || (self.uses[a.index()] > 1 && self.uses[b.index()] > 1) {
            return self.lea_sum(d, a, b, 0, wide);
        }
        self.commutative(Alu::Add, d, a, b);
    }

    /// A sum or difference of which the second operand is a comparison that the carry flag tells: of unsigned numbers, or with zero.
    pub(super) fn with_carry(&mut self, op: Alu, d: Value, a: Value, b: Value, wide: bool) -> bool {
        let inner = self.foldable(b, |op| op == Op::Zext).map_or(b, |i| self.f.args(i)[0]);
        let Some(i) = self.foldable(inner, |op| matches!(op, Op::Cmp(_))) else { return false };
        let (x, y) = (self.f.args(i)[0], self.f.args(i)[1]);
        let Op::Cmp(cond) = self.f.inst(i).op else { return false };
        // Whether the first is less, or whether it is not.
        let (first, second, less) = match cond {
            Cond::LtU => (x, Some(y), true),
            Cond::GtU => (y, Some(x), true),
            Cond::GeU => (x, Some(y), false),
            Cond::LeU => (y, Some(x), false),
            // Nothing but zero is less than one.
            Cond::Eq | Cond::Ne if self.f.as_const(y) == Some(0) => (x, None, cond == Cond::Eq),
            _ => return false,
        };
        if self.f.as_const(first).is_some() {
            return false;
        }
        let of = self.f.ty(first).is_wide();
        let in_reg = |l: &mut Self, v: Value, wide: bool| if wide { l.reg(v) } else { l.low(v) };
        let (a, first) = (in_reg(self, a, wide), in_reg(self, first, of));
        let (src, more) = second.map_or((Src::Imm(1), Operands::none()), |v| self.src(v));
        let mut operands =
            Operands::from([Operand::reg_reuse_def(self.def(d), 1), Operand::reg_use(a), Operand::reg_use(first)]);
        operands.extend(&more);
        // What does not carry is added as one less a carry.
        let (op, imm) = match (op, less) {
            (Alu::Add, true) => (Alu::Adc, 0),
            (Alu::Add, false) => (Alu::Sbb, -1),
            (_, true) => (Alu::Sbb, 0),
            (_, false) => (Alu::Adc, -1),
        };
        self.emit(MOp::WithCarry(op, wide, imm, Cmp::Int { wide: of, src }), &operands);
        true
    }

    /// A shift left by up to three that can become a scale: what is shifted, and by how much.
    fn scaled(&self, v: Value) -> Option<(Value, u8)> {
        let i = self.foldable(v, |op| op == Op::Shl)?;
        let by = self.f.as_const(self.f.args(i)[1])? as u32;
        (by <= 3).then_some((self.f.args(i)[0], by as u8))
    }

    fn lea_sum(&mut self, d: Value, a: Value, b: Value, disp: i32, wide: bool) {
        let (base, (index, scale)) = match (self.scaled(a), self.scaled(b)) {
            (_, Some(scaled)) => (a, scaled),
            (Some(scaled), None) => (b, scaled),
            (None, None) => (a, (b, 0)),
        };
        let (base, index) = if wide { (self.reg(base), self.reg(index)) } else { (self.low(base), self.low(index)) };
        let addr = Addr { base: Base::Reg, index: true, scale, disp };
        let d = self.def(d);
        self.emit(MOp::Lea(wide, addr), &[Operand::reg_def(d), Operand::reg_use(base), Operand::reg_use(index)]);
    }

    pub(super) fn and(&mut self, d: Value, a: Value, b: Value, wide: bool) {
        let ext = match self.f.as_const(b) {
            Some(0xff) => Ext::Zx8,
            Some(0xffff) => Ext::Zx16,
            Some(0xffff_ffff) if wide => Ext::Mov32,
            _ if self.out.cpu.bmi1 && (self.and_own(d, a, b, wide) || self.and_own(d, b, a, wide)) => return,
            _ => return self.commutative(Alu::And, d, a, b),
        };
        let a = if wide { self.reg(a) } else { self.low(a) };
        let d = self.def(d);
        self.emit(MOp::Ext(ext, Src::Reg), &[Operand::reg_def(d), Operand::reg_use(a)]);
    }

    /// `x & (x - 1)`, `x & -x` and `x & !y`, which are one instruction each.
    fn and_own(&mut self, d: Value, x: Value, other: Value, wide: bool) -> bool {
        let ones = Some(if wide { u64::MAX } else { u32::MAX as u64 });
        let Some(i) = self.foldable(other, |op| matches!(op, Op::Add | Op::Sub | Op::Xor)) else { return false };
        let (a, b) = (self.f.args(i)[0], self.f.args(i)[1]);
        let in_reg = |l: &mut Self, v: Value| if wide { l.reg(v) } else { l.low(v) };
        let op = match self.f.inst(i).op {
            Op::Add if a == x && self.f.as_const(b) == ones => MOp::LowestBit(1, wide),
            Op::Sub if b == x && self.f.as_const(a) == Some(0) => MOp::LowestBit(3, wide),
            Op::Xor if self.f.as_const(b) == ones && self.f.as_const(x).is_none() => {
                let (not, x, d) = (in_reg(self, a), in_reg(self, x), self.def(d));
                self.emit(MOp::AndNot(wide), &[Operand::reg_def(d), Operand::reg_use(not), Operand::reg_use(x)]);
                return true;
            }
            _ => return false,
        };
        let (x, d) = (in_reg(self, x), self.def(d));
        self.emit(op, &[Operand::reg_def(d), Operand::reg_use(x)]);
        true
    }

    pub(super) fn mul(&mut self, d: Value, a: Value, b: Value, wide: bool) {
        let (a, b) = if self.const_i32(a).is_some() { (b, a) } else { (a, b) };
        if let Some(imm) = self.const_i32(b) {
            let a = if wide { self.reg(a) } else { self.low(a) };
            let d = self.def(d);
            if let 3 | 5 | 9 = imm {
                let addr =
                    Addr { base: Base::Reg, index: true, scale: (imm as u8 - 1).trailing_zeros() as u8, disp: 0 };
                let operands = [Operand::reg_def(d), Operand::reg_use(a), Operand::reg_use(a)];
                return self.emit(MOp::Lea(wide, addr), &operands);
            }
            return self.emit(MOp::MulImm(wide, imm), &[Operand::reg_def(d), Operand::any_use(a)]);
        }
        let swap = self.f.as_const(b).is_none() && self.lives_on(a) > self.lives_on(b);
        let (a, b) = if swap { (b, a) } else { (a, b) };
        let first = if wide { self.reg(a) } else { self.low(a) };
        let (src, more) = self.src(b);
        let mut operands = Operands::from([Operand::reg_reuse_def(self.def(d), 1), Operand::reg_use(first)]);
        operands.extend(&more);
        self.emit(MOp::Mul(wide, src), &operands);
    }

    /// An operation that overwrites its only operand.
    pub(super) fn reusing(&mut self, op: MOp, d: Value, a: Value) {
        let a = self.reg(a);
        let d = self.def(d);
        self.emit(op, &[Operand::reg_reuse_def(d, 1), Operand::reg_use(a)]);
    }

    pub(super) fn shift(&mut self, op: Shift, d: Value, a: Value, by: Value, wide: bool) {
        let bits = if wide { 64 } else { 32 };
        if let Some(n) = self.f.as_const(by) {
            return self.reusing(MOp::ShiftImm(op, wide, (n % bits) as u8), d, a);
        }
        let a = if wide { self.reg(a) } else { self.low(a) };
        let by = self.low(by);
        let d = self.def(d);
        match op {
            // The others have forms for any register in BMI2.
            _ if !self.out.cpu.bmi2 || matches!(op, Shift::Rol | Shift::Ror) => {
                let count = Operand::reg_fixed_use(by, int_reg(enc::RCX));
                self.emit(MOp::ShiftCl(op, wide), &[Operand::reg_reuse_def(d, 1), Operand::reg_use(a), count]);
            }
            _ => {
                let operands = [Operand::reg_def(d), Operand::reg_use(a), Operand::reg_use(by)];
                self.emit(MOp::ShiftX(op, wide), &operands);
            }
        }
    }

    pub(super) fn div(&mut self, d: Value, args: &[Value], signed: bool, remainder: bool, wide: bool) {
        let known = self.f.as_const(args[1]);
        let minus_one = if wide { u64::MAX } else { u32::MAX as u64 };
        let op = MOp::Div(Division {
            signed,
            wide,
            remainder,
            maybe_zero: known.is_none_or(|c| c == 0),
            maybe_minus_one: known.is_none_or(|c| c == minus_one),
            offset: self.offset,
        });
        let (a, b) = (self.reg(args[0]), self.reg(args[1]));
        let (d, other) = (self.def(d), self.temp(Class::Int));
        let (quotient, rest) = if remainder { (other, d) } else { (d, other) };
        // The divisor is read after both results' registers have been written.
        let operands = [
            Operand::reg_fixed_def(quotient, int_reg(enc::RAX)),
            Operand::reg_fixed_def(rest, int_reg(enc::RDX)),
            Operand::reg_fixed_use(a, int_reg(enc::RAX)),
            Operand::reg_use_at_end(b),
        ];
        self.emit(op, &operands);
    }

    pub(super) fn count(&mut self, opcode: u8, d: Value, a: Value, wide: bool) {
        let cpu = self.out.cpu;
        if opcode == POPCNT && !cpu.popcnt {
            let (a, d) = (self.reg(a), self.def(d));
            return self.popcnt_by_parts(d, a, wide);
        }
        let (src, more) = match self.f.as_const(a) {
            Some(_) => (Src::Reg, Operands::from([Operand::reg_use(self.reg(a))])),
            None => self.src(a),
        };
        match opcode {
            LZCNT if !cpu.lzcnt => return self.zeros(true, d, (src, more), wide),
            TZCNT if !cpu.bmi1 => return self.zeros(false, d, (src, more), wide),
            _ => {}
        }
        let mut operands = Operands::from([Operand::reg_def(self.def(d))]);
        operands.extend(&more);
        self.emit(MOp::CountBits(opcode, wide, src), &operands);
    }

    pub(super) fn extend(&mut self, ext: Ext, d: Value, a: Value) {
        let a = if ext == Ext::Mov32 { self.reg(a) } else { self.low(a) };
        let d = self.def(d);
        self.emit(MOp::Ext(ext, Src::Reg), &[Operand::reg_def(d), Operand::reg_use(a)]);
    }

    pub(super) fn set(&mut self, d: Value, cmp: Cmp, when: When, operands: Operands) {
        let mut all = Operands::from([Operand::reg_def(self.def(d))]);
        all.extend(&operands);
        self.emit(MOp::Set(cmp, when), &all);
    }

    pub(super) fn select(&mut self, d: Value, args: &[Value], ty: Type) {
        let (a, b) = (self.reg(args[0]), self.reg(args[1]));
        let (cmp, when, more) = self.condition(args[2]);
        let d = self.def(d);
        let mut operands = Operands::from([Operand::reg_reuse_def(d, 1), Operand::reg_use(b), Operand::reg_use(a)]);
        operands.extend(&more);
        let op = if ty.is_vector_class() { MOp::FloatSelect(cmp, when) } else { MOp::Select(cmp, when, ty.is_wide()) };
        self.emit(op, &operands);
    }
}
