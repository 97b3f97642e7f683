//! Loading: what a module becomes, what is refused and with which words, and sizes at the edge.

use super::suite::read_everything;
use super::*;
use std::time::{Duration, Instant};

const RICH: &str = r#"(module $rich
  (type $s (sub (struct (field i32) (field (mut (ref null $s))))))
  (type $a (array (mut i64)))
  (import "env" "f" (func $f (param i32) (result i64)))
  (import "env" "g" (global $g i32))
  (import "env" "m" (memory 1 3))
  (import "env" "t" (table 2 funcref))
  (import "env" "e" (tag $e (param i32)))
  (memory $m2 i64 1)
  (table $t2 3 (ref null $s) (struct.new $s (i32.const 1) (ref.null $s)))
  (global $h (mut i64) (i64.add (i64.const 40) (i64.const 2)))
  (global $i (ref $a) (array.new_fixed $a 2 (i64.const 7) (i64.const 8)))
  (global $j v128 (v128.const i64x2 1 2))
  (global $k funcref (ref.func $run))
  (tag $e2 (param f64))
  (func $run (export "run") (param $x i32) (result i32) (local f32 f32 v128)
    (block $b (br_if $b (local.get $x)))
    (try_table (result i32) (catch $e 0) (call $f (local.get $x)) drop (i32.const 5)))
  (func $start)
  (export "mem" (memory 0)) (export "tab" (table $t2)) (export "glo" (global $h)) (export "tag" (tag $e2))
  (start $start)
  (elem (i32.const 1) func $run $f)
  (elem declare func $start)
  (elem (ref null $s) (item (ref.null $s)))
  (elem funcref (ref.func $start) (ref.func $run))
  (data (global.get $g) "hello")
  (data "passive")
  (data (memory $m2) (i64.const 9) "x")
  (@custom "mine" "stuff"))"#;

#[test]
fn a_module_becomes_tables() {
    let m = load(RICH);
    assert_eq!((m.imports.len(), m.exports.len(), m.bodies.len()), (5, 5, 2));
    assert_eq!(&*m.imports[0].module, "env");
    assert_eq!(m.imports[0].ty, ExternType::Func(m.func_type_id(0)));
    assert_eq!((m.num_imported_funcs, m.num_imported_globals, m.num_imported_memories), (1, 1, 1));
    assert_eq!((m.num_imported_tables, m.num_imported_tags), (1, 1));
    assert_eq!((m.func_types.len(), m.defined_func(0), m.defined_func(2)), (3, None, Some(1)));
    assert_eq!(*m.func_type(0), FuncType::new([ValType::I32], [ValType::I64]));
    assert_eq!(*m.tag_type(1), FuncType::new([ValType::F64], []));
    assert_eq!(m.memories[0].maximum, Some(3));
    assert!(m.memories[1].is64 && m.memories[1].page_log2 == 16);
    assert_eq!(m.tables[0].init, None);
    let init = m.tables[1].init.as_ref().expect("an initial value");
    let s = HeapType::Concrete(m.types[0]);
    assert_eq!(init.ops(), [ConstOp::I32(1), ConstOp::RefNull(s), ConstOp::StructNew(0)]);
    assert_eq!(m.tables[1].ty.element, RefType::nullable(s));

    let global = |i: usize| m.globals[i].init.as_ref().expect("an initial value");
    assert_eq!(m.globals[0].init, None);
    assert_eq!(global(1).ops(), [ConstOp::I64(40), ConstOp::I64(2), ConstOp::I64Add]);
    assert_eq!(global(2).ops(), [ConstOp::I64(7), ConstOp::I64(8), ConstOp::ArrayNewFixed(1, 2)]);
    assert_eq!(global(3).as_slots(), Some([1, 2]));
    assert_eq!(global(4).as_func(), Some(1));

    assert_eq!(m.elems[0].items, ElemItems::Funcs([1, 0].into()));
    let offset = |kind: &SegmentKind| match kind {
        SegmentKind::Active { index, offset } => (*index, offset.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(offset(&m.elems[0].kind).1.as_offset(), Some(1));
    assert_eq!(m.elems[1].kind, SegmentKind::Declared);
    assert_eq!(m.elems[2].items, ElemItems::Exprs([ConstExpr::one(ConstOp::RefNull(s))].into()));
    assert_eq!(m.elems[3].items, ElemItems::Funcs([2, 1].into()));
    assert_eq!(m.elems[3].ty, RefType::FUNCREF);
    assert_eq!(m.slice(&m.datas[0].range), b"hello");
    assert_eq!(offset(&m.datas[0].kind).1.single(), Some(ConstOp::GlobalGet(0)));
    assert_eq!((m.datas[1].kind.clone(), m.slice(&m.datas[1].range)), (SegmentKind::Passive, &b"passive"[..]));
    assert_eq!((offset(&m.datas[2].kind).0, offset(&m.datas[2].kind).1.as_offset()), (1, Some(9)));
    assert_eq!(m.start, Some(2));
    assert_eq!(m.custom("mine"), Some(&b"stuff"[..]));
    assert_eq!((m.name(), m.func_name(1), m.func_name(9)), (Some("rich"), Some("run"), None));
    let tab = &m.exports[2];
    assert_eq!(
        (&*tab.name, tab.kind, m.export_type(tab)),
        ("tab", ExternKind::Table, ExternType::Table(m.tables[1].ty))
    );

    let body = m.body(0);
    assert_eq!(body.func, 1);
    assert_eq!(body.locals().collect::<Vec<_>>(), [(2, ValType::F32), (1, ValType::V128)]);
    let mut locals = body.locals();
    assert_eq!(locals.by_ref().count(), 2);
    let ops: Vec<u32> = locals.into_operators().map(|(_, offset)| offset).collect();
    assert_eq!(ops, body.operators().map(|(_, offset)| offset).collect::<Vec<_>>());
    assert_eq!(m.bytes[ops[0] as usize], 0x02, "the block");
    read_everything(&m);
}

#[test]
fn no_truncation_and_no_flipped_bit_panics() {
    let bytes = wat(RICH);
    let registry = TypeRegistry::new();
    // Custom sections come last, so cutting within or before them may leave a valid module.
    let mut valid = 0;
    for end in 0..bytes.len() {
        match try_load(&registry, &bytes[..end]) {
            Ok(m) => {
                read_everything(&m);
                valid += 1;
            }
            Err(e) => assert!(e.offset <= end, "{e}"),
        }
    }
    assert!(valid < 8, "{valid}");
    let mut twisted = bytes.clone();
    for bit in 0..bytes.len() * 8 {
        twisted[bit / 8] ^= 1 << (bit % 8);
        if let Ok(m) = try_load(&registry, &twisted) {
            read_everything(&m);
        }
        twisted[bit / 8] = bytes[bit / 8];
    }
    assert!(registry.is_empty());
}

#[test]
fn refusals_keep_the_usual_words() {
    let refused = |text: &str| try_load(&TypeRegistry::new(), &wat(text)).map(|_| ()).expect_err(text);
    let e = refused(r#"(module (func) (export "a" (func 0)) (export "a" (func 0)))"#);
    assert!(e.message.starts_with("duplicate export name"), "{e}");
    let e = refused(r#"(module (export "a" (table 3)))"#);
    assert!(e.message.starts_with("unknown table 3"), "{e}");
    let e = refused("(module (func (result i32)))");
    assert!(e.message.starts_with("type mismatch"), "{e}");
    assert_eq!(e.kind, LoadErrorKind::Invalid);
    // Exports count as declarations for ref.func, and nothing else here does.
    load(r#"(module (func $f) (export "f" (func $f)) (func (drop (ref.func $f))))"#);
    let e = refused(r#"(module (func $f) (func $g) (export "g" (func $g)) (func (drop (ref.func $f))))"#);
    assert!(e.message.starts_with("undeclared function reference"), "{e}");
    let many: String = (0..200).map(|i| format!("(func) (export \"{i}\" (func {i}))")).collect();
    load(&format!(
        "(module {many} (func (drop (ref.func 0)) (drop (ref.func 63)) (drop (ref.func 64)) (drop (ref.func 199))))"
    ));
    let e = refused(&format!("(module {many} (func (drop (ref.func 200))))"));
    assert!(e.message.starts_with("undeclared function reference"), "{e}");
    let e = refused(&format!("(module {many} (export \"150\" (func 0)))"));
    assert!(e.message.starts_with("duplicate export name `150`"), "{e}");
}

#[test]
fn each_proposal_can_be_switched_off_and_is_named() {
    let cases = [
        (Feature::MutableGlobals, r#"(module (import "" "" (global (mut i32))))"#),
        (Feature::MutableGlobals, r#"(module (global (mut i32) (i32.const 0)) (export "g" (global 0)))"#),
        (Feature::SaturatingFloatToInt, "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))"),
        (Feature::SignExtension, "(module (func (drop (i32.extend8_s (i32.const 0)))))"),
        (Feature::MultiValue, "(module (func (result i32 i32) (i32.const 0) (i32.const 0)))"),
        (Feature::BulkMemory, "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))"),
        (Feature::ReferenceTypes, "(module (func (param externref)))"),
        (Feature::Simd, "(module (func (drop (v128.const i64x2 0 0))))"),
        (
            Feature::RelaxedSimd,
            "(module (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))",
        ),
        (Feature::TailCall, "(module (func (return_call 0)))"),
        (Feature::ExtendedConst, "(module (global i32 (i32.add (i32.const 1) (i32.const 1))))"),
        (Feature::FunctionReferences, "(module (func (param (ref extern))))"),
        (Feature::Gc, "(module (type (struct)))"),
        (Feature::Gc, "(module (func (param anyref)))"),
        (Feature::MultiMemory, "(module (memory 1) (memory 1))"),
        (Feature::Memory64, "(module (memory i64 1))"),
        (Feature::Memory64, "(module (table i64 1 funcref))"),
        (Feature::Exceptions, "(module (tag))"),
        (Feature::LegacyExceptions, "(module (func try catch_all end))"),
        (Feature::Threads, "(module (memory 1 1 shared))"),
        (Feature::Threads, "(module (func (atomic.fence)))"),
        (Feature::WideArithmetic, "(module (func (param i64) (i64.mul_wide_s (local.get 0) (local.get 0)) drop drop))"),
        (Feature::CustomPageSizes, "(module (memory 1 (pagesize 1)))"),
    ];
    let mut seen = Features::ALL;
    for (feature, text) in cases {
        let bytes = wat(text);
        let load = |features| Module::load(&bytes[..], TypeRegistry::new(), features, &Limits::DEFAULT);
        load(Features::ALL).unwrap_or_else(|e| panic!("{feature}: {e}"));
        let e = load(Features::ALL.without(feature)).map(|_| ()).expect_err(text);
        assert_eq!(e.kind, LoadErrorKind::Disabled(feature), "{feature}: {e}");
        assert!(e.message.contains(feature.name()), "{feature}: {e}");
        let e = Module::validate(&bytes, Features::ALL.without(feature), &Limits::DEFAULT).expect_err(text);
        assert!(e.message.contains(feature.name()), "{feature}: {e}");
        // Nothing else is needed, as far as proposals stand on their own.
        let e = load(Features::WASM1).map(|_| ()).err();
        assert!(
            feature == Feature::MutableGlobals || e.is_some_and(|e| matches!(e.kind, LoadErrorKind::Disabled(_))),
            "{feature}"
        );
        seen = seen.without(feature);
    }
    // The assembler does not write compact imports: group encoding 1, one memory.
    seen = seen.without(Feature::CompactImports);
    let mut imports = vec![1, 1, b'm', 0, 0x7f, 1, 1, b'n', 2, 0, 1];
    let bytes = Binary::new().section(2, &imports).0;
    let m = try_load(&TypeRegistry::new(), &bytes).expect("a compact import");
    assert_eq!((&*m.imports[0].module, &*m.imports[0].name), ("m", "n"));
    let e =
        Module::validate(&bytes, Features::ALL.without(Feature::CompactImports), &Limits::DEFAULT).expect_err("off");
    assert!(e.message.contains("compact-imports"), "{e}");
    imports.pop();
    assert!(try_load(&TypeRegistry::new(), &Binary::new().section(2, &imports).0).is_err());
    assert_eq!(seen.iter().count(), 0, "not tried: {seen:?}");
    // A module that is wrong whatever is switched on is just invalid.
    let e = Module::validate(&wat("(module (func (result i32)))"), Features::WASM1, &Limits::DEFAULT).expect_err("bad");
    assert_eq!(e.kind, LoadErrorKind::Invalid);
}

#[test]
fn lowered_limits_hold() {
    let bytes = wat(r#"(module (type (func)) (type (func (param i32))) (import "" "" (func)) (import "" "" (func))
      (func (local i32 i64 i64) (block)) (func (param i32) (local i32) nop nop nop) (table 1 funcref) (table 1 funcref)
      (memory 1) (memory 1) (global i32 (i32.const 0)) (global i32 (i32.const 0)) (tag) (tag)
      (elem func) (elem func) (data) (data) (export "a" (func 0)) (export "b" (func 0)))"#);
    let check = |limits: Limits| Module::validate(&bytes, Features::ALL, &limits);
    let exact = Limits {
        module_size: bytes.len(),
        types: 2,
        imports: 2,
        exports: 2,
        functions: 4,
        tables: 2,
        memories: 2,
        globals: 2,
        tags: 2,
        elem_segments: 2,
        data_segments: 2,
        function_size: 9,
        function_locals: 3,
        function_nesting: 1,
    };
    check(exact.clone()).expect("within limits");
    let lower: [fn(&mut Limits); 14] = [
        |l| l.module_size -= 1,
        |l| l.types -= 1,
        |l| l.function_nesting -= 1,
        |l| l.imports -= 1,
        |l| l.exports -= 1,
        |l| l.functions -= 1,
        |l| l.tables -= 1,
        |l| l.memories -= 1,
        |l| l.globals -= 1,
        |l| l.tags -= 1,
        |l| l.elem_segments -= 1,
        |l| l.data_segments -= 1,
        |l| l.function_size -= 1,
        |l| l.function_locals -= 1,
    ];
    for (i, lower) in lower.iter().enumerate() {
        let mut limits = exact.clone();
        lower(&mut limits);
        let e = check(limits).expect_err("beyond a limit");
        assert_eq!(e.kind, LoadErrorKind::Limit, "{i}: {e}");
    }
}

#[test]
fn broken_name_sections_do_no_harm() {
    let module = |names: &[u8]| {
        let mut custom = b"\x04name".to_vec();
        custom.extend(names);
        let binary = Binary::new().section(1, &[1, 0x60, 0, 0]).section(3, &[2, 0, 0]);
        let bytes = binary.section(10, &[2, 2, 0, 0x0b, 2, 0, 0x0b]).section(0, &custom).0;
        try_load(&TypeRegistry::new(), &bytes).expect("custom sections cannot make a module invalid")
    };
    let whole = b"\x00\x02\x01m\x01\x07\x02\x00\x01f\x01\x01g";
    let m = module(whole);
    assert_eq!((m.name(), m.func_name(0), m.func_name(1)), (Some("m"), Some("f"), Some("g")));
    for end in 0..whole.len() {
        let m = module(&whole[..end]);
        assert!(m.name().is_none_or(|n| n == "m") && m.func_name(0).is_none_or(|n| n == "f"));
        assert_eq!(m.func_name(1), None);
    }
    // Not UTF-8, twice the same function, out of order, a size beyond the end, an index beyond the functions.
    let m = module(b"\x01\x0d\x04\x01\x01\xff\x00\x01f\x00\x01x\x63\x01y");
    assert_eq!((m.func_name(0), m.func_name(1), m.func_name(99)), (Some("f"), None, Some("y")));
    let m = module(b"\x01\x7f\x01\x00\x01f");
    assert_eq!(m.func_name(0), Some("f"));
    let m = module(b"\x01\x05\xff\xff\xff\xff\x0f");
    assert_eq!(m.func_name(0), None);
    let m = module(b"\x07\x01\x00\x01\x04\x01\x01\x01g\x00\x02\x01m");
    assert_eq!((m.name(), m.func_name(1)), (Some("m"), Some("g")));
}

#[test]
fn branch_hints_are_found_by_offset() {
    let m = load(
        r#"(module (func) (func (param i32)
          (block (@metadata.code.branch_hint "\01") (br_if 0 (local.get 0)))
          (block (@metadata.code.branch_hint "\00") (br_if 0 (local.get 0)))))"#,
    );
    let hints: Vec<_> = m.body(1).operators().map(|(_, offset)| m.branch_hint(1, offset)).collect();
    let given: Vec<_> = hints.iter().flatten().collect();
    assert_eq!(given, [&true, &false]);
    let branches = m.body(1).operators().filter(|(op, _)| matches!(op, ops::Operator::BrIf { .. }));
    assert!(branches.into_iter().all(|(_, offset)| m.branch_hint(1, offset).is_some()));
    assert_eq!((m.branch_hint(0, m.bodies[0].start), m.branch_hint(7, 0)), (None, None));
}

// Sizes at the edge.

/// `count` functions of type 0, all with the same body.
fn functions(types: &[u8], count: usize, body: &[u8]) -> Binary {
    let mut sized = Vec::new();
    leb(&mut sized, body.len() as u32);
    sized.extend(body);
    Binary::new().section(1, types).items(3, (0..count).map(|_| [0])).items(10, (0..count).map(|_| &sized))
}

fn in_time(what: &str, f: impl FnOnce()) {
    let start = Instant::now();
    f();
    assert!(start.elapsed() < Duration::from_secs(60), "{what} took {:?}", start.elapsed());
}

#[test]
fn exotic_sizes() {
    let registry = TypeRegistry::new();
    in_time("100,000 functions", || {
        let m = try_load(&registry, &functions(&[1, 0x60, 0, 0], 100_000, &[0, 0x0b]).0).expect("valid");
        assert_eq!(m.bodies.len(), 100_000);
    });
    in_time("1,000,000 exported functions", || {
        let func = Binary::new().section(1, &[1, 0x60, 1, 0x7f, 0]).section(3, &[1, 0]);
        let export = |i: usize| [&[7][..], format!("{i:07}").as_bytes(), &[0, 0]].concat();
        let binary = func.items(7, (0..1_000_000).map(export)).section(10, &[1, 2, 0, 0x0b]);
        let m = try_load(&registry, &binary.0).expect("valid");
        assert_eq!(m.exports.len(), 1_000_000);
    });
    in_time("1,000 parameters and results", || {
        let mut types = vec![1, 0x60];
        for _ in 0..2 {
            leb(&mut types, 1000);
            types.extend([0x7b; 1000]);
        }
        let m = try_load(&registry, &functions(&types, 3, &[0, 0x00, 0x0b]).0).expect("valid");
        assert_eq!(m.func_type(2).param_slots, 2000);
    });
    in_time("blocks 100,000 deep", || {
        let body = [&[0][..], &[0x02, 0x40].repeat(100_000), &[0x0b; 100_001]].concat();
        let m = try_load(&registry, &functions(&[1, 0x60, 0, 0], 1, &body).0).expect("valid");
        read_everything(&m);
    });
    in_time("a br_table of 50,000 entries", || {
        let mut body = vec![0, 0x41, 0, 0x0e];
        leb(&mut body, 50_000);
        body.extend([0; 50_001]);
        body.push(0x0b);
        let m = try_load(&registry, &functions(&[1, 0x60, 0, 0], 1, &body).0).expect("valid");
        read_everything(&m);
    });
    in_time("100,000 imports", || {
        let import = |i: usize| [&[1, b'e', 6][..], format!("{i:06}").as_bytes(), &[0, 0]].concat();
        let binary = Binary::new().section(1, &[1, 0x60, 0, 0]).items(2, (0..100_000).map(import));
        assert_eq!(try_load(&registry, &binary.0).expect("valid").imports.len(), 100_000);
    });
    in_time("an element segment of 1,000,000 functions", || {
        let mut elem = vec![2, 1, 0];
        leb(&mut elem, 1_000_000);
        elem.extend(vec![0; 1_000_000]);
        // The same again as expressions.
        elem.extend([5, 0x70]);
        leb(&mut elem, 1_000_000);
        elem.extend([0xd2, 0, 0x0b].repeat(1_000_000));
        let func = Binary::new().section(1, &[1, 0x60, 0, 0]).section(3, &[1, 0]);
        let m = try_load(&registry, &func.section(9, &elem).section(10, &[1, 2, 0, 0x0b]).0).expect("valid");
        assert_eq!(m.elems[0].items, m.elems[1].items);
    });
    in_time("a module of nothing", || {
        let m = try_load(&registry, &Binary::new().0).expect("valid");
        assert!(m.types.is_empty() && m.exports.is_empty());
    });
    assert!(registry.is_empty());
}

#[test]
fn parallel_validation_reports_the_first_error() {
    // 4 MB of code: nops, and a few bodies that end in a stray i32.const.
    let nops = |bad: bool| {
        let mut body = vec![0];
        body.extend([0x01; 400]);
        body.extend(if bad { &[0x41, 0, 0x0b][..] } else { &[0x01, 0x01, 0x0b] });
        let mut sized = Vec::new();
        leb(&mut sized, body.len() as u32);
        sized.extend(body);
        sized
    };
    let count = 10_000;
    let module = |bad: &[usize]| {
        let binary = Binary::new().section(1, &[1, 0x60, 0, 0]).items(3, (0..count).map(|_| [0]));
        binary.items(10, (0..count).map(|i| nops(bad.contains(&i)))).0
    };
    let registry = TypeRegistry::new();
    let good = try_load(&registry, &module(&[])).expect("valid");
    assert_eq!(good.bodies.len(), count);
    for bad in [&[0][..], &[9_999], &[5_000, 5_001, 9_000], &[170, 160, 4_000], &[9_999, 9_998, 1]] {
        let bytes = module(bad);
        let first = *bad.iter().min().expect("not empty");
        for _ in 0..5 {
            let e = try_load(&registry, &bytes).map(|_| ()).expect_err("a bad body");
            let body = &good.bodies[first];
            assert!((body.start..body.end).contains(&(e.offset as u32)), "{e} is not in body {first}");
        }
    }
}
