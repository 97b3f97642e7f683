//! Who frees what, when, and in which order; finalizers.

use super::*;
use crate::module::{GlobalType, MemoryType, RefType, TableType};
use core::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Counts how often the finalizers of one test have run.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }

    fn watch(&self, r: &Ref) {
        unsafe extern "C" fn finalize(info: *mut c_void) {
            // SAFETY: the counter outlives the store of its test.
            unsafe { (*info.cast::<Count>()).0.fetch_add(1, SeqCst) };
        }
        r.set_host_info(std::ptr::from_ref(self).cast_mut().cast(), Some(finalize));
    }
}

const MEMORY: MemoryType = MemoryType { minimum: 1, maximum: None, is64: false, shared: false, page_log2: 16 };

#[test]
fn what_no_guest_saw_dies_with_its_last_handle() {
    let (s, c) = (store(), Count::default());
    let f = Foreign::new(&s);
    c.watch(f.as_ref());
    let g = f.clone();
    drop(f);
    assert_eq!((c.get(), s.object_count()), (0, 1));
    drop(g);
    assert_eq!((c.get(), s.object_count()), (1, 0));
    drop(Memory::new(&s, MEMORY).unwrap());
    drop(Trap::new(&s, "x"));
    let func = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
    c.watch(func.as_ref());
    drop(func);
    assert_eq!((c.get(), s.object_count(), s.handle_count()), (2, 0, 1));
}

#[test]
fn the_store_dies_with_the_last_handle_of_any_kind() {
    let c = Count::default();
    let s = store();
    let i = instance(&s, "(module (func (export \"f\")) (global (export \"g\") i32 (i32.const 3)))");
    let (f, g) = (i.func("f").unwrap(), i.export("g").unwrap().into_global().unwrap());
    c.watch(f.as_ref());
    c.watch(g.as_ref());
    c.watch(i.as_ref());
    drop(s);
    drop(i);
    f.call(&[], &mut []).unwrap();
    drop(f);
    assert_eq!((g.get(), c.get()), (Val::I32(3), 0));
    drop(g);
    assert_eq!(c.get(), 3);
}

#[test]
fn every_order_of_deletion() {
    // Six handles into one store; all 720 orders.
    fn orders(n: usize) -> Vec<Vec<usize>> {
        if n == 0 {
            return vec![vec![]];
        }
        let mut all = Vec::new();
        for o in orders(n - 1) {
            for at in 0..=o.len() {
                let mut p = o.clone();
                p.insert(at, n - 1);
                all.push(p);
            }
        }
        all
    }
    let engine = Engine::default();
    let code = engine
        .compile(wat("(module (import \"\" \"f\" (func)) (memory (export \"m\") 1) (table (export \"t\") 1 funcref)
            (elem (i32.const 0) func 1) (func (export \"g\")))"))
        .unwrap();
    for order in orders(6) {
        let c = Count::default();
        let s = Store::new(&engine).unwrap();
        let f = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
        let m = Module::from_code(&s, code.clone());
        let i = Instance::new(&s, &m, &[f.clone().into()]).unwrap();
        let mut handles: Vec<Option<Ref>> = vec![
            Some(f.into_ref()),
            Some(m.into_ref()),
            Some(i.export("m").unwrap().into_ref()),
            Some(i.export("t").unwrap().into_ref()),
            Some(i.func("g").unwrap().into_ref()),
            Some(i.into_ref()),
        ];
        handles.iter().flatten().for_each(|r| c.watch(r));
        drop(s);
        for at in order {
            handles[at] = None;
        }
        assert_eq!(c.get(), 6);
    }
}

#[test]
fn cycles_of_instances_are_collected() {
    let (s, c) = (store(), Count::default());
    // Each instance puts its function into a table that the other imports.
    let a =
        instance(&s, "(module (table (export \"t\") 1 funcref) (func $f (export \"f\")) (elem (i32.const 0) func $f))");
    let text = "(module (import \"\" \"t\" (table 1 funcref)) (import \"\" \"f\" (func)) (func $g (export \"g\"))
        (elem (i32.const 0) func $g))";
    let b = instantiate(&s, text, &[a.export("t").unwrap(), a.export("f").unwrap()]).unwrap();
    c.watch(a.as_ref());
    c.watch(b.as_ref());
    c.watch(b.func("g").unwrap().as_ref());
    drop(a);
    s.collect();
    assert_eq!(c.get(), 0, "reached from b");
    let g = b.func("g").unwrap();
    drop(b);
    s.collect();
    assert_eq!(c.get(), 0, "a function keeps its instance");
    drop(g);
    assert!(s.collect() > 0);
    assert_eq!((c.get(), s.object_count()), (3, 0));
}

#[test]
fn a_table_keeps_functions_and_a_global_keeps_externs() {
    let (s, c) = (store(), Count::default());
    let tt = TableType { element: RefType::FUNCREF, minimum: 1, maximum: None, is64: false };
    let t = Table::new(&s, tt, &Val::FuncRef(None)).unwrap();
    let f = Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(()));
    c.watch(f.as_ref());
    assert!(t.set(0, &f.into()));
    let foreign = Foreign::new(&s);
    c.watch(foreign.as_ref());
    let gt = GlobalType { content: ValType::EXTERNREF, mutable: true };
    let g = Global::new(&s, gt, &Val::extern_ref(foreign)).unwrap();
    s.collect();
    assert_eq!(c.get(), 0);
    assert!(t.set(0, &Val::FuncRef(None)));
    s.collect();
    assert_eq!(c.get(), 1);
    assert!(g.set(&Val::ExternRef(None)));
    s.collect();
    assert_eq!(c.get(), 2);
    // The index is used again.
    let (a, b) = (Foreign::new(&s), Foreign::new(&s));
    assert!(g.set(&Val::extern_ref(a.clone())));
    assert_eq!(g.get(), Val::extern_ref(a));
    assert!(g.set(&Val::extern_ref(b.clone())));
    assert_eq!(g.get(), Val::extern_ref(b));
    assert_eq!(s.inner().externs.borrow().slots.len(), 2);
}

#[test]
fn growth_collects_by_itself() {
    let s = store();
    let m = module(&s, "(module (memory 1) (func (export \"f\")) (table 1 funcref) (elem (i32.const 0) func 0))");
    for _ in 0..2000 {
        let i = Instance::new(&s, &m, &[]).unwrap();
        i.func("f").unwrap().call(&[], &mut []).unwrap();
    }
    assert!(s.object_count() < 1000, "{}", s.object_count());
    for _ in 0..20_000 {
        let tt = TableType { element: RefType::EXTERNREF, minimum: 1, maximum: None, is64: false };
        Table::new(&s, tt, &Val::extern_ref(Foreign::new(&s))).unwrap();
    }
    assert!(s.object_count() < 10_000, "{}", s.object_count());
    // Objects that are made only while a guest runs, and forgotten by it.
    let f = Func::new(&s, &func_type(&[], &[ValType::EXTERNREF]), |caller, _, results| {
        results[0] = Val::extern_ref(Foreign::new(caller.store()));
        Ok(())
    });
    let text = "(module (import \"\" \"f\" (func $f (result externref))) (func (export \"f\") (drop (call $f))))";
    let i = instantiate(&s, text, &[f.into()]).unwrap();
    let f = i.func("f").unwrap();
    for _ in 0..50_000 {
        f.call(&[], &mut []).unwrap();
    }
    assert!(s.object_count() < 10_000, "{}", s.object_count());
}

#[test]
fn nothing_is_collected_while_a_guest_runs() {
    let (s, c) = (store(), std::sync::Arc::new(Count::default()));
    let count = c.clone();
    let f = Func::new(&s, &func_type(&[], &[ValType::EXTERNREF]), move |caller, _, results| {
        let foreign = Foreign::new(caller.store());
        count.watch(foreign.as_ref());
        results[0] = Val::extern_ref(foreign);
        Ok(())
    });
    let none = Func::new(&s, &func_type(&[], &[]), |caller, _, _| {
        assert_eq!(caller.store().collect(), 0);
        Ok(())
    });
    let i = instantiate(
        &s,
        r#"(module (import "" "f" (func $f (result externref))) (import "" "c" (func $c))
            (func (export "f") (result externref) (call $f) (call $c)))"#,
        &[f.into(), none.into()],
    )
    .unwrap();
    let r = call(&i, "f", &[]).unwrap();
    assert!(!r.is_null());
    s.collect();
    assert_eq!(c.get(), 0);
    drop(r);
    s.collect();
    assert_eq!(c.get(), 1);
}

#[test]
fn a_finalizer_may_use_the_store() {
    struct Env {
        memory: Option<Memory>,
        store: *const Store,
        ran: AtomicUsize,
    }
    unsafe extern "C" fn finalize(env: *mut c_void) {
        // SAFETY: the test's own data, alive until the end of the test.
        let env = unsafe { &mut *env.cast::<Env>() };
        env.memory = None;
        if !env.store.is_null() {
            // SAFETY: set only while the store's handle lives.
            let s = unsafe { &*env.store };
            drop(Foreign::new(s));
            s.collect();
        }
        env.ran.fetch_add(1, SeqCst);
    }
    let s = store();
    let mut env = Env { memory: Some(Memory::new(&s, MEMORY).unwrap()), store: &s, ran: AtomicUsize::new(0) };
    let tt = TableType { element: RefType::EXTERNREF, minimum: 1, maximum: None, is64: false };
    let f = Foreign::new(&s);
    f.as_ref().set_host_info((&raw mut env).cast(), Some(finalize));
    let t = Table::new(&s, tt, &Val::extern_ref(f)).unwrap();
    assert!(t.set(0, &Val::ExternRef(None)));
    s.collect();
    assert_eq!((env.ran.load(SeqCst), s.object_count()), (1, 1));
    drop(t);
    // And in the death of the store, where handles to it are the last thing to go.
    env.store = std::ptr::null();
    let f = Foreign::new(&s);
    assert!(!f.as_ref().same(Foreign::new(&s).as_ref()));
    f.as_ref().set_host_info((&raw mut env).cast(), Some(finalize));
    let keep = Val::extern_ref(f);
    let _t = Table::new(&s, tt, &keep).unwrap();
    drop((_t, keep, s));
    assert_eq!(env.ran.load(SeqCst), 2);
}

#[test]
fn host_info_that_is_replaced_is_finalized() {
    let (s, c) = (store(), Count::default());
    let f = Foreign::new(&s);
    c.watch(f.as_ref());
    f.as_ref().set_host_info(5 as _, None);
    assert_eq!((f.as_ref().host_info() as usize, c.get()), (5, 1));
    f.as_ref().set_host_info(std::ptr::null_mut(), None);
    assert!(f.as_ref().host_info().is_null());
    c.watch(f.as_ref());
    c.watch(f.as_ref());
    assert_eq!(c.get(), 2);
    drop(f);
    assert_eq!(c.get(), 3);
}

#[test]
fn types_outlive_the_module_that_named_them() {
    let engine = Engine::default();
    let s = Store::new(&engine).unwrap();
    let i = instance(
        &s,
        "(module (type $t (func (param f32 f32 f32))) (table (export \"t\") 1 (ref null $t)) (tag (export \"e\") (type $t)))",
    );
    let (t, e) = (i.export("t").unwrap().into_table().unwrap(), i.export("e").unwrap().into_tag().unwrap());
    let id = e.type_id();
    drop(i);
    s.collect();
    assert_eq!(engine.types().describe(&crate::module::ExternType::Func(id)), "(func (param f32 f32 f32))");
    assert!(!t.set(0, &Func::new(&s, &func_type(&[], &[]), |_, _, _| Ok(())).into()));
    drop((t, e));
    s.collect();
    assert_eq!(engine.types().len(), 0);
}

#[test]
fn garbage_counts_against_no_limit() {
    let s = store();
    let limits = Limits { total_memory_bytes: 65536, instances: 1, memories: 1, tables: 1, ..Limits::default() };
    s.set_limits(limits);
    let m = module(&s, "(module (memory 1) (table 1 funcref))");
    for _ in 0..5 {
        Instance::new(&s, &m, &[]).unwrap();
    }
    let keep = Instance::new(&s, &m, &[]).unwrap();
    assert!(Instance::new(&s, &m, &[]).is_err());
    assert!(Memory::new(&s, MEMORY).is_err());
    drop(keep);
    Memory::new(&s, MEMORY).unwrap();
}
