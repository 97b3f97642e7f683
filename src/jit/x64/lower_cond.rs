//! Selection for conditions: what sets the flags, and which of them are read.
#![forbid(unsafe_code)]

use super::enc::Cc;
use super::lower::Lower;
use super::mach::*;
use crate::jit::alloc::Operand;
use crate::jit::ssa::ir::*;

impl Lower<'_> {
    /// The flags for "`v` is not zero".
    pub(super) fn condition(&mut self, v: Value) -> (Cmp, When, Operands) {
        let compare = self.foldable(v, |op| matches!(op, Op::Cmp(_) | Op::FCmp(_)));
        if let Some(test) = self.vector_condition(v) {
            return test;
        }
        match compare.map(|i| (self.f.inst(i).op, self.f.args(i)[0], self.f.args(i)[1])) {
            Some((Op::Cmp(cond), a, b)) => self.compare(cond, a, b),
            Some((Op::FCmp(cond), a, b)) => self.float_compare(cond, a, b),
            _ => self.compare_zero(Cond::Ne, v),
        }
    }

    pub(super) fn compare(&mut self, mut cond: Cond, mut a: Value, mut b: Value) -> (Cmp, When, Operands) {
        let is_load = |l: &Self, v: Value| {
            let width = if l.f.ty(v).is_wide() { Width::W64 } else { Width::U32 };
            l.foldable(v, |op| op == Op::Load(width)).is_some()
        };
        if self.const_i32(b).is_none() && (self.const_i32(a).is_some() || is_load(self, a)) {
            (a, b, cond) = (b, a, cond.swap());
        }
        let wide = self.f.ty(a).is_wide();
        let when = When::Is(cc(cond));
        if self.f.as_const(b) == Some(0) && matches!(cond, Cond::Eq | Cond::Ne | Cond::LtS | Cond::GeS) {
            return self.compare_zero(cond, a);
        }
        let r = if wide { self.reg(a) } else { self.low(a) };
        let (src, more) = self.src(b);
        let mut operands = Operands::from([Operand::reg_use(r)]);
        operands.extend(&more);
        (Cmp::Int { wide, src }, when, operands)
    }

    /// With a condition of which only the sign and whether it is zero matter.
    fn compare_zero(&mut self, cond: Cond, a: Value) -> (Cmp, When, Operands) {
        let (wide, when) = (self.f.ty(a).is_wide(), When::Is(cc(cond)));
        // `test` leaves the carry and overflow flags clear, as a comparison with zero does.
        if let Some(i) = self.foldable(a, |op| op == Op::And) {
            let (mut x, mut y) = (self.f.args(i)[0], self.f.args(i)[1]);
            if self.const_i32(x).is_some() {
                (x, y) = (y, x);
            }
            let first = if wide { self.reg(x) } else { self.low(x) };
            return match self.const_i32(y) {
                Some(imm) => (Cmp::Test { wide, src: Src::Imm(imm) }, when, Operands::from([Operand::reg_use(first)])),
                None => {
                    let second = if wide { self.reg(y) } else { self.low(y) };
                    let operands = Operands::from([Operand::reg_use(first), Operand::reg_use(second)]);
                    (Cmp::Test { wide, src: Src::Reg }, when, operands)
                }
            };
        }
        let r = if wide { self.reg(a) } else { self.low(a) };
        (Cmp::Test { wide, src: Src::Reg }, when, Operands::from([Operand::reg_use(r), Operand::reg_use(r)]))
    }

    pub(super) fn float_compare(&mut self, cond: FCond, a: Value, b: Value) -> (Cmp, When, Operands) {
        // An unordered pair sets the carry flag, so "less" is "greater" with the operands exchanged.
        let (a, b, when) = match cond {
            // Only what is no number differs from itself.
            FCond::Eq if a == b => (a, b, When::Is(Cc::Np)),
            FCond::Ne if a == b => (a, b, When::Is(Cc::P)),
            FCond::Eq => (a, b, When::FloatEq),
            FCond::Ne => (a, b, When::FloatNe),
            FCond::Lt => (b, a, When::Is(Cc::A)),
            FCond::Gt => (a, b, When::Is(Cc::A)),
            FCond::Le => (b, a, When::Is(Cc::Ae)),
            FCond::Ge => (a, b, When::Is(Cc::Ae)),
        };
        let double = self.f.ty(a) == Type::F64;
        let mut operands = Operands::from([Operand::reg_use(self.reg(a))]);
        let (src, more) = self.float_src(b);
        operands.extend(&more);
        (Cmp::Float { double, src }, when, operands)
    }
}

/// The flags of a comparison.
pub(super) fn cc(cond: Cond) -> Cc {
    match cond {
        Cond::Eq => Cc::E,
        Cond::Ne => Cc::Ne,
        Cond::LtS => Cc::L,
        Cond::LtU => Cc::B,
        Cond::GtS => Cc::G,
        Cond::GtU => Cc::A,
        Cond::LeS => Cc::Le,
        Cond::LeU => Cc::Be,
        Cond::GeS => Cc::Ge,
        Cond::GeU => Cc::Ae,
    }
}
