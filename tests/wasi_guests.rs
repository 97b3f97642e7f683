//! C programs that work with files, compiled for WASI: each runs in an empty directory, and what it prints, its exit
//! status and the tree it leaves must be what the same source gives natively.
//!
//! The programs are in `tests/wasi/`, with what they printed natively. Where a C compiler is at hand the native run is made
//! again, so that an expectation that does not fit its source is found, too; `BLESS=1` writes it down.

#![cfg(unix)]
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use wasm::runtime::{Config as EngineConfig, Engine, Instance, Module, Store, Tier};
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::{Config, Ctx, imports};

fn folder(part: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wasi").join(part)
}

fn programs() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder("src"))
        .expect("the sources")
        .map(|e| e.expect("an entry").path())
        .filter(|p| p.extension().is_some_and(|e| e == "c"))
        .map(|p| p.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 9);
    names
}

/// An empty directory to run in.
fn scratch(name: &str, kind: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("wasi-{name}-{kind}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a directory");
    path
}

/// The tree below a directory, in words.
fn describe(dir: &Path, indent: usize, out: &mut String) {
    let mut all: Vec<_> = std::fs::read_dir(dir).expect("a directory").map(|e| e.expect("an entry").path()).collect();
    all.sort();
    for path in all {
        let name = path.file_name().expect("a name").to_string_lossy();
        let meta = path.symlink_metadata().expect("an entry");
        let pad = " ".repeat(indent);
        if meta.is_dir() {
            writeln!(out, "{pad}{name}/").expect("text");
            describe(&path, indent + 2, out);
        } else if meta.is_symlink() {
            let target = std::fs::read_link(&path).expect("a link");
            writeln!(out, "{pad}{name} -> {}", target.display()).expect("text");
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            let sum = bytes.iter().fold(0u32, |sum, b| sum.wrapping_mul(31).wrapping_add(*b as u32));
            writeln!(out, "{pad}{name} {} bytes {sum:08x}", bytes.len()).expect("text");
        }
    }
}

fn report(mut text: String, status: i32, dir: &Path) -> String {
    writeln!(text, "== exit status {status}, and in the directory:").expect("text");
    describe(dir, 0, &mut text);
    text
}

/// Runs a program as a guest that has one directory, its root.
fn run_guest(name: &str, tiers: &EngineConfig) -> String {
    let dir = scratch(name, "guest");
    let store = Store::new(&Engine::new(tiers.clone())).expect("a store");
    let bytes = std::fs::read(folder(&format!("wasm/{name}.wasm"))).expect("a built program");
    let module = Module::new(&store, bytes).expect("a module");
    let preopen = Descriptor::preopen(&dir, b"/", Perms::READ_WRITE).expect("a directory");
    let args = vec![name.as_bytes().to_vec()];
    let ctx: Arc<Ctx> =
        Ctx::new(&store, Config { preopens: vec![preopen], args, capture_limit: 1 << 24, ..Config::default() });
    let imports = imports(&store, &ctx, module.info()).expect("types that fit");
    let imports: Vec<_> = imports.into_iter().map(|i| i.expect("a function of WASI")).collect();
    let instance = Instance::new(&store, &module, &imports).expect("an instance");
    let ended = instance.func("_start").expect("a command").call(&[], &mut []);
    let status = match (ended, ctx.exit_code()) {
        (_, Some(code)) => code as i32,
        (Ok(()), None) => 0,
        (Err(trap), None) => panic!("{name}: {}", trap.message()),
    };
    let captured = ctx.captured(0).expect("captured output");
    let mut text = vec![0; captured.len()];
    captured.take(&mut text);
    report(String::from_utf8(text).expect("text"), status, &dir)
}

/// Every way to run a guest.
fn tiers() -> Vec<EngineConfig> {
    let interpreter = EngineConfig { tier: Tier::Interpreter, ..EngineConfig::default() };
    if !Engine::has_compiler() {
        return vec![interpreter];
    }
    let eager = EngineConfig { tier: Tier::Eager, ..EngineConfig::default() };
    let hot = EngineConfig { tier_calls: 1, tier_loops: 0, compile_threads: 0, ..EngineConfig::default() };
    vec![interpreter, EngineConfig::default(), hot, eager]
}

/// Runs it natively; none without a C compiler.
fn run_native(name: &str) -> Option<String> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let dir = scratch(name, "native");
    let program = scratch(name, "build").join(name);
    let built = Command::new(compiler)
        .args(["-O1", "-w", "-D_GNU_SOURCE", "-o"])
        .arg(&program)
        .arg(folder(&format!("src/{name}.c")))
        .output()
        .ok()?;
    assert!(built.status.success(), "{name}: {}", String::from_utf8_lossy(&built.stderr));
    let ran = Command::new(&program).current_dir(&dir).output().expect("a native run");
    let status = ran.status.code().expect("an exit status");
    Some(report(String::from_utf8(ran.stdout).expect("text"), status, &dir))
}

fn compare(name: &str, what: &str, got: &str, wanted: &str) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    let mut complaint = format!("{name}: {what}\n");
    for (i, (g, w)) in got.lines().zip(wanted.lines()).enumerate().filter(|(_, (g, w))| g != w).take(10) {
        writeln!(complaint, "  line {}: {g:?} instead of {w:?}", i + 1).expect("text");
    }
    writeln!(complaint, "  {} lines instead of {}", got.lines().count(), wanted.lines().count()).expect("text");
    Err(complaint)
}

#[test]
fn guests_do_what_native_programs_do() {
    let mut complaints = Vec::new();
    for name in programs() {
        let path = folder(&format!("expected/{name}.txt"));
        let native = run_native(&name);
        if let (Some(native), true) = (&native, std::env::var_os("BLESS").is_some()) {
            std::fs::create_dir_all(folder("expected")).expect("a folder");
            std::fs::write(&path, native).expect("a written expectation");
        }
        let expected = std::fs::read_to_string(&path).expect("an expectation");
        if let Some(native) = native {
            complaints.extend(compare(&name, "the native run differs from what is expected", &native, &expected).err());
        }
        for tiers in tiers() {
            let what = format!("the guest differs ({:?})", tiers.tier);
            complaints.extend(compare(&name, &what, &run_guest(&name, &tiers), &expected).err());
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.concat());
}
