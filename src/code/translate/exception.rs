//! Exceptions: `throw`, `try_table`, and the legacy `try`.
//!
//! Nothing is emitted for entering or leaving a try block: what it covers is a range of instructions in the function's
//! table of regions, which unwinding reads. Each catch clause has code of its own, where the payload arrives in the homes that
//! follow the operands under the block. The clauses of a `try_table` are stubs after its body that branch to their labels; those
//! of a legacy `try` are the bodies of its `catch`es, which also keep the caught exception in a slot of the block for `rethrow`.

use super::control::Kind;
use super::emit::{abi, ji};
use super::{Place, Translator, Ty};
use crate::code::op::Op;
use crate::code::{Catch, Region};
use crate::module::ops::{self, BlockType};

/// A try block under translation.
pub(super) struct Attempt {
    /// First word of the body.
    start: u32,
    /// End of the body, once known (legacy).
    end: u32,
    /// The clauses of a `try_table`.
    clauses: Vec<ops::Catch>,
    /// The clauses so far (legacy).
    catches: Vec<Catch>,
}

impl Translator<'_> {
    pub(super) fn throw(&mut self, tag: u32) {
        let ty = self.module.tag_type(tag);
        let (base, _) = self.arguments(&ty.params, 0, ty.param_slots);
        self.emit(Op::throw, &[ji(base, tag)]);
        self.unreachable();
    }

    pub(super) fn throw_ref(&mut self) {
        let o = self.pop();
        let word = abi(self.near(&o), 0, 0);
        self.emit(Op::throw_ref, &[word]);
        self.unreachable();
    }

    fn attempt(&mut self, clauses: Vec<ops::Catch>) -> Box<Attempt> {
        // A new region must not share instructions with what comes before.
        self.forget();
        let start = self.code.len() as u32;
        Box::new(Attempt { start, end: start, clauses, catches: Vec::new() })
    }

    pub(super) fn try_table_start(&mut self, ty: BlockType, clauses: Vec<ops::Catch>) {
        self.settle_locals();
        self.open(Kind::TryTable, ty, 0);
        let attempt = self.attempt(clauses);
        self.blocks.last_mut().expect("an open block").attempt = Some(attempt);
    }

    /// A legacy `try`: one slot under the operands of its label keeps the exception while a clause runs.
    pub(super) fn try_start(&mut self, ty: BlockType) {
        self.settle_locals();
        self.open(Kind::Try, ty, 0);
        let (height, base) = (self.block(0).height, self.block(0).base);
        let params = self.stack.split_off(height);
        self.top = base + 1;
        let mut homes = Vec::new();
        for o in &params {
            homes.push(self.push_temp(o.ty));
        }
        // Moving up: the highest first.
        for (o, home) in params.iter().zip(&homes).rev() {
            self.move_to(*home, o);
        }
        self.max_top = self.max_top.max(self.top);
        let attempt = self.attempt(Vec::new());
        let block = self.blocks.last_mut().expect("an open block");
        block.base = base + 1;
        block.attempt = Some(attempt);
    }

    /// Drops to the operands under the innermost block and pushes temporaries of a tag's payload.
    fn catch_operands(&mut self, height: usize, base: u32, tag: Option<u32>) {
        self.truncate(height);
        self.top = base;
        self.floor = self.floor.min(height);
        if let Some(tag) = tag {
            for &ty in &self.module.tag_type(tag).params {
                self.push_temp(Ty::of(ty));
            }
        }
    }

    /// Ends the body or a clause of a legacy `try` before its next clause, and starts that one.
    pub(super) fn catch(&mut self, tag: Option<u32>) {
        let (kind, label) = (self.block(0).kind, self.block(0).label);
        let (height, base) = (self.block(0).height, self.block(0).base);
        if self.dead.take().is_none() {
            self.settle(height);
            self.jump(label);
        }
        self.forget();
        let here = self.code.len() as u32;
        self.catch_operands(height, base, tag);
        let block = self.blocks.last_mut().expect("an open block");
        block.kind = Kind::Clause;
        let attempt = block.attempt.as_mut().expect("a try block");
        if kind == Kind::Try {
            attempt.end = here;
        }
        attempt.catches.push(Catch::Clause { tag, target: here, payload: base, exception: Some(base - 1) });
    }

    /// Legacy `delegate`, which ends its `try`.
    pub(super) fn delegate(&mut self, depth: u32) {
        // The label counts from outside the block.
        let enclosing = self.blocks.len() as u32 - 2 - depth;
        let reachable = self.dead.is_none();
        if reachable {
            let height = self.block(0).height;
            self.settle(height);
        }
        let end = self.code.len() as u32;
        let block = self.blocks.last_mut().expect("an open block");
        let attempt = block.attempt.as_mut().expect("a try block");
        attempt.end = end;
        attempt.catches.push(Catch::Delegate(enclosing));
        self.end_legacy(reachable);
    }

    pub(super) fn rethrow(&mut self, depth: u32) {
        let slot = self.block(depth).base - 1;
        self.push(Place::Local(slot), Ty::Ref);
        self.throw_ref();
    }

    pub(super) fn end_try(&mut self, kind: Kind) {
        let reachable = self.dead.is_none();
        let height = self.block(0).height;
        if reachable {
            self.settle(height);
        }
        if kind == Kind::TryTable {
            return self.end_try_table(reachable);
        }
        if kind == Kind::Try {
            let end = self.code.len() as u32;
            self.blocks.last_mut().and_then(|b| b.attempt.as_mut()).expect("a try block").end = end;
        }
        self.end_legacy(reachable);
    }

    fn end_legacy(&mut self, reachable: bool) {
        let mut block = self.blocks.pop().expect("an open block");
        let attempt = block.attempt.take().expect("a try block");
        self.add_region(attempt.start, attempt.end, attempt.catches);
        let (height, base) = (block.height, block.base);
        self.close(block, reachable);
        if self.dead.is_some() {
            return;
        }
        // Outside, operands leave no gap for the slot that kept the exception.
        let results = self.stack.split_off(height);
        self.top = base - 1;
        for o in results {
            let home = self.push_temp(o.ty);
            self.copy(home, o.home, o.ty);
        }
    }

    /// Regions are added innermost first, since blocks end in that order.
    fn add_region(&mut self, start: u32, end: u32, catches: Vec<Catch>) {
        if start < end && !catches.is_empty() {
            // The block has been popped: this many enclose it.
            let depth = self.blocks.len() as u32;
            self.regions.push(Region { start, end, depth, catches: catches.into() });
        }
    }

    fn end_try_table(&mut self, reachable: bool) {
        let label = self.block(0).label;
        let end = self.code.len() as u32;
        let mut block = self.blocks.pop().expect("an open block");
        let attempt = block.attempt.take().expect("a try block");
        if reachable && !attempt.clauses.is_empty() {
            self.jump(label);
        }
        let mut catches = Vec::new();
        for clause in &attempt.clauses {
            let (tag, with_ref, depth) = match *clause {
                ops::Catch::One { tag, label } => (Some(tag), false, label),
                ops::Catch::OneRef { tag, label } => (Some(tag), true, label),
                ops::Catch::All { label } => (None, false, label),
                ops::Catch::AllRef { label } => (None, true, label),
            };
            self.forget();
            let target = self.code.len() as u32;
            self.catch_operands(block.height, block.base, tag);
            let exception = with_ref.then(|| self.push_temp(Ty::Ref));
            catches.push(Catch::Clause { tag, target, payload: block.base, exception });
            self.branch_always(depth);
        }
        self.add_region(attempt.start, end, catches);
        let falls_through = reachable && attempt.clauses.is_empty();
        self.close(block, falls_through);
    }
}
