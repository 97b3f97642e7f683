//! Elimination of stores that are overwritten before anybody can see them.
//!
//! Within a block: a store to memory or a global goes if a later one writes all of its bytes, and nothing between them reads any,
//! calls, or may trap; what is in memory and globals can be seen after a trap. Checks of the same address have
//! been merged by then, so that stores behind each other to fields of one object are not in each other's way. The check of a store
//! that goes stays.
//!
//! Stores to memories of a module that has shared ones stay: other threads may look at any time.
#![forbid(unsafe_code)]

use super::alias::{Extent, same_global};
use crate::jit::ssa::ir::*;
use crate::module::Module;

/// Stores that nobody has seen yet, at most: each is compared with what follows.
const MOST: usize = 16;

pub fn run(f: &mut Func, module: &Module) {
    let shared = module.memories.iter().any(|m| m.shared);
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
                Op::Load(_) | Op::GlobalGet => unseen.retain(|j| !sees(f, module, i, *j)),
                op if matches!(op.effect(), Effect::Trap | Effect::Write) => unseen.clear(),
                _ => {}
            }
        }
        if !dead.is_empty() {
            f.blocks[b].insts.retain(|i| !dead.contains(i));
        }
    }
}

fn extent(f: &Func, i: Inst) -> Option<Extent> {
    let data = f.inst(i);
    let (Op::Store(width) | Op::Load(width)) = data.op else { return None };
    let args = f.args(i);
    Some(Extent { base: args[0], address: args[1], offset: data.imm, bytes: width.bytes() })
}

/// Whether a store writes all that an earlier one has written.
fn covers(f: &Func, later: Inst, earlier: Inst) -> bool {
    match (extent(f, later), extent(f, earlier)) {
        (Some(l), Some(e)) => {
            (l.base, l.address) == (e.base, e.address)
                && l.offset <= e.offset
                && e.offset - l.offset + e.bytes <= l.bytes
        }
        (None, None) => f.inst(later).imm == f.inst(earlier).imm,
        _ => false,
    }
}

/// Whether a read may see what a store has written.
fn sees(f: &Func, module: &Module, read: Inst, store: Inst) -> bool {
    match (extent(f, read), extent(f, store)) {
        (Some(r), Some(s)) => r.may_overlap(f, &s),
        (None, None) => same_global(module, f.inst(read).imm, f.inst(store).imm),
        _ => false,
    }
}
