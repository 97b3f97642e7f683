//! Instructions that compute, from values to a value.

use super::build::{self, Form, Sink, Source};
use super::edge_values::{self as edge, v128_pairs, v128s};
use super::{Case, Operands, Ty, engines, instantiate};
use crate::code::op::op_rows;
use crate::runtime::{Engine, Func};
use crate::sem::{convert, float, int, simd_float, simd_int, simd_lane};
use crate::util::V128;
use crate::vm::trap::TrapKind;
use wasm_encoder::Instruction;

mod sem {
    pub use super::{convert::*, float::*, int::*, simd_float::*, simd_int::*, simd_lane::*};
}

/// All of a type's edge values.
fn values(ty: Ty) -> Vec<u128> {
    match ty {
        Ty::I32 => edge::I32.iter().map(|&v| v as u128).collect(),
        Ty::I64 => edge::I64.iter().map(|&v| v as u128).collect(),
        Ty::F32 => edge::f32s().into_iter().map(u128::from).collect(),
        Ty::F64 => edge::f64s().into_iter().map(u128::from).collect(),
        Ty::V128 => v128s(),
    }
}

/// The operands to try an instruction with.
fn tuples(params: &[Ty]) -> Vec<Operands> {
    match *params {
        [a] => values(a).into_iter().map(|a| [a, 0, 0]).collect(),
        [Ty::V128, Ty::V128] => v128_pairs().into_iter().map(|(a, b)| [a, b, 0]).collect(),
        [a, b] => {
            let step = if a == Ty::V128 { 5 } else { 1 };
            let b = values(b);
            values(a).iter().step_by(step).flat_map(|&a| b.iter().map(move |&b| [a, b, 0])).collect()
        }
        _ => {
            let pairs = v128_pairs();
            let third = pairs.iter().cycle().skip(pairs.len() / 3 | 1);
            pairs.iter().zip(third).map(|(&(a, b), &(c, _))| [a, b, c]).collect()
        }
    }
}

/// All combinations of places for the operands.
fn combinations(operands: usize) -> Vec<Vec<Source>> {
    (0..operands).fold(vec![vec![]], |all, _| {
        let places = [Source::Local, Source::Acc, Source::Const];
        all.iter().flat_map(|c| places.map(|p| [&c[..], &[p]].concat())).collect()
    })
}

/// The forms of a case, each with the operands to run it on.
fn forms(case: &Case) -> Vec<(Form, Vec<Operands>)> {
    let all = tuples(&case.params);
    let wide = case.params[0] == Ty::V128;
    let sinks = Sink::all(case.result);
    // One instruction in every form would be too much of the same: the first form sees all operands, the others every
    // few, and constants, which take a function each, a sample.
    let (stride, sample) = if wide { (29, all.len() / 12) } else { (5, all.len() / 90) };
    let mut forms = Vec::new();
    for (i, sources) in combinations(case.params.len()).into_iter().enumerate() {
        if !sources.contains(&Source::Const) {
            for &sink in sinks {
                let step = if forms.is_empty() { 1 } else { stride };
                let chosen = all.iter().copied().skip(forms.len() % step).step_by(step).collect();
                forms.push((Form { sources: sources.clone(), sink, padding: 0, values: [0; 3] }, chosen));
            }
        } else {
            for (k, &values) in all.iter().skip(i % 7).step_by(sample | 1).enumerate() {
                let sink = sinks[(k + i) % sinks.len()];
                forms.push((Form { sources: sources.clone(), sink, padding: 0, values }, vec![values]));
            }
        }
    }
    forms
}

/// The forms of a case in a huge frame.
fn far_forms(case: &Case) -> Vec<(Form, Vec<Operands>)> {
    const PADDING: u32 = 33_000;
    let all = tuples(&case.params);
    let sample: Vec<Operands> = all.iter().copied().skip(1).step_by(all.len() / 3 | 1).collect();
    let mut forms = Vec::new();
    for place in [Source::Local, Source::Acc, Source::Const] {
        for &sink in Sink::all(case.result) {
            let sources = vec![place; case.params.len()];
            forms.push((
                Form { sources, sink, padding: PADDING, values: sample[0] },
                match place {
                    Source::Const => vec![sample[0]],
                    _ => sample.clone(),
                },
            ));
        }
    }
    forms
}

fn write(slots: &mut [u64; 8], params: &[Ty], operands: &Operands) {
    let mut at = 0;
    for (&ty, &v) in params.iter().zip(operands) {
        slots[at] = v as u64;
        at += 1;
        if ty == Ty::V128 {
            slots[at] = (v >> 64) as u64;
            at += 1;
        }
    }
}

fn read(slots: &[u64; 8], ty: Ty) -> u128 {
    match ty {
        Ty::I32 | Ty::F32 => slots[0] as u32 as u128,
        Ty::I64 | Ty::F64 => slots[0] as u128,
        Ty::V128 => slots[0] as u128 | (slots[1] as u128) << 64,
    }
}

/// Calls a function with operands of the case's types.
fn run(func: &Func, case: &Case, operands: &Operands) -> Result<u128, TrapKind> {
    let mut slots = [0; 8];
    write(&mut slots, &case.params, operands);
    // SAFETY: the slots have room for three vectors, and hold operands of the function's type.
    unsafe { func.call_raw(slots.as_mut_ptr()) }.map_err(|trap| trap.kind())?;
    Ok(read(&slots, case.result))
}

fn check<I: IntoIterator<Item = Case>>(cases: impl Fn() -> I, forms: impl Fn(&Case) -> Vec<(Form, Vec<Operands>)>) {
    for engine in engines() {
        check_on(&engine, cases(), &forms);
    }
}

fn check_on(
    engine: &Engine,
    cases: impl IntoIterator<Item = Case>,
    forms: impl Fn(&Case) -> Vec<(Form, Vec<Operands>)>,
) {
    for case in cases {
        if !case.is_of(engine) {
            continue;
        }
        let (forms, operands): (Vec<_>, Vec<_>) = forms(&case).into_iter().unzip();
        let instance = instantiate(engine, &build::module(&case, &forms));
        #[cfg(jit)]
        if let Some(machine) = crate::jit::machine_code(instance.code()) {
            let uncovered = machine.stats().uncovered;
            assert!(uncovered.is_empty() || forms[0].padding > 0, "{}: {uncovered:?}", case.name);
        }
        for (i, (form, operands)) in forms.iter().zip(operands).enumerate() {
            let func = instance.export_at(i).and_then(|e| e.into_func()).unwrap();
            for operands in operands {
                let mut expected = (case.eval)(&operands);
                if form.sink.gives_truth() {
                    expected = expected.map(|v| (v != 0) as u128);
                }
                let got = run(&func, &case, &operands);
                let agree = match (expected, got) {
                    (Ok(expected), Ok(got)) => case.agrees(expected, got),
                    (expected, got) => expected == got,
                };
                assert!(
                    agree,
                    "{}({operands:#x?}) is {expected:#x?}, but {got:#x?} with {form:?}\n{}",
                    case.name,
                    instance.code().listing(i as u32),
                );
            }
        }
    }
}

/// Appends the cases of a class.
macro_rules! cases {
    ([$cases:ident two $($t:ident)?] $( ($w:ident $f:ident $($x:tt)*) [$($name:ident)*] )*) => { $(
        $cases.push(Case::two(stringify!($f), Instruction::$w, sem::$f));
    )* };
    ([$cases:ident one] $( ($w:ident $f:ident $($x:tt)*) [$($name:ident)*] )*) => { $(
        $cases.push(Case::one(stringify!($f), Instruction::$w, sem::$f));
    )* };
    // Vectors: the semantics has the name of the op.
    ([$cases:ident v_one] $( ($w:ident $($t:ident)?) [$f:ident] )*) => { $(
        $cases.push(Case::one(stringify!($f), Instruction::$w, sem::$f));
    )* };
    ([$cases:ident v_two] $( ($w:ident) [$f:ident] )*) => { $(
        $cases.push(Case::two(stringify!($f), Instruction::$w, sem::$f));
    )* };
    ([$cases:ident v_three] $( ($w:ident) [$f:ident] )*) => { $(
        $cases.push(Case::three(stringify!($f), Instruction::$w, sem::$f));
    )* };
    ([$cases:ident extract] $( ($w:ident $t:ident) [$f:ident] )*) => { $(
        for lane in 0..lanes(stringify!($f)) {
            let name = format!("{}_{lane}", stringify!($f));
            $cases.push(Case::one(&name, Instruction::$w(lane), move |v: V128| sem::$f(v, lane)));
        }
    )* };
    ([$cases:ident replace] $( ($w:ident $t:ident) [$f:ident] )*) => { $(
        for lane in 0..lanes(stringify!($f)) {
            let name = format!("{}_{lane}", stringify!($f));
            $cases.push(Case::two(&name, Instruction::$w(lane), move |v: V128, a: $t| sem::$f(v, lane, a)));
        }
    )* };
}

/// How many lanes a shape has, from the name of an instruction such as `i8x16_splat`.
fn lanes(name: &str) -> u8 {
    name.split_once('x').and_then(|(_, rest)| rest.split('_').next()).and_then(|n| n.parse().ok()).unwrap()
}

fn int_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(int_binary cases cases two);
    op_rows!(int_sub cases cases two);
    op_rows!(int_div cases cases two);
    cases
}

fn comparisons() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(int_cmp cases cases two);
    op_rows!(float_cmp cases cases two);
    cases.push(Case::one("i32_eqz", Instruction::I32Eqz, sem::i32_eqz));
    cases.push(Case::one("i64_eqz", Instruction::I64Eqz, sem::i64_eqz));
    cases
}

fn unary_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(unary cases cases one);
    op_rows!(trunc cases cases one);
    cases.push(Case::one("i32_wrap_i64", Instruction::I32WrapI64, |v: u64| v as u32));
    cases.push(Case::one("i32_reinterpret_f32", Instruction::I32ReinterpretF32, f32::to_bits));
    cases.push(Case::one("i64_reinterpret_f64", Instruction::I64ReinterpretF64, f64::to_bits));
    cases.push(Case::one("f32_reinterpret_i32", Instruction::F32ReinterpretI32, f32::from_bits));
    cases.push(Case::one("f64_reinterpret_i64", Instruction::F64ReinterpretI64, f64::from_bits));
    cases
}

fn float_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(float_binary cases cases two);
    cases
}

fn vector_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(v128_unary cases cases v_one);
    op_rows!(v128_test cases cases v_one);
    op_rows!(v128_splat cases cases v_one);
    op_rows!(v128_extract cases cases extract);
    op_rows!(v128_replace cases cases replace);
    op_rows!(v128_shift cases cases v_two);
    op_rows!(v128_swizzle cases cases v_two);
    op_rows!(v128_ternary cases cases v_three);
    op_rows!(v128_fused cases cases v_three);
    for seed in 0..8_u8 {
        let picks: [u8; 16] = std::array::from_fn(|i| match seed {
            0 => i as u8,
            1 => 31 - i as u8,
            _ => (i as u8).wrapping_mul(2 * seed + 5).wrapping_add(seed * 11) % 32,
        });
        let f = move |a: V128, b: V128| sem::i8x16_shuffle(a, b, picks);
        cases.push(Case::two(&format!("i8x16_shuffle {picks:?}"), Instruction::I8x16Shuffle(picks), f));
    }
    cases
}

fn vector_binary_cases() -> Vec<Case> {
    let mut cases = Vec::new();
    op_rows!(v128_binary cases cases v_two);
    cases
}

pub fn all_cases() -> impl Iterator<Item = Case> {
    let classes = [int_cases, comparisons, unary_cases, float_cases, vector_cases, vector_binary_cases];
    classes.into_iter().flat_map(|cases| cases())
}

/// Some forms of a case, of every kind.
pub fn sample_forms(case: &Case) -> Vec<Form> {
    let forms = forms(case).into_iter().map(|(form, _)| form);
    let (constants, others): (Vec<_>, Vec<_>) = forms.partition(|form| form.sources.contains(&Source::Const));
    others.into_iter().chain(constants.into_iter().step_by(3)).collect()
}

#[test]
fn integers() {
    check(int_cases, forms);
}

#[test]
fn comparisons_and_branches() {
    check(comparisons, forms);
}

#[test]
fn one_operand() {
    check(unary_cases, forms);
}

#[test]
fn floats() {
    check(float_cases, forms);
}

#[test]
fn vectors() {
    check(vector_cases, forms);
}

#[test]
fn pairs_of_vectors() {
    check(vector_binary_cases, forms);
}

#[test]
fn in_huge_frames() {
    check(all_cases, far_forms);
}

/// The instructions with two results.
#[test]
fn wide_arithmetic() {
    use build::{functions, locals, operands, result_local};
    type Eval = fn([u64; 4]) -> (u64, u64);
    let cases: [(Instruction, usize, Eval); 4] = [
        (Instruction::I64Add128, 4, |[a, b, c, d]| sem::i64_add128(a, b, c, d)),
        (Instruction::I64Sub128, 4, |[a, b, c, d]| sem::i64_sub128(a, b, c, d)),
        (Instruction::I64MulWideS, 2, |[a, b, ..]| sem::i64_mul_wide_s(a, b)),
        (Instruction::I64MulWideU, 2, |[a, b, ..]| sem::i64_mul_wide_u(a, b)),
    ];
    let engine = Engine::default();
    for (instruction, count, eval) in cases {
        let params = vec![Ty::I64; count];
        for (padding, source, to_locals) in [
            (0, Source::Local, false),
            (0, Source::Local, true),
            (0, Source::Acc, false),
            (0, Source::Acc, true),
            (33_000, Source::Local, true),
            (33_000, Source::Acc, false),
        ] {
            let form = Form { sources: vec![source; count], sink: Sink::Return, padding, values: [0; 3] };
            let mut f = wasm_encoder::Function::new(locals(&form, &params, &[Ty::I64; 2]));
            operands(&mut f, &form, &params);
            f.instruction(&instruction);
            if to_locals {
                let local = result_local(&form, &params);
                f.instruction(&Instruction::LocalSet(local + 1)).instruction(&Instruction::LocalSet(local));
                f.instruction(&Instruction::LocalGet(local)).instruction(&Instruction::LocalGet(local + 1));
            }
            f.instruction(&Instruction::End);
            let instance = instantiate(&engine, &functions(&params, &[Ty::I64; 2], std::iter::once(f)));
            let func = instance.func("0").unwrap();
            for (i, &a) in edge::I64.iter().enumerate() {
                for (j, &b) in edge::I64.iter().enumerate().step_by(if padding > 0 { 13 } else { 1 }) {
                    let operands = [a, edge::I64[(i * 7 + j) % 48], b, edge::I64[(i + j * 5) % 48]];
                    let operands = if count == 2 { [a, b, 0, 0] } else { operands };
                    let mut slots = [0; 4];
                    slots[..count].copy_from_slice(&operands[..count]);
                    // SAFETY: the slots have room for four words, and the function takes no more.
                    unsafe { func.call_raw(slots.as_mut_ptr()) }.unwrap();
                    assert_eq!((slots[0], slots[1]), eval(operands), "{instruction:?} {operands:x?} {form:?}");
                }
            }
        }
    }
}
