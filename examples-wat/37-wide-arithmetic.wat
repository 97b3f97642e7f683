;; 128-bit integers
;; Teaches: i64.add128, i64.sub128, i64.mul_wide_u (the wide-arithmetic proposal)
;;
;; Beyond WebAssembly 3.0: a number of 128 bits is a pair of i64, the lower half first. Without the proposal a carry
;; has to be found by comparison, as the second function does. The results show the lower half first, too.
;;
;; $ wasmx run --invoke add examples-wat/37-wide-arithmetic.wat -1 0 1 0
;; > 0
;; > 1
;; $ wasmx run --invoke add-by-comparison examples-wat/37-wide-arithmetic.wat -1 0 1 0
;; > 0
;; > 1
;; $ wasmx run --invoke factorial examples-wat/37-wide-arithmetic.wat 25
;; > 7034535277573963776
;; > 840864

(module
  (func (export "add") (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))

  (func (export "add-by-comparison")
    (param $a-low i64) (param $a-high i64) (param $b-low i64) (param $b-high i64) (result i64 i64)
    (local $low i64)
    (local.set $low (i64.add (local.get $a-low) (local.get $b-low)))
    (local.get $low)
    (i64.add
      (i64.add (local.get $a-high) (local.get $b-high))
      ;; A sum that is below one of its terms has wrapped around.
      (i64.extend_i32_u (i64.lt_u (local.get $low) (local.get $a-low)))))

  ;; Up to 34! fits into 128 bits.
  (func (export "factorial") (param $n i64) (result i64 i64)
    (local $low i64)
    (local $high i64)
    (local $carry i64)
    (local.set $low (i64.const 1))
    (block $done
      (loop $next
        (br_if $done (i64.le_u (local.get $n) (i64.const 1)))
        ;; (low, high) * n: the product of the lower half is 128 bits wide, and its upper part is carried.
        (i64.mul_wide_u (local.get $low) (local.get $n))
        local.set $carry
        local.set $low
        (local.set $high
          (i64.add (i64.mul (local.get $high) (local.get $n)) (local.get $carry)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (br $next)))
    (local.get $low)
    (local.get $high)))
