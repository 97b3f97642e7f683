//! A first look at a body, before it is built: which locals each block assigns, and whether it calls.
//!
//! The parameters of a join are the locals that are assigned in the block it ends, and those of a loop header the locals
//! assigned in the loop; knowing them before the loop is built is what makes building one pass. Also the first place where
//! an operator that is not compiled yet is met.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::Value;
use crate::module::ops::{Operator, opens};
use crate::module::{FuncBody, Module};

/// What happens inside a `block`, `loop` or `if`.
#[derive(Default)]
pub struct Construct {
    /// Locals that are set, in order.
    pub assigned: Vec<u32>,
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
    let mut open: Vec<(usize, Vec<u64>, bool)> = Vec::new();
    let (mut reduced, mut tail_calls) = (0, false);
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
                open.push((constructs.len(), vec![0; words], false));
                constructs.push(Construct::default());
            }
            Operator::End | Operator::Delegate { .. } => {
                if let Some((at, set, calls)) = open.pop() {
                    if let Some((_, outer, outer_calls)) = open.last_mut() {
                        outer.iter_mut().zip(&set).for_each(|(o, s)| *o |= s);
                        *outer_calls |= calls;
                    }
                    let delegate = match op {
                        Operator::Delegate { relative_depth } => Some(relative_depth),
                        _ => None,
                    };
                    constructs[at] = Construct { assigned: members(&set), calls, delegate, ..Construct::default() };
                }
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                if let Some((_, set, _)) = open.last_mut() {
                    set[local_index as usize / 64] |= 1 << (local_index % 64);
                }
            }
            Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::TableGrow { .. }
            | Operator::MemoryGrow { .. } => {
                if let Some((.., calls)) = open.last_mut() {
                    *calls = true;
                }
            }
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } | Operator::ReturnCallRef { .. } => {
                tail_calls = true;
            }
            _ => {}
        }
    }
    Scan { constructs, reduced, tail_calls }
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
