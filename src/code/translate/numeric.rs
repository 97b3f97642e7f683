//! Numeric operators: choosing the form by where the operands are.

use super::emit::{Acc, abcd, abi};
use super::forms::{FloatCmp, IntBinary, IntCmp, IntDiv, Minus, Unary, of};
use super::{Last, NONE, Operand, Place, Translator, Ty};
use crate::code::op::Op;

/// A comparison that the last instruction computes, for a branch or a negation to absorb.
#[derive(Clone, Copy)]
pub(super) enum Comparison {
    Int(&'static IntCmp, IntOperands),
    /// The flag says that the truth is negated.
    Float(&'static FloatCmp, FloatOperands, bool),
}

/// Operands of an integer comparison, in the order and form of the instruction.
#[derive(Clone, Copy)]
pub(super) enum IntOperands {
    Ss(u32, u32),
    Si(u32, i32),
    As(u32),
    Ai(i32),
}

/// Operands of a 32-bit addition, for an access at the sum to absorb.
#[derive(Clone, Copy)]
pub(super) enum Sum {
    Ss(u32, u32),
    As(u32),
    Si(u32, i32),
    Ai(i32),
}

#[derive(Clone, Copy)]
pub(super) enum FloatOperands {
    Ss(u32, u32),
    As(u32),
}

/// A constant operand as a sign-extended 32-bit immediate of its type.
fn immediate(o: &Operand) -> Option<i32> {
    let Place::Const(bits) = o.place else { return None };
    match o.ty {
        Ty::I32 => Some(bits as i32),
        _ => i32::try_from(bits as i64).ok(),
    }
}

impl Translator<'_> {
    pub(super) fn int_binary(&mut self, ty: Ty, f: &IntBinary) {
        let (mut b, mut a) = (self.pop(), self.pop());
        if f.commutes && (matches!(a.place, Place::Const(_)) || (self.in_ia(&b) && immediate(&b).is_none())) {
            std::mem::swap(&mut a, &mut b);
        }
        self.binary_with(ty, f, a, b, immediate(&b));
    }

    fn binary_with(&mut self, ty: Ty, f: &IntBinary, a: Operand, b: Operand, imm: Option<i32>) {
        let in_acc = self.in_ia(&a);
        let sum;
        let (op, word) = match (in_acc, imm) {
            (true, Some(i)) => {
                sum = Sum::Ai(i);
                (f.ai, abi(0, 0, i as u32))
            }
            (false, Some(i)) => {
                let a = self.near(&a);
                sum = Sum::Si(a, i);
                (f.si, abi(0, a, i as u32))
            }
            (true, None) => {
                let b = self.near(&b);
                sum = Sum::As(b);
                (f.as_, abcd(0, b, 0, 0))
            }
            (false, None) => {
                let (a, b) = (self.near(&a), self.near(&b));
                sum = Sum::Ss(a, b);
                (f.ss, abcd(0, a, b, 0))
            }
        };
        self.emit_result(ty, Acc::Int, op, &[word]);
        if let (true, Some(last)) = (std::ptr::eq(f, &of::I32Add), &mut self.last) {
            last.sum = Some(sum);
        }
    }

    /// Fields B and C naming two operands. Their homes may differ from where the simulated stack now ends.
    fn near_pair(&mut self, a: &Operand, b: &Operand) -> u64 {
        let (a, b) = (self.near(a), self.near(b));
        abcd(0, a, b, 0)
    }

    pub(super) fn int_sub(&mut self, ty: Ty, f: &Minus) {
        let (b, a) = (self.pop(), self.pop());
        if let Some(i) = immediate(&b).and_then(|i| i.checked_neg()) {
            let add = if ty == Ty::I32 { &of::I32Add } else { &of::I64Add };
            return self.binary_with(ty, add, a, b, Some(i));
        }
        let (op, word) = if self.in_ia(&a) {
            (f.as_, abcd(0, self.near(&b), 0, 0))
        } else if self.in_ia(&b) {
            (f.sa, abcd(0, self.near(&a), 0, 0))
        } else {
            (f.ss, self.near_pair(&a, &b))
        };
        self.emit_result(ty, Acc::Int, op, &[word]);
    }

    pub(super) fn int_div(&mut self, ty: Ty, f: &IntDiv) {
        let (b, a) = (self.pop(), self.pop());
        match immediate(&b) {
            Some(i) if i != 0 && i != -1 => {
                let word = abi(0, self.near(&a), i as u32);
                self.emit_result(ty, Acc::Int, f.si, &[word]);
            }
            _ => {
                let word = self.near_pair(&a, &b);
                self.emit_result(ty, Acc::Int, f.ss, &[word]);
            }
        }
    }

    /// An operation on two or four words with a result of two.
    pub(super) fn int_wide(&mut self, op: Op, operands: usize) {
        let mut slots = [0; 4];
        for i in (0..operands).rev() {
            let o = self.pop();
            slots[i] = self.near(&o);
        }
        let [a, b, c, d] = slots;
        match operands {
            2 => self.emit_pair(op, &[abcd(0, a, b, 0)]),
            _ => self.emit_pair(op, &[abcd(0, a, b, c), d as u64]),
        }
    }

    pub(super) fn float_binary(&mut self, ty: Ty, f: &Minus) {
        let (b, a) = (self.pop(), self.pop());
        let (op, word) = if self.in_fa(&a) {
            (f.as_, abcd(0, self.near(&b), 0, 0))
        } else if self.in_fa(&b) {
            (f.sa, abcd(0, self.near(&a), 0, 0))
        } else {
            (f.ss, self.near_pair(&a, &b))
        };
        self.emit_result(ty, Acc::Float, op, &[word]);
    }

    pub(super) fn unary(&mut self, to: Ty, f: &Unary) {
        let a = self.pop();
        let in_acc = if a.ty.is_float() { self.in_fa(&a) } else { self.in_ia(&a) };
        let (op, word) = if in_acc { (f.a, 0) } else { (f.s, abcd(0, self.near(&a), 0, 0)) };
        self.emit_result(to, Acc::of(to), op, &[word]);
    }

    /// A conversion that may trap: one form.
    pub(super) fn trunc(&mut self, to: Ty, op: Op) {
        let a = self.pop();
        let word = abcd(0, self.near(&a), 0, 0);
        self.emit_result(to, Acc::Int, op, &[word]);
    }

    /// An operator that only changes how the bits are seen.
    pub(super) fn retype(&mut self, ty: Ty) {
        let top = self.stack.last_mut().expect("an operand, as validated");
        if let (Place::Const(bits), Ty::I32) = (&mut top.place, ty) {
            *bits = *bits as i32 as i64 as u64;
        }
        top.ty = ty;
    }

    // Comparisons.

    pub(super) fn int_cmp(&mut self, f: &'static IntCmp) {
        let (b, a) = (self.pop(), self.pop());
        self.compare(f, a, b);
    }

    fn compare(&mut self, mut f: &'static IntCmp, mut a: Operand, mut b: Operand) {
        // With an immediate they are in order, even if the other is a constant too.
        if immediate(&b).is_none() && (matches!(a.place, Place::Const(_)) || self.in_ia(&b)) {
            std::mem::swap(&mut a, &mut b);
            f = f.mirror;
        }
        let operands = match (self.in_ia(&a), immediate(&b)) {
            (true, Some(i)) => IntOperands::Ai(i),
            (false, Some(i)) => IntOperands::Si(self.near(&a), i),
            (true, None) => IntOperands::As(self.near(&b)),
            (false, None) => IntOperands::Ss(self.near(&a), self.near(&b)),
        };
        self.emit_comparison(Comparison::Int(f, operands));
    }

    /// Emits a comparison as a value.
    fn emit_comparison(&mut self, cmp: Comparison) {
        let (op, word) = match cmp {
            Comparison::Int(f, IntOperands::Ss(a, b)) => (f.ss, abcd(0, a, b, 0)),
            Comparison::Int(f, IntOperands::Si(a, i)) => (f.si, abi(0, a, i as u32)),
            Comparison::Int(f, IntOperands::As(b)) => (f.as_, abcd(0, b, 0, 0)),
            Comparison::Int(f, IntOperands::Ai(i)) => (f.ai, abi(0, 0, i as u32)),
            Comparison::Float(f, FloatOperands::Ss(a, b), _) => (f.ss, abcd(0, a, b, 0)),
            Comparison::Float(f, FloatOperands::As(b), _) => (f.as_, abcd(0, b, 0, 0)),
        };
        self.emit_result(Ty::I32, Acc::Int, op, &[word]);
        if let Some(last) = &mut self.last {
            last.cmp = Some(cmp);
        }
    }

    pub(super) fn float_cmp(&mut self, mut f: &'static FloatCmp) {
        let (mut b, mut a) = (self.pop(), self.pop());
        if self.in_fa(&b) && !self.in_fa(&a) {
            std::mem::swap(&mut a, &mut b);
            f = f.mirror;
        }
        let operands = if self.in_fa(&a) {
            FloatOperands::As(self.near(&b))
        } else {
            FloatOperands::Ss(self.near(&a), self.near(&b))
        };
        self.emit_comparison(Comparison::Float(f, operands, false));
    }

    /// `eqz`: negates an integer comparison in place, otherwise compares with zero.
    pub(super) fn eqz(&mut self, ty: Ty) {
        let a = self.pop();
        if let Place::Const(bits) = a.place {
            // Not for speed: a constant too wide for an immediate and the zero it is compared with would share a home.
            let zero = if ty == Ty::I32 { bits as u32 == 0 } else { bits == 0 };
            self.push(Place::Const(zero as u64), Ty::I32);
            return;
        }
        match self.absorb(&a) {
            Some(Comparison::Int(f, operands)) => self.emit_comparison(Comparison::Int(f.inverse, operands)),
            Some(Comparison::Float(f, operands, true)) => {
                self.emit_comparison(Comparison::Float(f, operands, false));
            }
            Some(cmp @ Comparison::Float(f, operands, false)) => {
                self.emit_comparison(cmp);
                let before = self.last;
                let value = self.pop();
                self.compare_eqz(Ty::I32, value);
                // A branch may still absorb both instructions; the destination is not in the first of them.
                if let (Some(last), Some(before)) = (&mut self.last, before) {
                    let cmp = Some(Comparison::Float(f, operands, true));
                    *last = Last { dst: NONE, home: last.home, cmp, ..before };
                }
            }
            None => self.compare_eqz(ty, a),
        }
    }

    fn compare_eqz(&mut self, ty: Ty, a: Operand) {
        let f = if ty == Ty::I32 { &of::I32Eq } else { &of::I64Eq };
        let zero = Operand { place: Place::Const(0), ty, home: a.home };
        self.compare(f, a, zero);
    }

    /// Takes back the last instruction if it is a 32-bit addition that computed `o`.
    pub(super) fn absorb_sum(&mut self, o: &Operand) -> Option<Sum> {
        let sum = self.last_sum(o)?;
        let last = self.last?;
        self.take_back(&last);
        Some(sum)
    }

    /// The addition that computed `o`, if that is the last instruction.
    pub(super) fn last_sum(&self, o: &Operand) -> Option<Sum> {
        let last = self.last?;
        if o.place == Place::Temp && last.home == o.home { last.sum } else { None }
    }

    /// Removes the last instruction.
    fn take_back(&mut self, last: &Last) {
        self.code.truncate(last.start);
        // What is emitted in its place comes from the operator at hand.
        for (at, _) in self.map.iter_mut().flatten().rev().take_while(|(at, _)| *at as usize > last.start) {
            *at = last.start as u32;
        }
        while self.recent[1].is_some_and(|(start, _)| start >= last.start) {
            self.recent = [None, self.recent[0]];
        }
        while self.ops.pop_if(|(at, _)| *at as usize >= last.start).is_some() {}
        self.ia = last.ia;
        self.fa = last.fa;
        self.last = None;
    }

    /// Takes back the last instruction if it is a comparison that computed `o`.
    pub(super) fn absorb(&mut self, o: &Operand) -> Option<Comparison> {
        let last = self.last?;
        let cmp = last.cmp?;
        if o.place != Place::Temp || last.home != o.home {
            return None;
        }
        self.take_back(&last);
        Some(cmp)
    }

    /// The condition of a branch: a comparison taken back, or the operand's own truth.
    pub(super) fn condition(&mut self, o: &Operand) -> Comparison {
        if let Some(cmp) = self.absorb(o) {
            // An immediate too wide for the branch goes into a slot.
            return match cmp {
                Comparison::Int(f, IntOperands::Si(a, i)) if i16::try_from(i).is_err() => {
                    Comparison::Int(f, IntOperands::Ss(a, self.immediate_slot(o.home, i)))
                }
                Comparison::Int(f, IntOperands::Ai(i)) if i16::try_from(i).is_err() => {
                    Comparison::Int(f, IntOperands::As(self.immediate_slot(o.home, i)))
                }
                cmp => cmp,
            };
        }
        let operands = if self.in_ia(o) { IntOperands::Ai(0) } else { IntOperands::Si(self.near(o), 0) };
        Comparison::Int(&of::I32Ne, operands)
    }

    /// A near slot with an immediate operand of the comparison at `home`: one kept in the frame, or one above both operands'
    /// homes, since the other operand may be in either.
    fn immediate_slot(&mut self, home: u32, i: i32) -> u32 {
        let home = home + 2;
        self.max_top = self.max_top.max(home + 1);
        let o = Operand { place: Place::Const(i as i64 as u64), ty: Ty::I64, home };
        self.near(&o)
    }

    /// Emits a branch taken when the condition is `sense`; returns where it starts, for its target to be filled in.
    pub(super) fn emit_branch(&mut self, cond: Comparison, sense: bool) -> usize {
        let (op, word) = match cond {
            Comparison::Int(f, operands) => {
                let f = if sense { f } else { f.inverse };
                match operands {
                    IntOperands::Ss(a, b) => (f.br_ss, abcd(a, b, 0, 0)),
                    IntOperands::Si(a, i) => (f.br_si, abcd(a, i as u16 as u32, 0, 0)),
                    IntOperands::As(b) => (f.br_as, abcd(0, b, 0, 0)),
                    IntOperands::Ai(i) => (f.br_ai, abcd(0, i as u16 as u32, 0, 0)),
                }
            }
            Comparison::Float(f, operands, negated) => match (operands, sense != negated) {
                (FloatOperands::Ss(a, b), true) => (f.br_ss, abcd(a, b, 0, 0)),
                (FloatOperands::As(b), true) => (f.br_as, abcd(0, b, 0, 0)),
                (FloatOperands::Ss(a, b), false) => (f.brn_ss, abcd(a, b, 0, 0)),
                (FloatOperands::As(b), false) => (f.brn_as, abcd(0, b, 0, 0)),
            },
        };
        let start = self.code.len();
        self.emit(op, &[word]);
        start
    }
}
