//! Strength reduction of induction variables: products of a loop's counter become sums.
//!
//! A counter is a parameter of an innermost loop's header that each way back adds a constant to. Its product with a constant, or that
//! of what it will be in the next trip, is carried along in a parameter of its own, which each way back adds the product of both
//! constants to. All of it is arithmetic modulo the width, so that it holds whether or not something overflows.
//!
//! An addition takes a cycle where a multiplication takes three, but the sum takes a register all through the loop. So only products
//! are reduced that every trip computes, few of them, and none that scaled addresses or shifts are for: by powers of two, and by
//! three, five and nine.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, Loop, loops};
use crate::jit::ssa::ir::*;
use crate::module::Module;

/// Products that a loop carries, at most.
const MOST_CARRIED: usize = 2;

/// Loops whose headers have more parameters than this get no more: registers would not suffice.
const MOST_PARAMS: usize = 8;

pub fn run(f: &mut Func, _: &Module) {
    let worth = |f: &Func, i: &Inst| factor(f, *i).is_some();
    if !f.blocks.iter().flat_map(|b| &b.insts).any(|i| worth(f, i)) {
        return;
    }
    let dom = Dominators::take(f);
    let loops = loops(&dom);
    let mut is_header = vec![false; f.blocks.len()];
    loops.iter().for_each(|l| is_header[l.header.index()] = true);
    for l in &loops {
        if l.blocks.iter().filter(|b| is_header[b.index()]).count() == 1 {
            reduce(f, &dom, l);
        }
    }
    f.resolve_all();
    dom.give_back(f);
}

/// What is multiplied, and by which constant, if a sum would be cheaper.
fn factor(f: &Func, i: Inst) -> Option<(Value, u64)> {
    let data = f.inst(i);
    if data.op != Op::Mul {
        return None;
    }
    let [a, b] = *f.args(i) else { return None };
    let by = f.as_const(f.resolve(b))?;
    let cheap = by.is_power_of_two() || matches!(by, 0 | 3 | 5 | 9);
    (!cheap).then(|| (f.resolve(a), by))
}

/// What is added to a value, if it is the sum of another one and a constant.
fn step(f: &Func, v: Value) -> Option<(Value, u64)> {
    let (op, a, b) = f.made_by(v)?;
    let by = f.as_const(b)?;
    match op {
        Op::Add => Some((a, by)),
        Op::Sub => Some((a, by.wrapping_neg())),
        _ => None,
    }
}

/// What a block passes for a parameter of a loop's header, if it goes there without a call and always passes the same.
fn passed(f: &Func, from: Block, header: Block, place: usize) -> Option<Value> {
    let term = &f.block(from).term;
    if !matches!(term, Term::Jump(_) | Term::Branch(..) | Term::Table(..)) {
        return None;
    }
    let mut given = Vec::new();
    term.each_target(|t| given.extend((t.block == header).then(|| f.resolve(t.args[place]))));
    given.dedup();
    if let [one] = given[..] { Some(one) } else { None }
}

/// A parameter that grows by the same in each trip.
struct Counter {
    value: Value,
    /// Its place among the header's.
    place: usize,
    step: u64,
}

/// A product of a counter, and what stands for it.
struct Product {
    counter: usize,
    by: u64,
    sum: Value,
}

fn reduce(f: &mut Func, dom: &Dominators, l: &Loop) {
    let header = l.header;
    let mut preds = Vec::new();
    dom.preds.distinct(header, &mut preds);
    let (back, outer): (Vec<Block>, Vec<Block>) = preds.iter().partition(|p| dom.dominates(header, **p));
    let always: Vec<Block> = l.blocks.iter().copied().filter(|b| back.iter().all(|p| dom.dominates(*b, *p))).collect();
    let products = always.iter().flat_map(|b| &f.block(*b).insts).any(|i| factor(f, *i).is_some());
    if header == ENTRY || !products {
        return;
    }
    let mut counters = Vec::new();
    for (place, &value) in f.block(header).params.iter().enumerate() {
        let grows = |b: &Block| step(f, passed(f, *b, header, place)?).filter(|(of, _)| *of == value);
        let Some((_, by)) = back.first().and_then(grows) else { continue };
        let same = back.iter().all(|b| grows(b) == Some((value, by)));
        if same && outer.iter().all(|b| passed(f, *b, header, place).is_some()) {
            counters.push(Counter { value, place, step: by });
        }
    }
    // Which counter an instruction multiplies, by what, and how far ahead of this trip.
    let product = |f: &Func, i: Inst| {
        let (of, by) = factor(f, i)?;
        let which = |v: Value| counters.iter().position(|c| c.value == v);
        match (which(of), step(f, of)) {
            (Some(counter), _) => Some((counter, by, 0)),
            (None, Some((of, ahead))) => which(of).map(|counter| (counter, by, ahead)),
            _ => None,
        }
    };
    let mut carried: Vec<Product> = Vec::new();
    let insts: Vec<Inst> = always.iter().flat_map(|b| &f.block(*b).insts).copied().collect();
    for i in insts {
        let Some((counter, by, _)) = product(f, i) else { continue };
        let full = carried.len() == MOST_CARRIED || f.block(header).params.len() >= MOST_PARAMS;
        if full || carried.iter().any(|c| (c.counter, c.by) == (counter, by)) {
            continue;
        }
        let (Counter { place, step, .. }, data) = (&counters[counter], *f.inst(i));
        let sum = f.new_param(header, data.ty);
        for (&p, op) in outer.iter().map(|p| (p, Op::Mul)).chain(back.iter().map(|p| (p, Op::Add))) {
            let (first, second) = match op {
                Op::Mul => (passed(f, p, header, *place).expect("asked before"), by),
                _ => (sum, step.wrapping_mul(by)),
            };
            let mut insts = std::mem::take(&mut f.blocks[p.index()].insts);
            let next = combined(f, op, first, second, data.offset, &mut insts);
            f.blocks[p.index()].insts = insts;
            let mut term = std::mem::replace(&mut f.blocks[p.index()].term, Term::None);
            term.each_target_mut(|t| t.args.extend((t.block == header).then_some(next)));
            f.blocks[p.index()].term = term;
        }
        carried.push(Product { counter, by, sum });
    }
    if carried.is_empty() {
        return;
    }
    for &b in &always {
        let insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for i in insts {
            let found = product(f, i).and_then(|(counter, by, ahead)| {
                carried.iter().find(|c| (c.counter, c.by) == (counter, by)).map(|c| (c.sum, ahead.wrapping_mul(by)))
            });
            let Some((sum, ahead)) = found else {
                kept.push(i);
                continue;
            };
            let (offset, result) = (f.inst(i).offset, f.inst(i).first);
            let value = if ahead == 0 { sum } else { combined(f, Op::Add, sum, ahead, offset, &mut kept) };
            f.replace(result, value);
        }
        f.blocks[b.index()].insts = kept;
    }
}

/// Appends an operation on a value and a constant, modulo the value's width.
fn combined(f: &mut Func, op: Op, v: Value, by: u64, offset: u32, to: &mut Vec<Inst>) -> Value {
    let ty = f.ty(v);
    let bits = if ty == Type::I32 { by as u32 as u64 } else { by };
    let constant = f.new_inst(Op::Const, ty, &[], bits, offset, &[ty]);
    let made = f.new_inst(op, ty, &[v, f.inst(constant).first], 0, offset, &[ty]);
    to.extend([constant, made]);
    f.inst(made).first
}
