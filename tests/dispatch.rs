//! Every interpreter handler of the release library passes control on by a jump.
//!
//! The language does not promise that a call in tail position becomes a jump; without it the native stack grows with every
//! instruction the guest runs. This test reads the disassembly of the shipped library: a handler must contain no `ret`, must
//! leave by a jump to the next handler or to one that does so for it, and must make no call unless its work is a call.

mod common;

use common::{have, root, run, stdout_of};
use std::collections::BTreeMap;
use std::process::Command;
use wasm::code::op::Op;

/// Handlers whose work is done by a function of the library, of the C library, or of the host.
const MAY_CALL: &[&str] = &[
    "translate",
    "check",
    "enter_large",
    "call_host",
    "call_other",
    "call_indirect",
    "call_import",
    "call_ref",
    "boundary",
    "tail_func",
    "return_call",
    "return_call_indirect",
    "return_n",
    "ref_func",
    "memory_grow",
    "memory_fill",
    "memory_copy",
    "memory_init",
    "table_grow",
    "table_copy",
    "table_init",
    "table_fill",
    "elem_drop",
    "throw",
    "throw_ref",
    "unwind",
    "atomic_wait32",
    "atomic_wait64",
    "atomic_notify",
    "array_new",
    "array_new_default",
    "array_new_fixed",
    "array_new_data",
    "array_new_elem",
    "array_fill",
    "array_copy",
    "array_init_data",
    "array_init_elem",
    "ref_test_func",
    "ref_cast_func",
];

/// Handlers that end an activation.
const MAY_RETURN: &[&str] = &[
    "exit",
    "exit_in_frame",
    "trap",
    "raise",
    "raise_arith",
    "raise_host",
    "raise_host_tail",
    "unwind",
    "throw",
    "throw_ref",
    "out_of_bounds",
];

/// Instructions of each handler, by handler name.
fn handlers(disassembly: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in disassembly.lines() {
        if let Some((_, symbol)) = line.strip_suffix(">:").and_then(|l| l.split_once('<')) {
            // `wasm::interp::handlers::num::i32_add_ss`, perhaps with a hash behind.
            let path: Vec<&str> = symbol.split("::").collect();
            current = path.iter().position(|p| *p == "handlers").and_then(|i| path.get(i + 2)).map(|name| {
                found.insert(name.to_string(), Vec::new());
                name.to_string()
            });
        } else if let Some(name) = &current
            && let Some((_, instruction)) = line.split_once(":\t")
        {
            found.entry(name.clone()).or_default().push(instruction.trim().to_owned());
        }
    }
    found
}

/// Whether an instruction passes control to the next handler, or to one that does so in this one's place.
fn goes_on(instruction: &str) -> bool {
    let mut words = instruction.split_whitespace();
    match (words.next(), words.last()) {
        (Some(jump), Some(to)) if jump.starts_with('j') => {
            to.starts_with('*')
                || (to.contains("::interp::handlers::") && !to.contains("+0x") && !to.contains("::raise"))
        }
        (Some("b"), Some(to)) => to.contains("::interp::handlers::") && !to.contains("+0x") && !to.contains("::raise"),
        (mnemonic, _) => mnemonic == Some("br"),
    }
}

#[test]
fn handlers_jump() {
    if cfg!(not(any(target_arch = "x86_64", target_arch = "aarch64"))) || !have("objdump") {
        eprintln!("skipped: needs objdump and an architecture with chained handlers");
        return;
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let target = common::profile_dir().join("dispatch");
    cargo.current_dir(root()).args(["rustc", "--quiet", "--release", "--lib", "--crate-type", "cdylib"]);
    run(cargo.arg("--target-dir").arg(&target));
    let library = target.join("release").join("libwasm.so");
    let text = stdout_of(Command::new("objdump").args(["-d", "-C", "--no-show-raw-insn"]).arg(library));
    let found = handlers(&text);

    let mut wrong = Vec::new();
    let mut seen = 0;
    for op in Op::ALL {
        // Handlers with identical code share one symbol.
        let Some(code) = found.get(op.name()) else { continue };
        seen += 1;
        let mnemonic = |i: &String| i.split_whitespace().next().unwrap_or_default().to_owned();
        let calls = code.iter().filter(|i| matches!(mnemonic(i).as_str(), "call" | "bl" | "blr")).count();
        let returns = code.iter().filter(|i| matches!(mnemonic(i).as_str(), "ret" | "retq")).count();
        let jumps = code.iter().any(|i| goes_on(i));
        if calls > 0 && !MAY_CALL.contains(&op.name()) && !MAY_RETURN.contains(&op.name()) {
            wrong.push(format!("{} calls", op.name()));
        }
        if returns > 0 && !MAY_RETURN.contains(&op.name()) {
            wrong.push(format!("{} returns", op.name()));
        }
        if !jumps && !MAY_RETURN.contains(&op.name()) {
            wrong.push(format!("{} does not jump on", op.name()));
        }
    }
    eprintln!("{seen} of {} handlers have code of their own", Op::COUNT);
    assert!(seen * 10 > Op::COUNT * 7, "only {seen} of {} handlers found in the disassembly", Op::COUNT);
    assert!(wrong.is_empty(), "{} handlers break the chain:\n{}", wrong.len(), wrong.join("\n"));
}
