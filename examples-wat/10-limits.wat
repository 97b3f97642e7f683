;; Limits
;; Teaches: fuel, timeouts, limits on memory and on the stack
;;
;; A host need not trust a guest to end, or to be modest. Fuel counts work, about one unit for each instruction, and
;; ends the guest at the same place in every run; a timeout goes by the clock. Where a guest asks for more memory
;; than it may have, memory.grow says so and the guest goes on.
;;
;; $ wasmx run --fuel 100000 --invoke spin examples-wat/10-limits.wat
;; ! wasmx: trap: all fuel consumed (out-of-fuel)
;; = 134
;; $ wasmx run --timeout 50ms --invoke spin examples-wat/10-limits.wat
;; ! wasmx: trap: deadline exceeded (deadline-exceeded)
;; = 134
;; $ wasmx run --fuel 100000 --invoke count-to examples-wat/10-limits.wat 1000
;; > 1000
;; $ wasmx run --max-memory 1M --invoke pages examples-wat/10-limits.wat
;; > 16
;; $ wasmx run --max-stack 64K --invoke depth examples-wat/10-limits.wat 100000
;; ! wasmx: trap: call stack exhausted (stack-overflow)
;; = 134
;; $ wasmx run --max-stack 16M --invoke depth examples-wat/10-limits.wat 100000
;; > 100000

(module
  (memory 1)

  (func (export "spin")
    (loop $forever
      (br $forever)))

  (func (export "count-to") (param $n i32) (result i32)
    (local $i i32)
    (loop $next
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $i))

  ;; Takes one page after the other until no more are given: how many there are then.
  (func (export "pages") (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    memory.size)

  ;; How deep so many nested calls are.
  (func $depth (export "depth") (param $n i32) (result i32)
    (if (i32.eqz (local.get $n))
      (then (return (i32.const 0))))
    (i32.add (call $depth (i32.sub (local.get $n) (i32.const 1))) (i32.const 1))))
