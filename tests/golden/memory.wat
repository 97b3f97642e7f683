;; A second memory, one with 64-bit addresses, and atomic accesses to a shared one.
(module
  (memory 1) (memory $second 1) (memory $wide i64 1) (memory $shared 1 1 shared)
  (func (param i32) (result i32) (i32.load $second offset=8 (local.get 0)))
  (func (param i64) (result i64) (i64.load $wide offset=8 (local.get 0)))
  (func (param i32 i32) (result i32) (i32.atomic.rmw.add $shared (local.get 0) (local.get 1)))
  (func (param i32 i64) (result i64) (i64.atomic.rmw16.or_u $shared (local.get 0) (local.get 1)))
  (func (param i32 i32 i32) (result i32) (i32.atomic.rmw8.cmpxchg_u $shared (local.get 0) (local.get 1) (local.get 2)))
  (func (param i32 i64) (i64.atomic.store $shared (local.get 0) (local.get 1))))
