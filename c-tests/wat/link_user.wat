;; Imports what link.wat exports and puts a function of its own into the shared table.
(module
  (import "link" "memory" (memory 1))
  (import "link" "counter" (global $counter (mut i32)))
  (import "link" "table" (table 4 funcref))
  (import "link" "bump" (func $bump (result i32)))
  (elem (i32.const 2) $mine)
  (data (i32.const 100) "linked")
  (func $mine (result i32) (i32.const 77))
  (func (export "twice") (result i32) (drop (call $bump)) (call $bump))
  (func (export "counter") (result i32) (global.get $counter))
  (func (export "through") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
