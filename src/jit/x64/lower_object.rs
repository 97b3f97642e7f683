//! Selection for tables, objects of the garbage-collected heap, and the checks around them.
#![forbid(unsafe_code)]

use super::enc::{Cc, Ext};
use super::lower::Lower;
use super::mach::*;
use crate::code::heap::HEADER;
use crate::jit::alloc::{Class, Operand};
use crate::jit::ssa::ir::*;
use crate::vm::trap::TrapKind;

impl Lower<'_> {
    pub(super) fn object_inst(&mut self, data: InstData, args: &[Value]) {
        let kind = TrapKind::from_u8(data.imm as u8);
        match data.op {
            Op::Field => {
                let (offset, index) = (data.imm as u32 as usize, (data.imm >> 32) as usize);
                let d = self.def(data.first);
                let addr = Addr { base: Base::Instance, index: false, scale: 0, disp: offset as i32 };
                let load = MOp::Ext(Ext::Mov64, Src::Mem(addr));
                if index == 0 {
                    return self.emit(load, &[Operand::reg_def(d)]);
                }
                let all = self.temp(Class::Int);
                self.emit(load, &[Operand::reg_def(all)]);
                self.load_field(d, all, (index - 1) * 8);
            }
            Op::Head => {
                let of = self.reg(args[0]);
                let d = self.def(data.first);
                self.load_field(d, of, data.imm as usize);
            }
            Op::Peek(width) => {
                let (addr, operands) = self.place(args[0], args.get(1).copied(), data.imm);
                let d = self.def(data.first);
                self.load_width(d, width, data.ty, addr, &operands);
            }
            Op::Poke(width) => {
                let (value, place) = args.split_last().expect("a value and a place");
                let (addr, operands) = self.place(place[0], place.get(1).copied(), data.imm);
                self.store_value(width.bytes(), *value, addr, operands);
            }
            Op::Derive => {
                let (a, b) = (self.reg(args[0]), self.reg(args[1]));
                let d = self.def(data.first);
                let addr = Addr { base: Base::Reg, index: true, scale: 0, disp: 0 };
                let operands = [Operand::reg_def(d), Operand::reg_use(a), Operand::reg_use(b)];
                self.emit(MOp::Lea(true, addr), &operands);
            }
            Op::CheckNull => {
                let r = self.reg(args[0]);
                let both = [Operand::reg_use(r), Operand::reg_use(r)];
                self.trap_if(Cmp::Test { wide: true, src: Src::Reg }, Cc::E, kind, &both);
            }
            Op::CheckIndex => {
                let (index, len) = (self.reg(args[0]), self.reg(args[1]));
                let operands = [Operand::reg_use(index), Operand::any_use(len)];
                self.trap_if(Cmp::Int { wide: true, src: Src::Reg }, Cc::Ae, kind, &operands);
            }
            Op::CheckWide => {
                let (addr, len) = (self.reg(args[0]), self.reg(args[1]));
                let t = self.temp(Class::Int);
                let overflows = self.f.ty(args[0]) == Type::I64 || data.imm > u32::MAX as u64 * 2;
                let operands = [Operand::reg_temp(t), Operand::reg_use(addr), Operand::any_use(len)];
                self.emit(MOp::CheckWide(data.imm, overflows, self.offset), &operands);
            }
            Op::TrapIf => {
                let (cmp, when, operands) = self.condition(args[0]);
                self.emit(MOp::TrapIf(cmp, when, kind, self.offset), &operands);
            }
            Op::New(width) => {
                let extent = (data.imm >> 32) as u32;
                let size = match width {
                    None => extent,
                    Some(log2) => (HEADER + (extent << log2)).next_multiple_of(8),
                };
                let d = self.def(data.first);
                let temps = [self.temp(Class::Int), self.temp(Class::Int), self.temp(Class::Int)];
                let mut operands = Operands::from([Operand::reg_def(d)]);
                operands.extend(&temps.map(Operand::reg_temp));
                self.emit(MOp::New(data.imm, size, self.offset), &operands);
            }
            Op::TypeTest(test, null) => {
                let r = self.reg(args[0]);
                let (d, t, u) = (self.def(data.first), self.temp(Class::Int), self.temp(Class::Int));
                let operands =
                    [Operand::reg_def(d), Operand::reg_temp(t), Operand::reg_temp(u), Operand::reg_use_at_end(r)];
                self.emit(MOp::TypeTest(test, null), &operands);
            }
            other => misplaced(other),
        }
    }

    /// A place in a table or an object.
    fn place(&mut self, base: Value, index: Option<Value>, imm: u64) -> (Addr, Operands) {
        let base = self.reg(base);
        let disp = imm as i32;
        let Some(index) = index else {
            return (Addr { base: Base::Reg, index: false, scale: 0, disp }, Operands::from([Operand::reg_use(base)]));
        };
        let mut index = self.reg(index);
        let mut scale = (imm >> 32) as u8;
        if scale > 3 {
            // No address has a scale of 16.
            let d = self.temp(Class::Int);
            let operands = [Operand::reg_reuse_def(d, 1), Operand::reg_use(index)];
            self.emit(MOp::ShiftImm(super::enc::Shift::Shl, true, scale), &operands);
            (index, scale) = (d, 0);
        }
        let operands = Operands::from([Operand::reg_use(base), Operand::reg_use(index)]);
        (Addr { base: Base::Reg, index: true, scale, disp }, operands)
    }
}
