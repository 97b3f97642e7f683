;; A binary search tree
;; Teaches: a tree of structures on the collected heap, recursion over nullable references
;;
;; In each node all keys of the left subtree are smaller, and those of the right one larger. An empty tree is null.
;; Operations are called one after the other on the same tree, which a global keeps alive.
;;
;; $ printf 'insert 50\ninsert 30\ninsert 70\ninsert 60\ninsert 30\nsize\nheight\nhas 60\nhas 61\nkth 0\nkth 2\n' | wasmx batch examples-wat/48-gc-search-tree.wat
;; > ok
;; > ok
;; > ok
;; > ok
;; > ok
;; > ok 4
;; > ok 3
;; > ok 1
;; > ok 0
;; > ok 30
;; > ok 60

(module
  (type $tree
    (struct
      (field $key i32)
      (field $left (mut (ref null $tree)))
      (field $right (mut (ref null $tree)))))
  (global $root (mut (ref null $tree)) (ref.null $tree))

  (func (export "insert") (param $key i32)
    (global.set $root (call $insert (global.get $root) (local.get $key))))

  ;; The tree with the key in it.
  (func $insert (param $tree (ref null $tree)) (param $key i32) (result (ref $tree))
    (if (ref.is_null (local.get $tree))
      (then (return (struct.new $tree (local.get $key) (ref.null $tree) (ref.null $tree)))))
    (if (i32.lt_s (local.get $key) (struct.get $tree $key (local.get $tree)))
      (then
        (struct.set $tree $left (local.get $tree)
          (call $insert (struct.get $tree $left (local.get $tree)) (local.get $key)))))
    (if (i32.gt_s (local.get $key) (struct.get $tree $key (local.get $tree)))
      (then
        (struct.set $tree $right (local.get $tree)
          (call $insert (struct.get $tree $right (local.get $tree)) (local.get $key)))))
    (ref.as_non_null (local.get $tree)))

  (func (export "has") (param $key i32) (result i32)
    (local $tree (ref null $tree))
    (local $here i32)
    (local.set $tree (global.get $root))
    (block $leaf
      (loop $down
        (br_if $leaf (ref.is_null (local.get $tree)))
        (local.set $here (struct.get $tree $key (local.get $tree)))
        (if (i32.eq (local.get $key) (local.get $here)) (then (return (i32.const 1))))
        (local.set $tree
          (if (result (ref null $tree)) (i32.lt_s (local.get $key) (local.get $here))
            (then (struct.get $tree $left (local.get $tree)))
            (else (struct.get $tree $right (local.get $tree)))))
        (br $down)))
    (i32.const 0))

  (func (export "size") (result i32) (call $size (global.get $root)))
  (func $size (param $tree (ref null $tree)) (result i32)
    (block $empty
      (br_on_null $empty (local.get $tree))
      drop
      (return
        (i32.add
          (i32.const 1)
          (i32.add
            (call $size (struct.get $tree $left (local.get $tree)))
            (call $size (struct.get $tree $right (local.get $tree)))))))
    (i32.const 0))

  (func (export "height") (result i32) (call $height (global.get $root)))
  (func $height (param $tree (ref null $tree)) (result i32)
    (local $left i32)
    (local $right i32)
    (if (ref.is_null (local.get $tree)) (then (return (i32.const 0))))
    (local.set $left (call $height (struct.get $tree $left (local.get $tree))))
    (local.set $right (call $height (struct.get $tree $right (local.get $tree))))
    (i32.add
      (i32.const 1)
      (select (local.get $left) (local.get $right) (i32.gt_u (local.get $left) (local.get $right)))))

  ;; The key with k smaller ones; a trap if there is none.
  (func (export "kth") (param $k i32) (result i32)
    (local $tree (ref null $tree))
    (local $smaller i32)
    (local.set $tree (global.get $root))
    (loop $down
      (local.set $smaller (call $size (struct.get $tree $left (local.get $tree))))
      (if (i32.lt_u (local.get $k) (local.get $smaller))
        (then
          (local.set $tree (struct.get $tree $left (local.get $tree)))
          (br $down)))
      (if (i32.gt_u (local.get $k) (local.get $smaller))
        (then
          (local.set $k (i32.sub (i32.sub (local.get $k) (local.get $smaller)) (i32.const 1)))
          (local.set $tree (struct.get $tree $right (local.get $tree)))
          (br $down))))
    (struct.get $tree $key (local.get $tree))))
