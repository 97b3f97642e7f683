//! What a loop reads on each of its trips is wanted in registers all the way around.
//!
//! The allocator splits a value's range where something is in the way, a call before the loop for instance, and keeps the parts
//! in registers from their first use to their last. It looks at instructions in a row: that the last use in a loop comes before the
//! first one of the next trip it does not see, and a value that only ever stands still would be stored at the end of each trip and
//! loaded in the next. So innermost loops get an instruction without code before them and one where each trip ends, which
//! name what was there before and is used on every trip, and where trips end what the next one begins with. They take a value where
//! it is, in a register or not, and so ask for nothing that there is no room for.
#![forbid(unsafe_code)]

use super::mach::{MFunc, MInst, MOp};
use crate::jit::alloc::{Class, Operand, VReg};
use crate::util::sort_by_key;
use regalloc2::OperandKind;

/// Values of a class that are held, at most: where there are more, they would only drive out each other.
const MOST: usize = 8;

/// Loops of more blocks than this are left alone.
const MOST_BLOCKS: usize = 64;

/// The instructions to put before the last one of a block, by block in ascending order. The ranges of blocks are in `insts`, where
/// the last instruction comes first.
pub(super) fn find(f: &mut MFunc, insts: &[MInst]) -> Vec<(usize, MInst)> {
    let mut found = Vec::new();
    // Without calls, hardly a range is split.
    if !f.has_calls {
        return found;
    }
    // By value: the header of the last loop in which it has been seen.
    let mut seen = Vec::new();
    let mut inner = usize::MAX;
    for header in (0..f.blocks.len()).rev() {
        // Blocks of a loop are in a row.
        if !f.blocks[header].is_loop {
            continue;
        }
        let Some(end) = f.preds(header).iter().map(|p| p.index()).filter(|p| *p >= header).max() else { continue };
        let is_innermost = inner > end;
        inner = header;
        if !is_innermost || end - header >= MOST_BLOCKS {
            continue;
        }
        seen.resize(f.vregs.len(), u32::MAX);
        let Some(values) = invariants(f, insts, &mut seen, header, end) else { continue };
        let of_class = |values: &[VReg], class: Class| values.iter().filter(|v| v.class() == class).count();
        if of_class(&values, Class::Int).max(of_class(&values, Class::Float)) > MOST {
            continue;
        }
        // Without critical edges, whoever leads to a header does nothing else.
        let jumps = |b: &usize| matches!(insts[f.blocks[*b].first as usize].op, MOp::Jump(_));
        let preds: Vec<usize> = f.preds(header).iter().map(|p| p.index()).filter(jumps).collect();
        for p in preds {
            let mut held = values.clone();
            if p >= header {
                held.extend(f.args(p));
                sort_by_key(&mut held, |v| v.vreg() as u64);
                held.dedup();
                if of_class(&held, Class::Int).max(of_class(&held, Class::Float)) > MOST {
                    held.clone_from(&values);
                }
            }
            if held.is_empty() {
                continue;
            }
            let first = f.operands.len() as u32;
            f.operands.extend(held.into_iter().map(Operand::any_use));
            found.push((p, MInst { op: MOp::Hold, trap: None, operands: (first, f.operands.len() as u32) }));
        }
    }
    sort_by_key(&mut found, |(n, _)| *n as u64);
    found
}

/// What a loop of blocks in a row uses on each trip, of the values from outside. `None` if it calls: little survives that in
/// a register.
fn invariants(f: &MFunc, insts: &[MInst], seen: &mut [u32], header: usize, end: usize) -> Option<Vec<VReg>> {
    let insts_of = |b: usize| &insts[f.blocks[b].first as usize..f.blocks[b].end as usize];
    for b in header..=end {
        f.params(b).iter().for_each(|p| seen[p.vreg()] = header as u32);
        for i in insts_of(b) {
            if matches!(i.op, MOp::Call(..) | MOp::CallHelper(..) | MOp::Invoke(..)) {
                return None;
            }
            let defs = f.operands(i).iter().filter(|o| o.kind() == OperandKind::Def);
            defs.for_each(|o| seen[o.vreg().vreg()] = header as u32);
        }
    }
    let mut values = Vec::new();
    // How far the blocks before have led, over those between.
    let mut reach = header;
    for b in header..=end {
        let always = reach <= b;
        for s in f.succs(b) {
            reach = match s.index() {
                s if s == header => end,
                s if s <= end => reach.max(s),
                _ => reach,
            };
        }
        if !always {
            continue;
        }
        for o in insts_of(b).iter().flat_map(|i| f.operands(i)) {
            let value = o.vreg();
            if std::mem::replace(&mut seen[value.vreg()], header as u32) != header as u32 {
                values.push(value);
            }
        }
    }
    Some(values)
}
