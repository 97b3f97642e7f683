//! The operations on floats that take several instructions.
#![forbid(unsafe_code)]

use super::emit::Emit;
use super::emit_cold::Cold;
use super::enc::*;
use super::mach::Truncation;
use crate::vm::trap::TrapKind;

impl Emit<'_> {
    pub(super) fn min_max(&mut self, double: bool, max: bool, d: Reg, b: Reg) {
        let pick = |single: Sse, of_double: Sse| if double { of_double } else { single };
        let (nan, differ, done) = (self.asm.new_label(), self.asm.new_label(), self.asm.new_label());
        self.asm.sse(pick(Sse::Ucomiss, Sse::Ucomisd), d, Rm::Reg(b));
        self.asm.jcc(Cc::Ne, differ);
        self.asm.jcc(Cc::P, nan);
        // Equal: zeros of both signs are the case that matters.
        self.asm.sse(if max { Sse::Andps } else { Sse::Orps }, d, Rm::Reg(b));
        self.asm.jmp(done);
        self.asm.bind(nan);
        self.asm.sse(pick(Sse::Addss, Sse::Addsd), d, Rm::Reg(b));
        self.asm.jmp(done);
        self.asm.bind(differ);
        let op = if max { pick(Sse::Maxss, Sse::Maxsd) } else { pick(Sse::Minss, Sse::Minsd) };
        self.asm.sse(op, d, Rm::Reg(b));
        self.asm.bind(done);
    }

    pub(super) fn uint64_to_float(&mut self, double: bool, d: Reg, t: Reg, u: Reg, a: Reg) {
        let (large, done) = (self.asm.new_label(), self.asm.new_label());
        self.asm.sse(Sse::Xorps, d, Rm::Reg(d));
        self.asm.test(true, a, a);
        self.asm.jcc(Cc::L, large);
        self.asm.int_to_float(double, true, d, Rm::Reg(a));
        self.asm.jmp(done);
        self.asm.bind(large);
        // Half of it, with the lost bit kept so that rounding is right, then doubled.
        self.asm.mov(true, t, a);
        self.asm.mov(true, u, a);
        self.asm.shift_imm(Shift::Shr, true, t, 1);
        self.asm.alu_imm(Alu::And, false, Rm::Reg(u), 1);
        self.asm.alu(Alu::Or, true, t, Rm::Reg(u));
        self.asm.int_to_float(double, true, d, Rm::Reg(t));
        self.asm.sse(if double { Sse::Addsd } else { Sse::Addss }, d, Rm::Reg(d));
        self.asm.bind(done);
    }

    /// Two to the power of 63.
    fn two_63(double: bool) -> u64 {
        if double { 0x43e0_0000_0000_0000 } else { 0x5f00_0000 }
    }

    pub(super) fn trunc(&mut self, t: Truncation, d: Reg, tmp: Reg, vector: Reg, src: Reg) {
        let back = self.asm.new_label();
        let odd = self.cold(Cold::Trunc { t, dst: d, tmp, vector, src, back });
        // Out of range, the processor's answer is the smallest integer.
        self.asm.float_to_int(t.double, true, d, Rm::Reg(src));
        match (t.wide, t.signed) {
            (false, signed) => {
                let ext = if signed { Ext::Sx32To64 } else { Ext::Mov32 };
                self.asm.ext(ext, tmp, Rm::Reg(d));
                self.asm.alu(Alu::Cmp, true, tmp, Rm::Reg(d));
                self.asm.jcc(Cc::Ne, odd);
                if signed {
                    self.asm.mov(false, d, d);
                }
            }
            (true, true) => {
                self.asm.alu_imm(Alu::Cmp, true, Rm::Reg(d), 1);
                self.asm.jcc(Cc::O, odd);
            }
            (true, false) => {
                // Beyond half the range the answer above is useless: the cold path looks again.
                self.asm.test(true, d, d);
                self.asm.jcc(Cc::L, odd);
            }
        }
        self.asm.bind(back);
    }

    pub(super) fn odd_trunc(&mut self, t: Truncation, d: Reg, tmp: Reg, v: Reg, src: Reg, back: Label) {
        let ucomi = if t.double { Sse::Ucomisd } else { Sse::Ucomiss };
        let (nan, out, negative) = (self.asm.new_label(), self.asm.new_label(), self.asm.new_label());
        self.asm.sse(ucomi, src, Rm::Reg(src));
        self.asm.jcc(Cc::P, nan);
        if t.wide && t.signed {
            // The smallest integer itself.
            let least = if t.double { 0xc3e0_0000_0000_0000 } else { 0xdf00_0000 };
            let c = Rm::Pool(self.asm.pool(least));
            self.asm.sse(ucomi, src, c);
            self.asm.jcc(Cc::E, back);
        }
        if t.wide && !t.signed {
            let half = Rm::Pool(self.asm.pool(Self::two_63(t.double)));
            self.asm.sse(ucomi, src, half);
            // Negative: what truncates to zero does not come here.
            self.asm.jcc(Cc::B, out);
            self.asm.sse(Sse::Movaps, v, Rm::Reg(src));
            let half = Rm::Pool(self.asm.pool(Self::two_63(t.double)));
            self.asm.sse(if t.double { Sse::Subsd } else { Sse::Subss }, v, half);
            self.asm.float_to_int(t.double, true, d, Rm::Reg(v));
            self.asm.test(true, d, d);
            self.asm.jcc(Cc::L, out);
            self.asm.mov_imm(tmp, 1 << 63);
            self.asm.alu(Alu::Xor, true, d, Rm::Reg(tmp));
            self.asm.jmp(back);
        }
        self.asm.bind(out);
        if !t.saturate {
            self.trap(TrapKind::IntegerOverflow, t.offset);
            self.asm.bind(nan);
            self.trap(TrapKind::BadConversionToInteger, t.offset);
            self.asm.bind(negative);
            return;
        }
        let (least, most): (u64, u64) = match (t.wide, t.signed) {
            (false, true) => (i32::MIN as u32 as u64, i32::MAX as u64),
            (false, false) => (0, u32::MAX as u64),
            (true, true) => (i64::MIN as u64, i64::MAX as u64),
            (true, false) => (0, u64::MAX),
        };
        self.asm.sse(Sse::Xorps, v, Rm::Reg(v));
        self.asm.sse(ucomi, v, Rm::Reg(src));
        self.asm.jcc(Cc::A, negative);
        self.asm.mov_imm(d, most);
        self.asm.jmp(back);
        self.asm.bind(negative);
        self.asm.mov_imm(d, least);
        self.asm.jmp(back);
        self.asm.bind(nan);
        self.asm.mov_imm(d, 0);
        self.asm.jmp(back);
    }
}
