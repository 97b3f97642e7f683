//! Loops that are inverted, what leaves them, and stores that are left out: the same results, traps, places of traps and the same memory
//! as from the interpreter, with and without checks.

use super::guard::all_agree;
use super::machine::both;
use super::*;
use crate::vm::trap::TrapKind;

const LOOPS: &str = "(module (memory (export \"m\") 1 4) (global $g (export \"g\") (mut i32) (i32.const 0))
    (data (i32.const 0) \"\\05\\00\\00\\00\\07\\00\\00\\00\")
    ;; The sum of a word, N times; the word may be outside.
    (func (export \"sum\") (param $p i32) (param $n i32) (result i32) (local $s i32)
      (block $done
        (loop $l
          (br_if $done (i32.eqz (local.get $n)))
          (local.set $s (i32.add (local.get $s) (i32.load offset=4 (local.get $p))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $l)))
      (local.get $s))
    ;; What is stored before the trap stays.
    (func (export \"late\") (param $p i32) (param $n i32) (result i32)
      (block $done
        (loop $l
          (br_if $done (i32.eqz (local.get $n)))
          (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 100)))
          (global.set $g (i32.add (global.get $g) (i32.load (local.get $p))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $l)))
      (i32.load (i32.const 0)))
    ;; A store may change what the loop loads.
    (func (export \"alias\") (param $p i32) (param $n i32) (result i32) (local $s i32)
      (block $done
        (loop $l
          (br_if $done (i32.ge_u (local.get $n) (i32.const 40)))
          (local.set $s (i32.add (local.get $s) (i32.load (i32.const 0))))
          (i32.store (local.get $p) (local.get $n))
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br $l)))
      (local.get $s))
    ;; The header has a load that the body changes, one that it does not, and two ways out.
    (func (export \"find\") (param $x i32) (param $n i32) (result i32) (local $i i32)
      (block $done
        (loop $l
          (br_if $done (i32.ge_u (local.get $i) (i32.add (i32.load (i32.const 4)) (i32.load (i32.const 64)))))
          (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
          (br_if $done (i32.eq (local.get $i) (local.get $x)))
          (br_if $done (i32.gt_u (local.get $i) (local.get $n)))
          (local.set $i (i32.add (local.get $i) (i32.const 2)))
          (br $l)))
      (i32.add (i32.mul (local.get $i) (i32.const 1000)) (i32.load (i32.const 64))))
    ;; Two divisions: the one that traps first is told.
    (func (export \"divide\") (param $a i32) (param $b i32) (result i32) (local $i i32) (local $s i32)
      (block $done
        (loop $l
          (br_if $done (i32.ge_u (local.get $i) (i32.const 3)))
          (global.set $g (i32.add (global.get $g) (i32.const 1)))
          (local.set $s (i32.add (local.get $s) (i32.div_s (i32.const 100) (local.get $a))))
          (local.set $s (i32.add (local.get $s) (i32.div_s (i32.const -2147483648) (local.get $b))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $l)))
      (local.get $s))
    ;; A nest whose inner loop may not run.
    (func (export \"nest\") (param $p i32) (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
      (block $done
        (loop $outer
          (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
          (local.set $j (i32.const 2))
          (block $next
            (loop $inner
              (br_if $next (i32.ge_u (local.get $j) (local.get $i)))
              (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 3)) (i32.load (local.get $p))))
              (local.set $j (i32.add (local.get $j) (i32.const 1)))
              (br $inner)))
          (global.set $g (i32.add (global.get $g) (i32.load (i32.const 4))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $outer)))
      (local.get $s))
    ;; The memory grows while it is read.
    (func (export \"grow\") (param $p i32) (param $n i32) (result i32) (local $s i32)
      (block $done
        (loop $l
          (br_if $done (i32.eqz (local.get $n)))
          (drop (memory.grow (i32.const 1)))
          (i32.store (i32.const 0) (memory.size))
          (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $l)))
      (local.get $s))
    ;; Stores behind each other: the first is seen only by a trap between them.
    (func (export \"dead\") (param $p i32) (param $q i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1))
      (global.set $g (i32.const 1))
      (i32.store (i32.const 0) (i32.const 2))
      (drop (i32.load (local.get $p)))
      (i32.store8 (i32.const 1) (i32.const 3))
      (global.set $g (i32.const 2))
      (global.set $g (i32.const 3))
      (i32.store16 (i32.const 0) (i32.const 0x0505))
      (drop (i32.load (local.get $q)))
      (i32.load8_u (i32.const 1)))
    ;; A sum that another check covers, and one that wraps around.
    (func (export \"sums\") (param $p i32) (param $x i32) (result i32)
      (i32.store offset=12 (local.get $p) (local.get $x))
      (i32.store8 offset=2 (i32.add (local.get $p) (i32.const 13)) (i32.const 7))
      (i32.store (i32.add (local.get $p) (i32.const -16)) (i32.mul (local.get $x) (i32.const 3)))
      (i32.load (i32.sub (i32.load offset=12 (local.get $p)) (i32.const 1))))
    ;; The same, where the access makes one instruction with the sum: the place of a trap is the access.
    (func (export \"one\") (param $p i32) (param $x i32) (result i32)
      (i32.store (i32.add (local.get $p) (i32.const -16)) (local.get $x))
      (i32.store offset=8 (i32.add (local.get $p) (local.get $x)) (local.get $x))
      (i32.load (i32.add (local.get $p) (i32.const 4))))
    ;; A load that a check in the loop covers stays behind it.
    (func (export \"covered\") (param $p i32) (param $n i32) (result i32) (local $s i32)
      (loop $l
        (global.set $g (local.get $n))
        (local.set $s (i32.add (local.get $s) (i32.load offset=8 (local.get $p))))
        (local.set $s (i32.add (local.get $s) (i32.load (i32.add (local.get $p) (i32.const 4)))))
        (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0))))
      (local.get $s))
    )";

#[test]
fn loops_do_what_they_did() {
    let outside = [0, 4, 8, 65528, 65532, 65533, 65536, 70000, -4, -1];
    for p in outside {
        for n in [0, 1, 5] {
            for name in ["sum", "late", "alias", "find", "nest", "grow", "dead", "sums", "one", "covered"] {
                let _ = all_agree(LOOPS, name, &[Val::I32(p), Val::I32(n)]);
            }
            let _ = all_agree(LOOPS, "dead", &[Val::I32(n), Val::I32(p)]);
        }
    }
    for (a, b) in [(1, 1), (0, -1), (3, -1), (3, 0), (0, 0), (-7, 2)] {
        let _ = all_agree(LOOPS, "divide", &[Val::I32(a), Val::I32(b)]);
    }
    let trace = all_agree(LOOPS, "sum", &[Val::I32(65532), Val::I32(0)]);
    assert_eq!(trace.0, Ok(Val::I32(0)), "a loop that is not entered loads nothing");
    let trace = all_agree(LOOPS, "late", &[Val::I32(-1), Val::I32(1)]);
    assert!(matches!(trace.0, Err((TrapKind::MemoryOutOfBounds, _))));
    assert_eq!(trace.1, 105, "the store comes first");
}

#[test]
fn lowest_bits_are_found() {
    let text = "(module
        (func (export \"bits\") (param $x i32) (result i32) (local $s i32)
          (block $done
            (loop $l
              (br_if $done (i32.eqz (local.get $x)))
              (local.set $s (i32.add (i32.mul (local.get $s) (i32.const 37)) (i32.and (local.get $x) (i32.sub (i32.const 0) (local.get $x)))))
              (local.set $x (i32.and (i32.sub (local.get $x) (i32.const 1)) (local.get $x)))
              (br $l)))
          (local.get $s))
        (func (export \"long\") (param $x i64) (result i64) (local $s i64)
          (loop $l
            (local.set $s (i64.add (i64.mul (local.get $s) (i64.const 37))
              (i64.and (i64.sub (i64.const 0) (local.get $x)) (local.get $x))))
            (br_if $l (i32.wrap_i64 (i64.shr_u (local.tee $x (i64.and (local.get $x) (i64.add (local.get $x) (i64.const -1)))) (i64.const 3)))))
          (i64.xor (local.get $s) (local.get $x)))
        (func (export \"not\") (param $x i64) (result i64)
          (i64.and (i64.xor (i64.shr_s (local.get $x) (i64.const 7)) (i64.const -1)) (local.get $x))))";
    for x in [0u64, 1, 2, 3, 0x80, 0x8000_0000, 0xffff_ffff, 0x5555_aaaa_1234_5678, 1 << 63, u64::MAX] {
        let _ = both(text, "bits", &[Val::I32(x as i32)]).unwrap();
        let _ = both(text, "long", &[Val::I64(x as i64)]).unwrap();
        assert_eq!(both(text, "not", &[Val::I64(x as i64)]), Ok(Val::I64(!((x as i64) >> 7) & x as i64)));
    }
}

/// Products of counters, which are carried along as sums: all that a counter can be, and where the numbers wrap around.
#[test]
fn products_of_counters_are_what_they_were() {
    let bodies = [
        // The product of this trip, of the next and of the last one; two products of one counter; a negative factor.
        "(i32.mul (local.get $i) (i32.const 24))",
        "(i32.sub (i32.mul (i32.add (local.get $i) (i32.const 1)) (i32.const 24)) (i32.mul (local.get $i) (i32.const 7)))",
        "(i32.xor (i32.mul (i32.sub (local.get $i) (i32.const 3)) (i32.const -1)) (i32.mul (local.get $i) (i32.const 0x12345677)))",
        "(i32.add (i32.mul (local.get $i) (i32.const 11)) (i32.add (i32.mul (local.get $i) (i32.const 13))
          (i32.mul (local.get $i) (i32.const 17))))",
        "(if (result i32) (i32.and (local.get $i) (i32.const 1)) (then (i32.mul (local.get $i) (i32.const 24))) (else (i32.const 5)))",
        "(i32.mul (i32.mul (local.get $i) (i32.const 24)) (i32.const 25))",
        "(i32.wrap_i64 (i64.shr_u (i64.mul (local.get $w) (i64.const 0x7fff_ffff_ffff_fff7)) (i64.const 31)))",
    ];
    let ends = [
        // One way back; two that agree; two that do not; one that is a guard's; backwards; a table's.
        "(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))",
        "(if (i32.and (local.get $s) (i32.const 4)) (then (local.set $i (i32.add (local.get $i) (i32.const 3)))
            (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))) (br $done)))
         (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))",
        "(if (i32.and (local.get $s) (i32.const 4)) (then (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))) (br $done)))
         (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))",
        "(local.set $n (i32.sub (local.get $n) (i32.const 1))) (br $l)",
        "(br_table $done $l $done (i32.ne (i32.const 0) (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))",
    ];
    for (b, body) in bodies.iter().enumerate() {
        for (e, end) in ends.iter().enumerate() {
            let step = ["(i32.add (local.get $i) (i32.const 1))", "(i32.sub (local.get $i) (i32.const 0x1000_0001))"]
                [(b + e) % 2];
            let text = format!(
                "(module (func (export \"f\") (param $n i32) (param $i i32) (result i32) (local $s i32) (local $w i64) (local $o i32)
                  (local.set $w (i64.extend_i32_s (local.get $i)))
                  (loop $again
                    (block $done
                      (loop $l
                        (br_if $done (i32.le_s (local.get $n) (i32.const 0)))
                        (local.set $s (i32.add (i32.rotl (local.get $s) (i32.const 5)) {body}))
                        (local.set $i {step})
                        (local.set $w (i64.add (local.get $w) (i64.const 3)))
                        {end}))
                    (local.set $n (i32.const 7))
                    (br_if $again (i32.lt_u (local.tee $o (i32.add (local.get $o) (i32.const 1))) (i32.const 3))))
                  (i32.xor (local.get $s) (local.get $i))))"
            );
            for (n, i) in [(1, 0), (2, 5), (40, -3), (9, i32::MAX), (0, 1)] {
                assert!(both(&text, "f", &[Val::I32(n), Val::I32(i)]).is_ok());
            }
        }
    }
}
