;; Memories of a few bytes
;; Teaches: (pagesize 1) (the custom-page-sizes proposal)
;;
;; Beyond WebAssembly 3.0: a memory whose pages have one byte can have any size, which suits small devices, and
;; guards an area to the byte. memory.size and memory.grow count in bytes then.
;;
;; $ printf 'size\nload 9\nload 10\ngrow 5\nload 10\nload 15\n' | wasmx batch examples-wat/38-custom-page-sizes.wat
;; > ok 10
;; > ok 106
;; > error memory-out-of-bounds: out of bounds memory access
;; > ok 10
;; > ok 0
;; > error memory-out-of-bounds: out of bounds memory access
;; = 1

(module
  (memory 10 20 (pagesize 1))
  (data (i32.const 0) "abcdefghij")

  (func (export "size") (result i32)
    memory.size)
  (func (export "grow") (param $bytes i32) (result i32)
    (memory.grow (local.get $bytes)))
  (func (export "load") (param $address i32) (result i32)
    (i32.load8_u (local.get $address))))
