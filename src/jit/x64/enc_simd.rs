//! Encodings of vector instructions, each in two ways: the old one, whose destination is also the first operand, and the VEX
//! one of AVX, with a destination of its own (Intel SDM volume 2, 2.3).
//!
//! ```text
//! [66|F3|F2] [REX] 0F [38|3A] opcode ModRM [SIB] [disp] [imm]
//! C5 RvvvvLpp opcode ModRM ...            where X, B and W are 0 and the map is 0F
//! C4 RXBmmmmm WvvvvLpp opcode ModRM ...   else; R, X, B and vvvv are inverted
//! ```
//!
//! All vectors are of 128 bits, so that the two kinds mix without penalty: the upper halves of the registers are never written.
//! The VEX forms read memory at any address; the old ones of full width want it aligned to 16.
#![forbid(unsafe_code)]

use super::enc::{Asm, Reg, Rm};
use crate::sys::cpu::Cpu;

/// What the operands of a row are, after the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One vector.
    One,
    /// Two vectors; the first is the destination where there is no VEX.
    Two,
    /// A vector and a general register of 32 or 64 bits, with an immediate.
    Insert,
    /// The destination is a general register or memory, the operand a vector; with an immediate.
    Extract,
    /// The destination is a general register.
    ToGeneral,
    /// Two operands, no destination: flags.
    Flags,
}

macro_rules! rows {
    ($($name:ident $shape:ident $pp:literal $map:literal $op:literal $w:literal $imm:literal;)*) => {
        /// A vector instruction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Vi { $($name),* }

        impl Vi {
            #[cfg(test)]
            pub const ALL: &[Vi] = &[$(Vi::$name),*];

            fn row(self) -> Row {
                match self {
                    $(Vi::$name => Row { shape: Shape::$shape, pp: $pp, map: $map, op: $op, w: $w == 1, imm: $imm == 1 },)*
                }
            }
        }
    };
}

struct Row {
    shape: Shape,
    /// 0 none, 1: 66, 2: F3, 3: F2.
    pp: u8,
    /// 1: 0F, 2: 0F 38, 3: 0F 3A.
    map: u8,
    op: u8,
    w: bool,
    imm: bool,
}

// name, shape, prefix, map, opcode, W, whether an immediate follows
rows! {
    Paddb Two 1 1 0xfc 0 0;
    Paddw Two 1 1 0xfd 0 0;
    Paddd Two 1 1 0xfe 0 0;
    Paddq Two 1 1 0xd4 0 0;
    Paddsb Two 1 1 0xec 0 0;
    Paddsw Two 1 1 0xed 0 0;
    Paddusb Two 1 1 0xdc 0 0;
    Paddusw Two 1 1 0xdd 0 0;
    Psubb Two 1 1 0xf8 0 0;
    Psubw Two 1 1 0xf9 0 0;
    Psubd Two 1 1 0xfa 0 0;
    Psubq Two 1 1 0xfb 0 0;
    Psubsb Two 1 1 0xe8 0 0;
    Psubsw Two 1 1 0xe9 0 0;
    Psubusb Two 1 1 0xd8 0 0;
    Psubusw Two 1 1 0xd9 0 0;
    Pmullw Two 1 1 0xd5 0 0;
    Pmulhw Two 1 1 0xe5 0 0;
    Pmulhuw Two 1 1 0xe4 0 0;
    Pmuludq Two 1 1 0xf4 0 0;
    Pmaddwd Two 1 1 0xf5 0 0;
    Pavgb Two 1 1 0xe0 0 0;
    Pavgw Two 1 1 0xe3 0 0;
    Pminub Two 1 1 0xda 0 0;
    Pmaxub Two 1 1 0xde 0 0;
    Pminsw Two 1 1 0xea 0 0;
    Pmaxsw Two 1 1 0xee 0 0;
    Pand Two 1 1 0xdb 0 0;
    Pandn Two 1 1 0xdf 0 0;
    Por Two 1 1 0xeb 0 0;
    Pxor Two 1 1 0xef 0 0;
    Pcmpeqb Two 1 1 0x74 0 0;
    Pcmpeqw Two 1 1 0x75 0 0;
    Pcmpeqd Two 1 1 0x76 0 0;
    Pcmpgtb Two 1 1 0x64 0 0;
    Pcmpgtw Two 1 1 0x65 0 0;
    Pcmpgtd Two 1 1 0x66 0 0;
    Packsswb Two 1 1 0x63 0 0;
    Packuswb Two 1 1 0x67 0 0;
    Packssdw Two 1 1 0x6b 0 0;
    Punpcklbw Two 1 1 0x60 0 0;
    Punpcklwd Two 1 1 0x61 0 0;
    Punpckldq Two 1 1 0x62 0 0;
    Punpcklqdq Two 1 1 0x6c 0 0;
    Punpckhbw Two 1 1 0x68 0 0;
    Punpckhwd Two 1 1 0x69 0 0;
    Punpckhdq Two 1 1 0x6a 0 0;
    Punpckhqdq Two 1 1 0x6d 0 0;
    Psllw Two 1 1 0xf1 0 0;
    Pslld Two 1 1 0xf2 0 0;
    Psllq Two 1 1 0xf3 0 0;
    Psrlw Two 1 1 0xd1 0 0;
    Psrld Two 1 1 0xd2 0 0;
    Psrlq Two 1 1 0xd3 0 0;
    Psraw Two 1 1 0xe1 0 0;
    Psrad Two 1 1 0xe2 0 0;
    Pshufb Two 1 2 0x00 0 0;
    Pmaddubsw Two 1 2 0x04 0 0;
    Pmulhrsw Two 1 2 0x0b 0 0;
    Pmuldq Two 1 2 0x28 0 0;
    Pcmpeqq Two 1 2 0x29 0 0;
    Packusdw Two 1 2 0x2b 0 0;
    Pcmpgtq Two 1 2 0x37 0 0;
    Pminsb Two 1 2 0x38 0 0;
    Pminsd Two 1 2 0x39 0 0;
    Pminuw Two 1 2 0x3a 0 0;
    Pminud Two 1 2 0x3b 0 0;
    Pmaxsb Two 1 2 0x3c 0 0;
    Pmaxsd Two 1 2 0x3d 0 0;
    Pmaxuw Two 1 2 0x3e 0 0;
    Pmaxud Two 1 2 0x3f 0 0;
    Pmulld Two 1 2 0x40 0 0;
    Palignr Two 1 3 0x0f 0 1;
    Pblendw Two 1 3 0x0e 0 1;
    Insertps Two 1 3 0x21 0 1;
    Addps Two 0 1 0x58 0 0;
    Addpd Two 1 1 0x58 0 0;
    Subps Two 0 1 0x5c 0 0;
    Subpd Two 1 1 0x5c 0 0;
    Mulps Two 0 1 0x59 0 0;
    Mulpd Two 1 1 0x59 0 0;
    Divps Two 0 1 0x5e 0 0;
    Divpd Two 1 1 0x5e 0 0;
    Minps Two 0 1 0x5d 0 0;
    Minpd Two 1 1 0x5d 0 0;
    Maxps Two 0 1 0x5f 0 0;
    Maxpd Two 1 1 0x5f 0 0;
    Andps Two 0 1 0x54 0 0;
    Orps Two 0 1 0x56 0 0;
    Xorps Two 0 1 0x57 0 0;
    Unpcklps Two 0 1 0x14 0 0;
    Movlhps Two 0 1 0x16 0 0;
    Shufps Two 0 1 0xc6 0 1;
    Cmpps Two 0 1 0xc2 0 1;
    Cmppd Two 1 1 0xc2 0 1;
    Addss Two 2 1 0x58 0 0;
    Addsd Two 3 1 0x58 0 0;
    Subss Two 2 1 0x5c 0 0;
    Subsd Two 3 1 0x5c 0 0;
    Mulss Two 2 1 0x59 0 0;
    Mulsd Two 3 1 0x59 0 0;
    Divss Two 2 1 0x5e 0 0;
    Divsd Two 3 1 0x5e 0 0;
    Sqrtss Two 2 1 0x51 0 0;
    Sqrtsd Two 3 1 0x51 0 0;
    Cvtss2sd Two 2 1 0x5a 0 0;
    Cvtsd2ss Two 3 1 0x5a 0 0;
    Roundss Two 1 3 0x0a 0 1;
    Roundsd Two 1 3 0x0b 0 1;
    Movsd Two 3 1 0x10 0 0;
    Pabsb One 1 2 0x1c 0 0;
    Pabsw One 1 2 0x1d 0 0;
    Pabsd One 1 2 0x1e 0 0;
    Pmovsxbw One 1 2 0x20 0 0;
    Pmovsxwd One 1 2 0x23 0 0;
    Pmovsxdq One 1 2 0x25 0 0;
    Pmovzxbw One 1 2 0x30 0 0;
    Pmovzxwd One 1 2 0x33 0 0;
    Pmovzxdq One 1 2 0x35 0 0;
    Pshufd One 1 1 0x70 0 1;
    Pshuflw One 3 1 0x70 0 1;
    Pshufhw One 2 1 0x70 0 1;
    Roundps One 1 3 0x08 0 1;
    Roundpd One 1 3 0x09 0 1;
    Sqrtps One 0 1 0x51 0 0;
    Sqrtpd One 1 1 0x51 0 0;
    Cvtdq2ps One 0 1 0x5b 0 0;
    Cvttps2dq One 2 1 0x5b 0 0;
    Cvttpd2dq One 1 1 0xe6 0 0;
    Cvtdq2pd One 2 1 0xe6 0 0;
    Cvtpd2ps One 1 1 0x5a 0 0;
    Cvtps2pd One 0 1 0x5a 0 0;
    Movddup One 3 1 0x12 0 0;
    Movaps One 0 1 0x28 0 0;
    Movups One 0 1 0x10 0 0;
    Vpbroadcastb One 1 2 0x78 0 0;
    Vpbroadcastw One 1 2 0x79 0 0;
    Vpbroadcastd One 1 2 0x58 0 0;
    Vpbroadcastq One 1 2 0x59 0 0;
    Vbroadcastss One 1 2 0x18 0 0;
    // The destination is what the product is added to.
    Vfmadd231ps Two 1 2 0xb8 0 0;
    Vfmadd231pd Two 1 2 0xb8 1 0;
    Vfnmadd231ps Two 1 2 0xbc 0 0;
    Vfnmadd231pd Two 1 2 0xbc 1 0;
    Pinsrb Insert 1 3 0x20 0 1;
    Pinsrw Insert 1 1 0xc4 0 1;
    Pinsrd Insert 1 3 0x22 0 1;
    Pinsrq Insert 1 3 0x22 1 1;
    Pextrb Extract 1 3 0x14 0 1;
    Pextrw Extract 1 3 0x15 0 1;
    Pextrd Extract 1 3 0x16 0 1;
    Pextrq Extract 1 3 0x16 1 1;
    Extractps Extract 1 3 0x17 0 1;
    // As the one above, older: to registers only.
    Pextrw2 ToGeneral 1 1 0xc5 0 1;
    Pmovmskb ToGeneral 1 1 0xd7 0 0;
    Movmskps ToGeneral 0 1 0x50 0 0;
    Movmskpd ToGeneral 1 1 0x50 0 0;
    Ptest Flags 1 2 0x17 0 0;
}

impl Vi {
    /// Whether there is this instruction. Without `avx2` it is in the old encoding, of which the first opcode map is as old as SSE2
    /// but for one.
    pub fn is_of(self, cpu: Cpu) -> bool {
        match self {
            Vi::Vpbroadcastb | Vi::Vpbroadcastw | Vi::Vpbroadcastd | Vi::Vpbroadcastq | Vi::Vbroadcastss => cpu.avx2,
            Vi::Vfmadd231ps | Vi::Vfmadd231pd | Vi::Vfnmadd231ps | Vi::Vfnmadd231pd => cpu.fma,
            Vi::Movddup => cpu.sse42,
            _ => cpu.sse42 || self.row().map == 1,
        }
    }

    pub fn shape(self) -> Shape {
        self.row().shape
    }

    /// Whether an immediate follows.
    pub fn has_imm(self) -> bool {
        self.row().imm
    }
}

/// Shifts of vectors by an immediate: opcode after 0F, and the `/digit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VShiftImm {
    Psllw,
    Pslld,
    Psllq,
    Psrlw,
    Psrld,
    Psrlq,
    Psraw,
    Psrad,
    /// By bytes, of the whole.
    Pslldq,
    Psrldq,
}

impl VShiftImm {
    fn row(self) -> (u8, u8) {
        match self {
            VShiftImm::Psllw => (0x71, 6),
            VShiftImm::Pslld => (0x72, 6),
            VShiftImm::Psllq => (0x73, 6),
            VShiftImm::Psrlw => (0x71, 2),
            VShiftImm::Psrld => (0x72, 2),
            VShiftImm::Psrlq => (0x73, 2),
            VShiftImm::Psraw => (0x71, 4),
            VShiftImm::Psrad => (0x72, 4),
            VShiftImm::Pslldq => (0x73, 7),
            VShiftImm::Psrldq => (0x73, 3),
        }
    }
}

impl Asm {
    /// The VEX prefix, opcode and operands. `vvvv` is 0 where it names nothing.
    fn vex(&mut self, r: &Row, reg: Reg, vvvv: Reg, rm: Rm, after: u8) {
        let (x, b) = match rm {
            Rm::Reg(r) => (0, r >> 3),
            Rm::Mem(m) => (m.index.unwrap_or(0) >> 3, m.base >> 3),
            Rm::Pool(_) | Rm::Vector(_) => (0, 0),
        };
        let last = (!vvvv & 15) << 3 | r.pp;
        let not_r = (!(reg >> 3) & 1) << 7;
        if x == 0 && b == 0 && !r.w && r.map == 1 {
            self.buf.extend([0xc5, not_r | last]);
        } else {
            self.buf.extend([0xc4, not_r | (1 - x) << 6 | (1 - b) << 5 | r.map, (r.w as u8) << 7 | last]);
        }
        self.buf.push(r.op);
        self.modrm(reg, rm, after);
    }

    fn legacy(&mut self, r: &Row, reg: Reg, rm: Rm, after: u8) {
        let prefix = [None, Some(0x66), Some(0xf3), Some(0xf2)][r.pp as usize];
        let opcode: &[u8] = match r.map {
            1 => &[0x0f, r.op],
            2 => &[0x0f, 0x38, r.op],
            _ => &[0x0f, 0x3a, r.op],
        };
        self.op(prefix, r.w, opcode, reg, rm, false, after);
    }

    /// A row with any operands: `a` is the first of two, and is `dst` without VEX. Of `Extract`, `dst` is the vector and `rm` the
    /// place.
    pub fn vector(&mut self, vex: bool, op: Vi, dst: Reg, a: Reg, rm: Rm, imm: u8) {
        let row = op.row();
        let after = row.imm as u8;
        if vex {
            let has_a = matches!(row.shape, Shape::Two | Shape::Insert)
                // A load of a scalar is no merge.
                && (op != Vi::Movsd || matches!(rm, Rm::Reg(_)));
            self.vex(&row, dst, if has_a { a } else { 0 }, rm, after);
        } else {
            debug_assert!(!matches!(row.shape, Shape::Two | Shape::Insert) || a == dst);
            self.legacy(&row, dst, rm, after);
        }
        if row.imm {
            self.buf.push(imm);
        }
    }

    pub fn vector_shift_imm(&mut self, vex: bool, op: VShiftImm, dst: Reg, a: Reg, n: u8) {
        let (opcode, digit) = op.row();
        let row = Row { shape: Shape::One, pp: 1, map: 1, op: opcode, w: false, imm: true };
        if vex {
            self.vex(&row, digit, dst, Rm::Reg(a), 1);
        } else {
            debug_assert_eq!(dst, a);
            self.legacy(&row, digit, Rm::Reg(a), 1);
        }
        self.buf.push(n);
    }

    /// `vpblendvb`: bytes of `b` where those of `mask` have their top bit set, of `a` elsewhere.
    pub fn blend_bytes(&mut self, dst: Reg, a: Reg, b: Rm, mask: Reg) {
        let row = Row { shape: Shape::Two, pp: 1, map: 3, op: 0x4c, w: false, imm: true };
        self.vex(&row, dst, a, b, 1);
        self.buf.push(mask << 4);
    }
}
