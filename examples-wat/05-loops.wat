;; Loops
;; Teaches: block, loop, br, br_if
;;
;; A branch names the construct it leaves: to the end of a block, but to the beginning of a loop. A loop therefore
;; repeats only if something in it branches to its label.
;;
;; $ wasmx run --invoke sum examples-wat/05-loops.wat 100
;; > 5050
;; $ wasmx run --invoke gcd examples-wat/05-loops.wat 1071 462
;; > 21
;; $ wasmx run --invoke collatz examples-wat/05-loops.wat 27
;; > 111

(module
  ;; do { sum += n; n -= 1 } while (n != 0)
  (func (export "sum") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; while (b != 0) { (a, b) = (b, a % b) }
  (func (export "gcd") (param $a i32) (param $b i32) (result i32)
    (local $rest i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $b)))
        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))
        (br $again)))
    (local.get $a))

  ;; How many steps of "halve if even, else 3n+1" lead to 1.
  (func (export "collatz") (param $n i64) (result i32)
    (local $steps i32)
    (block $done
      (loop $again
        (br_if $done (i64.le_u (local.get $n) (i64.const 1)))
        (local.set $n
          (if (result i64) (i64.eqz (i64.and (local.get $n) (i64.const 1)))
            (then (i64.shr_u (local.get $n) (i64.const 1)))
            (else (i64.add (i64.mul (local.get $n) (i64.const 3)) (i64.const 1)))))
        (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
        (br $again)))
    (local.get $steps)))
