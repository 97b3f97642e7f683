;; Arrays
;; Teaches: array, array.new, array.get, array.set, array.len, array.copy, array.new_fixed, array.new_data
;;
;; Arrays on the collected heap have a length that is fixed when they are made, and all elements have one type. An
;; index out of bounds traps. A data segment can fill an array, which is how languages with collected heaps store
;; strings.
;;
;; $ wasmx run --invoke sum-of-squares examples-wat/28-gc-arrays.wat 10
;; > 285
;; $ wasmx run --invoke primes examples-wat/28-gc-arrays.wat 4
;; > 11
;; $ wasmx run --invoke primes examples-wat/28-gc-arrays.wat 5
;; ! wasmx: trap: out of bounds array access (array-out-of-bounds)
;; = 134
;; $ wasmx run --invoke char-at examples-wat/28-gc-arrays.wat 4
;; > 111
;; $ wasmx run --invoke concatenate examples-wat/28-gc-arrays.wat
;; > 10
;; > 104

(module
  (type $numbers (array (mut i32)))
  (type $string (array (mut i8)))
  (data $hello "hello")

  (func (export "sum-of-squares") (param $n i32) (result i32)
    (local $squares (ref $numbers))
    (local $i i32)
    (local $sum i32)
    (local.set $squares (array.new_default $numbers (local.get $n)))
    (loop $next
      (array.set $numbers (local.get $squares) (local.get $i) (i32.mul (local.get $i) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (array.len (local.get $squares)))))
    (loop $next
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (array.get $numbers (local.get $squares) (local.get $i))))
      (br_if $next (local.get $i)))
    (local.get $sum))

  (func (export "primes") (param $i i32) (result i32)
    (array.get $numbers
      (array.new_fixed $numbers 5
        (i32.const 2) (i32.const 3) (i32.const 5) (i32.const 7) (i32.const 11))
      (local.get $i)))

  (func $hello (result (ref $string))
    (array.new_data $string $hello (i32.const 0) (i32.const 5)))

  (func (export "char-at") (param $i i32) (result i32)
    (array.get_u $string (call $hello) (local.get $i)))

  (func $concatenate (param $a (ref $string)) (param $b (ref $string)) (result (ref $string))
    (local $both (ref $string))
    (local.set $both
      (array.new $string (i32.const 0) (i32.add (array.len (local.get $a)) (array.len (local.get $b)))))
    (array.copy $string $string
      (local.get $both) (i32.const 0) (local.get $a) (i32.const 0) (array.len (local.get $a)))
    (array.copy $string $string
      (local.get $both) (array.len (local.get $a)) (local.get $b) (i32.const 0) (array.len (local.get $b)))
    (local.get $both))

  ;; The length of "hellohello", and its sixth byte.
  (func (export "concatenate") (result i32 i32)
    (local $s (ref $string))
    (local.set $s (call $concatenate (call $hello) (call $hello)))
    (array.len (local.get $s))
    (array.get_u $string (local.get $s) (i32.const 5))))
