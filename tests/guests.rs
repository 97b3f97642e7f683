//! Real programs compiled from C: each guest of `tests/guests/` runs through the engine, and its text and checksum must
//! be, byte for byte, what the same source gives when it is compiled natively.
//!
//! The expected outputs are committed. Where a C compiler is at hand they are made again, so that an expectation that
//! no longer fits its source is found here too. `GUESTS=fib,lz cargo test --test guests` runs only those named.

#![forbid(unsafe_code)]

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wasm::module::{FuncType, ValType};
use wasm::runtime::{Config, Engine, Extern, Func, Instance, Module, Store, Tier, Trap, Val};

/// A line of `guests.txt`.
struct Guest {
    name: String,
    /// How much work tests ask of it.
    scale: i32,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests")
}

fn guests() -> Vec<Guest> {
    let list = std::fs::read_to_string(folder().join("guests.txt")).expect("the list of guests");
    let only = std::env::var("GUESTS").ok();
    let guests: Vec<Guest> = list
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next().expect("a name").to_owned();
            Guest { name, scale: words.next().and_then(|w| w.parse().ok()).expect("a scale") }
        })
        .collect();
    assert!(guests.len() >= 60, "only {} guests in the list", guests.len());
    guests.into_iter().filter(|g| only.as_ref().is_none_or(|names| names.split(',').any(|n| n == g.name))).collect()
}

fn expected(guest: &Guest) -> Vec<u8> {
    std::fs::read(folder().join(format!("expected/{}.txt", guest.name))).expect("a committed output")
}

/// Runs a guest in an engine of its own, and gives what it printed with the checksum as the last line.
fn run(guest: &Guest, config: Config) -> Result<Vec<u8>, String> {
    run_with(guest, config, None)
}

/// What a run has consumed.
type FuelUsed = std::cell::Cell<u64>;

fn run_with(guest: &Guest, config: Config, fuel: Option<&FuelUsed>) -> Result<Vec<u8>, String> {
    let bytes = std::fs::read(folder().join(format!("wasm/{}.wasm", guest.name))).map_err(|e| e.to_string())?;
    let store = Store::new(&Engine::new(config)).map_err(|e| format!("no store: {e:?}"))?;
    let module = Module::new(&store, bytes).map_err(|e| format!("does not load: {e}"))?;

    let text = Arc::new(Mutex::new(Vec::new()));
    let sink = text.clone();
    // A guest with a 64-bit memory gives 64-bit addresses.
    let ty = match module.info().num_imported_funcs {
        0 => FuncType::new([ValType::I32, ValType::I32], []),
        _ => module.info().func_type(0).clone(),
    };
    let write = Func::new(&store, &ty, move |caller, args, _| {
        let at = args[0].as_i64().map_or_else(|| args[0].as_i32().map(|at| at as u32 as usize), |at| Some(at as usize));
        let mut part = vec![0; args[1].as_i32().map_or(0, |len| len as u32 as usize)];
        match (caller.memory(), at) {
            (Some(memory), Some(at)) if memory.read(at, &mut part) => {
                sink.lock().expect("the text").extend_from_slice(&part);
                Ok(())
            }
            _ => Err(Trap::new(caller.store(), "text outside of memory")),
        }
    });
    let imports = vec![Extern::from(write); module.info().imports.len()];
    let instance = Instance::new(&store, &module, &imports).map_err(|e| format!("does not instantiate: {e}"))?;
    let entry = instance.func("run").ok_or("exports no function `run`")?;
    let mut result = [Val::I64(0)];
    if fuel.is_some() {
        store.set_fuel(u64::MAX);
    }
    let ended = entry.call(&[Val::I32(guest.scale)], &mut result);
    if let Some(fuel) = fuel {
        fuel.set(store.fuel_consumed());
    }

    let mut text = std::mem::take(&mut *text.lock().expect("the text"));
    ended.map_err(|trap| format!("traps: {}\n{}", trap.message(), String::from_utf8_lossy(&text)))?;
    let sum = result[0].as_i64().ok_or("gives no i64")?;
    text.extend_from_slice(format!("= {sum:016x}\n").as_bytes());
    Ok(text)
}

/// Calls `check` for every guest, on as many threads as there are processors, and fails with all complaints.
fn for_each(check: impl Fn(&Guest) -> Result<(), String> + Sync) {
    let (guests, next, complaints) = (guests(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(guest) = guests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // A panic in one guest must not hide what the others do.
                    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| check(guest)));
                    if let Err(why) = outcome.unwrap_or_else(|_| Err("panics".into())) {
                        complaints.lock().expect("the list").push(format!("{}: {why}", guest.name));
                    }
                }
            });
        }
    });
    let complaints = complaints.into_inner().expect("the list");
    assert!(complaints.is_empty(), "{} of {} guests:\n{}", complaints.len(), guests.len(), complaints.join("\n"));
}

fn compare(got: &[u8], wanted: &[u8]) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    let (got, wanted) = (String::from_utf8_lossy(got), String::from_utf8_lossy(wanted));
    let line = got.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    let line = line.unwrap_or_else(|| got.lines().count().min(wanted.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    Err(format!("line {}: got {:?}, natively {:?}", line + 1, show(&got), show(&wanted)))
}

#[test]
fn guests_print_what_native_code_prints() {
    let config = Config { tier: Tier::Interpreter, ..Config::default() };
    for_each(|guest| compare(&run(guest, config.clone())?, &expected(guest)));
}

#[cfg(feature = "jit")]
#[test]
fn guests_compiled_at_load_print_the_same() {
    let config = Config { tier: Tier::Eager, inline_all: true, ..Config::default() };
    for_each(|guest| compare(&run(guest, config.clone())?, &expected(guest)));
}

/// As hosts run them, with a thread that compiles; and from a second call or the first trip of a loop on.
#[cfg(feature = "jit")]
#[test]
fn guests_compiled_when_hot_print_the_same() {
    for_each(|guest| compare(&run(guest, Config::default())?, &expected(guest)));
    let config = Config { tier_calls: 1, tier_loops: 0, compile_threads: 0, ..Config::default() };
    for_each(|guest| compare(&run(guest, config.clone())?, &expected(guest)));
}

/// Fuel is the same, to the unit, whoever executes.
#[cfg(feature = "jit")]
#[test]
fn guests_pay_the_same_in_every_tier() {
    let used = |guest: &Guest, tier: Tier, tier_loops: u32| {
        let fuel = FuelUsed::default();
        let tiers = Config { tier, tier_calls: 2, tier_loops, compile_threads: 0, ..Config::default() };
        let config = Config { fuel: true, deterministic: true, inline_all: true, ..tiers };
        run_with(guest, config, Some(&fuel)).map(|text| (text, fuel.get()))
    };
    for_each(|guest| {
        let wanted = used(guest, Tier::Interpreter, 0)?;
        for (tier, loops) in [(Tier::Eager, 0), (Tier::Tiering, 3)] {
            let got = used(guest, tier, loops)?;
            if got != wanted {
                return Err(format!("{tier:?}: {} units, the interpreter {}", got.1, wanted.1));
            }
        }
        Ok(())
    });
}

#[test]
fn every_guest_is_listed_and_built() {
    if std::env::var_os("GUESTS").is_some() {
        return;
    }
    let listed: Vec<String> = guests().into_iter().map(|g| g.name).collect();
    for (part, extensions) in [("src", &["c", "cpp"][..]), ("wasm", &["wasm"]), ("expected", &["txt"])] {
        let mut found: Vec<String> = std::fs::read_dir(folder().join(part))
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)))
            .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
            .collect();
        found.sort();
        let mut wanted = listed.clone();
        wanted.sort();
        assert_eq!(found, wanted, "tests/guests/{part} and guests.txt differ");
    }
}

/// The committed expectations, made again from the sources when there is a compiler.
#[test]
fn native_builds_agree_with_the_expected_outputs() {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let cpp_compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        eprintln!("no C compiler: the committed outputs stand unchecked");
        return;
    }
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    std::fs::create_dir_all(&scratch).expect("a scratch folder");
    for_each(|guest| {
        let program = scratch.join(&guest.name);
        let (c, cpp) =
            (folder().join(format!("src/{}.c", guest.name)), folder().join(format!("src/{}.cpp", guest.name)));
        let (compiler, source) = if cpp.exists() { (&cpp_compiler, cpp) } else { (&compiler, c) };
        let built = Command::new(compiler)
            .args(["-O1", "-foptimize-sibling-calls", "-fno-strict-aliasing", "-ffp-contract=off"])
            .args(["-fno-math-errno", "-fwrapv", "-w", "-DGUEST_MAIN"])
            .arg(source)
            .arg("-o")
            .arg(&program)
            .arg("-lm")
            .output()
            .map_err(|e| e.to_string())?;
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into_owned());
        }
        let ran = Command::new(&program).arg(guest.scale.to_string()).output().map_err(|e| e.to_string())?;
        if !ran.status.success() {
            return Err(format!("native run ends with {}", ran.status));
        }
        compare(&ran.stdout, &expected(guest))
    });
}

/// Pairs of instructions that run as one are kept for what they save; one that no guest has saves nothing, and is not tested here.
#[test]
fn every_fused_pair_is_in_some_guest() {
    let mut seen = std::collections::HashSet::new();
    let engine = Engine::default();
    for guest in guests() {
        let guest = folder().join(format!("wasm/{}.wasm", guest.name));
        let code = engine.compile(std::fs::read(guest).expect("a guest")).expect("a module");
        for defined in 0..code.funcs.len() as u32 {
            let listing = code.listing(defined);
            let lines: Vec<&str> = listing.lines().collect();
            for pair in lines.windows(2).filter(|pair| pair[0].ends_with("; and the next")) {
                let name = |line: &str| line.split_whitespace().nth(1).unwrap_or_default().to_owned();
                seen.insert((name(pair[0]), name(pair[1])));
            }
        }
    }
    let missing: Vec<&str> = wasm::code::op_fused::PAIRS
        .iter()
        .filter(|(first, second, _)| !seen.contains(&(first.name().to_owned(), second.name().to_owned())))
        .map(|(_, _, both)| both.name())
        .collect();
    assert!(missing.is_empty(), "in no guest: {missing:?}");
}
