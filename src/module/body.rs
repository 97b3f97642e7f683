//! Reading a validated function body: its locals, then its operators.

use super::{Module, ValType, ops};
use std::ops::Range;
use wasmparser::{LocalsIterator, OperatorsReader};

/// The body of a function the module defines.
#[derive(Clone)]
pub struct FuncBody<'a> {
    pub module: &'a Module,
    /// Function index.
    pub func: u32,
    /// Where the body (locals and expression) is in the module's bytes.
    pub range: Range<u32>,
}

// Reading can only fail where validation has already failed.
const VALID: &str = "the body has been validated";

impl<'a> FuncBody<'a> {
    fn reader(&self) -> wasmparser::FunctionBody<'a> {
        let bytes = &self.module.bytes[self.range.start as usize..self.range.end as usize];
        let features = self.module.features.to_wasmparser();
        wasmparser::FunctionBody::new(ops::BinaryReader::new_features(bytes, self.range.start as u64, features))
    }

    /// The declared locals (without parameters) as runs of one type.
    pub fn locals(&self) -> Locals<'a> {
        Locals { module: self.module, inner: self.reader().get_locals_reader().expect(VALID).into_iter() }
    }

    /// The operators, from the first one to the final `end`.
    pub fn operators(&self) -> Operators<'a> {
        Operators { inner: self.reader().get_operators_reader().expect(VALID) }
    }

    /// The expression's bytes for a visitor.
    pub fn binary_reader(&self) -> ops::BinaryReader<'a> {
        self.reader().get_binary_reader_for_operators().expect(VALID)
    }
}

/// Runs of locals of one type.
pub struct Locals<'a> {
    module: &'a Module,
    inner: LocalsIterator<'a>,
}

impl<'a> Locals<'a> {
    /// The operators that follow the locals; all locals must have been read.
    pub fn into_operators(self) -> Operators<'a> {
        Operators { inner: self.inner.into_operators_reader() }
    }
}

impl Iterator for Locals<'_> {
    type Item = (u32, ValType);

    fn next(&mut self) -> Option<(u32, ValType)> {
        let (count, ty) = self.inner.next()?.expect(VALID);
        Some((count, self.module.val_type(ty)))
    }
}

/// Operators, each with its byte offset in the module.
pub struct Operators<'a> {
    inner: OperatorsReader<'a>,
}

impl Operators<'_> {
    /// The offset of the next operator in the module.
    #[inline]
    pub fn offset(&self) -> u32 {
        self.inner.original_position() as u32
    }
}

impl<'a> Iterator for Operators<'a> {
    type Item = (ops::Operator<'a>, u32);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.inner.eof() {
            return None;
        }
        let offset = self.offset();
        Some((self.inner.read().expect(VALID), offset))
    }
}
