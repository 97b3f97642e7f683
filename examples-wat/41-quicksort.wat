;; Quicksort
;; Teaches: divide and conquer with recursion, pseudorandom numbers, checking a result
;;
;; Fills an array with n numbers from a linear congruential generator, sorts it, and checks that it is in order and
;; still has the same sum.
;;
;; $ wasmx run --invoke test examples-wat/41-quicksort.wat 10
;; > 1
;; $ wasmx run --invoke test examples-wat/41-quicksort.wat 10000
;; > 1

(module
  (memory 1)

  ;; Sorts the words from address $low to address $high, both included.
  (func $quicksort (param $low i32) (param $high i32)
    (local $i i32)
    (local $j i32)
    (local $pivot i32)
    (local $kept i32)
    (if (i32.ge_s (local.get $low) (local.get $high)) (then (return)))
    (local.set $i (local.get $low))
    (local.set $j (local.get $high))
    ;; The element in the middle; the mask makes its address a multiple of 4.
    (local.set $pivot
      (i32.load (i32.and (i32.shr_u (i32.add (local.get $low) (local.get $high)) (i32.const 1)) (i32.const -4))))
    (loop $partition
      (block $left
        (loop $up
          (br_if $left (i32.ge_s (i32.load (local.get $i)) (local.get $pivot)))
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (br $up)))
      (block $right
        (loop $down
          (br_if $right (i32.le_s (i32.load (local.get $j)) (local.get $pivot)))
          (local.set $j (i32.sub (local.get $j) (i32.const 4)))
          (br $down)))
      (if (i32.le_s (local.get $i) (local.get $j))
        (then
          (local.set $kept (i32.load (local.get $i)))
          (i32.store (local.get $i) (i32.load (local.get $j)))
          (i32.store (local.get $j) (local.get $kept))
          (local.set $i (i32.add (local.get $i) (i32.const 4)))
          (local.set $j (i32.sub (local.get $j) (i32.const 4)))))
      (br_if $partition (i32.le_s (local.get $i) (local.get $j))))
    (call $quicksort (local.get $low) (local.get $j))
    (call $quicksort (local.get $i) (local.get $high)))

  ;; The array starts at address 4, so that the address before its first element is not negative.
  (func $fill (param $n i32) (result i32)
    (local $seed i32)
    (local $sum i32)
    (local $at i32)
    (local.set $at (i32.const 4))
    (loop $next
      (local.set $seed
        (i32.add (i32.mul (local.get $seed) (i32.const 1664525)) (i32.const 1013904223)))
      (i32.store (local.get $at) (local.get $seed))
      (local.set $sum (i32.add (local.get $sum) (local.get $seed)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  ;; The sum of the array, or a trap if it is not in order.
  (func $check (param $n i32) (result i32)
    (local $at i32)
    (local $sum i32)
    (local $last i32)
    (local.set $at (i32.const 4))
    (local.set $last (i32.const 0x8000_0000))
    (loop $next
      (if (i32.lt_s (i32.load (local.get $at)) (local.get $last)) (then unreachable))
      (local.set $last (i32.load (local.get $at)))
      (local.set $sum (i32.add (local.get $sum) (local.get $last)))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))

  (func (export "test") (param $n i32) (result i32)
    (local $sum i32)
    (local.set $sum (call $fill (local.get $n)))
    (call $quicksort (i32.const 4) (i32.shl (local.get $n) (i32.const 2)))
    (i32.eq (call $check (local.get $n)) (local.get $sum))))
