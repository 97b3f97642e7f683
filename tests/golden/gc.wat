;; Allocation, fields, elements and type tests.
(module
  (type $point (sub (struct (field i32) (field (mut f64)))))
  (type $colored (sub final $point (struct (field i32) (field (mut f64)) (field i8))))
  (type $bytes (array (mut i8)))
  (func (param i32 f64) (result (ref $point)) (struct.new $point (local.get 0) (local.get 1)))
  (func (param (ref null $point)) (result i32) (struct.get $point 0 (local.get 0)))
  (func (param (ref $colored)) (result i32) (struct.get_s $colored 2 (local.get 0)))
  (func (param (ref null $bytes) i32) (result i32) (array.get_u $bytes (local.get 0) (local.get 1)))
  (func (param (ref null $bytes) i32) (array.set $bytes (local.get 0) (local.get 1) (i32.const 7)))
  (func (param anyref) (result i32) (ref.test (ref $point) (local.get 0)))
  (func (param anyref) (result (ref $colored)) (ref.cast (ref $colored) (local.get 0)))
  (func (param i32) (result i32) (i31.get_s (ref.i31 (local.get 0)))))
