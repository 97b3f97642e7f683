;; Takes whatever it can get.
(module
  (memory (export "memory") 1)
  ;; Grows the memory until that fails, and says how many pages it has.
  (func (export "grow_all") (result i32)
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (memory.size))
  (func (export "spin") (loop $forever (br $forever)))
  (func (export "sum") (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (local.get $sum))
  ;; So many calls inside each other; gives back how many.
  (func $depth (export "depth") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n)) (then (return (i32.const 0))))
    (i32.add (call $depth (i32.sub (local.get $n) (i32.const 1))) (i32.const 1))))
