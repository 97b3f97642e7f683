//! One command that runs every guest program on several engines and compares their CPU time.
//!
//! ```text
//! cargo run --release -- [--reps 5] [--engines libwasm,wasmi,wasm3] [--only fib,lz] [--group plain,simd,features]
//!                        [--scale 1.0] [--json FILE] [--svg FILE] [--baseline wasmi]
//! cargo run --release -- --load [--reps 5] [--engines ...] MODULE...
//! cargo run --release -- --start [--reps 50] COMMAND...
//! ```
//!
//! `--load` measures making a module of each file and nothing else; `--start` whole processes, each COMMAND being a program
//! and its arguments in one word of the shell.
//!
//! Each measurement is a child process of its own, which loads one guest, runs it once, and reports the CPU time of the
//! whole process (background compilation included) for loading and for running, and its peak memory. Engines alternate within a guest, so
//! that a slow spell of the machine meets all of them. Outputs and checksums must agree. An engine is a name of
//! `engines::NAMES` or the path of a shared library with `wasm.h`; those that `fetch-peers.sh` has not brought are
//! skipped.

mod chart;
mod engines;
mod load;
mod report;
mod start;

use engines::Engine;
use report::{Figure, Program};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

struct Options {
    reps: usize,
    engines: Vec<String>,
    only: Option<Vec<String>>,
    group: String,
    scale: f64,
    json: Option<PathBuf>,
    svg: Option<PathBuf>,
    baseline: String,
    work: Work,
    /// What is left of the command line: modules, or commands.
    rest: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Work {
    Programs,
    Load,
    Start,
}

fn guests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/guests")
}

fn options() -> Result<Options, String> {
    let mut o = Options {
        reps: 3,
        engines: engines::NAMES.iter().map(|n| n.to_string()).collect(),
        only: None,
        group: "plain,simd".into(),
        scale: 1.0,
        json: None,
        svg: None,
        baseline: "libwasm".into(),
        work: Work::Programs,
        rest: Vec::new(),
    };
    let mut args = std::env::args().skip(1);
    while let Some(flag) = args.next() {
        match flag.as_str() {
            "--load" => o.work = Work::Load,
            "--start" => o.work = Work::Start,
            word if !word.starts_with("--") => o.rest.push(flag),
            _ => setting(&mut o, &flag, args.next())?,
        }
    }
    Ok(o)
}

fn setting(o: &mut Options, flag: &str, value: Option<String>) -> Result<(), String> {
    let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
    let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let number = |text: &str| text.parse::<f64>().map_err(|e| format!("{flag}: {e}"));
    match flag {
        "--reps" => o.reps = number(&value)? as usize,
        "--engines" => o.engines = list(&value),
        "--only" => o.only = Some(list(&value)),
        "--group" => o.group = value,
        "--scale" => o.scale = number(&value)?,
        "--json" => o.json = Some(value.into()),
        "--svg" => o.svg = Some(value.into()),
        "--baseline" => o.baseline = value,
        _ => return Err(format!("unknown option {flag}")),
    }
    Ok(())
}

/// The guests to run, with their scales. Group `plain` needs nothing that some engine lacks.
fn guests(o: &Options) -> Result<Vec<(String, i32)>, String> {
    let list = std::fs::read_to_string(guests_folder().join("guests.txt")).map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    for line in list.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let group = match words[3..].iter().find(|w| w.starts_with("-m") || **w == "-target") {
            None => "plain",
            Some(&"-msimd128") => "simd",
            Some(_) => "features",
        };
        let in_group = o.group == "all" || o.group.split(',').any(|g| g == group);
        let chosen = o.only.as_ref().map_or(in_group, |names| names.iter().any(|n| n == words[0]));
        let scale: f64 = words[2].parse().map_err(|e| format!("{line}: {e}"))?;
        if chosen {
            found.push((words[0].to_owned(), (scale * o.scale).max(1.0) as i32));
        }
    }
    Ok(found)
}

fn process_cpu() -> f64 {
    // SAFETY: the clock exists on every system this runs on, and `t` is a place for its answer.
    unsafe {
        let mut t: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t);
        t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
    }
}

fn peak_memory() -> i64 {
    // SAFETY: as above.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage.ru_maxrss
    }
}

/// The child's work: `--child ENGINE CODE SCALE`. Prints one line of figures.
fn child(engine: &str, code: &str, scale: &str) -> Result<(), String> {
    let scale = scale.parse().map_err(|e| format!("{e}"))?;
    let engine = Engine::open(engine)?;
    let code = match engine {
        Engine::Native => code.as_bytes().to_vec(),
        _ => std::fs::read(code).map_err(|e| e.to_string())?,
    };
    let (cpu, wall) = (process_cpu(), Instant::now());
    let mut guest = engine.load(&code)?;
    let (loaded_cpu, loaded_wall) = (process_cpu(), wall.elapsed().as_secs_f64());
    let sum = guest.run(scale)?;
    let (end_cpu, end_wall) = (process_cpu(), wall.elapsed().as_secs_f64());
    let (load, run, all) = (loaded_cpu - cpu, end_cpu - loaded_cpu, end_wall);
    println!("{load} {run} {loaded_wall} {all} {sum:016x} {:016x} {}", engines::text_hash(), peak_memory());
    Ok(())
}

fn measure(engine: &str, code: &Path, scale: i32) -> Result<Figure, String> {
    let text = match engine {
        "v8" => stdout_of(&mut engines::v8::command(code, scale)),
        _ => stdout_of(me()?.args(["--child", engine]).arg(code).arg(scale.to_string())),
    }?;
    Figure::parse(&text).ok_or_else(|| "unreadable figures".into())
}

/// This program, to be run as a child.
fn me() -> Result<Command, String> {
    Ok(Command::new(std::env::current_exe().map_err(|e| e.to_string())?))
}

/// What a command prints, or why it failed.
fn stdout_of(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| e.to_string())?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&out.stderr).trim().to_owned();
    Err(why.lines().last().map_or_else(|| out.status.to_string(), str::to_owned))
}

/// The chosen engines that are here.
fn present(o: &Options) -> Vec<String> {
    let mut present = Vec::new();
    for engine in &o.engines {
        match engines::missing(engine) {
            Some(path) => eprintln!("{engine} is left out: {} is not there (benches/fetch-peers.sh)", path.display()),
            None => present.push(engine.clone()),
        }
    }
    present
}

fn compare(o: &Options) -> Result<bool, String> {
    let present = present(o);
    let folder = guests_folder();
    let objects = std::env::current_exe().ok().and_then(|p| p.parent().map(|d| d.join("native"))).unwrap_or_default();
    std::fs::create_dir_all(&objects).map_err(|e| e.to_string())?;
    let (mut programs, mut agree) = (Vec::new(), true);
    for (name, scale) in guests(o)? {
        let wasm = folder.join(format!("wasm/{name}.wasm"));
        let object = objects.join(format!("{name}.so"));
        if present.iter().any(|e| e == "native") {
            engines::native::build(&folder.join(format!("src/{name}.c")), &object)?;
        }
        let mut program = Program::new(&name, scale, present.len());
        for rep in 0..o.reps {
            for at in 0..present.len() {
                // Each round starts with another engine.
                let at = (at + rep) % present.len();
                let engine = &present[at];
                let code = if engine == "native" { &object } else { &wasm };
                if program.errors[at].is_none() {
                    match measure(engine, code, scale) {
                        Ok(figure) => program.figures[at].push(figure),
                        Err(why) => program.errors[at] = Some(why),
                    }
                }
            }
        }
        agree &= program.check(&present);
        eprintln!("{}", program.line(&present));
        programs.push(program);
    }
    let text = report::table(&present, &o.baseline, &programs);
    println!("{text}");
    println!("{}", report::memory(&present, &programs));
    if let Some(path) = &o.json {
        std::fs::write(path, report::json(&present, &programs)).map_err(|e| e.to_string())?;
    }
    if let Some(path) = &o.svg {
        std::fs::write(path, chart::svg(&present, &programs)).map_err(|e| e.to_string())?;
    }
    Ok(agree)
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let outcome = match args.as_slice() {
        [_, flag, engine, code, scale] if flag == "--child" => child(engine, code, scale).map(|()| true),
        [_, flag, engine, code] if flag == "--child-load" => load::child(engine, code).map(|()| true),
        _ => options().and_then(|o| match o.work {
            Work::Programs => compare(&o),
            Work::Load => load::compare(&present(&o), &o.baseline, &o.rest, o.reps).map(|()| true),
            Work::Start => start::compare(&o.rest, o.reps).map(|()| true),
        }),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
