;; Moving bytes around
;; Teaches: i8x16.shuffle, i8x16.swizzle, widening and narrowing lanes
;;
;; A shuffle takes any 16 of the 32 bytes of two vectors, by constant indices; a swizzle takes bytes of one vector by
;; indices that are computed, and gives 0 for those that are out of range.
;;
;; $ wasmx run --invoke swap-bytes examples-wat/53-simd-shuffle.wat i32x4:0x01020304,0x11121314,0,0xff
;; > 0xff000000000000001413121104030201
;; $ wasmx run --invoke interleave examples-wat/53-simd-shuffle.wat i32x4:1,2,3,4 i32x4:5,6,7,8
;; > 0x00000006000000020000000500000001
;; $ wasmx run --invoke hex examples-wat/53-simd-shuffle.wat 0x2a
;; > 24882
;; $ wasmx run --invoke widen examples-wat/53-simd-shuffle.wat i16x8:-1,2,3,4,5,6,7,8
;; > 0x000000040000000300000002ffffffff

(module
  ;; Turns the bytes of each i32 lane around.
  (func (export "swap-bytes") (param $v v128) (result v128)
    (i8x16.shuffle 3 2 1 0  7 6 5 4  11 10 9 8  15 14 13 12
      (local.get $v) (local.get $v)))

  ;; The lower lanes of both, in turns. Bytes of the second vector have the indices from 16.
  (func (export "interleave") (param $a v128) (param $b v128) (result v128)
    (i8x16.shuffle 0 1 2 3  16 17 18 19  4 5 6 7  20 21 22 23
      (local.get $a) (local.get $b)))

  ;; The two hexadecimal digits of a byte as characters: a swizzle is a table look-up in a vector. '2' is 50 and 'a' 97,
  ;; and the first character is the lower byte of the result.
  (func (export "hex") (param $byte i32) (result i32)
    (i16x8.extract_lane_u 0
      (i8x16.swizzle
        (v128.const i8x16 48 49 50 51 52 53 54 55 56 57 97 98 99 100 101 102)
        (i8x16.replace_lane 1
          (i8x16.splat (i32.shr_u (local.get $byte) (i32.const 4)))
          (i32.and (local.get $byte) (i32.const 15))))))

  (func (export "widen") (param $v v128) (result v128)
    (i32x4.extend_low_i16x8_s (local.get $v))))
