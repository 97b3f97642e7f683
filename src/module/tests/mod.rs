//! Tests of decoding, validation and canonical types. Modules are written in the text format and assembled by the dev-dependency
//! `wast`.

mod load;
mod registry;
mod suite;

use super::*;

/// Assembles a module.
fn wat(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect("text that can be read");
    let mut wat = wast::parser::parse::<wast::Wat<'_>>(&buffer).unwrap_or_else(|e| panic!("{e}: {text}"));
    wat.encode().expect("a module that can be encoded")
}

fn load_in(registry: &Arc<TypeRegistry>, text: &str) -> Module {
    try_load(registry, &wat(text)).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn try_load(registry: &Arc<TypeRegistry>, bytes: &[u8]) -> Result<Module, LoadError> {
    Module::load(bytes, registry.clone(), Features::ALL, &Limits::DEFAULT)
}

fn load(text: &str) -> Module {
    load_in(&TypeRegistry::new(), text)
}

/// Sections of a module, written by hand where the assembler would be too slow or too honest.
#[derive(Default)]
struct Binary(Vec<u8>);

impl Binary {
    fn new() -> Binary {
        Binary(b"\0asm\x01\0\0\0".to_vec())
    }

    fn section(mut self, id: u8, contents: &[u8]) -> Binary {
        self.0.push(id);
        leb(&mut self.0, contents.len() as u32);
        self.0.extend(contents);
        self
    }

    /// A section that is a vector of items.
    fn items<T: AsRef<[u8]>>(self, id: u8, items: impl ExactSizeIterator<Item = T>) -> Binary {
        let mut contents = Vec::new();
        leb(&mut contents, items.len() as u32);
        items.for_each(|item| contents.extend(item.as_ref()));
        self.section(id, &contents)
    }
}

fn leb(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
