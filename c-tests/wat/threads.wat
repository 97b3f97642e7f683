;; Enough work for a thread to meet the others half way.
(module
  (import "host" "id" (func $id (param i32) (result i32)))
  (global $g (import "host" "base") i32)
  (memory 1)
  (func (export "run") (param $n i32) (result i32)
    (local $sum i32)
    (loop $again
      (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (call $id (local.get $n))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (i32.add (global.get $g) (i32.load (i32.const 16)))))
