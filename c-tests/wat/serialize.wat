;; A bit of everything that an image has to carry.
(module
  (import "host" "add" (func $add (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "image")
  (table 2 funcref)
  (elem (i32.const 0) $twice $run)
  (global $g (mut i32) (i32.const 40))
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $run (export "run") (param i32) (result i32)
    (global.set $g (call $add (global.get $g) (local.get 0)))
    (global.get $g))
  (func (export "twice") (param i32) (result i32)
    (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
