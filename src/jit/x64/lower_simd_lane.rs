//! Selection for lanes: into a vector, out of one, and from one to all; loads and stores of lanes join here.
#![forbid(unsafe_code)]

use super::enc::Ext;
use super::enc_simd::Vi;
use super::lower::Lower;
use super::lower_simd::Last;
use super::mach::*;
use crate::jit::alloc::{Class, Operand, VReg};
use crate::jit::ssa::ir::*;
use crate::jit::ssa::vector::*;

/// Whether an operation takes the float that is in the vector's register already.
pub(super) fn is_low_lane(op: VOp, lane: u64) -> bool {
    lane == 0 && matches!(op, VOp::Extract(VExtract::F32x4ExtractLane | VExtract::F64x2ExtractLane))
}

impl Lower<'_> {
    /// A load of one of these widths that can be a part of the instruction at hand.
    fn lane_load(&mut self, v: Value, widths: &[Width]) -> Option<Last> {
        let i = self.foldable(v, |op| matches!(op, Op::Load(w) if widths.contains(&w)))?;
        let Op::Load(width) = self.f.inst(i).op else { return None };
        let (addr, operands) = self.access(i, width);
        Some((Src::Mem(addr), operands))
    }

    /// The widths of loads of which a lane may be a part.
    fn lane_widths(bytes: u64) -> &'static [Width] {
        match bytes {
            1 => &[Width::U8, Width::S8],
            2 => &[Width::U16, Width::S16],
            4 => &[Width::U32],
            _ => &[Width::W64],
        }
    }

    pub(super) fn splat(&mut self, op: VSplat, d: Value, a: Value) {
        match op {
            VSplat::F32x4Splat => {
                if self.vex() {
                    let src = self.float_src(a);
                    let d = self.def(d);
                    return self.one(Vi::Vbroadcastss, 0, d, src);
                }
                let (a, d) = (self.reg(a), self.def(d));
                self.two_regs(Vi::Shufps, 0, d, a, a);
            }
            VSplat::F64x2Splat => {
                // Memory of 8 bytes may be read in place with both encodings.
                let src = self.float_src(a);
                let d = self.def(d);
                self.one(Vi::Movddup, 0, d, src);
            }
            VSplat::I8x16Splat => self.splat_int(Vi::Vpbroadcastb, 1, d, a),
            VSplat::I16x8Splat => self.splat_int(Vi::Vpbroadcastw, 2, d, a),
            VSplat::I32x4Splat => self.splat_int(Vi::Vpbroadcastd, 4, d, a),
            VSplat::I64x2Splat => self.splat_int(Vi::Vpbroadcastq, 8, d, a),
        }
    }

    fn splat_int(&mut self, op: Vi, bytes: u64, d: Value, a: Value) {
        if self.vex()
            && let Some(src) = self.lane_load(a, Self::lane_widths(bytes))
        {
            let d = self.def(d);
            return self.one(op, 0, d, src);
        }
        let a = if bytes == 8 { self.reg(a) } else { self.low(a) };
        let (t, d) = (self.vtemp(), self.def(d));
        self.emit(MOp::ToVector(bytes == 8), &[Operand::reg_def(t), Operand::reg_use(a)]);
        if self.vex() {
            let src = self.in_reg(t);
            return self.one(op, 0, d, src);
        }
        match bytes {
            1 if !self.out.cpu.sse42 => {
                let pair = self.two_of(Vi::Punpcklbw, t, t);
                let low = self.one_of(Vi::Pshuflw, 0, pair);
                self.two_regs(Vi::Punpcklqdq, 0, d, low, low);
            }
            1 => {
                let zero = self.constant(0);
                self.two_regs(Vi::Pshufb, 0, d, t, zero);
            }
            2 => {
                let low = self.one_of(Vi::Pshuflw, 0, t);
                self.two_regs(Vi::Punpcklqdq, 0, d, low, low);
            }
            4 => {
                let src = self.in_reg(t);
                self.one(Vi::Pshufd, 0, d, src);
            }
            _ => self.two_regs(Vi::Punpcklqdq, 0, d, t, t),
        }
    }

    pub(super) fn extract_lane(&mut self, op: VExtract, lane: u8, d: Value, v: Value) {
        use VExtract::*;
        if is_low_lane(VOp::Extract(op), lane as u64) {
            // Whoever wants it takes the vector's register.
            return;
        }
        let (v, d) = (self.reg(v), self.def(d));
        match op {
            I8x16ExtractLaneU => self.extract_to(Vi::Pextrb, lane, d, v),
            I16x8ExtractLaneU => self.extract_to(Vi::Pextrw, lane, d, v),
            I8x16ExtractLaneS | I16x8ExtractLaneS => {
                let (op, ext) = match op {
                    I8x16ExtractLaneS => (Vi::Pextrb, Ext::Sx8To32),
                    _ => (Vi::Pextrw, Ext::Sx16To32),
                };
                let t = self.temp(Class::Int);
                self.extract_to(op, lane, t, v);
                self.emit(MOp::Ext(ext, Src::Reg), &[Operand::reg_def(d), Operand::reg_use(t)]);
            }
            I32x4ExtractLane | I64x2ExtractLane if lane == 0 => {
                let wide = op == I64x2ExtractLane;
                self.emit(MOp::FromVector(wide), &[Operand::reg_def(d), Operand::reg_use(v)]);
            }
            I32x4ExtractLane => self.extract_to(Vi::Pextrd, lane, d, v),
            I64x2ExtractLane => self.extract_to(Vi::Pextrq, lane, d, v),
            F32x4ExtractLane => {
                let src = self.in_reg(v);
                self.one(Vi::Pshufd, lane, d, src);
            }
            F64x2ExtractLane => {
                let src = self.in_reg(v);
                self.one(Vi::Pshufd, 0xee, d, src);
            }
        }
    }

    fn extract_to(&mut self, op: Vi, lane: u8, d: VReg, v: VReg) {
        if !op.is_of(self.out.cpu) {
            return self.extract_by_sse2(op, lane, d, v);
        }
        self.emit(MOp::V(MVec::Extract(op, lane)), &[Operand::reg_def(d), Operand::reg_use(v)]);
    }

    pub(super) fn replace_lane(&mut self, op: VReplace, lane: u8, d: Value, v: Value, a: Value) {
        use VReplace::*;
        let (op, bytes) = match op {
            I8x16ReplaceLane => (Vi::Pinsrb, 1),
            I16x8ReplaceLane => (Vi::Pinsrw, 2),
            I32x4ReplaceLane => (Vi::Pinsrd, 4),
            I64x2ReplaceLane => (Vi::Pinsrq, 8),
            F32x4ReplaceLane => {
                let v = self.reg(v);
                let src = self.float_src(a);
                let d = self.def(d);
                return self.two(Vi::Insertps, lane << 4, d, v, src);
            }
            F64x2ReplaceLane => {
                // The lowest lane from a register only: a load would clear the other.
                let (v, a, d) = (self.reg(v), self.reg(a), self.def(d));
                let operands = [
                    if self.vex() { Operand::reg_def(d) } else { Operand::reg_reuse_def(d, 1) },
                    Operand::reg_use(v),
                    Operand::reg_use(a),
                ];
                let op = if lane == 0 { Vi::Movsd } else { Vi::Movlhps };
                return self.emit(MOp::V(MVec::Two(op, 0, Src::Reg)), &operands);
            }
        };
        let v = self.reg(v);
        let src = match self.lane_load(a, Self::lane_widths(bytes)) {
            Some(src) => src,
            None => {
                let a = if bytes == 8 { self.reg(a) } else { self.low(a) };
                (Src::Reg, Operands::from([Operand::any_use(a)]))
            }
        };
        let d = self.def(d);
        self.two(op, lane, d, v, src);
    }

    /// Stores a lane that was taken out for nothing else. False if the value is none.
    pub(super) fn store_lane(&mut self, width: Width, args: &[Value], offset: u64) -> bool {
        use VExtract::*;
        let Some(i) = self.foldable(args[2], |op| matches!(op, Op::V(VOp::Extract(_)))) else { return false };
        let Op::V(VOp::Extract(op)) = self.f.inst(i).op else { return false };
        let lane = self.f.inst(i).imm as u8;
        let store = match (op, width.bytes()) {
            (I8x16ExtractLaneS | I8x16ExtractLaneU, 1) => MVecStore::Lane(Vi::Pextrb),
            (I16x8ExtractLaneS | I16x8ExtractLaneU, 2) => MVecStore::Lane(Vi::Pextrw),
            (I32x4ExtractLane | F32x4ExtractLane, 4) if lane == 0 => MVecStore::Low(4),
            (I64x2ExtractLane | F64x2ExtractLane, 8) if lane == 0 => MVecStore::Low(8),
            (I32x4ExtractLane, 4) => MVecStore::Lane(Vi::Pextrd),
            (F32x4ExtractLane, 4) => MVecStore::Lane(Vi::Extractps),
            (I64x2ExtractLane | F64x2ExtractLane, 8) => MVecStore::Lane(Vi::Pextrq),
            _ => return false,
        };
        let vector = self.f.args(i)[0];
        let (addr, operands) = self.address(args[0], args[1], offset);
        let vector = self.reg(vector);
        if let MVecStore::Lane(op) = store
            && !op.is_of(self.out.cpu)
        {
            self.store_lane_by_sse2(op, lane, vector, addr, &operands);
            return true;
        }
        let mut all = Operands::from([Operand::reg_use(vector)]);
        all.extend(&operands);
        let op = match store {
            MVecStore::Lane(op) => MOp::V(MVec::StoreLane(op, lane, addr)),
            MVecStore::Low(bytes) => MOp::FloatStore(bytes, addr),
        };
        self.emit(op, &all);
        true
    }
}

/// How a lane is stored.
enum MVecStore {
    Lane(Vi),
    /// The lowest, as a scalar.
    Low(u64),
}
