//! `--profile`: what profilers and debuggers are told of guests.

use crate::{command, finish, folder, module, wasmx, words};
use std::path::Path;
use std::process::Command;

const FIB: &str = r#"(module $numbers
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2))))))))"#;

/// Whether this processor has a compiler at all.
fn compiles() -> bool {
    cfg!(all(target_arch = "x86_64", target_os = "linux"))
}

#[test]
fn perf_is_told_of_every_function() {
    if !compiles() {
        return;
    }
    let folder = folder("profile-perf");
    let file = module(&folder, "fib.wat", FIB);
    let kinds = ["run", "--profile", "perfmap,jitdump", "--tier", "eager", "--invoke", "fib"];
    let mut wasmx = command();
    wasmx.stdout(std::process::Stdio::null());
    let child = wasmx.current_dir(&folder).args(kinds).arg(&file).arg("20").spawn().expect("wasmx starts");
    let id = child.id();
    assert!(child.wait_with_output().expect("wasmx ends").status.success());
    let map = format!("/tmp/perf-{id}.map");
    let lines = std::fs::read_to_string(&map).expect("a map");
    let fib = lines.lines().find(|l| l.ends_with(" numbers!fib")).expect("a line for the function");
    let numbers: Vec<u64> = fib.split(' ').take(2).map(|n| u64::from_str_radix(n, 16).expect("a number")).collect();
    let dump = std::fs::read(folder.join(format!("jit-{id}.dump"))).expect("a dump");
    // The same place and size, and then the name.
    let mut record = Vec::new();
    [numbers[0], numbers[0], numbers[1], 1].iter().for_each(|n| record.extend(n.to_le_bytes()));
    record.extend(b"numbers!fib\0");
    assert!(dump.windows(record.len()).any(|w| w == record));
    std::fs::remove_file(map).expect("a file of ours");
}

#[test]
fn what_cannot_be_written_is_an_error() {
    if !compiles() {
        return;
    }
    let file = module(&folder("profile-refused"), "fib.wat", FIB);
    let mut command = command();
    command.current_dir("/proc").args(["run", "--profile", "jitdump", "--invoke", "fib"]).arg(&file).arg("1");
    finish(&mut command).failed(1, &["wasmx: --profile: cannot write ./jit-"]);
    wasmx(words!["run", "--profile", "gprof", &file]).failed(2, &["gprof"]);
}

#[test]
fn gdb_stops_in_a_guest_and_walks_out_of_it() {
    if !compiles() || !Command::new("gdb").arg("--version").output().is_ok_and(|o| o.status.success()) {
        println!("notice: GDB is not installed, so it is not asked");
        return;
    }
    let file = module(&folder("profile-gdb"), "fib.wat", FIB);
    let mut gdb = Command::new("gdb");
    gdb.args(["-nx", "-batch", "-ex", "set breakpoint pending on", "-ex", "break numbers!fib", "-ex", "run"]);
    gdb.args(["-ex", "continue 3", "-ex", "backtrace", "--args"]).arg(Path::new(env!("CARGO_BIN_EXE_wasmx")));
    gdb.args(["run", "--profile", "gdb", "--tier", "eager", "--invoke", "fib"]).arg(&file).arg("7");
    let output = gdb.output().expect("gdb runs");
    let text = String::from_utf8_lossy(&output.stdout);
    if String::from_utf8_lossy(&output.stderr).contains("ptrace") {
        println!("notice: GDB may not start processes here");
        return;
    }
    let frames = text.lines().filter(|l| l.starts_with('#') && l.contains("numbers!fib")).count();
    assert!(
        frames >= 3 && text.lines().any(|l| l.starts_with('#') && l.contains("main")),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
