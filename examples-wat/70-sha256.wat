;; SHA-256
;; Teaches: rotations, byte order, padding, reading input of any length
;;
;; Prints the SHA-256 of its standard input, as sha256sum does (FIPS 180-4). The input is taken in blocks of 64
;; bytes; the last is filled up with a one bit, zeros, and the length in bits. Numbers in blocks have their highest
;; byte first, the opposite of WebAssembly's order.
;;
;; $ printf 'abc' | wasmx examples-wat/70-sha256.wat
;; > ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
;; $ printf '' | wasmx examples-wat/70-sha256.wat
;; > e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
;; $ printf '%01000d' 7 | wasmx examples-wat/70-sha256.wat
;; > 364fc07ca107374124b4446a114a78b16891d37e6c4b1069c0cafe542404b411

(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  (memory (export "memory") 1)
  (global $state i32 (i32.const 32))      ;; 8 words
  (global $block i32 (i32.const 64))      ;; 64 bytes
  (global $schedule i32 (i32.const 128))  ;; 64 words
  (global $constants i32 (i32.const 512)) ;; 64 words
  (global $text i32 (i32.const 1024))
  ;; The first 32 bits behind the binary point of the square roots of the first 8 primes, and of the cube roots of 64.
  (data (i32.const 32)
    "\67\e6\09\6a\85\ae\67\bb\72\f3\6e\3c\3a\f5\4f\a5\7f\52\0e\51\8c\68\05\9b\ab\d9\83\1f\19\cd\e0\5b")
  (data (i32.const 512)
    "\98\2f\8a\42\91\44\37\71\cf\fb\c0\b5\a5\db\b5\e9\5b\c2\56\39\f1\11\f1\59\a4\82\3f\92\d5\5e\1c\ab"
    "\98\aa\07\d8\01\5b\83\12\be\85\31\24\c3\7d\0c\55\74\5d\be\72\fe\b1\de\80\a7\06\dc\9b\74\f1\9b\c1"
    "\c1\69\9b\e4\86\47\be\ef\c6\9d\c1\0f\cc\a1\0c\24\6f\2c\e9\2d\aa\84\74\4a\dc\a9\b0\5c\da\88\f9\76"
    "\52\51\3e\98\6d\c6\31\a8\c8\27\03\b0\c7\7f\59\bf\f3\0b\e0\c6\47\91\a7\d5\51\63\ca\06\67\29\29\14"
    "\85\0a\b7\27\38\21\1b\2e\fc\6d\2c\4d\13\0d\38\53\54\73\0a\65\bb\0a\6a\76\2e\c9\c2\81\85\2c\72\92"
    "\a1\e8\bf\a2\4b\66\1a\a8\70\8b\4b\c2\a3\51\6c\c7\19\e8\92\d1\24\06\99\d6\85\35\0e\f4\70\a0\6a\10"
    "\16\c1\a4\19\08\6c\37\1e\4c\77\48\27\b5\bc\b0\34\b3\0c\1c\39\4a\aa\d8\4e\4f\ca\9c\5b\f3\6f\2e\68"
    "\ee\82\8f\74\6f\63\a5\78\14\78\c8\84\08\02\c7\8c\fa\ff\be\90\eb\6c\50\a4\f7\a3\f9\be\f2\78\71\c6")
  (data (i32.const 1100) "0123456789abcdef")

  (func $word (param $array i32) (param $i i32) (result i32)
    (i32.load (i32.add (local.get $array) (i32.shl (local.get $i) (i32.const 2)))))

  ;; Turns the bytes of a word around.
  (func $swap (param $x i32) (result i32)
    (i32.or
      (i32.and (i32.rotl (local.get $x) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (local.get $x) (i32.const 8)) (i32.const 0xff00ff00))))

  ;; Two rotations of a word, combined.
  (func $rotations (param $x i32) (param $a i32) (param $b i32) (result i32)
    (i32.xor (i32.rotr (local.get $x) (local.get $a)) (i32.rotr (local.get $x) (local.get $b))))

  ;; The first 16 words of the schedule are the block; each later one mixes four before it.
  (func $expand
    (local $i i32)
    (local $w i32)
    (loop $copy
      (i32.store
        (i32.add (global.get $schedule) (i32.shl (local.get $i) (i32.const 2)))
        (call $swap (call $word (global.get $block) (local.get $i))))
      (br_if $copy (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 16))))
    (loop $mix
      (local.set $w (call $word (global.get $schedule) (i32.sub (local.get $i) (i32.const 15))))
      (i32.add
        (call $word (global.get $schedule) (i32.sub (local.get $i) (i32.const 16)))
        (i32.xor
          (call $rotations (local.get $w) (i32.const 7) (i32.const 18))
          (i32.shr_u (local.get $w) (i32.const 3))))
      (local.set $w (call $word (global.get $schedule) (i32.sub (local.get $i) (i32.const 2))))
      (i32.add
        (call $word (global.get $schedule) (i32.sub (local.get $i) (i32.const 7)))
        (i32.xor
          (call $rotations (local.get $w) (i32.const 17) (i32.const 19))
          (i32.shr_u (local.get $w) (i32.const 10))))
      i32.add
      local.set $w
      (i32.store
        (i32.add (global.get $schedule) (i32.shl (local.get $i) (i32.const 2)))
        (local.get $w))
      (br_if $mix (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64)))))

  (func $add-to-state (param $i i32) (param $x i32)
    (local $at i32)
    (local.set $at (i32.add (global.get $state) (i32.shl (local.get $i) (i32.const 2))))
    (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (local.get $x))))

  ;; Mixes the block into the state.
  (func $compress
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (local $e i32) (local $f i32) (local $g i32) (local $h i32)
    (local $i i32)
    (local $t1 i32)
    (local $t2 i32)
    (call $expand)
    (local.set $a (i32.load offset=32 (i32.const 0)))
    (local.set $b (i32.load offset=36 (i32.const 0)))
    (local.set $c (i32.load offset=40 (i32.const 0)))
    (local.set $d (i32.load offset=44 (i32.const 0)))
    (local.set $e (i32.load offset=48 (i32.const 0)))
    (local.set $f (i32.load offset=52 (i32.const 0)))
    (local.set $g (i32.load offset=56 (i32.const 0)))
    (local.set $h (i32.load offset=60 (i32.const 0)))
    (loop $rounds
      ;; h + the rotations of e + "f where e has ones, g where it has zeros" + constant + schedule
      (local.set $t1
        (i32.add
          (i32.add
            (local.get $h)
            (i32.xor
              (call $rotations (local.get $e) (i32.const 6) (i32.const 11))
              (i32.rotr (local.get $e) (i32.const 25))))
          (i32.add
            (i32.xor
              (local.get $g)
              (i32.and (local.get $e) (i32.xor (local.get $f) (local.get $g))))
            (i32.add
              (call $word (global.get $constants) (local.get $i))
              (call $word (global.get $schedule) (local.get $i))))))
      ;; the rotations of a + the majority of a, b and c in each bit
      (local.set $t2
        (i32.add
          (i32.xor
            (call $rotations (local.get $a) (i32.const 2) (i32.const 13))
            (i32.rotr (local.get $a) (i32.const 22)))
          (i32.or
            (i32.and (local.get $a) (local.get $b))
            (i32.and (local.get $c) (i32.or (local.get $a) (local.get $b))))))
      (local.set $h (local.get $g))
      (local.set $g (local.get $f))
      (local.set $f (local.get $e))
      (local.set $e (i32.add (local.get $d) (local.get $t1)))
      (local.set $d (local.get $c))
      (local.set $c (local.get $b))
      (local.set $b (local.get $a))
      (local.set $a (i32.add (local.get $t1) (local.get $t2)))
      (br_if $rounds (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 64))))
    (call $add-to-state (i32.const 0) (local.get $a))
    (call $add-to-state (i32.const 1) (local.get $b))
    (call $add-to-state (i32.const 2) (local.get $c))
    (call $add-to-state (i32.const 3) (local.get $d))
    (call $add-to-state (i32.const 4) (local.get $e))
    (call $add-to-state (i32.const 5) (local.get $f))
    (call $add-to-state (i32.const 6) (local.get $g))
    (call $add-to-state (i32.const 7) (local.get $h)))

  ;; Fills the block from the standard input: how many bytes have come, fewer than 64 only at the end.
  (func $read-block (result i32)
    (local $filled i32)
    (block $end
      (loop $more
        (i32.store (i32.const 0) (i32.add (global.get $block) (local.get $filled)))
        (i32.store (i32.const 4) (i32.sub (i32.const 64) (local.get $filled)))
        (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
          (then (call $proc_exit (i32.const 1))))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (local.set $filled (i32.add (local.get $filled) (i32.load (i32.const 8))))
        (br_if $more (i32.lt_u (local.get $filled) (i32.const 64)))))
    (local.get $filled))

  (func (export "_start")
    (local $length i64)
    (local $filled i32)
    (local $i i32)
    (local $byte i32)
    (loop $blocks
      (local.set $filled (call $read-block))
      (local.set $length (i64.add (local.get $length) (i64.extend_i32_u (local.get $filled))))
      (if (i32.eq (local.get $filled) (i32.const 64))
        (then
          (call $compress)
          (br $blocks))))

    ;; A one bit and zeros; in a block of their own if there is no room for the length behind them.
    (memory.fill
      (i32.add (global.get $block) (local.get $filled))
      (i32.const 0)
      (i32.sub (i32.const 64) (local.get $filled)))
    (i32.store8 (i32.add (global.get $block) (local.get $filled)) (i32.const 0x80))
    (if (i32.ge_u (local.get $filled) (i32.const 56))
      (then
        (call $compress)
        (memory.fill (global.get $block) (i32.const 0) (i32.const 56))))
    (local.set $length (i64.shl (local.get $length) (i64.const 3)))
    (i32.store offset=56 (global.get $block)
      (call $swap (i32.wrap_i64 (i64.shr_u (local.get $length) (i64.const 32)))))
    (i32.store offset=60 (global.get $block) (call $swap (i32.wrap_i64 (local.get $length))))
    (call $compress)

    ;; The state in hexadecimal. The highest byte of a word is its last in memory: 3 2 1 0 7 6 5 4 ...
    (loop $digits
      (local.set $byte
        (i32.load8_u (i32.add (global.get $state) (i32.xor (local.get $i) (i32.const 3)))))
      (i32.store8 offset=1024
        (i32.shl (local.get $i) (i32.const 1))
        (i32.load8_u offset=1100 (i32.shr_u (local.get $byte) (i32.const 4))))
      (i32.store8 offset=1025
        (i32.shl (local.get $i) (i32.const 1))
        (i32.load8_u offset=1100 (i32.and (local.get $byte) (i32.const 15))))
      (br_if $digits (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 32))))
    (i32.store8 (i32.const 1088) (i32.const 10))
    (i32.store (i32.const 0) (global.get $text))
    (i32.store (i32.const 4) (i32.const 65))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
