//! Block parameters that are always the same value.
//!
//! Building gives a join a parameter for every local that is assigned in the block it ends, and a loop header one for every
//! local assigned in the loop. Where all predecessors pass the same value (or, around a loop, the parameter itself), the
//! parameter is that value. Repeated until nothing changes; each round is linear.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::*;
use crate::module::Module;

pub fn run(f: &mut Func, _: &Module) {
    let order = f.reverse_postorder();
    loop {
        // By parameter: the only value seen so far, if there is one.
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            Nothing,
            One(Value),
            Many,
        }
        let mut seen = vec![Seen::Nothing; f.values.len()];
        for &b in &order {
            f.block(b).term.each_target(|t| {
                for (p, a) in f.block(t.block).params.iter().zip(&t.args) {
                    let a = f.resolve(*a);
                    let now = &mut seen[p.index()];
                    *now = match *now {
                        _ if a == *p => *now,
                        Seen::Nothing => Seen::One(a),
                        Seen::One(v) if v == a => *now,
                        _ => Seen::Many,
                    };
                }
            });
        }
        let mut changed = false;
        for &b in &order[1..] {
            let params = f.block(b).params.clone();
            for p in params {
                if let Seen::One(v) = seen[p.index()]
                    && f.resolve(v) != p
                {
                    f.replace(p, v);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
        f.resolve_all();
        remove(f, &order, |f, p| matches!(f.values[p.index()].def, Def::Alias(_)));
    }
}

/// Takes parameters away, and the arguments for them.
pub fn remove(f: &mut Func, order: &[Block], gone: impl Fn(&Func, Value) -> bool) {
    let kept: Vec<Option<Vec<bool>>> = (0..f.blocks.len())
        .map(|b| {
            let params = &f.blocks[b].params;
            let kept: Vec<bool> = params.iter().map(|p| b == ENTRY.index() || !gone(f, *p)).collect();
            kept.contains(&false).then_some(kept)
        })
        .collect();
    for &b in order {
        f.blocks[b.index()].term.each_target_mut(|t| {
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
