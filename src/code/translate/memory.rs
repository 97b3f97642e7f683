//! Memory, table, global and reference operators.

use super::emit::{Acc, abcd, abi};
use super::forms::{Load, Store};
use super::numeric::{Comparison, IntOperands, Sum};
use super::{Operand, Place, Translator, Ty};
use crate::code::op::Op;
use crate::code::translate::forms::of;
use crate::module::ops::{MemArg, MemArgTarget};

/// The memory an access is to.
pub(super) fn memory_of(arg: &MemArg) -> u32 {
    match arg.target {
        MemArgTarget::Memory(memory) => memory,
        // Accesses to arrays belong to a proposal that is never enabled.
        MemArgTarget::Array(_) => 0,
    }
}

impl Translator<'_> {
    // Loads and stores.

    /// The offset as a 32-bit field, when the access is to a 32-bit memory 0.
    pub(super) fn fast_offset(&self, arg: &MemArg) -> Option<u32> {
        let fast = memory_of(arg) == 0 && !self.module.memories[0].is64;
        if fast { u32::try_from(arg.offset).ok() } else { None }
    }

    pub(super) fn load(&mut self, ty: Ty, f: &Load, arg: &MemArg) {
        let addr = self.pop();
        let acc = Acc::of(ty);
        let fast = self.fast_offset(arg);
        if let (Some(offset), Some(sum)) = (fast, self.last_sum(&addr)) {
            let form = match sum {
                Sum::As(b) => Some((f.as_, abi(0, b, offset))),
                Sum::Ss(a, b) if offset < 65536 => Some((f.ss, abcd(0, a, b, offset))),
                Sum::Si(a, i) if offset == 0 => Some((f.si, abi(0, a, i as u32))),
                Sum::Ai(i) if offset == 0 => Some((f.ai, abi(0, 0, i as u32))),
                _ => None,
            };
            if let Some((op, word)) = form {
                self.absorb_sum(&addr);
                return self.emit_result(ty, acc, op, &[word]);
            }
        }
        match fast {
            Some(offset) if self.in_ia(&addr) => self.emit_result(ty, acc, f.a, &[abi(0, 0, offset)]),
            Some(offset) => {
                let word = abi(0, self.near(&addr), offset);
                self.emit_result(ty, acc, f.s, &[word]);
            }
            None => {
                let word = abcd(0, self.near(&addr), memory_of(arg), 0);
                self.emit_result(ty, acc, f.g, &[word, arg.offset]);
            }
        }
    }

    pub(super) fn store(&mut self, f: &Store, arg: &MemArg) {
        let (value, addr) = (self.pop(), self.pop());
        let Some(offset) = self.fast_offset(arg) else {
            let word = abcd(self.near(&addr), self.near(&value), memory_of(arg), 0);
            return self.emit(f.g, &[word, arg.offset]);
        };
        let narrow = match value.place {
            Place::Const(bits) => match f.width {
                1 => Some(bits as i8 as i16),
                2 => Some(bits as i16),
                4 => i16::try_from(bits as i32).ok(),
                _ => i16::try_from(bits as i64).ok(),
            },
            _ => None,
        };
        // Only a value that is read from a local, or is a constant of the frame, leaves the addition the last instruction.
        let ready = match value.place {
            Place::Local(slot) if slot < 65536 => Some(slot),
            Place::Const(bits) => self.const_slot(bits),
            _ => None,
        };
        if let (Some(slot), Some(sum)) = (ready, self.last_sum(&addr)) {
            let form = match sum {
                Sum::Ss(a, b) if offset < 65536 => Some((f.sum, abcd(a, b, slot, offset))),
                Sum::Si(a, i) if offset == 0 => Some((f.far, abi(a, slot, i as u32))),
                _ => None,
            };
            if let Some((op, word)) = form {
                self.absorb_sum(&addr);
                return self.emit(op, &[word]);
            }
        }
        let (op, word) = if let Some(v) = narrow {
            (f.si, abi(self.near(&addr), v as u16 as u32, offset))
        } else if self.in_ia(&value) {
            (f.sa, abi(self.near(&addr), 0, offset))
        } else if value.ty.is_float() && self.in_fa(&value) {
            // An integer that was a float is also in the float accumulator, but its width is another matter.
            let op = if value.ty == Ty::F32 { Op::f32_store_sa } else { Op::f64_store_sa };
            (op, abi(self.near(&addr), 0, offset))
        } else if self.in_ia(&addr) {
            (f.as_, abi(0, self.near(&value), offset))
        } else {
            (f.ss, abi(self.near(&addr), self.near(&value), offset))
        };
        self.emit(op, &[word]);
    }

    // Bulk operations: up to three operands in fields from A or B on.

    /// An instruction with a result and up to three operands, the first in field B.
    pub(super) fn operands_to_result(&mut self, ty: Ty, acc: Acc, op: Op, operands: usize, words: &[u64]) {
        let mut fields = [0; 3];
        for i in (0..operands).rev() {
            let o = self.pop();
            fields[i] = self.near(&o);
        }
        let mut words = words.to_vec();
        words[0] |= abcd(0, fields[0], fields[1], fields[2]);
        self.emit_result(ty, acc, op, &words);
    }

    /// An instruction without a result and with up to three operands, the first in field A.
    pub(super) fn operands(&mut self, op: Op, operands: usize, words: &[u64]) {
        let mut fields = [0; 3];
        for i in (0..operands).rev() {
            let o = self.pop();
            fields[i] = self.near(&o);
        }
        let mut words = words.to_vec();
        words[0] |= abcd(fields[0], fields[1], fields[2], 0);
        self.emit(op, &words);
    }

    /// The type of a memory's indices.
    pub(super) fn memory_index(&self, memory: u32) -> Ty {
        if self.module.memories[memory as usize].is64 { Ty::I64 } else { Ty::I32 }
    }

    pub(super) fn table_index(&self, table: u32) -> Ty {
        if self.module.tables[table as usize].ty.is64 { Ty::I64 } else { Ty::I32 }
    }

    // Globals.

    pub(super) fn global_get(&mut self, index: u32) {
        let ty = Ty::of(self.module.globals[index as usize].ty.content);
        let own = index.checked_sub(self.module.num_imported_globals);
        let (op, index) = match (ty, own) {
            (Ty::V128, Some(own)) => (Op::global_get_own128, own),
            (Ty::V128, None) => (Op::global_get128, index),
            (_, Some(own)) => (Op::global_get_own, own),
            (_, None) => (Op::global_get, index),
        };
        let acc = if ty == Ty::V128 { Acc::Keep } else { Acc::as_bits(ty) };
        self.emit_result(ty, acc, op, &[abi(0, 0, index)]);
    }

    pub(super) fn global_set(&mut self, index: u32) {
        let v = self.pop();
        let own = index.checked_sub(self.module.num_imported_globals);
        let (op, index) = match (v.ty, own) {
            (Ty::V128, Some(own)) => (Op::global_set_own128, own),
            (Ty::V128, None) => (Op::global_set128, index),
            (_, Some(own)) if self.in_ia(&v) => return self.emit(Op::global_set_own_a, &[abi(0, 0, own)]),
            (_, Some(own)) => (Op::global_set_own, own),
            (_, None) => (Op::global_set, index),
        };
        let word = abi(self.near(&v), 0, index);
        self.emit(op, &[word]);
    }

    // References.

    pub(super) fn ref_is_null(&mut self) {
        self.stack.last_mut().expect("an operand, as validated").ty = Ty::I64;
        self.eqz(Ty::I64);
    }

    /// The condition that a reference is null.
    fn is_null(&mut self, o: &Operand) -> Comparison {
        let operands = if self.in_ia(o) { IntOperands::Ai(0) } else { IntOperands::Si(self.near(o), 0) };
        Comparison::Int(&of::I64Eq, operands)
    }

    pub(super) fn br_on_null(&mut self, depth: u32) {
        let o = self.pop();
        let cond = self.is_null(&o);
        self.br_cond(depth, cond, true);
        self.push(o.place, o.ty);
    }

    pub(super) fn br_on_non_null(&mut self, depth: u32) {
        let o = *self.stack.last().expect("an operand, as validated");
        let cond = self.is_null(&o);
        self.br_cond(depth, cond, false);
        self.pop();
    }

    pub(super) fn ref_as_non_null(&mut self) {
        let o = self.pop();
        let word = abi(self.near(&o), 0, 0);
        self.emit(Op::ref_as_non_null, &[word]);
        self.push(o.place, o.ty);
    }
}
