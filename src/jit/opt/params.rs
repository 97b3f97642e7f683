//! Block parameters that are always the same value.
//!
//! Building gives a join a parameter for every local that is assigned in the block it ends, and a loop header one for every
//! local assigned in the loop. Where all predecessors pass the same value (or, around a loop, the parameter itself), the
//! parameter is that value. Repeated until nothing changes; each round is linear.
#![forbid(unsafe_code)]

use crate::jit::ssa::dom::Dominators;
use crate::jit::ssa::ir::*;
use crate::module::Module;

pub fn run(f: &mut Func, _: &Module) {
    let dom = Dominators::take(f);
    while round(f, &dom.order) {}
    dom.give_back(f);
}

/// Whether there were such parameters.
fn round(f: &mut Func, order: &[Block]) -> bool {
    // By parameter: the only value seen so far, if there is one; itself means none.
    const MANY: Value = Value(u32::MAX);
    let mut starts = vec![0u32; f.blocks.len()];
    let mut params: Vec<Value> = Vec::new();
    for &b in &order[1..] {
        starts[b.index()] = params.len() as u32;
        params.extend(&f.block(b).params);
    }
    starts[ENTRY.index()] = params.len() as u32;
    if params.is_empty() {
        return false;
    }
    let mut seen = params.clone();
    for &b in order {
        f.block(b).term.visit_targets(|t| {
            let start = starts[t.block.index()] as usize;
            for ((p, now), a) in params[start..].iter().zip(&mut seen[start..]).zip(&t.args) {
                let a = f.resolve(*a);
                *now = match *now {
                    _ if a == *p => *now,
                    one if one == *p || one == a => a,
                    _ => MANY,
                };
            }
        });
    }
    let mut changed = false;
    for (p, v) in params.into_iter().zip(seen) {
        if v != p && v != MANY && f.resolve(v) != p {
            f.replace(p, v);
            changed = true;
        }
    }
    if changed {
        f.resolve_all();
        remove(f, order, &|f, p| matches!(f.values[p.index()].def, Def::Alias(_)));
    }
    changed
}

/// Takes parameters away, and the arguments for them.
pub fn remove(f: &mut Func, order: &[Block], gone: &dyn Fn(&Func, Value) -> bool) {
    let kept: Vec<Option<Vec<bool>>> = (0..f.blocks.len())
        .map(|b| {
            let params = &f.blocks[b].params;
            let some = b != ENTRY.index() && params.iter().any(|p| gone(f, *p));
            some.then(|| params.iter().map(|p| !gone(f, *p)).collect())
        })
        .collect();
    for &b in order {
        f.blocks[b.index()].term.visit_targets_mut(|t| {
            if let Some(kept) = &kept[t.block.index()] {
                let mut n = 0;
                t.args.retain(|_| {
                    n += 1;
                    kept[n - 1]
                });
            }
        });
    }
    for (b, kept) in kept.iter().enumerate() {
        if let Some(kept) = kept {
            let mut n = 0;
            let mut params = std::mem::take(&mut f.blocks[b].params);
            params.retain(|_| {
                n += 1;
                kept[n - 1]
            });
            for (n, p) in params.iter().enumerate() {
                f.values[p.index()].def = Def::Param(Block(b as u32), n as u32);
            }
            f.blocks[b].params = params;
        }
    }
}
