//! Code that goes on from a loop: what is left of a function when the interpreter hands over a frame at a loop header.
//!
//! The function is built as usual, but for its beginning: the entry block reads locals and operands from the interpreter's frame
//! and jumps to the loop's header. What comes before the loop cannot be reached then, unless a loop around it leads there, so no
//! value of it may be used behind. Every construct that is open at the loop therefore passes all locals and all operands below
//! its own on, where otherwise those that it changes are enough ([`super::scan::Construct::full`]).
//!
//! A loop that is entered from two sides, by the entry and by the loop around it, would turn the nest inside out: seen from the
//! entry the inner header leads and the outer loops are ways back to it, so that what is done once in the outer loop is placed, and
//! given registers, as if it were done in every trip of the inner one. So the entry gets a copy of what can be reached from the
//! loop without passing the end or the header of anything around it, and the loops themselves keep their shape.
#![forbid(unsafe_code)]

use super::{Builder, Kind, Result, Uncovered};
use crate::code::translate::{Held, LoopState};
use crate::jit::ssa::copies::Copies;
use crate::jit::ssa::ir::*;
use crate::module::FuncBody;
use crate::module::ops::{Operator, opens};

/// Loops of more instructions, with what follows them in the loops around, are entered from two sides.
const MAX_COPIED: usize = 20_000;

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
                    construct.dead = Vec::new();
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
        if self.frames.iter().any(|f| f.kind == Kind::Loop) {
            self.nest = Some(self.frames.iter().filter_map(|f| f.label).collect());
        }
        Ok(())
    }

    /// Gives the entry a copy of its own of the loop it leads to and of what follows, as far as that belongs to the constructs
    /// around the loop; nothing of it is used behind their labels, as these pass everything on.
    pub(super) fn separate(&mut self) {
        let Some(labels) = self.nest.take() else { return };
        let Term::Jump(Target { block: header, .. }) = self.f.blocks[ENTRY.index()].term else { return };
        let mut copies = Copies::default();
        let (mut list, mut size) = (vec![header], 0);
        let mut seen = vec![false; self.f.blocks.len()];
        labels.into_iter().chain([header]).for_each(|b| seen[b.index()] = true);
        let mut n = 0;
        while let Some(&b) = list.get(n) {
            n += 1;
            size += self.f.block(b).insts.len() + 1;
            if size > MAX_COPIED {
                return;
            }
            self.f.block(b).term.each_target(|t| {
                if !std::mem::replace(&mut seen[t.block.index()], true) {
                    list.push(t.block);
                }
            });
        }
        let mut values = Copies::default();
        for &b in &list {
            let copy = self.f.new_block();
            copies.insert(b, copy);
            self.f.blocks[copy.index()].is_loop = self.f.block(b).is_loop;
            for p in self.f.block(b).params.clone() {
                let ty = self.f.ty(p);
                values.insert(p, self.f.new_param(copy, ty));
            }
            for i in self.f.block(b).insts.clone() {
                let data = *self.f.inst(i);
                let args = self.f.args(i).to_vec();
                let results: Vec<Type> = (0..data.results).map(|r| self.f.ty(Value(data.first.0 + r))).collect();
                let made = self.f.new_inst(data.op, data.ty, &args, data.imm, data.offset, &results);
                let first = self.f.inst(made).first;
                (0..data.results).for_each(|r| values.insert(Value(data.first.0 + r), Value(first.0 + r)));
                self.f.blocks[copy.index()].insts.push(made);
            }
        }
        for b in &list {
            let copy = copies.of(*b);
            for i in self.f.block(copy).insts.clone() {
                self.f.args_mut(i).iter_mut().for_each(|v| *v = values.of(*v));
            }
            let mut term = self.f.block(*b).term.clone();
            term.each_value_mut(|v| *v = values.of(*v));
            term.each_target_mut(|t| t.block = copies.of(t.block));
            self.f.blocks[copy.index()].term = term;
        }
        self.f.blocks[ENTRY.index()].term.each_target_mut(|t| t.block = copies.of(header));
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
