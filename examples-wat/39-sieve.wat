;; The sieve of Eratosthenes
;; Teaches: a byte per number in memory, nested loops
;;
;; Finds primes by striking out the multiples of each prime: what has not been struck out when its turn comes is
;; prime. Memory is the notebook, with a byte for each number.
;;
;; $ wasmx run --invoke count-primes examples-wat/39-sieve.wat 100
;; > 25
;; $ wasmx run --invoke count-primes examples-wat/39-sieve.wat 100000
;; > 9592

(module
  (memory 1)

  ;; How many primes are below n.
  (func (export "count-primes") (param $n i32) (result i32)
    (local $p i32)
    (local $multiple i32)
    (local $count i32)
    ;; Room for a byte per number, which is 0 until the number is known to be composite.
    (drop (memory.grow (i32.shr_u (local.get $n) (i32.const 16))))
    (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
    (local.set $p (i32.const 2))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $p) (local.get $n)))
        (if (i32.eqz (i32.load8_u (local.get $p)))
          (then
            (local.set $count (i32.add (local.get $count) (i32.const 1)))
            ;; p*2, p*3 ... are composite.
            (local.set $multiple (i32.shl (local.get $p) (i32.const 1)))
            (block $struck
              (loop $strike
                (br_if $struck (i32.ge_u (local.get $multiple) (local.get $n)))
                (i32.store8 (local.get $multiple) (i32.const 1))
                (local.set $multiple (i32.add (local.get $multiple) (local.get $p)))
                (br $strike)))))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $next)))
    (local.get $count)))
