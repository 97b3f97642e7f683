;; Atomic operations
;; Teaches: shared memory, atomic.rmw, cmpxchg, a spin lock, wait and notify
;;
;; A shared memory may be used by several threads at once. Atomic instructions read and write in one step, in one
;; order for all. They demand natural alignment. Here one thread uses them; example 56 starts more.
;;
;; $ wasmx run --invoke add examples-wat/55-atomics.wat
;; > 5
;; > 12
;; $ wasmx run --invoke exchange examples-wat/55-atomics.wat
;; > 0
;; > 1
;; > 9
;; $ wasmx run --invoke wait examples-wat/55-atomics.wat
;; > 1
;; > 2
;; > 0
;; $ wasmx run --invoke unaligned examples-wat/55-atomics.wat
;; ! wasmx: trap: unaligned atomic (unaligned-atomic)
;; = 134

(module
  (memory 1 1 shared) ;; a shared memory must have a maximum

  ;; rmw instructions give the value before.
  (func (export "add") (result i32 i32)
    (i32.atomic.store (i32.const 0) (i32.const 5))
    (i32.atomic.rmw.add (i32.const 0) (i32.const 7))
    (i32.atomic.load (i32.const 0)))

  ;; cmpxchg stores only if it finds what it expects: whoever gets 0 back has taken the lock.
  (func (export "exchange") (result i32 i32 i32)
    (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.const 0) (i32.const 1))
    (i32.atomic.rmw.cmpxchg (i32.const 8) (i32.const 0) (i32.const 1))
    (i32.atomic.store (i32.const 8) (i32.const 9))
    (i32.atomic.load (i32.const 8)))

  ;; wait sleeps while the word has the value expected: 1 says that it had another, 2 that the time (in nanoseconds) was
  ;; over. notify wakes up to so many sleepers and gives their number.
  (func (export "wait") (result i32 i32 i32)
    (memory.atomic.wait32 (i32.const 16) (i32.const 99) (i64.const -1))
    (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const 1_000_000))
    (memory.atomic.notify (i32.const 16) (i32.const 1)))

  (func (export "unaligned") (result i32)
    (i32.atomic.load (i32.const 2))))
