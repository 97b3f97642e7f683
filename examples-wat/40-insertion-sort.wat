;; Insertion sort
;; Teaches: arrays of i32 in memory, address arithmetic, moving elements
;;
;; An array is the address of its first element and a length; element i lies at address + 4 * i.
;;
;; $ printf 'nth 0\nnth 7\nsort\nnth 0\nnth 1\nnth 4\nnth 7\n' | wasmx batch examples-wat/40-insertion-sort.wat
;; > ok 30
;; > ok 20
;; > ok
;; > ok -40
;; > ok 10
;; > ok 30
;; > ok 70

(module
  (memory 1)
  (global $array i32 (i32.const 256))
  ;; 30 -40 50 10 60 70 15 20
  (data (i32.const 256)
    "\1e\00\00\00" "\d8\ff\ff\ff" "\32\00\00\00" "\0a\00\00\00"
    "\3c\00\00\00" "\46\00\00\00" "\0f\00\00\00" "\14\00\00\00")

  (func $insertion-sort (param $array i32) (param $length i32)
    (local $i i32)      ;; address of the element to insert
    (local $hole i32)   ;; address of the place that is free for it
    (local $end i32)
    (local $value i32)
    (local.set $end (i32.add (local.get $array) (i32.shl (local.get $length) (i32.const 2))))
    (local.set $i (local.get $array))
    (loop $next
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (if (i32.lt_u (local.get $i) (local.get $end))
        (then
          (local.set $value (i32.load (local.get $i)))
          (local.set $hole (local.get $i))
          ;; Larger elements before it move up by one.
          (block $found
            (loop $up
              (br_if $found (i32.eq (local.get $hole) (local.get $array)))
              (br_if $found
                (i32.le_s (i32.load (i32.sub (local.get $hole) (i32.const 4))) (local.get $value)))
              (i32.store (local.get $hole) (i32.load (i32.sub (local.get $hole) (i32.const 4))))
              (local.set $hole (i32.sub (local.get $hole) (i32.const 4)))
              (br $up)))
          (i32.store (local.get $hole) (local.get $value))
          (br $next)))))

  (func (export "sort")
    (call $insertion-sort (global.get $array) (i32.const 8)))

  (func (export "nth") (param $i i32) (result i32)
    (i32.load (i32.add (global.get $array) (i32.shl (local.get $i) (i32.const 2))))))
