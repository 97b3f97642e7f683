//! Converting: text to binary and back, register code, completions.

use crate::{command, finish, folder, module, root, wasmx, wasmx_reading, words};

#[test]
fn mistakes_in_text_are_pointed_at() {
    let dir = folder("caret");
    let file = module(&dir, "bad.wat", "(module\n  (func (result i32)\n    i32.cnst 7))\n");
    let expected = format!(
        "wasmx: {}:3:5: unknown operator or unexpected token\n 3 |     i32.cnst 7))\n   |     ^\n",
        file.display()
    );
    for subcommand in ["wat2wasm", "run", "inspect", "validate", "wasm2wat", "objdump", "batch"] {
        let ran = wasmx(words![subcommand, &file]);
        assert_eq!((ran.code, ran.err.as_str()), (1, expected.as_str()), "{subcommand}");
    }
    let ran = wasmx_reading(["wat2wasm", "-"], "(module (func (call $f)))");
    assert_eq!(
        ran.err,
        "wasmx: standard input:1:21: unknown func: failed to find name `$f`\n 1 | (module (func (call $f)))\n   |                     ^\n"
    );
    let ran = wasmx_reading(["wat2wasm", "-"], b"\xff\xfe");
    ran.failed(1, &["standard input:1:1: malformed UTF-8"]);
    let empty = wasmx_reading(["wat2wasm", "-"], "");
    empty.failed(1, &["expected at least one module field"]);
}

#[test]
fn text_becomes_binary() {
    let dir = folder("wat2wasm");
    let file = module(&dir, "m.wat", "(module)");
    let out = dir.join("m.wasm");
    assert_eq!(wasmx(words!["wat2wasm", &file, "-o", &out]).printed(), "");
    assert_eq!(std::fs::read(&out).expect("the binary"), b"\0asm\x01\0\0\0");
    let output = command().args(words!["wat2wasm", &file]).output().expect("the command");
    assert_eq!(output.stdout, b"\0asm\x01\0\0\0");
    let bad = module(&dir, "bad.wat", "(module (func (result i32) f32.const 1))");
    wasmx(words!["wat2wasm", &bad, "-o", &out]).failed(1, &["invalid module: type mismatch", "(at offset 0x"]);
    assert_eq!(wasmx(words!["wat2wasm", "--no-check", &bad, "-o", &out]).printed(), "");
    wasmx(words!["validate", &out]).failed(1, &["m.wasm: invalid module: type mismatch"]);
    wasmx(words!["wat2wasm", &file, "-o", "/nonexistent/m.wasm"]).failed(1, &["cannot write /nonexistent/m.wasm"]);
}

#[test]
fn binaries_come_back_from_text() {
    let dir = folder("round_trip");
    let (wat, wasm, again) = (dir.join("a.wat"), dir.join("b.wasm"), dir.join("b.wat"));
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("tests/guests/wasm")).expect("guests") {
        let guest = entry.expect("an entry").path();
        if guest.extension().is_none_or(|e| e != "wasm") {
            continue;
        }
        wasmx(words!["wasm2wat", &guest, "-o", &wat]).printed();
        wasmx(words!["wat2wasm", &wat, "-o", &wasm]).printed();
        wasmx(words!["wasm2wat", &wasm, "-o", &again]).printed();
        let read = |p| std::fs::read_to_string(p).expect("text");
        assert!(read(&wat) == read(&again), "{}", guest.display());
        seen += 1;
    }
    assert!(seen > 60);
}

#[test]
fn text_has_styles() {
    let dir = folder("styles");
    let file =
        module(&dir, "m.wat", "(module (func (export \"f\") (result i32) (i32.add (i32.const 1) (i32.const 2))))");
    let plain = wasmx(words!["wasm2wat", &file]).printed();
    assert!(plain.contains("\n    i32.add\n"), "{plain}");
    let folded = wasmx(words!["wasm2wat", "--fold", &file]).printed();
    assert!(folded.contains("(i32.add"), "{folded}");
    let skeleton = wasmx(words!["wasm2wat", "--skeleton", &file]).printed();
    assert!(!skeleton.contains("i32.add"), "{skeleton}");
    let offsets = wasmx(words!["wasm2wat", "--offsets", &file]).printed();
    assert!(offsets.contains("(;@"), "{offsets}");
    wasmx(words!["wasm2wat", &file, "-o", "/nonexistent/m.wat"]).failed(1, &["cannot write /nonexistent/m.wat"]);
    if std::path::Path::new("/dev/full").exists() {
        wasmx(words!["wasm2wat", &file, "-o", "/dev/full"]).failed(1, &["cannot write /dev/full: no space left"]);
    }
    wasmx_reading(["wasm2wat", "-"], b"\0asm\x01\0\0\0\xff").failed(1, &["standard input: "]);
}

#[test]
fn register_code_is_shown() {
    let dir = folder("objdump");
    let text = r#"(module (import "a" "b" (func $imported))
        (func $add (export "sum") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "two") (result i32) (i32.const 2)))"#;
    let file = module(&dir, "m.wat", text);
    let all = wasmx(words!["objdump", &file]).printed();
    assert!(all.contains("function 1 add: (func (param i32 i32) (result i32)), 7 bytes at 0x"), "{all}");
    assert!(all.contains("i32_add_ss") && all.contains("\nfunction 2 two: "), "{all}");
    for name in ["1", "add", "sum"] {
        let one = wasmx(words!["objdump", &file, name]).printed();
        assert!(one.contains("function 1 add") && !one.contains("function 2"), "{one}");
    }
    wasmx(words!["objdump", &file, "nope"]).failed(2, &["there is no function `nope`"]);
    wasmx(words!["objdump", &file, "9"]).failed(2, &["there is no function `9`"]);
    wasmx(words!["objdump", &file, "imported"]).failed(2, &["is imported and has no code"]);
}

#[test]
fn completions_are_printed() {
    for (shell, part) in [("bash", "complete -F _wasmx"), ("zsh", "#compdef wasmx"), ("fish", "complete -c wasmx")] {
        let script = wasmx(["completions", shell]).printed();
        assert!(script.contains(part) && script.contains("wat2wasm"), "{shell}");
    }
    wasmx(["completions", "tcsh"]).failed(2, &["'tcsh'"]);
    let mut bash = std::process::Command::new("bash");
    if let Ok(checked) = bash.arg("-n").stdin(std::process::Stdio::null()).status() {
        assert!(checked.success());
        let dir = folder("completions");
        let script = dir.join("wasmx.bash");
        std::fs::write(&script, finish(command().args(["completions", "bash"])).out).expect("a scratch file");
        let status = std::process::Command::new("bash").arg("-n").arg(&script).status().expect("bash");
        assert!(status.success());
    }
}
