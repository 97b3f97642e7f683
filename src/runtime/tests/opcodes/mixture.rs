//! Functions made of random instructions, in the interpreter and as machine code of both kinds.
//!
//! One instruction at a time does not show what selection does to several: operands that are folded, masks that become blends,
//! lanes that are loaded and stored in place, constants that are kept through a loop, and values that are spilled.

use super::build::{constant, val_type};
use super::{Case, Ty, engines, instantiate, numeric};
use crate::runtime::Val;
use wasm_encoder::{
    BlockType, CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction as I, MemArg,
    MemArgTarget, MemorySection, MemoryType, Module, TypeSection, ValType,
};

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize % n
    }

    fn bits(&mut self) -> u128 {
        let mut word = || (self.below(1 << 32) as u128) << 32 | self.below(1 << 32) as u128;
        word() << 64 | word()
    }
}

/// Whether the result is the same whatever compiles it: not of two NaNs, and no trap.
fn is_sure(case: &Case) -> bool {
    let name = case.name.as_str();
    let floats = ["f32_", "f64_", "f32x4_", "f64x2_"].iter().any(|p| name.starts_with(p));
    let moves =
        ["eq", "ne", "lt", "gt", "le", "ge", "pmin", "pmax", "copysign", "lane"].iter().any(|p| name.contains(p));
    let traps = name.contains("div") || name.contains("rem") || name.contains("_trunc_f") && !name.contains("x");
    !traps && (!floats || case.params.len() == 1 || moves)
}

const TYPES: [Ty; 5] = [Ty::I32, Ty::I64, Ty::F32, Ty::F64, Ty::V128];
/// Locals of each type; of vectors more than there are registers.
const COUNTS: [u32; 5] = [4, 3, 3, 3, 20];

fn local(r: &mut Random, ty: Ty) -> u32 {
    let at = TYPES.iter().position(|t| *t == ty).unwrap();
    1 + COUNTS[..at].iter().sum::<u32>() + r.below(COUNTS[at] as usize) as u32
}

fn operand(r: &mut Random, f: &mut Function, ty: Ty) {
    match r.below(6) {
        0 => {
            let bits = r.bits();
            // Sometimes a mask, or the same in all lanes.
            let bits = match r.below(4) {
                0 => u128::from_le_bytes(bits.to_le_bytes().map(|b| if b & 1 == 1 { 0xff } else { 0 })),
                1 => (bits as u8 & 31) as u128 * 0x0101_0101_0101_0101_0101_0101_0101_0101,
                _ => bits,
            };
            f.instruction(&constant(ty, bits));
        }
        _ => {
            f.instruction(&I::LocalGet(local(r, ty)));
        }
    }
}

fn address(r: &mut Random, f: &mut Function) -> MemArg {
    f.instruction(&I::LocalGet(local(r, Ty::I32))).instruction(&I::I32Const(0xff)).instruction(&I::I32And);
    MemArg { offset: r.below(64) as u64, align: 0, target: MemArgTarget::Memory(0), ordering: None }
}

fn access(r: &mut Random, f: &mut Function) {
    let m = address(r, f);
    let vector = |r: &mut Random, f: &mut Function| {
        f.instruction(&I::LocalGet(local(r, Ty::V128)));
    };
    let (load, lane) = (r.below(15), r.below(16) as u8);
    let load = match load {
        0 => I::V128Load(m),
        1 => I::V128Load8x8S(m),
        2 => I::V128Load8x8U(m),
        3 => I::V128Load16x4S(m),
        4 => I::V128Load32x2U(m),
        5 => I::V128Load8Splat(m),
        6 => I::V128Load16Splat(m),
        7 => I::V128Load32Splat(m),
        8 => I::V128Load64Splat(m),
        9 => I::V128Load32Zero(m),
        10 => I::V128Load64Zero(m),
        11..=13 => {
            vector(r, f);
            let load = match load {
                11 => I::V128Load8Lane { memarg: m, lane },
                12 => I::V128Load32Lane { memarg: m, lane: lane % 4 },
                _ => I::V128Load64Lane { memarg: m, lane: lane % 2 },
            };
            f.instruction(&load);
            return sink(r, f, Ty::V128);
        }
        _ => {
            vector(r, f);
            f.instruction(&match r.below(5) {
                0 => I::V128Store8Lane { memarg: m, lane },
                1 => I::V128Store16Lane { memarg: m, lane: lane % 8 },
                2 => I::V128Store32Lane { memarg: m, lane: lane % 4 },
                3 => I::V128Store64Lane { memarg: m, lane: lane % 2 },
                _ => I::V128Store(m),
            });
            return;
        }
    };
    f.instruction(&load);
    // Often as an operand at once.
    if r.below(2) == 0 {
        f.instruction(&I::LocalGet(local(r, Ty::V128)));
        f.instruction(&[I::I8x16Add, I::V128Xor, I::I16x8Mul, I::I32x4GtS, I::V128AndNot][r.below(5)]);
    }
    sink(r, f, Ty::V128);
}

fn sink(r: &mut Random, f: &mut Function, ty: Ty) {
    f.instruction(&I::LocalSet(local(r, ty)));
}

fn step(r: &mut Random, f: &mut Function, cases: &[Case]) {
    if r.below(5) == 0 {
        return access(r, f);
    }
    let case = &cases[r.below(cases.len())];
    case.params.iter().for_each(|ty| operand(r, f, *ty));
    f.instruction(&case.instruction);
    sink(r, f, case.result);
}

fn body(r: &mut Random, cases: &[Case]) -> Function {
    let locals = TYPES.iter().zip(COUNTS).map(|(ty, n)| (n, val_type(*ty)));
    let mut f = Function::new(locals);
    for (at, ty) in TYPES.iter().enumerate() {
        for n in 0..COUNTS[at] {
            f.instruction(&constant(*ty, r.bits()));
            f.instruction(&I::LocalSet(1 + COUNTS[..at].iter().sum::<u32>() + n));
        }
    }
    f.instruction(&I::Loop(BlockType::Empty));
    for _ in 0..40 {
        match r.below(12) {
            0 => {
                f.instruction(&I::LocalGet(local(r, Ty::V128)));
                f.instruction(&[I::V128AnyTrue, I::I8x16AllTrue, I::I64x2AllTrue, I::I16x8Bitmask][r.below(4)]);
                f.instruction(&I::If(BlockType::Empty));
                step(r, &mut f, cases);
                f.instruction(&I::Else);
                step(r, &mut f, cases);
                f.instruction(&I::End);
            }
            1 => {
                for _ in 0..2 {
                    operand(r, &mut f, Ty::V128);
                }
                operand(r, &mut f, Ty::I32);
                f.instruction(&I::TypedSelect(ValType::V128));
                sink(r, &mut f, Ty::V128);
            }
            _ => step(r, &mut f, cases),
        }
    }
    // Local 0 counts down.
    f.instruction(&I::LocalGet(0)).instruction(&I::I32Const(1)).instruction(&I::I32Sub).instruction(&I::LocalTee(0));
    f.instruction(&I::BrIf(0)).instruction(&I::End);
    f.instruction(&constant(Ty::V128, 0));
    let odd = 0x9e37_79b9_85eb_ca6b_c2b2_ae35_27d4_eb2f;
    let mut at = 1;
    for (ty, n) in TYPES.iter().zip(COUNTS) {
        for _ in 0..n {
            f.instruction(&I::LocalGet(at));
            at += 1;
            match ty {
                Ty::I32 => f.instruction(&I::I32x4Splat),
                Ty::I64 => f.instruction(&I::I64x2Splat),
                Ty::F32 => f.instruction(&I::F32x4Splat),
                Ty::F64 => f.instruction(&I::F64x2Splat),
                Ty::V128 => &mut f,
            };
            f.instruction(&I::I32x4Add).instruction(&constant(Ty::V128, odd)).instruction(&I::I32x4Mul);
        }
    }
    f.instruction(&I::End);
    f
}

#[test]
fn random_mixtures_agree() {
    let cases: Vec<Case> = numeric::all_cases().filter(is_sure).collect();
    let engines = engines();
    for seed in 1..=24u64 {
        let mut r = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let (mut types, mut functions, mut memories) =
            (TypeSection::new(), FunctionSection::new(), MemorySection::new());
        let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
        types.ty().function([ValType::I32], [ValType::V128]);
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        const FUNCTIONS: u32 = 8;
        for n in 0..FUNCTIONS {
            functions.function(0);
            exports.export(&n.to_string(), ExportKind::Func, n);
            code.function(&body(&mut r, &cases));
        }
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&exports).section(&code);
        let wasm = module.finish();
        let results: Vec<Vec<Val>> = engines
            .iter()
            .map(|engine| {
                let instance = instantiate(engine, &wasm);
                let run = |n: u32| {
                    let mut result = [Val::I32(0)];
                    instance.func(&n.to_string()).unwrap().call(&[Val::I32(5)], &mut result).unwrap();
                    result[0].clone()
                };
                (0..FUNCTIONS).map(run).collect()
            })
            .collect();
        for other in &results[1..] {
            assert_eq!(results[0], *other, "seed {seed}");
        }
    }
}
