;; Throws and catches, with a tag of the host's and one of its own.
(module
  (import "host" "network_error" (tag $network (param i32 i64)))
  (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (tag $parse (export "parse_error") (param f64))
  (global $cleanups (mut i32) (i32.const 0))

  ;; What the host has for a key, or its error as a negative number.
  (func (export "fetch_or_minus") (param $key i32) (result i32)
    (block $failed (result i32 i64)
      (try_table (catch $network $failed) (return (call $fetch (local.get $key))))
      (unreachable))
    (drop)                                       ;; the key
    (i32.mul (i32.const -1)))

  ;; Does not care what it is, but cleans up and throws it on.
  (func (export "fetch") (param $key i32) (result i32)
    (block $failed (result exnref)
      (try_table (catch_all_ref $failed) (return (call $fetch (local.get $key))))
      (unreachable))
    (global.set $cleanups (i32.add (global.get $cleanups) (i32.const 1)))
    (throw_ref))
  (func (export "cleanups") (result i32) (global.get $cleanups))

  (func (export "parse") (param f64) (throw $parse (local.get 0)))
  (func (export "crash") (unreachable)))
