//! Canonicalisation and matching.

use super::*;

#[test]
fn equal_functions_share_an_id_across_modules_and_with_the_host() {
    let registry = TypeRegistry::new();
    let a = load_in(&registry, "(module (type (func)) (type (func (param i32 v128) (result externref))))");
    let b = load_in(&registry, "(module (type (func (param i32 v128) (result externref))) (type (func)))");
    assert_eq!(a.types[0], b.types[1]);
    assert_eq!(a.types[1], b.types[0]);
    assert_ne!(a.types[0], a.types[1]);

    let ty = FuncType::new([ValType::I32, ValType::V128], [ValType::EXTERNREF]);
    assert_eq!((ty.param_slots, ty.result_slots), (3, 1));
    let host = registry.intern_func(&ty);
    assert_eq!(host.id(), a.types[1]);
    assert_eq!(host.ty().as_func(), Some(&ty));
    assert_eq!(registry.lookup(host.id()).as_func(), Some(&ty));
    assert_eq!(registry.len(), 2);
}

#[test]
fn recursion_groups_are_equal_as_wholes() {
    let registry = TypeRegistry::new();
    let pair = "(rec (type $a (struct (field (ref null $b)))) (type $b (struct (field (ref null $a)) (field i32))))";
    let m = load_in(
        &registry,
        &format!(
            "(module (type $pad (func)) {pair}
               ;; the same group again, under other indices
               (rec (type $c (struct (field (ref null $d)))) (type $d (struct (field (ref null $c)) (field i32))))
               ;; swapped
               (rec (type $f (struct (field (ref null $e)) (field i32))) (type $e (struct (field (ref null $f)))))
               ;; one more member
               (rec (type $g (struct (field (ref null $h)))) (type $h (struct (field (ref null $g)) (field i32)))
                    (type (func)))
               ;; mentions the first group from outside of it
               (rec (type $i (struct (field (ref null $b)))) (type $j (struct (field (ref null $i)) (field i32)))))"
        ),
    );
    let n = load_in(&registry, &format!("(module {pair})"));
    let t = &m.types;
    assert_eq!((t[1], t[2]), (t[3], t[4]), "the same group twice");
    assert_eq!((t[1], t[2]), (n.types[0], n.types[1]), "the same group in another module");
    for other in [t[5], t[6], t[7], t[8], t[9], t[10], t[11]] {
        assert!(other != t[1] && other != t[2], "a different group");
    }
    assert_eq!(m.sub_types[1].as_struct().fields[0].storage, StorageType::Val(concrete(t[2])));
    assert_eq!(m.sub_types[2].as_struct().fields[0].storage, StorageType::Val(concrete(t[1])));
    assert_eq!(m.sub_types[10].as_struct().fields[0].storage, StorageType::Val(concrete(t[2])));
}

fn concrete(id: TypeId) -> ValType {
    ValType::Ref(RefType::nullable(HeapType::Concrete(id)))
}

impl SubType {
    fn as_struct(&self) -> &StructType {
        self.composite.as_struct().expect("a structure")
    }
}

#[test]
fn every_detail_makes_a_different_type() {
    let registry = TypeRegistry::new();
    let m = load_in(
        &registry,
        "(module
           (type (func (param i32))) (type (func (result i32))) (type (func (param i32 i32)))
           (type (func (param i32) (result i32)))
           (type (sub (func (param i32))))
           (type (struct)) (type (sub (struct)))
           (type (struct (field i32))) (type (struct (field (mut i32))))
           (type (struct (field i8))) (type (struct (field i16)))
           (type (array i32)) (type (array (mut i32))) (type (array i8))
           (type (struct (field funcref))) (type (struct (field (ref func)))) (type (struct (field anyref)))
           (type (struct (field (ref null 5)))) (type (struct (field (ref 5)))) (type (struct (field (ref 6))))
           (type (sub 6 (struct))) (type (sub final 6 (struct))))",
    );
    for i in 0..m.types.len() {
        for j in 0..i {
            assert_ne!(m.types[i], m.types[j], "{} and {}", m.sub_types[i], m.sub_types[j]);
        }
    }
    assert_eq!(registry.len(), m.types.len());
}

#[test]
fn a_group_of_one_is_the_same_with_and_without_rec() {
    let m = load("(module (type (array i8)) (rec (type (array i8))))");
    assert_eq!(m.types[0], m.types[1]);
}

/// A chain of subtypes deeper than what the lock-free table holds.
fn chain(registry: &Arc<TypeRegistry>, depth: usize) -> Module {
    let mut text = "(module (type (sub (struct)))".to_owned();
    for i in 0..depth - 1 {
        text += &format!("(type (sub {i} (struct{})))", " (field i32)".repeat(i + 1));
    }
    load_in(registry, &(text + "(type (sub (struct (field f64)))))"))
}

#[test]
fn declared_subtypes() {
    let registry = TypeRegistry::new();
    let m = chain(&registry, 64);
    let stranger = m.types[64];
    for (i, sub) in m.sub_types[..64].iter().enumerate() {
        assert_eq!(sub.depth as usize, i);
        assert_eq!(&*sub.supers, &m.types[..i + 1]);
        assert_eq!(sub.supertype, i.checked_sub(1).map(|s| m.types[s]));
        for j in 0..64 {
            assert_eq!(registry.is_subtype(m.types[i], m.types[j]), j <= i, "{i} {j}");
        }
        assert!(!registry.is_subtype(m.types[i], stranger) && !registry.is_subtype(stranger, m.types[i]));
    }
}

#[test]
fn heap_types_match_as_the_lattice_says() {
    use HeapType::*;
    let registry = TypeRegistry::new();
    let m = load_in(&registry, "(module (type (func)) (type (struct)) (type (array i8)))");
    let [f, s, a] = [0, 1, 2].map(|i| Concrete(m.types[i]));
    let all = [Func, NoFunc, Extern, NoExtern, Any, None, Eq, I31, Struct, Array, Exn, NoExn, f, s, a];
    // Every proper pair.
    let pairs = [
        (NoFunc, vec![f, Func]),
        (f, vec![Func]),
        (NoExtern, vec![Extern]),
        (NoExn, vec![Exn]),
        (None, vec![s, a, I31, Struct, Array, Eq, Any]),
        (I31, vec![Eq, Any]),
        (s, vec![Struct, Eq, Any]),
        (a, vec![Array, Eq, Any]),
        (Struct, vec![Eq, Any]),
        (Array, vec![Eq, Any]),
        (Eq, vec![Any]),
    ];
    for x in all {
        for y in all {
            let expected = x == y || pairs.iter().any(|(sub, supers)| *sub == x && supers.contains(&y));
            assert_eq!(registry.heap_matches(x, y), expected, "{x} {y}");
            let same_top = registry.top(x) == registry.top(y);
            assert!(!expected || same_top, "{x} {y}");
        }
    }
    let (null, non_null) = (RefType::nullable(s), RefType::non_null(s));
    assert!(registry.ref_matches(non_null, null) && !registry.ref_matches(null, non_null));
    assert!(registry.val_matches(ValType::I32, ValType::I32) && !registry.val_matches(ValType::I32, ValType::I64));
}

#[test]
fn external_types_match_as_the_spec_says() {
    let registry = TypeRegistry::new();
    let m = chain(&registry, 2);
    let (base, derived) = (m.types[0], m.types[1]);
    let ok = |a: ExternType, e: ExternType| extern_type_matches(&a, &e, &registry);

    let table =
        |minimum, maximum| ExternType::Table(TableType { element: RefType::FUNCREF, minimum, maximum, is64: false });
    assert!(ok(table(2, Some(3)), table(2, Some(3))) && ok(table(2, Some(3)), table(1, Some(4))));
    assert!(ok(table(2, None), table(2, None)) && ok(table(2, Some(3)), table(2, None)));
    assert!(!ok(table(1, None), table(2, None)) && !ok(table(2, None), table(2, Some(3))));
    assert!(!ok(table(2, Some(4)), table(2, Some(3))));
    let ExternType::Table(t) = table(1, None) else { unreachable!() };
    assert!(!ok(ExternType::Table(t), ExternType::Table(TableType { is64: true, ..t })));
    let non_null = TableType { element: RefType::non_null(HeapType::Func), ..t };
    assert!(!ok(ExternType::Table(non_null), ExternType::Table(t)), "element types are invariant");

    let memory = MemoryType { minimum: 1, maximum: Some(2), is64: false, shared: false, page_log2: 16 };
    let m = ExternType::Memory;
    assert!(ok(m(memory), m(memory)) && !ok(m(memory), table(1, Some(2))));
    assert!(!ok(m(memory), m(MemoryType { shared: true, ..memory })));
    assert!(!ok(m(memory), m(MemoryType { page_log2: 0, ..memory })));
    assert!(!ok(m(memory), m(MemoryType { is64: true, ..memory })));

    let global = |content, mutable| ExternType::Global(GlobalType { content, mutable });
    assert!(ok(global(concrete(derived), false), global(concrete(base), false)));
    assert!(!ok(global(concrete(base), false), global(concrete(derived), false)));
    assert!(!ok(global(concrete(derived), true), global(concrete(base), true)));
    assert!(!ok(global(ValType::I32, true), global(ValType::I32, false)));

    let f = load_in(&registry, "(module (type (sub (func))) (type (sub 0 (func))))");
    let (sup, sub) = (f.types[0], f.types[1]);
    assert!(ok(ExternType::Func(sub), ExternType::Func(sup)) && !ok(ExternType::Func(sup), ExternType::Func(sub)));
    assert!(!ok(ExternType::Tag(sub), ExternType::Tag(sup)) && ok(ExternType::Tag(sup), ExternType::Tag(sup)));
}

#[test]
fn ids_are_reused_once_nobody_holds_them() {
    let registry = TypeRegistry::new();
    for i in 0..1000 {
        // Each module has types of its own, among them a group that mentions another.
        let fields = " i64".repeat(i % 50 + 1);
        let m = load_in(
            &registry,
            &format!("(module (type (struct (field{fields}))) (rec (type (array (ref 0))) (type (array (ref 1)))))"),
        );
        assert!(m.types.iter().all(|id| id.0 < 3));
    }
    assert!(registry.is_empty());
}

#[test]
fn only_a_few_types_of_functions_are_kept_without_holders() {
    let registry = TypeRegistry::new();
    // Kept at first, then held again while others take its place among the kept.
    drop(load_in(&registry, "(module (type (func (result f32))))"));
    let again = load_in(&registry, "(module (type (func (result f32))))");
    let held = registry.handle(again.types[0]);
    drop(again);
    let mut largest = 0;
    for i in 0..10_000u32 {
        // A type of its own each: the parameters are the digits of a number.
        let params: String = (0..13).map(|bit| if i >> bit & 1 == 0 { " i32" } else { " i64" }).collect();
        let m = load_in(&registry, &format!("(module (type (func (param{params}))) (type (func (param i32))))"));
        largest = largest.max(m.types[0].0).max(m.types[1].0);
        assert_eq!(registry.lookup(m.types[1]).to_string(), "(func (param i32))");
        assert_eq!(registry.len(), 3);
    }
    assert_eq!(registry.lookup(held.id()).to_string(), "(func (result f32))");
    drop(held);
    assert!(registry.is_empty());
    assert!(largest < 100, "{largest} types");
}

#[test]
fn a_mentioned_type_outlives_its_module() {
    let registry = TypeRegistry::new();
    let m = load_in(&registry, "(module (type (struct (field i64))) (type (func (param (ref 0)))))");
    let handle = registry.handle(m.types[1]);
    let again = handle.clone();
    let mentioned = m.types[0];
    drop(m);
    drop(handle);
    assert_eq!(registry.len(), 2);
    assert_eq!(registry.lookup(mentioned).to_string(), "(struct (field i64))");
    let host = registry.intern(
        &CompositeType::Array(ArrayType {
            field: FieldType { mutable: true, storage: StorageType::Val(concrete(mentioned)) },
        }),
        true,
        None,
    );
    drop(again);
    assert_eq!(registry.len(), 2, "the host's array still mentions the structure");
    drop(host);
    assert!(registry.is_empty());
}

#[test]
fn a_long_chain_of_mentions_is_released_without_recursion() {
    // type 0 is an array of i8, type i an array of references to type i - 1
    let count = 300_000u32;
    let item = |i: u32| {
        let mut item = vec![0x5e];
        match i.checked_sub(1) {
            None => item.push(0x78),
            Some(below) => {
                // A heap type is a signed number: a last group of zero bits keeps it positive.
                item.push(0x64);
                leb(&mut item, below);
                if item.last().is_some_and(|b| b & 0x40 != 0) {
                    *item.last_mut().expect("not empty") |= 0x80;
                    item.push(0);
                }
            }
        }
        item.push(0);
        item
    };
    let registry = TypeRegistry::new();
    let m = try_load(&registry, &Binary::new().items(1, (0..count).map(item)).0).expect("a valid module");
    assert_eq!(registry.len(), count as usize);
    // All but the last are now held by the next one only.
    let last = registry.handle(m.types[count as usize - 1]);
    drop(m);
    assert_eq!(registry.len(), count as usize);
    drop(last);
    assert!(registry.is_empty());
}

#[test]
fn threads_share_a_registry() {
    let registry = TypeRegistry::new();
    let bytes =
        wat("(module (rec (type (sub (struct))) (type (sub 0 (struct (field i32)))) (type (func (param (ref 1))))))");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..500 {
                    let m = try_load(&registry, &bytes).expect("a valid module");
                    assert!(registry.is_subtype(m.types[1], m.types[0]));
                    assert!(!registry.is_subtype(m.types[0], m.types[1]));
                }
            });
        }
    });
    assert!(registry.is_empty());
}

#[test]
fn types_are_written_in_the_text_format() {
    let registry = TypeRegistry::new();
    let m = load_in(
        &registry,
        r#"(module (type (sub (struct (field i8) (field (mut v128)))))
          (import "" "f" (func (param i32 i64) (param (ref extern)) (result funcref)))
          (import "" "t" (table i64 1 2 (ref func))) (import "" "m" (memory 1 2 shared))
          (import "" "g" (global (mut exnref))) (import "" "e" (tag (param f32)))
          (import "" "p" (memory i64 0 (pagesize 1))) (import "" "c" (global f64)))"#,
    );
    let text: Vec<String> = m.imports.iter().map(|i| registry.describe(&i.ty)).collect();
    assert_eq!(
        text,
        [
            "(func (param i32 i64 (ref extern)) (result funcref))",
            "(table i64 1 2 (ref func))",
            "(memory 1 2 shared)",
            "(global (mut exnref))",
            "(tag (param f32))",
            "(memory i64 0 (pagesize 0x1))",
            "(global f64)",
        ]
    );
    assert_eq!(m.sub_types[0].to_string(), "(sub (struct (field i8) (field (mut v128))))");
}
