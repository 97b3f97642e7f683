;; A start function that succeeds, seen through a global.
(module
  (import "host" "note" (func $note))
  (global $g (export "g") (mut i32) (i32.const 0))
  (func $start (call $note) (global.set $g (i32.const 42)))
  (start $start))
