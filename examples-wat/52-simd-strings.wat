;; Strings, sixteen bytes at a time
;; Teaches: i8x16 comparisons, i8x16.bitmask, v128.and, masks instead of branches
;;
;; A comparison gives all ones or all zeros in each lane. bitmask collects one bit per lane, whose count or first one
;; is what a search wants. Combined with v128.and a mask makes a change in some lanes only.
;;
;; $ wasmx run --invoke length examples-wat/52-simd-strings.wat
;; > 43
;; $ wasmx run --invoke count examples-wat/52-simd-strings.wat 111
;; > 4
;; $ wasmx run --invoke upper-first examples-wat/52-simd-strings.wat
;; > 84

(module
  (memory 1)
  (data (i32.const 16) "the quick brown fox jumps over the lazy dog")

  ;; The length of the string, which ends in a zero byte.
  (func $length (export "length") (result i32)
    (local $at i32)
    (local $zeros i32)
    (local.set $at (i32.const 16))
    (loop $more
      (local.set $zeros
        (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (v128.const i64x2 0 0))))
      (if (i32.eqz (local.get $zeros))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $more))))
    (i32.sub (i32.add (local.get $at) (i32.ctz (local.get $zeros))) (i32.const 16)))

  ;; How often a byte, not zero, occurs; what is behind the string are zeros.
  (func (export "count") (param $byte i32) (result i32)
    (local $at i32)
    (local $count i32)
    (loop $more
      (local.set $count
        (i32.add
          (local.get $count)
          (i32.popcnt
            (i8x16.bitmask
              (i8x16.eq (v128.load offset=16 (local.get $at)) (i8x16.splat (local.get $byte)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $more (i32.lt_u (local.get $at) (i32.const 43))))
    (local.get $count))

  ;; Makes the first 16 letters capital where they are small, and gives the first.
  (func (export "upper-first") (result i32)
    (local $text v128)
    (local $small v128)
    (local.set $text (v128.load (i32.const 16)))
    (local.set $small
      (v128.and
        (i8x16.ge_u (local.get $text) (i8x16.splat (i32.const 97 (; a ;))))
        (i8x16.le_u (local.get $text) (i8x16.splat (i32.const 122 (; z ;))))))
    (v128.store (i32.const 16)
      (i8x16.sub
        (local.get $text)
        (v128.and (local.get $small) (i8x16.splat (i32.const 32)))))
    (i32.load8_u (i32.const 16))))
