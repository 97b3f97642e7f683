//! The order of blocks in memory.
//!
//! Reverse postorder in which the blocks of a loop stay together: of two successors the one outside of more loops is visited
//! first, and so placed last. Blocks that end in a trap go behind everything.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, loop_depths, loops};
use crate::jit::ssa::ir::*;

pub fn layout(f: &Func, order: &[Block]) -> Vec<Block> {
    let dom = Dominators::new(f);
    let depth = loop_depths(f, &loops(&dom));
    let mut seen = vec![false; f.blocks.len()];
    let mut list = Vec::with_capacity(order.len());
    // Deepest last, because the last is taken first and so finished last only among equals: visit shallow ones first.
    let successors = |b: Block| {
        let mut next = Vec::new();
        f.block(b).term.each_target(|t| next.push(t.block));
        // Taken from the end.
        next.sort_by_key(|n| depth[n.index()]);
        next.reverse();
        next
    };
    let mut stack = vec![(ENTRY, successors(ENTRY))];
    seen[ENTRY.index()] = true;
    while let Some((block, left)) = stack.last_mut() {
        match left.pop() {
            Some(next) if !seen[next.index()] => {
                seen[next.index()] = true;
                stack.push((next, successors(next)));
            }
            Some(_) => {}
            None => {
                list.push(*block);
                stack.pop();
            }
        }
    }
    list.reverse();
    let cold = |b: &Block| *b != ENTRY && matches!(f.block(*b).term, Term::Trap(..));
    let mut layout: Vec<Block> = list.iter().copied().filter(|b| !cold(b)).collect();
    layout.extend(list.iter().copied().filter(cold));
    layout
}
