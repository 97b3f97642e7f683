//! From bytes to a validated [`Module`].
//!
//! Decoding and validation are `wasmparser`'s; this folder alone names it, and turns what it reads into types and side
//! tables of our own, so that it could be replaced. Spec: "Binary Format", "Validation" and, for the canonical
//! types, "Validation / Conventions / Defined Types".
//!
//! Invariants: a `Module` is valid, immutable and `Send + Sync`; its indices never need to be checked again; function
//! bodies stay as bytes until their first call; every type it mentions is alive in the registry as long as the module.
#![forbid(unsafe_code)]

mod bodies;
mod body;
mod build;
mod const_expr;
mod convert;
mod custom;
mod error;
mod features;
mod key;
mod limits;
mod load;
mod matching;
pub mod ops;
mod registry;
mod types;

pub use body::{FuncBody, Locals, Operators};
pub use const_expr::{ConstExpr, ConstOp};
pub use error::{LoadError, LoadErrorKind};
pub use features::{Feature, Features};
pub use limits::Limits;
pub use matching::extern_type_matches;
use registry::TypeSet;
pub use registry::{TypeHandle, TypeRegistry};

pub use types::*;

use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

/// A validated module.
pub struct Module {
    pub registry: Arc<TypeRegistry>,
    pub features: Features,
    pub bytes: Arc<[u8]>,
    /// By module type index: the canonical id and what it stands for.
    pub types: Box<[TypeId]>,
    pub sub_types: Box<[Arc<SubType>]>,
    pub imports: Box<[Import]>,
    pub exports: Box<[Export]>,
    /// Module type index of each function, imported ones first.
    pub func_types: Box<[u32]>,
    pub num_imported_funcs: u32,
    /// Where the body of each defined function is in `bytes` (locals and expression, without the size).
    pub bodies: Box<[Range<u32>]>,
    pub tables: Box<[TableDef]>,
    pub num_imported_tables: u32,
    pub memories: Box<[MemoryType]>,
    pub num_imported_memories: u32,
    pub globals: Box<[GlobalDef]>,
    pub num_imported_globals: u32,
    /// Module type index of each tag.
    pub tags: Box<[u32]>,
    pub num_imported_tags: u32,
    pub elems: Box<[ElemSegment]>,
    pub datas: Box<[DataSegment]>,
    pub start: Option<u32>,
    pub customs: Box<[CustomSection]>,
    /// The numbers of the exports by name, once somebody has looked for one in many.
    by_name: OnceLock<Box<[u32]>>,
    /// Names and hints, read when first asked for.
    metadata: custom::Metadata,
    /// Keeps the types alive.
    _type_set: TypeSet,
}

/// An import, in order of the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub module: Box<str>,
    pub name: Box<str>,
    pub ty: ExternType,
}

/// An export, in order of the binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    pub name: Box<str>,
    pub kind: ExternKind,
    pub index: u32,
}

/// A table. `init` is what its elements start as when that is not null; imported tables have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableDef {
    pub ty: TableType,
    pub init: Option<ConstExpr>,
}

/// A global; imported ones have no initial value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalDef {
    pub ty: GlobalType,
    pub init: Option<ConstExpr>,
}

/// What instantiation does with a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentKind {
    /// Copied to the table or memory of that index.
    Active {
        index: u32,
        offset: ConstExpr,
    },
    Passive,
    /// Element segments only: dropped at once.
    Declared,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElemSegment {
    pub kind: SegmentKind,
    pub ty: RefType,
    pub items: ElemItems,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ElemItems {
    /// References to functions, in whichever form the binary gave them.
    Funcs(Box<[u32]>),
    Exprs(Box<[ConstExpr]>),
}

impl ElemItems {
    pub fn len(&self) -> usize {
        match self {
            ElemItems::Funcs(f) => f.len(),
            ElemItems::Exprs(e) => e.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A data segment; `range` says where its bytes are in the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSegment {
    pub kind: SegmentKind,
    pub range: Range<u32>,
}

/// A custom section; `range` says where its contents (after the name) are in the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomSection {
    pub name: Box<str>,
    pub range: Range<u32>,
}

impl Module {
    /// The bytes of a range that one of the tables gave.
    #[inline]
    pub fn slice(&self, range: &Range<u32>) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// The function type at a type index, which must be one.
    #[inline]
    pub fn type_func(&self, type_index: u32) -> &FuncType {
        self.sub_types[type_index as usize].as_func().expect("a function type, as validated")
    }

    #[inline]
    pub fn func_type(&self, func: u32) -> &FuncType {
        self.type_func(self.func_types[func as usize])
    }

    /// The canonical type of a function.
    #[inline]
    pub fn func_type_id(&self, func: u32) -> TypeId {
        self.types[self.func_types[func as usize] as usize]
    }

    /// The payload of a tag is its parameters.
    #[inline]
    pub fn tag_type(&self, tag: u32) -> &FuncType {
        self.type_func(self.tags[tag as usize])
    }

    #[inline]
    pub fn tag_type_id(&self, tag: u32) -> TypeId {
        self.types[self.tags[tag as usize] as usize]
    }

    /// A value type of the binary, with the module's type indices made canonical.
    pub fn val_type(&self, ty: ops::OpValType) -> ValType {
        convert::val_type(ty, &self.types)
    }

    pub fn ref_type(&self, ty: ops::OpRefType) -> RefType {
        convert::ref_type(ty, &self.types)
    }

    pub fn heap_type(&self, ty: ops::OpHeapType) -> HeapType {
        convert::heap_type(ty, &self.types)
    }

    /// The export of this name.
    pub fn export(&self, name: &str) -> Option<&Export> {
        /// Up to here looking at each is as fast.
        const FEW: usize = 16;
        if self.exports.len() <= FEW {
            return self.exports.iter().find(|e| *e.name == *name);
        }
        let at = |i: u32| &self.exports[i as usize];
        let sorted = self.by_name.get_or_init(|| {
            let mut numbers: Box<[u32]> = (0..self.exports.len() as u32).collect();
            numbers.sort_unstable_by_key(|&i| &at(i).name);
            numbers
        });
        let found = sorted.binary_search_by_key(&name, |&i| &at(i).name).ok()?;
        Some(at(sorted[found]))
    }

    /// The body of the function with this index among the defined ones.
    pub fn body(&self, defined: u32) -> FuncBody<'_> {
        let func = self.num_imported_funcs + defined;
        FuncBody { module: self, func, range: self.bodies[defined as usize].clone() }
    }

    /// The defined function in whose body an offset lies.
    pub fn body_at(&self, offset: u32) -> u32 {
        self.bodies.partition_point(|body| body.end <= offset) as u32
    }

    /// A function's index among the defined ones, if it is one.
    #[inline]
    pub fn defined_func(&self, func: u32) -> Option<u32> {
        func.checked_sub(self.num_imported_funcs)
    }

    /// The type of an item of an index space.
    pub fn extern_type(&self, kind: ExternKind, index: u32) -> ExternType {
        let i = index as usize;
        match kind {
            ExternKind::Func => ExternType::Func(self.func_type_id(index)),
            ExternKind::Table => ExternType::Table(self.tables[i].ty),
            ExternKind::Memory => ExternType::Memory(self.memories[i]),
            ExternKind::Global => ExternType::Global(self.globals[i].ty),
            ExternKind::Tag => ExternType::Tag(self.tag_type_id(index)),
        }
    }

    /// The type of an export.
    pub fn export_type(&self, export: &Export) -> ExternType {
        self.extern_type(export.kind, export.index)
    }
}

#[cfg(test)]
mod tests;
