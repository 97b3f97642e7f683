//! Selection for `i8x16.shuffle` and `i8x16.swizzle`: the cheapest instruction that moves the lanes so.
//!
//! A shuffle is sixteen picks among the bytes of two vectors. Most are coarser than that, or regular, and have an instruction of
//! their own; what is left takes a lookup by `pshufb` in each of the vectors it picks from.
#![forbid(unsafe_code)]

use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::Lower;
use super::lower_simd::all8;
use crate::jit::alloc::VReg;
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;

/// One instruction that does a shuffle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern {
    /// As it is.
    Copy,
    /// Of one vector: instruction and immediate.
    One(Vi, u8),
    /// Of two: instruction, immediate, and whether they change places.
    Two(Vi, u8, bool),
    /// One vector shifted, with zeros moving in.
    Shift(S, u8),
}

/// Runs of `n` bytes that are picked together: their numbers.
fn runs<const N: usize>(picks: &[u8; 16]) -> Option<[u8; N]> {
    let n = 16 / N;
    let mut out = [0; N];
    for (i, run) in picks.chunks(n).enumerate() {
        let aligned =
            run[0] as usize % n == 0 && run.iter().enumerate().all(|(k, p)| *p as usize == run[0] as usize + k);
        if !aligned {
            return None;
        }
        out[i] = run[0] / n as u8;
    }
    Some(out)
}

/// Four lanes of two bits.
fn imm4(lanes: [u8; 4]) -> u8 {
    lanes.iter().enumerate().fold(0, |imm, (i, l)| imm | (l & 3) << (2 * i))
}

/// The instruction for picks of one vector, all below 16. `avx`: what AVX2 has besides.
fn one_vector(picks: &[u8; 16], avx: bool) -> Option<Pattern> {
    if (0..16).all(|i| picks[i] as usize == i) {
        return Some(Pattern::Copy);
    }
    if avx && picks.iter().all(|p| *p == 0) {
        return Some(Pattern::One(Vi::Vpbroadcastb, 0));
    }
    if avx && (0..16).all(|i| picks[i] as usize == i % 2) {
        return Some(Pattern::One(Vi::Vpbroadcastw, 0));
    }
    if let Some(dwords) = runs::<4>(picks) {
        return Some(Pattern::One(Vi::Pshufd, imm4(dwords)));
    }
    if let Some(words) = runs::<8>(picks) {
        let [a, b, c, d, e, f, g, h] = words;
        if [e, f, g, h] == [4, 5, 6, 7] && words[..4].iter().all(|w| *w < 4) {
            return Some(Pattern::One(Vi::Pshuflw, imm4([a, b, c, d])));
        }
        if [a, b, c, d] == [0, 1, 2, 3] && words[4..].iter().all(|w| *w >= 4) {
            return Some(Pattern::One(Vi::Pshufhw, imm4([e, f, g, h])));
        }
    }
    None
}

/// The instruction for picks of two vectors.
fn two_vectors(picks: &[u8; 16]) -> Option<Pattern> {
    for swap in [false, true] {
        // As if the vectors had changed places.
        let p: [u8; 16] = std::array::from_fn(|i| if swap { picks[i] ^ 16 } else { picks[i] });
        let interleaved = |width: u8, from: u8| {
            (0..16u8).all(|i| {
                let (lane, byte) = (i / width, i % width);
                p[i as usize] == from + lane / 2 * width + byte + if lane % 2 == 1 { 16 } else { 0 }
            })
        };
        for (width, low, high) in [
            (1, Vi::Punpcklbw, Vi::Punpckhbw),
            (2, Vi::Punpcklwd, Vi::Punpckhwd),
            (4, Vi::Punpckldq, Vi::Punpckhdq),
            (8, Vi::Punpcklqdq, Vi::Punpckhqdq),
        ] {
            if interleaved(width, 0) {
                return Some(Pattern::Two(low, 0, swap));
            }
            if interleaved(width, 8) {
                return Some(Pattern::Two(high, 0, swap));
            }
        }
        // The first operand of this one is the upper half of what is shifted.
        if p[0] < 16 && (0..16).all(|i| p[i] == p[0] + i as u8) {
            return Some(Pattern::Two(Vi::Palignr, p[0], !swap));
        }
        if let Some(dwords) = runs::<4>(&p)
            && dwords[..2].iter().all(|d| *d < 4)
            && dwords[2..].iter().all(|d| *d >= 4)
        {
            return Some(Pattern::Two(Vi::Shufps, imm4(dwords), swap));
        }
    }
    let words = runs::<8>(picks)?;
    if (0..8).all(|i| words[i] as usize % 8 == i) {
        let imm = (0..8).fold(0, |imm, i| imm | ((words[i] >= 8) as u8) << i);
        return Some(Pattern::Two(Vi::Pblendw, imm, false));
    }
    None
}

/// The instruction for picks of one vector and zeros, which are picks of 16 and more.
fn with_zeros(picks: &[u8; 16]) -> Option<Pattern> {
    let zeros_below = picks.iter().take_while(|p| **p >= 16).count();
    if (zeros_below..16).all(|i| picks[i] as usize == i - zeros_below) {
        return Some(Pattern::Shift(S::Pslldq, zeros_below as u8));
    }
    let zeros_above = picks.iter().rev().take_while(|p| **p >= 16).count();
    if (0..16 - zeros_above).all(|i| picks[i] as usize == i + zeros_above) {
        return Some(Pattern::Shift(S::Psrldq, zeros_above as u8));
    }
    for (width, op) in [(1, Vi::Pmovzxbw), (2, Vi::Pmovzxwd), (4, Vi::Pmovzxdq)] {
        let widened = (0..16).all(|i| match i / width % 2 {
            0 => picks[i] as usize == i / width / 2 * width + i % width,
            _ => picks[i] >= 16,
        });
        if widened {
            return Some(Pattern::One(op, 0));
        }
    }
    None
}

impl Lower<'_> {
    pub(super) fn shuffle(&mut self, d: Value, a: Value, b: Value, picks: [u8; 16]) {
        let avx = self.vex();
        let (from_a, from_b) = (picks.iter().any(|p| *p < 16), picks.iter().any(|p| *p >= 16));
        let low = picks.map(|p| p & 15);
        if a == b || !from_b || !from_a {
            let v = if from_a { a } else { b };
            return match one_vector(&low, avx) {
                Some(p) => self.pattern(p, d, v, v),
                None => self.lookup(d, v, u128::from_le_bytes(low)),
            };
        }
        let zero = |l: &Self, v: Value| l.f.as_vector(v) == Some(0);
        if zero(self, a) || zero(self, b) {
            let (v, picks) = if zero(self, b) { (a, picks) } else { (b, picks.map(|p| p ^ 16)) };
            return match with_zeros(&picks) {
                Some(p) => self.pattern(p, d, v, v),
                None => self.lookup(d, v, u128::from_le_bytes(picks.map(|p| if p < 16 { p } else { 0x80 }))),
            };
        }
        if let Some(p) = two_vectors(&picks) {
            return self.pattern(p, d, a, b);
        }
        if avx && (0..16).all(|i| low[i] as usize == i) {
            let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
            let mask = self.constant(u128::from_le_bytes(picks.map(|p| if p < 16 { 0 } else { 0xff })));
            return self.blend_to(d, a, b, mask);
        }
        let of_a = picks.map(|p| if p < 16 { p } else { 0x80 });
        let of_b = picks.map(|p| if p < 16 { 0x80 } else { p & 15 });
        let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
        let x = self.two_const(Vi::Pshufb, a, u128::from_le_bytes(of_a));
        let y = self.two_const(Vi::Pshufb, b, u128::from_le_bytes(of_b));
        self.two_regs(Vi::Por, 0, d, x, y);
    }

    fn pattern(&mut self, p: Pattern, d: Value, a: Value, b: Value) {
        let pick = |second: bool| if second { b } else { a };
        match p {
            Pattern::Copy => self.unary(Vi::Movups, 0, d, a),
            Pattern::One(op @ (Vi::Pmovzxbw | Vi::Pmovzxwd | Vi::Pmovzxdq), _) => self.extend_low(op, d, a),
            Pattern::One(op @ (Vi::Vpbroadcastb | Vi::Vpbroadcastw), imm) => {
                let src = self.reg(a);
                let (src, d) = (self.in_reg(src), self.def(d));
                self.one(op, imm, d, src);
            }
            Pattern::One(op, imm) => self.unary(op, imm, d, a),
            Pattern::Two(op, imm, swap) => {
                let first = self.reg(pick(swap));
                let src = self.vector_src(pick(!swap));
                let d = self.def(d);
                self.two(op, imm, d, first, src);
            }
            Pattern::Shift(op, n) => {
                let (a, d) = (self.reg(a), self.def(d));
                self.shift_to(op, n, d, a);
            }
        }
    }

    fn lookup(&mut self, d: Value, v: Value, picks: u128) {
        self.with_const(Vi::Pshufb, d, v, picks);
    }

    /// As `pshufb`, but picks from 16 on give zero: those below 128 are moved there.
    pub(super) fn swizzle(&mut self, d: Value, v: Value, picks: Value) {
        if let Some(bits) = self.f.as_vector(picks) {
            let known = bits.to_le_bytes().map(|p| if p < 16 { p } else { 0x80 });
            return self.lookup(d, v, u128::from_le_bytes(known));
        }
        let small = self.is_small(picks);
        let (picks, v): (VReg, VReg) = (self.reg(picks), self.reg(v));
        let d = self.def(d);
        let picks = if small { picks } else { self.two_const(Vi::Paddusb, picks, all8(0x70)) };
        self.two_regs(Vi::Pshufb, 0, d, v, picks);
    }

    /// Whether all bytes are known to be below 16.
    fn is_small(&self, v: Value) -> bool {
        let Some(i) = self.f.def_inst(v) else { return false };
        let args = self.f.args(i);
        let small = |v: Value| self.f.as_vector(v).is_some_and(|c| c.to_le_bytes().iter().all(|b| *b < 16));
        match self.f.inst(i).op {
            Op::V(VOp::Binary(VBinary::V128And | VBinary::I8x16MinU)) => args.iter().any(|a| small(*a)),
            Op::V(VOp::Shift(VShift::I8x16ShrU)) => self.f.as_const(args[1]).is_some_and(|n| n & 7 >= 4),
            _ => false,
        }
    }
}
