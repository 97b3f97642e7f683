//! From machine instructions with assigned registers to bytes.
//!
//! A frame, from high to low addresses: arguments on the stack, return address, the caller's rbp (where rbp points), saved
//! registers, spill slots, outgoing arguments. Traps and slow paths lie behind the function's code; a trap is a call of the
//! common stub, whose return address says which trap it is.
#![forbid(unsafe_code)]

use super::abi::{self, CALLEE_SAVED, INSTANCE};
use super::enc::*;
use super::mach::*;
use crate::jit::alloc::MachineEnv;
use crate::jit::alloc::{Allocatable, Allocation, Assigned, BlockRef, Class, Operand, PReg, PRegSet, Step, VReg};
use crate::jit::code::{Site, SiteKind, target};
use crate::jit::ssa::ir::Block;
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

impl Allocatable for MFunc {
    fn num_insts(&self) -> usize {
        self.insts.len()
    }

    fn num_blocks(&self) -> usize {
        self.blocks.len()
    }

    fn block_range(&self, block: usize) -> (u32, u32) {
        (self.blocks[block].first, self.blocks[block].end)
    }

    fn successors(&self, block: usize) -> &[BlockRef] {
        &self.blocks[block].succs
    }

    fn predecessors(&self, block: usize) -> &[BlockRef] {
        &self.blocks[block].preds
    }

    fn params(&self, block: usize) -> &[VReg] {
        &self.blocks[block].params
    }

    fn branch_args(&self, block: usize, successor: usize) -> &[VReg] {
        &self.blocks[block].args[successor]
    }

    fn operands(&self, inst: usize) -> &[Operand] {
        MFunc::operands(self, &self.insts[inst])
    }

    fn clobbers(&self, inst: usize) -> PRegSet {
        let mut set = PRegSet::empty();
        if let MOp::Call(..) | MOp::CallHelper(..) = self.insts[inst].op {
            abi::CALLER_SAVED.iter().for_each(|r| set.add(PReg::new(*r as usize, Class::Int)));
            (0..16).for_each(|r| set.add(PReg::new(r, Class::Float)));
            for o in Allocatable::operands(self, inst) {
                if let regalloc2::OperandConstraint::FixedReg(r) = o.constraint()
                    && o.kind() == regalloc2::OperandKind::Def
                {
                    set.remove(r);
                }
            }
        }
        set
    }

    fn is_return(&self, inst: usize) -> bool {
        matches!(self.insts[inst].op, MOp::Return | MOp::Trap(..))
    }

    fn is_branch(&self, inst: usize) -> bool {
        matches!(self.insts[inst].op, MOp::Jump(_) | MOp::Branch(..) | MOp::Table)
    }

    fn num_vregs(&self) -> usize {
        self.vregs.len()
    }
}

/// The registers the allocator may use.
pub fn registers() -> MachineEnv {
    let ints = |list: &[Reg]| {
        let mut set = PRegSet::empty();
        list.iter().for_each(|r| set.add(PReg::new(*r as usize, Class::Int)));
        set
    };
    let mut vectors = PRegSet::empty();
    (0..16).for_each(|r| vectors.add(PReg::new(r, Class::Float)));
    MachineEnv {
        preferred_regs_by_class: [ints(&abi::CALLER_SAVED), vectors, PRegSet::empty()],
        non_preferred_regs_by_class: [ints(&CALLEE_SAVED), PRegSet::empty(), PRegSet::empty()],
        scratch_by_class: [None, None, None],
        fixed_stack_slots: Vec::new(),
    }
}

/// Frames up to this size, in functions that call nothing, need no check of the stack: the limit leaves room for them.
const SMALL_FRAME: u32 = 256;

/// A function's code, not yet at its place.
pub struct Emitted {
    pub bytes: Vec<u8>,
    /// Calls of what lies elsewhere: place of the 32-bit distance, and [`target`].
    pub relocs: Vec<(u32, u32)>,
    /// Return addresses, in order.
    pub sites: Vec<Site>,
}

pub(super) struct Emit<'a> {
    f: &'a MFunc,
    pub(super) asm: Asm,
    /// Of the blocks.
    labels: Vec<Label>,
    /// By block: where a jump to it may go at once.
    forward: Vec<usize>,
    sites: Vec<Site>,
    cold: Vec<(Label, Cold)>,
    saved: Vec<Reg>,
    spills: u32,
    /// The block after the one at hand.
    next: usize,
}

/// What lies behind the code.
pub(super) enum Cold {
    Trap(TrapKind, u32),
    /// Whether an address near the end of memory is inside after all: address, limit, distance; then back.
    Check {
        addr: Reg,
        limit: Rm,
        distance: i32,
        back: Label,
        trap: Label,
    },
    /// A call of a function of another instance, of the host's, or of one that is not compiled.
    Out {
        type_index: u32,
        offset: u32,
        back: Label,
    },
    Poll {
        offset: u32,
        back: Label,
    },
    /// A float that does not fit the integer type.
    Trunc {
        t: Truncation,
        dst: Reg,
        tmp: Reg,
        vector: Reg,
        src: Reg,
        back: Label,
    },
}

/// Writes a function's code.
pub fn emit(f: &MFunc, assigned: &Assigned) -> Emitted {
    let mut asm = Asm::default();
    let labels = f.blocks.iter().map(|_| asm.new_label()).collect();
    let mut e = Emit {
        f,
        asm,
        labels,
        forward: (0..f.blocks.len()).collect(),
        sites: Vec::new(),
        cold: Vec::new(),
        saved: Vec::new(),
        spills: assigned.spill_slots() as u32,
        next: 0,
    };
    e.find_saved(assigned);
    e.find_forwards(assigned);
    e.prologue();
    for n in 0..f.blocks.len() {
        e.next = n + 1;
        if n > 0 && e.forward[n] != n {
            // Everybody who came here goes on at once. Only blocks in a circle of such blocks have code: a jump around it.
            let to = e.forwarded(n);
            let label = e.labels[n];
            e.asm.bind(label);
            if e.forward[to] != to {
                let to = e.labels[to];
                e.asm.jmp(to);
            }
            continue;
        }
        if f.blocks[n].is_loop {
            e.asm.align(16);
        }
        let label = e.labels[n];
        e.asm.bind(label);
        assigned.each(f, n, |step| match step {
            Step::Inst(i, places) => e.inst(n, &f.insts[i], places),
            Step::Move(from, to) => e.move_value(from, to),
        });
    }
    e.cold_paths();
    e.asm.finish();
    e.sites.sort_by_key(|s| s.at);
    Emitted { relocs: std::mem::take(&mut e.asm.relocs), bytes: e.asm.buf, sites: e.sites }
}

impl Emit<'_> {
    fn find_saved(&mut self, assigned: &Assigned) {
        let mut used = [false; 16];
        let mut note = |a: &Allocation| {
            if let Some(r) = a.as_reg().filter(|r| r.class() == Class::Int) {
                used[r.hw_enc()] = true;
            }
        };
        for b in 0..self.f.blocks.len() {
            assigned.each(self.f, b, |step| match step {
                Step::Inst(_, places) => places.iter().for_each(&mut note),
                Step::Move(from, to) => [from, to].iter().for_each(&mut note),
            });
        }
        self.saved = CALLEE_SAVED.iter().copied().filter(|r| used[*r as usize]).collect();
    }

    /// Blocks that only jump: whoever goes there goes on at once.
    fn find_forwards(&mut self, assigned: &Assigned) {
        for b in 1..self.f.blocks.len() {
            let (mut steps, mut to) = (0, None);
            assigned.each(self.f, b, |step| {
                steps += 1;
                if let Step::Inst(i, _) = step
                    && let MOp::Jump(target) = self.f.insts[i].op
                {
                    to = Some(target.index());
                }
            });
            if let (1, Some(to)) = (steps, to) {
                self.forward[b] = to;
            }
        }
    }

    fn forwarded(&self, mut b: usize) -> usize {
        // An empty loop jumps to itself, perhaps through others.
        for _ in 0..self.f.blocks.len() {
            if self.forward[b] == b {
                break;
            }
            b = self.forward[b];
        }
        b
    }

    fn label_of(&self, b: Block) -> Label {
        self.labels[self.forwarded(b.index())]
    }

    /// Whether going to `b` needs no jump.
    fn is_next(&self, b: Block) -> bool {
        let to = self.forwarded(b.index());
        to >= self.next
            && self.forward[to] == to
            && (self.next..to).all(|n| self.forward[self.forwarded(n)] == self.forwarded(n) && self.forward[n] != n)
    }

    // Frames.

    fn frame_words(&self) -> u32 {
        self.saved.len() as u32 + self.spills + self.f.outgoing
    }

    fn prologue(&mut self) {
        self.asm.push(RBP);
        self.asm.mov(true, RBP, RSP);
        let bytes = self.frame_words() * 8;
        if self.f.has_calls || bytes > SMALL_FRAME {
            // The limit is compared with the stack pointer as it will be. r11 is free at an entry.
            let trap = self.cold(Cold::Trap(TrapKind::StackOverflow, u32::MAX));
            self.asm.load64(R11, Mem::base(INSTANCE, offset_of!(layout::Instance, store) as i32));
            let limit =
                (offset_of!(layout::StoreCtx, machine) + offset_of!(crate::vm::machine::MachineCtx, limit)) as i32;
            if bytes > SMALL_FRAME {
                self.asm.lea(true, R10, Mem::base(RSP, -(bytes as i32)));
                self.asm.alu(Alu::Cmp, true, R10, Mem::base(R11, limit).into());
            } else {
                self.asm.alu(Alu::Cmp, true, RSP, Mem::base(R11, limit).into());
            }
            self.asm.jcc(Cc::B, trap);
            self.poll(R11, u32::MAX);
        }
        if bytes > 0 {
            self.asm.alu_imm(Alu::Sub, true, Rm::Reg(RSP), bytes as i32);
        }
        for (n, &r) in self.saved.iter().enumerate() {
            self.asm.store(8, Mem::base(RBP, -8 * (n as i32 + 1)), r);
        }
    }

    fn epilogue(&mut self) {
        for (n, &r) in self.saved.iter().enumerate() {
            self.asm.load64(r, Mem::base(RBP, -8 * (n as i32 + 1)));
        }
        if self.frame_words() > 0 {
            self.asm.mov(true, RSP, RBP);
        }
        self.asm.pop(RBP);
        self.asm.ret();
    }

    fn spill(&self, slot: usize) -> Mem {
        // A vector takes the slot and the one after it, whose address is lower by that much.
        let words = self.saved.len() as i32 + self.spills as i32 - slot as i32;
        Mem::base(RBP, -8 * words)
    }

    /// A register or spill slot as an operand.
    fn rm(&self, a: Allocation) -> Rm {
        match (a.as_reg(), a.as_stack()) {
            (Some(r), _) => Rm::Reg(r.hw_enc() as Reg),
            (_, Some(slot)) => self.spill(slot.index()).into(),
            _ => unreachable!("every operand has a place"),
        }
    }

    fn move_value(&mut self, from: Allocation, to: Allocation) {
        match (from.as_reg(), to.as_reg()) {
            (Some(f), Some(t)) => {
                let (s, d) = (f.hw_enc() as Reg, t.hw_enc() as Reg);
                match (f.class(), t.class()) {
                    (Class::Int, Class::Int) => self.asm.mov(true, d, s),
                    _ => self.asm.sse(Sse::Movaps, d, Rm::Reg(s)),
                }
            }
            (Some(f), None) => {
                let Rm::Mem(m) = self.rm(to) else { return };
                match f.class() {
                    Class::Int => self.asm.store(8, m, f.hw_enc() as Reg),
                    _ => self.asm.sse_store(16, m, f.hw_enc() as Reg),
                }
            }
            (None, Some(t)) => match t.class() {
                Class::Int => self.asm.ext(Ext::Mov64, t.hw_enc() as Reg, self.rm(from)),
                _ => self.asm.sse(Sse::Movups, t.hw_enc() as Reg, self.rm(from)),
            },
            (None, None) => unreachable!("the allocator moves through registers"),
        }
    }

    // Operands.

    fn addr(&self, a: Addr, places: &[Allocation]) -> Mem {
        let mut places = places.iter().map(|p| reg(*p));
        let base = match a.base {
            Base::Reg => places.next().expect("a base"),
            Base::Instance => INSTANCE,
            Base::Frame => RBP,
            Base::Stack => RSP,
        };
        let index = if a.index { places.next() } else { None };
        Mem { base, index, scale: a.scale, disp: a.disp }
    }

    /// The last operand, unless it is an immediate.
    fn src(&mut self, src: Src, places: &[Allocation]) -> Rm {
        match src {
            Src::Reg => self.rm(places[0]),
            Src::Mem(a) => self.addr(a, places).into(),
            Src::Pool(bits) => Rm::Pool(self.asm.pool(bits)),
            Src::Imm(_) => unreachable!("immediates have their own forms"),
        }
    }

    /// Sets the flags.
    fn cmp(&mut self, cmp: Cmp, places: &[Allocation]) {
        let a = reg(places[0]);
        match cmp {
            Cmp::Int { wide, src: Src::Imm(imm) } => self.asm.alu_imm(Alu::Cmp, wide, Rm::Reg(a), imm),
            Cmp::Int { wide, src } => {
                let rm = self.src(src, &places[1..]);
                self.asm.alu(Alu::Cmp, wide, a, rm);
            }
            Cmp::Test { wide, src: Src::Imm(imm) } => self.asm.test_imm(wide, a, imm),
            Cmp::Test { wide, .. } => self.asm.test(wide, a, reg(places[1])),
            Cmp::Float { double, src } => {
                let rm = self.src(src, &places[1..]);
                self.asm.sse(if double { Sse::Ucomisd } else { Sse::Ucomiss }, a, rm);
            }
        }
    }

    /// Jumps to a label when a condition holds.
    fn jump_when(&mut self, when: When, to: Label) {
        match when {
            When::Is(cc) => self.asm.jcc(cc, to),
            When::FloatNe => {
                self.asm.jcc(Cc::Ne, to);
                self.asm.jcc(Cc::P, to);
            }
            When::FloatEq => {
                let not = self.asm.new_label();
                self.asm.jcc(Cc::P, not);
                self.asm.jcc(Cc::E, to);
                self.asm.bind(not);
            }
        }
    }

    pub(super) fn cold(&mut self, cold: Cold) -> Label {
        let label = self.asm.new_label();
        self.cold.push((label, cold));
        label
    }

    /// Notes the return address of the call just written.
    fn site(&mut self, kind: SiteKind, offset: u32) {
        self.sites.push(Site { at: self.asm.here(), kind, offset });
    }

    pub(super) fn trap(&mut self, kind: TrapKind, offset: u32) {
        self.asm.call_outside(target::TRAP);
        self.site(SiteKind::Trap(kind), offset);
    }

    // Instructions.

    #[allow(clippy::too_many_lines)]
    fn inst(&mut self, block: usize, inst: &MInst, p: &[Allocation]) {
        let r = |n: usize| reg(p[n]);
        match inst.op {
            MOp::Params => {}
            MOp::Return => self.epilogue(),
            MOp::Imm(bits) => self.asm.mov_imm(r(0), bits),
            MOp::FloatImm(0, _) => self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0))),
            MOp::FloatImm(bits, double) => {
                let c = Rm::Pool(self.asm.pool(bits));
                self.asm.sse(if double { Sse::Movsd } else { Sse::Movss }, r(0), c);
            }
            MOp::Alu(op, wide, Src::Imm(imm)) => self.asm.alu_imm(op, wide, Rm::Reg(r(0)), imm),
            MOp::Alu(op, wide, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.alu(op, wide, r(0), rm);
            }
            MOp::Lea(wide, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.lea(wide, r(0), m);
            }
            MOp::Mul(wide, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.imul(wide, r(0), rm);
            }
            MOp::MulImm(wide, imm) => self.asm.imul_imm(wide, r(0), self.rm(p[1]), imm),
            MOp::ShiftX(op, wide) => self.asm.shift_x(op, wide, r(0), r(1), r(2)),
            MOp::ShiftCl(op, wide) => self.asm.shift(op, wide, r(0)),
            MOp::ShiftImm(_, _, 0) => {}
            MOp::ShiftImm(op, wide, n) => self.asm.shift_imm(op, wide, r(0), n),
            MOp::Div(d) => self.div(d, r(3)),
            MOp::MulHi { signed, wide } => self.asm.group3(if signed { 5 } else { 4 }, wide, Rm::Reg(r(3))),
            MOp::Not(digit, wide) => self.asm.group3(digit, wide, Rm::Reg(r(0))),
            MOp::CountBits(opcode, wide, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.count_bits(opcode, wide, r(0), rm);
            }
            MOp::Ext(ext, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.ext(ext, r(0), rm);
            }
            MOp::Store(bytes, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.store(bytes, m, r(0));
            }
            MOp::StoreImm(bytes, imm, addr) => {
                let m = self.addr(addr, p);
                self.asm.store_imm(bytes, m, imm);
            }
            MOp::FloatStore(bytes, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.sse_store(bytes, m, r(0));
            }
            MOp::Sse(op, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.sse(op, r(0), rm);
            }
            MOp::SseMove(op, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.sse(op, r(0), rm);
            }
            MOp::SseConvert(op, src) => {
                let rm = self.src(src, &p[1..]);
                // Not when the operand is there.
                if rm != Rm::Reg(r(0)) {
                    self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                }
                self.asm.sse(op, r(0), rm);
            }
            MOp::Round { double, mode } => {
                if r(0) != r(1) {
                    self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                }
                self.asm.round(double, r(0), Rm::Reg(r(1)), mode);
            }
            MOp::IntToFloat { double, wide } => {
                self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                self.asm.int_to_float(double, wide, r(0), Rm::Reg(r(1)));
            }
            MOp::Uint64ToFloat { double } => self.uint64_to_float(double, r(0), r(1), r(2), r(3)),
            MOp::Trunc(t) => self.trunc(t, r(0), r(1), r(2), r(3)),
            MOp::MinMax { double, max } => self.min_max(double, max, r(0), r(2)),
            MOp::ToVector(wide) => self.asm.mov_to_vector(wide, r(0), r(1)),
            MOp::FromVector(wide) => self.asm.mov_from_vector(wide, r(0), r(1)),
            MOp::Set(cmp, when) => {
                self.cmp(cmp, &p[1..]);
                self.set(when, r(0));
            }
            MOp::Select(cmp, when, wide) => {
                self.cmp(cmp, &p[3..]);
                match when {
                    When::Is(cc) => self.asm.cmov(cc, wide, r(0), Rm::Reg(r(2))),
                    When::FloatNe => {
                        self.asm.cmov(Cc::Ne, wide, r(0), Rm::Reg(r(2)));
                        self.asm.cmov(Cc::P, wide, r(0), Rm::Reg(r(2)));
                    }
                    When::FloatEq => self.move_when(when, |e| e.asm.mov(true, r(0), r(2))),
                }
            }
            MOp::FloatSelect(cmp, when) => {
                self.cmp(cmp, &p[3..]);
                self.move_when(when, |e| e.asm.sse(Sse::Movaps, r(0), Rm::Reg(r(2))));
            }
            MOp::TrapIf(cmp, when, kind, offset) => {
                self.cmp(cmp, p);
                let trap = self.cold(Cold::Trap(kind, offset));
                self.jump_when(when, trap);
            }
            MOp::Check(end, reduced, offset) => {
                let (addr, limit) = (r(0), self.rm(p[1]));
                self.asm.alu(Alu::Cmp, true, addr, limit);
                let trap = self.cold(Cold::Trap(TrapKind::MemoryOutOfBounds, offset));
                if end == reduced {
                    return self.asm.jcc(Cc::A, trap);
                }
                let back = self.asm.new_label();
                let distance = (reduced - end) as i32;
                let slow = self.cold(Cold::Check { addr, limit, distance, back, trap });
                self.asm.jcc(Cc::A, slow);
                self.asm.bind(back);
            }
            MOp::CheckFar(end, offset) => {
                let (t, addr) = (r(0), r(1));
                match i32::try_from(end) {
                    Ok(disp) => self.asm.lea(true, t, Mem::base(addr, disp)),
                    Err(_) => {
                        self.asm.mov_imm(t, end);
                        self.asm.alu(Alu::Add, true, t, Rm::Reg(addr));
                    }
                }
                let len = self.rm(p[2]);
                self.asm.alu(Alu::Cmp, true, t, len);
                let trap = self.cold(Cold::Trap(TrapKind::MemoryOutOfBounds, offset));
                self.asm.jcc(Cc::A, trap);
            }
            MOp::Poll(offset) => {
                self.asm.load64(r(0), Mem::base(INSTANCE, offset_of!(layout::Instance, store) as i32));
                self.poll(r(0), offset);
            }
            MOp::Call(callee, offset) => self.call(callee, offset),
            MOp::CallHelper(helper, imm, imm_reg) => {
                self.asm.mov(true, RDI, INSTANCE);
                self.asm.mov_imm(imm_reg, imm);
                self.asm.mov_imm(RAX, crate::jit::helpers::address(helper));
                self.asm.call_outside(target::NATIVE);
                self.site(SiteKind::Call, 0);
            }
            MOp::Jump(to) => {
                if !self.is_next(to) {
                    let label = self.label_of(to);
                    self.asm.jmp(label);
                }
            }
            MOp::Branch(cmp, when, then, els) => {
                self.cmp(cmp, p);
                let (to_then, to_els) = (self.label_of(then), self.label_of(els));
                if self.is_next(then) {
                    self.jump_when(when.negate(), to_els);
                } else {
                    self.jump_when(when, to_then);
                    if !self.is_next(els) {
                        self.asm.jmp(to_els);
                    }
                }
            }
            MOp::Table => self.table(block, r(0), r(1), r(2)),
            MOp::Trap(kind, offset) => self.trap(kind, offset),
        }
    }

    /// Asks whether the stack's limit is null: somebody wants the guest's attention.
    fn poll(&mut self, store: Reg, offset: u32) {
        let limit = Mem::base(store, offset_of!(layout::StoreCtx, stack_limit) as i32);
        self.asm.alu_imm(Alu::Cmp, true, limit.into(), 0);
        let back = self.asm.new_label();
        let cold = self.cold(Cold::Poll { offset, back });
        self.asm.jcc(Cc::E, cold);
        self.asm.bind(back);
    }

    /// Addition where that is shorter than an address computation.
    fn lea(&mut self, wide: bool, d: Reg, m: Mem) {
        match m {
            Mem { base, index: None, disp, .. } if base == d => self.asm.alu_imm(Alu::Add, wide, Rm::Reg(d), disp),
            Mem { base, index: Some(index), scale: 0, disp: 0 } if base == d => {
                self.asm.alu(Alu::Add, wide, d, Rm::Reg(index));
            }
            Mem { base, index: Some(index), scale: 0, disp: 0 } if index == d => {
                self.asm.alu(Alu::Add, wide, d, Rm::Reg(base));
            }
            _ => self.asm.lea(wide, d, m),
        }
    }

    fn set(&mut self, when: When, d: Reg) {
        match when {
            When::Is(cc) => {
                self.asm.setcc(cc, d);
                self.asm.ext(Ext::Zx8, d, Rm::Reg(d));
            }
            When::FloatEq | When::FloatNe => {
                // Moves keep the flags.
                let done = self.asm.new_label();
                let equal = when == When::FloatEq;
                self.asm.mov_imm_keep_flags(d, !equal as u32);
                self.asm.jcc(Cc::Ne, done);
                self.asm.jcc(Cc::P, done);
                self.asm.mov_imm_keep_flags(d, equal as u32);
                self.asm.bind(done);
            }
        }
    }

    /// Does something when a condition holds.
    fn move_when(&mut self, when: When, f: impl FnOnce(&mut Self)) {
        let skip = self.asm.new_label();
        self.jump_when(when.negate(), skip);
        f(self);
        self.asm.bind(skip);
    }

    fn div(&mut self, d: Division, b: Reg) {
        if d.maybe_zero {
            self.asm.test(d.wide, b, b);
            let trap = self.cold(Cold::Trap(TrapKind::IntegerDivideByZero, d.offset));
            self.asm.jcc(Cc::E, trap);
        }
        let done = self.asm.new_label();
        if d.signed && d.maybe_minus_one {
            // The processor faults on the quotient that does not fit; its remainder is 0.
            let go_on = self.asm.new_label();
            self.asm.alu_imm(Alu::Cmp, d.wide, Rm::Reg(b), -1);
            self.asm.jcc(Cc::Ne, go_on);
            if d.remainder {
                self.asm.mov_imm(RDX, 0);
                self.asm.jmp(done);
            } else {
                self.asm.group3(3, d.wide, Rm::Reg(RAX));
                let trap = self.cold(Cold::Trap(TrapKind::IntegerOverflow, d.offset));
                self.asm.jcc(Cc::O, trap);
                self.asm.jmp(done);
            }
            self.asm.bind(go_on);
        }
        if d.signed {
            self.asm.sign_rax(d.wide);
        } else {
            self.asm.mov_imm(RDX, 0);
        }
        self.asm.group3(if d.signed { 7 } else { 6 }, d.wide, Rm::Reg(b));
        self.asm.bind(done);
    }

    fn call(&mut self, callee: Callee, offset: u32) {
        match callee {
            Callee::Defined(defined) => {
                self.asm.call_outside(target::function(defined));
                self.site(SiteKind::Call, offset);
            }
            Callee::Import(_, ty) => {
                self.asm.call_outside(target::thunk(ty));
                self.site(SiteKind::Call, offset);
            }
            Callee::Func(ty) => {
                let instance = Mem::base(R10, offset_of!(layout::Func, instance) as i32);
                self.asm.alu(Alu::Cmp, true, INSTANCE, instance.into());
                let back = self.asm.new_label();
                let out = self.cold(Cold::Out { type_index: ty, offset, back });
                self.asm.jcc(Cc::Ne, out);
                self.asm.load64(R11, Mem::base(R10, offset_of!(layout::Func, code) as i32));
                let machine = offset_of!(crate::code::FuncCode, machine) as i32;
                self.asm.call_rm(Mem::base(R11, machine).into());
                self.site(SiteKind::Call, offset);
                self.asm.bind(back);
            }
        }
    }

    fn table(&mut self, block: usize, t: Reg, u: Reg, index: Reg) {
        let succs = &self.f.blocks[block].succs;
        let last = succs.len() - 1;
        let labels: Vec<Label> = succs.iter().map(|s| self.label_of(Block(s.index() as u32))).collect();
        let table = self.asm.new_label();
        self.asm.alu_imm(Alu::Cmp, false, Rm::Reg(index), last as i32);
        self.asm.jcc(Cc::Ae, labels[last]);
        self.asm.lea_label(t, table);
        let entry = Mem { base: t, index: Some(index), scale: 2, disp: 0 };
        self.asm.ext(Ext::Sx32To64, u, entry.into());
        self.asm.alu(Alu::Add, true, t, Rm::Reg(u));
        self.asm.jmp_rm(Rm::Reg(t));
        self.asm.align(4);
        self.asm.bind(table);
        let start = self.asm.here();
        for label in &labels[..last] {
            self.asm.table_entry(*label, start);
        }
    }

    // What lies behind the code.

    fn cold_paths(&mut self) {
        let mut n = 0;
        while n < self.cold.len() {
            let label = self.cold[n].0;
            let cold = std::mem::replace(&mut self.cold[n].1, Cold::Trap(TrapKind::Internal, 0));
            n += 1;
            self.asm.bind(label);
            match cold {
                Cold::Trap(kind, offset) => self.trap(kind, offset),
                Cold::Check { addr, limit, distance, back, trap } => {
                    // The limit may be negative from here, and the address is not.
                    let t = [RAX, RCX, RDX].into_iter().find(|r| *r != addr && Rm::Reg(*r) != limit).unwrap_or(RAX);
                    self.asm.push(t);
                    self.asm.lea(true, t, Mem::base(addr, -distance));
                    self.asm.alu(Alu::Cmp, true, t, limit);
                    self.asm.pop(t);
                    self.asm.jcc(Cc::Le, back);
                    self.asm.jmp(trap);
                }
                Cold::Out { type_index, offset, back } => {
                    self.asm.call_outside(target::thunk(type_index));
                    self.site(SiteKind::Call, offset);
                    self.asm.jmp(back);
                }
                Cold::Poll { offset, back } => {
                    self.asm.call_outside(target::POLL);
                    self.site(SiteKind::Poll, offset);
                    self.asm.jmp(back);
                }
                Cold::Trunc { t, dst, tmp, vector, src, back } => self.odd_trunc(t, dst, tmp, vector, src, back),
            }
        }
    }
}

fn reg(a: Allocation) -> Reg {
    a.as_reg().expect("an operand that must be in a register").hw_enc() as Reg
}
