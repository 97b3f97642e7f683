//! Small modules that stand between `wasm.h` and values it cannot carry.
//!
//! `wasm.h` knows six kinds of values. To call a function with a `v128` parameter, to look into an `anyref`, or to tell
//! an exception from a trap, the runner makes a module that imports the function, takes parameters and gives results
//! of those six kinds only, and translates in WebAssembly:
//!
//! | value | as a parameter | as a result |
//! |---|---|---|
//! | `i32 i64 f32 f64` | itself | its bits, as `i32` or `i64` |
//! | `v128` | two `i64`, low half first | the same |
//! | null reference | none: made by `ref.null` | class 0 |
//! | `externref` and subtypes | `externref` | `externref` |
//! | `anyref` and subtypes | `externref`: a host object | a class, and the same as an `externref` |
//! | other references | never | a class |
//!
//! The types of the imported function may need the whole type section of its module (recursion groups included), so
//! the adapter begins with a copy of that section and appends its own.

use crate::value::{Top, Value};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    AbstractHeapType, BlockType, Catch, CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection,
    HeapType, ImportSection, Instruction as I, Module, RawSection, RefType, SectionId, ValType,
};
use wasmparser::{CompositeInnerType, ExternalKind, GlobalType, Parser, Payload, TypeRef};

// What a reference turned out to be.
const NULL: u32 = 0;
const I31: u32 = 1;
const STRUCT: u32 = 2;
const ARRAY: u32 = 3;
/// A host object: an `anyref` or `externref` of no other class.
const HOST: u32 = 4;
const FUNC: u32 = 5;
const EXN: u32 = 6;

/// A type of a module.
enum Defined {
    Func { params: Vec<ValType>, results: Vec<ValType> },
    Aggregate,
    Other,
}

/// The parts of a module that adapters for its exports need.
pub struct Shape {
    /// Whether host objects exist at all; without them adapters give back no `externref`.
    host_refs: bool,
    /// How many recursion groups and how many types the type section has, and its bytes after the count.
    groups: u32,
    type_bytes: Vec<u8>,
    types: Vec<Defined>,
    /// Type index per function, type per global.
    funcs: Vec<u32>,
    globals: Vec<GlobalType>,
    pub exports: Vec<(String, ExternalKind, u32)>,
}

impl Shape {
    /// Reads a module that is known to be valid.
    pub fn of(wasm: &[u8], host_refs: bool) -> wasmparser::Result<Shape> {
        let mut shape = Shape {
            host_refs,
            groups: 0,
            type_bytes: Vec::new(),
            types: Vec::new(),
            funcs: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(reader) => {
                    let section = &wasm[reader.range().start as usize..reader.range().end as usize];
                    let count_len = section.iter().position(|byte| byte & 0x80 == 0).map_or(0, |last| last + 1);
                    shape.groups = reader.count();
                    shape.type_bytes = section[count_len..].to_vec();
                    for group in reader {
                        for ty in group?.into_types() {
                            shape.types.push(match &ty.composite_type.inner {
                                CompositeInnerType::Func(f) => {
                                    Defined::Func { params: translate(f.params()), results: translate(f.results()) }
                                }
                                CompositeInnerType::Struct(_) | CompositeInnerType::Array(_) => Defined::Aggregate,
                                _ => Defined::Other,
                            });
                        }
                    }
                }
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        match import?.ty {
                            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => shape.funcs.push(ty),
                            TypeRef::Global(ty) => shape.globals.push(ty),
                            TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Tag(_) => {}
                        }
                    }
                }
                Payload::FunctionSection(reader) => {
                    for ty in reader {
                        shape.funcs.push(ty?);
                    }
                }
                Payload::GlobalSection(reader) => {
                    for global in reader {
                        shape.globals.push(global?.ty);
                    }
                }
                Payload::ExportSection(reader) => {
                    for export in reader {
                        let export = export?;
                        shape.exports.push((export.name.to_string(), export.kind, export.index));
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    fn export(&self, name: &str) -> Option<(ExternalKind, u32)> {
        self.exports.iter().find(|(n, ..)| n == name).map(|&(_, kind, index)| (kind, index))
    }

    /// The type index, parameters and results of an exported function.
    pub fn function(&self, name: &str) -> Option<(u32, &[ValType], &[ValType])> {
        let (ExternalKind::Func | ExternalKind::FuncExact, index) = self.export(name)? else { return None };
        let ty = self.funcs[index as usize];
        match &self.types[ty as usize] {
            Defined::Func { params, results } => Some((ty, params, results)),
            _ => None,
        }
    }

    /// The hierarchy that a heap type belongs to.
    fn top(&self, heap: HeapType) -> Option<Top> {
        use AbstractHeapType as A;
        match heap {
            HeapType::Concrete(index) | HeapType::Exact(index) => match self.types[index as usize] {
                Defined::Func { .. } => Some(Top::Func),
                Defined::Aggregate => Some(Top::Any),
                Defined::Other => None,
            },
            HeapType::Abstract { ty, .. } => match ty {
                A::Func | A::NoFunc => Some(Top::Func),
                A::Extern | A::NoExtern => Some(Top::Extern),
                A::Any | A::None | A::Eq | A::Struct | A::Array | A::I31 => Some(Top::Any),
                A::Exn | A::NoExn => Some(Top::Exn),
                A::Cont | A::NoCont => None,
            },
        }
    }

    /// The type of an exported global.
    pub fn global(&self, name: &str) -> Option<(GlobalType, ValType)> {
        let (ExternalKind::Global, index) = self.export(name)? else { return None };
        let ty = self.globals[index as usize];
        Some((ty, RoundtripReencoder.val_type(ty.content_type).ok()?))
    }
}

fn translate(types: &[wasmparser::ValType]) -> Vec<ValType> {
    types.iter().map(|&ty| RoundtripReencoder.val_type(ty).expect("a value type of a valid module")).collect()
}

/// Whether `wasm.h` carries values of the type.
pub fn is_plain(ty: &ValType, host_refs: bool) -> bool {
    match *ty {
        ValType::V128 => false,
        ValType::Ref(ty) => ty == RefType::FUNCREF || (host_refs && ty == RefType::EXTERNREF),
        _ => true,
    }
}

/// What the adapter is to do with an imported function.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Task {
    /// Call it and give back the parts of its results.
    Call,
    /// Call it and give back 1 if that ends in an exception, else 0.
    Catch,
}

/// A part of a value, as it comes out of an adapter.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    I32(u32),
    I64(u64),
    /// A null `externref`.
    Null,
    /// Another `externref`: the number of the host object it is, if it is one.
    Ref(Option<u32>),
}

/// Puts the parts of values of the types together.
pub fn assemble(shape: &Shape, types: &[ValType], parts: &[Part]) -> Option<Vec<Value>> {
    let mut parts = parts.iter();
    let mut values = Vec::new();
    for ty in types {
        let first = parts.next()?;
        values.push(match (*ty, *first) {
            (ValType::I32, Part::I32(v)) => Value::I32(v),
            (ValType::I64, Part::I64(v)) => Value::I64(v),
            (ValType::F32, Part::I32(v)) => Value::F32(v),
            (ValType::F64, Part::I64(v)) => Value::F64(v),
            (ValType::V128, Part::I64(low)) => match parts.next()? {
                Part::I64(high) => Value::V128(u128::from(low) | u128::from(*high) << 64),
                _ => return None,
            },
            (ValType::Ref(ty), Part::Null) => Value::Null(shape.top(ty.heap_type)?),
            (ValType::Ref(_), Part::Ref(number)) => Value::Extern(number),
            (ValType::Ref(ty), Part::I32(class)) => {
                let top = shape.top(ty.heap_type)?;
                let number = match top {
                    Top::Any if shape.host_refs => match parts.next()? {
                        Part::Ref(number) => *number,
                        Part::Null => None,
                        _ => return None,
                    },
                    _ => None,
                };
                reference(top, class, number)?
            }
            _ => return None,
        });
    }
    parts.next().is_none().then_some(values)
}

fn reference(top: Top, class: u32, number: Option<u32>) -> Option<Value> {
    Some(match (top, class) {
        (_, NULL) => Value::Null(top),
        (Top::Func, FUNC) => Value::Func,
        (Top::Exn, EXN) => Value::Exn,
        (Top::Extern, HOST) => Value::Extern(None),
        (Top::Any, I31) => Value::I31,
        (Top::Any, STRUCT) => Value::Struct,
        (Top::Any, ARRAY) => Value::Array,
        (Top::Any, HOST) => Value::Host(number),
        _ => return None,
    })
}

/// Builds an adapter for a function. `nulls[i]` says that argument `i` is a null reference.
pub fn for_function(shape: &Shape, name: &str, nulls: &[bool], task: Task) -> Option<Vec<u8>> {
    let (type_index, params, results) = shape.function(name)?;
    let mut own_params = Vec::new();
    let mut arguments = Vec::new();
    for (ty, &null) in params.iter().zip(nulls) {
        push_argument(ty, null, &mut own_params, &mut arguments)?;
    }
    let import = EntityType::Function(type_index);
    Some(match task {
        Task::Call => {
            let mut code = Body::new(own_params);
            code.instructions.extend(arguments);
            code.instructions.push(I::Call(0));
            code.results(shape, results)?;
            code.finish(shape, import)
        }
        Task::Catch => {
            let mut code = Body::new(own_params);
            code.own_results.push(ValType::I32);
            let list = &mut code.instructions;
            list.push(I::Block(BlockType::Empty));
            list.push(I::TryTable(BlockType::Empty, vec![Catch::All { label: 0 }].into()));
            list.extend(arguments);
            list.push(I::Call(0));
            list.extend(results.iter().map(|_| I::Drop));
            list.extend([I::End, I::I32Const(0), I::Return, I::End, I::I32Const(1)]);
            code.finish(shape, import)
        }
    })
}

/// Builds an adapter for a global.
pub fn for_global(shape: &Shape, name: &str) -> Option<Vec<u8>> {
    let (ty, content) = shape.global(name)?;
    let import = wasm_encoder::GlobalType { val_type: content, mutable: ty.mutable, shared: ty.shared };
    let mut code = Body::new(Vec::new());
    code.instructions.push(I::GlobalGet(0));
    code.results(shape, &[content])?;
    Some(code.finish(shape, EntityType::Global(import)))
}

/// Appends what turns the adapter's own parameters into one argument.
fn push_argument(ty: &ValType, null: bool, own: &mut Vec<ValType>, code: &mut Vec<I<'static>>) -> Option<()> {
    let next = own.len() as u32;
    match *ty {
        ValType::V128 => {
            own.extend([ValType::I64, ValType::I64]);
            code.extend([I::LocalGet(next), I::I64x2Splat, I::LocalGet(next + 1), I::I64x2ReplaceLane(1)]);
        }
        ValType::Ref(ty) if null => code.push(I::RefNull(ty.heap_type)),
        ValType::Ref(ty) => {
            own.push(ValType::EXTERNREF);
            code.push(I::LocalGet(next));
            match ty.heap_type {
                HeapType::EXTERN => {}
                HeapType::ANY => code.push(I::AnyConvertExtern),
                _ => return None,
            }
            if !ty.nullable {
                code.push(I::RefAsNonNull);
            }
        }
        ty => {
            own.push(ty);
            code.push(I::LocalGet(next));
        }
    }
    Some(())
}

/// The function that an adapter exports, being built.
struct Body {
    own_params: Vec<ValType>,
    own_results: Vec<ValType>,
    locals: Vec<ValType>,
    instructions: Vec<I<'static>>,
}

impl Body {
    fn new(own_params: Vec<ValType>) -> Body {
        Body { own_params, own_results: Vec::new(), locals: Vec::new(), instructions: Vec::new() }
    }

    fn local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        (self.own_params.len() + self.locals.len() - 1) as u32
    }

    /// Takes values of the types from the stack and leaves their parts.
    fn results(&mut self, shape: &Shape, types: &[ValType]) -> Option<()> {
        let first = (self.own_params.len() + self.locals.len()) as u32;
        self.locals.extend(types);
        self.instructions.extend((0..types.len() as u32).rev().map(|i| I::LocalSet(first + i)));
        for (i, ty) in types.iter().enumerate() {
            let value = first + i as u32;
            self.instructions.push(I::LocalGet(value));
            match *ty {
                ValType::I32 => self.own_results.push(ValType::I32),
                ValType::I64 => self.own_results.push(ValType::I64),
                ValType::F32 => {
                    self.instructions.push(I::I32ReinterpretF32);
                    self.own_results.push(ValType::I32);
                }
                ValType::F64 => {
                    self.instructions.push(I::I64ReinterpretF64);
                    self.own_results.push(ValType::I64);
                }
                ValType::V128 => {
                    self.instructions.extend([I::I64x2ExtractLane(0), I::LocalGet(value), I::I64x2ExtractLane(1)]);
                    self.own_results.extend([ValType::I64, ValType::I64]);
                }
                ValType::Ref(ty) => self.classify(shape.top(ty.heap_type)?, shape.host_refs),
            }
        }
        Some(())
    }

    /// Takes a reference from the stack and leaves its class, and an `externref` if a host object is possible.
    fn classify(&mut self, top: Top, host_refs: bool) {
        let simple = |class: u32| {
            [
                I::RefIsNull,
                I::If(BlockType::Result(ValType::I32)),
                I::I32Const(NULL as i32),
                I::Else,
                I::I32Const(class as i32),
                I::End,
            ]
        };
        if top == Top::Extern && host_refs {
            self.own_results.push(ValType::EXTERNREF);
            return;
        }
        self.own_results.push(ValType::I32);
        match top {
            Top::Func => self.instructions.extend(simple(FUNC)),
            Top::Extern => self.instructions.extend(simple(HOST)),
            Top::Exn => self.instructions.extend(simple(EXN)),
            Top::Any => {
                let any = self.local(ValType::Ref(RefType::ANYREF));
                let code = &mut self.instructions;
                code.extend([I::LocalTee(any), I::RefIsNull, I::If(BlockType::Result(ValType::I32))]);
                code.extend([I::I32Const(NULL as i32), I::Else]);
                let kinds = [
                    (AbstractHeapType::I31, I31),
                    (AbstractHeapType::Struct, STRUCT),
                    (AbstractHeapType::Array, ARRAY),
                ];
                for (ty, class) in kinds {
                    let heap = HeapType::Abstract { shared: false, ty };
                    code.extend([I::LocalGet(any), I::RefTestNonNull(heap), I::If(BlockType::Result(ValType::I32))]);
                    code.extend([I::I32Const(class as i32), I::Else]);
                }
                code.push(I::I32Const(HOST as i32));
                code.extend(kinds.iter().map(|_| I::End));
                code.push(I::End);
                if host_refs {
                    code.extend([I::LocalGet(any), I::ExternConvertAny]);
                    self.own_results.push(ValType::EXTERNREF);
                }
            }
        }
    }

    fn finish(self, shape: &Shape, import: EntityType) -> Vec<u8> {
        let mut types = Vec::new();
        leb128(shape.groups + 1, &mut types);
        types.extend(&shape.type_bytes);
        types.push(0x60);
        for list in [&self.own_params, &self.own_results] {
            leb128(list.len() as u32, &mut types);
            for ty in list {
                wasm_encoder::Encode::encode(ty, &mut types);
            }
        }
        let mut imports = ImportSection::new();
        imports.import("", "", import);
        let mut functions = FunctionSection::new();
        functions.function(shape.types.len() as u32);
        let mut exports = ExportSection::new();
        exports.export("run", ExportKind::Func, matches!(import, EntityType::Function(_)) as u32);
        let mut body = Function::new(self.locals.iter().map(|&ty| (1, ty)));
        for instruction in &self.instructions {
            body.instruction(instruction);
        }
        body.instruction(&I::End);
        let mut code = CodeSection::new();
        code.function(&body);
        let mut module = Module::new();
        module.section(&RawSection { id: SectionId::Type as u8, data: &types });
        module.section(&imports).section(&functions).section(&exports).section(&code);
        module.finish()
    }
}

fn leb128(value: u32, out: &mut Vec<u8>) {
    wasm_encoder::Encode::encode(&value, out);
}
