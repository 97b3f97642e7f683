//! Every numeric, vector and atomic instruction, through translation and the interpreter, against its function in `sem`.
//!
//! The cases come from the rows of the op table, so a new row is tested as soon as it is there. What is tested here
//! beyond the official suite is the forms: operands that are locals, constants, or just computed and so in an
//! accumulator, in every combination; results that are returned, stored in a local, used at once, or branched on;
//! and all of it in frames whose slots do not fit the fields of an instruction.

mod address;
mod build;
#[path = "../../../../tests/common/edge_values.rs"]
mod edge_values;
mod memory;
mod mixture;
mod numeric;

use crate::code::op::op_rows;
use crate::runtime::{Config, Engine, Instance, Module, Store, Tier};
use crate::sem::ArithTrap;
use crate::sys::cpu::Level;
use crate::util::V128;
use crate::vm::trap::TrapKind;
use std::collections::BTreeSet;
use wasm_encoder::Instruction;

/// The type of an operand or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ty {
    I32,
    I64,
    F32,
    F64,
    V128,
}

/// A type that the functions of `sem` work on. All values are handled as bits, so that NaNs stay as they are.
trait Value: Copy {
    const TY: Ty;
    fn of(bits: u128) -> Self;
    fn bits(self) -> u128;
}

macro_rules! value {
    ($($t:ty: $ty:ident, $of:expr, $bits:expr;)*) => {$(
        impl Value for $t {
            const TY: Ty = Ty::$ty;
            fn of(bits: u128) -> $t {
                $of(bits)
            }
            fn bits(self) -> u128 {
                $bits(self)
            }
        }
    )*};
}
value! {
    u32: I32, |b| b as u32, |v: u32| v as u128;
    u64: I64, |b| b as u64, |v: u64| v as u128;
    f32: F32, |b| f32::from_bits(b as u32), |v: f32| v.to_bits() as u128;
    f64: F64, |b| f64::from_bits(b as u64), |v: f64| v.to_bits() as u128;
    V128: V128, V128::from_u128, V128::to_u128;
    i32: I32, |b| b as i32, |v: i32| v as u32 as u128;
    i64: I64, |b| b as i64, |v: i64| v as u64 as u128;
    bool: I32, |b| b != 0, |v: bool| v as u128;
}

/// What a function of `sem` gives.
trait Outcome {
    const TY: Ty;
    fn outcome(self) -> Result<u128, TrapKind>;
}

impl<V: Value> Outcome for V {
    const TY: Ty = V::TY;
    fn outcome(self) -> Result<u128, TrapKind> {
        Ok(self.bits())
    }
}

impl<V: Value> Outcome for Result<V, ArithTrap> {
    const TY: Ty = V::TY;
    fn outcome(self) -> Result<u128, TrapKind> {
        self.map(V::bits).map_err(|e| TrapKind::from_arith(e as u8))
    }
}

/// Up to three operands.
type Operands = [u128; 3];

/// An instruction and what it means.
struct Case {
    name: String,
    instruction: Instruction<'static>,
    params: Vec<Ty>,
    result: Ty,
    eval: Box<dyn Fn(&Operands) -> Result<u128, TrapKind>>,
}

impl Case {
    fn one<A: Value, R: Outcome>(name: &str, instruction: Instruction<'static>, f: impl Fn(A) -> R + 'static) -> Case {
        let eval = Box::new(move |o: &Operands| f(A::of(o[0])).outcome());
        Case { name: name.to_owned(), instruction, params: vec![A::TY], result: R::TY, eval }
    }

    fn two<A: Value, B: Value, R: Outcome>(
        name: &str,
        instruction: Instruction<'static>,
        f: impl Fn(A, B) -> R + 'static,
    ) -> Case {
        let eval = Box::new(move |o: &Operands| f(A::of(o[0]), B::of(o[1])).outcome());
        Case { name: name.to_owned(), instruction, params: vec![A::TY, B::TY], result: R::TY, eval }
    }

    fn three<A: Value, B: Value, C: Value, R: Outcome>(
        name: &str,
        instruction: Instruction<'static>,
        f: impl Fn(A, B, C) -> R + 'static,
    ) -> Case {
        let eval = Box::new(move |o: &Operands| f(A::of(o[0]), B::of(o[1]), C::of(o[2])).outcome());
        Case { name: name.to_owned(), instruction, params: vec![A::TY, B::TY, C::TY], result: R::TY, eval }
    }

    /// Whether this is what the instruction does in an engine: relaxed multiply-adds round once or twice.
    fn is_of(&self, engine: &Engine) -> bool {
        #[cfg(jit)]
        let once = crate::sys::cpu::Cpu::of(engine.config().cpu).fma && !engine.config().deterministic;
        #[cfg(not(jit))]
        let once = engine.config().tier == Tier::Eager;
        if self.name.contains("_fused_") { once } else { !once || !self.name.ends_with("madd") }
    }

    /// Whether a result is as it should be. Which of several NaN operands lends its payload to the result is up to the
    /// processor, and to the order in which the compiler took the operands.
    fn agrees(&self, expected: u128, got: u128) -> bool {
        let lanes = |width: u32, quiet: u128, infinity: u128| {
            let mask = u128::MAX >> (128 - width);
            (0..128 / width).all(|i| {
                let (a, b) = (expected >> (i * width) & mask, got >> (i * width) & mask);
                let is_quiet = |x: u128| x & quiet == quiet && x & infinity == infinity;
                a == b || is_quiet(a) && is_quiet(b)
            })
        };
        const F32: (u32, u128, u128) = (32, 0x0040_0000, 0x7f80_0000);
        const F64: (u32, u128, u128) = (64, 0x0008_0000_0000_0000, 0x7ff0_0000_0000_0000);
        let lanes = |(width, quiet, infinity)| lanes(width, quiet, infinity);
        let float = match self.result {
            _ if self.params.len() < 2 || self.name.contains("copysign") || self.name.contains("lane") => None,
            Ty::F32 => Some(F32),
            Ty::F64 => Some(F64),
            Ty::V128 if self.name.starts_with("f32x4") => Some(F32),
            Ty::V128 if self.name.starts_with("f64x2") => Some(F64),
            _ => None,
        };
        expected == got || float.is_some_and(lanes)
    }
}

/// The ways to run: the interpreter, machine code, and machine code for new, old and the oldest processors.
fn engines() -> Vec<Engine> {
    let ways: &[(Tier, Level)] = match cfg!(jit) {
        true => &[
            (Tier::Interpreter, Level::V3),
            (Tier::Interpreter, Level::V1),
            (Tier::Eager, Level::V3),
            (Tier::Eager, Level::V2),
            (Tier::Eager, Level::V1),
        ],
        false => &[(Tier::Interpreter, Level::V3)],
    };
    ways.iter().map(|&(tier, cpu)| Engine::new(Config { tier, cpu, ..Config::default() })).collect()
}

fn instantiate(engine: &Engine, wasm: &[u8]) -> Instance {
    let store = Store::new(engine).unwrap();
    let module = Module::new(&store, wasm).unwrap_or_else(|e| panic!("{e:?}"));
    let instance = Instance::new(&store, &module, &[]).unwrap_or_else(|e| panic!("{e:?}"));
    #[cfg(jit)]
    if engine.config().tier == Tier::Eager {
        uses_no_more_than(engine.config().cpu, &instance);
    }
    instance
}

/// Whatever the processor has, machine code for a level has instructions of that level only.
#[cfg(jit)]
fn uses_no_more_than(level: Level, instance: &Instance) {
    use iced_x86::{CpuidFeature::*, Decoder, DecoderOptions, FlowControl};
    let machine = crate::jit::machine_code(instance.code()).expect("compiled");
    for defined in 0..instance.code().module.bodies.len() as u32 {
        // Functions with very many locals stay interpreted.
        let Some(bytes) = machine.bytes(defined) else { continue };
        // Behind the code are constants, so only what can be reached is read.
        let mut seen = BTreeSet::new();
        let mut places = vec![0];
        while let Some(at) = places.pop() {
            let mut decoder = Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE);
            decoder.set_position(at as usize).unwrap();
            decoder.set_ip(at);
            while decoder.can_decode() && seen.insert(decoder.ip()) {
                let inst = decoder.decode();
                let fits = inst.cpuid_features().iter().all(|f| match f {
                    INTEL8086 | INTEL186 | INTEL286 | INTEL386 | INTEL486 | CPUID | X64 | CMOV | MULTIBYTENOP | FPU
                    | SSE | SSE2 => true,
                    SSE3 | SSSE3 | SSE4_1 | SSE4_2 | POPCNT => level != Level::V1,
                    AVX | AVX2 | FMA | BMI1 | BMI2 | LZCNT => level == Level::V3,
                    _ => false,
                });
                assert!(fits, "{inst:?} of {:?} for {level:?}", inst.cpuid_features());
                let to = inst.near_branch_target();
                match inst.flow_control() {
                    FlowControl::ConditionalBranch => places.push(to),
                    FlowControl::UnconditionalBranch => {
                        if (to as usize) < bytes.len() {
                            places.push(to);
                        }
                        break;
                    }
                    FlowControl::IndirectBranch | FlowControl::Return | FlowControl::Exception => break,
                    FlowControl::Call => {
                        let site = machine.find(bytes.as_ptr() as usize + decoder.ip() as usize);
                        if site.is_some_and(|(_, site)| matches!(site.kind, crate::jit::code::SiteKind::Trap(_))) {
                            break;
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The tests reach every op of the classes they are made from: a form that translation never chooses is dead, or untested.
#[test]
fn every_form_is_reached() {
    let mut reached = BTreeSet::new();
    let engines = [Level::V3, Level::V1].map(|cpu| Engine::new(Config { cpu, ..Config::default() }));
    let mut note = |wasm: &[u8], functions: usize| {
        for instance in engines.iter().map(|engine| instantiate(engine, wasm)) {
            for i in 0..functions as u32 {
                let listing = instance.code().listing(i);
                reached.extend(listing.lines().filter_map(|line| line.split_whitespace().nth(1).map(str::to_owned)));
            }
        }
    };
    for case in numeric::all_cases() {
        let forms = numeric::sample_forms(&case);
        note(&build::module(&case, &forms), forms.len());
    }
    for access in memory::all_accesses() {
        let places = memory::places(&access);
        note(&memory::module(&access, &places), places.len());
        if !access.atomic {
            let (wasm, functions) = address::module(&access);
            note(&wasm, functions);
        }
    }
    let mut missing = Vec::new();
    macro_rules! names {
        ([] $( ($($meta:tt)*) [$($name:ident)*] )*) => {
            missing.extend([$($(stringify!($name)),*),*].into_iter().filter(|name| !reached.contains(*name)));
        };
    }
    op_rows!(int_binary names);
    op_rows!(int_sub names);
    op_rows!(int_div names);
    op_rows!(int_cmp names);
    op_rows!(float_binary names);
    op_rows!(float_cmp names);
    op_rows!(unary names);
    op_rows!(trunc names);
    op_rows!(load names);
    op_rows!(store names);
    op_rows!(store_float names);
    op_rows!(v128_unary names);
    op_rows!(v128_binary names);
    op_rows!(v128_swizzle names);
    op_rows!(v128_ternary names);
    #[cfg(jit)]
    if crate::sys::cpu::Cpu::of(Level::V3).fma {
        op_rows!(v128_fused names);
    }
    op_rows!(v128_shift names);
    op_rows!(v128_test names);
    op_rows!(v128_splat names);
    op_rows!(v128_extract names);
    op_rows!(v128_replace names);
    op_rows!(v128_load names);
    op_rows!(v128_load_lane names);
    op_rows!(v128_store_lane names);
    op_rows!(v128_misc names);
    op_rows!(atomic_load names);
    op_rows!(atomic_store names);
    op_rows!(atomic_rmw names);
    op_rows!(atomic_cmpxchg names);
    assert!(missing.is_empty(), "no test reaches {missing:?}");
}
