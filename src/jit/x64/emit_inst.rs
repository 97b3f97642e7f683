//! The bytes of each machine instruction.
#![forbid(unsafe_code)]

use super::abi::INSTANCE;
use super::emit::{Emit, LIMIT, reg};
use super::emit_cold::Cold;
use super::enc::*;
use super::mach::*;
use crate::jit::alloc::Allocation;
use crate::jit::code::{NO_CHAIN, Site, SiteKind, target};
use crate::jit::guard;
use crate::jit::ssa::ir::Block;
use crate::vm::layout;
use crate::vm::trap::TrapKind;
use core::mem::offset_of;

impl Emit<'_> {
    #[allow(clippy::too_many_lines)]
    pub(super) fn inst(&mut self, block: usize, inst: &MInst, p: &[Allocation]) {
        self.asm.note_accesses = inst.trap.is_some();
        self.bare_inst(block, inst, p);
        if let Some((offset, exact)) = inst.trap {
            self.asm.note_accesses = false;
            for (at, m) in std::mem::take(&mut self.asm.accesses) {
                let index = if exact { m.index.unwrap_or(guard::NO_INDEX) } else { guard::PROBE };
                let kind = SiteKind::Access { index, disp: m.disp };
                self.sites.push(Site { at, kind, offset, chain: NO_CHAIN });
            }
        }
    }

    #[allow(clippy::too_many_lines)]
    pub(super) fn bare_inst(&mut self, block: usize, inst: &MInst, p: &[Allocation]) {
        let r = |n: usize| reg(p[n]);
        match inst.op {
            MOp::Params | MOp::Hold => {}
            MOp::Return(constants) => {
                self.constants(constants);
                self.epilogue();
            }
            MOp::Imm(bits) => self.asm.mov_imm(r(0), bits),
            MOp::FloatImm(0, _) => self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0))),
            MOp::FloatImm(bits, double) => {
                let c = Rm::Pool(self.asm.pool(bits));
                self.asm.sse(if double { Sse::Movsd } else { Sse::Movss }, r(0), c);
            }
            MOp::Alu(op, wide, Src::Imm(imm)) => {
                self.asm.alu_imm(op, wide, Rm::Reg(r(0)), imm);
                self.has_result(r(0), wide);
            }
            MOp::Alu(op, wide, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.alu(op, wide, r(0), rm);
                self.has_result(r(0), wide);
            }
            MOp::Lea(wide, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.lea(wide, r(0), m);
            }
            MOp::Mul(wide, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.imul(wide, r(0), rm);
            }
            MOp::MulImm(wide, imm) => self.asm.imul_imm(wide, r(0), self.rm(p[1]), imm),
            MOp::ShiftX(op, wide) => self.asm.shift_x(op, wide, r(0), r(1), r(2)),
            MOp::LowestBit(digit, wide) => {
                self.asm.lowest_bit(digit, wide, r(0), r(1));
                self.has_result(r(0), wide);
            }
            MOp::AndNot(wide) => {
                self.asm.and_not(wide, r(0), r(1), r(2));
                self.has_result(r(0), wide);
            }
            MOp::ShiftCl(op, wide) => self.asm.shift(op, wide, r(0)),
            MOp::ShiftImm(_, _, 0) => {}
            MOp::ShiftImm(op, wide, n) => self.asm.shift_imm(op, wide, r(0), n),
            MOp::Div(d) => self.div(d, r(3)),
            MOp::MulHi { signed, wide } => self.asm.group3(if signed { 5 } else { 4 }, wide, Rm::Reg(r(3))),
            MOp::Not(digit, wide) => self.asm.group3(digit, wide, Rm::Reg(r(0))),
            MOp::Bswap(wide) => self.asm.bswap(wide, r(0)),
            MOp::CountBits(opcode, wide, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.count_bits(opcode, wide, r(0), rm);
            }
            MOp::Zeros { top, wide, src } => {
                let rm = self.src(src, &p[1..]);
                let bits = if wide { 64 } else { 32 };
                self.asm.scan_bits(if top { 0xbd } else { 0xbc }, wide, r(0), rm);
                // Counted from the other end afterwards.
                let of_zero = Rm::Pool(self.asm.pool(if top { 2 * bits - 1 } else { bits }));
                self.asm.cmov(Cc::E, wide, r(0), of_zero);
                if top {
                    self.asm.alu_imm(Alu::Xor, wide, Rm::Reg(r(0)), bits as i32 - 1);
                }
            }
            MOp::Ext(ext, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.ext(ext, r(0), rm);
            }
            MOp::Store(bytes, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.store(bytes, m, r(0));
            }
            MOp::StoreImm(bytes, imm, addr) => {
                let m = self.addr(addr, p);
                self.asm.store_imm(bytes, m, imm);
            }
            MOp::Update(op, wide, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.alu_to_mem(op, wide, m, r(0));
            }
            MOp::UpdateImm(op, wide, imm, addr) => {
                let m = self.addr(addr, p);
                self.asm.alu_imm(op, wide, m.into(), imm);
            }
            MOp::FloatStore(bytes, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.sse_store(bytes, m, r(0));
            }
            MOp::SseMove(op, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.sse(op, r(0), rm);
            }
            MOp::SseConvert(op, src) => {
                let rm = self.src(src, &p[1..]);
                // Not when the operand is there.
                if rm != Rm::Reg(r(0)) {
                    self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                }
                self.asm.sse(op, r(0), rm);
            }
            MOp::Round { double, mode } => {
                if r(0) != r(1) {
                    self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                }
                self.asm.round(double, r(0), Rm::Reg(r(1)), mode);
            }
            MOp::IntToFloat { double, wide } => {
                self.asm.sse(Sse::Xorps, r(0), Rm::Reg(r(0)));
                self.asm.int_to_float(double, wide, r(0), Rm::Reg(r(1)));
            }
            MOp::Uint64ToFloat { double } => self.uint64_to_float(double, r(0), r(1), r(2), r(3)),
            MOp::Trunc(t) => self.trunc(t, r(0), r(1), r(2), r(3)),
            MOp::MinMax { double, max } => self.min_max(double, max, r(0), r(2)),
            MOp::ToVector(wide) => self.asm.mov_to_vector(wide, r(0), r(1)),
            MOp::FromVector(wide) => self.asm.mov_from_vector(wide, r(0), r(1)),
            MOp::V(op) => self.vector_inst(op, p),
            MOp::Set(cmp, when) => {
                self.cmp(cmp, &p[1..]);
                self.set(when, r(0));
            }
            MOp::WithCarry(op, wide, imm, cmp) => {
                self.cmp(cmp, &p[2..]);
                self.asm.alu_imm(op, wide, Rm::Reg(r(0)), imm);
            }
            MOp::Select(cmp, when, wide) => {
                self.cmp(cmp, &p[3..]);
                match when {
                    When::Is(cc) => self.asm.cmov(cc, wide, r(0), Rm::Reg(r(2))),
                    When::FloatNe => {
                        self.asm.cmov(Cc::Ne, wide, r(0), Rm::Reg(r(2)));
                        self.asm.cmov(Cc::P, wide, r(0), Rm::Reg(r(2)));
                    }
                    When::FloatEq => self.move_when(when, |e| e.asm.mov(true, r(0), r(2))),
                }
            }
            MOp::FloatSelect(cmp, when) => {
                self.cmp(cmp, &p[3..]);
                self.move_when(when, |e| e.asm.sse(Sse::Movaps, r(0), Rm::Reg(r(2))));
            }
            MOp::TrapIf(cmp, when, kind, offset) => {
                self.cmp_for(cmp, when, p);
                let trap = self.cold(Cold::Trap(kind, offset));
                self.jump_when(when, trap);
            }
            MOp::Check(end, reduced, offset) => {
                let (addr, limit) = (r(0), self.rm(p[1]));
                self.asm.alu(Alu::Cmp, true, addr, limit);
                let trap = self.cold(Cold::Trap(TrapKind::MemoryOutOfBounds, offset));
                if end == reduced {
                    return self.asm.jcc(Cc::A, trap);
                }
                let back = self.asm.new_label();
                let distance = (reduced - end) as i32;
                let slow = self.cold(Cold::Check { addr, limit, distance, back, trap });
                self.asm.jcc(Cc::A, slow);
                self.asm.bind(back);
            }
            MOp::CheckFar(end, offset) => {
                let (t, addr) = (r(0), r(1));
                match i32::try_from(end) {
                    Ok(disp) => self.asm.lea(true, t, Mem::base(addr, disp)),
                    Err(_) => {
                        self.asm.mov_imm(t, end);
                        self.asm.alu(Alu::Add, true, t, Rm::Reg(addr));
                    }
                }
                let len = self.rm(p[2]);
                self.asm.alu(Alu::Cmp, true, t, len);
                let trap = self.cold(Cold::Trap(TrapKind::MemoryOutOfBounds, offset));
                self.asm.jcc(Cc::A, trap);
            }
            MOp::Poll(offset) => {
                self.asm.alu(Alu::Cmp, true, RSP, LIMIT.into());
                let back = self.asm.new_label();
                let cold = self.cold(Cold::Poll { offset, back });
                self.asm.jcc(Cc::B, cold);
                self.asm.bind(back);
            }
            MOp::Fuel(cost, offset) => {
                let (store, again) = (r(0), self.asm.new_label());
                self.asm.load64(store, Mem::base(INSTANCE, offset_of!(layout::Instance, store) as i32));
                self.asm.bind(again);
                let fuel = Mem::base(store, offset_of!(layout::StoreCtx, fuel) as i32);
                self.asm.alu_imm(Alu::Sub, true, fuel.into(), cost);
                let cold = self.cold(Cold::Fuel { store, cost, offset, again });
                self.asm.jcc(Cc::B, cold);
            }
            MOp::FuelBy(offset) => {
                let (store, left, cost, again) = (r(0), r(1), r(2), self.asm.new_label());
                self.asm.load64(store, Mem::base(INSTANCE, offset_of!(layout::Instance, store) as i32));
                self.asm.bind(again);
                let fuel = Mem::base(store, offset_of!(layout::StoreCtx, fuel) as i32);
                self.asm.load64(left, fuel);
                self.asm.alu(Alu::Sub, true, left, Rm::Reg(cost));
                let cold = self.cold(Cold::FuelBy { store, cost, offset, again });
                self.asm.jcc(Cc::B, cold);
                self.asm.store(8, fuel, left);
            }
            MOp::Call(callee, constants, offset) => {
                self.constants(constants);
                self.call(callee, offset);
            }
            MOp::Aside(n) => self.aside(block, n, inst, p),
            MOp::Invoke(callee, constants, offset) => {
                self.constants(constants);
                self.start_chain(block);
                self.call(callee, offset);
                self.chain = NO_CHAIN;
                let next = Block(self.f.succs(block)[0].index() as u32);
                if !self.is_next(next) {
                    let label = self.label_of(next);
                    self.asm.jmp(label);
                }
            }
            MOp::Throw(has_handlers, offset) => {
                if has_handlers {
                    self.start_chain(block);
                }
                self.asm.call_outside(target::THROW);
                self.site(SiteKind::Call, offset);
                self.chain = NO_CHAIN;
            }
            MOp::TailCall(callee, constants, more) => self.tail_call(callee, constants, more),
            MOp::Unwound(at, wide) => {
                let d = r(0);
                self.asm.load64(d, Mem::base(INSTANCE, offset_of!(layout::Instance, store) as i32));
                self.asm.ext(if wide { Ext::Mov64 } else { Ext::Mov32 }, d, Mem::base(d, at as i32).into());
            }
            MOp::CallHelper(helper, imm, imm_reg, offset) => {
                self.asm.mov(true, RDI, INSTANCE);
                self.asm.mov_imm(imm_reg, imm);
                self.asm.mov_imm(RAX, crate::jit::helpers::address(helper));
                self.asm.call_outside(target::NATIVE);
                self.site(SiteKind::Call, offset);
            }
            MOp::CheckWide(end, overflows, offset) => {
                let (t, addr) = (r(0), r(1));
                let trap = self.cold(Cold::Trap(TrapKind::MemoryOutOfBounds, offset));
                match i32::try_from(end) {
                    Ok(disp) if !overflows => self.asm.lea(true, t, Mem::base(addr, disp)),
                    _ => {
                        self.asm.mov_imm(t, end);
                        self.asm.alu(Alu::Add, true, t, Rm::Reg(addr));
                        if overflows {
                            self.asm.jcc(Cc::B, trap);
                        }
                    }
                }
                let len = self.rm(p[2]);
                self.asm.alu(Alu::Cmp, true, t, len);
                self.asm.jcc(Cc::A, trap);
            }
            MOp::TrapKind(offset) => {
                self.asm.test(false, r(0), r(0));
                let trap = self.cold(Cold::TrapKind { kind: r(0), offset });
                self.asm.jcc(Cc::Ne, trap);
            }
            MOp::New(header, size, offset) => self.new_object(header, size, offset, [r(0), r(1), r(2), r(3)]),
            MOp::TypeTest(test, null) => self.type_test(test, null, [r(0), r(1), r(2), r(3)]),
            MOp::Xadd(bytes, addr) => {
                let m = self.addr(addr, &p[2..]);
                self.asm.lock_xadd(bytes, m, r(0));
                self.zero_extend(bytes, r(0));
            }
            MOp::Xchg(bytes, addr) => {
                let m = self.addr(addr, &p[2..]);
                self.asm.xchg(bytes, m, r(0));
                self.zero_extend(bytes, r(0));
            }
            MOp::Cmpxchg(bytes, addr) => {
                let m = self.addr(addr, &p[3..]);
                self.asm.lock_cmpxchg(bytes, m, r(2));
                self.zero_extend(bytes, RAX);
            }
            MOp::AtomicLoop(op, bytes, addr) => {
                let m = self.addr(addr, &p[3..]);
                let again = self.asm.new_label();
                self.asm.ext(load_of(bytes), RAX, m.into());
                self.asm.bind(again);
                self.asm.mov(true, r(1), RAX);
                self.asm.alu(op, true, r(1), Rm::Reg(r(2)));
                self.asm.lock_cmpxchg(bytes, m, r(1));
                self.asm.jcc(Cc::Ne, again);
                self.zero_extend(bytes, RAX);
            }
            MOp::Fence => self.asm.mfence(),
            MOp::Carry(difference) => {
                let (first, second) = if difference { (Alu::Sub, Alu::Sbb) } else { (Alu::Add, Alu::Adc) };
                self.asm.alu(first, true, r(0), Rm::Reg(r(4)));
                self.asm.alu(second, true, r(1), Rm::Reg(r(5)));
            }
            MOp::Jump(to) => {
                if !self.is_next(to) {
                    let label = self.label_of(to);
                    self.asm.jmp(label);
                }
            }
            MOp::Branch(cmp, when, then, els) => {
                self.cmp_for(cmp, when, p);
                let (to_then, to_els) = (self.label_of(then), self.label_of(els));
                if self.is_next(then) {
                    self.jump_when(when.negate(), to_els);
                } else if self.is_behind(els) && !self.is_behind(then) && !self.is_next(els) {
                    // A loop goes on more often than not.
                    self.jump_when(when.negate(), to_els);
                    self.asm.jmp(to_then);
                } else {
                    self.jump_when(when, to_then);
                    if !self.is_next(els) {
                        self.asm.jmp(to_els);
                    }
                }
            }
            MOp::Table => self.table(block, r(0), r(1), r(2)),
            MOp::Trap(kind, offset) => self.trap(kind, offset),
        }
    }

    /// Addition where that is shorter than an address computation.
    fn lea(&mut self, wide: bool, d: Reg, m: Mem) {
        match m {
            Mem { base, index: None, disp, .. } if base == d => self.asm.alu_imm(Alu::Add, wide, Rm::Reg(d), disp),
            Mem { base, index: Some(index), scale: 0, disp: 0 } if base == d => {
                self.asm.alu(Alu::Add, wide, d, Rm::Reg(index));
            }
            Mem { base, index: Some(index), scale: 0, disp: 0 } if index == d => {
                self.asm.alu(Alu::Add, wide, d, Rm::Reg(base));
            }
            _ => return self.asm.lea(wide, d, m),
        }
        self.has_result(d, wide);
    }

    fn set(&mut self, when: When, d: Reg) {
        match when {
            When::Is(cc) => {
                self.asm.setcc(cc, d);
                self.asm.ext(Ext::Zx8, d, Rm::Reg(d));
            }
            When::FloatEq | When::FloatNe => {
                // Moves keep the flags.
                let done = self.asm.new_label();
                let equal = when == When::FloatEq;
                self.asm.mov_imm_keep_flags(d, !equal as u32);
                self.asm.jcc(Cc::Ne, done);
                self.asm.jcc(Cc::P, done);
                self.asm.mov_imm_keep_flags(d, equal as u32);
                self.asm.bind(done);
            }
        }
    }

    /// Does something when a condition holds.
    fn move_when(&mut self, when: When, f: impl FnOnce(&mut Self)) {
        let skip = self.asm.new_label();
        self.jump_when(when.negate(), skip);
        f(self);
        self.asm.bind(skip);
    }

    fn div(&mut self, d: Division, b: Reg) {
        if d.maybe_zero {
            self.asm.test(d.wide, b, b);
            let trap = self.cold(Cold::Trap(TrapKind::IntegerDivideByZero, d.offset));
            self.asm.jcc(Cc::E, trap);
        }
        let done = self.asm.new_label();
        if d.signed && d.maybe_minus_one {
            // The processor faults on the quotient that does not fit; its remainder is 0.
            let go_on = self.asm.new_label();
            self.asm.alu_imm(Alu::Cmp, d.wide, Rm::Reg(b), -1);
            self.asm.jcc(Cc::Ne, go_on);
            if d.remainder {
                self.asm.mov_imm(RDX, 0);
                self.asm.jmp(done);
            } else {
                self.asm.group3(3, d.wide, Rm::Reg(RAX));
                let trap = self.cold(Cold::Trap(TrapKind::IntegerOverflow, d.offset));
                self.asm.jcc(Cc::O, trap);
                self.asm.jmp(done);
            }
            self.asm.bind(go_on);
        }
        if d.signed {
            self.asm.sign_rax(d.wide);
        } else {
            self.asm.mov_imm(RDX, 0);
        }
        self.asm.group3(if d.signed { 7 } else { 6 }, d.wide, Rm::Reg(b));
        self.asm.bind(done);
    }

    fn constants(&mut self, all: Constants) {
        for &(r, bits) in &self.f.constants[all.first as usize..all.end as usize] {
            self.asm.mov_imm(r, bits);
        }
    }

    fn call(&mut self, callee: Callee, offset: u32) {
        match callee {
            Callee::Defined(defined) => {
                self.asm.call_outside(target::function(defined));
                self.site(SiteKind::Call, offset);
            }
            Callee::Import(_, ty) => {
                self.asm.call_outside(target::thunk(ty));
                self.site(SiteKind::Call, offset);
            }
            Callee::Func(ty) => {
                let instance = Mem::base(R10, offset_of!(layout::Func, instance) as i32);
                self.asm.alu(Alu::Cmp, true, INSTANCE, instance.into());
                let back = self.asm.new_label();
                let out = self.cold(Cold::Out { type_index: ty, offset, chain: self.chain, back });
                self.asm.jcc(Cc::Ne, out);
                self.asm.load64(R11, Mem::base(R10, offset_of!(layout::Func, code) as i32));
                let machine = offset_of!(crate::code::FuncCode, tier.machine) as i32;
                self.asm.call_rm(Mem::base(R11, machine).into());
                self.site(SiteKind::Call, offset);
                self.asm.bind(back);
            }
        }
    }

    /// The sites that follow have the handlers of a block.
    fn start_chain(&mut self, block: usize) {
        self.chain = self.chains.len() as u32;
        self.chains.push(block);
    }

    fn tail_call(&mut self, callee: Callee, constants: Constants, more: Option<(u32, u32)>) {
        match more {
            None => self.leave_frame(),
            Some((words, results)) => {
                // What is left of this frame, or of the one that an earlier tail call has put below it, holds the arguments
                // and returns for the callee: `stubs::shim`.
                self.restore_saved();
                let keep = self.asm.new_label();
                self.asm.lea_outside(R11, target::SHIM);
                self.asm.alu(Alu::Cmp, true, R11, Mem::base(RBP, 8).into());
                self.asm.jcc(Cc::Ne, keep);
                self.asm.load64(RBP, Mem::base(RBP, 0));
                self.asm.bind(keep);
                self.asm.store_imm(8, Mem::base(RBP, -8), results as i32);
                let area = -8 - 8 * words as i32;
                for n in (0..words as i32).rev() {
                    self.asm.load64(RAX, Mem::base(RSP, 8 * n));
                    self.asm.store(8, Mem::base(RBP, area + 8 * n), RAX);
                }
                self.asm.lea(true, RSP, Mem::base(RBP, area));
                self.asm.push(R11);
            }
        }
        self.constants(constants);
        match callee {
            Callee::Defined(defined) => self.asm.jmp_outside(target::function(defined)),
            Callee::Import(_, ty) => self.asm.jmp_outside(target::thunk(ty)),
            Callee::Func(ty) => {
                let instance = Mem::base(R10, offset_of!(layout::Func, instance) as i32);
                self.asm.alu(Alu::Cmp, true, INSTANCE, instance.into());
                let out = self.cold(Cold::TailOut { type_index: ty });
                self.asm.jcc(Cc::Ne, out);
                self.asm.load64(R11, Mem::base(R10, offset_of!(layout::Func, code) as i32));
                let machine = offset_of!(crate::code::FuncCode, tier.machine) as i32;
                self.asm.jmp_rm(Mem::base(R11, machine).into());
            }
        }
    }

    fn table(&mut self, block: usize, t: Reg, u: Reg, index: Reg) {
        let (succs, entries) = (self.f.succs(block), &self.f.blocks[block].table);
        let last = entries.len() - 1;
        let label = |n: &u32| self.label_of(Block(succs[*n as usize].index() as u32));
        let labels: Vec<Label> = entries.iter().map(label).collect();
        let table = self.asm.new_label();
        self.asm.alu_imm(Alu::Cmp, false, Rm::Reg(index), last as i32);
        self.asm.jcc(Cc::Ae, labels[last]);
        self.asm.lea_label(t, table);
        let entry = Mem { base: t, index: Some(index), scale: 2, disp: 0 };
        self.asm.ext(Ext::Sx32To64, u, entry.into());
        self.asm.alu(Alu::Add, true, t, Rm::Reg(u));
        self.asm.jmp_rm(Rm::Reg(t));
        self.asm.align(4);
        self.asm.bind(table);
        let start = self.asm.here();
        for label in &labels[..last] {
            self.asm.table_entry(*label, start);
        }
        self.asm.data.push((start, self.asm.here()));
    }
}

/// The load that zero-extends so many bytes.
fn load_of(bytes: u64) -> Ext {
    match bytes {
        1 => Ext::Zx8,
        2 => Ext::Zx16,
        4 => Ext::Mov32,
        _ => Ext::Mov64,
    }
}

impl Emit<'_> {
    /// Of an atomic access's old value, which took the low bytes only.
    fn zero_extend(&mut self, bytes: u64, r: Reg) {
        if bytes < 8 {
            self.asm.ext(load_of(bytes), r, Rm::Reg(r));
        }
    }
}
