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
