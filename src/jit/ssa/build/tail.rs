//! Tail calls.
#![forbid(unsafe_code)]

use super::Builder;
use crate::jit::ssa::ir::*;
use crate::module::ops::Operator;
use crate::vm::trap::TrapKind;

impl Builder<'_> {
    fn tail_call(&mut self, func: Option<u32>, ty: u32) {
        let count = self.module.type_func(ty).params.len() + func.is_none() as usize;
        let args = self.operands(count);
        self.finish(Term::TailCall(Box::new(TailCall { func, ty, args, offset: self.offset })));
        self.dead = Some(0);
    }

    /// An operator of this kind; false if it is another.
    pub(super) fn tail_operator(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::ReturnCall { function_index } => {
                self.tail_call(Some(function_index), self.module.func_types[function_index as usize]);
            }
            Operator::ReturnCallIndirect { type_index, table_index } => {
                let func = self.indirect_target(table_index, type_index);
                self.stack.push(func);
                self.tail_call(None, type_index);
            }
            Operator::ReturnCallRef { type_index } => {
                let func = self.pop();
                let func = self.check_null(func, TrapKind::NullFunctionReference);
                self.stack.push(func);
                self.tail_call(None, type_index);
            }
            _ => return false,
        }
        true
    }
}
