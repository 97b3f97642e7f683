//! How compiled functions call each other, and what each register is for.
//!
//! | register | use |
//! |---|---|
//! | r15 | the instance, everywhere in machine code |
//! | rsp, rbp | stack and frame pointer |
//! | rdi rsi rdx rcx r8 r9, xmm0-7 | arguments |
//! | rax rdx rcx rdi, xmm0-3 | results |
//! | r10, r11 | who a thunk calls; otherwise free |
//! | rbx r12 r13 r14 | kept by the callee |
//!
//! Arguments and results beyond the registers are in the caller's outgoing area, 8 bytes each, vectors 16; the callee finds them above
//! its return address. An `i32` in a general register is zero-extended to 64 bits: an invariant of all machine code.
#![forbid(unsafe_code)]

use super::enc::*;
use crate::jit::ssa::ir::Type;
use crate::vm::layout::StoreCtx;
use crate::vm::machine::MachineCtx;
use core::mem::offset_of;

pub const INSTANCE: Reg = R15;

const INT_ARGS: [Reg; 6] = [RDI, RSI, RDX, RCX, R8, R9];
const INT_RESULTS: [Reg; 4] = [RAX, RDX, RCX, RDI];
const VECTOR_ARGS: u8 = 8;
const VECTOR_RESULTS: u8 = 4;

/// In order of preference.
pub const CALLER_SAVED: [Reg; 9] = [RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11];
pub const CALLEE_SAVED: [Reg; 4] = [RBX, R12, R13, R14];

/// Where an argument or a result is at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loc {
    Int(Reg),
    Vector(Reg),
    /// A word of the outgoing area.
    Stack(u32),
}

/// Tells where values are, one after the other.
pub struct Places {
    ints: &'static [Reg],
    vectors: u8,
    int: usize,
    vector: u8,
    /// How many words of the outgoing area have been taken.
    pub words: u32,
}

impl Places {
    pub fn arguments() -> Places {
        Places { ints: &INT_ARGS, vectors: VECTOR_ARGS, int: 0, vector: 0, words: 0 }
    }

    pub fn results() -> Places {
        Places { ints: &INT_RESULTS, vectors: VECTOR_RESULTS, int: 0, vector: 0, words: 0 }
    }

    pub fn next(&mut self, ty: Type) -> Loc {
        match ty.is_vector_class() {
            false if self.int < self.ints.len() => {
                self.int += 1;
                Loc::Int(self.ints[self.int - 1])
            }
            true if self.vector < self.vectors => {
                self.vector += 1;
                Loc::Vector(self.vector - 1)
            }
            _ => {
                let at = self.words;
                self.words += if ty == Type::V128 { 2 } else { 1 };
                Loc::Stack(at)
            }
        }
    }

    /// Of all these, and the words that they take.
    fn all(mut self, types: &[Type]) -> (Vec<Loc>, u32) {
        (types.iter().map(|ty| self.next(*ty)).collect(), self.words)
    }
}

pub fn arguments(types: &[Type]) -> (Vec<Loc>, u32) {
    Places::arguments().all(types)
}

pub fn results(types: &[Type]) -> (Vec<Loc>, u32) {
    Places::results().all(types)
}

/// Where the store's context has the exception that has been caught, or the number of the clause.
pub fn unwound(clause: bool) -> u32 {
    let at = if clause { offset_of!(MachineCtx, clause) } else { offset_of!(MachineCtx, exception) };
    (offset_of!(StoreCtx, machine) + at) as u32
}
