//! Generates modules, runs them in both engines and reports differences. The other engine is Wasmtime, or this project's own
//! compiler. See README.md for its options.

use libwasm_fuzz::plan::{Report, Rng};
use libwasm_fuzz::supervise::{self, Current, started};
use libwasm_fuzz::theirs::Oracle;
use libwasm_fuzz::{ours, shapes, shrink, smith};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};
use wasm::runtime::{Engine, Module, Store};
use wasm::sys::cpu::Level;

#[derive(Clone)]
struct Options {
    seed: u64,
    count: u64,
    seconds: u64,
    sets: Vec<String>,
    generator: String,
    findings: PathBuf,
    child: bool,
    /// A module to run instead of generated ones.
    replay: Option<PathBuf>,
    shrink: bool,
    /// Whether to compare with machine code of this engine's own.
    compiled: bool,
    /// No more of the processor than this is used: `v1`, `v2` or `v3`.
    cpu: String,
}

fn options() -> Result<Options, String> {
    let mut o = Options {
        seed: 1,
        count: u64::MAX,
        seconds: 60,
        sets: vec!["base".into()],
        generator: "both".into(),
        findings: Path::new(env!("CARGO_MANIFEST_DIR")).join("findings"),
        child: false,
        replay: None,
        shrink: true,
        compiled: false,
        cpu: "v3".into(),
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--seed" => o.seed = value()?.parse().map_err(|_| "--seed: a number")?,
            "--count" => o.count = value()?.parse().map_err(|_| "--count: a number")?,
            "--seconds" => o.seconds = value()?.parse().map_err(|_| "--seconds: a number")?,
            "--features" => o.sets = value()?.split(',').map(Into::into).collect(),
            "--generator" => o.generator = value()?,
            "--findings" => o.findings = value()?.into(),
            "--replay" => o.replay = Some(value()?.into()),
            "--no-shrink" => o.shrink = false,
            "--compiled" => o.compiled = true,
            "--cpu" => o.cpu = value()?,
            "--child" => o.child = true,
            _ => return Err(format!("unknown option {arg}")),
        }
    }
    if o.sets == ["every"] {
        o.sets = smith::SETS.iter().map(|s| s.to_string()).collect();
    }
    if let Some(bad) = o.sets.iter().find(|s| !smith::SETS.contains(&s.as_str())) {
        return Err(format!("unknown features {bad}; there are: {}", smith::SETS.join(" ")));
    }
    o.level()?;
    Ok(o)
}

impl Options {
    fn level(&self) -> Result<Level, String> {
        match self.cpu.as_str() {
            "v1" => Ok(Level::V1),
            "v2" => Ok(Level::V2),
            "v3" => Ok(Level::V3),
            _ => Err("--cpu: v1, v2 or v3".into()),
        }
    }
}

struct Differ {
    engine: Engine,
    other: Other,
    options: Options,
}

/// The engine to compare with.
enum Other {
    Wasmtime(Oracle),
    Compiled { engines: Vec<Engine>, metered: (Engine, Vec<Engine>) },
}

impl Other {
    fn new(o: &Options) -> Result<Other, String> {
        match o.compiled {
            false => Oracle::load().map(Other::Wasmtime).map_err(|e| format!("the other engine: {e}")),
            true if cfg!(feature = "jit") => {
                let cpu = o.level()?;
                let metered = (ours::metered(cpu), ours::compiled_with(cpu, true));
                Ok(Other::Compiled { engines: ours::compiled(cpu), metered })
            }
            true => Err("--compiled needs the feature jit".into()),
        }
    }

    fn run(&self, types: &std::sync::Arc<wasm::module::Module>, bytes: &[u8], seed: u64) -> Report {
        match self {
            Other::Wasmtime(oracle) => oracle.run(types, bytes, seed),
            Other::Compiled { engines, .. } => ours::run(&engines[seed as usize % engines.len()], bytes, seed),
        }
    }

    fn accepts(&self, bytes: &[u8]) -> bool {
        match self {
            Other::Wasmtime(oracle) => oracle.accepts(bytes).is_ok(),
            Other::Compiled { engines, .. } => engines[0].validate(bytes).is_ok(),
        }
    }
}

/// What running one module came to.
enum Verdict {
    Same { open: bool },
    Refused,
    Differs(String, String, Report, Report),
}

impl Verdict {
    fn of(ours: Report, theirs: Report) -> Verdict {
        match ours.differs(&theirs) {
            Some((a, b)) => Verdict::Differs(a.into(), b.into(), ours.clone(), theirs.clone()),
            None => Verdict::Same { open: ours.is_open() || theirs.is_open() },
        }
    }
}

impl Differ {
    fn types(&self, bytes: &[u8]) -> Option<std::sync::Arc<wasm::module::Module>> {
        let store = Store::new(&self.engine).ok()?;
        Some(Module::new(&store, bytes).ok()?.info().clone())
    }

    fn compare(&self, bytes: &[u8], seed: u64) -> Verdict {
        let mut rng = Rng::of(&[seed, 31]);
        if let Other::Compiled { metered: (interpreter, engines), .. } = &self.other
            && rng.chance(25)
        {
            // Mostly too little.
            let fuel = 1u64 << (4 + rng.below(14));
            let fuel = fuel + rng.next() % fuel;
            let expected = ours::run_metered(interpreter, bytes, seed, fuel);
            let found = ours::run_metered(&engines[seed as usize % engines.len()], bytes, seed, fuel);
            return Verdict::of(expected, found);
        }
        let ours = ours::run(&self.engine, bytes, seed);
        let Some(types) = self.types(bytes) else {
            return match self.other.accepts(bytes) {
                true => {
                    let first = ours.lines.first().cloned().unwrap_or_default();
                    Verdict::Differs(first, "accepted".into(), ours, Report::default())
                }
                false => Verdict::Refused,
            };
        };
        let theirs = self.other.run(&types, bytes, seed);
        if theirs.lines.first().is_some_and(|l| l.starts_with("refused")) {
            if std::env::var_os("SHOW_REFUSED").is_some() {
                eprintln!("{}", theirs.lines[0]);
            }
            return Verdict::Refused;
        }
        Verdict::of(ours, theirs)
    }

    fn generate(&self, seed: u64) -> Option<(Vec<u8>, String)> {
        let mut rng = Rng::of(&[seed, 30]);
        let set = rng.pick(&self.options.sets);
        let smith = match self.options.generator.as_str() {
            "smith" => true,
            "shapes" | "loops" => false,
            _ => rng.chance(40),
        };
        let loops = self.options.generator == "loops";
        let bytes = if smith { smith::module(seed, &set)? } else { shapes::module_with(seed, &set, true, loops) };
        let name = match smith {
            true => "smith",
            false if loops => "loops",
            false => "shapes",
        };
        Some((bytes, format!("{name}-{set}-{seed}")))
    }

    /// Runs seeds until the time is over or the count reached.
    fn run(&self) {
        let end = Instant::now() + Duration::from_secs(self.options.seconds);
        let current = Current::new(&self.options.findings, self.options.seed);
        let (mut tried, mut open, mut refused, mut different, mut none) = (0, 0, 0, 0, 0);
        let mut seed = self.options.seed;
        let mut kinds: std::collections::BTreeMap<String, usize> = Default::default();
        while Instant::now() < end && seed - self.options.seed < self.options.count {
            let this = seed;
            seed += 1;
            let Some((bytes, name)) = self.generate(this) else {
                none += 1;
                continue;
            };
            current.set(&bytes, this, &name);
            started(true);
            let start = Instant::now();
            let verdict = self.compare(&bytes, this);
            started(false);
            tried += 1;
            if start.elapsed() > Duration::from_secs(2) {
                println!("SLOW {name}: {:?}", start.elapsed());
            }
            match verdict {
                Verdict::Same { open: o } => open += o as u64,
                Verdict::Refused => refused += 1,
                Verdict::Differs(a, b, ours, theirs) => {
                    different += 1;
                    let kind = kind_of(&a, &b);
                    let seen = kinds.entry(kind).or_default();
                    *seen += 1;
                    println!("DIFFERENCE {name}\n  ours:   {a}\n  theirs: {b}");
                    if *seen <= 3 {
                        self.keep(&bytes, this, &name, &ours, &theirs);
                    }
                }
            }
        }
        println!(
            "seeds {}..{seed}: {tried} modules, {different} differ, {open} left open, {refused} refused by the other engine, {none} not generated",
            self.options.seed
        );
        current.clear();
    }

    /// Writes a finding down, with its smallest form.
    fn keep(&self, bytes: &[u8], seed: u64, name: &str, ours: &Report, theirs: &Report) {
        let path = self.options.findings.join(name);
        let _ = std::fs::write(path.with_extension("wasm"), bytes);
        let mut text = format!("seed {seed}\nours:\n{ours}theirs:\n{theirs}");
        if self.options.shrink {
            let small = shrink::shrink(bytes, Duration::from_secs(20), &mut |b| {
                started(true);
                let d = matches!(self.compare(b, seed), Verdict::Differs(..));
                started(false);
                d
            });
            let _ = std::fs::write(path.with_extension("min.wasm"), &small);
            if let Verdict::Differs(a, b, ..) = self.compare(&small, seed) {
                text += &format!("smallest:\n  ours:   {a}\n  theirs: {b}\n");
            }
            text += &self.listing(&small);
        }
        let _ = std::fs::write(path.with_extension("txt"), &text);
        println!("  written to {}", path.display());
    }

    /// Operators and register code of the functions that are left.
    fn listing(&self, bytes: &[u8]) -> String {
        let Ok(store) = Store::new(&self.engine) else { return String::new() };
        let Ok(module) = Module::new(&store, bytes) else { return String::new() };
        let code = module.code();
        let mut text = String::new();
        for f in 0..code.funcs.len() as u32 {
            let body = code.module.body(f);
            let ops: Vec<String> = body.operators().map(|(op, _)| format!("{op:?}")).collect();
            if ops.len() <= 2 || ops.len() > 400 {
                continue;
            }
            let func = code.module.num_imported_funcs + f;
            text += &format!("function {func} {:?}\n", code.module.func_type(func));
            text += &format!("  locals {:?}\n", body.locals().collect::<Vec<_>>());
            for op in &ops {
                text += &format!("  {op}\n");
            }
            text += &code.listing(f);
        }
        text
    }

    fn replay(&self, path: &Path) {
        let bytes = std::fs::read(path).expect("a module");
        match self.compare(&bytes, self.options.seed) {
            Verdict::Same { .. } => println!("same\n{}", ours::run(&self.engine, &bytes, self.options.seed)),
            Verdict::Refused => println!("refused"),
            Verdict::Differs(a, b, ours, theirs) => {
                println!("ours:   {a}\ntheirs: {b}\nours:\n{ours}theirs:\n{theirs}");
                if self.options.shrink {
                    let name = path.file_stem().map_or("replay".into(), |n| n.to_string_lossy().into_owned());
                    self.keep(&bytes, self.options.seed, &name, &ours, &theirs);
                }
            }
        }
        println!("{}", self.listing(&bytes));
    }
}

/// Differences that look alike, so that one bug does not fill the folder.
fn kind_of(a: &str, b: &str) -> String {
    let words = |s: &str| -> String {
        let end = s.find(|c: char| c.is_ascii_digit()).unwrap_or(s.len());
        let what = s.find("trap").map_or("", |i| &s[i..]);
        format!("{} {what}", &s[..end])
    };
    format!("{} | {}", words(a), words(b))
}

/// The command for a child that goes on from a seed.
fn child(o: &Options, seed: u64, seconds: u64) -> Command {
    let last = o.seed.saturating_add(o.count);
    let mut command = Command::new(std::env::current_exe().expect("the program's path"));
    command.args(["--child", "--seed", &seed.to_string(), "--count", &(last - seed).to_string()]);
    command.args(["--seconds", &seconds.to_string(), "--features", &o.sets.join(","), "--generator", &o.generator]);
    command.arg("--findings").arg(&o.findings);
    if !o.shrink {
        command.arg("--no-shrink");
    }
    if o.compiled {
        command.args(["--compiled", "--cpu", &o.cpu]);
    }
    command
}

fn main() -> ExitCode {
    let o = match options() {
        Ok(o) => o,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    let _ = std::fs::create_dir_all(&o.findings);
    if !o.child && o.replay.is_none() {
        let last = o.seed.saturating_add(o.count);
        return supervise::supervise(&o.findings, o.seed, last, o.seconds, |seed, left| child(&o, seed, left));
    }
    supervise::watch(Duration::from_secs(60));
    let work = move || {
        let other = match Other::new(&o) {
            Ok(other) => other,
            Err(e) => {
                eprintln!("{e}");
                std::process::exit(2);
            }
        };
        let d = Differ { engine: ours::interpreter(o.level().expect("checked")), other, options: o };
        match d.options.replay.clone() {
            Some(path) => d.replay(&path),
            None => d.run(),
        }
    };
    // The other engine runs guests on the native stack.
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread");
    if thread.join().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
