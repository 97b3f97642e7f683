//! What custom sections say for diagnostics and as hints: names (spec, appendix "Name Section") and
//! `metadata.code.branch_hint`.
//!
//! Nothing in a custom section can make a module invalid, and tools produce broken ones, so reading is tolerant: it
//! keeps what came before the first thing that makes no sense, skips names that are not UTF-8, and accepts any order.
//! Sections are read when first asked for, which most programs never do.

use super::{CustomSection, Module};
use crate::util::sort_by_key;
use std::ops::Range;
use std::sync::OnceLock;
use wasmparser::BinaryReader;

/// Side data read on demand.
#[derive(Default)]
pub(super) struct Metadata {
    names: OnceLock<Names>,
    hints: OnceLock<Box<[Hint]>>,
}

/// Where names are in the module's bytes.
#[derive(Default)]
struct Names {
    module: Option<Range<u32>>,
    /// By function index, sorted.
    funcs: Box<[(u32, Range<u32>)]>,
}

/// Function index, offset within the body, and whether the branch is likely taken; sorted.
type Hint = (u32, u32, bool);

const MODULE_NAME: u8 = 0;
const FUNC_NAMES: u8 = 1;

impl Module {
    /// A custom section's contents, the first one with this name.
    pub fn custom(&self, name: &str) -> Option<&[u8]> {
        self.custom_section(name).map(|s| self.slice(&s.range))
    }

    fn custom_section(&self, name: &str) -> Option<&CustomSection> {
        self.customs.iter().find(|s| &*s.name == name)
    }

    fn names(&self) -> &Names {
        self.metadata.names.get_or_init(|| match self.custom_section("name") {
            Some(s) => read_names(self.slice(&s.range), s.range.start),
            None => Names::default(),
        })
    }

    fn text(&self, range: &Range<u32>) -> Option<&str> {
        std::str::from_utf8(self.slice(range)).ok()
    }

    /// The module's own name, from the name section.
    pub fn name(&self) -> Option<&str> {
        self.names().module.as_ref().and_then(|r| self.text(r))
    }

    /// A function's name, from the name section.
    pub fn func_name(&self, func: u32) -> Option<&str> {
        let funcs = &self.names().funcs;
        let found = funcs.binary_search_by_key(&func, |(index, _)| *index).ok()?;
        self.text(&funcs[found].1)
    }

    /// Whether the branch at this offset in the module is likely (`true`) or unlikely to be taken, if its producer said.
    pub fn branch_hint(&self, func: u32, module_offset: u32) -> Option<bool> {
        let hints = self.metadata.hints.get_or_init(|| match self.custom_section("metadata.code.branch_hint") {
            Some(s) => read_hints(self.slice(&s.range)),
            None => Box::default(),
        });
        let body = self.bodies.get(self.defined_func(func)? as usize)?;
        let offset = module_offset.checked_sub(body.start)?;
        let found = hints.binary_search_by_key(&(func, offset), |h| (h.0, h.1)).ok()?;
        Some(hints[found].2)
    }

    /// Whether the module carries any branch hints.
    pub fn has_branch_hints(&self) -> bool {
        self.custom_section("metadata.code.branch_hint").is_some()
    }
}

/// `base` is the offset of the section's contents in the module.
fn read_names(section: &[u8], base: u32) -> Names {
    let mut names = Names::default();
    let mut funcs = Vec::new();
    let mut reader = BinaryReader::new(section, base as u64);
    while let (Ok(id), Ok(size)) = (reader.read_u8(), reader.read_var_u32()) {
        let start = reader.original_position();
        // A size beyond the end is cut short.
        let size = (size as usize).min(reader.bytes_remaining());
        let Ok(contents) = reader.read_bytes(size) else { break };
        let mut sub = BinaryReader::new(contents, start);
        match id {
            MODULE_NAME => names.module = read_name(&mut sub).or(names.module),
            FUNC_NAMES => {
                let count = sub.read_var_u32().unwrap_or(0);
                for _ in 0..count {
                    let Ok(index) = sub.read_var_u32() else { break };
                    let Some(range) = read_name(&mut sub) else { break };
                    funcs.push((index, range));
                }
            }
            _ => {}
        }
    }
    // Of several names the first one counts.
    sort_by_key(&mut funcs, |(index, _)| u64::from(*index));
    funcs.dedup_by_key(|(index, _)| *index);
    names.funcs = funcs.into();
    names
}

/// The longest name that is kept, as everywhere else in modules: showing one costs time.
const LONGEST: u32 = 100_000;

/// The range of a length-prefixed string.
fn read_name(reader: &mut BinaryReader<'_>) -> Option<Range<u32>> {
    let len = reader.read_var_u32().ok()?;
    let start = reader.original_position() as u32;
    reader.read_bytes(len as usize).ok()?;
    Some(start..start + len.min(LONGEST))
}

fn read_hints(section: &[u8]) -> Box<[Hint]> {
    let mut hints = Vec::new();
    let mut reader = BinaryReader::new(section, 0);
    // `None` at the first thing that makes no sense.
    let mut read = || {
        for _ in 0..reader.read_var_u32().ok()? {
            let func = reader.read_var_u32().ok()?;
            for _ in 0..reader.read_var_u32().ok()? {
                let offset = reader.read_var_u32().ok()?;
                let size = reader.read_var_u32().ok()?;
                if let ([taken @ (0 | 1)], 1) = (reader.read_bytes(size as usize).ok()?, size) {
                    hints.push((func, offset, *taken == 1));
                }
            }
        }
        Some(())
    };
    let _ = read();
    sort_by_key(&mut hints, |h| u64::from(h.0) << 32 | u64::from(h.1));
    hints.dedup_by_key(|h| (h.0, h.1));
    hints.into()
}
