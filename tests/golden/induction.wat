;; Products of counters that loops carry along as sums.
(module
  (memory 1)
  ;; A field of records of 24 bytes.
  (func (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.load offset=4 (i32.mul (local.get $i) (i32.const 24)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  ;; That of the next trip is one addition more.
  (func (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.sub (i32.load (i32.mul (local.get $i) (i32.const 24)))
        (i32.load (i32.mul (i32.add (local.get $i) (i32.const 1)) (i32.const 24)))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  ;; Scaled addresses and shifts are as cheap.
  (func (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (i32.const 9))))
      (local.set $s (i32.xor (local.get $s) (i32.mul (local.get $i) (i32.const 64))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  ;; Not every trip multiplies.
  (func (param $n i32) (result i32) (local $i i32) (local $s i32)
    (loop $l
      (if (i32.load8_u (local.get $i))
        (then (local.set $s (i32.add (local.get $s) (i32.mul (local.get $i) (i32.const 24))))))
      (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s)))
