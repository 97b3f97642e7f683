//! Inlining of calls: the callee is built in the place of the call, with its locals as values and its returns as jumps to where
//! the caller goes on.
//!
//! Nobody can tell but by the time it takes: instructions keep the place they come from and the calls around it ([`Inlined`]), from
//! which backtraces make the frames; exceptions find the handlers around those calls ([`Builder::handlers`]); fuel is paid by
//! the same operators. Functions of the same module only, so instance, memories and globals are the same. A callee with tail
//! calls is not inlined: they would have to leave a frame that is not there.
#![forbid(unsafe_code)]

use super::scan::{Scan, scan};
use super::{Builder, Frame, Kind, Result};
use crate::jit::ssa::ir::*;
use crate::module::ValType;
use crate::module::ops::Operator;
use std::mem::{replace, take};

/// A call whose callee is being built: the state of the function it is in.
pub(super) struct Call {
    /// The callee's index among the defined functions.
    pub callee: u32,
    /// The place of the call.
    place: u32,
    pub scan: Scan,
    pub stack: Vec<Value>,
    pub locals: Vec<Value>,
    pub frames: Vec<Frame>,
    opened: usize,
}

/// Bodies up to so many bytes are inlined if they are called often: anywhere, and in loops.
const ANYWHERE: usize = 100;
const IN_LOOPS: usize = 200;

/// Bodies up to so many bytes are inlined even if they have not been seen to be called often: they are about as long as the call.
const TINY: usize = 12;

/// Longer bodies are not looked at for a multiplication of 128 bits: compilers write it in about a hundred bytes.
const LONGEST_PRODUCT: usize = 160;

/// How many bytes are inlined in a function, all in all.
pub(super) const BUDGET: usize = 1000;

/// How many calls deep.
const DEPTH: usize = 5;

/// How often a function is inlined in itself.
const RECURSION: usize = 2;

/// Callees with more locals are not inlined: most likely their values would all be spilled.
const LOCALS: u32 = 100;

impl Builder<'_> {
    /// The place of an operator at an offset of the function being built.
    pub(super) fn located(&mut self, offset: u32) -> u32 {
        match self.calls.last() {
            None => offset,
            Some(call) => {
                self.f.inlined.push(Inlined { offset, call: call.place });
                INLINED + (self.f.inlined.len() as u32 - 1)
            }
        }
    }

    /// How much a function is, in bytes of its body: as little as its code will be.
    fn size(&self, callee: u32) -> usize {
        let size = self.module.bodies[callee as usize].len();
        if self.multiplies(callee, size) { TINY } else { size }
    }

    /// Whether all that a function does is to multiply 128 bits from their halves: a few instructions are left of that
    /// ([`crate::jit::opt::idiom`]).
    fn multiplies(&self, callee: u32, size: usize) -> bool {
        use Operator::*;
        let ty = self.module.func_type(self.module.num_imported_funcs + callee);
        if size > LONGEST_PRODUCT || !ty.params.ends_with(&[ValType::I64; 4]) {
            return false;
        }
        let (mut products, mut shifts) = (0, 0);
        for (op, _) in self.module.body(callee).operators() {
            match op {
                I64Mul => products += 1,
                I64ShrU => shifts += 1,
                I64Add | I64And | I64Or | I64Shl | I64Const { .. } | I64Store { .. } => {}
                LocalGet { .. } | LocalSet { .. } | LocalTee { .. } | Return | End => {}
                _ => return false,
            }
        }
        products >= 4 && shifts >= 3
    }

    /// How much a call takes of the budget, if it is worth it.
    fn wanted(&self, callee: u32) -> Option<usize> {
        let size = self.size(callee);
        if self.inlined + size > BUDGET || self.calls.len() >= DEPTH {
            return None;
        }
        let same = self.calls.iter().filter(|c| c.callee == callee).count()
            + (self.module.num_imported_funcs + callee == self.f.index) as usize;
        if same > RECURSION {
            return None;
        }
        let looped = self.frames.iter().chain(self.calls.iter().flat_map(|c| &c.frames)).any(|f| f.kind == Kind::Loop);
        // Code that starts in a loop is mostly that of a function which is called once: its other loops have not run yet.
        let hot = looped && self.starts_in_loop || self.code.is_some_and(|c| c.is_often_called(callee));
        let most = match (hot, looped) {
            (false, _) => TINY,
            (true, true) => IN_LOOPS,
            (true, false) => ANYWHERE,
        };
        (size <= most).then_some(size)
    }

    /// Builds a call of a function of the module by building that function, if it is worth it.
    pub(super) fn inline(&mut self, func: u32) -> Result<bool> {
        let Some(callee) = self.module.defined_func(func).filter(|_| self.code.is_some()) else { return Ok(false) };
        let ty = self.module.func_type(func);
        if !crate::jit::is_covered(ty) {
            return Ok(false);
        }
        let Some(size) = self.wanted(callee) else { return Ok(false) };
        let body = self.module.body(callee);
        let locals = body.locals().fold(0u32, |sum, (count, _)| sum.saturating_add(count));
        if locals > LOCALS {
            return Ok(false);
        }
        let own = scan(self.module, &body, ty.params.len() as u32 + locals);
        if own.tail_calls {
            return Ok(false);
        }
        self.inlined += size;
        let mut locals = self.operands(ty.params.len());
        for (count, ty) in body.locals() {
            for _ in 0..count {
                locals.push(self.nothing(Type::of(ty)));
            }
        }
        let results: Vec<Type> = ty.results.iter().map(|t| Type::of(*t)).collect();
        let next = self.f.new_block();
        for &ty in &results {
            self.f.new_param(next, ty);
        }
        // One limit of memory 0 for both, if it will do.
        let reduced = if self.scan.reduced > 0 { self.scan.reduced } else { own.reduced };
        self.calls.push(Call {
            callee,
            place: self.offset,
            scan: replace(&mut self.scan, Scan { reduced, ..own }),
            stack: take(&mut self.stack),
            locals: replace(&mut self.locals, locals),
            frames: replace(&mut self.frames, vec![Frame::of_function(Some(next), results)]),
            opened: take(&mut self.opened),
        });
        self.body(&body)?;
        let call = self.calls.pop().expect("pushed above");
        let results = replace(&mut self.stack, call.stack);
        if self.dead.is_none() {
            self.stack.extend(results);
        }
        (self.scan, self.locals, self.frames, self.opened) = (call.scan, call.locals, call.frames, call.opened);
        self.offset = call.place;
        Ok(true)
    }
}
