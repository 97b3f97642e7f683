;; Well formed, and ill typed.
(module (func (export "f") (result i32) (i64.const 1)))
