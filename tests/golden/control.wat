;; Tail calls, and calls in a try block, which are as others are.
(module
  (tag $e (param i32))
  (func $callee (param i32) (result i32) (return_call $callee (i32.sub (local.get 0) (i32.const 1))))
  (func (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (i32.add (call $callee (local.get 0)) (local.get 0)))))
  (func (param i32) (throw $e (local.get 0))))
