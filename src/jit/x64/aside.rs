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

/// Registers, a bit for each: general ones, then vectors.
pub(super) type Mask = u32;

fn bit(r: PReg) -> Mask {
    1 << (r.hw_enc() + if r.class() == Class::Int { 0 } else { 16 })
}

/// The registers of a mask, in order.
fn all(mask: Mask) -> impl Iterator<Item = PReg> {
    let class = |n: usize| if n < 16 { Class::Int } else { Class::Float };
    (0..32).filter(move |n| mask >> n & 1 != 0).map(move |n| PReg::new(n % 16, class(n)))
}

/// Those that callees may use.
fn lost() -> Mask {
    abi::CALLER_SAVED.iter().fold(0xffff_0000, |mask, r| mask | 1 << r)
}

/// Registers that each of these calls has to keep, and the words of the frame that this takes: for the call that keeps most, and
/// for one more value.
pub(super) fn find_kept(f: &MFunc, assigned: &Assigned<'_>) -> (Vec<Mask>, u32) {
    let mut kept = vec![0; f.asides.len()];
    if kept.is_empty() {
        return (kept, 0);
    }
    // By step of all blocks: what it reads, what it writes, and which call it is.
    let mut steps = Vec::with_capacity(f.insts.len());
    let mut ends = Vec::with_capacity(f.blocks.len());
    let mut walk = assigned.walk();
    for n in 0..f.blocks.len() {
        walk.each(f, n, |step| steps.push(registers(f, &step)));
        ends.push(steps.len());
    }
    // By block: what is live at its start.
    let mut live = vec![0; f.blocks.len()];
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for n in (0..f.blocks.len()).rev() {
            let mut now = f.succs(n).iter().fold(0, |mask, s| mask | live[s.index()]);
            let start = n.checked_sub(1).map_or(0, |n| ends[n]);
            for (uses, defs, call) in steps[start..ends[n]].iter().rev() {
                now &= !defs;
                if let Some(call) = call {
                    kept[*call as usize] = now & lost();
                }
                now |= uses;
            }
            changed |= std::mem::replace(&mut live[n], now) != now;
        }
    }
    let words = kept.iter().map(|mask| (mask & 0xffff).count_ones() + 2 * (mask >> 16).count_ones());
    let words = words.max().unwrap_or(0);
    (kept, words + 2)
}

/// The registers that a step reads and writes, and its number if it is one of these calls.
fn registers(f: &MFunc, step: &Step<'_>) -> (Mask, Mask, Option<u32>) {
    let of = |a: Allocation| a.as_reg().map_or(0, bit);
    match *step {
        Step::Move(from, to) => (of(from), of(to), None),
        Step::Inst(i, places) => {
            let (mut uses, mut defs) = (0, 0);
            for (o, place) in Allocatable::operands(f, i).iter().zip(places) {
                *(if o.kind() == OperandKind::Def { &mut defs } else { &mut uses }) |= of(*place);
            }
            let MOp::Aside(n) = f.insts[i].op else { return (uses, defs, None) };
            (uses, defs, Some(n))
        }
    }
}

impl Emit<'_> {
    /// What a call overwrites of registers that somebody may still believe in.
    pub(super) fn overwritten(&self, inst: &MInst) -> Option<PRegSet> {
        let MOp::Aside(n) = inst.op else { return None };
        let mut set = self.f.clobbered;
        all(self.kept[n as usize]).for_each(|r| set.remove(r));
        Some(set)
    }

    pub(super) fn aside(&mut self, block: usize, n: u32, inst: &MInst, p: &[Allocation]) {
        let (f, kept) = (self.f, self.kept[n as usize]);
        let Aside { op, first } = f.asides[n as usize];
        let mut slot = self.keep;
        let mut places = Vec::new();
        for r in all(kept) {
            places.push((Allocation::reg(r), Allocation::stack(SpillSlot::new(slot as usize))));
            slot += if r.class() == Class::Int { 1 } else { 2 };
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
