//! Operators on structures, arrays and `i31`s, and type tests.

use super::emit::{Acc, abcd, abi, ji};
use super::{Operand, Place, Translator, Ty};
use crate::code::heap::{AbstractTest, Cell, Field, Holds, Shape};
use crate::code::op::Op;
use crate::module::ops::{OpHeapType, OpRefType, Operator};
use crate::module::{HeapType, StorageType};

/// How a packed field is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Packed {
    Signed,
    Unsigned,
}
use Packed::{Signed, Unsigned};

/// The ops that read a field: of a structure in a slot, of one in the accumulator, of an array.
fn get_ops(cell: Cell, extend: Packed) -> (Op, Op, Op) {
    match (cell.width_log2, extend) {
        (0, Signed) => (Op::struct_get8_s_s, Op::struct_get8_s_a, Op::array_get8_s),
        (0, Unsigned) => (Op::struct_get8_u_s, Op::struct_get8_u_a, Op::array_get8_u),
        (1, Signed) => (Op::struct_get16_s_s, Op::struct_get16_s_a, Op::array_get16_s),
        (1, Unsigned) => (Op::struct_get16_u_s, Op::struct_get16_u_a, Op::array_get16_u),
        (2, _) => (Op::struct_get32_s, Op::struct_get32_a, Op::array_get32),
        (3, _) => (Op::struct_get64_s, Op::struct_get64_a, Op::array_get64),
        // Vectors are never in the integer accumulator, but objects may be.
        _ => (Op::struct_get128, Op::struct_get128, Op::array_get128),
    }
}

/// The ops that write a field of a structure and of an array.
fn set_ops(cell: Cell) -> (Op, Op) {
    match cell.width_log2 {
        0 => (Op::struct_set8, Op::array_set8),
        1 => (Op::struct_set16, Op::array_set16),
        2 => (Op::struct_set32, Op::array_set32),
        3 => (Op::struct_set64, Op::array_set64),
        _ => (Op::struct_set128, Op::array_set128),
    }
}

fn acc_of(ty: Ty) -> Acc {
    if ty == Ty::V128 { Acc::Keep } else { Acc::as_bits(ty) }
}

impl Translator<'_> {
    /// Translates an operator of this kind; false if it is another.
    pub(super) fn gc_operator(&mut self, op: &Operator<'_>) -> bool {
        match *op {
            Operator::StructNew { struct_type_index } => self.struct_new(struct_type_index),
            Operator::StructNewDefault { struct_type_index } => {
                let (size, _) = self.struct_shape(struct_type_index);
                let place = self.new_place(struct_type_index, self.top);
                self.emit_result(Ty::Ref, Acc::Int, Op::struct_new_default, &[0, place, size as u64]);
            }
            Operator::StructGet { struct_type_index, field_index }
            | Operator::StructGetU { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, Unsigned);
            }
            Operator::StructGetS { struct_type_index, field_index } => {
                self.struct_get(struct_type_index, field_index, Signed);
            }
            Operator::StructSet { struct_type_index, field_index } => {
                let field = self.struct_field(struct_type_index, field_index);
                self.operands(set_ops(field.cell).0, 2, &[abi(0, 0, field.offset)]);
            }
            Operator::ArrayNew { array_type_index } => {
                let (cell, top) = (self.element(array_type_index), self.top);
                let words = [width(cell), self.new_place(array_type_index, top)];
                self.operands_to_result(Ty::Ref, Acc::Int, Op::array_new, 2, &words);
            }
            Operator::ArrayNewDefault { array_type_index } => {
                let (cell, top) = (self.element(array_type_index), self.top);
                let words = [width(cell), self.new_place(array_type_index, top)];
                self.operands_to_result(Ty::Ref, Acc::Int, Op::array_new_default, 1, &words);
            }
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                self.array_new_fixed(array_type_index, array_size);
            }
            Operator::ArrayNewData { array_type_index, array_data_index } => {
                self.array_new_segment(Op::array_new_data, array_type_index, array_data_index);
            }
            Operator::ArrayNewElem { array_type_index, array_elem_index } => {
                self.array_new_segment(Op::array_new_elem, array_type_index, array_elem_index);
            }
            Operator::ArrayGet { array_type_index } | Operator::ArrayGetU { array_type_index } => {
                self.array_get(array_type_index, Unsigned);
            }
            Operator::ArrayGetS { array_type_index } => self.array_get(array_type_index, Signed),
            Operator::ArraySet { array_type_index } => {
                let cell = self.element(array_type_index);
                self.operands(set_ops(cell).1, 3, &[0]);
            }
            Operator::ArrayLen => self.operands_to_result(Ty::I32, Acc::Int, Op::array_len, 1, &[0]),
            Operator::ArrayFill { array_type_index } => {
                let cell = self.element(array_type_index);
                self.operands_and_len(Op::array_fill, cell, 0);
            }
            Operator::ArrayCopy { array_type_index_dst, .. } => {
                let cell = self.element(array_type_index_dst);
                let (len, from) = (self.pop(), self.pop());
                let word = ji(self.anywhere(&from), self.anywhere(&len));
                self.operands(Op::array_copy, 3, &[width(cell), word]);
            }
            Operator::ArrayInitData { array_type_index, array_data_index } => {
                let cell = self.element(array_type_index);
                self.operands_and_len(Op::array_init_data, cell, array_data_index);
            }
            Operator::ArrayInitElem { array_type_index, array_elem_index } => {
                let cell = self.element(array_type_index);
                self.operands_and_len(Op::array_init_elem, cell, array_elem_index);
            }
            Operator::RefI31 => self.operands_to_result(Ty::Ref, Acc::Int, Op::ref_i31, 1, &[0]),
            Operator::I31GetS => self.operands_to_result(Ty::I32, Acc::Int, Op::i31_get_s, 1, &[0]),
            Operator::I31GetU => self.operands_to_result(Ty::I32, Acc::Int, Op::i31_get_u, 1, &[0]),
            // Both hierarchies are written the same.
            Operator::AnyConvertExtern | Operator::ExternConvertAny => {}
            Operator::RefTestNonNull { hty } => self.ref_test(hty, false),
            Operator::RefTestNullable { hty } => self.ref_test(hty, true),
            Operator::RefCastNonNull { hty } => self.ref_cast(hty, false),
            Operator::RefCastNullable { hty } => self.ref_cast(hty, true),
            Operator::BrOnCast { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, true);
            }
            Operator::BrOnCastFail { relative_depth, to_ref_type, .. } => {
                self.br_on_cast(relative_depth, to_ref_type, false);
            }
            _ => return false,
        }
        true
    }

    // Shapes.

    fn struct_shape(&self, ty: u32) -> (u32, &[Field]) {
        match self.owner.shape(ty) {
            Shape::Struct { size, fields } => (*size, fields),
            Shape::Array(_) => unreachable!("a structure type, as validated"),
        }
    }

    fn struct_field(&self, ty: u32, field: u32) -> Field {
        self.struct_shape(ty).1[field as usize]
    }

    fn element(&self, ty: u32) -> Cell {
        match self.owner.shape(ty) {
            Shape::Array(cell) => *cell,
            Shape::Struct { .. } => unreachable!("an array type, as validated"),
        }
    }

    fn field_storage(&self, ty: u32, field: u32) -> StorageType {
        let ty = &self.module.sub_types[ty as usize].composite;
        ty.as_struct().expect("a structure type, as validated").fields[field as usize].storage
    }

    fn element_storage(&self, ty: u32) -> StorageType {
        let ty = &self.module.sub_types[ty as usize].composite;
        ty.as_array().expect("an array type, as validated").field.storage
    }

    /// Word 2 of an instruction that makes an object: its type, and the slot up to which there may be references.
    fn new_place(&self, ty: u32, top: u32) -> u64 {
        ji(self.module.types[ty as usize].0, top)
    }

    /// A slot that holds the operand, however far.
    fn anywhere(&mut self, o: &Operand) -> u32 {
        match o.place {
            Place::Local(slot) => slot,
            Place::Temp => o.home,
            Place::Const(_) if o.home < 0x1_0000 => self.near(o),
            Place::Const(_) => {
                self.move_to(o.home, o);
                o.home
            }
        }
    }

    /// An instruction without a result: three operands in fields A to C, the width of an element in D, the slot of the
    /// fourth operand in the low half of word 2, and an index in its high half.
    fn operands_and_len(&mut self, op: Op, cell: Cell, index: u32) {
        let len = self.pop();
        let word = ji(self.anywhere(&len), index);
        self.operands(op, 3, &[width(cell), word]);
    }

    // Structures.

    fn struct_new(&mut self, ty: u32) {
        let top = self.top;
        let (size, fields) = self.struct_shape(ty);
        let fields = fields.to_vec();
        let mut operands: Vec<Operand> = (0..fields.len()).map(|_| self.pop()).collect();
        operands.reverse();
        // Fields of 4 bytes first, then of 8, then the others: the first two make loops without choices.
        let (mut of4, mut of8, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (field, o) in fields.iter().zip(&operands) {
            let slot = self.anywhere(o);
            match field.cell.width_log2 {
                2 => of4.push(ji(slot, field.offset)),
                3 => of8.push(ji(slot, field.offset)),
                log2 => others.push(ji(slot, field.offset | (log2 as u32) << 29)),
            }
        }
        let op = if others.is_empty() { Op::struct_new } else { Op::struct_new_mixed };
        let counts = abcd(0, of4.len() as u32, of8.len() as u32, others.len() as u32);
        let mut words = vec![counts, self.new_place(ty, top), size as u64];
        words.append(&mut of4);
        words.append(&mut of8);
        words.append(&mut others);
        self.emit_result(Ty::Ref, Acc::Int, op, &words);
    }

    fn struct_get(&mut self, ty: u32, field: u32, extend: Packed) {
        let result = Ty::of(self.field_storage(ty, field).unpacked());
        let Field { offset, cell } = self.struct_field(ty, field);
        let (in_slot, in_acc, _) = get_ops(cell, extend);
        let o = self.pop();
        let (op, word) = if self.in_ia(&o) && result != Ty::V128 {
            (in_acc, abi(0, 0, offset))
        } else {
            (in_slot, abi(0, self.near(&o), offset))
        };
        self.emit_result(result, acc_of(result), op, &[word]);
    }

    // Arrays.

    fn array_get(&mut self, ty: u32, extend: Packed) {
        let result = Ty::of(self.element_storage(ty).unpacked());
        let (_, _, op) = get_ops(self.element(ty), extend);
        self.operands_to_result(result, acc_of(result), op, 2, &[0]);
    }

    fn array_new_fixed(&mut self, ty: u32, len: u32) {
        let cell = self.element(ty);
        let top = self.top;
        let from = self.stack.len() - len as usize;
        self.settle(from);
        let base = self.stack.get(from).map_or(self.top, |o| o.home);
        self.truncate(from);
        self.top = base;
        let words = [width(cell), self.new_place(ty, top), ji(len, base)];
        self.emit_result(Ty::Ref, Acc::Int, Op::array_new_fixed, &words);
    }

    fn array_new_segment(&mut self, op: Op, ty: u32, segment: u32) {
        let (cell, top) = (self.element(ty), self.top);
        let words = [width(cell), self.new_place(ty, top), segment as u64];
        self.operands_to_result(Ty::Ref, Acc::Int, op, 2, &words);
    }

    // Type tests.

    /// The op and words of a test of the operand: `(test, cast, word 1 without slots, more)`.
    fn test(&self, to: OpHeapType, nullable: bool) -> (Op, Op, u64, Option<u64>) {
        let heap = self.module.heap_type(to);
        let null = (nullable as u32) << 8;
        match AbstractTest::of(heap) {
            Some(test) => (Op::ref_test, Op::ref_cast, abcd(0, 0, null | test as u32, 0), None),
            None => {
                let HeapType::Concrete(id) = heap else { unreachable!("every other heap type has an abstract test") };
                let ty = self.module.registry.lookup(id);
                let (test, cast) = match ty.as_func() {
                    Some(_) => (Op::ref_test_func, Op::ref_cast_func),
                    None => (Op::ref_test_type, Op::ref_cast_type),
                };
                (test, cast, abcd(0, 0, null, 0), Some(ji(id.0, ty.depth)))
            }
        }
    }

    fn emit_test(&mut self, o: &Operand, to: OpHeapType, nullable: bool) {
        let (op, _, word, more) = self.test(to, nullable);
        let word = word | abcd(0, self.near(o), 0, 0);
        let words = [word, more.unwrap_or(0)];
        self.emit_result(Ty::I32, Acc::Int, op, &words[..1 + more.is_some() as usize]);
    }

    fn ref_test(&mut self, to: OpHeapType, nullable: bool) {
        let o = self.pop();
        self.emit_test(&o, to, nullable);
    }

    fn ref_cast(&mut self, to: OpHeapType, nullable: bool) {
        let o = self.pop();
        let (_, op, word, more) = self.test(to, nullable);
        let word = word | abcd(0, self.near(&o), 0, 0);
        let words = [word, more.unwrap_or(0)];
        self.emit(op, &words[..1 + more.is_some() as usize]);
        self.push(o.place, o.ty);
    }

    fn br_on_cast(&mut self, depth: u32, to: OpRefType, sense: bool) {
        let o = *self.stack.last().expect("an operand, as validated");
        self.emit_test(&o, to.heap_type(), to.is_nullable());
        let truth = self.pop();
        let cond = self.condition(&truth);
        self.br_cond(depth, cond, sense);
    }
}

/// Word 1 with an element's width in field D.
fn width(cell: Cell) -> u64 {
    debug_assert!(cell.holds != Holds::Func || cell.width_log2 == 3);
    abcd(0, 0, 0, cell.width_log2 as u32)
}
