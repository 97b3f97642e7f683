;; Values in both directions, a plain callback and a closure.
(module
  (import "host" "print" (func $print (param i32) (result i32)))
  (import "host" "closure" (func $closure (result i32)))
  (import "host" "all" (func $all (param i32 i64 f32 f64) (result i64)))
  (func (export "run") (param $x i32) (param $y i32) (result i32)
    (i32.add (call $print (i32.add (local.get $x) (local.get $y))) (call $closure)))
  (func (export "all") (param i32 i64 f32 f64) (result i64)
    (call $all (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "loop") (param $n i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (call $print (local.get $n))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (local.get $sum)))
