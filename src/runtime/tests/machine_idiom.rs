//! What the compiler recognizes as one operation, written in every way that it knows and in ways that are wrong by one token: the same
//! results from machine code and from the interpreter, and those of Rust's own arithmetic where nothing is wrong.

use super::machine::{stats, tier};
use super::*;
use std::fmt::Write;

/// What expressions are made of: the factors' halves, and the products of these.
struct Parts {
    ah: String,
    al: String,
    bh: String,
    bl: String,
}

const A: &str = "(local.get 0)";

impl Parts {
    fn new(b: Option<u64>, narrow: bool) -> Parts {
        let high = |v: &str| format!("(i64.shr_u {v} (i64.const 32))");
        let low = |v: &str| match narrow {
            true => format!("(i64.extend_i32_u (i32.wrap_i64 {v}))"),
            false => format!("(i64.and {v} (i64.const 0xffffffff))"),
        };
        let (bh, bl) = match b {
            Some(b) => (format!("(i64.const {:#x})", b >> 32), format!("(i64.const {:#x})", b & 0xffff_ffff)),
            None => (high("(local.get 1)"), low("(local.get 1)")),
        };
        Parts { ah: high(A), al: low(A), bh, bl }
    }

    /// The upper halves, and the lower half, in the three forms, with X and Y in either place.
    fn forms(&self) -> (Vec<String>, Vec<String>) {
        let mul = |x: &str, y: &str| format!("(i64.mul {x} {y})");
        let add = |x: &str, y: &str| format!("(i64.add {x} {y})");
        let high = |v: &str| format!("(i64.shr_u {v} (i64.const 32))");
        let low = |v: &str| format!("(i64.and {v} (i64.const 0xffffffff))");
        let (hh, ll) = (mul(&self.ah, &self.bh), mul(&self.al, &self.bl));
        let (mut upper, mut lower) = (Vec::new(), Vec::new());
        for [x, y] in [[(&self.ah, &self.bl), (&self.al, &self.bh)], [(&self.bh, &self.al), (&self.bl, &self.ah)]] {
            let (x, y) = (mul(x.0, x.1), mul(y.0, y.1));
            let l = high(&ll);
            let w = add(&add(&l, &low(&x)), &low(&y));
            upper.push(add(&add(&add(&hh, &high(&x)), &high(&y)), &high(&w)));
            upper.push(add(&add(&high(&w), &high(&y)), &add(A, &add(&high(&x), &hh))));
            lower.push(format!("(i64.or (i64.shl {w} (i64.const 32)) {})", low(&ll)));
            let w = add(&y, &add(&low(&x), &l));
            upper.push(add(&high(&x), &add(&hh, &high(&w))));
            lower.push(add(&low(&ll), &format!("(i64.shl {w} (i64.const 32))")));
            let u = add(&x, &l);
            let w = add(&low(&u), &y);
            upper.push(add(&high(&w), &add(&high(&u), &hh)));
            lower.push(format!("(i64.or {} (i64.shl {w} (i64.const 32)))", low(&ll)));
        }
        (upper, lower)
    }
}

/// The expression with one token exchanged for another, in every way.
fn mistakes(text: &str) -> Vec<String> {
    let exchanges = [
        ("(i64.const 32)", "(i64.const 31)"),
        ("(i64.const 32)", "(i64.const 33)"),
        ("0xffffffff", "0x1ffffffff"),
        ("0xffffffff", "0xfffffffe"),
        ("shr_u", "shr_s"),
        ("i64.shr_u", "i64.rotl"),
        ("i64.add", "i64.sub"),
        ("i64.and", "i64.or"),
        ("(local.get 0)", "(local.get 1)"),
        ("(local.get 1)", "(local.get 0)"),
        ("i64.extend_i32_u", "i64.extend_i32_s"),
    ];
    wrong(text, &exchanges)
}

fn wrong(text: &str, exchanges: &[(&str, &str)]) -> Vec<String> {
    let mut list = Vec::new();
    for (from, to) in exchanges {
        for (at, _) in text.match_indices(from) {
            list.push(format!("{}{to}{}", &text[..at], &text[at + from.len()..]));
        }
    }
    list
}

/// Calls functions of expressions of two numbers with pairs of numbers, in both tiers. Gives the results by function.
fn results(expressions: &[String], ty: &str, pairs: &[[u64; 2]]) -> Vec<Vec<u64>> {
    let mut text = String::from("(module");
    for (n, e) in expressions.iter().enumerate() {
        let _ = write!(text, "(func (export \"{n}\") (param {ty} {ty}) (result {ty}) {e})");
    }
    text.push(')');
    let stores = [tier(true), tier(false)];
    let instances = stores.each_ref().map(|s| instance(s, &text));
    assert_eq!(stats(&instances[0]).compiled as usize, expressions.len());
    let call = |i: &Instance, n: usize, pair: &[u64; 2]| {
        let args = pair.map(|v| if ty == "i64" { Val::I64(v as i64) } else { Val::I32(v as i32) });
        match call(i, &n.to_string(), &args).unwrap() {
            Val::I64(v) => v as u64,
            Val::I32(v) => v as u32 as u64,
            other => panic!("{other:?}"),
        }
    };
    let mut all = Vec::new();
    for (n, e) in expressions.iter().enumerate() {
        let list: Vec<u64> = pairs.iter().map(|p| call(&instances[0], n, p)).collect();
        for (p, machine) in pairs.iter().zip(&list) {
            assert_eq!(*machine, call(&instances[1], n, p), "{p:x?} {e}");
        }
        all.push(list);
    }
    all
}

const NUMBERS: [u64; 9] = [
    0,
    1,
    0xffff_ffff,
    0x1_0000_0000,
    0xffff_ffff_0000_0000,
    u64::MAX,
    0x8000_0000_8000_0001,
    0x0123_4567_89ab_cdef,
    0xf0e1_d2c3_b4a5_9687,
];

fn pairs() -> Vec<[u64; 2]> {
    NUMBERS.iter().flat_map(|a| NUMBERS.map(|b| [*a, b])).collect()
}

#[test]
fn products_of_halves_are_the_product() {
    let pairs = pairs();
    for (constant, narrow) in
        [(None, false), (None, true), (Some(0xf0e1_d2c3_b4a5_9687u64), false), (Some(0x3_0000_0007), false)]
    {
        let (upper, lower) = Parts::new(constant, narrow).forms();
        let product = |a: u64, b: u64| a as u128 * constant.unwrap_or(b) as u128;
        for (n, list) in results(&upper, "i64", &pairs).iter().enumerate() {
            for (&[a, b], result) in pairs.iter().zip(list) {
                // The second form has another summand between its own.
                let other = if n % 4 == 1 { a } else { 0 };
                assert_eq!(*result, ((product(a, b) >> 64) as u64).wrapping_add(other), "{a:x} {b:x} {}", upper[n]);
            }
        }
        for (n, list) in results(&lower, "i64", &pairs).iter().enumerate() {
            for (&[a, b], result) in pairs.iter().zip(list) {
                assert_eq!(*result, product(a, b) as u64, "{a:x} {b:x} {}", lower[n]);
            }
        }
    }
}

#[test]
fn what_is_almost_a_product_is_none() {
    let pairs: Vec<_> = pairs().into_iter().step_by(3).collect();
    for (constant, narrow) in [(None, false), (None, true), (Some(0xf0e1_d2c3_b4a5_9687u64), false)] {
        let (upper, lower) = Parts::new(constant, narrow).forms();
        // One order of X and Y is enough here.
        for e in upper[..4].iter().chain(&lower[..3]) {
            results(&mistakes(e), "i64", &pairs);
        }
    }
}

#[test]
fn products_share_their_halves_with_what_uses_them() {
    // Both halves, a square, the same product in another block, and the plain product beside it.
    let (upper, lower) = Parts::new(None, false).forms();
    let square = |e: &str| e.replace("(local.get 1)", A);
    let expressions = vec![
        format!("(i64.xor {} {})", upper[0], lower[0]),
        format!("(i64.sub {} {})", lower[2], upper[3]),
        format!("(i64.xor {} (i64.mul (local.get 1) {A}))", upper[2]),
        format!("(if (result i64) (i64.eqz {}) (then (i64.const 7)) (else {}))", upper[0], lower[0]),
        format!("(i64.xor {} {})", square(&upper[0]), square(&lower[0])),
        square(&upper[2]),
        square(&upper[3]),
    ];
    results(&expressions, "i64", &pairs());
}

#[test]
fn bytes_are_reversed() {
    let words = [
        "(i32.or (i32.rotr (i32.and (local.get 0) (i32.const 0xff00ff)) (i32.const 8))
            (i32.and (i32.rotr (local.get 0) (i32.const 24)) (i32.const 0xff00ff)))",
        "(i32.or (i32.or (i32.shl (local.get 0) (i32.const 24)) (i32.shl (i32.and (local.get 0) (i32.const 0xff00)) (i32.const 8)))
            (i32.or (i32.and (i32.shr_u (local.get 0) (i32.const 8)) (i32.const 0xff00)) (i32.shr_u (local.get 0) (i32.const 24))))",
    ];
    let of = "(local.get 0)";
    let long = format!(
        "(i64.or (i64.or (i64.or (i64.shl {of} (i64.const 56)) (i64.shl (i64.and {of} (i64.const 0xff00)) (i64.const 40)))
            (i64.or (i64.shl (i64.and {of} (i64.const 0xff0000)) (i64.const 24)) (i64.shl (i64.and {of} (i64.const 0xff000000)) (i64.const 8))))
          (i64.or (i64.or (i64.and (i64.shr_u {of} (i64.const 8)) (i64.const 0xff000000)) (i64.and (i64.shr_u {of} (i64.const 24)) (i64.const 0xff0000)))
            (i64.or (i64.and (i64.shr_u {of} (i64.const 40)) (i64.const 0xff00)) (i64.shr_u {of} (i64.const 56)))))"
    );
    let pairs = pairs();
    for (ty, texts) in [("i32", words.map(str::to_string).to_vec()), ("i64", vec![long])] {
        for list in results(&texts, ty, &pairs) {
            for ([a, _], result) in pairs.iter().zip(list) {
                let expected = if ty == "i64" { a.swap_bytes() } else { (*a as u32).swap_bytes() as u64 };
                assert_eq!(result, expected);
            }
        }
        let exchanges = [
            ("const 8)", "const 16)"),
            ("const 8)", "const 7)"),
            ("const 24)", "const 16)"),
            ("const 40)", "const 56)"),
            ("const 56)", "const 48)"),
            ("0xff00)", "0xff01)"),
            ("0xff00)", "0xffff)"),
            ("0xff0000)", "0xff00)"),
            ("0xff00ff)", "0xff00fe)"),
            ("0xff000000)", "0xffff000000)"),
            ("rotr", "rotl"),
            ("rotr", "shr_u"),
            ("shr_u", "shr_s"),
            (".or", ".add"),
            (".or", ".xor"),
            ("(local.get 0)", "(local.get 1)"),
        ];
        for e in &texts {
            results(&wrong(e, &exchanges), ty, &pairs);
        }
    }
}

#[test]
fn functions_that_multiply_are_inlined() {
    let (upper, lower) = Parts::new(None, false).forms();
    let renamed = |e: &str| e.replace("(local.get 1)", "(local.get 3)").replace(A, "(local.get 1)");
    // What compilers call for a product of 128 bits: the result goes to memory.
    let text = format!(
        "(module (memory 1)
          (func $multiply (param i32 i64 i64 i64 i64)
            (i64.store offset=8 (local.get 0) (i64.add (i64.add (i64.mul (local.get 4) (local.get 1))
              (i64.mul (local.get 2) (local.get 3))) {}))
            (i64.store (local.get 0) {}))
          (func (export \"f\") (param i64 i64) (result i64)
            (call $multiply (i32.const 32) (local.get 0) (i64.const 0) (local.get 1) (i64.const 0))
            (i64.xor (i64.load (i32.const 32)) (i64.load (i32.const 40)))))",
        renamed(&upper[0]),
        renamed(&lower[0]),
    );
    let stores = [tier(true), tier(false)];
    let instances = stores.each_ref().map(|s| instance(s, &text));
    for [a, b] in pairs() {
        let args = [Val::I64(a as i64), Val::I64(b as i64)];
        let product = a as u128 * b as u128;
        let expected = Val::I64((product as u64 ^ (product >> 64) as u64) as i64);
        for i in &instances {
            assert_eq!(call(i, "f", &args).unwrap(), expected, "{a:x} {b:x}");
        }
    }
}

#[test]
fn comparisons_are_added_with_the_carry() {
    const A: &str = "(local.get 0)";
    const B: &str = "(local.get 1)";
    let conditions = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"];
    for ty in ["i32", "i64"] {
        let mut expressions = Vec::new();
        let constants = ["0", "1", "-1", "77", "0x80000000"].map(|c| format!("({ty}.const {c})"));
        for condition in conditions {
            let operands = constants.iter().flat_map(|c| [(A.to_string(), c.clone()), (c.clone(), B.to_string())]);
            for (x, y) in operands.chain([(A.to_string(), B.to_string()), (B.to_string(), A.to_string())]) {
                let compare = format!("({ty}.{condition} {x} {y})");
                let truth = if ty == "i64" { format!("(i64.extend_i32_u {compare})") } else { compare };
                for to in [A, B, &constants[3]] {
                    expressions.push(format!("({ty}.add {to} {truth})"));
                    expressions.push(format!("({ty}.add {truth} {to})"));
                    expressions.push(format!("({ty}.sub {to} {truth})"));
                    expressions.push(format!("({ty}.sub {truth} {to})"));
                }
                expressions.push(format!("({ty}.add {truth} {truth})"));
                expressions.push(format!("({ty}.add {truth} ({ty}.add {A} ({ty}.mul {B} {truth})))"));
            }
        }
        results(&expressions, ty, &pairs());
    }
}

#[test]
fn sums_of_two_words_carry() {
    let of = |name: &str| format!("(local.get {name})");
    let text = format!(
        "(module
          (func (export \"sum\") (param $a i64) (param $b i64) (result i64) (local $low i64)
            (local.set $low (i64.add {a} {b}))
            (i64.xor (i64.rotl {low} (i64.const 7)) (i64.add (i64.add {a} {b}) (i64.extend_i32_u (i64.lt_u {low} {a})))))
          (func (export \"difference\") (param $a i64) (param $b i64) (result i64)
            (i64.xor (i64.rotl (i64.sub {a} {b}) (i64.const 7)) (i64.sub (i64.sub {b} {a}) (i64.extend_i32_u (i64.gt_u {b} {a}))))))",
        a = of("$a"),
        b = of("$b"),
        low = of("$low"),
    );
    for [a, b] in pairs() {
        let args = [Val::I64(a as i64), Val::I64(b as i64)];
        let (low, carry) = a.overflowing_add(b);
        let sum = low.rotate_left(7) ^ low.wrapping_add(carry as u64);
        assert_eq!(super::machine::both(&text, "sum", &args), Ok(Val::I64(sum as i64)));
        let (low, borrow) = a.overflowing_sub(b);
        let difference = low.rotate_left(7) ^ b.wrapping_sub(a).wrapping_sub(borrow as u64);
        assert_eq!(super::machine::both(&text, "difference", &args), Ok(Val::I64(difference as i64)));
    }
}
