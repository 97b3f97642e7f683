//! What loading a module costs: one child process per measurement makes a module of the file and nothing else.

use crate::engines::Engine;
use crate::report::{median, short};
use crate::{me, peak_memory, process_cpu, stdout_of};
use std::time::Instant;

/// The child's work: `--child-load ENGINE MODULE`. Prints CPU seconds, wall seconds, and how much the peak memory grew (KiB).
pub fn child(engine: &str, module: &str) -> Result<(), String> {
    let engine = Engine::open(engine)?;
    let code = std::fs::read(module).map_err(|e| e.to_string())?;
    let (cpu, wall, before) = (process_cpu(), Instant::now(), peak_memory());
    engine.compile(&code)?;
    println!("{} {} {}", process_cpu() - cpu, wall.elapsed().as_secs_f64(), peak_memory() - before);
    Ok(())
}

/// A table: for each module and engine CPU and wall milliseconds, the size-related rate, memory, and the baseline's CPU time over the
/// engine's.
pub fn compare(engines: &[String], baseline: &str, modules: &[String], reps: usize) -> Result<(), String> {
    println!("{:<26}{:>10}{:>12}{:>12}{:>10}{:>10}{:>12}", "", "", "CPU ms", "wall ms", "MB/s", "MiB", baseline);
    for module in modules {
        let size = std::fs::metadata(module).map_err(|e| format!("{module}: {e}"))?.len() as f64 / 1e6;
        let mut figures: Vec<Result<Vec<[f64; 3]>, String>> = vec![Ok(Vec::new()); engines.len()];
        for rep in 0..reps {
            for at in 0..engines.len() {
                let at = (at + rep) % engines.len();
                let Ok(list) = &mut figures[at] else { continue };
                match measure(&engines[at], module) {
                    Ok(figure) => list.push(figure),
                    Err(why) => figures[at] = Err(why),
                }
            }
        }
        println!("{} ({size:.2} MB)", short(module));
        let middle = |list: &Vec<[f64; 3]>, i: usize| median(list.iter().map(|f| f[i]).collect());
        let cpu = |at: usize| figures[at].as_ref().ok().and_then(|list| middle(list, 0));
        let base = engines.iter().position(|e| e == baseline).and_then(cpu);
        for (at, engine) in engines.iter().enumerate() {
            match (&figures[at], cpu(at)) {
                (Ok(list), Some(seconds)) => println!(
                    "{:<36}{:>12.3}{:>12.3}{:>10.1}{:>10.1}{:>12.3}",
                    format!("    {}", short(engine)),
                    seconds * 1e3,
                    middle(list, 1).unwrap_or(f64::NAN) * 1e3,
                    size / seconds,
                    middle(list, 2).unwrap_or(f64::NAN) / 1024.0,
                    base.map_or(f64::NAN, |b| b / seconds),
                ),
                (Err(why), _) => println!("    {:<20} {why}", short(engine)),
                _ => {}
            }
        }
    }
    Ok(())
}

fn measure(engine: &str, module: &str) -> Result<[f64; 3], String> {
    let text = stdout_of(me()?.args(["--child-load", engine, module]))?;
    let numbers: Vec<f64> = text.split_whitespace().filter_map(|w| w.parse().ok()).collect();
    numbers.try_into().map_err(|_| "unreadable figures".into())
}
