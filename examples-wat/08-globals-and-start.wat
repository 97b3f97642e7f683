;; Globals and the start function
;; Teaches: global, mut, start, state that outlives a call
;;
;; A global lives as long as the instance. One that is not `mut` is a constant. The start function runs once, when
;; the module is instantiated, before anything can be called. `wasmx batch` makes several calls to one instance.
;;
;; $ printf 'next\nnext\nnext\ncalls\n' | wasmx batch examples-wat/08-globals-and-start.wat
;; > ok 110
;; > ok 120
;; > ok 130
;; > ok 3

(module
  (global $step i32 (i32.const 10))
  (global $value (mut i32) (i32.const 0))
  (global $calls (mut i64) (i64.const 0))

  (func $prepare
    (global.set $value (i32.const 100)))
  (start $prepare)

  (func (export "next") (result i32)
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (global.set $value (i32.add (global.get $value) (global.get $step)))
    (global.get $value))

  (func (export "calls") (result i64)
    (global.get $calls)))
