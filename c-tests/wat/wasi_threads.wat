;; Starts threads on a shared memory. Each adds 1 to a counter and wakes the first, or ends the program in the way that its
;; argument asks for.
(module
  (import "env" "memory" (memory 1 2 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (export "memory" (memory 0))
  (func (export "wasi_thread_start") (param $tid i32) (param $what i32)
    (if (i32.eq (local.get $what) (i32.const 1)) (then (unreachable)))
    (if (i32.eq (local.get $what) (i32.const 2)) (then (call $exit (i32.const 9))))
    (if (i32.eq (local.get $what) (i32.const 3)) (then (loop $forever (br $forever))))
    (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 8) (i32.const 1))))
  (func (export "spawn") (param i32) (result i32) (call $spawn (local.get 0)))
  ;; Waits until the counter has a value.
  (func (export "wait") (param $value i32) (local $now i32)
    (loop $again
      (local.set $now (i32.atomic.load (i32.const 8)))
      (if (i32.ne (local.get $now) (local.get $value))
        (then
          (drop (memory.atomic.wait32 (i32.const 8) (local.get $now) (i64.const -1)))
          (br $again)))))
  ;; Waits for ten minutes in WASI.
  (func (export "sleep") (result i32)
    (i64.store (i32.const 64) (i64.const 0))
    (i32.store8 (i32.const 72) (i32.const 0))
    (i32.store (i32.const 80) (i32.const 1))
    (i64.store (i32.const 88) (i64.const 600000000000))
    (i64.store (i32.const 96) (i64.const 0))
    (i32.store16 (i32.const 104) (i32.const 0))
    (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 192)))
  (func (export "loop") (loop $forever (br $forever))))
