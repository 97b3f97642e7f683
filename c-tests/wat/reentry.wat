;; The guest half of a recursion that alternates between host and guest.
(module
  (import "host" "down" (func $down (param i32) (result i32)))
  (memory (export "memory") 1 4)
  (global (export "depth") (mut i32) (i32.const 0))
  (func (export "up") (param i32) (result i32)
    (global.set 0 (i32.add (global.get 0) (i32.const 1)))
    (i32.add (call $down (local.get 0)) (i32.const 1)))
  (func (export "peek") (param i32) (result i32)
    (drop (call $down (i32.const 0)))
    (i32.load (local.get 0))))
