//! Strange modules with types, structures, arrays and exceptions.

use super::{I32, I64, V128, i32s, start};
use crate::session::Engine;
use crate::value::Value;
use wasm_encoder::*;

/// Structures of 10,000 fields and arrays of 10,000 given elements.
pub fn wide_aggregates(engine: &dyn Engine) {
    const FIELDS: u32 = 10_000;
    let field = |ty| FieldType { element_type: StorageType::Val(ty), mutable: true };
    let mut types = TypeSection::new();
    types.ty().function([I32], [I32]);
    types.ty().struct_((0..FIELDS).map(|i| field(if i % 5 == 4 { V128 } else { I32 })));
    types.ty().array(&StorageType::I16, false);
    let mut functions = FunctionSection::new();
    functions.function(0).function(0);
    let mut exports = ExportSection::new();
    exports.export("struct", ExportKind::Func, 0).export("array", ExportKind::Func, 1);
    let mut structure =
        Function::new([(1, ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(1) }))]);
    for i in 0..FIELDS {
        structure.instructions().local_get(0).i32_const(i as i32).i32_add();
        if i % 5 == 4 {
            structure.instructions().i32x4_splat();
        }
    }
    structure.instructions().struct_new(1).local_set(1);
    structure.instructions().local_get(1).struct_get(1, FIELDS - 2);
    structure.instructions().local_get(1).struct_get(1, FIELDS - 1).i32x4_extract_lane(2).i32_sub().end();
    let mut array = Function::new([]);
    for i in 0..FIELDS {
        array.instructions().i32_const(i as i32 * 7);
    }
    array.instructions().array_new_fixed(2, FIELDS).local_get(0).array_get_u(2).end();
    let mut codes = CodeSection::new();
    codes.function(&structure).function(&array);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&codes);
    let mut run = start(engine, &module.finish());
    assert_eq!(run.call("struct", &i32s(&[100])), i32s(&[u32::MAX]));
    assert_eq!(run.call("array", &i32s(&[9_999])), i32s(&[9_999 * 7 % 65_536]));
    assert_eq!(run.trap("array", &i32s(&[10_000])), "out of bounds array access");
}

/// A list of a million structures, kept through as many allocations of garbage: a collector must not recurse over it.
pub fn long_list(engine: &dyn Engine) {
    const COUNT: i32 = 1_000_000;
    let node = ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(1) });
    let field = |ty| FieldType { element_type: StorageType::Val(ty), mutable: true };
    let mut types = TypeSection::new();
    types.ty().function([I32], [I64]);
    types.ty().struct_([field(I32), field(node)]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let mut function = Function::new([(1, node), (1, I32), (1, I64)]);
    let (head, n, sum) = (1, 2, 3);
    let mut code = function.instructions();
    code.loop_(BlockType::Empty);
    code.local_get(n).local_get(head).struct_new(1).local_set(head);
    code.local_get(n).ref_null(HeapType::Concrete(1)).struct_new(1).drop();
    code.local_get(n).i32_const(1).i32_add().local_tee(n).local_get(0).i32_lt_s().br_if(0).end();
    code.loop_(BlockType::Empty);
    code.local_get(sum).local_get(head).struct_get(1, 0).i64_extend_i32_u().i64_add().local_set(sum);
    code.local_get(head).struct_get(1, 1).local_tee(head).ref_is_null().i32_eqz().br_if(0).end();
    code.local_get(sum).end();
    let mut codes = CodeSection::new();
    codes.function(&function);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&codes);
    let mut run = start(engine, &module.finish());
    let expected = (0..COUNT as u64).sum();
    for _ in 0..2 {
        assert_eq!(run.call("f", &i32s(&[COUNT as u32])), [Value::I64(expected)]);
    }
}

/// An exception through 2,000 calls that each catch it, and throw it on; and past 5,000 blocks that catch another.
pub fn far_exceptions(engine: &dyn Engine) {
    let mut types = TypeSection::new();
    types.ty().function([I32], [I32]);
    types.ty().function([I32], []);
    let exn = HeapType::Abstract { shared: false, ty: AbstractHeapType::Exn };
    types.ty().function([], [I32, ValType::Ref(RefType { nullable: false, heap_type: exn })]);
    let mut functions = FunctionSection::new();
    functions.function(0).function(0).function(0);
    let mut tags = TagSection::new();
    for _ in 0..2 {
        tags.tag(TagType { kind: TagKind::Exception, func_type_idx: 1 });
    }
    let mut exports = ExportSection::new();
    exports.export("calls", ExportKind::Func, 0).export("blocks", ExportKind::Func, 2);
    // Catches what the recursion ends in.
    let mut calls = Function::new([]);
    let mut code = calls.instructions();
    code.block(BlockType::Result(I32));
    code.try_table(BlockType::Empty, [Catch::One { tag: 0, label: 0 }]);
    code.local_get(0).call(1).drop().end();
    code.unreachable().end().end();
    // Throws at depth 0; on the way back each call catches the exception and throws it again.
    let mut recursion = Function::new([]);
    let mut code = recursion.instructions();
    code.local_get(0).i32_eqz().if_(BlockType::Empty).i32_const(77).throw(0).end();
    code.block(BlockType::FunctionType(2));
    code.try_table(BlockType::Empty, [Catch::OneRef { tag: 0, label: 0 }]);
    code.local_get(0).i32_const(1).i32_sub().call(1).return_().end();
    code.unreachable().end();
    code.throw_ref().end();
    let mut blocks = Function::new([]);
    let mut code = blocks.instructions();
    code.block(BlockType::Result(I32));
    code.try_table(BlockType::Empty, [Catch::One { tag: 0, label: 0 }]);
    code.block(BlockType::Result(I32));
    for _ in 0..5_000 {
        code.try_table(BlockType::Empty, [Catch::One { tag: 1, label: 0 }]);
        // The label of the next one is the same block, one deeper.
        code.block(BlockType::Result(I32));
    }
    code.local_get(0).throw(0);
    for _ in 0..5_000 {
        code.end().drop().end().i32_const(0).br(0);
    }
    code.end().drop().end();
    code.unreachable().end().end();
    let mut codes = CodeSection::new();
    codes.function(&calls).function(&recursion).function(&blocks);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&tags).section(&exports).section(&codes);
    let mut run = start(engine, &module.finish());
    assert_eq!(run.call("calls", &i32s(&[2_000])), i32s(&[77]));
    assert_eq!(run.call("blocks", &i32s(&[5])), i32s(&[5]));
}

/// 10,000 types that refer to each other in a circle, and a chain of 60 subtypes.
pub fn recursive_types(engine: &dyn Engine) {
    const CIRCLE: u32 = 10_000;
    const CHAIN: u32 = 60;
    let reference = |index| ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(index) });
    let field = |ty| FieldType { element_type: StorageType::Val(ty), mutable: true };
    let structure = |fields: Vec<FieldType>, supertype: Option<u32>, is_final| SubType {
        is_final,
        supertype_idxs: supertype.into_iter().collect(),
        composite_type: CompositeType {
            inner: CompositeInnerType::Struct(StructType { fields: fields.into() }),
            shared: false,
            descriptor: None,
            describes: None,
        },
    };
    let mut types = TypeSection::new();
    types.ty().rec((0..CIRCLE).map(|i| structure(vec![field(reference((i + 1) % CIRCLE))], None, true)));
    for i in 0..CHAIN {
        let above = i.checked_sub(1).map(|above| CIRCLE + above);
        types.ty().subtype(&structure(vec![field(I32); i as usize], above, false));
    }
    let function = CIRCLE + CHAIN;
    types.ty().function([I32], [I32]);
    let mut functions = FunctionSection::new();
    functions.function(function);
    let mut exports = ExportSection::new();
    exports.export("f", ExportKind::Func, 0);
    let any = ValType::Ref(RefType::ANYREF);
    let mut body = Function::new([(1, any)]);
    let mut code = body.instructions();
    // The last of the chain is all above it, and the first of the circle is none of them.
    code.struct_new_default(CIRCLE + CHAIN - 1).local_set(1).i32_const(0);
    for i in 0..CHAIN {
        code.local_get(1).ref_test_non_null(HeapType::Concrete(CIRCLE + i)).i32_add();
    }
    code.struct_new_default(0).local_set(1);
    for i in 0..CHAIN {
        code.local_get(1).ref_test_non_null(HeapType::Concrete(CIRCLE + i)).i32_add();
    }
    code.local_get(1).ref_test_non_null(HeapType::Concrete(0)).i32_add();
    code.local_get(1).ref_test_non_null(HeapType::Concrete(1)).i32_add().end();
    let mut codes = CodeSection::new();
    codes.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&codes);
    let mut run = start(engine, &module.finish());
    assert_eq!(run.call("f", &i32s(&[0])), i32s(&[CHAIN + 1]));
}
