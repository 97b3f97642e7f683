;; Counting words
;; Teaches: state across reads, printing numbers in decimal
;;
;; Counts lines, words and bytes of the standard input, as wc does. A word begins where a byte that is no white space
;; follows one that is, which may be in different pieces of the input.
;;
;; $ printf 'the quick brown\nfox  jumps\n' | wasmx examples-wat/61-wasi-word-count.wat
;; > 2 5 27
;; $ printf '' | wasmx examples-wat/61-wasi-word-count.wat
;; > 0 0 0

(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (global $lines (mut i64) (i64.const 0))
  (global $words (mut i64) (i64.const 0))
  (global $bytes (mut i64) (i64.const 0))
  (global $in-word (mut i32) (i32.const 0))

  (func $count (param $c i32)
    (global.set $bytes (i64.add (global.get $bytes) (i64.const 1)))
    (if (i32.eq (local.get $c) (i32.const 10))
      (then (global.set $lines (i64.add (global.get $lines) (i64.const 1)))))
    ;; White space is the space and what is from 9 to 13.
    (if (i32.or
          (i32.eq (local.get $c) (i32.const 32))
          (i32.lt_u (i32.sub (local.get $c) (i32.const 9)) (i32.const 5)))
      (then (global.set $in-word (i32.const 0)))
      (else
        (if (i32.eqz (global.get $in-word))
          (then (global.set $words (i64.add (global.get $words) (i64.const 1)))))
        (global.set $in-word (i32.const 1)))))

  ;; Writes a number and a byte after it. The digits come lowest first, so they are stored from the end backwards.
  (func $print (param $n i64) (param $after i32)
    (local $at i32)
    (local.set $at (i32.const 63))
    (i32.store8 (local.get $at) (local.get $after))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i64.store8 (local.get $at) (i64.add (i64.const 48) (i64.rem_u (local.get $n) (i64.const 10))))
      (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
      (br_if $digit (i64.ne (local.get $n) (i64.const 0))))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.sub (i32.const 64) (local.get $at)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func (export "_start")
    (local $at i32)
    (local $end i32)
    (block $no-more
      (loop $more
        (i32.store (i32.const 0) (i32.const 1024))
        (i32.store (i32.const 4) (i32.const 4096))
        (br_if $no-more (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $no-more (i32.eqz (i32.load (i32.const 8))))
        (local.set $at (i32.const 1024))
        (local.set $end (i32.add (local.get $at) (i32.load (i32.const 8))))
        (loop $next
          (call $count (i32.load8_u (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
        (br $more)))
    (call $print (global.get $lines) (i32.const 32))
    (call $print (global.get $words) (i32.const 32))
    (call $print (global.get $bytes) (i32.const 10))))
