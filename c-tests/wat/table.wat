;; A table that host and guest fill, call through, grow and overrun.
(module
  (type $i2i (func (param i32) (result i32)))
  (table $t (export "table") 2 10 funcref)
  (elem (i32.const 1) $f)
  (func $f (export "f") (type $i2i) (i32.mul (local.get 0) (i32.const 3)))
  (func $g (export "g") (type $i2i) (i32.sub (i32.const 0) (local.get 0)))
  (func (export "call") (param $x i32) (param $i i32) (result i32)
    (call_indirect $t (type $i2i) (local.get $x) (local.get $i)))
  (func (export "set_null") (param i32) (table.set $t (local.get 0) (ref.null func)))
  (func (export "is_null") (param i32) (result i32) (ref.is_null (table.get $t (local.get 0))))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.func $g) (local.get 0)))
  (func (export "size") (result i32) (table.size $t)))
