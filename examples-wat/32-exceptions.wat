;; Exceptions
;; Teaches: tag, throw, try_table, catch, exceptions that cross calls
;;
;; A tag names a kind of exception and the types of its values. `throw` leaves all frames up to a try_table that has
;; a `catch` for the tag; that branches to its label with the values. Without one the exception ends the program.
;;
;; $ wasmx run --invoke safe-divide examples-wat/32-exceptions.wat 20 4
;; > 5
;; $ wasmx run --invoke safe-divide examples-wat/32-exceptions.wat 20 0
;; > -20
;; $ wasmx run --invoke divide examples-wat/32-exceptions.wat 20 0
;; ! wasmx: trap: uncaught exception (uncaught-exception)
;; = 134

(module
  (tag $zero-divisor (param i32)) ;; carries the dividend

  (func $divide (export "divide") (param $a i32) (param $b i32) (result i32)
    (if (i32.eqz (local.get $b))
      (then (throw $zero-divisor (local.get $a))))
    (i32.div_s (local.get $a) (local.get $b)))

  (func $average (param $sum i32) (param $n i32) (result i32)
    (call $divide (local.get $sum) (local.get $n))) ;; knows nothing of exceptions

  ;; The quotient, or the negated dividend if there is none.
  (func (export "safe-divide") (param $a i32) (param $b i32) (result i32)
    (block $caught (result i32)
      (return
        (try_table (result i32) (catch $zero-divisor $caught)
          (call $average (local.get $a) (local.get $b)))))
    ;; Here the value of the exception is on the stack.
    i32.const -1
    i32.mul))
