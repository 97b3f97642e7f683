//! Selection for lanes on processors that have no vector instructions but SSE2, which moves words only into vectors and out.
#![forbid(unsafe_code)]

use super::enc::{Ext, Shift, Sse};
use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::Lower;
use super::lower_simd::Last;
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};

impl Lower<'_> {
    /// `a` with its lane of so many bytes taken from the lowest one of `b`, of which all others are zero.
    pub(super) fn merge(&mut self, d: VReg, a: VReg, b: VReg, lane: u8, bytes: u8) {
        let at = lane * bytes;
        let mask = (u128::MAX >> (128 - 8 * bytes as u32)) << (8 * at as u32);
        let rest = self.two_const(Vi::Pand, a, !mask);
        let b = if at == 0 { b } else { self.shift_of(S::Pslldq, at, b) };
        self.two_regs(Vi::Por, 0, d, rest, b);
    }

    /// `pinsrb`, `pinsrd` and `pinsrq`.
    pub(super) fn insert_by_sse2(&mut self, op: Vi, lane: u8, d: VReg, a: VReg, (src, more): Last) {
        let (ext, bytes) = match op {
            Vi::Pinsrb => (Ext::Zx8, 1),
            Vi::Pinsrd => (Ext::Mov32, 4),
            _ => (Ext::Mov64, 8),
        };
        let b = self.vtemp();
        if let (Src::Mem(_), 4 | 8) = (src, bytes) {
            let mut operands = Operands::from([Operand::reg_def(b)]);
            operands.extend(&more);
            self.emit(MOp::SseMove(if bytes == 4 { Sse::Movss } else { Sse::Movsd }, src), &operands);
        } else {
            let t = self.temp(Class::Int);
            let mut operands = Operands::from([Operand::reg_def(t)]);
            match src {
                Src::Reg => operands.push(Operand::reg_use(more[0].vreg())),
                _ => operands.extend(&more),
            }
            self.emit(MOp::Ext(ext, src), &operands);
            self.emit(MOp::ToVector(bytes == 8), &[Operand::reg_def(b), Operand::reg_use(t)]);
        }
        match (bytes, lane) {
            (8, 0) => self.two_regs(Vi::Movsd, 0, d, a, b),
            (8, _) => self.two_regs(Vi::Punpcklqdq, 0, d, a, b),
            _ => self.merge(d, a, b, lane, bytes),
        }
    }

    /// `pextrb`, `pextrw`, `pextrd` and `pextrq`.
    pub(super) fn extract_by_sse2(&mut self, op: Vi, lane: u8, d: VReg, v: VReg) {
        let (wide, lanes) = match op {
            Vi::Pextrd | Vi::Extractps => (false, lane),
            Vi::Pextrq => (true, 0xee),
            _ => {
                let word = self.temp(Class::Int);
                let operands = [Operand::reg_def(word), Operand::reg_use(v)];
                let number = if op == Vi::Pextrb { lane / 2 } else { lane };
                self.emit(MOp::V(MVec::One(Vi::Pextrw2, number, Src::Reg)), &operands);
                let (op, def) = match (op, lane & 1) {
                    (Vi::Pextrb, 0) => (MOp::Ext(Ext::Zx8, Src::Reg), Operand::reg_def(d)),
                    (Vi::Pextrb, _) => (MOp::ShiftImm(Shift::Shr, false, 8), Operand::reg_reuse_def(d, 1)),
                    _ => (MOp::Ext(Ext::Zx16, Src::Reg), Operand::reg_def(d)),
                };
                return self.emit(op, &[def, Operand::reg_use(word)]);
            }
        };
        let low = self.one_of(Vi::Pshufd, lanes, v);
        self.emit(MOp::FromVector(wide), &[Operand::reg_def(d), Operand::reg_use(low)]);
    }

    /// Stores what one of these takes out.
    pub(super) fn store_lane_by_sse2(&mut self, op: Vi, lane: u8, v: VReg, addr: Addr, place: &[Operand]) {
        let (lanes, bytes) = match op {
            Vi::Pextrd | Vi::Extractps => (lane, 4),
            // The lower one is stored otherwise.
            Vi::Pextrq => (0xee, 8),
            _ => {
                let t = self.temp(Class::Int);
                self.extract_by_sse2(op, lane, t, v);
                let operands: Vec<_> = core::iter::once(Operand::reg_use(t)).chain(place.iter().copied()).collect();
                return self.emit(MOp::Store(if op == Vi::Pextrb { 1 } else { 2 }, addr), &operands);
            }
        };
        let low = self.one_of(Vi::Pshufd, lanes, v);
        let operands: Vec<_> = core::iter::once(Operand::reg_use(low)).chain(place.iter().copied()).collect();
        self.emit(MOp::FloatStore(bytes, addr), &operands);
    }
}
