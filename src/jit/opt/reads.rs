//! Elimination of loads across blocks.
//!
//! A load whose result is known is replaced: because the same was loaded before, or stored there, and nothing may have
//! changed it since. What is known at the end of each block is a short list; a block begins with what all its predecessors
//! know. Where they know different values, the block gets a parameter; where some of them know nothing, they load at their ends,
//! as long as one does know: no path loads more often than before. A loop that loads in its header what it has stored in the last
//! trip thus keeps it in a register.
//!
//! What a write may change is told by [`alias`].
//!
//! Loads cannot trap here: the checks of their addresses are instructions of their own and stay.
#![forbid(unsafe_code)]

use super::alias::{self, NONE, Place};
use crate::jit::ssa::dom::{Dominators, loops};
use crate::jit::ssa::ir::*;
use crate::module::Module;

/// What is known, oldest first.
type Known = Vec<(Place, Value)>;

/// The most that is remembered.
const MOST: usize = 24;

/// Blocks times what is known of each, and loops times blocks: beyond that only within blocks.
const MAX_BLOCKS: usize = 20_000;

struct Reads<'a> {
    f: &'a mut Func,
    module: &'a Module,
    dom: Dominators,
    /// By block: what is known at its end; `None` before it has been visited.
    known: Vec<Option<Known>>,
    /// By instruction: its block.
    home: Vec<Block>,
    /// Lists that are made for each block.
    spare: Vec<Inst>,
    preds: Vec<Block>,
}

pub fn run(f: &mut Func, module: &Module) {
    let dom = Dominators::take(f);
    one_base(f, &dom);
    if dom.order.len() > MAX_BLOCKS {
        return dom.give_back(f);
    }
    let loops = loops(&dom);
    // By block: the writes of the loop that it is the header of.
    let mut writes: Vec<Option<Vec<Inst>>> = vec![None; f.blocks.len()];
    for l in &loops {
        let inside = l.blocks.iter().flat_map(|b| &f.block(*b).insts).copied();
        writes[l.header.index()] = Some(inside.filter(|i| f.inst(*i).op.effect() == Effect::Write).collect());
    }
    let known = vec![None; f.blocks.len()];
    let order = dom.order.clone();
    let mut home = vec![ENTRY; f.insts.len()];
    for &b in &order {
        f.block(b).insts.iter().for_each(|i| home[i.index()] = b);
    }
    let mut r = Reads { f, module, dom, known, home, spare: Vec::new(), preds: Vec::new() };
    for &b in &order {
        r.block(b, writes[b.index()].as_deref());
    }
    for l in &loops {
        r.carry(l.header);
    }
    let dom = r.dom;
    f.resolve_all();
    dom.give_back(f);
}

impl Reads<'_> {
    fn block(&mut self, b: Block, writes: Option<&[Inst]>) {
        let preds = self.preds(b);
        let mut known = self.meet(b, &preds);
        // What the trips of a loop change is not known at its header.
        for &i in writes.unwrap_or_default() {
            if known.is_empty() {
                break;
            }
            self.forget(i, &mut known);
        }
        // Whether a place still has what it had when the block began.
        let mut written = std::mem::take(&mut self.spare);
        written.clear();
        let mut insts = std::mem::take(&mut self.f.blocks[b.index()].insts);
        insts.retain(|&i| {
            self.f.resolve_args(i);
            let data = *self.f.inst(i);
            if data.op.effect() == Effect::Write {
                let stored = alias::written(self.f, i);
                if stored.is_some_and(|s| known.contains(&s)) && !alias::is_shared(self.module) {
                    // It has that already.
                    return false;
                }
                self.forget(i, &mut known);
                if let Some((key, v)) = stored {
                    self.remember(&mut known, key, v);
                }
                written.push(i);
                return true;
            }
            let Some(key) = self.key(i) else { return true };
            let mut value = known.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
            if value.is_none() && writes.is_none() && preds.len() > 1 && self.untouched(&key, &written) {
                value = self.parameter(b, &preds, &key);
                if let Some(v) = value {
                    self.remember(&mut known, key, v);
                }
            }
            match value {
                Some(v) => self.f.replace(data.first, v),
                None => self.remember(&mut known, key, data.first),
            }
            value.is_none()
        });
        self.f.blocks[b.index()].insts = insts;
        self.known[b.index()] = Some(known);
        (self.spare, self.preds) = (written, preds);
    }

    /// The blocks that lead to a block, each once.
    fn preds(&mut self, b: Block) -> Vec<Block> {
        let mut preds = std::mem::take(&mut self.preds);
        self.dom.preds.distinct(b, &mut preds);
        preds
    }

    /// Whether a block goes on without a call that may end elsewhere.
    fn is_plain(&self, b: Block) -> bool {
        matches!(self.f.block(b).term, Term::Jump(_) | Term::Branch(..) | Term::Table(..))
    }

    /// What all of the predecessors know that have been visited; those that have not are ways back.
    fn meet(&self, b: Block, preds: &[Block]) -> Known {
        let is_ready = |p: &Block| self.known[p.index()].is_some() || self.dom.dominates(b, *p);
        if preds.iter().any(|p| !self.is_plain(*p) || !is_ready(p)) {
            return Known::new();
        }
        let mut visited = preds.iter().filter_map(|p| self.known[p.index()].as_ref());
        let Some(first) = visited.next() else { return Known::new() };
        let mut known: Known = first.iter().map(|(k, v)| (*k, self.f.resolve(*v))).collect();
        for other in visited {
            known.retain(|(k, v)| other.iter().any(|(l, w)| l == k && self.f.resolve(*w) == *v));
        }
        known
    }

    fn remember(&self, known: &mut Known, key: Place, v: Value) {
        if known.len() == MOST {
            known.remove(0);
        }
        known.push((key, v));
    }

    /// What an instruction reads, if it is one of those that this pass knows.
    fn key(&self, i: Inst) -> Option<Place> {
        let known = matches!(self.f.inst(i).op, Op::Load(_) | Op::GlobalGet | Op::Peek(_) | Op::Head);
        if known { alias::read(self.f, i) } else { None }
    }

    fn forget(&self, i: Inst, known: &mut Known) {
        known.retain(|(k, _)| !self.changes(i, k));
    }

    fn changes(&self, i: Inst, place: &Place) -> bool {
        alias::may_change(self.f, self.module, i, place)
    }

    fn untouched(&self, key: &Place, written: &[Inst]) -> bool {
        written.len() <= MOST && !written.iter().any(|i| self.changes(*i, key))
    }

    /// What a block knows at its end of a place.
    fn at_end(&self, b: Block, key: &Place) -> Option<Value> {
        let (_, v) = self.known[b.index()].as_ref()?.iter().find(|(k, _)| k == key)?;
        Some(self.f.resolve(*v))
    }

    /// Whether a block can load at its end: it leads to one place, and the address is known there.
    fn can_load(&self, b: Block, key: &Place) -> bool {
        let leads = matches!(self.f.block(b).term, Term::Jump(_));
        leads && key.args.iter().all(|v| *v == NONE || self.is_defined(*v, b) || self.f.as_const(*v).is_some())
    }

    /// Whether a value is defined wherever the end of a block is reached.
    fn is_defined(&self, v: Value, b: Block) -> bool {
        let home = match self.f.values[v.index()].def {
            Def::Param(at, _) => at,
            Def::Inst(i, _) => self.home[i.index()],
            Def::Alias(_) => return false,
        };
        self.dom.reachable(home) && self.dom.dominates(home, b)
    }

    fn append(&mut self, b: Block, op: Op, ty: Type, args: &[Value], imm: u64) -> Value {
        let offset = self.f.block(b).insts.last().map_or(0, |i| self.f.inst(*i).offset);
        let i = self.f.new_inst(op, ty, args, imm, offset, &[ty]);
        self.f.blocks[b.index()].insts.push(i);
        self.home.push(b);
        self.f.inst(i).first
    }

    /// What a place has at the end of a block, loaded there if need be.
    fn value_at(&mut self, b: Block, key: &Place) -> Value {
        if let Some(v) = self.at_end(b, key) {
            return v;
        }
        let count = key.args.iter().filter(|v| **v != NONE).count();
        let mut args = key.args;
        for v in &mut args[..count] {
            if !self.is_defined(*v, b) {
                let bits = self.f.as_const(*v).unwrap_or_default();
                *v = self.append(b, Op::Const, self.f.ty(*v), &[], bits);
            }
        }
        let v = self.append(b, key.op, key.ty, &args[..count], key.imm);
        let mut known = self.known[b.index()].take().unwrap_or_default();
        self.remember(&mut known, *key, v);
        self.known[b.index()] = Some(known);
        v
    }

    /// A parameter of a block for what a place has when the block begins, if those of the blocks before it that do not know it
    /// can load it.
    fn parameter(&mut self, b: Block, preds: &[Block], key: &Place) -> Option<Value> {
        let mut knows = preds.iter().map(|p| self.at_end(*p, key).is_some());
        let ready =
            preds.iter().all(|p| self.is_plain(*p) && (self.at_end(*p, key).is_some() || self.can_load(*p, key)));
        if !knows.any(|k| k) || !ready || self.f.block(b).params.len() >= MOST_PARAMS {
            return None;
        }
        let values: Vec<Value> = preds.iter().map(|p| self.value_at(*p, key)).collect();
        for (p, v) in preds.iter().zip(values) {
            let mut term = std::mem::replace(&mut self.f.blocks[p.index()].term, Term::None);
            term.each_target_mut(|t| {
                if t.block == b {
                    t.args.push(v);
                }
            });
            self.f.blocks[p.index()].term = term;
        }
        Some(self.f.new_param(b, key.ty))
    }

    /// Has a loop carry from trip to trip what its header loads, where the ways back know it.
    fn carry(&mut self, header: Block) {
        let preds = self.preds(header);
        let back: Vec<Block> = preds.iter().copied().filter(|p| self.dom.dominates(header, *p)).collect();
        let mut written: Vec<Inst> = Vec::new();
        let mut left = MOST_CARRIED;
        let mut n = 0;
        while let Some(&i) = self.f.block(header).insts.get(n) {
            n += 1;
            if self.f.inst(i).op.effect() == Effect::Write {
                written.push(i);
                continue;
            }
            let Some(mut key) = self.key(i) else { continue };
            key.args.iter_mut().filter(|v| **v != NONE).for_each(|v| *v = self.f.resolve(*v));
            if left == 0 || !self.untouched(&key, &written) || !back.iter().any(|p| self.at_end(*p, &key).is_some()) {
                continue;
            }
            let Some(v) = self.parameter(header, &preds, &key) else { continue };
            left -= 1;
            n -= 1;
            self.f.replace(self.f.inst(i).first, v);
            self.f.blocks[header.index()].insts.remove(n);
        }
    }
}

/// Loads of a header that become parameters of it, at most: each takes a register.
const MOST_CARRIED: usize = 4;

/// Blocks with more parameters get no more.
const MOST_PARAMS: usize = 40;

/// In functions that call nothing, and whose memory never moves, its first byte is found once.
fn one_base(f: &mut Func, dom: &Dominators) {
    if !f.guarded {
        return;
    }
    let mut bases = Vec::new();
    for &b in &dom.order {
        for &i in &f.block(b).insts {
            let op = f.inst(i).op;
            if op.is_call() {
                return;
            }
            if op == Op::MemBase {
                bases.push((b, i));
            }
        }
    }
    if bases.len() < 2 {
        return;
    }
    let mut at = bases[0].0;
    for (b, _) in &bases {
        while !dom.dominates(at, *b) {
            at = dom.parent(at);
        }
    }
    let data = *f.inst(bases[0].1);
    let one = f.new_inst(data.op, data.ty, &[], data.imm, data.offset, &[data.ty]);
    let one_value = f.inst(one).first;
    for (b, i) in bases {
        f.blocks[b.index()].insts.retain(|j| *j != i);
        f.replace(f.inst(i).first, one_value);
    }
    f.blocks[at.index()].insts.insert(0, one);
    f.resolve_all();
}
