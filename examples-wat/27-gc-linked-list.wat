;; A linked list on the collected heap
;; Teaches: recursive types, null as the end, garbage that collects itself
;;
;; A node refers to the next one of its own type. Nothing frees nodes: those that no longer can be reached go by
;; themselves, as the last function shows by making far more of them than its heap has room for.
;;
;; $ wasmx run --invoke sum examples-wat/27-gc-linked-list.wat 100
;; > 5050
;; $ wasmx run --invoke reversed examples-wat/27-gc-linked-list.wat 5
;; > 54321
;; $ wasmx run --max-heap 1M --invoke litter examples-wat/27-gc-linked-list.wat 200000
;; > 200000

(module
  (type $node (struct (field $value i32) (field $next (mut (ref null $node)))))

  ;; 1, 2, ... n
  (func $range (param $n i32) (result (ref null $node))
    (local $list (ref null $node))
    (block $done
      (loop $more
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $list (struct.new $node (local.get $n) (local.get $list)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $more)))
    (local.get $list))

  ;; Turns the links around in place.
  (func $reverse (param $list (ref null $node)) (result (ref null $node))
    (local $before (ref null $node))
    (local $after (ref null $node))
    (block $done
      (loop $more
        (br_if $done (ref.is_null (local.get $list)))
        (local.set $after (struct.get $node $next (local.get $list)))
        (struct.set $node $next (local.get $list) (local.get $before))
        (local.set $before (local.get $list))
        (local.set $list (local.get $after))
        (br $more)))
    (local.get $before))

  (func (export "sum") (param $n i32) (result i32)
    (local $list (ref null $node))
    (local $sum i32)
    (local.set $list (call $range (local.get $n)))
    (block $end
      (loop $next
        (br_if $end (ref.is_null (local.get $list)))
        (local.set $sum (i32.add (local.get $sum) (struct.get $node $value (local.get $list))))
        (local.set $list (struct.get $node $next (local.get $list)))
        (br $next)))
    (local.get $sum))

  ;; The values of the reversed list as decimal digits.
  (func (export "reversed") (param $n i32) (result i32)
    (local $list (ref null $node))
    (local $digits i32)
    (local.set $list (call $reverse (call $range (local.get $n))))
    (block $end
      (loop $next
        (local.set $digits
          (i32.add
            (i32.mul (local.get $digits) (i32.const 10))
            (struct.get $node $value (br_on_null $end (local.get $list)))))
        (local.set $list (struct.get $node $next (local.get $list)))
        (br $next)))
    (local.get $digits))

  (func (export "litter") (param $n i32) (result i32)
    (local $count i32)
    (loop $more
      (drop (struct.new $node (local.get $count) (ref.null $node)))
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (br_if $more (i32.lt_u (local.get $count) (local.get $n))))
    (local.get $count)))
