;; Addition
;; Teaches: func, param, result, export, i32.add
;;
;; A module is a list of fields. This one has a single function: it takes two 32-bit integers, pushes both on the
;; operand stack, and replaces them by their sum. What is left on the stack at the end is the result.
;;
;; $ wasmx run --invoke add examples-wat/01-add.wat 2 3
;; > 5
;; $ wasmx run --invoke add examples-wat/01-add.wat 0x10 -1
;; > 15

(module
  (func $add (export "add") (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    i32.add))
