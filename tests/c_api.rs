//! Drives `c-tests/`: C programs that use nothing but the installed headers and the built `libwasm.so`. Each is compiled
//! with all warnings as errors and runs plain, under AddressSanitizer and UndefinedBehaviorSanitizer with leak
//! detection, and under valgrind where it is installed. A last check holds three lists equal: the `wasm_*`, `wasi_*`
//! and `wasmx_*` symbols the library exports, the functions the headers declare, and the functions these programs call.
//!
//! The programs' wasm inputs are byte arrays in `c-tests/inputs.h`, made from `c-tests/wat/*.wat`; `BLESS=1` rewrites
//! that file.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{cc, have, root, run, scratch, shared_library, stdout_of};

/// Functions of the standard header.
const FUNCTIONS: usize = 293;

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join(dir))
        .unwrap_or_else(|e| panic!("{dir}: {e}"))
        .map(|entry| entry.expect("a readable directory entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no .{extension} files in {dir}");
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

// ---------------------------------------------------------------------------------------------------------------------
// Inputs

fn encode(path: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let buffer = wast::parser::ParseBuffer::new(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut module: wast::Wat = wast::parser::parse(&buffer).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    module.encode().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn inputs_header() -> String {
    let mut text = String::from(
        "/* The wasm inputs of these programs, one array for each file in wat/.\n * Written by `BLESS=1 cargo test --test \
         c_api inputs_are_current`. */\n#ifndef INPUTS_H\n#define INPUTS_H\n",
    );
    for path in files("c-tests/wat", "wat") {
        let bytes = encode(&path);
        let _ = write!(text, "\nstatic const unsigned char {}_wasm[{}] = {{", stem(&path), bytes.len());
        for (i, byte) in bytes.iter().enumerate() {
            text.push_str(if i % 24 == 0 { "\n    " } else { "" });
            let _ = write!(text, "{byte},");
        }
        text.push_str("\n};\n");
    }
    text.push_str("\n#endif\n");
    text
}

#[test]
fn inputs_are_current() {
    let path = root().join("c-tests/inputs.h");
    let expected = inputs_header();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &expected).expect("writing c-tests/inputs.h");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "c-tests/inputs.h differs from c-tests/wat: run this test with BLESS=1");
}

// ---------------------------------------------------------------------------------------------------------------------
// Programs

/// Compiles every program into `out`, and returns the executables.
fn compile(out: &Path, flags: &[&str]) -> Vec<PathBuf> {
    let library = shared_library();
    let lib_dir = library.parent().expect("the library lies in a directory");
    files("c-tests", "c")
        .into_iter()
        .map(|source| {
            let program = out.join(stem(&source));
            let mut command = cc();
            command.args(["-std=c11", "-Wall", "-Wextra", "-Werror", "-g", "-pthread"]).args(flags);
            command.arg("-I").arg(root().join("include")).arg(&source).arg("-o").arg(&program);
            command.arg("-L").arg(lib_dir).arg("-lwasm").arg(format!("-Wl,-rpath,{}", lib_dir.display()));
            run(&mut command);
            program
        })
        .collect()
}

/// Runs each program, under `wrapper` if given; panics with the output of all that failed.
fn run_all(programs: &[PathBuf], prepare: impl Fn(&Path) -> Command) {
    let mut failures = String::new();
    for program in programs {
        let mut command = prepare(program);
        if cfg!(feature = "jit") {
            command.env("MACHINE_CODE", "1");
        }
        let output = command.output().unwrap_or_else(|e| panic!("{}: {e}", program.display()));
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() || !stdout.contains("checks passed") {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let _ = writeln!(failures, "=== {}: {}\n{stdout}{stderr}", stem(program), output.status);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn programs_pass() {
    let programs = compile(&scratch("plain"), &["-O1"]);
    run_all(&programs, |program| Command::new(program));
}

#[test]
fn programs_pass_under_sanitizers() {
    let flags = ["-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let programs = compile(&scratch("sanitized"), &flags);
    run_all(&programs, |program| {
        let mut command = Command::new(program);
        command.env("ASAN_OPTIONS", "detect_leaks=1:detect_stack_use_after_return=1:exitcode=99");
        command.env("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1");
        command
    });
}

#[test]
fn programs_pass_under_valgrind() {
    if !have("valgrind") {
        println!("notice: valgrind is not installed, so its run of c-tests is left out");
        return;
    }
    let programs = compile(&scratch("valgrind"), &["-O1", "-DUNDER_VALGRIND"]);
    run_all(&programs, |program| {
        let mut command = Command::new("valgrind");
        command.args(["--quiet", "--error-exitcode=99", "--leak-check=full", "--num-callers=30"]);
        command.args([
            "--show-leak-kinds=definite,indirect,possible",
            "--errors-for-leak-kinds=definite,indirect,possible",
        ]);
        command.arg(program);
        command
    });
}

// ---------------------------------------------------------------------------------------------------------------------
// Three lists

fn is_ours(name: &str) -> bool {
    ["wasm_", "wasi_", "wasmx_"].iter().any(|prefix| name.starts_with(prefix))
}

/// The names before an opening parenthesis in C text, with everything in braces left out if asked.
fn names_before_parenthesis(text: &str, outside_braces: bool) -> BTreeSet<String> {
    let (mut names, mut word, mut nesting) = (BTreeSet::new(), String::new(), 0usize);
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || c == '_' => {
                // A space between two words starts the second.
                if word.ends_with(' ') {
                    word.clear();
                }
                word.push(c);
            }
            ' ' | '\n' if !word.is_empty() => word.push(' '),
            '(' => {
                let name = word.trim_end();
                if is_ours(name) && !(outside_braces && nesting > 0) {
                    names.insert(name.to_owned());
                }
                word.clear();
            }
            c => {
                nesting = match c {
                    '{' => nesting + 1,
                    '}' => nesting.saturating_sub(1),
                    _ => nesting,
                };
                word.clear();
            }
        }
    }
    names
}

/// The preprocessed text of a C file, split into what comes from `include/` and what comes from `c-tests/`.
fn preprocess(source: &Path) -> (String, String) {
    let mut command = cc();
    command.args(["-std=c11", "-E", "-I"]).arg(root().join("include")).arg(source);
    let text = stdout_of(&mut command);
    let (mut header, mut own, mut target) = (String::new(), String::new(), 0);
    for line in text.lines() {
        if let Some(marker) = line.strip_prefix("# ") {
            let file = marker.split('"').nth(1).unwrap_or_default();
            let has = |part: &str| file.contains(part);
            target = if has("/include/wasm") || has("/include/wasi") {
                1
            } else if has("c-tests/") {
                2
            } else {
                0
            };
        } else if target != 0 {
            let text = if target == 1 { &mut header } else { &mut own };
            text.push_str(line);
            text.push('\n');
        }
    }
    (header, own)
}

/// Functions declared, and the inline helpers defined, by a header and what it includes.
fn header_functions(header: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (text, _) = preprocess(&root().join("include").join(header));
    let inline: BTreeSet<String> = text
        .split("static inline ")
        .skip(1)
        .filter_map(|rest| names_before_parenthesis(&rest[..=rest.find('(')?], false).into_iter().next())
        .collect();
    let mut declared = names_before_parenthesis(&text, true);
    declared.retain(|name| !inline.contains(name));
    (declared, inline)
}

fn difference(a: &BTreeSet<String>, b: &BTreeSet<String>) -> Vec<String> {
    a.difference(b).cloned().collect()
}

#[test]
fn every_function_is_exported_declared_and_called() {
    let standard = header_functions("wasm.h").0;
    let (declared, inline) = header_functions("wasmx.h");
    assert_eq!(standard.len(), FUNCTIONS, "functions that include/wasm.h declares");

    let symbols = stdout_of(Command::new("nm").args(["-D", "--defined-only"]).arg(shared_library()));
    let exported: BTreeSet<String> = symbols
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .filter(|name| is_ours(name))
        .map(str::to_owned)
        .collect();
    assert!(
        exported == declared,
        "exported but not declared: {:?}\ndeclared but not exported: {:?}",
        difference(&exported, &declared),
        difference(&declared, &exported)
    );

    let mut called = BTreeSet::new();
    for source in files("c-tests", "c") {
        called.extend(names_before_parenthesis(&preprocess(&source).1, false));
    }
    let wanted: BTreeSet<String> = declared.union(&inline).cloned().collect();
    called.retain(|name| wanted.contains(name));
    assert!(called == wanted, "never called in c-tests: {:?}", difference(&wanted, &called));
}
