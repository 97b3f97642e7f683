;; A memory allocator
;; Teaches: a heap in linear memory, free lists, growing on demand
;;
;; WebAssembly gives a program bytes; dividing them is its own affair. This allocator hands out blocks of 16 bytes.
;; Free blocks form a list: the first word of each holds the address of the next. If none is free, a new one is taken
;; at the end of what has been used, and the memory grows when that reaches its end.
;;
;; $ printf 'alloc\nalloc\nfree 1024\nalloc\nalloc\n' | wasmx batch examples-wat/19-allocator.wat
;; > ok 1024
;; > ok 1040
;; > ok
;; > ok 1024
;; > ok 1056
;; $ wasmx run --invoke many examples-wat/19-allocator.wat 10000
;; > 3

(module
  (memory 1)
  (global $free (mut i32) (i32.const 0))    ;; the first free block, 0 if there is none
  (global $end (mut i32) (i32.const 1024))  ;; where unused memory begins

  (func $alloc (export "alloc") (result i32)
    (local $block i32)
    (if (local.tee $block (global.get $free))
      (then
        (global.set $free (i32.load (local.get $block)))
        (return (local.get $block))))
    (local.set $block (global.get $end))
    (global.set $end (i32.add (local.get $block) (i32.const 16)))
    (if (i32.gt_u (global.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1))
          (then unreachable)))) ;; out of memory
    (local.get $block))

  (func $free (export "free") (param $block i32)
    (i32.store (local.get $block) (global.get $free))
    (global.set $free (local.get $block)))

  ;; Allocates so many blocks: how many pages the memory has then.
  (func (export "many") (param $n i32) (result i32)
    (loop $again
      (i32.store (call $alloc) (local.get $n))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    memory.size))
