;; What several threads run at once, each in a store of its own: calls of all kinds, atomics, traps, and loops without end.
(module
  (import "host" "memory" (memory 1 64 shared))
  (import "host" "call" (func $call (param i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (type $pair (struct (field (mut i32)) (field i32)))
  (tag $odd (param i32))
  (global $sum (mut i32) (i32.const 0))
  (table $t funcref (elem $inc $dec $fib))
  (func $inc (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $dec (type $unary) (i32.sub (local.get 0) (i32.const 1)))
  (func $fib (type $unary)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  ;; Direct, indirect and host calls, and globals: fib(9) + 2 + what the host adds.
  (func (export "calls") (param $n i32) (result i32) (local $s i32)
    (loop $again
      (local.set $s (call_indirect $t (type $unary) (local.get $s) (i32.and (local.get $n) (i32.const 1))))
      (local.set $s (call_indirect $t (type $unary) (local.get $s) (i32.eqz (i32.and (local.get $n) (i32.const 1)))))
      (global.set $sum (i32.add (global.get $sum) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (i32.add (local.get $s) (call $call (call_indirect $t (type $unary) (i32.const 9) (i32.const 2)))))
  ;; Adds to the word at 0.
  (func (export "count") (param $n i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n))))
  ;; Adds to the words at 8 and 12 with plain accesses, under a lock at 4.
  (func (export "locked") (param $n i32)
    (loop $again
      (loop $take
        (if (i32.atomic.rmw.cmpxchg (i32.const 4) (i32.const 0) (i32.const 1))
          (then
            (drop (memory.atomic.wait32 (i32.const 4) (i32.const 1) (i64.const 1000000)))
            (br $take))))
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1)))
      (i64.store32 (i32.const 12) (i64.add (i64.load32_u (i32.const 12)) (i64.const 1)))
      (i32.atomic.store (i32.const 4) (i32.const 0))
      (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n))))
  ;; Grows by a page if that can be, and reads the last word there is.
  (func (export "grow") (result i32)
    (drop (memory.grow (i32.const 1)))
    (i32.atomic.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))))
  (func (export "spin") (loop $l (br $l)))
  (func (export "sleep") (drop (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const -1))))
  (func $divide (param i32) (result i32)
    (if (result i32) (local.get 0) (then (call $divide (i32.sub (local.get 0) (i32.const 1)))) (else (i32.div_u (i32.const 1) (local.get 0)))))
  (export "divide" (func $divide))
  ;; As many objects as asked for, every other one thrown away by an exception: their sum.
  (func (export "objects") (param $n i32) (result i32) (local $s i32) (local $p (ref null $pair))
    (loop $again
      (local.set $p (struct.new $pair (local.get $n) (i32.const 1)))
      (local.set $s (i32.add (local.get $s)
        (block $caught (result i32)
          (try_table (result i32) (catch $odd $caught)
            (if (i32.and (local.get $n) (i32.const 1)) (then (throw $odd (i32.const 0))))
            (struct.get $pair 0 (local.get $p))))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (local.get $s)))
