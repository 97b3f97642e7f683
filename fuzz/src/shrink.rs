//! Makes a module smaller while it stays valid and keeps what makes it interesting: functions are emptied, ranges of
//! operators deleted, blocks unwrapped, operators replaced by constants.

#![forbid(unsafe_code)]

use std::ops::Range;
use std::time::{Duration, Instant};
use wasm_encoder::{CodeSection, RawSection};
use wasmparser::{Operator, Parser, Payload, Validator, WasmFeatures};

/// A module taken apart: function bodies as operators, everything else as it was.
#[derive(Clone)]
struct Parts {
    /// Sections before and after the code, by number.
    sections: Vec<(u8, Vec<u8>)>,
    /// Where among them the code goes.
    code_at: usize,
    /// The declarations of locals and the operators of each body.
    bodies: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
}

fn slice(bytes: &[u8], range: Range<u64>) -> Vec<u8> {
    bytes[range.start as usize..range.end as usize].to_vec()
}

fn take_apart(bytes: &[u8]) -> Option<Parts> {
    let mut parts = Parts { sections: Vec::new(), code_at: usize::MAX, bodies: Vec::new() };
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.ok()?;
        match &payload {
            Payload::CodeSectionStart { .. } => parts.code_at = parts.sections.len(),
            Payload::CodeSectionEntry(body) => {
                let mut ops = body.get_operators_reader().ok()?;
                let locals = slice(bytes, body.range().start..ops.original_position());
                let mut list = Vec::new();
                while !ops.eof() {
                    let start = ops.original_position();
                    ops.read().ok()?;
                    list.push(slice(bytes, start..ops.original_position()));
                }
                parts.bodies.push((locals, list));
            }
            Payload::CustomSection(_) => {}
            other => {
                if let Some((id, range)) = other.as_section() {
                    parts.sections.push((id, slice(bytes, range)));
                }
            }
        }
    }
    Some(parts)
}

impl Parts {
    fn together(&self) -> Vec<u8> {
        let mut module = wasm_encoder::Module::new();
        for (i, (id, data)) in self.sections.iter().enumerate() {
            if i == self.code_at {
                module.section(&self.code());
            }
            module.section(&RawSection { id: *id, data });
        }
        if self.code_at == self.sections.len() {
            module.section(&self.code());
        }
        module.finish()
    }

    fn code(&self) -> CodeSection {
        let mut code = CodeSection::new();
        for (locals, ops) in &self.bodies {
            let mut body = locals.clone();
            body.extend(ops.iter().flatten());
            code.raw(&body);
        }
        code
    }
}

/// The smallest module found within the time.
pub fn shrink(bytes: &[u8], time: Duration, interesting: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let Some(mut parts) = take_apart(bytes) else { return bytes.to_vec() };
    let end = Instant::now() + time;
    let mut best = bytes.to_vec();
    let mut keep = |candidate: &Parts| {
        let bytes = candidate.together();
        if Validator::new_with_features(WasmFeatures::all()).validate_all(&bytes).is_err() || !interesting(&bytes) {
            return false;
        }
        best = bytes;
        true
    };
    if !keep(&parts) {
        return bytes.to_vec();
    }
    loop {
        let before = size(&parts);
        for f in 0..parts.bodies.len() {
            let mut empty = parts.clone();
            empty.bodies[f].1 = vec![vec![0x00], vec![0x0b]];
            if size(&empty) < size(&parts) && keep(&empty) {
                parts = empty;
                continue;
            }
            let mut chunk = parts.bodies[f].1.len() / 2;
            while chunk >= 1 {
                delete_chunks(&mut parts, f, chunk, end, &mut keep);
                chunk /= 2;
            }
            unwrap(&mut parts, f, end, &mut keep);
            replace(&mut parts, f, end, &mut keep);
        }
        if size(&parts) >= before || Instant::now() > end {
            break;
        }
    }
    best
}

fn size(parts: &Parts) -> usize {
    parts.bodies.iter().map(|(_, ops)| ops.len()).sum()
}

type Keep<'a> = dyn FnMut(&Parts) -> bool + 'a;

fn edit(parts: &mut Parts, f: usize, at: Range<usize>, with: &[Vec<u8>], keep: &mut Keep<'_>) -> bool {
    let mut next = parts.clone();
    next.bodies[f].1.splice(at, with.iter().cloned());
    let kept = keep(&next);
    if kept {
        *parts = next;
    }
    kept
}

fn delete_chunks(parts: &mut Parts, f: usize, chunk: usize, end: Instant, keep: &mut Keep<'_>) {
    let mut at = 0;
    while at + chunk < parts.bodies[f].1.len() && Instant::now() < end {
        if !edit(parts, f, at..at + chunk, &[], keep) {
            at += 1.max(chunk / 2);
        }
    }
}

/// Deletes the ends of blocks, and with them the arm of an `if` or the whole block.
fn unwrap(parts: &mut Parts, f: usize, end: Instant, keep: &mut Keep<'_>) {
    let mut at = 0;
    while at < parts.bodies[f].1.len() && Instant::now() < end {
        let ops = &parts.bodies[f].1;
        if !matches!(ops[at][0], 0x02..=0x04 | 0x06 | 0x1f) {
            at += 1;
            continue;
        }
        let (mut depth, mut other, mut close) = (0, None, at);
        for (i, op) in ops.iter().enumerate().skip(at) {
            match op[0] {
                0x02..=0x04 | 0x06 | 0x1f => depth += 1,
                0x05 if depth == 1 => other = Some(i),
                0x0b => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                close = i;
                break;
            }
        }
        let inner = |from: usize, to: usize| ops[from..to].to_vec();
        let drop = vec![0x1a];
        let mut ways = vec![vec![], inner(at + 1, other.unwrap_or(close))];
        if let Some(other) = other {
            ways.push(inner(other + 1, close));
        }
        let mut dropped: Vec<Vec<Vec<u8>>> = ways.iter().map(|w| [vec![drop.clone()], w.clone()].concat()).collect();
        ways.append(&mut dropped);
        if !ways.iter().any(|way| edit(parts, f, at..close + 1, way, keep)) {
            at += 1;
        }
    }
}

fn replace(parts: &mut Parts, f: usize, end: Instant, keep: &mut Keep<'_>) {
    let drop = vec![0x1a];
    let consts = [vec![0x41, 0], vec![0x42, 0], vec![0x43, 0, 0, 0, 0], vec![0x44, 0, 0, 0, 0, 0, 0, 0, 0]];
    let mut at = 0;
    while at + 1 < parts.bodies[f].1.len() && Instant::now() < end {
        // Constants and drops are as small as it gets.
        if matches!(parts.bodies[f].1[at][0], 0x41..=0x44 | 0x1a) {
            at += 1;
            continue;
        }
        let mut ways: Vec<Vec<Vec<u8>>> = vec![vec![drop.clone()]];
        for c in &consts {
            ways.push(vec![c.clone()]);
        }
        // An operator and what gave its operand, or its operands.
        let found = ways.iter().any(|way| {
            edit(parts, f, at..at + 1, way, keep)
                || (at > 0 && edit(parts, f, at - 1..at + 1, way, keep))
                || (at > 1 && edit(parts, f, at - 2..at + 1, way, keep))
        });
        at = if found { at.saturating_sub(1) } else { at + 1 };
    }
}

/// Whether a module holds an operator that the predicate accepts.
pub fn has_operator(bytes: &[u8], mut wanted: impl FnMut(&Operator<'_>) -> bool) -> bool {
    Parser::new(0).parse_all(bytes).any(|payload| {
        let Ok(Payload::CodeSectionEntry(body)) = payload else { return false };
        let Ok(ops) = body.get_operators_reader() else { return false };
        ops.into_iter().any(|op| op.is_ok_and(|op| wanted(&op)))
    })
}
