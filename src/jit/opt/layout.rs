//! The order of blocks in memory.
//!
//! Reverse postorder in which the blocks of a loop stay together: of two successors the one outside of more loops is visited
//! first, and so placed last. Blocks that end in a trap go behind everything.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::{Dominators, loop_depths, loops};
use crate::jit::ssa::ir::*;
use crate::util::sort_by_key;

/// The reachable blocks in that order, and how many loops each block is in.
pub fn layout(f: &Func, dom: &Dominators) -> (Vec<Block>, Vec<u32>) {
    let depth = loop_depths(f, &loops(dom));
    // The last is visited first and so placed last: let it be the one in fewest loops.
    let list = f.reverse_postorder_by(|next| {
        sort_by_key(next, |n| u64::from(depth[n.index()]));
        next.reverse();
    });
    let cold = |b: &Block| *b != ENTRY && is_end(&f.block(*b).term);
    let mut layout: Vec<Block> = list.iter().copied().filter(|b| !cold(b)).collect();
    layout.extend(list.iter().copied().filter(cold));
    (layout, depth)
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
