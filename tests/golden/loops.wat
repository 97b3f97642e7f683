;; What loops load once, what is updated in memory, and conditions turned around.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  ;; The sum stays in a register from trip to trip; it is stored in every one.
  (func (param $n i32)
    (loop $l
      (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  ;; So does a global.
  (func (param $n i32)
    (loop $l
      (global.set $g (i32.xor (global.get $g) (local.get $n)))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  ;; Arithmetic on memory.
  (func (param $p i32)
    (i32.store offset=4 (local.get $p) (i32.add (i32.load offset=4 (local.get $p)) (i32.const 3))))
  (func (param $p i32) (param $x i64)
    (i64.store (local.get $p) (i64.sub (i64.load (local.get $p)) (local.get $x))))
  ;; A float comparison that is not to hold.
  (func (param f64 f64) (result i32)
    (if (result i32) (i32.eqz (f64.lt (local.get 0) (local.get 1)))
      (then (i32.const 7)) (else (i32.const 9))))
  ;; A scaled index without a base.
  (func (param i32) (result i32)
    (i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.const 1000)))
  ;; What paths have stored is not loaded where they meet.
  (func (param $c i32) (param $x i32) (result i32)
    (if (local.get $c)
      (then (i32.store (i32.const 8) (local.get $x)))
      (else (i32.store (i32.const 8) (i32.const 5))))
    (i32.load (i32.const 8)))
  ;; Entries of a table that go to the same place share the way there.
  (func (param $c i32) (param $x i32) (result i32)
    (block $d (result i32)
      (block $e (result i32)
        (br_table $d $e $d $d $e $d (local.get $x) (local.get $c)))
      (return (i32.add (i32.const 1)))))
  ;; A constant of 64 bits as an operand.
  (func (param i64) (result i64)
    (i64.mul (i64.xor (local.get 0) (i64.const 0x123456789abcdef)) (i64.const 0x9e3779b97f4a7c15)))
  ;; What a loop with a call keeps in registers leaves none for the addresses of the next loop until then: they are loaded before
  ;; that one, not on each trip, and stored nowhere.
  (func $called (export "called") (param i32) (result i32) (i32.load (local.get 0)))
  (func (param $to i32) (param $from i32) (param $n i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32)
    (local $i i32)
    (loop $o
      (loop $l
        (local.set $i (i32.add (local.get $i) (call_indirect (param i32) (result i32) (local.get $a) (local.get $b))))
        (i32.store (local.get $c) (i32.add (local.get $a) (local.get $i)))
        (i32.store (local.get $d) (i32.add (local.get $b) (local.get $c)))
        (br_if $l (i32.lt_u (local.get $i) (local.get $a))))
      (br_if $o (i32.load (local.get $d))))
    (local.set $i (i32.const 0))
    (loop $l
      (i32.store8 (i32.add (local.get $to) (local.get $i)) (i32.load8_u (i32.add (local.get $from) (local.get $i))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (i32.store (local.get $a) (call_indirect (param i32) (result i32) (local.get $from) (local.get $b)))
    (i32.store (local.get $to) (local.get $from)))
  (table 1 funcref))
