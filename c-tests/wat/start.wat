;; A start function that calls the host and then traps, below one more call.
(module
  (import "host" "note" (func $note))
  (start $start)
  (func $start (call $note) (call $inner))
  (func $inner (unreachable)))
