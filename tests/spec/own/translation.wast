;; Shapes that translation to register code once got wrong: operands that share a home, or are in an accumulator of another width.

(module
  (memory 1)
  ;; A constant too wide for an immediate.
  (func (export "eqz-wide") (result i32) (i64.eqz (i64.const 0x1234567890)))
  (func (export "eqz-zero") (result i32) (i64.eqz (i64.const 0)))
  (func (export "eqz-if") (result i32)
    (if (result i32) (i64.eqz (i64.const 0x100000000)) (then (i32.const 1)) (else (i32.const 2))))
  (func (export "compare-wide") (result i32)
    (i64.lt_s (i64.const 0x1234567890) (i64.const 0x1234567891)))

  ;; The bits of a float that was just computed, stored as an integer of its width or less.
  (func (export "store-f32-bits") (param f32) (result i64)
    (i64.store (i32.const 0) (i64.const -1))
    (i32.store (i32.const 0) (i32.reinterpret_f32 (f32.add (local.get 0) (local.get 0))))
    (i64.load (i32.const 0)))
  (func (export "store-f64-byte") (param f64) (result i64)
    (i64.store (i32.const 0) (i64.const -1))
    (i64.store8 (i32.const 0) (i64.reinterpret_f64 (f64.add (local.get 0) (local.get 0))))
    (i64.load (i32.const 0)))
  (func (export "store-f64-half") (param f64) (result i64)
    (i64.store (i32.const 0) (i64.const -1))
    (f32.store (i32.const 0)
      (f32.reinterpret_i32 (i32.wrap_i64 (i64.reinterpret_f64 (f64.add (local.get 0) (local.get 0))))))
    (i64.load (i32.const 0)))
)

(assert_return (invoke "eqz-wide") (i32.const 0))
(assert_return (invoke "eqz-zero") (i32.const 1))
(assert_return (invoke "eqz-if") (i32.const 2))
(assert_return (invoke "compare-wide") (i32.const 1))
(assert_return (invoke "store-f32-bits" (f32.const 1)) (i64.const 0xffffffff40000000))
(assert_return (invoke "store-f64-byte" (f64.const 0x1.00000000000ffp0)) (i64.const 0xffffffffffffffff))
(assert_return (invoke "store-f64-half" (f64.const 0x1.8000012345678p0)) (i64.const 0xffffffff12345678))
