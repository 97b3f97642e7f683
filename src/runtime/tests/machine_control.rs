//! Tail calls, exceptions and objects in machine code, against the interpreter: within machine code, and from each kind of code to
//! the other. Everything in these modules has to be compiled, but for the functions made to stay interpreted.

use super::machine::{interpreted, stats, tier};
use super::*;
use crate::vm::trap::TrapKind;

/// Calls an export in both tiers. `left`: how many functions stay interpreted.
fn same(text: &str, left: usize, name: &str, args: &[Val]) -> Result<Val, TrapKind> {
    let run = |compile| {
        let s = tier(compile);
        let i = instance(&s, text);
        if compile {
            assert_eq!(stats(&i).uncovered.len(), left, "{:?}", stats(&i));
        }
        call(&i, name, args).map_err(|t| t.kind())
    };
    let (machine, interpreted) = (run(true), run(false));
    assert_eq!(machine, interpreted, "{name} {args:?}");
    machine
}

fn i32s(list: &[i32]) -> Vec<Val> {
    list.iter().map(|v| Val::I32(*v)).collect()
}

#[test]
fn tail_calls_take_no_room() {
    // $many has more parameters than fit in registers, $few has not, so each call of the one by the other moves the frame.
    let text = "(module
        (type $t (func (param i64) (result i64)))
        (table funcref (elem $by_table))
        (func $few (export \"few\") (param i64) (result i64)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 77))))
          (return_call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
            (i64.const 7) (i64.const 8) (i64.sub (local.get 0) (i64.const 1))))
        (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
          (if (i64.ne (i64.const 36) (i64.add (local.get 0) (i64.add (local.get 1) (i64.add (local.get 2) (i64.add (local.get 3)
              (i64.add (local.get 4) (i64.add (local.get 5) (i64.add (local.get 6) (local.get 7)))))))))
            (then (unreachable)))
          (return_call $few (local.get 8)))
        (func $by_table (export \"table\") (type $t)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 5))))
          (return_call_indirect (type $t) (i64.sub (local.get 0) (i64.const 1)) (i32.const 0)))
        (elem declare func $by_ref)
        (func $by_ref (export \"ref\") (type $t)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 6))))
          (return_call_ref $t (i64.sub (local.get 0) (i64.const 1)) (ref.func $by_ref)))
        (func (export \"deep\") (param i64) (result i64) (i64.add (i64.const 1) (call $few (local.get 0))))
        (func $results (param i64) (result i64 i64 i64 i64 i64 i64 i64)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7))))
          (return_call $wide (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0) (local.get 0)
            (local.get 0) (local.get 0) (local.get 0) (local.get 0) (i64.sub (local.get 0) (i64.const 1))))
        (func $wide (param i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64 i64 i64 i64 i64 i64 i64)
          (return_call $results (local.get 11)))
        (func (export \"results\") (param i64) (result i64) (local i64 i64 i64 i64 i64 i64)
          (call $results (local.get 0))
          (local.set 1) (local.set 2) (local.set 3) (local.set 4) (local.set 5) (local.set 6)
          (i64.mul (i64.const 10))
          (i64.add (local.get 6)) (i64.mul (i64.const 10)) (i64.add (local.get 5)) (i64.mul (i64.const 10)) (i64.add (local.get 4))
          (i64.mul (i64.const 10)) (i64.add (local.get 3)) (i64.mul (i64.const 10)) (i64.add (local.get 2))
          (i64.mul (i64.const 10)) (i64.add (local.get 1))))";
    for n in [0, 1, 2, 3, 200_000] {
        assert_eq!(same(text, 0, "few", &[Val::I64(n)]), Ok(Val::I64(77)));
        assert_eq!(same(text, 0, "deep", &[Val::I64(n)]), Ok(Val::I64(78)));
        assert_eq!(same(text, 0, "table", &[Val::I64(n)]), Ok(Val::I64(5)));
        assert_eq!(same(text, 0, "ref", &[Val::I64(n)]), Ok(Val::I64(6)));
        assert_eq!(same(text, 0, "results", &[Val::I64(n)]), Ok(Val::I64(1_234_567)));
    }
}

#[test]
fn tail_calls_between_the_kinds_of_code_take_no_room() {
    let locals = interpreted();
    let text = format!(
        "(module
        (func $machine (export \"machine\") (param i64) (result i64)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 7))))
          (return_call $slow (i64.sub (local.get 0) (i64.const 1))))
        (func $slow (export \"slow\") (param i64) (result i64) {locals}
          (if (i64.eqz (local.get 0)) (then (return (i64.const 8))))
          (return_call $many (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
            (i64.const 7) (i64.const 8) (i64.sub (local.get 0) (i64.const 1))))
        (func $many (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64)
          (return_call $machine (local.get 8)))
        (func $small (export \"small\") (param i64) (result i64)
          (if (i64.eqz (local.get 0)) (then (return (i64.const 9))))
          (return_call $large (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6)
            (i64.const 7) (i64.const 8) (i64.sub (local.get 0) (i64.const 1))))
        (func $large (param i64 i64 i64 i64 i64 i64 i64 i64 i64) (result i64) {locals}
          (return_call $small (local.get 8)))
        (func (export \"deep\") (param i64) (result i64) (i64.add (i64.const 1) (call $small (local.get 0)))))"
    );
    for n in [0, 1, 2, 3, 4, 5, 20_000] {
        for name in ["machine", "slow", "small", "deep"] {
            same(&text, 2, name, &[Val::I64(n)]).unwrap();
        }
    }
}

#[test]
fn exceptions_are_caught_in_machine_code() {
    let locals = interpreted();
    let text = format!(
        "(module (tag $a (param i32 f64)) (tag $b)
        (func $throw (param i32)
          (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 40) (f64.const 2))))
          (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b)))
          (if (i32.eq (local.get 0) (i32.const 3)) (then (unreachable))))
        (func $slow (param i32) {locals} (call $throw (local.get 0)))
        (func $between (param i32 i32) (result i32) (local i32 i32 i32 i32)
          (local.set 2 (i32.add (local.get 0) (i32.const 1)))
          (local.set 3 (i32.mul (local.get 0) (i32.const 3)))
          (if (local.get 1) (then (call $slow (local.get 0))) (else (call $throw (local.get 0))))
          (i32.add (local.get 2) (local.get 3)))
        (func (export \"catch\") (param i32 i32) (result i32) (local $x i32) (local $kept f64) (local $y i32)
          (local.set $x (i32.mul (local.get 0) (i32.const 100)))
          (local.set $kept (f64.convert_i32_s (local.get 0)))
          (block $all
            (block $a (result i32 f64)
              (try_table (catch $a $a) (catch_all $all)
                (local.set $y (i32.const 1000))
                (local.set $y (i32.add (local.get $y) (call $between (local.get 0) (local.get 1))))
                (return (i32.add (local.get $x) (local.get $y))))
              (unreachable))
            (i32.trunc_f64_s) (i32.add) (i32.add (local.get $x)) (i32.add (local.get $y))
            (i32.add (i32.trunc_f64_s (local.get $kept))) (return))
          (i32.add (local.get $x) (i32.add (local.get $y) (i32.const 7))))
        (func (export \"again\") (param i32 i32) (result i32) (local $e exnref) (local $n i32)
          (block $out
            (loop $more
              (block $h (result exnref)
                (try_table (catch_all_ref $h)
                  (drop (call $between (i32.rem_u (local.get $n) (i32.const 3)) (local.get 1))))
                (local.set $n (i32.add (local.get $n) (i32.const 1)))
                (br_if $more (i32.lt_u (local.get $n) (local.get 0)))
                (br $out))
              (local.set $e)
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (br_if $more (i32.lt_u (local.get $n) (local.get 0)))))
          (block $b
            (try_table (catch $b $b) (throw_ref (local.get $e)))
            (unreachable))
          (local.get $n))
        (func (export \"nested\") (param i32 i32) (result i32)
          (block $outer (result i32 f64)
            (try_table (catch $a $outer)
              (block $inner
                (try_table (catch $b $inner) (drop (call $between (local.get 0) (local.get 1))))
                (return (i32.const 1)))
              (return (i32.const 2)))
            (unreachable))
          (drop))
        (func (export \"uncaught\") (param i32 i32) (result i32)
          (block $b (try_table (catch $b $b) (drop (call $between (local.get 0) (local.get 1))))) (i32.const 3)))"
    );
    for slow in [0, 1] {
        for kind in 0..4 {
            for name in ["catch", "nested", "uncaught"] {
                let _ = same(&text, 1, name, &i32s(&[kind, slow]));
            }
        }
        assert_eq!(same(&text, 1, "catch", &i32s(&[1, slow])), Ok(Val::I32(40 + 2 + 100 + 1000 + 1)));
        assert_eq!(same(&text, 1, "catch", &i32s(&[2, slow])), Ok(Val::I32(200 + 1000 + 7)));
        assert_eq!(same(&text, 1, "nested", &i32s(&[1, slow])), Ok(Val::I32(40)));
        assert_eq!(same(&text, 1, "uncaught", &i32s(&[1, slow])), Err(TrapKind::UncaughtException));
        assert_eq!(same(&text, 1, "again", &i32s(&[3, slow])), Ok(Val::I32(3)));
        assert_eq!(same(&text, 1, "again", &i32s(&[3000, slow])), Ok(Val::I32(3000)));
        assert_eq!(same(&text, 1, "again", &i32s(&[2, slow])), Err(TrapKind::UncaughtException));
    }
}

#[test]
fn legacy_exceptions_are_caught_in_machine_code() {
    let text = "(module (tag $a (param i32)) (tag $b)
        (func $throw (param i32)
          (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $a (i32.const 40))))
          (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $b))))
        (func (export \"catch\") (param i32) (result i32) (local i32)
          try (result i32)
            (local.set 1 (i32.const 5)) (call $throw (local.get 0)) (i32.const 1)
          catch $a
            (i32.add (local.get 1))
          catch_all
            (local.get 1)
          end)
        (func (export \"rethrow\") (param i32) (result i32)
          try (result i32)
            try (result i32) (call $throw (local.get 0)) (i32.const 1) catch $a drop rethrow 0 end
          catch $a
            (i32.add (i32.const 2))
          catch $b
            i32.const 9
          end)
        (func (export \"delegate\") (param i32) (result i32)
          try (result i32)
            try (result i32)
              try (result i32) (call $throw (local.get 0)) (i32.const 1) delegate 1
            catch_all
              i32.const 100
            end
          catch $a
            (i32.add (i32.const 3))
          catch_all
            i32.const 8
          end))";
    for kind in 0..3 {
        for name in ["catch", "rethrow", "delegate"] {
            same(text, 0, name, &i32s(&[kind])).unwrap();
        }
    }
    assert_eq!(same(text, 0, "catch", &i32s(&[1])), Ok(Val::I32(45)));
    assert_eq!(same(text, 0, "rethrow", &i32s(&[1])), Ok(Val::I32(42)));
    assert_eq!(same(text, 0, "delegate", &i32s(&[1])), Ok(Val::I32(43)));
    assert_eq!(same(text, 0, "delegate", &i32s(&[2])), Ok(Val::I32(8)));
}

/// References in registers, spill slots and outgoing arguments are all the roots there are of a list that grows while the heap
/// is collected again and again.
#[test]
fn objects_live_as_long_as_machine_code_holds_them() {
    let text = "(module
        (type $node (struct (field i32) (field (mut (ref null $node))) (field i64)))
        (type $list (array (mut (ref null $node))))
        (func $garbage (param i32) (loop $l (drop (struct.new $node (i32.const 0) (ref.null $node) (i64.const 0)))
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))))
        (func (export \"run\") (param i32) (result i32)
          (local $first (ref null $node)) (local $a (ref null $node)) (local $b (ref null $node)) (local $c (ref null $node))
          (local $d (ref null $node)) (local $e (ref null $node)) (local $all (ref null $list)) (local $sum i32)
          (local.set $a (struct.new $node (i32.const 1) (ref.null $node) (i64.const 0)))
          (local.set $b (struct.new $node (i32.const 2) (local.get $a) (i64.const 0)))
          (local.set $c (struct.new $node (i32.const 3) (local.get $b) (i64.const 0)))
          (local.set $d (struct.new $node (i32.const 4) (local.get $c) (i64.const 0)))
          (local.set $e (struct.new $node (i32.const 5) (local.get $d) (i64.const 0)))
          (local.set $all (array.new $list (struct.new $node (i32.const 6) (local.get $e) (i64.const 0)) (i32.const 9)))
          (loop $l
            (call $garbage (i32.const 40000))
            (local.set $first (struct.new $node (local.get 0) (local.get $first) (i64.const 1)))
            (array.set $list (local.get $all) (i32.const 3) (local.get $first))
            (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
          (loop $l
            (local.set $sum (i32.add (local.get $sum) (struct.get $node 0 (local.get $first))))
            (br_if $l (i32.eqz (ref.is_null (local.tee $first (struct.get $node 1 (local.get $first)))))))
          (i32.add (local.get $sum) (i32.add (struct.get $node 0 (local.get $a)) (i32.add (struct.get $node 0 (local.get $b))
            (i32.add (struct.get $node 0 (local.get $c)) (i32.add (struct.get $node 0 (local.get $d))
              (i32.add (struct.get $node 0 (local.get $e))
                (struct.get $node 0 (array.get $list (local.get $all) (i32.const 8)))))))))))";
    assert_eq!(same(text, 0, "run", &i32s(&[40])), Ok(Val::I32(40 * 41 / 2 + 21)));
}

/// Many more parameters and results than registers, within what the compiler takes at a time.
#[test]
fn wide_functions_are_compiled() {
    let params = " i64".repeat(400);
    let consts: String = (0..400).map(|n| format!("(i64.const {n})")).collect();
    let gets: String = (0..400).rev().map(|n| format!("(local.get {n})")).collect();
    let sum: String = "(i64.add)".repeat(399);
    let text = format!(
        "(module (func $rev (param{params}) (result{params}) {gets})
        (func $sum (param{params}) (result i64) (i64.sub (local.get 0) (local.get 399)))
        (func (export \"f\") (param i32) (result i64) {consts} (call $rev) (call $sum))
        (func (export \"g\") (param i32) (result i64) {consts} (return_call $sum))
        (func (export \"h\") (param i32) (result i64) {consts} (call $rev) {sum}))"
    );
    assert_eq!(same(&text, 0, "f", &i32s(&[0])), Ok(Val::I64(399)));
    assert_eq!(same(&text, 0, "g", &i32s(&[0])), Ok(Val::I64(-399)));
    assert_eq!(same(&text, 0, "h", &i32s(&[0])), Ok(Val::I64(399 * 200)));
}
