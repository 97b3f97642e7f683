//! Canonical NaNs: behind every operator whose result may be a NaN that the spec leaves open (spec, "NaN Propagation"), an
//! instruction that makes it the canonical one, positive and with no more than the top bit of its fraction. Emitted only for
//! engines that are to be deterministic. Operators on the bits alone (`neg`, `abs`, `copysign`, `pmin`, loads) are left
//! as they are: theirs are determined already, as are the relaxed vector operators but for NaNs.

use super::emit::{Acc, abcd};
use super::{Translator, Ty};
use crate::code::op::Op;
use crate::module::ops::Operator;

/// What makes the result of an operator canonical, if it may need that.
fn canon(op: &Operator<'_>) -> Option<(Op, Ty)> {
    use Operator::*;
    Some(match op {
        F32Add | F32Sub | F32Mul | F32Div | F32Min | F32Max | F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Sqrt
        | F32DemoteF64 => (Op::f32_canon, Ty::F32),
        F64Add | F64Sub | F64Mul | F64Div | F64Min | F64Max | F64Ceil | F64Floor | F64Trunc | F64Nearest | F64Sqrt
        | F64PromoteF32 => (Op::f64_canon, Ty::F64),
        F32x4Add | F32x4Sub | F32x4Mul | F32x4Div | F32x4Min | F32x4Max | F32x4Ceil | F32x4Floor | F32x4Trunc
        | F32x4Nearest | F32x4Sqrt | F32x4DemoteF64x2Zero | F32x4RelaxedMadd | F32x4RelaxedNmadd | F32x4RelaxedMin
        | F32x4RelaxedMax => (Op::f32x4_canon, Ty::V128),
        F64x2Add | F64x2Sub | F64x2Mul | F64x2Div | F64x2Min | F64x2Max | F64x2Ceil | F64x2Floor | F64x2Trunc
        | F64x2Nearest | F64x2Sqrt | F64x2PromoteLowF32x4 | F64x2RelaxedMadd | F64x2RelaxedNmadd | F64x2RelaxedMin
        | F64x2RelaxedMax => (Op::f64x2_canon, Ty::V128),
        _ => return None,
    })
}

/// Floats that may be NaNs which the spec leaves open.
#[cfg(jit)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nans {
    F32,
    F64,
    F32x4,
    F64x2,
}

/// What an operator's result is to be made canonical as.
#[cfg(jit)]
pub fn nans(op: &Operator<'_>) -> Option<Nans> {
    match canon(op)?.0 {
        Op::f32_canon => Some(Nans::F32),
        Op::f64_canon => Some(Nans::F64),
        Op::f32x4_canon => Some(Nans::F32x4),
        _ => Some(Nans::F64x2),
    }
}

/// Whether an operator is followed by an instruction of this kind.
pub(super) fn wanted(op: &Operator<'_>) -> bool {
    canon(op).is_some()
}

impl Translator<'_> {
    /// Makes the result of an operator just translated canonical.
    pub(super) fn canonicalise(&mut self, op: &Operator<'_>) {
        let Some((op, ty)) = canon(op) else { return };
        let o = self.pop();
        let from = self.near(&o);
        let acc = if ty == Ty::V128 { Acc::Keep } else { Acc::Float };
        self.emit_result(ty, acc, op, &[abcd(0, from, 0, 0)]);
    }
}
