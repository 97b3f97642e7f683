//! Encodings of x86-64 instructions.
//!
//! Everything is a row of a table: mandatory prefix, opcode, and how registers and memory operands fill the ModRM byte
//! (Intel SDM volume 2, chapter 2). An instruction is laid out as
//!
//! ```text
//! [66|F2|F3] [REX: 0100WRXB] [0F [38|3A]] opcode  ModRM: mod reg rm  [SIB: scale index base]  [disp8|disp32]  [imm]
//! ```
//!
//! R, X and B are the fourth bits of reg, index and base or rm. `tests` encodes all registers and address shapes of all
//! rows and lets an independent disassembler read them back.
#![forbid(unsafe_code)]

use foldhash::HashMap;

pub use super::enc_vector::Sse;

/// A register's number, 0 to 15; general or vector by context.
pub type Reg = u8;

pub const RAX: Reg = 0;
pub const RCX: Reg = 1;
pub const RDX: Reg = 2;
pub const RBX: Reg = 3;
pub const RSP: Reg = 4;
pub const RBP: Reg = 5;
pub const RSI: Reg = 6;
pub const RDI: Reg = 7;
pub const R8: Reg = 8;
pub const R9: Reg = 9;
pub const R10: Reg = 10;
pub const R11: Reg = 11;
pub const R12: Reg = 12;
pub const R13: Reg = 13;
pub const R14: Reg = 14;
pub const R15: Reg = 15;

pub const XMM0: Reg = 0;
pub const XMM1: Reg = 1;

/// A memory operand: `base + index << scale + disp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mem {
    pub base: Reg,
    /// Never rsp.
    pub index: Option<Reg>,
    pub scale: u8,
    pub disp: i32,
}

/// Instead of a base: there is only an index. Not for vector instructions.
pub const NO_BASE: Reg = 0x10 | RBP;

impl Mem {
    pub fn base(base: Reg, disp: i32) -> Mem {
        Mem { base, index: None, scale: 0, disp }
    }
}

/// What the `rm` field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rm {
    Reg(Reg),
    Mem(Mem),
    /// A constant of the function's pool, by number.
    Pool(u32),
    /// One of 16 bytes, at an address that is a multiple of that.
    Vector(u32),
}

impl From<Mem> for Rm {
    fn from(m: Mem) -> Rm {
        Rm::Mem(m)
    }
}

/// Condition codes, as the low four bits of `jcc`, `setcc` and `cmovcc`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cc {
    O = 0,
    B = 2,
    Ae = 3,
    E = 4,
    Ne = 5,
    Be = 6,
    A = 7,
    P = 10,
    Np = 11,
    L = 12,
    Ge = 13,
    Le = 14,
    G = 15,
}

impl Cc {
    pub fn negate(self) -> Cc {
        match self {
            // Only `jo` is ever used.
            Cc::O => Cc::O,
            Cc::B => Cc::Ae,
            Cc::Ae => Cc::B,
            Cc::E => Cc::Ne,
            Cc::Ne => Cc::E,
            Cc::Be => Cc::A,
            Cc::A => Cc::Be,
            Cc::P => Cc::Np,
            Cc::Np => Cc::P,
            Cc::L => Cc::Ge,
            Cc::Ge => Cc::L,
            Cc::Le => Cc::G,
            Cc::G => Cc::Le,
        }
    }
}

/// Two-operand arithmetic; the number is the `/digit` of the immediate form, and eight times it the opcode's base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Alu {
    Add = 0,
    Or = 1,
    Adc = 2,
    Sbb = 3,
    And = 4,
    Sub = 5,
    Xor = 6,
    Cmp = 7,
}

/// Shifts and rotations; the number is the `/digit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Shift {
    Rol = 0,
    Ror = 1,
    Shl = 4,
    Shr = 5,
    Sar = 7,
}

/// Loads into a general register: (opcode, REX.W).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ext {
    /// `movzx r32, r/m8` and so on; zero-extension to 64 bits comes with writing 32.
    Zx8,
    Zx16,
    Sx8To32,
    Sx8To64,
    Sx16To32,
    Sx16To64,
    Sx32To64,
    Mov32,
    Mov64,
}

/// Where a jump or call goes, before addresses are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(pub u32);

/// Something the function's code refers to with a 32-bit distance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Label(Label),
    Pool(u32),
    Vector(u32),
}

/// Machine code in the making.
#[derive(Default)]
pub struct Asm {
    pub buf: Vec<u8>,
    /// By label.
    labels: Vec<Option<u32>>,
    /// Places of 32-bit distances, counted from their end less the bytes that follow them in the instruction.
    links: Vec<(u32, Link, u8)>,
    /// Words of jump tables: place, label, start of the table.
    table_links: Vec<(u32, Label, u32)>,
    /// Where there are no instructions: jump tables and constants.
    pub data: Vec<(u32, u32)>,
    pool: Vec<u64>,
    pool_numbers: HashMap<u128, u32>,
    vectors: Vec<u128>,
    vector_numbers: HashMap<u128, u32>,
    /// Calls of functions and stubs outside of this code: place, and which.
    pub relocs: Vec<(u32, u32)>,
    /// Memory operands, each with a place inside of its instruction.
    pub accesses: Vec<(u32, Mem)>,
    /// Whether to note them.
    pub note_accesses: bool,
}

impl Asm {
    pub fn here(&self) -> u32 {
        self.buf.len() as u32
    }

    #[inline(never)]
    pub fn new_label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn bind(&mut self, l: Label) {
        debug_assert!(self.labels[l.0 as usize].is_none());
        self.labels[l.0 as usize] = Some(self.here());
    }

    /// From behind a jump of two bytes to a place behind us that such a jump reaches.
    fn near(&self, to: Label) -> Option<i8> {
        let distance = i64::from(self.labels[to.0 as usize]?) - i64::from(self.here()) - 2;
        i8::try_from(distance).ok()
    }

    pub fn label_at(&self, l: Label) -> Option<u32> {
        self.labels[l.0 as usize]
    }

    /// The number of a constant of the pool.
    pub fn pool(&mut self, bits: u64) -> u32 {
        *self.pool_numbers.entry(u128::from(bits)).or_insert_with(|| {
            self.pool.push(bits);
            self.pool.len() as u32 - 1
        })
    }

    /// The number of a constant of 16 bytes.
    pub fn vector_constant(&mut self, bits: u128) -> u32 {
        *self.vector_numbers.entry(bits).or_insert_with(|| {
            self.vectors.push(bits);
            self.vectors.len() as u32 - 1
        })
    }

    /// Writes the pool and fills in all distances inside the code.
    pub fn finish(&mut self) {
        let end = self.here();
        if !self.vectors.is_empty() {
            // Functions begin at multiples of 32.
            self.align(16);
        }
        let vectors = self.here();
        for c in &self.vectors {
            self.buf.extend(c.to_le_bytes());
        }
        if !self.pool.is_empty() {
            self.align(8);
        }
        let pool = self.here();
        for c in &self.pool {
            self.buf.extend(c.to_le_bytes());
        }
        if self.here() > end {
            self.data.push((end, self.here()));
        }
        for &(at, link, after) in &self.links {
            let to = match link {
                Link::Label(l) => self.labels[l.0 as usize].expect("every label is bound"),
                Link::Pool(n) => pool + n * 8,
                Link::Vector(n) => vectors + n * 16,
            };
            let distance = to.wrapping_sub(at + 4 + after as u32);
            self.buf[at as usize..at as usize + 4].copy_from_slice(&distance.to_le_bytes());
        }
        for &(at, label, table) in &self.table_links {
            let to = self.labels[label.0 as usize].expect("every label is bound");
            self.buf[at as usize..at as usize + 4].copy_from_slice(&to.wrapping_sub(table).to_le_bytes());
        }
        self.links.clear();
        self.table_links.clear();
    }

    /// Fills up to a multiple of `to` with instructions that do nothing.
    pub fn align(&mut self, to: u32) {
        let mut left = (to - self.here() % to) % to;
        while left > 0 {
            let n = left.min(9);
            self.buf.extend(NOPS[n as usize - 1]);
            left -= n;
        }
    }

    pub(super) fn imm32(&mut self, v: i32) {
        self.buf.extend(v.to_le_bytes());
    }

    fn distance(&mut self, link: Link, after: u8) {
        self.links.push((self.here(), link, after));
        self.imm32(0);
    }

    /// The general form. `low` registers of 8 bits need a REX prefix from rsp on. `after` is how many bytes of immediate
    /// follow.
    #[allow(clippy::too_many_arguments)]
    #[inline(never)]
    pub(super) fn op(&mut self, prefix: Option<u8>, w: bool, opcode: &[u8], reg: Reg, rm: Rm, rex: bool, after: u8) {
        self.buf.extend(prefix);
        let (x, b) = match rm {
            Rm::Reg(r) => (0, r >> 3),
            Rm::Mem(m) => (m.index.unwrap_or(0) >> 3, m.base >> 3 & 1),
            Rm::Pool(_) | Rm::Vector(_) => (0, 0),
        };
        let bits = (w as u8) << 3 | (reg >> 3) << 2 | x << 1 | b;
        if bits != 0 || rex {
            self.buf.push(0x40 | bits);
        }
        self.buf.extend(opcode);
        self.modrm(reg, rm, after);
    }

    #[inline(never)]
    pub(super) fn modrm(&mut self, reg: Reg, rm: Rm, after: u8) {
        let reg = (reg & 7) << 3;
        match rm {
            Rm::Reg(r) => self.buf.push(0xc0 | reg | r & 7),
            Rm::Pool(n) => {
                self.buf.push(reg | 5);
                self.distance(Link::Pool(n), after);
            }
            Rm::Vector(n) => {
                self.buf.push(reg | 5);
                self.distance(Link::Vector(n), after);
            }
            Rm::Mem(m) => {
                debug_assert_ne!(m.index, Some(RSP));
                if self.note_accesses && !matches!(m.base, RSP | RBP | R15) {
                    self.accesses.push((self.here(), m));
                }
                if m.base == NO_BASE {
                    self.buf.push(reg | 4);
                    self.buf.push(m.scale << 6 | m.index.map_or(4, |i| i & 7) << 3 | 5);
                    return self.imm32(m.disp);
                }
                // rbp and r13 as a base have no form without displacement.
                let mode = match m.disp {
                    0 if m.base & 7 != 5 => 0,
                    -128..=127 => 0x40,
                    _ => 0x80,
                };
                if m.index.is_some() || m.base & 7 == 4 {
                    self.buf.push(mode | reg | 4);
                    let index = m.index.map_or(4, |i| i & 7);
                    self.buf.push(m.scale << 6 | index << 3 | m.base & 7);
                } else {
                    self.buf.push(mode | reg | m.base & 7);
                }
                match mode {
                    0 => {}
                    0x40 => self.buf.push(m.disp as u8),
                    _ => self.imm32(m.disp),
                }
            }
        }
    }

    // Moves.

    /// `mov r, imm`: the shortest of its forms.
    pub fn mov_imm(&mut self, r: Reg, imm: u64) {
        if imm == 0 {
            self.op(None, false, &[0x31], r, Rm::Reg(r), false, 0);
        } else if imm <= u32::MAX as u64 {
            self.mov_imm_keep_flags(r, imm as u32);
        } else if imm as i64 == imm as i32 as i64 {
            self.op(None, true, &[0xc7], 0, Rm::Reg(r), false, 4);
            self.imm32(imm as i32);
        } else {
            self.buf.extend([0x48 | r >> 3, 0xb8 | r & 7]);
            self.buf.extend(imm.to_le_bytes());
        }
    }

    /// `mov r32, imm32`.
    pub fn mov_imm_keep_flags(&mut self, r: Reg, imm: u32) {
        if r >= 8 {
            self.buf.push(0x41);
        }
        self.buf.push(0xb8 | r & 7);
        self.imm32(imm as i32);
    }

    pub fn mov(&mut self, w: bool, dst: Reg, src: Reg) {
        self.op(None, w, &[0x89], src, Rm::Reg(dst), false, 0);
    }

    /// A load or extension.
    #[inline(never)]
    pub fn ext(&mut self, ext: Ext, dst: Reg, src: Rm) {
        let byte = matches!(src, Rm::Reg(4..=7)) && matches!(ext, Ext::Zx8 | Ext::Sx8To32 | Ext::Sx8To64);
        let (w, opcode): (bool, &[u8]) = match ext {
            Ext::Zx8 => (false, &[0x0f, 0xb6]),
            Ext::Zx16 => (false, &[0x0f, 0xb7]),
            Ext::Sx8To32 => (false, &[0x0f, 0xbe]),
            Ext::Sx8To64 => (true, &[0x0f, 0xbe]),
            Ext::Sx16To32 => (false, &[0x0f, 0xbf]),
            Ext::Sx16To64 => (true, &[0x0f, 0xbf]),
            Ext::Sx32To64 => (true, &[0x63]),
            Ext::Mov32 => (false, &[0x8b]),
            Ext::Mov64 => (true, &[0x8b]),
        };
        self.op(None, w, opcode, dst, src, byte, 0);
    }

    pub fn load64(&mut self, dst: Reg, m: Mem) {
        self.ext(Ext::Mov64, dst, m.into());
    }

    /// Stores the low 1, 2, 4 or 8 bytes.
    pub fn store(&mut self, bytes: u64, m: Mem, src: Reg) {
        let prefix = (bytes == 2).then_some(0x66);
        let opcode = if bytes == 1 { 0x88 } else { 0x89 };
        self.op(prefix, bytes == 8, &[opcode], src, m.into(), bytes == 1 && src >= 4, 0);
    }

    /// Stores an immediate; for 8 bytes it is sign-extended.
    pub fn store_imm(&mut self, bytes: u64, m: Mem, imm: i32) {
        let prefix = (bytes == 2).then_some(0x66);
        let opcode = if bytes == 1 { 0xc6 } else { 0xc7 };
        let size = bytes.min(4) as u8;
        self.op(prefix, bytes == 8, &[opcode], 0, m.into(), false, size);
        self.buf.extend(&imm.to_le_bytes()[..size as usize]);
    }

    pub fn lea(&mut self, w: bool, dst: Reg, m: Mem) {
        self.op(None, w, &[0x8d], dst, m.into(), false, 0);
    }

    pub fn push(&mut self, r: Reg) {
        if r >= 8 {
            self.buf.push(0x41);
        }
        self.buf.push(0x50 | r & 7);
    }

    pub fn pop(&mut self, r: Reg) {
        if r >= 8 {
            self.buf.push(0x41);
        }
        self.buf.push(0x58 | r & 7);
    }

    // Integer arithmetic.

    pub fn alu(&mut self, op: Alu, w: bool, dst: Reg, src: Rm) {
        self.op(None, w, &[(op as u8) << 3 | 3], dst, src, false, 0);
    }

    /// On a word in memory, or half of one.
    pub fn alu_to_mem(&mut self, op: Alu, w: bool, m: Mem, src: Reg) {
        self.op(None, w, &[(op as u8) << 3 | 1], src, m.into(), false, 0);
    }

    pub fn alu_imm(&mut self, op: Alu, w: bool, dst: Rm, imm: i32) {
        if imm as i8 as i32 == imm {
            self.op(None, w, &[0x83], op as u8, dst, false, 1);
            self.buf.push(imm as u8);
        } else {
            self.op(None, w, &[0x81], op as u8, dst, false, 4);
            self.imm32(imm);
        }
    }

    pub fn test(&mut self, w: bool, a: Reg, b: Reg) {
        self.op(None, w, &[0x85], b, Rm::Reg(a), false, 0);
    }

    pub fn test_imm(&mut self, w: bool, a: Reg, imm: i32) {
        self.op(None, w, &[0xf7], 0, Rm::Reg(a), false, 4);
        self.imm32(imm);
    }

    pub fn imul(&mut self, w: bool, dst: Reg, src: Rm) {
        self.op(None, w, &[0x0f, 0xaf], dst, src, false, 0);
    }

    pub fn imul_imm(&mut self, w: bool, dst: Reg, src: Rm, imm: i32) {
        if imm as i8 as i32 == imm {
            self.op(None, w, &[0x6b], dst, src, false, 1);
            self.buf.push(imm as u8);
        } else {
            self.op(None, w, &[0x69], dst, src, false, 4);
            self.imm32(imm);
        }
    }

    /// `F7 /digit`: 2 not, 3 neg, 4 mul, 5 imul, 6 div, 7 idiv (the last four by rdx:rax).
    pub fn group3(&mut self, digit: u8, w: bool, r: Rm) {
        self.op(None, w, &[0xf7], digit, r, false, 0);
    }

    pub fn bswap(&mut self, w: bool, r: Reg) {
        self.op(None, w, &[0x0f], 1, Rm::Reg(r), false, 0);
    }

    /// `cdq` or `cqo`.
    pub fn sign_rax(&mut self, w: bool) {
        if w {
            self.buf.push(0x48);
        }
        self.buf.push(0x99);
    }

    /// By cl.
    pub fn shift(&mut self, op: Shift, w: bool, r: Reg) {
        self.op(None, w, &[0xd3], op as u8, Rm::Reg(r), false, 0);
    }

    pub fn shift_imm(&mut self, op: Shift, w: bool, r: Reg, n: u8) {
        self.op(None, w, &[0xc1], op as u8, Rm::Reg(r), false, 1);
        self.buf.push(n);
    }

    /// BMI2 `shlx`, `shrx`, `sarx`: `dst = src op count`, flags untouched.
    pub fn shift_x(&mut self, op: Shift, w: bool, dst: Reg, src: Reg, count: Reg) {
        let pp = match op {
            Shift::Shl => 1,
            Shift::Sar => 2,
            _ => 3,
        };
        // VEX: C4, RXB (inverted) and map 2, W vvvv (inverted) L pp.
        let rxb = (!(dst >> 3) & 1) << 7 | 1 << 6 | (!(src >> 3) & 1) << 5;
        self.buf.extend([0xc4, rxb | 2, (w as u8) << 7 | (!count & 15) << 3 | pp, 0xf7]);
        self.modrm(dst, Rm::Reg(src), 0);
    }

    /// BMI1 `blsr` (1), `blsmsk` (2), `blsi` (3): without the lowest bit, up to it, or that alone. Flags are those of the result.
    pub fn lowest_bit(&mut self, digit: u8, w: bool, dst: Reg, src: Reg) {
        // As above; the register in vvvv is the destination.
        let rxb = 1 << 7 | 1 << 6 | (!(src >> 3) & 1) << 5;
        self.buf.extend([0xc4, rxb | 2, (w as u8) << 7 | (!dst & 15) << 3, 0xf3]);
        self.modrm(digit, Rm::Reg(src), 0);
    }

    /// BMI1 `andn`: `dst = !not & src`. Flags are those of the result.
    pub fn and_not(&mut self, w: bool, dst: Reg, not: Reg, src: Reg) {
        let rxb = (!(dst >> 3) & 1) << 7 | 1 << 6 | (!(src >> 3) & 1) << 5;
        self.buf.extend([0xc4, rxb | 2, (w as u8) << 7 | (!not & 15) << 3, 0xf2]);
        self.modrm(dst, Rm::Reg(src), 0);
    }

    /// `bts`: sets a bit, by its number modulo 64.
    pub fn set_bit(&mut self, dst: Reg, n: Reg) {
        self.op(None, true, &[0x0f, 0xab], n, Rm::Reg(dst), false, 0);
    }

    /// `bsf` (BC), `bsr` (BD): the number of the lowest or highest bit; of zero there is none, and the zero flag is set.
    pub fn scan_bits(&mut self, opcode: u8, w: bool, dst: Reg, src: Rm) {
        self.op(None, w, &[0x0f, opcode], dst, src, false, 0);
    }

    /// `lzcnt` (BD), `tzcnt` (BC), `popcnt` (B8).
    pub fn count_bits(&mut self, opcode: u8, w: bool, dst: Reg, src: Rm) {
        self.op(Some(0xf3), w, &[0x0f, opcode], dst, src, false, 0);
    }

    pub fn setcc(&mut self, cc: Cc, r: Reg) {
        self.op(None, false, &[0x0f, 0x90 | cc as u8], 0, Rm::Reg(r), r >= 4, 0);
    }

    pub fn cmov(&mut self, cc: Cc, w: bool, dst: Reg, src: Rm) {
        self.op(None, w, &[0x0f, 0x40 | cc as u8], dst, src, false, 0);
    }

    // Control.

    pub fn jmp(&mut self, to: Label) {
        if let Some(distance) = self.near(to) {
            return self.buf.extend([0xeb, distance as u8]);
        }
        self.buf.push(0xe9);
        self.distance(Link::Label(to), 0);
    }

    pub fn jcc(&mut self, cc: Cc, to: Label) {
        if let Some(distance) = self.near(to) {
            return self.buf.extend([0x70 | cc as u8, distance as u8]);
        }
        self.buf.extend([0x0f, 0x80 | cc as u8]);
        self.distance(Link::Label(to), 0);
    }

    /// A call of something outside of this code.
    #[inline(never)]
    pub fn call_outside(&mut self, what: u32) {
        self.buf.push(0xe8);
        self.relocs.push((self.here(), what));
        self.imm32(0);
    }

    /// A jump to something outside of this code.
    pub fn jmp_outside(&mut self, what: u32) {
        self.buf.push(0xe9);
        self.relocs.push((self.here(), what));
        self.imm32(0);
    }

    /// The address of a place in this code that is known already.
    pub fn lea_here(&mut self, dst: Reg, at: u32) {
        self.buf.extend([0x48 | (dst >> 3) << 2, 0x8d, (dst & 7) << 3 | 5]);
        let end = self.here() + 4;
        self.imm32(at.wrapping_sub(end) as i32);
    }

    /// The address of something outside of this code.
    pub fn lea_outside(&mut self, dst: Reg, what: u32) {
        self.buf.extend([0x48 | (dst >> 3) << 2, 0x8d, (dst & 7) << 3 | 5]);
        self.relocs.push((self.here(), what));
        self.imm32(0);
    }

    pub fn call_label(&mut self, to: Label) {
        self.buf.push(0xe8);
        self.distance(Link::Label(to), 0);
    }

    pub fn call_rm(&mut self, to: Rm) {
        self.op(None, false, &[0xff], 2, to, false, 0);
    }

    pub fn jmp_rm(&mut self, to: Rm) {
        self.op(None, false, &[0xff], 4, to, false, 0);
    }

    /// `lea dst, [label]`.
    pub fn lea_label(&mut self, dst: Reg, to: Label) {
        self.buf.extend([0x48 | (dst >> 3) << 2, 0x8d, (dst & 7) << 3 | 5]);
        self.distance(Link::Label(to), 0);
    }

    /// A 32-bit word of a jump table: the distance of a label from `table`.
    pub fn table_entry(&mut self, to: Label, table: u32) {
        self.table_links.push((self.here(), to, table));
        self.imm32(0);
    }

    pub fn ret(&mut self) {
        self.buf.push(0xc3);
    }

    pub fn ud2(&mut self) {
        self.buf.extend([0x0f, 0x0b]);
    }
}

/// The recommended instructions of 1 to 9 bytes that do nothing.
const NOPS: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0x00],
    &[0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00],
    &[0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00],
    &[0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
    &[0x66, 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00],
];
