;; Imports from another module
;; Teaches: import, linking, sharing a memory between modules
;;
;; What a module cannot do itself it imports by two names. --link instantiates another module first and offers its
;; exports: here the function of example 01, and the memory of example 21.
;;
;; $ wasmx run --link math=examples-wat/01-add.wat --link heap=examples-wat/21-library.wat --invoke sum examples-wat/20-imports.wat 10 20 30
;; > 60
;; $ wasmx run --link math=examples-wat/01-add.wat --link heap=examples-wat/21-library.wat --invoke shared examples-wat/20-imports.wat
;; > 64
;; > 7
;; $ wasmx run --link math=examples-wat/01-add.wat --invoke sum examples-wat/20-imports.wat 1 2 3
;; ! wasmx: examples-wat/20-imports.wat: nothing provides 3 of its imports:
;; = 1

(module
  (import "math" "add" (func $add (param i32 i32) (result i32)))
  (import "heap" "memory" (memory 1))
  (import "heap" "reserve" (func $reserve (param i32) (result i32)))
  (import "heap" "used" (global $used (mut i32)))

  (func (export "sum") (param $a i32) (param $b i32) (param $c i32) (result i32)
    (call $add (call $add (local.get $a) (local.get $b)) (local.get $c)))

  ;; Memory, and a global that may change, are the same here and there.
  (func (export "shared") (result i32 i32)
    (local $at i32)
    (local.set $at (call $reserve (i32.const 64)))
    (i32.store (local.get $at) (i32.const 7))
    (global.get $used)
    (i32.load (local.get $at))))
