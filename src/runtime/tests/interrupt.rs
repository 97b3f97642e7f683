//! Guests stopped from another thread, wherever they are, and the store's use after it.

use super::*;
use crate::vm::trap::TrapKind;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

/// Runs an export while another thread interrupts the store, `rounds` times.
fn stops(text: &str, name: &str, rounds: usize) {
    let store = store();
    let instance = instance(&store, text);
    let f = instance.func(name).unwrap();
    let interrupter = store.interrupter();
    let start = Barrier::new(2);
    thread::scope(|s| {
        s.spawn(|| {
            for i in 0..rounds {
                start.wait();
                // Sometimes before the guest runs, sometimes long after.
                thread::sleep(Duration::from_micros(200 * (i as u64 % 5)));
                assert!(interrupter.interrupt());
                start.wait();
            }
        });
        for _ in 0..rounds {
            start.wait();
            let trap = f.call(&[], &mut []).unwrap_err();
            assert_eq!(trap.kind(), TrapKind::Interrupted, "{name}: {}", trap.message());
            assert!(trap.frame_count() > 0);
            start.wait();
            let trap = instance.func("ten").unwrap().call(&[], &mut [Val::I32(0)]);
            assert!(trap.is_ok(), "the store is usable afterwards");
        }
    });
    drop((instance, f));
    drop(store);
    assert!(!interrupter.interrupt(), "the store is gone");
}

const TEN: &str = r#"(func (export "ten") (result i32) (local i32)
    (loop (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10)))) (local.get 0))"#;

#[test]
fn every_kind_of_loop_stops() {
    let loops = [
        ("empty", "(loop (br 0))"),
        ("conditional", "(local i32) (loop (br_if 0 (i32.eqz (local.get 0))))"),
        (
            "fused",
            "(local i64) (loop (br_if 0 (i64.ge_s (local.tee 0 (i64.or (local.get 0) (i64.const 1))) (i64.const 0))))",
        ),
        ("table", "(local i32) (loop (br_table 0 0 (local.get 0)))"),
        ("nested", "(loop (loop (loop (br 2))))"),
        (
            "inner",
            "(local i32) (loop (local.set 0 (i32.const 100)) \
            (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (br 0))",
        ),
        ("params", "(i32.const 7) (loop (param i32) (i32.add (i32.const 1)) (br 0))"),
        ("calls", "(loop (drop (call $ten)) (br 0))"),
        ("tail", "(return_call $tail)"),
        ("catch", "(loop (try_table (catch_all 0) (throw $e)))"),
    ];
    let ten = TEN.replacen("(func", "(func $ten", 1);
    for (name, body) in loops {
        let text = format!(r#"(module (tag $e) {ten} (func $tail (export "{name}") {body}))"#);
        stops(&text, name, 12);
    }
}

#[test]
fn recursion_stops() {
    let text = format!(
        r#"(module {TEN} (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (i32.const 1)) (else
                (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
          (func (export "fib") (drop (call $fib (i32.const 60)))))"#
    );
    stops(&text, "fib", 12);
}

#[test]
fn waits_stop() {
    let text = format!(
        r#"(module {TEN} (memory 1 1 shared)
            (func (export "wait") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#
    );
    stops(&text, "wait", 12);
}

/// Two stores share the code; stopping the guest of one leaves the other's alone, whose results stay right.
#[test]
fn a_store_that_shares_the_code_goes_on() {
    let text = r#"(module
        (func (export "spin") (loop (br 0)))
        (func (export "sum") (param i32) (result i64) (local i64)
            (loop (local.set 1 (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1)))"#;
    let engine = Engine::new(Config::default());
    let code = engine.compile(wat(text)).unwrap();
    let done = std::sync::atomic::AtomicBool::new(false);
    thread::scope(|s| {
        s.spawn(|| {
            let store = Store::new(&engine).unwrap();
            let instance = Instance::from_code(&store, &code, &[]).unwrap();
            let f = instance.func("sum").unwrap();
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let mut results = [Val::I64(0)];
                f.call(&[Val::I32(10_000)], &mut results).unwrap();
                assert_eq!(results[0].as_i64(), Some(50_005_000));
            }
        });
        let store = Store::new(&engine).unwrap();
        let instance = Instance::from_code(&store, &code, &[]).unwrap();
        let f = instance.func("spin").unwrap();
        for _ in 0..200 {
            let interrupter = store.interrupter();
            let other = s.spawn(move || interrupter.interrupt());
            assert_eq!(f.call(&[], &mut []).unwrap_err().kind(), TrapKind::Interrupted);
            assert!(other.join().unwrap());
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_demand_can_be_taken_back() {
    let store = store();
    let instance = instance(&store, &format!("(module {TEN})"));
    let f = instance.func("ten").unwrap();
    assert!(!store.clear_interrupt());
    assert!(store.interrupter().interrupt());
    assert!(store.interrupter().interrupt());
    assert!(store.clear_interrupt());
    let mut results = [Val::I32(0)];
    f.call(&[], &mut results).unwrap();
    assert_eq!(results[0].as_i32(), Some(10));
    // One that stays is met by the next call, even in a module instantiated later.
    assert!(store.interrupter().interrupt());
    let later = super::instance(&store, &format!("(module (func) {TEN})"));
    let trap = later.func("ten").unwrap().call(&[], &mut results).unwrap_err();
    assert_eq!(trap.kind(), TrapKind::Interrupted);
    f.call(&[], &mut results).unwrap();
}

#[test]
fn large_fills_and_copies_stop_and_are_right_when_they_do_not() {
    let text = format!(
        r#"(module {TEN} (memory (export "m") 4096)
            (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x10000000)) (br 0)))
            (func (export "copy") (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 0xfffffff)) (br 0)))
            (func (export "move") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
            (func (export "set") (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2))))"#
    );
    stops(&text, "fill", 6);
    stops(&text, "copy", 6);
    let store = store();
    let i = instance(&store, &text);
    let export = i.export("m").unwrap();
    let m = export.as_memory().unwrap();
    const LEN: usize = 5 << 20;
    let source: Vec<u8> = (0..LEN).map(|i| (i * 7 + (i >> 8)) as u8).collect();
    for (dst, src, len) in [(3, 0, LEN - 3), (0, 3, LEN - 3), (2 << 20, 0, 3 << 20), (0, 1 << 20, (4 << 20) + 1 - 2)] {
        assert!(m.write(0, &source));
        let mut expected = source.clone();
        expected.copy_within(src..src + len, dst);
        let args = [Val::I32(dst as i32), Val::I32(src as i32), Val::I32(len as i32)];
        i.func("move").unwrap().call(&args, &mut []).unwrap();
        let mut found = vec![0; LEN];
        assert!(m.read(0, &mut found));
        assert!(found == expected, "copy of {len} from {src} to {dst}");
    }
    i.func("set").unwrap().call(&[Val::I32(5), Val::I32(0xab), Val::I32((3 << 20) + 7)], &mut []).unwrap();
    let mut found = vec![0; LEN];
    assert!(m.read(0, &mut found));
    let filled = |i: &usize| (5..5 + (3 << 20) + 7).contains(i);
    assert_eq!((0..LEN).filter(|i| filled(i) && found[*i] == 0xab).count(), (3 << 20) + 7);
}

#[test]
fn deadlines_stop_guests() {
    let store = store();
    let i = instance(&store, &format!("(module {TEN} (func (export \"spin\") (loop (br 0))))"));
    let (spin, ten, interrupter) = (i.func("spin").unwrap(), i.func("ten").unwrap(), store.interrupter());
    let mut result = [Val::I32(0)];
    for _ in 0..3 {
        let start = std::time::Instant::now();
        interrupter.set_deadline(Some(Duration::from_millis(20))).unwrap();
        assert_eq!(spin.call(&[], &mut []).unwrap_err().kind(), TrapKind::DeadlineExceeded);
        assert!(start.elapsed() >= Duration::from_millis(20));
        ten.call(&[], &mut result).unwrap();
    }
    // One that is taken away, or put off, does nothing; nor does one that has passed, once it is taken away.
    interrupter.set_deadline(Some(Duration::from_millis(1))).unwrap();
    interrupter.set_deadline(Some(Duration::from_secs(3600))).unwrap();
    thread::sleep(Duration::from_millis(5));
    ten.call(&[], &mut result).unwrap();
    interrupter.set_deadline(Some(Duration::from_millis(1))).unwrap();
    thread::sleep(Duration::from_millis(30));
    interrupter.set_deadline(None).unwrap();
    ten.call(&[], &mut result).unwrap();
    interrupter.set_deadline(Some(Duration::ZERO)).unwrap();
    assert_eq!(ten.call(&[], &mut result).unwrap_err().kind(), TrapKind::DeadlineExceeded);
    interrupter.set_deadline(Some(Duration::MAX)).unwrap();
    ten.call(&[], &mut result).unwrap();
}

#[test]
fn deadlines_of_many_stores_are_kept() {
    thread::scope(|s| {
        for k in 0..8 {
            s.spawn(move || {
                let store = store();
                let i = instance(&store, "(module (func (export \"spin\") (loop (br 0))))");
                for round in 0..5 {
                    let after = Duration::from_millis(1 + (k * 3 + round) % 7);
                    store.interrupter().set_deadline(Some(after)).unwrap();
                    let trap = i.func("spin").unwrap().call(&[], &mut []).unwrap_err();
                    assert_eq!(trap.kind(), TrapKind::DeadlineExceeded);
                }
                // Stores may go before their deadline.
                store.interrupter().set_deadline(Some(Duration::from_millis(3))).unwrap();
            });
        }
    });
}

/// Operations that may take long, each after a demand to stop that came while the host was called: it is the operation that asks.
#[test]
fn long_operations_ask_whether_to_go_on() {
    const HUGE: usize = 3 << 20;
    let zeros = "\\00".repeat(HUGE);
    let funcs = "$f ".repeat(50_000);
    let head = format!(
        r#"(import "" "stop" (func $stop)) {TEN} (memory (export "m") 50 50) (table $t 200000 funcref) (func $f)
        (data $d "{zeros}") (elem $e func {funcs}) (elem declare func $f)
        (type $b (array (mut i8))) (type $i (array (mut i32))) (type $r (array (mut funcref)))
        (global $done (export "done") (mut i32) (i32.const 0)) (global $a (mut (ref null $b)) (ref.null $b))
        (func (export "grown") (result i32) (table.size $t))
        (func (export "setup") (global.set $a (array.new_default $b (i32.const 3145728))))"#
    );
    let operations = [
        "(memory.fill (i32.const 0) (i32.const 1) (i32.const 3145728))",
        "(memory.copy (i32.const 0) (i32.const 1) (i32.const 3145720))",
        "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 3145728))",
        "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 100000))",
        "(table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 199999))",
        "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 50000))",
        "(drop (array.new $i (i32.const 7) (i32.const 1000000)))",
        "(drop (array.new_default $i (i32.const 1000000)))",
        "(drop (array.new_data $b $d (i32.const 0) (i32.const 3145728)))",
        "(drop (array.new_elem $r $e (i32.const 0) (i32.const 50000)))",
        "(array.fill $b (global.get $a) (i32.const 0) (i32.const 1) (i32.const 3145728))",
        "(array.copy $b $b (global.get $a) (i32.const 0) (global.get $a) (i32.const 1) (i32.const 3145720))",
        "(array.init_data $b $d (global.get $a) (i32.const 0) (i32.const 0) (i32.const 3145728))",
    ];
    let functions: String = (0..)
        .zip(operations)
        .map(|(n, op)| format!(r#"(func (export "f{n}") (call $stop) {op} (global.set $done (i32.const 1)))"#))
        .collect();
    let grow = r#"(func (export "grow") (result i32) (call $stop) (table.grow $t (ref.func $f) (i32.const 1000000)))"#;
    let binary = wat(&format!("(module {head} {functions} {grow})"));
    in_every_tier(|| {
        let store = Store::new(&Engine::new(config())).unwrap();
        let module = Module::new(&store, &*binary).unwrap();
        let interrupter = store.interrupter();
        let stop = Func::new(&store, &func_type(&[], &[]), move |_, _, _| {
            interrupter.interrupt();
            Ok(())
        });
        let i = Instance::new(&store, &module, &[stop.into()]).unwrap();
        i.func("setup").unwrap().call(&[], &mut []).unwrap();
        let done = i.export("done").unwrap().into_global().unwrap();
        for (n, op) in operations.iter().enumerate() {
            let trap = i.func(&format!("f{n}")).unwrap().call(&[], &mut []).expect_err(op);
            assert_eq!(trap.kind(), TrapKind::Interrupted, "{op}");
            assert_eq!(done.get(), Val::I32(0), "{op}");
            assert_eq!(call(&i, "ten", &[]).unwrap(), Val::I32(10), "{op}");
            store.collect();
        }
        // A table that does not grow is nothing unusual: the demand stays.
        assert_eq!(call(&i, "grow", &[]).unwrap(), Val::I32(-1));
        assert_eq!(store.take_interrupt(), Some(TrapKind::Interrupted));
        assert_eq!(call(&i, "grown", &[]).unwrap(), Val::I32(200_000));
    });
}

/// A function's first call is given up in the middle of its translation, and the next one finds nothing half done.
#[test]
fn translation_asks_whether_to_go_on() {
    let long = "(local.set 0 (i32.add (local.get 0) (i32.const 3)))".repeat(5000);
    let text = format!(
        r#"(module (import "" "stop" (func $stop)) (func $long (export "long") (result i32) (local i32) {long} (local.get 0))
        (func (export "run") (result i32) (call $stop) (call $long)))"#
    );
    let engine = Engine::new(Config { tier: Tier::Interpreter, ..Config::default() });
    let store = Store::new(&engine).unwrap();
    let interrupter = store.interrupter();
    let stop = Func::new(&store, &func_type(&[], &[]), move |_, _, _| {
        interrupter.interrupt();
        Ok(())
    });
    let i = instantiate(&store, &text, &[stop.into()]).unwrap();
    for _ in 0..2 {
        assert_eq!(call(&i, "run", &[]).unwrap_err().kind(), TrapKind::Interrupted);
        assert_eq!(engine.usage().translations, 1);
    }
    assert_eq!(call(&i, "long", &[]).unwrap(), Val::I32(15_000));
    assert_eq!(engine.usage().translations, 2);
}
