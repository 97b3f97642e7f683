//! The order of blocks in memory.
//!
//! Reverse postorder in which the blocks of a loop stay together: of two successors the one outside of more loops is visited
//! first, and so placed last. Blocks that end in a trap go behind everything.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, loop_depths, loops};
use crate::jit::ssa::ir::*;

pub fn layout(f: &Func) -> Vec<Block> {
    let dom = Dominators::new(f);
    let depth = loop_depths(f, &loops(&dom));
    // The last is visited first and so placed last: let it be the one in fewest loops.
    let list = f.reverse_postorder_by(|next| {
        next.sort_by_key(|n| depth[n.index()]);
        next.reverse();
    });
    let cold = |b: &Block| *b != ENTRY && matches!(f.block(*b).term, Term::Trap(..) | Term::Throw(..));
    let mut layout: Vec<Block> = list.iter().copied().filter(|b| !cold(b)).collect();
    layout.extend(list.iter().copied().filter(cold));
    layout
}
