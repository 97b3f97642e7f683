;; The exception instructions that preceded `try_table`: many shipped binaries still use them.

(module
  (tag $e0)
  (tag $e1 (param i32))
  (tag $e2 (param i32 i64))

  (func $throw-if (param i32) (if (local.get 0) (then (throw $e1 (local.get 0)))))

  (func (export "catch-all") (param i32) (result i32)
    try (result i32)
      (call $throw-if (local.get 0))
      i32.const 1
    catch_all
      i32.const 2
    end)

  (func (export "catch-value") (param i32) (result i32)
    try (result i32)
      (call $throw-if (local.get 0))
      i32.const -1
    catch $e0
      i32.const -2
    catch $e1
    end)

  (func (export "catch-two") (param i32 i64) (result i32 i64)
    try (result i32 i64)
      (throw $e2 (local.get 0) (local.get 1))
    catch $e2
    end)

  ;; The first clause that fits wins, and a handler is outside of its try.
  (func (export "throw-in-handler") (result i32)
    try (result i32)
      try (result i32)
        throw $e0
      catch $e0
        (throw $e1 (i32.const 7))
      catch_all
        i32.const 1
      end
    catch $e1
    end)

  (func (export "rethrow") (param i32) (result i32)
    try (result i32)
      try (result i32)
        (throw $e1 (local.get 0))
      catch $e1
        i32.const 5
        i32.eq
        if
          rethrow 1
        end
        i32.const 50
      end
    catch $e1
      i32.const 100
      i32.add
    end)

  (func (export "rethrow-outer") (result i32)
    try (result i32)
      try (result i32)
        (throw $e1 (i32.const 1))
      catch $e1
        drop
        try (result i32)
          throw $e0
        catch $e0
          rethrow 1
        end
      end
    catch $e0
      i32.const -1
    catch $e1
      i32.const 20
      i32.add
    end)

  (func (export "delegate") (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (throw $e1 (i32.const 3))
        delegate $outer
      catch $e1
        i32.const 1000
        i32.add
      end
    catch $e1
      i32.const 10
      i32.add
    end)

  (func (export "delegate-to-caller") (param i32)
    try
      (call $throw-if (local.get 0))
    delegate 0)

  (func (export "no-catch") (param i32) (result i32)
    try (result i32)
      (call $throw-if (local.get 0))
      i32.const 9
    end)

  ;; Locals keep what they were given before the throw; the operands of the try are gone, those before it are not.
  (func (export "locals") (param i32) (result i32) (local i32)
    i32.const 40
    try (result i32)
      i32.const 1
      i32.const 2
      (local.set 1 (i32.const 2))
      throw $e0
    catch_all
      local.get 1
    end
    i32.add)

  ;; A trap is no exception.
  (func (export "trap") (result i32)
    try (result i32)
      unreachable
    catch_all
      i32.const 1
    end)
)

(assert_return (invoke "catch-all" (i32.const 0)) (i32.const 1))
(assert_return (invoke "catch-all" (i32.const 1)) (i32.const 2))
(assert_return (invoke "catch-value" (i32.const 0)) (i32.const -1))
(assert_return (invoke "catch-value" (i32.const 42)) (i32.const 42))
(assert_return (invoke "catch-two" (i32.const 1) (i64.const 2)) (i32.const 1) (i64.const 2))
(assert_return (invoke "throw-in-handler") (i32.const 7))
(assert_return (invoke "rethrow" (i32.const 5)) (i32.const 105))
(assert_return (invoke "rethrow" (i32.const 6)) (i32.const 50))
(assert_return (invoke "rethrow-outer") (i32.const 21))
(assert_return (invoke "delegate") (i32.const 13))
(assert_exception (invoke "delegate-to-caller" (i32.const 1)))
(assert_return (invoke "delegate-to-caller" (i32.const 0)))
(assert_exception (invoke "no-catch" (i32.const 1)))
(assert_return (invoke "no-catch" (i32.const 0)) (i32.const 9))
(assert_return (invoke "locals" (i32.const 0)) (i32.const 42))
(assert_trap (invoke "trap") "unreachable")

;; A tag of another instance, thrown by the old instruction and caught by the new one, and the other way round.
(module $m
  (tag $t (export "t") (param i32))
  (func (export "throw") (param i32) (throw $t (local.get 0)))
)
(register "m" $m)
(module
  (tag $t (import "m" "t") (param i32))
  (func $throw (import "m" "throw") (param i32))
  (func (export "old") (param i32) (result i32)
    try (result i32)
      (call $throw (local.get 0))
      i32.const -1
    catch $t
    end)
)
(assert_return (invoke "old" (i32.const 11)) (i32.const 11))
(module
  (tag $t (import "m" "t") (param i32))
  (func $throw (import "m" "throw") (param i32))
  (func (export "new") (param i32) (result i32)
    (block (result i32) (try_table (catch $t 0) (call $throw (local.get 0))) (i32.const -1)))
)
(assert_return (invoke "new" (i32.const 12)) (i32.const 12))
