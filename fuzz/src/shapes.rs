//! Modules shaped to strain translation to register code, where `wasm-smith` is weak: operands read long after they were
//! pushed while their locals change, deep stacks, loops and blocks with parameters, branches that carry values, comparisons that
//! feed branches, `eqz` and `select`, constants everywhere, calls with many arguments, huge frames.
//!
//! A body is generated as a stack machine would run it: operators take what lies on the simulated stack if it fits, and have the
//! rest pushed. Every body is valid and ends: back edges count down, calls burn fuel.

#![forbid(unsafe_code)]

mod body;
mod flow;
mod loops;
mod object;
mod ops;

use crate::plan::{self, Rng};
use ValType::{F32, F64, I32, I64, V128};
use body::{Body, Code, Frame};
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
    /// Many values of all types that live through loops and calls, more than there are registers.
    pub pressure: bool,
    /// Counted loops, and small functions that they call.
    pub loops: bool,
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
            far: rng.chance(5),
            pressure: false,
            loops: false,
        }
    }
}

const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
/// An array of `i32`: type 0 of a module with references.
const ARRAY: ValType = object(0);
/// A structure of an `i32` and an `i64`: type 1 of such a module.
const STRUCT: ValType = object(1);

const fn object(ty: u32) -> ValType {
    ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(ty) })
}

const FUEL: i32 = 2000;
/// Where loops call.
const MORE_FUEL: i32 = 3_000;
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

/// A module of a set. With floats its results depend on the bits of NaNs, in which architectures differ.
pub fn module(seed: u64, set: &str, floats: bool) -> Vec<u8> {
    module_with(seed, set, floats, false)
}

/// The same, always of loops and small functions if that is wanted.
pub fn module_with(seed: u64, set: &str, floats: bool, loops: bool) -> Vec<u8> {
    let mut rng = Rng::of(&[seed, 20]);
    let mut options = Options::of(&mut rng, set);
    // By dice of its own: what other seeds make stays.
    if Rng::of(&[seed, 21]).chance(20) {
        (options.pressure, options.floats, options.far) = (true, true, false);
        options.vectors = matches!(set, "simd" | "relaxed" | "all");
    }
    if loops || Rng::of(&[seed, 22]).chance(20) {
        (options.loops, options.far) = (true, false);
    }
    options.floats &= floats;
    let ops = ops::all(&options);
    let mut s =
        Shape { rng, options, types: vec![], funcs: vec![], globals: vec![], memories: vec![false], tags: vec![], ops };
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
        let at = at.unwrap_or_else(|| {
            self.types.push((params.to_vec(), results.to_vec()));
            self.types.len() - 1
        }) as u32;
        // The types of objects come first.
        if self.options.refs { at + 2 } else { at }
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
        let n = if self.options.loops { 3 + self.rng.below(5) } else { 1 + self.rng.below(4) };
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
        if self.options.refs {
            let field = |ty| FieldType { element_type: StorageType::Val(ty), mutable: true };
            types.ty().array(&StorageType::Val(I32), true);
            types.ty().struct_([field(I32), field(I64)]);
        }
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
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: Some(size + 4),
            shared: false,
        });
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
            let fuel = if self.options.loops { MORE_FUEL } else { FUEL };
            let init = if i == 0 { ConstExpr::i32_const(fuel) } else { self.initial(val_type) };
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
        // The last one calls the others.
        let leaf = self.options.loops && func + 1 < self.funcs.len() && self.rng.chance(60);
        let named = if leaf {
            self.rng.below(3)
        } else if self.options.pressure {
            12 + self.rng.below(50)
        } else {
            self.rng.below(8)
        };
        let mut types: Vec<ValType> = (0..named).map(|_| self.val_type()).collect();
        types.push(I32);
        types.push(I64);
        if self.options.refs {
            types.extend([ARRAY, STRUCT, ARRAY]);
        }
        let budget = match leaf {
            true => 2 + self.rng.below(8) as i32,
            false if self.rng.chance(30) => 250,
            false => 60,
        };
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
            leaf,
        };
        b.prologue();
        if b.s.options.loops && !leaf {
            b.counted();
        }
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
