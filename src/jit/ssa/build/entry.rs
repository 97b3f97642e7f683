//! Code that goes on from a loop: what is left of a function when the interpreter hands over a frame at a loop header.
//!
//! The function is built as usual, but for its beginning: the entry block reads locals and operands from the interpreter's frame
//! and jumps to the loop's header. What comes before the loop cannot be reached then, unless a loop around it leads there, so no
//! value of it may be used behind. Every construct that is open at the loop therefore passes all locals and all operands below
//! its own on, where otherwise those that it changes are enough ([`super::scan::Construct::full`]).
#![forbid(unsafe_code)]

use super::{Builder, Result, Uncovered};
use crate::code::translate::{Held, LoopState};
use crate::jit::ssa::ir::*;
use crate::module::FuncBody;
use crate::module::ops::{Operator, opens};

/// Where code starts that does not start at the function's beginning.
pub(super) struct Entry<'a> {
    pub state: &'a LoopState,
    /// The interpreter's frame: the only parameter.
    frame: Value,
}

impl<'a> Builder<'a> {
    /// Makes the entry block, and the block that the function seems to begin with.
    pub(super) fn enter_at(&mut self, state: &'a LoopState, body: &FuncBody<'_>, num_locals: usize) -> Result<()> {
        let frame = self.f.new_param(ENTRY, Type::I64);
        self.entry = Some(Entry { state, frame });
        self.block = self.f.new_block();
        let mut open = Vec::new();
        let mut next = 0;
        for (op, offset) in body.operators() {
            match op {
                _ if opens(&op) => {
                    open.push(next);
                    next += 1;
                }
                Operator::End | Operator::Delegate { .. } => {
                    open.pop();
                }
                _ => {}
            }
            if offset == state.offset {
                for &n in &open {
                    let construct = &mut self.scan.constructs[n];
                    construct.assigned = (0..num_locals as u32).collect();
                    construct.full = true;
                }
                return Ok(());
            }
        }
        Err(Uncovered("a loop that is not there".into()))
    }

    /// At the loop that the code starts with: has the entry block go there.
    pub(super) fn start_here(&mut self, header: Block, count: usize) -> Result<()> {
        let Some(Entry { state, frame }) = self.entry.take_if(|e| e.state.offset == self.offset) else { return Ok(()) };
        if state.operands.len() != self.stack.len() || state.locals.len() != self.locals.len() {
            return Err(Uncovered("a frame of another shape".into()));
        }
        let block = std::mem::replace(&mut self.block, ENTRY);
        let zero = self.constant(Type::I64, 0);
        let mut args = Vec::with_capacity(self.f.block(header).params.len());
        let mut held = Vec::with_capacity(self.stack.len());
        for (n, &place) in state.operands.iter().enumerate() {
            let ty = self.f.ty(self.stack[n]);
            held.push(match place {
                Held::Slot(slot) => self.from_frame(ty, frame, zero, slot),
                Held::Const(bits) if ty == Type::V128 && bits != 0 => {
                    return Err(Uncovered("a vector constant".into()));
                }
                Held::Const(_) if ty == Type::V128 => self.zero(ty),
                Held::Const(bits) => self.constant(ty, bits),
            });
        }
        let below = held.len() - count;
        args.extend(&held[below..]);
        for (n, &slot) in state.locals.iter().enumerate() {
            args.push(self.from_frame(self.f.ty(self.locals[n]), frame, zero, slot));
        }
        args.extend(&held[..below]);
        self.finish(Term::Jump(Target { block: header, args }));
        self.block = block;
        Ok(())
    }

    fn from_frame(&mut self, ty: Type, frame: Value, zero: Value, slot: u32) -> Value {
        let width = match ty {
            Type::I32 => Width::U32,
            Type::I64 | Type::Ref => Width::W64,
            Type::F32 => Width::F32,
            Type::F64 => Width::F64,
            Type::V128 => Width::V128,
        };
        self.value(Op::Load(width), ty, &[frame, zero], slot as u64 * 8)
    }

    /// Takes away what cannot be reached.
    pub(super) fn prune(&mut self) {
        let mut reached = vec![false; self.f.blocks.len()];
        self.f.reverse_postorder().iter().for_each(|b| reached[b.index()] = true);
        for (block, _) in self.f.blocks.iter_mut().zip(reached).filter(|(_, reached)| !reached) {
            (block.insts, block.params, block.term) = (Vec::new(), Vec::new(), Term::None);
        }
    }
}
