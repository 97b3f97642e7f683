//! Instructions that access memory: all of them on a 32-bit, a 64-bit and a shared memory, at both ends and beyond,
//! against a model on an array of bytes.

use super::build::val_type;
use super::{Ty, V128, Value};
use crate::code::op::op_rows;
use crate::runtime::{Engine, Instance, Module, SharedMemory, Store, Val};
use crate::sem::simd_lane;
use crate::vm::trap::TrapKind;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, MemArg, MemArgTarget,
    MemorySection, MemoryType, TypeSection, ValType,
};

mod sem {
    use super::V128;
    pub use super::simd_lane::*;

    pub fn v128_load(v: V128) -> V128 {
        v
    }
}

/// A type as memory holds it.
trait Stored: Sized {
    fn load(bytes: &[u8]) -> Self;
}

macro_rules! stored {
    ($($t:ty)*) => {$(
        impl Stored for $t {
            fn load(bytes: &[u8]) -> $t {
                <$t>::from_le_bytes(bytes.try_into().unwrap())
            }
        }
    )*};
}
stored! { u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 }

impl Stored for V128 {
    fn load(bytes: &[u8]) -> V128 {
        V128(bytes.try_into().unwrap())
    }
}

type Model = Box<dyn Fn(&mut [u8], [u128; 2]) -> u128>;

/// An instruction: its operands after the address, its result, and what it does to the bytes it accesses.
pub struct Access {
    pub name: &'static str,
    pub instruction: Box<dyn Fn(MemArg) -> Instruction<'static>>,
    pub params: Vec<Ty>,
    pub result: Option<Ty>,
    pub width: usize,
    pub atomic: bool,
    pub model: Model,
}

fn loads() -> Vec<Access> {
    let mut all = Vec::new();
    fn load<M: Stored, T: Value>(
        name: &'static str,
        instruction: impl Fn(MemArg) -> Instruction<'static> + 'static,
        extend: impl Fn(M) -> T + 'static,
    ) -> Access {
        Access {
            name,
            instruction: Box::new(instruction),
            params: vec![],
            result: Some(T::TY),
            width: size_of::<M>(),
            atomic: false,
            model: Box::new(move |bytes, _| extend(M::load(bytes)).bits()),
        }
    }
    macro_rules! scalar {
        ([] $( ($w:ident $mem:ident $t:ident) [$($form:ident)*] )*) => { $(
            all.push(load(stringify!($w), Instruction::$w, |v: $mem| v as $t));
        )* };
    }
    op_rows!(load scalar);
    macro_rules! vector {
        ([] $( ($w:ident $t:ident) [$f:ident $g:ident] )*) => { $(
            all.push(load(stringify!($w), Instruction::$w, |v: $t| sem::$f(v)));
        )* };
    }
    op_rows!(v128_load vector);
    macro_rules! lane {
        ([] $( ($w:ident $t:ident) [$f:ident $g:ident] )*) => { $(
            for lane in 0..(16 / size_of::<$t>()) as u8 {
                all.push(Access {
                    params: vec![Ty::V128],
                    result: Some(Ty::V128),
                    model: Box::new(move |bytes, [v, _]| sem::$f(V128::of(v), lane, <$t>::load(bytes)).bits()),
                    ..load(stringify!($w), move |memarg| Instruction::$w { memarg, lane }, |v: $t| v as u32)
                });
            }
        )* };
    }
    op_rows!(v128_load_lane lane);
    all
}

fn stores() -> Vec<Access> {
    let mut all = Vec::new();
    let mut store = |name, instruction: Box<dyn Fn(MemArg) -> Instruction<'static>>, ty, width, lane: usize| {
        all.push(Access {
            name,
            instruction,
            params: vec![ty],
            result: None,
            width,
            atomic: false,
            model: Box::new(move |bytes, [v, _]| {
                bytes.copy_from_slice(&v.to_le_bytes()[lane * width..(lane + 1) * width]);
                0
            }),
        });
    };
    macro_rules! whole {
        ($($w:ident $ty:ident $width:literal;)*) => {
            $(store(stringify!($w), Box::new(Instruction::$w), Ty::$ty, $width, 0);)*
        };
    }
    whole! {
        I32Store I32 4; I32Store8 I32 1; I32Store16 I32 2;
        I64Store I64 8; I64Store8 I64 1; I64Store16 I64 2; I64Store32 I64 4;
        F32Store F32 4; F64Store F64 8; V128Store V128 16;
    }
    macro_rules! lane {
        ([] $( ($w:ident $t:ident) [$f:ident $g:ident] )*) => { $(
            for lane in 0..(16 / size_of::<$t>()) as u8 {
                let instruction = Box::new(move |memarg| Instruction::$w { memarg, lane });
                store(stringify!($w), instruction, Ty::V128, size_of::<$t>(), lane as usize);
            }
        )* };
    }
    op_rows!(v128_store_lane lane);
    all
}

fn atomics() -> Vec<Access> {
    /// The low part of a value, as the access writes it.
    fn put(bytes: &mut [u8], v: u128) {
        let width = bytes.len();
        bytes.copy_from_slice(&v.to_le_bytes()[..width]);
    }
    fn old(bytes: &[u8]) -> u128 {
        bytes.iter().rev().fold(0, |v, &b| v << 8 | b as u128)
    }
    let mut all = Vec::new();
    let mut add = |name, instruction: fn(MemArg) -> Instruction<'static>, params, result, width, model: Model| {
        let instruction = Box::new(instruction);
        all.push(Access { name, instruction, params, result, width, atomic: true, model });
    };
    macro_rules! load {
        ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $($(
            let model = Box::new(|bytes: &mut [u8], _| old(bytes));
            add(stringify!($w), Instruction::$w, vec![], Some(Ty::$ty), size_of::<$t>(), model);
        )+)* };
    }
    op_rows!(atomic_load load);
    macro_rules! store {
        ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $($(
            let model = Box::new(|bytes: &mut [u8], [v, _]: [u128; 2]| {
                put(bytes, v);
                0
            });
            add(stringify!($w), Instruction::$w, vec![Ty::$ty], None, size_of::<$t>(), model);
        )+)* };
    }
    op_rows!(atomic_store store);
    macro_rules! rmw {
        ([] $( ($t:ident $f:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $($(
            let model = Box::new(|bytes: &mut [u8], [v, _]: [u128; 2]| {
                let old = old(bytes);
                put(bytes, match stringify!($f) {
                    "fetch_add" => old.wrapping_add(v),
                    "fetch_sub" => old.wrapping_sub(v),
                    "fetch_and" => old & v,
                    "fetch_or" => old | v,
                    "fetch_xor" => old ^ v,
                    "swap" => v,
                    other => panic!("{other} has no model"),
                });
                old
            });
            add(stringify!($w), Instruction::$w, vec![Ty::$ty], Some(Ty::$ty), size_of::<$t>(), model);
        )+)* };
    }
    op_rows!(atomic_rmw rmw);
    macro_rules! cmpxchg {
        ([] $( ($t:ident $({$ty:ident $w:ident})+) [$name:ident] )*) => { $($(
            let model = Box::new(|bytes: &mut [u8], [expected, new]: [u128; 2]| {
                let old = old(bytes);
                if old == expected as $t as u128 {
                    put(bytes, new);
                }
                old
            });
            add(stringify!($w), Instruction::$w, vec![Ty::$ty; 2], Some(Ty::$ty), size_of::<$t>(), model);
        )+)* };
    }
    op_rows!(atomic_cmpxchg cmpxchg);
    let none = Box::new(|_: &mut [u8], _: [u128; 2]| 0);
    add("MemoryAtomicNotify", Instruction::MemoryAtomicNotify, vec![Ty::I32], Some(Ty::I32), 4, none);
    all
}

pub const PAGE: usize = 0x1_0000;
/// The memories by index: whether they are 64-bit, and whether shared.
const MEMORIES: [(bool, bool); 3] = [(false, false), (true, false), (false, true)];

fn memory_type((memory64, shared): (bool, bool)) -> MemoryType {
    MemoryType { minimum: 1, maximum: shared.then_some(1), memory64, shared, page_size_log2: None }
}

/// One function for each memory and offset.
pub fn module(access: &Access, places: &[(usize, u64)]) -> Vec<u8> {
    let functions = places.iter().map(|&(memory, offset)| {
        let addr = if MEMORIES[memory].0 { ValType::I64 } else { ValType::I32 };
        let params = std::iter::once(addr).chain(access.params.iter().map(|&ty| val_type(ty)));
        let align = if access.atomic { access.width.ilog2() } else { 0 };
        let target = MemArgTarget::Memory(memory as u32);
        let mut f = Function::new([]);
        for operand in 0..=access.params.len() {
            f.instruction(&Instruction::LocalGet(operand as u32));
        }
        f.instruction(&(access.instruction)(MemArg { offset, align, target, ordering: None }));
        f.instruction(&Instruction::End);
        (params.collect(), f)
    });
    module_of(access, functions)
}

/// A module of functions with the result of the access, given with their parameters, on three memories; all exported.
pub fn module_of(access: &Access, functions: impl Iterator<Item = (Vec<ValType>, Function)>) -> Vec<u8> {
    let (mut types, mut funcs, mut memories) = (TypeSection::new(), FunctionSection::new(), MemorySection::new());
    let (mut exports, mut code) = (ExportSection::new(), CodeSection::new());
    let results: Vec<ValType> = access.result.iter().map(|&ty| val_type(ty)).collect();
    for (i, (params, body)) in functions.enumerate() {
        types.ty().function(params, results.clone());
        funcs.function(i as u32);
        exports.export(&i.to_string(), ExportKind::Func, i as u32);
        code.function(&body);
    }
    for (i, &memory) in MEMORIES.iter().enumerate() {
        memories.memory(memory_type(memory));
        exports.export(&format!("memory{i}"), ExportKind::Memory, i as u32);
    }
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&funcs).section(&memories).section(&exports).section(&code);
    module.finish()
}

/// The memories and offsets to try an access at.
pub fn places(access: &Access) -> Vec<(usize, u64)> {
    let mut places = Vec::new();
    for memory in 0..MEMORIES.len() {
        let offsets = [0, 16, 24 + access.width as u64, PAGE as u64, u32::MAX as u64];
        places.extend(offsets.map(|offset| (memory, offset)));
    }
    places.extend([1 << 32, u64::MAX].map(|offset| (1, offset)));
    places
}

pub fn all_accesses() -> impl Iterator<Item = Access> {
    loads().into_iter().chain(stores()).chain(atomics())
}

fn check(accesses: impl Fn() -> Vec<Access>) {
    super::engines().iter().for_each(|engine| check_on(engine, accesses()));
}

fn check_on(engine: &Engine, accesses: Vec<Access>) {
    let pattern: Vec<u8> = (0..PAGE).map(|i| (i * 37 + (i >> 8) * 11 + 0x85) as u8).collect();
    for access in accesses {
        let width = access.width as u64;
        let places = places(&access);
        let instance = super::instantiate(engine, &module(&access, &places));
        for (i, &(memory, offset)) in places.iter().enumerate() {
            let func = instance.func(&i.to_string()).unwrap();
            let host = instance.export(&format!("memory{memory}")).and_then(|e| e.into_memory()).unwrap();
            let mut bytes = pattern.clone();
            assert!(host.write(0, &bytes));
            let last = (PAGE as u64).wrapping_sub(offset).wrapping_sub(width);
            let mut addresses =
                vec![0, width, 3, last, last.wrapping_add(1), last.wrapping_add(width), u32::MAX as u64];
            addresses.extend([u64::MAX, u64::MAX - offset, 1 << 32]);
            for addr in addresses {
                let addr = if MEMORIES[memory].0 { addr } else { addr as u32 as u64 };
                let ea = addr as u128 + offset as u128;
                for seed in [0x8877_6655_4433_2211_u64, 0xfedc_ba98_0123_4567] {
                    let here = (ea as usize) & (PAGE - 16);
                    let current = u64::load(&bytes[here..here + 8]) as u128;
                    // What is compared and exchanged is sometimes what is there, up to the width of the access.
                    let operands = [seed as u128 * 0x1_0000_0001_0000_0001, seed as u128 >> 1];
                    let operands = if seed % 2 == 0 { operands } else { [current | operands[0] << 64, operands[1]] };
                    let expected = if access.atomic && !ea.is_multiple_of(width as u128) {
                        Err(TrapKind::UnalignedAtomic)
                    } else if ea + width as u128 > PAGE as u128 {
                        Err(TrapKind::MemoryOutOfBounds)
                    } else {
                        Ok((access.model)(&mut bytes[ea as usize..ea as usize + access.width], operands))
                    };
                    let mut slots = [addr, 0, 0, 0, 0, 0];
                    let mut at = 1;
                    for (&ty, v) in access.params.iter().zip(operands) {
                        slots[at] = if ty == Ty::I32 { v as u32 as u64 } else { v as u64 };
                        slots[at + 1] = (v >> 64) as u64;
                        at += if ty == Ty::V128 { 2 } else { 1 };
                    }
                    // SAFETY: the slots hold operands of the function's types.
                    let got = unsafe { func.call_raw(slots.as_mut_ptr()) }.map_err(|trap| trap.kind());
                    let got = got.map(|()| match access.result {
                        None => 0,
                        Some(Ty::I32 | Ty::F32) => slots[0] as u32 as u128,
                        Some(Ty::I64 | Ty::F64) => slots[0] as u128,
                        Some(Ty::V128) => slots[0] as u128 | (slots[1] as u128) << 64,
                    });
                    let what = || format!("{} at {addr:#x}+{offset:#x} of memory {memory}", access.name);
                    assert_eq!(got, expected, "{}\n{}", what(), instance.code().listing(i as u32));
                    let mut seen = vec![0; PAGE];
                    if access.result.is_none() || access.atomic {
                        assert!(host.read(0, &mut seen));
                        assert!(seen == bytes, "{} changes other bytes than it should", what());
                    }
                }
            }
        }
    }
}

#[test]
fn all_loads() {
    check(loads);
}

#[test]
fn all_stores() {
    check(stores);
}

#[test]
fn all_addresses() {
    // One lane is like another here.
    super::address::check(|| {
        let mut accesses: Vec<Access> = loads().into_iter().chain(stores()).collect();
        accesses.dedup_by_key(|access| access.name);
        accesses
    });
}

#[test]
fn all_atomics() {
    check(atomics);
}

/// Waits for and notifies the word at 8 of a memory that is imported.
const PARKING: &str = r#"(module
    (import "" "" (memory 1 1 shared))
    (memory $own 1)
    (func (export "wait32") (param i32 i64) (result i32)
        (memory.atomic.wait32 offset=8 (i32.const 0) (local.get 0) (local.get 1)))
    (func (export "wait64") (param i64 i64) (result i32)
        (memory.atomic.wait64 offset=8 (i32.const 0) (local.get 0) (local.get 1)))
    (func (export "notify") (param i32) (result i32)
        (memory.atomic.notify offset=8 (i32.const 0) (local.get 0)))
    (func (export "unshared32") (result i32)
        (memory.atomic.wait32 $own (i32.const 0) (i32.const 0) (i64.const 0)))
    (func (export "unshared64") (result i32)
        (memory.atomic.wait64 $own (i32.const 0) (i64.const 0) (i64.const 0)))
    (func (export "unshared_notify") (result i32) (memory.atomic.notify $own (i32.const 0) (i32.const 1)))
    (func (export "unaligned") (result i32)
        (memory.atomic.wait64 (i32.const 4) (i64.const 0) (i64.const 0)))
    (func (export "fence") (atomic.fence)))"#;

/// An instance of [`PARKING`] on a shared memory, in a store of its own.
fn parking(engine: &Engine, memory: &Arc<SharedMemory>) -> Instance {
    let store = Store::new(engine).unwrap();
    let module = Module::new(&store, super::super::wat(PARKING)).unwrap();
    let memory = crate::runtime::Memory::from_shared(&store, memory).unwrap();
    Instance::new(&store, &module, &[memory.into()]).unwrap_or_else(|e| panic!("{e:?}"))
}

#[test]
fn threads_wait_and_are_notified() {
    use super::super::call;
    let engine = Engine::default();
    let store = Store::new(&engine).unwrap();
    let text = r#"(module (memory (export "m") 1 1 shared))"#;
    let memory = super::super::instance(&store, text).export("m").and_then(|e| e.into_memory()).unwrap();
    let memory = memory.shared().unwrap();
    let here = parking(&engine, &memory);
    let kind = |name| call(&here, name, &[]).map_err(|trap| trap.kind());
    assert_eq!(kind("unshared32"), Err(TrapKind::ExpectedSharedMemory));
    assert_eq!(kind("unshared64"), Err(TrapKind::ExpectedSharedMemory));
    assert_eq!(kind("unshared_notify"), Ok(Val::I32(0)));
    assert_eq!(kind("unaligned"), Err(TrapKind::UnalignedAtomic));
    assert!(here.func("fence").unwrap().call(&[], &mut []).is_ok());

    // Not equal, and in vain.
    let forever = Val::I64(-1);
    assert_eq!(call(&here, "wait32", &[Val::I32(1), forever.clone()]).unwrap(), Val::I32(1));
    assert_eq!(call(&here, "wait64", &[Val::I64(1 << 40), forever.clone()]).unwrap(), Val::I32(1));
    let start = Instant::now();
    assert_eq!(call(&here, "wait64", &[Val::I64(0), Val::I64(3_000_000)]).unwrap(), Val::I32(2));
    assert!(start.elapsed() >= Duration::from_millis(3));
    assert_eq!(call(&here, "notify", &[Val::I32(-1)]).unwrap(), Val::I32(0));

    std::thread::scope(|s| {
        for name in ["wait32", "wait64"] {
            let (engine, memory) = (&engine, &memory);
            let waiting = s.spawn(move || {
                let there = parking(engine, memory);
                let zero = if name == "wait32" { Val::I32(0) } else { Val::I64(0) };
                call(&there, name, &[zero, Val::I64(i64::MAX)]).unwrap() == Val::I32(0)
            });
            while call(&here, "notify", &[Val::I32(1)]).unwrap() == Val::I32(0) {
                std::thread::yield_now();
            }
            assert!(waiting.join().unwrap());
        }
    });
}
