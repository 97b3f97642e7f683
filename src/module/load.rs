//! Decoding and validation: the walk over a module's sections.
//!
//! Each section goes to the parser's `Validator` first and then, when a [`Module`] is wanted, to the [`Builder`], which
//! may therefore take every index for valid. Two jobs are not left to the `Validator`:
//! - exports, because it keeps a copy of each name and bounds their number by the size of their types (a million
//!   exported functions would be refused);
//! - function bodies, which may be validated by several threads (see `bodies`).
//!
//! Bodies are validated when the code section ends, so the error that is reported is the first one by offset, except
//! that a body's size or nesting within the section is looked at before the bodies' contents.

use super::bodies::{self, FuncSet};
use super::build::Builder;
use super::error::{LoadError, LoadErrorKind};
use super::features::{Feature, Features};
use super::{Limits, Module, TypeRegistry};
use crate::sys::heap;
use crate::util::short;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use wasmparser::types::TypesRef;
use wasmparser::{Chunk, ExternalKind, FunctionBody, Parser, Payload, Validator, WasmFeatures};

impl Module {
    /// Decodes and validates a module.
    pub fn load(
        bytes: impl Into<Arc<[u8]>>,
        registry: Arc<TypeRegistry>,
        features: Features,
        limits: &Limits,
    ) -> Result<Module, LoadError> {
        load(bytes.into(), registry, features, limits)
    }

    /// Whether `load` would accept the bytes, at less cost.
    pub fn validate(bytes: &[u8], features: Features, limits: &Limits) -> Result<(), LoadError> {
        if bytes.len() <= SMALL && check(bytes, features.plain(), limits, None).is_ok() {
            return Ok(());
        }
        check(bytes, features, limits, None).map_err(|e| name_disabled(bytes, features, limits, e))
    }
}

/// Up to this size a module is first tried without the proposals that make the parser canonicalise types, which is
/// a good part of the work for a module of a few bytes. Switching proposals on never makes a valid module invalid, so
/// the attempt can only fail to say yes.
const SMALL: usize = 2 << 10;

fn load(
    bytes: Arc<[u8]>,
    registry: Arc<TypeRegistry>,
    features: Features,
    limits: &Limits,
) -> Result<Module, LoadError> {
    if bytes.len() <= SMALL {
        let mut builder = Builder::new(&registry);
        if check(&bytes, features.plain(), limits, Some(&mut builder)).is_ok() {
            return Ok(builder.finish(bytes, features));
        }
    }
    let mut builder = Builder::new(&registry);
    match check(&bytes, features, limits, Some(&mut builder)) {
        Ok(()) => Ok(builder.finish(bytes, features)),
        Err(e) => Err(name_disabled(&bytes, features, limits, e)),
    }
}

/// One walk over a module.
struct Walk<'a> {
    bytes: &'a [u8],
    features: Features,
    flags: WasmFeatures,
    limits: &'a Limits,
    validator: Validator,
    /// Functions that exports mention, which `ref.func` may then name.
    exported: FuncSet,
    /// Bodies seen so far, and how many the code section promised.
    code: Vec<Range<u32>>,
    code_count: usize,
}

fn check(
    bytes: &[u8],
    features: Features,
    limits: &Limits,
    mut builder: Option<&mut Builder<'_>>,
) -> Result<(), LoadError> {
    let max = limits.module_size.min(u32::MAX as usize);
    if bytes.len() > max {
        return Err(LoadError::limit("module size", max, 0));
    }
    let flags = features.to_wasmparser();
    let mut walk = Walk {
        bytes,
        features,
        flags,
        limits,
        validator: Validator::new_with_features(flags),
        exported: FuncSet::default(),
        code: Vec::new(),
        code_count: 0,
    };
    let mut parser = Parser::new(0);
    parser.set_features(flags);
    let mut rest = bytes;
    loop {
        let Chunk::Parsed { consumed, payload } = parser.parse(rest, true)? else {
            unreachable!("at the end of the input the parser cannot ask for more");
        };
        rest = &rest[consumed..];
        if let Payload::End(_) = payload {
            return Ok(());
        }
        walk.section(&payload)?;
        if let Some(builder) = builder.as_deref_mut() {
            match payload {
                Payload::CodeSectionEntry(_) => {
                    if walk.code.len() == walk.code_count {
                        builder.bodies = std::mem::take(&mut walk.code);
                    }
                }
                Payload::TypeSection(_) if features == features.plain() => builder.plain_types(walk.types()),
                payload => builder.section(payload)?,
            }
        }
    }
}

impl<'a> Walk<'a> {
    fn section(&mut self, payload: &Payload<'a>) -> Result<(), LoadError> {
        self.announce(payload)?;
        let limits = self.limits;
        let validator = &mut self.validator;
        match payload {
            Payload::Version { num, encoding, range } => validator.version(*num, *encoding, range)?,
            Payload::TypeSection(s) => {
                validator.type_section(s)?;
                self.within("types", |t| t.core_type_count_in_module(), limits.types, s.range())?;
            }
            Payload::ImportSection(s) => {
                count_within("imports", s.count(), limits.imports, s.range())?;
                validator.import_section(s)?;
                self.index_spaces_within(s.range())?;
            }
            Payload::FunctionSection(s) => {
                validator.function_section(s)?;
                self.within("functions", |t| t.function_count(), limits.functions, s.range())?;
            }
            Payload::TableSection(s) => {
                validator.table_section(s)?;
                self.within("tables", |t| t.table_count(), limits.tables, s.range())?;
            }
            Payload::MemorySection(s) => {
                validator.memory_section(s)?;
                self.within("memories", |t| t.memory_count(), limits.memories, s.range())?;
            }
            Payload::TagSection(s) => {
                validator.tag_section(s)?;
                self.within("tags", |t| t.tag_count(), limits.tags, s.range())?;
            }
            Payload::GlobalSection(s) => {
                validator.global_section(s)?;
                self.within("globals", |t| t.global_count(), limits.globals, s.range())?;
            }
            Payload::ExportSection(s) => self.exports(s)?,
            Payload::StartSection { func, range } => validator.start_section(*func, range)?,
            Payload::ElementSection(s) => {
                count_within("element segments", s.count(), limits.elem_segments, s.range())?;
                validator.element_section(s)?;
            }
            Payload::DataCountSection { count, range } => validator.data_count_section(*count, range)?,
            Payload::CodeSectionStart { count, unchecked_range, .. } => {
                validator.code_section_start(unchecked_range)?;
                self.code_count = *count as usize;
                // The count is not checked yet, but a body takes at least two bytes.
                self.code.reserve_exact(self.code_count.min(self.bytes.len() / 2));
            }
            Payload::CodeSectionEntry(body) => self.body(body)?,
            Payload::DataSection(s) => {
                count_within("data segments", s.count(), limits.data_segments, s.range())?;
                validator.data_section(s)?;
            }
            Payload::CustomSection(_) | Payload::End(_) => {}
            Payload::UnknownSection { id, range, .. } => validator.unknown_section(*id, range)?,
            other => match other.as_section() {
                Some((id, range)) => validator.unknown_section(id, &range)?,
                None => unreachable!("sections of components are not parsed"),
            },
        }
        Ok(())
    }

    /// Sees whether there is as much memory as a section may take, in the parser, in the builder and as code records:
    /// their lists have no other way to fail. Estimates of the most; asking costs nothing for small sections.
    fn announce(&self, payload: &Payload<'a>) -> Result<(), LoadError> {
        let (count, per_item, per_byte, range) = match payload {
            Payload::TypeSection(s) => (s.count(), 256, 64, s.range()),
            Payload::ImportSection(s) => (s.count(), 256, 4, s.range()),
            Payload::FunctionSection(s) => (s.count(), 64, 0, s.range()),
            Payload::TableSection(s) => (s.count(), 256, 32, s.range()),
            Payload::MemorySection(s) => (s.count(), 256, 0, s.range()),
            Payload::TagSection(s) => (s.count(), 64, 0, s.range()),
            Payload::GlobalSection(s) => (s.count(), 256, 32, s.range()),
            Payload::ExportSection(s) => (s.count(), 256, 2, s.range()),
            Payload::ElementSection(s) => (s.count(), 256, 48, s.range()),
            Payload::DataSection(s) => (s.count(), 256, 0, s.range()),
            Payload::CodeSectionStart { count, unchecked_range, .. } => (*count, 512, 0, unchecked_range.clone()),
            Payload::CustomSection(s) => (0, 0, 4, s.range()),
            _ => return Ok(()),
        };
        let len = range.end.saturating_sub(range.start);
        let items = (count as u64).min(len);
        match usize::try_from(items * per_item + len * per_byte) {
            Ok(bytes) if heap::has_room(bytes) => Ok(()),
            _ => Err(LoadError::memory(range.start)),
        }
    }

    fn types(&self) -> TypesRef<'_> {
        self.validator.types(0).expect("the header has been read")
    }

    fn within(
        &self,
        what: &str,
        count: impl Fn(TypesRef<'_>) -> u32,
        max: usize,
        range: Range<u64>,
    ) -> Result<(), LoadError> {
        count_within(what, count(self.types()), max, range)
    }

    fn index_spaces_within(&self, range: Range<u64>) -> Result<(), LoadError> {
        let (types, limits) = (self.types(), self.limits);
        for (what, count, max) in [
            ("functions", types.function_count(), limits.functions),
            ("tables", types.table_count(), limits.tables),
            ("memories", types.memory_count(), limits.memories),
            ("globals", types.global_count(), limits.globals),
            ("tags", types.tag_count(), limits.tags),
        ] {
            count_within(what, count, max, range.clone())?;
        }
        Ok(())
    }

    fn exports(&mut self, section: &wasmparser::ExportSectionReader<'a>) -> Result<(), LoadError> {
        count_within("exports", section.count(), self.limits.exports, section.range())?;
        let types = self.validator.types(0).expect("the header has been read");
        let mut names = Names::default();
        for item in section.clone().into_iter_with_offsets() {
            let (offset, export) = item?;
            let (what, total) = match export.kind {
                ExternalKind::Func | ExternalKind::FuncExact => ("function", types.function_count()),
                ExternalKind::Table => ("table", types.table_count()),
                ExternalKind::Memory => ("memory", types.memory_count()),
                ExternalKind::Global => ("global", types.global_count()),
                ExternalKind::Tag => ("tag", types.tag_count()),
            };
            let index = export.index;
            if index >= total {
                let message = format!("unknown {what} {index}: exported {what} index out of bounds");
                return Err(LoadError::invalid(message, offset));
            }
            match export.kind {
                ExternalKind::Func => self.exported.insert(index, total),
                ExternalKind::Global
                    if types.global_at(index).mutable && !self.features.contains(Feature::MutableGlobals) =>
                {
                    return Err(LoadError {
                        kind: LoadErrorKind::Disabled(Feature::MutableGlobals),
                        ..LoadError::invalid("mutable global support is not enabled", offset)
                    });
                }
                _ => {}
            }
            if !names.insert(export.name) {
                let message = format!("duplicate export name `{}` already defined", short(export.name));
                return Err(LoadError::invalid(message, offset));
            }
        }
        Ok(())
    }

    fn body(&mut self, body: &FunctionBody<'a>) -> Result<(), LoadError> {
        let range = body.range();
        let max = self.limits.function_size.min(Limits::DEFAULT.function_size);
        if range.end - range.start > max as u64 {
            return Err(LoadError::limit("function body size count", max, range.start));
        }
        self.code.push(range.start as u32..range.end as u32);
        if self.code.len() == self.code_count {
            // The stacks of blocks and operands of the largest body, in each thread that may validate one.
            let largest = bodies::largest(&self.code);
            let threads = if self.bytes.len() < bodies::PARALLEL_BYTES { 1 } else { bodies::MAX_THREADS };
            if !heap::has_room((largest * threads).min(self.bytes.len()).saturating_mul(64)) {
                return Err(LoadError::memory(range.start));
            }
            let first = self.validator.code_section_entry(body)?;
            bodies::validate(self.bytes, &self.code, &first, &self.exported, self.flags, self.limits)?;
        }
        Ok(())
    }
}

#[inline(never)]
fn count_within(what: &str, count: u32, max: usize, range: Range<u64>) -> Result<(), LoadError> {
    if count as usize > max { Err(LoadError::limit(&format!("{what} count"), max, range.start)) } else { Ok(()) }
}

/// Export names seen so far. Most modules have a handful, for which comparing beats hashing.
#[derive(Default)]
struct Names<'a> {
    few: [&'a str; 8],
    len: usize,
    many: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    /// False if the name is there already.
    fn insert(&mut self, name: &'a str) -> bool {
        if self.len < self.few.len() {
            if self.few[..self.len].contains(&name) {
                return false;
            }
            self.few[self.len] = name;
            self.len += 1;
            return true;
        }
        if self.many.is_empty() {
            self.many.extend(self.few);
        }
        self.many.insert(name)
    }
}

/// Makes the error name the proposal if the module was refused only because one is switched off.
///
/// The parser does not always know: an opcode or a flag of a disabled proposal may just look malformed. So the module is
/// checked again with more proposals, which costs nothing that matters since refusals are rare.
#[cold]
fn name_disabled(bytes: &[u8], features: Features, limits: &Limits, mut error: LoadError) -> LoadError {
    if features == Features::ALL || error.kind == LoadErrorKind::Limit {
        return error;
    }
    let gets_further = |features| match check(bytes, features, limits, None) {
        Ok(()) => true,
        Err(e) => e.offset > error.offset,
    };
    let off = || Feature::ALL.iter().copied().filter(|f| !features.contains(*f));
    let named = match error.kind {
        LoadErrorKind::Disabled(feature) => vec![feature],
        _ if !gets_further(Features::ALL) => return error,
        _ => match off().find(|f| gets_further(features.with(*f))) {
            Some(feature) => vec![feature],
            None => off().filter(|f| !gets_further(Features::ALL.without(*f))).collect(),
        },
    };
    if let Some(&first) = named.first() {
        let names = named.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ");
        error.kind = LoadErrorKind::Disabled(first);
        error.message += &format!(" (needs a proposal that is switched off: {names})");
    }
    error
}
