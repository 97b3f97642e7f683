;; Environment variables
;; Teaches: environ_sizes_get, environ_get, deny by default
;;
;; Variables come as strings NAME=VALUE. A guest sees none of the host's unless an option passes them on.
;;
;; $ wasmx examples-wat/59-wasi-environment.wat
;; $ wasmx --env COLOR=green --env SIZE=12 examples-wat/59-wasi-environment.wat
;; > COLOR=green
;; > SIZE=12
;; $ GREETING=hi wasmx --env GREETING examples-wat/59-wasi-environment.wat
;; > GREETING=hi

(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 2)

  (func (export "_start")
    (local $at i32)
    (local $end i32)
    (drop (call $environ_sizes_get (i32.const 12) (i32.const 16)))
    ;; Pointers from 1024, strings from 65536. Each string ends in a zero byte: as lines they end in a newline.
    (drop (call $environ_get (i32.const 1024) (i32.const 65536)))
    (local.set $at (i32.const 65536))
    (local.set $end (i32.add (local.get $at) (i32.load (i32.const 16))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (if (i32.eqz (i32.load8_u (local.get $at)))
          (then (i32.store8 (local.get $at) (i32.const 10 (; newline ;)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.load (i32.const 16)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
