;; Searching a text
;; Teaches: comparing bytes, the Knuth-Morris-Pratt algorithm
;;
;; The naive search starts anew at each place. Knuth, Morris and Pratt first compute, for each prefix of the pattern,
;; its border: the longest shorter prefix that it also ends with. After a mismatch the search goes on with the border
;; of what had matched, and so never reads a byte of the text twice. The results are an index, or -1, and the number
;; of bytes of the text that were read. The text is "aaaaaaaaaaab"; the patterns are "aaaaab", at 64, and "needle",
;; at 96.
;;
;; $ wasmx run --invoke naive examples-wat/45-string-search.wat 64 6
;; > 6
;; > 42
;; $ wasmx run --invoke kmp examples-wat/45-string-search.wat 64 6
;; > 6
;; > 12
;; $ wasmx run --invoke naive examples-wat/45-string-search.wat 96 6
;; > -1
;; > 7
;; $ wasmx run --invoke kmp examples-wat/45-string-search.wat 96 6
;; > -1
;; > 12

(module
  (memory 1)
  (data (i32.const 0) "aaaaaaaaaaab")
  (data (i32.const 64) "aaaaab")
  (data (i32.const 96) "needle")
  (global $text-length i32 (i32.const 12))
  (global $borders i32 (i32.const 1024)) ;; a byte for each byte of the pattern
  (global $reads (mut i32) (i32.const 0))

  (func $read (param $at i32) (result i32)
    (global.set $reads (i32.add (global.get $reads) (i32.const 1)))
    (i32.load8_u (local.get $at)))

  (func (export "naive") (param $pattern i32) (param $length i32) (result i32 i32)
    (local $start i32)
    (local $i i32)
    (loop $place
      (local.set $i (i32.const 0))
      (block $mismatch
        (loop $compare
          (br_if $mismatch
            (i32.ne
              (call $read (i32.add (local.get $start) (local.get $i)))
              (i32.load8_u (i32.add (local.get $pattern) (local.get $i)))))
          (br_if $compare
            (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $length))))
        (return (local.get $start) (global.get $reads)))
      (br_if $place
        (i32.le_u
          (local.tee $start (i32.add (local.get $start) (i32.const 1)))
          (i32.sub (global.get $text-length) (local.get $length)))))
    (i32.const -1)
    (global.get $reads))

  ;; How many bytes match after the byte $c, when $matched matched before it.
  (func $advance (param $pattern i32) (param $matched i32) (param $c i32) (result i32)
    (block $settled
      (loop $shorter
        (br_if $settled
          (i32.eq (local.get $c) (i32.load8_u (i32.add (local.get $pattern) (local.get $matched)))))
        (if (i32.eqz (local.get $matched)) (then (return (i32.const 0))))
        ;; The border of the first $matched bytes.
        (local.set $matched
          (i32.load8_u
            (i32.add (global.get $borders) (i32.sub (local.get $matched) (i32.const 1)))))
        (br $shorter)))
    (i32.add (local.get $matched) (i32.const 1)))

  (func (export "kmp") (param $pattern i32) (param $length i32) (result i32 i32)
    (local $i i32)
    (local $matched i32)
    ;; The borders come from a search for the pattern in itself, from its second byte on.
    (i32.store8 (global.get $borders) (i32.const 0))
    (local.set $i (i32.const 1))
    (loop $prefix
      (local.set $matched
        (call $advance
          (local.get $pattern)
          (local.get $matched)
          (i32.load8_u (i32.add (local.get $pattern) (local.get $i)))))
      (i32.store8 (i32.add (global.get $borders) (local.get $i)) (local.get $matched))
      (br_if $prefix
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $length))))
    (local.set $matched (i32.const 0))
    (local.set $i (i32.const 0))
    (loop $text
      (local.set $matched
        (call $advance (local.get $pattern) (local.get $matched) (call $read (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.eq (local.get $matched) (local.get $length))
        (then (return (i32.sub (local.get $i) (local.get $length)) (global.get $reads))))
      (br_if $text (i32.lt_u (local.get $i) (global.get $text-length))))
    (i32.const -1)
    (global.get $reads)))
