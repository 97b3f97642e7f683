//! Modules shaped to strain translation to register code, where `wasm-smith` is weak: operands read long after they were
//! pushed while their locals change, deep stacks, loops and blocks with parameters, branches that carry values, comparisons that
//! feed branches, `eqz` and `select`, constants everywhere, calls with many arguments, huge frames.
//!
//! A body is generated as a stack machine would run it: operators take what lies on the simulated stack if it fits, and have the
//! rest pushed. Every body is valid and ends: back edges count down, calls burn fuel.

#![forbid(unsafe_code)]

mod ops;

use crate::plan::{self, Rng};
use ValType::{F32, F64, I32, I64, V128};
use ops::Op;
use std::borrow::Cow;
use wasm_encoder::*;

/// What a module may contain beyond integers, control flow, memory and calls.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub floats: bool,
    pub vectors: bool,
    pub refs: bool,
    pub tail_calls: bool,
    pub exceptions: bool,
    /// More memories, and such with 64-bit addresses.
    pub memories: bool,
    pub wide: bool,
    /// Frames of more than 65,536 slots.
    pub far: bool,
}

impl Options {
    /// The options of a seed, within a set (of `SETS`).
    fn of(rng: &mut Rng, set: &str) -> Options {
        let on = |name: &str| set == name || set == "all";
        Options {
            floats: rng.chance(50),
            vectors: on("simd") && rng.chance(60),
            refs: on("gc") && rng.chance(60),
            tail_calls: on("tail"),
            exceptions: on("exn") && rng.chance(70),
            memories: (on("multimem") || on("mem64")) && rng.chance(60),
            wide: on("wide"),
            far: rng.chance(3),
        }
    }
}

const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
const FUEL: i32 = 400;
/// Addresses stay below this, mostly.
const WINDOW: i32 = 0x7ff8;

type Signature = (Vec<ValType>, Vec<ValType>);

fn memarg(offset: u64, memory: u32) -> MemArg {
    MemArg { offset, align: 0, target: MemArgTarget::Memory(memory), ordering: None }
}

struct Shape {
    rng: Rng,
    options: Options,
    types: Vec<Signature>,
    /// The signatures of functions: the import first.
    funcs: Vec<Signature>,
    globals: Vec<ValType>,
    /// Whether each memory has 64-bit addresses.
    memories: Vec<bool>,
    /// Payload of each tag.
    tags: Vec<Vec<ValType>>,
    ops: Vec<Op>,
}

/// A module of a set.
pub fn module(seed: u64, set: &str) -> Vec<u8> {
    let mut rng = Rng::of(&[seed, 20]);
    let options = Options::of(&mut rng, set);
    let ops = ops::all(&options);
    let mut s = Shape {
        rng, options, types: vec![], funcs: vec![], globals: vec![], memories: vec![false], tags: vec![], ops,
    };
    s.build()
}

impl Shape {
    fn val_type(&mut self) -> ValType {
        let mut all = vec![I32, I32, I32, I64, I64];
        if self.options.floats {
            all.extend([F32, F64, F64]);
        }
        if self.options.vectors {
            all.extend([V128, V128]);
        }
        if self.options.refs {
            all.push(FUNCREF);
        }
        self.rng.pick(&all)
    }

    fn val_types(&mut self, most: usize) -> Vec<ValType> {
        let n = self.rng.below(most + 1);
        (0..n).map(|_| self.val_type()).collect()
    }

    fn type_index(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let at = self.types.iter().position(|(p, r)| p == params && r == results);
        at.unwrap_or_else(|| {
            self.types.push((params.to_vec(), results.to_vec()));
            self.types.len() - 1
        }) as u32
    }

    fn block_type(&mut self, params: &[ValType], results: &[ValType]) -> BlockType {
        match (params, results) {
            ([], []) => BlockType::Empty,
            ([], [one]) => BlockType::Result(*one),
            _ => BlockType::FunctionType(self.type_index(params, results)),
        }
    }

    fn build(&mut self) -> Vec<u8> {
        if self.options.memories {
            for _ in 0..2 {
                let wide = self.rng.chance(50);
                self.memories.push(wide);
            }
            self.memories[0] = self.rng.chance(40);
        }
        // A few signatures, shared, so that tail calls and calls through the table find partners.
        let most = if self.rng.chance(20) { 14 } else { 5 };
        let pool: Vec<Signature> = (0..3).map(|_| (self.val_types(most), self.val_types(4))).collect();
        let n = 1 + self.rng.below(4);
        for _ in 0..=n {
            let sig = self.rng.pick(&pool);
            self.funcs.push(sig);
        }
        self.globals = vec![I32];
        for _ in 0..3 {
            let ty = self.val_type();
            self.globals.push(ty);
        }
        if self.options.exceptions {
            self.tags = (0..2).map(|_| self.val_types(3)).collect();
            self.tags.push(vec![]);
        }
        let bodies: Vec<Function> = (1..self.funcs.len()).map(|f| self.body(f)).collect();
        self.encode(bodies)
    }

    fn encode(&mut self, bodies: Vec<Function>) -> Vec<u8> {
        let funcs = self.funcs.clone();
        let indices: Vec<u32> = funcs.iter().map(|(p, r)| self.type_index(p, r)).collect();
        let tags = self.tags.clone();
        let tags: Vec<u32> = tags.iter().map(|p| self.type_index(p, &[])).collect();
        let mut module = Module::new();
        let mut types = TypeSection::new();
        for (params, results) in &self.types {
            types.ty().function(params.iter().copied(), results.iter().copied());
        }
        module.section(&types);
        let mut imports = ImportSection::new();
        imports.import("", "f", EntityType::Function(indices[0]));
        module.section(&imports);
        let mut functions = FunctionSection::new();
        for i in &indices[1..] {
            functions.function(*i);
        }
        module.section(&functions);
        let n = funcs.len() as u32;
        let mut tables = TableSection::new();
        let size = n as u64 + 2;
        tables.table(TableType { element_type: RefType::FUNCREF, table64: false, minimum: size, maximum: Some(size + 4), shared: false });
        module.section(&tables);
        let mut memories = MemorySection::new();
        for &memory64 in &self.memories {
            memories.memory(MemoryType { minimum: 1, maximum: Some(3), memory64, shared: false, page_size_log2: None });
        }
        module.section(&memories);
        if !tags.is_empty() {
            let mut section = TagSection::new();
            for func_type_idx in tags {
                section.tag(TagType { kind: TagKind::Exception, func_type_idx });
            }
            module.section(&section);
        }
        let mut globals = GlobalSection::new();
        for (i, &val_type) in self.globals.clone().iter().enumerate() {
            let init = if i == 0 { ConstExpr::i32_const(FUEL) } else { self.initial(val_type) };
            globals.global(GlobalType { val_type, mutable: true, shared: false }, &init);
        }
        module.section(&globals);
        let mut exports = ExportSection::new();
        for f in 1..n {
            exports.export(&format!("f{f}"), ExportKind::Func, f);
        }
        for m in 0..self.memories.len() as u32 {
            exports.export(&format!("m{m}"), ExportKind::Memory, m);
        }
        for g in 0..self.globals.len() as u32 {
            exports.export(&format!("g{g}"), ExportKind::Global, g);
        }
        exports.export("t", ExportKind::Table, 0);
        module.section(&exports);
        let mut elements = ElementSection::new();
        let all: Vec<u32> = (0..n).collect();
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(Cow::Borrowed(&all)));
        module.section(&elements);
        let mut code = CodeSection::new();
        for b in &bodies {
            code.function(b);
        }
        module.section(&code);
        let mut data = DataSection::new();
        let bytes: Vec<u8> = (0..256).map(|_| self.rng.next() as u8 & 0x3f).collect();
        let at = if self.memories[0] { ConstExpr::i64_const(16) } else { ConstExpr::i32_const(16) };
        data.active(0, &at, bytes);
        module.section(&data);
        module.finish()
    }

    fn initial(&mut self, ty: ValType) -> ConstExpr {
        match ty {
            I32 => ConstExpr::i32_const(plan::integer(&mut self.rng) as i32),
            I64 => ConstExpr::i64_const(plan::integer(&mut self.rng) as i64),
            F32 => ConstExpr::f32_const((plan::float(&mut self.rng) as f32).into()),
            F64 => ConstExpr::f64_const(plan::float(&mut self.rng).into()),
            V128 => ConstExpr::v128_const(self.rng.next() as i128 & 0x3f),
            ValType::Ref(_) => ConstExpr::ref_func(0),
        }
    }

    fn body(&mut self, func: usize) -> Function {
        let (params, results) = self.funcs[func].clone();
        let mut locals = params.clone();
        let filler = if self.options.far { 33_000 } else { 0 };
        let named = self.rng.below(8);
        let mut types: Vec<ValType> = (0..named).map(|_| self.val_type()).collect();
        types.push(I32);
        types.push(I64);
        let budget = if self.rng.chance(30) { 250 } else { 60 };
        let first = params.len() as u32 + filler;
        locals.extend(&types);
        let mut b = Body {
            s: self,
            func,
            code: Vec::new(),
            locals,
            params: params.len() as u32,
            filler,
            counters: 0,
            stack: Vec::new(),
            frames: vec![Frame { height: 0, label: results.clone(), open: true, counter: None }],
            budget,
            loops: 0,
        };
        b.prologue();
        b.steps(budget);
        b.finish(&results);
        let (code, counters) = (b.code, b.counters);
        let mut groups: Vec<(u32, ValType)> = Vec::new();
        if filler > 0 {
            groups.push((filler, V128));
        }
        groups.extend(types.iter().map(|t| (1, *t)));
        groups.push((counters, I32));
        let mut f = Function::new(groups);
        // Counters follow all other locals.
        let counter = first + types.len() as u32;
        for i in code {
            match i {
                Code::Plain(i) => f.instruction(&i),
                Code::GetCounter(n) => f.instruction(&Instruction::LocalGet(counter + n)),
                Code::SetCounter(n) => f.instruction(&Instruction::LocalSet(counter + n)),
                Code::TeeCounter(n) => f.instruction(&Instruction::LocalTee(counter + n)),
            };
        }
        f
    }
}

/// An instruction; counters get their numbers when all are known.
enum Code {
    Plain(Instruction<'static>),
    GetCounter(u32),
    SetCounter(u32),
    TeeCounter(u32),
}

struct Frame {
    height: usize,
    /// The types a branch to it carries.
    label: Vec<ValType>,
    /// Whether anything may branch to it: not loops, whose back edges count down.
    open: bool,
    counter: Option<u32>,
}

struct Body<'a> {
    s: &'a mut Shape,
    func: usize,
    code: Vec<Code>,
    /// Types of parameters and named locals.
    locals: Vec<ValType>,
    params: u32,
    filler: u32,
    counters: u32,
    stack: Vec<ValType>,
    frames: Vec<Frame>,
    budget: i32,
    loops: u32,
}

impl Body<'_> {
    fn emit(&mut self, i: Instruction<'static>) {
        self.code.push(Code::Plain(i));
    }

    fn height(&self) -> usize {
        self.frames.last().map_or(0, |f| f.height)
    }

    /// Operands of the innermost block.
    fn own(&self) -> &[ValType] {
        &self.stack[self.height()..]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.s.rng.chance(percent)
    }

    fn below(&mut self, n: usize) -> usize {
        self.s.rng.below(n)
    }

    fn prologue(&mut self) {
        for i in [
            Instruction::GlobalGet(0),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::Unreachable,
            Instruction::End,
            Instruction::GlobalGet(0),
            Instruction::I32Const(1),
            Instruction::I32Sub,
            Instruction::GlobalSet(0),
        ] {
            self.emit(i);
        }
    }

    // Locals.

    fn local_index(&self, n: usize) -> u32 {
        if (n as u32) < self.params { n as u32 } else { n as u32 + self.filler }
    }

    fn local_of(&mut self, ty: ValType) -> Option<u32> {
        let fit: Vec<usize> = (0..self.locals.len()).filter(|&i| self.locals[i] == ty).collect();
        if fit.is_empty() {
            return None;
        }
        let n = self.s.rng.pick(&fit);
        Some(self.local_index(n))
    }

    // Operands.

    fn constant(&mut self, ty: ValType) {
        let i = match ty {
            I32 => Instruction::I32Const(self.small_or(32) as i32),
            I64 => Instruction::I64Const(self.small_or(64)),
            F32 => Instruction::F32Const((plan::float(&mut self.s.rng) as f32).into()),
            F64 => Instruction::F64Const(plan::float(&mut self.s.rng).into()),
            V128 => Instruction::V128Const(self.s.rng.next() as i128 & 0x3f3f_3f3f_3f3f),
            ValType::Ref(_) if self.chance(30) => Instruction::RefNull(HeapType::FUNC),
            ValType::Ref(_) => {
                let n = self.s.funcs.len();
                Instruction::RefFunc(self.below(n) as u32)
            }
        };
        self.emit(i);
        self.stack.push(ty);
    }

    /// A constant around the borders of immediates.
    fn small_or(&mut self, bits: u32) -> i64 {
        const BORDERS: [i64; 14] = [
            0, 1, -1, 2, 32767, 32768, -32768, -32769, 65535, i32::MAX as i64, i32::MIN as i64, 0x8000_0000, -0x8000_0001,
            0x1_0000_0000,
        ];
        let v = match self.below(3) {
            0 => self.s.rng.pick(&BORDERS),
            1 => self.below(20) as i64 - 5,
            _ => plan::integer(&mut self.s.rng) as i64,
        };
        if bits == 32 { v as i32 as i64 } else { v }
    }

    fn push(&mut self, ty: ValType) {
        let way = self.below(10);
        if way < 6 {
            if let Some(l) = self.local_of(ty) {
                self.emit(Instruction::LocalGet(l));
                self.stack.push(ty);
                return;
            }
        }
        let global = (1..self.s.globals.len()).find(|&g| self.s.globals[g] == ty);
        match global {
            Some(g) if way == 6 => {
                self.emit(Instruction::GlobalGet(g as u32));
                self.stack.push(ty);
            }
            _ if way == 7 && self.budget > 0 => {
                self.budget -= 1;
                self.computed(ty);
            }
            _ => self.constant(ty),
        }
    }

    /// An operand that an operator computes.
    fn computed(&mut self, ty: ValType) {
        let fit: Vec<usize> = (0..self.s.ops.len()).filter(|&i| self.s.ops[i].results == [ty]).collect();
        if fit.is_empty() {
            return self.constant(ty);
        }
        let op = self.s.ops[self.s.rng.pick(&fit)].clone();
        self.guarded(|b| b.operator(&op));
    }

    /// Does something that leaves the operands there are alone.
    fn guarded(&mut self, what: impl FnOnce(&mut Self)) {
        let height = self.stack.len();
        self.frames.push(Frame { height, label: vec![], open: false, counter: None });
        what(self);
        self.frames.pop();
    }

    /// Has the operands on top of the stack, using what lies there.
    fn need(&mut self, params: &[ValType]) {
        let own = self.own();
        let most = params.len().min(own.len());
        let fits = (0..=most).rev().find(|&k| own[own.len() - k..] == params[..k]).unwrap_or(0);
        let k = if self.chance(80) { fits } else { 0 };
        for &ty in &params[k..] {
            self.push(ty);
        }
    }

    fn pop(&mut self, n: usize) {
        self.stack.truncate(self.stack.len() - n);
    }

    fn operator(&mut self, op: &Op) {
        self.need(&op.params);
        if op.divides && self.chance(80) {
            // Mostly not by zero.
            let (one, or) = match op.params[1] {
                I32 => (Instruction::I32Const(1), Instruction::I32Or),
                _ => (Instruction::I64Const(1), Instruction::I64Or),
            };
            self.emit(one);
            self.emit(or);
        }
        self.emit(op.code.clone());
        self.pop(op.params.len());
        self.stack.extend(&op.results);
    }

    fn any_operator(&mut self) {
        let n = self.s.ops.len();
        let at = self.below(n);
        let op = self.s.ops[at].clone();
        self.operator(&op);
    }

    // Statements.

    fn steps(&mut self, n: i32) {
        for _ in 0..n {
            if self.budget <= 0 {
                return;
            }
            self.budget -= 1;
            self.step();
        }
    }

    fn step(&mut self) {
        match self.below(100) {
            0..15 => {
                let ty = self.s.val_type();
                self.push(ty);
            }
            15..33 => self.assign(),
            33..58 => self.any_operator(),
            58..62 => self.compare_chain(),
            62..66 => self.select(),
            66..73 => self.load(),
            73..80 => self.store(),
            80..82 => {
                if !self.own().is_empty() {
                    self.emit(Instruction::Drop);
                    self.pop(1);
                }
            }
            82..90 => self.structure(),
            90..94 => self.branch(),
            94..98 => self.call(),
            98 => self.rarely(),
            _ => self.leave(),
        }
        if self.own().len() > 24 {
            self.assign();
        }
    }

    fn assign(&mut self) {
        let Some(&ty) = self.own().last() else {
            let ty = self.s.val_type();
            self.push(ty);
            return;
        };
        if self.chance(10) {
            let fit = (1..self.s.globals.len()).find(|&g| self.s.globals[g] == ty);
            if let Some(g) = fit {
                self.emit(Instruction::GlobalSet(g as u32));
                self.pop(1);
                return;
            }
        }
        match self.local_of(ty) {
            Some(l) if self.chance(50) => self.emit(Instruction::LocalTee(l)),
            Some(l) => {
                self.emit(Instruction::LocalSet(l));
                self.pop(1);
            }
            None => {
                self.emit(Instruction::Drop);
                self.pop(1);
            }
        }
    }

    /// A truth: a comparison, perhaps negated a few times.
    fn condition(&mut self) {
        if self.chance(15) {
            return self.need(&[I32]);
        }
        let fit: Vec<usize> = (0..self.s.ops.len()).filter(|&i| self.s.ops[i].truth).collect();
        let op = self.s.ops[self.s.rng.pick(&fit)].clone();
        self.operator(&op);
        while self.chance(25) {
            self.emit(Instruction::I32Eqz);
        }
        if self.chance(10) {
            if let Some(l) = self.local_of(I32) {
                self.emit(Instruction::LocalTee(l));
            }
        }
    }

    /// A truth above the operands there are, which it leaves alone; counted as taken already.
    fn fresh_condition(&mut self) {
        self.guarded(Self::condition);
        self.pop(1);
    }

    fn compare_chain(&mut self) {
        self.condition();
        if self.chance(30) {
            self.emit(Instruction::I32Eqz);
        }
    }

    fn select(&mut self) {
        let ty = self.own().last().copied().unwrap_or(I32);
        self.need(&[ty, ty]);
        self.fresh_condition();
        self.emit(match ty {
            ValType::Ref(_) => Instruction::TypedSelect(ty),
            _ => Instruction::Select,
        });
        self.pop(1);
    }

    fn address(&mut self) -> (MemArg, bool) {
        let memory_index = self.below(self.s.memories.len()) as u32;
        let wide = self.s.memories[memory_index as usize];
        self.need(&[if wide { I64 } else { I32 }]);
        if self.chance(80) {
            let (mask, and) = match wide {
                true => (Instruction::I64Const(WINDOW as i64), Instruction::I64And),
                false => (Instruction::I32Const(WINDOW), Instruction::I32And),
            };
            self.emit(mask);
            self.emit(and);
        }
        let offset = match self.below(12) {
            0 => 65535 - WINDOW as u64,
            1 if wide => 0x1_0000_0000,
            1 => 0xffff_ffff,
            2..6 => 0,
            n => n as u64 * 5,
        };
        (memarg(offset, memory_index), wide)
    }

    fn load(&mut self) {
        let (memarg, _) = self.address();
        let (i, ty) = ops::load(&mut self.s.rng, &self.s.options, memarg);
        self.emit(i);
        self.pop(1);
        self.stack.push(ty);
    }

    fn store(&mut self) {
        let (memarg, _) = self.address();
        let (i, ty) = ops::store(&mut self.s.rng, &self.s.options, memarg);
        match self.below(3) {
            0 => self.constant(ty),
            1 => self.computed(ty),
            _ => self.push(ty),
        }
        self.emit(i);
        self.pop(2);
    }

    // Blocks.

    fn structure(&mut self) {
        if self.frames.len() > 8 {
            return;
        }
        let take = self.below(self.own().len().min(4) + 1);
        let params = self.stack[self.stack.len() - take..].to_vec();
        let results = if self.chance(40) { params.clone() } else { self.s.val_types(3) };
        let n = 3 + self.below(14) as i32;
        match self.below(if self.s.options.exceptions { 5 } else { 4 }) {
            0 => self.block(params, results, n),
            1 if self.loops < 3 => self.repeat(params, results, n),
            4 => self.attempt(n),
            _ => self.either(params, results, n),
        }
    }

    fn enter(&mut self, params: &[ValType], label: Vec<ValType>, open: bool, counter: Option<u32>) {
        let height = self.stack.len() - params.len();
        self.frames.push(Frame { height, label, open, counter });
    }

    /// Ends the innermost block with its results in place.
    fn exit(&mut self, results: &[ValType]) {
        self.settle(results);
        self.frames.pop();
        self.emit(Instruction::End);
    }

    /// Makes the operands of the innermost block be exactly these.
    fn settle(&mut self, results: &[ValType]) {
        loop {
            let own = self.own();
            if own.len() <= results.len() && own == &results[..own.len()] {
                break;
            }
            let before = self.stack.len();
            if self.chance(40) {
                self.assign();
            }
            if self.stack.len() >= before {
                self.emit(Instruction::Drop);
                self.pop(1);
            }
        }
        for &ty in &results[self.own().len()..] {
            self.push(ty);
        }
    }

    fn block(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::Block(ty));
        self.enter(&params, results.clone(), true, None);
        self.steps(n);
        self.exit(&results);
    }

    fn repeat(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        let counter = self.counters;
        self.counters += 1;
        self.loops += 1;
        let trips = 1 + self.below(4) as i32;
        self.emit(Instruction::I32Const(trips));
        self.code.push(Code::SetCounter(counter));
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::Loop(ty));
        self.enter(&params, params.clone(), false, Some(counter));
        self.steps(n);
        self.back(0);
        self.exit(&results);
        self.loops -= 1;
    }

    /// A back edge to the loop at this depth, while its counter lasts.
    fn back(&mut self, depth: u32) {
        let frame = &self.frames[self.frames.len() - 1 - depth as usize];
        let (label, Some(counter)) = (frame.label.clone(), frame.counter) else { return };
        self.need(&label);
        if self.chance(50) {
            self.code.push(Code::GetCounter(counter));
            self.emit(Instruction::I32Const(1));
            self.emit(Instruction::I32Sub);
        } else {
            self.emit(Instruction::I32Const(-1));
            self.code.push(Code::GetCounter(counter));
            self.emit(Instruction::I32Add);
        }
        self.code.push(Code::TeeCounter(counter));
        match self.below(3) {
            0 => {
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
            }
            1 => {
                self.emit(Instruction::I32Const(1));
                self.emit(Instruction::I32LtS);
                self.emit(Instruction::I32Eqz);
            }
            _ => {
                self.emit(Instruction::I32Const(0));
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32LtS);
                // The first operand below is the tee's.
                self.emit(Instruction::I32And);
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
                self.emit(Instruction::I32Or);
                self.code.push(Code::GetCounter(counter));
                self.emit(Instruction::I32Const(0));
                self.emit(Instruction::I32GtS);
                self.emit(Instruction::I32And);
            }
        }
        self.emit(Instruction::BrIf(depth));
    }

    fn either(&mut self, params: Vec<ValType>, results: Vec<ValType>, n: i32) {
        self.fresh_condition();
        let ty = self.s.block_type(&params, &results);
        self.emit(Instruction::If(ty));
        let bare = params == results && self.chance(30);
        self.enter(&params, results.clone(), true, None);
        self.steps(n);
        self.settle(&results);
        if !bare {
            self.emit(Instruction::Else);
            let height = self.height();
            self.stack.truncate(height);
            self.stack.extend(&params);
            self.steps(n);
            self.settle(&results);
        }
        self.frames.pop();
        self.emit(Instruction::End);
    }

    /// A `try_table` inside the block that its clauses lead to.
    fn attempt(&mut self, n: i32) {
        let tag = self.below(self.s.tags.len());
        let all = self.chance(30);
        let payload = if all { vec![] } else { self.s.tags[tag].clone() };
        let with_ref = self.chance(30);
        let mut label = payload.clone();
        if with_ref {
            label.push(ValType::Ref(RefType::EXNREF));
        }
        let ty = self.s.block_type(&[], &label);
        self.emit(Instruction::Block(ty));
        self.enter(&[], label.clone(), false, None);
        let tag = tag as u32;
        let catch = match (all, with_ref) {
            (false, false) => Catch::One { tag, label: 0 },
            (false, true) => Catch::OneRef { tag, label: 0 },
            (true, false) => Catch::All { label: 0 },
            (true, true) => Catch::AllRef { label: 0 },
        };
        let results = self.s.val_types(2);
        let ty = self.s.block_type(&[], &results);
        self.emit(Instruction::TryTable(ty, Cow::Owned(vec![catch])));
        self.enter(&[], results.clone(), true, None);
        self.steps(n);
        if self.chance(60) {
            self.throw();
        }
        self.steps(2);
        self.exit(&results);
        self.steps(2);
        self.settle(&payload);
        if with_ref {
            self.emit(Instruction::RefNull(HeapType::Abstract { shared: false, ty: AbstractHeapType::Exn }));
            self.stack.push(ValType::Ref(RefType::EXNREF));
        }
        self.frames.pop();
        self.emit(Instruction::End);
        if with_ref {
            self.emit(Instruction::Drop);
            self.pop(1);
        }
    }

    /// Throws, under a condition.
    fn throw(&mut self) {
        let tag = self.below(self.s.tags.len());
        let payload = self.s.tags[tag].clone();
        self.fresh_condition();
        self.emit(Instruction::If(BlockType::Empty));
        self.enter(&[], vec![], true, None);
        self.need(&payload);
        self.emit(Instruction::Throw(tag as u32));
        let height = self.height();
        self.stack.truncate(height);
        self.exit(&[]);
    }

    // Branches.

    /// A frame that may be left for, by depth.
    fn target(&mut self) -> Option<u32> {
        let n = self.frames.len();
        let open: Vec<u32> = (0..n).filter(|&d| self.frames[n - 1 - d].open).map(|d| d as u32).collect();
        if open.is_empty() { None } else { Some(self.s.rng.pick(&open)) }
    }

    fn label(&self, depth: u32) -> Vec<ValType> {
        self.frames[self.frames.len() - 1 - depth as usize].label.clone()
    }

    fn branch(&mut self) {
        if self.chance(15)
            && let Some(d) = (0..self.frames.len()).find(|&d| self.frames[self.frames.len() - 1 - d].counter.is_some())
        {
            return self.back(d as u32);
        }
        let Some(depth) = self.target() else { return };
        let label = self.label(depth);
        self.need(&label);
        self.fresh_condition();
        self.emit(Instruction::BrIf(depth));
    }

    /// Leaves for good; what follows is dead.
    fn leave(&mut self) {
        if self.frames.len() < 2 {
            return;
        }
        let Some(depth) = self.target() else { return };
        let label = self.label(depth);
        self.need(&label);
        match self.below(4) {
            0 => self.emit(Instruction::Br(depth)),
            1 => {
                let n = self.frames.len();
                let same = |d: &u32| {
                    let f = &self.frames[n - 1 - *d as usize];
                    f.open && f.label == label
                };
                let fit: Vec<u32> = (0..n as u32).filter(same).collect();
                let count = self.below(5);
                let list: Vec<u32> = (0..count).map(|_| self.s.rng.pick(&fit)).collect();
                self.push(I32);
                if self.chance(50) {
                    self.emit(Instruction::I32Const(3));
                    self.emit(Instruction::I32And);
                }
                self.pop(1);
                self.emit(Instruction::BrTable(Cow::Owned(list), depth));
            }
            2 if depth as usize == self.frames.len() - 1 => self.emit(Instruction::Return),
            _ => {
                // Conditionally, so that not everything ends here.
                self.push(I32);
                self.emit(Instruction::BrIf(depth));
                self.pop(1);
                return;
            }
        }
        let height = self.height();
        self.stack.truncate(height);
    }

    // Calls.

    fn call(&mut self) {
        let n = self.s.funcs.len();
        match self.below(10) {
            0..6 => {
                // Only those before it, so that recursion is left to the table.
                let f = self.below(self.func.min(n));
                let (params, results) = self.s.funcs[f].clone();
                self.need(&params);
                self.emit(Instruction::Call(f as u32));
                self.pop(params.len());
                self.stack.extend(results);
            }
            6 | 7 => {
                let f = self.below(n);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                match self.chance(80) {
                    true => self.emit(Instruction::I32Const(f as i32 + 1)),
                    false => {
                        self.push(I32);
                        self.pop(1);
                    }
                }
                self.emit(Instruction::CallIndirect { type_index, table_index: 0 });
                self.pop(params.len());
                self.stack.extend(results);
            }
            8 if self.s.options.refs => {
                let f = self.below(n);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                self.emit(Instruction::RefFunc(f as u32));
                self.emit(Instruction::CallRef(type_index));
                self.pop(params.len());
                self.stack.extend(results);
            }
            _ if self.s.options.tail_calls && self.frames.len() > 1 => {
                let own = self.s.funcs[self.func].1.clone();
                let fit: Vec<usize> = (0..n).filter(|&f| self.s.funcs[f].1 == own).collect();
                let f = self.s.rng.pick(&fit);
                let (params, results) = self.s.funcs[f].clone();
                let type_index = self.s.type_index(&params, &results);
                self.need(&params);
                if self.chance(50) {
                    self.emit(Instruction::ReturnCall(f as u32));
                } else {
                    self.emit(Instruction::I32Const(f as i32 + 1));
                    self.emit(Instruction::ReturnCallIndirect { type_index, table_index: 0 });
                }
                let height = self.height();
                self.stack.truncate(height);
            }
            _ => {}
        }
    }

    fn rarely(&mut self) {
        let mem = self.below(self.s.memories.len()) as u32;
        let wide = self.s.memories[mem as usize];
        let ty = if wide { I64 } else { I32 };
        match self.below(6) {
            0 => {
                self.emit(Instruction::MemorySize(mem));
                self.stack.push(ty);
            }
            1 => {
                self.emit(if wide { Instruction::I64Const(1) } else { Instruction::I32Const(1) });
                self.emit(Instruction::MemoryGrow(mem));
                self.stack.push(ty);
            }
            2 => {
                let at = self.below(5000) as i64;
                let len = self.below(64) as i64;
                self.emit(if wide { Instruction::I64Const(at) } else { Instruction::I32Const(at as i32) });
                self.push(I32);
                self.emit(if wide { Instruction::I64Const(len) } else { Instruction::I32Const(len as i32) });
                self.emit(Instruction::MemoryFill(mem));
                self.pop(1);
            }
            3 => {
                for n in [3000, 0, 500] {
                    let n = n + self.below(100) as i64;
                    self.emit(if wide { Instruction::I64Const(n) } else { Instruction::I32Const(n as i32) });
                }
                self.emit(Instruction::MemoryCopy { src_mem: mem, dst_mem: mem });
            }
            4 if self.s.options.refs => {
                self.need(&[FUNCREF]);
                self.emit(Instruction::RefIsNull);
                self.pop(1);
                self.stack.push(I32);
            }
            5 if self.s.options.exceptions => self.throw(),
            _ => {
                self.emit(Instruction::TableSize(0));
                self.stack.push(I32);
            }
        }
    }

    /// Leaves the locals in memory, where they can be seen, and the results on the stack.
    fn finish(&mut self, results: &[ValType]) {
        if self.chance(60) && !self.s.memories[0] {
            for n in 0..self.locals.len() {
                let ty = self.locals[n];
                let memarg = memarg(1024 + 16 * n as u64 + 256 * self.func as u64, 0);
                let store = match ty {
                    I32 => Instruction::I32Store(memarg),
                    I64 => Instruction::I64Store(memarg),
                    F32 => Instruction::F32Store(memarg),
                    F64 => Instruction::F64Store(memarg),
                    V128 => Instruction::V128Store(memarg),
                    ValType::Ref(_) => continue,
                };
                self.emit(Instruction::I32Const(0));
                let l = self.local_index(n);
                self.emit(Instruction::LocalGet(l));
                self.emit(store);
            }
        }
        self.settle(results);
        self.emit(Instruction::End);
    }
}
