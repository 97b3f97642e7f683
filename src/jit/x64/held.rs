//! What the allocator does not see: that a value it has put on the stack is still in a register.
//!
//! An operand that may be in a spill slot is often read right after it was stored there, and would wait for the store. Within a
//! block this keeps account of which register holds the same as which slot; operands and reloads then come from the register,
//! and a store of what the slot has already is left out.
//!
//! Invariant: a slot is named for a register only while both have the same content in full.
#![forbid(unsafe_code)]

use crate::jit::alloc::{Allocation, Class, Operand, PReg, PRegSet};
use regalloc2::{OperandConstraint, OperandKind};

const NONE: u32 = u32::MAX;

/// By register, general ones first: the slot that has the same content.
pub(super) struct Held([u32; 32]);

fn place(r: PReg) -> usize {
    r.hw_enc() + if r.class() == Class::Int { 0 } else { 16 }
}

impl Held {
    /// At the start of a block.
    pub fn new() -> Held {
        Held([NONE; 32])
    }

    /// A register that holds the same as a slot.
    fn of_slot(&self, slot: Allocation, class: Class) -> Option<PReg> {
        let slot = slot.as_stack()?.index() as u32;
        let first = if class == Class::Int { 0 } else { 16 };
        let at = self.0[first..first + 16].iter().position(|s| *s == slot)?;
        Some(PReg::new(at, class))
    }

    fn forget_slot(&mut self, slot: u32) {
        self.0.iter_mut().filter(|s| **s == slot).for_each(|s| *s = NONE);
    }

    /// What to do instead of a move, if anything.
    pub fn moved(&mut self, from: Allocation, to: Allocation) -> Option<(Allocation, Allocation)> {
        match (from.as_reg(), to.as_reg()) {
            (Some(f), Some(t)) => {
                self.0[place(t)] = if f.class() == t.class() { self.0[place(f)] } else { NONE };
                Some((from, to))
            }
            (Some(f), None) => {
                let slot = to.as_stack().map_or(NONE, |s| s.index() as u32);
                if self.0[place(f)] == slot && slot != NONE {
                    return None;
                }
                self.forget_slot(slot);
                self.0[place(f)] = slot;
                Some((from, to))
            }
            (None, Some(t)) => {
                let slot = from.as_stack().map_or(NONE, |s| s.index() as u32);
                if self.0[place(t)] == slot && slot != NONE {
                    return None;
                }
                let holder = self.of_slot(from, t.class());
                self.0[place(t)] = slot;
                Some((holder.map_or(from, Allocation::reg), to))
            }
            (None, None) => Some((from, to)),
        }
    }

    /// The places of an instruction's operands, those in slots exchanged for registers that hold the same, and the account
    /// of what the instruction overwrites.
    pub fn instruction(
        &mut self,
        operands: &[Operand],
        places: &[Allocation],
        clobbers: PRegSet,
        out: &mut Vec<Allocation>,
    ) {
        out.clear();
        out.extend_from_slice(places);
        let is_def = |o: &Operand| o.kind() == OperandKind::Def;
        for (n, o) in operands.iter().enumerate() {
            if is_def(o) || o.constraint() != OperandConstraint::Any {
                continue;
            }
            // Not one that the instruction writes: it may do so before it reads.
            if let Some(r) = self.of_slot(places[n], o.class())
                && !operands.iter().zip(places).any(|(o, p)| is_def(o) && p.as_reg() == Some(r))
            {
                out[n] = Allocation::reg(r);
            }
        }
        for (o, p) in operands.iter().zip(places).filter(|(o, _)| is_def(o)) {
            debug_assert!(is_def(o));
            match (p.as_reg(), p.as_stack()) {
                (Some(r), _) => self.0[place(r)] = NONE,
                (_, Some(slot)) => self.forget_slot(slot.index() as u32),
                _ => {}
            }
        }
        for r in clobbers {
            self.0[place(r)] = NONE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jit::alloc::VReg;
    use regalloc2::SpillSlot;

    fn int(n: usize) -> Allocation {
        Allocation::reg(PReg::new(n, Class::Int))
    }

    fn slot(n: usize) -> Allocation {
        Allocation::stack(SpillSlot::new(n))
    }

    fn any_use(n: usize) -> Operand {
        Operand::any_use(VReg::new(n, Class::Int))
    }

    #[test]
    fn a_register_serves_for_the_slot_it_was_stored_to() {
        let mut held = Held::new();
        let mut out = Vec::new();
        assert_eq!(held.moved(int(3), slot(1)), Some((int(3), slot(1))));
        held.instruction(&[any_use(0)], &[slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [int(3)]);
        assert_eq!(held.moved(slot(1), int(5)), Some((int(3), int(5))), "a copy");
        assert_eq!(held.moved(slot(1), int(5)), None, "it is there");
        assert_eq!(held.moved(int(5), slot(1)), None, "nothing new");
    }

    #[test]
    fn nothing_outlives_what_overwrites_it() {
        let mut out = Vec::new();
        let def = Operand::reg_def(VReg::new(9, Class::Int));
        let held = || {
            let mut held = Held::new();
            held.moved(int(3), slot(1));
            held
        };
        let mut h = held();
        h.instruction(&[def], &[int(3)], PRegSet::empty(), &mut out);
        h.instruction(&[any_use(0)], &[slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [slot(1)], "the register was defined anew");

        let mut h = held();
        let mut clobbers = PRegSet::empty();
        clobbers.add(PReg::new(3, Class::Int));
        h.instruction(&[], &[], clobbers, &mut out);
        h.instruction(&[any_use(0)], &[slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [slot(1)], "a call took the register");

        let mut h = held();
        h.moved(int(4), slot(1));
        h.instruction(&[any_use(0)], &[slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [int(4)], "the slot has another value");
        assert_eq!(h.moved(int(3), slot(1)), Some((int(3), slot(1))));

        let mut h = held();
        h.moved(int(7), int(3));
        h.instruction(&[any_use(0)], &[slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [slot(1)], "the register was moved to");
    }

    #[test]
    fn a_register_that_the_instruction_writes_does_not_serve() {
        let mut held = Held::new();
        let mut out = Vec::new();
        held.moved(int(3), slot(1));
        let def = Operand::reg_def(VReg::new(9, Class::Int));
        held.instruction(&[def, any_use(0)], &[int(3), slot(1)], PRegSet::empty(), &mut out);
        assert_eq!(out, [int(3), slot(1)]);
    }

    #[test]
    fn classes_do_not_mix() {
        let mut held = Held::new();
        let vector = Allocation::reg(PReg::new(3, Class::Float));
        held.moved(vector, slot(2));
        assert_eq!(held.moved(slot(2), int(3)), Some((slot(2), int(3))));
    }
}
