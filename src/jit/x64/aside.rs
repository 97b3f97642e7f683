//! Calls that are rare in their loop leave registers as they are.
//!
//! To the allocator they overwrite nothing and take their arguments where these are, so that on the trips that do not call nothing is
//! stored, loaded or moved on their account. What is live behind such a call, in registers that callees may use, is stored in front of
//! it and loaded again behind it; which registers these are is found when all have been assigned.
#![forbid(unsafe_code)]

use super::abi;
use super::emit::Emit;
use super::lower::Lower;
use super::mach::*;
use crate::jit::alloc::{Allocatable, Allocation, Assigned, Class, Operand, PReg, PRegSet, Step};
use regalloc2::{OperandConstraint, OperandKind, SpillSlot};

/// A call: [`MOp::Call`] or [`MOp::CallHelper`], and where in `MFunc::places` the registers begin that its operands are wanted in.
#[derive(Clone, Copy, Debug)]
pub struct Aside {
    pub op: MOp,
    pub first: u32,
}

impl Lower<'_> {
    /// A call, whose operands all have fixed registers.
    pub(super) fn emit_call(&mut self, op: MOp, operands: &[Operand]) {
        if !self.is_rare() {
            return self.emit(op, operands);
        }
        let first = self.out.places.len() as u32;
        let mut free = Vec::with_capacity(operands.len());
        for o in operands {
            let OperandConstraint::FixedReg(place) = o.constraint() else { return self.emit(op, operands) };
            self.out.places.push(place);
            free.push(match o.kind() {
                OperandKind::Def => Operand::reg_def(o.vreg()),
                OperandKind::Use => Operand::any_use(o.vreg()),
            });
        }
        self.out.asides.push(Aside { op, first });
        self.emit(MOp::Aside(self.out.asides.len() as u32 - 1), &free);
    }
}

/// Registers that each of these calls has to keep, and the words of the frame that this takes: for the call that keeps most, and
/// for one more value.
pub(super) fn find_kept(f: &MFunc, assigned: &Assigned<'_>) -> (Vec<PRegSet>, u32) {
    let mut kept = vec![PRegSet::empty(); f.asides.len()];
    if kept.is_empty() {
        return (kept, 0);
    }
    // By block: what is live at its start, and what it overwrites.
    let mut starts = vec![(PRegSet::empty(), PRegSet::empty()); f.blocks.len()];
    let mut walk = assigned.walk();
    for (n, (live, written)) in starts.iter_mut().enumerate() {
        walk.each(f, n, |step| {
            let (uses, defs) = registers(f, &step);
            for r in uses.into_iter().filter(|r| !written.contains(*r)) {
                live.add(r);
            }
            written.union_from(defs);
        });
    }
    let end = |starts: &[(PRegSet, PRegSet)], n: usize| {
        let mut live = PRegSet::empty();
        f.succs(n).iter().for_each(|s| live.union_from(starts[s.index()].0));
        live
    };
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for n in (0..f.blocks.len()).rev() {
            let (live, written) = starts[n];
            let mut now = live;
            end(&starts, n).into_iter().filter(|r| !written.contains(*r)).for_each(|r| now.add(r));
            changed |= now != live;
            starts[n].0 = now;
        }
    }
    let mut walk = assigned.walk();
    let mut steps = Vec::new();
    for (n, b) in f.blocks.iter().enumerate() {
        let insts = &f.insts[b.first as usize..b.end as usize];
        if !insts.iter().any(|i| matches!(i.op, MOp::Aside(_))) {
            continue;
        }
        walk.each(f, n, |step| {
            let aside = match step {
                Step::Inst(i, _) => Some(f.insts[i].op),
                Step::Move(..) => None,
            };
            steps.push((registers(f, &step), aside));
        });
        let mut live = end(&starts, n);
        for ((uses, defs), op) in steps.drain(..).rev() {
            defs.into_iter().for_each(|r| live.remove(r));
            if let Some(MOp::Aside(n)) = op {
                let lost = |r: &PReg| r.class() == Class::Float || abi::CALLER_SAVED.contains(&(r.hw_enc() as u8));
                live.into_iter().filter(lost).for_each(|r| kept[n as usize].add(r));
            }
            live.union_from(uses);
        }
    }
    let words = kept.iter().map(|set| set.into_iter().map(words_of).sum()).max();
    (kept, words.unwrap_or(0) + 2)
}

fn words_of(r: PReg) -> u32 {
    if r.class() == Class::Int { 1 } else { 2 }
}

/// The registers that a step reads, and those that it writes.
fn registers(f: &MFunc, step: &Step<'_>) -> (PRegSet, PRegSet) {
    let (mut uses, mut defs) = (PRegSet::empty(), PRegSet::empty());
    match *step {
        Step::Move(from, to) => {
            from.as_reg().into_iter().for_each(|r| uses.add(r));
            to.as_reg().into_iter().for_each(|r| defs.add(r));
        }
        Step::Inst(i, places) => {
            for (o, r) in Allocatable::operands(f, i).iter().zip(places.iter().map(|p| p.as_reg())) {
                let set = if o.kind() == OperandKind::Def { &mut defs } else { &mut uses };
                r.into_iter().for_each(|r| set.add(r));
            }
        }
    }
    (uses, defs)
}

impl Emit<'_> {
    /// What a call overwrites of registers that somebody may still believe in.
    pub(super) fn overwritten(&self, inst: &MInst) -> Option<PRegSet> {
        let MOp::Aside(n) = inst.op else { return None };
        let mut set = self.f.clobbered;
        self.kept[n as usize].into_iter().for_each(|r| set.remove(r));
        Some(set)
    }

    pub(super) fn aside(&mut self, block: usize, n: u32, inst: &MInst, p: &[Allocation]) {
        let (f, kept) = (self.f, self.kept[n as usize]);
        let Aside { op, first } = f.asides[n as usize];
        let mut slot = self.keep;
        let mut places = Vec::new();
        for r in kept {
            places.push((Allocation::reg(r), Allocation::stack(SpillSlot::new(slot as usize))));
            slot += words_of(r);
        }
        let spare = Allocation::stack(SpillSlot::new(slot as usize));
        places.iter().for_each(|(r, slot)| self.copy(*r, *slot));
        let (mut args, mut results) = (Vec::new(), Vec::new());
        for (k, (o, place)) in f.operands(inst).iter().zip(p).enumerate() {
            let wanted = Allocation::reg(f.places[first as usize + k]);
            match o.kind() {
                OperandKind::Use => args.push((*place, wanted)),
                OperandKind::Def => results.push((wanted, *place)),
            }
        }
        self.copy_all(args, spare);
        self.bare_inst(block, &MInst { op, ..*inst }, &[]);
        self.copy_all(results, spare);
        places.iter().for_each(|(r, slot)| self.copy(*slot, *r));
    }

    /// Copies at once; `spare` is a place that none of them names.
    fn copy_all(&mut self, mut moves: Vec<(Allocation, Allocation)>, spare: Allocation) {
        moves.retain(|(from, to)| from != to);
        while let Some(&(from, _)) = moves.first() {
            let free = moves.iter().position(|m| moves.iter().all(|other| other.0 != m.1));
            match free {
                Some(n) => {
                    let (from, to) = moves.swap_remove(n);
                    self.copy(from, to);
                }
                None => {
                    // In a circle: by way of the stack.
                    self.copy(from, spare);
                    moves.iter_mut().filter(|m| m.0 == from).for_each(|m| m.0 = spare);
                }
            }
        }
    }
}
