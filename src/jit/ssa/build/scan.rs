//! A first look at a body, before it is built: which locals each block assigns, and whether it calls.
//!
//! The parameters of a join are the locals that are assigned in the block it ends, and those of a loop header the locals
//! assigned in the loop; knowing them before the loop is built is what makes building one pass. Locals that are set again before
//! they are read, if at all, are left out: in large functions they would be most of what is passed along the edges, which many
//! passes look at.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::Value;
use crate::module::ops::{Operator, opens};
use crate::module::{FuncBody, Module};
use crate::util::sort_by_key;

/// What happens inside a `block`, `loop` or `if`.
#[derive(Default)]
pub struct Construct {
    /// Locals that are set, and of use where branches to the construct go, in order.
    pub assigned: Vec<u32>,
    /// Those that are set and of no use behind it.
    pub dead: Vec<u32>,
    /// Whether the length or base of memory 0 may change.
    pub calls: bool,
    /// Whether all locals and operands are passed on, assigned or not ([`super::entry`]).
    pub full: bool,
    /// How many operands lie below its own, if so.
    pub below: usize,
    /// A legacy `try` that hands its exceptions on: to which block, counted from the one around it.
    pub delegate: Option<u32>,
}

impl Construct {
    /// What it passes on: the topmost operands, the locals that it assigns, and what lies below.
    pub fn passed(&self, stack: &[Value], locals: &[Value], operands: usize) -> Vec<Value> {
        let mut args = stack[stack.len() - operands..].to_vec();
        args.extend(self.assigned.iter().map(|l| locals[*l as usize]));
        args.extend(&stack[..self.below]);
        args
    }
}

/// By the order in which they open; dead ones included.
#[derive(Default)]
pub struct Scan {
    pub constructs: Vec<Construct>,
    /// What bounds of memory 0 are reduced by, so that one register serves most checks: the largest end of an access that is
    /// [`SMALL_END`] at most.
    pub reduced: u64,
    /// Whether it has tail calls.
    pub tail_calls: bool,
}

/// Ends up to this share a limit. An access that is nearer than that to the end of the memory takes a slower path, so this
/// must be small against usual memories.
const SMALL_END: u64 = 1024;

pub fn scan(module: &Module, body: &FuncBody<'_>, num_locals: u32) -> Scan {
    let words = num_locals.div_ceil(64) as usize;
    let mut constructs: Vec<Construct> = Vec::new();
    let mut live = Liveness::new(words);
    let mut open: Vec<usize> = Vec::new();
    let (mut reduced, mut tail_calls, mut catches) = (0, false, false);
    let minimum = module.memories.first().map_or(0, |m| m.minimum.saturating_mul(1 << m.page_log2));
    for (op, _) in body.operators() {
        if let Some((offset, size)) = access(&op) {
            let end = offset.saturating_add(size);
            if end <= SMALL_END.min(minimum) {
                reduced = reduced.max(end);
            }
            continue;
        }
        match op {
            _ if opens(&op) => {
                catches |= matches!(op, Operator::Try { .. } | Operator::TryTable { .. });
                live.open(matches!(op, Operator::Loop { .. }), matches!(op, Operator::If { .. }));
                open.push(constructs.len());
                constructs.push(Construct::default());
            }
            Operator::Else => live.steps.push(Step::Else),
            Operator::End | Operator::Delegate { .. } => {
                if let Some(at) = open.pop() {
                    live.close(at, open.last().copied());
                    let calls = constructs[at].calls;
                    if let Some(&outer) = open.last() {
                        constructs[outer].calls |= calls;
                    }
                    if let Operator::Delegate { relative_depth } = op {
                        constructs[at].delegate = Some(relative_depth);
                    }
                }
            }
            Operator::LocalGet { local_index } => live.get(open.last().copied(), local_index),
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                live.set(open.last().copied(), local_index);
            }
            Operator::Br { relative_depth } => live.steps.extend([Step::Branch(relative_depth), Step::Leave]),
            Operator::BrIf { relative_depth }
            | Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. } => live.steps.push(Step::Branch(relative_depth)),
            Operator::BrTable { targets } => {
                let mut depths: Vec<u32> = targets.targets().flatten().chain([targets.default()]).collect();
                sort_by_key(&mut depths, |d| u64::from(*d));
                depths.dedup();
                live.steps.extend(depths.into_iter().map(Step::Branch).chain([Step::Leave]));
            }
            Operator::Return | Operator::Unreachable => live.steps.push(Step::Leave),
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::TableGrow { .. }
            | Operator::MemoryGrow { .. } => {
                if let Some(&at) = open.last() {
                    constructs[at].calls = true;
                }
            }
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. } => {
                tail_calls = true;
                live.steps.push(Step::Leave);
            }
            _ => {}
        }
    }
    // Exceptions go to handlers from anywhere in a try block: then everything is of use.
    live.run(&mut constructs, catches);
    Scan { constructs, reduced, tail_calls }
}

/// What a body does with its locals and its control, for a walk backwards.
enum Step {
    Get(u32),
    Set(u32),
    /// Opens a construct; whether it is a loop, or an `if`.
    Open(bool, bool),
    Else,
    Close(u32),
    /// May go to a label.
    Branch(u32),
    /// What follows is not reached from here.
    Leave,
}

/// Which locals are of use where: read before they are set again.
///
/// Sets of locals lie one behind the other in lists, `words` each. A branch back to a loop makes of use whatever the loop reads and
/// whatever is of use at the labels around it: that may be more than is, and spares a second walk.
struct Liveness {
    words: usize,
    steps: Vec<Step>,
    /// By construct: what is set in it, and read.
    sets: Vec<u64>,
    gets: Vec<u64>,
}

/// A construct that is open, seen from its end.
struct Outer {
    /// Of the walk's list: what is of use at its label, and at its end with all labels around it. What is of use at the start of
    /// its `else` comes third.
    at: usize,
    has_else: bool,
}

impl Liveness {
    fn new(words: usize) -> Liveness {
        Liveness { words, steps: Vec::new(), sets: Vec::new(), gets: Vec::new() }
    }

    fn open(&mut self, is_loop: bool, is_if: bool) {
        self.steps.push(Step::Open(is_loop, is_if));
        self.sets.resize(self.sets.len() + self.words, 0);
        self.gets.resize(self.gets.len() + self.words, 0);
    }

    fn close(&mut self, construct: usize, outer: Option<usize>) {
        self.steps.push(Step::Close(construct as u32));
        if let Some(outer) = outer {
            for w in 0..self.words {
                self.sets[outer * self.words + w] |= self.sets[construct * self.words + w];
                self.gets[outer * self.words + w] |= self.gets[construct * self.words + w];
            }
        }
    }

    fn get(&mut self, open: Option<usize>, local: u32) {
        self.steps.push(Step::Get(local));
        if let Some(at) = open {
            self.gets[at * self.words + local as usize / 64] |= 1 << (local % 64);
        }
    }

    fn set(&mut self, open: Option<usize>, local: u32) {
        self.steps.push(Step::Set(local));
        if let Some(at) = open {
            self.sets[at * self.words + local as usize / 64] |= 1 << (local % 64);
        }
    }

    /// Tells constructs what is set in them, and of that what is of use.
    fn run(&self, constructs: &mut [Construct], all: bool) {
        let words = self.words;
        if all {
            for (n, c) in constructs.iter_mut().enumerate() {
                c.assigned = members(&self.sets[n * words..(n + 1) * words]);
            }
            return;
        }
        let is_loop: Vec<bool> = {
            let opened = self.steps.iter().filter_map(|s| match s {
                Step::Open(is_loop, _) => Some(*is_loop),
                _ => None,
            });
            opened.collect()
        };
        let mut now = vec![0; words];
        let mut open: Vec<Outer> = Vec::new();
        let mut lists: Vec<u64> = Vec::new();
        let mut assigned = vec![0; words];
        for step in self.steps.iter().rev() {
            match *step {
                Step::Get(local) => now[local as usize / 64] |= 1 << (local % 64),
                Step::Set(local) => now[local as usize / 64] &= !(1 << (local % 64)),
                Step::Close(construct) => {
                    let (construct, at) = (construct as usize, lists.len());
                    let around = open.last().map(|o| o.at + words);
                    let own = construct * words..(construct + 1) * words;
                    lists.resize(at + 3 * words, 0);
                    for w in 0..words {
                        let around = around.map_or(0, |a| lists[a + w]) | now[w];
                        let label = if is_loop[construct] { around | self.gets[own.start + w] } else { now[w] };
                        lists[at + w] = label;
                        lists[at + words + w] = around | label;
                    }
                    let sets = &self.sets[own];
                    let c = &mut constructs[construct];
                    assigned.iter_mut().enumerate().for_each(|(w, a)| *a = sets[w] & lists[at + w]);
                    c.assigned = members(&assigned);
                    assigned.iter_mut().enumerate().for_each(|(w, a)| *a = sets[w] & !lists[at + w]);
                    c.dead = members(&assigned);
                    open.push(Outer { at, has_else: false });
                }
                Step::Else => {
                    if let Some(o) = open.last_mut() {
                        o.has_else = true;
                        let at = o.at;
                        lists[at + 2 * words..at + 3 * words].copy_from_slice(&now);
                        now.copy_from_slice(&lists[at..at + words]);
                    }
                }
                Step::Open(is_loop, is_if) => {
                    let Some(Outer { at, has_else }) = open.pop() else { continue };
                    // The other arm, or past it.
                    let other = if has_else { at + 2 * words } else { at };
                    for w in 0..words {
                        now[w] = match () {
                            () if is_loop => lists[at + w],
                            () if is_if => now[w] | lists[other + w],
                            () => now[w],
                        };
                    }
                    lists.truncate(at);
                }
                Step::Branch(depth) => {
                    // Out of the function nothing is of use.
                    if let Some(o) = open.len().checked_sub(depth as usize + 1).map(|n| &open[n]) {
                        now.iter_mut().zip(&lists[o.at..]).for_each(|(n, l)| *n |= l);
                    }
                }
                Step::Leave => now.fill(0),
            }
        }
    }
}

fn members(set: &[u64]) -> Vec<u32> {
    let mut list = Vec::new();
    for (w, &word) in set.iter().enumerate() {
        let mut left = word;
        while left != 0 {
            list.push(w as u32 * 64 + left.trailing_zeros());
            left &= left - 1;
        }
    }
    list
}

/// The offset and size of an access by the usual instructions.
fn access(op: &Operator<'_>) -> Option<(u64, u64)> {
    use Operator::*;
    let (arg, size) = match op {
        I32Load8S { memarg } | I32Load8U { memarg } | I64Load8S { memarg } | I64Load8U { memarg } => (memarg, 1),
        I32Store8 { memarg } | I64Store8 { memarg } => (memarg, 1),
        I32Load16S { memarg } | I32Load16U { memarg } | I64Load16S { memarg } | I64Load16U { memarg } => (memarg, 2),
        I32Store16 { memarg } | I64Store16 { memarg } => (memarg, 2),
        I32Load { memarg } | F32Load { memarg } | I64Load32S { memarg } | I64Load32U { memarg } => (memarg, 4),
        I32Store { memarg } | F32Store { memarg } | I64Store32 { memarg } => (memarg, 4),
        I64Load { memarg } | F64Load { memarg } | I64Store { memarg } | F64Store { memarg } => (memarg, 8),
        V128Load { memarg } | V128Store { memarg } => (memarg, 16),
        _ => return None,
    };
    Some((arg.offset, size))
}
