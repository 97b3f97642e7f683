//! Which writes may change what a place has: one answer for all passes.
//!
//! Kinds of places do not overlap: memory, globals, and what is in objects and tables. Two accesses to one memory do not if their
//! addresses are constants, or the same value and constants, that tell them apart; an address of 32 bits wraps around, its
//! offset does not. Two own globals never do, imported ones may be the same. Calls, and whatever else may run code of others,
//! change everything.
//!
//! Lengths and beginnings of memories and tables, the types of objects, and whatever else is read are changed by calls only.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::*;
use crate::module::Module;

/// A place and how it is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub op: Op,
    pub ty: Type,
    pub imm: u64,
    pub args: [Value; 2],
}

/// Instead of an argument.
pub const NONE: Value = Value(u32::MAX);

impl Place {
    fn new(op: Op, ty: Type, imm: u64, given: &[Value]) -> Place {
        let mut args = [NONE; 2];
        args[..given.len()].copy_from_slice(given);
        Place { op, ty, imm, args }
    }
}

/// What an instruction reads, if that is all it does. Its arguments are resolved.
pub fn read(f: &Func, i: Inst) -> Option<Place> {
    let data = f.inst(i);
    let reads = data.op.effect() == Effect::Read && data.results == 1;
    reads.then(|| Place::new(data.op, data.ty, data.imm, f.args(i)))
}

/// What reading would give after a write, if it gives the whole of what was written.
pub fn written(f: &Func, i: Inst) -> Option<(Place, Value)> {
    let data = f.inst(i);
    let whole = |w: Width| {
        matches!(
            (w, data.ty),
            (Width::U32, Type::I32)
                | (Width::W64, Type::I64 | Type::Ref)
                | (Width::F32, Type::F32)
                | (Width::F64, Type::F64)
                | (Width::V128, Type::V128)
        )
    };
    let args = f.args(i);
    let (op, place) = match data.op {
        Op::GlobalSet => (Op::GlobalGet, &args[..0]),
        Op::Store(w) if whole(w) => (Op::Load(w), &args[..2]),
        Op::Poke(w) if whole(w) => (Op::Peek(w), &args[..args.len() - 1]),
        _ => return None,
    };
    Some((Place::new(op, data.ty, data.imm, place), *args.last()?))
}

/// Whether an instruction may change what a place has.
pub fn may_change(f: &Func, module: &Module, i: Inst, place: &Place) -> bool {
    let data = f.inst(i);
    match (data.op, place.op) {
        (Op::Store(width), Op::Load(read)) => {
            let stored = Extent::of(f, i, width);
            let loaded = Extent { base: place.args[0], address: place.args[1], offset: place.imm, bytes: read.bytes() };
            stored.may_overlap(f, &loaded)
        }
        (Op::GlobalSet, Op::GlobalGet) => same_global(module, data.imm, place.imm),
        (Op::Poke(_), op) => matches!(op, Op::Peek(_)),
        (Op::Store(_) | Op::GlobalSet, _) => false,
        _ => data.op.effect() == Effect::Write,
    }
}

/// What a loop may change.
pub struct Writes {
    list: Vec<Inst>,
    /// Whether anything at all.
    calls: bool,
    shared: bool,
}

/// With more writes than this, nothing is said of places that stores may change.
const MOST_WRITES: usize = 40;

impl Writes {
    pub fn of(f: &Func, module: &Module, blocks: &[Block]) -> Writes {
        let (mut list, mut calls) = (Vec::new(), false);
        for &i in blocks.iter().flat_map(|b| &f.block(*b).insts) {
            let op = f.inst(i).op;
            calls |= op.is_call();
            if op.effect() == Effect::Write && list.len() <= MOST_WRITES {
                list.push(i);
            }
        }
        Writes { list, calls, shared: is_shared(module) }
    }

    /// Whether a read gives the same in every trip, as far as that is not a matter of its arguments.
    pub fn spare(&self, f: &Func, module: &Module, i: Inst) -> bool {
        match f.inst(i).op {
            Op::MemBase if f.guarded && f.inst(i).imm == 0 => true,
            Op::MemBase | Op::MemLimit | Op::Head => !self.calls,
            // Threads may write what they share.
            Op::Load(_) if self.shared => false,
            Op::Load(_) | Op::GlobalGet | Op::Peek(_) => {
                let spares = |p: &Place| !self.list.iter().any(|w| may_change(f, module, *w, p));
                !self.calls && self.list.len() <= MOST_WRITES && read(f, i).is_some_and(|p| spares(&p))
            }
            _ => false,
        }
    }
}

/// Whether other threads may look at memory and write it at any time.
pub fn is_shared(module: &Module) -> bool {
    module.memories.iter().any(|m| m.shared)
}

/// Whether two globals may be one.
fn same_global(module: &Module, a: u64, b: u64) -> bool {
    let imported = |n: u64| n < module.num_imported_globals as u64;
    a == b || (imported(a) && imported(b))
}

/// Bytes of a memory.
#[derive(Clone, Copy)]
pub struct Extent {
    pub base: Value,
    /// Checked.
    pub address: Value,
    pub offset: u64,
    pub bytes: u64,
}

impl Extent {
    /// That of a load or a store.
    pub fn of(f: &Func, i: Inst, width: Width) -> Extent {
        let args = f.args(i);
        Extent { base: args[0], address: args[1], offset: f.inst(i).imm, bytes: width.bytes() }
    }

    /// Whether it may have a byte that another one has.
    fn may_overlap(&self, f: &Func, other: &Extent) -> bool {
        let (base, other_base) = (f.resolve(self.base), f.resolve(other.base));
        let is_first = |v: Value| f.def_inst(v).is_some_and(|i| f.inst(i).op == Op::MemBase);
        if base != other_base && !(is_first(base) && is_first(other_base)) {
            return true;
        }
        let (address, other_address) = (f.resolve(self.address), f.resolve(other.address));
        let start = |at: u64| at as i128;
        if address == other_address {
            let distance = start(other.offset) - start(self.offset);
            return distance < self.bytes as i128 && distance + other.bytes as i128 > 0;
        }
        let (Some((root, at)), Some((other_root, other_at))) = (parts(f, address), parts(f, other_address)) else {
            return true;
        };
        if root != other_root {
            return true;
        }
        let distance = start(other.offset) + other_at as i128 - start(self.offset) - at as i128;
        // Either address may have wrapped around.
        [-1, 0, 1].iter().any(|turns| {
            let distance = distance + (turns << 32);
            distance < self.bytes as i128 && distance + other.bytes as i128 > 0
        })
    }
}

/// How far to look for what an address is made of.
const STEPS: usize = 4;

/// An address of 32 bits as a value, if there is one, and a constant.
fn parts(f: &Func, checked: Value) -> Option<(Option<Value>, i32)> {
    if let Some(bits) = f.as_const(checked) {
        // Only what is certainly no negative one.
        return i32::try_from(bits).ok().map(|at| (None, at));
    }
    let check = f.def_inst(checked)?;
    if !matches!(f.inst(check).op, Op::Check | Op::CheckWide | Op::Zext) {
        return None;
    }
    let mut v = f.resolve(f.args(check)[0]);
    if f.ty(v) != Type::I32 {
        return None;
    }
    let mut at = 0i32;
    for _ in 0..STEPS {
        if let Some(bits) = f.as_const(v) {
            at = at.wrapping_add(bits as i32);
            return (at >= 0).then_some((None, at));
        }
        let Some(i) = f.def_inst(v).filter(|i| matches!(f.inst(*i).op, Op::Add | Op::Sub)) else { break };
        let Some(bits) = f.as_const(f.resolve(f.args(i)[1])) else { break };
        let bits = bits as i32;
        at = at.wrapping_add(if f.inst(i).op == Op::Sub { bits.wrapping_neg() } else { bits });
        v = f.resolve(f.args(i)[0]);
    }
    Some((Some(v), at))
}
