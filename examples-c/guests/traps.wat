;; Goes wrong in several ways. The names below are in the module, too, and so in backtraces.
(module $careless
  (import "host" "check" (func $check (param i32)))
  (memory 1)
  (func $average (export "average") (param $sum i32) (param $count i32) (result i32)
    (call $divide (local.get $sum) (local.get $count)))
  (func $divide (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $load (export "load") (param $at i32) (result i32) (i32.load offset=4 (local.get $at)))
  (func $assert (export "assert") (call $fail))
  (func $fail (unreachable))
  (func $recurse (export "recurse") (call $recurse))
  (func $ask (export "ask") (param i32) (call $check (local.get 0))))
