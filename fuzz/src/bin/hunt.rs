//! Runs the fuzz targets on bytes made from seeds: `hunt --target NAME --seed N --seconds S`, or all targets in turn. Work is done
//! in child processes; what crashes, panics or does not end is kept in `findings/`, and `hunt --target NAME --replay FILE` runs it
//! again. With `--leaks` each input runs a few times, and those that leave mappings or descriptors behind are told.

use libwasm_fuzz::plan::Rng;
use libwasm_fuzz::soak::Held;
use libwasm_fuzz::supervise::{self, Current};
use libwasm_fuzz::targets::{TARGETS, Target};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// Whether an input leaves something behind every time it runs.
fn leaks(target: &Target, data: &[u8]) -> bool {
    (target.run)(data);
    let before = Held::now();
    const TIMES: u64 = 4;
    (0..TIMES).for_each(|_| (target.run)(data));
    let after = Held::now();
    after.mappings >= before.mappings + TIMES || after.descriptors >= before.descriptors + TIMES
}

fn work(target: &Target, first: u64, seconds: u64, with_leaks: bool, current: &Current) {
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut seed = first;
    while Instant::now() < end {
        let data = (target.make)(&mut Rng::of(&[seed, 50]));
        current.set(&data, seed, &format!("{}-{seed}", target.name));
        supervise::started(true);
        match with_leaks {
            true if leaks(target, &data) => println!("{} leaks with seed {seed}", target.name),
            true => {}
            false => (target.run)(&data),
        }
        supervise::started(false);
        seed += 1;
    }
    current.clear();
    println!("{}: {} inputs, seeds {first}..{seed}", target.name, seed - first);
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (mut seed, mut seconds, mut child, mut with_leaks, mut name, mut replay) =
        (1u64, 60u64, false, false, None, None);
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value");
        match arg.as_str() {
            "--seed" => seed = value().parse().expect("a number"),
            "--seconds" => seconds = value().parse().expect("a number"),
            "--target" => name = Some(value()),
            "--replay" => replay = Some(value()),
            "--child" => child = true,
            "--leaks" => with_leaks = true,
            _ => panic!("unknown option {arg}"),
        }
    }
    let targets: Vec<&Target> = TARGETS.iter().filter(|t| name.as_ref().is_none_or(|n| n == t.name)).collect();
    assert!(!targets.is_empty(), "no such target");
    if let Some(file) = replay {
        (targets[0].run)(&std::fs::read(file).expect("a file"));
        return ExitCode::SUCCESS;
    }
    let findings = Path::new(env!("CARGO_MANIFEST_DIR")).join("findings");
    let _ = std::fs::create_dir_all(&findings);
    if child {
        supervise::watch(Duration::from_secs(20));
        work(targets[0], seed, seconds, with_leaks, &Current::new(&findings, seed));
        return ExitCode::SUCCESS;
    }
    let mut code = ExitCode::SUCCESS;
    for target in targets {
        let done = supervise::supervise(&findings, seed, u64::MAX, seconds, |seed, seconds| {
            let mut command = Command::new(std::env::current_exe().expect("the program's path"));
            command.args(["--child", "--target", target.name]);
            command.args(["--seed", &seed.to_string(), "--seconds", &seconds.to_string()]);
            if with_leaks {
                command.arg("--leaks");
            }
            command
        });
        if done != ExitCode::SUCCESS {
            code = done;
        }
    }
    code
}
