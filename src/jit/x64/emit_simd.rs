//! The bytes of vector instructions.
#![forbid(unsafe_code)]

use super::emit::{Emit, reg};
use super::enc::Rm;
use super::enc_simd::Vi;
use super::mach::MVec;
use crate::jit::alloc::Allocation;
use crate::jit::code::target;

impl Emit<'_> {
    pub(super) fn vector_inst(&mut self, op: MVec, p: &[Allocation]) {
        let r = |n: usize| reg(p[n]);
        let vex = self.f.cpu.avx2;
        if let MVec::One(op, ..)
        | MVec::Two(op, ..)
        | MVec::Fused(op, _)
        | MVec::Extract(op, _)
        | MVec::StoreLane(op, ..) = op
        {
            debug_assert!(op.is_of(self.f.cpu), "{op:?}");
        }
        match op {
            MVec::One(op, imm, src) => {
                let rm = self.src(src, &p[1..]);
                self.asm.vector(vex, op, r(0), 0, rm, imm);
            }
            MVec::Two(op, imm, src) => {
                let rm = self.src(src, &p[2..]);
                self.asm.vector(vex, op, r(0), r(1), rm, imm);
            }
            MVec::Shift(op, n) => self.asm.vector_shift_imm(vex, op, r(0), r(1), n),
            MVec::Extract(op, imm) => self.asm.vector(vex, op, r(1), 0, Rm::Reg(r(0)), imm),
            MVec::StoreLane(op, imm, addr) => {
                let m = self.addr(addr, &p[1..]);
                self.asm.vector(vex, op, r(0), 0, m.into(), imm);
            }
            MVec::Blend => self.asm.blend_bytes(r(0), r(1), self.rm(p[2]), r(3)),
            MVec::Fused(op, src) => {
                let rm = self.src(src, &p[3..]);
                self.asm.vector(true, op, r(0), r(2), rm, 0);
            }
            MVec::Shuffle => self.asm.call_outside(target::SHUFFLE),
            MVec::Zero => self.asm.vector(vex, Vi::Pxor, r(0), r(0), Rm::Reg(r(0)), 0),
            MVec::Ones => self.asm.vector(vex, Vi::Pcmpeqd, r(0), r(0), Rm::Reg(r(0)), 0),
        }
    }
}
