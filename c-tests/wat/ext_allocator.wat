;; A memory in the host's buffer: data segments, loads right after growing, and two memories of other kinds.
(module
  (memory $m (export "memory") 1 8)
  (memory $wide (export "wide") i64 1)
  (memory $none (export "none") 0 2)
  (data (memory $m) (i32.const 65532) "\01\02\03\04")
  (func (export "grow") (param i32) (result i32)
    (local $old i32)
    (local.set $old (memory.grow $m (local.get 0)))
    ;; What was there before is still there, whether the memory has moved or not.
    (if (i32.ne (i32.load $m (i32.const 65532)) (i32.const 0x04030201)) (then unreachable))
    ;; And what is new can be written to its end.
    (i32.store8 $m (i32.sub (i32.shl (memory.size $m) (i32.const 16)) (i32.const 1)) (i32.const 7))
    (local.get $old))
  (func (export "peek") (param i32) (result i32) (i32.load8_u $m (local.get 0)))
  (func (export "grow wide") (param i64) (result i64) (memory.grow $wide (local.get 0)))
  (func (export "grow none") (param i32) (result i32) (memory.grow $none (local.get 0))))
