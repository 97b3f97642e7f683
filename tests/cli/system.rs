//! What the guest may see and touch: nothing without an option, and exactly what an option grants.

use crate::{command, finish, folder, module, wasmx, wasmx_reading, words};
use std::path::Path;

/// Writes its arguments and then its environment, each on a line.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func $line (param $at i32)
    (local $end i32)
    (local.set $end (local.get $at))
    (loop $next
      (if (i32.load8_u (local.get $end)) (then
        (local.set $end (i32.add (local.get $end) (i32.const 1))) (br $next))))
    (i32.store8 (local.get $end) (i32.const 10))
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (i32.add (i32.const 1) (i32.sub (local.get $end) (local.get $at))))
    (drop (call $write (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))
  (func $all (param $count i32)
    (local $i i32)
    (loop $next
      (if (i32.lt_u (local.get $i) (local.get $count)) (then
        (call $line (i32.load (i32.add (i32.const 1024) (i32.mul (local.get $i) (i32.const 4)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 0) (i32.const 4)))
    (drop (call $args (i32.const 1024) (i32.const 65536)))
    (call $all (i32.load (i32.const 0)))
    (drop (call $env_sizes (i32.const 0) (i32.const 4)))
    (drop (call $env (i32.const 1024) (i32.const 65536)))
    (call $all (i32.load (i32.const 0)))))"#;

/// Copies descriptor 0 to descriptors 1 and 2, one buffer of it.
const COPY: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 1024))
    (i32.store (i32.const 4) (i32.const 1024))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

#[test]
fn arguments_and_environment_are_given() {
    let file = module(&folder("arguments"), "echo.wat", ECHO);
    let name = file.display().to_string();
    let run = |args: &[&str]| {
        let mut command = command();
        command.env_clear().env("HOME_VAR", "host").env("OTHER", "1");
        finish(command.args(args)).printed()
    };
    assert_eq!(run(&[&name]), format!("{name}\n"));
    assert_eq!(run(&[&name, "a b", "--flag", "-x", "--", "--help"]), format!("{name}\na b\n--flag\n-x\n--\n--help\n"));
    assert_eq!(run(&["run", "--argv0", "prog", &name, "x"]), "prog\nx\n");
    assert_eq!(run(&["--argv0", "p", "--env", "A=1", "--env", "B=x=y", "--env", "E=", &name]), "p\nA=1\nB=x=y\nE=\n");
    assert_eq!(run(&["--argv0", "p", "--env", "HOME_VAR", "--env", "MISSING", &name]), "p\nHOME_VAR=host\n");
    let all = run(&["--argv0", "p", "--env-inherit", "--env", "OTHER=2", &name]);
    assert!(all.contains("HOME_VAR=host\n") && all.contains("OTHER=2\n") && !all.contains("OTHER=1"), "{all}");
    wasmx(["--env", "=x", &name]).failed(2, &["--env wants NAME=VALUE"]);
    // What would be an option of ours behind the file is the guest's.
    assert_eq!(run(&["--argv0", "p", &name, "--version"]), "p\n--version\n");
    assert_eq!(run(&["--argv0", "p", &name, "--", "--invoke", "x"]), "p\n--invoke\nx\n");
}

#[test]
fn streams_are_redirected() {
    let dir = folder("streams");
    let file = module(&dir, "copy.wat", COPY);
    let ran = wasmx_reading([&file], "from here");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "from here", "from here"));
    let (input, out, err) = (dir.join("in"), dir.join("out"), dir.join("err"));
    std::fs::write(&input, "from a file").expect("a file");
    let ran = wasmx(words!["--stdin", &input, "--stdout", &out, "--stderr", &err, &file]);
    assert_eq!(ran.printed(), "");
    for path in [&out, &err] {
        assert_eq!(std::fs::read(path).expect("what was written"), b"from a file");
    }
    wasmx(words!["--stdin", "missing", &file]).failed(1, &["cannot open missing: no such file or directory"]);
    wasmx(words!["--stdout", "/nonexistent/x", &file]).failed(1, &["cannot open /nonexistent/x"]);
}

#[test]
fn clocks_and_random_numbers_repeat_when_asked() {
    let text = r#"(module
      (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "time") (result i64) (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 0))) (i64.load (i32.const 0)))
      (func (export "random") (result i64) (drop (call $random (i32.const 0) (i32.const 8))) (i64.load (i32.const 0))))"#;
    let file = module(&folder("clocks"), "m.wat", text);
    let call = |option: &[&str], name: &str| {
        let mut all: Vec<_> = option.iter().map(std::ffi::OsString::from).collect();
        all.extend(words!["--invoke", name, &file]);
        wasmx(all).printed()
    };
    let time: i64 = call(&[], "time").trim().parse().expect("a number");
    assert!(time > 1_600_000_000_000_000_000);
    let time: i64 = call(&["--virtual-clock"], "time").trim().parse().expect("a number");
    assert!(time < 1_000_000);
    assert_eq!(call(&["--seed", "1"], "random"), call(&["--seed", "1"], "random"));
    assert_ne!(call(&["--seed", "1"], "random"), call(&["--seed", "2"], "random"));
    assert_ne!(call(&[], "random"), call(&[], "random"));
}

/// Opens `name` below descriptor 3, to read it or to make it, and returns the error number.
fn opener(name: &str) -> String {
    format!(
        r#"(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_prestat_dir_name" (func $name (param i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) "{name}")
      (func $path (param $flags i32) (param $rights i64) (result i32)
        (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const {length}) (local.get $flags) (local.get $rights)
          (i64.const 0) (i32.const 0) (i32.const 8)))
      (func (export "read") (result i32) (call $path (i32.const 0) (i64.const 2)))
      (func (export "make") (result i32) (call $path (i32.const 1) (i64.const 64)))
      (func (export "guest_name") (result i32 i32)
        (call $name (i32.const 3) (i32.const 512) (i32.const 4)) (i32.load (i32.const 512))))"#,
        length = name.len(),
    )
}

#[test]
fn directories_are_granted() {
    let dir = folder("dirs");
    std::fs::create_dir(dir.join("data")).expect("a folder");
    std::fs::write(dir.join("data/here"), "x").expect("a file");
    std::fs::write(dir.join("outside"), "x").expect("a file");
    let here = module(&dir, "here.wat", &opener("here"));
    let new = module(&dir, "new.wat", &opener("new"));
    let out = module(&dir, "out.wat", &opener("../outside"));
    let data = dir.join("data").display().to_string();
    let call = |grant: &str, name: &str, file: &Path| {
        let ran = wasmx(words!["--dir", grant, "--invoke", name, file]);
        ran.printed()
    };
    const BADF: &str = "8\n";
    const PERM: &str = "63\n";
    assert_eq!(wasmx(words!["--invoke", "read", &here]).printed(), BADF);
    assert_eq!(call(&data, "read", &here), "0\n");
    assert_eq!(call(&data, "read", &new), "44\n");
    assert_eq!(call(&data, "read", &out), PERM);
    // Guest names, and a host path with colons of its own.
    assert_eq!(call(&format!("{data}::/wor"), "guest_name", &here), format!("0\n{}\n", u32::from_le_bytes(*b"/wor")));
    assert_ne!(call(&format!("{data}:ro"), "make", &new), "0\n");
    assert_ne!(call(&format!("{data}::/work:ro"), "make", &new), "0\n");
    assert!(!dir.join("data/new").exists());
    assert_eq!(call(&format!("{data}::/work:ro"), "read", &here), "0\n");
    assert_eq!(call(&format!("{data}::/work"), "make", &new), "0\n");
    assert!(dir.join("data/new").exists());
    wasmx(words!["--dir", "missing", &here]).failed(1, &["cannot open missing: no such file or directory"]);
    wasmx(words!["--dir", dir.join("outside"), &here]).failed(1, &["cannot open ", "not a directory"]);
    wasmx(words!["--dir", "::/x", &here]).failed(2, &["--dir wants HOST"]);
}

#[test]
fn sockets_are_granted() {
    let text = r#"(module
      (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $stat (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "type") (result i32 i32) (call $stat (i32.const 3) (i32.const 0)) (i32.load8_u (i32.const 0))))"#;
    let file = module(&folder("sockets"), "m.wat", text);
    assert_eq!(wasmx(words!["--invoke", "type", &file]).printed(), "8\n0\n");
    assert_eq!(wasmx(words!["--listen", "127.0.0.1:0", "--invoke", "type", &file]).printed(), "0\n6\n");
    wasmx(words!["--listen", "nowhere", &file]).failed(2, &["--listen", "nowhere"]);
    wasmx(words!["--listen", "192.0.2.1:1", &file]).failed(1, &["cannot listen at 192.0.2.1:1"]);
}

#[test]
fn threads_are_granted() {
    let text = r#"(module
      (import "env" "memory" (memory 1 1 shared))
      (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (export "memory" (memory 0))
      (func (export "wasi_thread_start") (param $id i32) (param $arg i32)
        (if (i32.eq (local.get $arg) (i32.const 1)) (then unreachable))
        (if (i32.eq (local.get $arg) (i32.const 2)) (then (call $exit (i32.const 9))))
        (i32.atomic.store (i32.const 0) (local.get $arg))
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1))))
      (func (export "run") (param i32) (result i32)
        (if (i32.le_s (call $spawn (local.get 0)) (i32.const 0)) (then (return (i32.const -1))))
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
        (i32.atomic.load (i32.const 0))))"#;
    let file = module(&folder("threads"), "m.wat", text);
    let run = |arg: &str| wasmx(words!["--threads", "1", "--timeout", "20s", "--invoke", "run", &file, arg]);
    assert_eq!(run("42").printed(), "42\n");
    assert_eq!(run("2").quiet(), (9, String::new()));
    run("1").failed(134, &["wasmx: trap: ", "unreachable"]);
    wasmx(words!["--invoke", "run", &file, "42"])
        .failed(1, &["nothing provides 1 of its imports", "\"env\" \"memory\""]);
    wasmx(words!["--threads", "many", &file]).failed(2, &["many"]);
}

#[test]
fn time_ends_what_waits() {
    let file = module(&folder("waits"), "copy.wat", COPY);
    let mut child = command()
        .args(words!["--timeout", "100ms", &file])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command starts");
    // Kept open: the guest waits for what never comes.
    let _input = child.stdin.take();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().expect("a pipe"), &mut text).expect("text");
    assert_eq!(child.wait().expect("an end").code(), Some(134));
    assert!(text.contains("deadline exceeded"), "{text}");
}
