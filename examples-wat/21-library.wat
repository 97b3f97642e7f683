;; A library for other modules
;; Teaches: exporting memories and mutable globals, exports by name
;;
;; Functions, memories, tables, globals and tags can be exported, in the definition or apart from it; one thing may
;; have several names. Example 20 imports from this one.
;;
;; $ printf 'reserve 10\nreserve 1\nallocate 1\n' | wasmx batch examples-wat/21-library.wat
;; > ok 0
;; > ok 16
;; > ok 24
;; $ wasmx inspect --no-functions examples-wat/21-library.wat | grep -c '"used"'
;; > 1

(module
  (memory (export "memory") 1)
  (global $used (export "used") (mut i32) (i32.const 0))

  ;; Gives the address of so many bytes, a multiple of 8.
  (func $reserve (param $bytes i32) (result i32)
    (global.get $used)
    (global.set $used
      (i32.and
        (i32.add (i32.add (global.get $used) (local.get $bytes)) (i32.const 7))
        (i32.const -8))))

  (export "reserve" (func $reserve))
  (export "allocate" (func $reserve)))
