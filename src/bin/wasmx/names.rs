//! Names of functions for people: from the name section, demangled, or else from the exports.
#![forbid(unsafe_code)]

use std::collections::HashMap;
use wasm::module::{ExternKind, Module};

/// A symbol of a Rust or C++ compiler as its source has it; other names as they are.
pub fn demangle(name: &str) -> String {
    // What takes longer than this to say is not said by anybody, and symbols grow as they are spelled out.
    const LONGEST: usize = 4096;
    if name.len() > LONGEST {
        return format!("{}...", &name[..name.floor_char_boundary(LONGEST)]);
    }
    if let Ok(rust) = rustc_demangle::try_demangle(name) {
        return format!("{rust:#}");
    }
    if name.starts_with("_Z") {
        // Names nest, and hostile ones nest deeply.
        let options = cpp_demangle::ParseOptions::default().recursion_limit(64);
        if let Ok(symbol) = cpp_demangle::BorrowedSymbol::new_with_options(name.as_bytes(), &options) {
            let mut cxx = Bounded(String::new());
            let whole = symbol.structured_demangle(&mut cxx, &cpp_demangle::DemangleOptions::default()).is_ok();
            // A symbol that does not fit is shown as it is.
            return if whole { cxx.0 } else { name.to_owned() };
        }
    }
    name.to_owned()
}

/// Text up to a length that a line of a report bears.
struct Bounded(String);

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        const MOST: usize = 16 << 10;
        if self.0.len() + s.len() > MOST {
            return Err(std::fmt::Error);
        }
        self.0.push_str(s);
        Ok(())
    }
}

/// Text from a module without what would control the terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// How to call a function when talking of it.
pub fn of_func(module: &Module, func: u32) -> Option<String> {
    let exported = || module.exports.iter().find(|e| e.kind == ExternKind::Func && e.index == func).map(|e| &*e.name);
    let imported = || import(module, func).map(|i| &*i.name);
    module.func_name(func).or_else(exported).or_else(imported).map(|n| printable(&demangle(n)))
}

/// [`of_func`] for all functions at once.
pub fn of_all(module: &Module) -> Vec<Option<String>> {
    let mut exported = HashMap::new();
    for e in module.exports.iter().filter(|e| e.kind == ExternKind::Func) {
        exported.entry(e.index).or_insert(&*e.name);
    }
    let imported = module.imports.iter().filter(|i| i.ty.kind() == ExternKind::Func).map(|i| &*i.name);
    let imported: Vec<&str> = imported.collect();
    let name = |func: u32| {
        let other = || exported.get(&func).or(imported.get(func as usize)).copied();
        module.func_name(func).or_else(other).map(|n| printable(&demangle(n)))
    };
    (0..module.func_types.len() as u32).map(name).collect()
}

/// The import that a function is.
fn import(module: &Module, func: u32) -> Option<&wasm::module::Import> {
    module.imports.iter().filter(|i| i.ty.kind() == ExternKind::Func).nth(func as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_compilers_are_demangled() {
        assert_eq!(demangle("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE"), "core::fmt::Formatter::pad");
        assert_eq!(demangle("_RNvCs1234_7mycrate3foo"), "mycrate::foo");
        assert_eq!(demangle("_ZN3foo3barEi"), "foo::bar(int)");
        assert_eq!(demangle("main"), "main");
        assert_eq!(demangle("_Z"), "_Z");
        let _ = demangle(&format!("_Z{}", "N".repeat(100_000)));
        let _ = demangle(&format!("_Z1f{}", "P".repeat(100_000)));
        // Each argument mentions the two before it, so that the text would be exponential.
        let hostile = format!("_Z1f{}", (0..400).map(|_| "1xIS_S_E").collect::<String>());
        assert!(demangle(&hostile).len() <= 16 << 10);
        assert!(demangle(&"n".repeat(1 << 20)).len() < 5000);
    }

    #[test]
    fn names_cannot_control_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
