//! Loop-invariant code motion.
//!
//! Inner loops first: what has no effect and only uses values from outside goes to the block before the loop, which is made
//! where the loop has several ways in. Base and limit of memory go too, if nothing in the loop can change them, and globals
//! that nothing in the loop writes. Constants go as well, for what uses them;
//! selection makes them where they are used. What only blocks want that are rare (see [`super::layout`]) stays there: it would take a
//! register from those that run often.
//!
//! What may trap goes if it runs in the first trip before anything that could be noticed: in the blocks that every trip begins
//! with, behind nothing that has an effect or stays and may trap. (A poll does not count: a stop may come a moment later.) Loads go if
//! nothing in the loop may change what they read, every trip gets to them, and their check is outside; so a few, as each takes
//! a register. A check without limit (`is_guarded`), which costs nothing where an access follows it, goes only with that access.
#![forbid(unsafe_code)]

use super::alias;
use super::layout::Nest;
use crate::jit::ssa::dom::{Dominators, Loop};
use crate::jit::ssa::ir::*;
use crate::module::Module;
use crate::util::sort_by_key;
use foldhash::HashMap;

/// Loops times values: beyond that, the work that each loop takes adds up to too much.
const MAX_WORK: usize = 1 << 28;

pub fn run(f: &mut Func, module: &Module) {
    let dom = Dominators::take(f);
    let headers = dom.order.iter().filter(|b| f.block(**b).is_loop).count();
    if headers.saturating_mul(f.values.len()) > MAX_WORK {
        return dom.give_back(f);
    }
    let Nest { mut loops, rare, .. } = Nest::new(f, &dom);
    let blocks = f.blocks.len();
    for n in 0..loops.len() {
        let made = hoist(f, module, &dom, &loops[n], &rare);
        // A new block before this loop is in the loops around it.
        if let Some(made) = made {
            let header = loops[n].header;
            for outer in loops.iter_mut().filter(|l| l.header != header && l.blocks.contains(&header)) {
                outer.blocks.push(made);
            }
        }
    }
    f.resolve_all();
    if f.blocks.len() == blocks {
        dom.give_back(f);
    }
}

/// Empties a loop of what does not change. Gives the block that had to be made before it.
fn hoist(f: &mut Func, module: &Module, dom: &Dominators, l: &Loop, rare: &[bool]) -> Option<Block> {
    let mut inside = vec![false; f.blocks.len()];
    l.blocks.iter().for_each(|b| inside[b.index()] = true);
    let writes = alias::Writes::of(f, module, &l.blocks);
    let first = first_blocks(f, dom, l);
    let mut loads = MOST_LOADS;
    let spared = |f: &Func, i: Inst| writes.spare(f, module, i);
    let back: Vec<Block> = dom.preds[l.header].iter().copied().filter(|p| dom.dominates(l.header, *p)).collect();
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
    sort_by_key(&mut order, |b| place(f, dom, *b));
    let mut moved: Vec<Inst> = Vec::new();
    // What has been read, once each.
    let mut reads: HashMap<alias::Place, Value> = HashMap::default();
    // Whether nothing has been left behind that could be noticed.
    let mut clean = true;
    for &b in order.iter().filter(|b| !rare.get(b.index()).is_some_and(|rare| *rare)) {
        let insts = std::mem::take(&mut f.blocks[b.index()].insts);
        let mut kept = Vec::with_capacity(insts.len());
        let begins = first.contains(&b);
        // A block that this pass made runs as often as what it leads to is entered.
        let stands_for = match &f.block(b).term {
            Term::Jump(t) if b.index() >= dom.place.len() => t.block,
            _ => b,
        };
        let always = begins || back.iter().all(|p| dom.dominates(stands_for, *p));
        for (n, &i) in insts.iter().enumerate() {
            let data = *f.inst(i);
            f.resolve_args(i);
            let args_outside = f.args(i).iter().all(|v| invariant[v.index()]);
            let movable = args_outside
                && data.results <= 1
                && match data.op {
                    Op::MemBase | Op::MemLimit | Op::Head | Op::GlobalGet => spared(f, i),
                    Op::Load(_) => loads > 0 && always && spared(f, i),
                    // Whether there is such a place may depend on what has been asked before.
                    Op::Peek(_) => loads > 0 && begins && clean && spared(f, i),
                    Op::Poll => false,
                    Op::Check if is_guarded(data.imm) => {
                        let follows = |j: Inst| {
                            matches!(f.inst(j).op, Op::Load(_))
                                && f.args(j)[1] == data.first
                                && invariant[f.resolve(f.args(j)[0]).index()]
                                && spared(f, j)
                        };
                        begins && clean && loads > 0 && insts.get(n + 1).is_some_and(|j| follows(*j))
                    }
                    op if op.effect() == Effect::Trap => begins && clean,
                    op => op.effect() == Effect::None && data.results == 1,
                };
            if !movable {
                let noticed = matches!(data.op.effect(), Effect::Trap | Effect::Write) && data.op != Op::Poll;
                clean &= !(begins && noticed);
                kept.push(i);
                continue;
            }
            if data.results == 1 {
                invariant[data.first.index()] = true;
            }
            if data.op.effect() == Effect::Read {
                let place = alias::read(f, i).expect("it reads");
                if let Some(&v) = reads.get(&place) {
                    f.replace(data.first, v);
                    continue;
                }
                reads.insert(place, data.first);
                if matches!(data.op, Op::Load(_) | Op::Peek(_)) {
                    loads -= 1;
                }
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

/// Loads that are moved out of a loop, at most.
const MOST_LOADS: usize = 4;

/// The blocks that every trip of a loop begins with, one behind the other.
fn first_blocks(f: &Func, dom: &Dominators, l: &Loop) -> Vec<Block> {
    let mut list = vec![l.header];
    while let Some(&b) = list.last()
        && let Term::Jump(t) = &f.block(b).term
        && t.block.index() < dom.place.len()
        && dom.preds[t.block].len() == 1
    {
        list.push(t.block);
    }
    list
}

/// The order of visits: reverse postorder, with a block that this pass made just before the one it leads to.
fn place(f: &Func, dom: &Dominators, b: Block) -> u64 {
    let (place, after) = match (dom.place.get(b.index()), &f.block(b).term) {
        (Some(place), _) => (*place, true),
        (None, Term::Jump(t)) => (dom.place[t.block.index()], false),
        (None, _) => (u32::MAX, false),
    };
    u64::from(place) << 1 | u64::from(after)
}

/// The block that leads into the loop and nowhere else.
fn preheader(f: &mut Func, dom: &Dominators, l: &Loop, inside: &[bool]) -> Block {
    let is_inside = |b: Block| inside.get(b.index()).copied().unwrap_or(false);
    // Those that this pass has made, too.
    let made = (dom.place.len()..f.blocks.len()).map(|n| Block(n as u32));
    let mut outer = Vec::new();
    dom.preds.distinct(l.header, &mut outer);
    outer.extend(made);
    outer.retain(|b| {
        let mut leads = false;
        f.block(*b).term.visit_targets(|t| leads |= t.block == l.header);
        leads && !is_inside(*b)
    });
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
