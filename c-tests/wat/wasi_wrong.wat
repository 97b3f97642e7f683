;; Imports a function of WASI with a type that it does not have.
(module
  (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))))
