;; One import of each kind, each of which the host can get wrong.
(module
  (import "env" "function" (func (param i32) (result i64)))
  (import "env" "global" (global (mut i32)))
  (import "env" "table" (table 5 10 funcref))
  (import "env" "memory" (memory 2 4)))
