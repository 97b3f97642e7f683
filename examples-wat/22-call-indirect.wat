;; Function pointers
;; Teaches: table, elem, call_indirect, type, the check of a signature
;;
;; A table holds references to functions; call_indirect calls the one at an index that is computed at run time. The
;; type stands in the instruction and is compared when it runs: a wrong index traps, and so does a function of
;; another type.
;;
;; $ wasmx run --invoke calculate examples-wat/22-call-indirect.wat 0 6 7
;; > 13
;; $ wasmx run --invoke calculate examples-wat/22-call-indirect.wat 2 6 7
;; > 42
;; $ wasmx run --invoke calculate examples-wat/22-call-indirect.wat 3 6 7
;; ! wasmx: trap: indirect call type mismatch (indirect-call-type-mismatch)
;; = 134
;; $ wasmx run --invoke calculate examples-wat/22-call-indirect.wat 4 6 7
;; ! wasmx: trap: uninitialized element (uninitialized-element)
;; = 134
;; $ wasmx run --invoke calculate examples-wat/22-call-indirect.wat 5 6 7
;; ! wasmx: trap: undefined element (undefined-element)
;; = 134

(module
  (type $binary (func (param i32 i32) (result i32)))

  (table $operations 5 funcref)
  (elem (table $operations) (i32.const 0) func $add $subtract $multiply $negate)

  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $subtract (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $multiply (type $binary) (i32.mul (local.get 0) (local.get 1)))
  (func $negate (param i32) (result i32) (i32.sub (i32.const 0) (local.get 0)))

  (func (export "calculate") (param $operation i32) (param $a i32) (param $b i32) (result i32)
    (call_indirect $operations (type $binary)
      (local.get $a) (local.get $b) (local.get $operation))))
