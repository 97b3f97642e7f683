;; Arithmetic of 128 bits.
(module
  (func (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (param i64 i64 i64 i64) (result i64 i64) (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (param i64 i64) (result i64 i64) (i64.mul_wide_s (local.get 0) (local.get 1)))
  ;; Written out: the carry of a sum, and the borrow of a difference.
  (func (param i64 i64 i64 i64) (result i64 i64) (local $low i64)
    (local.tee $low (i64.add (local.get 0) (local.get 2)))
    (i64.add (i64.add (local.get 1) (local.get 3)) (i64.extend_i32_u (i64.lt_u (local.get $low) (local.get 0)))))
  (func (param i64 i64 i64 i64) (result i64 i64)
    (i64.sub (local.get 0) (local.get 2))
    (i64.sub (i64.sub (local.get 1) (local.get 3)) (i64.extend_i32_u (i64.lt_u (local.get 0) (local.get 2)))))
  ;; Comparisons are counted by the carry flag as well.
  (func (param i32 i32 i32) (result i32) (i32.add (local.get 0) (i32.ge_u (local.get 1) (local.get 2))))
  (func (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.eqz (local.get 1))))
  (func (param i32 i64) (result i32) (i32.add (local.get 0) (i64.ne (local.get 1) (i64.const 0)))))
