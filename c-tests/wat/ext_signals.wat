(module
  (memory (export "memory") 1 2)
  (func (export "load") (param i32) (result i32) (i32.load offset=4 (local.get 0)))
  ;; Loads so many times, and gives the last word.
  (func (export "loads") (param $at i32) (param $times i32) (result i32) (local $v i32)
    (loop $l
      (local.set $v (i32.load (local.get $at)))
      (br_if $l (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))
    (local.get $v)))
