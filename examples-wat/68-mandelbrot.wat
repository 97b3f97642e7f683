;; The Mandelbrot set as text
;; Teaches: floating-point loops, building output in memory, a complete small program
;;
;; A point c of the plane belongs to the set if z = z*z + c, from z = 0, stays bounded. Each character stands for how
;; many steps that is known not to be so.
;;
;; $ wasmx examples-wat/68-mandelbrot.wat
;; > ................................................................
;; > ................................................................
;; > ..........................................,,+:..................
;; > ........................................:,;@;,,.................
;; > ......................................,,+@@@@o,.................
;; > ................................,*o@:@@@@@@@@@@@@:,,,*,.........
;; > ...............................,:;@@@@@@@@@@@@@@@@@@@:..........
;; > ..................,,,..,,...,,,;@@@@@@@@@@@@@@@@@@@@@;;:........
;; > ..................,,*@+@@@@;,:@@@@@@@@@@@@@@@@@@@@@@@@:,........
;; > ...............,,,:o@@@@@@@@@*@@@@@@@@@@@@@@@@@@@@@@@@,.........
;; > ...@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@+,,..........
;; > ...............,,,:o@@@@@@@@@*@@@@@@@@@@@@@@@@@@@@@@@@,.........
;; > ..................,,*@+@@@@;,:@@@@@@@@@@@@@@@@@@@@@@@@:,........
;; > ..................,,,..,,...,,,;@@@@@@@@@@@@@@@@@@@@@;;:........
;; > ...............................,:;@@@@@@@@@@@@@@@@@@@:..........
;; > ................................,*o@:@@@@@@@@@@@@:,,,*,.........
;; > ......................................,,+@@@@o,.................
;; > ........................................:,;@;,,.................
;; > ..........................................,,+:..................
;; > ................................................................
;; > ................................................................

(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 16) "..,:;+*oxOX#@") ;; one of 13, by the number of steps
  (global $width i32 (i32.const 64))
  (global $height i32 (i32.const 21))

  ;; Steps until |z| exceeds 2, at most 48.
  (func $steps (param $cx f64) (param $cy f64) (result i32)
    (local $x f64)
    (local $y f64)
    (local $x2 f64)
    (local $y2 f64)
    (local $steps i32)
    (block $escaped
      (loop $again
        (local.set $x2 (f64.mul (local.get $x) (local.get $x)))
        (local.set $y2 (f64.mul (local.get $y) (local.get $y)))
        (br_if $escaped (f64.gt (f64.add (local.get $x2) (local.get $y2)) (f64.const 4)))
        (local.set $y
          (f64.add
            (f64.mul (f64.mul (local.get $x) (local.get $y)) (f64.const 2))
            (local.get $cy)))
        (local.set $x (f64.add (f64.sub (local.get $x2) (local.get $y2)) (local.get $cx)))
        (br_if $again
          (i32.lt_u (local.tee $steps (i32.add (local.get $steps) (i32.const 1))) (i32.const 48)))))
    (local.get $steps))

  (func (export "_start")
    (local $row i32)
    (local $column i32)
    (local $at i32)
    (local.set $at (i32.const 1024))
    (loop $rows
      (local.set $column (i32.const 0))
      (loop $columns
        (i32.store8
          (local.get $at)
          (i32.load8_u offset=16
            (i32.div_u
              ;; From -2.125 to 0.875 in the one direction and from -1.25 to 1.25 in the other.
              (call $steps
                (f64.sub (f64.mul (f64.convert_i32_u (local.get $column)) (f64.const 0.046875)) (f64.const 2.125))
                (f64.sub (f64.mul (f64.convert_i32_u (local.get $row)) (f64.const 0.125)) (f64.const 1.25)))
              (i32.const 4))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $columns
          (i32.lt_u (local.tee $column (i32.add (local.get $column) (i32.const 1))) (global.get $width))))
      (i32.store8 (local.get $at) (i32.const 10))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $rows
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (global.get $height))))
    ;; All lines at once.
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.sub (local.get $at) (i32.const 1024)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
