;; Counts up in a shared memory.
(module
  (import "host" "memory" (memory 1 4 shared))
  (func (export "count") (param i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0))))
  (func (export "read") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "grow") (result i32) (memory.grow (i32.const 1))))
