//! Linking, initialisation, exports, calls through the interpreter.

use super::*;
use crate::module::{ExternKind, GlobalType, MemoryType, RefType, TableType};
use crate::vm::trap::TrapKind;

#[test]
fn a_call_adds() {
    let s = store();
    let i = instance(
        &s,
        "(module (func (export \"add\") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
          (func (export \"two\") (param i64) (result i64 f32) local.get 0 f32.const 1.5))",
    );
    assert_eq!(call(&i, "add", &[Val::I32(2), Val::I32(40)]).unwrap(), Val::I32(42));
    let mut results = [Val::I32(0), Val::I32(0)];
    i.func("two").unwrap().call(&[Val::I64(-1)], &mut results).unwrap();
    assert_eq!(results, [Val::I64(-1), 1.5f32.into()]);
    let f = i.func("add").unwrap();
    assert_eq!(f.index(), Some(0));
    assert!(f.instance().unwrap().same(&i));
    assert!(f.same(&i.func("add").unwrap()), "one function, one identity");
    assert_eq!(f.ty().params.len(), 2);
    let mut slots = [1u64, 2];
    // SAFETY: two arguments, one result.
    unsafe { f.call_raw(slots.as_mut_ptr()).unwrap() };
    assert_eq!(slots[0] as u32, 3);
    assert!(i.export("none").is_none() && i.export_at(2).is_none());
    assert_eq!(i.exports().len(), 2);
}

#[test]
fn imports_are_counted_and_typed() {
    let s = store();
    let text = "(module (import \"a\" \"f\" (func (param i32))) (import \"a\" \"m\" (memory 2 4))
        (import \"a\" \"t\" (table 3 funcref)) (import \"a\" \"g\" (global (mut i64))) (import \"a\" \"e\" (tag (param f32))))";
    let f = |p: &[ValType]| Extern::from(Func::new(&s, &func_type(p, &[]), |_, _, _| Ok(())));
    let m = |minimum, maximum| {
        let ty = MemoryType { minimum, maximum, is64: false, shared: false, page_log2: 16 };
        Extern::from(Memory::new(&s, ty).unwrap())
    };
    let t = |minimum, element| {
        let init = Val::default_for(ValType::Ref(element), s.engine().types());
        Extern::from(Table::new(&s, TableType { element, minimum, maximum: None, is64: false }, &init).unwrap())
    };
    let g = |content, mutable| {
        let init = Val::default_for(content, s.engine().types());
        Extern::from(Global::new(&s, GlobalType { content, mutable }, &init).unwrap())
    };
    let e = |p: &[ValType]| Extern::from(Tag::new(&s, &func_type(p, &[])).unwrap());
    let good =
        || vec![f(&[ValType::I32]), m(2, Some(4)), t(3, RefType::FUNCREF), g(ValType::I64, true), e(&[ValType::F32])];
    instantiate(&s, text, &good()).unwrap();
    let error = |imports: &[Extern]| instantiate(&s, text, imports).unwrap_err().to_string();
    assert_eq!(error(&good()[..4]), "wrong number of imports: expected 5, found 4");
    let bad = [
        (0, f(&[]), "(func (param i32))", "(func)"),
        (0, m(1, None), "(func (param i32))", "(memory 1)"),
        (1, m(1, Some(4)), "(memory 2 4)", "(memory 1 4)"),
        (1, m(2, None), "(memory 2 4)", "(memory 2)"),
        (1, m(2, Some(5)), "(memory 2 4)", "(memory 2 5)"),
        (2, t(2, RefType::FUNCREF), "(table 3 funcref)", "(table 2 funcref)"),
        (2, t(3, RefType::EXTERNREF), "(table 3 funcref)", "(table 3 externref)"),
        (3, g(ValType::I64, false), "(global (mut i64))", "(global i64)"),
        (3, g(ValType::I32, true), "(global (mut i64))", "(global (mut i32))"),
        (4, e(&[]), "(tag (param f32))", "(tag)"),
    ];
    for (at, import, expected, found) in bad {
        let mut imports = good();
        imports[at] = import;
        let name = ["f", "m", "t", "g", "e"][at];
        let text =
            format!("incompatible import type for \"a\" \"{name}\" (import {at}): expected {expected}, found {found}");
        assert_eq!(error(&imports), text);
    }
    let Extern(grown) = m(1, Some(4));
    grown.as_memory().unwrap().grow(1).unwrap();
    let mut imports = good();
    imports[1] = Extern(grown);
    instantiate(&s, text, &imports).expect("the present size counts");
}

#[test]
fn constants_segments_and_exports() {
    let s = store();
    let base = Global::new(&s, GlobalType { content: ValType::I32, mutable: false }, &Val::I32(10)).unwrap();
    let i = instantiate(
        &s,
        r#"(module (import "" "base" (global $base i32))
            (global (export "sum") i32 (i32.add (global.get $base) (i32.mul (i32.const 3) (i32.const -4))))
            (global (export "wide") (mut i64) (i64.sub (i64.const 1) (i64.const 2)))
            (global (export "v") v128 (v128.const i64x2 1 2))
            (global (export "f") funcref (ref.func 0))
            (global (export "i31") (mut i31ref) (ref.i31 (i32.const -1)))
            (memory (export "m") 1) (memory (export "n") 1)
            (table (export "t") 4 funcref) (table (export "filled") 2 2 funcref (ref.func 0))
            (data (i32.const 1) "abc") (data (memory 1) (offset (global.get $base)) "xyz") (data $p "passive")
            (elem (table 0) (i32.const 1) func 0 0) (elem declare func 0)
            (elem (table 0) (offset (i32.sub (global.get $base) (i32.const 7))) funcref (ref.func 0))
            (func (export "id") (result i32) i32.const 7))"#,
        &[base.clone().into()],
    )
    .unwrap();
    let global = |n: &str| i.export(n).unwrap().into_global().unwrap();
    assert_eq!(global("sum").get(), Val::I32(-2));
    assert_eq!(global("wide").get(), Val::I64(-1));
    assert_eq!(global("v").get(), Val::V128(crate::util::V128::from_u128(2 << 64 | 1)));
    assert_eq!(global("f").get(), Val::FuncRef(i.func("id")));
    assert_eq!(global("i31").get(), Val::AnyRef(Some(AnyRef::I31(0x7fff_ffff))));
    assert!(global("wide").set(&Val::I64(8)) && !global("sum").set(&Val::I32(8)));
    assert_eq!(global("wide").get(), Val::I64(8));
    assert!(global("wide").same(&global("wide")));
    let mut b = [0; 5];
    assert!(i.export("m").unwrap().as_memory().unwrap().read(0, &mut b) && b == *b"\0abc\0");
    assert!(i.export("n").unwrap().as_memory().unwrap().read(9, &mut b) && b == *b"\0xyz\0");
    let table = i.export("t").unwrap().into_table().unwrap();
    let refs: Vec<bool> = (0..4).map(|k| !table.get(k).unwrap().is_null()).collect();
    assert_eq!(refs, [false, true, true, true]);
    assert!(!i.export("filled").unwrap().as_table().unwrap().get(1).unwrap().is_null());
    let kinds: Vec<ExternKind> = i.exports().map(|e| e.kind()).collect();
    assert_eq!(kinds[..5], [ExternKind::Global; 5]);
    assert_eq!(s.engine().types().describe(&i.export("wide").unwrap().ty()), "(global (mut i64))");
}

#[test]
fn segments_out_of_bounds_trap_in_order() {
    let s = store();
    let ty = MemoryType { minimum: 1, maximum: None, is64: false, shared: false, page_log2: 16 };
    let m = Memory::new(&s, ty).unwrap();
    let tt = TableType { element: RefType::FUNCREF, minimum: 2, maximum: None, is64: false };
    let t = Table::new(&s, tt, &Val::FuncRef(None)).unwrap();
    let imports = [m.clone().into(), t.clone().into()];
    let head = "(module (import \"\" \"m\" (memory 1)) (import \"\" \"t\" (table 2 funcref))
        (func (result i32) i32.const 5)";
    let kind = |body: &str| match instantiate(&s, &format!("{head} {body})"), &imports) {
        Err(InstantiateError::Trap(t)) => t.kind(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("(data (i32.const 0) \"a\") (data (i32.const 65536) \"b\")"), TrapKind::MemoryOutOfBounds);
    assert_eq!(kind("(data (i32.const -1) \"\")"), TrapKind::MemoryOutOfBounds);
    assert_eq!(kind("(elem (i32.const 1) func 0) (elem (i32.const 2) func 0)"), TrapKind::TableOutOfBounds);
    assert_eq!(kind("(func $s unreachable) (start $s)"), TrapKind::Unreachable);
    let mut b = [0];
    assert!(m.read(0, &mut b) && b == *b"a", "what was written before the trap stays");
    s.collect();
    let Some(Val::FuncRef(Some(f))) = t.get(1) else { panic!() };
    let mut r = [Val::I32(0)];
    f.call(&[], &mut r).unwrap();
    assert_eq!(r, [Val::I32(5)], "the failed instance lives on in the table");
    // Empty segments at the very end are fine.
    instantiate(&s, &format!("{head} (data (i32.const 65536) \"\") (elem (i32.const 2) func))"), &imports).unwrap();
}

#[test]
fn start_functions_run_with_imports() {
    let s = store();
    let log = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = log.clone();
    let f = Func::new(&s, &func_type(&[ValType::I32], &[]), move |caller, args, _| {
        let mut b = [0; 2];
        assert!(caller.memory().unwrap().read(args[0].as_i32().unwrap() as usize, &mut b));
        assert!(caller.instance().is_some());
        seen.lock().unwrap().push(b);
        Ok(())
    });
    let text = r#"(module (import "" "f" (func $f (param i32))) (memory (export "memory") 1) (data (i32.const 4) "hi")
        (func $s (call $f (i32.const 4))) (start $s))"#;
    instantiate(&s, text, &[f.into()]).unwrap();
    assert_eq!(*log.lock().unwrap(), [*b"hi"]);
    let direct = Func::new(&s, &func_type(&[], &[]), |c, _, _| Err(Trap::new(c.store(), "from the start")));
    match instantiate(&s, "(module (import \"\" \"f\" (func $f)) (start $f))", &[direct.into()]) {
        Err(InstantiateError::Trap(t)) => assert_eq!(t.to_string(), "from the start"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn traps_travel_unchanged_and_know_the_way() {
    let s = store();
    let f = Func::new(&s, &func_type(&[], &[]), |c, _, _| Err(Trap::with_payload(c.store(), "mine", Box::new(1u8))));
    let i = instantiate(
        &s,
        r#"(module (import "" "f" (func $f)) (func $a (export "a") (nop) (call $f)) (func (export "b") (call $a))
            (func $div (export "div") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
            (func (export "div2") (result i32) (call $div)))"#,
        &[f.into()],
    )
    .unwrap();
    let t = i.func("b").unwrap().call(&[], &mut []).unwrap_err();
    assert_eq!((t.kind(), &*t.message()), (TrapKind::Host, "mine"));
    assert!(t.payload().is_some());
    let frames: Vec<u32> = t.frames().map(|f| f.func_index).collect();
    assert_eq!(frames, [1, 2]);
    assert!(t.frame(0).unwrap().instance.same(&i));
    let t = call(&i, "div2", &[]).unwrap_err();
    assert_eq!(t.kind(), TrapKind::IntegerDivideByZero);
    assert_eq!(t.message(), "integer divide by zero");
    let frames: Vec<u32> = t.frames().map(|f| f.func_index).collect();
    assert_eq!(frames, [3, 4]);
    let (origin, module) = (t.frame(0).unwrap(), i.module().clone());
    // After the locals and two constants of two bytes each.
    assert_eq!(origin.func_offset, 5);
    assert_eq!(module.bytes[origin.module_offset as usize], 0x6e);
    drop((i, t.clone()));
    s.collect();
    assert!(t.frame(1).unwrap().instance.func("div").is_some(), "a trap keeps its instances alive");
}

/// A trap of another store stops the guest too, but comes out as one of the guest's own store: what it would remember of the guest,
/// and the exception that it may be, are of another world.
#[test]
fn traps_of_another_store_stop_and_stay_there() {
    let text = r#"(module (import "" "f" (func $f)) (tag $e) (func (export "a") (call $f))
        (func (export "b") (result i32)
            (block $caught (try_table (catch_all $caught) (call $f)) (return (i32.const 0))) (i32.const 1))
        (func (export "throws") (throw $e)))"#;
    in_every_tier(|| {
        let other = Store::new(&Engine::new(config())).unwrap();
        let nothing = Func::new(&other, &func_type(&[], &[]), |_, _, _| Ok(()));
        let thrower = instantiate(&other, text, &[nothing.into()]).unwrap();
        let thrown = call(&thrower, "throws", &[]).unwrap_err();
        assert!(thrown.thrown().is_some());
        for foreign in [Trap::new(&other, "elsewhere"), thrown] {
            let s = Store::new(&Engine::new(config())).unwrap();
            let (given, before) = (foreign.clone(), foreign.frame_count());
            let f = Func::new(&s, &func_type(&[], &[]), move |_, _, _| Err(given.clone()));
            let i = instantiate(&s, text, &[f.clone().into()]).unwrap();
            for (name, frames) in [("a", 1), ("b", 1)] {
                let trap = call(&i, name, &[]).unwrap_err();
                assert_eq!((trap.kind(), trap.message()), (TrapKind::Host, foreign.message()));
                assert_eq!(trap.frames().filter(|f| f.instance.same(&i)).count(), frames);
                assert!(trap.store().same(&s) && trap.thrown().is_none());
            }
            let trap = f.call(&[], &mut []).unwrap_err();
            assert!(trap.store().same(&s));
            drop((trap, f, i, s));
            assert_eq!(foreign.frames().count(), before);
        }
    });
}

/// A function that has tail-called one of the host is not on the stack any more, in whichever tier it ran.
#[test]
fn a_tail_call_of_the_host_leaves_no_frame() {
    let text = r#"(module (type $t (func)) (import "" "f" (func $f)) (import "" "other" (func $other))
        (table 1 funcref) (elem (i32.const 0) $f)
        (func $a (export "a") (nop) (return_call $f))
        (func $b (export "b") (nop) (return_call_indirect (type $t) (i32.const 0)))
        (func $c (export "c") (nop) (return_call_ref $t (ref.func $f)))
        (func (export "calls a") (call $a) (nop))
        (func (export "calls b") (nop) (call $b))
        (func (export "calls c") (nop) (nop) (call $c))
        (func $d (call $other) (nop))
        (func (export "calls d") (call $d) (nop)))"#;
    in_every_tier(|| {
        let s = Store::new(&Engine::new(config())).unwrap();
        let f = Func::new(&s, &func_type(&[], &[]), |c, _, _| Err(Trap::new(c.store(), "mine")));
        let inner = instantiate(&s, text, &[f.clone().into(), f.clone().into()]).unwrap();
        let i = instantiate(&s, text, &[f.into(), inner.func("a").unwrap().into()]).unwrap();
        // The function, and where in it the call is: the byte of its body, after the locals.
        for (name, expected) in [
            ("a", &[][..]),
            ("b", &[]),
            ("c", &[]),
            ("calls a", &[(5, 1)]),
            ("calls b", &[(6, 2)]),
            ("calls c", &[(7, 3)]),
            ("calls d", &[(8, 1), (9, 1)]),
        ] {
            for _ in 0..3 {
                let t = i.func(name).unwrap().call(&[], &mut []).unwrap_err();
                let frames: Vec<_> = t.frames().map(|f| (f.func_index, f.func_offset)).collect();
                assert_eq!((&*t.message(), &*frames), ("mine", expected), "{name}");
            }
        }
    });
}

#[test]
fn host_and_guest_take_turns_to_the_limit() {
    let s = Store::new(&Engine::new(Config { max_nesting: 50, ..Config::default() })).unwrap();
    let f = Func::new(&s, &func_type(&[ValType::I32], &[ValType::I32]), |c, args, results| {
        c.export("f").unwrap().as_func().unwrap().call(&[Val::I32(args[0].as_i32().unwrap() - 1)], results)
    });
    let i = instantiate(
        &s,
        r#"(module (import "" "f" (func $f (param i32) (result i32)))
            (func (export "f") (param i32) (result i32)
              (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 100))
                (else (i32.add (i32.const 1) (call $f (local.get 0)))))))"#,
        &[f.into()],
    )
    .unwrap();
    assert_eq!(call(&i, "f", &[Val::I32(20)]).unwrap(), Val::I32(120));
    assert_eq!(call(&i, "f", &[Val::I32(1000)]).unwrap_err().kind(), TrapKind::StackOverflow);
    assert_eq!(call(&i, "f", &[Val::I32(20)]).unwrap(), Val::I32(120), "the store is as good as new");
}

#[test]
fn guest_recursion_ends_in_a_trap() {
    let s = store();
    let i = instance(&s, "(module (func $f (export \"f\") (result i32) (call $f)))");
    for _ in 0..2 {
        assert_eq!(call(&i, "f", &[]).unwrap_err().kind(), TrapKind::StackOverflow);
    }
}

#[test]
fn memory_and_table_instructions_reach_the_runtime() {
    let s = store();
    s.set_limits(Limits { table_elements: 20, ..Limits::default() });
    let i = instance(
        &s,
        r#"(module (memory (export "memory") 1 3) (table $t (export "t") 1 funcref) (elem $e func $one $one)
            (func $one (result i32) i32.const 1)
            (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
            (func (export "size") (result i32) memory.size)
            (func (export "tgrow") (param i32) (result i32) (table.grow $t (ref.func $one) (local.get 0)))
            (func (export "init") (param i32 i32 i32) (result i32)
              (table.init $t $e (local.get 0) (local.get 1) (local.get 2)) (i32.const 0))
            (func (export "drop") (result i32) (elem.drop $e) (i32.const 0))
            (func (export "poke") (param i32) (result i32)
              (i32.store8 (local.get 0) (i32.const 9)) (i32.load8_u (local.get 0))))"#,
    );
    let n = |name: &str, args: &[i32]| {
        let args: Vec<Val> = args.iter().map(|v| Val::I32(*v)).collect();
        call(&i, name, &args).map(|v| v.as_i32().unwrap())
    };
    assert_eq!(n("grow", &[1]).unwrap(), 1);
    assert_eq!(n("grow", &[2]).unwrap(), -1);
    assert_eq!(n("size", &[]).unwrap(), 2);
    assert_eq!(n("poke", &[2 * 65536 - 1]).unwrap(), 9);
    assert_eq!(n("poke", &[2 * 65536]).unwrap_err().kind(), TrapKind::MemoryOutOfBounds);
    i.export("memory").unwrap().as_memory().unwrap().grow(1).unwrap();
    assert_eq!(n("poke", &[3 * 65536 - 1]).unwrap(), 9);
    assert_eq!(n("tgrow", &[3]).unwrap(), 1);
    assert_eq!(n("tgrow", &[100]).unwrap(), -1);
    let t = i.export("t").unwrap().into_table().unwrap();
    assert!(t.get(0).unwrap().is_null() && !t.get(3).unwrap().is_null());
    n("init", &[0, 1, 1]).unwrap();
    assert!(!t.get(0).unwrap().is_null());
    assert_eq!(n("init", &[0, 1, 2]).unwrap_err().kind(), TrapKind::TableOutOfBounds);
    assert_eq!(n("init", &[3, 0, 2]).unwrap_err().kind(), TrapKind::TableOutOfBounds);
    n("drop", &[]).unwrap();
    n("init", &[0, 0, 0]).unwrap();
    assert_eq!(n("init", &[0, 0, 1]).unwrap_err().kind(), TrapKind::TableOutOfBounds);
}

#[test]
fn externrefs_keep_their_identity() {
    let s = store();
    let i = instance(
        &s,
        r#"(module (table $t (export "t") 2 externref) (global $g (mut externref) (ref.null extern))
            (func (export "put") (param externref) (result externref)
              (table.set $t (i32.const 1) (local.get 0)) (global.set $g (local.get 0)) (global.get $g)))"#,
    );
    let foreign = Foreign::new(&s);
    let v = Val::extern_ref(foreign.clone());
    assert_eq!(call(&i, "put", std::slice::from_ref(&v)).unwrap(), v);
    foreign.as_ref().set_host_info(7 as _, None);
    drop(foreign);
    drop(v);
    s.collect();
    let Some(Val::ExternRef(Some(AnyRef::Host(r)))) = i.export("t").unwrap().as_table().unwrap().get(1) else {
        panic!()
    };
    assert_eq!(r.host_info() as usize, 7);
    let v = Val::ExternRef(None);
    assert_eq!(call(&i, "put", std::slice::from_ref(&v)).unwrap(), v);
}
