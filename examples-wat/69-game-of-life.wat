;; The Game of Life
;; Teaches: two boards that swap roles, wrapping around edges, drawing text
;;
;; A living cell with two or three living neighbours lives on, a dead one with three comes alive. The board of 8 by 8
;; cells is a torus. A glider moves by one row and one column in four generations, which are printed.
;;
;; $ wasmx examples-wat/69-game-of-life.wat
;; > .#......
;; > ..#.....
;; > ###.....
;; > ........
;; > ........
;; > ........
;; > ........
;; > ........
;; >
;; > ........
;; > ..#.....
;; > ...#....
;; > .###....
;; > ........
;; > ........
;; > ........
;; > ........
;; >

(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  ;; A byte for each cell.
  (global $now (mut i32) (i32.const 1024))
  (global $next (mut i32) (i32.const 1088))
  (data (i32.const 1024)
    "\00\01\00\00\00\00\00\00"
    "\00\00\01\00\00\00\00\00"
    "\01\01\01\00\00\00\00\00")

  ;; Whether the cell lives. A mask takes coordinates modulo 8, also negative ones.
  (func $cell (param $row i32) (param $column i32) (result i32)
    (i32.load8_u
      (i32.add
        (global.get $now)
        (i32.or
          (i32.shl (i32.and (local.get $row) (i32.const 7)) (i32.const 3))
          (i32.and (local.get $column) (i32.const 7))))))

  ;; Living cells in the 3 by 3 square around a cell.
  (func $around (param $row i32) (param $column i32) (result i32)
    (local $i i32)
    (local $count i32)
    (loop $square
      (local.set $count
        (i32.add
          (local.get $count)
          (call $cell
            (i32.add (local.get $row) (i32.sub (i32.div_u (local.get $i) (i32.const 3)) (i32.const 1)))
            (i32.add (local.get $column) (i32.sub (i32.rem_u (local.get $i) (i32.const 3)) (i32.const 1))))))
      (br_if $square (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9))))
    (local.get $count))

  (func $step
    (local $i i32)
    (local $row i32)
    (local $column i32)
    (local $around i32)
    (local $other i32)
    (loop $cells
      (local.set $row (i32.shr_u (local.get $i) (i32.const 3)))
      (local.set $column (i32.and (local.get $i) (i32.const 7)))
      (local.set $around (call $around (local.get $row) (local.get $column)))
      ;; Three in the square: a birth, or a cell with two neighbours. Four: a cell with three, if there is a cell.
      (i32.store8
        (i32.add (global.get $next) (local.get $i))
        (i32.or
          (i32.eq (local.get $around) (i32.const 3))
          (i32.and
            (i32.eq (local.get $around) (i32.const 4))
            (call $cell (local.get $row) (local.get $column)))))
      (br_if $cells (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
    (local.set $other (global.get $now))
    (global.set $now (global.get $next))
    (global.set $next (local.get $other)))

  ;; Rows of '#' and '.', and an empty line.
  (func $print
    (local $i i32)
    (local $at i32)
    (local.set $at (i32.const 64))
    (loop $cells
      (i32.store8 (local.get $at)
        (select (i32.const 35) (i32.const 46)
          (i32.load8_u (i32.add (global.get $now) (local.get $i)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 7)))
        (then
          (i32.store8 (local.get $at) (i32.const 10))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))))
      (br_if $cells (i32.lt_u (local.get $i) (i32.const 64))))
    (i32.store8 (local.get $at) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.sub (local.get $at) (i32.const 63)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start")
    (local $generation i32)
    (call $print)
    (loop $generations
      (call $step)
      (br_if $generations
        (i32.lt_u (local.tee $generation (i32.add (local.get $generation) (i32.const 1))) (i32.const 4))))
    (call $print)))
