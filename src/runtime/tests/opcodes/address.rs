//! Loads and stores whose addresses and values come from everywhere: locals, constants narrow and wide, sums of all kinds, and
//! values just computed; in loops, where constants live in the frame, and outside. What an access means is tested next door;
//! here it must mean the same in every form.

use super::Ty;
use super::build::{constant, val_type};
use super::memory::{Access, PAGE, module_of};
use crate::runtime::{Engine, Func};
use crate::vm::trap::TrapKind;
use wasm_encoder::{BlockType, Function, Instruction, MemArg, MemArgTarget, ValType};

/// How the address comes about from the first two parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Address {
    Local,
    Acc,
    Const,
    Sum,
    /// One operand of the sum is a constant, or just computed.
    SumConst,
    ConstSum,
    AccSum,
    SumAcc,
    AccSumConst,
    /// The sum is kept in a local as well.
    KeptSum,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Operand {
    Local,
    Acc,
    Const,
}

#[derive(Clone, Debug)]
struct Form {
    address: Address,
    value: Operand,
    memory: usize,
    offset: u64,
    in_loop: bool,
    /// What the constants in the address and of the value are.
    delta: u64,
    constant: u128,
}

fn identity(f: &mut Function, ty: Ty) {
    let (constant, xor) = match ty {
        Ty::I32 => (Instruction::I32Const(-99), Instruction::I32Xor),
        Ty::I64 => (Instruction::I64Const(-99), Instruction::I64Xor),
        Ty::F32 => (Instruction::F32Neg, Instruction::Nop),
        Ty::F64 => (Instruction::F64Neg, Instruction::Nop),
        Ty::V128 => (Instruction::V128Not, Instruction::Nop),
    };
    for _ in 0..2 {
        f.instruction(&constant).instruction(&xor);
    }
}

fn function(access: &Access, form: &Form) -> Function {
    let is64 = form.memory == 1;
    let addr = if is64 { Ty::I64 } else { Ty::I32 };
    let add = if is64 { Instruction::I64Add } else { Instruction::I32Add };
    let (base, delta) = (Instruction::LocalGet(0), Instruction::LocalGet(1));
    let fixed = constant(addr, form.delta as u128);
    let kept = 2 + access.params.len() as u32;
    let mut f = Function::new([(1, val_type(addr))]);
    if form.in_loop {
        let results = access.result.map_or(BlockType::Empty, |ty| BlockType::Result(val_type(ty)));
        f.instruction(&Instruction::Loop(results));
    }
    match form.address {
        Address::Local => drop(f.instruction(&base)),
        Address::Acc => {
            f.instruction(&base);
            identity(&mut f, addr);
        }
        Address::Const => drop(f.instruction(&fixed)),
        Address::Sum => drop(f.instruction(&base).instruction(&delta).instruction(&add)),
        Address::SumConst => drop(f.instruction(&base).instruction(&fixed).instruction(&add)),
        Address::ConstSum => drop(f.instruction(&fixed).instruction(&base).instruction(&add)),
        Address::AccSum => {
            f.instruction(&base);
            identity(&mut f, addr);
            f.instruction(&delta).instruction(&add);
        }
        Address::SumAcc => {
            f.instruction(&base).instruction(&delta);
            identity(&mut f, addr);
            f.instruction(&add);
        }
        Address::AccSumConst => {
            f.instruction(&base);
            identity(&mut f, addr);
            f.instruction(&fixed).instruction(&add);
        }
        Address::KeptSum => {
            f.instruction(&base).instruction(&delta).instruction(&add).instruction(&Instruction::LocalTee(kept));
        }
    }
    for (i, &ty) in access.params.iter().enumerate() {
        match form.value {
            Operand::Const => drop(f.instruction(&constant(ty, form.constant))),
            source => {
                f.instruction(&Instruction::LocalGet(2 + i as u32));
                if source == Operand::Acc {
                    identity(&mut f, ty);
                }
            }
        }
    }
    let target = MemArgTarget::Memory(form.memory as u32);
    f.instruction(&(access.instruction)(MemArg { offset: form.offset, align: 0, target, ordering: None }));
    if form.in_loop {
        f.instruction(&Instruction::End);
        // Short bodies keep no constants in their frames.
        for _ in 0..48 {
            f.instruction(&Instruction::Nop);
        }
    }
    f.instruction(&Instruction::End);
    f
}

fn forms(access: &Access) -> Vec<Form> {
    use Address::*;
    let values: &[(Operand, u128)] = match access.params[..] {
        [] => &[(Operand::Local, 0)],
        _ => &[
            (Operand::Local, 0),
            (Operand::Acc, 0),
            (Operand::Const, 5),
            (Operand::Const, u128::MAX - 0x123),
            (Operand::Const, 0xfedc_ba98_7654_3210_0123_4567_89ab_cdef),
        ],
    };
    let mut forms = Vec::new();
    for address in [Local, Acc, Const, Sum, SumConst, ConstSum, AccSum, SumAcc, AccSumConst, KeptSum] {
        for &(value, constant) in values {
            for (memory, offset) in [(0, 0), (0, 24), (0, PAGE as u64 - 64), (1, 0), (1, 24)] {
                let has_constant = matches!(address, Const | SumConst | ConstSum | AccSumConst);
                let deltas: &[u64] = if has_constant { &[8, -16_i64 as u64, 0xfff0, 0x9000_0008] } else { &[16] };
                for &delta in deltas {
                    for in_loop in [false, true] {
                        forms.push(Form { address, value, memory, offset, in_loop, delta, constant });
                    }
                }
            }
        }
    }
    forms
}

/// Calls a function on the bytes of a memory, and on the model; returns both outcomes.
fn run(access: &Access, form: &Form, func: &Func, bytes: *mut u8, base: u64, delta: u64) {
    let wrap = |v: u64| if form.memory == 1 { v } else { v as u32 as u64 };
    let sum = match form.address {
        Address::Local | Address::Acc => base,
        Address::Const => form.delta,
        Address::SumConst | Address::ConstSum | Address::AccSumConst => base.wrapping_add(form.delta),
        _ => base.wrapping_add(delta),
    };
    let ea = wrap(sum) as u128 + form.offset as u128;
    let value = if form.value == Operand::Const { form.constant } else { 0x8899_aabb_ccdd_eeff_8070_6050_4030_2010 };
    // What is near the access, before and after it.
    let near = ea.min((PAGE - 64) as u128) as usize & !31;
    // SAFETY: the memory has at least one page, and nothing else uses it.
    let around = || unsafe { std::slice::from_raw_parts(bytes.add(near), 64) }.to_vec();
    let before = around();
    let mut after = before.clone();
    let expected = if ea + access.width as u128 > PAGE as u128 {
        Err(TrapKind::MemoryOutOfBounds)
    } else {
        let at = ea as usize - near;
        Ok((access.model)(&mut after[at..at + access.width], [value, 0]))
    };
    let mut slots = [wrap(base), wrap(delta), value as u64, (value >> 64) as u64];
    // SAFETY: the slots hold arguments of the function's types.
    let got = unsafe { func.call_raw(slots.as_mut_ptr()) }.map_err(|trap| trap.kind());
    let got = got.map(|()| match access.result {
        None => 0,
        Some(Ty::I32 | Ty::F32) => slots[0] as u32 as u128,
        Some(Ty::I64 | Ty::F64) => slots[0] as u128,
        Some(Ty::V128) => slots[0] as u128 | (slots[1] as u128) << 64,
    });
    let listing = || {
        let instance = func.instance().unwrap();
        instance.code().listing(func.index().unwrap())
    };
    assert_eq!(got, expected, "{} of {base:#x}, {delta:#x}: {form:?}\n{}", access.name, listing());
    assert!(around() == after, "{} of {base:#x}, {delta:#x} writes elsewhere: {form:?}\n{}", access.name, listing());
    // SAFETY: as above.
    unsafe { bytes.add(near).copy_from(before.as_ptr(), 64) };
}

fn module_with(access: &Access, forms: &[Form]) -> Vec<u8> {
    let functions = forms.iter().map(|form| {
        let addr = if form.memory == 1 { ValType::I64 } else { ValType::I32 };
        let params = [addr, addr].into_iter().chain(access.params.iter().map(|&ty| val_type(ty)));
        (params.collect(), function(access, form))
    });
    module_of(access, functions)
}

/// A module of one function for each form of the access, and how many there are.
pub fn module(access: &Access) -> (Vec<u8>, usize) {
    let forms = forms(access);
    (module_with(access, &forms), forms.len())
}

pub fn check(accesses: impl Fn() -> Vec<Access>) {
    super::engines().iter().for_each(|engine| check_on(engine, accesses()));
}

fn check_on(engine: &Engine, accesses: Vec<Access>) {
    for access in accesses {
        let forms = forms(&access);
        let instance = super::instantiate(engine, &module_with(&access, &forms));
        let memories = [0, 1].map(|i| {
            let memory = instance.export(&format!("memory{i}")).and_then(|e| e.into_memory()).unwrap();
            let bytes: Vec<u8> = (0..PAGE).map(|i| (i * 41 + (i >> 8) * 7 + 0x83) as u8).collect();
            assert!(memory.write(0, &bytes));
            memory.data()
        });
        let width = access.width as u64;
        for (i, form) in forms.iter().enumerate() {
            let func = instance.func(&i.to_string()).unwrap();
            let last = PAGE as u64 - width - form.offset;
            for (base, delta) in [
                (0, 40),
                (last - 8, 8),
                (last, 1),
                (last.wrapping_sub(form.delta), 0),
                (last.wrapping_sub(form.delta).wrapping_add(1), last),
                (24, -8_i64 as u64),
                (u32::MAX as u64 - 3, 20),
            ] {
                run(&access, form, &func, memories[form.memory], base, delta);
            }
        }
    }
}
