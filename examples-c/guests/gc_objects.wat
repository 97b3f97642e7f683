;; A shopping list of objects: no linear memory at all.
(module
  (type $name (array (mut i8)))
  (type $item (struct
    (field $name (ref $name))
    (field $price (mut f64))
    (field $count i32)
    (field $next (ref null $item))))

  (func (export "total") (param $item (ref null $item)) (result f64) (local $sum f64)
    (block $end
      (loop $next
        (br_if $end (ref.is_null (local.get $item)))
        (local.set $sum
          (f64.add (local.get $sum)
            (f64.mul (struct.get $item $price (local.get $item))
              (f64.convert_i32_s (struct.get $item $count (local.get $item))))))
        (local.set $item (struct.get $item $next (local.get $item)))
        (br $next)))
    (local.get $sum))

  (func (export "add_gift") (param $list (ref null $item)) (param $count i32) (result (ref $item))
    (struct.new $item
      (array.new_fixed $name 4 (i32.const 103) (i32.const 105) (i32.const 102) (i32.const 116)) ;; "gift"
      (f64.const 0) (local.get $count) (local.get $list)))

  (func (export "litter") (param $n i32)
    (loop $again
      (drop (array.new_default $name (i32.const 100)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))))
