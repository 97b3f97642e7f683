;; A filter
;; Teaches: fd_read, the end of a file, writing all of a buffer
;;
;; Reads the standard input piece by piece and writes it in capitals. fd_read may give less than there is room for,
;; and gives 0 bytes at the end. fd_write may take less than it was offered, so what is left is offered again.
;;
;; $ printf 'hello\nWasm 3.0\n' | wasmx examples-wat/60-wasi-stdin.wat
;; > HELLO
;; > WASM 3.0
;; $ wasmx --stdin /dev/null examples-wat/60-wasi-stdin.wat

(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (global $buffer i32 (i32.const 1024))
  (global $room i32 (i32.const 4096))

  ;; Ends the program if a call has failed.
  (func $check (param $error i32)
    (if (local.get $error)
      (then (call $proc_exit (i32.const 1)))))

  ;; How many bytes have come into the buffer.
  (func $read (result i32)
    (i32.store (i32.const 0) (global.get $buffer))
    (i32.store (i32.const 4) (global.get $room))
    (call $check (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))

  (func $write (param $at i32) (param $length i32)
    (local $written i32)
    (loop $rest
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (call $check (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (local.set $written (i32.load (i32.const 8)))
      (local.set $at (i32.add (local.get $at) (local.get $written)))
      (br_if $rest (local.tee $length (i32.sub (local.get $length) (local.get $written))))))

  (func $capitals (param $at i32) (param $length i32)
    (local $c i32)
    (loop $next
      (local.set $c (i32.load8_u (local.get $at)))
      ;; One comparison for a range: what is below 'a' wraps around to a large number.
      (if (i32.lt_u (i32.sub (local.get $c) (i32.const 97)) (i32.const 26))
        (then (i32.store8 (local.get $at) (i32.sub (local.get $c) (i32.const 32)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $length (i32.sub (local.get $length) (i32.const 1))))))

  (func (export "_start")
    (local $length i32)
    (block $end
      (loop $more
        (br_if $end (i32.eqz (local.tee $length (call $read))))
        (call $capitals (global.get $buffer) (local.get $length))
        (call $write (global.get $buffer) (local.get $length))
        (br $more)))))
