//! Tables and references to functions: accesses are taken apart into checks, loads and stores, so that what does not change is
//! read once.
#![forbid(unsafe_code)]

use super::Builder;
use crate::jit::ssa::ir::*;
use crate::module::ops::Operator;
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

impl Builder<'_> {
    /// A pointer in the instance, which never changes: a field, or word `index` of the array there.
    pub(super) fn field(&mut self, offset: usize, index: Option<u32>) -> Value {
        let imm = offset as u64 | index.map_or(0, |i| (i as u64 + 1) << 32);
        self.value(Op::Field, Type::I64, &[], imm)
    }

    /// A word of a table, a memory or the store that changes by calls only.
    pub(super) fn head(&mut self, of: Value, offset: usize) -> Value {
        self.value(Op::Head, Type::I64, &[of], offset as u64)
    }

    fn table(&mut self, index: u32) -> Value {
        self.field(offset_of!(layout::Instance, tables), Some(index))
    }

    /// Base of a table and the checked index.
    fn element(&mut self, table: u32, index: Value, kind: TrapKind) -> (Value, Value) {
        let t = self.table(table);
        let len = self.head(t, offset_of!(layout::Table, len));
        let at = self.value(Op::CheckIndex, Type::I64, &[index, len], kind as u64);
        (self.head(t, offset_of!(layout::Table, base)), at)
    }

    fn peek_element(&mut self, table: u32, index: Value, kind: TrapKind) -> Value {
        let (base, at) = self.element(table, index, kind);
        self.value(Op::Peek(Width::W64), Type::Ref, &[base, at], 3 << 32)
    }

    pub(super) fn check_null(&mut self, v: Value, kind: TrapKind) -> Value {
        self.value(Op::CheckNull, Type::Ref, &[v], kind as u64)
    }

    pub(super) fn is_null(&mut self, v: Value) -> Value {
        let zero = self.constant(Type::Ref, 0);
        self.value(Op::Cmp(Cond::Eq), Type::I32, &[v, zero], 0)
    }

    /// Whether the function that a reference, not null, refers to is of a type or a subtype: an `i32`.
    pub(super) fn is_func_of(&mut self, func: Value, ty: u32, is_final: bool) -> Value {
        let own = self.value(Op::Peek(Width::U32), Type::I32, &[func], offset_of!(layout::Func, type_id) as u64);
        let wanted = self.constant(Type::I32, ty as u64);
        let same = self.value(Op::Cmp(Cond::Eq), Type::I32, &[own, wanted], 0);
        if is_final {
            return same;
        }
        let (slow, join) = (self.f.new_block(), self.f.new_block());
        let result = self.f.new_param(join, Type::I32);
        let to_slow = Target { block: slow, args: Vec::new() };
        self.finish(Term::Branch(same, Target { block: join, args: vec![same] }, to_slow));
        self.block = slow;
        let inst = self.inst(Op::Helper(Helper::IsSubtype), Type::I32, &[own], ty as u64, &[Type::I32]);
        let found = self.f.inst(inst).first;
        self.finish(Term::Jump(Target { block: join, args: vec![found] }));
        self.block = join;
        result
    }

    /// The function for an indirect call of a type that may have subtypes; `i32`s and `i64`s as index.
    pub(super) fn indirect_target(&mut self, table: u32, ty: u32) -> Value {
        let func = self.table_func(table);
        self.check_type(func, ty);
        func
    }

    /// The function, not null, that a table has at the index that is the topmost operand.
    pub(super) fn table_func(&mut self, table: u32) -> Value {
        let index = self.pop();
        let func = self.peek_element(table, index, TrapKind::UndefinedElement);
        self.check_null(func, TrapKind::UninitializedElement)
    }

    /// Traps unless a function is of a type or a subtype.
    pub(super) fn check_type(&mut self, func: Value, ty: u32) {
        let module = self.module;
        let fits = self.is_func_of(func, module.types[ty as usize].0, module.sub_types[ty as usize].is_final);
        let zero = self.constant(Type::I32, 0);
        let wrong = self.value(Op::Cmp(Cond::Eq), Type::I32, &[fits, zero], 0);
        self.inst(Op::TrapIf, Type::I32, &[wrong], TrapKind::IndirectCallTypeMismatch as u64, &[]);
    }

    /// The reference to a function of the instance, made by the runtime when it is asked for first.
    fn ref_func(&mut self, index: u32) {
        let all = self.field(offset_of!(layout::Instance, funcs), None);
        let known = self.value(Op::Peek(Width::W64), Type::Ref, &[all], index as u64 * 8);
        if index < self.module.num_imported_funcs {
            return self.stack.push(known);
        }
        let null = self.is_null(known);
        let (slow, join) = (self.f.new_block(), self.f.new_block());
        let result = self.f.new_param(join, Type::Ref);
        let to_slow = Target { block: slow, args: Vec::new() };
        self.finish(Term::Branch(null, to_slow, Target { block: join, args: vec![known] }));
        self.block = slow;
        let inst = self.inst(Op::Helper(Helper::RefFunc), Type::Ref, &[], index as u64, &[Type::Ref]);
        let made = self.f.inst(inst).first;
        self.finish(Term::Jump(Target { block: join, args: vec![made] }));
        self.block = join;
        self.stack.push(result);
    }

    /// An operator of this kind; false if it is another.
    pub(super) fn table_operator(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::TableGet { table } => {
                let index = self.pop();
                let v = self.peek_element(table, index, TrapKind::TableOutOfBounds);
                self.stack.push(v);
            }
            Operator::TableSet { table } => {
                let (v, index) = (self.pop(), self.pop());
                let (base, at) = self.element(table, index, TrapKind::TableOutOfBounds);
                self.inst(Op::Poke(Width::W64), Type::Ref, &[base, at, v], 3 << 32, &[]);
            }
            Operator::TableSize { table } => {
                let t = self.table(table);
                let len = self.head(t, offset_of!(layout::Table, len));
                let size = self.narrow(len, self.module.tables[table as usize].ty.is64);
                self.stack.push(size);
            }
            Operator::TableGrow { table } => {
                let args = self.operands(2);
                let ty = if self.module.tables[table as usize].ty.is64 { Type::I64 } else { Type::I32 };
                self.helper(Helper::TableGrow, &args, table as u64, Some(ty));
                // The host may be asked, and call guests.
                self.forget_memory();
            }
            Operator::TableFill { table } => {
                let args = self.operands(3);
                self.helper(Helper::TableFill, &args, table as u64, None);
            }
            Operator::TableCopy { dst_table, src_table } => {
                let args = self.operands(3);
                self.helper(Helper::TableCopy, &args, (dst_table as u64) << 32 | src_table as u64, None);
            }
            Operator::TableInit { elem_index, table } => {
                let args = self.operands(3);
                self.helper(Helper::TableInit, &args, (table as u64) << 32 | elem_index as u64, None);
            }
            Operator::ElemDrop { elem_index } => self.helper(Helper::ElemDrop, &[], elem_index as u64, None),
            Operator::RefFunc { function_index } => self.ref_func(function_index),
            Operator::RefAsNonNull => {
                let v = self.pop();
                let v = self.check_null(v, TrapKind::NullReference);
                self.stack.push(v);
            }
            Operator::RefEq => {
                let (b, a) = (self.pop(), self.pop());
                let v = self.value(Op::Cmp(Cond::Eq), Type::I32, &[a, b], 0);
                self.stack.push(v);
            }
            Operator::BrOnNull { relative_depth } => {
                let v = self.pop();
                let null = self.is_null(v);
                self.branch_if(relative_depth, null, true);
                self.stack.push(v);
            }
            Operator::BrOnNonNull { relative_depth } => {
                let null = self.is_null(*self.stack.last().expect("an operand, as validated"));
                self.branch_if(relative_depth, null, false);
                self.pop();
            }
            _ => return false,
        }
        true
    }
}
