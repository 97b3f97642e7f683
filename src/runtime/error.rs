//! Why the runtime refused. Traps are not errors of this kind: see [`super::Trap`].
#![forbid(unsafe_code)]

use super::engine::Engine;
use super::object::Trap;
use crate::module::ExternType;
use crate::sys::SysError;
use crate::util::short;
use core::fmt;

/// An object that could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateError {
    /// The type contradicts itself.
    Invalid(&'static str),
    /// A limit of the store, or its growth hook, says no.
    Limit(&'static str),
    /// A value of the wrong type, or of another store.
    Value(&'static str),
    System(SysError),
    /// There is no more memory.
    Memory,
}

impl From<SysError> for CreateError {
    fn from(e: SysError) -> CreateError {
        CreateError::System(e)
    }
}

impl fmt::Display for CreateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CreateError::Invalid(what) => write!(f, "invalid {what}"),
            CreateError::Limit(what) => write!(f, "{what} exceeds the store's limit"),
            CreateError::Value(what) => write!(f, "{what} has the wrong type or belongs to another store"),
            CreateError::System(e) => e.fmt(f),
            CreateError::Memory => f.write_str("out of memory"),
        }
    }
}

impl std::error::Error for CreateError {}

/// A module that could not be instantiated.
#[derive(Debug)]
pub enum InstantiateError {
    /// The module was compiled by another engine.
    WrongEngine,
    ImportCount {
        expected: usize,
        found: usize,
    },
    /// The import belongs to another store.
    WrongStore(Box<ImportName>),
    /// The import's type does not match.
    Incompatible(Box<Mismatch>),
    Create(CreateError),
    /// A segment or the start function trapped. Its effects stay, as the spec has it.
    Trap(Trap),
}

/// Which import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportName {
    pub index: usize,
    pub module: Box<str>,
    pub name: Box<str>,
}

impl fmt::Display for ImportName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" \"{}\" (import {})", short(&self.module), short(&self.name), self.index)
    }
}

/// An import, what the module wants of it, and what it was given.
pub struct Mismatch {
    pub import: ImportName,
    pub expected: ExternType,
    pub found: ExternType,
    /// Both types as text: they may die before the error does.
    pub(super) expected_text: String,
    pub(super) found_text: String,
}

impl Mismatch {
    pub(super) fn new(engine: &Engine, import: ImportName, expected: ExternType, found: ExternType) -> Mismatch {
        let text = |t: &ExternType| engine.types().describe(t);
        Mismatch { expected_text: text(&expected), found_text: text(&found), import, expected, found }
    }
}

impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch { import, expected_text, found_text, .. } = self;
        write!(f, "incompatible import type for {import}: expected {expected_text}, found {found_text}")
    }
}

impl From<CreateError> for InstantiateError {
    fn from(e: CreateError) -> InstantiateError {
        InstantiateError::Create(e)
    }
}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstantiateError::WrongEngine => f.write_str("the module belongs to another engine"),
            InstantiateError::ImportCount { expected, found } => {
                write!(f, "wrong number of imports: expected {expected}, found {found}")
            }
            InstantiateError::WrongStore(import) => write!(f, "import {import} belongs to another store"),
            InstantiateError::Incompatible(m) => m.fmt(f),
            InstantiateError::Create(e) => e.fmt(f),
            InstantiateError::Trap(t) => write!(f, "instantiation trapped: {t}"),
        }
    }
}

impl std::error::Error for InstantiateError {}
