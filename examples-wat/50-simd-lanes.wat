;; Vectors and their lanes
;; Teaches: v128, shapes, splat, extract_lane, replace_lane, lane-wise arithmetic
;;
;; A v128 is 128 bits; each instruction says how it divides them: i8x16, i16x8, i32x4, i64x2, f32x4 or f64x2. One
;; instruction then works on all lanes. The command takes vectors in any shape, and prints them as one hexadecimal
;; number: the last lane first.
;;
;; $ wasmx run --invoke add examples-wat/50-simd-lanes.wat i32x4:1,2,3,4 i32x4:10,20,30,-40
;; > 0xffffffdc00000021000000160000000b
;; $ wasmx run --invoke scale examples-wat/50-simd-lanes.wat f32x4:1,2,3,4 2.5
;; > 10
;; $ wasmx run --invoke replace examples-wat/50-simd-lanes.wat 7
;; > 0x00000000000000070000000000000001
;; $ wasmx run --invoke saturate examples-wat/50-simd-lanes.wat 200 100
;; > 255
;; > 44

(module
  (func (export "add") (param $a v128) (param $b v128) (result v128)
    (i32x4.add (local.get $a) (local.get $b)))

  ;; Multiplies all lanes by a number and gives the last.
  (func (export "scale") (param $v v128) (param $by f32) (result f32)
    (f32x4.extract_lane 3
      (f32x4.mul (local.get $v) (f32x4.splat (local.get $by)))))

  (func (export "replace") (param $x i64) (result v128)
    (i64x2.replace_lane 1 (v128.const i64x2 1 2) (local.get $x)))

  ;; The sum of bytes, held at 255, and wrapped around.
  (func (export "saturate") (param $a i32) (param $b i32) (result i32 i32)
    (i8x16.extract_lane_u 0
      (i8x16.add_sat_u (i8x16.splat (local.get $a)) (i8x16.splat (local.get $b))))
    (i8x16.extract_lane_u 0
      (i8x16.add (i8x16.splat (local.get $a)) (i8x16.splat (local.get $b))))))
