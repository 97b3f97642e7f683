;; A queue of numbers in a memory that the host provides: how many were sent at 0, how many received at 4, the numbers from 8.
(module
  (import "host" "memory" (memory 1))
  (func (export "send") (param i32)
    (i32.store offset=8 (i32.mul (i32.load (i32.const 0)) (i32.const 4)) (local.get 0))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1))))
  ;; The next number, or -1 if there is none.
  (func (export "receive") (result i32) (local $next i32)
    (local.set $next (i32.load (i32.const 4)))
    (if (i32.ge_u (local.get $next) (i32.load (i32.const 0))) (then (return (i32.const -1))))
    (i32.store (i32.const 4) (i32.add (local.get $next) (i32.const 1)))
    (i32.load offset=8 (i32.mul (local.get $next) (i32.const 4)))))
