//! Looking into modules, and at what the command itself can do.

use crate::{folder, module, wasmx, wasmx_reading, words};

const EVERYTHING: &str = r#"(module $kitchen
  (type $point (struct (field i32) (field (mut f64))))
  (type $list (sub (struct (field (ref null $point)))))
  (type $bytes (array (mut i8)))
  (import "env" "f" (func $f (param i32) (result i64)))
  (import "env" "g" (global $g (ref null $point)))
  (table $t 2 10 funcref)
  (memory $m 1 2)
  (memory $big i64 1)
  (global $h (mut i32) (i32.const 1))
  (tag $e (param i32))
  (export "mem\"ory" (memory $m))
  (export "t" (table $t))
  (func $_ZN3foo3barEi (export "run") (param i32) nop)
  (func $start)
  (start $start)
  (elem (i32.const 0) func $start)
  (elem declare func $f)
  (data (i32.const 8) "abc")
  (data "passive")
  (@custom "note" "four"))"#;

#[test]
fn everything_in_a_module_is_listed() {
    let file = module(&folder("inspect"), "m.wat", EVERYTHING);
    let text = wasmx(words!["inspect", &file]).printed();
    for part in [
        "name: kitchen\n",
        "start: function 2\n",
        "(struct (field i32) (field (mut f64)))",
        "(sub (struct (field (ref null (type 0)))))",
        "(array (mut i8))",
        "\"env\"   \"f\"   function  (func (param i32) (result i64))",
        "(global (ref null (type 0)))",
        "\"foo::bar(int)\"",
        "(table 2 10 funcref)",
        "(memory 1 2)",
        "(memory i64 1)",
        "(global (mut i32))",
        "(tag (param i32))",
        "active in 0 at 0",
        "declared",
        "active in 0 at 8",
        "passive",
        "\"note\"",
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    let short = wasmx(words!["inspect", "--no-functions", &file]).printed();
    assert!(!short.contains("foo::bar"), "{short}");
}

#[test]
fn the_same_as_json() {
    let file = module(&folder("inspect_json"), "m.wat", EVERYTHING);
    let text = wasmx(words!["inspect", "--json", &file]).printed();
    assert_eq!(text.lines().count(), 1);
    for part in [
        r#""name":"kitchen","start":2,"#,
        r#"{"module":"env","name":"f","kind":"function","type":"(func (param i32) (result i64))"}"#,
        r#"{"name":"mem\"ory","kind":"memory","index":0,"type":"(memory 1 2)"}"#,
        r#""tags":[{"index":0,"type":"(tag (param i32))"}]"#,
        r#"{"name":"note","size":4,"offset":"#,
    ] {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
    let check = ["-c", "import json,sys; json.loads(sys.argv[1])", &text];
    if let Ok(output) = std::process::Command::new("python3").args(check).output() {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn hostile_names_do_not_reach_the_terminal() {
    let text = "(module (func (export \"\\1b[2J\\0a\")))";
    let shown = wasmx_reading(["inspect", "-"], text).printed();
    assert!(!shown.contains('\x1b') && shown.contains("\u{fffd}[2J\u{fffd}"), "{shown}");
    let json = wasmx_reading(["inspect", "--json", "-"], text).printed();
    assert!(json.contains("\\u001b[2J\\n"), "{json}");
}

#[test]
fn several_modules_are_validated() {
    let dir = folder("validate");
    let good = module(&dir, "good.wat", "(module)");
    let bad = module(&dir, "bad.wat", "(module (func (result i32)))");
    let ran = wasmx(words!["validate", &good, &bad, &good, "missing.wasm"]);
    assert_eq!(ran.out, format!("{0}: valid\n{0}: valid\n", good.display()));
    ran.failed(1, &["bad.wat: invalid module: type mismatch", "(at offset 0x", "cannot read missing.wasm"]);
    assert_eq!(wasmx(words!["validate", &good]).printed(), format!("{}: valid\n", good.display()));
    let quiet = wasmx(words!["validate", "-q", &good, &bad]);
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (1, "", ""));
    let gc = module(&dir, "gc.wat", "(module (type (struct)))");
    assert_eq!(wasmx(words!["validate", "-q", &gc]).code, 0);
    assert_eq!(wasmx(words!["validate", "-q", "--features", "wasm2", &gc]).code, 1);
    wasmx(["validate"]).failed(2, &["FILE"]);
    wasmx_reading(["validate", "-"], b"\0asm\x01\0\0\0\x0b\x01\x00").failed(0, &[]);
    wasmx_reading(["validate", "-"], b"\0asm\x02\0\0\0").failed(1, &["standard input: invalid module:"]);
    wasmx_reading(["validate", "-"], b"\0as").failed(1, &["standard input: invalid module:"]);
}

#[test]
fn proposals_are_listed() {
    let text = wasmx(["features"]).printed();
    assert!(text.contains("tiers: interpreter") && text.contains("gc                       3.0       on\n"), "{text}");
    let json = wasmx(["features", "--json"]).printed();
    assert!(json.contains(r#"{"name":"gc","edition":"3.0","default":true}"#), "{json}");
    assert!(json.contains(r#""build":{"wat":true,"#), "{json}");
}
