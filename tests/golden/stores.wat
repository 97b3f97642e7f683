;; Stores that nobody sees.
(module
  (memory 1)
  (global $g (mut i32) (i32.const 0))
  (global $h (mut i32) (i32.const 0))
  ;; The last of three stores to a global stays.
  (func (param i32)
    (global.set $g (local.get 0))
    (global.set $h (i32.const 1))
    (global.set $g (i32.const 2))
    (global.set $g (i32.add (local.get 0) (i32.const 3))))
  ;; A trap may come between.
  (func (param i32) (result i32)
    (global.set $g (local.get 0))
    (i32.load (local.get 0))
    (global.set $g (i32.const 0)))
  ;; The wide store covers both narrow ones, but the check of the second, which reaches farther, may trap behind the first.
  (func (param i32)
    (i32.store (local.get 0) (i32.const 1))
    (i32.store offset=4 (local.get 0) (i32.const 2))
    (i64.store (local.get 0) (i64.const 3)))
  ;; Here it reaches far enough at once.
  (func (param i32)
    (i32.store offset=4 (local.get 0) (i32.const 1))
    (i32.store (local.get 0) (i32.const 2))
    (i64.store (local.get 0) (i64.const 3)))
  ;; A load sees the first one, unless it is of something else.
  (func (param i32) (result i32)
    (i32.store offset=8 (local.get 0) (i32.const 1))
    (i32.store8 offset=4 (local.get 0) (i32.const 1))
    (i32.load8_s offset=8 (local.get 0))
    (i32.store8 offset=4 (local.get 0) (i32.const 2))
    (i32.store offset=8 (local.get 0) (i32.const 3)))
  ;; What is there already.
  (func (param i32) (result i32)
    (i32.store (local.get 0) (i32.load (local.get 0)))
    (i32.load (local.get 0)))
  ;; Two sums that cannot be the same place.
  (func (param $p i32) (result i32)
    (i32.store (i32.add (local.get $p) (i32.const 16)) (i32.const 1))
    (i32.store (i32.sub (local.get $p) (i32.const 16)) (i32.const 2))
    (i32.load (i32.add (local.get $p) (i32.const 16)))))
