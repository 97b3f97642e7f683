//! Selection of machine instructions.
//!
//! Blocks are taken from the last to the first and instructions backwards, so every use of a value has been seen before its
//! definition: a definition nobody wants is skipped, and one whose only user is in the same block can become part of that
//! user (an immediate, an address, a memory operand, a comparison fused with a branch). A load may sink into its user as long
//! as nothing between them writes.
//!
//! Free of charge: `Zext` and `Check` are their operand's register, because an `i32` is always zero-extended; so are floats taken
//! from the lowest lane of a vector.
#![forbid(unsafe_code)]

use super::abi::{self, Loc};
use super::enc::{self, Alu, Cc, Ext, Shift};
use super::hold;
use super::lower_int::{LZCNT, POPCNT, TZCNT};
use super::lower_simd_lane::is_low_lane;
use super::mach::*;
use crate::code::Options;
use crate::jit::alloc::{BlockRef, Class, Operand, PReg, PRegSet, VReg};
use crate::jit::opt::layout::Layout;
use crate::jit::ssa::build::Uncovered;
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::VOp;
use crate::module::Module;
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;
use foldhash::HashMap;

pub(super) type Result<T> = core::result::Result<T, Uncovered>;

pub(super) struct Lower<'a> {
    pub f: &'a Func,
    pub module: &'a Module,
    pub out: MFunc,
    /// Of relaxed multiply-adds.
    pub(super) rounds_once: bool,
    /// By value; invalid until something uses it.
    vregs: Vec<VReg>,
    pub(super) uses: Vec<u32>,
    pub(super) place: Vec<Place>,
    /// The instructions of the IR instruction at hand, in order.
    cur: Vec<MInst>,
    /// Lists that are made again and again.
    pub(super) list: Vec<Operand>,
    passed: Vec<VReg>,
    /// Where that one is.
    pub(super) here: Place,
    /// By instruction: checks that an access stands for.
    pub(super) fused: Vec<bool>,
    pub(super) unchecked: Option<Unchecked>,
    pub offset: u32,
    /// By block: how many loops it is in.
    depth: Vec<u32>,
    /// By block.
    rare: Vec<bool>,
    /// Whether the call at hand ends its block, because it may end in a handler.
    pub(super) invokes: bool,
    /// By block: the call in the block before, if it has results that are loaded here.
    after: Vec<Option<Inst>>,
}

/// An access whose check may be left out, as long as no instruction has been made of it.
#[derive(Clone, Copy)]
pub(super) struct Unchecked {
    /// The register of its base.
    pub base: VReg,
    pub check: Inst,
    /// Whether it stands for the check: where it is, and how far it reaches.
    pub fuses: bool,
    /// Whether it is the access itself, and not a touch in its place.
    pub exact: bool,
}

/// Where an instruction is: its block, and what of the block comes before it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub block: Block,
    /// Writes.
    pub writes: u32,
    /// Writes, and what may trap.
    pub effects: u32,
}

/// The class of a type's registers.
pub(super) fn class(ty: Type) -> Class {
    if ty.is_vector_class() { Class::Float } else { Class::Int }
}

pub(super) fn int_reg(r: enc::Reg) -> PReg {
    PReg::new(r as usize, Class::Int)
}

pub(super) fn vector_reg(r: enc::Reg) -> PReg {
    PReg::new(r as usize, Class::Float)
}

/// Selects instructions for a function without critical edges. `order`: its reachable blocks in reverse postorder; `spare`: whose
/// lists are used anew.
pub fn lower(
    f: &Func,
    module: &Module,
    options: &Options,
    layout: Layout,
    order: &[Block],
    spare: MFunc,
) -> Result<MFunc> {
    let mut uses = vec![0u32; f.values.len()];
    let mut place = vec![Place { block: ENTRY, writes: 0, effects: 0 }; f.insts.len()];
    let mut count = 0;
    for &b in order {
        let mut now = Place { block: b, writes: 0, effects: 0 };
        for &i in &f.block(b).insts {
            place[i.index()] = now;
            let effect = f.inst(i).op.effect();
            now.writes += (effect == Effect::Write) as u32;
            now.effects += matches!(effect, Effect::Write | Effect::Trap) as u32;
            f.args(i).iter().for_each(|v| uses[v.index()] += 1);
        }
        f.block(b).term.visit_values(|v| uses[v.index()] += 1);
        count += f.block(b).insts.len() + 1;
    }
    let mut after = vec![None; f.blocks.len()];
    for &b in order {
        if let Term::Invoke(next, _) = &f.block(b).term {
            after[next.block.index()] = f.block(b).insts.last().copied();
        }
    }
    let mut out = spare.cleared();
    out.cpu = options.cpu;
    (out.regions, out.inlined) = (f.regions.clone(), f.inlined.clone());
    let mut l = Lower {
        f,
        module,
        rounds_once: options.rounds_once(),
        out,
        vregs: vec![VReg::invalid(); f.values.len()],
        uses,
        place,
        cur: Vec::new(),
        list: Vec::new(),
        passed: Vec::new(),
        here: Place { block: ENTRY, writes: 0, effects: 0 },
        fused: vec![false; f.insts.len()],
        unchecked: None,
        offset: 0,
        depth: layout.depth,
        rare: layout.rare,
        invokes: false,
        after,
    };
    let mut number = vec![0; f.blocks.len()];
    for (n, b) in layout.order.iter().enumerate() {
        number[b.index()] = n;
    }
    let mut blocks = std::mem::take(&mut l.out.blocks);
    blocks.resize(layout.order.len(), MBlock::default());
    let mut made = Vec::with_capacity(count + count / 2);
    for &b in order.iter().rev() {
        let first = made.len() as u32;
        let mut block = l.block(b, &number, &mut made)?;
        (block.first, block.end) = (first, made.len() as u32);
        (block.is_loop, block.is_rare) = (layout.is_header[b.index()], l.rare[b.index()]);
        blocks[number[b.index()]] = block;
    }
    l.out.blocks = blocks;
    l.out.find_preds();
    let holds = hold::find(&mut l.out, &made);
    let mut holds = holds.into_iter().peekable();
    // The instructions were made backwards.
    l.out.insts.reserve_exact(made.len() + holds.len());
    for (n, block) in l.out.blocks.iter_mut().enumerate() {
        let insts = &made[block.first as usize..block.end as usize];
        block.first = l.out.insts.len() as u32;
        l.out.insts.extend(insts[1..].iter().rev());
        l.out.insts.extend(std::iter::from_fn(|| holds.next_if(|h| h.0 == n)).map(|h| h.1));
        l.out.insts.push(insts[0]);
        block.end = l.out.insts.len() as u32;
    }
    let mut clobbered = PRegSet::empty();
    abi::CALLER_SAVED.iter().for_each(|r| clobbered.add(int_reg(*r)));
    // The allocator takes its time for each register at each call.
    if l.out.vregs.contains(&Class::Float) {
        (0..16).for_each(|r| clobbered.add(vector_reg(r)));
    }
    l.out.clobbered = clobbered;
    Ok(l.out)
}

impl Lower<'_> {
    /// Appends the instructions of a block, the last one first.
    fn block(&mut self, b: Block, number: &[usize], out: &mut Vec<MInst>) -> Result<MBlock> {
        let data = self.f.block(b);
        let count =
            |f: fn(Effect) -> bool| data.insts.iter().filter(|i| f(self.f.inst(**i).op.effect())).count() as u32;
        let writes = count(|e| e == Effect::Write);
        let effects = count(|e| matches!(e, Effect::Write | Effect::Trap));
        let mut block = MBlock::default();
        self.here = Place { block: b, writes, effects };
        let numbered = |t: &Target| Block(number[t.block.index()] as u32);
        match &data.term {
            Term::None => return Err(Uncovered("an unfinished block".into())),
            Term::Jump(t) => {
                self.out.lead(&mut block, BlockRef::new(number[t.block.index()]));
                let mut passed = std::mem::take(&mut self.passed);
                passed.extend(t.args.iter().map(|v| self.reg(*v)));
                self.out.pass(&mut block, passed.drain(..));
                self.passed = passed;
                self.emit(MOp::Jump(numbered(t)), &[]);
            }
            Term::Branch(cond, then, els) => {
                let (cmp, when, operands) = self.condition(*cond);
                for t in [then, els] {
                    self.out.lead(&mut block, BlockRef::new(number[t.block.index()]));
                }
                self.emit(MOp::Branch(cmp, when, numbered(then), numbered(els)), &operands);
            }
            Term::Table(index, targets) => {
                let index = self.reg(*index);
                // Each successor once: entries share them.
                let mut places: HashMap<u32, u32> = HashMap::default();
                for t in targets {
                    let next = places.len() as u32;
                    let place = *places.entry(t.block.0).or_insert(next);
                    block.table.push(place);
                    if place == next {
                        self.out.lead(&mut block, BlockRef::new(number[t.block.index()]));
                    }
                }
                let (t, u) = (self.temp(Class::Int), self.temp(Class::Int));
                self.emit(MOp::Table, &[Operand::reg_temp(t), Operand::reg_temp(u), Operand::reg_use(index)]);
            }
            Term::Return(values) => {
                let mut operands = Vec::new();
                let constants = self.pass(values, &mut abi::Places::results(), (Base::Frame, 16), &mut operands);
                self.emit(MOp::Return(constants), &operands);
            }
            Term::Trap(kind, offset) => self.emit(MOp::Trap(*kind, *offset), &[]),
            Term::Invoke(next, handlers) => {
                self.out.lead(&mut block, BlockRef::new(number[next.block.index()]));
                self.handlers(handlers, number, &mut block);
                self.invokes = true;
            }
            Term::Throw(exception, handlers, offset) => {
                let v = self.reg(*exception);
                self.handlers(handlers, number, &mut block);
                self.out.has_calls = true;
                let operand = Operand::reg_fixed_use(v, int_reg(enc::RAX));
                self.emit(MOp::Throw(!handlers.is_empty(), *offset), &[operand]);
            }
            Term::TailCall(call) => self.tail_call(call),
        }
        self.flush(out);
        for &i in data.insts.iter().rev() {
            self.here = self.place[i.index()];
            self.offset = self.f.inst(i).offset;
            self.inst(i)?;
            debug_assert!(self.unchecked.is_none(), "an address without an access");
            self.unchecked = None;
            self.flush(out);
        }
        if let Some(call) = self.after[b.index()] {
            self.stack_results(self.f.inst(call));
            self.flush(out);
        }
        if b == ENTRY {
            let mut defs = Vec::new();
            let mut loads = Vec::new();
            let mut places = abi::Places::arguments();
            for v in &data.params {
                let loc = places.next(self.f.ty(*v));
                if let Some(d) = self.wanted(*v) {
                    match loc {
                        Loc::Int(r) => defs.push(Operand::reg_fixed_def(d, int_reg(r))),
                        Loc::Vector(r) => defs.push(Operand::reg_fixed_def(d, vector_reg(r))),
                        Loc::Stack(n) => loads.push((d, self.f.ty(*v), n)),
                    }
                }
            }
            self.emit(MOp::Params, &defs);
            for (d, ty, n) in loads {
                let addr = Addr { base: Base::Frame, index: false, scale: 0, disp: 16 + 8 * n as i32 };
                self.load(d, ty, addr, &[]);
            }
            self.flush(out);
        } else {
            data.params.iter().for_each(|p| _ = self.vreg(*p));
            let vregs = &self.vregs;
            self.out.take_params(&mut block, data.params.iter().map(|p| vregs[p.index()]));
        }
        Ok(block)
    }

    fn handlers(&mut self, handlers: &[Handler], number: &[usize], block: &mut MBlock) {
        for h in handlers {
            self.out.lead(block, BlockRef::new(number[h.target.block.index()]));
            block.regions.push(h.region);
        }
    }

    /// Whether the block at hand is.
    pub(super) fn is_rare(&self) -> bool {
        self.rare[self.here.block.index()]
    }

    fn flush(&mut self, out: &mut Vec<MInst>) {
        out.extend(self.cur.drain(..).rev());
    }

    // Building blocks.

    pub(super) fn emit(&mut self, op: MOp, operands: &[Operand]) {
        let first = self.out.operands.len() as u32;
        self.out.operands.extend_from_slice(operands);
        let trap = self.trap_of(operands);
        self.cur.push(MInst { op, trap, operands: (first, self.out.operands.len() as u32) });
    }

    #[inline(never)]
    pub(super) fn temp(&mut self, class: Class) -> VReg {
        self.out.new_vreg(class)
    }

    fn vreg(&mut self, v: Value) -> VReg {
        if self.vregs[v.index()] == VReg::invalid() {
            self.vregs[v.index()] = self.temp(class(self.f.ty(v)));
        }
        self.vregs[v.index()]
    }

    /// The register of a value that something uses.
    fn wanted(&self, v: Value) -> Option<VReg> {
        Some(self.vregs[v.index()]).filter(|r| *r != VReg::invalid())
    }

    /// The register a definition writes, used or not.
    pub(super) fn def(&mut self, v: Value) -> VReg {
        self.vreg(v)
    }

    /// The value in a register.
    pub(super) fn reg(&mut self, v: Value) -> VReg {
        if let Some(i) = self.f.def_inst(v) {
            let data = self.f.inst(i);
            match data.op {
                Op::Const if !self.is_kept(i) => {
                    let d = self.temp(class(data.ty));
                    self.constant_to(d, data.ty, data.imm);
                    return d;
                }
                Op::V(VOp::Const) if !self.is_kept(i) => return self.constant(self.f.vectors[data.imm as usize]),
                Op::V(op) if is_low_lane(op, data.imm) => return self.reg(self.f.args(i)[0]),
                Op::Zext | Op::Check | Op::CheckWide | Op::CheckNull | Op::CheckIndex => {
                    return self.reg(self.f.args(i)[0]);
                }
                _ => {}
            }
        }
        self.vreg(v)
    }

    fn constant_to(&mut self, d: VReg, ty: Type, bits: u64) {
        let op = match ty {
            Type::F32 => MOp::FloatImm(bits, false),
            Type::F64 => MOp::FloatImm(bits, true),
            Type::I32 => MOp::Imm(bits as u32 as u64),
            _ => MOp::Imm(bits),
        };
        self.emit(op, &[Operand::reg_def(d)]);
    }

    /// Whether a constant has a register of its own: one that a load would bring into a loop in every trip. The others are made
    /// where they are used.
    fn is_kept(&self, i: Inst) -> bool {
        let data = self.f.inst(i);
        let loaded = match data.op {
            Op::V(_) => self.f.vectors[data.imm as usize] != 0,
            _ => data.ty.is_float() && data.imm != 0,
        };
        loaded && self.depth[self.place[i.index()].block.index()] < self.depth[self.here.block.index()]
    }

    /// The value in a register of which only the low 32 bits matter.
    pub(super) fn low(&mut self, v: Value) -> VReg {
        match self.foldable(v, |op| op == Op::Wrap) {
            Some(i) => self.reg(self.f.args(i)[0]),
            None => self.reg(v),
        }
    }

    /// The instruction that defines `v`, if it can become part of the one at hand: of the right kind, in this block, with no
    /// other use.
    pub(super) fn foldable(&self, v: Value, wanted: impl Fn(Op) -> bool) -> Option<Inst> {
        let i = self.f.def_inst(v)?;
        (wanted(self.f.inst(i).op) && self.is_foldable(i, v)).then_some(i)
    }

    #[inline(never)]
    fn is_foldable(&self, i: Inst, v: Value) -> bool {
        let place = self.place[i.index()];
        let still = match self.f.inst(i).op.effect() {
            // It stands for its check, and traps when that would have.
            Effect::Read if self.stands_for_check(i) => place.effects == self.here.effects,
            Effect::Read => place.writes == self.here.writes,
            _ => true,
        };
        place.block == self.here.block && self.uses[v.index()] == 1 && still && self.wanted(v).is_none()
    }

    /// How much speaks for a value living on behind its use at hand, so that it should not be overwritten: whether it comes from
    /// outside of this loop, and how many uses it has.
    pub(super) fn lives_on(&self, v: Value) -> (bool, u32) {
        let block = match self.f.values[v.index()].def {
            Def::Inst(i, _) => self.place[i.index()].block,
            Def::Param(b, _) => b,
            Def::Alias(_) => self.here.block,
        };
        (self.depth[block.index()] < self.depth[self.here.block.index()], self.uses[v.index()])
    }

    pub(super) fn const_i32(&self, v: Value) -> Option<i32> {
        let bits = self.f.as_const(v)?;
        match self.f.ty(v) {
            Type::I32 => Some(bits as i32),
            Type::I64 | Type::Ref => i32::try_from(bits as i64).ok(),
            _ => None,
        }
    }

    /// A value as the last operand of a general-register operation of its width.
    pub(super) fn src(&mut self, v: Value) -> (Src, Operands) {
        if let Some(imm) = self.const_i32(v) {
            return (Src::Imm(imm), Operands::none());
        }
        if let Some(bits) = self.f.as_const(v).filter(|bits| *bits > u32::MAX as u64) {
            return (Src::Pool(bits), Operands::none());
        }
        let width = if self.f.ty(v).is_wide() { Width::W64 } else { Width::U32 };
        if let Some(i) = self.foldable(v, |op| op == Op::Load(width)) {
            let (addr, operands) = self.access(i, width);
            return (Src::Mem(addr), operands);
        }
        let r = if width == Width::U32 { self.low(v) } else { self.reg(v) };
        (Src::Reg, Operands::from([Operand::any_use(r)]))
    }

    /// A float as the last operand of a scalar operation.
    pub(super) fn float_src(&mut self, v: Value) -> (Src, Operands) {
        if let Some(bits) = self.f.as_const(v) {
            return (Src::Pool(bits), Operands::none());
        }
        let width = if self.f.ty(v) == Type::F64 { Width::F64 } else { Width::F32 };
        if let Some(i) = self.foldable(v, |op| op == Op::Load(width)) {
            let (addr, operands) = self.access(i, width);
            return (Src::Mem(addr), operands);
        }
        (Src::Reg, Operands::from([Operand::any_use(self.reg(v))]))
    }

    // Instructions.

    fn inst(&mut self, i: Inst) -> Result<()> {
        let data = *self.f.inst(i);
        let f = self.f;
        let args = f.args(i);
        let result = data.first;
        if data.results == 1
            && self.wanted(result).is_none()
            && (matches!(data.op.effect(), Effect::None | Effect::Read) || matches!(data.op, Op::Const))
        {
            // Nobody wants it, or its users have taken it in.
            return Ok(());
        }
        let wide = data.ty.is_wide();
        match data.op {
            Op::Const => {
                let d = self.def(result);
                self.constant_to(d, data.ty, data.imm);
            }
            Op::Zext => {}
            Op::Add => self.add(result, args[0], args[1], wide),
            Op::Sub => match self.const_i32(args[1]).and_then(i32::checked_neg) {
                Some(disp) => self.lea_disp(result, args[0], disp, wide),
                None if self.with_carry(Alu::Sub, result, args[0], args[1], wide) => {}
                None => self.alu(Alu::Sub, result, args[0], args[1]),
            },
            Op::And => self.and(result, args[0], args[1], wide),
            Op::Or => self.commutative(Alu::Or, result, args[0], args[1]),
            Op::Xor if self.f.as_const(args[1]) == Some(if wide { u64::MAX } else { u32::MAX as u64 }) => {
                self.reusing(MOp::Not(2, wide), result, args[0]);
            }
            Op::Xor => self.commutative(Alu::Xor, result, args[0], args[1]),
            Op::Mul => self.mul(result, args[0], args[1], wide),
            Op::Shl => self.shift(Shift::Shl, result, args[0], args[1], wide),
            Op::ShrS => self.shift(Shift::Sar, result, args[0], args[1], wide),
            Op::ShrU => self.shift(Shift::Shr, result, args[0], args[1], wide),
            Op::Rotl => self.shift(Shift::Rol, result, args[0], args[1], wide),
            Op::Rotr => self.shift(Shift::Ror, result, args[0], args[1], wide),
            Op::DivS => self.div(result, &args, true, false, wide),
            Op::DivU => self.div(result, &args, false, false, wide),
            Op::RemS => self.div(result, &args, true, true, wide),
            Op::RemU => self.div(result, &args, false, true, wide),
            Op::MulHiS | Op::MulHiU => {
                let (a, b) = (self.reg(args[0]), self.reg(args[1]));
                let (d, low) = (self.def(result), self.temp(Class::Int));
                let operands = [
                    Operand::reg_fixed_def(d, int_reg(enc::RDX)),
                    Operand::reg_fixed_def(low, int_reg(enc::RAX)),
                    Operand::reg_fixed_use(a, int_reg(enc::RAX)),
                    Operand::reg_use(b),
                ];
                self.emit(MOp::MulHi { signed: data.op == Op::MulHiS, wide }, &operands);
            }
            Op::Clz => self.count(LZCNT, result, args[0], wide),
            Op::Ctz => self.count(TZCNT, result, args[0], wide),
            Op::Bswap => self.reusing(MOp::Bswap(wide), result, args[0]),
            Op::Popcnt => self.count(POPCNT, result, args[0], wide),
            Op::Extend8 => self.extend(if wide { Ext::Sx8To64 } else { Ext::Sx8To32 }, result, args[0]),
            Op::Extend16 => self.extend(if wide { Ext::Sx16To64 } else { Ext::Sx16To32 }, result, args[0]),
            Op::Extend32 | Op::Sext => self.extend(Ext::Sx32To64, result, args[0]),
            Op::Wrap => self.extend(Ext::Mov32, result, args[0]),
            Op::Cmp(cond) => {
                let (cmp, when, operands) = self.compare(cond, args[0], args[1]);
                self.set(result, cmp, when, operands);
            }
            Op::FCmp(cond) => {
                let (cmp, when, operands) = self.float_compare(cond, args[0], args[1]);
                self.set(result, cmp, when, operands);
            }
            Op::Select => self.select(result, &args, data.ty),
            Op::MemBase if self.f.guarded => {
                let d = self.def(result);
                let addr = Addr {
                    base: Base::Instance,
                    index: false,
                    scale: 0,
                    disp: offset_of!(layout::Instance, base0) as i32,
                };
                self.emit(MOp::Ext(Ext::Mov64, Src::Mem(addr)), &[Operand::reg_def(d)]);
            }
            Op::MemBase => {
                let m = self.memory(0);
                let d = self.def(result);
                self.load_field(d, m, offset_of!(layout::Memory, base));
            }
            Op::MemLimit => {
                let m = self.memory(0);
                let d = self.def(result);
                if data.imm == 0 {
                    self.load_field(d, m, offset_of!(layout::Memory, len));
                } else {
                    let len = self.temp(Class::Int);
                    self.load_field(len, m, offset_of!(layout::Memory, len));
                    let addr = Addr { base: Base::Reg, index: false, scale: 0, disp: -(data.imm as i32) };
                    self.emit(MOp::Lea(true, addr), &[Operand::reg_def(d), Operand::reg_use(len)]);
                }
            }
            Op::MemSize => {
                let m = self.memory(data.imm as u32);
                let (len, d) = (self.temp(Class::Int), self.def(result));
                self.load_field(len, m, offset_of!(layout::Memory, len));
                let log2 = self.module.memories[data.imm as usize].page_log2;
                let operands = [Operand::reg_reuse_def(d, 1), Operand::reg_use(len)];
                self.emit(MOp::ShiftImm(Shift::Shr, true, log2), &operands);
            }
            Op::Check => self.check(i, &args, data.imm),
            Op::Load(width) => {
                let d = self.def(result);
                let (addr, operands) = self.access(i, width);
                self.load_width(d, width, data.ty, addr, &operands);
            }
            Op::Store(width) => self.store(i, width, &args),
            Op::GlobalGet => {
                let (addr, operands) = self.global(data.imm as u32);
                let d = self.def(result);
                self.load(d, data.ty, addr, &operands);
            }
            Op::GlobalSet => {
                let (addr, operands) = self.global(data.imm as u32);
                self.store_value(self.f.ty(args[0]).bytes(), args[0], addr, operands);
            }
            Op::Call | Op::CallIndirect | Op::CallRef => self.call(data, &args)?,
            Op::Fuel => {
                let t = self.temp(Class::Int);
                match args[..] {
                    [] => {
                        let cost = i32::try_from(data.imm).map_err(|_| Uncovered("a run of that length".into()))?;
                        self.emit(MOp::Fuel(cost, data.offset), &[Operand::reg_temp(t)]);
                    }
                    [cost, ..] => {
                        let (u, cost) = (self.temp(Class::Int), self.reg(cost));
                        let operands = [Operand::reg_temp(t), Operand::reg_temp(u), Operand::reg_use(cost)];
                        self.emit(MOp::FuelBy(data.offset), &operands);
                    }
                }
            }
            Op::Poll => {
                self.out.has_polls = true;
                self.emit(MOp::Poll(data.offset), &[]);
            }
            Op::Helper(helper) => self.helper(helper, data, &args),
            Op::V(op) => self.vector_inst(op, data, &args),
            Op::Field
            | Op::Head
            | Op::Peek(_)
            | Op::Poke(_)
            | Op::Derive
            | Op::CheckNull
            | Op::CheckIndex
            | Op::CheckWide
            | Op::TrapIf
            | Op::New(_)
            | Op::TypeTest(..) => self.object_inst(data, &args),
            Op::Caught | Op::Clause => {
                let d = self.def(result);
                self.emit(MOp::Unwound(abi::unwound(data.op == Op::Clause), wide), &[Operand::reg_def(d)]);
            }
            Op::Atomic(..) | Op::Fence | Op::Add128 | Op::Sub128 | Op::MulWideS | Op::MulWideU => {
                self.atomic_inst(data, &args);
            }
            _ => self.float_inst(data, &args),
        }
        Ok(())
    }

    // Calls.

    /// Brings values where a call or return wants them, but for constants that go in general registers: those are given back.
    pub(super) fn pass(
        &mut self,
        values: &[Value],
        places: &mut abi::Places,
        stack: (Base, i32),
        operands: &mut Vec<Operand>,
    ) -> Constants {
        let first = self.out.constants.len() as u32;
        for &v in values {
            let ty = self.f.ty(v);
            match (places.next(ty), self.f.as_const(v)) {
                (Loc::Int(r), Some(bits)) => {
                    self.out.constants.push((r, if ty == Type::I32 { bits as u32 as u64 } else { bits }));
                }
                (Loc::Int(r), None) => operands.push(Operand::reg_fixed_use(self.reg(v), int_reg(r))),
                (Loc::Vector(r), _) => operands.push(Operand::reg_fixed_use(self.reg(v), vector_reg(r))),
                (Loc::Stack(n), _) => {
                    let addr = Addr { base: stack.0, index: false, scale: 0, disp: stack.1 + 8 * n as i32 };
                    self.store_value(ty.bytes(), v, addr, Operands::none());
                }
            }
        }
        Constants { first, end: self.out.constants.len() as u32 }
    }

    pub(super) fn trap_if(&mut self, cmp: Cmp, cc: Cc, kind: TrapKind, operands: &[Operand]) {
        self.emit(MOp::TrapIf(cmp, When::Is(cc), kind, self.offset), operands);
    }
}
