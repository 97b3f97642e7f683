;; Growing memory
;; Teaches: memory.size, memory.grow, limits of a memory
;;
;; memory.grow adds pages of zeros and gives the size before, or -1 if the maximum of the memory, or a limit of the
;; host, forbids it. Memory never shrinks.
;;
;; $ printf 'size\ngrow 2\nsize\ngrow 2\nsize\ntouch 196604\ntouch 196608\n' | wasmx batch examples-wat/17-memory-grow.wat
;; > ok 1
;; > ok 1
;; > ok 3
;; > ok -1
;; > ok 3
;; > ok 42
;; > error memory-out-of-bounds: out of bounds memory access
;; = 1
;; $ printf 'grow 2\nsize\n' | wasmx batch --max-memory 64K examples-wat/17-memory-grow.wat
;; > ok -1
;; > ok 1

(module
  (memory 1 4) ;; one page at first, four at most

  (func (export "size") (result i32)
    memory.size)

  (func (export "grow") (param $pages i32) (result i32)
    (memory.grow (local.get $pages)))

  (func (export "touch") (param $address i32) (result i32)
    (i32.store (local.get $address) (i32.const 42))
    (i32.load (local.get $address))))
