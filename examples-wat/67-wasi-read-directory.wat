;; Listing a directory
;; Teaches: fd_readdir, records of varying length, cookies
;;
;; fd_readdir fills a buffer with records: 24 bytes with the cookie of the next one, a serial number, the length of
;; the name and a type, and then the name. A record may be cut at the end of the buffer: then the call is repeated
;; with the last cookie. The program prints the entries of its directory, in the order in which the system gives
;; them.
;;
;; $ mkdir d && touch d/apple d/pear d/plum && wasmx --dir d examples-wat/67-wasi-read-directory.wat | sort; rm -r d
;; > .
;; > ..
;; > apple
;; > pear
;; > plum

(module
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param $fd i32) (param $buffer i32) (param $size i32) (param $cookie i64) (param $used i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (data (i32.const 24) "\n")
  (global $buffer i32 (i32.const 1024))
  (global $size i32 (i32.const 300)) ;; room for one record with the longest name, which has 255 bytes

  ;; Writes a name and a newline: two pieces in one call.
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (i32.store (i32.const 8) (i32.const 24))
    (i32.store (i32.const 12) (i32.const 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 16))))

  (func (export "_start")
    (local $cookie i64)
    (local $at i32)
    (local $end i32)
    (local $next i32)
    (local $error i32)
    (loop $fill
      (if (local.tee $error
            (call $fd_readdir
              (i32.const 3) (global.get $buffer) (global.get $size) (local.get $cookie) (i32.const 20)))
        (then (call $proc_exit (local.get $error))))
      (local.set $at (global.get $buffer))
      (local.set $end (i32.add (local.get $at) (i32.load (i32.const 20))))
      (block $cut
        (loop $record
          (br_if $cut (i32.gt_u (i32.add (local.get $at) (i32.const 24)) (local.get $end)))
          (local.set $next
            (i32.add (i32.add (local.get $at) (i32.const 24)) (i32.load offset=16 (local.get $at))))
          (br_if $cut (i32.gt_u (local.get $next) (local.get $end)))
          (call $print (i32.add (local.get $at) (i32.const 24)) (i32.load offset=16 (local.get $at)))
          (local.set $cookie (i64.load (local.get $at)))
          (local.set $at (local.get $next))
          (br $record)))
      ;; A buffer that is not full was the last.
      (br_if $fill (i32.eq (i32.load (i32.const 20)) (global.get $size))))))
