;; Threads
;; Teaches: thread-spawn, wasi_thread_start, a shared memory for all threads, joining by wait and notify
;;
;; By the wasi-threads proposal a new thread is a new instance of the module on the same memory, which is therefore
;; imported; what is in globals and tables is each thread's own. A thread begins in wasi_thread_start with its number
;; and one argument. Here each adds 1 to a counter so many times, then tells that it has finished. Without --threads
;; a guest can start none, and is not given the memory either.
;;
;; $ wasmx run --threads 4 --invoke count examples-wat/56-threads.wat 4 10000
;; > 40000
;; $ wasmx run --threads 1 --invoke count examples-wat/56-threads.wat 1 123
;; > 123
;; $ wasmx run --invoke count examples-wat/56-threads.wat 1 123
;; ! wasmx: examples-wat/56-threads.wat: nothing provides 1 of its imports:
;; = 1

(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $thread-spawn (param i32) (result i32)))
  (export "memory" (memory 0))

  (global $counter i32 (i32.const 64))  ;; addresses
  (global $running i32 (i32.const 128))

  (func (export "wasi_thread_start") (param $thread i32) (param $times i32)
    (loop $again
      ;; Without "atomic" two threads would read the same number, and one addition would be lost.
      (drop (i32.atomic.rmw.add (global.get $counter) (i32.const 1)))
      (br_if $again (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (drop (i32.atomic.rmw.sub (global.get $running) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $running) (i32.const 1))))

  ;; The counter, when all threads have finished.
  (func (export "count") (param $threads i32) (param $times i32) (result i32)
    (local $left i32)
    (i32.atomic.store (global.get $running) (local.get $threads))
    (loop $spawn
      (if (i32.lt_s (call $thread-spawn (local.get $times)) (i32.const 0))
        (then unreachable))
      (br_if $spawn (local.tee $threads (i32.sub (local.get $threads) (i32.const 1)))))
    ;; The wait ends at once if the number has changed meanwhile, so no notification can be missed.
    (block $finished
      (loop $wait
        (br_if $finished (i32.eqz (local.tee $left (i32.atomic.load (global.get $running)))))
        (drop (memory.atomic.wait32 (global.get $running) (local.get $left) (i64.const -1)))
        (br $wait)))
    (i32.atomic.load (global.get $counter))))
