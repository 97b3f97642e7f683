//! From machine instructions with assigned registers to bytes.
//!
//! A frame, from high to low addresses: arguments on the stack, return address, the caller's rbp (where rbp points), saved
//! registers, spill slots, outgoing arguments. Traps and slow paths lie behind the function's code; a trap is a call of the
//! common stub, whose return address says which trap it is.
#![forbid(unsafe_code)]

use super::abi::{self, CALLEE_SAVED, INSTANCE};
use super::aside::Mask;
use super::emit_cold::Cold;
use super::enc::*;
use super::enc_simd::Vi;
use super::held::Held;
use super::mach::*;
use crate::jit::alloc::MachineEnv;
use crate::jit::alloc::{Allocatable, Allocation, Assigned, BlockRef, Class, Operand, PReg, PRegSet, Step, VReg};
use crate::jit::code::{Landing, NO_CHAIN, Site, SiteKind, Unwind, target};
use crate::jit::ssa::ir::{Block, INLINED, Inlined, as_inlined};
use crate::util::sort_by_key;
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
        self.succs(block)
    }

    fn predecessors(&self, block: usize) -> &[BlockRef] {
        self.preds(block)
    }

    fn params(&self, block: usize) -> &[VReg] {
        MFunc::params(self, block)
    }

    fn branch_args(&self, block: usize, successor: usize) -> &[VReg] {
        // Others than jumps pass nothing.
        if successor == 0 { self.args(block) } else { &[] }
    }

    fn operands(&self, inst: usize) -> &[Operand] {
        MFunc::operands(self, &self.insts[inst])
    }

    fn clobbers(&self, inst: usize) -> PRegSet {
        let mut set = PRegSet::empty();
        if let MOp::V(MVec::Shuffle) = self.insts[inst].op {
            // The way to the stub takes it.
            set.add(int(R11));
        }
        if let MOp::Call(..) | MOp::CallHelper(..) | MOp::Invoke(..) | MOp::Throw(..) = self.insts[inst].op {
            set = self.clobbered;
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
        matches!(self.insts[inst].op, MOp::Return(_) | MOp::Trap(..) | MOp::TailCall(..) | MOp::Throw(false, _))
    }

    fn is_branch(&self, inst: usize) -> bool {
        use MOp::*;
        matches!(self.insts[inst].op, Jump(_) | Branch(..) | Table | Invoke(..) | Throw(true, _))
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

/// Where the instance has the limit of the stack.
pub(super) const LIMIT: Mem =
    Mem { base: INSTANCE, index: None, scale: 0, disp: offset_of!(layout::Instance, limit) as i32 };

/// A function's code, not yet at its place.
pub struct Emitted {
    pub bytes: Vec<u8>,
    /// Calls of what lies elsewhere: place of the 32-bit distance, and [`target`].
    pub relocs: Vec<(u32, u32)>,
    /// Return addresses, in order.
    pub sites: Vec<Site>,
    pub unwind: Unwind,
    /// Where there are no instructions.
    pub data: Vec<(u32, u32)>,
}

pub(super) struct Emit<'a> {
    pub(super) f: &'a MFunc,
    pub(super) asm: Asm,
    /// Of the blocks.
    labels: Vec<Label>,
    /// By block: where a jump to it may go at once.
    forward: Vec<usize>,
    pub(super) sites: Vec<Site>,
    pub(super) cold: Vec<(Label, Cold)>,
    /// By number of a chain: the block whose handlers it has.
    pub(super) chains: Vec<usize>,
    /// Of the sites that are made.
    pub(super) chain: u32,
    saved: Vec<Reg>,
    /// Words for the allocator, and above them, from `keep` on, for what calls keep.
    spills: u32,
    pub(super) keep: u32,
    /// By call of the function's `asides`: the registers that it keeps.
    pub(super) kept: Vec<Mask>,
    /// The blocks in the order of their code, and by block its place there.
    order: Vec<usize>,
    place: Vec<usize>,
    /// The place after that of the block at hand.
    next: usize,
    /// The flags tell whether this register is zero: the register, its width, and where the code ended then.
    pub(super) result: Option<(Reg, bool, u32)>,
}

/// Writes a function's code.
pub fn emit(f: &MFunc, assigned: &Assigned<'_>) -> Emitted {
    let mut asm = Asm::default();
    let labels = f.blocks.iter().map(|_| asm.new_label()).collect();
    let (mut order, rare): (Vec<_>, Vec<_>) = (0..f.blocks.len()).partition(|n| !f.blocks[*n].is_rare);
    order.extend(rare);
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(at, n)| place[*n] = at);
    let (kept, words) = super::aside::find_kept(f, assigned);
    let keep = assigned.spill_slots() as u32;
    let mut e = Emit {
        f,
        asm,
        labels,
        forward: (0..f.blocks.len()).collect(),
        sites: Vec::new(),
        cold: Vec::new(),
        chains: Vec::new(),
        chain: NO_CHAIN,
        saved: Vec::new(),
        spills: keep + words,
        keep,
        kept,
        order,
        place,
        next: 0,
        result: None,
    };
    e.find_saved(assigned);
    e.find_forwards(assigned);
    e.prologue();
    let mut places_now = Vec::new();
    let mut walk = assigned.walk();
    for at in 0..f.blocks.len() {
        let n = e.order[at];
        e.next = at + 1;
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
            e.asm.align(if f.is_innermost(n) { 32 } else { 16 });
        }
        let label = e.labels[n];
        e.asm.bind(label);
        let mut held = Held::new();
        e.result = None;
        walk.each(f, n, |step| match step {
            Step::Inst(i, places) => {
                let overwritten = e.overwritten(&f.insts[i]).unwrap_or_else(|| f.clobbers(i));
                held.instruction(Allocatable::operands(f, i), places, overwritten, &mut places_now);
                e.inst(n, &f.insts[i], &places_now);
            }
            Step::Move(from, to) => {
                if let Some((from, to)) = held.moved(from, to) {
                    e.move_value(from, to);
                }
            }
        });
    }
    e.cold_paths();
    e.asm.finish();
    sort_by_key(&mut e.sites, |s| u64::from(s.at));
    let unwind = Unwind { inlined: e.keep_places(), ..e.unwind() };
    let (relocs, data) = (std::mem::take(&mut e.asm.relocs), std::mem::take(&mut e.asm.data));
    Emitted { unwind, relocs, bytes: e.asm.buf, sites: e.sites, data }
}

impl Emit<'_> {
    fn find_saved(&mut self, assigned: &Assigned<'_>) {
        let registers = assigned.places().filter_map(Allocation::as_reg).filter(|r| r.class() == Class::Int);
        let used = registers.fold(0u32, |used, r| used | 1 << r.hw_enc());
        self.saved = CALLEE_SAVED.iter().copied().filter(|r| used >> *r & 1 != 0).collect();
    }

    /// Blocks that only jump: whoever goes there goes on at once.
    fn find_forwards(&mut self, assigned: &Assigned<'_>) {
        let mut walk = assigned.walk();
        for b in 1..self.f.blocks.len() {
            let block = &self.f.blocks[b];
            if let Some((MInst { op: MOp::Jump(to), .. }, others)) =
                self.f.insts[block.first as usize..block.end as usize].split_last()
                && others.iter().all(|i| i.op == MOp::Hold)
                && !walk.has_moves(self.f, b)
            {
                self.forward[b] = to.index();
            }
        }
        // To the end at once. An empty loop jumps to itself, perhaps through others.
        let mut seen = vec![false; self.forward.len()];
        for b in 1..self.forward.len() {
            let mut path = Vec::new();
            let mut at = b;
            while self.forward[at] != at && !std::mem::replace(&mut seen[at], true) {
                path.push(at);
                at = self.forward[at];
            }
            let end = self.forward[at];
            path.iter().for_each(|p| self.forward[*p] = end);
        }
    }

    fn forwarded(&self, b: usize) -> usize {
        self.forward[b]
    }

    pub(super) fn label_of(&self, b: Block) -> Label {
        self.labels[self.forwarded(b.index())]
    }

    /// Whether `b` has its code already.
    pub(super) fn is_behind(&self, b: Block) -> bool {
        self.place[self.forwarded(b.index())] < self.next
    }

    /// Whether going to `b` needs no jump.
    pub(super) fn is_next(&self, b: Block) -> bool {
        let to = self.forwarded(b.index());
        self.place[to] >= self.next
            && self.forward[to] == to
            && self.order[self.next..self.place[to]]
                .iter()
                .all(|n| self.forward[self.forwarded(*n)] == self.forwarded(*n) && self.forward[*n] != *n)
    }

    /// How to leave and to come back to frames of this function.
    fn unwind(&self) -> Unwind {
        let saved = CALLEE_SAVED.iter().enumerate().filter(|(_, r)| self.saved.contains(r));
        let chain = |at: &usize| {
            let block = &self.f.blocks[*at];
            let succs = self.f.succs(*at);
            let landings = &succs[succs.len() - block.regions.len()..];
            let landing = |(region, succ): (&u32, &BlockRef)| {
                let label = self.label_of(Block(succ.index() as u32));
                Landing { at: self.asm.label_at(label).unwrap_or(0), region: *region }
            };
            block.regions.iter().zip(landings).map(landing).collect()
        };
        Unwind {
            frame: self.frame_words() * 8,
            saved: saved.fold(0, |mask, (n, _)| mask | 1 << n),
            chains: self.chains.iter().map(chain).collect(),
            regions: self.f.regions.clone(),
            inlined: Box::default(),
        }
    }

    /// The inlined places that sites name, and those of the calls they are in, numbered anew.
    fn keep_places(&mut self) -> Box<[Inlined]> {
        let all = &self.f.inlined;
        let mut kept = vec![false; all.len()];
        self.sites.iter().filter_map(|s| as_inlined(s.offset)).for_each(|n| kept[n] = true);
        for n in (0..all.len()).rev().filter(|n| kept[*n]).collect::<Vec<_>>() {
            let mut at = all[n].call;
            while let Some(n) = as_inlined(at) {
                kept[n] = true;
                at = all[n].call;
            }
        }
        let mut number = vec![0; all.len()];
        let mut list: Vec<Inlined> = Vec::new();
        let renamed = |number: &[u32], offset: u32| as_inlined(offset).map_or(offset, |n| number[n]);
        for (n, place) in all.iter().enumerate().filter(|(n, _)| kept[*n]) {
            number[n] = INLINED + list.len() as u32;
            list.push(Inlined { call: renamed(&number, place.call), ..*place });
        }
        for site in &mut self.sites {
            site.offset = renamed(&number, site.offset);
        }
        list.into()
    }

    // Frames.

    pub(super) fn frame_words(&self) -> u32 {
        self.saved.len() as u32 + self.spills + self.f.outgoing
    }

    fn prologue(&mut self) {
        self.asm.push(RBP);
        self.asm.mov(true, RBP, RSP);
        let bytes = self.frame_words() * 8;
        if self.f.has_calls || self.f.has_polls || bytes > SMALL_FRAME {
            // The limit is compared with the stack pointer as it will be, if it is asked again or the frame is large. r10 is
            // free at an entry.
            let sp = if bytes > SMALL_FRAME || self.f.has_polls && bytes > 0 {
                self.asm.lea(true, R10, Mem::base(RSP, -(bytes as i32)));
                R10
            } else {
                RSP
            };
            self.asm.alu(Alu::Cmp, true, sp, LIMIT.into());
            let back = self.asm.new_label();
            let ask = self.cold(Cold::Enter { sp, back });
            self.asm.jcc(Cc::B, ask);
            self.asm.bind(back);
        }
        if bytes > 0 {
            self.asm.alu_imm(Alu::Sub, true, Rm::Reg(RSP), bytes as i32);
        }
        for (n, &r) in self.saved.iter().enumerate() {
            self.asm.store(8, Mem::base(RBP, -8 * (n as i32 + 1)), r);
        }
    }

    pub(super) fn restore_saved(&mut self) {
        for (n, &r) in self.saved.iter().enumerate() {
            self.asm.load64(r, Mem::base(RBP, -8 * (n as i32 + 1)));
        }
    }

    pub(super) fn epilogue(&mut self) {
        self.leave_frame();
        self.asm.ret();
    }

    pub(super) fn leave_frame(&mut self) {
        self.restore_saved();
        if self.frame_words() > 0 {
            self.asm.mov(true, RSP, RBP);
        }
        self.asm.pop(RBP);
    }

    pub(super) fn spill(&self, slot: usize) -> Mem {
        // A vector takes the slot and the one after it, whose address is lower by that much.
        let words = self.saved.len() as i32 + self.spills as i32 - slot as i32;
        Mem::base(RBP, -8 * words)
    }

    /// A register or spill slot as an operand.
    pub(super) fn rm(&self, a: Allocation) -> Rm {
        match (a.as_reg(), a.as_stack()) {
            (Some(r), _) => Rm::Reg(r.hw_enc() as Reg),
            (_, Some(slot)) => self.spill(slot.index()).into(),
            _ => unreachable!("every operand has a place"),
        }
    }

    fn move_value(&mut self, from: Allocation, to: Allocation) {
        let flags = self.result.filter(|r| r.2 == self.asm.here() && to.as_reg().is_none_or(|t| t != int(r.0)));
        self.copy(from, to);
        // Moves keep the flags.
        self.result = flags.map(|r| (r.0, r.1, self.asm.here()));
    }

    pub(super) fn copy(&mut self, from: Allocation, to: Allocation) {
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

    pub(super) fn addr(&self, a: Addr, places: &[Allocation]) -> Mem {
        let mut places = places.iter().map(|p| reg(*p));
        let base = match a.base {
            Base::Reg => places.next().expect("a base"),
            Base::Instance => INSTANCE,
            Base::Frame => RBP,
            Base::Stack => RSP,
            Base::None => NO_BASE,
        };
        let index = if a.index { places.next() } else { None };
        Mem { base, index, scale: a.scale, disp: a.disp }
    }

    /// The last operand, unless it is an immediate.
    pub(super) fn src(&mut self, src: Src, places: &[Allocation]) -> Rm {
        match src {
            Src::Reg => self.rm(places[0]),
            Src::Mem(a) => self.addr(a, places).into(),
            Src::Pool(bits) => Rm::Pool(self.asm.pool(bits)),
            Src::Vector(n) => Rm::Vector(self.asm.vector_constant(self.f.vectors[n as usize])),
            Src::Imm(_) => unreachable!("immediates have their own forms"),
        }
    }

    /// Sets the flags.
    pub(super) fn cmp(&mut self, cmp: Cmp, places: &[Allocation]) {
        let a = reg(places[0]);
        match cmp {
            Cmp::Int { wide, src: Src::Imm(imm) } => self.asm.alu_imm(Alu::Cmp, wide, Rm::Reg(a), imm),
            Cmp::Int { wide, src } => {
                let rm = self.src(src, &places[1..]);
                self.asm.alu(Alu::Cmp, wide, a, rm);
            }
            Cmp::Test { wide, src: Src::Imm(imm) } => self.asm.test_imm(wide, a, imm),
            Cmp::Vector => self.asm.vector(self.f.cpu.avx2, Vi::Ptest, a, 0, Rm::Reg(reg(places[1])), 0),
            Cmp::Test { wide, .. } => self.asm.test(wide, a, reg(places[1])),
            Cmp::Float { double, src } => {
                let rm = self.src(src, &places[1..]);
                self.asm.sse(if double { Sse::Ucomisd } else { Sse::Ucomiss }, a, rm);
            }
        }
    }

    /// Notes that the instruction just written has set the flags by its result, as a comparison of that with zero would for
    /// equality.
    pub(super) fn has_result(&mut self, r: Reg, wide: bool) {
        self.result = Some((r, wide, self.asm.here()));
    }

    /// [`Emit::cmp`] for a condition, unless the flags say it already.
    pub(super) fn cmp_for(&mut self, cmp: Cmp, when: When, places: &[Allocation]) {
        if let (Cmp::Test { wide, src: Src::Reg }, When::Is(Cc::E | Cc::Ne)) = (cmp, when)
            && places[0] == places[1]
            && self.result == Some((reg(places[0]), wide, self.asm.here()))
        {
            return;
        }
        self.cmp(cmp, places);
    }

    /// Jumps to a label when a condition holds.
    pub(super) fn jump_when(&mut self, when: When, to: Label) {
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
    pub(super) fn site(&mut self, kind: SiteKind, offset: u32) {
        self.sites.push(Site { at: self.asm.here(), kind, offset, chain: self.chain });
    }

    pub(super) fn trap(&mut self, kind: TrapKind, offset: u32) {
        self.asm.call_outside(target::TRAP);
        self.site(SiteKind::Trap(kind), offset);
    }
}

fn int(r: Reg) -> PReg {
    PReg::new(r as usize, Class::Int)
}

pub(super) fn reg(a: Allocation) -> Reg {
    a.as_reg().expect("an operand that must be in a register").hw_enc() as Reg
}
