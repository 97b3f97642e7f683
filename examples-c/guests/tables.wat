;; Functions as values: a table of operators that the host reads and extends, and handlers that it calls back.
(module
  (type $operator (func (param i32 i32) (result i32)))
  (import "host" "on_event" (func $on_event (param externref i32)))
  (import "host" "click" (func $click (param externref) (result i32)))

  (table $operators (export "operators") 3 10 funcref)
  (elem (table $operators) (i32.const 0) func $add $subtract $multiply)
  (func $add (type $operator) (i32.add (local.get 0) (local.get 1)))
  (func $subtract (type $operator) (i32.sub (local.get 0) (local.get 1)))
  (func $multiply (type $operator) (i32.mul (local.get 0) (local.get 1)))
  (func (export "apply") (param $which i32) (param i32 i32) (result i32)
    (call_indirect $operators (type $operator) (local.get 1) (local.get 2) (local.get $which)))

  (table $handlers (export "handlers") funcref (elem $once $twice))
  (global $next (mut i32) (i32.const 0))
  ;; Asks to be called back about an object, with one handler and the other in turn.
  (func (export "watch") (param externref)
    (call $on_event (local.get 0) (global.get $next))
    (global.set $next (i32.xor (global.get $next) (i32.const 1))))
  (func $once (param externref) (result i32) (call $click (local.get 0)))
  (func $twice (param externref) (result i32)
    (drop (call $click (local.get 0)))
    (call $click (local.get 0))))
