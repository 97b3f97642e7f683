;; Tables as data
;; Teaches: table.get, table.set, table.grow, table.fill, table.copy, table.init, elem.drop, externref, ref.is_null
;;
;; Tables hold references of any type, and have the operations that memory has. References have no address and no
;; number: a program can store and pass them, but neither forge nor print them.
;;
;; $ printf 'empty 0\nput 0 i31:5\nempty 0\nget 0\nclear\nempty 0\n' | wasmx batch examples-wat/23-tables.wat
;; > ok 1
;; > ok
;; > ok 0
;; > ok i31:5
;; > ok
;; > ok 1
;; $ printf 'grow 3 null\ngrow 100 null\nput 4 i31:1\nput 5 i31:1\n' | wasmx batch examples-wat/23-tables.wat
;; > ok 2
;; > ok -1
;; > ok
;; > error table-out-of-bounds: out of bounds table access
;; = 1
;; $ wasmx run --invoke call-copied examples-wat/23-tables.wat
;; > 12

(module
  (table $things 2 8 externref)
  (table $functions 4 funcref)
  (elem $both func $one $two)

  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))

  (func (export "empty") (param $i i32) (result i32)
    (ref.is_null (table.get $things (local.get $i))))
  (func (export "get") (param $i i32) (result externref)
    (table.get $things (local.get $i)))
  (func (export "put") (param $i i32) (param $thing externref)
    (table.set $things (local.get $i) (local.get $thing)))
  (func (export "grow") (param $n i32) (param $thing externref) (result i32)
    (table.grow $things (local.get $thing) (local.get $n)))
  (func (export "clear")
    (table.fill $things (i32.const 0) (ref.null extern) (table.size $things)))

  ;; Both functions come into the table from a passive segment, at 0 and 1, and are copied to 2 and 3.
  (func (export "call-copied") (result i32)
    (table.init $functions $both (i32.const 0) (i32.const 0) (i32.const 2))
    (elem.drop $both)
    (table.copy $functions $functions (i32.const 2) (i32.const 0) (i32.const 2))
    (i32.add
      (i32.mul (call_indirect $functions (result i32) (i32.const 2)) (i32.const 10))
      (call_indirect $functions (result i32) (i32.const 3)))))
