;; Recursion
;; Teaches: call, recursive functions, the limited call stack
;;
;; Functions may call themselves and functions further down. Each call takes room on a stack that the guest cannot
;; see; when it is used up the guest traps, and the host goes on.
;;
;; $ wasmx run --invoke factorial examples-wat/07-recursion.wat 20
;; > 2432902008176640000
;; $ wasmx run --invoke fibonacci examples-wat/07-recursion.wat 20
;; > 6765
;; $ wasmx run --invoke ackermann examples-wat/07-recursion.wat 2 3
;; > 9
;; $ wasmx run --invoke forever examples-wat/07-recursion.wat
;; ! wasmx: trap: call stack exhausted (stack-overflow)
;; = 134

(module
  (func $factorial (export "factorial") (param $n i64) (result i64)
    (if (result i64) (i64.eqz (local.get $n))
      (then (i64.const 1))
      (else (i64.mul (local.get $n) (call $factorial (i64.sub (local.get $n) (i64.const 1)))))))

  (func $fibonacci (export "fibonacci") (param $n i32) (result i32)
    (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
      (then (local.get $n))
      (else
        (i32.add
          (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
          (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))))

  (func $ackermann (export "ackermann") (param $m i32) (param $n i32) (result i32)
    (if (i32.eqz (local.get $m))
      (then (return (i32.add (local.get $n) (i32.const 1)))))
    (if (i32.eqz (local.get $n))
      (then (return (call $ackermann (i32.sub (local.get $m) (i32.const 1)) (i32.const 1)))))
    (call $ackermann
      (i32.sub (local.get $m) (i32.const 1))
      (call $ackermann (local.get $m) (i32.sub (local.get $n) (i32.const 1)))))

  (func $forever (export "forever")
    (call $forever)))
