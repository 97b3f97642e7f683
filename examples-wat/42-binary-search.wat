;; Binary search
;; Teaches: halving an interval, unsigned arithmetic on indices, a result that says "not found"
;;
;; The array is sorted, so a look at the middle of an interval tells in which half a number must be: ten elements
;; take four looks at most.
;;
;; $ printf 'find 2\nfind 23\nfind 91\nfind 24\nfind 100\n' | wasmx batch examples-wat/42-binary-search.wat
;; > ok 0
;; > ok 5
;; > ok 9
;; > ok -1
;; > ok -1

(module
  (memory 1)
  ;; Ten 16-bit numbers: 2 5 8 12 16 23 38 56 72 91
  (data (i32.const 0) "\02\00\05\00\08\00\0c\00\10\00\17\00\26\00\38\00\48\00\5b\00")

  ;; The index of the number, or -1.
  (func (export "find") (param $wanted i32) (result i32)
    (local $low i32)
    (local $high i32)
    (local $middle i32)
    (local $value i32)
    (local.set $high (i32.const 10))
    ;; The number lies, if anywhere, from $low to before $high.
    (block $absent
      (loop $halve
        (br_if $absent (i32.ge_u (local.get $low) (local.get $high)))
        (local.set $middle (i32.shr_u (i32.add (local.get $low) (local.get $high)) (i32.const 1)))
        (local.set $value (i32.load16_u (i32.shl (local.get $middle) (i32.const 1))))
        (if (i32.eq (local.get $value) (local.get $wanted))
          (then (return (local.get $middle))))
        (if (i32.lt_u (local.get $value) (local.get $wanted))
          (then (local.set $low (i32.add (local.get $middle) (i32.const 1))))
          (else (local.set $high (local.get $middle))))
        (br $halve)))
    (i32.const -1)))
