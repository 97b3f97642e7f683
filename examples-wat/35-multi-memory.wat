;; Several memories
;; Teaches: multi-memory, naming a memory in an instruction, copying between memories
;;
;; A module can keep things apart in memories of their own: what goes wrong in one cannot reach the other.
;; Instructions name their memory; without a name they mean the first.
;;
;; $ printf 'push 7\npush 8\npop\npop\n' | wasmx batch examples-wat/35-multi-memory.wat
;; > ok
;; > ok
;; > ok 8
;; > ok 7
;; $ wasmx run --invoke copy examples-wat/35-multi-memory.wat
;; > 1684234849
;; > 0
;; $ wasmx run --invoke sizes examples-wat/35-multi-memory.wat
;; > 1
;; > 2

(module
  (memory $heap 1)
  (memory $stack 2)
  (data (memory $stack) (i32.const 1000) "abcd")
  (global $top (mut i32) (i32.const 0))

  (func (export "push") (param $value i32)
    (i32.store $stack (global.get $top) (local.get $value))
    (global.set $top (i32.add (global.get $top) (i32.const 4))))

  (func (export "pop") (result i32)
    (global.set $top (i32.sub (global.get $top) (i32.const 4)))
    (i32.load $stack (global.get $top)))

  ;; From address 1000 of one memory to address 8 of the other.
  (func (export "copy") (result i32 i32)
    (memory.copy $heap $stack (i32.const 8) (i32.const 1000) (i32.const 4))
    (i32.load $heap (i32.const 8))
    (i32.load $heap (i32.const 1000)))

  (func (export "sizes") (result i32 i32)
    (memory.size $heap)
    (memory.size $stack)))
