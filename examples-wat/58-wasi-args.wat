;; Arguments
;; Teaches: args_sizes_get, args_get, pointers to strings
;;
;; The guest asks how much room the arguments take, provides it, and gets an array of pointers to strings that end in
;; a zero byte. The first is the name of the program; what follows the file on the command line comes after it.
;;
;; $ wasmx examples-wat/58-wasi-args.wat one 'two words' three
;; > examples-wat/58-wasi-args.wat
;; > one
;; > two words
;; > three
;; $ wasmx --argv0 echo examples-wat/58-wasi-args.wat
;; > echo

(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 24) "\n")

  (func $write (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $length (param $string i32) (result i32)
    (local $n i32)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (i32.load8_u (i32.add (local.get $string) (local.get $n)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $n))

  (func (export "_start")
    (local $pointer i32)
    (local $count i32)
    ;; The count is stored at 12, the size of all strings together at 16.
    (drop (call $args_sizes_get (i32.const 12) (i32.const 16)))
    (local.set $count (i32.load (i32.const 12)))
    ;; The pointers from 1024, and the strings behind them.
    (local.set $pointer (i32.const 1024))
    (drop
      (call $args_get
        (local.get $pointer)
        (i32.add (local.get $pointer) (i32.shl (local.get $count) (i32.const 2)))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (call $write (i32.load (local.get $pointer)) (call $length (i32.load (local.get $pointer))))
        (call $write (i32.const 24) (i32.const 1))
        (local.set $pointer (i32.add (local.get $pointer) (i32.const 4)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))))
