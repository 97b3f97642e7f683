;; Exit statuses
;; Teaches: proc_exit, the standard error, commands that succeed by returning
;;
;; A program that returns from `_start` has succeeded. proc_exit ends it at once with a status that the command takes
;; over. The first argument decides here: there is none, or its first character is the status.
;;
;; $ wasmx examples-wat/66-wasi-exit.wat
;; > done
;; $ wasmx examples-wat/66-wasi-exit.wat 3
;; ! failed
;; = 3
;; $ wasmx examples-wat/66-wasi-exit.wat 3 2>/dev/null || echo "status $?"
;; > status 3

(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 32) "done\n")
  (data (i32.const 48) "failed\n")

  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 12) (i32.const 16)))
    (if (i32.ge_u (i32.load (i32.const 12)) (i32.const 2))
      (then
        (drop (call $args_get (i32.const 1024) (i32.const 2048)))
        (call $write (i32.const 2) (i32.const 48) (i32.const 7))
        ;; The second pointer's first byte, less the code of '0'.
        (call $proc_exit (i32.sub (i32.load8_u (i32.load (i32.const 1028))) (i32.const 48)))))
    ;; proc_exit does not return, so this is for the other case only.
    (call $write (i32.const 1) (i32.const 32) (i32.const 5))))
