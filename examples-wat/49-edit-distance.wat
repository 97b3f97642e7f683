;; Edit distance
;; Teaches: dynamic programming, a table of which one row is kept
;;
;; The least number of letters to insert, remove or replace that turns one word into another. Row i of the table
;; holds the distances of the first i letters of one word from all prefixes of the other; only one row is kept, and
;; the value above and to the left of the current one.
;;
;; $ wasmx run --invoke distance examples-wat/49-edit-distance.wat 0 6 16 7
;; > 3
;; $ wasmx run --invoke distance examples-wat/49-edit-distance.wat 0 6 0 6
;; > 0
;; $ wasmx run --invoke distance examples-wat/49-edit-distance.wat 32 8 0 0
;; > 8

(module
  (memory 1)
  (data (i32.const 0) "kitten")
  (data (i32.const 16) "sitting")
  (data (i32.const 32) "Saturday")
  (global $row i32 (i32.const 1024)) ;; a word for each prefix of the second word

  (func $min (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_u (local.get $a) (local.get $b))))

  (func (export "distance")
    (param $a i32) (param $a-length i32) (param $b i32) (param $b-length i32) (result i32)
    (local $i i32)
    (local $j i32)
    (local $at i32)       ;; address of element j of the row
    (local $diagonal i32) ;; element j - 1 of the row before
    (local $above i32)    ;; element j of the row before
    ;; From the empty word, each letter is an insertion.
    (loop $first
      (i32.store
        (i32.add (global.get $row) (i32.shl (local.get $j) (i32.const 2)))
        (local.get $j))
      (br_if $first
        (i32.le_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $b-length))))
    (block $done
      (loop $rows
        (br_if $done (i32.eq (local.get $i) (local.get $a-length)))
        (local.set $diagonal (local.get $i))
        (local.set $at (global.get $row))
        (i32.store (local.get $at) (i32.add (local.get $i) (i32.const 1)))
        (local.set $j (i32.const 0))
        (block $end
          (loop $columns
            (br_if $end (i32.eq (local.get $j) (local.get $b-length)))
            (local.set $at (i32.add (local.get $at) (i32.const 4)))
            (local.set $above (i32.load (local.get $at)))
            (i32.store (local.get $at)
              (call $min
                ;; Replace a letter, or keep it if it is the same ...
                (i32.add
                  (local.get $diagonal)
                  (i32.ne
                    (i32.load8_u (i32.add (local.get $a) (local.get $i)))
                    (i32.load8_u (i32.add (local.get $b) (local.get $j)))))
                ;; ... or remove one, or insert one.
                (i32.add
                  (call $min (local.get $above) (i32.load (i32.sub (local.get $at) (i32.const 4))))
                  (i32.const 1))))
            (local.set $diagonal (local.get $above))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $columns)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $rows)))
    (i32.load (i32.add (global.get $row) (i32.shl (local.get $b-length) (i32.const 2))))))
