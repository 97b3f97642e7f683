;; Globals, tables and memories that the standard API cannot carry in full.
(module
  (type $pair (struct (field i32) (field (mut i32))))
  (global (export "vector") (mut v128) (v128.const i32x4 1 2 3 4))
  (global (export "any") (mut anyref) (ref.i31 (i32.const -5)))
  (global (export "pair") (mut (ref null $pair)) (ref.null $pair))
  (global (export "fixed") i32 (i32.const 3))
  (table (export "long") i64 2 10 anyref)
  (table (export "short") 1 funcref)
  (memory (export "long_memory") i64 1 0x20000)
  (memory (export "bytes") 100 1000 (pagesize 1))
  (func (export "lane") (result i32) (i32x4.extract_lane 2 (global.get 0)))
  (func (export "second") (result i32) (struct.get $pair 1 (global.get 2)))
  (func (export "function")))
