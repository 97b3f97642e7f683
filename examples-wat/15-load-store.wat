;; Loads and stores
;; Teaches: memory, load, store, narrow accesses, byte order, offsets
;;
;; A memory is an array of bytes; its size counts in pages of 64 KiB. Numbers are stored with their lowest byte
;; first. An access may have a constant offset, added to the address without wrapping around.
;;
;; $ wasmx run --invoke byte-order examples-wat/15-load-store.wat
;; > 4
;; > 1
;; $ wasmx run --invoke narrow examples-wat/15-load-store.wat 200
;; > 200
;; > -56
;; $ wasmx run --invoke unaligned examples-wat/15-load-store.wat
;; > 33752069
;; $ wasmx run --invoke peek examples-wat/15-load-store.wat 65532
;; > 0
;; $ wasmx run --invoke peek examples-wat/15-load-store.wat 65533
;; ! wasmx: trap: out of bounds memory access (memory-out-of-bounds)
;; = 134

(module
  (memory 1)

  ;; Of the bytes of 0x01020304, the lowest comes first.
  (func (export "byte-order") (result i32 i32)
    (i32.store (i32.const 0) (i32.const 0x01020304))
    (i32.load8_u (i32.const 0))
    (i32.load8_u offset=3 (i32.const 0)))

  ;; The same byte, without and with a sign.
  (func (export "narrow") (param $x i32) (result i32 i32)
    (i32.store8 (i32.const 8) (local.get $x))
    (i32.load8_u (i32.const 8))
    (i32.load8_s (i32.const 8)))

  ;; Any address will do for any width; align=1 says that this one is odd. It changes the speed at most.
  (func (export "unaligned") (result i32)
    (i32.store align=1 (i32.const 101) (i32.const 0x02030405))
    (i32.load align=1 (i32.const 101)))

  ;; Four bytes from 65532 are the last that a page has.
  (func (export "peek") (param $address i32) (result i32)
    (i32.load (local.get $address))))
