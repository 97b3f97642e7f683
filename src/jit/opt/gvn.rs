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
use core::hash::{Hash, Hasher};
use foldhash::HashMap;
use std::collections::hash_map::Entry;

#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    op: Op,
    ty: Type,
    imm: u64,
    args: [Value; 3],
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c] = self.args.map(|v| v.0 as u64);
        self.op.hash(state);
        state.write_u64(self.imm);
        state.write_u64(a << 32 | b);
        state.write_u64(c << 32 | self.ty as u64);
    }
}

/// A value, and where the walk is behind all that its block dominates: further on it is of no use.
#[derive(Clone, Copy)]
struct Known {
    value: Value,
    end: u32,
}

struct Gvn<'a> {
    f: &'a mut Func,
    module: &'a Module,
    /// What has been computed. What the walk has left behind stays until it is in the way.
    table: HashMap<Key, Known>,
    /// Checks that others have taken the place of, which reach farther: to be put back where those end.
    hidden: Vec<(u32, Key, Known)>,
    /// In the block at hand.
    reads: HashMap<Place, Value>,
    /// Where the walk is, and the end of the block at hand.
    at: u32,
    end: u32,
}

pub fn run(f: &mut Func, module: &Module) {
    let dom = Dominators::take(f);
    // Mostly so many are kept.
    let table = HashMap::with_capacity_and_hasher(f.insts.len() / 4, Default::default());
    let (hidden, reads) = (Vec::new(), HashMap::default());
    let mut g = Gvn { f, module, table, hidden, reads, at: 0, end: 0 };
    for (at, (b, end)) in dom.walk().into_iter().enumerate() {
        (g.at, g.end) = (at as u32, end);
        g.block(b);
    }
    f.resolve_all();
    dom.give_back(f);
}

impl Gvn<'_> {
    fn block(&mut self, b: Block) {
        while let Some((_, key, known)) = self.hidden.pop_if(|(end, ..)| *end <= self.at) {
            self.table.insert(key, known);
        }
        if self.reads.capacity() > 4 * MAX_READS {
            self.reads = HashMap::default();
        }
        self.reads.clear();
        let mut insts = std::mem::take(&mut self.f.blocks[b.index()].insts);
        insts.retain(|&i| {
            self.f.resolve_args(i);
            !self.replaced(i)
        });
        self.f.blocks[b.index()].insts = insts;
    }

    /// Whether an instruction's result is known already.
    fn replaced(&mut self, i: Inst) -> bool {
        let data = *self.f.inst(i);
        let effect = data.op.effect();
        if effect == Effect::Write {
            if self.reads.len() > MAX_READS {
                self.reads.clear();
            }
            if !self.reads.is_empty() {
                self.reads.retain(|place, _| !alias::may_change(self.f, self.module, i, place));
            }
            self.reads.extend(alias::written(self.f, i));
            return false;
        }
        if let Some(place) = alias::read(self.f, i) {
            return match self.reads.entry(place) {
                Entry::Occupied(known) => {
                    self.f.replace(data.first, *known.get());
                    true
                }
                Entry::Vacant(place) => {
                    place.insert(data.first);
                    false
                }
            };
        }
        let given = self.f.args(i);
        if data.results != 1 || given.len() > 3 {
            return false;
        }
        let mut args = [Value(u32::MAX); 3];
        args[..given.len()].copy_from_slice(given);
        if data.op.is_commutative() && args[1] < args[0] {
            args.swap(0, 1);
        }
        let mut key = Key { op: data.op, ty: data.ty, imm: data.imm, args };
        let is_check = data.op == Op::Check;
        if is_check {
            // By the address alone.
            key = Key { imm: 0, args: [args[0], Value(u32::MAX), Value(u32::MAX)], ..key };
        }
        let now = Known { value: data.first, end: self.end };
        let mut known = match self.table.entry(key) {
            Entry::Vacant(place) => {
                place.insert(now);
                return false;
            }
            Entry::Occupied(known) => known,
        };
        let before = *known.get();
        if before.end <= self.at {
            known.insert(now);
            return false;
        }
        if is_check {
            let reach = |i: Inst| check_parts(self.f.inst(i).imm).0;
            if self.f.def_inst(before.value).is_none_or(|above| reach(above) < reach(i)) {
                self.hidden.push((self.end, key, before));
                known.insert(now);
                return false;
            }
        }
        self.f.replace(data.first, before.value);
        true
    }
}

/// With more reads than this known, a write makes all forgotten: looking through them at each would take too long.
const MAX_READS: usize = 200;
