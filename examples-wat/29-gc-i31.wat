;; Small integers as references, and dynamic types
;; Teaches: anyref, i31ref, ref.i31, i31.get_s, br_on_cast
;;
;; A language with dynamic types needs one type for all values: anyref. Small numbers fit into the reference itself
;; as 31 bits, without an object on the heap; larger ones are boxed. br_on_cast branches by what a value turns out to
;; be.
;;
;; $ wasmx run --invoke add examples-wat/29-gc-i31.wat i31:20 i31:22
;; > i31:42
;; $ wasmx run --invoke round-trip examples-wat/29-gc-i31.wat -5
;; > -5
;; $ wasmx run --invoke round-trip examples-wat/29-gc-i31.wat 3000000000
;; > 3000000000
;; $ wasmx run --invoke kinds examples-wat/29-gc-i31.wat
;; > 1
;; > 2
;; > 0

(module
  (type $box (struct (field $value i64)))

  ;; A number in its smallest form.
  (func $make (param $n i64) (result (ref eq))
    (if (i64.eq (local.get $n) (i64.shr_s (i64.shl (local.get $n) (i64.const 33)) (i64.const 33)))
      (then (return (ref.i31 (i32.wrap_i64 (local.get $n))))))
    (struct.new $box (local.get $n)))

  (func $value (param $v anyref) (result i64)
    (block $boxed (result (ref $box))
      (block $small (result (ref i31))
        (br_on_cast $small anyref (ref i31) (local.get $v))
        (br_on_cast $boxed anyref (ref $box))
        unreachable) ;; neither: no number
      (return (i64.extend_i32_s (i31.get_s))))
    (struct.get $box $value))

  (func (export "add") (param $a anyref) (param $b anyref) (result anyref)
    (call $make (i64.add (call $value (local.get $a)) (call $value (local.get $b)))))

  (func (export "round-trip") (param $n i64) (result i64)
    (call $value (call $make (local.get $n))))

  ;; 1 for a small number, 2 for a boxed one, 0 for null.
  (func $kind (param $v anyref) (result i32)
    (if (ref.test (ref i31) (local.get $v)) (then (return (i32.const 1))))
    (if (ref.test (ref $box) (local.get $v)) (then (return (i32.const 2))))
    (i32.const 0))

  (func (export "kinds") (result i32 i32 i32)
    (call $kind (call $make (i64.const 7)))
    (call $kind (call $make (i64.const 0x4000_0000)))
    (call $kind (ref.null any))))
