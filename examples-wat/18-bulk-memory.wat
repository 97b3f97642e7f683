;; Bulk memory operations
;; Teaches: memory.fill, memory.copy, memory.init, data.drop, passive segments
;;
;; One instruction fills or copies a range; source and destination of a copy may overlap. A passive segment has no
;; address: memory.init copies parts of it when the program wants, until data.drop gives it up.
;;
;; $ wasmx run --invoke fill examples-wat/18-bulk-memory.wat
;; > 0
;; > -1
;; > 0
;; $ wasmx run --invoke overlap examples-wat/18-bulk-memory.wat
;; > 12233
;; $ printf 'load-greeting\ndrop\nload-greeting\n' | wasmx batch examples-wat/18-bulk-memory.wat
;; > ok 1819043176
;; > ok
;; > error memory-out-of-bounds: out of bounds memory access
;; = 1

(module
  (memory 1)
  (data $greeting "say hello")

  ;; 0xff in the four bytes from 4, and their neighbours untouched.
  (func (export "fill") (result i32 i32 i32)
    (memory.fill (i32.const 4) (i32.const 0xff) (i32.const 4))
    (i32.load (i32.const 0))
    (i32.load (i32.const 4))
    (i32.load (i32.const 8)))

  ;; Of the bytes 1 2 3 4 5, the second and third are copied one place up, over the third: 1 2 2 3 5. A copy byte by byte
  ;; from the front would have read the third too late and given 1 2 2 2 5. Then the fourth goes over the fifth.
  (func (export "overlap") (result i32)
    (local $i i32)
    (local $digits i32)
    (i32.store (i32.const 16) (i32.const 0x04030201))
    (i32.store8 (i32.const 20) (i32.const 5))
    (memory.copy (i32.const 18) (i32.const 17) (i32.const 2))
    (memory.copy (i32.const 20) (i32.const 19) (i32.const 1))
    (loop $next
      (local.set $digits
        (i32.add
          (i32.mul (local.get $digits) (i32.const 10))
          (i32.load8_u offset=16 (local.get $i))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5))))
    (local.get $digits))

  ;; The four bytes "hell" from the middle of the segment.
  (func (export "load-greeting") (result i32)
    (memory.init $greeting (i32.const 32) (i32.const 4) (i32.const 4))
    (i32.load (i32.const 32)))

  (func (export "drop")
    (data.drop $greeting)))
