//! The order of blocks, and which of them are rare.
//!
//! Reverse postorder in which the blocks of a loop stay together, those of inner loops in the place of their headers. Blocks that end in
//! a trap go behind everything.
//!
//! Where a trip of a loop can go around every call, the blocks in which it cannot are rare. That may be wrong, but then costs two
//! jumps at a call; where it is right, the trips without calls run through code in a row and give up nothing for the calls: rare
//! blocks lie at the function's end, nothing is moved out of the loop for them ([`super::licm`]), and their calls take no registers
//! from the others ([`crate::jit::x64::aside`]).
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, Loop, loops};
use crate::jit::ssa::ir::*;
use crate::util::sort_by_key;

/// How the blocks of a function lie.
pub struct Layout {
    /// The reachable ones, in order. Those that are rare lie behind all others in the end.
    pub order: Vec<Block>,
    /// By block: how many loops it is in.
    pub depth: Vec<u32>,
    /// By block: whether a loop begins with it.
    pub is_header: Vec<bool>,
    /// By block: whether it is rare.
    pub rare: Vec<bool>,
}

/// The loops of a function as a tree, and where trips seldom come. The function as a whole is numbered behind its loops.
pub struct Nest {
    pub loops: Vec<Loop>,
    /// By loop: the next one around it.
    outer: Vec<usize>,
    /// By block: the innermost loop that it is in.
    home: Vec<usize>,
    /// By block: how many loops it is in.
    depth: Vec<u32>,
    /// By block: whether it is rare.
    pub rare: Vec<bool>,
}

impl Nest {
    pub fn new(f: &Func, dom: &Dominators) -> Nest {
        let loops = loops(dom);
        let whole = loops.len();
        let mut depth = vec![0; f.blocks.len()];
        let mut home = vec![whole; f.blocks.len()];
        let mut outer = vec![whole; whole];
        for (n, l) in loops.iter().enumerate() {
            for &b in &l.blocks {
                depth[b.index()] += 1;
                let inner = home[b.index()];
                if inner == whole {
                    home[b.index()] = n;
                } else if loops[inner].header == b && outer[inner] == whole {
                    outer[inner] = n;
                }
            }
        }
        let mut nest = Nest { loops, outer, home, depth, rare: vec![false; f.blocks.len()] };
        let calls: Vec<bool> = f.blocks.iter().map(|b| calls(f, b)).collect();
        let mut marks = vec![0; f.blocks.len()];
        for n in 0..nest.loops.len() {
            if nest.loops[n].blocks.iter().any(|b| nest.home[b.index()] == n && calls[b.index()]) {
                nest.find_rare(f, dom, n, &calls, &mut marks);
                nest.loops[n].blocks.iter().for_each(|b| marks[b.index()] = 0);
            }
        }
        nest
    }

    /// Finds the rare blocks of a loop, none of them in a loop inside of it. The marks are none yet.
    fn find_rare(&mut self, f: &Func, dom: &Dominators, n: usize, calls: &[bool], marks: &mut [u8]) {
        const INSIDE: u8 = 1;
        const REACHED: u8 = 2;
        const OFTEN: u8 = 4;
        const SEEN: u8 = 8;
        let (l, home, rare) = (&self.loops[n], &self.home, &mut self.rare);
        let own = |b: Block| home[b.index()] == n;
        let stops = |b: Block| own(b) && calls[b.index()];
        if stops(l.header) {
            return;
        }
        l.blocks.iter().for_each(|b| marks[b.index()] = INSIDE);
        // Forwards from the header, and backwards from where trips end, not through calls.
        let mut work = vec![l.header];
        marks[l.header.index()] |= REACHED;
        while let Some(b) = work.pop() {
            f.block(b).term.each_target(|t| {
                let m = &mut marks[t.block.index()];
                if *m == INSIDE && !stops(t.block) {
                    *m |= REACHED;
                    work.push(t.block);
                }
            });
        }
        work.push(l.header);
        while let Some(b) = work.pop() {
            for &p in &dom.preds[b] {
                let m = &mut marks[p.index()];
                if *m == INSIDE | REACHED {
                    *m |= OFTEN;
                    work.push(p);
                }
            }
        }
        if marks[l.header.index()] & OFTEN == 0 {
            return;
        }
        l.blocks.iter().filter(|b| own(**b) && marks[b.index()] & OFTEN == 0).for_each(|b| rare[b.index()] = true);
        // What dominates a block that stays has to stay before it.
        for &b in &l.blocks {
            let mut at = b;
            while (at != b || !rare[b.index()]) && marks[at.index()] & SEEN == 0 {
                marks[at.index()] |= SEEN;
                if own(at) {
                    rare[at.index()] = false;
                }
                if at != l.header {
                    at = dom.parent(at);
                }
            }
        }
    }
}

pub fn layout(f: &Func, dom: &Dominators) -> Layout {
    let Nest { loops, outer, home, depth, rare } = Nest::new(f, dom);
    let mut is_header = vec![false; f.blocks.len()];
    loops.iter().for_each(|l| is_header[l.header.index()] = true);
    // The last is visited first and so placed last: let it be the one in fewest loops.
    let list = f.reverse_postorder_by(|next| {
        sort_by_key(next, |n| u64::from(depth[n.index()]));
        next.reverse();
    });
    let ends = |b: Block| b != ENTRY && is_end(&f.block(b).term);
    let mut end = list.len() - list.iter().filter(|b| ends(**b)).count();
    let mut order = vec![ENTRY; list.len()];
    // By loop: where its next block goes. Its header reserves room for all of it.
    let mut next = vec![0; loops.len() + 1];
    for b in list {
        let n = home[b.index()];
        if is_header[b.index()] {
            next[n] = next[outer[n]];
            next[outer[n]] += loops[n].blocks.len();
        }
        let at = if ends(b) { &mut end } else { &mut next[n] };
        order[*at] = b;
        *at += 1;
    }
    Layout { order, depth, is_header, rare }
}

fn calls(f: &Func, b: &BlockData) -> bool {
    let is_call = |i: &Inst| matches!(f.inst(*i).op, Op::Call | Op::CallIndirect | Op::CallRef | Op::Helper(_));
    b.insts.iter().any(is_call)
}

/// Whether a block ends in a trap, or throws out of the function: the allocator wants every block behind its dominators, so only what
/// leads nowhere may be moved.
fn is_end(term: &Term) -> bool {
    match term {
        Term::Trap(..) => true,
        Term::Throw(_, handlers, _) => handlers.is_empty(),
        _ => false,
    }
}
