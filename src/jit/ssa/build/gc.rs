//! Structures, arrays, `i31`s and type tests (`vm::gc` and `code::heap` have the layout).
//!
//! Objects do not move, and what could collect is an operation that forgets what was read before. So the sum of the heap's
//! base and a reference never outlives, in a register, the last use of the reference by more than straight code.
#![forbid(unsafe_code)]

use super::Builder;
use crate::code::heap::{AbstractTest, Cell, Field, HEADER, Shape};
use crate::jit::ssa::ir::*;
use crate::module::ops::{OpHeapType, Operator};
use crate::module::{CompositeType, HeapType, StorageType};
use crate::vm::gc::{Header, HeapCtx};
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

/// How a field is read and written.
fn access(cell: Cell, ty: Type, signed: bool) -> Width {
    match (cell.width_log2, ty, signed) {
        (0, _, true) => Width::S8,
        (0, ..) => Width::U8,
        (1, _, true) => Width::S16,
        (1, ..) => Width::U16,
        (2, Type::F32, _) => Width::F32,
        (2, ..) => Width::U32,
        (3, Type::F64, _) => Width::F64,
        (3, ..) => Width::W64,
        _ => Width::V128,
    }
}

impl Builder<'_> {
    pub(super) fn heap_base(&mut self) -> Value {
        let store = self.field(offset_of!(layout::Instance, store), None);
        self.head(store, offset_of!(layout::StoreCtx, heap) + offset_of!(HeapCtx, base))
    }

    fn shape(&mut self, ty: u32) -> &Shape {
        let module = self.module;
        self.shapes.entry(ty).or_insert_with(|| Shape::of_module(module, ty))
    }

    fn struct_field(&mut self, ty: u32, field: u32) -> (Field, StorageType) {
        let place = match self.shape(ty) {
            Shape::Struct { fields, .. } => fields[field as usize],
            Shape::Array(_) => unreachable!("a structure type, as validated"),
        };
        (place, self.storages(ty)[field as usize])
    }

    fn storages(&self, ty: u32) -> Vec<StorageType> {
        match &self.module.sub_types[ty as usize].composite {
            CompositeType::Struct(s) => s.fields.iter().map(|f| f.storage).collect(),
            CompositeType::Array(a) => vec![a.field.storage],
            CompositeType::Func(_) => Vec::new(),
        }
    }

    fn element_cell(&mut self, ty: u32) -> (Cell, Type) {
        let cell = match self.shape(ty) {
            Shape::Array(cell) => *cell,
            Shape::Struct { .. } => unreachable!("an array type, as validated"),
        };
        (cell, Type::of(self.storages(ty)[0].unpacked()))
    }

    // Structures.

    fn struct_get(&mut self, ty: u32, field: u32, signed: bool) {
        let (Field { offset, cell }, storage) = self.struct_field(ty, field);
        let ty = Type::of(storage.unpacked());
        let r = self.pop();
        let r = self.check_null(r, TrapKind::NullStructReference);
        let base = self.heap_base();
        let v = self.value(Op::Peek(access(cell, ty, signed)), ty, &[base, r], offset as u64);
        self.stack.push(v);
    }

    fn struct_set(&mut self, ty: u32, field: u32) {
        let (Field { offset, cell }, storage) = self.struct_field(ty, field);
        let ty = Type::of(storage.unpacked());
        let (v, r) = (self.pop(), self.pop());
        let r = self.check_null(r, TrapKind::NullStructReference);
        let base = self.heap_base();
        self.inst(Op::Poke(access(cell, ty, false)), ty, &[base, r, v], offset as u64, &[]);
    }

    /// A new object.
    fn new_object(&mut self, ty: u32, extent: u32, width_log2: Option<u8>) -> Value {
        let imm = self.module.types[ty as usize].0 as u64 | (extent as u64) << 32;
        self.value(Op::New(width_log2), Type::Ref, &[], imm)
    }

    fn struct_new(&mut self, ty: u32, default: bool) {
        let (size, fields) = match self.shape(ty) {
            Shape::Struct { size, fields } => (*size, fields.clone()),
            Shape::Array(_) => unreachable!("a structure type, as validated"),
        };
        let values = if default { Vec::new() } else { self.operands(fields.len()) };
        let r = self.new_object(ty, size, None);
        let base = self.heap_base();
        if default {
            let zero = self.constant(Type::I64, 0);
            for at in (HEADER..size).step_by(8) {
                self.inst(Op::Poke(Width::W64), Type::I64, &[base, r, zero], at as u64, &[]);
            }
        }
        for (v, field) in values.iter().zip(&fields) {
            let ty = self.f.ty(*v);
            self.inst(Op::Poke(access(field.cell, ty, false)), ty, &[base, r, *v], field.offset as u64, &[]);
        }
        self.stack.push(r);
    }

    // Arrays.

    /// The address of an array and a checked index.
    fn element_place(&mut self, r: Value, index: Value) -> (Value, Value) {
        let r = self.check_null(r, TrapKind::NullArrayReference);
        let base = self.heap_base();
        let len = self.value(Op::Peek(Width::U32), Type::I64, &[base, r], offset_of!(Header, extent) as u64);
        let at = self.value(Op::CheckIndex, Type::I64, &[index, len], TrapKind::ArrayOutOfBounds as u64);
        (self.value(Op::Derive, Type::I64, &[base, r], 0), at)
    }

    fn array_get(&mut self, ty: u32, signed: bool) {
        let (cell, ty) = self.element_cell(ty);
        let (index, r) = (self.pop(), self.pop());
        let (object, at) = self.element_place(r, index);
        let imm = (cell.width_log2 as u64) << 32 | HEADER as u64;
        let v = self.value(Op::Peek(access(cell, ty, signed)), ty, &[object, at], imm);
        self.stack.push(v);
    }

    fn array_set(&mut self, ty: u32) {
        let (cell, ty) = self.element_cell(ty);
        let (v, index, r) = (self.pop(), self.pop(), self.pop());
        let (object, at) = self.element_place(r, index);
        let imm = (cell.width_log2 as u64) << 32 | HEADER as u64;
        self.inst(Op::Poke(access(cell, ty, false)), ty, &[object, at, v], imm, &[]);
    }

    fn array_new_fixed(&mut self, ty: u32, len: u32) {
        let (cell, element) = self.element_cell(ty);
        let values = self.operands(len as usize);
        let r = self.new_object(ty, len, Some(cell.width_log2));
        let base = self.heap_base();
        for (n, v) in values.iter().enumerate() {
            let at = HEADER as u64 + ((n as u64) << cell.width_log2);
            self.inst(Op::Poke(access(cell, element, false)), element, &[base, r, *v], at, &[]);
        }
        self.stack.push(r);
    }

    /// A routine that makes or changes an array. The immediate has the width of an element, a type or segment, and the
    /// canonical type.
    fn array_helper(&mut self, helper: Helper, ty: u32, operands: usize, segment: u32, makes: bool) {
        let (cell, _) = self.element_cell(ty);
        let args = self.operands(operands);
        let other = if makes { self.module.types[ty as usize].0 } else { segment };
        let imm = other as u64 | (cell.width_log2 as u64) << 56;
        let imm = if makes { imm | (segment as u64) << 32 } else { imm };
        self.helper(helper, &args, imm, makes.then_some(Type::Ref));
    }

    // Type tests.

    /// Whether a reference passes: an `i32`.
    fn ref_test(&mut self, v: Value, to: OpHeapType, nullable: bool) -> Value {
        let heap = self.module.heap_type(to);
        let test = match AbstractTest::of(heap) {
            Some(AbstractTest::Never) if nullable => return self.is_null(v),
            Some(AbstractTest::Never) => return self.constant(Type::I32, 0),
            Some(AbstractTest::Always) if nullable => return self.constant(Type::I32, 1),
            Some(AbstractTest::Always) => {
                let zero = self.constant(Type::Ref, 0);
                return self.value(Op::Cmp(Cond::Ne), Type::I32, &[v, zero], 0);
            }
            Some(AbstractTest::I31) => {
                return self.bits_test(v, nullable, |b, bits| {
                    let one = b.constant(Type::I32, 1);
                    b.value(Op::And, Type::I32, &[bits, one], 0)
                });
            }
            Some(AbstractTest::Eq) => {
                return self.bits_test(v, nullable, |b, bits| {
                    // Host objects alone have `10` there; null has not, and is told apart afterwards.
                    let (three, two) = (b.constant(Type::I32, 3), b.constant(Type::I32, 2));
                    let low = b.value(Op::And, Type::I32, &[bits, three], 0);
                    let eq = b.value(Op::Cmp(Cond::Ne), Type::I32, &[low, two], 0);
                    let zero = b.constant(Type::I32, 0);
                    let some = b.value(Op::Cmp(Cond::Ne), Type::I32, &[bits, zero], 0);
                    b.value(Op::And, Type::I32, &[eq, some], 0)
                });
            }
            Some(AbstractTest::Struct) => Test::Struct,
            Some(AbstractTest::Array) => Test::Array,
            None => {
                let HeapType::Concrete(id) = heap else { unreachable!("every other heap type has an abstract test") };
                let ty = self.module.registry.lookup(id);
                if ty.as_func().is_some() {
                    return self.func_test(v, id.0, ty.is_final, nullable);
                }
                Test::Type(id.0, ty.depth, ty.is_final)
            }
        };
        self.value(Op::TypeTest(test, nullable), Type::I32, &[v], 0)
    }

    /// A test of the bits of a reference that is false for null, which is added if it passes.
    fn bits_test(&mut self, v: Value, nullable: bool, test: impl FnOnce(&mut Self, Value) -> Value) -> Value {
        let bits = self.value(Op::Wrap, Type::I32, &[v], 0);
        let passes = test(self, bits);
        if !nullable {
            return passes;
        }
        let null = self.is_null(v);
        self.value(Op::Or, Type::I32, &[passes, null], 0)
    }

    fn func_test(&mut self, v: Value, id: u32, is_final: bool, nullable: bool) -> Value {
        let null = self.is_null(v);
        let (some, join) = (self.f.new_block(), self.f.new_block());
        let result = self.f.new_param(join, Type::I32);
        let of_null = self.constant(Type::I32, nullable as u64);
        let to_some = Target { block: some, args: Vec::new() };
        self.finish(Term::Branch(null, Target { block: join, args: vec![of_null] }, to_some));
        self.block = some;
        let passes = self.is_func_of(v, id, is_final);
        self.finish(Term::Jump(Target { block: join, args: vec![passes] }));
        self.block = join;
        result
    }

    fn ref_cast(&mut self, to: OpHeapType, nullable: bool) {
        let v = *self.stack.last().expect("an operand, as validated");
        let passes = self.ref_test(v, to, nullable);
        let zero = self.constant(Type::I32, 0);
        let fails = self.value(Op::Cmp(Cond::Eq), Type::I32, &[passes, zero], 0);
        self.inst(Op::TrapIf, Type::I32, &[fails], TrapKind::CastFailure as u64, &[]);
    }

    fn i31_get(&mut self, shift: Op) {
        let v = self.pop();
        let v = self.check_null(v, TrapKind::NullI31Reference);
        let bits = self.value(Op::Wrap, Type::I32, &[v], 0);
        let one = self.constant(Type::I32, 1);
        let v = self.value(shift, Type::I32, &[bits, one], 0);
        self.stack.push(v);
    }

    /// An operator of this kind; false if it is another.
    pub(super) fn gc_operator(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::StructNew { struct_type_index } => self.struct_new(struct_type_index, false),
            Operator::StructNewDefault { struct_type_index } => self.struct_new(struct_type_index, true),
            Operator::StructGet { struct_type_index, field_index }
            | Operator::StructGetU { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, false);
            }
            Operator::StructGetS { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, true);
            }
            Operator::StructSet { struct_type_index, field_index } => {
                self.struct_set(struct_type_index, field_index);
            }
            Operator::ArrayNew { array_type_index } => {
                // The value goes last, whatever it takes.
                let len = self.pop();
                let value = self.pop();
                self.stack.extend([len, value]);
                self.array_helper(Helper::ArrayNew, array_type_index, 2, 0, true);
            }
            Operator::ArrayNewDefault { array_type_index } => {
                self.array_helper(Helper::ArrayNewDefault, array_type_index, 1, 0, true);
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                self.array_new_fixed(array_type_index, array_size);
            }
            Operator::ArrayNewData { array_type_index, array_data_index } => {
                self.array_helper(Helper::ArrayNewData, array_type_index, 2, array_data_index, true);
            }
            Operator::ArrayNewElem { array_type_index, array_elem_index } => {
                self.array_helper(Helper::ArrayNewElem, array_type_index, 2, array_elem_index, true);
            }
            Operator::ArrayGet { array_type_index } | Operator::ArrayGetU { array_type_index } => {
                self.array_get(array_type_index, false);
            }
            Operator::ArrayGetS { array_type_index } => self.array_get(array_type_index, true),
            Operator::ArraySet { array_type_index } => self.array_set(array_type_index),
            Operator::ArrayLen => {
                let r = self.pop();
                let r = self.check_null(r, TrapKind::NullArrayReference);
                let base = self.heap_base();
                let extent = offset_of!(Header, extent) as u64;
                let len = self.value(Op::Peek(Width::U32), Type::I32, &[base, r], extent);
                self.stack.push(len);
            }
            Operator::ArrayFill { array_type_index } => {
                let (len, value) = (self.pop(), self.pop());
                self.stack.extend([len, value]);
                self.array_helper(Helper::ArrayFill, array_type_index, 4, 0, false);
            }
            Operator::ArrayCopy { array_type_index_dst, .. } => {
                self.array_helper(Helper::ArrayCopy, array_type_index_dst, 5, 0, false);
            }
            Operator::ArrayInitData { array_type_index, array_data_index } => {
                self.array_helper(Helper::ArrayInitData, array_type_index, 4, array_data_index, false);
            }
            Operator::ArrayInitElem { array_type_index, array_elem_index } => {
                self.array_helper(Helper::ArrayInitElem, array_type_index, 4, array_elem_index, false);
            }
            Operator::RefI31 => {
                let v = self.pop();
                let one = self.constant(Type::I32, 1);
                let shifted = self.value(Op::Shl, Type::I32, &[v, one], 0);
                let tagged = self.value(Op::Or, Type::I32, &[shifted, one], 0);
                let r = self.value(Op::Zext, Type::Ref, &[tagged], 0);
                self.stack.push(r);
            }
            Operator::I31GetS => self.i31_get(Op::ShrS),
            Operator::I31GetU => self.i31_get(Op::ShrU),
            // Both hierarchies are written the same.
            Operator::AnyConvertExtern | Operator::ExternConvertAny => {}
            Operator::RefTestNonNull { hty } | Operator::RefTestNullable { hty } => {
                let v = self.pop();
                let passes = self.ref_test(v, hty, matches!(op, Operator::RefTestNullable { .. }));
                self.stack.push(passes);
            }
            Operator::RefCastNonNull { hty } => self.ref_cast(hty, false),
            Operator::RefCastNullable { hty } => self.ref_cast(hty, true),
            Operator::BrOnCast { relative_depth, to_ref_type, .. }
            | Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                let v = *self.stack.last().expect("an operand, as validated");
                let passes = self.ref_test(v, to_ref_type.heap_type(), to_ref_type.is_nullable());
                self.branch_if(relative_depth, passes, matches!(op, Operator::BrOnCast { .. }));
            }
            _ => return false,
        }
        true
    }
}
