;; A call that trips of a loop can go around: it lies behind the rest, nothing is moved out of the loop for it, and it keeps the
;; registers of what is live.
(module
  (type $slow (func (param i32) (result i32)))
  (import "m" "slow" (func $slow (type $slow)))
  (memory 1)
  (table 2 funcref)

  (func (export "sum") (param $from i32) (param $to i32) (result i32) (local $sum i32) (local $v i32)
    (loop $next
      (local.set $v (i32.load (local.get $from)))
      (if (i32.gt_u (local.get $v) (i32.const 255))
        (then (local.set $v (call $slow (local.get $v)))))
      (local.set $sum (i32.add (local.get $sum) (local.get $v)))
      (br_if $next
        (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 4))) (local.get $to))))
    (local.get $sum))

  ;; Arguments and results in each other's registers, and the table's address wanted by the call alone.
  (func (export "swap") (param $a i64) (param $b i64) (param $n i32) (result i64) (local $f f64)
    (loop $next
      (if (i64.lt_s (local.get $a) (local.get $b))
        (then
          (local.set $f (f64.add (local.get $f)
            (call_indirect (type $far) (local.get $b) (local.get $a) (local.get $f) (i32.const 1))))))
      (local.set $a (i64.add (local.get $a) (i64.const 3)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.add (local.get $b) (i64.trunc_sat_f64_s (local.get $f))))
  ;; What one trip hands to the next stays in a register, though a call behind the loop wants it on the stack.
  (func (export "carried") (param $from i32) (param $to i32) (result i32) (local $sum i32) (local $v i32)
    (loop $next
      (local.set $v (i32.load (local.get $from)))
      (if (local.get $v)
        (then
          (if (i32.gt_u (local.get $v) (i32.const 255))
            (then (local.set $v (call $slow (local.get $v)))))
          (local.set $sum (i32.add (local.get $sum) (local.get $v)))))
      (br_if $next
        (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 4))) (local.get $to))))
    (i32.add (i32.add (call $slow (local.get $from)) (call $slow (local.get $to))) (local.get $sum)))
  (type $far (func (param i64 i64 f64) (result f64)))
)
