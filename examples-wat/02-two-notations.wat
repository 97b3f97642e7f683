;; Two notations of the same code
;; Teaches: flat and folded instructions, drop, nop
;;
;; The text format lets instructions stand one after the other, in the order in which they run, or folded, with
;; operands inside the parentheses of the instruction that takes them. Both give the same bytes: (2 + x) * (x - 1).
;;
;; $ wasmx run --invoke flat examples-wat/02-two-notations.wat 5
;; > 28
;; $ wasmx run --invoke folded examples-wat/02-two-notations.wat 5
;; > 28
;; $ wasmx run --invoke mixed examples-wat/02-two-notations.wat 5
;; > 28

(module
  (func (export "flat") (param $x i32) (result i32)
    i32.const 2
    local.get $x
    i32.add        ;; stack: 2+x
    local.get $x
    i32.const 1
    i32.sub        ;; stack: 2+x, x-1
    i32.mul)       ;; stack: (2+x)*(x-1)

  (func (export "folded") (param $x i32) (result i32)
    (i32.mul
      (i32.add (i32.const 2) (local.get $x))
      (i32.sub (local.get $x) (i32.const 1))))

  ;; Folded operands run before the instruction; what is already on the stack serves as its first operand.
  (func (export "mixed") (param $x i32) (result i32)
    (i32.add (i32.const 2) (local.get $x))
    (i32.mul (i32.sub (local.get $x) (i32.const 1)))
    (drop (i32.const 99)) ;; a value nobody wants must be dropped
    nop))
