;; A dot product, four lanes at a time
;; Teaches: v128.load, f32x4 arithmetic in a loop, adding up lanes, the rest of an array
;;
;; Sums x[i] * y[i] over arrays with x[i] = i and y[i] = 2 * i. The vector loop takes four elements at a time; a
;; plain loop takes what is left. All numbers here are integers below 2^24, so that the order of additions makes no
;; difference.
;;
;; $ wasmx run --invoke dot examples-wat/51-simd-dot-product.wat 8
;; > 280
;; $ wasmx run --invoke dot examples-wat/51-simd-dot-product.wat 103
;; > 717910
;; $ wasmx run --invoke dot-i16 examples-wat/51-simd-dot-product.wat
;; > 0xfffffc180000044c0000004600000003

(module
  (memory 1)
  (global $x i32 (i32.const 0))
  (global $y i32 (i32.const 4096))

  (func $fill (param $n i32)
    (local $at i32)
    (loop $next
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (local.set $at (i32.shl (local.get $n) (i32.const 2)))
      (f32.store (i32.add (global.get $x) (local.get $at)) (f32.convert_i32_u (local.get $n)))
      (f32.store (i32.add (global.get $y) (local.get $at)) (f32.convert_i32_u (i32.shl (local.get $n) (i32.const 1))))
      (br_if $next (local.get $n))))

  (func (export "dot") (param $n i32) (result f32)
    (local $x i32)
    (local $y i32)
    (local $sums v128)
    (local $sum f32)
    (call $fill (local.get $n))
    (local.set $x (global.get $x))
    (local.set $y (global.get $y))
    (block $few
      (loop $four
        (br_if $few (i32.lt_u (local.get $n) (i32.const 4)))
        (local.set $sums
          (f32x4.add
            (local.get $sums)
            (f32x4.mul (v128.load (local.get $x)) (v128.load (local.get $y)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (local.set $y (i32.add (local.get $y) (i32.const 16)))
        (local.set $n (i32.sub (local.get $n) (i32.const 4)))
        (br $four)))
    (local.set $sum
      (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $sums)) (f32x4.extract_lane 1 (local.get $sums)))
        (f32.add (f32x4.extract_lane 2 (local.get $sums)) (f32x4.extract_lane 3 (local.get $sums)))))
    (block $done
      (loop $one
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum
          (f32.add (local.get $sum) (f32.mul (f32.load (local.get $x)) (f32.load (local.get $y)))))
        (local.set $x (i32.add (local.get $x) (i32.const 4)))
        (local.set $y (i32.add (local.get $y) (i32.const 4)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $one)))
    (local.get $sum))

  ;; There is an instruction for 16-bit integers: products of neighbours are added in pairs, to i32 lanes.
  (func (export "dot-i16") (result v128)
    (i32x4.dot_i16x8_s
      (v128.const i16x8 1 2 3 4 5 6 7 8)
      (v128.const i16x8 1 1 10 10 100 100 1000 -1000))))
