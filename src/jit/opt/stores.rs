//! Elimination of stores that are overwritten before anybody can see them.
//!
//! Within a block: a store to memory or a global goes if a later one writes all of its bytes, and nothing between them reads any,
//! calls, or may trap; what is in memory and globals can be seen after a trap. Checks of the same address have
//! been merged by then, so that stores behind each other to fields of one object are not in each other's way. The check of a store
//! that goes stays.
//!
//! Stores to memories of a module that has shared ones stay: other threads may look at any time.
#![forbid(unsafe_code)]

use super::alias::{self, Extent};
use crate::jit::ssa::ir::*;
use crate::module::Module;

/// Stores that nobody has seen yet, at most: each is compared with what follows.
const MOST: usize = 16;

pub fn run(f: &mut Func, module: &Module) {
    let shared = alias::is_shared(module);
    let mut unseen: Vec<Inst> = Vec::new();
    let mut dead: Vec<Inst> = Vec::new();
    for b in 0..f.blocks.len() {
        unseen.clear();
        dead.clear();
        for &i in &f.blocks[b].insts {
            let data = f.inst(i);
            match data.op {
                Op::Store(_) if shared => {}
                Op::Store(_) | Op::GlobalSet => {
                    unseen.retain(|j| {
                        let covered = covers(f, i, *j);
                        dead.extend(covered.then_some(*j));
                        !covered
                    });
                    if unseen.len() == MOST {
                        unseen.remove(0);
                    }
                    unseen.push(i);
                }
                Op::Load(_) | Op::GlobalGet => {
                    let place = alias::read(f, i).expect("it reads");
                    unseen.retain(|j| !alias::may_change(f, module, *j, &place));
                }
                op if matches!(op.effect(), Effect::Trap | Effect::Write) => unseen.clear(),
                _ => {}
            }
        }
        if !dead.is_empty() {
            f.blocks[b].insts.retain(|i| !dead.contains(i));
        }
    }
}

/// Whether a store writes all that an earlier one has written.
fn covers(f: &Func, later: Inst, earlier: Inst) -> bool {
    match (f.inst(later).op, f.inst(earlier).op) {
        (Op::Store(w), Op::Store(v)) => {
            let (l, e) = (Extent::of(f, later, w), Extent::of(f, earlier, v));
            (l.base, l.address) == (e.base, e.address)
                && l.offset <= e.offset
                && e.offset - l.offset + e.bytes <= l.bytes
        }
        (Op::GlobalSet, Op::GlobalSet) => f.inst(later).imm == f.inst(earlier).imm,
        _ => false,
    }
}
