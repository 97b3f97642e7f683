//! Global value numbering and elimination of bounds checks.
//!
//! A walk over the dominator tree with a table of what has been computed above: an equal computation below is replaced. That
//! holds for what has no effect, and for what traps by its arguments alone, since the dominating one has not trapped. An
//! address check is replaced also by a dominating one of the same address that reached at least as far; memories never
//! shrink, so it does not matter that limits differ.
//!
//! Loads are numbered within a block: until something may write where they read ([`alias`]); a store tells what a load would give.
#![forbid(unsafe_code)]

use super::alias::{self, Place};
use crate::jit::ssa::dom::Dominators;
use crate::jit::ssa::ir::*;
use crate::module::Module;
use foldhash::HashMap;

#[derive(PartialEq, Eq, Hash, Clone)]
struct Key {
    op: Op,
    ty: Type,
    imm: u64,
    args: [Value; 3],
}

pub fn run(f: &mut Func, module: &Module) {
    let dom = Dominators::new(f);
    let mut table: HashMap<Key, Value> = HashMap::default();
    let mut reads: HashMap<Place, Value> = HashMap::default();
    // What to take back when the walk leaves a block: the key, and what it had before.
    let mut undo: Vec<(Key, Option<Value>)> = Vec::new();
    // The blocks that the walk is in: where they end, and how much there was to take back before.
    let mut open: Vec<(u32, usize)> = Vec::new();
    for (at, (b, end)) in dom.walk().into_iter().enumerate() {
        while let Some((_, mark)) = open.pop_if(|(end, _)| *end as usize <= at) {
            while undo.len() > mark {
                let (key, before) = undo.pop().expect("longer than the mark");
                match before {
                    Some(v) => table.insert(key, v),
                    None => table.remove(&key),
                };
            }
        }
        open.push((end, undo.len()));
        if reads.capacity() > 4 * MAX_READS {
            reads = HashMap::default();
        }
        reads.clear();
        block(f, module, b, &mut table, &mut undo, &mut reads);
    }
    f.resolve_all();
}

fn block(
    f: &mut Func,
    module: &Module,
    b: Block,
    table: &mut HashMap<Key, Value>,
    undo: &mut Vec<(Key, Option<Value>)>,
    reads: &mut HashMap<Place, Value>,
) {
    let mut insts = std::mem::take(&mut f.blocks[b.index()].insts);
    insts.retain(|&i| {
        f.resolve_args(i);
        let data = *f.inst(i);
        !replaced(f, module, i, &data, table, undo, reads)
    });
    f.blocks[b.index()].insts = insts;
}

/// Whether an instruction's result is known already.
fn replaced(
    f: &mut Func,
    module: &Module,
    i: Inst,
    data: &InstData,
    table: &mut HashMap<Key, Value>,
    undo: &mut Vec<(Key, Option<Value>)>,
    reads: &mut HashMap<Place, Value>,
) -> bool {
    if data.op.effect() == Effect::Write {
        if reads.len() > MAX_READS {
            reads.clear();
        }
        reads.retain(|place, _| !alias::may_change(f, module, i, place));
        reads.extend(alias::written(f, i));
        return false;
    }
    if let Some(place) = alias::read(f, i) {
        match reads.get(&place) {
            Some(&v) => f.replace(data.first, v),
            None => {
                reads.insert(place, data.first);
                return false;
            }
        }
        return true;
    }
    if data.results != 1 || f.args(i).len() > 3 {
        return false;
    }
    let mut args = [Value(u32::MAX); 3];
    args[..f.args(i).len()].copy_from_slice(f.args(i));
    if data.op.is_commutative() && args[1] < args[0] {
        args.swap(0, 1);
    }
    let mut key = Key { op: data.op, ty: data.ty, imm: data.imm, args };
    if data.op == Op::Check {
        // By the address alone.
        key = Key { imm: 0, args: [args[0], Value(u32::MAX), Value(u32::MAX)], ..key };
        let (end, _) = check_parts(data.imm);
        if let Some(&v) = table.get(&key)
            && let Some(above) = f.def_inst(v)
            && check_parts(f.inst(above).imm).0 >= end
        {
            f.replace(data.first, v);
            return true;
        }
        undo.push((key.clone(), table.insert(key, data.first)));
        return false;
    }
    if let Some(&v) = table.get(&key) {
        f.replace(data.first, v);
        return true;
    }
    undo.push((key.clone(), table.insert(key, data.first)));
    false
}

/// With more reads than this known, a write makes all forgotten: looking through them at each would take too long.
const MAX_READS: usize = 200;
