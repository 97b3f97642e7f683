;; Calls three functions of the host's: one with two results, one with state, one that reads this memory.
(module
  (import "host" "divmod" (func $divmod (param i32 i32) (result i32 i32)))
  (import "host" "count" (func $count (result i64)))
  (import "host" "print" (func $print (param i32 i32)))
  (memory (export "memory") 1)
  (global $steps (mut i64) (i64.const 0))
  (data (i32.const 16) "numbers are all I have")

  ;; Euclid: gcd(a, 0) = a, gcd(a, b) = gcd(b, a mod b).
  (func $gcd (export "gcd") (param $a i32) (param $b i32) (result i32)
    (if (i32.eqz (local.get $b)) (then (return (local.get $a))))
    (global.set $steps (call $count))
    (call $divmod (local.get $a) (local.get $b))
    (local.set $a)                               ;; the remainder, on top
    (drop)                                       ;; the quotient
    (return_call $gcd (local.get $b) (local.get $a)))
  (func (export "steps") (result i64) (global.get $steps))

  (func (export "divide") (param i32 i32) (result i32)
    (call $divmod (local.get 0) (local.get 1))
    (drop))

  (func (export "speak") (call $print (i32.const 16) (i32.const 22)))
  (func (export "speak_at") (param i32) (call $print (local.get 0) (i32.const 22))))
