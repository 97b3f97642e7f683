//! Encodings of instructions on vector registers (the layout is told in `enc`).
#![forbid(unsafe_code)]

use super::enc::{Asm, Mem, Reg, Rm};

/// Vector-register instructions of the shape `op xmm, xmm/m`: (prefix, opcode after 0F). Scalars in the low lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sse {
    Addss,
    Addsd,
    Subss,
    Subsd,
    Mulss,
    Mulsd,
    Divss,
    Divsd,
    Sqrtss,
    Sqrtsd,
    Minss,
    Minsd,
    Maxss,
    Maxsd,
    Andps,
    Andnps,
    Orps,
    Xorps,
    Ucomiss,
    Ucomisd,
    Cvtss2sd,
    Cvtsd2ss,
    /// Loads; from a register they keep the upper lanes.
    Movss,
    Movsd,
    Movaps,
    Movups,
}

impl Sse {
    fn row(self) -> (Option<u8>, u8) {
        let (ss, sd) = (Some(0xf3), Some(0xf2));
        match self {
            Sse::Addss => (ss, 0x58),
            Sse::Addsd => (sd, 0x58),
            Sse::Subss => (ss, 0x5c),
            Sse::Subsd => (sd, 0x5c),
            Sse::Mulss => (ss, 0x59),
            Sse::Mulsd => (sd, 0x59),
            Sse::Divss => (ss, 0x5e),
            Sse::Divsd => (sd, 0x5e),
            Sse::Sqrtss => (ss, 0x51),
            Sse::Sqrtsd => (sd, 0x51),
            Sse::Minss => (ss, 0x5d),
            Sse::Minsd => (sd, 0x5d),
            Sse::Maxss => (ss, 0x5f),
            Sse::Maxsd => (sd, 0x5f),
            Sse::Andps => (None, 0x54),
            Sse::Andnps => (None, 0x55),
            Sse::Orps => (None, 0x56),
            Sse::Xorps => (None, 0x57),
            Sse::Ucomiss => (None, 0x2e),
            Sse::Ucomisd => (Some(0x66), 0x2e),
            Sse::Cvtss2sd => (ss, 0x5a),
            Sse::Cvtsd2ss => (sd, 0x5a),
            Sse::Movss => (ss, 0x10),
            Sse::Movsd => (sd, 0x10),
            Sse::Movaps => (None, 0x28),
            Sse::Movups => (None, 0x10),
        }
    }
}

impl Asm {
    #[inline(never)]
    pub fn sse(&mut self, op: Sse, dst: Reg, src: Rm) {
        let (prefix, opcode) = op.row();
        self.op(prefix, false, &[0x0f, opcode], dst, src, false, 0);
    }

    /// Stores the low 4, 8 or all 16 bytes.
    pub fn sse_store(&mut self, bytes: u64, m: Mem, src: Reg) {
        let prefix = match bytes {
            4 => Some(0xf3),
            8 => Some(0xf2),
            _ => None,
        };
        self.op(prefix, false, &[0x0f, 0x11], src, m.into(), false, 0);
    }

    /// SSE4.1 `roundss`, `roundsd`: mode 0 nearest even, 1 down, 2 up, 3 toward zero.
    pub fn round(&mut self, double: bool, dst: Reg, src: Rm, mode: u8) {
        self.op(Some(0x66), false, &[0x0f, 0x3a, 0x0a | double as u8], dst, src, false, 1);
        // Bit 3: no inexact exception.
        self.buf.push(mode | 8);
    }

    /// `cvtsi2ss`, `cvtsi2sd` from a 32- or 64-bit register.
    pub fn int_to_float(&mut self, double: bool, w: bool, dst: Reg, src: Rm) {
        self.op(Some(if double { 0xf2 } else { 0xf3 }), w, &[0x0f, 0x2a], dst, src, false, 0);
    }

    /// `cvttss2si`, `cvttsd2si`.
    pub fn float_to_int(&mut self, double: bool, w: bool, dst: Reg, src: Rm) {
        self.op(Some(if double { 0xf2 } else { 0xf3 }), w, &[0x0f, 0x2c], dst, src, false, 0);
    }

    /// `movd`, `movq` from a general register.
    pub fn mov_to_vector(&mut self, w: bool, dst: Reg, src: Reg) {
        self.op(Some(0x66), w, &[0x0f, 0x6e], dst, Rm::Reg(src), false, 0);
    }

    /// `movd`, `movq` to a general register.
    pub fn mov_from_vector(&mut self, w: bool, dst: Reg, src: Reg) {
        self.op(Some(0x66), w, &[0x0f, 0x7e], src, Rm::Reg(dst), false, 0);
    }
}
