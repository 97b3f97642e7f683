;; Constant expressions
;; Teaches: initial values that compute, global.get in them, addresses of segments, struct.new in a global
;;
;; Initial values of globals and offsets of segments are constant expressions: constants, other globals that are
;; constant, addition, subtraction and multiplication of integers, and the making of references. They let a module be
;; laid out relative to a base that it imports or defines in one place.
;;
;; $ wasmx run --invoke layout examples-wat/36-extended-const.wat
;; > 1024
;; > 1088
;; > 1600
;; $ wasmx run --invoke second-item examples-wat/36-extended-const.wat
;; > 66
;; $ wasmx run --invoke origin examples-wat/36-extended-const.wat
;; > 1024
;; > 64

(module
  (type $area (struct (field $at i32) (field $size i32)))
  (memory 1)

  (global $base i32 (i32.const 1024))
  (global $header-size i32 (i32.const 64))
  (global $item-size i32 (i32.const 16))
  (global $items i32 (i32.add (global.get $base) (global.get $header-size)))
  (global $end i32 (i32.add (global.get $items) (i32.mul (global.get $item-size) (i32.const 32))))
  (global $header (ref $area) (struct.new $area (global.get $base) (global.get $header-size)))

  (data (offset (global.get $items)) "A")
  (data (offset (i32.add (global.get $items) (global.get $item-size))) "B")

  (func (export "layout") (result i32 i32 i32)
    (global.get $base)
    (global.get $items)
    (global.get $end))

  (func (export "second-item") (result i32)
    (i32.load8_u (i32.add (global.get $items) (global.get $item-size))))

  (func (export "origin") (result i32 i32)
    (struct.get $area $at (global.get $header))
    (struct.get $area $size (global.get $header))))
