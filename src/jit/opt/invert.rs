//! Loop inversion: a loop that asks at its top whether to go on asks at its bottom, behind a guard.
//!
//! ```text
//! entry: jump H                     entry: jump G
//! H: if c { B } else { E }          G: if c { B } else { E }      (a copy of H)
//! B: ... jump H                     B: ... jump H                 (the header now)
//!                                   H: if c { B } else { E }
//! ```
//!
//! Loops that have a question on their way back stay as they are: turning them again gains nothing (measured: nqueens took 1.15 of its
//! time).
//!
//! What B begins with runs whenever the loop is entered, so that loads and checks can leave it ([`super::licm`]); and a trip has a
//! jump less. Only small headers without effects are copied. What is the same in each trip moves to G instead, which is
//! before all that H was before: what H traps by then, it has trapped by in the first trip. The poll stays in H: every trip passes it.
//!
//! Values of H no longer reach what follows by themselves, as G comes first: B gets a parameter for each that is used where B
//! dominates, and so does E. If one is used where neither does, the loop stays as it is.
//!
//! Loops are inverted in rounds, inner ones first. Within a round what is known of the function (dominators, predecessors, uses)
//! is that of its beginning; a loop whose surroundings have changed waits for the next one. Dominance by other blocks than H is
//! not changed: each new path is an old one with G in the place of the first H.
#![forbid(unsafe_code)]

use super::alias::Writes;
use crate::jit::ssa::copies::Copies;
use crate::jit::ssa::dom::{Dominators, Loop, loops};
use crate::jit::ssa::ir::*;
use crate::module::Module;

/// Instructions of a header that are copied, at most.
const MOST_COPIED: usize = 8;

/// Values of a header that are passed on, at most.
const MOST_PASSED: usize = 8;

/// Nests are inverted as deep as that.
const ROUNDS: usize = 3;

/// A loop that may be inverted.
struct Candidate {
    header: Block,
    body: Block,
    exit: Block,
    /// Instructions of the header that do the same in each trip.
    fixed: Vec<Inst>,
    /// Values that each trip has anew: parameters of the header, and results of what is copied.
    varying: Vec<Value>,
    uses: Vec<Use>,
    /// Whether something that has been copied uses its values, too.
    stale: bool,
}

#[derive(Clone, Copy)]
struct Use {
    value: Value,
    block: Block,
    /// Of an instruction, or of the block's end.
    inst: Option<Inst>,
}

pub fn run(f: &mut Func, module: &Module) {
    let worth = |b: &BlockData| {
        let little = |i: &Inst| f.inst(*i).op.effect() != Effect::Write;
        b.is_loop && matches!(b.term, Term::Branch(..)) && b.insts.iter().all(little)
    };
    // Where a loop is left at its top, something behind it jumps back.
    let back = |(n, b): (usize, &BlockData)| matches!(&b.term, Term::Jump(t) if t.block.index() < n && worth(f.block(t.block)));
    if !f.blocks.iter().enumerate().any(back) {
        return;
    }
    for _ in 0..ROUNDS {
        if !round(f, module) {
            break;
        }
    }
}

/// Inverts loops; whether there may be more.
fn round(f: &mut Func, module: &Module) -> bool {
    let dom = Dominators::new(f);
    let mut list: Vec<Candidate> = Vec::new();
    for l in &loops(&dom) {
        list.extend(candidate(f, module, &dom, l));
    }
    if list.is_empty() {
        return false;
    }
    let owners = find_uses(f, &dom, &mut list);
    // What of the blocks that the round began with.
    let mut touched = vec![false; f.blocks.len()];
    let (mut inverted, mut left) = (false, false);
    for n in 0..list.len() {
        let c = &list[n];
        let near = [c.header, c.body, c.exit];
        let around = dom.preds[c.header].iter().chain(&dom.preds[c.exit]);
        if c.stale || near.iter().chain(around).any(|b| touched[b.index()]) {
            left = true;
            continue;
        }
        let Some(plan) = plan(f, &dom, c) else { continue };
        // What the header uses of others' values will be used by the guard as well.
        let mut used: Vec<Value> = Vec::new();
        f.block(c.header).insts.iter().for_each(|i| used.extend(f.args(*i)));
        f.block(c.header).term.each_value(|v| used.push(v));
        invert(f, &dom, c, plan);
        near.iter().chain(&dom.preds[c.header]).for_each(|b| touched[b.index()] = true);
        inverted = true;
        for v in used {
            if let Some(&other) = owners.get(v.index())
                && other as usize != n
                && let Some(other) = list.get_mut(other as usize)
            {
                other.stale = true;
            }
        }
    }
    inverted && left
}

/// A loop of the right shape: its header does little, and either goes on or leaves.
fn candidate(f: &Func, module: &Module, dom: &Dominators, l: &Loop) -> Option<Candidate> {
    let (header, blocks) = (l.header, &l.blocks);
    let Term::Branch(_, a, b) = &f.block(header).term else { return None };
    let (body, exit) = match (blocks.contains(&a.block), blocks.contains(&b.block)) {
        (true, false) => (a.block, b.block),
        (false, true) => (b.block, a.block),
        _ => return None,
    };
    // Where a way back asks as well, the loop asks last already.
    let mut back = dom.preds[header].iter().filter(|p| dom.dominates(header, **p));
    if header == ENTRY || !back.all(|p| matches!(f.block(*p).term, Term::Jump(_))) {
        return None;
    }
    let insts = &f.block(header).insts;
    if insts.iter().filter(|i| f.inst(**i).op.effect() != Effect::None).count() > MOST_COPIED {
        return None;
    }
    let writes = Writes::of(f, module, blocks);
    let mut varying = f.block(header).params.clone();
    let mut copied = 0;
    let mut fixed = Vec::new();
    for &i in insts {
        let data = f.inst(i);
        if data.op.effect() == Effect::Write || data.results > 1 {
            return None;
        }
        let arguments = f.args(i).iter().all(|v| !varying.contains(v));
        let same = match data.op.effect() {
            Effect::Write => false,
            Effect::Read => writes.spare(f, module, i),
            Effect::None | Effect::Trap => true,
        };
        if data.op == Op::Poll {
        } else if arguments && same {
            fixed.push(i);
        } else {
            copied += 1;
            varying.extend((0..data.results).map(|_| data.first));
        }
    }
    let candidate = Candidate { header, body, exit, fixed, varying, uses: Vec::new(), stale: false };
    (copied <= MOST_COPIED).then_some(candidate)
}

/// Finds where the varying values of headers are used outside of them. Gives the candidate that each value belongs to.
fn find_uses(f: &Func, dom: &Dominators, list: &mut [Candidate]) -> Vec<u32> {
    let mut owner = vec![u32::MAX; f.values.len()];
    for (n, c) in list.iter().enumerate() {
        c.varying.iter().for_each(|v| owner[v.index()] = n as u32);
    }
    for &block in &dom.order {
        let mut note = |value: Value, inst: Option<Inst>| {
            if let Some(c) = list.get_mut(owner[value.index()] as usize)
                && c.header != block
            {
                c.uses.push(Use { value, block, inst });
            }
        };
        for &i in &f.block(block).insts {
            f.args(i).iter().for_each(|v| note(*v, Some(i)));
        }
        f.block(block).term.each_value(|v| note(v, None));
    }
    owner
}

/// What the two sides of a header receive.
struct Plan {
    to_body: Vec<Value>,
    to_exit: Vec<Value>,
    /// By use: whether it belongs to the exit.
    outside: Vec<bool>,
    /// The body has other ways in and needs a block before it.
    before_body: bool,
}

fn plan(f: &Func, dom: &Dominators, c: &Candidate) -> Option<Plan> {
    let others = |b: Block| dom.preds[b].iter().copied().filter(|p| *p != c.header);
    let leads = |b: Block| {
        let mut count = 0;
        f.block(c.header).term.each_target(|t| count += (t.block == b) as usize);
        count == 1
    };
    let before_body = others(c.body).next().is_some();
    // All that the body dominates is then reached by way of that block.
    let body_rules = others(c.body).all(|p| dom.dominates(c.body, p));
    // Wherever else the exit is reached from, the body's values are known.
    let exit_rules = body_rules && others(c.exit).all(|p| dom.dominates(c.body, p));
    let mut plan = Plan { to_body: Vec::new(), to_exit: Vec::new(), outside: Vec::new(), before_body };
    let add = |list: &mut Vec<Value>, v: Value| {
        if !list.contains(&v) {
            list.push(v);
        }
    };
    for u in &c.uses {
        let outside = !(body_rules && dom.dominates(c.body, u.block));
        if outside {
            if !(exit_rules && dom.dominates(c.exit, u.block)) {
                return None;
            }
            add(&mut plan.to_exit, u.value);
            if others(c.exit).next().is_some() {
                add(&mut plan.to_body, u.value);
            }
        } else {
            add(&mut plan.to_body, u.value);
        }
        if plan.to_body.len().max(plan.to_exit.len()) > MOST_PASSED {
            return None;
        }
        plan.outside.push(outside);
    }
    if before_body {
        // The block before the body passes on what the header did.
        f.block(c.header).term.each_target(|t| {
            if t.block == c.body {
                t.args.iter().filter(|v| c.varying.contains(v)).for_each(|v| add(&mut plan.to_body, *v));
            }
        });
    }
    (leads(c.body) && leads(c.exit)).then_some(plan)
}

fn invert(f: &mut Func, dom: &Dominators, c: &Candidate, plan: Plan) {
    let guard = f.new_block();
    let mut copies = Copies::default();
    for p in f.block(c.header).params.clone() {
        let ty = f.ty(p);
        copies.insert(p, f.new_param(guard, ty));
    }
    let mut stays = Vec::new();
    for i in std::mem::take(&mut f.blocks[c.header.index()].insts) {
        let data = *f.inst(i);
        if c.fixed.contains(&i) {
            f.blocks[guard.index()].insts.push(i);
            continue;
        }
        stays.push(i);
        if data.op == Op::Poll {
            continue;
        }
        let args: Vec<Value> = f.args(i).iter().map(|v| copies.of(*v)).collect();
        let results: Vec<Type> = (0..data.results).map(|_| f.ty(data.first)).collect();
        let made = f.new_inst(data.op, data.ty, &args, data.imm, data.offset, &results);
        if data.results == 1 {
            copies.insert(data.first, f.inst(made).first);
        }
        f.blocks[guard.index()].insts.push(made);
    }
    f.blocks[c.header.index()].insts = stays;
    f.blocks[c.header.index()].is_loop = false;

    let body = if plan.before_body { f.new_block() } else { c.body };
    f.blocks[body.index()].is_loop = true;
    let receive = |f: &mut Func, b: Block, list: &[Value]| {
        let mut received = Copies::default();
        for &v in list {
            let ty = f.ty(v);
            received.insert(v, f.new_param(b, ty));
        }
        received
    };
    let in_body = receive(f, body, &plan.to_body);
    let at_exit = receive(f, c.exit, &plan.to_exit);

    let mut term = std::mem::replace(&mut f.blocks[c.header.index()].term, Term::None);
    term.each_target_mut(|t| {
        if t.block == c.exit {
            t.args.extend(&plan.to_exit);
        } else if plan.before_body {
            let mut on = std::mem::replace(t, Target { block: body, args: plan.to_body.clone() });
            on.args.iter_mut().for_each(|v| *v = in_body.of(*v));
            f.blocks[body.index()].term = Term::Jump(on);
        } else {
            t.args.extend(&plan.to_body);
        }
    });
    let mut first = term.clone();
    first.each_value_mut(|v| *v = copies.of(*v));
    f.blocks[guard.index()].term = first;
    f.blocks[c.header.index()].term = term;

    for &p in &dom.preds[c.header] {
        if !dom.dominates(c.header, p) {
            f.blocks[p.index()].term.each_target_mut(|t| {
                if t.block == c.header {
                    t.block = guard;
                }
            });
        }
    }
    for (u, &outside) in c.uses.iter().zip(&plan.outside) {
        let to = if outside { at_exit.of(u.value) } else { in_body.of(u.value) };
        let rename = |v: &mut Value| {
            if *v == u.value {
                *v = to;
            }
        };
        match u.inst {
            Some(i) => f.args_mut(i).iter_mut().for_each(rename),
            None => f.blocks[u.block.index()].term.each_value_mut(rename),
        }
    }
    let mut leading = Vec::new();
    dom.preds.distinct(c.exit, &mut leading);
    for p in leading.into_iter().filter(|p| *p != c.header) {
        f.blocks[p.index()].term.each_target_mut(|t| {
            if t.block == c.exit {
                t.args.extend(plan.to_exit.iter().map(|v| in_body.of(*v)));
            }
        });
    }
}
