//! Fuel: what programs cost, and what happens when it runs out. The numbers are those of the definition in
//! `code::translate::fuel`, counted by hand, so that every build and every way to run code must agree.

use super::*;
use crate::vm::trap::TrapKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

fn metered() -> Store {
    let store = Store::new(&Engine::new(Config { fuel: true, ..config() })).unwrap();
    store.set_fuel(u64::MAX);
    store
}

/// What a call of an export costs: the same on the first call, which translates, as later.
#[track_caller]
fn cost(instance: &Instance, name: &str, args: &[Val]) -> u64 {
    let store = instance.store();
    let once = || {
        let before = store.fuel_consumed();
        let func = instance.func(name).unwrap();
        let mut results = vec![Val::I32(0); func.ty().results.len()];
        let end = func.call(args, &mut results);
        (store.fuel_consumed() - before, end.err().map(|t| t.kind()))
    };
    let first = once();
    assert_eq!(first, once(), "the first run of {name} and the second");
    first.0
}

const PROGRAMS: &str = r#"(module
    (import "" "host" (func $host (param i32) (result i32)))
    (memory 2) (table $t 10 100 funcref) (type $bytes (array (mut i8))) (type $v (func)) (tag $e (param i32))
    (elem (table $t) (i32.const 0) func $empty) (data $d "0123456789")
    (elem $seg func $empty $empty $empty)
    (func $empty (export "empty"))
    (func (export "straight") (param i32) (result i32) nop (block) (i32.add (local.get 0) (i32.const 1)))
    (func (export "loop") (param i32)
        (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))))
    (func $fib (export "fib") (param i32) (result i32)
        (if (result i32) (i32.lt_s (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1)))
                           (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func $tail (export "tail") (param i32)
        (if (i32.eqz (local.get 0)) (then (return)))
        (return_call $tail (i32.sub (local.get 0) (i32.const 1))))
    (func (export "host") (result i32) (call $host (i32.const 4)))
    (func (export "indirect") (call_indirect $t (type $v) (i32.const 0)))
    (func (export "switch") (param i32) (result i32)
        (block $b (block $a (br_table $a $b (local.get 0))) (return (i32.const 7))) (i32.const 8) (i32.const 1) (i32.add))
    (func (export "trap") (drop (i32.const 1)) (unreachable) (drop (i32.const 1)))
    (func (export "late") (drop (i32.load (i32.const -4))) (drop (i32.const 1)))
    (func (export "catch") (param i32) (result i32)
        (block $h (result i32)
            (try_table (catch $e $h) (if (local.get 0) (then (throw $e (i32.const 3)))))
            (i32.const 5)))
    (func $thrower (throw $e (i32.const 9)))
    (func (export "catch deep") (result i32)
        (block $h (result i32) (try_table (catch $e $h) (call $thrower)) (i32.const 5)))
    (func (export "legacy") (result i32)
        try (result i32) call $thrower i32.const 5 catch $e i32.const 1 i32.add end)
    (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 7) (local.get 0)))
    (func (export "fill 640") (memory.fill (i32.const 0) (i32.const 7) (i32.const 640)))
    (func (export "copy") (param i32) (memory.copy (i32.const 0) (i32.const 64) (local.get 0)))
    (func (export "init") (memory.init $d (i32.const 0) (i32.const 0) (i32.const 10)))
    (func (export "table") (param i32)
        (drop (table.grow $t (ref.null func) (local.get 0)))
        (table.fill $t (i32.const 0) (ref.null func) (local.get 0))
        (table.copy (i32.const 0) (i32.const 1) (local.get 0))
        (table.init $t $seg (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "array") (param i32)
        (local $a (ref null $bytes))
        (local.set $a (array.new $bytes (i32.const 1) (local.get 0)))
        (array.fill $bytes (local.get $a) (i32.const 0) (i32.const 9) (local.get 0))
        (array.copy $bytes $bytes (local.get $a) (i32.const 0) (local.get $a) (i32.const 0) (local.get 0))
        (drop (array.new_default $bytes (local.get 0)))
        (drop (array.new_data $bytes $d (i32.const 0) (local.get 0)))
        (array.init_data $bytes $d (local.get $a) (i32.const 0) (i32.const 0) (local.get 0)))
    (func (export "null") (param externref) (result i32)
        (block $b (drop (br_on_null $b (local.get 0))) (return (i32.const 1))) (i32.const 0))
)"#;

fn programs(store: &Store) -> Instance {
    let host = Func::new(store, &func_type(&[ValType::I32], &[ValType::I32]), |_, args, results| {
        results[0] = args[0].clone();
        Ok(())
    });
    instantiate(store, PROGRAMS, &[host.into()]).unwrap()
}

fn fib_cost(n: u64) -> u64 {
    if n < 2 { 5 } else { 13 + fib_cost(n - 1) + fib_cost(n - 2) }
}

#[test]
fn programs_cost_what_the_definition_says() {
    in_every_tier(|| {
        let store = metered();
        let i = programs(&store);
        let n = |n| [Val::I32(n)];
        assert_eq!(cost(&i, "empty", &[]), 0);
        assert_eq!(cost(&i, "straight", &n(1)), 3);
        assert_eq!(cost(&i, "loop", &n(1)), 6);
        assert_eq!(cost(&i, "loop", &n(1000)), 6000);
        assert_eq!(cost(&i, "fib", &n(10)), fib_cost(10));
        assert_eq!(cost(&i, "tail", &n(0)), 4);
        assert_eq!(cost(&i, "tail", &n(100)), 100 * 7 + 4);
        assert_eq!(cost(&i, "host", &[]), 2);
        assert_eq!(cost(&i, "indirect", &[]), 2);
        assert_eq!(cost(&i, "switch", &n(0)), 4);
        assert_eq!(cost(&i, "switch", &n(1)), 5);
        assert_eq!(cost(&i, "trap", &[]), 3);
        assert_eq!(cost(&i, "late", &[]), 5);
        assert_eq!(cost(&i, "catch", &n(0)), 3);
        assert_eq!(cost(&i, "catch", &n(1)), 4);
        assert_eq!(cost(&i, "catch deep", &[]), 3);
        assert_eq!(cost(&i, "legacy", &[]), 5);
        assert_eq!(cost(&i, "fill", &n(0)), 4);
        assert_eq!(cost(&i, "fill", &n(63)), 4);
        assert_eq!(cost(&i, "fill", &n(64)), 5);
        assert_eq!(cost(&i, "fill 640", &[]), 14);
        assert_eq!(cost(&i, "copy", &n(65536)), 4 + 1024);
        assert_eq!(cost(&i, "fill", &n(-1)), 4 + (u32::MAX as u64 >> 6), "paid before the bounds are looked at");
        assert_eq!(cost(&i, "init", &[]), 4);
        assert_eq!(cost(&i, "table", &n(0)), 16);
        assert_eq!(cost(&i, "table", &n(3)), 16 + 4 * 3);
        assert_eq!(cost(&i, "array", &n(0)), 27);
        assert_eq!(cost(&i, "array", &n(5)), 27 + 6 * 5);
        assert_eq!(cost(&i, "null", &[Val::ExternRef(None)]), 3);
    });
}

#[test]
fn too_little_fuel_stops_before_a_run_that_cannot_be_paid() {
    in_every_tier(|| {
        let store = metered();
        let i = programs(&store);
        let f = i.func("fib").unwrap();
        let total = fib_cost(8);
        for units in 0..total {
            store.set_fuel(units);
            let trap = f.call(&[Val::I32(8)], &mut [Val::I32(0)]).unwrap_err();
            assert_eq!(trap.kind(), TrapKind::OutOfFuel, "with {units} of {total} units");
            assert!(trap.frame_count() > 0 && store.fuel() < 4);
        }
        store.set_fuel(total);
        let mut result = [Val::I32(0)];
        f.call(&[Val::I32(8)], &mut result).unwrap();
        assert_eq!((result, store.fuel()), ([Val::I32(21)], 0));
        // Instructions on many bytes do not start, either.
        store.set_fuel(4 + 9);
        assert_eq!(call(&i, "fill 640", &[]).unwrap_err().kind(), TrapKind::OutOfFuel);
    });
}

#[test]
fn the_host_adds_fuel_or_ends_the_run() {
    in_every_tier(|| {
        let store = metered();
        let i = programs(&store);
        store.set_fuel(0);
        let asked = Arc::new(AtomicU64::new(0));
        let count = asked.clone();
        store.set_fuel_hook(Some(Box::new(move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
            1
        })));
        let before = store.fuel_consumed();
        assert_eq!(call(&i, "fib", &[Val::I32(9)]).unwrap(), Val::I32(34));
        assert_eq!(store.fuel_consumed() - before, fib_cost(9));
        assert_eq!(asked.load(Ordering::Relaxed), fib_cost(9), "one unit at a time");
        // What it does meanwhile: collect, call the guest, grow the guest's memory.
        let (calls, helper) = (AtomicU64::new(0), Arc::new(std::sync::Mutex::new(None::<Func>)));
        *helper.lock().unwrap() = i.func("fib");
        let own = helper.clone();
        store.set_fuel_hook(Some(Box::new(move |store, missing| {
            assert!(missing > 0);
            store.collect();
            let f = own.lock().unwrap().clone().unwrap();
            let refused = f.call(&[Val::I32(2)], &mut [Val::I32(0)]).unwrap_err();
            assert_eq!(refused.kind(), TrapKind::OutOfFuel, "nobody to ask while the host is asked");
            if calls.fetch_add(1, Ordering::Relaxed) < 20 { 50 } else { 0 }
        })));
        assert_eq!(call(&i, "fib", &[Val::I32(20)]).unwrap_err().kind(), TrapKind::OutOfFuel);
        *helper.lock().unwrap() = None;
        store.set_fuel_hook(Some(Box::new(|_, _| panic!("a bug of the host's"))));
        assert_eq!(call(&i, "fib", &[Val::I32(20)]).unwrap_err().kind(), TrapKind::Internal);
        store.set_fuel_hook(None);
        store.set_fuel(u64::MAX);
        assert_eq!(call(&i, "fib", &[Val::I32(5)]).unwrap(), Val::I32(5), "the store is usable afterwards");
    });
}

#[test]
fn the_books_hold_at_their_ends() {
    in_every_tier(|| {
        let store = metered();
        store.set_fuel(7);
        store.add_fuel(u64::MAX);
        assert_eq!((store.fuel(), store.fuel_consumed()), (u64::MAX, 0));
        let i = programs(&store);
        cost(&i, "loop", &[Val::I32(5)]);
        store.add_fuel(u64::MAX);
        assert_eq!((store.fuel(), store.fuel_consumed()), (u64::MAX, 60));
    });
}

#[test]
fn calls_between_instances_and_through_the_host_are_paid() {
    in_every_tier(|| {
        let store = metered();
        let a = instance(
            &store,
            "(module (func (export \"f\") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))",
        );
        let inner = a.func("f").unwrap();
        let through = Func::new(&store, &func_type(&[ValType::I32], &[ValType::I32]), move |_, args, results| {
            inner.call(args, results)
        });
        let b = instantiate(
            &store,
            "(module (import \"\" \"f\" (func $f (param i32) (result i32))) (import \"\" \"h\" (func $h (param i32) (result i32)))
               (func (export \"g\") (result i32) (call $f (call $h (i32.const 1))))
               (func (export \"tail\") (result i32) (return_call $f (i32.const 1))))",
            &[a.export("f").unwrap(), through.into()],
        )
        .unwrap();
        assert_eq!(cost(&b, "g", &[]), 3 + 3 + 3);
        assert_eq!(cost(&b, "tail", &[]), 2 + 3);
    });
}

#[test]
fn start_functions_are_paid_and_bounded() {
    in_every_tier(|| {
        let store = metered();
        store.set_fuel(1000);
        let endless = instantiate(&store, "(module (func $s (loop $l (br $l))) (start $s))", &[]);
        let Err(InstantiateError::Trap(trap)) = endless else { panic!("no trap") };
        assert_eq!((trap.kind(), store.fuel()), (TrapKind::OutOfFuel, 0));
    });
}

#[test]
fn collections_while_the_host_is_asked_keep_what_is_on_the_stack() {
    in_every_tier(|| {
        let store = metered();
        let i = instance(
            &store,
            "(module (type $s (struct (field i32)))
               (func (export \"f\") (param i32) (result i32)
                 (struct.get $s 0 (struct.new $s (local.get 0)))
                 (struct.new $s (i32.const 30))
                 (block) (loop $l (br_if $l (i32.const 0)))
                 (struct.get $s 0)
                 (i32.add)))",
        );
        store.set_fuel(0);
        store.set_fuel_hook(Some(Box::new(|store, missing| {
            store.collect();
            missing
        })));
        assert_eq!(call(&i, "f", &[Val::I32(12)]).unwrap(), Val::I32(42));
    });
}

#[test]
fn code_that_does_not_pay_is_the_same_as_ever() {
    in_every_tier(|| {
        let free = Store::new(&Engine::default()).unwrap();
        let text = "(module (func (export \"f\") (param i32) (loop $l (br_if $l (local.get 0)))))";
        let listing = module(&free, text).code().listing(0);
        assert!(!listing.contains("fuel"), "{listing}");
        let listing = module(&metered(), text).code().listing(0);
        assert_eq!(listing.matches("fuel").count(), 1, "{listing}");
    });
}
