//! Indirect calls that mostly go to one function, by what the interpreter has noted (`code::targets`).
//!
//! The reference is compared with the instance's own to that function. If they are the same the function is inlined or called
//! directly: it is of the right type, because the call has gone there. Otherwise the call is as any other.
#![forbid(unsafe_code)]

use super::{Builder, MemState, Result};
use crate::jit::ssa::ir::*;
use crate::module::ValType;
use crate::vm::layout;
use core::mem::offset_of;

impl Builder<'_> {
    /// Whom the indirect call at hand mostly calls, as an index among the defined functions.
    pub(super) fn likely_target(&mut self, ty: u32) -> Option<u32> {
        let code = self.code?;
        let (func, offset) = match self.calls.last() {
            Some(call) => (call.callee, self.f.inlined[as_inlined(self.offset)?].offset),
            None => (self.module.defined_func(self.f.index)?, self.offset),
        };
        let targets = self.targets.entry(func).or_insert_with(|| code.likely_targets(func));
        let target = targets[targets.binary_search_by_key(&offset, |t| t.0).ok()?].1;
        let index = self.module.func_types[(self.module.num_imported_funcs + target) as usize] as usize;
        (self.module.types[index] == self.module.types[ty as usize]).then_some(target)
    }

    /// Calls a reference, not null, that is likely to be the instance's to a function. `check` looks at its type where it is not.
    pub(super) fn call_likely(&mut self, func: Value, target: u32, ty: u32, check: bool) -> Result<()> {
        let module = self.module;
        let index = module.num_imported_funcs + target;
        let all = self.field(offset_of!(layout::Instance, funcs), None);
        let own = self.value(Op::Peek(Width::W64), Type::Ref, &[all], index as u64 * 8);
        let same = self.value(Op::Cmp(Cond::Eq), Type::I32, &[func, own], 0);
        let signature = module.type_func(ty);
        let (likely, other, join) = (self.f.new_block(), self.f.new_block(), self.f.new_block());
        let results: Vec<Value> = signature.results.iter().map(|t| self.f.new_param(join, Type::of(*t))).collect();
        let target = |block| Target { block, args: Vec::new() };
        self.finish(Term::Branch(same, target(likely), target(other)));
        let operands = self.operands(signature.params.len());
        let (memory, mut after) = (self.memory.clone(), None);
        self.block = likely;
        self.stack.extend(&operands);
        if !self.inline(index)? {
            self.call(Op::Call, &signature.params, &signature.results, 0, index as u64)?;
        }
        self.meet_at(join, &signature.results, &mut after);
        self.block = other;
        self.memory = memory;
        self.stack.extend(&operands);
        if check {
            self.check_type(func, ty);
        }
        self.stack.push(func);
        self.call(Op::CallRef, &signature.params, &signature.results, 1, ty as u64)?;
        self.meet_at(join, &signature.results, &mut after);
        self.block = join;
        self.memory = after.expect("the other way goes on");
        self.stack.extend(results);
        Ok(())
    }

    /// One of the ways of a call has ended: on to where they meet, unless it does not.
    fn meet_at(&mut self, join: Block, results: &[ValType], memory: &mut Option<MemState>) {
        if self.dead.take().is_some() {
            return;
        }
        let args = self.operands(results.len());
        self.finish(Term::Jump(Target { block: join, args }));
        match memory {
            Some(memory) => memory.meet(&self.memory),
            None => *memory = Some(self.memory.clone()),
        }
    }
}
