;; Structures
;; Teaches: struct, struct.new, struct.get, struct.set, mutable and packed fields, ref.eq
;;
;; Structures live on a heap that the engine collects: they have no address, and go when nothing refers to them.
;; Fields are constant unless `mut`; i8 and i16 fields are read with a sign or without.
;;
;; $ wasmx run --invoke distance examples-wat/26-gc-structs.wat 1 2 4 6
;; > 5
;; $ wasmx run --invoke move examples-wat/26-gc-structs.wat 1 10
;; > 11
;; $ wasmx run --invoke packed examples-wat/26-gc-structs.wat 0x1ff
;; > -1
;; > 255
;; $ wasmx run --invoke identity examples-wat/26-gc-structs.wat
;; > 1
;; > 0
;; $ wasmx run --invoke null-point examples-wat/26-gc-structs.wat
;; ! wasmx: trap: null structure reference (null-struct-reference)
;; = 134

(module
  (type $point (struct (field $x (mut f64)) (field $y (mut f64))))
  (type $flags (struct (field $bits i8)))

  (func $distance (param $a (ref $point)) (param $b (ref $point)) (result f64)
    (local $dx f64)
    (local $dy f64)
    (local.set $dx (f64.sub (struct.get $point $x (local.get $a)) (struct.get $point $x (local.get $b))))
    (local.set $dy (f64.sub (struct.get $point $y (local.get $a)) (struct.get $point $y (local.get $b))))
    (f64.sqrt
      (f64.add
        (f64.mul (local.get $dx) (local.get $dx))
        (f64.mul (local.get $dy) (local.get $dy)))))

  (func (export "distance") (param f64 f64 f64 f64) (result f64)
    (call $distance
      (struct.new $point (local.get 0) (local.get 1))
      (struct.new $point (local.get 2) (local.get 3))))

  (func (export "move") (param $x f64) (param $by f64) (result f64)
    (local $p (ref $point))
    (local.set $p (struct.new $point (local.get $x) (f64.const 0)))
    (struct.set $point $x (local.get $p)
      (f64.add (struct.get $point $x (local.get $p)) (local.get $by)))
    (struct.get $point $x (local.get $p)))

  (func (export "packed") (param $bits i32) (result i32 i32)
    (local $f (ref $flags))
    (local.set $f (struct.new $flags (local.get $bits)))
    (struct.get_s $flags $bits (local.get $f))
    (struct.get_u $flags $bits (local.get $f)))

  ;; Equal contents do not make two structures the same.
  (func (export "identity") (result i32 i32)
    (local $p (ref $point))
    (local.set $p (struct.new_default $point))
    (ref.eq (local.get $p) (local.get $p))
    (ref.eq (local.get $p) (struct.new_default $point)))

  (func (export "null-point") (result f64)
    (struct.get $point $x (ref.null $point))))
