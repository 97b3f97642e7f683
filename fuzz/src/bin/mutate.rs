//! Damages valid modules at random, and loads, translates, instantiates and runs what comes of it: whatever it is, nothing
//! panics or crashes. `mutate --seed N --seconds S [FILES...]`; without files it starts from generated modules.
//!
//! Damage can undo what ends a loop: such a module ends the child that runs it, and is only counted.

use libwasm_fuzz::plan::Rng;
use libwasm_fuzz::supervise::{self, Current};
use libwasm_fuzz::targets::source;
use libwasm_fuzz::{ours, shapes, smith};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// How many damaged forms of each module are tried.
const FORMS: usize = 20;

fn work(first: u64, seconds: u64, files: &[Vec<u8>], current: &Current) {
    let engine = ours::engine();
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut tried, mut valid, mut seed) = (0, 0, first);
    let mut previous = Vec::new();
    while Instant::now() < end {
        let mut rng = Rng::of(&[seed, 40]);
        let set = rng.pick(smith::SETS);
        let whole = match files.is_empty() {
            true if rng.chance(50) => smith::module(seed, set).unwrap_or_default(),
            true => shapes::module(seed, set, true),
            false => rng.pick(files),
        };
        for _ in 0..FORMS {
            let mut bytes = whole.clone();
            source::damage(&mut rng, &mut bytes, &previous, 8);
            tried += 1;
            if !ours::translates(&engine, &bytes) || smith::blocks(&bytes) {
                continue;
            }
            valid += 1;
            current.set(&bytes, seed, &format!("mutant-{seed}"));
            supervise::started(true);
            ours::run(&engine, &bytes, seed);
            supervise::started(false);
        }
        previous = whole;
        seed += 1;
    }
    current.clear();
    println!("seeds {first}..{seed}: {tried} damaged modules, {valid} of them still valid");
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (mut seed, mut seconds, mut child, mut files) = (1u64, 60u64, false, Vec::new());
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|v| v.parse().ok()).expect("a number");
        match arg.as_str() {
            "--seed" => seed = number(),
            "--seconds" => seconds = number(),
            "--child" => child = true,
            _ => files.push(arg),
        }
    }
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let _ = std::fs::create_dir_all(&findings);
    if child {
        supervise::watch(Duration::from_secs(5));
        let files: Vec<Vec<u8>> = files.iter().map(|f| std::fs::read(f).expect("a file")).collect();
        work(seed, seconds, &files, &Current::new(&findings, seed));
        return ExitCode::SUCCESS;
    }
    supervise::supervise(&findings, seed, u64::MAX, seconds, |seed, seconds| {
        let mut command = Command::new(std::env::current_exe().expect("the program's path"));
        command.args(["--child", "--seed", &seed.to_string(), "--seconds", &seconds.to_string()]).args(&files);
        command
    })
}
