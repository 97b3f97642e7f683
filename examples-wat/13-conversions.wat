;; Conversions
;; Teaches: wrap, extend, trunc, trunc_sat, convert, reinterpret
;;
;; There are no implicit conversions. From float to integer, `trunc` traps when the number does not fit, and
;; `trunc_sat` takes the nearest integer that does (0 for NaN). `reinterpret` keeps the bits and changes the type.
;;
;; $ wasmx run --invoke widen examples-wat/13-conversions.wat -1
;; > -1
;; > 4294967295
;; $ wasmx run --invoke narrow examples-wat/13-conversions.wat 0x1_0000_0002
;; > 2
;; $ wasmx run --invoke truncate examples-wat/13-conversions.wat -3.99
;; > -3
;; $ wasmx run --invoke truncate examples-wat/13-conversions.wat 3e9
;; ! wasmx: trap: integer overflow (integer-overflow)
;; = 134
;; $ wasmx run --invoke saturate examples-wat/13-conversions.wat 3e9
;; > 2147483647
;; $ wasmx run --invoke saturate examples-wat/13-conversions.wat nan
;; > 0
;; $ wasmx run --invoke bits examples-wat/13-conversions.wat 1
;; > 1065353216
;; $ wasmx run --invoke unsigned examples-wat/13-conversions.wat -1
;; > 4294967295

(module
  (func (export "widen") (param $x i32) (result i64 i64)
    (i64.extend_i32_s (local.get $x))
    (i64.extend_i32_u (local.get $x)))

  (func (export "narrow") (param $x i64) (result i32)
    (i32.wrap_i64 (local.get $x)))

  (func (export "truncate") (param $x f64) (result i32)
    (i32.trunc_f64_s (local.get $x)))

  (func (export "saturate") (param $x f64) (result i32)
    (i32.trunc_sat_f64_s (local.get $x)))

  ;; 0x3f800000: the sign, the exponent and the fraction of 1.0.
  (func (export "bits") (param $x f32) (result i32)
    (i32.reinterpret_f32 (local.get $x)))

  (func (export "unsigned") (param $x i32) (result f64)
    (f64.convert_i32_u (local.get $x))))
