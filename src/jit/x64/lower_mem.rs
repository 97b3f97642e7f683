//! Selection for memory, globals and fields of objects.
#![forbid(unsafe_code)]

use super::enc::{Alu, Ext, Sse};
use super::enc_simd::Vi;
use super::lower::{Lower, Place, Unchecked};
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;
use crate::vm::layout;
use core::mem::offset_of;

impl Lower<'_> {
    /// The check of an access that has no limit: whatever lies outside of memory cannot be touched.
    fn guarded_check(&self, access: Inst) -> Option<Inst> {
        let check = self.f.def_inst(*self.f.args(access).get(1)?)?;
        let data = self.f.inst(check);
        (data.op == Op::Check && is_guarded(data.imm)).then_some(check)
    }

    /// Whether a load comes right after a check without limit: then the check is left out, and the load traps in its place.
    pub(super) fn stands_for_check(&self, load: Inst) -> bool {
        let Op::Load(width) = self.f.inst(load).op else { return false };
        self.guarded_check(load).is_some_and(|check| self.may_fuse(check, self.place[load.index()], load, width))
    }

    /// Whether an access at a place traps exactly when a check would have: nothing that can be noticed is between them, and it
    /// reaches as far.
    fn may_fuse(&self, check: Inst, at: Place, access: Inst, width: Width) -> bool {
        let before = self.place[check.index()];
        before.block == at.block
            && before.effects + 1 == at.effects
            && self.f.inst(access).imm + width.bytes() == check_parts(self.f.inst(check).imm).0
    }

    /// The address of an access with its operands. If it can, it takes over from its check.
    pub(super) fn access(&mut self, i: Inst, width: Width) -> (Addr, Operands) {
        let (base, checked, offset) = (self.f.args(i)[0], self.f.args(i)[1], self.f.inst(i).imm);
        let place = self.address(base, checked, offset);
        if let Some(u) = self.unchecked {
            let fuses = self.may_fuse(u.check, self.here, i, width);
            self.unchecked = Some(Unchecked { fuses, ..u });
        }
        place
    }

    /// What a fault of an instruction means that has these operands: if it is the access at hand, a trap. Also where the check is
    /// not left out on behalf of this access, for another one behind it may stand for it.
    pub(super) fn trap_of(&mut self, operands: &[Operand]) -> Option<(u32, bool)> {
        let u = self.unchecked?;
        if !operands.iter().any(|o| o.vreg() == u.base) {
            return None;
        }
        self.unchecked = None;
        self.fused[u.check.index()] |= u.fuses;
        Some((self.f.inst(u.check).offset, u.exact))
    }

    /// The address of an access with its operands.
    pub(super) fn address(&mut self, base: Value, checked: Value, offset: u64) -> (Addr, Operands) {
        let check =
            self.f.def_inst(checked).filter(|i| matches!(self.f.inst(*i).op, Op::Check | Op::CheckWide | Op::Zext));
        let addr = check.map_or(checked, |i| self.f.args(i)[0]);
        let base = self.reg(base);
        // Constants that do not fit a displacement are in registers of their own, and the guard is not that large.
        if let Some(check) = check
            && is_guarded(self.f.inst(check).imm)
        {
            self.unchecked = Some(Unchecked { base, check, fuses: false, exact: true });
        }
        if let Some(c) = self.f.as_const(addr)
            && let Ok(disp) =
                i32::try_from((if self.f.ty(addr) == Type::I32 { c as u32 as u64 } else { c }).saturating_add(offset))
        {
            return (Addr { base: Base::Reg, index: false, scale: 0, disp }, Operands::from([Operand::reg_use(base)]));
        }
        let index = self.reg(addr);
        let (base, disp) = match i32::try_from(offset) {
            Ok(disp) => (base, disp),
            Err(_) => {
                let (far, sum) = (self.temp(Class::Int), self.temp(Class::Int));
                self.emit(MOp::Imm(offset), &[Operand::reg_def(far)]);
                let both = Addr { base: Base::Reg, index: true, scale: 0, disp: 0 };
                let operands = [Operand::reg_def(sum), Operand::reg_use(base), Operand::reg_use(far)];
                self.emit(MOp::Lea(true, both), &operands);
                (sum, 0)
            }
        };
        (
            Addr { base: Base::Reg, index: true, scale: 0, disp },
            Operands::from([Operand::reg_use(base), Operand::reg_use(index)]),
        )
    }

    pub(super) fn load_field(&mut self, d: VReg, object: VReg, offset: usize) {
        let addr = Addr { base: Base::Reg, index: false, scale: 0, disp: offset as i32 };
        self.emit(MOp::Ext(Ext::Mov64, Src::Mem(addr)), &[Operand::reg_def(d), Operand::reg_use(object)]);
    }

    /// A field of the instance.
    pub(super) fn instance_field(&mut self, offset: usize) -> VReg {
        let d = self.temp(Class::Int);
        let addr = Addr { base: Base::Instance, index: false, scale: 0, disp: offset as i32 };
        self.emit(MOp::Ext(Ext::Mov64, Src::Mem(addr)), &[Operand::reg_def(d)]);
        d
    }

    pub(super) fn memory(&mut self, index: u32) -> VReg {
        if index == 0 {
            return self.instance_field(offset_of!(layout::Instance, mem0));
        }
        let all = self.instance_field(offset_of!(layout::Instance, memories));
        let m = self.temp(Class::Int);
        self.load_field(m, all, index as usize * 8);
        m
    }

    /// Where a global is.
    pub(super) fn global(&mut self, index: u32) -> (Addr, Operands) {
        let imported = self.module.num_imported_globals;
        let few = self.module.globals.len() - imported as usize <= layout::FEW_GLOBALS;
        let (cell, disp) = match index.checked_sub(imported) {
            Some(own) if few => {
                let disp = (offset_of!(layout::Instance, few_globals) + own as usize * 16) as i32;
                return (Addr { base: Base::Instance, index: false, scale: 0, disp }, Operands::none());
            }
            Some(own) => (self.instance_field(offset_of!(layout::Instance, own_globals)), own as i32 * 16),
            None => {
                let all = self.instance_field(offset_of!(layout::Instance, globals));
                let cell = self.temp(Class::Int);
                self.load_field(cell, all, index as usize * 8);
                (cell, 0)
            }
        };
        (Addr { base: Base::Reg, index: false, scale: 0, disp }, Operands::from([Operand::reg_use(cell)]))
    }

    /// Loads a whole value of a type.
    pub(super) fn load(&mut self, d: VReg, ty: Type, addr: Addr, operands: &[Operand]) {
        let width = match ty {
            Type::I32 => Width::U32,
            Type::F32 => Width::F32,
            Type::F64 => Width::F64,
            Type::V128 => Width::V128,
            _ => Width::W64,
        };
        self.load_width(d, width, ty, addr, operands);
    }

    pub(super) fn load_width(&mut self, d: VReg, width: Width, ty: Type, addr: Addr, operands: &[Operand]) {
        let wide = ty.is_wide();
        let src = Src::Mem(addr);
        let op = match width {
            Width::S8 if wide => MOp::Ext(Ext::Sx8To64, src),
            Width::S8 => MOp::Ext(Ext::Sx8To32, src),
            Width::U8 => MOp::Ext(Ext::Zx8, src),
            Width::S16 if wide => MOp::Ext(Ext::Sx16To64, src),
            Width::S16 => MOp::Ext(Ext::Sx16To32, src),
            Width::U16 => MOp::Ext(Ext::Zx16, src),
            Width::S32 => MOp::Ext(Ext::Sx32To64, src),
            Width::U32 => MOp::Ext(Ext::Mov32, src),
            Width::W64 => MOp::Ext(Ext::Mov64, src),
            Width::F32 => MOp::SseMove(Sse::Movss, src),
            Width::F64 => MOp::SseMove(Sse::Movsd, src),
            Width::V128 => MOp::V(MVec::One(Vi::Movups, 0, src)),
            Width::V32Zero => MOp::SseMove(Sse::Movss, src),
            Width::V64Zero => MOp::SseMove(Sse::Movsd, src),
        };
        let mut all = Operands::from([Operand::reg_def(d)]);
        all.extend(operands);
        self.emit(op, &all);
    }

    pub(super) fn store(&mut self, i: Inst, width: Width, args: &[Value]) {
        if self.store_lane(width, args, self.f.inst(i).imm) {
            return;
        }
        if self.update(i, width, args) {
            return;
        }
        let (addr, operands) = self.access(i, width);
        self.store_value(width.bytes(), args[2], addr, operands);
    }

    /// Arithmetic on what is in memory: a store of an operation on what a load from the same place gives.
    fn update(&mut self, store: Inst, width: Width, args: &[Value]) -> bool {
        let wide = match (width, self.f.ty(args[2])) {
            (Width::U32, Type::I32) => false,
            (Width::W64, Type::I64) => true,
            _ => return false,
        };
        let op = |op: Op| match op {
            Op::Add => Some(Alu::Add),
            Op::Sub => Some(Alu::Sub),
            Op::And => Some(Alu::And),
            Op::Or => Some(Alu::Or),
            Op::Xor => Some(Alu::Xor),
            _ => None,
        };
        let Some(i) = self.foldable(args[2], |o| op(o).is_some()) else { return false };
        let same = |v: Value| {
            let load = self.foldable(v, |o| o == Op::Load(width))?;
            (self.f.args(load) == &args[..2] && self.f.inst(load).imm == self.f.inst(store).imm).then_some(load)
        };
        let (a, b) = (self.f.args(i)[0], self.f.args(i)[1]);
        let (load, other) = match (same(a), same(b)) {
            (Some(load), _) => (load, b),
            (None, Some(load)) if self.f.inst(i).op != Op::Sub => (load, a),
            _ => return false,
        };
        let Some(op) = op(self.f.inst(i).op) else { return false };
        if let Some(imm) = self.const_i32(other) {
            let (addr, operands) = self.access(load, width);
            self.emit(MOp::UpdateImm(op, wide, imm, addr), &operands);
            return true;
        }
        let other = if wide { self.reg(other) } else { self.low(other) };
        let mut all = Operands::from([Operand::reg_use(other)]);
        let (addr, operands) = self.access(load, width);
        all.extend(&operands);
        self.emit(MOp::Update(op, wide, addr), &all);
        true
    }

    pub(super) fn store_value(&mut self, bytes: u64, v: Value, addr: Addr, operands: Operands) {
        if let Some(imm) = self.const_i32(v) {
            return self.emit(MOp::StoreImm(bytes, imm, addr), &operands);
        }
        let ty = self.f.ty(v);
        let r = if ty == Type::I32 { self.low(v) } else { self.reg(v) };
        let mut all = Operands::from([Operand::reg_use(r)]);
        all.extend(&operands);
        self.emit(if ty.is_vector_class() { MOp::FloatStore(bytes, addr) } else { MOp::Store(bytes, addr) }, &all);
    }

    pub(super) fn check(&mut self, i: Inst, args: &[Value], imm: u64) {
        let (end, reduced) = check_parts(imm);
        if is_guarded(imm) {
            if !self.fused[i.index()] {
                // The last byte is outside if any is.
                let (addr, operands) = self.address(args[1], args[0], end - 1);
                self.unchecked = Some(Unchecked { base: operands[0].vreg(), check: i, fuses: false, exact: false });
                let d = self.temp(Class::Int);
                let mut all = Operands::from([Operand::reg_def(d)]);
                all.extend(&operands);
                self.emit(MOp::Ext(Ext::Zx8, Src::Mem(addr)), &all);
            }
            return;
        }
        let addr = self.reg(args[0]);
        let limit = self.reg(args[1]);
        if reduced != 0 {
            let operands = [Operand::reg_use(addr), Operand::any_use(limit)];
            return self.emit(MOp::Check(end, reduced, self.offset), &operands);
        }
        let t = self.temp(Class::Int);
        let operands = [Operand::reg_temp(t), Operand::reg_use(addr), Operand::any_use(limit)];
        self.emit(MOp::CheckFar(end, self.offset), &operands);
    }
}
