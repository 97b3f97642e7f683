//! Modules that are valid and strange: as large, as deep and as wide as the implementation limits allow.
//!
//! They find the places where an engine packs an index into too few bits, recurses over nesting, or does something
//! quadratic. The sizes are those of the spec's appendix "Implementation Limitations" as engines have settled them.

mod objects;

use crate::session::{Engine, Failure, InstanceId, Names, SPECTEST, Session};
use crate::value::Value;
pub use objects::*;
use wasm_encoder::*;

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;
const V128: ValType = ValType::V128;

/// A session with one instance in it.
struct Running<'e> {
    session: Box<dyn Session + 'e>,
    instance: InstanceId,
}

fn start<'e>(engine: &'e dyn Engine, wasm: &[u8]) -> Running<'e> {
    let mut session = engine.session(&[]);
    session.validate(wasm).expect("a valid module");
    let names = Names::from([("spectest".to_string(), SPECTEST)]);
    let instance = session.instantiate(wasm, &names).expect("an instance");
    Running { session, instance }
}

impl Running<'_> {
    fn call(&mut self, name: &str, args: &[Value]) -> Vec<Value> {
        self.session.invoke(self.instance, name, args).expect("results")
    }

    fn trap(&mut self, name: &str, args: &[Value]) -> String {
        match self.session.invoke(self.instance, name, args) {
            Err(Failure::Trap(message)) => message,
            other => panic!("expected a trap, got {other:?}"),
        }
    }
}

fn i32s(values: &[u32]) -> Vec<Value> {
    values.iter().map(|&v| Value::I32(v)).collect()
}

/// A module with one function, exported as `f`.
fn one(
    params: &[ValType],
    results: &[ValType],
    locals: &[(u32, ValType)],
    body: impl FnOnce(&mut InstructionSink),
) -> Vec<u8> {
    several(&[(params, results)], |_| locals.to_vec(), {
        let mut body = Some(body);
        move |_, code| (body.take().expect("one function"))(code)
    })
}

/// A module with functions of the given types, exported as `f`, `f1`, `f2`...
fn several(
    signatures: &[(&[ValType], &[ValType])],
    locals: impl Fn(usize) -> Vec<(u32, ValType)>,
    mut body: impl FnMut(usize, &mut InstructionSink),
) -> Vec<u8> {
    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut codes = CodeSection::new();
    for (i, &(params, results)) in signatures.iter().enumerate() {
        types.ty().function(params.iter().copied(), results.iter().copied());
        functions.function(i as u32);
        let name = if i == 0 { "f".to_string() } else { format!("f{i}") };
        exports.export(&name, ExportKind::Func, i as u32);
        let mut function = Function::new(locals(i));
        body(i, &mut function.instructions());
        function.instructions().end();
        codes.function(&function);
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&codes);
    module.finish()
}

/// 100,000 functions, each exported; the last calls all others.
pub fn many_functions(engine: &dyn Engine) {
    const COUNT: u32 = 100_000;
    let mut types = TypeSection::new();
    types.ty().function([], [I32]);
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut codes = CodeSection::new();
    for i in 0..COUNT {
        functions.function(0);
        exports.export(&format!("f{i}"), ExportKind::Func, i);
        let mut function = Function::new([]);
        function.instructions().i32_const(i as i32).end();
        codes.function(&function);
    }
    functions.function(0);
    exports.export("sum", ExportKind::Func, COUNT);
    let mut sum = Function::new([]);
    sum.instructions().i32_const(0);
    for i in 0..COUNT {
        sum.instructions().call(i).i32_add();
    }
    sum.instructions().end();
    codes.function(&sum);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&codes);

    let mut run = start(engine, &module.finish());
    for i in [0, 1, 255, 65_535, 65_536, COUNT - 1] {
        assert_eq!(run.call(&format!("f{i}"), &[]), i32s(&[i]));
    }
    let sum = (0..COUNT).fold(0, u32::wrapping_add);
    assert_eq!(run.call("sum", &[]), i32s(&[sum]));
}

/// 20,000 imports of one host function, all of them called.
pub fn many_imports(engine: &dyn Engine) {
    const COUNT: u32 = 20_000;
    let mut types = TypeSection::new();
    types.ty().function([I32], []);
    let mut imports = ImportSection::new();
    for _ in 0..COUNT {
        imports.import("spectest", "print_i32", EntityType::Function(0));
    }
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, COUNT);
    let mut function = Function::new([]);
    for i in 0..COUNT {
        function.instructions().local_get(0).call(i);
    }
    function.instructions().end();
    let mut codes = CodeSection::new();
    codes.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&codes);
    let mut run = start(engine, &module.finish());
    assert_eq!(run.call("f", &[Value::I32(5)]), []);
}

/// A br_table of 50,000 entries to 1,000 labels.
pub fn long_br_table(engine: &dyn Engine) {
    const ENTRIES: u32 = 50_000;
    const LABELS: u32 = 1_000;
    let wasm = one(&[I32], &[I32], &[], |code| {
        for _ in 0..LABELS {
            code.block(BlockType::Empty);
        }
        // Label 0 is the innermost: after block `k` ends we know that label `k` was taken.
        code.local_get(0).br_table((0..ENTRIES).map(|i| i * 7 % LABELS), LABELS - 1);
        for k in 0..LABELS {
            code.end().i32_const(k as i32).return_();
        }
        code.unreachable();
    });
    let mut run = start(engine, &wasm);
    for i in [0, 1, 999, 1_000, 32_767, 32_768, ENTRIES - 1] {
        assert_eq!(run.call("f", &[Value::I32(i)]), i32s(&[i * 7 % LABELS]));
    }
    for i in [ENTRIES, 65_536, u32::MAX] {
        assert_eq!(run.call("f", &[Value::I32(i)]), i32s(&[LABELS - 1]));
    }
}

/// A br_table of 50,000 entries whose labels take values.
pub fn long_br_table_with_values(engine: &dyn Engine) {
    const ENTRIES: u32 = 50_000;
    let wasm = several(
        &[(&[I32], &[I64, V128, I32]), (&[], &[I64, V128, I32])],
        |_| vec![],
        |i, code| {
            if i == 1 {
                code.i64_const(0).v128_const(0).i32_const(0);
                return;
            }
            let ty = BlockType::FunctionType(1);
            code.block(ty).block(ty).block(ty);
            code.i64_const(-5).v128_const(1 << 100).i32_const(9);
            code.local_get(0).br_table((0..ENTRIES).map(|i| i % 3), 3);
            for k in 0..3 {
                code.end().i32_const(10 << k).i32_add();
            }
        },
    );
    let mut run = start(engine, &wasm);
    for (i, sum) in [(0, 9 + 10 + 20 + 40), (1, 9 + 20 + 40), (49_999, 9 + 20 + 40), (2, 9 + 40), (50_000, 9)] {
        let expected = [Value::I64(-5i64 as u64), Value::V128(1 << 100), Value::I32(sum)];
        assert_eq!(run.call("f", &[Value::I32(i)]), expected, "entry {i}");
    }
}

/// Value `i` of a type, different for every `i`.
fn sample(ty: ValType, i: u64) -> Value {
    match ty {
        ValType::I32 => Value::I32(i as u32 ^ 0x8000_0000),
        ValType::I64 => Value::I64(i << 32 | i),
        ValType::F32 => Value::F32((i as f32 + 0.5).to_bits()),
        ValType::F64 => Value::F64((i as f64 - 0.25).to_bits()),
        ValType::V128 => Value::V128(u128::from(i) << 64 | u128::from(!i)),
        other => unreachable!("{other:?}"),
    }
}

/// 1,000 parameters and 1,000 results of the given types in turn, reversed; through a block, a call and the host.
fn many_parameters_of(engine: &dyn Engine, kinds: &[ValType]) {
    let params: Vec<ValType> = (0..1_000).map(|i| kinds[i % kinds.len()]).collect();
    let results: Vec<ValType> = params.iter().rev().copied().collect();
    let wasm = several(
        &[(&params, &results), (&params, &results), (&results, &results)],
        |_| vec![],
        |i, code| match i {
            0 => {
                for i in 0..1_000 {
                    code.local_get(i);
                }
                code.call(1);
                code.block(BlockType::FunctionType(2)).i32_const(1).br_if(0).unreachable().end();
                code.loop_(BlockType::FunctionType(2)).i32_const(0).br_if(0).end();
            }
            1 => {
                for i in (0..1_000).rev() {
                    code.local_get(i);
                }
            }
            _ => {
                for i in 0..1_000 {
                    code.local_get(i);
                }
            }
        },
    );
    let args: Vec<Value> = params.iter().enumerate().map(|(i, &ty)| sample(ty, i as u64)).collect();
    let reversed: Vec<Value> = args.iter().rev().copied().collect();
    let mut run = start(engine, &wasm);
    assert_eq!(run.call("f", &args), reversed);
    assert_eq!(run.call("f1", &args), reversed);
    assert_eq!(run.call("f2", &reversed), reversed);
}

pub fn many_parameters(engine: &dyn Engine) {
    many_parameters_of(engine, &[I32]);
    many_parameters_of(engine, &[I32, I64, ValType::F32, ValType::F64]);
}

/// The same with vectors among them, between functions of wasm: an adapter module could not pass as many.
pub fn many_parameters_with_vectors(engine: &dyn Engine) {
    let wide: Vec<ValType> = (0..1_000).map(|i| if i % 3 == 2 { V128 } else { I64 }).collect();
    let wasm = several(
        &[(&[I64], &[I64]), (&wide, &[I64])],
        |_| vec![],
        |i, code| match i {
            0 => {
                for (k, &ty) in wide.iter().enumerate() {
                    code.local_get(0).i64_const(k as i64).i64_add();
                    if ty == V128 {
                        code.i64x2_splat();
                    }
                }
                code.call(1);
            }
            _ => {
                // Lane 1 of the vectors and all else, each times its place.
                code.i64_const(0);
                for (k, &ty) in wide.iter().enumerate() {
                    code.local_get(k as u32);
                    if ty == V128 {
                        code.i64x2_extract_lane(1);
                    }
                    code.i64_const(k as i64).i64_mul().i64_add();
                }
            }
        },
    );
    let expected = (0..1_000u64).fold(0u64, |sum, k| sum + (7 + k) * k);
    let mut run = start(engine, &wasm);
    assert_eq!(run.call("f", &[Value::I64(7)]), [Value::I64(expected)]);
}

/// 100,000 nested blocks, loops and ifs, left from the middle.
pub fn deep_nesting(engine: &dyn Engine) {
    const DEPTH: u32 = 100_000;
    let wasm = several(
        &[(&[I32][..], &[I32][..]); 4],
        |_| vec![],
        |i, code| match i {
            0 => {
                for _ in 0..DEPTH {
                    code.block(BlockType::Empty);
                }
                code.local_get(0).br_if(DEPTH - 1).i32_const(1).return_();
                for _ in 0..DEPTH {
                    code.end();
                }
                code.i32_const(2);
            }
            1 => {
                for _ in 0..DEPTH {
                    code.loop_(BlockType::Result(I32));
                }
                code.local_get(0);
                for _ in 0..DEPTH {
                    code.end();
                }
            }
            2 => {
                for _ in 0..DEPTH {
                    code.local_get(0).if_(BlockType::Result(I32));
                }
                code.i32_const(3);
                for i in 0..DEPTH {
                    code.else_().i32_const(i as i32).end();
                }
            }
            _ => {
                for _ in 0..10_000 {
                    code.try_table(BlockType::Result(I32), []);
                }
                code.local_get(0);
                for _ in 0..10_000 {
                    code.end();
                }
            }
        },
    );
    let mut run = start(engine, &wasm);
    assert_eq!(run.call("f", &i32s(&[0])), i32s(&[1]));
    assert_eq!(run.call("f", &i32s(&[1])), i32s(&[2]));
    assert_eq!(run.call("f1", &i32s(&[77])), i32s(&[77]));
    assert_eq!(run.call("f2", &i32s(&[1])), i32s(&[3]));
    assert_eq!(run.call("f2", &i32s(&[0])), i32s(&[DEPTH - 1]));
    assert_eq!(run.call("f3", &i32s(&[8])), i32s(&[8]));
}

/// 64 MiB of active data, 16 MiB of passive data, and 50,000 segments of one byte.
pub fn huge_data(engine: &dyn Engine) {
    const ACTIVE: usize = 64 << 20;
    const PASSIVE: usize = 16 << 20;
    const SMALL: u32 = 50_000;
    let pages = (ACTIVE >> 16) as u64;
    let mut types = TypeSection::new();
    types.ty().function([I32], [I32]);
    types.ty().function([I32, I32, I32], []);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: pages, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0).export("init", ExportKind::Func, 1);
    let byte = |i: usize| (i as u32).wrapping_mul(2_654_435_761).to_le_bytes()[3];
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), (0..ACTIVE).map(byte));
    data.passive((0..PASSIVE).map(|i| !byte(i)));
    for i in 0..SMALL {
        data.active(0, &ConstExpr::i32_const(i as i32 * 16), [i as u8]);
    }
    let at = MemArg { offset: 0, align: 0, target: Default::default(), ordering: None };
    let mut load = Function::new([]);
    load.instructions().local_get(0).i32_load8_u(at).end();
    let mut init = Function::new([]);
    init.instructions().local_get(0).local_get(1).local_get(2).memory_init(0, 1).end();
    let mut codes = CodeSection::new();
    codes.function(&load).function(&init);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&memories).section(&exports);
    module.section(&DataCountSection { count: 2 + SMALL }).section(&codes).section(&data);
    let mut run = start(engine, &module.finish());
    for i in [1, 65_537, 20_000_001, ACTIVE - 1] {
        assert_eq!(run.call("f", &i32s(&[i as u32])), i32s(&[byte(i).into()]));
    }
    for i in [0, 255, 256, SMALL - 1] {
        assert_eq!(run.call("f", &i32s(&[i * 16])), i32s(&[i & 0xff]));
    }
    run.call("init", &i32s(&[(ACTIVE - PASSIVE) as u32, 0, PASSIVE as u32]));
    assert_eq!(run.call("f", &i32s(&[ACTIVE as u32 - 1])), i32s(&[(!byte(PASSIVE - 1)).into()]));
    assert_eq!(run.trap("init", &i32s(&[0, 1, PASSIVE as u32])), "out of bounds memory access");
    assert_eq!(run.trap("f", &i32s(&[ACTIVE as u32])), "out of bounds memory access");
}

/// 50,000 locals of all types, zero at first in every call, with recursion between them.
pub fn many_locals(engine: &dyn Engine) {
    let locals = [
        (10_000, I32),
        (10_000, V128),
        (10_000, I64),
        (10_000, ValType::F64),
        (9_998, V128),
        (1, ValType::Ref(RefType::EXTERNREF)),
    ];
    // The parameter is local 0.
    let wasm = several(
        &[(&[I32], &[I64]), (&[I64], &[I64])],
        |i| if i == 0 { locals.to_vec() } else { vec![] },
        |i, code| {
            if i == 1 {
                code.local_get(0);
                return;
            }
            let last_vector = 1 + 40_000 + 9_997;
            let middle_vector = 1 + 10_000 + 5_000;
            // Everything is zero.
            code.local_get(last_vector).v128_any_true().if_(BlockType::Empty).unreachable().end();
            code.local_get(middle_vector).v128_any_true().if_(BlockType::Empty).unreachable().end();
            code.local_get(49_999).ref_is_null().i32_eqz().if_(BlockType::Empty).unreachable().end();
            code.local_get(10_000).if_(BlockType::Empty).unreachable().end();
            // Each gets a value.
            code.local_get(0).i32x4_splat().local_set(last_vector);
            code.i64_const(1 << 40).i64x2_splat().local_set(middle_vector);
            code.local_get(0).local_set(10_000);
            code.f64_const(Ieee64::from(0.5)).local_set(40_000);
            // Four calls deep: the default stack has room for no more frames like this.
            code.i64_const(0);
            code.local_get(0).if_(BlockType::FunctionType(1));
            code.drop().local_get(0).i32_const(1).i32_sub().call(0);
            code.end();
            // Still there.
            code.local_get(last_vector).i32x4_extract_lane(3).i64_extend_i32_u().i64_add();
            code.local_get(middle_vector).i64x2_extract_lane(1).i64_add();
            code.local_get(10_000).i64_extend_i32_u().i64_add();
            code.local_get(40_000).f64_const(Ieee64::from(2.0)).f64_mul().i64_trunc_f64_s().i64_add();
        },
    );
    let mut run = start(engine, &wasm);
    let expected = (0..=4u64).map(|n| n + (1 << 40) + n + 1).sum();
    assert_eq!(run.call("f", &i32s(&[4])), [Value::I64(expected)]);
}

/// An operand stack of more than 65,536 slots, of numbers and of vectors, alive across a call.
pub fn high_stack(engine: &dyn Engine) {
    const COUNT: u32 = 70_000;
    let wasm = several(
        &[(&[I32][..], &[I32][..]); 2],
        |_| vec![],
        |i, code| match i {
            0 => {
                for k in 0..COUNT {
                    code.local_get(0);
                    if k % 3 == 0 {
                        code.i32_const(k as i32).i32_add();
                    } else if k % 1_000 == 1 {
                        code.i32_const(1).i32_add().call(1);
                    }
                }
                for _ in 1..COUNT {
                    code.i32_add();
                }
            }
            _ => {
                code.local_get(0).i32_const(1).i32_sub();
            }
        },
    );
    let mut run = start(engine, &wasm);
    let expected = (0..COUNT).fold(0u32, |sum, k| sum.wrapping_add(9).wrapping_add(if k % 3 == 0 { k } else { 0 }));
    assert_eq!(run.call("f", &i32s(&[9])), i32s(&[expected]));

    const VECTORS: u32 = 40_000;
    let wasm = one(&[I32], &[V128], &[], |code| {
        for k in 0..VECTORS {
            code.local_get(0).i32_const(k as i32).i32_add().i32x4_splat();
        }
        for _ in 1..VECTORS {
            code.i32x4_add();
        }
    });
    let mut run = start(engine, &wasm);
    let lane = (0..VECTORS).fold(0u32, |sum, k| sum.wrapping_add(3).wrapping_add(k));
    let expected = (0..4).fold(0u128, |v, i| v | u128::from(lane) << (32 * i));
    assert_eq!(run.call("f", &i32s(&[3])), [Value::V128(expected)]);
}

/// Modules with nothing in them, in several ways, and custom sections wherever they may be.
pub fn empty_and_custom(engine: &dyn Engine) {
    start(engine, b"\0asm\x01\0\0\0");

    let mut module = Module::new();
    module.section(&TypeSection::new()).section(&ImportSection::new()).section(&FunctionSection::new());
    module.section(&TableSection::new()).section(&MemorySection::new()).section(&TagSection::new());
    module.section(&GlobalSection::new()).section(&ExportSection::new()).section(&ElementSection::new());
    module.section(&DataCountSection { count: 0 }).section(&CodeSection::new()).section(&DataSection::new());
    start(engine, &module.finish());

    // Contents of known names that are no such contents: never a reason to refuse a module.
    let mut module = Module::new();
    let custom = |name: &'static str, data: &'static [u8]| CustomSection { name: name.into(), data: data.into() };
    module.section(&custom("name", b"\xff\xff\xff")).section(&custom("", b""));
    let mut types = TypeSection::new();
    types.ty().function([], [I32]);
    module.section(&types).section(&custom("name", b"\x01\x05\x01\x00")).section(&custom("producers", b"\x80"));
    let mut functions = FunctionSection::new();
    functions.function(0);
    module.section(&functions).section(&custom("metadata.code.branch_hint", b"\x01\x00\x01\xff\x01\x09"));
    let mut exports = ExportSection::new();
    exports.export("", ExportKind::Func, 0);
    module.section(&exports).section(&custom(".debug_info", &[0xaa; 1 << 20])).section(&custom("dylink.0", b"?"));
    let mut codes = CodeSection::new();
    let mut function = Function::new([]);
    function.instructions().i32_const(5).end();
    codes.function(&function);
    module.section(&codes).section(&custom("name", b"")).section(&custom("target_features", b"\x05"));
    for _ in 0..100_000 {
        module.section(&custom("again", b"and again"));
    }
    let mut run = start(engine, &module.finish());
    assert_eq!(run.call("", &[]), i32s(&[5]));
}

/// 100,000 globals that build on each other, 100,000 types, 10,000 tags, 50,000 element segments.
pub fn many_of_everything_else(engine: &dyn Engine) {
    const COUNT: u32 = 100_000;
    let mut types = TypeSection::new();
    types.ty().function([], [I32]);
    for i in 1..COUNT {
        // Different ones: the bits of `i` choose the parameters.
        types.ty().function((0..17).map(|bit| if i >> bit & 1 != 0 { I64 } else { I32 }), []);
    }
    types.ty().function([I32], [I32]);
    let mut functions = FunctionSection::new();
    functions.function(COUNT).function(0);
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 50_000,
        maximum: None,
        shared: false,
    });
    let mut tags = TagSection::new();
    for _ in 0..10_000 {
        tags.tag(TagType { kind: TagKind::Exception, func_type_idx: 1 });
    }
    let mut globals = GlobalSection::new();
    for i in 0..COUNT {
        let mutable = i % 2 == 1;
        let init = if i < 2 {
            ConstExpr::i32_const(i as i32)
        } else {
            ConstExpr::extended([
                Instruction::GlobalGet((i - 2) / 2 * 2),
                Instruction::I32Const(2),
                Instruction::I32Add,
            ])
        };
        globals.global(GlobalType { val_type: I32, mutable, shared: false }, &init);
    }
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0).export("last", ExportKind::Global, COUNT - 2);
    let mut elements = ElementSection::new();
    for i in 0..50_000 {
        elements.active(None, &ConstExpr::i32_const(i), Elements::Functions([1].as_slice().into()));
    }
    let mut codes = CodeSection::new();
    let mut f = Function::new([]);
    f.instructions().local_get(0).call_indirect(0, 0).global_get(COUNT - 2).i32_add().end();
    let mut g = Function::new([]);
    g.instructions().i32_const(1).end();
    codes.function(&f).function(&g);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&tables).section(&tags).section(&globals).section(&exports);
    module.section(&elements).section(&codes);
    let mut run = start(engine, &module.finish());
    assert_eq!(run.session.global(run.instance, "last").expect("a global"), Value::I32(COUNT - 2));
    assert_eq!(run.call("f", &i32s(&[49_999])), i32s(&[COUNT - 1]));
    assert_eq!(run.trap("f", &i32s(&[50_000])), "undefined element");
}

/// A body near the limit of 7,654,321 bytes, straight and with 100,000 branches.
pub fn long_body(engine: &dyn Engine) {
    let wasm = one(&[I32], &[I32], &[], |code| {
        code.local_get(0);
        for _ in 0..1_500_000 {
            code.i32_const(1).i32_add();
        }
        for _ in 0..100_000 {
            code.block(BlockType::FunctionType(0)).local_get(0).br_if(0).i32_const(1).i32_add().end();
        }
    });
    let mut run = start(engine, &wasm);
    assert_eq!(run.call("f", &i32s(&[5])), i32s(&[1_500_005]));
    assert_eq!(run.call("f", &i32s(&[0])), i32s(&[1_600_000]));
}

/// Recursion until the stack is full, then again: the failure leaves nothing behind.
pub fn exhaustion_again_and_again(engine: &dyn Engine) {
    let wasm = several(
        &[(&[I32], &[I32]), (&[I32], &[I32]), (&[I32], &[I32])],
        |i| if i == 1 { vec![(20_000, V128)] } else { vec![] },
        |i, code| match i {
            2 => {
                code.local_get(0).i32_eqz().if_(BlockType::Empty).i32_const(0).return_().end();
                code.local_get(0).i32_const(1).i32_sub().call(2).i32_const(1).i32_add();
            }
            _ => {
                code.local_get(0).call(i as u32);
            }
        },
    );
    let mut run = start(engine, &wasm);
    for _ in 0..20 {
        assert_eq!(run.trap("f", &i32s(&[1])), "call stack exhausted");
        assert_eq!(run.trap("f1", &i32s(&[1])), "call stack exhausted");
        assert_eq!(run.call("f2", &i32s(&[5_000])), i32s(&[5_000]));
    }
}

/// 100 memories and 1,000 tables in one instance, and twenty such instances.
pub fn many_memories_and_tables(engine: &dyn Engine) {
    let mut types = TypeSection::new();
    types.ty().function([I32], [I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut tables = TableSection::new();
    for i in 0..1_000 {
        let element_type = RefType::FUNCREF;
        tables.table(TableType { element_type, table64: false, minimum: i, maximum: None, shared: false });
    }
    let mut memories = MemorySection::new();
    for i in 0..100 {
        let memory64 = i % 2 == 1;
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64, shared: false, page_size_log2: None });
    }
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut function = Function::new([]);
    let mut code = function.instructions();
    for i in 0..100 {
        let at = MemArg { offset: 8, align: 2, target: MemArgTarget::Memory(i), ordering: None };
        if i % 2 == 1 {
            code.i64_const(0);
        } else {
            code.i32_const(0);
        }
        code.local_get(0).i32_const(i as i32).i32_mul().i32_store(at);
    }
    code.i32_const(0);
    for i in 0..100 {
        let at = MemArg { offset: 8, align: 2, target: MemArgTarget::Memory(i), ordering: None };
        if i % 2 == 1 {
            code.i64_const(0);
        } else {
            code.i32_const(0);
        }
        code.i32_load(at).i32_add();
    }
    code.table_size(999).i32_add().end();
    let mut codes = CodeSection::new();
    codes.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&tables).section(&memories).section(&exports).section(&codes);
    let wasm = module.finish();
    let mut run = start(engine, &wasm);
    for _ in 0..20 {
        run.instance = run.session.instantiate(&wasm, &Names::new()).expect("one more instance");
        assert_eq!(run.call("f", &i32s(&[3])), i32s(&[3 * 4_950 + 999]));
    }
}

/// One test per shape, for an engine.
#[macro_export]
macro_rules! exotic_tests {
    ($engine:expr) => {
        $crate::exotic_tests! { $engine;
            many_functions many_imports long_br_table long_br_table_with_values many_parameters
            many_parameters_with_vectors deep_nesting huge_data many_locals high_stack empty_and_custom
            many_of_everything_else long_body wide_aggregates exhaustion_again_and_again long_list far_exceptions
            many_memories_and_tables recursive_types
        }
    };
    ($engine:expr; $($name:ident)*) => {
        mod exotic {
            use super::*;
            $(
                #[test]
                fn $name() {
                    $crate::exotic::$name($engine);
                }
            )*
        }
    };
}
