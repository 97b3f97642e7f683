//! Writing instructions, tracking what slots and accumulators hold, and moving operands to where they are needed.

use super::{Fixup, Last, NONE, Operand, Place, Translator, Ty};
use crate::code::op::Op;
use crate::code::op_fused::fused;

/// The fields `A B C D` of word 1.
pub(super) fn abcd(a: u32, b: u32, c: u32, d: u32) -> u64 {
    debug_assert!(a < 65536 && b < 65536 && c < 65536 && d < 65536);
    a as u64 | (b as u64) << 16 | (c as u64) << 32 | (d as u64) << 48
}

/// The fields `A B I` of word 1.
pub(super) fn abi(a: u32, b: u32, i: u32) -> u64 {
    abcd(a, b, 0, 0) | (i as u64) << 32
}

/// The fields `J I` of word 1.
pub(super) fn ji(j: u32, i: u32) -> u64 {
    j as u64 | (i as u64) << 32
}

/// What an instruction does to the accumulators.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Acc {
    /// Leaves its result in the integer accumulator.
    Int,
    /// Leaves its result in the float accumulator.
    Float,
    /// Leaves both alone.
    Keep,
    /// Leaves something in the integer accumulator.
    Clobber,
}

impl Acc {
    /// For an instruction whose result of this type goes through its accumulator.
    pub(super) fn of(ty: Ty) -> Acc {
        match ty {
            Ty::I32 | Ty::I64 | Ty::Ref => Acc::Int,
            Ty::F32 | Ty::F64 => Acc::Float,
            Ty::V128 => Acc::Keep,
        }
    }

    /// For an instruction whose result of any one-slot type goes through the integer accumulator.
    pub(super) fn as_bits(ty: Ty) -> Acc {
        if ty.is_float() { Acc::Clobber } else { Acc::Int }
    }
}

/// Slots from here on do not fit a field.
const FAR: u32 = 0x1_0000;

impl Translator<'_> {
    /// Appends an instruction.
    pub(super) fn emit(&mut self, op: Op, words: &[u64]) {
        let start = self.code.len();
        if self.map.is_some() {
            self.ops.push((start as u32, op));
        }
        self.settle_recent();
        self.recent[1] = Some((start, op));
        self.code.push(self.handlers.word(op));
        self.code.extend_from_slice(words);
        self.last = None;
    }

    /// The latest instruction will not change any more: fuses it with the one before it if there is a handler for both.
    pub(super) fn settle_recent(&mut self) {
        let [before, latest] = self.recent;
        self.recent = [latest, None];
        if let (Some((start, first)), Some((_, second))) = (before, latest)
            && let Some(both) = fused(first, second)
        {
            self.code[start] = self.handlers.word(both);
            self.recent[0] = None;
        }
    }

    /// Appends an instruction with a result: pushes a temporary of the type and fills field A of the first word with it.
    pub(super) fn emit_result(&mut self, ty: Ty, acc: Acc, op: Op, words: &[u64]) {
        let home = self.push_temp(ty);
        let dst = if home < FAR { home } else { self.scratch_slot() };
        let (ia, fa) = (self.ia, self.fa);
        let start = self.code.len();
        self.emit(op, words);
        self.code[start + 1] |= dst as u64;
        self.written(dst, ty.slots());
        self.set_acc(acc, dst);
        if home >= FAR {
            self.copy(home, dst, ty);
        } else {
            self.last = Some(Last { start, dst: home, home, ia, fa, cmp: None, sum: None });
        }
    }

    /// Appends an instruction with two integer results in adjacent slots: as `emit_result`, for the first of them.
    pub(super) fn emit_pair(&mut self, op: Op, words: &[u64]) {
        let home = self.push_temp(Ty::I64);
        self.push_temp(Ty::I64);
        let dst = if home < FAR { home } else { self.scratch_slot() };
        let start = self.code.len();
        self.emit(op, words);
        self.code[start + 1] |= dst as u64;
        self.written(dst, 2);
        if home != dst {
            self.copy(home, dst, Ty::I64);
            self.copy(home + 1, dst + 1, Ty::I64);
        }
    }

    fn set_acc(&mut self, acc: Acc, slot: u32) {
        match acc {
            Acc::Int => self.ia = slot,
            Acc::Float => self.fa = slot,
            Acc::Keep => {}
            Acc::Clobber => self.ia = NONE,
        }
    }

    /// A slot has a new value: accumulators that held its old one hold nothing known.
    pub(super) fn written(&mut self, slot: u32, slots: u32) {
        for acc in [&mut self.ia, &mut self.fa] {
            if *acc != NONE && *acc >= slot && *acc < slot + slots {
                *acc = NONE;
            }
        }
    }

    /// Nothing is known of the accumulators any more.
    pub(super) fn forget(&mut self) {
        self.ia = NONE;
        self.fa = NONE;
        self.last = None;
    }

    /// Whether the integer accumulator holds the operand.
    pub(super) fn in_ia(&self, o: &Operand) -> bool {
        o.slot().is_some_and(|s| s == self.ia)
    }

    /// Whether the float accumulator holds the operand.
    pub(super) fn in_fa(&self, o: &Operand) -> bool {
        o.slot().is_some_and(|s| s == self.fa)
    }

    // The operand stack.

    pub(super) fn push(&mut self, place: Place, ty: Ty) -> u32 {
        let home = self.top;
        self.stack.push(Operand { place, ty, home });
        self.top += ty.slots();
        self.max_top = self.max_top.max(self.top);
        home
    }

    pub(super) fn push_temp(&mut self, ty: Ty) -> u32 {
        self.push(Place::Temp, ty)
    }

    pub(super) fn pop(&mut self) -> Operand {
        let o = self.stack.pop().expect("an operand, as validated");
        self.top = o.home;
        self.floor = self.floor.min(self.stack.len());
        o
    }

    /// Drops operands down to a height.
    pub(super) fn truncate(&mut self, height: usize) {
        if height < self.stack.len() {
            self.top = self.stack[height].home;
            self.stack.truncate(height);
            self.floor = self.floor.min(height);
        }
    }

    // Slots of operands.

    /// A scratch slot (and the next one) for a far operand of the current operator. They go round: an operator has up to
    /// four far operands, and reads them before it writes a far result.
    fn scratch_slot(&mut self) -> u32 {
        let slot = self.first_scratch() + 2 * (self.scratch_used % 4);
        self.scratch_used += 1;
        slot
    }

    fn first_scratch(&self) -> u32 {
        assert!(self.scratch != NONE, "frames without scratch slots have no far ones");
        self.scratch
    }

    /// The scratch slot that only passes things on, so that moving any number of operands leaves the others alone.
    fn passing_slot(&self) -> u32 {
        self.first_scratch() + 8
    }

    /// A slot that holds the operand and fits a field.
    pub(super) fn near(&mut self, o: &Operand) -> u32 {
        let slot = match o.place {
            Place::Const(bits) => match self.const_slot(bits) {
                Some(slot) => slot,
                None => {
                    let slot = if o.home < FAR { o.home } else { self.scratch_slot() };
                    self.constant(slot, bits);
                    slot
                }
            },
            Place::Local(slot) => slot,
            Place::Temp => o.home,
        };
        if slot < FAR {
            return slot;
        }
        let scratch = self.scratch_slot();
        self.copy(scratch, slot, o.ty);
        scratch
    }

    /// The slot of a constant kept in the frame, in loops and while there is room.
    pub(super) fn const_slot(&mut self, bits: u64) -> Option<u32> {
        if let Some(i) = self.consts.iter().position(|&c| c == bits) {
            return Some(self.const_base + i as u32);
        }
        if self.loops == 0 || self.consts.len() as u32 >= self.const_room {
            return None;
        }
        self.consts.push(bits);
        Some(self.const_base + self.consts.len() as u32 - 1)
    }

    // Moves.

    /// Writes a constant to a slot.
    pub(super) fn constant(&mut self, dst: u32, bits: u64) {
        let near = if dst < FAR { dst } else { self.passing_slot() };
        if bits as i32 as i64 as u64 == bits {
            self.emit(Op::const_i, &[abi(near, 0, bits as u32)]);
        } else {
            self.emit(Op::const64, &[abcd(near, 0, 0, 0), bits]);
        }
        self.written(near, 1);
        if near != dst {
            self.copy(dst, near, Ty::I64);
        }
    }

    /// Copies a slot (two for a vector).
    #[inline(never)]
    pub(super) fn copy(&mut self, dst: u32, src: u32, ty: Ty) {
        let (words, op) = self.copy_words(dst, src, ty);
        self.emit(op, &[words]);
        self.written(dst, ty.slots());
    }

    fn copy_words(&self, dst: u32, src: u32, ty: Ty) -> (u64, Op) {
        match (dst < FAR && src < FAR, ty) {
            (true, Ty::V128) => (abcd(dst, src, 0, 0), Op::copy128),
            (true, _) => (abcd(dst, src, 0, 0), Op::copy),
            (false, Ty::V128) => (ji(dst, src), Op::copy_far128),
            (false, _) => (ji(dst, src), Op::copy_far),
        }
    }

    /// Writes an operand to a slot.
    pub(super) fn move_to(&mut self, dst: u32, o: &Operand) {
        match o.place {
            Place::Const(bits) => self.constant(dst, bits),
            Place::Local(slot) => self.copy(dst, slot, o.ty),
            Place::Temp if o.home == dst => {}
            Place::Temp => self.copy(dst, o.home, o.ty),
        }
    }

    /// Brings the operands from a stack height on into their homes, pairing up copies.
    pub(super) fn settle(&mut self, from: usize) {
        let mut pending: Option<(u32, u32)> = None;
        for i in from..self.stack.len() {
            let o = self.stack[i];
            self.stack[i].place = Place::Temp;
            match o.place {
                Place::Temp => {}
                Place::Local(slot) if o.ty != Ty::V128 && slot < FAR && o.home < FAR => match pending.take() {
                    None => pending = Some((o.home, slot)),
                    Some((dst, src)) => {
                        self.emit(Op::copy2, &[abcd(dst, src, o.home, slot)]);
                        self.written(dst, 1);
                        self.written(o.home, 1);
                    }
                },
                _ => self.move_to(o.home, &o),
            }
        }
        if let Some((dst, src)) = pending {
            self.copy(dst, src, Ty::I64);
        }
    }

    /// Brings all unread locals into their homes: what follows may change locals, or be reached another way.
    pub(super) fn settle_locals(&mut self) {
        for i in self.floor..self.stack.len() {
            let o = self.stack[i];
            if let Place::Local(slot) = o.place {
                self.stack[i].place = Place::Temp;
                self.copy(o.home, slot, o.ty);
            }
        }
        self.floor = self.stack.len();
    }

    // Locals.

    pub(super) fn local_get(&mut self, index: u32) {
        let (slot, ty) = self.locals[index as usize];
        self.push(Place::Local(slot), ty);
    }

    pub(super) fn local_set(&mut self, index: u32) {
        let (slot, ty) = self.locals[index as usize];
        let v = self.pop();
        self.save_readers(slot, &v);
        if v.place == Place::Local(slot) {
            return;
        }
        if let (Place::Temp, Some(last)) = (v.place, self.last)
            && last.dst == v.home
            && slot < FAR
        {
            self.code[last.start + 1] = self.code[last.start + 1] & !0xffff | slot as u64;
            let (ia, fa) = (self.ia == v.home, self.fa == v.home);
            self.written(slot, ty.slots());
            if ia {
                self.ia = slot;
            }
            if fa {
                self.fa = slot;
            }
            self.last = None;
            return;
        }
        let (ia, fa) = (self.in_ia(&v), self.in_fa(&v));
        self.move_to(slot, &v);
        // The accumulator holds the local now as well; that is the one more likely to be read again.
        if ia {
            self.ia = slot;
        }
        if fa {
            self.fa = slot;
        }
    }

    pub(super) fn local_tee(&mut self, index: u32) {
        self.local_set(index);
        self.local_get(index);
    }

    /// Before a local's slot is overwritten by `v`: operands still to be read from it move to their homes. When `v` is the
    /// result of the last instruction, the moves go before it, so that it can still be made to write the local.
    fn save_readers(&mut self, slot: u32, v: &Operand) {
        /// How far down to look before everything is moved, so that the work stays linear in the body.
        const NEAR_TOP: usize = 16;
        let len = self.stack.len();
        let deep = len.saturating_sub(NEAR_TOP);
        let all = deep > self.floor;
        let from = self.floor;
        if all {
            self.floor = deep;
        }
        for i in from..len {
            let o = self.stack[i];
            let Place::Local(s) = o.place else { continue };
            if s != slot && i >= self.floor {
                continue;
            }
            self.stack[i].place = Place::Temp;
            match self.last {
                Some(last) if v.place == Place::Temp && last.dst == v.home => self.copy_before(last, o.home, s, o.ty),
                _ => self.copy(o.home, s, o.ty),
            }
        }
    }

    /// Copies a slot just before the last instruction, which neither reads nor writes the destination.
    fn copy_before(&mut self, mut last: Last, dst: u32, src: u32, ty: Ty) {
        let (word, op) = self.copy_words(dst, src, ty);
        self.code.splice(last.start..last.start, [self.handlers.word(op), word]);
        if let Some(map) = &mut self.map {
            for (at, _) in map.iter_mut().rev().take_while(|(at, _)| *at as usize > last.start) {
                *at += 2;
            }
            if let Some(moved) = self.ops.last_mut() {
                let at = std::mem::replace(&mut moved.0, last.start as u32 + 2);
                self.ops.insert(self.ops.len() - 1, (at, op));
            }
        }
        // The copy comes between the two.
        let latest = self.recent[1].take();
        self.recent[1] = Some((last.start, op));
        self.settle_recent();
        last.start += 2;
        self.recent[1] = latest.map(|(_, op)| (last.start, op));
        let (ia, fa) = (self.ia == last.dst, self.fa == last.dst);
        self.written(dst, ty.slots());
        if ia {
            self.ia = last.dst;
        }
        if fa {
            self.fa = last.dst;
        }
        // What the accumulators held before is of no use to a fused branch once slots have moved under it.
        last.cmp = None;
        last.sum = None;
        self.last = Some(last);
    }

    // Labels.

    pub(super) fn new_label(&mut self) -> usize {
        self.labels.push(super::Label::default());
        self.labels.len() - 1
    }

    /// The label is here.
    pub(super) fn bind(&mut self, label: usize) {
        let at = self.code.len();
        self.labels[label].at = Some(at);
        for fixup in std::mem::take(&mut self.labels[label].fixups) {
            self.patch(fixup, at);
        }
        self.forget();
    }

    /// Whether a branch to the label has been emitted.
    pub(super) fn is_used(&self, label: usize) -> bool {
        !self.labels[label].fixups.is_empty()
    }

    /// Makes a branch lead to a label.
    pub(super) fn refer(&mut self, fixup: Fixup, label: usize) {
        match self.labels[label].at {
            Some(at) => self.patch(fixup, at),
            None => self.labels[label].fixups.push(fixup),
        }
    }

    fn patch(&mut self, fixup: Fixup, at: usize) {
        match fixup {
            Fixup::Field(instr) => {
                let off = (at as i64 - instr as i64) as i32 as u32;
                let word = &mut self.code[instr + 1];
                *word = *word & 0xffff_ffff | (off as u64) << 32;
            }
            Fixup::Word(instr, word) => self.code[word] = (at as i64 - instr as i64) as u64,
        }
    }
}
