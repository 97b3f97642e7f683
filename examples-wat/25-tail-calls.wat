;; Tail calls
;; Teaches: return_call, return_call_indirect, loops and state machines without a stack
;;
;; A tail call replaces the frame of its caller, so recursion of any depth takes no more room than a loop. A million
;; nested ordinary calls would exhaust the stack.
;;
;; $ wasmx run --invoke is-even examples-wat/25-tail-calls.wat 1000001
;; > 0
;; $ wasmx run --invoke factorial examples-wat/25-tail-calls.wat 10
;; > 3628800
;; $ printf 'accepts 0x6\naccepts 0x7\naccepts 0xffffffff\n' | wasmx batch examples-wat/25-tail-calls.wat
;; > ok 1
;; > ok 0
;; > ok 1

(module
  (type $state (func (param i32) (result i32)))
  (table funcref (elem $even-state $odd-state))

  (func $is-even (export "is-even") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n))
      (then (return (i32.const 1))))
    (return_call $is-odd (i32.sub (local.get $n) (i32.const 1))))
  (func $is-odd (param $n i32) (result i32)
    (if (i32.eqz (local.get $n))
      (then (return (i32.const 0))))
    (return_call $is-even (i32.sub (local.get $n) (i32.const 1))))

  ;; What remains to be done after the call would forbid a tail call, so the product goes along as a parameter.
  (func (export "factorial") (param $n i64) (result i64)
    (return_call $times-factorial (i64.const 1) (local.get $n)))
  (func $times-factorial (param $product i64) (param $n i64) (result i64)
    (if (i64.eqz (local.get $n))
      (then (return (local.get $product))))
    (return_call $times-factorial
      (i64.mul (local.get $product) (local.get $n))
      (i64.sub (local.get $n) (i64.const 1))))

  ;; A machine with two states reads bits from the lowest up and accepts an even number of ones. Each state is a
  ;; function; the bit selects the next one from the table.
  (func $even-state (export "accepts") (type $state)
    (if (i32.eqz (local.get 0))
      (then (return (i32.const 1))))
    (return_call_indirect (type $state)
      (i32.shr_u (local.get 0) (i32.const 1))
      (i32.and (local.get 0) (i32.const 1))))
  (func $odd-state (type $state)
    (if (i32.eqz (local.get 0))
      (then (return (i32.const 0))))
    (return_call_indirect (type $state)
      (i32.shr_u (local.get 0) (i32.const 1))
      (i32.xor (i32.and (local.get 0) (i32.const 1)) (i32.const 1)))))
