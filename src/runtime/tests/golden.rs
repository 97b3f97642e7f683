//! The machine code of small functions, as text beside their source, so that a change of it shows in a diff.
//!
//! Each `tests/golden/NAME.wat` has a `NAME.asm` with the code of its functions in order, for processors with SSE 4.2, before
//! linking: a call's target is the next instruction, and addresses of the library are left out. `BLESS=1 cargo test --features jit
//! --lib golden` writes the texts anew.

use super::*;
use crate::code::tier::Wanted;
use crate::jit;
use crate::sys::cpu::{Cpu, Level};
use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use std::fmt::Write;
use std::path::Path;

/// An address of the library, which differs from run to run: pointers of user space, high in it.
fn is_address(operand: u64) -> bool {
    (1 << 44..1 << 47).contains(&operand)
}

fn disassemble(bytes: &[u8]) -> String {
    let mut decoder = Decoder::with_ip(64, bytes, 0, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_branch_leading_zeros(false);
    let mut text = String::new();
    while decoder.can_decode() {
        let inst = decoder.decode();
        let mut line = String::new();
        formatter.format(&inst, &mut line);
        if inst.op_count() == 2 && inst.op1_kind() == iced_x86::OpKind::Immediate64 && is_address(inst.immediate64()) {
            line = format!("mov {:?},<address>", inst.op0_register()).to_lowercase();
        }
        let _ = writeln!(text, "{:4x}: {line}", inst.ip());
    }
    text
}

fn listing(path: &Path) -> String {
    let config = Config { tier: Tier::Interpreter, cpu: Level::V2, inline_all: true, ..Config::default() };
    let store = Store::new(&Engine::new(config)).unwrap();
    let module = module(&store, &std::fs::read_to_string(path).unwrap());
    let code = module.code();
    let mut text = String::new();
    for defined in 0..code.module.bodies.len() as u32 {
        let emitted = jit::compile(code, Wanted { defined, at: None }, &mut Default::default())
            .unwrap_or_else(|e| panic!("{path:?}: {}", e.0));
        let _ =
            writeln!(text, "function {}:\n{}", code.module.num_imported_funcs + defined, disassemble(&emitted.bytes));
    }
    text
}

#[test]
fn golden_code_is_as_it_was() {
    let cpu = Cpu::of(Level::V2);
    if !cpu.sse42 || !cpu.popcnt {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "wat"));
    files.sort();
    assert!(!files.is_empty());
    let mut differ = Vec::new();
    for path in files {
        let (now, kept) = (listing(&path), path.with_extension("asm"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&kept, &now).unwrap();
        } else if std::fs::read_to_string(&kept).unwrap_or_default() != now {
            differ.push(format!("{}:\n{now}", kept.display()));
        }
    }
    assert!(differ.is_empty(), "other code than before; `BLESS=1` accepts it:\n{}", differ.join("\n"));
}
