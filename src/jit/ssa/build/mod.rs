//! From a validated body to SSA, in one pass over its operators.
//!
//! WebAssembly's control is structured, so where values meet is known when a block opens: the end of a `block` or `if` gets a
//! parameter for each result and for each local that is assigned inside; a loop header for each of its parameters and for
//! each local assigned in the loop ([`scan`]). Parameters that turn out to receive one value only are taken away
//! afterwards (`opt::params`).
//!
//! Base and limit of memory 0 are loaded where they are first needed and used until something may change them; where paths
//! meet they stay known if all paths know the same values.
//!
//! An operator that is not compiled yet makes the whole function stay interpreted ([`Uncovered`]).
#![forbid(unsafe_code)]

mod entry;
mod exception;
mod gc;
mod inline;
mod likely;
mod memory;
mod meter;
mod plain;
mod scan;
mod straight;
mod table;
mod tail;
mod vector;

use super::ir::*;
use crate::code::heap::Shape;
use crate::code::translate::{LoopState, canon};
use crate::code::{ModuleCode, Options};
use crate::module::ops::{BlockType, BrTable, MemArg, MemArgTarget, Operator, opens};
use crate::module::{FuncBody, Module, ValType};
use crate::vm::trap::TrapKind;
use core::cell::Cell;
use core::mem::take;
use exception::Attempt;
use foldhash::HashMap;
use scan::{Construct, Scan, scan};

/// What the compiler cannot do yet: the operator, or another reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered(pub String);

pub type Result<T> = core::result::Result<T, Uncovered>;

/// A function with a longer body stays interpreted: compiling it would take too long.
const MAX_BODY: u32 = 200_000;

/// So does one with more operands on the stack at a time: the register allocator takes a time that grows with the square of what
/// is alive at once.
const MAX_OPERANDS: usize = 500;

/// For the same reason: locals, times bytes of the body. This much takes about a second.
const MAX_LIVE: usize = 25_000_000;
/// A function that passes more values along its edges stays interpreted too: branches times locals would be too many.
const MAX_PASSED: usize = 1 << 22;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Function,
    Block,
    Loop,
    /// With the block of the `else` branch, as long as it has not been met.
    If(Option<Block>),
    TryTable,
    /// A legacy one.
    Try,
}

/// How many bytes of other functions become part of one.
pub const MOST_INLINED: usize = inline::BUDGET;

/// Accesses that end so far behind their address at most are in the guard of a memory with a guard, if they are outside.
pub const GUARD_BYTES: u64 = crate::vm::layout::GUARD_BYTES as u64;

/// What is known of memory 0.
#[derive(Clone, Default, PartialEq)]
struct MemState {
    base: Option<Value>,
    /// By what they are reduced by.
    limits: Vec<(u64, Value)>,
}

impl MemState {
    fn meet(&mut self, other: &MemState) {
        if self.base != other.base {
            self.base = None;
        }
        self.limits.retain(|l| other.limits.contains(l));
    }
}

struct Frame {
    kind: Kind,
    /// Where branches go; `None` for the function that is compiled, whose branches return.
    label: Option<Block>,
    /// Types that a branch carries, and of the results.
    label_types: Vec<Type>,
    results: Vec<Type>,
    /// Operands below the block's own.
    height: usize,
    /// Which of the scan's constructs it is.
    construct: usize,
    /// What all branches to the end know of memory; `None` until there is one.
    memory: Option<MemState>,
    /// For `else`: the operands, locals and memory as `if` found them.
    saved: Option<(Vec<Value>, Vec<Value>, MemState)>,
    /// For try blocks.
    attempt: Option<Box<Attempt>>,
}

impl Frame {
    /// That of a function's body.
    fn of_function(label: Option<Block>, results: Vec<Type>) -> Frame {
        Frame {
            kind: Kind::Function,
            label,
            label_types: results.clone(),
            results,
            height: 0,
            construct: usize::MAX,
            memory: None,
            saved: None,
            attempt: None,
        }
    }
}

pub(super) struct Builder<'a> {
    pub module: &'a Module,
    pub f: Func,
    options: Options,
    /// How the module has run, and that calls may be inlined.
    code: Option<&'a ModuleCode>,
    scan: Scan,
    pub stack: Vec<Value>,
    pub locals: Vec<Value>,
    frames: Vec<Frame>,
    pub block: Block,
    memory: MemState,
    /// Constructs opened so far.
    opened: usize,
    /// Blocks opened in code that cannot be reached; `None` in reachable code.
    dead: Option<u32>,
    pub offset: u32,
    /// Values passed along edges and kept for `else`, so far.
    passed: Cell<usize>,
    /// The locals' zeros.
    empty: Construct,
    /// Whether memory 0 has a guard behind it.
    guarded: bool,
    /// Where the code starts, until that loop has been met.
    entry: Option<entry::Entry<'a>>,
    /// Whether the code does not start where the function does.
    starts_in_loop: bool,
    /// The labels of what is open around that loop, if there is a loop among it.
    nest: Option<Vec<Block>>,
    /// Of types, once needed.
    shapes: HashMap<u32, Shape>,
    /// The instruction that pays for the run of operators at hand.
    run: Option<Inst>,
    /// The calls whose callees are being inlined, outer ones first.
    calls: Vec<inline::Call>,
    /// By function: its indirect calls that mostly go to one function.
    targets: HashMap<u32, Vec<(u32, u32)>>,
    /// Bytes that have been inlined.
    inlined: usize,
    /// By type: [`Self::nothing`].
    nothings: [Option<Value>; 6],
}

/// Builds a defined function; with `entry`, what is left of it from that loop on; with `code`, which knows how the module has run,
/// other functions inlined. `spare`: one whose lists may be used anew.
pub fn build(
    module: &Module,
    defined: u32,
    entry: Option<&LoopState>,
    options: Options,
    code: Option<&ModuleCode>,
    spare: &mut Func,
) -> Result<Func> {
    let index = module.num_imported_funcs + defined;
    let ty = module.func_type(index);
    let body = module.body(defined);
    if module.bodies[defined as usize].len() as u32 > MAX_BODY {
        return Err(Uncovered("size".into()));
    }
    let results = ty.results.iter().map(|t| Type::of(*t)).collect();
    let f = Func::new(index, results, module.bodies[defined as usize].len(), take(spare));
    let mut local_types: Vec<Type> = ty.params.iter().map(|t| Type::of(*t)).collect();
    let params = local_types.len();
    for (count, ty) in body.locals() {
        if local_types.len() + count as usize > 2000 {
            return Err(Uncovered("number of locals".into()));
        }
        local_types.extend(core::iter::repeat_n(Type::of(ty), count as usize));
    }
    if local_types.len() * module.bodies[defined as usize].len() > MAX_LIVE {
        return Err(Uncovered("number of locals".into()));
    }
    let mut scan = scan(module, &body, local_types.len() as u32);
    // Paying may ask the host.
    scan.constructs.iter_mut().for_each(|c| c.calls |= options.fuel);
    let mut b = Builder {
        module,
        f,
        options,
        code,
        scan,
        stack: Vec::new(),
        locals: Vec::new(),
        frames: Vec::new(),
        block: ENTRY,
        memory: MemState::default(),
        opened: 0,
        dead: None,
        offset: module.bodies[defined as usize].start,
        passed: Cell::new(0),
        empty: Construct::default(),
        guarded: options.guarded,
        entry: None,
        starts_in_loop: entry.is_some(),
        nest: None,
        shapes: HashMap::default(),
        run: None,
        calls: Vec::new(),
        targets: HashMap::default(),
        inlined: 0,
        nothings: [None; 6],
    };
    b.f.guarded = options.guarded;
    b.f.new_block();
    if let Some(state) = entry {
        b.enter_at(state, &body, local_types.len())?;
    }
    for (n, &ty) in local_types.iter().enumerate() {
        let v = if n < params && entry.is_none() { b.f.new_param(ENTRY, ty) } else { b.nothing(ty) };
        b.locals.push(v);
    }
    b.frames.push(Frame::of_function(None, b.f.results.clone()));
    if let Err(why) = b.body(&body) {
        // What is too much by what was inlined may do without.
        return if b.inlined > 0 { build(module, defined, entry, options, None, spare) } else { Err(why) };
    }
    if entry.is_some() {
        if b.entry.is_some() {
            return Err(Uncovered("a loop that cannot be reached".into()));
        }
        b.separate();
        b.prune();
    }
    straight::straighten(&mut b.f);
    Ok(b.f)
}

impl Builder<'_> {
    /// Builds all operators of a body.
    fn body(&mut self, body: &FuncBody<'_>) -> Result<()> {
        for (op, offset) in body.operators() {
            self.offset = self.located(offset);
            if self.options.fuel {
                self.meter(&op);
            }
            let nans = if self.options.canonical_nans && self.dead.is_none() { canon::nans(&op) } else { None };
            self.operator(op)?;
            if self.stack.len() > MAX_OPERANDS {
                return Err(Uncovered("number of operands".into()));
            }
            if let Some(nans) = nans {
                self.canonicalise(nans);
            }
        }
        Ok(())
    }

    /// A loop header asks whether to go on. (Function entries do so where they look at the stack.)
    fn poll(&mut self) {
        self.inst(Op::Poll, Type::I64, &[], 0, &[]);
    }

    fn operator(&mut self, op: Operator<'_>) -> Result<()> {
        self.check_size()?;
        if let Some(depth) = self.dead {
            return self.dead_operator(op, depth);
        }
        match op {
            Operator::Nop => {}
            Operator::Unreachable => {
                self.finish(Term::Trap(TrapKind::Unreachable, self.offset));
                self.dead = Some(0);
            }
            Operator::Block { blockty } => {
                let (params, results) = self.block_types(blockty);
                self.note_below(self.opened, params.len());
                let label = self.join(&results, self.opened);
                self.open(Kind::Block, Some(label), results.clone(), results, params.len());
            }
            Operator::Loop { blockty } => self.loop_start(blockty)?,
            Operator::If { blockty } => {
                let cond = self.pop();
                let (params, results) = self.block_types(blockty);
                self.note_below(self.opened, params.len());
                let label = self.join(&results, self.opened);
                let (then, els) = (self.f.new_block(), self.f.new_block());
                let target = |block| Target { block, args: Vec::new() };
                self.finish(Term::Branch(cond, target(then), target(els)));
                self.passed.set(self.passed.get() + self.stack.len() + self.locals.len());
                let saved = (self.stack.clone(), self.locals.clone(), self.memory.clone());
                self.open(Kind::If(Some(els)), Some(label), results.clone(), results, params.len());
                self.frames.last_mut().expect("just opened").saved = Some(saved);
                self.block = then;
            }
            Operator::Else => {
                self.fall_through();
                self.start_else();
            }
            Operator::End => self.end(),
            Operator::Br { relative_depth } => {
                let target = self.branch_target(relative_depth, true);
                self.leave(target);
            }
            Operator::BrIf { relative_depth } => {
                let cond = self.pop();
                self.branch_if(relative_depth, cond, true);
            }
            Operator::BrTable { targets } => self.br_table(&targets)?,
            Operator::Return => {
                let target = self.branch_target(self.frames.len() as u32 - 1, true);
                self.leave(target);
            }
            Operator::Drop => {
                self.pop();
            }
            Operator::LocalGet { local_index } => self.stack.push(self.locals[local_index as usize]),
            Operator::LocalSet { local_index } => self.locals[local_index as usize] = self.pop(),
            Operator::LocalTee { local_index } => {
                self.locals[local_index as usize] = *self.stack.last().expect("an operand, as validated");
            }
            Operator::Call { function_index } => {
                if self.inline(function_index)? {
                    return Ok(());
                }
                let ty = self.module.func_type(function_index);
                self.call(Op::Call, &ty.params, &ty.results, 0, function_index as u64)?;
            }
            Operator::CallIndirect { type_index, table_index } => {
                if let Some(target) = self.likely_target(type_index) {
                    let func = self.table_func(table_index);
                    return self.call_likely(func, target, type_index, true);
                }
                let ty = self.module.type_func(type_index);
                let imm = (table_index as u64) << 32 | type_index as u64;
                let plain = self.module.sub_types[type_index as usize].is_final;
                if !plain || self.module.tables[table_index as usize].ty.is64 {
                    let func = self.indirect_target(table_index, type_index);
                    self.stack.push(func);
                    return self.call(Op::CallRef, &ty.params, &ty.results, 1, type_index as u64);
                }
                self.call(Op::CallIndirect, &ty.params, &ty.results, 1, imm)?;
            }
            Operator::CallRef { type_index } => {
                if let Some(target) = self.likely_target(type_index) {
                    let func = self.pop();
                    let func = self.check_null(func, TrapKind::NullFunctionReference);
                    return self.call_likely(func, target, type_index, false);
                }
                let func = self.pop();
                let func = self.check_null(func, TrapKind::NullFunctionReference);
                self.stack.push(func);
                let ty = self.module.type_func(type_index);
                self.call(Op::CallRef, &ty.params, &ty.results, 1, type_index as u64)?;
            }
            other => {
                if !self.tail_operator(&other) && !self.exception_operator(&other)? {
                    return self.plain(other);
                }
            }
        }
        Ok(())
    }

    // Control.

    fn block_types(&self, ty: BlockType) -> (Vec<Type>, Vec<Type>) {
        let types = |list: &[ValType]| list.iter().map(|t| Type::of(*t)).collect();
        match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(t) => (Vec::new(), vec![Type::of(self.module.val_type(t))]),
            BlockType::FuncType(i) => {
                let f = self.module.type_func(i);
                (types(&f.params), types(&f.results))
            }
        }
    }

    fn construct(&self, n: usize) -> &Construct {
        self.scan.constructs.get(n).unwrap_or(&self.empty)
    }

    /// A block for where the paths of a construct meet, with its parameters.
    fn join(&mut self, types: &[Type], construct: usize) -> Block {
        let block = self.f.new_block();
        for &ty in types {
            self.f.new_param(block, ty);
        }
        for n in 0..self.construct(construct).assigned.len() {
            let local = self.construct(construct).assigned[n] as usize;
            let ty = self.f.ty(self.locals[local]);
            self.f.new_param(block, ty);
        }
        for n in 0..self.construct(construct).below {
            let ty = self.f.ty(self.stack[n]);
            self.f.new_param(block, ty);
        }
        block
    }

    /// A construct opens that is to pass everything on: how many operands lie below its own.
    fn note_below(&mut self, construct: usize, params: usize) {
        let below = self.stack.len() - params;
        if let Some(c) = self.scan.constructs.get_mut(construct).filter(|c| c.full) {
            c.below = below;
        }
    }

    fn open(&mut self, kind: Kind, label: Option<Block>, label_types: Vec<Type>, results: Vec<Type>, params: usize) {
        let construct = self.opened;
        self.opened += 1;
        let height = self.stack.len() - params;
        self.frames.push(Frame {
            kind,
            label,
            label_types,
            results,
            height,
            construct,
            memory: None,
            saved: None,
            attempt: None,
        });
    }

    fn loop_start(&mut self, ty: BlockType) -> Result<()> {
        let (params, results) = self.block_types(ty);
        let construct = self.opened;
        self.note_below(construct, params.len());
        let header = self.join(&params, construct);
        self.f.blocks[header.index()].is_loop = true;
        let args = self.label_args(construct, params.len());
        self.finish(Term::Jump(Target { block: header, args }));
        let count = params.len();
        self.start_here(header, count)?;
        self.open(Kind::Loop, Some(header), params, results, count);
        self.stack.truncate(self.stack.len() - count);
        if self.construct(construct).full {
            self.memory = MemState::default();
        } else if self.construct(construct).calls {
            self.forget_memory();
        }
        self.enter(header, count, construct);
        self.poll();
        Ok(())
    }

    /// Goes on in a block with parameters made by [`Self::join`].
    fn enter(&mut self, block: Block, operands: usize, construct: usize) {
        self.block = block;
        let params = self.f.block(block).params.clone();
        let below = self.construct(construct).below;
        self.stack[..below].copy_from_slice(&params[params.len() - below..]);
        self.stack.extend(&params[..operands]);
        for n in 0..self.construct(construct).assigned.len() {
            let local = self.construct(construct).assigned[n] as usize;
            self.locals[local] = params[operands + n];
        }
        // What a local has that is not read again must be there all the same where it is passed on.
        for n in 0..self.construct(construct).dead.len() {
            let local = self.construct(construct).dead[n] as usize;
            self.locals[local] = self.nothing(self.f.ty(self.locals[local]));
        }
    }

    /// The topmost operands and the locals that a construct assigns.
    fn label_args(&self, construct: usize, operands: usize) -> Vec<Value> {
        let args = self.construct(construct).passed(&self.stack, &self.locals, operands);
        self.passed.set(self.passed.get() + args.len());
        args
    }

    /// Branches when a condition is not zero, or when it is.
    fn branch_if(&mut self, depth: u32, cond: Value, sense: bool) {
        let next = self.f.new_block();
        let target = match self.branch_target(depth, true) {
            Ok(target) => target,
            Err(values) => {
                let block = self.f.new_block();
                self.f.blocks[block.index()].term = Term::Return(values);
                Target { block, args: Vec::new() }
            }
        };
        let go_on = Target { block: next, args: Vec::new() };
        self.finish(if sense { Term::Branch(cond, target, go_on) } else { Term::Branch(cond, go_on, target) });
        self.block = next;
    }

    /// Where a branch goes, or what it returns. `note`: the path gets there from here.
    fn branch_target(&mut self, depth: u32, note: bool) -> core::result::Result<Target, Vec<Value>> {
        let at = self.frames.len() - 1 - depth as usize;
        let frame = &self.frames[at];
        let operands = frame.label_types.len();
        let Some(block) = frame.label else { return Err(self.stack[self.stack.len() - operands..].to_vec()) };
        let args = self.label_args(frame.construct, operands);
        let is_loop = frame.kind == Kind::Loop;
        if note && !is_loop {
            self.note_memory(at);
        }
        Ok(Target { block, args })
    }

    fn note_memory(&mut self, frame: usize) {
        let now = &self.memory;
        match &mut self.frames[frame].memory {
            Some(m) => m.meet(now),
            none => *none = Some(now.clone()),
        }
    }

    fn leave(&mut self, target: core::result::Result<Target, Vec<Value>>) {
        self.finish(match target {
            Ok(t) => Term::Jump(t),
            Err(values) => Term::Return(values),
        });
        self.dead = Some(0);
    }

    #[inline(never)]
    fn finish(&mut self, term: Term) {
        self.f.blocks[self.block.index()].term = term;
    }

    fn br_table(&mut self, table: &BrTable<'_>) -> Result<()> {
        let index = self.pop();
        let depths: Vec<u32> = table.targets().map(|t| t.expect("validated")).chain([table.default()]).collect();
        let mut targets = Vec::with_capacity(depths.len());
        for depth in depths {
            self.check_size()?;
            targets.push(match self.branch_target(depth, true) {
                Ok(t) => t,
                Err(values) => {
                    let block = self.f.new_block();
                    self.f.blocks[block.index()].term = Term::Return(values);
                    Target { block, args: Vec::new() }
                }
            });
        }
        self.finish(Term::Table(index, targets));
        self.dead = Some(0);
        Ok(())
    }

    fn check_size(&self) -> Result<()> {
        if self.passed.get() > MAX_PASSED { Err(Uncovered("size".into())) } else { Ok(()) }
    }

    /// The end of a reachable arm: on to the join.
    fn fall_through(&mut self) {
        let at = self.frames.len() - 1;
        let frame = &self.frames[at];
        let Some(block) = frame.label else {
            let values = self.stack[self.stack.len() - frame.results.len()..].to_vec();
            return self.finish(Term::Return(values));
        };
        let args = self.label_args(frame.construct, frame.results.len());
        self.note_memory(at);
        self.finish(Term::Jump(Target { block, args }));
    }

    fn start_else(&mut self) {
        let frame = self.frames.last_mut().expect("an if, as validated");
        let Kind::If(Some(els)) = frame.kind else { return };
        frame.kind = Kind::If(None);
        let (stack, locals, memory) = frame.saved.take().expect("set by `if`");
        (self.stack, self.locals, self.memory) = (stack, locals, memory);
        self.block = els;
        self.dead = None;
    }

    fn end(&mut self) {
        let reachable = self.dead.is_none();
        let kind = self.frames.last().expect("as validated").kind;
        if kind == Kind::Loop {
            // Nothing branches to the end of a loop.
            self.frames.pop();
            return;
        }
        if reachable {
            self.fall_through();
        }
        if let Kind::TryTable | Kind::Try = kind {
            self.end_attempt();
        }
        if let Kind::If(Some(_)) = kind {
            // No `else`: the parameters are the results.
            self.start_else();
            self.fall_through();
        }
        let frame = self.frames.pop().expect("as validated");
        let Some(label) = frame.label else {
            self.dead = None;
            return;
        };
        match frame.memory {
            None => self.dead = Some(0),
            Some(memory) => {
                self.dead = None;
                self.memory = if self.construct(frame.construct).full { MemState::default() } else { memory };
                self.stack.truncate(frame.height);
                self.enter(label, frame.results.len(), frame.construct);
            }
        }
    }

    /// Code that cannot be reached only matters for how its blocks nest.
    fn dead_operator(&mut self, op: Operator<'_>, depth: u32) -> Result<()> {
        match op {
            _ if opens(&op) => {
                self.opened += 1;
                self.dead = Some(depth + 1);
            }
            Operator::Else if depth == 0 => self.start_else(),
            Operator::Catch { tag_index } if depth == 0 => self.catch(Some(tag_index)),
            Operator::CatchAll if depth == 0 => self.catch(None),
            Operator::End | Operator::Delegate { .. } if depth == 0 => self.end(),
            Operator::End | Operator::Delegate { .. } => self.dead = Some(depth - 1),
            _ => {}
        }
        Ok(())
    }

    // Instructions.

    pub fn pop(&mut self) -> Value {
        self.stack.pop().expect("an operand, as validated")
    }

    /// Appends an instruction.
    #[inline(never)]
    pub fn inst(&mut self, op: Op, ty: Type, args: &[Value], imm: u64, results: &[Type]) -> Inst {
        let inst = self.f.new_inst(op, ty, args, imm, self.offset, results);
        self.f.blocks[self.block.index()].insts.push(inst);
        inst
    }

    /// Appends an instruction with one result, and gives that.
    #[inline(never)]
    pub fn value(&mut self, op: Op, ty: Type, args: &[Value], imm: u64) -> Value {
        let inst = self.inst(op, ty, args, imm, &[ty]);
        self.f.inst(inst).first
    }

    pub fn constant(&mut self, ty: Type, bits: u64) -> Value {
        self.value(Op::Const, ty, &[], bits)
    }

    fn zero(&mut self, ty: Type) -> Value {
        if ty == Type::V128 { self.vector_constant(0) } else { self.constant(ty, 0) }
    }

    /// A zero from the function's start.
    fn nothing(&mut self, ty: Type) -> Value {
        if let Some(v) = self.nothings[ty as usize] {
            return v;
        }
        let block = core::mem::replace(&mut self.block, ENTRY);
        let v = self.zero(ty);
        self.f.blocks[ENTRY.index()].insts.rotate_right(1);
        self.block = block;
        self.nothings[ty as usize] = Some(v);
        v
    }

    fn call(&mut self, op: Op, params: &[ValType], results: &[ValType], extra: usize, imm: u64) -> Result<()> {
        let slots = |list: &[ValType]| list.iter().map(|t| t.slots()).sum::<u32>();
        if slots(params).max(slots(results)) > crate::jit::MAX_SLOTS {
            return Err(Uncovered("call with many values".into()));
        }
        let from = self.stack.len() - params.len() - extra;
        let args = self.stack.split_off(from);
        let results: Vec<Type> = results.iter().map(|t| Type::of(*t)).collect();
        let inst = self.inst(op, Type::I64, &args, imm, &results);
        let first = self.f.inst(inst).first.0;
        self.stack.extend((0..results.len() as u32).map(|n| Value(first + n)));
        self.forget_memory();
        let handlers = self.handlers();
        if !handlers.is_empty() {
            let next = self.f.new_block();
            self.finish(Term::Invoke(Target { block: next, args: Vec::new() }, handlers));
            self.block = next;
        }
        Ok(())
    }

    /// A call of the library; the arguments are integers.
    pub fn helper(&mut self, helper: Helper, args: &[Value], imm: u64, result: Option<Type>) {
        let ty = result.unwrap_or(Type::I64);
        let inst = self.inst(Op::Helper(helper), ty, args, imm, result.as_slice());
        if result.is_some() {
            self.stack.push(self.f.inst(inst).first);
        }
    }

    pub fn forget_memory(&mut self) {
        // Memories with a guard never move.
        let base = self.memory.base.filter(|_| self.guarded);
        self.memory = MemState { base, ..MemState::default() };
    }

    fn memory_index(arg: &MemArg) -> Result<u32> {
        match arg.target {
            MemArgTarget::Memory(index) => Ok(index),
            MemArgTarget::Array(_) => Err(Uncovered("access to an array's bytes".into())),
        }
    }

    /// Base and checked address of an access of `size` bytes.
    pub fn address(&mut self, addr: Value, arg: &MemArg, size: u64) -> Result<(Value, Value)> {
        let index = Self::memory_index(arg)?;
        let memory = &self.module.memories[index as usize];
        if index != 0 || memory.is64 || memory.shared {
            return Ok(self.any_address(index, addr, arg.offset, size));
        }
        let base = match self.memory.base {
            Some(base) => base,
            None => {
                let base = self.value(Op::MemBase, Type::I64, &[], 0);
                self.memory.base = Some(base);
                base
            }
        };
        let end = arg.offset + size;
        if self.guarded && end <= GUARD_BYTES {
            let checked = self.value(Op::Check, Type::I64, &[addr, base], guarded_imm(end));
            return Ok((base, checked));
        }
        let minimum = memory.minimum.saturating_mul(1 << memory.page_log2);
        let reduced = match () {
            () if end <= self.scan.reduced => self.scan.reduced,
            () if end <= minimum.min(i32::MAX as u64) => end,
            () => 0,
        };
        let known = self.memory.limits.iter().find(|(r, _)| *r == reduced).map(|(_, v)| *v);
        let limit = match known {
            Some(limit) => limit,
            None => {
                let limit = self.value(Op::MemLimit, Type::I64, &[], reduced);
                self.memory.limits.push((reduced, limit));
                limit
            }
        };
        let checked = self.value(Op::Check, Type::I64, &[addr, limit], check_imm(end, reduced));
        Ok((base, checked))
    }
}
