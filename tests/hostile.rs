//! Hostile input: modules and texts made to cost more than they may. Each bomb goes off in a process of its own, whose outcome
//! and greatest memory are looked at; doc/hostile.md lists them, and is compared with the list here.
//!
//! No time is asserted, for the machine may be busy: a process that runs for very much longer than any bomb should is ended, and
//! its bomb has failed.

#[path = "hostile/calls.rs"]
mod calls;
#[path = "hostile/code.rs"]
mod code;
#[path = "hostile/limits.rs"]
mod limits;
#[path = "hostile/names.rs"]
mod names;
#[path = "hostile/types.rs"]
mod types;
#[path = "hostile/wasm.rs"]
mod writer;

#[path = "../fuzz/src/ours.rs"]
mod ours;
#[path = "../fuzz/src/plan.rs"]
mod plan;
#[path = "../fuzz/src/soak.rs"]
mod soak;
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

use std::fmt::Write as _;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wasm::runtime::{Config, Engine, Instance, InstantiateError, Module, Store, Tier, Trap, Val};

/// A hostile input.
pub struct Bomb {
    pub name: &'static str,
    /// What is hostile about it.
    pub what: &'static str,
    /// What comes of it.
    pub outcome: &'static str,
    /// Megabytes that its process may have in memory at most.
    pub megabytes: u64,
    pub run: fn() -> String,
}

/// The environment variable that makes the test program set one bomb off and end.
const CHILD: &str = "HOSTILE_BOMB";
/// The environment variable that says how guests run in such a process: `eager` or `tiering` (compiled at once when called or looping
/// again), else as by default.
const TIER: &str = "HOSTILE_TIER";
/// After so long a bomb has failed. What takes longest takes seconds in a debug build on an idle machine.
const WATCHDOG: Duration = Duration::from_secs(240);

fn bombs() -> Vec<&'static Bomb> {
    [types::BOMBS, code::BOMBS, calls::BOMBS, limits::BOMBS, names::BOMBS].into_iter().flatten().collect()
}

/// The greatest resident memory of this process so far, in megabytes, where the system tells.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).map_or(0, |kb| kb / 1024)
}

/// In a child: sets the bomb off that it was started for.
#[test]
fn child() {
    let Ok(name) = std::env::var(CHILD) else { return };
    let Some(bomb) = bombs().into_iter().find(|b| b.name == name) else { return };
    let start = Instant::now();
    let outcome = (bomb.run)();
    println!("\nOUTCOME {outcome}\nPEAK {}\nTIME {:.1?}", peak(), start.elapsed());
}

/// Sets a bomb off in a process of its own; what is wrong with what comes of it.
fn set_off(bomb: &Bomb, tier: &str) -> Result<(), String> {
    let exe = std::env::current_exe().expect("the path of this test program");
    let mut command = Command::new(exe);
    command.args(["child", "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, bomb.name).env(TIER, tier);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a child process");
    let mut pipes = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = pipes.1.read_to_string(&mut text);
        text
    });
    let output = std::thread::spawn(move || {
        let mut text = String::new();
        let _ = pipes.0.read_to_string(&mut text);
        text
    });
    let end = Instant::now() + WATCHDOG;
    let status = loop {
        match child.try_wait().expect("a child of ours") {
            Some(status) => break status,
            None if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("did not end within {WATCHDOG:?}"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let (output, errors) = (output.join().expect("text"), errors.join().expect("text"));
    let told = |what: &str| output.lines().find_map(|l| l.strip_prefix(what)).map(str::trim).unwrap_or_default();
    println!("{:<28} {:>6} MB {:>9}  {}", bomb.name, told("PEAK "), told("TIME "), told("OUTCOME "));
    if !status.success() {
        return Err(format!("the process ended with {status}\n{output}{errors}"));
    }
    if told("OUTCOME ") != bomb.outcome {
        return Err(format!("expected: {}\n  found:    {}", bomb.outcome, told("OUTCOME ")));
    }
    match told("PEAK ").parse::<u64>() {
        Ok(peak) if peak > bomb.megabytes => Err(format!("took {peak} MB, more than {}", bomb.megabytes)),
        Ok(_) => Ok(()),
        Err(e) => Err(format!("no memory told: {e}")),
    }
}

/// All bombs, or those whose names begin as `HOSTILE_ONLY` says.
#[test]
fn every_bomb_is_bounded() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    let only = std::env::var("HOSTILE_ONLY").unwrap_or_default();
    let tier = std::env::var(TIER).unwrap_or_default();
    let mut wrong = String::new();
    for bomb in bombs().into_iter().filter(|b| b.name.starts_with(&only)) {
        if let Err(e) = set_off(bomb, &tier) {
            let _ = writeln!(wrong, "{}: {e}", bomb.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Those whose code does what is hostile about them, and takes a moment: as machine code from the start, and from the second call
/// or trip on. `HOSTILE_TIER` has all of them run so.
#[test]
fn bombs_of_code_are_bounded_as_machine_code() {
    const QUICK: [&str; 5] = ["recursion", "start-loops", "bulk-", "memory-grows", "table-grows"];
    if std::env::var_os(CHILD).is_some() || !Engine::has_compiler() {
        return;
    }
    let mut wrong = String::new();
    for bomb in bombs().into_iter().filter(|b| QUICK.iter().any(|q| b.name.starts_with(q))) {
        for tier in ["eager", "tiering"] {
            if let Err(e) = set_off(bomb, tier) {
                let _ = writeln!(wrong, "{} ({tier}): {e}", bomb.name);
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// doc/hostile.md has a row for each bomb, as here. `BLESS=1` writes them.
#[test]
fn the_table_in_the_documentation_is_this_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/doc/hostile.md");
    let text = std::fs::read_to_string(path).expect("doc/hostile.md");
    let mut table = String::from("| bomb | what it is | what comes of it | memory at most |\n|---|---|---|---|\n");
    for b in bombs() {
        let _ = writeln!(table, "| `{}` | {} | {} | {} MB |", b.name, b.what, b.outcome, b.megabytes);
    }
    let start = text.find("| bomb |").expect("the table");
    let end = text[start..].find("\n\n").map_or(text.len(), |i| start + i + 1);
    if std::env::var_os("BLESS").is_some() {
        let new = format!("{}{table}{}", &text[..start], &text[end..]);
        std::fs::write(path, new).expect("doc/hostile.md can be written");
        return;
    }
    assert!(text[start..end] == table, "doc/hostile.md is not up to date: run this test with BLESS=1");
}

/// Each fuzz target for a second, on inputs from fixed seeds; in `fuzz/` they run for longer.
#[test]
fn fuzz_targets_run_for_a_second() {
    for target in targets::TARGETS {
        let end = Instant::now() + Duration::from_secs(1);
        let mut seed = 0;
        while Instant::now() < end {
            let data = (target.make)(&mut plan::Rng::of(&[seed, 50]));
            if std::panic::catch_unwind(|| (target.run)(&data)).is_err() {
                panic!("the target {} fails with seed {seed}", target.name);
            }
            seed += 1;
        }
        assert!(seed > 0);
        println!("{}: {seed} inputs", target.name);
    }
}

/// A small version of `fuzz/src/bin/soak.rs`, in a process of its own.
#[test]
fn long_use_leaks_nothing() {
    const NAME: &str = "soak";
    if std::env::var(CHILD).is_ok_and(|n| n != NAME) {
        return;
    }
    if std::env::var_os(CHILD).is_none() {
        let exe = std::env::current_exe().expect("the path of this test program");
        let mut command = Command::new(exe);
        command.args(["long_use_leaks_nothing", "--exact", "--nocapture"]).env(CHILD, NAME);
        let done = command.output().expect("a child process");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        return;
    }
    for (each, per_store) in [(500, 100), (50, 1)] {
        let held = soak::run(4, 8, each, per_store);
        let leak = soak::growth(held[3], held[7], held[3].resident_kb / 4 + 4096);
        assert_eq!(leak, None, "{held:?}");
    }
}

// What bombs are made of.

/// An engine as hosts make it for strangers' modules, but for what `change` does.
pub fn engine(change: impl FnOnce(&mut Config)) -> Engine {
    let mut config = Config::default();
    match std::env::var(TIER).as_deref() {
        Ok("eager") => config.tier = Tier::Eager,
        Ok("tiering") => (config.tier_calls, config.tier_loops, config.compile_threads) = (1, 1, 0),
        _ => {}
    }
    change(&mut config);
    Engine::new(config)
}

pub fn store(change: impl FnOnce(&mut Config)) -> Store {
    Store::new(&engine(change)).expect("a store")
}

/// The first line of a text, cut to a length that a table bears.
pub fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line = line.find(" (at offset ").map_or(line, |i| &line[..i]);
    let short: String = line.chars().take(90).collect();
    // How long the message is in all is part of the outcome if it is long.
    match text.len() {
        0..1000 => short,
        n => format!("{short}... ({n} bytes)"),
    }
}

/// Loads a module: "accepted", or why not.
pub fn load(store: &Store, bytes: &[u8]) -> Result<Module, String> {
    Module::new(store, bytes).map_err(|e| format!("refused: {}", brief(&e.to_string())))
}

/// How a trap is told.
pub fn trap(t: &Trap) -> String {
    format!("trap: {}", brief(&t.message()))
}

/// Loads and instantiates a module without imports.
pub fn instantiate(store: &Store, bytes: &[u8]) -> Result<Instance, String> {
    let module = load(store, bytes)?;
    match Instance::new(store, &module, &[]) {
        Ok(instance) => Ok(instance),
        Err(InstantiateError::Trap(t)) => Err(trap(&t)),
        Err(e) => Err(format!("not instantiated: {}", brief(&e.to_string()))),
    }
}

/// Calls an export without parameters: what it returns, or its trap.
pub fn call(instance: &Instance, name: &str) -> String {
    let Some(func) = instance.func(name) else { return format!("no function {name}") };
    let mut results = vec![Val::I32(0); func.ty().results.len()];
    match func.call(&[], &mut results) {
        Ok(()) => results.iter().fold("returns".into(), |text, v| format!("{text} {v:?}")),
        Err(t) => trap(&t),
    }
}

/// Loads, instantiates and calls the export `f`.
pub fn run(store: &Store, bytes: &[u8]) -> String {
    match instantiate(store, bytes) {
        Ok(instance) => call(&instance, "f"),
        Err(e) => e,
    }
}

/// As [`run`], for a text.
pub fn run_text(store: &Store, text: &str) -> String {
    run(store, &wasm::text::to_binary(text.as_bytes()).expect("a module"))
}
