;; Memories with 64-bit addresses
;; Teaches: (memory i64 ...), i64 addresses, tables with 64-bit indices
;;
;; A memory declared i64 is addressed with i64 and may become larger than 4 GiB; sizes and counts of its instructions
;; are i64 as well. Tables can have 64-bit indices in the same way.
;;
;; $ printf 'store 0x10 99\nload 0x10\ngrow 1\nload 0x1fff8\nload 0x1_0000_0010\n' | wasmx batch examples-wat/34-memory64.wat
;; > ok
;; > ok 99
;; > ok 1
;; > ok 0
;; > error memory-out-of-bounds: out of bounds memory access
;; = 1
;; $ wasmx run --invoke call examples-wat/34-memory64.wat 1
;; > 64

(module
  (memory i64 1 0x10_0000) ;; up to 64 GiB
  (table i64 funcref (elem $small $large))

  (func (export "load") (param $address i64) (result i64)
    (i64.load (local.get $address)))
  (func (export "store") (param $address i64) (param $value i64)
    (i64.store (local.get $address) (local.get $value)))
  (func (export "grow") (param $pages i64) (result i64)
    (memory.grow (local.get $pages)))

  (func $small (result i32) (i32.const 32))
  (func $large (result i32) (i32.const 64))
  (func (export "call") (param $index i64) (result i32)
    (call_indirect (result i32) (local.get $index))))
