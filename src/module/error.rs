//! Why a module was refused.

use super::features::Feature;
use crate::util::short;
use std::fmt;

/// What kind of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadErrorKind {
    /// The bytes are malformed, or the module is invalid.
    Invalid,
    /// The module needs a proposal that is switched off.
    Disabled(Feature),
    /// The module is larger than [`Limits`](super::Limits) allow.
    Limit,
}

/// A refused module. The message begins with the parser's own wording, which hosts and the official suite compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    pub kind: LoadErrorKind,
    pub message: String,
    /// Byte offset in the module.
    pub offset: usize,
}

impl LoadError {
    #[cold]
    pub(super) fn invalid(message: impl Into<String>, offset: u64) -> LoadError {
        let message = short(&message.into()).into_owned();
        LoadError { kind: LoadErrorKind::Invalid, message, offset: offset as usize }
    }

    /// There is not as much memory as the module takes.
    #[cold]
    pub(super) fn memory(offset: u64) -> LoadError {
        LoadError { kind: LoadErrorKind::Limit, message: OUT_OF_MEMORY.into(), offset: offset as usize }
    }

    #[cold]
    pub(super) fn limit(what: &str, max: usize, offset: u64) -> LoadError {
        let message = format!("{what} exceeds limit of {max}");
        LoadError { kind: LoadErrorKind::Limit, message, offset: offset as usize }
    }
}

/// The message of [`LoadError::memory`].
const OUT_OF_MEMORY: &str = "out of memory";

impl From<wasmparser::Error> for LoadError {
    #[cold]
    fn from(e: wasmparser::Error) -> LoadError {
        let missing = e.missing_wasm_feature();
        let feature = missing.and_then(|m| Feature::ALL.iter().copied().find(|f| f.flags().contains(m)));
        LoadError {
            kind: feature.map_or(LoadErrorKind::Invalid, LoadErrorKind::Disabled),
            // On one line: hosts put it into theirs. The parser spreads the bytes of a bad magic number over several.
            message: short(&e.message().lines().map(str::trim).collect::<Vec<_>>().join(" ")).into_owned(),
            offset: e.offset() as usize,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at offset {:#x})", self.message, self.offset)
    }
}

impl std::error::Error for LoadError {}
