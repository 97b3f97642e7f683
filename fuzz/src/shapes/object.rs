//! Bodies: structures and arrays.

use super::body::Body;
use super::{ARRAY, STRUCT};
use wasm_encoder::ValType::{self, I32, I64};
use wasm_encoder::{HeapType, Instruction};

/// New arrays have at least this many elements.
const ELEMENTS: i32 = 4;

impl Body<'_> {
    pub(super) fn new_object(&mut self, ty: ValType) {
        let n = self.below(5) as i32;
        self.emit(Instruction::I32Const(ELEMENTS + n));
        if ty == STRUCT {
            self.emit(Instruction::I64Const(n as i64));
            self.emit(Instruction::StructNew(1));
        } else {
            self.emit(Instruction::ArrayNewDefault(0));
        }
        self.stack.push(ty);
    }

    fn index(&mut self) {
        self.push(I32);
        self.mask(I32, ELEMENTS - 1);
    }

    fn small(&mut self, n: usize) {
        let n = self.below(n) as i32;
        self.emit(Instruction::I32Const(n));
        self.stack.push(I32);
    }

    /// Does something with an object.
    pub(super) fn object(&mut self) {
        let (code, operands, result) = match self.below(12) {
            0 | 1 => {
                self.need(&[ARRAY]);
                self.index();
                (Instruction::ArrayGet(0), 2, Some(I32))
            }
            2 | 3 => {
                self.need(&[ARRAY]);
                self.index();
                self.push(I32);
                (Instruction::ArraySet(0), 3, None)
            }
            4 => {
                self.need(&[ARRAY]);
                self.small(3);
                self.push(I32);
                self.small(3);
                (Instruction::ArrayFill(0), 4, None)
            }
            5 => {
                self.need(&[ARRAY]);
                self.small(3);
                self.push(ARRAY);
                self.small(3);
                self.small(3);
                (Instruction::ArrayCopy { array_type_index_dst: 0, array_type_index_src: 0 }, 5, None)
            }
            6 => {
                self.need(&[I32; 5]);
                (Instruction::ArrayNewFixed { array_type_index: 0, array_size: 5 }, 5, Some(ARRAY))
            }
            7 => {
                self.need(&[I32, I64]);
                (Instruction::StructNew(1), 2, Some(STRUCT))
            }
            8 => {
                self.need(&[STRUCT]);
                match self.chance(50) {
                    true => (Instruction::StructGet { struct_type_index: 1, field_index: 0 }, 1, Some(I32)),
                    false => (Instruction::StructGet { struct_type_index: 1, field_index: 1 }, 1, Some(I64)),
                }
            }
            9 => {
                self.need(&[STRUCT]);
                self.push(I64);
                (Instruction::StructSet { struct_type_index: 1, field_index: 1 }, 2, None)
            }
            10 => {
                self.need(&[ARRAY]);
                self.push(ARRAY);
                (Instruction::RefEq, 2, Some(I32))
            }
            _ => {
                self.need(&[ARRAY]);
                match self.chance(50) {
                    true => (Instruction::ArrayLen, 1, Some(I32)),
                    false => (Instruction::RefTestNonNull(HeapType::Concrete(0)), 1, Some(I32)),
                }
            }
        };
        self.emit(code);
        self.pop(operands);
        self.stack.extend(result);
    }
}
