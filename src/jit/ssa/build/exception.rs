//! Exceptions: `throw`, `try_table`, and the legacy `try`.
//!
//! A try block has one handler block, whose parameters are the locals that are assigned inside. A call in it ends its block
//! with an edge to the handler, which costs nothing when nothing is thrown. Unwinding finds out which clause takes the
//! exception (`Func::regions`), and the handler branches on its number.
#![forbid(unsafe_code)]

use super::scan::Scan;
use super::{Builder, Frame, Kind, MemState, Result};
use crate::jit::ssa::ir::*;
use crate::module::ops::{BlockType, Catch, Operator, TryTable};
use crate::vm::gc::EXCEPTION_PAYLOAD;
use crate::vm::trap::TrapKind;

/// The part of a frame that a try block has beside others.
pub(super) struct Attempt {
    handler: Block,
    region: u32,
    /// Defined in the handler.
    exception: Value,
    clause: Value,
    /// Whether code of the body is being built, and not a clause.
    in_body: bool,
    /// The clauses of a `try_table`.
    clauses: Vec<Catch>,
    /// Where the clauses of a legacy `try` begin.
    starts: Vec<Block>,
}

impl Builder<'_> {
    /// The handlers around the place at hand, inner ones first.
    pub(super) fn handlers(&mut self) -> Vec<Handler> {
        let mut list = Vec::new();
        if !self.handlers_in(&self.scan, &self.frames, (&self.stack, &self.locals), &mut list) {
            // Those around the calls of the functions that are being inlined.
            for call in self.calls.iter().rev() {
                if self.handlers_in(&call.scan, &call.frames, (&call.stack, &call.locals), &mut list) {
                    break;
                }
            }
        }
        list
    }

    /// Appends the handlers of one function; whether they take everything.
    fn handlers_in(&self, scan: &Scan, frames: &[Frame], state: (&[Value], &[Value]), list: &mut Vec<Handler>) -> bool {
        let mut at = frames.len();
        while at > 0 {
            at -= 1;
            let frame = &frames[at];
            let Some(attempt) = frame.attempt.as_ref().filter(|a| a.in_body) else { continue };
            let construct = &scan.constructs[frame.construct];
            if let Some(depth) = construct.delegate {
                // The label counts from outside; that of the function leads out of it.
                at -= depth as usize;
                continue;
            }
            let (region, block) = (attempt.region, attempt.handler);
            let args = construct.passed(state.0, state.1, 0);
            self.passed.set(self.passed.get() + args.len());
            list.push(Handler { region, target: Target { block, args } });
            if self.f.regions[region as usize].contains(&None) {
                return true;
            }
        }
        false
    }

    fn attempt(&mut self, clauses: Vec<Catch>) -> Box<Attempt> {
        let tags = clauses.iter().map(|c| match c {
            Catch::One { tag, .. } | Catch::OneRef { tag, .. } => Some(*tag),
            Catch::All { .. } | Catch::AllRef { .. } => None,
        });
        let tags = tags.collect();
        let region = self.f.regions.len() as u32;
        self.f.regions.push(tags);
        let handler = self.join(&[], self.opened);
        let before = std::mem::replace(&mut self.block, handler);
        let exception = self.value(Op::Caught, Type::Ref, &[], 0);
        let clause = self.value(Op::Clause, Type::I32, &[], 0);
        self.block = before;
        Box::new(Attempt { handler, region, exception, clause, in_body: true, clauses, starts: Vec::new() })
    }

    fn open_try(&mut self, kind: Kind, ty: BlockType, clauses: Vec<Catch>) {
        let (params, results) = self.block_types(ty);
        self.note_below(self.opened, params.len());
        let attempt = self.attempt(clauses);
        let label = self.join(&results, self.opened);
        self.open(kind, Some(label), results.clone(), results, params.len());
        self.frames.last_mut().expect("just opened").attempt = Some(attempt);
    }

    /// The state in a handler: the locals it is handed, and the operands under the block.
    fn start_clause(&mut self, frame: &Frame, handler: Block, block: Block) {
        self.stack.truncate(frame.height);
        self.enter(handler, 0, frame.construct);
        self.block = block;
        self.memory = MemState::default();
        self.dead = None;
    }

    /// Pushes the payload of an exception.
    fn payload(&mut self, tag: u32, exception: Value) {
        let ty = self.module.tag_type(tag);
        let base = self.heap_base();
        let mut at = EXCEPTION_PAYLOAD as u64;
        for t in &ty.params {
            let width = match Type::of(*t) {
                Type::I32 => Width::U32,
                Type::F32 => Width::F32,
                Type::F64 => Width::F64,
                Type::V128 => Width::V128,
                _ => Width::W64,
            };
            let v = self.value(Op::Peek(width), Type::of(*t), &[base, exception], at);
            self.stack.push(v);
            at += 8 * t.slots() as u64;
        }
    }

    /// Ends a handler: on to the clauses.
    fn dispatch(&mut self, attempt: &Attempt, starts: &[Block]) {
        let targets: Vec<Target> = starts.iter().map(|b| Target { block: *b, args: Vec::new() }).collect();
        self.f.blocks[attempt.handler.index()].term = match &targets[..] {
            // Nothing is caught, so nothing comes here.
            [] => Term::Trap(TrapKind::Internal, self.offset),
            [only] => Term::Jump(only.clone()),
            _ => Term::Table(attempt.clause, targets),
        };
    }

    /// The clauses of a `try_table`, built when its body has ended.
    fn end_try_table(&mut self) {
        let at = self.frames.len() - 1;
        let attempt = self.frames[at].attempt.take().expect("a try block");
        let saved = (self.stack.clone(), self.locals.clone(), self.memory.clone(), self.block, self.dead);
        let starts: Vec<Block> = attempt.clauses.iter().map(|_| self.f.new_block()).collect();
        self.dispatch(&attempt, &starts);
        for (clause, start) in attempt.clauses.iter().zip(starts) {
            let (height, construct) = (self.frames[at].height, self.frames[at].construct);
            self.stack.truncate(height);
            self.enter(attempt.handler, 0, construct);
            self.block = start;
            self.memory = MemState::default();
            let (tag, label, with_ref) = match *clause {
                Catch::One { tag, label } => (Some(tag), label, false),
                Catch::OneRef { tag, label } => (Some(tag), label, true),
                Catch::All { label } => (None, label, false),
                Catch::AllRef { label } => (None, label, true),
            };
            if let Some(tag) = tag {
                self.payload(tag, attempt.exception);
            }
            if with_ref {
                self.stack.push(attempt.exception);
            }
            // Labels count from outside of the block.
            let target = self.branch_target(label + 1, true);
            self.leave(target);
        }
        (self.stack, self.locals, self.memory, self.block, self.dead) = saved;
    }

    /// What the end of a try block has to do before it ends as others do.
    pub(super) fn end_attempt(&mut self) {
        let frame = self.frames.last_mut().expect("an open block");
        if frame.kind == Kind::TryTable {
            return self.end_try_table();
        }
        if let Some(attempt) = frame.attempt.take() {
            self.dispatch(&attempt, &attempt.starts);
        }
    }

    /// The next clause of a legacy `try`.
    pub(super) fn catch(&mut self, tag: Option<u32>) {
        if self.dead.is_none() {
            self.fall_through();
        }
        let start = self.f.new_block();
        let mut frame = self.frames.pop().expect("an open block");
        let attempt = frame.attempt.as_mut().expect("a try block");
        attempt.in_body = false;
        attempt.starts.push(start);
        self.f.regions[attempt.region as usize].push(tag);
        let (handler, exception) = (attempt.handler, attempt.exception);
        self.start_clause(&frame, handler, start);
        self.frames.push(frame);
        if let Some(tag) = tag {
            self.payload(tag, exception);
        }
    }

    fn throw(&mut self, exception: Value) {
        let handlers = self.handlers();
        self.finish(Term::Throw(exception, handlers, self.offset));
        self.dead = Some(0);
    }

    /// An operator of this kind; false if it is another.
    pub(super) fn exception_operator(&mut self, op: &Operator<'_>) -> Result<bool> {
        match op {
            Operator::TryTable { try_table: TryTable { ty, catches } } => {
                self.open_try(Kind::TryTable, *ty, catches.clone());
            }
            Operator::Try { blockty } => self.open_try(Kind::Try, *blockty, Vec::new()),
            Operator::Catch { tag_index } => self.catch(Some(*tag_index)),
            Operator::CatchAll => self.catch(None),
            Operator::Delegate { .. } => self.end(),
            Operator::Throw { tag_index } => {
                let args = self.operands(self.module.tag_type(*tag_index).params.len());
                let (ty, imm) = (Type::Ref, *tag_index as u64);
                let inst = self.inst(Op::Helper(Helper::Exception), ty, &args, imm, &[ty]);
                let exception = self.f.inst(inst).first;
                self.throw(exception);
            }
            Operator::ThrowRef => {
                let v = self.pop();
                let v = self.check_null(v, TrapKind::NullExceptionReference);
                self.throw(v);
            }
            Operator::Rethrow { relative_depth } => {
                let frame = &self.frames[self.frames.len() - 1 - *relative_depth as usize];
                let exception = frame.attempt.as_ref().expect("a clause, as validated").exception;
                self.throw(exception);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
