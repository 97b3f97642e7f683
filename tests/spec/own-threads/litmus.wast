;; Two threads and one memory: what sequentially consistent atomics allow, and what they do not.

;; Message passing: whoever sees the flag sees the data.
(module $Mem (memory (export "m") 1 1 shared))
(thread $writer (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run")
      (i32.store (i32.const 0) (i32.const 42))
      (i32.atomic.store (i32.const 4) (i32.const 1))))
  (invoke "run"))
(thread $reader (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run") (result i32)
      (loop $again (br_if $again (i32.eqz (i32.atomic.load (i32.const 4)))))
      (i32.load (i32.const 0))))
  (assert_return (invoke "run") (i32.const 42)))
(wait $writer)
(wait $reader)

;; Store buffering: not both threads miss the other's store.
(module $Mem (memory (export "m") 1 1 shared))
(thread $one (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run")
      (i32.atomic.store (i32.const 0) (i32.const 1))
      (i32.store (i32.const 8) (i32.atomic.load (i32.const 4)))))
  (invoke "run"))
(thread $two (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run")
      (i32.atomic.store (i32.const 4) (i32.const 1))
      (i32.store (i32.const 12) (i32.atomic.load (i32.const 0)))))
  (invoke "run"))
(wait $one)
(wait $two)
(register "mem" $Mem)
(module
  (memory (import "mem" "m") 1 1 shared)
  (func (export "seen") (result i32) (i32.or (i32.load (i32.const 8)) (i32.load (i32.const 12)))))
(assert_return (invoke "seen") (i32.const 1))

;; A counter that two threads raise 100,000 times each, by addition and by compare-and-exchange.
(module $Mem (memory (export "m") 1 1 shared))
(thread $one (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run") (local $n i32)
      (loop $again
        (drop (i64.atomic.rmw.add (i32.const 0) (i64.const 1)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))))
  (invoke "run"))
(thread $two (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run") (local $n i32) (local $old i64)
      (loop $again
        (local.set $old (i64.atomic.load (i32.const 0)))
        (br_if $again
          (i64.ne
            (i64.atomic.rmw.cmpxchg (i32.const 0) (local.get $old) (i64.add (local.get $old) (i64.const 1)))
            (local.get $old)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))))
  (invoke "run"))
(wait $one)
(wait $two)
(register "mem" $Mem)
(module
  (memory (import "mem" "m") 1 1 shared)
  (func (export "total") (result i64) (i64.load (i32.const 0))))
(assert_return (invoke "total") (i64.const 200000))

;; One thread sleeps until the other wakes it; the second keeps trying until somebody sleeps.
(module $Mem (memory (export "m") 1 1 shared))
(thread $sleeper (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run") (result i32)
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))))
  (assert_return (invoke "run") (i32.const 0)))
(thread $waker (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 1 shared)
    (func (export "run") (result i32) (local $woken i32)
      (loop $again
        (local.set $woken (memory.atomic.notify (i32.const 0) (i32.const 1)))
        (br_if $again (i32.eqz (local.get $woken))))
      (local.get $woken)))
  (assert_return (invoke "run") (i32.const 1)))
(wait $sleeper)
(wait $waker)

;; Memory that one thread adds is there for the other.
(module $Mem (memory (export "m") 1 10 shared))
(thread $grower (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 10 shared)
    (func (export "run") (result i32)
      (local i32)
      (local.set 0 (memory.grow (i32.const 3)))
      (i32.atomic.store (i32.const 65536) (i32.const 7))
      (i32.atomic.store (i32.const 0) (i32.const 1))
      (local.get 0)))
  (assert_return (invoke "run") (i32.const 1)))
(thread $user (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "m") 1 10 shared)
    (func (export "run") (result i32 i32)
      (loop $again (br_if $again (i32.eqz (i32.atomic.load (i32.const 0)))))
      (i32.atomic.load (i32.const 65536))
      (memory.size)))
  (assert_return (invoke "run") (i32.const 7) (i32.const 4)))
(wait $grower)
(wait $user)
