//! Global value numbering and elimination of bounds checks.
//!
//! A walk over the dominator tree with a table of what has been computed above: an equal computation below is replaced. That
//! holds for what has no effect, and for what traps by its arguments alone, since the dominating one has not trapped. An
//! address check is replaced also by a dominating one of the same address that reached at least as far; memories never
//! shrink, so it does not matter that limits differ.
//!
//! Loads are numbered within a block: until something may write where they read.
#![forbid(unsafe_code)]

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

pub fn run(f: &mut Func, _: &Module) {
    let dom = Dominators::new(f);
    let mut children = vec![Vec::new(); f.blocks.len()];
    for &b in &dom.order[1..] {
        children[dom.parent(b).index()].push(b);
    }
    let mut table: HashMap<Key, Value> = HashMap::default();
    // What to take back when the walk leaves a block: the key, and what it had before.
    let mut undo: Vec<(Key, Option<Value>)> = Vec::new();
    let mut stack = vec![(ENTRY, false, 0)];
    while let Some((b, done, mark)) = stack.pop() {
        if done {
            while undo.len() > mark {
                let (key, before) = undo.pop().expect("longer than the mark");
                match before {
                    Some(v) => table.insert(key, v),
                    None => table.remove(&key),
                };
            }
            continue;
        }
        stack.push((b, true, undo.len()));
        block(f, b, &mut table, &mut undo);
        stack.extend(children[b.index()].iter().map(|c| (*c, false, 0)));
    }
    f.resolve_all();
}

fn block(f: &mut Func, b: Block, table: &mut HashMap<Key, Value>, undo: &mut Vec<(Key, Option<Value>)>) {
    let mut reads: HashMap<Key, Value> = HashMap::default();
    let insts = std::mem::take(&mut f.blocks[b.index()].insts);
    let mut kept = Vec::with_capacity(insts.len());
    for i in insts {
        for n in 0..f.args(i).len() {
            let v = f.resolve(f.args(i)[n]);
            f.args_mut(i)[n] = v;
        }
        let data = *f.inst(i);
        if !replaced(f, i, &data, table, undo, &mut reads) {
            kept.push(i);
        }
    }
    f.blocks[b.index()].insts = kept;
}

/// Whether an instruction's result is known already.
fn replaced(
    f: &mut Func,
    i: Inst,
    data: &InstData,
    table: &mut HashMap<Key, Value>,
    undo: &mut Vec<(Key, Option<Value>)>,
    reads: &mut HashMap<Key, Value>,
) -> bool {
    let effect = data.op.effect();
    if effect == Effect::Write {
        forget(f, i, data, reads);
        return false;
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
    let known = if effect == Effect::Read { reads.get(&key) } else { table.get(&key) };
    if let Some(&v) = known {
        f.replace(data.first, v);
        return true;
    }
    if effect == Effect::Read {
        reads.insert(key, data.first);
    } else {
        undo.push((key.clone(), table.insert(key, data.first)));
    }
    false
}

/// With more reads than this known, a write makes all forgotten: looking through them at each would take too long.
const MAX_READS: usize = 200;

/// Forgets what a write may change.
fn forget(f: &Func, i: Inst, data: &InstData, reads: &mut HashMap<Key, Value>) {
    if reads.len() > MAX_READS {
        return reads.clear();
    }
    match data.op {
        Op::Store(width) => {
            let args = f.args(i);
            let (at, end) = (data.imm, data.imm.saturating_add(width.bytes()));
            // Another place of the same address is left alone.
            reads.retain(|k, _| match k.op {
                Op::Load(w) => k.args[1] == args[1] && (k.imm >= end || k.imm.saturating_add(w.bytes()) <= at),
                _ => true,
            });
        }
        Op::GlobalSet => {
            reads.retain(|k, _| k.op != Op::GlobalGet);
            if data.ty != Type::V128 {
                let none = Value(u32::MAX);
                let key = Key { op: Op::GlobalGet, ty: data.ty, imm: data.imm, args: [none; 3] };
                reads.insert(key, f.args(i)[0]);
            }
        }
        // Objects and tables are apart from memories, globals, and from their own lengths and places.
        Op::Poke(_) => reads.retain(|k, _| !matches!(k.op, Op::Peek(_))),
        _ => reads.clear(),
    }
}
