//! Functions that get hot: when they become machine code, and that nobody can tell.

use super::*;
use crate::jit;
use crate::jit::code::Stats;
use crate::vm::trap::TrapKind;
use std::time::{Duration, Instant};

/// A store whose functions are compiled by the guest's thread as soon as these thresholds say.
fn tiering(tier_calls: u32, tier_loops: u32) -> Store {
    let config = Config { tier: Tier::Tiering, tier_calls, tier_loops, compile_threads: 0, ..Config::default() };
    Store::new(&Engine::new(config)).unwrap()
}

fn stats(i: &Instance) -> Stats {
    jit::machine_code(i.code()).map(|m| m.stats()).unwrap_or_default()
}

const NEVER: u32 = u32::MAX;

const SQUARES: &str = "(module
    (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
    (func (export \"sum\") (param i32) (result i32) (local i32)
      (loop $l
        (local.set 1 (i32.add (local.get 1) (call $square (local.get 0))))
        (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
      (local.get 1)))";

fn sum(n: i32) -> i32 {
    (1..=n).fold(0, |s, i: i32| s.wrapping_add(i.wrapping_mul(i)))
}

#[test]
fn functions_are_compiled_when_they_are_hot() {
    let s = tiering(10, NEVER);
    let i = instance(&s, SQUARES);
    assert_eq!(call(&i, "sum", &[Val::I32(1)]).unwrap(), Val::I32(1));
    assert_eq!(stats(&i).compiled, 0);
    // The callee gets hot while its caller, called but twice, does not.
    assert_eq!(call(&i, "sum", &[Val::I32(500)]).unwrap(), Val::I32(sum(500)));
    assert!(stats(&i).compiled >= 1);
    for n in 1..100 {
        assert_eq!(call(&i, "sum", &[Val::I32(n)]).unwrap(), Val::I32(sum(n)));
    }
    assert_eq!(stats(&i).compiled, 2);
}

#[test]
fn the_first_call_may_be_compiled() {
    let s = tiering(0, NEVER);
    let i = instance(&s, SQUARES);
    assert_eq!(call(&i, "sum", &[Val::I32(10)]).unwrap(), Val::I32(385));
    // Its callee is inlined.
    assert_eq!(stats(&i).compiled, 1);
}

#[test]
fn the_interpreter_alone_compiles_nothing() {
    let s = Store::new(&Engine::new(Config { tier: Tier::Interpreter, ..Config::default() })).unwrap();
    let i = instance(&s, SQUARES);
    assert_eq!(call(&i, "sum", &[Val::I32(30_000)]).unwrap(), Val::I32(sum(30_000)));
    assert!(jit::machine_code(i.code()).is_none());
    assert_eq!(s.engine().usage().compiled, 0);
}

/// Waits until something is so.
fn soon(mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < Duration::from_secs(60), "nothing happens");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_thread_compiles_while_several_stores_run_the_same_code() {
    let engine = Engine::new(Config { tier_calls: 20, tier_loops: 20, ..Config::default() });
    let mut text = String::from("(module");
    for n in 0..100 {
        let callee = if n == 0 { "(local.get 0)".into() } else { format!("(call $f{} (local.get 0))", n - 1) };
        text += &format!("(func $f{n} (export \"f{n}\") (param i32) (result i32) (i32.add (i32.const {n}) {callee}))");
    }
    let code = engine.compile(wat(&(text + ")"))).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (engine, code) = (&engine, &code);
            scope.spawn(move || {
                let s = Store::new(engine).unwrap();
                let m = Module::from_code(&s, code.clone());
                let i = Instance::new(&s, &m, &[]).unwrap();
                for round in 0..200 {
                    let n = (round * 7 + thread * 13) % 100;
                    let wanted = (0..=n).sum::<i32>() + round;
                    assert_eq!(call(&i, &format!("f{n}"), &[Val::I32(round)]).unwrap(), Val::I32(wanted));
                }
            });
        }
    });
    soon(|| engine.usage().compiled > 50);
    let stats = jit::machine_code(&code).unwrap().stats();
    assert!(stats.uncovered.is_empty(), "{stats:?}");
}

#[test]
fn arenas_are_added_as_they_fill_up() {
    // Each function is installed by itself and takes a page at least, so one arena does not hold them all. They are too long to be
    // inlined.
    const COUNT: i32 = 400;
    let nops = " nop".repeat(300);
    let mut text = format!("(module (func $f0 (param i32) (result i32){nops} (local.get 0))");
    for n in 1..COUNT {
        let last = n - 1;
        text += &format!(
            "(func $f{n} (export \"f{n}\") (param i32) (result i32){nops}
                (i32.add (i32.const {n}) (call $f{last} (local.get 0))))"
        );
    }
    text += ")";
    let i = instance(&tiering(0, NEVER), &text);
    for round in 0..3 {
        for n in [1, COUNT / 2, COUNT - 1] {
            let wanted = n * (n + 1) / 2 + round;
            assert_eq!(call(&i, &format!("f{n}"), &[Val::I32(round)]).unwrap(), Val::I32(wanted));
        }
    }
    let stats = stats(&i);
    assert_eq!(stats.compiled, COUNT as u32);
}

#[test]
fn modules_may_die_while_they_are_compiled() {
    let engine = Engine::new(Config { tier_calls: 0, ..Config::default() });
    for n in 0..50 {
        let s = Store::new(&engine).unwrap();
        let i = instance(&s, SQUARES);
        assert_eq!(call(&i, "sum", &[Val::I32(n + 1)]).unwrap(), Val::I32(sum(n + 1)));
    }
    soon(|| engine.usage().modules == 0);
}

#[test]
fn stops_reach_code_that_counts() {
    let s = tiering(NEVER, NEVER);
    let i = instance(&s, "(module (func (export \"f\") (loop $l (br $l))))");
    let interrupter = s.interrupter();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        interrupter.interrupt()
    });
    let trap = i.func("f").unwrap().call(&[], &mut []).unwrap_err();
    assert_eq!(trap.kind(), TrapKind::Interrupted);
    assert!(stop.join().unwrap());
}

/// Calls an export by the interpreter, and with its frames going on as machine code from their first loop, or after some trips:
/// the same results, or traps with the same frames. Gives how many loops were entered at most.
pub fn everywhere(text: &str, name: &str, args: &[Val]) -> u32 {
    let run = |s: Store| {
        let i = instance(&s, text);
        let results = &i.func(name).unwrap().ty().results.to_vec();
        let mut vals: Vec<Val> = results.iter().map(|ty| Val::default_for(*ty, s.engine().types())).collect();
        let ended = i.func(name).unwrap().call(args, &mut vals).map_err(|t| {
            let frames: Vec<_> = t.frames().map(|f| (f.func_index, f.module_offset)).collect();
            (t.kind(), frames)
        });
        (ended.map(|()| vals), stats(&i))
    };
    let plain = run(Store::new(&Engine::new(Config { tier: Tier::Interpreter, ..Config::default() })).unwrap()).0;
    let mut most = 0;
    for loops in [0, 1, 3] {
        let (outcome, stats) = run(tiering(NEVER, loops));
        assert_eq!(outcome, plain, "{name} {args:?} after {loops}");
        assert_eq!(stats.uncovered, [], "{name}");
        most = most.max(stats.loops);
    }
    let (outcome, _) = run(tiering(1, 1));
    assert_eq!(outcome, plain, "{name} {args:?}");
    fuel_is_the_same(text, name, args);
    most
}

/// Calls an export with so much fuel by a store that meters: how it ends, where, and what is left.
fn paid(i: &Instance, name: &str, args: &[Val], units: u64) -> (Option<TrapKind>, Vec<u32>, u64) {
    let (s, func) = (i.store(), i.func(name).unwrap());
    s.set_fuel(units);
    let mut vals: Vec<Val> = func.ty().results.iter().map(|ty| Val::default_for(*ty, s.engine().types())).collect();
    match func.call(args, &mut vals) {
        Ok(()) => (None, Vec::new(), s.fuel()),
        Err(t) => (Some(t.kind()), t.frames().map(|f| f.func_index).collect(), s.fuel()),
    }
}

/// Fuel runs out at the same places in every tier, and leaves the same.
fn fuel_is_the_same(text: &str, name: &str, args: &[Val]) {
    let metered = |c: Config| {
        let c = Config { fuel: true, deterministic: true, compile_threads: 0, inline_all: true, ..c };
        let s = Store::new(&Engine::new(c)).unwrap();
        instance(&s, text)
    };
    let ways = [(Tier::Eager, 0, 0), (Tier::Tiering, NEVER, 0), (Tier::Tiering, 1, 1)];
    let ways = ways.map(|(tier, tier_calls, tier_loops)| Config { tier, tier_calls, tier_loops, ..Config::default() });
    let interpreter = || metered(Config { tier: Tier::Interpreter, ..Config::default() });
    let total = 1 << 40;
    // Guests keep what they have done to memory, so each run has a fresh one.
    let used = total - paid(&interpreter(), name, args, total).2;
    let stops = (0..used.min(40)).chain((40..used).step_by((used as usize / 20).max(1))).chain([used, total]);
    for units in stops {
        let wanted = paid(&interpreter(), name, args, units);
        for way in &ways {
            assert_eq!(
                paid(&metered(way.clone()), name, args, units),
                wanted,
                "{name} {args:?} {units} {:?}",
                way.tier
            );
        }
    }
}

#[test]
fn frames_go_on_as_machine_code() {
    let text = "(module (memory 1)
        (func $id (param i32) (result i32) (local.get 0))
        ;; Operands and constants below the loop, of all types.
        (func (export \"below\") (param i32 f64) (result f64 i64 f32 i32) (local i32 i64 f32)
          (local.set 3 (i64.const 7)) (local.set 4 (f32.const 1.5))
          (f64.add (local.get 1) (f64.const 1))
          (i64.const 1234567890123)
          (f32.mul (local.get 4) (f32.const 2))
          (i32.const -5)
          (loop $l (param i32) (result i32)
            (i32.add (local.get 0))
            (local.set 3 (i64.add (local.get 3) (i64.extend_i32_u (local.get 0))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (i32.add (i32.wrap_i64 (local.get 3))))
        ;; Loops in loops, one in each arm of an `if`, and locals that only some of them change.
        (func (export \"nested\") (param i32) (result i32) (local i32 i32 i32 i32)
          (local.set 3 (i32.const 100))
          (loop $outer
            (local.set 2 (i32.const 4))
            (block $out (result i32)
              (i32.const 9)
              (if (result i32) (i32.and (local.get 0) (i32.const 1))
                (then
                  (loop $odd
                    (local.set 1 (i32.add (local.get 1) (i32.mul (local.get 2) (local.get 3))))
                    (br_if $odd (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
                  (i32.const 3))
                (else
                  (loop $even
                    (local.set 4 (i32.add (local.get 4) (i32.const 3)))
                    (drop (br_if $out (local.get 4) (i32.gt_u (local.get 4) (i32.const 30))))
                    (br_if $even (local.tee 2 (i32.sub (local.get 2) (i32.const 1)))))
                  (i32.const 5)))
              (i32.add))
            (local.set 1 (i32.add (local.get 1)))
            (br_if $outer (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (i32.add (local.get 1) (i32.add (local.get 3) (local.get 4))))
        ;; Calls from the loop, a table of branches, and a return out of the middle.
        (func (export \"calls\") (param i32) (result i32) (local i32)
          (loop $l
            (block $a (block $b (block $c
              (br_table $a $b $c (i32.rem_u (local.get 0) (i32.const 3))))
              (local.set 1 (i32.add (local.get 1) (call $id (local.get 0)))) (br $a))
              (local.set 1 (i32.xor (local.get 1) (i32.const 77))))
            (if (i32.gt_s (local.get 1) (i32.const 5000)) (then (return (local.get 1))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (call $id (i32.add (local.get 1) (i32.const 1))))
        ;; A trap some trips later, and one behind the loop.
        (func $traps (export \"traps\") (param i32 i32) (result i32)
          (loop $l
            (drop (i32.div_u (i32.const 100) (local.get 0)))
            (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
            (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
          (i32.load (i32.mul (local.get 0) (i32.const 65536))))
        (func (export \"outer\") (param i32 i32) (result i32)
          (loop $l (result i32)
            (call $traps (local.get 0) (local.get 1))
            (br_if $l (i32.eqz (i32.add (local.get 0) (local.get 1))))))
        ;; Memory grows under way.
        (func (export \"grow\") (param i32) (result i32) (local i32)
          (loop $l
            (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (local.get 0))
            (drop (memory.grow (i32.and (local.get 0) (i32.const 1))))
            (local.set 1 (i32.add (local.get 1) (i32.load (i32.const 65532))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (i32.add (local.get 1) (memory.size))))";
    for n in [1, 2, 5, 30, 1000] {
        let n = Val::I32(n);
        everywhere(text, "below", &[n.clone(), 2.25f64.into()]);
        everywhere(text, "nested", &[n.clone()]);
        everywhere(text, "calls", &[n.clone()]);
        for m in [1, 3, 40] {
            everywhere(text, "traps", &[n.clone(), Val::I32(m)]);
            everywhere(text, "outer", &[n.clone(), Val::I32(m)]);
        }
    }
    assert_eq!(everywhere(text, "below", &[Val::I32(100), 2.25f64.into()]), 1);
    assert!(everywhere(text, "nested", &[Val::I32(100)]) >= 1);
    assert_eq!(everywhere(text, "calls", &[Val::I32(100)]), 1);
    assert_eq!(everywhere(text, "grow", &[Val::I32(20)]), 1);
}

#[test]
fn stops_reach_frames_that_have_gone_on() {
    let s = tiering(NEVER, 1);
    let i = instance(&s, "(module (func (export \"f\") (loop $l (br $l))))");
    let interrupter = s.interrupter();
    let stop = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        interrupter.interrupt()
    });
    let trap = i.func("f").unwrap().call(&[], &mut []).unwrap_err();
    assert_eq!(trap.kind(), TrapKind::Interrupted);
    assert!(stop.join().unwrap());
    assert_eq!(stats(&i).loops, 1);
}

#[test]
fn machine_code_called_from_a_loop_may_get_hot_itself() {
    let text = "(module
        (func $fib (export \"fib\") (param i32) (result i32)
          (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
            (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
        (func (export \"f\") (param i32) (result i32) (local i32)
          (loop $l
            (local.set 1 (i32.add (local.get 1) (call $fib (local.get 0))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (local.get 1)))";
    for calls in [0, 1, 2, 10, 100, 1000] {
        let i = instance(&tiering(calls, calls), text);
        assert_eq!(call(&i, "f", &[Val::I32(15)]).unwrap(), Val::I32(1596));
    }
}

/// Exceptions from, into and through frames that have gone on as machine code in a loop (spec, "Control Instructions").
#[test]
fn exceptions_pass_frames_that_have_gone_on() {
    let text = "(module (tag $e (param i32 i64)) (tag $v (param f64)) (tag $none)
        (global $seen (mut i32) (i32.const 0))
        (func $throws (param i32) (if (i32.eqz (i32.rem_u (local.get 0) (i32.const 7))) (then
            (throw $e (local.get 0) (i64.const 0x123456789)))))
        ;; The loop is inside the try block, so code that starts at its header starts inside of it.
        (func (export \"inside\") (param i32) (result i32 i64 f64) (local f64)
          (local.set 1 (f64.const 2.5))
          (block $caught (result i32 i64)
            (try_table (catch $e $caught)
              (loop $l
                (local.set 1 (f64.add (local.get 1) (f64.const 1)))
                (call $throws (local.get 0))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
            (i32.const -1) (i64.const -1))
          (local.get 1))
        ;; Thrown and caught in each trip, by the loop's own frame, with operands below it.
        (func (export \"trips\") (param i32) (result i64) (local i64)
          (i64.const 40)
          (loop $l
            (block $done
              (block $other
                (block $caught (result i32 i64)
                  (try_table (catch $e $caught) (catch_all $other)
                    (if (i32.and (local.get 0) (i32.const 1)) (then (throw $e (local.get 0) (local.get 1))))
                    (throw $v (f64.const 1)))
                  (unreachable))
                (local.set 1 (i64.add (i64.const 3)))
                (local.set 1 (i64.add (i64.extend_i32_s) (local.get 1)))
                (br $done))
              (local.set 1 (i64.mul (local.get 1) (i64.const 5))))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (i64.add (local.get 1)))
        ;; Leaves the frame, for one that has gone on as well, and for one that catches in its loop and throws on.
        (func $leaves (param i32) (result i32)
          (loop $l
            (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
            (call $throws (local.get 0))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (global.get $seen))
        (func $again (param i32) (result i32) (local exnref)
          (loop $l
            (block $caught (result exnref)
              (try_table (catch_all_ref $caught) (drop (call $leaves (local.get 0))))
              (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
              (return (i32.const -7)))
            (local.set 1)
            (br_if $l (i32.gt_s (local.tee 0 (i32.sub (local.get 0) (i32.const 2))) (i32.const 20))))
          (throw_ref (local.get 1)))
        (func (export \"through\") (param i32) (result i32 i64 i32) (local i32)
          (local.set 1 (i32.const 3))
          (loop $l (result i32 i64)
            (block $caught (result i32 i64)
              (try_table (catch $e $caught)
                (drop (call $again (i32.add (local.get 0) (local.get 1)))))
              (i32.const -2) (i64.const -2))
            (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
          (global.get $seen))
        ;; Caught by nobody.
        (func (export \"uncaught\") (param i32)
          (drop (call $leaves (local.get 0))) (drop (call $again (local.get 0))))
        ;; The legacy instructions.
        (func (export \"legacy\") (param i32) (result i32) (local i32)
          loop $l
            try
              try
                try
                  local.get 0 call $throws throw $none
                delegate 0
              catch $e
                drop local.get 1 i32.add local.set 1 rethrow 0
              catch $none
                local.get 1 i32.const 1 i32.sub local.set 1
              end
            catch_all
              local.get 1 i32.const 100 i32.add local.set 1
            end
            local.get 0 i32.const 1 i32.sub local.tee 0 br_if $l
          end
          (local.get 1)))";
    for name in ["inside", "trips", "through", "uncaught", "legacy"] {
        let mut most = 0;
        for n in [1, 2, 5, 8, 30, 48] {
            most = most.max(everywhere(text, name, &[Val::I32(n)]));
        }
        assert!(most >= 1, "{name}");
    }
}
