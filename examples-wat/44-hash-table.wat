;; A hash table
;; Teaches: hashing, open addressing, records in memory
;;
;; 64 slots of 8 bytes each hold a key and a value; key 0 marks a free slot, so 0 is no key. A key's search begins at
;; the slot that its hash names and goes on to the next slots until it finds the key or a free one.
;;
;; $ printf 'put 17 170\nput 81 810\nget 17\nget 81\nget 5\nput 17 1\nget 17\nlength\n' | wasmx batch examples-wat/44-hash-table.wat
;; > ok
;; > ok
;; > ok 170
;; > ok 810
;; > ok -1
;; > ok
;; > ok 1
;; > ok 2

(module
  (memory 1)
  (global $length (mut i32) (i32.const 0))

  ;; Multiplication with 2^32 divided by the golden ratio spreads neighbours; the upper 6 bits are the slot.
  (func $hash (param $key i32) (result i32)
    (i32.shr_u (i32.mul (local.get $key) (i32.const 0x9e3779b9)) (i32.const 26)))

  ;; The address of the slot that holds the key, or of the free one where it belongs.
  (func $slot (param $key i32) (result i32)
    (local $i i32)
    (local $address i32)
    (local $found i32)
    (local.set $i (call $hash (local.get $key)))
    (loop $probe
      (local.set $address (i32.shl (local.get $i) (i32.const 3)))
      (local.set $found (i32.load (local.get $address)))
      (if (i32.and
            (i32.ne (local.get $found) (i32.const 0))
            (i32.ne (local.get $found) (local.get $key)))
        (then
          (local.set $i (i32.and (i32.add (local.get $i) (i32.const 1)) (i32.const 63)))
          (br $probe))))
    (local.get $address))

  (func (export "put") (param $key i32) (param $value i32)
    (local $slot i32)
    (local.set $slot (call $slot (local.get $key)))
    (if (i32.eqz (i32.load (local.get $slot)))
      (then
        ;; One slot stays free, or a search for an absent key would not end.
        (if (i32.eq (global.get $length) (i32.const 63)) (then unreachable))
        (global.set $length (i32.add (global.get $length) (i32.const 1)))
        (i32.store (local.get $slot) (local.get $key))))
    (i32.store offset=4 (local.get $slot) (local.get $value)))

  ;; The value of a key, or -1.
  (func (export "get") (param $key i32) (result i32)
    (local $slot i32)
    (local.set $slot (call $slot (local.get $key)))
    (select
      (i32.load offset=4 (local.get $slot))
      (i32.const -1)
      (i32.load (local.get $slot))))

  (func (export "length") (result i32)
    (global.get $length)))
