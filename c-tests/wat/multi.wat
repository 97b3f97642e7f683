;; Several results at once, out of the host and out of the guest.
(module
  (import "host" "f" (func $f (param i32 i64 i64 i32) (result i32 i64 i64 i32)))
  (func $g (export "g") (param i32 i64 i64 i32) (result i32 i64 i64 i32)
    (call $f (local.get 0) (local.get 2) (local.get 1) (local.get 3)))
  (func (export "mixed") (param f32 f64) (result f64 f32 i32)
    (local.get 1) (local.get 0) (i32.const 9))
  (func (export "round_trip") (param i32 i64 i64 i32) (result i32)
    (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3))
    (drop) (drop) (drop)))
