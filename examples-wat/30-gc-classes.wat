;; Classes and virtual methods
;; Teaches: rec, sub, final, subtyping of structures, ref.cast, a method table
;;
;; A subtype has the fields of its supertype and may add some. The first field here refers to a table of the methods
;; of the class, itself a structure; a virtual call reads the function from there. A method gets its object as the
;; supertype and casts it down.
;;
;; $ wasmx run --invoke total-area examples-wat/30-gc-classes.wat 3 4 2
;; > 24.56636
;; $ wasmx run --invoke is-a examples-wat/30-gc-classes.wat
;; > 1
;; > 0
;; $ wasmx run --invoke wrong-cast examples-wat/30-gc-classes.wat
;; ! wasmx: trap: cast failure (cast-failure)
;; = 134

(module
  ;; The types refer to one another, so they are defined together.
  (rec
    (type $area (func (param (ref $shape)) (result f64)))
    (type $methods (struct (field $area (ref $area))))
    (type $shape (sub (struct (field $methods (ref $methods)))))
    (type $rectangle (sub final $shape (struct (field $methods (ref $methods)) (field $width f64) (field $height f64))))
    (type $circle (sub final $shape (struct (field $methods (ref $methods)) (field $radius f64)))))

  (global $rectangle-methods (ref $methods) (struct.new $methods (ref.func $rectangle-area)))
  (global $circle-methods (ref $methods) (struct.new $methods (ref.func $circle-area)))

  (func $rectangle-area (type $area)
    (local $self (ref $rectangle))
    (local.set $self (ref.cast (ref $rectangle) (local.get 0)))
    (f64.mul (struct.get $rectangle $width (local.get $self)) (struct.get $rectangle $height (local.get $self))))

  (func $circle-area (type $area)
    (local $radius f64)
    (local.set $radius (struct.get $circle $radius (ref.cast (ref $circle) (local.get 0))))
    (f64.mul (f64.const 3.14159) (f64.mul (local.get $radius) (local.get $radius))))

  (func $new-rectangle (param $width f64) (param $height f64) (result (ref $shape))
    (struct.new $rectangle (global.get $rectangle-methods) (local.get $width) (local.get $height)))
  (func $new-circle (param $radius f64) (result (ref $shape))
    (struct.new $circle (global.get $circle-methods) (local.get $radius)))

  ;; The virtual call.
  (func $area-of (param $s (ref $shape)) (result f64)
    (call_ref $area
      (local.get $s)
      (struct.get $methods $area (struct.get $shape $methods (local.get $s)))))

  (func (export "total-area") (param $width f64) (param $height f64) (param $radius f64) (result f64)
    (f64.add
      (call $area-of (call $new-rectangle (local.get $width) (local.get $height)))
      (call $area-of (call $new-circle (local.get $radius)))))

  ;; Whether a circle is a circle, and whether it is a rectangle.
  (func (export "is-a") (result i32 i32)
    (local $s (ref $shape))
    (local.set $s (call $new-circle (f64.const 1)))
    (ref.test (ref $circle) (local.get $s))
    (ref.test (ref $rectangle) (local.get $s)))

  (func (export "wrong-cast") (result f64)
    (call $rectangle-area (call $new-circle (f64.const 1)))))
