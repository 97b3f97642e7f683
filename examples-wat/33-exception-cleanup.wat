;; Cleaning up after exceptions
;; Teaches: catch_all_ref, exnref, throw_ref, several handlers in order
;;
;; catch_all_ref catches exceptions of every tag as a reference, which throw_ref throws again after some work: what
;; other languages call `finally`. Handlers of a try_table are tried in the order in which they are written. Traps
;; are no exceptions and are not caught.
;;
;; $ printf 'run 0\nrun 1\nrun 2\nrun 3\nopen-files\n' | wasmx batch examples-wat/33-exception-cleanup.wat
;; > ok 100
;; > ok 17
;; > ok -1
;; > error unreachable: unreachable
;; > ok 1
;; = 1

(module
  (tag $not-found (param i32))
  (tag $other)
  (global $open (mut i32) (i32.const 0))

  (func (export "open-files") (result i32) (global.get $open))

  (func $work (param $how i32) (result i32)
    (block $trap (block $throw-other (block $throw (block $fine
      (br_table $fine $throw $throw-other $trap (local.get $how)))
      (return (i32.const 100)))
      (throw $not-found (i32.const 17)))
      (throw $other))
    unreachable)

  ;; Counts the file as open during the work, whichever way that ends, unless it traps.
  (func $with-file (param $how i32) (result i32)
    (local $result i32)
    (local $exception exnref)
    (global.set $open (i32.add (global.get $open) (i32.const 1)))
    (local.set $exception
      (block $failed (result exnref)
        (local.set $result
          (try_table (result i32) (catch_all_ref $failed)
            (call $work (local.get $how))))
        (ref.null exn)))
    (global.set $open (i32.sub (global.get $open) (i32.const 1)))
    (if (i32.eqz (ref.is_null (local.get $exception)))
      (then (throw_ref (local.get $exception))))
    (local.get $result))

  ;; The result of the work, the value of $not-found, or -1.
  (func (export "run") (param $how i32) (result i32)
    (block $unknown
      (block $missing (result i32)
        (try_table (result i32) (catch $not-found $missing) (catch_all $unknown)
          (call $with-file (local.get $how)))
        return)
      return)
    (i32.const -1)))
