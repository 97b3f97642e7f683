//! The heap from the host's side.

use super::*;

#[test]
fn fields_of_every_type_come_back() {
    let s = store();
    use ValType::*;
    let ty = struct_type(
        &s,
        &[
            field(StorageType::I8),
            val(I64),
            field(StorageType::I16),
            val(F32),
            val(V128),
            val(ValType::ANYREF),
            val(ValType::FUNCREF),
            val(F64),
            val(ValType::EXTERNREF),
            val(I32),
        ],
    );
    let vector = crate::util::V128::from_slots([1, 2]);
    let host = Foreign::new(&s).into_ref();
    let values = [
        Val::I32(0xff),
        Val::I64(-5),
        Val::I32(0x8001),
        Val::F32(1),
        Val::V128(vector),
        Val::AnyRef(Some(AnyRef::I31(7))),
        Val::FuncRef(None),
        Val::F64(9),
        Val::ExternRef(Some(AnyRef::Host(host))),
        Val::I32(-1),
    ];
    let r = HeapRef::new_struct(&s, &ty, &values).unwrap();
    for _ in 0..2 {
        assert_eq!(r.kind(), ObjectKind::Struct);
        assert_eq!(r.len(), 10);
        for (i, v) in values.iter().enumerate() {
            assert_eq!(r.get(i as u32).as_ref(), Some(v), "{i}");
        }
        assert!(r.get(10).is_none());
        s.collect();
    }
    assert!(!r.set(1, &Val::I32(0)));
    assert!(!r.set(5, &Val::ExternRef(None)));
    assert!(r.set(5, &any(&r)));
    s.collect();
    assert_eq!(r.get(5), Some(any(&r)));
}

#[test]
fn an_exception_keeps_its_tag_and_payload() {
    let s = store();
    let ty = FuncType::new([ValType::I32, ValType::ANYREF, ValType::V128, ValType::I64], []);
    let tag = Tag::new(&s, &ty).unwrap();
    let array = array_type(&s, field(StorageType::I8));
    let inner = HeapRef::new_array(&s, &array, 3, &Val::I32(0x1ff)).unwrap();
    let vector = Val::V128(crate::util::V128::from_slots([3, 4]));
    let payload = [Val::I32(5), any(&inner), vector, Val::I64(6)];
    let exn = HeapRef::new_exception(&s, &tag, &payload).unwrap();
    assert_eq!(exn.kind(), ObjectKind::Exception);
    let objects = s.object_count();
    drop((inner, tag));
    s.collect();
    assert_eq!(s.object_count(), objects);
    let back = exn.payload().unwrap();
    assert_eq!(back[0], payload[0]);
    assert_eq!(back[2..], payload[2..]);
    let Val::AnyRef(Some(AnyRef::Heap(inner))) = &back[1] else { panic!("{back:?}") };
    assert_eq!(inner.get(2), Some(Val::I32(0xff)));
    assert_eq!(exn.tag().unwrap().type_id(), exn.ty().id());
    drop((exn, back, payload));
    s.collect();
    assert_eq!(s.object_count(), objects - 1);
}

#[test]
fn what_does_not_fit_is_refused() {
    let s = store();
    let constant = struct_type(&s, &[FieldType { mutable: false, storage: StorageType::Val(ValType::I32) }]);
    let numbers = array_type(&s, val(ValType::F64));
    let other = store();
    assert!(HeapRef::new_struct(&s, &constant, &[]).is_err());
    assert!(HeapRef::new_struct(&s, &constant, &[Val::I64(1)]).is_err());
    assert!(HeapRef::new_struct(&s, &numbers, &[Val::F64(1)]).is_err());
    assert!(HeapRef::new_array(&s, &constant, 1, &Val::I32(1)).is_err());
    assert!(HeapRef::new_array(&s, &numbers, u32::MAX, &Val::F64(1)).is_err());
    let r = HeapRef::new_struct(&s, &constant, &[Val::I32(1)]).unwrap();
    assert!(!r.set(0, &Val::I32(2)) && !r.set(1, &Val::I32(2)));
    assert_eq!(r.get(0), Some(Val::I32(1)));
    assert!(r.tag().is_none() && r.payload().is_none());
    let list = array_type(&other, val(ValType::ANYREF));
    assert!(HeapRef::new_array(&other, &list, 1, &any(&r)).is_err(), "an object of another store");
    let empty = HeapRef::new_array_of(&s, &numbers, &[]).unwrap();
    assert!(empty.is_empty() && empty.get(0).is_none());
    // A structure is no exception, and the other way round.
    let tag = Tag::new(&s, &FuncType::new([], [])).unwrap();
    let exn = HeapRef::new_exception(&s, &tag, &[]).unwrap();
    assert!(any(&r).matches(ValType::ANYREF, &s) && !any(&exn).matches(ValType::ANYREF, &s));
    assert!(!Val::ExnRef(Some(r)).matches(ValType::EXNREF, &s));
    assert!(Val::ExnRef(Some(exn)).matches(ValType::EXNREF, &s));
    assert!(HeapRef::new_exception(&other, &tag, &[]).is_err());
}

#[test]
fn values_are_of_their_objects_type() {
    let s = store();
    let types = s.engine().types();
    let fields = |n: usize| CompositeType::Struct(StructType { fields: vec![val(ValType::I32); n].into() });
    // A chain of types deeper than what is looked up without a lock.
    let mut chain = vec![types.intern(&fields(1), false, None)];
    for _ in 0..20 {
        chain.push(types.intern(&fields(1), false, chain.last().map(|t| t.id())));
    }
    let object = HeapRef::new_struct(&s, &chain[15], &[Val::I32(3)]).unwrap();
    for (depth, ty) in chain.iter().enumerate() {
        let wanted = ValType::Ref(crate::module::RefType::non_null(crate::module::HeapType::Concrete(ty.id())));
        assert_eq!(any(&object).matches(wanted, &s), depth <= 15, "{depth}");
    }
    assert_eq!(object.ty().id(), chain[15].id());
    assert_eq!(any(&object), any(&object.clone()));
}
