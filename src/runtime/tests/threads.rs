//! Stores on threads of their own, and what they share.

use super::*;
use crate::module::MemoryType;

const SHARED: MemoryType = MemoryType { minimum: 1, maximum: Some(100), is64: false, shared: true, page_log2: 16 };

#[test]
fn engines_and_code_are_shared() {
    fn both<T: Send + Sync>() {}
    fn send<T: Send>() {}
    both::<Engine>();
    both::<ModuleCode>();
    both::<SharedMemory>();
    send::<Store>();
    send::<Ref>();
    send::<Val>();
    let engine = Engine::default();
    let code = engine.compile(wat("(module (memory 1) (func (export \"f\") (result i32) i32.const 3))")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    let s = Store::new(&engine).unwrap();
                    let i = Instance::from_code(&s, &code, &[]).unwrap();
                    assert_eq!(call(&i, "f", &[]).unwrap(), Val::I32(3));
                }
            });
        }
    });
}

#[test]
fn a_shared_memory_grows_for_all() {
    let engine = Engine::default();
    let shared = SharedMemory::new(&engine, SHARED).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let s = Store::new(&engine).unwrap();
                let m = Memory::from_shared(&s, &shared).unwrap();
                for _ in 0..33 {
                    m.grow(1).unwrap();
                }
            });
        }
    });
    assert_eq!(shared.len(), 100 * 65536);
    let s = Store::new(&engine).unwrap();
    let m = Memory::from_shared(&s, &shared).unwrap();
    assert_eq!((m.size(), m.grow(1)), (100, None));
    assert!(std::sync::Arc::ptr_eq(&m.shared().unwrap(), &shared));
    let i = instantiate(
        &s,
        "(module (import \"\" \"m\" (memory 1 100 shared)) (func (export \"s\") (result i32) memory.size))",
        &[m.into()],
    );
    assert_eq!(call(&i.unwrap(), "s", &[]).unwrap(), Val::I32(100));
}

#[test]
fn a_store_moves_to_another_thread() {
    let s = store();
    let i = instance(&s, "(module (func (export \"f\") (result i32) i32.const 3))");
    let (s, i) = std::thread::spawn(move || {
        assert_eq!(call(&i, "f", &[]).unwrap(), Val::I32(3));
        (s, i)
    })
    .join()
    .unwrap();
    assert_eq!(call(&i, "f", &[]).unwrap(), Val::I32(3));
    drop(s);
}

#[cfg(debug_assertions)]
#[test]
fn two_threads_at_a_time_are_caught() {
    let s = store();
    let (enter, entered) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let other = s.clone();
    let left = std::sync::Mutex::new(left);
    let f = Func::new(&s, &func_type(&[], &[]), move |_, _, _| {
        enter.send(()).unwrap();
        left.lock().unwrap().recv().unwrap();
        Ok(())
    });
    let worker = std::thread::spawn(move || f.call(&[], &mut []).unwrap());
    entered.recv().unwrap();
    let misuse = std::thread::spawn(move || {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            drop(Foreign::new(&other));
        }));
        (caught.is_err(), other)
    });
    let (caught, other) = misuse.join().unwrap();
    leave.send(()).unwrap();
    worker.join().unwrap();
    assert!(caught);
    drop(other);
}
