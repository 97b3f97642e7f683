//! Tests of the heap: objects made by the host, random graphs against a model, guests that allocate.

mod graph;
mod guest;
mod host;

use crate::module::{ArrayType, CompositeType, FieldType, FuncType, StorageType, StructType, TypeHandle, ValType};
use crate::runtime::tests::{call, instance, module, store, wat};
use crate::runtime::*;
use crate::vm::trap::TrapKind;

fn field(storage: StorageType) -> FieldType {
    FieldType { mutable: true, storage }
}

fn val(ty: ValType) -> FieldType {
    field(StorageType::Val(ty))
}

fn struct_type(store: &Store, fields: &[FieldType]) -> TypeHandle {
    let ty = CompositeType::Struct(StructType { fields: fields.into() });
    store.engine().types().intern(&ty, true, None)
}

fn array_type(store: &Store, field: FieldType) -> TypeHandle {
    store.engine().types().intern(&CompositeType::Array(ArrayType { field }), true, None)
}

fn any(r: &HeapRef) -> Val {
    Val::AnyRef(Some(AnyRef::Heap(r.clone())))
}

fn heap_of(v: &Val) -> HeapRef {
    match v {
        Val::AnyRef(Some(AnyRef::Heap(r))) => r.clone(),
        v => panic!("{v:?} is no object of the heap"),
    }
}

/// How many objects the heap holds; right after a collection, how many were reachable.
fn objects(store: &Store) -> usize {
    store.inner().gc.heap.borrow().as_ref().map_or(0, |h| h.objects())
}

/// Bytes the heap has of the system.
fn committed(store: &Store) -> usize {
    store.inner().gc.figures().0 as usize
}

fn collections(store: &Store) -> u64 {
    store.inner().gc.figures().2
}
