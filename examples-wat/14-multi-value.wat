;; Several values at once
;; Teaches: functions and blocks with several results, block parameters
;;
;; Functions may return any number of values. Blocks, loops and ifs may also take parameters from the stack: that way
;; a loop can carry its state on the stack instead of in locals.
;;
;; $ wasmx run --invoke divmod examples-wat/14-multi-value.wat 17 5
;; > 3
;; > 2
;; $ wasmx run --invoke swap examples-wat/14-multi-value.wat 1 2.5
;; > 2.5
;; > 1
;; $ wasmx run --invoke factorial examples-wat/14-multi-value.wat 10
;; > 3628800
;; $ wasmx run --types --invoke order examples-wat/14-multi-value.wat 9 4
;; > i32:4
;; > i32:9

(module
  (func $divmod (export "divmod") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))

  (func (export "swap") (param $a i32) (param $b f32) (result f32 i32)
    (local.get $b)
    (local.get $a))

  (func (export "order") (param $a i32) (param $b i32) (result i32 i32)
    (if (result i32 i32) (i32.le_s (local.get $a) (local.get $b))
      (then (local.get $a) (local.get $b))
      (else (local.get $b) (local.get $a))))

  ;; The loop takes the product so far from the stack, and leaves it there when it ends.
  (func (export "factorial") (param $n i64) (result i64)
    i64.const 1
    (loop $again (param i64) (result i64)
      local.get $n
      i64.mul
      (local.set $n (i64.sub (local.get $n) (i64.const 1)))
      (br_if $again (i64.gt_u (local.get $n) (i64.const 1))))))
