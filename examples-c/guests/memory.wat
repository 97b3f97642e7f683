;; Works on strings and structures that the host writes into this memory.
(module
  (memory (export "memory") 1 8)
  (global $free (mut i32) (i32.const 1024))

  ;; The simplest allocator: takes what lies behind the last, in steps of 8, and grows the memory as needed.
  (func $reserve (export "reserve") (param $size i32) (result i32) (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free
      (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 7)) (i32.const -8)))
    (block $enough
      (loop $again
        (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
        (br $again)))
    (local.get $at))

  ;; Makes small letters great, and counts them.
  (func (export "upper") (param $at i32) (param $length i32) (result i32) (local $end i32) (local $changed i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (if (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8 (local.get $at) (i32.sub (i32.load8_u (local.get $at)) (i32.const 32)))
            (local.set $changed (i32.add (local.get $changed) (i32.const 1)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $changed))

  ;; The centre of `count` points { i32 x; i32 y; f64 weight }: another such structure, in new room.
  (func (export "centre") (param $at i32) (param $count i32) (result i32)
    (local $x f64) (local $y f64) (local $weight f64) (local $w f64) (local $out i32)
    (loop $next
      (if (local.get $count)
        (then
          (local.set $w (f64.load offset=8 (local.get $at)))
          (local.set $x (f64.add (local.get $x) (f64.mul (local.get $w) (f64.convert_i32_s (i32.load (local.get $at))))))
          (local.set $y
            (f64.add (local.get $y) (f64.mul (local.get $w) (f64.convert_i32_s (i32.load offset=4 (local.get $at))))))
          (local.set $weight (f64.add (local.get $weight) (local.get $w)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (local.set $count (i32.sub (local.get $count) (i32.const 1)))
          (br $next))))
    (local.set $out (call $reserve (i32.const 16)))
    (i32.store (local.get $out) (i32.trunc_f64_s (f64.div (local.get $x) (local.get $weight))))
    (i32.store offset=4 (local.get $out) (i32.trunc_f64_s (f64.div (local.get $y) (local.get $weight))))
    (f64.store offset=8 (local.get $out) (local.get $weight))
    (local.get $out)))
