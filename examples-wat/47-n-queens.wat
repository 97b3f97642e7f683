;; The n queens problem
;; Teaches: backtracking, sets as bits
;;
;; In how many ways can n queens stand on a board of n by n squares without attacking each other? Queens are placed
;; row by row; three sets of bits say which columns and diagonals are attacked, and the lowest bit of the free ones
;; is the next try.
;;
;; $ wasmx run --invoke queens examples-wat/47-n-queens.wat 4
;; > 2
;; $ wasmx run --invoke queens examples-wat/47-n-queens.wat 8
;; > 92

(module
  (global $all (mut i32) (i32.const 0)) ;; a bit for each column

  (func (export "queens") (param $n i32) (result i32)
    (global.set $all (i32.sub (i32.shl (i32.const 1) (local.get $n)) (i32.const 1)))
    (call $place (i32.const 0) (i32.const 0) (i32.const 0)))

  (func $place (param $columns i32) (param $left i32) (param $right i32) (result i32)
    (local $free i32)
    (local $queen i32)
    (local $count i32)
    (if (i32.eq (local.get $columns) (global.get $all))
      (then (return (i32.const 1)))) ;; a queen in each column: all are placed
    (local.set $free
      (i32.and
        (global.get $all)
        (i32.xor
          (i32.or (local.get $columns) (i32.or (local.get $left) (local.get $right)))
          (i32.const -1))))
    (block $tried
      (loop $try
        (br_if $tried (i32.eqz (local.get $free)))
        ;; x & -x is the lowest bit of x.
        (local.set $queen (i32.and (local.get $free) (i32.sub (i32.const 0) (local.get $free))))
        (local.set $free (i32.xor (local.get $free) (local.get $queen)))
        ;; One row further, attacks along the diagonals have moved by one column.
        (local.set $count
          (i32.add
            (local.get $count)
            (call $place
              (i32.or (local.get $columns) (local.get $queen))
              (i32.shl (i32.or (local.get $left) (local.get $queen)) (i32.const 1))
              (i32.shr_u (i32.or (local.get $right) (local.get $queen)) (i32.const 1)))))
        (br $try)))
    (local.get $count)))
