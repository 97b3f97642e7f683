;; Traps
;; Teaches: unreachable, division by zero, overflow, the exit status of a trap
;;
;; What has no meaning ends the guest at once with a trap: it cannot be caught inside WebAssembly. The command prints
;; why and where (the lines after the first, which are not shown here) and ends with status 134.
;;
;; $ wasmx run --invoke divide examples-wat/09-traps.wat 7 2
;; > 3
;; $ wasmx run --invoke divide examples-wat/09-traps.wat 7 0
;; ! wasmx: trap: integer divide by zero (integer-divide-by-zero)
;; = 134
;; $ wasmx run --invoke divide examples-wat/09-traps.wat -2147483648 -1
;; ! wasmx: trap: integer overflow (integer-overflow)
;; = 134
;; $ wasmx run --invoke give-up examples-wat/09-traps.wat
;; ! wasmx: trap: unreachable (unreachable)
;; = 134
;; $ printf 'divide 1 0\ndivide 6 3\n' | wasmx batch examples-wat/09-traps.wat
;; > error integer-divide-by-zero: integer divide by zero
;; > ok 2
;; = 1

(module
  (func (export "divide") (param $a i32) (param $b i32) (result i32)
    ;; The one quotient that does not fit, 2^31, traps as well.
    (i32.div_s (local.get $a) (local.get $b)))

  (func (export "give-up")
    unreachable))
