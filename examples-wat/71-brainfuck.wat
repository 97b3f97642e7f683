;; An interpreter for another language
;; Teaches: a dispatch loop by br_table, parsing brackets, a program as data
;;
;; Brainfuck has eight instructions on a tape of bytes: > < move, + - change the byte, . , write and read one, and
;; [ ] repeat what is between them while the byte is not zero. The program comes as the first argument.
;;
;; $ wasmx examples-wat/71-brainfuck.wat '++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.'
;; > Hello World!
;; $ printf 'stressed' | wasmx examples-wat/71-brainfuck.wat '>,[>,]<[.<]++++++++++.'
;; > desserts
;; $ wasmx examples-wat/71-brainfuck.wat '[['
;; = 1

(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (memory $tape 1)
  (global $cell (mut i32) (i32.const 0))
  (global $pc (mut i32) (i32.const 0)) ;; address of the instruction that runs

  (func $get (result i32)
    (i32.load8_u $tape (global.get $cell)))

  ;; 65536 cells, after the last of which comes the first.
  (func $move (param $by i32)
    (global.set $cell (i32.and (i32.add (global.get $cell) (local.get $by)) (i32.const 0xffff))))

  (func $change (param $by i32)
    (i32.store8 $tape (global.get $cell) (i32.add (call $get) (local.get $by))))

  (func $write
    (i32.store8 (i32.const 16) (call $get))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  ;; At the end of the input the byte is 0.
  (func $read
    (i32.store8 (i32.const 16) (i32.const 0))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store8 $tape (global.get $cell) (i32.load8_u (i32.const 16))))

  ;; Goes from one bracket to its partner, in steps of 1 or -1. A program whose brackets do not match ends in an error:
  ;; the byte before the program is 0, and so is the one behind it.
  (func $jump (param $step i32)
    (local $depth i32)
    (local $c i32)
    (loop $scan
      (local.set $c (i32.load8_u (global.get $pc)))
      (if (i32.eqz (local.get $c)) (then (call $proc_exit (i32.const 1))))
      (local.set $depth (i32.add (local.get $depth) (i32.eq (local.get $c) (i32.const 91 (; [ ;)))))
      (local.set $depth (i32.sub (local.get $depth) (i32.eq (local.get $c) (i32.const 93 (; ] ;)))))
      (if (local.get $depth)
        (then
          (global.set $pc (i32.add (global.get $pc) (local.get $step)))
          (br $scan)))))

  (func $run
    (local $c i32)
    (loop $next
      (local.set $c (i32.load8_u (global.get $pc)))
      (if (i32.eqz (local.get $c)) (then (return)))
      (block $done
        (block $open (block $close
          (block $plus (block $comma (block $minus (block $dot
            (block $left (block $right
              ;; + , - . have the codes 43 to 46; < and > 60 and 62; [ and ] 91 and 93.
              (if (i32.eq (local.get $c) (i32.const 60)) (then (br $left)))
              (if (i32.eq (local.get $c) (i32.const 62)) (then (br $right)))
              (if (i32.eq (local.get $c) (i32.const 91)) (then (br $open)))
              (if (i32.eq (local.get $c) (i32.const 93)) (then (br $close)))
              ;; Everything else is a comment.
              (br_table $plus $comma $minus $dot $done (i32.sub (local.get $c) (i32.const 43))))
             (; right ;) (call $move (i32.const 1)) (br $done))
            (; left ;) (call $move (i32.const -1)) (br $done))
           (; dot ;) (call $write) (br $done))
          (; minus ;) (call $change (i32.const -1)) (br $done))
         (; comma ;) (call $read) (br $done))
        (; plus ;) (call $change (i32.const 1)) (br $done))
         (; close ;) (if (call $get) (then (call $jump (i32.const -1)))) (br $done))
        (; open ;) (if (i32.eqz (call $get)) (then (call $jump (i32.const 1)))))
      (global.set $pc (i32.add (global.get $pc) (i32.const 1)))
      (br $next)))

  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 12) (i32.const 24)))
    ;; Two arguments, and 16 KiB of them at most.
    (if (i32.or
          (i32.ne (i32.load (i32.const 12)) (i32.const 2))
          (i32.gt_u (i32.load (i32.const 24)) (i32.const 16384)))
      (then (call $proc_exit (i32.const 2))))
    (drop (call $args_get (i32.const 32) (i32.const 1024)))
    (global.set $pc (i32.load (i32.const 36)))
    (call $run)))
