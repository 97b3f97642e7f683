;; Reads and writes of tables, indirect calls of final and other types, references to functions.
(module
  (type $final (func (param i32) (result i32)))
  (type $open (sub (func (param i32) (result i32))))
  (table $t 10 funcref)
  (func (param i32) (result funcref) (table.get $t (local.get 0)))
  (func (param i32 funcref) (table.set $t (local.get 0) (local.get 1)))
  (func (param i32) (result i32) (call_indirect (type $final) (i32.const 1) (local.get 0)))
  (func (param i32) (result i32) (call_indirect (type $open) (i32.const 1) (local.get 0)))
  (elem declare func $f)
  (func $f (result funcref) (ref.func $f)))
