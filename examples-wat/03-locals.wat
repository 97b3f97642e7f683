;; Local variables
;; Teaches: local, local.get, local.set, local.tee
;;
;; Parameters and locals share one index space and can both be assigned. Locals start at zero. local.tee assigns and
;; keeps the value on the stack.
;;
;; $ wasmx run --invoke hypotenuse-squared examples-wat/03-locals.wat 3 4
;; > 25
;; $ wasmx run --invoke fourth-power examples-wat/03-locals.wat 3
;; > 81
;; $ wasmx run --invoke untouched examples-wat/03-locals.wat
;; > 0

(module
  (func (export "hypotenuse-squared") (param $a i32) (param $b i32) (result i32)
    (local $sum i32)
    (local.set $sum (i32.mul (local.get $a) (local.get $a)))
    (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $b) (local.get $b))))
    (local.get $sum))

  (func (export "fourth-power") (param $x i32) (result i32)
    ;; The square goes into $x, a parameter, and stays on the stack as the first factor.
    (i32.mul
      (local.tee $x (i32.mul (local.get $x) (local.get $x)))
      (local.get $x)))

  (func (export "untouched") (result i64)
    (local $never-set i64)
    (local.get $never-set)))
