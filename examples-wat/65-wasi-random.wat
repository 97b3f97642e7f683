;; Random numbers
;; Teaches: random_get, an unbiased die, numbers that are the same at every run
;;
;; random_get fills a buffer from the system's source, fit for keys. --seed replaces it by a sequence of one's
;; choice. The program throws a die: of the 256 values of a byte the last 4 are thrown away, or the faces would not
;; be equally likely.
;;
;; $ wasmx run --invoke test examples-wat/65-wasi-random.wat 1000
;; > 1
;; $ wasmx run --seed 1 --invoke throws examples-wat/65-wasi-random.wat
;; > 6
;; > 1
;; > 3

(module
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param $at i32) (param $length i32) (result i32)))

  (memory (export "memory") 1)

  (func $throw (result i32)
    (local $byte i32)
    (loop $again
      (if (call $random_get (i32.const 0) (i32.const 1)) (then unreachable))
      (local.set $byte (i32.load8_u (i32.const 0)))
      (br_if $again (i32.ge_u (local.get $byte) (i32.const 252)))) ;; 252 = 42 * 6
    (i32.add (i32.rem_u (local.get $byte) (i32.const 6)) (i32.const 1)))

  (func (export "throws") (result i32 i32 i32)
    (call $throw)
    (call $throw)
    (call $throw))

  ;; Whether all of so many throws are from 1 to 6.
  (func (export "test") (param $n i32) (result i32)
    (loop $next
      (if (i32.gt_u (i32.sub (call $throw) (i32.const 1)) (i32.const 5))
        (then (return (i32.const 0))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 1)))
