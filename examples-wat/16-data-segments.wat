;; Data segments and strings
;; Teaches: data, string literals and escapes, strings that end in a zero byte
;;
;; A data segment is copied into memory when the module is instantiated. WebAssembly has no strings: a string is an
;; address and a convention on where it ends.
;;
;; $ wasmx run --invoke hello-length examples-wat/16-data-segments.wat
;; > 13
;; $ wasmx run --invoke count-e examples-wat/16-data-segments.wat
;; > 5
;; $ wasmx run --invoke bytes-of-umlaut examples-wat/16-data-segments.wat
;; > 2
;; $ wasmx run --invoke third-prime examples-wat/16-data-segments.wat
;; > 5

(module
  (memory 1)
  (data (i32.const 0) "Hello, world!\00")
  (data (i32.const 64) "three e's here\n\00")
  ;; Text is UTF-8; \u{...} writes one character, \xx (two hexadecimal digits) one byte.
  (data (i32.const 128) "\u{fc}\00")
  (data (i32.const 256) "\02\00\00\00\03\00\00\00\05\00\00\00\07\00\00\00")

  (func $length (param $string i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $string))
    (block $found
      (loop $next
        (br_if $found (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $string)))

  (func $count (param $string i32) (param $wanted i32) (result i32)
    (local $count i32)
    (local $c i32)
    (loop $next
      (local.set $c (i32.load8_u (local.get $string)))
      (local.set $count (i32.add (local.get $count) (i32.eq (local.get $c) (local.get $wanted))))
      (local.set $string (i32.add (local.get $string) (i32.const 1)))
      (br_if $next (local.get $c)))
    (local.get $count))

  (func (export "hello-length") (result i32) (call $length (i32.const 0)))
  (func (export "count-e") (result i32)
    (call $count (i32.const 64) (i32.const 101 (; the code of e ;))))
  (func (export "bytes-of-umlaut") (result i32) (call $length (i32.const 128)))
  (func (export "third-prime") (result i32) (i32.load offset=256 (i32.const 8))))
