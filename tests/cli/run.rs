//! Running: programs, reactors, single functions, batches, linked modules, traps.

use crate::{Ran, command, finish, folder, module, wasmx, wasmx_reading, words};
use std::path::PathBuf;
use std::time::{Duration, Instant};

const FUNCTIONS: &str = r#"(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "extern") (param externref) (result externref) (local.get 0))
  (func (export "func") (param funcref) (result funcref) (local.get 0))
  (func (export "i31") (param i31ref) (result anyref) (local.get 0))
  (func (export "struct") (result anyref) (struct.new_default $s))
  (func (export "self") (result funcref) (ref.func 0))
  (type $s (struct (field i32)))
  (func (export "many") (result i32 i64 f64) (i32.const -1) (i64.const 2) (f64.const 0.5))
  (func (export "none"))
  (func (export "with space") (result i32) (i32.const 9))
  (memory (export "memory") 1)
)"#;

/// Writes its arguments, environment or input, and exits with their number.
const HELLO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello, world\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 13))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

const EXIT: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 7))))"#;

const LOOP: &str = r#"(module (func (export "_start") (loop (br 0))))"#;

fn functions(test: &str) -> PathBuf {
    module(&folder(test), "functions.wat", FUNCTIONS)
}

#[test]
fn functions_take_and_print_every_type() {
    let file = functions("types");
    let call = |name: &str, args: &[&str]| {
        let mut all = words!["run", "--invoke", name, &file].to_vec();
        all.extend(args.iter().map(Into::into));
        wasmx(all).printed()
    };
    assert_eq!(call("add", &["40", "2"]), "42\n");
    assert_eq!(call("add", &["-1", "0xffffffff"]), "-2\n");
    assert_eq!(call("i64", &["0x8000_0000_0000_0000"]), "-9223372036854775808\n");
    assert_eq!(call("f32", &["-0x1.8p1"]), "-3\n");
    assert_eq!(call("f32", &["nan:0x1"]), "nan:0x1\n");
    assert_eq!(call("f64", &["1e300"]), "1e300\n");
    assert_eq!(call("f64", &["-inf"]), "-inf\n");
    assert_eq!(call("f64", &["-nan"]), "-nan\n");
    assert_eq!(call("v128", &["i32x4:1,2,3,4"]), "0x00000004000000030000000200000001\n");
    assert_eq!(call("v128", &["0x1"]), "0x00000000000000000000000000000001\n");
    assert_eq!(call("extern", &["null"]), "null\n");
    assert_eq!(call("func", &["null"]), "null\n");
    assert_eq!(call("i31", &["i31:-1"]), "i31:2147483647\n");
    assert_eq!(call("struct", &[]), "struct\n");
    assert_eq!(call("self", &[]), "func:0\n");
    assert_eq!(call("many", &[]), "-1\n2\n0.5\n");
    assert_eq!(call("none", &[]), "");
    assert_eq!(call("with space", &[]), "9\n");
    let typed = wasmx(words!["run", "--types", "--invoke", "many", &file]).printed();
    assert_eq!(typed, "i32:-1\ni64:2\nf64:0.5\n");
}

#[test]
fn invoke_may_follow_the_file() {
    let file = functions("invoke_after");
    assert_eq!(wasmx(words![&file, "--invoke", "add", "1", "-2"]).printed(), "-1\n");
    assert_eq!(wasmx(words!["run", &file, "--invoke", "add", "1", "-2"]).printed(), "-1\n");
    assert_eq!(wasmx(words!["--invoke", "add", &file, "1", "-2"]).printed(), "-1\n");
}

#[test]
fn wrong_calls_are_usage_errors() {
    let file = functions("wrong_calls");
    let call = |args: &[&str]| {
        let mut all = words!["run", "--invoke", args[0], &file].to_vec();
        all.extend(args[1..].iter().map(Into::into));
        wasmx(all)
    };
    call(&["nope"])
        .failed(2, &["wasmx: there is no exported function `nope`", "  add (func (param i32 i32) (result i32))"]);
    call(&["memory"]).failed(2, &["there is no exported function `memory`"]);
    call(&["add", "1"]).failed(2, &["`add` takes 2 arguments, not 1"]);
    call(&["add", "1", "2", "3"]).failed(2, &["takes 2 arguments, not 3"]);
    call(&["add", "1", "4294967296"]).failed(2, &["`4294967296` is no i32: it is out of range"]);
    call(&["add", "1", "two"]).failed(2, &["`two` is no i32: expected a decimal or hexadecimal integer"]);
    call(&["f64", "1e999"]).failed(2, &["`1e999` is no f64: it is out of range"]);
    call(&["v128", "i32x4:1,2"]).failed(2, &["`i32x4:1,2` is no v128"]);
    call(&["extern", "7"]).failed(2, &["`7` is no externref"]);
    wasmx(words!["run", "--types", &file]).failed(2, &["--invoke"]);
    wasmx(words!["run", &file]).failed(2, &["has no `_start` to run", "exported functions:"]);
}

#[test]
fn programs_print_and_exit() {
    let dir = folder("programs");
    let hello = module(&dir, "hello.wat", HELLO);
    assert_eq!(wasmx([&hello]).printed(), "hello, world\n");
    assert_eq!(wasmx(words!["run", &hello]).printed(), "hello, world\n");
    assert_eq!(wasmx_reading(["-"], HELLO).printed(), "hello, world\n");
    let exit = module(&dir, "exit.wat", EXIT);
    assert_eq!(wasmx([&exit]).quiet(), (7, String::new()));
    for (code, status) in [("0", 0), ("255", 255), ("256", 1), ("-1", 255)] {
        let text = EXIT.replace("i32.const 7", &format!("i32.const {code}"));
        assert_eq!(wasmx([&module(&dir, "code.wat", &text)]).quiet(), (status, String::new()), "{code}");
    }
    let old = module(&dir, "old.wat", &EXIT.replace("wasi_snapshot_preview1", "wasi_unstable"));
    assert_eq!(wasmx([&old]).quiet(), (7, String::new()));
    // As a binary.
    let binary = dir.join("hello.wasm");
    wasmx(words!["wat2wasm", "-o", &binary, &hello]).printed();
    assert_eq!(wasmx([&binary]).printed(), "hello, world\n");
}

#[test]
fn modules_that_run_by_themselves() {
    let dir = folder("starts");
    let none = module(&dir, "start.wat", "(module (func $f) (start $f))");
    assert_eq!(wasmx([&none]).printed(), "");
    let reactor = r#"(module (global $g (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $g (i32.const 5)))
        (func (export "get") (result i32) (global.get $g)))"#;
    let reactor = module(&dir, "reactor.wat", reactor);
    assert_eq!(wasmx([&reactor]).printed(), "");
    assert_eq!(wasmx(words!["run", "--invoke", "get", &reactor]).printed(), "5\n");
}

#[test]
fn traps_are_told_with_a_backtrace() {
    let dir = folder("traps");
    let text = r#"(module $game
        (func $_ZN4game6divideEii (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
        (func $_RNvCs1234_4game4tick (param i32) (result i32) (call 0 (i32.const 1) (local.get 0)))
        (func (export "run") (param i32) (result i32) (call 1 (local.get 0)))
        (func $deep (export "deep") (call $deep)))"#;
    let file = module(&dir, "game.wat", text);
    let ran = wasmx(words!["run", "--invoke", "run", &file, "0"]);
    assert_eq!((ran.code, ran.out.as_str()), (134, ""));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines[0], "wasmx: trap: integer divide by zero (integer-divide-by-zero)");
    assert_eq!(lines[1], "wasm backtrace, innermost first:");
    for (line, name) in lines[2..].iter().zip(["game!game::divide(int, int)", "game!game::tick", "game!run"]) {
        assert!(line.contains(": 0x") && line.ends_with(name), "{line}");
    }
    assert_eq!(lines.len(), 5);
    let ran = wasmx(words!["run", "--invoke", "deep", &file]);
    ran.failed(134, &["call stack exhausted (stack-overflow)", " more ...\n"]);
    let start = module(&dir, "start.wat", "(module (func $f unreachable) (start $f))");
    wasmx([&start]).failed(134, &["trap: unreachable (unreachable)", "0: 0x", "  f\n"]);
    let data = module(&dir, "data.wat", "(module (memory 1) (data (i32.const 65536) \"x\"))");
    wasmx([&data]).failed(134, &["out of bounds memory access"]);
    let exception = module(&dir, "throw.wat", "(module (tag $t) (func (export \"_start\") (throw $t)))");
    wasmx([&exception]).failed(134, &["uncaught exception (uncaught-exception)"]);
}

#[test]
fn source_lines_come_from_debug_information() {
    let file = crate::root().join("tests/data/debuginfo.wasm");
    let ran = wasmx(words!["run", "--invoke", "outer", &file, "0"]);
    ran.failed(
        134,
        &["integer divide by zero", "divide, inlined, at ", "debuginfo.c:6", "debuginfo.c:10", "debuginfo.c:14"],
    );
}

#[test]
fn modules_are_linked_in_order() {
    let dir = folder("link");
    let math = module(
        &dir,
        "math.wat",
        r#"(module (func (export "double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (global (export "seven") i32 (i32.const 7)) (memory (export "memory") 1))"#,
    );
    let more = module(
        &dir,
        "more.wat",
        r#"(module (import "math" "double" (func $d (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
            (global $g (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set $g (i32.const 1)))
            (func (export "quad") (param i32) (result i32)
              (i32.add (global.get $g) (call $d (call $d (local.get 0))))))"#,
    );
    let main = module(
        &dir,
        "main.wat",
        r#"(module (import "more" "quad" (func $q (param i32) (result i32))) (import "math" "seven" (global i32))
            (import "math" "memory" (memory 1))
            (func (export "go") (result i32) (call $q (global.get 0))))"#,
    );
    let link = |name: &str, file: &PathBuf| format!("{name}={}", file.display());
    let (a, b) = (link("math", &math), link("more", &more));
    let all = words!["run", "--link", &a, "--link", &b, "--invoke", "go", &main];
    assert_eq!(wasmx(all).printed(), "29\n");
    wasmx(words!["run", "--link", &b, &main]).failed(
        1,
        &["more.wat: nothing provides 1 of its imports:", "\"math\" \"double\" (func (param i32) (result i32))"],
    );
    wasmx(words!["run", &main]).failed(1, &["nothing provides 3 of its imports", "\"math\" \"memory\" (memory 1)"]);
    wasmx(words!["run", "--link", "math", &main]).failed(2, &["--link wants NAME=FILE, not `math`"]);
    wasmx(words!["run", "--link", "m=missing.wasm", &main]).failed(1, &["cannot read missing.wasm"]);
    let other = module(&dir, "other.wat", "(module (func (export \"double\") (param i64)))");
    wasmx(words!["run", "--link", link("math", &other), "--link", &b, &main])
        .failed(1, &["incompatible import type", "\"math\" \"double\""]);
    let limited = words!["run", "--max-instances", "2", "--link", &a, "--link", &b, "--invoke", "go", &main];
    wasmx(limited).failed(1, &["number of instances exceeds the store's limit"]);
}

#[test]
fn batches_answer_line_by_line() {
    let file = functions("batch");
    let input = "add 1 2\n\n# a comment\nadd 1\nnope\n\"with space\"\nmany\nadd 1 x\nnone\nadd 0x10 -1";
    let ran = wasmx_reading(words!["batch", &file], input);
    assert_eq!(
        ran.out,
        "ok 3\nerror `add` takes 2 arguments, not 1: (func (param i32 i32) (result i32))\n\
         error there is no exported function `nope`\nok 9\nok -1 2 0.5\n\
         error `x` is no i32: expected a decimal or hexadecimal integer\nok\nok 15\n"
    );
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    let ran = wasmx_reading(words!["batch", "--types", &file], "add 1 2\n");
    assert_eq!(ran.printed(), "ok i32:3\n");
    wasmx_reading(words!["batch", "-"], "").failed(2, &["standard input"]);
    let dir = folder("batch2");
    let state = module(
        &dir,
        "state.wat",
        r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
            (global $g (mut i32) (i32.const 0))
            (func (export "next") (result i32)
              (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))
            (func (export "trap") unreachable)
            (func (export "exit") (param i32) (call $exit (local.get 0))))"#,
    );
    let ran = wasmx_reading(words!["batch", &state], "next\ntrap\nnext\nexit 5\nnext\n");
    assert_eq!((ran.code, ran.out.as_str()), (5, "ok 1\nerror unreachable: unreachable\nok 2\n"));
}

#[test]
fn time_is_limited() {
    let file = module(&folder("timeout"), "loop.wat", LOOP);
    let begin = Instant::now();
    wasmx(words!["--timeout", "50ms", &file]).failed(134, &["trap: deadline exceeded (deadline-exceeded)"]);
    assert!(begin.elapsed() < Duration::from_secs(20));
    // Of a batch it is the time of all calls.
    let named = module(&folder("timeout_batch"), "loop.wat", &LOOP.replace("_start", "loop"));
    let ran = wasmx_reading(words!["batch", "--timeout", "50ms", &named], "loop\nloop\n");
    assert_eq!(ran.out, "");
    ran.failed(134, &["deadline exceeded"]);
    wasmx(words!["--timeout", "soon", &file]).failed(2, &["`soon` is no time"]);
}

#[test]
fn fuel_is_exact() {
    let dir = folder("fuel");
    let file = module(&dir, "loop.wat", LOOP);
    wasmx(words!["--fuel", "10000", &file]).failed(134, &["trap: all fuel consumed (out-of-fuel)"]);
    wasmx(words!["--fuel=-1", &file]).failed(2, &["--fuel"]);
    let hello = module(&dir, "hello.wat", HELLO);
    assert_eq!(wasmx(words!["--fuel", "1000000", &hello]).printed(), "hello, world\n");
}

#[test]
fn memory_stack_and_tables_are_limited() {
    let dir = folder("limits");
    let text = r#"(module (memory (export "memory") 1) (table $t 1 funcref)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))
        (type $a (array i8))
        (func (export "heap") (param i32) (result i32) (array.len (array.new_default $a (local.get 0))))
        (func $deep (export "deep") (param i32) (result i32)
          (if (result i32) (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (i32.const 0)))))"#;
    let file = module(&dir, "limits.wat", text);
    let call = |option: &str, value: &str, name: &str, n: &str| -> Ran {
        wasmx(words![option, value, "--invoke", name, &file, n])
    };
    assert_eq!(call("--max-memory", "128K", "grow", "1").printed(), "1\n");
    assert_eq!(call("--max-memory", "128K", "grow", "2").printed(), "-1\n");
    call("--max-memory", "60K", "grow", "0").failed(1, &["exceeds the store's limit"]);
    assert_eq!(call("--max-table", "10", "table", "9").printed(), "1\n");
    assert_eq!(call("--max-table", "10", "table", "10").printed(), "-1\n");
    assert_eq!(call("--max-stack", "64M", "deep", "200000").printed(), "0\n");
    // So deep that it takes more however small the frames are, and however many calls are inlined in each other.
    call("--max-stack", "1M", "deep", "20000000").failed(134, &["call stack exhausted"]);
    assert_eq!(call("--max-heap", "4M", "heap", "1000000").printed(), "1000000\n");
    call("--max-heap", "4M", "heap", "100000000").failed(134, &["trap:"]);
    for (option, value) in [
        ("--max-memory", "64Q"),
        ("--max-memory", "-1"),
        ("--max-stack", "99T"),
        ("--max-table", "x"),
        ("--max-instances", "1.5"),
    ] {
        call(option, value, "grow", "0").failed(2, &[]);
    }
    call("--max-instances", "0", "grow", "0").failed(1, &["number of instances"]);
}

#[test]
fn proposals_are_switched() {
    let dir = folder("proposals");
    let simd = module(&dir, "simd.wat", "(module (func (export \"f\") (result v128) (v128.const i64x2 1 2)))");
    let run = |args: &[&str]| {
        let mut all = words!["run", "--invoke", "f"].to_vec();
        all.extend(args.iter().map(Into::into));
        all.push(simd.clone().into());
        wasmx(all)
    };
    assert_eq!(run(&[]).code, 0);
    run(&["--disable", "simd,relaxed-simd"]).failed(1, &["simd.wat: invalid module:", "SIMD", "(at offset 0x"]);
    assert_eq!(run(&["--disable", "simd", "--enable", "simd", "--disable", "gc"]).code, 1);
    assert_eq!(run(&["--features", "wasm2"]).code, 0);
    assert_eq!(run(&["--features", "wasm1"]).code, 1);
    assert_eq!(run(&["--features", "none", "--enable", "simd"]).code, 0);
    assert_eq!(run(&["--features", "all"]).code, 0);
    run(&["--disable", "warp"]).failed(2, &["there is no proposal `warp`; there are mutable-globals"]);
    let list = run(&["--features", "list"]).printed();
    assert!(list.starts_with("mutable-globals\n") && list.contains("\nsimd\n"), "{list}");
    assert_eq!(run(&["--tier", "interpreter"]).code, 0);
    assert_eq!(run(&["--tier", "tiering"]).code, 0);
    match wasm::runtime::Engine::has_compiler() {
        true => assert_eq!(run(&["--tier", "eager"]).code, 0),
        false => {
            run(&["--tier", "eager"]).failed(2, &["no compiler"]);
        }
    }
    run(&["--tier", "turbo"]).failed(2, &["'turbo'", "interpreter"]);
    assert_eq!(run(&["--cpu", "v1"]).code, 0);
    run(&["--cpu", "v0"]).failed(2, &["'v0'", "v1"]);
}

/// Of builds for debugging; others print bytes.
#[test]
#[cfg(all(feature = "jit", debug_assertions))]
fn machine_code_is_printed() {
    let dir = folder("machine-code");
    let text = "(module (memory 1) (func $f (param i32) (result i32) (i32.div_u (i32.const 7) (local.get 0)))
        (func (export \"_start\") (drop (call $f (i32.load (i32.const 4))))))";
    let file = module(&dir, "divide.wat", text);
    let dump = |what: &str| {
        let mut command = command();
        command.env("WASMX_DUMP", what).args(["run", "--tier", "eager"]).arg(&file);
        finish(&mut command).err
    };
    let code = dump("code:0");
    assert!(code.contains("; function 0 as machine code\n"), "{code}");
    for part in ["    0  55                       push rbp\n", "div ", "  ; trap  ; Trap(IntegerDivideByZero) at 0x"] {
        assert!(code.contains(part), "`{part}` is not in:\n{code}");
    }
    let all = dump("all:0");
    assert!(all.contains("after build\n") && all.contains("after gvn\n") && all.contains("as machine code"), "{all}");
    assert!(!dump("code:7").contains("machine code"));
}

#[test]
fn a_trap_and_a_result_are_not_mixed() {
    // What was printed before a trap stays.
    let dir = folder("mixed");
    let text = HELLO.replace("(i32.const 8))))", "(i32.const 8))) unreachable)");
    let ran = finish(command().arg(module(&dir, "hello.wat", &text)));
    assert_eq!((ran.code, ran.out.as_str()), (134, "hello, world\n"));
}
