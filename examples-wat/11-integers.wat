;; Integers
;; Teaches: signed and unsigned operations, wrapping, shifts, rotations, bit counts
;;
;; An integer has no sign of its own: i32 is 32 bits. Where the sign matters there are two instructions, with _s and
;; _u. Sums and products wrap around; shift counts are taken modulo the width. Results print as signed numbers.
;;
;; $ wasmx run --invoke divisions examples-wat/11-integers.wat -10 3
;; > -3
;; > 1431655762
;; $ wasmx run --invoke wrap examples-wat/11-integers.wat
;; > -2147483648
;; $ wasmx run --invoke shifts examples-wat/11-integers.wat -16
;; > -64
;; > -4
;; > 1073741820
;; > -61
;; $ wasmx run --invoke counts examples-wat/11-integers.wat 0x00f0
;; > 24
;; > 4
;; > 4
;; $ wasmx run --invoke extend examples-wat/11-integers.wat 0x1ff
;; > -1
;; > 511

(module
  (func (export "divisions") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_s (local.get $a) (local.get $b))
    (i32.div_u (local.get $a) (local.get $b)))

  (func (export "wrap") (result i32)
    (i32.add (i32.const 0x7fff_ffff) (i32.const 1)))

  ;; Left, right with copies of the sign, right with zeros, and around.
  (func (export "shifts") (param $x i32) (result i32 i32 i32 i32)
    (i32.shl (local.get $x) (i32.const 34)) ;; 34 mod 32 is 2
    (i32.shr_s (local.get $x) (i32.const 2))
    (i32.shr_u (local.get $x) (i32.const 2))
    (i32.rotl (local.get $x) (i32.const 2)))

  ;; Zeros before the first one, zeros after the last one, ones.
  (func (export "counts") (param $x i32) (result i32 i32 i32)
    (i32.clz (local.get $x))
    (i32.ctz (local.get $x))
    (i32.popcnt (local.get $x)))

  ;; The lowest 8 or 16 bits as a signed number.
  (func (export "extend") (param $x i32) (result i32 i32)
    (i32.extend8_s (local.get $x))
    (i32.extend16_s (local.get $x))))
