;; Typed function references
;; Teaches: ref.func, call_ref, (ref $type), higher-order functions, br_on_null
;;
;; A reference of type (ref $f) is known to be a function of type $f and not null, so calling it needs no check and
;; no table. Functions that take functions become natural.
;;
;; $ wasmx run --invoke sum-of-squares examples-wat/24-function-references.wat 4
;; > 30
;; $ wasmx run --invoke sum-of-cubes examples-wat/24-function-references.wat 4
;; > 100
;; $ wasmx run --invoke twice examples-wat/24-function-references.wat 3
;; > 81
;; $ wasmx run --invoke maybe examples-wat/24-function-references.wat 0 9
;; > -1
;; $ wasmx run --invoke maybe examples-wat/24-function-references.wat 1 9
;; > 81

(module
  (type $unary (func (param i32) (result i32)))

  ;; A function whose reference is taken in code must be mentioned outside of it, here or in an export.
  (elem declare func $square $cube)

  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (func $cube (type $unary) (i32.mul (call $square (local.get 0)) (local.get 0)))

  ;; f(1) + f(2) + ... + f(n)
  (func $sum (param $f (ref $unary)) (param $n i32) (result i32)
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (call_ref $unary (local.get $n) (local.get $f))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum))

  (func $apply-twice (param $f (ref $unary)) (param $x i32) (result i32)
    (call_ref $unary (call_ref $unary (local.get $x) (local.get $f)) (local.get $f)))

  (func (export "sum-of-squares") (param $n i32) (result i32)
    (call $sum (ref.func $square) (local.get $n)))
  (func (export "sum-of-cubes") (param $n i32) (result i32)
    (call $sum (ref.func $cube) (local.get $n)))
  (func (export "twice") (param $x i32) (result i32)
    (call $apply-twice (ref.func $square) (local.get $x)))

  ;; (ref null $f) admits null; after br_on_null the type says that it is none.
  (func (export "maybe") (param $have i32) (param $x i32) (result i32)
    (local $f (ref null $unary))
    (if (local.get $have)
      (then (local.set $f (ref.func $square))))
    (block $none
      (return (call_ref $unary (local.get $x) (br_on_null $none (local.get $f)))))
    (i32.const -1)))
