;; Relaxed vector instructions
;; Teaches: f32x4.relaxed_madd, i8x16.relaxed_swizzle, i32x4.relaxed_trunc_f32x4_s, results that may differ
;;
;; Relaxed instructions leave some results to the machine, such as whether a multiplication before an addition is
;; rounded, so that each can use its fastest instruction. The operands here have one possible result everywhere.
;;
;; $ wasmx run --invoke polynomial examples-wat/54-relaxed-simd.wat 3
;; > 34
;; $ wasmx run --invoke pick examples-wat/54-relaxed-simd.wat
;; > 40
;; $ wasmx run --invoke truncate examples-wat/54-relaxed-simd.wat f32x4:1.9,-1.9,0,1000
;; > 0x000003e800000000ffffffff00000001
;; $ wasmx run --disable relaxed-simd --invoke pick examples-wat/54-relaxed-simd.wat 2>&1 | grep -c 'relaxed SIMD support is not enabled'
;; > 1

(module
  ;; 2x^2 + 5x + 1 by Horner's rule, with two multiply-adds.
  (func (export "polynomial") (param $x f32) (result f32)
    (local $v v128)
    (local.set $v (f32x4.splat (local.get $x)))
    (f32x4.extract_lane 0
      (f32x4.relaxed_madd
        (f32x4.relaxed_madd (f32x4.splat (f32.const 2)) (local.get $v) (f32x4.splat (f32.const 5)))
        (local.get $v)
        (f32x4.splat (f32.const 1)))))

  ;; Indices below 16 are as with i8x16.swizzle; what others give is left open.
  (func (export "pick") (result i32)
    (i8x16.extract_lane_u 0
      (i8x16.relaxed_swizzle
        (v128.const i8x16 0 10 20 30 40 50 60 70 80 90 100 110 120 0 0 0)
        (i8x16.splat (i32.const 4)))))

  (func (export "truncate") (param $v v128) (result v128)
    (i32x4.relaxed_trunc_f32x4_s (local.get $v))))
