;; Floating-point numbers
;; Teaches: f32, f64, sqrt, min, rounding, NaN, infinities, negative zero
;;
;; f32 and f64 follow IEEE 754: no operation traps, 1/0 is infinite, 0/0 is NaN, which equals nothing, and rounding
;; is to nearest with ties to even.
;;
;; $ wasmx run --invoke hypotenuse examples-wat/12-floats.wat 3 4
;; > 5
;; $ wasmx run --invoke roundings examples-wat/12-floats.wat 2.5
;; > 2
;; > 3
;; > 2
;; > 2
;; $ wasmx run --invoke divide examples-wat/12-floats.wat 1 -0
;; > -inf
;; $ wasmx run --invoke divide examples-wat/12-floats.wat 0x1p-1 0.1
;; > 5
;; $ wasmx run --invoke is-nan examples-wat/12-floats.wat nan
;; > 1
;; $ wasmx run --invoke least examples-wat/12-floats.wat 0 -0
;; > -0
;; $ wasmx run --invoke single examples-wat/12-floats.wat
;; > 0.1
;; > 0.10000000149011612

(module
  (func (export "hypotenuse") (param $a f64) (param $b f64) (result f64)
    (f64.sqrt
      (f64.add
        (f64.mul (local.get $a) (local.get $a))
        (f64.mul (local.get $b) (local.get $b)))))

  ;; To nearest (2.5 to the even 2), up, down, towards zero.
  (func (export "roundings") (param $x f64) (result f64 f64 f64 f64)
    (f64.nearest (local.get $x))
    (f64.ceil (local.get $x))
    (f64.floor (local.get $x))
    (f64.trunc (local.get $x)))

  (func (export "divide") (param $a f64) (param $b f64) (result f64)
    (f64.div (local.get $a) (local.get $b)))

  ;; Only a NaN differs from itself.
  (func (export "is-nan") (param $x f64) (result i32)
    (f64.ne (local.get $x) (local.get $x)))

  ;; min and max know that -0 is below 0, although they compare equal.
  (func (export "least") (param $a f64) (param $b f64) (result f64)
    (f64.min (local.get $a) (local.get $b)))

  ;; An f32 has about 7 decimal digits; seen as an f64, its error shows.
  (func (export "single") (result f32 f64)
    (f32.const 0.1)
    (f64.promote_f32 (f32.const 0.1))))
