//! A module's types as text, with its own type indices: inside the engine types have numbers of the engine's registry,
//! which mean nothing to a reader of the module.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use wasm::module::{
    ArrayType, CompositeType, ExternType, FieldType, FuncType, HeapType, Module, RefType, StorageType, StructType,
    SubType, TypeId, ValType,
};

/// Describes types of one module.
pub struct Types<'a> {
    module: &'a Module,
    index: HashMap<TypeId, u32>,
}

impl<'a> Types<'a> {
    pub fn of(module: &'a Module) -> Types<'a> {
        let mut index = HashMap::new();
        for (i, id) in module.types.iter().enumerate() {
            // Equal types have one number, and then the first index stands for all.
            index.entry(*id).or_insert(i as u32);
        }
        Types { module, index }
    }

    fn id(&self, id: TypeId) -> TypeId {
        TypeId(self.index.get(&id).copied().unwrap_or(u32::MAX))
    }

    fn reference(&self, r: RefType) -> RefType {
        match r.heap {
            HeapType::Concrete(id) => RefType { heap: HeapType::Concrete(self.id(id)), ..r },
            _ => r,
        }
    }

    pub fn value(&self, t: ValType) -> ValType {
        match t {
            ValType::Ref(r) => ValType::Ref(self.reference(r)),
            other => other,
        }
    }

    pub fn func(&self, t: &FuncType) -> FuncType {
        let values = |list: &[ValType]| list.iter().map(|t| self.value(*t)).collect::<Vec<_>>();
        FuncType::new(values(&t.params), values(&t.results))
    }

    fn field(&self, f: FieldType) -> FieldType {
        let storage = match f.storage {
            StorageType::Val(t) => StorageType::Val(self.value(t)),
            packed => packed,
        };
        FieldType { storage, ..f }
    }

    /// A defined type, by its index.
    pub fn defined(&self, index: usize) -> String {
        let ty: &SubType = &self.module.sub_types[index];
        let composite = match &ty.composite {
            CompositeType::Func(f) => CompositeType::Func(self.func(f)),
            CompositeType::Array(a) => CompositeType::Array(ArrayType { field: self.field(a.field) }),
            CompositeType::Struct(s) => {
                CompositeType::Struct(StructType { fields: s.fields.iter().map(|f| self.field(*f)).collect() })
            }
        };
        SubType { supertype: ty.supertype.map(|s| self.id(s)), composite, ..ty.clone() }.to_string()
    }

    fn spelled(&self, id: TypeId) -> Option<FuncType> {
        let index = *self.index.get(&id)? as usize;
        self.module.sub_types[index].as_func().map(|f| self.func(f))
    }

    /// The type of an import or export.
    pub fn external(&self, ty: &ExternType) -> String {
        match ty {
            ExternType::Func(id) => self.spelled(*id).map(|f| f.to_string()).unwrap_or_default(),
            ExternType::Tag(id) => {
                let params = self.spelled(*id).map(|f| f.to_string()).unwrap_or_default();
                params.replacen("(func", "(tag", 1)
            }
            ExternType::Table(t) => wasm::module::TableType { element: self.reference(t.element), ..*t }.to_string(),
            ExternType::Global(g) => wasm::module::GlobalType { content: self.value(g.content), ..*g }.to_string(),
            ExternType::Memory(m) => m.to_string(),
        }
    }
}
