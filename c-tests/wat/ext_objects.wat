;; Structures, arrays and i31s that the host makes and reads.
(module
  (rec
    (type $node (sub (struct (field $value (mut i32)) (field $next (mut (ref null $node))))))
    (type $leaf (sub $node (struct (field (mut i32)) (field (mut (ref null $node))) (field f64)))))
  (type $bytes (array (mut i8)))
  (type $vectors (array v128))
  (type $sum (func (param (ref null $node)) (result i32)))
  (global $keep (mut anyref) (ref.null any))
  (func (export "sum") (type $sum) (local $total i32)
    (block $done
      (loop $again
        (br_if $done (ref.is_null (local.get 0)))
        (local.set $total (i32.add (local.get $total) (struct.get $node $value (local.get 0))))
        (local.set 0 (struct.get $node $next (local.get 0)))
        (br $again)))
    (local.get $total))
  (func (export "node") (param i32 (ref null $node)) (result (ref $node))
    (struct.new $node (local.get 0) (local.get 1)))
  (func (export "keep") (param anyref) (global.set $keep (local.get 0)))
  (func (export "kept") (result anyref) (global.get $keep))
  (func (export "to_extern") (param anyref) (result externref) (extern.convert_any (local.get 0)))
  (func (export "last_byte") (param (ref $bytes)) (result i32)
    (array.get_s $bytes (local.get 0) (i32.sub (array.len (local.get 0)) (i32.const 1))))
  (func (export "lane") (param (ref $vectors) i32) (result i32)
    (i32x4.extract_lane 1 (array.get $vectors (local.get 0) (local.get 1))))
  (func (export "litter") (param i32)
    (loop $again
      (drop (array.new_default $bytes (i32.const 1000)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (br_if $again (local.get 0)))))
