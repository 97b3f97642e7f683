//! What lies behind a function's code: traps, and the rare cases of instructions.
#![forbid(unsafe_code)]

use super::abi::INSTANCE;
use super::emit::{Emit, LIMIT};
use super::emit_object::WANTED;
use super::enc::*;
use super::mach::Truncation;
use crate::jit::code::{NO_CHAIN, SiteKind, target};
use crate::jit::ssa::ir::START;
use crate::vm::layout::{Instance, StoreCtx};
use crate::vm::machine::MachineCtx;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

/// What lies behind the code.
pub(super) enum Cold {
    Trap(TrapKind, u32),
    /// Whether an address near the end of memory is inside after all: address, limit, distance; then back.
    Check {
        addr: Reg,
        limit: Rm,
        distance: i32,
        back: Label,
        trap: Label,
    },
    /// A call of a function of another instance, of the host's, or of one that is not compiled.
    Out {
        type_index: u32,
        offset: u32,
        chain: u32,
        back: Label,
    },
    /// As `Out`, in the place of this function.
    TailOut {
        type_index: u32,
    },
    Poll {
        offset: u32,
        back: Label,
    },
    /// The stack is full, or somebody wants to be asked.
    Enter {
        sp: Reg,
        back: Label,
    },
    /// A trap of the kind in a register.
    TrapKind {
        kind: Reg,
        offset: u32,
    },
    /// There is no room in the heap's run for an object; `store` has the store.
    Heap {
        store: Reg,
        size: u32,
        offset: u32,
        again: Label,
    },
    /// Too little fuel: more, and then once again.
    Fuel {
        store: Reg,
        cost: i32,
        offset: u32,
        again: Label,
    },
    FuelBy {
        store: Reg,
        cost: Reg,
        offset: u32,
        again: Label,
    },
    /// A float that does not fit the integer type.
    Trunc {
        t: Truncation,
        dst: Reg,
        tmp: Reg,
        vector: Reg,
        src: Reg,
        back: Label,
    },
}

impl Emit<'_> {
    pub(super) fn cold_paths(&mut self) {
        let mut n = 0;
        while n < self.cold.len() {
            let label = self.cold[n].0;
            let cold = std::mem::replace(&mut self.cold[n].1, Cold::Trap(TrapKind::Internal, 0));
            n += 1;
            self.asm.bind(label);
            match cold {
                Cold::Trap(kind, offset) => self.trap(kind, offset),
                Cold::Check { addr, limit, distance, back, trap } => {
                    // The limit may be negative from here, and the address is not.
                    let t = [RAX, RCX, RDX].into_iter().find(|r| *r != addr && Rm::Reg(*r) != limit).unwrap_or(RAX);
                    self.asm.push(t);
                    self.asm.lea(true, t, Mem::base(addr, -distance));
                    self.asm.alu(Alu::Cmp, true, t, limit);
                    self.asm.pop(t);
                    self.asm.jcc(Cc::Le, back);
                    self.asm.jmp(trap);
                }
                Cold::TailOut { type_index } => self.asm.jmp_outside(target::thunk(type_index)),
                Cold::Out { type_index, offset, chain, back } => {
                    self.asm.call_outside(target::thunk(type_index));
                    self.chain = chain;
                    self.site(SiteKind::Call, offset);
                    self.chain = NO_CHAIN;
                    self.asm.jmp(back);
                }
                Cold::Fuel { store, cost, offset, again } => {
                    let fuel = Mem::base(store, offset_of!(StoreCtx, fuel) as i32);
                    self.asm.alu_imm(Alu::Add, true, fuel.into(), cost);
                    self.asm.store_imm(8, Mem::base(store, offset_of!(StoreCtx, fuel_needed) as i32), cost);
                    self.asm.call_outside(target::REFUEL);
                    self.site(SiteKind::Poll, offset);
                    self.asm.jmp(again);
                }
                Cold::FuelBy { store, cost, offset, again } => {
                    self.asm.store(8, Mem::base(store, offset_of!(StoreCtx, fuel_needed) as i32), cost);
                    self.asm.call_outside(target::REFUEL);
                    self.site(SiteKind::Poll, offset);
                    self.asm.jmp(again);
                }
                Cold::Poll { offset, back } => {
                    self.asm.call_outside(target::POLL);
                    self.site(SiteKind::Poll, offset);
                    self.asm.jmp(back);
                }
                Cold::Enter { sp, back } => {
                    self.asm.call_outside(target::POLL);
                    self.site(SiteKind::Poll, START);
                    // Which has put the limit right.
                    self.asm.alu(Alu::Cmp, true, sp, LIMIT.into());
                    self.asm.jcc(Cc::Ae, back);
                    self.trap(TrapKind::StackOverflow, START);
                }
                Cold::TrapKind { kind, offset } => {
                    let at = offset_of!(StoreCtx, machine) + offset_of!(MachineCtx, trap_kind);
                    self.asm.load64(R11, Mem::base(INSTANCE, offset_of!(Instance, store) as i32));
                    self.asm.store(8, Mem::base(R11, at as i32), kind);
                    self.asm.call_outside(target::TRAP);
                    self.site(SiteKind::Poll, offset);
                }
                Cold::Heap { store, size, offset, again } => {
                    self.asm.store_imm(8, Mem::base(store, WANTED), size as i32);
                    self.asm.call_outside(target::HEAP);
                    self.site(SiteKind::Poll, offset);
                    self.asm.jmp(again);
                }
                Cold::Trunc { t, dst, tmp, vector, src, back } => self.odd_trunc(t, dst, tmp, vector, src, back),
            }
        }
    }
}
