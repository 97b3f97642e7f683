;; Loops that ask first, and what leaves them.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (func $f)
  ;; A sum over an array: the loop asks at its bottom.
  (func (param $p i32) (param $n i32) (result i32) (local $s i32)
    (block $done
      (loop $l
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $l)))
    (local.get $s))
  ;; The bound is in memory, and nothing writes: it is loaded once, as is what the body adds.
  (func (param $p i32) (result i32) (local $i i32) (local $s i32)
    (block $done
      (loop $l
        (br_if $done (i32.ge_u (local.get $i) (i32.load (local.get $p))))
        (local.set $s (i32.add (local.get $s) (i32.load offset=4 (local.get $p))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (local.get $s))
  ;; The store may be anywhere: the loads stay.
  (func (param $p i32) (param $q i32) (local $i i32)
    (loop $l
      (if (i32.lt_u (local.get $i) (i32.load (local.get $p)))
        (then
          (i32.store (local.get $q) (local.get $i))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $l)))))
  ;; The store is beside the loads.
  (func (param $p i32) (local $i i32)
    (loop $l
      (if (i32.lt_u (local.get $i) (i32.load (local.get $p)))
        (then
          (i32.store offset=4 (local.get $p) (local.get $i))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $l)))))
  ;; A nest; the division leaves the inner loop only, as the outer one may not get there.
  (func (param $a i32) (param $b i32) (param $n i32) (result i32) (local $i i32) (local $j i32) (local $s i32)
    (block $done
      (loop $outer
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $j (i32.const 0))
        (block $next
          (loop $inner
            (br_if $next (i32.ge_u (local.get $j) (local.get $i)))
            (local.set $s (i32.add (local.get $s) (i32.div_u (local.get $a) (local.get $b))))
            (local.set $j (i32.add (local.get $j) (i32.const 1)))
            (br $inner)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $outer)))
    (local.get $s))
  ;; Two ways out: what the body leaves with is what the top has.
  (func (param $p i32) (param $x i32) (param $n i32) (result i32) (local $i i32)
    (block $done
      (loop $l
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (br_if $done (i32.eq (local.get $x) (i32.load (i32.add (local.get $p) (i32.shl (local.get $i) (i32.const 2))))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $l)))
    (local.get $i))
  ;; A call comes before the load and stays before it.
  (func (param $p i32) (param $n i32) (result i32) (local $s i32)
    (loop $l
      (call $f)
      (local.set $s (i32.add (local.get $s) (i32.load (local.get $p))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $s))
  ;; A global is written where memory is read.
  (func (param $p i32) (param $n i32)
    (loop $l
      (global.set $g (i32.add (global.get $g) (i32.load (local.get $p))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))
