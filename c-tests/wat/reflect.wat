;; One of each kind and value type, imported and exported, with names that are not C strings.
(module
  (import "m" "f" (func (param i32 i64 f32 f64 funcref externref) (result externref funcref)))
  (import "m" "g" (global (mut i64)))
  (import "m" "t" (table 3 30 externref))
  (import "m" "m" (memory 2))
  (import "" "\00z\c3\a9" (global f64))
  (func (export "func") (param i32 f64 f32) (result i32 i64) (i32.const 1) (i64.const 2))
  (func (export "") (export "a\00b"))
  (global (export "gi") i32 (i32.const 7))
  (global (export "gf") (mut f32) (f32.const 1.5))
  (table (export "tab") 1 5 funcref)
  (export "tab2" (table 0))
  (export "mem" (memory 0)))
