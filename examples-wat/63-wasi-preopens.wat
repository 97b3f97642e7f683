;; Which directories a guest has, and the way out of them
;; Teaches: fd_prestat_get, fd_prestat_dir_name, the sandbox
;;
;; Descriptors from 3 on are asked for their names until one is not there; libraries of C and Rust find a file's
;; directory in that way. Then the program tries to open a file above the first directory, which fails with 63
;; (perm), whether there is such a file or not.
;;
;; $ wasmx --dir .::/work --dir examples-wat::/examples:ro examples-wat/63-wasi-preopens.wat
;; > /work
;; > /examples
;; = 63
;; $ wasmx examples-wat/63-wasi-preopens.wat
;; = 8

(module
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 64) "../secret")

  (func (export "_start")
    (local $fd i32)
    (local $length i32)
    (local.set $fd (i32.const 3))
    (block $no-more
      (loop $next
        ;; At 16 a tag, 0 for a directory, and at 20 the length of its name.
        (br_if $no-more (call $fd_prestat_get (local.get $fd) (i32.const 16)))
        (local.set $length (i32.load (i32.const 20)))
        (br_if $no-more (call $fd_prestat_dir_name (local.get $fd) (i32.const 1024) (local.get $length)))
        (i32.store8 (i32.add (i32.const 1024) (local.get $length)) (i32.const 10))
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.add (local.get $length) (i32.const 1)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next)))
    (call $proc_exit
      (call $path_open
        (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 9) (i32.const 0)
        (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))))
