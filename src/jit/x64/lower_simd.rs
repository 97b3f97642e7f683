//! Selection for vectors: building blocks, and operations on integer lanes.
//!
//! The sequences are the same with and without AVX; only the encoding differs, and what may be in memory: without AVX an operand
//! of 16 bytes would have to be aligned, which only constants are. For processors without SSE 4.2, `lower_sse2` replaces single instructions of these.
//!
//! What an operation means is in `sem`, and the result is the same bit for bit.
#![forbid(unsafe_code)]

use super::enc::Cc;
use super::enc_simd::{VShiftImm as S, Vi};
use super::lower::Lower;
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;

/// A constant with the same value in all lanes.
pub(super) fn all8(x: u8) -> u128 {
    u128::from_le_bytes([x; 16])
}

pub(super) fn all16(x: u16) -> u128 {
    all32(x as u32 | (x as u32) << 16)
}

pub(super) fn all32(x: u32) -> u128 {
    all64(x as u64 | (x as u64) << 32)
}

pub(super) fn all64(x: u64) -> u128 {
    x as u128 | (x as u128) << 64
}

/// The last operand of an instruction, with the registers it takes.
pub(super) type Last = (Src, Operands);

impl Lower<'_> {
    // Building blocks.

    pub(super) fn vex(&self) -> bool {
        self.out.cpu.avx2
    }

    pub(super) fn vtemp(&mut self) -> VReg {
        self.temp(Class::Float)
    }

    /// A constant in a register.
    pub(super) fn constant(&mut self, bits: u128) -> VReg {
        let d = self.vtemp();
        self.constant_in(d, bits);
        d
    }

    #[inline(never)]
    fn constant_in(&mut self, d: VReg, bits: u128) {
        let op = match bits {
            0 => MVec::Zero,
            u128::MAX => MVec::Ones,
            _ => MVec::One(Vi::Movaps, 0, self.pool(bits).0),
        };
        self.emit(MOp::V(op), &[Operand::reg_def(d)]);
    }

    /// A constant as the last operand.
    #[inline(never)]
    pub(super) fn pool(&mut self, bits: u128) -> Last {
        self.out.vectors.push(bits);
        (Src::Vector(self.out.vectors.len() as u32 - 1), Operands::none())
    }

    #[inline(never)]
    pub(super) fn in_reg(&self, r: VReg) -> Last {
        (Src::Reg, Operands::from([if self.vex() { Operand::any_use(r) } else { Operand::reg_use(r) }]))
    }

    /// A vector as the last operand.
    pub(super) fn vector_src(&mut self, v: Value) -> Last {
        match self.f.as_vector(v) {
            None => {}
            Some(0 | u128::MAX) => {
                let r = self.reg(v);
                return self.in_reg(r);
            }
            Some(bits) => return self.pool(bits),
        }
        if self.vex()
            && let Some(i) = self.foldable(v, |op| op == Op::Load(Width::V128))
        {
            let (addr, operands) = self.access(i, Width::V128);
            return (Src::Mem(addr), operands);
        }
        let r = self.reg(v);
        self.in_reg(r)
    }

    /// A vector of which only the low half is read.
    fn low_half_src(&mut self, v: Value) -> Last {
        if let Some(i) = self.foldable(v, |op| matches!(op, Op::Load(Width::V128 | Width::V64Zero))) {
            let (addr, operands) = self.address(self.f.args(i)[0], self.f.args(i)[1], self.f.inst(i).imm);
            return (Src::Mem(addr), operands);
        }
        let r = self.reg(v);
        self.in_reg(r)
    }

    pub(super) fn one(&mut self, op: Vi, imm: u8, d: VReg, (src, more): Last) {
        if !op.is_of(self.out.cpu) {
            return self.one_by_sse2(op, imm, d, (src, more));
        }
        let mut operands = Operands::from([Operand::reg_def(d)]);
        operands.extend(&more);
        self.emit(MOp::V(MVec::One(op, imm, src)), &operands);
    }

    pub(super) fn two(&mut self, op: Vi, imm: u8, d: VReg, a: VReg, (src, more): Last) {
        if !op.is_of(self.out.cpu) {
            return self.two_by_sse2(op, imm, d, a, (src, more));
        }
        let mut operands = self.def_over(d);
        operands.push(Operand::reg_use(a));
        operands.extend(&more);
        self.emit(MOp::V(MVec::Two(op, imm, src)), &operands);
    }

    /// The definition of an instruction that overwrites its first operand unless it has a VEX form.
    #[inline(never)]
    fn def_over(&self, d: VReg) -> Operands {
        Operands::from([if self.vex() { Operand::reg_def(d) } else { Operand::reg_reuse_def(d, 1) }])
    }

    pub(super) fn shift_to(&mut self, op: S, n: u8, d: VReg, a: VReg) {
        let mut operands = self.def_over(d);
        operands.push(Operand::reg_use(a));
        self.emit(MOp::V(MVec::Shift(op, n)), &operands);
    }

    /// The same with a new register for the result.
    #[inline(never)]
    pub(super) fn one_of(&mut self, op: Vi, imm: u8, a: VReg) -> VReg {
        let d = self.vtemp();
        let src = self.in_reg(a);
        self.one(op, imm, d, src);
        d
    }

    #[inline(never)]
    pub(super) fn two_of(&mut self, op: Vi, a: VReg, b: VReg) -> VReg {
        let d = self.vtemp();
        let src = self.in_reg(b);
        self.two(op, 0, d, a, src);
        d
    }

    /// With a constant.
    #[inline(never)]
    pub(super) fn two_const(&mut self, op: Vi, a: VReg, bits: u128) -> VReg {
        let d = self.vtemp();
        let src = self.pool(bits);
        self.two(op, 0, d, a, src);
        d
    }

    #[inline(never)]
    pub(super) fn shift_of(&mut self, op: S, n: u8, a: VReg) -> VReg {
        let d = self.vtemp();
        self.shift_to(op, n, d, a);
        d
    }

    #[inline(never)]
    pub(super) fn two_regs(&mut self, op: Vi, imm: u8, d: VReg, a: VReg, b: VReg) {
        let src = self.in_reg(b);
        self.two(op, imm, d, a, src);
    }

    /// All bits turned over.
    fn not_to(&mut self, d: VReg, a: VReg) {
        let ones = self.constant(u128::MAX);
        self.two_regs(Vi::Pxor, 0, d, a, ones);
    }

    /// Bits of `b` where `mask`, whose bytes are all ones or all zeros, has ones, of `a` elsewhere.
    pub(super) fn blend_to(&mut self, d: VReg, a: VReg, b: VReg, mask: VReg) {
        if self.vex() {
            let operands = [Operand::reg_def(d), Operand::reg_use(a), Operand::any_use(b), Operand::reg_use(mask)];
            return self.emit(MOp::V(MVec::Blend), &operands);
        }
        let chosen = self.two_of(Vi::Pand, b, mask);
        let others = self.two_of(Vi::Pandn, mask, a);
        self.two_regs(Vi::Por, 0, d, chosen, others);
    }

    /// Whether a value would become the last operand without a register.
    pub(super) fn is_last(&self, v: Value) -> bool {
        self.f.as_vector(v).is_some_and(|bits| bits != 0 && bits != u128::MAX)
            || self.vex() && self.foldable(v, |op| op == Op::Load(Width::V128)).is_some()
    }

    /// An instruction that is the whole operation.
    fn direct(&mut self, op: Vi, imm: u8, d: Value, a: Value, b: Value, commutes: bool) {
        let better = self.is_last(a) || !self.vex() && self.uses[a.index()] > self.uses[b.index()];
        let (a, b) = if commutes && better && !self.is_last(b) { (b, a) } else { (a, b) };
        let first = self.reg(a);
        let src = self.vector_src(b);
        let d = self.def(d);
        self.two(op, imm, d, first, src);
    }

    pub(super) fn vector_inst(&mut self, op: VOp, data: InstData, args: &[Value]) {
        let d = data.first;
        match op {
            VOp::Const => {
                let d = self.def(d);
                self.constant_in(d, self.f.vectors[data.imm as usize]);
            }
            VOp::Unary(op) => self.vector_unary(op, d, args[0]),
            VOp::Binary(op) => self.vector_binary(op, d, args[0], args[1]),
            VOp::Swizzle => self.swizzle(d, args[0], args[1]),
            VOp::Shuffle => self.shuffle(d, args[0], args[1], self.f.vectors[data.imm as usize].to_le_bytes()),
            VOp::Ternary(op) => self.vector_ternary(op, d, args),
            VOp::Shift(op) => self.vector_shift(op, d, args[0], args[1]),
            VOp::Test(op) => self.vector_test(op, d, args[0]),
            VOp::Splat(op) => self.splat(op, d, args[0]),
            VOp::Extract(op) => self.extract_lane(op, data.imm as u8, d, args[0]),
            VOp::Replace(op) => self.replace_lane(op, data.imm as u8, d, args[0], args[1]),
        }
    }

    fn vector_unary(&mut self, op: VUnary, d: Value, a: Value) {
        use VUnary::*;
        match op {
            V128Not => {
                let (a, d) = (self.reg(a), self.def(d));
                self.not_to(d, a);
            }
            I8x16Abs => self.unary(Vi::Pabsb, 0, d, a),
            I16x8Abs => self.unary(Vi::Pabsw, 0, d, a),
            I32x4Abs => self.unary(Vi::Pabsd, 0, d, a),
            I64x2Abs => {
                // The sign is 0 or -1: (a ^ sign) - sign.
                let (a, d) = (self.reg(a), self.def(d));
                let zero = self.constant(0);
                let sign = self.two_of(Vi::Pcmpgtq, zero, a);
                let turned = self.two_of(Vi::Pxor, a, sign);
                self.two_regs(Vi::Psubq, 0, d, turned, sign);
            }
            I8x16Neg => self.negate(Vi::Psubb, d, a),
            I16x8Neg => self.negate(Vi::Psubw, d, a),
            I32x4Neg => self.negate(Vi::Psubd, d, a),
            I64x2Neg => self.negate(Vi::Psubq, d, a),
            I8x16Popcnt => self.vector_popcnt(d, a),
            I16x8ExtAddPairwiseI8x16S => {
                // The first operand of this one is unsigned, the second signed.
                let ones = self.constant(all8(1));
                let src = self.vector_src(a);
                let d = self.def(d);
                self.two(Vi::Pmaddubsw, 0, d, ones, src);
            }
            I16x8ExtAddPairwiseI8x16U => self.with_const(Vi::Pmaddubsw, d, a, all8(1)),
            I32x4ExtAddPairwiseI16x8S => self.with_const(Vi::Pmaddwd, d, a, all16(1)),
            I32x4ExtAddPairwiseI16x8U => {
                // Made signed by taking 0x8000 away from each, which is given back to each pair.
                let (a, d) = (self.reg(a), self.def(d));
                let signed = self.two_const(Vi::Pxor, a, all16(0x8000));
                let sums = self.two_const(Vi::Pmaddwd, signed, all16(1));
                let src = self.pool(all32(0x1_0000));
                self.two(Vi::Paddd, 0, d, sums, src);
            }
            I16x8ExtendLowI8x16S => self.extend_low(Vi::Pmovsxbw, d, a),
            I16x8ExtendLowI8x16U => self.extend_low(Vi::Pmovzxbw, d, a),
            I32x4ExtendLowI16x8S => self.extend_low(Vi::Pmovsxwd, d, a),
            I32x4ExtendLowI16x8U => self.extend_low(Vi::Pmovzxwd, d, a),
            I64x2ExtendLowI32x4S => self.extend_low(Vi::Pmovsxdq, d, a),
            I64x2ExtendLowI32x4U => self.extend_low(Vi::Pmovzxdq, d, a),
            I16x8ExtendHighI8x16S => self.extend_high(Vi::Pmovsxbw, d, a),
            I32x4ExtendHighI16x8S => self.extend_high(Vi::Pmovsxwd, d, a),
            I64x2ExtendHighI32x4S => self.extend_high(Vi::Pmovsxdq, d, a),
            I16x8ExtendHighI8x16U => self.extend_high_u(Vi::Punpckhbw, d, a),
            I32x4ExtendHighI16x8U => self.extend_high_u(Vi::Punpckhwd, d, a),
            I64x2ExtendHighI32x4U => self.extend_high_u(Vi::Punpckhdq, d, a),
            F32x4Ceil
            | F32x4Floor
            | F32x4Trunc
            | F32x4Nearest
            | F32x4Abs
            | F32x4Neg
            | F32x4Sqrt
            | F64x2Ceil
            | F64x2Floor
            | F64x2Trunc
            | F64x2Nearest
            | F64x2Abs
            | F64x2Neg
            | F64x2Sqrt
            | I32x4TruncSatF32x4S
            | I32x4TruncSatF32x4U
            | F32x4ConvertI32x4S
            | F32x4ConvertI32x4U
            | I32x4TruncSatF64x2SZero
            | I32x4TruncSatF64x2UZero
            | F64x2ConvertLowI32x4S
            | F64x2ConvertLowI32x4U
            | F32x4DemoteF64x2Zero
            | F64x2PromoteLowF32x4
            | I32x4RelaxedTruncF32x4S
            | I32x4RelaxedTruncF32x4U
            | I32x4RelaxedTruncF64x2SZero
            | I32x4RelaxedTruncF64x2UZero => self.float_unary(op, d, a),
        }
    }

    #[inline(never)]
    pub(super) fn unary(&mut self, op: Vi, imm: u8, d: Value, a: Value) {
        let src = self.vector_src(a);
        let d = self.def(d);
        self.one(op, imm, d, src);
    }

    pub(super) fn with_const(&mut self, op: Vi, d: Value, a: Value, bits: u128) {
        let (a, d) = (self.reg(a), self.def(d));
        let src = self.pool(bits);
        self.two(op, 0, d, a, src);
    }

    fn negate(&mut self, op: Vi, d: Value, a: Value) {
        let zero = self.constant(0);
        let src = self.vector_src(a);
        let d = self.def(d);
        self.two(op, 0, d, zero, src);
    }

    pub(super) fn extend_low(&mut self, op: Vi, d: Value, a: Value) {
        let src = self.low_half_src(a);
        let d = self.def(d);
        self.one(op, 0, d, src);
    }

    fn extend_high(&mut self, op: Vi, d: Value, a: Value) {
        let (a, d) = (self.reg(a), self.def(d));
        let high = self.one_of(Vi::Pshufd, 0xee, a);
        let src = self.in_reg(high);
        self.one(op, 0, d, src);
    }

    fn extend_high_u(&mut self, op: Vi, d: Value, a: Value) {
        let (a, d) = (self.reg(a), self.def(d));
        let zero = self.constant(0);
        self.two_regs(op, 0, d, a, zero);
    }

    /// By looking up both halves of each byte.
    fn vector_popcnt(&mut self, d: Value, a: Value) {
        let counts = u128::from_le_bytes([0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4]);
        let (a, d) = (self.reg(a), self.def(d));
        if !self.out.cpu.sse42 {
            return self.popcnt_by_sse2(d, a);
        }
        let low = self.two_const(Vi::Pand, a, all8(15));
        let shifted = self.shift_of(S::Psrlw, 4, a);
        let high = self.two_const(Vi::Pand, shifted, all8(15));
        let (first, second) = (self.constant(counts), self.constant(counts));
        let low = self.two_of(Vi::Pshufb, first, low);
        let high = self.two_of(Vi::Pshufb, second, high);
        self.two_regs(Vi::Paddb, 0, d, low, high);
    }

    fn vector_binary(&mut self, op: VBinary, d: Value, a: Value, b: Value) {
        use VBinary::*;
        let commutes = op.is_commutative();
        match op {
            I8x16Eq => self.direct(Vi::Pcmpeqb, 0, d, a, b, true),
            I16x8Eq => self.direct(Vi::Pcmpeqw, 0, d, a, b, true),
            I32x4Eq => self.direct(Vi::Pcmpeqd, 0, d, a, b, true),
            I64x2Eq => self.direct(Vi::Pcmpeqq, 0, d, a, b, true),
            I8x16Ne => self.negated(Vi::Pcmpeqb, d, a, b),
            I16x8Ne => self.negated(Vi::Pcmpeqw, d, a, b),
            I32x4Ne => self.negated(Vi::Pcmpeqd, d, a, b),
            I64x2Ne => self.negated(Vi::Pcmpeqq, d, a, b),
            I8x16GtS => self.direct(Vi::Pcmpgtb, 0, d, a, b, false),
            I16x8GtS => self.direct(Vi::Pcmpgtw, 0, d, a, b, false),
            I32x4GtS => self.direct(Vi::Pcmpgtd, 0, d, a, b, false),
            I64x2GtS => self.direct(Vi::Pcmpgtq, 0, d, a, b, false),
            I8x16LtS => self.direct(Vi::Pcmpgtb, 0, d, b, a, false),
            I16x8LtS => self.direct(Vi::Pcmpgtw, 0, d, b, a, false),
            I32x4LtS => self.direct(Vi::Pcmpgtd, 0, d, b, a, false),
            I64x2LtS => self.direct(Vi::Pcmpgtq, 0, d, b, a, false),
            I64x2LeS => self.negated(Vi::Pcmpgtq, d, a, b),
            I64x2GeS => self.negated(Vi::Pcmpgtq, d, b, a),
            // a <= b when a is the smaller of both.
            I8x16LeS => self.extreme(Vi::Pminsb, Vi::Pcmpeqb, d, a, b),
            I8x16LeU => self.extreme(Vi::Pminub, Vi::Pcmpeqb, d, a, b),
            I8x16GeS => self.extreme(Vi::Pmaxsb, Vi::Pcmpeqb, d, a, b),
            I8x16GeU => self.extreme(Vi::Pmaxub, Vi::Pcmpeqb, d, a, b),
            I16x8LeS => self.extreme(Vi::Pminsw, Vi::Pcmpeqw, d, a, b),
            I16x8LeU => self.extreme(Vi::Pminuw, Vi::Pcmpeqw, d, a, b),
            I16x8GeS => self.extreme(Vi::Pmaxsw, Vi::Pcmpeqw, d, a, b),
            I16x8GeU => self.extreme(Vi::Pmaxuw, Vi::Pcmpeqw, d, a, b),
            I32x4LeS => self.extreme(Vi::Pminsd, Vi::Pcmpeqd, d, a, b),
            I32x4LeU => self.extreme(Vi::Pminud, Vi::Pcmpeqd, d, a, b),
            I32x4GeS => self.extreme(Vi::Pmaxsd, Vi::Pcmpeqd, d, a, b),
            I32x4GeU => self.extreme(Vi::Pmaxud, Vi::Pcmpeqd, d, a, b),
            I8x16LtU => self.less(8, [Vi::Pminub, Vi::Pmaxub, Vi::Pcmpeqb], d, a, b),
            I16x8LtU => self.less(16, [Vi::Pminuw, Vi::Pmaxuw, Vi::Pcmpeqw], d, a, b),
            I32x4LtU => self.less(32, [Vi::Pminud, Vi::Pmaxud, Vi::Pcmpeqd], d, a, b),
            I8x16GtU => self.less(8, [Vi::Pminub, Vi::Pmaxub, Vi::Pcmpeqb], d, b, a),
            I16x8GtU => self.less(16, [Vi::Pminuw, Vi::Pmaxuw, Vi::Pcmpeqw], d, b, a),
            I32x4GtU => self.less(32, [Vi::Pminud, Vi::Pmaxud, Vi::Pcmpeqd], d, b, a),
            F32x4Eq => self.direct(Vi::Cmpps, 0, d, a, b, false),
            F32x4Lt => self.direct(Vi::Cmpps, 1, d, a, b, false),
            F32x4Gt => self.direct(Vi::Cmpps, 1, d, b, a, false),
            F32x4Le => self.direct(Vi::Cmpps, 2, d, a, b, false),
            F32x4Ge => self.direct(Vi::Cmpps, 2, d, b, a, false),
            F32x4Ne => self.direct(Vi::Cmpps, 4, d, a, b, false),
            F64x2Eq => self.direct(Vi::Cmppd, 0, d, a, b, false),
            F64x2Lt => self.direct(Vi::Cmppd, 1, d, a, b, false),
            F64x2Gt => self.direct(Vi::Cmppd, 1, d, b, a, false),
            F64x2Le => self.direct(Vi::Cmppd, 2, d, a, b, false),
            F64x2Ge => self.direct(Vi::Cmppd, 2, d, b, a, false),
            F64x2Ne => self.direct(Vi::Cmppd, 4, d, a, b, false),
            V128And => self.direct(Vi::Pand, 0, d, a, b, true),
            // This one turns its first operand over.
            V128AndNot => self.direct(Vi::Pandn, 0, d, b, a, false),
            V128Or => self.direct(Vi::Por, 0, d, a, b, true),
            V128Xor => self.direct(Vi::Pxor, 0, d, a, b, true),
            I8x16NarrowI16x8S => self.direct(Vi::Packsswb, 0, d, a, b, false),
            I8x16NarrowI16x8U => self.direct(Vi::Packuswb, 0, d, a, b, false),
            I16x8NarrowI32x4S => self.direct(Vi::Packssdw, 0, d, a, b, false),
            I16x8NarrowI32x4U => self.direct(Vi::Packusdw, 0, d, a, b, false),
            I8x16Add => self.direct(Vi::Paddb, 0, d, a, b, commutes),
            I8x16AddSatS => self.direct(Vi::Paddsb, 0, d, a, b, commutes),
            I8x16AddSatU => self.direct(Vi::Paddusb, 0, d, a, b, commutes),
            I8x16Sub => self.direct(Vi::Psubb, 0, d, a, b, false),
            I8x16SubSatS => self.direct(Vi::Psubsb, 0, d, a, b, false),
            I8x16SubSatU => self.direct(Vi::Psubusb, 0, d, a, b, false),
            I8x16MinS => self.direct(Vi::Pminsb, 0, d, a, b, commutes),
            I8x16MinU => self.direct(Vi::Pminub, 0, d, a, b, commutes),
            I8x16MaxS => self.direct(Vi::Pmaxsb, 0, d, a, b, commutes),
            I8x16MaxU => self.direct(Vi::Pmaxub, 0, d, a, b, commutes),
            I8x16AvgrU => self.direct(Vi::Pavgb, 0, d, a, b, commutes),
            I16x8Add => self.direct(Vi::Paddw, 0, d, a, b, commutes),
            I16x8AddSatS => self.direct(Vi::Paddsw, 0, d, a, b, commutes),
            I16x8AddSatU => self.direct(Vi::Paddusw, 0, d, a, b, commutes),
            I16x8Sub => self.direct(Vi::Psubw, 0, d, a, b, false),
            I16x8SubSatS => self.direct(Vi::Psubsw, 0, d, a, b, false),
            I16x8SubSatU => self.direct(Vi::Psubusw, 0, d, a, b, false),
            I16x8Mul => self.direct(Vi::Pmullw, 0, d, a, b, commutes),
            I16x8MinS => self.direct(Vi::Pminsw, 0, d, a, b, commutes),
            I16x8MinU => self.direct(Vi::Pminuw, 0, d, a, b, commutes),
            I16x8MaxS => self.direct(Vi::Pmaxsw, 0, d, a, b, commutes),
            I16x8MaxU => self.direct(Vi::Pmaxuw, 0, d, a, b, commutes),
            I16x8AvgrU => self.direct(Vi::Pavgw, 0, d, a, b, commutes),
            I32x4Add => self.direct(Vi::Paddd, 0, d, a, b, commutes),
            I32x4Sub => self.direct(Vi::Psubd, 0, d, a, b, false),
            I32x4Mul => self.direct(Vi::Pmulld, 0, d, a, b, commutes),
            I32x4MinS => self.direct(Vi::Pminsd, 0, d, a, b, commutes),
            I32x4MinU => self.direct(Vi::Pminud, 0, d, a, b, commutes),
            I32x4MaxS => self.direct(Vi::Pmaxsd, 0, d, a, b, commutes),
            I32x4MaxU => self.direct(Vi::Pmaxud, 0, d, a, b, commutes),
            I32x4DotI16x8S => self.direct(Vi::Pmaddwd, 0, d, a, b, commutes),
            I64x2Add => self.direct(Vi::Paddq, 0, d, a, b, commutes),
            I64x2Sub => self.direct(Vi::Psubq, 0, d, a, b, false),
            I64x2Mul => self.mul_64(d, a, b),
            I16x8Q15MulrSatS | I16x8RelaxedQ15mulrS => {
                // Only -1 times -1 does not fit, and comes out as 0x8000.
                let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
                let product = self.two_of(Vi::Pmulhrsw, a, b);
                let wrong = self.two_const(Vi::Pcmpeqw, product, all16(0x8000));
                self.two_regs(Vi::Pxor, 0, d, product, wrong);
            }
            I16x8RelaxedDotI8x16I7x16S => {
                let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
                self.dot_bytes(d, a, b);
            }
            I16x8ExtMulLowI8x16S => self.extmul_bytes(Vi::Pmovsxbw, false, d, a, b),
            I16x8ExtMulHighI8x16S => self.extmul_bytes(Vi::Pmovsxbw, true, d, a, b),
            I16x8ExtMulLowI8x16U => self.extmul_bytes(Vi::Pmovzxbw, false, d, a, b),
            I16x8ExtMulHighI8x16U => self.extmul_bytes(Vi::Pmovzxbw, true, d, a, b),
            I32x4ExtMulLowI16x8S => self.extmul_words(Vi::Pmulhw, Vi::Punpcklwd, d, a, b),
            I32x4ExtMulHighI16x8S => self.extmul_words(Vi::Pmulhw, Vi::Punpckhwd, d, a, b),
            I32x4ExtMulLowI16x8U => self.extmul_words(Vi::Pmulhuw, Vi::Punpcklwd, d, a, b),
            I32x4ExtMulHighI16x8U => self.extmul_words(Vi::Pmulhuw, Vi::Punpckhwd, d, a, b),
            // Lanes 0 and 2 are multiplied.
            I64x2ExtMulLowI32x4S => self.extmul_dwords(Vi::Pmuldq, 0x50, d, a, b),
            I64x2ExtMulHighI32x4S => self.extmul_dwords(Vi::Pmuldq, 0xfa, d, a, b),
            I64x2ExtMulLowI32x4U => self.extmul_dwords(Vi::Pmuludq, 0x50, d, a, b),
            I64x2ExtMulHighI32x4U => self.extmul_dwords(Vi::Pmuludq, 0xfa, d, a, b),
            F32x4Add => self.direct(Vi::Addps, 0, d, a, b, false),
            F32x4Sub => self.direct(Vi::Subps, 0, d, a, b, false),
            F32x4Mul => self.direct(Vi::Mulps, 0, d, a, b, false),
            F32x4Div => self.direct(Vi::Divps, 0, d, a, b, false),
            F64x2Add => self.direct(Vi::Addpd, 0, d, a, b, false),
            F64x2Sub => self.direct(Vi::Subpd, 0, d, a, b, false),
            F64x2Mul => self.direct(Vi::Mulpd, 0, d, a, b, false),
            F64x2Div => self.direct(Vi::Divpd, 0, d, a, b, false),
            // The instructions give the second operand unless the first is less, or greater.
            F32x4PMin => self.direct(Vi::Minps, 0, d, b, a, false),
            F32x4PMax => self.direct(Vi::Maxps, 0, d, b, a, false),
            F64x2PMin => self.direct(Vi::Minpd, 0, d, b, a, false),
            F64x2PMax => self.direct(Vi::Maxpd, 0, d, b, a, false),
            F32x4Min | F32x4RelaxedMin => self.vector_min_max([Vi::Minps, Vi::Addps, Vi::Cmpps, Vi::Por], d, a, b),
            F32x4Max | F32x4RelaxedMax => self.vector_min_max([Vi::Maxps, Vi::Addps, Vi::Cmpps, Vi::Pand], d, a, b),
            F64x2Min | F64x2RelaxedMin => self.vector_min_max([Vi::Minpd, Vi::Addpd, Vi::Cmppd, Vi::Por], d, a, b),
            F64x2Max | F64x2RelaxedMax => self.vector_min_max([Vi::Maxpd, Vi::Addpd, Vi::Cmppd, Vi::Pand], d, a, b),
        }
    }

    fn negated(&mut self, op: Vi, d: Value, a: Value, b: Value) {
        let a = self.reg(a);
        let src = self.vector_src(b);
        let (t, d) = (self.vtemp(), self.def(d));
        self.two(op, 0, t, a, src);
        self.not_to(d, t);
    }

    /// Where `a` is the larger or smaller one.
    fn extreme(&mut self, pick: Vi, equal: Vi, d: Value, a: Value, b: Value) {
        let a = self.reg(a);
        let src = self.vector_src(b);
        let (t, d) = (self.vtemp(), self.def(d));
        self.two(pick, 0, t, a, src);
        self.two_regs(equal, 0, d, t, a);
    }

    /// `a < b` of unsigned lanes. `ops`: minimum, maximum, equality.
    fn less(&mut self, bits: u32, ops: [Vi; 3], d: Value, a: Value, b: Value) {
        let [min, max, equal] = ops;
        // a < c is a <= c - 1, and c < b is c + 1 <= b, if those fit.
        let beside = |c: u128, up: bool| {
            let lane = u128::MAX >> (128 - bits);
            (0..128 / bits).try_fold(0, |all, i| {
                let x = c >> (i * bits) & lane;
                let y = if up { (x != lane).then(|| x + 1) } else { x.checked_sub(1) };
                y.map(|y| all | y << (i * bits))
            })
        };
        let known = |v: Value, up: bool| self.f.as_vector(v).and_then(|c| beside(c, up));
        let (v, pick, bound) = match (known(b, false), known(a, true)) {
            (Some(c), _) => (a, min, c),
            (_, Some(c)) => (b, max, c),
            _ => return self.not_extreme(max, equal, d, a, b),
        };
        let (v, d) = (self.reg(v), self.def(d));
        let picked = self.two_const(pick, v, bound);
        self.two_regs(equal, 0, d, picked, v);
    }

    /// Where `a` is not the larger or smaller one.
    fn not_extreme(&mut self, pick: Vi, equal: Vi, d: Value, a: Value, b: Value) {
        let a = self.reg(a);
        let src = self.vector_src(b);
        let (t, d) = (self.vtemp(), self.def(d));
        self.two(pick, 0, t, a, src);
        let same = self.two_of(equal, t, a);
        self.not_to(d, same);
    }

    /// low * low + ((high * low + low * high) << 32)
    fn mul_64(&mut self, d: Value, a: Value, b: Value) {
        let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
        let a_high = self.shift_of(S::Psrlq, 32, a);
        let b_high = self.shift_of(S::Psrlq, 32, b);
        let x = self.two_of(Vi::Pmuludq, a_high, b);
        let y = self.two_of(Vi::Pmuludq, b_high, a);
        let sum = self.two_of(Vi::Paddq, x, y);
        let cross = self.shift_of(S::Psllq, 32, sum);
        let low = self.two_of(Vi::Pmuludq, a, b);
        self.two_regs(Vi::Paddq, 0, d, low, cross);
    }

    /// Products of signed bytes, added in pairs with saturation.
    pub(super) fn dot_bytes(&mut self, d: VReg, a: VReg, b: VReg) {
        let (a_odd, b_odd) = (self.shift_of(S::Psraw, 8, a), self.shift_of(S::Psraw, 8, b));
        let (a_even, b_even) = (self.shift_of(S::Psllw, 8, a), self.shift_of(S::Psllw, 8, b));
        let (a_even, b_even) = (self.shift_of(S::Psraw, 8, a_even), self.shift_of(S::Psraw, 8, b_even));
        let odd = self.two_of(Vi::Pmullw, a_odd, b_odd);
        let even = self.two_of(Vi::Pmullw, a_even, b_even);
        self.two_regs(Vi::Paddsw, 0, d, even, odd);
    }

    fn extmul_bytes(&mut self, extend: Vi, high: bool, d: Value, a: Value, b: Value) {
        let wide = |l: &mut Self, v: Value| {
            if !high {
                let src = l.low_half_src(v);
                let t = l.vtemp();
                l.one(extend, 0, t, src);
                return t;
            }
            let r = l.reg(v);
            if extend == Vi::Pmovzxbw {
                let zero = l.constant(0);
                return l.two_of(Vi::Punpckhbw, r, zero);
            }
            let half = l.one_of(Vi::Pshufd, 0xee, r);
            l.one_of(extend, 0, half)
        };
        let (x, y) = (wide(self, a), wide(self, b));
        let d = self.def(d);
        self.two_regs(Vi::Pmullw, 0, d, x, y);
    }

    fn extmul_words(&mut self, high: Vi, join: Vi, d: Value, a: Value, b: Value) {
        let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
        let low = self.two_of(Vi::Pmullw, a, b);
        let high = self.two_of(high, a, b);
        self.two_regs(join, 0, d, low, high);
    }

    fn extmul_dwords(&mut self, op: Vi, lanes: u8, d: Value, a: Value, b: Value) {
        let (a, b, d) = (self.reg(a), self.reg(b), self.def(d));
        let x = self.one_of(Vi::Pshufd, lanes, a);
        let y = self.one_of(Vi::Pshufd, lanes, b);
        self.two_regs(op, 0, d, x, y);
    }

    fn vector_ternary(&mut self, op: VTernary, d: Value, args: &[Value]) {
        use VTernary::*;
        match op {
            V128Bitselect
            | I8x16RelaxedLaneselect
            | I16x8RelaxedLaneselect
            | I32x4RelaxedLaneselect
            | I64x2RelaxedLaneselect => self.bitselect(d, args[0], args[1], args[2]),
            F32x4RelaxedMadd => self.madd([Vi::Vfmadd231ps, Vi::Mulps, Vi::Addps], d, args),
            F64x2RelaxedMadd => self.madd([Vi::Vfmadd231pd, Vi::Mulpd, Vi::Addpd], d, args),
            F32x4RelaxedNmadd => self.nmadd([Vi::Vfnmadd231ps, Vi::Mulps, Vi::Subps], d, args),
            F64x2RelaxedNmadd => self.nmadd([Vi::Vfnmadd231pd, Vi::Mulpd, Vi::Subpd], d, args),
            I32x4RelaxedDotI8x16I7x16AddS => {
                let (a, b, c) = (self.reg(args[0]), self.reg(args[1]), self.reg(args[2]));
                let (t, d) = (self.vtemp(), self.def(d));
                self.dot_bytes(t, a, b);
                let sums = self.two_const(Vi::Pmaddwd, t, all16(1));
                self.two_regs(Vi::Paddd, 0, d, sums, c);
            }
        }
    }

    /// Bits of `a` where `mask` has ones, of `b` elsewhere.
    fn bitselect(&mut self, d: Value, a: Value, b: Value, mask: Value) {
        let whole_bytes = self.is_mask(mask, 4);
        let (a, b, mask, d) = (self.reg(a), self.reg(b), self.reg(mask), self.def(d));
        if whole_bytes {
            return self.blend_to(d, b, a, mask);
        }
        let chosen = self.two_of(Vi::Pand, a, mask);
        let others = self.two_of(Vi::Pandn, mask, b);
        self.two_regs(Vi::Por, 0, d, chosen, others);
    }

    /// Whether every byte of a value is all ones or all zeros.
    fn is_mask(&self, v: Value, steps: u32) -> bool {
        if let Some(bits) = self.f.as_vector(v) {
            return bits.to_le_bytes().iter().all(|b| matches!(b, 0 | 0xff));
        }
        let (Some(i), Some(left)) = (self.f.def_inst(v), steps.checked_sub(1)) else { return false };
        let all = || self.f.args(i).iter().all(|v| self.is_mask(*v, left));
        match self.f.inst(i).op {
            Op::V(VOp::Binary(VBinary::V128And | VBinary::V128Or | VBinary::V128Xor | VBinary::V128AndNot)) => all(),
            Op::V(VOp::Unary(VUnary::V128Not)) => all(),
            Op::V(VOp::Binary(op)) => op.is_comparison(),
            Op::V(VOp::Shift(op)) => {
                let signs = match op {
                    VShift::I8x16ShrS => 7,
                    VShift::I16x8ShrS => 15,
                    VShift::I32x4ShrS => 31,
                    VShift::I64x2ShrS => 63,
                    _ => return false,
                };
                self.f.as_const(self.f.args(i)[1]).is_some_and(|n| n & signs == signs)
            }
            _ => false,
        }
    }

    // To integers.

    /// Compares with zero the lanes of which none may be zero.
    fn zero_lanes(&mut self, equal: Vi, a: Value) -> VReg {
        let zero = self.constant(0);
        let src = self.vector_src(a);
        let t = self.vtemp();
        self.two(equal, 0, t, zero, src);
        t
    }

    /// The flags for a test that branches or selects at once.
    pub(super) fn vector_condition(&mut self, v: Value) -> Option<(Cmp, When, Operands)> {
        let i = self.foldable(v, |op| matches!(op, Op::V(VOp::Test(t)) if all_or_any(t)))?;
        let Op::V(VOp::Test(op)) = self.f.inst(i).op else { return None };
        Some(self.test_flags(op, self.f.args(i)[0]))
    }

    fn test_flags(&mut self, op: VTest, a: Value) -> (Cmp, When, Operands) {
        let (cc, r) = match op {
            VTest::I8x16AllTrue => (Cc::E, self.zero_lanes(Vi::Pcmpeqb, a)),
            VTest::I16x8AllTrue => (Cc::E, self.zero_lanes(Vi::Pcmpeqw, a)),
            VTest::I32x4AllTrue => (Cc::E, self.zero_lanes(Vi::Pcmpeqd, a)),
            VTest::I64x2AllTrue => (Cc::E, self.zero_lanes(Vi::Pcmpeqq, a)),
            VTest::V128AnyTrue
            | VTest::I8x16Bitmask
            | VTest::I16x8Bitmask
            | VTest::I32x4Bitmask
            | VTest::I64x2Bitmask => (Cc::Ne, self.reg(a)),
        };
        if !self.out.cpu.sse42 {
            return self.zero_flags(r, cc);
        }
        (Cmp::Vector, When::Is(cc), Operands::from([Operand::reg_use(r), Operand::reg_use(r)]))
    }

    fn vector_test(&mut self, op: VTest, d: Value, a: Value) {
        if all_or_any(op) {
            let (cmp, when, operands) = self.test_flags(op, a);
            return self.set(d, cmp, when, operands);
        }
        let (a, d) = (self.reg(a), self.def(d));
        let mask = match op {
            VTest::I32x4Bitmask => Vi::Movmskps,
            VTest::I64x2Bitmask => Vi::Movmskpd,
            _ => Vi::Pmovmskb,
        };
        let from = if op == VTest::I16x8Bitmask {
            // Signs survive the saturation; the upper half is none of the result.
            let zero = self.constant(0);
            self.two_of(Vi::Packsswb, a, zero)
        } else {
            a
        };
        self.emit(MOp::V(MVec::One(mask, 0, Src::Reg)), &[Operand::reg_def(d), Operand::reg_use(from)]);
    }
}

fn all_or_any(op: VTest) -> bool {
    use VTest::*;
    matches!(op, V128AnyTrue | I8x16AllTrue | I16x8AllTrue | I32x4AllTrue | I64x2AllTrue)
}
