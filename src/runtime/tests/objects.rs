//! Memories, tables, globals, tags, functions, traps: each alone, and what they refuse.

use super::*;
use crate::module::{GlobalType, HeapType, MemoryType, RefType, TableType};
use crate::util::V128;
use crate::vm::trap::TrapKind;

fn memory_type(minimum: u64, maximum: Option<u64>) -> MemoryType {
    MemoryType { minimum, maximum, is64: false, shared: false, page_log2: 16 }
}

fn table_type(element: RefType, minimum: u64, maximum: Option<u64>) -> TableType {
    TableType { element, minimum, maximum, is64: false }
}

#[test]
fn a_memory_reads_writes_and_grows() {
    let s = store();
    let m = Memory::new(&s, memory_type(1, Some(3))).unwrap();
    assert_eq!((m.size(), m.data_len()), (1, 65536));
    assert!(m.write(65533, &[1, 2, 3]));
    assert!(!m.write(65534, &[1, 2, 3]) && !m.write(usize::MAX, &[1]));
    let mut bytes = [0; 4];
    assert!(m.read(65532, &mut bytes));
    assert_eq!(bytes, [0, 1, 2, 3]);
    assert!(!m.read(65533, &mut bytes));
    assert_eq!(m.grow(0), Some(1));
    assert_eq!(m.grow(1), Some(1));
    assert_eq!(m.grow(2), None);
    assert_eq!(m.grow(u64::MAX), None);
    assert_eq!(m.grow(1), Some(2));
    assert_eq!(m.size(), 3);
    assert!(m.read(65532, &mut bytes));
    assert_eq!(bytes, [0, 1, 2, 3]);
    assert!(m.read(3 * 65536 - 4, &mut bytes));
    assert_eq!(bytes, [0; 4]);
    assert_eq!(m.current_type().minimum, 3);
    assert_eq!(m.ty(), memory_type(1, Some(3)));
}

#[test]
fn contradictory_types_are_refused() {
    let s = store();
    assert_eq!(Memory::new(&s, memory_type(2, Some(1))).unwrap_err(), CreateError::Invalid("memory limits"));
    assert!(Memory::new(&s, memory_type(65537, None)).is_err());
    assert!(Memory::new(&s, memory_type(0, Some(65537))).is_err());
    assert!(Memory::new(&s, MemoryType { page_log2: 3, ..memory_type(0, None) }).is_err());
    assert!(Memory::new(&s, MemoryType { shared: true, ..memory_type(0, None) }).is_err());
    assert!(Table::new(&s, table_type(RefType::FUNCREF, 2, Some(1)), &Val::FuncRef(None)).is_err());
    assert!(Table::new(&s, table_type(RefType::FUNCREF, 1 << 32, None), &Val::FuncRef(None)).is_err());
    assert!(Tag::new(&s, &func_type(&[], &[ValType::I32])).is_err());
}

#[test]
fn memories_of_every_kind() {
    for reserve in [true, false] {
        let s = Store::new(&Engine::new(Config { reserve_memories: reserve, ..Config::default() })).unwrap();
        let m = Memory::new(&s, memory_type(0, None)).unwrap();
        if cfg!(all(unix, target_pointer_width = "64")) {
            assert_eq!(m.is_immovable(), reserve);
        }
        assert_eq!(m.data_len(), 0);
        for i in 0..20 {
            assert_eq!(m.grow(1), Some(i));
            assert!(m.write(i as usize * 65536, &[i as u8 + 1]));
        }
        for i in 0..20 {
            let mut b = [0];
            assert!(m.read(i * 65536, &mut b) && b == [i as u8 + 1]);
        }
        // 64-bit, and pages of one byte.
        let wide = MemoryType { is64: true, ..memory_type(1, None) };
        let m = Memory::new(&s, wide).unwrap();
        assert_eq!(m.grow(9), Some(1));
        assert!(m.write(10 * 65536 - 1, &[1]));
        assert_eq!(m.grow(1 << 48), None);
        let m = Memory::new(&s, MemoryType { page_log2: 0, ..memory_type(5, Some(5000)) }).unwrap();
        assert_eq!((m.data_len(), m.grow(4094), m.data_len()), (5, Some(5), 4099));
        assert!(m.write(4098, &[1]) && !m.write(4099, &[1]));
        assert_eq!(m.grow(902), None);
        let m = Memory::new(&s, MemoryType { is64: true, ..memory_type(1, Some(16)) }).unwrap();
        assert_eq!(m.grow(15), Some(1));
    }
}

#[test]
fn pooled_memories_come_back_zero() {
    let engine = Engine::default();
    for size in [3, 1, 2, 0, 3] {
        let s = Store::new(&engine).unwrap();
        let m = Memory::new(&s, memory_type(size, None)).unwrap();
        let bytes = vec![0xa5; m.data_len()];
        let mut seen = vec![1; m.data_len()];
        assert!(m.read(0, &mut seen));
        assert!(seen.iter().all(|b| *b == 0));
        assert!(m.write(0, &bytes));
        assert_eq!(m.grow(1), Some(size));
        assert!(m.read(size as usize * 65536, &mut vec![0; 65536]));
    }
}

#[test]
fn limits_and_the_hook_are_asked() {
    let s = store();
    s.set_limits(Limits {
        memory_bytes: 3 * 65536,
        total_memory_bytes: 4 * 65536,
        table_elements: 10,
        memories: 2,
        tables: 1,
        ..Limits::default()
    });
    let a = Memory::new(&s, memory_type(1, None)).unwrap();
    assert_eq!(a.grow(3), None);
    assert_eq!(a.grow(2), Some(1));
    assert_eq!(Memory::new(&s, memory_type(2, None)).unwrap_err(), CreateError::Limit("memory size"));
    let b = Memory::new(&s, memory_type(1, None)).unwrap();
    assert_eq!(b.grow(1), None);
    assert_eq!(Memory::new(&s, memory_type(0, None)).unwrap_err(), CreateError::Limit("number of memories"));
    drop(a);
    let c = Memory::new(&s, memory_type(2, None)).unwrap();
    let t = Table::new(&s, table_type(RefType::FUNCREF, 9, None), &Val::FuncRef(None)).unwrap();
    assert_eq!(t.grow(2, &Val::FuncRef(None)), None);
    assert_eq!(t.grow(1, &Val::FuncRef(None)), Some(9));
    assert!(Table::new(&s, table_type(RefType::FUNCREF, 1, None), &Val::FuncRef(None)).is_err());
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = asked.clone();
    s.set_growth_hook(Some(Box::new(move |g| {
        log.lock().unwrap().push(g);
        false
    })));
    assert_eq!(c.grow(1), None);
    assert_eq!(*asked.lock().unwrap(), [Growth::Memory { from: 2 * 65536, to: 3 * 65536, max: None }]);
    s.set_growth_hook(None);
    assert_eq!(c.grow(1), Some(2));
    s.set_limits(Limits { instances: 1, ..Limits::default() });
    let _i = instance(&s, "(module)");
    assert!(matches!(
        instantiate(&s, "(module)", &[]),
        Err(InstantiateError::Create(CreateError::Limit("number of instances")))
    ));
}

#[test]
fn a_table_holds_references() {
    let s = store();
    let f = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
    let t = Table::new(&s, table_type(RefType::FUNCREF, 2, Some(5)), &Val::FuncRef(None)).unwrap();
    assert_eq!(t.get(1), Some(Val::FuncRef(None)));
    assert_eq!(t.get(2), None);
    assert_eq!(t.get(u64::MAX), None);
    assert!(t.set(1, &f.clone().into()));
    assert!(!t.set(2, &f.clone().into()));
    assert!(!t.set(0, &Val::I32(0)) && !t.set(0, &Val::ExternRef(None)));
    assert_eq!(t.get(1), Some(Val::FuncRef(Some(f.clone()))));
    assert_eq!(t.grow(2, &f.clone().into()), Some(2));
    assert_eq!(t.grow(2, &Val::FuncRef(None)), None);
    assert_eq!(t.grow(u64::MAX, &Val::FuncRef(None)), None);
    assert_eq!(t.get(3), Some(Val::FuncRef(Some(f))));
    assert_eq!(t.current_type().minimum, 4);
    let t = Table::new(&s, table_type(RefType::EXTERNREF, 1, None), &Val::ExternRef(None)).unwrap();
    let foreign = Foreign::new(&s);
    assert!(t.set(0, &Val::extern_ref(foreign.clone())));
    assert_eq!(t.get(0), Some(Val::extern_ref(foreign)));
    assert!(t.set(0, &Val::ExternRef(Some(AnyRef::I31(7)))));
    assert_eq!(t.get(0), Some(Val::ExternRef(Some(AnyRef::I31(7)))));
    for i in 0..1000 {
        assert_eq!(t.grow(1, &Val::ExternRef(None)), Some(1 + i));
    }
}

#[test]
fn globals_of_every_type() {
    let s = store();
    let f = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
    let vals = [
        (ValType::I32, Val::I32(-5)),
        (ValType::I64, Val::I64(i64::MIN)),
        (ValType::F32, Val::F32(0x7fa0_0001)),
        (ValType::F64, Val::F64(0x7ff4_0000_0000_0001)),
        (ValType::V128, Val::V128(V128::from_u128(u128::MAX / 3))),
        (ValType::FUNCREF, Val::FuncRef(Some(f.clone()))),
        (ValType::FUNCREF, Val::FuncRef(None)),
        (ValType::EXTERNREF, Val::extern_ref(f.clone())),
        (ValType::ANYREF, Val::AnyRef(Some(AnyRef::I31(0x7fff_ffff)))),
        (ValType::EXNREF, Val::ExnRef(None)),
    ];
    for (content, v) in vals {
        let g = Global::new(&s, GlobalType { content, mutable: false }, &v).unwrap();
        assert_eq!(g.get(), v);
        assert!(!g.set(&v), "immutable");
        let zero = Val::default_for(content, s.engine().types());
        let g = Global::new(&s, GlobalType { content, mutable: true }, &zero).unwrap();
        assert!(g.set(&v));
        assert_eq!(g.get(), v);
        assert!(!g.set(&if content == ValType::I32 { Val::I64(0) } else { Val::I32(0) }));
    }
    assert!(Global::new(&s, GlobalType { content: ValType::I32, mutable: true }, &Val::I64(0)).is_err());
}

#[test]
fn concrete_types_match_exactly() {
    let s = store();
    let ty = func_type(&[ValType::I32], &[]);
    let id = s.engine().types().intern_func(&ty);
    let content = ValType::Ref(RefType::non_null(HeapType::Concrete(id.id())));
    let right = Func::new(&s, &ty, |_, _, _| Ok(()));
    let wrong = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
    let gt = GlobalType { content, mutable: true };
    assert!(Global::new(&s, gt, &Val::FuncRef(None)).is_err());
    assert!(Global::new(&s, gt, &wrong.into()).is_err());
    let g = Global::new(&s, gt, &right.clone().into()).unwrap();
    drop(id);
    drop(right);
    assert!(matches!(g.get(), Val::FuncRef(Some(f)) if *f.ty() == ty));
}

#[test]
fn stores_do_not_mix() {
    let (a, b) = (store(), store());
    let f = Func::new(&a, &func_type(&[], &[]), |_, _, _| Ok(()));
    let t = Table::new(&b, table_type(RefType::FUNCREF, 1, None), &Val::FuncRef(None)).unwrap();
    assert!(!t.set(0, &f.clone().into()));
    assert!(!Val::extern_ref(f.clone()).matches(ValType::EXTERNREF, &b));
    let text = "(module (import \"m\" \"f\" (func)))";
    // The same engine is needed first.
    let engine = Engine::default();
    let (a, b) = (Store::new(&engine).unwrap(), Store::new(&engine).unwrap());
    let g = Func::new(&a, &func_type(&[], &[]), |_, _, _| Ok(()));
    let m = module(&b, text);
    match Instance::new(&b, &m, &[g.clone().into()]) {
        Err(e @ InstantiateError::WrongStore(_)) => {
            assert_eq!(e.to_string(), "import \"m\" \"f\" (import 0) belongs to another store");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(Instance::new(&f.store(), &m, &[f.into()]), Err(InstantiateError::WrongEngine)));
    assert!(Instance::new(&a, &m, &[g.into()]).is_ok(), "code is shared by the stores of an engine");
}

#[test]
fn host_functions_called_by_the_host() {
    let s = store();
    let all = [ValType::I32, ValType::V128, ValType::F64, ValType::EXTERNREF];
    let f = Func::new(&s, &func_type(&all, &all), |caller, args, results| {
        assert!(caller.instance().is_none() && caller.memory().is_none());
        results.clone_from_slice(args);
        Ok(())
    });
    let args = [Val::I32(1), Val::V128(V128::from_u128(2)), 3.5f64.into(), Val::extern_ref(Foreign::new(&s))];
    let mut results = [const { Val::I32(9) }; 5];
    f.call(&args, &mut results).unwrap();
    assert_eq!(results[..4], args);
    assert_eq!(results[4], Val::I32(9), "room to spare is left alone");
    let text = |t: Result<(), Trap>| t.unwrap_err().to_string();
    assert_eq!(text(f.call(&args[..3], &mut results)), "wrong number of arguments: expected 4, found 3");
    assert_eq!(text(f.call(&args, &mut results[..3])), "not enough room for the results: expected 4, found 3");
    let bad = [Val::I32(1), Val::I32(2), 3.5f64.into(), Val::ExternRef(None)];
    assert!(text(f.call(&bad, &mut results)).starts_with("argument 1 has the wrong type"));
    let f = Func::new(&s, &func_type(&[], &[ValType::I32]), |_, _, results| {
        results[0] = Val::I64(1);
        Ok(())
    });
    assert!(text(f.call(&[], &mut results)).starts_with("result 0 of the host function has the wrong type"));
    let f = Func::new(&s, &func_type(&[], &[]), |_, _, _| panic!("on purpose"));
    assert_eq!(text(f.call(&[], &mut [])), "the host function panicked");
    assert!(f.index().is_none() && f.instance().is_none());
}

#[test]
fn endless_host_recursion_is_a_trap() {
    let s = store();
    // Emptied at the end: a closure that owns a handle of its own store keeps it for ever.
    let cell = std::sync::Arc::new(std::sync::Mutex::new(None::<Func>));
    let me = cell.clone();
    let f = Func::new(&s, &func_type(&[], &[]), move |_, _, _| {
        let f = me.lock().unwrap().clone();
        f.unwrap().call(&[], &mut [])
    });
    *cell.lock().unwrap() = Some(f.clone());
    assert_eq!(f.call(&[], &mut []).unwrap_err().kind(), TrapKind::StackOverflow);
    *cell.lock().unwrap() = None;
}

#[test]
fn traps_carry_words_and_payload() {
    let s = store();
    let t = Trap::new(&s, "no \0 more");
    assert_eq!((t.kind(), t.message_bytes(), t.frame_count()), (TrapKind::Host, &b"no \0 more"[..], 0));
    let t = Trap::of_kind(&s, TrapKind::Unreachable);
    assert_eq!(t.to_string(), "unreachable");
    let t = Trap::with_payload(&s, "exit", Box::new(42u8));
    let code = Func::new(&s, &func_type(&[], &[]), move |_, _, _| Err(t.clone())).call(&[], &mut []).unwrap_err();
    assert_eq!(code.payload().and_then(|p| p.downcast_ref::<u8>()), Some(&42));
    assert_eq!(Trap::new(&s, vec![0xff, b'x']).message(), "\u{fffd}x");
}

#[test]
fn views_and_raw_handles() {
    let s = store();
    let m = Memory::new(&s, memory_type(0, None)).unwrap();
    let r: Ref = m.clone().into();
    assert_eq!(r.kind(), ObjKind::Memory);
    assert!(r.as_memory().is_some_and(|v| v.same(&m)));
    assert!(r.as_func().is_none() && r.as_extern().is_some() && r.as_instance().is_none());
    assert!(Func::from_ref(r.clone()).is_err());
    let handles = s.handle_count();
    let raw = r.into_raw();
    assert_eq!(s.handle_count(), handles);
    // SAFETY: from `into_raw`, once.
    let back = unsafe { Ref::from_raw(raw) };
    assert!(back.same(m.as_ref()));
    assert_eq!(size_of::<Func>(), size_of::<*const ()>());
    assert_eq!(size_of::<Option<Extern>>(), size_of::<*const ()>());
    assert!(Foreign::new(&s).as_ref().as_extern().is_none());
}

/// A hook on growth may call guests: their frames lie above that of the guest that grows.
#[test]
fn a_growth_hook_may_call_guests() {
    let s = store();
    let i = instance(
        &s,
        r#"(module (memory 1 10) (table 1 10 funcref)
            (func (export "deep") (param i32) (result i32) (local i64 i64 i64 i64)
                (local.set 1 (i64.const -1)) (local.set 2 (i64.const -1)) (local.set 3 (i64.const -1))
                (if (result i32) (local.get 0)
                    (then (i32.add (i32.const 1) (call 0 (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
            (func (export "grow") (param i32) (result i32) (local i32 i32 i32)
                (local.set 1 (i32.const 11)) (local.set 2 (i32.const 22)) (local.set 3 (i32.const 33))
                (i32.add (i32.mul (local.get 0) (i32.const 1000))
                    (i32.add (memory.grow (i32.const 1))
                        (i32.add (table.grow (ref.null func) (i32.const 1))
                            (i32.add (local.get 1) (i32.add (local.get 2) (local.get 3))))))))"#,
    );
    let deep = i.func("deep").unwrap();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(0));
    let count = asked.clone();
    s.set_growth_hook(Some(Box::new(move |_| {
        let mut results = [Val::I32(0)];
        deep.call(&[Val::I32(50)], &mut results).unwrap();
        count.fetch_add(results[0].as_i32().unwrap(), std::sync::atomic::Ordering::Relaxed);
        true
    })));
    assert_eq!(call(&i, "grow", &[Val::I32(7)]).unwrap(), Val::I32(7000 + 1 + 1 + 66));
    assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 100);
    // The hook holds an object of its own store.
    s.set_growth_hook(None);
}
