;; Sorts the 32-bit numbers at the beginning of this memory by insertion, in the order that the host says.
(module
  (import "host" "less" (func $less (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "sort") (param $count i32) (local $i i32) (local $j i32) (local $number i32)
    (loop $outer
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.lt_u (local.get $i) (local.get $count))
        (then
          (local.set $number (i32.load (i32.shl (local.get $i) (i32.const 2))))
          (local.set $j (local.get $i))
          (block $placed
            (loop $inner
              (br_if $placed (i32.eqz (local.get $j)))
              (br_if $placed
                (i32.eqz (call $less (local.get $number) (i32.load (i32.shl (i32.sub (local.get $j) (i32.const 1)) (i32.const 2))))))
              (i32.store (i32.shl (local.get $j) (i32.const 2))
                (i32.load (i32.shl (i32.sub (local.get $j) (i32.const 1)) (i32.const 2))))
              (local.set $j (i32.sub (local.get $j) (i32.const 1)))
              (br $inner)))
          (i32.store (i32.shl (local.get $j) (i32.const 2)) (local.get $number))
          (br $outer))))))
