//! Selection for calls: of functions, through tables and references, and of the library.
#![forbid(unsafe_code)]

use super::abi;
use super::enc::{self, Cc, Ext};
use super::lower::{Lower, Result, class, int_reg, vector_reg};
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::build::Uncovered;
use crate::jit::ssa::ir::*;
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

impl Lower<'_> {
    pub(super) fn call(&mut self, data: InstData, args: &[Value]) -> Result<()> {
        self.out.has_calls = true;
        let module = self.module;
        let (callee, target, args) = match data.op {
            Op::Call => {
                let func = data.imm as u32;
                match module.defined_func(func) {
                    Some(defined) => (Callee::Defined(defined), None, args),
                    None => {
                        let all = self.instance_field(offset_of!(layout::Instance, funcs));
                        let target = self.temp(Class::Int);
                        self.load_field(target, all, func as usize * 8);
                        (Callee::Import(func, module.func_types[func as usize]), Some(target), args)
                    }
                }
            }
            Op::CallIndirect => {
                let (index, args) = args.split_last().expect("the index comes last");
                let (table, ty) = ((data.imm >> 32) as u32, data.imm as u32);
                let target = self.table_func(table, ty, *index)?;
                (Callee::Func(ty), Some(target), args)
            }
            _ => {
                let (func, args) = args.split_last().expect("the reference comes last");
                (Callee::Func(data.imm as u32), Some(self.reg(*func)), args)
            }
        };
        let results = (0..data.results).map(|n| Value(data.first.0 + n));
        let mut operands = std::mem::take(&mut self.list);
        let mut places = abi::Places::arguments();
        let constants = self.pass(args, &mut places, (Base::Stack, 0), &mut operands);
        let mut words = places.words;
        if let Some(target) = target {
            operands.push(Operand::reg_fixed_use(target, int_reg(enc::R10)));
        }
        let uses = operands.len();
        let mut places = abi::Places::results();
        for v in results {
            let d = self.def(v);
            match places.next(self.f.ty(v)) {
                abi::Loc::Int(r) => operands.push(Operand::reg_fixed_def(d, int_reg(r))),
                abi::Loc::Vector(r) => operands.push(Operand::reg_fixed_def(d, vector_reg(r))),
                abi::Loc::Stack(_) => {}
            }
        }
        words = words.max(places.words);
        self.out.outgoing = self.out.outgoing.max(words);
        // Definitions come first.
        operands.rotate_left(uses);
        let invokes = std::mem::take(&mut self.invokes);
        match invokes {
            true => self.emit(MOp::Invoke(callee, constants, data.offset), &operands),
            false => self.emit_call(MOp::Call(callee, constants, data.offset), &operands),
        }
        operands.clear();
        self.list = operands;
        // Behind a call that ends its block, the next one does that.
        if !invokes {
            self.stack_results(&data);
        }
        Ok(())
    }

    /// Loads the results of a call that are on the stack.
    pub(super) fn stack_results(&mut self, call: &InstData) {
        let mut places = abi::Places::results();
        for v in (0..call.results).map(|n| Value(call.first.0 + n)) {
            let ty = self.f.ty(v);
            if let abi::Loc::Stack(n) = places.next(ty) {
                let d = self.def(v);
                let addr = Addr { base: Base::Stack, index: false, scale: 0, disp: 8 * n as i32 };
                self.load(d, ty, addr, &[]);
            }
        }
    }

    pub(super) fn tail_call(&mut self, call: &TailCall) {
        self.out.has_calls = true;
        let module = self.module;
        let (callee, target, args) = match call.func {
            Some(func) => match module.defined_func(func) {
                Some(defined) => (Callee::Defined(defined), None, &call.args[..]),
                None => {
                    let all = self.instance_field(offset_of!(layout::Instance, funcs));
                    let target = self.temp(Class::Int);
                    self.load_field(target, all, func as usize * 8);
                    (Callee::Import(func, call.ty), Some(target), &call.args[..])
                }
            },
            None => {
                let (func, args) = call.args.split_last().expect("the reference comes last");
                (Callee::Func(call.ty), Some(self.reg(*func)), args)
            }
        };
        let types: Vec<Type> = args.iter().map(|v| self.f.ty(*v)).collect();
        let params: Vec<Type> = self.f.block(ENTRY).params.iter().map(|v| self.f.ty(*v)).collect();
        let words = abi::arguments(&types).1;
        let results = abi::results(&self.f.results).1;
        let own = abi::arguments(&params).1.max(results);
        // The caller has left room for what this function takes and gives. For more, a frame is put in between: there must be
        // room below it for the arguments before they are moved up.
        let (place, more) = match words <= own {
            true => ((Base::Frame, 16), None),
            false => {
                self.out.outgoing = self.out.outgoing.max(words + 2);
                ((Base::Stack, 0), Some((words, results)))
            }
        };
        let mut operands = Vec::new();
        let constants = self.pass(args, &mut abi::Places::arguments(), place, &mut operands);
        if let Some(target) = target {
            operands.push(Operand::reg_fixed_use(target, int_reg(enc::R10)));
        }
        self.emit(MOp::TailCall(callee, constants, more), &operands);
    }

    /// The function a table holds, or a trap.
    fn table_func(&mut self, table: u32, ty: u32, index: Value) -> Result<VReg> {
        if !self.module.sub_types[ty as usize].is_final {
            return Err(Uncovered("call_indirect of a type with subtypes".into()));
        }
        let tables = self.instance_field(offset_of!(layout::Instance, tables));
        let t = self.temp(Class::Int);
        self.load_field(t, tables, table as usize * 8);
        let index = self.reg(index);
        let field = |offset: usize| Addr { base: Base::Reg, index: false, scale: 0, disp: offset as i32 };
        let len = Cmp::Int { wide: true, src: Src::Mem(field(offset_of!(layout::Table, len))) };
        self.trap_if(len, Cc::Ae, TrapKind::UndefinedElement, &[Operand::reg_use(index), Operand::reg_use(t)]);
        let (base, func) = (self.temp(Class::Int), self.temp(Class::Int));
        self.load_field(base, t, offset_of!(layout::Table, base));
        let element = Addr { base: Base::Reg, index: true, scale: 3, disp: 0 };
        let operands = [Operand::reg_def(func), Operand::reg_use(base), Operand::reg_use(index)];
        self.emit(MOp::Ext(Ext::Mov64, Src::Mem(element)), &operands);
        let null = Cmp::Test { wide: true, src: Src::Reg };
        let both = [Operand::reg_use(func), Operand::reg_use(func)];
        self.trap_if(null, Cc::E, TrapKind::UninitializedElement, &both);
        let id = self.temp(Class::Int);
        let wanted = self.module.types[ty as usize].0;
        let load = MOp::Ext(Ext::Mov32, Src::Mem(field(offset_of!(layout::Func, type_id))));
        self.emit(load, &[Operand::reg_def(id), Operand::reg_use(func)]);
        let same = Cmp::Int { wide: false, src: Src::Imm(wanted as i32) };
        self.trap_if(same, Cc::Ne, TrapKind::IndirectCallTypeMismatch, &[Operand::reg_use(id)]);
        Ok(func)
    }

    /// A call of the library: the instance first, then integers in the C convention's registers, the immediate last. Or the
    /// address of the packed arguments instead of them.
    pub(super) fn helper(&mut self, helper: Helper, data: InstData, args: &[Value]) {
        const REGS: [enc::Reg; 5] = [enc::RSI, enc::RDX, enc::RCX, enc::R8, enc::R9];
        self.out.has_calls = true;
        let mut operands = Vec::new();
        let fixed = |v: VReg, r: enc::Reg| Operand::reg_fixed_def(v, int_reg(r));
        let trap = match helper.outcome() {
            Outcome::Plain => None,
            Outcome::Status => Some((self.temp(Class::Int), enc::RAX)),
            Outcome::Value => Some((self.temp(Class::Int), enc::RDX)),
        };
        if data.results > 0 {
            debug_assert_eq!(class(data.ty), Class::Int);
            let d = self.def(data.first);
            operands.push(fixed(d, enc::RAX));
        }
        operands.extend(trap.map(|(v, r)| fixed(v, r)));
        let mut count = args.len();
        if helper.is_packed() {
            let mut slot = 0;
            for v in args {
                let ty = self.f.ty(*v);
                let addr = Addr { base: Base::Stack, index: false, scale: 0, disp: 8 * slot };
                self.store_value(ty.bytes(), *v, addr, Operands::none());
                slot += if ty == Type::V128 { 2 } else { 1 };
            }
            self.out.outgoing = self.out.outgoing.max(slot as u32);
            let t = self.temp(Class::Int);
            let area = Addr { base: Base::Stack, index: false, scale: 0, disp: 0 };
            self.emit(MOp::Lea(true, area), &[Operand::reg_def(t)]);
            operands.push(Operand::reg_fixed_use(t, int_reg(REGS[0])));
            count = 1;
        } else {
            for (v, r) in args.iter().zip(REGS) {
                let v = self.reg(*v);
                operands.push(Operand::reg_fixed_use(v, int_reg(r)));
            }
        }
        self.emit_call(MOp::CallHelper(helper, data.imm, REGS[count], data.offset), &operands);
        if let Some((kind, r)) = trap {
            self.emit(MOp::TrapKind(data.offset), &[Operand::reg_fixed_use(kind, int_reg(r))]);
        }
    }
}
