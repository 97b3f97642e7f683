;; What WebAssembly has no instruction for, written out: one operation each.
(module
  (memory 1)
  ;; A product of 128 bits, as compilers make it; also where it is called.
  (func $multiply (param $to i32) (param $a i64) (param $ah i64) (param $b i64) (param $bh i64)
    (local $x i64) (local $y i64) (local $l i64) (local $w i64)
    (local.set $x (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.and (local.get $b) (i64.const 0xffffffff))))
    (local.set $y (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.shr_u (local.get $b) (i64.const 32))))
    (local.set $l (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.and (local.get $b) (i64.const 0xffffffff))))
    (local.set $w (i64.add (i64.add (i64.shr_u (local.get $l) (i64.const 32)) (i64.and (local.get $x) (i64.const 0xffffffff)))
      (i64.and (local.get $y) (i64.const 0xffffffff))))
    (i64.store offset=8 (local.get $to)
      (i64.add (i64.add (i64.add (i64.add (i64.add
          (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.shr_u (local.get $b) (i64.const 32)))
          (i64.mul (local.get $ah) (local.get $b))) (i64.mul (local.get $bh) (local.get $a)))
        (i64.shr_u (local.get $x) (i64.const 32))) (i64.shr_u (local.get $y) (i64.const 32)))
        (i64.shr_u (local.get $w) (i64.const 32))))
    (i64.store (local.get $to) (i64.or (i64.shl (local.get $w) (i64.const 32)) (i64.and (local.get $l) (i64.const 0xffffffff)))))
  (func (param i64 i64) (result i64)
    (call $multiply (i32.const 16) (local.get 0) (i64.const 0) (local.get 1) (i64.const 0))
    (i64.xor (i64.load (i32.const 16)) (i64.load (i32.const 24))))
  ;; Only the upper half, with one carry (as XXH3 has it).
  (func (param $a i64) (param $b i64) (result i64) (local $x i64)
    (local.set $x (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.and (local.get $b) (i64.const 0xffffffff))))
    (i64.add (i64.add (i64.shr_u (local.get $x) (i64.const 32))
        (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.shr_u (local.get $b) (i64.const 32))))
      (i64.shr_u
        (i64.add (i64.add (i64.shr_u (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.and (local.get $b) (i64.const 0xffffffff)))
          (i64.const 32)) (i64.and (local.get $x) (i64.const 0xffffffff)))
          (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.shr_u (local.get $b) (i64.const 32))))
        (i64.const 32))))
  ;; By a constant, with two sums one after the other (as compiler-rt has it).
  (func (param $a i64) (result i64) (local $u i64)
    (local.set $u (i64.add (i64.shr_u (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.const 0x89abcdef)) (i64.const 32))
      (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.const 0x89abcdef))))
    (i64.add (i64.add (i64.mul (i64.shr_u (local.get $a) (i64.const 32)) (i64.const 0x1234567)) (i64.shr_u (local.get $u) (i64.const 32)))
      (i64.shr_u (i64.add (i64.and (local.get $u) (i64.const 0xffffffff))
        (i64.mul (i64.and (local.get $a) (i64.const 0xffffffff)) (i64.const 0x1234567))) (i64.const 32))))
  ;; The bytes of a word in reverse.
  (func (param $v i32) (result i32)
    (i32.or (i32.rotr (i32.and (local.get $v) (i32.const 0xff00ff)) (i32.const 8))
      (i32.and (i32.rotr (local.get $v) (i32.const 24)) (i32.const 0xff00ff))))
  ;; Almost: a byte is missing.
  (func (param $v i32) (result i32)
    (i32.or (i32.rotr (i32.and (local.get $v) (i32.const 0xff)) (i32.const 8))
      (i32.and (i32.rotr (local.get $v) (i32.const 24)) (i32.const 0xff00ff)))))
