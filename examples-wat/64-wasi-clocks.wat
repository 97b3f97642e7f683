;; Clocks and sleeping
;; Teaches: clock_time_get, poll_oneoff, clocks that are the same at every run
;;
;; The monotonic clock (1) measures spans in nanoseconds. poll_oneoff waits for events, here for 20 milliseconds to
;; pass. The program checks that at least so much has passed. With --virtual-clock no time is lost: the clock jumps.
;;
;; $ wasmx run --invoke slept-enough examples-wat/64-wasi-clocks.wat
;; > 1
;; $ wasmx run --virtual-clock --invoke nap examples-wat/64-wasi-clocks.wat
;; > 20001000

(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param $clock i32) (param $precision i64) (param $time i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param $wanted i32) (param $events i32) (param $count i32) (param $happened i32) (result i32)))

  (memory (export "memory") 1)

  (func $now (result i64)
    (drop (call $clock_time_get (i32.const 1) (i64.const 1) (i32.const 0)))
    (i64.load (i32.const 0)))

  ;; A subscription of 48 bytes: a number of our own, what is waited for (0: a clock), which clock, until when, how
  ;; precisely, and whether the time is absolute (1) or from now on (0).
  (func $sleep (param $nanoseconds i64)
    (i64.store (i32.const 64) (i64.const 0))
    (i32.store8 (i32.const 72) (i32.const 0))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (local.get $nanoseconds))
    (i64.store (i32.const 96) (i64.const 0))
    (i32.store16 (i32.const 104) (i32.const 0))
    (drop (call $poll_oneoff (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 8))))

  ;; How long a sleep of 20 milliseconds takes.
  (func $nap (export "nap") (result i64)
    (local $start i64)
    (local.set $start (call $now))
    (call $sleep (i64.const 20_000_000))
    (i64.sub (call $now) (local.get $start)))

  (func (export "slept-enough") (result i32)
    (i64.ge_u (call $nap) (i64.const 20_000_000))))
