;; CRC-32
;; Teaches: tables computed at start, bit manipulation, a checksum that others can verify
;;
;; The checksum of zip, PNG and Ethernet. The start function computes what each of the 256 bytes contributes; then
;; each byte of the input costs one look-up. The text is "123456789", whose checksum is the customary check value
;; cbf43926.
;;
;; $ wasmx run --invoke crc32 examples-wat/46-crc32.wat 9
;; > -873187034
;; $ wasmx run --invoke crc32 examples-wat/46-crc32.wat 0
;; > 0

(module
  (memory 1)
  (data (i32.const 2048) "123456789")

  (func $make-table
    (local $byte i32)
    (local $crc i32)
    (local $bit i32)
    (loop $bytes
      (local.set $crc (local.get $byte))
      (local.set $bit (i32.const 8))
      (loop $bits
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 1))
            ;; The polynomial if the bit that goes out is 1, otherwise 0.
            (i32.and
              (i32.sub (i32.const 0) (i32.and (local.get $crc) (i32.const 1)))
              (i32.const 0xedb88320))))
        (br_if $bits (local.tee $bit (i32.sub (local.get $bit) (i32.const 1)))))
      (i32.store (i32.shl (local.get $byte) (i32.const 2)) (local.get $crc))
      (br_if $bytes
        (i32.lt_u (local.tee $byte (i32.add (local.get $byte) (i32.const 1))) (i32.const 256)))))
  (start $make-table)

  (func (export "crc32") (param $length i32) (result i32)
    (local $crc i32)
    (local $at i32)
    (local.set $crc (i32.const -1))
    (local.set $at (i32.const 2048))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $length)))
        (local.set $crc
          (i32.xor
            (i32.shr_u (local.get $crc) (i32.const 8))
            (i32.load
              (i32.shl
                (i32.and
                  (i32.xor (local.get $crc) (i32.load8_u (local.get $at)))
                  (i32.const 0xff))
                (i32.const 2)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (br $next)))
    (i32.xor (local.get $crc) (i32.const -1))))
