//! Blocks that only follow each other become one.
//!
//! Building opens a block wherever paths could meet. Where the only way into it turns out to be a jump, it becomes part of the block
//! that jumps, and its parameters the values that are passed: every pass and the register allocator take their time for each block.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::*;

pub(super) fn straighten(f: &mut Func) {
    let order = f.reverse_postorder();
    let preds = f.predecessors(&order);
    // Those that are gone end in nothing.
    for &b in &order {
        while let Term::Jump(t) = &f.block(b).term
            && t.block != ENTRY
            && preds[t.block].len() == 1
        {
            let Term::Jump(Target { block, args }) = std::mem::replace(&mut f.blocks[b.index()].term, Term::None)
            else {
                return;
            };
            let next = &mut f.blocks[block.index()];
            let (params, mut insts) = (std::mem::take(&mut next.params), std::mem::take(&mut next.insts));
            let term = std::mem::replace(&mut next.term, Term::None);
            for (param, arg) in params.into_iter().zip(args) {
                f.replace(param, arg);
            }
            let data = &mut f.blocks[b.index()];
            data.insts.append(&mut insts);
            data.term = term;
        }
    }
    f.resolve_all();
}
