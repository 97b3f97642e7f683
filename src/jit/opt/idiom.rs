//! What WebAssembly has no instruction for, and programs write out: the upper half of a product, and the bytes of a word in reverse.
//!
//! Compilers make 128 bits of a product of 64-bit numbers from products of their halves (`__multi3`, and whoever cannot count on
//! it). With `a = ah << 32 | al`, `b` likewise, `X = ah * bl`, `Y = al * bh` and `L = al * bl`, the upper half is the sum of `ah * bh` and
//!
//! ```text
//! X >> 32,  Y >> 32,  W >> 32    where W = (L >> 32) + low(X) + low(Y)
//! X >> 32,  W >> 32              where W = (L >> 32) + low(X) + Y
//! U >> 32,  W >> 32              where U = (L >> 32) + X,  W = low(U) + Y
//! ```
//!
//! with X and Y in either place. None of these sums can overflow, so the upper half is exact. The lower half is `W << 32` with
//! `low(L)` below. Other summands may stand between those of the pattern; they remain.
//!
//! Bytes are followed through shifts, rotations and masks of whole bytes to where they come from.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::*;

/// The lower half of a number.
const LOW: u64 = u32::MAX as u64;

/// Summands that are looked at, at most.
const MOST_SUMMANDS: usize = 12;

/// Summands beside those of a pattern, at most: they are added again.
const MOST_OTHERS: usize = 4;

/// How deep bytes are followed.
const DEPTH: u32 = 6;

/// A factor: half of it is a shift or a mask of a value, or a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    Value(Value),
    Const(u64),
}

/// The upper half of a product, and what else is added to it.
pub struct Upper {
    pub factors: [Factor; 2],
    pub others: Summands,
}

/// A few values, of which some may be the same.
#[derive(Clone, Copy)]
pub struct Summands {
    list: [Value; MOST_SUMMANDS],
    len: usize,
}

impl core::ops::Deref for Summands {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.list[..self.len]
    }
}

impl Summands {
    /// Takes a value out that `is` one; the last takes its place.
    fn take(&mut self, is: &dyn Fn(Value) -> bool) -> bool {
        let Some(n) = self.iter().position(|v| is(*v)) else { return false };
        self.len -= 1;
        self.list[n] = self.list[self.len];
        true
    }
}

/// What a value is the upper half of.
fn high(f: &Func, v: Value) -> Option<Value> {
    let (op, of, by) = f.made_by(v)?;
    (op == Op::ShrU && f.as_const(by) == Some(32)).then_some(of)
}

/// What a value is the lower half of.
fn low(f: &Func, v: Value) -> Option<Value> {
    match f.made_by(v)? {
        (Op::And, of, mask) if f.as_const(mask) == Some(LOW) => Some(of),
        (Op::Zext, narrow, _) => match f.made_by(narrow)? {
            (Op::Wrap, of, _) if f.ty(of) == Type::I64 => Some(of),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a value is the upper or the lower half of a factor.
fn is_half(f: &Func, v: Value, of: Factor, upper: bool) -> bool {
    match of {
        Factor::Value(of) => (if upper { high(f, v) } else { low(f, v) }) == Some(of),
        Factor::Const(bits) => f.as_const(v) == Some(if upper { bits >> 32 } else { bits & LOW }),
    }
}

/// The factors of a product.
#[inline(never)]
fn product(f: &Func, v: Value) -> Option<[Value; 2]> {
    match f.made_by(v)? {
        (Op::Mul, a, b) => Some([a, b]),
        _ => None,
    }
}

/// Whether a value is the product of a half of `a` and one of `b`, each the upper one or not.
#[inline(never)]
fn is_product(f: &Func, v: Value, [a, b]: [Factor; 2], upper: [bool; 2]) -> bool {
    product(f, v).is_some_and(|[x, y]| {
        (is_half(f, x, a, upper[0]) && is_half(f, y, b, upper[1]))
            || (is_half(f, y, a, upper[0]) && is_half(f, x, b, upper[1]))
    })
}

/// Whether two values are factors, in either order.
pub fn are(f: &Func, [a, b]: [Factor; 2], [x, y]: [Value; 2]) -> bool {
    (is_factor(f, x, a) && is_factor(f, y, b)) || (is_factor(f, y, a) && is_factor(f, x, b))
}

#[inline(never)]
fn is_factor(f: &Func, v: Value, factor: Factor) -> bool {
    match factor {
        Factor::Value(of) => f.resolve(of) == v,
        Factor::Const(bits) => f.as_const(v) == Some(bits),
    }
}

/// The summands of a value; those of the lower halves in it, too, if only its lower half counts.
fn summands(f: &Func, v: Value, only_low: bool) -> Summands {
    all_summands(f, &[v], only_low)
}

#[inline(never)]
fn all_summands(f: &Func, of: &[Value], only_low: bool) -> Summands {
    let mut all = Summands { list: [Value(0); MOST_SUMMANDS], len: of.len() };
    all.list[..of.len()].copy_from_slice(of);
    let mut n = 0;
    while n < all.len {
        let v = f.resolve(all.list[n]);
        all.list[n] = v;
        match f.made_by(v) {
            Some((Op::Add, a, b)) if all.len < MOST_SUMMANDS => {
                (all.list[n], all.list[all.len]) = (a, b);
                all.len += 1;
            }
            _ => match low(f, v) {
                Some(of) if only_low => all.list[n] = of,
                _ => n += 1,
            },
        }
    }
    all
}

/// The other factor of a product of which one is a half of `of`.
fn beside(f: &Func, v: Value, of: Value, upper: bool) -> Option<Value> {
    let [x, y] = product(f, v)?;
    let is = |v: Value| is_half(f, v, Factor::Value(of), upper);
    if is(x) { Some(y) } else { is(y).then_some(x) }
}

/// The upper half of a product that a sum of 64 bits has in it.
#[inline(never)]
pub fn upper(f: &Func, x: Value, y: Value) -> Option<Upper> {
    let may_be = |v: Value| f.made_by(v).is_some_and(|(op, ..)| matches!(op, Op::Add | Op::Mul | Op::ShrU));
    if !may_be(x) || !may_be(y) {
        return None;
    }
    let list = all_summands(f, &[x, y], false);
    if list.len() < 3 || list.iter().filter(|v| high(f, **v).is_some()).count() < 2 {
        return None;
    }
    for &v in list.iter() {
        let Some([x, y]) = product(f, v) else { continue };
        for [p, q] in [[x, y], [y, x]] {
            let Some(a) = high(f, p) else { continue };
            for w in list.iter().filter_map(|v| high(f, *v)) {
                let b = match high(f, q) {
                    Some(b) => Factor::Value(b),
                    None => match (f.as_const(q), least(f, a, w)) {
                        (Some(upper @ 0..=LOW), Some(lower)) => Factor::Const(upper << 32 | lower),
                        _ => continue,
                    },
                };
                let factors = [Factor::Value(a), b];
                if let Some(taken) = carries(f, factors, w)
                    && let Some(others) = without(f, list, v, taken)
                {
                    return Some(Upper { factors, others });
                }
            }
        }
    }
    None
}

/// The constant that the lower half of `a` is multiplied by in the product of lower halves, which a sum has the upper half of.
fn least(f: &Func, a: Value, sum: Value) -> Option<u64> {
    let lower = |v: &Value| beside(f, high(f, *v)?, a, false).and_then(|v| f.as_const(v)).filter(|c| *c <= LOW);
    summands(f, sum, true).iter().find_map(lower)
}

/// Whether two values are `ah * bl` and `al * bh`, in either order.
#[inline(never)]
fn cross(f: &Func, factors: [Factor; 2], x: Value, y: Value) -> bool {
    let are = |x, y| is_product(f, x, factors, [true, false]) && is_product(f, y, factors, [false, true]);
    are(x, y) || are(y, x)
}

/// Takes the upper half of `al * bl` out of a list.
fn take_least(f: &Func, factors: [Factor; 2], list: &mut Summands) -> bool {
    list.take(&|v| high(f, v).is_some_and(|l| is_product(f, l, factors, [false, false])))
}

/// The values whose upper halves are summands beside `ah * bh`, if `w` has the summands of one of the forms: itself is the last,
/// twice if it is the second.
#[inline(never)]
fn carries(f: &Func, factors: [Factor; 2], w: Value) -> Option<[Value; 3]> {
    let mut list = summands(f, w, false);
    let whole = take_least(f, factors, &mut list);
    let [p, q] = list[..] else { return None };
    if let (true, Some(x), Some(y)) = (whole, low(f, p), low(f, q))
        && cross(f, factors, x, y)
    {
        return Some([x, y, w]);
    }
    for (p, y) in [(p, q), (q, p)] {
        let Some(x) = low(f, p) else { continue };
        let mut of_x = summands(f, x, false);
        let fits = match whole {
            true => cross(f, factors, x, y),
            false => take_least(f, factors, &mut of_x) && of_x.len == 1 && cross(f, factors, of_x[0], y),
        };
        if fits {
            return Some([x, w, w]);
        }
    }
    None
}

/// What is left of a list without one value and without an upper half of each of others, of which the last may be there twice, if it
/// has all of them.
fn without(f: &Func, mut list: Summands, one: Value, [a, b, c]: [Value; 3]) -> Option<Summands> {
    let mut half = |of: Value| list.take(&|v| high(f, v) == Some(of));
    let taken = half(a) && half(b) && (b == c || half(c)) && list.take(&|v| v == one);
    (taken && list.len <= MOST_OTHERS).then_some(list)
}

/// The factors of a product whose lower half is made of its parts: `W << 32` and `low(L)`.
#[inline(never)]
pub fn lower(f: &Func, x: Value, y: Value) -> Option<[Factor; 2]> {
    let shifted = |v: Value| match f.made_by(v)? {
        (Op::Shl, of, by) if f.as_const(by) == Some(32) => Some(of),
        _ => None,
    };
    let (w, l) = match (shifted(x), low(f, x)) {
        (Some(w), _) => (w, low(f, y)?),
        (_, Some(l)) => (shifted(y)?, l),
        _ => return None,
    };
    let list = summands(f, w, true);
    let [p, q] = product(f, l)?;
    for [p, q] in [[p, q], [q, p]] {
        let Some(a) = low(f, p) else { continue };
        let b = match (low(f, q), f.as_const(q)) {
            (Some(b), _) => Factor::Value(b),
            (_, Some(lower @ 0..=LOW)) => {
                let upper = |v: &Value| beside(f, *v, a, false).and_then(|v| f.as_const(v)).filter(|c| *c <= LOW);
                match list.iter().find_map(upper) {
                    Some(upper) => Factor::Const(upper << 32 | lower),
                    None => continue,
                }
            }
            _ => continue,
        };
        let factors = [Factor::Value(a), b];
        let mut rest = list;
        if take_least(f, factors, &mut rest)
            && let [x, y] = rest[..]
            && cross(f, factors, x, y)
        {
            return Some(factors);
        }
    }
    None
}

/// Where each byte of a number comes from, the lowest first: the number of a byte of one value, or `NOTHING`.
type Bytes = [u8; 8];

const NOTHING: u8 = u8::MAX;

/// The value that has the bytes of another one in reverse.
#[inline(never)]
pub fn reversed(f: &Func, v: Value) -> Option<Value> {
    let (source, bytes) = bytes(f, f.resolve(v), DEPTH)?;
    let size = if f.ty(v) == Type::I64 { 8 } else { 4 };
    let reverse = bytes[..size].iter().enumerate().all(|(n, b)| *b as usize == size - 1 - n);
    (reverse && source != f.resolve(v)).then_some(source)
}

fn bytes(f: &Func, v: Value, depth: u32) -> Option<(Value, Bytes)> {
    let ty = f.ty(v);
    let size = match ty {
        Type::I32 => 4,
        Type::I64 => 8,
        _ => return None,
    };
    let known = depth.checked_sub(1).and_then(|depth| {
        let (op, a, b) = f.made_by(v)?;
        if op == Op::Or {
            let ((source, mut x), (other, y)) = (bytes(f, a, depth)?, bytes(f, b, depth)?);
            for (x, y) in x.iter_mut().zip(y) {
                if *x != NOTHING && y != NOTHING {
                    return None;
                }
                *x = (*x).min(y);
            }
            return (source == other).then_some((source, x));
        }
        let by = f.as_const(b)?;
        let (source, from) = match op {
            Op::And | Op::Shl | Op::ShrU | Op::Rotl | Op::Rotr => bytes(f, a, depth)?,
            _ => return None,
        };
        let mut to = [NOTHING; 8];
        if op == Op::And {
            for (n, to) in to[..size].iter_mut().enumerate() {
                match (by >> (8 * n)) as u8 {
                    0 => {}
                    0xff => *to = from[n],
                    _ => return None,
                }
            }
            return Some((source, to));
        }
        if by % 8 != 0 {
            return None;
        }
        let by = by as usize / 8 % size;
        for (n, to) in to[..size].iter_mut().enumerate() {
            *to = match op {
                Op::Shl if n < by => NOTHING,
                Op::ShrU if n + by >= size => NOTHING,
                Op::Shl | Op::Rotl => from[(n + size - by) % size],
                _ => from[(n + by) % size],
            };
        }
        Some((source, to))
    });
    let itself = || {
        let mut whole = [NOTHING; 8];
        (0..size).for_each(|n| whole[n] = n as u8);
        (v, whole)
    };
    Some(known.unwrap_or_else(itself))
}
