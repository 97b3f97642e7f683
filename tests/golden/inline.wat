;; Small functions are built into their callers: a check in the callee traps from there, and recursion is unrolled a little.
(module
  (memory 1)
  (func $get (param i32) (result i32) (i32.load (local.get 0)))
  (func $max (param i32 i32) (result i32)
    (if (i32.gt_s (local.get 0) (local.get 1)) (then (return (local.get 0))))
    (local.get 1))
  (func (param i32) (result i32)
    (call $max (call $get (local.get 0)) (call $get (i32.add (local.get 0) (i32.const 4)))))
  (func $down (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $down (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 7)))))
