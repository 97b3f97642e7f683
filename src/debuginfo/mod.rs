//! Where in its sources a module's code is from, by the DWARF that compilers leave in custom sections.
//!
//! Addresses there count from the start of the code section's contents (WebAssembly tool conventions, "DWARF for
//! WebAssembly"). Reading is `addr2line`'s and happens on demand; nothing of it can make a module invalid, so what makes
//! no sense is passed over.
#![forbid(unsafe_code)]

use crate::module::Module;
use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, Error, LittleEndian, SectionId};
use std::fmt;

type Bytes<'a> = EndianSlice<'a, LittleEndian>;

/// The debug information of one module.
pub struct DebugInfo<'a> {
    context: Context<Bytes<'a>>,
    code_start: u64,
}

/// A place in the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The function's name as its compiler mangles it.
    pub function: Option<String>,
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    pub column: Option<u32>,
}

impl<'a> DebugInfo<'a> {
    /// None if the module has none.
    pub fn of(module: &'a Module) -> Option<DebugInfo<'a>> {
        module.custom(".debug_info")?;
        let code_start = code_start(&module.bytes)?;
        let section = |id: SectionId| -> Result<Bytes<'a>, Error> {
            Ok(EndianSlice::new(module.custom(id.name()).unwrap_or_default(), LittleEndian))
        };
        let context = Context::from_dwarf(Dwarf::load(section).ok()?).ok()?;
        Some(DebugInfo { context, code_start })
    }

    /// The places that the instruction at an offset in the module is from: innermost inlined function first, the one that
    /// is really there last. Empty if nothing is known.
    pub fn locate(&self, module_offset: u32) -> Vec<Place> {
        let mut places = Vec::new();
        let Some(address) = u64::from(module_offset).checked_sub(self.code_start) else { return places };
        let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() else { return places };
        while let Ok(Some(frame)) = frames.next() {
            let name = frame.function.as_ref().and_then(|f| f.raw_name().ok());
            let mut place = Place { function: name.map(|n| n.into_owned()), ..Place::default() };
            if let Some(l) = frame.location {
                (place.file, place.line, place.column) = (l.file.map(str::to_owned), l.line, l.column);
            }
            places.push(place);
            if places.len() == MOST {
                break;
            }
        }
        places
    }
}

/// Inlining nests no deeper in sane programs.
const MOST: usize = 256;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file.as_deref().unwrap_or("unknown file"))?;
        for number in [self.line, self.column] {
            // Columns may be 0, which means that nobody knows.
            let Some(n) = number.filter(|n| *n != 0) else { break };
            write!(f, ":{n}")?;
        }
        Ok(())
    }
}

/// Where the contents of the code section start.
fn code_start(bytes: &[u8]) -> Option<u64> {
    const CODE: u8 = 10;
    let mut at = 8;
    loop {
        let id = *bytes.get(at)?;
        at += 1;
        let (mut size, mut shift) = (0u64, 0);
        loop {
            let byte = *bytes.get(at)?;
            at += 1;
            size |= u64::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if id == CODE {
            return Some(at as u64);
        }
        at = at.checked_add(usize::try_from(size).ok()?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_section_is_found() {
        let header = b"\0asm\x01\0\0\0";
        let with = |rest: &[u8]| code_start(&[header, rest].concat());
        assert_eq!(with(&[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 0x84, 0x00, 1, 2, 0, 0x0b]), Some(8 + 6 + 4 + 3));
        assert_eq!(with(&[]), None);
        assert_eq!(with(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f]), None);
        assert_eq!(with(&[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]), None);
    }

    #[test]
    fn places_read_as_compilers_write_them() {
        let mut place = Place { file: Some("a/b.c".into()), line: Some(3), column: Some(7), ..Place::default() };
        assert_eq!(place.to_string(), "a/b.c:3:7");
        place.column = Some(0);
        assert_eq!(place.to_string(), "a/b.c:3");
        place.line = None;
        assert_eq!(place.to_string(), "a/b.c");
    }
}
