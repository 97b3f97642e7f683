;; What can go wrong in a guest, and what takes long, for hosts that look after their process meanwhile.
(module
  (import "host" "down" (func $down (param i32) (result i32)))
  (memory (export "memory") 1 3)
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "unreachable") (unreachable))
  (func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (i32.const 1)))
      (else (i32.const 0))))
  (func (export "spin") (loop $l (br $l)))
  ;; Passes over the first page, and counts them in its first word, until its last word is not 0.
  (func (export "passes") (result i32) (local $p i32) (local $sum i32)
    (i32.store (i32.const 0) (i32.const 0))
    (loop $again
      (local.set $p (i32.const 4))
      (loop $page
        (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
        (br_if $page (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 1))) (i32.const 65532))))
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
      (br_if $again (i32.eqz (i32.load (i32.const 65532)))))
    (local.get $sum))
  (func (export "up") (param i32) (result i32) (i32.add (call $down (local.get 0)) (i32.const 1))))
