;; Closures
;; Teaches: a function with its environment, subtypes for captured variables, function fields of structures
;;
;; Languages with nested functions need values that are code and captured variables in one. Here a closure is a
;; structure whose first field is the function; each kind of closure adds what it captures. The caller passes the
;; closure itself as the first argument, and the function casts it to what it knows it to be.
;;
;; $ wasmx run --invoke add-then-multiply examples-wat/31-gc-closures.wat 3 10 5
;; > 80
;; $ wasmx run --invoke counters examples-wat/31-gc-closures.wat
;; > 3
;; > 1

(module
  (rec
    (type $code (func (param (ref $closure)) (param i32) (result i32)))
    (type $closure (sub (struct (field $code (ref $code))))))
  (type $with-number (sub final $closure (struct (field $code (ref $code)) (field $n i32))))
  (type $composed
    (sub final $closure
      (struct (field $code (ref $code)) (field $first (ref $closure)) (field $second (ref $closure)))))
  ;; What a closure may assign is a mutable field.
  (type $counter (sub final $closure (struct (field $code (ref $code)) (field $count (mut i32)))))

  (elem declare func $add $multiply $compose $count)

  (func $call (param $f (ref $closure)) (param $x i32) (result i32)
    (return_call_ref $code (local.get $f) (local.get $x) (struct.get $closure $code (local.get $f))))

  (func $add (type $code)
    (i32.add
      (local.get 1)
      (struct.get $with-number $n (ref.cast (ref $with-number) (local.get 0)))))

  ;; Captures a number as well, so it shares the type with $add.
  (func $multiply (type $code)
    (i32.mul
      (local.get 1)
      (struct.get $with-number $n (ref.cast (ref $with-number) (local.get 0)))))

  (func $compose (type $code)
    (local $self (ref $composed))
    (local.set $self (ref.cast (ref $composed) (local.get 0)))
    (return_call $call
      (struct.get $composed $second (local.get $self))
      (call $call (struct.get $composed $first (local.get $self)) (local.get 1))))

  (func $count (type $code)
    (local $self (ref $counter))
    (local.set $self (ref.cast (ref $counter) (local.get 0)))
    (struct.set $counter $count (local.get $self)
      (i32.add (struct.get $counter $count (local.get $self)) (local.get 1)))
    (struct.get $counter $count (local.get $self)))

  ;; (x + n) * m
  (func (export "add-then-multiply") (param $n i32) (param $m i32) (param $x i32) (result i32)
    (call $call
      (struct.new $composed
        (ref.func $compose)
        (struct.new $with-number (ref.func $add) (local.get $n))
        (struct.new $with-number (ref.func $multiply) (local.get $m)))
      (local.get $x)))

  ;; Each counter has a count of its own.
  (func (export "counters") (result i32 i32)
    (local $a (ref $closure))
    (local $b (ref $closure))
    (local.set $a (struct.new $counter (ref.func $count) (i32.const 0)))
    (local.set $b (struct.new $counter (ref.func $count) (i32.const 0)))
    (drop (call $call (local.get $a) (i32.const 1)))
    (call $call (local.get $a) (i32.const 2))
    (call $call (local.get $b) (i32.const 1))))
