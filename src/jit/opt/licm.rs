//! Loop-invariant code motion.
//!
//! Inner loops first: what has no effect and only uses values from outside goes to the block before the loop, which is made
//! where the loop has several ways in. Base and limit of memory go too, if nothing in the loop can change them, and globals
//! that nothing in the loop writes. Constants go as well, for what uses them;
//! selection makes them where they are used.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, Loop, loops};
use crate::jit::ssa::ir::*;
use crate::module::Module;
use foldhash::HashMap;

/// Loops times values: beyond that, the work that each loop takes adds up to too much.
const MAX_WORK: usize = 1 << 28;

pub fn run(f: &mut Func, _: &Module) {
    let dom = Dominators::new(f);
    let headers = dom.order.iter().filter(|b| f.block(**b).is_loop).count();
    if headers.saturating_mul(f.values.len()) > MAX_WORK {
        return;
    }
    let mut loops = loops(&dom);
    for n in 0..loops.len() {
        let made = hoist(f, &dom, &loops[n]);
        // A new block before this loop is in the loops around it.
        if let Some(made) = made {
            let header = loops[n].header;
            for outer in loops.iter_mut().filter(|l| l.header != header && l.blocks.contains(&header)) {
                outer.blocks.push(made);
            }
        }
    }
    f.resolve_all();
}

/// Empties a loop of what does not change. Gives the block that had to be made before it.
fn hoist(f: &mut Func, dom: &Dominators, l: &Loop) -> Option<Block> {
    let mut inside = vec![false; f.blocks.len()];
    l.blocks.iter().for_each(|b| inside[b.index()] = true);
    let mut calls = false;
    let mut written = Vec::new();
    for &i in l.blocks.iter().flat_map(|b| &f.block(*b).insts) {
        let data = f.inst(i);
        calls |= data.op.is_call();
        if data.op == Op::GlobalSet {
            written.push(data.imm);
        }
    }
    // Where values are defined: outside, or moved there.
    let mut invariant = vec![true; f.values.len()];
    for &b in &l.blocks {
        f.block(b).params.iter().for_each(|p| invariant[p.index()] = false);
        for &i in &f.block(b).insts {
            let data = f.inst(i);
            (0..data.results).for_each(|r| invariant[(data.first.0 + r) as usize] = false);
        }
    }
    let mut order = l.blocks.clone();
    // A block made before an inner loop: values that it uses are defined outside of that loop, and its own are used in it.
    order.sort_by_key(|b| place(f, dom, *b));
    let mut moved: Vec<Inst> = Vec::new();
    // Reads of memory's base and limit, and of globals, once each.
    let mut reads: HashMap<(Op, u64, Option<Value>), Value> = HashMap::default();
    for &b in &order {
        let insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        for i in insts {
            let data = *f.inst(i);
            let movable = match data.op {
                Op::MemBase if f.guarded && data.imm == 0 => true,
                Op::MemBase | Op::MemLimit | Op::Head => !calls,
                Op::GlobalGet => !calls && !written.contains(&data.imm),
                op => op.effect() == Effect::None,
            };
            let args_outside = f.args(i).iter().all(|v| invariant[f.resolve(*v).index()]);
            if !movable || !args_outside || data.results != 1 {
                kept.push(i);
                continue;
            }
            invariant[data.first.index()] = true;
            if data.op.effect() == Effect::Read {
                let key = (data.op, data.imm, f.args(i).first().map(|v| f.resolve(*v)));
                if let Some(&v) = reads.get(&key) {
                    f.replace(data.first, v);
                    continue;
                }
                reads.insert(key, data.first);
            }
            moved.push(i);
        }
        f.blocks[b.index()].insts = kept;
    }
    if moved.is_empty() {
        return None;
    }
    let blocks = f.blocks.len();
    let before = preheader(f, dom, l, &inside);
    f.blocks[before.index()].insts.extend(moved);
    (before.index() >= blocks).then_some(before)
}

/// The order of visits: reverse postorder, with a block that this pass made just before the one it leads to.
fn place(f: &Func, dom: &Dominators, b: Block) -> (u32, bool) {
    match (dom.place.get(b.index()), &f.block(b).term) {
        (Some(place), _) => (*place, true),
        (None, Term::Jump(t)) => (dom.place[t.block.index()], false),
        (None, _) => (u32::MAX, false),
    }
}

/// The block that leads into the loop and nowhere else.
fn preheader(f: &mut Func, dom: &Dominators, l: &Loop, inside: &[bool]) -> Block {
    let is_inside = |b: Block| inside.get(b.index()).copied().unwrap_or(false);
    let outer: Vec<Block> = f
        .blocks
        .iter()
        .enumerate()
        .map(|(n, _)| Block(n as u32))
        .filter(|b| dom.place.get(b.index()).is_none_or(|p| *p != u32::MAX) && !is_inside(*b))
        .filter(|b| {
            let mut leads = false;
            f.block(*b).term.each_target(|t| leads |= t.block == l.header);
            leads
        })
        .collect();
    if let [only] = outer[..]
        && let Term::Jump(_) = f.block(only).term
    {
        return only;
    }
    let made = f.new_block();
    let types: Vec<Type> = f.block(l.header).params.iter().map(|p| f.ty(*p)).collect();
    let params: Vec<Value> = types.iter().map(|ty| f.new_param(made, *ty)).collect();
    for b in outer {
        f.blocks[b.index()].term.each_target_mut(|t| {
            if t.block == l.header {
                t.block = made;
            }
        });
    }
    f.blocks[made.index()].term = Term::Jump(Target { block: l.header, args: params });
    made
}
