;; A switch
;; Teaches: br_table, nested blocks, a default case
;;
;; br_table takes an index and branches to the label at that place of its list; the last label is for all other
;; indices. The code of a case stands after the end of its block.
;;
;; $ wasmx run --invoke days examples-wat/06-br-table.wat 2
;; > 28
;; $ wasmx run --invoke days examples-wat/06-br-table.wat 11
;; > 30
;; $ wasmx run --invoke days examples-wat/06-br-table.wat 12
;; > 31
;; $ wasmx run --invoke days examples-wat/06-br-table.wat 13
;; > -1

(module
  ;; Days of a month (1 to 12) in a year that is no leap year.
  (func (export "days") (param $month i32) (result i32)
    (block $other
      (block $long
        (block $short
          (block $february
            (br_table $other $long $february $long $short $long $short $long $long $short $long $short $long $other
              (local.get $month)))
          (return (i32.const 28)))
        (return (i32.const 30)))
      (return (i32.const 31)))
    (i32.const -1)))
