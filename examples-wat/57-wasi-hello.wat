;; Hello, world
;; Teaches: WASI, fd_write, scatter lists, _start
;;
;; A WASI command exports `_start` and its memory, and imports what it needs of the system. fd_write writes to a file
;; descriptor, here 1, the standard output. It takes the bytes as a list of pairs of address and length, and stores
;; how many it has written.
;;
;; $ wasmx examples-wat/57-wasi-hello.wat
;; > Hello, world!

(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param $fd i32) (param $list i32) (param $list-length i32) (param $written i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00" "\0e\00\00\00") ;; one pair: 14 bytes at 16
  (data (i32.const 16) "Hello, world!\n")

  (func (export "_start")
    ;; The result is an error number, 0 for success.
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
