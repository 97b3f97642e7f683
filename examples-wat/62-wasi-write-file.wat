;; Writing a file
;; Teaches: preopened directories, path_open, fd_close, rights, error numbers, exit statuses
;;
;; A guest reaches files only below directories that it is given. They are open when it starts, from descriptor 3 on,
;; and path_open takes such a descriptor and a relative path. What fails here ends the program with the error number
;; as its status: 8 (badf) if there is no directory, 63 (perm) if it may not be written to.
;;
;; $ wasmx --dir . examples-wat/62-wasi-write-file.wat && cat note.txt && rm note.txt
;; > written by a guest
;; $ wasmx examples-wat/62-wasi-write-file.wat
;; = 8
;; $ wasmx --dir .:ro examples-wat/62-wasi-write-file.wat
;; = 63

(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open
      (param $directory i32) (param $lookup i32) (param $path i32) (param $path-length i32) (param $create i32)
      (param $rights i64) (param $inherited i64) (param $flags i32) (param $opened i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 64) "note.txt")
  (data (i32.const 128) "written by a guest\n")

  (func $check (param $error i32)
    (if (local.get $error)
      (then (call $proc_exit (local.get $error)))))

  (func (export "_start")
    (local $file i32)
    (call $check
      (call $path_open
        (i32.const 3)                     ;; the first preopened directory
        (i32.const 0)                     ;; do not follow a symbolic link at the end of the path
        (i32.const 64) (i32.const 8)      ;; the path
        (i32.const 9)                     ;; create it (1), and empty it if it is there (8)
        (i64.const 0x40) (i64.const 0)    ;; the right to write
        (i32.const 0)
        (i32.const 16)))                  ;; where the new descriptor is stored
    (local.set $file (i32.load (i32.const 16)))
    (i32.store (i32.const 0) (i32.const 128))
    (i32.store (i32.const 4) (i32.const 19))
    (call $check (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $check (call $fd_close (local.get $file)))))
