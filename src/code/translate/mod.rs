//! From a validated body to register code, in one pass.
//!
//! The operand stack of the wasm function is simulated. An operand is a local not yet read, a constant not yet written down, or a
//! temporary in its home: the slot that its height on the stack gives it. So most `local.get`, `local.set` and `t.const`
//! produce no instruction. At every label all operands that the label receives are in their homes, which gives control flow one
//! known state.
//!
//! Three peepholes look at the instruction just emitted: `local.set` makes it write the local directly; a branch absorbs a
//! comparison; and an operand that it left in an accumulator is taken from there. All of them end at a label.
//!
//! Slots beyond 65,535 (huge frames) do not fit the fields of instructions; such operands travel through scratch slots by
//! `copy_far`.
//!
//! Translation repeats exactly, so that the map from instructions to source offsets is not stored: it is made again when a
//! trap asks for it.

#![forbid(unsafe_code)]

mod atomic;
pub mod canon;
mod control;
mod emit;
mod exception;
mod forms;
pub mod fuel;
mod gc;
mod memory;
mod numeric;
mod operators;
mod simd;

use super::op::Op;
use super::{HandlerTable, ModuleCode, Region};
use crate::module::{Module, ValType};

/// Register code of one function.
pub struct Translated {
    pub code: Box<[u64]>,
    /// The word of the first instruction: a short frame opening leaves the words before it unused.
    pub entry: usize,
    /// The frame's slots and words 2 and 3 of `enter`, unless the opening is the large one.
    pub opening: Option<[u64; 3]>,
    pub regions: Vec<Region>,
    /// The words where loops start, in ascending order.
    pub loops: Box<[u32]>,
    /// Start of instructions and the operators they came from, when asked for.
    map: Vec<(u32, u32)>,
    /// Start of each instruction and its op, when asked for.
    ops: Vec<(u32, Op)>,
}

/// How a value type is held in slots and accumulators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref,
}

impl Ty {
    fn of(ty: ValType) -> Ty {
        match ty {
            ValType::I32 => Ty::I32,
            ValType::I64 => Ty::I64,
            ValType::F32 => Ty::F32,
            ValType::F64 => Ty::F64,
            ValType::V128 => Ty::V128,
            ValType::Ref(_) => Ty::Ref,
        }
    }

    fn slots(self) -> u32 {
        if self == Ty::V128 { 2 } else { 1 }
    }

    fn is_float(self) -> bool {
        matches!(self, Ty::F32 | Ty::F64)
    }
}

/// Where an operand is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In a local's slot, which must not be overwritten before the operand is used.
    Local(u32),
    /// Nowhere yet: its bits.
    Const(u64),
    /// In its home.
    Temp,
}

#[derive(Clone, Copy, Debug)]
struct Operand {
    place: Place,
    ty: Ty,
    home: u32,
}

impl Operand {
    /// The slot it can be read from, unless it is a constant.
    fn slot(&self) -> Option<u32> {
        match self.place {
            Place::Local(slot) => Some(slot),
            Place::Temp => Some(self.home),
            Place::Const(_) => None,
        }
    }
}

/// No slot: an accumulator that holds nothing known.
const NONE: u32 = u32::MAX;

/// The instruction just emitted, as far as peepholes may change it.
#[derive(Clone, Copy)]
struct Last {
    /// Its first word.
    start: usize,
    /// The destination slot, if its first word has it.
    dst: u32,
    /// The temporary it computes.
    home: u32,
    /// The accumulators before it.
    ia: u32,
    fa: u32,
    cmp: Option<numeric::Comparison>,
    sum: Option<numeric::Sum>,
}

/// A place in the code, perhaps not known yet.
#[derive(Default)]
struct Label {
    at: Option<usize>,
    /// Branches that wait for it.
    fixups: Vec<Fixup>,
}

#[derive(Clone, Copy)]
enum Fixup {
    /// The 32-bit field of word 1 of the instruction at this word.
    Field(usize),
    /// A whole word (second) of the instruction at the first.
    Word(usize, usize),
}

struct Translator<'a> {
    module: &'a Module,
    owner: &'a ModuleCode,
    handlers: &'static HandlerTable,
    code: Vec<u64>,
    map: Option<Vec<(u32, u32)>>,
    ops: Vec<(u32, Op)>,

    /// Slot and type of each local.
    locals: Vec<(u32, Ty)>,
    result_slots: u32,
    results: &'a [ValType],
    /// Where the frame header is.
    header: u32,
    /// Where the zeroed locals start, and how many slots they are.
    zero: (u32, u32),
    /// Constants kept in the frame: first slot, room, values.
    const_base: u32,
    const_room: u32,
    consts: Vec<u64>,
    /// Five pairs of slots for far operands, or `NONE`.
    scratch: u32,
    scratch_used: u32,

    stack: Vec<Operand>,
    /// First free slot above the stack, and the highest it has been.
    top: u32,
    max_top: u32,
    /// No operand below this height is an unread local.
    floor: usize,
    /// The slots whose values the accumulators hold.
    ia: u32,
    fa: u32,
    last: Option<Last>,
    /// The word that says what the current run costs; `None` between runs.
    run: Option<usize>,
    /// The two latest instructions that may yet be fused, older first: where they start, and what they are.
    recent: [Option<(usize, Op)>; 2],

    blocks: Vec<control::Block>,
    labels: Vec<Label>,
    regions: Vec<Region>,
    /// How many loops are open, and where loops have started.
    loops: u32,
    headers: Vec<u32>,
    /// A loop header whose state is asked for, and the answer.
    #[cfg(jit)]
    wanted_loop: Option<u32>,
    #[cfg(jit)]
    found_loop: Option<LoopState>,
    /// Blocks opened in code that cannot be reached; `None` in reachable code.
    dead: Option<u32>,
}

/// Slots that are zeroed one by one.
const SMALL_FRAME: u32 = 32;

/// Words of the longest frame opening; it is written last, over the words kept free for it.
pub const ENTER_WORDS: usize = 4;

/// Operators that are translated without asking whether to go on: less than a millisecond's work.
const PART: usize = 4096;

/// Translates a defined function, unless `stop` says meanwhile that it is to be given up.
pub fn translate(
    owner: &ModuleCode,
    defined: u32,
    handlers: &'static HandlerTable,
    stop: &dyn Fn() -> bool,
) -> Option<Translated> {
    let mut t = Translator::new(owner, defined, handlers, false);
    t.run_until(defined, stop).then(|| t.done())
}

/// The offsets in the module of the operators that words of a function's code came from.
pub fn source_offsets(
    owner: &ModuleCode,
    defined: u32,
    handlers: &'static HandlerTable,
    words: impl Iterator<Item = usize>,
) -> Vec<u32> {
    let map = Translator::new(owner, defined, handlers, true).run(defined).map;
    let offset = |word| match map.partition_point(|(at, _)| *at as usize <= word) {
        0 => owner.module.bodies[defined as usize].start,
        n => map[n - 1].1,
    };
    words.map(offset).collect()
}

/// Where a frame of register code has what a function has at one of its loops.
#[cfg(jit)]
pub struct LoopState {
    /// The `loop` operator, by its offset in the module.
    pub offset: u32,
    /// The slots of the locals.
    pub locals: Vec<u32>,
    /// The operands, lowest first.
    pub operands: Vec<Held>,
}

/// Where an operand is.
#[cfg(jit)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Slot(u32),
    /// Nowhere: a constant's bits.
    Const(u64),
}

/// What a frame has when it is at the loop header at `word` of a function's code.
#[cfg(jit)]
pub fn loop_state(owner: &ModuleCode, defined: u32, handlers: &'static HandlerTable, word: u32) -> Option<LoopState> {
    let mut t = Translator::new(owner, defined, handlers, true);
    t.wanted_loop = Some(word);
    t.run_all(defined);
    t.found_loop
}

/// The calls of a function that note whom they call: the offset of each in the module, and the word of the code that has it.
#[cfg(jit)]
pub fn noted_calls(owner: &ModuleCode, defined: u32, handlers: &'static HandlerTable) -> Vec<(u32, usize)> {
    let done = Translator::new(owner, defined, handlers, true).run(defined);
    let noted = |&(start, op): &(u32, Op)| {
        let word = match op {
            Op::call_indirect => start + 4,
            Op::call_ref => start + 3,
            _ => return None,
        };
        let at = done.map.partition_point(|(at, _)| *at <= start).checked_sub(1)?;
        Some((done.map[at].1, word as usize))
    };
    done.ops.iter().filter_map(noted).collect()
}

/// The instructions of a function as text, one a line: word offset, op, fields A B C D, further words.
pub fn listing(owner: &ModuleCode, defined: u32, handlers: &'static HandlerTable) -> String {
    use std::fmt::Write;
    let done = Translator::new(owner, defined, handlers, true).run(defined);
    let mut text = String::new();
    for (i, &(start, op)) in done.ops.iter().enumerate() {
        let end = done.ops.get(i + 1).map_or(done.code.len(), |next| next.0 as usize);
        let words = &done.code[start as usize + 1..end];
        let _ = write!(text, "{start:6}  {:<24}", op.name());
        if let Some(w) = words.first() {
            let _ =
                write!(text, "{:5} {:5} {:5} {:5}", *w as u16, (w >> 16) as u16, (w >> 32) as u16, (w >> 48) as u16);
        }
        for w in words.iter().skip(1) {
            let _ = write!(text, " {w:#x}");
        }
        if done.code[start as usize] != handlers.word(op) {
            text.push_str(" ; and the next");
        }
        text.push('\n');
    }
    text
}

impl<'a> Translator<'a> {
    fn new(owner: &'a ModuleCode, defined: u32, handlers: &'static HandlerTable, mapped: bool) -> Translator<'a> {
        let module: &'a Module = &owner.module;
        let ty = module.func_type(module.num_imported_funcs + defined);
        let body_len = module.bodies[defined as usize].len() as u32;
        let mut t = Translator {
            module,
            owner,
            handlers,
            code: Vec::with_capacity(body_len as usize + 16),
            map: mapped.then(Vec::new),
            ops: Vec::new(),
            locals: Vec::new(),
            result_slots: ty.result_slots,
            results: &ty.results,
            header: ty.param_slots.max(ty.result_slots),
            zero: (0, 0),
            const_base: 0,
            const_room: 0,
            consts: Vec::new(),
            scratch: NONE,
            scratch_used: 0,
            stack: Vec::new(),
            top: 0,
            max_top: 0,
            floor: 0,
            ia: NONE,
            fa: NONE,
            last: None,
            run: None,
            recent: [None; 2],
            blocks: Vec::new(),
            labels: Vec::new(),
            regions: Vec::new(),
            loops: 0,
            headers: Vec::new(),
            #[cfg(jit)]
            wanted_loop: None,
            #[cfg(jit)]
            found_loop: None,
            dead: None,
        };
        let mut next = 0;
        for &param in &ty.params {
            t.locals.push((next, Ty::of(param)));
            next += param.slots();
        }
        next = t.header + crate::code::HEADER_SLOTS;
        let first = next;
        for (count, local) in module.body(defined).locals() {
            for _ in 0..count {
                t.locals.push((next, Ty::of(local)));
                next += local.slots();
            }
        }
        t.zero = (first, next - first);
        // Constants in the frame only pay in loops, which short bodies seldom have.
        t.const_base = next;
        t.const_room = if body_len >= 48 { 8 } else { 0 };
        next += t.const_room;
        // A byte of body can push at most two slots.
        if next as u64 + 2 * body_len as u64 > 60_000 {
            // Scratch slots must be near themselves; constants give way to them.
            t.const_room = 0;
            t.relocate_locals_behind_scratch();
            next = t.zero.0 + t.zero.1;
        }
        t.top = next;
        t.max_top = next;
        t
    }

    /// Puts the scratch slots of a huge frame before its locals.
    fn relocate_locals_behind_scratch(&mut self) {
        const SCRATCH_SLOTS: u32 = 10;
        self.scratch = self.header + crate::code::HEADER_SLOTS;
        for (slot, _) in self.locals.iter_mut().filter(|(slot, _)| *slot >= self.zero.0) {
            *slot += SCRATCH_SLOTS;
        }
        self.zero.0 += SCRATCH_SLOTS;
    }

    fn run(mut self, defined: u32) -> Translated {
        self.run_all(defined);
        self.done()
    }

    fn done(mut self) -> Translated {
        let (entry, opening) = self.close_frame();
        Translated {
            entry,
            opening,
            code: self.code.into_boxed_slice(),
            regions: self.regions,
            loops: self.headers.into_boxed_slice(),
            map: self.map.unwrap_or_default(),
            ops: self.ops,
        }
    }

    /// Translates the operators.
    fn run_all(&mut self, defined: u32) {
        self.run_until(defined, &|| false);
    }

    /// Translates the operators; false when `stop` has said that this is to be given up.
    fn run_until(&mut self, defined: u32, stop: &dyn Fn() -> bool) -> bool {
        self.code.resize(ENTER_WORDS, 0);
        self.open_function();
        let body = self.module.body(defined);
        for (n, (op, offset)) in body.operators().enumerate() {
            if n % PART == PART - 1 && stop() {
                return false;
            }
            if let Some(map) = &mut self.map {
                map.push((self.code.len() as u32, offset));
            }
            self.scratch_used = 0;
            if self.owner.options.fuel {
                self.meter(&op);
            }
            let canonical = self.owner.options.canonical_nans && self.dead.is_none() && canon::wanted(&op);
            if canonical {
                self.operator(op.clone());
                self.canonicalise(&op);
            } else {
                self.operator(op);
            }
        }
        true
    }

    /// Writes the frame opening; returns where it starts, and what it does if that is little.
    fn close_frame(&mut self) -> (usize, Option<[u64; 3]>) {
        self.settle_recent();
        let frame = self.max_top as u64;
        if self.zero.1 == 0 && self.consts.is_empty() {
            self.code[2] = self.handlers.word(Op::enter0);
            self.code[3] = frame;
            (2, Some([frame, 0, 0]))
        } else {
            let op = if self.zero.1 <= SMALL_FRAME { Op::enter } else { Op::enter_large };
            self.code[0] = self.handlers.word(op);
            self.code[1] = frame;
            self.code[2] = self.zero.0 as u64 | (self.zero.1 as u64) << 32;
            let (base, count) = if self.consts.is_empty() { (0, 0) } else { (self.const_base, self.consts.len()) };
            self.code[3] = base as u64 | (count as u64) << 16 | (self.code.len() as u64) << 32;
            self.code.append(&mut self.consts);
            let opening = [frame, self.code[2], self.code[3]];
            (0, (op == Op::enter).then_some(opening))
        }
    }
}
