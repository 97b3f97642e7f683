;; One export of each kind, to hang host data on.
(module
  (func (export "f"))
  (global (export "g") i32 (i32.const 0))
  (table (export "t") 1 funcref)
  (memory (export "m") 1))
