//! Inlined calls: nobody can tell them from others, by backtraces, exceptions, fuel, or what the collector finds.

use super::machine::{both, interpreted, tier};
use super::tier::everywhere;
use super::*;
use crate::jit;
use crate::vm::trap::TrapKind;

/// How many functions are inlined in an exported one.
fn inlined_in(i: &Instance, name: &str) -> usize {
    let (code, module) = (i.code(), &i.code().module);
    let defined = module.defined_func(module.export(name).unwrap().index).unwrap();
    let f = jit::ssa::build::build(module, defined, None, code.options(), Some(code), &mut Default::default()).unwrap();
    let mut calls: Vec<u32> = f.inlined.iter().map(|p| p.call).collect();
    calls.dedup();
    calls.sort_unstable();
    calls.dedup();
    calls.len()
}

#[track_caller]
fn assert_inlines(text: &str, name: &str, calls: usize) {
    let s = tier(true);
    assert_eq!(inlined_in(&instance(&s, text), name), calls, "{name}");
}

fn i32s(list: &[i32]) -> Vec<Val> {
    list.iter().map(|n| Val::I32(*n)).collect()
}

const TRAPS: &str = "(module (memory 1) (table 2 funcref)
    (func $div (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
    (func $load (param i32) (result i32) (i32.load offset=8 (local.get 0)))
    (func $two (param i32 i32) (result i32)
        (i32.add (i32.const 3) (call $div (call $load (local.get 0)) (local.get 1))))
    (func $fill (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
    (func $stop (param i32) (if (local.get 0) (then (unreachable))))
    (func $indirect (param i32) (call_indirect (param i32) (i32.const 5) (local.get 0)))
    (func $large (param i32) (result i32) $interpreted (i32.rem_u (i32.const 8) (local.get 0)))
    (func $calls (param i32) (result i32) (i32.add (i32.const 1) (call $large (local.get 0))))
    (func (export \"two\") (param i32 i32) (result i32)
        (i32.store (i32.const 8) (i32.const 100))
        (i32.add (call $two (local.get 0) (local.get 1)) (call $two (local.get 0) (local.get 1))))
    (func (export \"fill\") (param i32 i32) (result i32) (call $fill (local.get 0) (local.get 1)) (i32.const 1))
    (func (export \"stop\") (param i32) (result i32) (local i32)
        (loop $l (call $stop (i32.eq (local.get 1) (local.get 0)))
            (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 20))))
        (local.get 1))
    (func (export \"indirect\") (param i32) (result i32) (call $indirect (local.get 0)) (i32.const 1))
    (func (export \"calls\") (param i32) (result i32)
        (i32.add (call $calls (i32.const 3)) (call $calls (local.get 0)))))";

#[test]
fn traps_have_the_frames_of_inlined_calls() {
    let text = &TRAPS.replace("$interpreted", &interpreted());
    assert_inlines(text, "two", 6);
    assert_inlines(text, "stop", 1);
    assert_inlines(text, "calls", 2);
    use TrapKind::*;
    assert_eq!(both(text, "two", &i32s(&[0, 7])), Ok(Val::I32(34)));
    assert_eq!(both(text, "two", &i32s(&[0, 0])), Err(IntegerDivideByZero));
    assert_eq!(both(text, "two", &i32s(&[65536 - 11, 1])), Err(MemoryOutOfBounds));
    assert_eq!(both(text, "two", &i32s(&[-1, 1])), Err(MemoryOutOfBounds));
    // Below a routine of the library.
    assert_eq!(both(text, "fill", &i32s(&[65530, 6])), Ok(Val::I32(1)));
    assert_eq!(both(text, "fill", &i32s(&[65530, 7])), Err(MemoryOutOfBounds));
    assert_eq!(both(text, "stop", &i32s(&[20])), Ok(Val::I32(20)));
    assert_eq!(both(text, "stop", &i32s(&[11])), Err(Unreachable));
    assert_eq!(both(text, "indirect", &i32s(&[1])), Err(UninitializedElement));
    assert_eq!(both(text, "indirect", &i32s(&[2])), Err(UndefinedElement));
    // Below a function that is called.
    assert_eq!(both(text, "calls", &i32s(&[5])), Ok(Val::I32(2 + 2 + 3)));
    assert_eq!(both(text, "calls", &i32s(&[0])), Err(IntegerDivideByZero));
}

#[test]
fn the_host_sees_the_frames_of_inlined_calls() {
    let text = "(module (import \"h\" \"f\" (func $h (param i32) (result i32)))
        (func $inner (param i32) (result i32) (i32.add (i32.const 1) (call $h (local.get 0))))
        (func $outer (param i32) (result i32) (i32.add (call $inner (local.get 0)) (call $inner (i32.const 0))))
        (func (export \"go\") (param i32) (result i32) (i32.mul (i32.const 2) (call $outer (local.get 0)))))";
    let run = |compile: bool| {
        let s = tier(compile);
        let host = Func::new(&s, &func_type(&[ValType::I32], &[ValType::I32]), |caller, args, results| {
            if args[0] == Val::I32(9) {
                return Err(Trap::new(caller.store(), "nine"));
            }
            results[0] = args[0].clone();
            Ok(())
        });
        let i = instantiate(&s, text, &[host.into()]).unwrap();
        assert_eq!(inlined_in(&i, "go"), 3);
        assert_eq!(call(&i, "go", &[Val::I32(3)]).unwrap(), Val::I32(2 * (3 + 1 + 1)));
        let trap = call(&i, "go", &[Val::I32(9)]).unwrap_err();
        trap.frames().map(|f| (f.func_index, f.func_offset, f.module_offset)).collect::<Vec<_>>()
    };
    let frames = run(true);
    assert_eq!(frames.iter().map(|f| f.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(frames, run(false));
}

#[test]
fn exceptions_cross_inlined_calls() {
    let text = "(module (tag $a (param i32)) (tag $b)
        (func $throw (param i32)
            (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 40))))
            (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b)))
            (if (i32.eq (local.get 0) (i32.const 3)) (then (unreachable))))
        (func $far (param i32) $interpreted (call $throw (local.get 0)))
        (func $catches (param i32) (result i32) (local i32)
            (local.set 1 (i32.const 7))
            (block $h (result i32)
                (try_table (catch $a $h)
                    (call $far (local.get 0)) (local.set 1 (i32.const 8)) (call $throw (local.get 0)))
                (return (local.get 1)))
            (i32.add (local.get 1)))
        ;; Thrown by the callee, caught by the caller.
        (func (export \"up\") (param i32 i32) (result i32) (local i32)
            (local.set 2 (i32.mul (local.get 0) (i32.const 1000)))
            (block $b
                (block $a (result i32)
                    (try_table (catch $a $a) (catch $b $b)
                        (local.set 2 (i32.add (local.get 2) (i32.const 1)))
                        (if (local.get 1) (then (call $far (local.get 0))) (else (call $throw (local.get 0))))
                        (local.set 2 (i32.add (local.get 2) (i32.const 1))))
                    (return (local.get 2)))
                (return (i32.add (local.get 2))))
            (i32.sub (i32.const 0) (local.get 2)))
        ;; Caught by the callee, or else by the caller, or by nobody.
        (func (export \"down\") (param i32 i32) (result i32) (local i32)
            (loop $l
                (local.set 2 (i32.add (local.get 2) (call $catches (local.get 0))))
                (br_if $l (local.tee 1 (i32.sub (local.get 1) (i32.const 1)))))
            (block $b
                (try_table (catch $b $b)
                    (local.set 2 (i32.add (local.get 2) (call $catches (local.get 0))))
                    (return (local.get 2))))
            (i32.const 99))
        (func (export \"both\") (param i32 i32) (result i32) (local i32)
            (local.set 2 (i32.const 5))
            (block $b
                (try_table (catch_all $b)
                    (local.set 2 (call $catches (local.get 0)))
                    (call $throw (local.get 1))))
            (local.get 2))
        (func $legacy (param i32) (result i32)
            try (result i32)
                try (result i32) (call $throw (local.get 0)) (i32.const 1) delegate 1
            catch_all
                i32.const 100
            end)
        (func (export \"legacy\") (param i32 i32) (result i32)
            try (result i32)
                try (result i32) (call $legacy (local.get 0)) catch $a (i32.add (local.get 1)) rethrow 0 end
            catch $a
                (i32.add (i32.const 3))
            catch_all
                i32.const 8
            end))";
    let text = &text.replace("$interpreted", &interpreted());
    assert_inlines(text, "both", 3);
    for name in ["up", "down", "both", "legacy"] {
        for a in 0..4 {
            for b in 0..4 {
                let _ = both(text, name, &i32s(&[a, b.max((name == "down") as i32)]));
            }
        }
    }
    assert_eq!(both(text, "up", &i32s(&[1, 0])), Ok(Val::I32(1041)));
    assert_eq!(both(text, "up", &i32s(&[2, 1])), Ok(Val::I32(-2001)));
    assert_eq!(both(text, "down", &i32s(&[1, 3])), Ok(Val::I32(47 * 4)));
    assert_eq!(both(text, "down", &i32s(&[2, 1])), Err(TrapKind::UncaughtException));
    assert_eq!(both(text, "both", &i32s(&[1, 2])), Ok(Val::I32(47)));
    assert_eq!(both(text, "both", &i32s(&[2, 0])), Ok(Val::I32(5)));
    assert_eq!(both(text, "legacy", &i32s(&[1, 0])), Ok(Val::I32(43)));
    assert_eq!(both(text, "legacy", &i32s(&[2, 0])), Ok(Val::I32(8)));
}

#[test]
fn objects_in_inlined_functions_are_found() {
    let text = "(module
        (type $node (struct (field i32) (field (mut (ref null $node)))))
        (func $garbage (param i32) (loop $l (drop (struct.new $node (i32.const 0) (ref.null $node)))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func $more $interpreted (call $garbage (i32.const 70000)))
        (func $push (param (ref null $node)) (param i32) (result (ref null $node)) (local $new (ref null $node))
            (local.set $new (struct.new $node (local.get 1) (local.get 0)))
            (call $more)
            (local.get $new))
        (func (export \"run\") (param i32) (result i32) (local $list (ref null $node)) (local $sum i32)
            (loop $l
                (local.set $list (call $push (local.get $list) (local.get 0)))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (loop $l
                (local.set $sum (i32.add (local.get $sum) (struct.get $node 0 (local.get $list))))
                (br_if $l (i32.eqz (ref.is_null (local.tee $list (struct.get $node 1 (local.get $list)))))))
            (local.get $sum)))";
    let text = &text.replace("$interpreted", &interpreted());
    assert_inlines(text, "run", 1);
    assert_eq!(both(text, "run", &i32s(&[30])), Ok(Val::I32(30 * 31 / 2)));
}

#[test]
fn loops_and_fuel_are_the_same_with_inlined_calls() {
    let text = "(module (memory 1) (global $g (mut i32) (i32.const 0))
        (func $count (param i32) (result i32)
            (global.set $g (i32.add (global.get $g) (local.get 0)))
            (if (i32.eq (local.get 0) (i32.const 30)) (then (return (i32.const 3))))
            (global.get $g))
        (func $small (param i32) (result i32) (local i32)
            (block $out (loop $l
                (br_if $out (i32.eqz (local.get 0)))
                (local.set 1 (i32.add (local.get 1) (call $count (local.get 0))))
                (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
                (br $l)))
            (local.get 1))
        (func $never (param i32) (result i32) (unreachable))
        (func $maybe (param i32) (result i32)
            (if (result i32) (i32.gt_u (local.get 0) (i32.const 1000)) (then (call $never (local.get 0))) (else (i32.const 2))))
        (func (export \"run\") (param i32) (result i32) (local i32)
            (loop $l
                (i32.store (i32.shl (local.get 0) (i32.const 2)) (call $small (i32.rem_u (local.get 0) (i32.const 5))))
                (local.set 1 (i32.add (local.get 1)
                    (i32.add (i32.load (i32.shl (local.get 0) (i32.const 2))) (call $maybe (local.get 0)))))
                (loop $m (br_if $m (i32.eq (call $count (i32.const 1)) (i32.const 17))))
                (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            (local.get 1))
        (func $deep (export \"deep\") (param i32) (result i32)
            (if (result i32) (local.get 0)
                (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
                (else (i32.const 0))))
        (func $forever (export \"forever\") (param i32) (result i32)
            (i32.add (i32.const 1) (call $forever (local.get 0)))))";
    assert_inlines(text, "deep", 2);
    for n in [1, 7, 40] {
        everywhere(text, "run", &i32s(&[n]));
        everywhere(text, "deep", &i32s(&[n]));
    }
    everywhere(text, "run", &i32s(&[2000]));
    for compile in [true, false] {
        let s = tier(compile);
        let i = instance(&s, text);
        for _ in 0..3 {
            let trap = call(&i, "forever", &[Val::I32(0)]).unwrap_err();
            assert_eq!(trap.kind(), TrapKind::StackOverflow);
            assert!(trap.frames().all(|f| f.func_index == trap.frames().next().unwrap().func_index));
            assert!(trap.frames().count() > 700);
        }
    }
}

#[test]
fn bodies_that_do_not_end_and_many_values() {
    let text = "(module
        (func $never (param i32) (result i32 i64) (unreachable))
        (func $loops (param i32) (result i32) (loop $l (br $l)) (unreachable))
        (func $swap (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
        (func $none)
        (func $early (param i32) (result i32 i64)
            (if (i32.eq (local.get 0) (i32.const 5)) (then (return (i32.const 50) (i64.const 51))))
            (i32.const 1) (i64.const 2))
        (func (export \"f\") (param i32) (result i32)
            (call $none)
            (call $swap (local.get 0) (i64.const 9))
            (if (i32.eq (i32.const 8)) (then (call $never (i32.const 1)) (drop) (drop)))
            (drop)
            (if (i32.eq (local.get 0) (i32.const 9)) (then (drop (call $loops (i32.const 1)))))
            (call $early (local.get 0)) (i32.wrap_i64) (i32.add)))";
    for n in [0, 5, 8] {
        let _ = both(text, "f", &i32s(&[n]));
    }
    assert_eq!(both(text, "f", &i32s(&[5])), Ok(Val::I32(101)));
    assert_eq!(both(text, "f", &i32s(&[0])), Ok(Val::I32(3)));
}

/// An indirect call that has gone to one function goes to others, to none, and to wrong ones.
#[test]
fn likely_targets_are_guesses() {
    let text = "(module (type $t (func (param i32) (result i32)))
        (import \"h\" \"f\" (func $host (type $t)))
        (table $all 7 funcref) (elem (i32.const 0) $inc $div $wrong $host $large)
        (func $inc (type $t) (i32.add (local.get 0) (i32.const 1)))
        (func $div (type $t) (i32.div_u (i32.const 100) (local.get 0)))
        (func $wrong (param i64))
        (func $large (type $t) $interpreted (i32.mul (local.get 0) (i32.const 3)))
        (func (export \"apply\") (param i32 i32) (result i32)
            (i32.add (i32.const 1000) (call_indirect (type $t) (local.get 1) (local.get 0))))
        (func (export \"ref\") (param i32 i32) (result i32)
            (i32.add (i32.const 1000)
                (call_ref $t (local.get 1) (ref.cast (ref null $t) (table.get $all (local.get 0))))))
        (tag $e)
        (func (export \"try\") (param i32 i32) (result i32)
            (block $h
                (try_table (catch_all $h)
                    (return (call_indirect (type $t) (local.get 1) (local.get 0)))))
            (i32.const 77)))"
        .replace("$interpreted", &interpreted());
    let made = |tier: Tier, fuel: bool| {
        let config =
            Config { tier, tier_calls: 100, tier_loops: u32::MAX, compile_threads: 0, fuel, ..Config::default() };
        let s = Store::new(&Engine::new(config)).unwrap();
        s.set_fuel(1 << 40);
        let host = Func::new(&s, &func_type(&[ValType::I32], &[ValType::I32]), |_, args, results| {
            results[0] = args[0].clone();
            Ok(())
        });
        instantiate(&s, &text, &[host.into()]).unwrap()
    };
    for fuel in [false, true] {
        // Whom the calls have gone to, and how many functions are inlined then.
        for (usual, inlines) in [(0, 1), (1, 1), (3, 0), (4, 0)] {
            let (machine, interpreted) = (made(Tier::Tiering, fuel), made(Tier::Interpreter, fuel));
            for name in ["apply", "ref", "try"] {
                for n in 1..600 {
                    let args = i32s(&[usual, n]);
                    assert_eq!(call(&machine, name, &args).unwrap(), call(&interpreted, name, &args).unwrap());
                }
                assert_eq!(inlined_in(&machine, name), inlines, "{name} {usual}");
                for index in -1..8 {
                    for n in [0, 7] {
                        let run = |i: &Instance| {
                            let before = i.store().fuel();
                            let outcome = call(i, name, &i32s(&[index, n])).map_err(|t| {
                                (t.kind(), t.frames().map(|f| (f.func_index, f.module_offset)).collect::<Vec<_>>())
                            });
                            (outcome, before - i.store().fuel())
                        };
                        assert_eq!(run(&machine), run(&interpreted), "{name} {index} {n} after {usual}");
                    }
                }
            }
            assert!(super::machine::stats(&machine).compiled >= 3);
        }
    }
}
