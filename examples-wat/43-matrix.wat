;; Matrix multiplication
;; Teaches: two-dimensional arrays of f64, three nested loops
;;
;; Multiplies the n by n matrices a[i][j] = i + j and b[i][j] = i - j, and gives one element of the product.
;;
;; $ wasmx run --invoke product examples-wat/43-matrix.wat 3 1 2
;; > -4
;; $ wasmx run --invoke product examples-wat/43-matrix.wat 20 19 0
;; > 6080

(module
  (memory 1)
  (global $a i32 (i32.const 0))
  (global $b i32 (i32.const 8192))
  (global $c i32 (i32.const 16384))

  ;; The address of an element: rows lie one after the other.
  (func $at (param $matrix i32) (param $n i32) (param $row i32) (param $column i32) (result i32)
    (i32.add
      (local.get $matrix)
      (i32.shl
        (i32.add (i32.mul (local.get $row) (local.get $n)) (local.get $column))
        (i32.const 3))))

  (func $fill (param $n i32)
    (local $i i32)
    (local $j i32)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (f64.store (call $at (global.get $a) (local.get $n) (local.get $i) (local.get $j))
          (f64.convert_i32_s (i32.add (local.get $i) (local.get $j))))
        (f64.store (call $at (global.get $b) (local.get $n) (local.get $i) (local.get $j))
          (f64.convert_i32_s (i32.sub (local.get $i) (local.get $j))))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))

  (func $multiply (param $n i32)
    (local $i i32)
    (local $j i32)
    (local $k i32)
    (local $sum f64)
    (loop $rows
      (local.set $j (i32.const 0))
      (loop $columns
        (local.set $sum (f64.const 0))
        (local.set $k (i32.const 0))
        (loop $terms
          (local.set $sum
            (f64.add
              (local.get $sum)
              (f64.mul
                (f64.load (call $at (global.get $a) (local.get $n) (local.get $i) (local.get $k)))
                (f64.load (call $at (global.get $b) (local.get $n) (local.get $k) (local.get $j))))))
          (br_if $terms
            (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
        (f64.store (call $at (global.get $c) (local.get $n) (local.get $i) (local.get $j)) (local.get $sum))
        (br_if $columns
          (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
      (br_if $rows
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))

  ;; n is at most 32, so that a matrix fits into 8 KiB.
  (func (export "product") (param $n i32) (param $row i32) (param $column i32) (result f64)
    (call $fill (local.get $n))
    (call $multiply (local.get $n))
    (f64.load (call $at (global.get $c) (local.get $n) (local.get $row) (local.get $column)))))
