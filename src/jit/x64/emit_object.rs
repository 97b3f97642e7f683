//! The operations on the garbage-collected heap that take several instructions.
#![forbid(unsafe_code)]

use super::abi::INSTANCE;
use super::emit::Emit;
use super::emit_cold::Cold;
use super::enc::*;
use crate::jit::ssa::ir::Test;
use crate::vm::gc::{HeapCtx, ObjectKind, TypeInfo};
use crate::vm::layout::{Instance, StoreCtx};
use crate::vm::machine::MachineCtx;
use core::mem::offset_of;

const STORE: i32 = offset_of!(Instance, store) as i32;
const HEAP: usize = offset_of!(StoreCtx, heap);
const BASE: i32 = (HEAP + offset_of!(HeapCtx, base)) as i32;
const BUMP: i32 = (HEAP + offset_of!(HeapCtx, bump)) as i32;
const LIMIT: i32 = (HEAP + offset_of!(HeapCtx, limit)) as i32;
const STARTS: i32 = (HEAP + offset_of!(HeapCtx, starts)) as i32;
const TYPES: i32 = (HEAP + offset_of!(HeapCtx, types)) as i32;
/// Where the size of an object goes that there is no room for.
pub(super) const WANTED: i32 = (offset_of!(StoreCtx, machine) + offset_of!(MachineCtx, out_slots)) as i32;

impl Emit<'_> {
    /// Takes an object from the heap's free run, as `vm::gc::allocate`, and writes its header.
    pub(super) fn new_object(&mut self, header: u64, size: u32, offset: u32, [d, t, u, v]: [Reg; 4]) {
        let again = self.asm.new_label();
        let more = self.cold(Cold::Heap { store: t, size, offset, again });
        self.asm.bind(again);
        self.asm.load64(t, Mem::base(INSTANCE, STORE));
        self.asm.load64(d, Mem::base(t, BUMP));
        self.asm.lea(true, u, Mem::base(d, size as i32));
        self.asm.alu(Alu::Cmp, true, u, Mem::base(t, LIMIT).into());
        self.asm.jcc(Cc::A, more);
        self.asm.store(8, Mem::base(t, BUMP), u);
        // The bit of its start.
        self.asm.mov(true, u, d);
        self.asm.shift_imm(Shift::Shr, true, u, 3);
        self.asm.mov_imm(v, 0);
        self.asm.set_bit(v, u);
        self.asm.shift_imm(Shift::Shr, true, u, 6);
        self.asm.load64(t, Mem::base(t, STARTS));
        self.asm.alu_to_mem(Alu::Or, true, Mem { base: t, index: Some(u), scale: 3, disp: 0 }, v);
        self.asm.load64(t, Mem::base(INSTANCE, STORE));
        self.asm.load64(t, Mem::base(t, BASE));
        self.asm.mov_imm(v, header);
        self.asm.store(8, Mem { base: t, index: Some(d), scale: 0, disp: 0 }, v);
    }

    /// Whether the reference `r` passes, as the interpreter's tests.
    pub(super) fn type_test(&mut self, test: Test, null: bool, [d, t, u, r]: [Reg; 4]) {
        let (no, done, of_null) = (self.asm.new_label(), self.asm.new_label(), self.asm.new_label());
        self.asm.test(true, r, r);
        self.asm.jcc(Cc::E, if null { of_null } else { no });
        self.asm.test_imm(false, r, 7);
        self.asm.jcc(Cc::Ne, no);
        self.asm.load64(t, Mem::base(INSTANCE, STORE));
        self.asm.load64(u, Mem::base(t, BASE));
        self.asm.ext(Ext::Mov32, u, Mem { base: u, index: Some(r), scale: 0, disp: 0 }.into());
        match test {
            Test::Type(id, depth, is_final) => {
                self.asm.alu_imm(Alu::Cmp, false, Rm::Reg(u), id as i32);
                if !is_final {
                    self.asm.jcc(Cc::E, of_null);
                    self.type_info(t, u);
                    let at = offset_of!(TypeInfo, depth) as i32;
                    self.asm.alu_imm(Alu::Cmp, false, Mem::base(t, at).into(), depth as i32);
                    self.asm.jcc(Cc::Be, no);
                    self.asm.load64(t, Mem::base(t, offset_of!(TypeInfo, supers) as i32));
                    self.asm.alu_imm(Alu::Cmp, false, Mem::base(t, depth as i32 * 4).into(), id as i32);
                }
            }
            Test::Struct | Test::Array => {
                let kind = if test == Test::Struct { ObjectKind::Struct } else { ObjectKind::Array };
                self.type_info(t, u);
                self.asm.ext(Ext::Zx8, t, Mem::base(t, offset_of!(TypeInfo, kind) as i32).into());
                self.asm.alu_imm(Alu::Cmp, false, Rm::Reg(t), kind as i32);
            }
        }
        self.asm.jcc(Cc::Ne, no);
        self.asm.bind(of_null);
        self.asm.mov_imm(d, 1);
        self.asm.jmp(done);
        self.asm.bind(no);
        self.asm.mov_imm(d, 0);
        self.asm.bind(done);
    }

    /// From the store in `t` to what the type `u` is.
    fn type_info(&mut self, t: Reg, u: Reg) {
        self.asm.load64(t, Mem::base(t, TYPES));
        self.asm.load64(t, Mem { base: t, index: Some(u), scale: 3, disp: 0 });
    }
}
