//! From the parser's types to ours.

use super::key::{KeyWriter, TypeRef};
use super::types::*;
use super::{TypeId, ops};
use wasmparser::{AbstractHeapType, CompositeInnerType, PackedIndex, RecGroup, UnpackedIndex};

/// Validation refuses what needs these proposals, which the engine never switches on.
const REFUSED: &str = "shared types, continuations and exact types are refused by validation";

fn abstract_heap(ty: AbstractHeapType) -> HeapType {
    match ty {
        AbstractHeapType::Func => HeapType::Func,
        AbstractHeapType::NoFunc => HeapType::NoFunc,
        AbstractHeapType::Extern => HeapType::Extern,
        AbstractHeapType::NoExtern => HeapType::NoExtern,
        AbstractHeapType::Any => HeapType::Any,
        AbstractHeapType::None => HeapType::None,
        AbstractHeapType::Eq => HeapType::Eq,
        AbstractHeapType::I31 => HeapType::I31,
        AbstractHeapType::Struct => HeapType::Struct,
        AbstractHeapType::Array => HeapType::Array,
        AbstractHeapType::Exn => HeapType::Exn,
        AbstractHeapType::NoExn => HeapType::NoExn,
        AbstractHeapType::Cont | AbstractHeapType::NoCont => unreachable!("{REFUSED}"),
    }
}

fn module_index(index: UnpackedIndex) -> u32 {
    index.as_module_index().expect("indices in a binary are the module's")
}

/// `types` are the canonical ids by module type index.
pub(super) fn heap_type(ty: ops::OpHeapType, types: &[TypeId]) -> HeapType {
    match ty {
        ops::OpHeapType::Abstract { shared: false, ty } => abstract_heap(ty),
        ops::OpHeapType::Concrete(index) => HeapType::Concrete(types[module_index(index) as usize]),
        ops::OpHeapType::Abstract { .. } | ops::OpHeapType::Exact(_) => unreachable!("{REFUSED}"),
    }
}

pub(super) fn ref_type(ty: ops::OpRefType, types: &[TypeId]) -> RefType {
    RefType { nullable: ty.is_nullable(), heap: heap_type(ty.heap_type(), types) }
}

pub(super) fn val_type(ty: ops::OpValType, types: &[TypeId]) -> ValType {
    match ty {
        ops::OpValType::I32 => ValType::I32,
        ops::OpValType::I64 => ValType::I64,
        ops::OpValType::F32 => ValType::F32,
        ops::OpValType::F64 => ValType::F64,
        ops::OpValType::V128 => ValType::V128,
        ops::OpValType::Ref(r) => ValType::Ref(ref_type(r, types)),
    }
}

pub(super) fn table_type(ty: &wasmparser::TableType, types: &[TypeId]) -> TableType {
    TableType { element: ref_type(ty.element_type, types), minimum: ty.initial, maximum: ty.maximum, is64: ty.table64 }
}

pub(super) fn memory_type(ty: &wasmparser::MemoryType) -> MemoryType {
    MemoryType {
        minimum: ty.initial,
        maximum: ty.maximum,
        is64: ty.memory64,
        shared: ty.shared,
        page_log2: ty.page_size_log2.unwrap_or(16) as u8,
    }
}

pub(super) fn global_type(ty: &wasmparser::GlobalType, types: &[TypeId]) -> GlobalType {
    GlobalType { content: val_type(ty.content_type, types), mutable: ty.mutable }
}

/// Writes the key of a recursion group that follows `types`.
pub(super) fn group_key(key: &mut KeyWriter, group: &RecGroup, types: &[TypeId]) {
    key.begin(group.types().len() as u32);
    group.types().for_each(|ty| type_key(key, ty, types));
}

/// Writes the key of a type that is a group of its own and mentions none.
pub(super) fn plain_key(key: &mut KeyWriter, ty: &wasmparser::SubType) {
    key.begin(1);
    type_key(key, ty, &[]);
}

/// Writes one type of a group that follows `types`.
fn type_key(key: &mut KeyWriter, ty: &wasmparser::SubType, types: &[TypeId]) {
    let resolve = |index: UnpackedIndex| {
        let index = module_index(index) as usize;
        match types.get(index) {
            Some(id) => TypeRef::Id(*id),
            None => TypeRef::Rec((index - types.len()) as u32),
        }
    };
    let val_type_key = |key: &mut KeyWriter, ty: &ops::OpValType| match ty {
        ops::OpValType::Ref(r) if r.is_concrete_type_ref() => {
            let index = r.type_index().expect("concrete").unpack();
            key.reference(r.is_nullable(), resolve(index), 0);
        }
        _ => key.val_type(val_type(*ty, types)),
    };
    let field_key = |key: &mut KeyWriter, field: &wasmparser::FieldType| {
        let storage = match field.element_type {
            wasmparser::StorageType::I8 => StorageType::I8,
            wasmparser::StorageType::I16 => StorageType::I16,
            wasmparser::StorageType::Val(ops::OpValType::Ref(r)) if r.is_concrete_type_ref() => {
                let index = r.type_index().expect("concrete").unpack();
                return key.ref_field(field.mutable, r.is_nullable(), resolve(index));
            }
            wasmparser::StorageType::Val(ty) => StorageType::Val(val_type(ty, types)),
        };
        key.field(FieldType { mutable: field.mutable, storage });
    };

    let supertype = ty.supertype_idxs.first().map(|i: &PackedIndex| resolve(i.unpack()));
    match &ty.composite_type.inner {
        CompositeInnerType::Func(f) => {
            key.begin_func(ty.is_final, supertype, f.params().len(), f.results().len());
            f.params().iter().chain(f.results()).for_each(|t| val_type_key(key, t));
        }
        CompositeInnerType::Struct(s) => {
            key.begin_struct(ty.is_final, supertype, s.fields.len());
            s.fields.iter().for_each(|f| field_key(key, f));
        }
        CompositeInnerType::Array(a) => {
            key.begin_array(ty.is_final, supertype);
            field_key(key, &a.0);
        }
        CompositeInnerType::Cont(_) => unreachable!("{REFUSED}"),
    }
}

pub(super) fn extern_kind(kind: wasmparser::ExternalKind) -> ExternKind {
    match kind {
        wasmparser::ExternalKind::Func | wasmparser::ExternalKind::FuncExact => ExternKind::Func,
        wasmparser::ExternalKind::Table => ExternKind::Table,
        wasmparser::ExternalKind::Memory => ExternKind::Memory,
        wasmparser::ExternalKind::Global => ExternKind::Global,
        wasmparser::ExternalKind::Tag => ExternKind::Tag,
    }
}
