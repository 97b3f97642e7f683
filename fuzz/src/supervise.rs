//! Runs the work in a child process, which may crash or hang: the parent notes at which seed, keeps the module, and goes
//! on with the next one.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// When the module now running was started, in milliseconds; 0 when none is.
static STARTED: AtomicU64 = AtomicU64::new(0);

/// How a child ends that has run one module for too long.
pub const TOO_LONG: i32 = 42;

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |d| d.as_millis() as u64)
}

/// A module starts running, or has ended.
pub fn started(starts: bool) {
    STARTED.store(if starts { now() } else { 0 }, Ordering::Relaxed);
}

/// Ends the process when a module runs for longer than this.
pub fn watch(limit: Duration) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_millis(500));
            let at = STARTED.load(Ordering::Relaxed);
            if at != 0 && now() > at + limit.as_millis() as u64 {
                std::process::exit(TOO_LONG);
            }
        }
    });
}

/// Where a child leaves the module it is about to run, and its seed and name.
pub struct Current(PathBuf);

impl Current {
    /// For the child that started at a seed.
    pub fn new(findings: &Path, first: u64) -> Current {
        Current(findings.join(format!("current-{first}")))
    }

    pub fn set(&self, bytes: &[u8], seed: u64, name: &str) {
        let _ = std::fs::write(self.0.with_extension("wasm"), bytes);
        let _ = std::fs::write(self.0.with_extension("seed"), format!("{seed} {name}"));
    }

    pub fn clear(&self) {
        let _ = std::fs::remove_file(self.0.with_extension("wasm"));
        let _ = std::fs::remove_file(self.0.with_extension("seed"));
    }
}

/// Starts children from seed to seed until one ends well or the time is over. `child` gives the command for a first seed and
/// the seconds left.
pub fn supervise(
    findings: &Path,
    first: u64,
    last: u64,
    seconds: u64,
    child: impl Fn(u64, u64) -> Command,
) -> ExitCode {
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut seed, mut crashes, mut long) = (first, 0, 0);
    while seed < last && Instant::now() < end {
        let left = end.saturating_duration_since(Instant::now()).as_secs().max(1);
        let status = match child(seed, left).status() {
            Ok(status) => status,
            Err(e) => {
                eprintln!("no child process: {e}");
                return ExitCode::FAILURE;
            }
        };
        if status.success() {
            break;
        }
        let current = Current::new(findings, seed);
        let note = std::fs::read_to_string(current.0.with_extension("seed")).unwrap_or_default();
        let (at, name) = note.split_once(' ').unwrap_or(("", "unknown"));
        let what = if status.code() == Some(TOO_LONG) { "long" } else { "crash" };
        match what {
            "long" => long += 1,
            _ => crashes += 1,
        }
        println!("{what}: {name}: {status}");
        let _ = std::fs::rename(current.0.with_extension("wasm"), findings.join(format!("{what}-{name}.wasm")));
        let Ok(at) = at.parse::<u64>() else { break };
        current.clear();
        seed = at + 1;
    }
    println!("{crashes} crashes, {long} ran for too long");
    if crashes > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
