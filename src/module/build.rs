//! From validated sections to the tables of a [`Module`].

use super::const_expr::{ConstExpr, ConstOp};
use super::convert;
use super::custom::Metadata;
use super::error::LoadError;
use super::features::Features;
use super::ops::Operator;
use super::registry::{Batch, TypeSet};
use super::types::*;
use super::*;
use crate::util::V128;
use std::ops::Range;
use std::sync::Arc;
use wasmparser::types::TypesRef;
use wasmparser::{
    DataKind, ElementItems, ElementKind, OperatorsReader, OperatorsReaderAllocations, Payload, TableInit, TypeRef,
};

/// The tables of a module, growing.
pub(super) struct Builder<'r> {
    registry: &'r Arc<TypeRegistry>,
    type_set: TypeSet,
    types: Vec<TypeId>,
    sub_types: Vec<Arc<SubType>>,
    imports: Vec<Import>,
    exports: Vec<Export>,
    func_types: Vec<u32>,
    num_imported_funcs: u32,
    pub bodies: Vec<Range<u32>>,
    tables: Vec<TableDef>,
    num_imported_tables: u32,
    memories: Vec<MemoryType>,
    num_imported_memories: u32,
    globals: Vec<GlobalDef>,
    num_imported_globals: u32,
    tags: Vec<u32>,
    num_imported_tags: u32,
    elems: Vec<ElemSegment>,
    datas: Vec<DataSegment>,
    start: Option<u32>,
    customs: Vec<CustomSection>,
    allocations: OperatorsReaderAllocations,
}

impl<'r> Builder<'r> {
    pub fn new(registry: &'r Arc<TypeRegistry>) -> Builder<'r> {
        Builder {
            registry,
            type_set: TypeSet::empty(registry),
            types: Vec::new(),
            sub_types: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            func_types: Vec::new(),
            num_imported_funcs: 0,
            bodies: Vec::new(),
            tables: Vec::new(),
            num_imported_tables: 0,
            memories: Vec::new(),
            num_imported_memories: 0,
            globals: Vec::new(),
            num_imported_globals: 0,
            tags: Vec::new(),
            num_imported_tags: 0,
            elems: Vec::new(),
            datas: Vec::new(),
            start: None,
            customs: Vec::new(),
            allocations: OperatorsReaderAllocations::default(),
        }
    }

    pub fn finish(self, bytes: Arc<[u8]>, features: Features) -> Module {
        Module {
            registry: self.registry.clone(),
            features,
            bytes,
            types: self.types.into(),
            sub_types: self.sub_types.into(),
            imports: self.imports.into(),
            exports: self.exports.into(),
            func_types: self.func_types.into(),
            num_imported_funcs: self.num_imported_funcs,
            bodies: self.bodies.into(),
            tables: self.tables.into(),
            num_imported_tables: self.num_imported_tables,
            memories: self.memories.into(),
            num_imported_memories: self.num_imported_memories,
            globals: self.globals.into(),
            num_imported_globals: self.num_imported_globals,
            tags: self.tags.into(),
            num_imported_tags: self.num_imported_tags,
            elems: self.elems.into(),
            datas: self.datas.into(),
            start: self.start,
            customs: self.customs.into(),
            by_name: Default::default(),
            metadata: Metadata::default(),
            _type_set: self.type_set,
        }
    }

    /// Takes in a section that has been validated; the sizes it declares are therefore true.
    pub fn section(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        match payload {
            Payload::TypeSection(s) => self.type_section(s)?,
            Payload::ImportSection(s) => self.import_section(s)?,
            Payload::FunctionSection(s) => {
                self.func_types.reserve_exact(s.count() as usize);
                for ty in s {
                    self.func_types.push(ty?);
                }
            }
            Payload::TableSection(s) => {
                self.tables.reserve_exact(s.count() as usize);
                for table in s {
                    let table = table?;
                    let ty = convert::table_type(&table.ty, &self.types);
                    let init = match table.init {
                        TableInit::RefNull => None,
                        TableInit::Expr(e) => Some(self.const_expr(&e)?),
                    };
                    self.tables.push(TableDef { ty, init });
                }
            }
            Payload::MemorySection(s) => {
                self.memories.reserve_exact(s.count() as usize);
                for ty in s {
                    self.memories.push(convert::memory_type(&ty?));
                }
            }
            Payload::TagSection(s) => {
                self.tags.reserve_exact(s.count() as usize);
                for ty in s {
                    self.tags.push(ty?.func_type_idx);
                }
            }
            Payload::GlobalSection(s) => {
                self.globals.reserve_exact(s.count() as usize);
                for global in s {
                    let global = global?;
                    let ty = convert::global_type(&global.ty, &self.types);
                    let init = Some(self.const_expr(&global.init_expr)?);
                    self.globals.push(GlobalDef { ty, init });
                }
            }
            Payload::ExportSection(s) => {
                self.exports.reserve_exact(s.count() as usize);
                for export in s {
                    let export = export?;
                    let kind = convert::extern_kind(export.kind);
                    self.exports.push(Export { name: export.name.into(), kind, index: export.index });
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(s) => {
                self.elems.reserve_exact(s.count() as usize);
                for elem in s {
                    let segment = self.element(elem?)?;
                    self.elems.push(segment);
                }
            }
            Payload::DataSection(s) => {
                self.datas.reserve_exact(s.count() as usize);
                for data in s {
                    let data = data?;
                    let kind = match data.kind {
                        DataKind::Passive => SegmentKind::Passive,
                        DataKind::Active { memory_index, offset_expr } => {
                            SegmentKind::Active { index: memory_index, offset: self.const_expr(&offset_expr)? }
                        }
                    };
                    let end = data.range.end as u32;
                    self.datas.push(DataSegment { kind, range: end - data.data.len() as u32..end });
                }
            }
            Payload::CustomSection(s) => {
                let range = s.data_range();
                self.customs.push(CustomSection { name: s.name().into(), range: range.start as u32..range.end as u32 });
            }
            _ => {}
        }
        Ok(())
    }

    fn type_section(&mut self, section: wasmparser::TypeSectionReader<'_>) -> Result<(), LoadError> {
        let mut batch = self.type_batch(section.count());
        for group in section {
            convert::group_key(batch.key(), &group?, &self.types);
            batch.add(&mut self.types, &mut self.sub_types);
        }
        self.type_set = batch.finish();
        Ok(())
    }

    /// Takes in the types of a module without the proposals by which types mention types ([`Features::plain`]), as the parser
    /// has them by now.
    pub fn plain_types(&mut self, types: TypesRef<'_>) {
        let count = types.core_type_count_in_module();
        let mut batch = self.type_batch(count);
        for i in 0..count {
            convert::plain_key(batch.key(), &types[types.core_type_at_in_module(i)]);
            batch.add(&mut self.types, &mut self.sub_types);
        }
        self.type_set = batch.finish();
    }

    fn type_batch(&mut self, groups: u32) -> Batch<'r> {
        self.types.reserve_exact(groups as usize);
        self.sub_types.reserve_exact(groups as usize);
        self.registry.batch(groups as usize)
    }

    fn import_section(&mut self, section: wasmparser::ImportSectionReader<'_>) -> Result<(), LoadError> {
        self.imports.reserve_exact(section.count() as usize);
        for import in section.into_imports() {
            let import = import?;
            let ty = match import.ty {
                TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                    self.func_types.push(index);
                    self.num_imported_funcs += 1;
                    ExternType::Func(self.types[index as usize])
                }
                TypeRef::Table(ty) => {
                    let ty = convert::table_type(&ty, &self.types);
                    self.tables.push(TableDef { ty, init: None });
                    self.num_imported_tables += 1;
                    ExternType::Table(ty)
                }
                TypeRef::Memory(ty) => {
                    let ty = convert::memory_type(&ty);
                    self.memories.push(ty);
                    self.num_imported_memories += 1;
                    ExternType::Memory(ty)
                }
                TypeRef::Global(ty) => {
                    let ty = convert::global_type(&ty, &self.types);
                    self.globals.push(GlobalDef { ty, init: None });
                    self.num_imported_globals += 1;
                    ExternType::Global(ty)
                }
                TypeRef::Tag(ty) => {
                    self.tags.push(ty.func_type_idx);
                    self.num_imported_tags += 1;
                    ExternType::Tag(self.types[ty.func_type_idx as usize])
                }
            };
            self.imports.push(Import { module: import.module.into(), name: import.name.into(), ty });
        }
        Ok(())
    }

    fn element(&mut self, elem: wasmparser::Element<'_>) -> Result<ElemSegment, LoadError> {
        let kind = match elem.kind {
            ElementKind::Passive => SegmentKind::Passive,
            ElementKind::Declared => SegmentKind::Declared,
            ElementKind::Active { table_index, offset_expr } => {
                SegmentKind::Active { index: table_index.unwrap_or(0), offset: self.const_expr(&offset_expr)? }
            }
        };
        let (ty, items) = match elem.items {
            ElementItems::Functions(funcs) => {
                // Non-null, so that such a segment may initialise a table of non-null references.
                (RefType::non_null(HeapType::Func), ElemItems::Funcs(funcs.into_iter().collect::<Result<_, _>>()?))
            }
            ElementItems::Expressions(ty, exprs) => {
                let exprs =
                    exprs.into_iter().map(|e| self.const_expr(&e?)).collect::<Result<Box<[ConstExpr]>, LoadError>>()?;
                let funcs = exprs.iter().map(ConstExpr::as_func).collect::<Option<Box<[u32]>>>();
                (convert::ref_type(ty, &self.types), funcs.map_or(ElemItems::Exprs(exprs), ElemItems::Funcs))
            }
        };
        Ok(ElemSegment { kind, ty, items })
    }

    fn const_expr(&mut self, expr: &wasmparser::ConstExpr<'_>) -> Result<ConstExpr, LoadError> {
        let allocations = std::mem::take(&mut self.allocations);
        let mut reader = OperatorsReader::new_with_allocs(expr.get_binary_reader(), allocations);
        let first = self.const_op(reader.read()?);
        let mut ops = Vec::new();
        loop {
            match reader.read()? {
                Operator::End => break,
                op if ops.is_empty() => ops.extend([first, self.const_op(op)]),
                op => ops.push(self.const_op(op)),
            }
        }
        self.allocations = reader.into_allocations();
        Ok(if ops.is_empty() { ConstExpr::one(first) } else { ConstExpr::new(ops) })
    }

    fn const_op(&self, op: Operator<'_>) -> ConstOp {
        match op {
            Operator::I32Const { value } => ConstOp::I32(value),
            Operator::I64Const { value } => ConstOp::I64(value),
            Operator::F32Const { value } => ConstOp::F32(value.bits()),
            Operator::F64Const { value } => ConstOp::F64(value.bits()),
            Operator::V128Const { value } => ConstOp::V128(V128(*value.bytes())),
            Operator::RefNull { hty } => ConstOp::RefNull(convert::heap_type(hty, &self.types)),
            Operator::RefFunc { function_index } => ConstOp::RefFunc(function_index),
            Operator::GlobalGet { global_index } => ConstOp::GlobalGet(global_index),
            Operator::I32Add => ConstOp::I32Add,
            Operator::I32Sub => ConstOp::I32Sub,
            Operator::I32Mul => ConstOp::I32Mul,
            Operator::I64Add => ConstOp::I64Add,
            Operator::I64Sub => ConstOp::I64Sub,
            Operator::I64Mul => ConstOp::I64Mul,
            Operator::RefI31 => ConstOp::RefI31,
            Operator::StructNew { struct_type_index } => ConstOp::StructNew(struct_type_index),
            Operator::StructNewDefault { struct_type_index } => ConstOp::StructNewDefault(struct_type_index),
            Operator::ArrayNew { array_type_index } => ConstOp::ArrayNew(array_type_index),
            Operator::ArrayNewDefault { array_type_index } => ConstOp::ArrayNewDefault(array_type_index),
            Operator::ArrayNewFixed { array_type_index, array_size } => {
                ConstOp::ArrayNewFixed(array_type_index, array_size)
            }
            Operator::AnyConvertExtern => ConstOp::AnyConvertExtern,
            Operator::ExternConvertAny => ConstOp::ExternConvertAny,
            _ => unreachable!("validation lets no other instruction through"),
        }
    }
}
