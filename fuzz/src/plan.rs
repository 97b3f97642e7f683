//! What is done with a module, whichever engine runs it: the arguments of its exports, what its imports give, and the words in
//! which results are written down. Everything follows from the module's types and one seed, so two engines that agree
//! produce the same [`Report`].
//!
//! The test of the stored corpus includes this file and `ours.rs`; neither may name another crate than `wasm`.

#![forbid(unsafe_code)]
#![allow(dead_code)]

use std::fmt;
use std::sync::{Arc, Mutex};
use wasm::module::{Export, ExternKind, ExternType, FuncType, HeapType, Module, RefType, TypeRegistry, ValType};

/// SplitMix64.
#[derive(Clone)]
pub struct Rng(pub u64);

impl Rng {
    /// A generator for one purpose, so that purposes do not disturb each other.
    pub fn of(parts: &[u64]) -> Rng {
        let mut r = Rng(0x9e37_79b9_7f4a_7c15);
        for p in parts {
            r.0 = r.next() ^ p.wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        r.next();
        r
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// True `percent` times of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// A value that means the same to every engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Null,
    /// An `i31`.
    Small(u32),
    /// The host's object of this number.
    Host(u32),
    /// Some function.
    Func,
    /// Something of the guest's.
    Object,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::I32(v) => write!(f, "i32:{v:x}"),
            Value::I64(v) => write!(f, "i64:{v:x}"),
            Value::F32(v) => write!(f, "f32:{v:x}"),
            Value::F64(v) => write!(f, "f64:{v:x}"),
            Value::V128(v) => write!(f, "v128:{v:x}"),
            Value::Null => f.write_str("null"),
            Value::Small(v) => write!(f, "i31:{v:x}"),
            Value::Host(n) => write!(f, "host:{n}"),
            Value::Func => f.write_str("func"),
            Value::Object => f.write_str("object"),
        }
    }
}

/// How many objects of the host's there are.
pub const HOST_OBJECTS: u32 = 4;

const EDGES: [u64; 28] = [
    0,
    1,
    2,
    3,
    7,
    8,
    16,
    31,
    32,
    33,
    63,
    64,
    127,
    128,
    255,
    256,
    0x7fff,
    0x8000,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    i64::MAX as u64,
    i64::MIN as u64,
    0x1234_5678_9abc_def0,
    65535 * 2,
];

/// An integer, as often as not one of those where things go wrong.
pub fn integer(rng: &mut Rng) -> u64 {
    let v = match rng.below(8) {
        0 => rng.next(),
        1 => rng.next() & 0xffff,
        2 | 3 => rng.next() & 15,
        _ => rng.pick(&EDGES),
    };
    if rng.chance(25) { v.wrapping_neg() } else { v }
}

/// A float that is no NaN: engines may differ in the bits of those, so modules that compute with floats make them
/// canonical, and those given from outside must be too.
pub fn float(rng: &mut Rng) -> f64 {
    const EDGES: [f64; 18] = [
        0.0,
        1.0,
        0.5,
        1.5,
        2.5,
        1e-40,
        1e-310,
        127.0,
        255.5,
        2147483647.0,
        2147483648.0,
        4294967295.5,
        4294967296.0,
        9223372036854775807.0,
        18446744073709551615.0,
        1e38,
        1e300,
        f64::INFINITY,
    ];
    let v = match rng.below(4) {
        0 => rng.next() as i32 as f64 / 16.0,
        _ => rng.pick(&EDGES),
    };
    if rng.chance(40) { -v } else { v }
}

/// A value of a type, or none if only the guest can make one.
pub fn value(rng: &mut Rng, ty: ValType, types: &TypeRegistry) -> Option<Value> {
    Some(match ty {
        ValType::I32 => Value::I32(integer(rng) as i32),
        ValType::I64 => Value::I64(integer(rng) as i64),
        ValType::F32 => Value::F32((float(rng) as f32).to_bits()),
        ValType::F64 => Value::F64(float(rng).to_bits()),
        ValType::V128 => {
            let lanes = integer(rng) as u128 | (integer(rng) as u128) << 64;
            // Lanes that are NaNs as floats of either width would not be canonical.
            Value::V128(lanes & !0x4000_0000_4000_0000_4000_0000_4000_0000)
        }
        ValType::Ref(r) => return reference(rng, r, types),
    })
}

fn reference(rng: &mut Rng, ty: RefType, types: &TypeRegistry) -> Option<Value> {
    if ty.nullable && rng.chance(50) {
        return Some(Value::Null);
    }
    match ty.heap {
        HeapType::Extern => Some(Value::Host(rng.below(HOST_OBJECTS as usize) as u32)),
        HeapType::Any | HeapType::Eq | HeapType::I31 => Some(Value::Small(rng.next() as u32 & 0x7fff_ffff)),
        _ if ty.nullable && types.top(ty.heap) != HeapType::Exn => Some(Value::Null),
        _ if ty.nullable => Some(Value::Null),
        _ => None,
    }
}

/// What happened, line by line. Two reports agree if their lines do, up to the first that ends the comparison because the
/// spec leaves open what happens (a stack or the heap is exhausted): see [`Report::differs`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    pub lines: Vec<String>,
    /// Where calls have trapped, frame by frame; only this project's own engine tells.
    pub places: Vec<String>,
}

/// How lines start that end the comparison.
const OPEN: &str = "?";

impl Report {
    pub fn line(&mut self, text: impl Into<String>) {
        self.lines.push(text.into());
    }

    /// From here on nothing is comparable.
    pub fn open(&mut self, why: &str) {
        self.lines.push(format!("{OPEN} {why}"));
    }

    pub fn is_open(&self) -> bool {
        self.lines.last().is_some_and(|l| l.starts_with(OPEN))
    }

    /// The first line in which the reports differ.
    pub fn differs<'a>(&'a self, other: &'a Report) -> Option<(&'a str, &'a str)> {
        let none = "(nothing)";
        for i in 0..self.lines.len().max(other.lines.len()) {
            let a = self.lines.get(i).map_or(none, |s| s);
            let b = other.lines.get(i).map_or(none, |s| s);
            if a.starts_with(OPEN) || b.starts_with(OPEN) {
                return None;
            }
            if a != b {
                return Some((a, b));
            }
        }
        let mut places = self.places.iter().zip(&other.places);
        places.find(|(a, b)| a != b).map(|(a, b)| (a.as_str(), b.as_str()))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|l| writeln!(f, "{l}"))
    }
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Values(Vec<Value>),
    /// A trap, in words that do not depend on the engine.
    Trap(&'static str),
    /// The spec leaves it open: the stack or the heap ran out.
    Open(&'static str),
}

/// Calls of the imports, in the order they were made.
#[derive(Default)]
struct HostLog {
    calls: u64,
    hash: u64,
    /// How many calls of the host's into the guest are under way.
    depth: u32,
    /// Whether one of them ended in a way that the spec leaves open.
    open: bool,
    /// Whether no guest code is between the host and its function: engines differ in who the caller is then.
    direct: bool,
}

/// What imported functions do: they note their arguments, sometimes call an export of their caller, and give values, all of
/// which follows from the seed.
#[derive(Clone)]
pub struct Host {
    seed: u64,
    module: Arc<Module>,
    log: Arc<Mutex<HostLog>>,
}

/// A call that a host function makes.
pub struct Callback {
    pub name: String,
    pub args: Vec<Value>,
    pub ty: FuncType,
}

impl Host {
    pub fn new(seed: u64, module: Arc<Module>) -> Host {
        Host { seed, module, log: Arc::default() }
    }

    /// What is about to be called is the function with this index.
    pub fn calling(&self, func: Option<u32>) {
        self.log().direct = func.is_some_and(|f| f < self.module.num_imported_funcs);
    }

    fn log(&self) -> std::sync::MutexGuard<'_, HostLog> {
        self.log.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// A call of import `index`: its results, or none when it traps. `call_back` makes calls if there is a caller.
    pub fn call(
        &self,
        index: usize,
        args: &[Value],
        results: &[ValType],
        call_back: &mut dyn FnMut(&Callback) -> Option<Outcome>,
    ) -> Option<Vec<Value>> {
        let text: String = args.iter().map(|a| format!("{a} ")).collect();
        let mut rng = {
            let mut log = self.log();
            log.calls += 1;
            log.hash = hash(text.as_bytes(), log.hash ^ index as u64);
            Rng::of(&[self.seed, 1, index as u64, log.calls])
        };
        if let Some(callback) = self.callback(&mut rng) {
            self.log().depth += 1;
            let outcome = call_back(&callback);
            let mut log = self.log();
            log.depth -= 1;
            if let Some(outcome) = outcome {
                log.hash = hash(format!("{outcome:?}").as_bytes(), log.hash);
                log.open |= matches!(outcome, Outcome::Open(_));
                // A trap may go on or be caught.
                if !matches!(outcome, Outcome::Values(_)) && rng.chance(50) {
                    return None;
                }
            }
        }
        results.iter().map(|&ty| value(&mut rng, ty, &self.module.registry)).collect()
    }

    fn callback(&self, rng: &mut Rng) -> Option<Callback> {
        const DEEPEST: u32 = 3;
        if !rng.chance(15) || self.log().depth >= DEEPEST || self.log().direct {
            return None;
        }
        let module = &self.module;
        let own = |e: &&Export| e.kind == ExternKind::Func && e.index >= module.num_imported_funcs;
        let funcs: Vec<_> = module.exports.iter().filter(own).collect();
        if funcs.is_empty() {
            return None;
        }
        let export = rng.pick(&funcs);
        let ty = module.func_type(export.index).clone();
        let args: Option<Vec<Value>> = ty.params.iter().map(|&p| value(rng, p, &module.registry)).collect();
        Some(Callback { name: export.name.to_string(), args: args?, ty })
    }

    fn is_open(&self) -> bool {
        self.log().open
    }

    fn summary(&self) -> String {
        let log = self.log();
        format!("imports: {} calls, {:x}", log.calls, log.hash)
    }
}

/// FNV-1a over words, then bytes.
pub fn hash(bytes: &[u8], from: u64) -> u64 {
    const PRIME: u64 = 0x100_0000_01b3;
    let mut h = from ^ 0xcbf2_9ce4_8422_2325;
    let (words, rest) = bytes.as_chunks::<8>();
    for w in words {
        h = (h ^ u64::from_le_bytes(*w)).wrapping_mul(PRIME);
        h ^= h >> 29;
    }
    for b in rest {
        h = (h ^ *b as u64).wrapping_mul(PRIME);
    }
    h
}

/// An instance in some engine. The exported and imported items are named by their place in the module.
pub trait Subject {
    /// Calls the export `index`.
    fn call(&mut self, index: usize, args: &[Value], ty: &FuncType) -> Outcome;
    /// Pages and bytes of a memory.
    fn memory(&mut self, at: Place, with: &mut dyn FnMut(u64, &[u8]));
    fn global(&mut self, at: Place, ty: ValType) -> Value;
    /// Makes another instance of the module and goes on with that one. Import `i` is given export `links[i]` of the present
    /// instance, or else what the present instance was given.
    fn relink(&mut self, links: &[Option<usize>]) -> Result<(), Outcome>;
    /// Elements of a table, and whether each of the first is null.
    fn table(&mut self, at: Place, first: usize) -> (u64, Vec<bool>);
}

/// An export or an import, by its number.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Import(usize),
    Export(usize),
}

/// How many exports are called, and how often each.
const CALLED: usize = 12;
const ROUNDS: u64 = 3;

/// Calls what the module exports and writes down what came of it, and the state at the end; then the same with a second
/// instance that imports functions of the first, where one has the type.
pub fn exercise(module: &Module, seed: u64, host: &Host, subject: &mut dyn Subject, report: &mut Report) {
    exercise_one(module, seed, host, subject, report);
    let links = links(module);
    if report.is_open() || links.iter().all(|l| l.is_none()) {
        return;
    }
    host.calling(module.start);
    match subject.relink(&links) {
        Ok(()) => {
            report.line("linked");
            exercise_one(module, seed ^ 1 << 63, host, subject, report);
        }
        Err(Outcome::Trap(what)) => report.line(format!("linked trap {what}")),
        Err(_) => report.open("linking"),
    }
}

/// For each import the exported function of its very type, if there is one.
fn links(module: &Module) -> Vec<Option<usize>> {
    let partner = |ty: ExternType| match ty {
        ExternType::Func(_) => module.exports.iter().position(|e| module.export_type(e) == ty),
        _ => None,
    };
    module.imports.iter().map(|i| partner(i.ty)).collect()
}

fn exercise_one(module: &Module, seed: u64, host: &Host, subject: &mut dyn Subject, report: &mut Report) {
    let types = &module.registry;
    let funcs = module.exports.iter().enumerate().filter(|(_, e)| e.kind == ExternKind::Func);
    for (i, export) in funcs.take(CALLED) {
        let ty = module.func_type(export.index).clone();
        for round in 0..ROUNDS {
            let mut rng = Rng::of(&[seed, 2, i as u64, round]);
            let args: Option<Vec<Value>> = ty.params.iter().map(|&p| value(&mut rng, p, types)).collect();
            let Some(args) = args else { continue };
            let text: String = args.iter().map(|a| format!(" {a}")).collect();
            host.calling(Some(export.index));
            let outcome = subject.call(i, &args, &ty);
            if host.is_open() {
                return report.open("in a call of the host's");
            }
            match outcome {
                Outcome::Values(v) => {
                    let results: String = v.iter().map(|v| format!(" {v}")).collect();
                    report.line(format!("call {i}{text} ->{results}"));
                }
                Outcome::Trap(what) => report.line(format!("call {i}{text} trap {what}")),
                Outcome::Open(what) => return report.open(what),
            }
            if ty.params.is_empty() && round == 1 {
                break;
            }
        }
    }
    state(module, host, subject, report);
}

/// Writes down what can be seen from outside.
pub fn state(module: &Module, host: &Host, subject: &mut dyn Subject, report: &mut Report) {
    report.line(host.summary());
    let imports = module.imports.iter().enumerate().map(|(i, m)| (Place::Import(i), m.ty));
    let exports = module.exports.iter().enumerate().map(|(i, e)| (Place::Export(i), module.export_type(e)));
    for (place, ty) in imports.chain(exports) {
        match ty {
            ExternType::Memory(m) if m.shared => {}
            ExternType::Memory(_) => subject.memory(place, &mut |pages, bytes| {
                report.line(format!("{place:?} memory {pages} pages {:x}", hash(bytes, 0)));
            }),
            ExternType::Global(ty) => {
                let v = subject.global(place, ty.content);
                report.line(format!("{place:?} global {v}"));
            }
            ExternType::Table(_) => {
                let (size, nulls) = subject.table(place, 200);
                let text: String = nulls.iter().map(|n| if *n { '-' } else { 'x' }).collect();
                report.line(format!("{place:?} table {size} {text}"));
            }
            ExternType::Func(_) | ExternType::Tag(_) => {}
        }
    }
}
