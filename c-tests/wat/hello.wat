;; The smallest conversation: the host calls in, the guest calls out.
(module
  (import "" "hello" (func $hello))
  (func (export "run") (call $hello)))
