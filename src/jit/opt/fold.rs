//! Simplification and constant folding.
//!
//! One walk in reverse postorder: an instruction of constants becomes its result, computed by the functions of `sem`;
//! one that would trap is left alone. Identities are applied, constants go to the right of commutative operations, sums of
//! constants are joined, comparisons of comparisons undone, and multiplications and divisions by constants become shifts
//! or multiplications (Granlund and Montgomery, "Division by Invariant Integers using Multiplication"). What [`idiom`] recognizes
//! becomes one operation.
#![forbid(unsafe_code)]

use super::idiom::{self, Factor};
use super::range;
use crate::jit::ssa::dom::Dominators;
use crate::jit::ssa::ir::*;
use crate::module::Module;
use crate::sem::int::*;

pub fn run(f: &mut Func, module: &Module) {
    let minimum = module.memories.first().map_or(0, |m| m.minimum.saturating_mul(1 << m.page_log2));
    let mut out = Vec::new();
    let dom = Dominators::take(f);
    let mut decided = false;
    for &b in &dom.order {
        let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut fold = Fold { f, out, offset: 0, minimum, products: Vec::new() };
        for i in insts.drain(..) {
            fold.offset = fold.f.inst(i).offset;
            fold.f.resolve_args(i);
            fold.inst(i);
        }
        out = fold.out;
        insts.append(&mut out);
        f.blocks[b.index()].insts = insts;
        let mut term = std::mem::replace(&mut f.blocks[b.index()].term, Term::None);
        term.visit_values_mut(|v| *v = f.resolve(*v));
        term = match term {
            Term::Branch(v, then, els) => match f.as_const(v) {
                Some(c) => {
                    decided = true;
                    Term::Jump(if c as u32 != 0 { then } else { els })
                }
                None => match condition(f, v) {
                    (v, false) => Term::Branch(v, then, els),
                    (v, true) => Term::Branch(v, els, then),
                },
            },
            Term::Table(v, mut targets) => match f.as_const(v) {
                Some(c) => {
                    decided = true;
                    Term::Jump(targets.swap_remove((c as u32 as usize).min(targets.len() - 1)))
                }
                None => Term::Table(v, targets),
            },
            other => other,
        };
        f.blocks[b.index()].term = term;
    }
    f.resolve_all();
    if !decided {
        dom.give_back(f);
    }
}

/// What a condition asks when comparisons with zero around it are taken away: a value, and whether that is to be zero.
fn condition(f: &Func, mut v: Value) -> (Value, bool) {
    let mut zero = false;
    while let Some(i) = f.def_inst(v)
        && let Op::Cmp(cond @ (Cond::Eq | Cond::Ne)) = f.inst(i).op
        && f.as_const(f.args(i)[1]) == Some(0)
        && f.ty(f.args(i)[0]) == Type::I32
    {
        v = f.resolve(f.args(i)[0]);
        zero ^= cond == Cond::Eq;
    }
    (v, zero)
}

struct Fold<'a> {
    f: &'a mut Func,
    out: Vec<Inst>,
    offset: u32,
    /// Bytes that memory 0 has at least.
    minimum: u64,
    /// Products of 128 bits that the block has: the factors, and the lower half.
    products: Vec<([Factor; 2], Value)>,
}

impl Fold<'_> {
    #[inline(never)]
    fn new(&mut self, op: Op, ty: Type, args: &[Value], imm: u64) -> Value {
        let i = self.f.new_inst(op, ty, args, imm, self.offset, &[ty]);
        let kept = self.inst(i);
        self.f.resolve(kept)
    }

    #[inline(never)]
    fn constant(&mut self, ty: Type, bits: u64) -> Value {
        let bits = if ty.is_wide() { bits } else { bits as u32 as u64 };
        let i = self.f.new_inst(Op::Const, ty, &[], bits, self.offset, &[ty]);
        self.out.push(i);
        self.f.inst(i).first
    }

    /// Simplifies an instruction and appends what is left of it. Gives its result.
    fn inst(&mut self, i: Inst) -> Value {
        let data = *self.f.inst(i);
        let result = data.first;
        if data.results != 1 {
            self.out.push(i);
            return result;
        }
        if let Some(v) = self.simpler(i, &data) {
            self.f.replace(result, v);
            return v;
        }
        self.out.push(i);
        result
    }

    /// Another value that equals the result, if one is known.
    fn simpler(&mut self, i: Inst, data: &InstData) -> Option<Value> {
        let ty = data.ty;
        let mut args = [Value(0); 3];
        let given = self.f.args(i);
        if given.len() > 3 || data.op.is_call() {
            return None;
        }
        args[..given.len()].copy_from_slice(given);
        let [mut a, mut b, c] = args;
        if data.op.is_commutative() && self.f.as_const(a).is_some() && self.f.as_const(b).is_none() {
            (a, b) = (b, a);
            self.f.change(i, data.op, &[a, b], data.imm);
        }
        let known = |v: Value| self.f.as_const(v);
        if self.f.args(i).iter().all(|v| known(*v).is_some())
            && let Some(bits) = fold(data.op, self.f.args(i).first().map(|v| self.f.ty(*v)), ty, known(a), known(b))
        {
            return Some(self.constant(ty, bits));
        }
        match data.op {
            Op::Select => {
                if a == b {
                    return Some(a);
                }
                if let Some(bits) = known(c) {
                    return Some(if bits as u32 != 0 { a } else { b });
                }
                let (slim, zero) = condition(self.f, c);
                if slim != c {
                    self.f.change(i, Op::Select, &if zero { [b, a, slim] } else { [a, b, slim] }, 0);
                }
                None
            }
            Op::Wrap => match self.f.made_by(a) {
                Some((Op::Zext | Op::Sext, x, _)) => Some(x),
                _ => None,
            },
            Op::Cmp(cond) => self.compare(i, cond, a, b),
            Op::Check => {
                let (end, _) = check_parts(data.imm);
                // Inside whatever the address is.
                let most = range::most(self.f, a);
                if most.saturating_add(end) > self.minimum {
                    return None;
                }
                Some(match known(a) {
                    Some(bits) => self.constant(Type::I64, bits as u32 as u64),
                    None => self.new(Op::Zext, Type::I64, &[a], 0),
                })
            }
            Op::And => {
                let bits = known(b)?;
                let all = if ty.is_wide() { u64::MAX } else { u32::MAX as u64 };
                // A mask that keeps every bit that can be set.
                let most = range::most(self.f, a);
                let reach = if most == 0 { 0 } else { u64::MAX >> most.leading_zeros() };
                if bits & reach == reach && reach <= all {
                    return Some(a);
                }
                if bits == 0 {
                    return Some(b);
                }
                if let Some((Op::And, x, y)) = self.f.made_by(a)
                    && let Some(other) = self.f.as_const(y)
                {
                    let mask = self.constant(ty, bits & other);
                    return Some(self.new(Op::And, ty, &[x, mask], 0));
                }
                None
            }
            Op::Add | Op::Sub | Op::Or | Op::Xor | Op::Shl | Op::ShrS | Op::ShrU | Op::Rotl | Op::Rotr => {
                self.with_constant(data.op, ty, a, b).or_else(|| self.written_out(data, a, b))
            }
            Op::Mul => self.multiply(ty, a, b),
            Op::DivU | Op::RemU | Op::DivS | Op::RemS => self.divide(data.op, ty, a, b),
            _ => None,
        }
    }

    fn compare(&mut self, i: Inst, cond: Cond, a: Value, b: Value) -> Option<Value> {
        if self.f.as_const(b)? != 0 || !matches!(cond, Cond::Eq | Cond::Ne) || self.f.ty(a) != Type::I32 {
            return None;
        }
        let inner = self.f.def_inst(a)?;
        match self.f.inst(inner).op {
            // A comparison is 0 or 1 already.
            Op::Cmp(_) | Op::FCmp(_) if cond == Cond::Ne => Some(a),
            Op::Cmp(other) => {
                let args = [self.f.args(inner)[0], self.f.args(inner)[1]];
                self.f.change(i, Op::Cmp(other.negate()), &args, 0);
                None
            }
            Op::FCmp(FCond::Eq | FCond::Ne) => {
                let args = [self.f.args(inner)[0], self.f.args(inner)[1]];
                let op = if self.f.inst(inner).op == Op::FCmp(FCond::Eq) { FCond::Ne } else { FCond::Eq };
                self.f.change(i, Op::FCmp(op), &args, 0);
                None
            }
            _ => None,
        }
    }

    /// Neutral elements and sums of constants.
    fn with_constant(&mut self, op: Op, ty: Type, a: Value, b: Value) -> Option<Value> {
        if a == b && matches!(op, Op::Sub | Op::Xor) {
            return Some(self.constant(ty, 0));
        }
        let bits = self.f.as_const(b)?;
        let width = if ty.is_wide() { 64 } else { 32 };
        match op {
            Op::Shl | Op::ShrS | Op::ShrU | Op::Rotl | Op::Rotr => (bits % width == 0).then_some(a),
            _ if bits == 0 => Some(a),
            Op::Sub => {
                let minus = self.constant(ty, bits.wrapping_neg());
                Some(self.new(Op::Add, ty, &[a, minus], 0))
            }
            Op::Add => {
                let (Op::Add, x, y) = self.f.made_by(a)? else { return None };
                let sum = self.f.as_const(y)?.wrapping_add(bits);
                let sum = self.constant(ty, sum);
                Some(self.new(Op::Add, ty, &[x, sum], 0))
            }
            _ => None,
        }
    }

    /// What a sum or a disjunction is if it is a known way to write something else.
    fn written_out(&mut self, data: &InstData, a: Value, b: Value) -> Option<Value> {
        let ty = data.ty;
        if data.op == Op::Or
            && let Some(v) = idiom::reversed(self.f, data.first)
        {
            return Some(self.new(Op::Bswap, ty, &[v], 0));
        }
        if ty != Type::I64 || !matches!(data.op, Op::Add | Op::Or) {
            return None;
        }
        if let Some(factors) = idiom::lower(self.f, a, b) {
            return Some(self.product(factors));
        }
        if data.op == Op::Or {
            return None;
        }
        let idiom::Upper { factors, others } = idiom::upper(self.f, a, b)?;
        let upper = Value(self.product(factors).0 + 1);
        Some(others.iter().fold(upper, |sum, v| self.new(Op::Add, ty, &[sum, *v], 0)))
    }

    /// The lower half of a product of 128 bits; the upper half is the next value.
    fn product(&mut self, factors: [Factor; 2]) -> Value {
        let [a, b] = factors;
        let known = self.products.iter().find(|(of, _)| *of == [a, b] || *of == [b, a]);
        if let Some((_, lower)) = known {
            return *lower;
        }
        let values = factors.map(|factor| match factor {
            Factor::Value(v) => v,
            Factor::Const(bits) => self.constant(Type::I64, bits),
        });
        let i = self.f.new_inst(Op::MulWideU, Type::I64, &values, 0, self.offset, &[Type::I64; 2]);
        self.out.push(i);
        let lower = self.f.inst(i).first;
        self.products.push((factors, lower));
        lower
    }

    fn multiply(&mut self, ty: Type, a: Value, b: Value) -> Option<Value> {
        if let Some((_, lower)) = self.products.iter().find(|(of, _)| idiom::are(self.f, *of, [a, b])) {
            return Some(*lower);
        }
        let bits = self.f.as_const(b)?;
        match bits {
            0 => Some(b),
            1 => Some(a),
            _ if bits.is_power_of_two() => {
                let by = self.constant(ty, bits.trailing_zeros() as u64);
                Some(self.new(Op::Shl, ty, &[a, by], 0))
            }
            _ => None,
        }
    }

    fn divide(&mut self, op: Op, ty: Type, a: Value, b: Value) -> Option<Value> {
        let d = self.f.as_const(b)?;
        let signed = matches!(op, Op::DivS | Op::RemS);
        let magnitude = match (signed, ty) {
            (false, _) => d,
            (true, Type::I32) => (d as i32).unsigned_abs() as u64,
            (true, _) => (d as i64).unsigned_abs(),
        };
        let negative = signed && if ty == Type::I32 { (d as i32) < 0 } else { (d as i64) < 0 };
        if magnitude < 2 || (negative && magnitude.is_power_of_two()) {
            return match (op, magnitude, negative) {
                (Op::DivU | Op::DivS, 1, false) => Some(a),
                (Op::RemU | Op::RemS, 1, _) => Some(self.constant(ty, 0)),
                _ => None,
            };
        }
        let quotient = match (ty, signed) {
            _ if !signed && d.is_power_of_two() => {
                if op == Op::RemU {
                    let mask = self.constant(ty, d - 1);
                    return Some(self.new(Op::And, ty, &[a, mask], 0));
                }
                let by = self.constant(ty, d.trailing_zeros() as u64);
                self.new(Op::ShrU, ty, &[a, by], 0)
            }
            _ if signed && magnitude.is_power_of_two() => self.signed_power(ty, a, magnitude.trailing_zeros() as u64),
            (Type::I32, false) => self.unsigned_32(a, d),
            (Type::I32, true) => self.signed_32(a, magnitude, negative),
            (_, false) => self.unsigned_64(a, d),
            (_, true) => self.signed_64(a, magnitude, negative),
        };
        if matches!(op, Op::DivU | Op::DivS) {
            return Some(quotient);
        }
        let product = self.new(Op::Mul, ty, &[quotient, b], 0);
        Some(self.new(Op::Sub, ty, &[a, product], 0))
    }

    /// Division by two to the power of `k`, rounding to zero.
    fn signed_power(&mut self, ty: Type, a: Value, k: u64) -> Value {
        let width = if ty.is_wide() { 64 } else { 32 };
        let (last, rest, by) = (self.constant(ty, width - 1), self.constant(ty, width - k), self.constant(ty, k));
        let sign = self.new(Op::ShrS, ty, &[a, last], 0);
        let bias = self.new(Op::ShrU, ty, &[sign, rest], 0);
        let sum = self.new(Op::Add, ty, &[a, bias], 0);
        self.new(Op::ShrS, ty, &[sum, by], 0)
    }

    /// By a multiplication of 64 bits: exact, because the rounding of the reciprocal is below two to the power of -32.
    fn unsigned_32(&mut self, a: Value, d: u64) -> Value {
        let wide = self.new(Op::Zext, Type::I64, &[a], 0);
        let shift = 31 + (64 - (d - 1).leading_zeros() as u64);
        let m = (1u128 << shift).div_ceil(d as u128) as u64;
        // The usual reciprocal has 33 bits, and then only half as good a one fits; it does when its error is small.
        let error = m as u128 * d as u128 - (1u128 << shift);
        let product = if error << 32 <= 1u128 << shift && m <= u32::MAX as u64 {
            let (m, shift) = (self.constant(Type::I64, m), self.constant(Type::I64, shift));
            let product = self.new(Op::Mul, Type::I64, &[wide, m], 0);
            self.new(Op::ShrU, Type::I64, &[product, shift], 0)
        } else {
            let m = self.constant(Type::I64, (1u128 << 64).div_ceil(d as u128) as u64);
            self.new(Op::MulHiU, Type::I64, &[wide, m], 0)
        };
        self.new(Op::Wrap, Type::I32, &[product], 0)
    }

    fn signed_32(&mut self, a: Value, d: u64, negative: bool) -> Value {
        // l = ceil(log2 d); the reciprocal is below two to the power of 32.
        let l = 64 - (d - 1).leading_zeros() as u64;
        let m = (1u64 << (31 + l)) / d + 1;
        let wide = self.new(Op::Sext, Type::I64, &[a], 0);
        let (m, shift, last) =
            (self.constant(Type::I64, m), self.constant(Type::I64, 31 + l), self.constant(Type::I64, 63));
        let product = self.new(Op::Mul, Type::I64, &[wide, m], 0);
        let high = self.new(Op::ShrS, Type::I64, &[product, shift], 0);
        let sign = self.new(Op::ShrS, Type::I64, &[wide, last], 0);
        let args = if negative { [sign, high] } else { [high, sign] };
        let quotient = self.new(Op::Sub, Type::I64, &args, 0);
        self.new(Op::Wrap, Type::I32, &[quotient], 0)
    }

    fn unsigned_64(&mut self, a: Value, d: u64) -> Value {
        let l = 64 - (d - 1).leading_zeros() as u64;
        let m = (((1u128 << l) - d as u128) << 64) / d as u128 + 1;
        let (m, one, rest) =
            (self.constant(Type::I64, m as u64), self.constant(Type::I64, 1), self.constant(Type::I64, l - 1));
        let high = self.new(Op::MulHiU, Type::I64, &[a, m], 0);
        let left = self.new(Op::Sub, Type::I64, &[a, high], 0);
        let half = self.new(Op::ShrU, Type::I64, &[left, one], 0);
        let sum = self.new(Op::Add, Type::I64, &[half, high], 0);
        self.new(Op::ShrU, Type::I64, &[sum, rest], 0)
    }

    fn signed_64(&mut self, a: Value, d: u64, negative: bool) -> Value {
        let l = 64 - (d - 1).leading_zeros() as u64;
        let m = (1u128 << (63 + l)) / d as u128 + 1;
        // As a signed number it is less by two to the power of 64, which is added back as `a`.
        let (m, rest, last) =
            (self.constant(Type::I64, m as u64), self.constant(Type::I64, l - 1), self.constant(Type::I64, 63));
        let high = self.new(Op::MulHiS, Type::I64, &[a, m], 0);
        let sum = self.new(Op::Add, Type::I64, &[high, a], 0);
        let shifted = self.new(Op::ShrS, Type::I64, &[sum, rest], 0);
        let sign = self.new(Op::ShrS, Type::I64, &[a, last], 0);
        let args = if negative { [sign, shifted] } else { [shifted, sign] };
        self.new(Op::Sub, Type::I64, &args, 0)
    }
}

/// The result of an operation on constants. `of` is the type of the first argument.
fn fold(op: Op, of: Option<Type>, ty: Type, a: Option<u64>, b: Option<u64>) -> Option<u64> {
    macro_rules! both {
        ($narrow:ident $wide:ident) => {{
            let (a, b) = (a?, b?);
            Some(if of? == Type::I32 { $narrow(a as u32, b as u32) as u64 } else { $wide(a, b) as u64 })
        }};
        (? $narrow:ident $wide:ident) => {{
            let (a, b) = (a?, b?);
            if of? == Type::I32 { $narrow(a as u32, b as u32).ok().map(|v| v as u64) } else { $wide(a, b).ok() }
        }};
    }
    macro_rules! one {
        ($narrow:ident $wide:ident) => {{
            let a = a?;
            Some(if of? == Type::I32 { $narrow(a as u32) as u64 } else { $wide(a) as u64 })
        }};
    }
    match op {
        Op::Add => both!(i32_add i64_add),
        Op::Sub => both!(i32_sub i64_sub),
        Op::Mul => both!(i32_mul i64_mul),
        Op::And => both!(i32_and i64_and),
        Op::Or => both!(i32_or i64_or),
        Op::Xor => both!(i32_xor i64_xor),
        Op::Shl => both!(i32_shl i64_shl),
        Op::ShrS => both!(i32_shr_s i64_shr_s),
        Op::ShrU => both!(i32_shr_u i64_shr_u),
        Op::Rotl => both!(i32_rotl i64_rotl),
        Op::Rotr => both!(i32_rotr i64_rotr),
        Op::DivS => both!(? i32_div_s i64_div_s),
        Op::DivU => both!(? i32_div_u i64_div_u),
        Op::RemS => both!(? i32_rem_s i64_rem_s),
        Op::RemU => both!(? i32_rem_u i64_rem_u),
        Op::Clz => one!(i32_clz i64_clz),
        Op::Ctz => one!(i32_ctz i64_ctz),
        Op::Popcnt => one!(i32_popcnt i64_popcnt),
        Op::Bswap => a.map(|a| if ty == Type::I64 { a.swap_bytes() } else { (a as u32).swap_bytes() as u64 }),
        Op::Extend8 => one!(i32_extend8_s i64_extend8_s),
        Op::Extend16 => one!(i32_extend16_s i64_extend16_s),
        Op::Extend32 => a.map(i64_extend32_s),
        Op::Sext => a.map(|a| a as i32 as i64 as u64),
        Op::Zext | Op::Wrap => a.map(|a| a as u32 as u64),
        Op::Cmp(cond) => match cond {
            Cond::Eq => both!(i32_eq i64_eq),
            Cond::Ne => both!(i32_ne i64_ne),
            Cond::LtS => both!(i32_lt_s i64_lt_s),
            Cond::LtU => both!(i32_lt_u i64_lt_u),
            Cond::GtS => both!(i32_gt_s i64_gt_s),
            Cond::GtU => both!(i32_gt_u i64_gt_u),
            Cond::LeS => both!(i32_le_s i64_le_s),
            Cond::LeU => both!(i32_le_u i64_le_u),
            Cond::GeS => both!(i32_ge_s i64_ge_s),
            Cond::GeU => both!(i32_ge_u i64_ge_u),
        },
        Op::Bitcast if of?.is_wide() == ty.is_wide() => a,
        _ => None,
    }
}
