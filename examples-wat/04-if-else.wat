;; Decisions
;; Teaches: if, else, select, comparisons, return
;;
;; An `if` with a result is an expression. `select` chooses between two values that have both been computed.
;; Comparisons give 1 or 0, and any value but 0 counts as true.
;;
;; $ wasmx run --invoke abs examples-wat/04-if-else.wat -7
;; > 7
;; $ wasmx run --invoke max examples-wat/04-if-else.wat -7 3
;; > 3
;; $ wasmx run --invoke sign examples-wat/04-if-else.wat -7
;; > -1
;; $ wasmx run --invoke is-leap-year examples-wat/04-if-else.wat 2000
;; > 1
;; $ wasmx run --invoke is-leap-year examples-wat/04-if-else.wat 1900
;; > 0

(module
  (func (export "abs") (param $x i32) (result i32)
    (if (result i32) (i32.lt_s (local.get $x) (i32.const 0))
      (then (i32.sub (i32.const 0) (local.get $x)))
      (else (local.get $x))))

  (func (export "max") (param $a i32) (param $b i32) (result i32)
    ;; select takes the first operand if the third is true, the second otherwise.
    (select (local.get $a) (local.get $b) (i32.gt_s (local.get $a) (local.get $b))))

  (func (export "sign") (param $x i32) (result i32)
    (if (i32.eqz (local.get $x))
      (then (return (i32.const 0)))) ;; an if without a result needs no else
    (select (i32.const -1) (i32.const 1) (i32.lt_s (local.get $x) (i32.const 0))))

  (func $divides (param $d i32) (param $n i32) (result i32)
    (i32.eqz (i32.rem_u (local.get $n) (local.get $d))))

  ;; Divisible by 4, and not by 100 unless by 400.
  (func (export "is-leap-year") (param $year i32) (result i32)
    (i32.and
      (call $divides (i32.const 4) (local.get $year))
      (i32.or
        (i32.eqz (call $divides (i32.const 100) (local.get $year)))
        (call $divides (i32.const 400) (local.get $year)))))
)
