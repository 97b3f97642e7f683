;; A trap four frames deep, in functions with and without locals, after an imported function.
(module
  (import "host" "relay" (func $relay))
  (func $inner (param i32) (local i64 f32)
    (local.set 1 (i64.const 5))
    (if (local.get 0) (then (unreachable)) (else (call $relay))))
  (func $middle (param i32) (nop) (call $inner (local.get 0)))
  (table 1 funcref)
  (elem (i32.const 0) $middle)
  (func $outer (export "outer") (param i32)
    (nop) (nop)
    (call_indirect (param i32) (local.get 0) (i32.const 0)))
  (func (export "direct") (call $middle (i32.const 1))))
