//! Makes the corpus that `tests/corpus.rs` of the main package runs: small modules, and what the other engine made of them.
//! `corpus --seed N` writes it to `corpus/` anew.

use libwasm_fuzz::plan::Report;
use libwasm_fuzz::theirs::Oracle;
use libwasm_fuzz::{ours, shapes, smith};
use std::fmt::Write;
use std::path::Path;
use wasm::runtime::{Engine, Module, Store};

/// Modules of each set from each generator.
const EACH: usize = 13;
const LARGEST: usize = 2800;

fn main() {
    let seed = std::env::args().skip_while(|a| a != "--seed").nth(1).map_or(1, |s| s.parse().expect("a number"));
    let work = move || write(seed, &ours::engine(), &Oracle::load().expect("the other engine"));
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(work).expect("a thread");
    thread.join().expect("the work done");
}

fn write(seed: u64, engine: &Engine, oracle: &Oracle) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut expected = String::new();
    let (mut count, mut bytes_in_all, mut differ) = (0, 0, 0);
    for set in smith::SETS {
        for generator in ["smith", "shapes"] {
            let mut found = 0;
            let mut seed = seed;
            while found < EACH {
                seed += 1;
                let bytes = match generator {
                    "smith" => smith::module(seed, set),
                    _ => Some(shapes::module(seed, set, false)),
                };
                let Some(bytes) = bytes.filter(|b| b.len() <= LARGEST) else { continue };
                let Some(report) = run(engine, oracle, &bytes, seed) else { continue };
                if !telling(&report) {
                    continue;
                }
                let name = format!("{generator}-{set}-{seed}");
                if ours::run(engine, &bytes, seed).differs(&report).is_some() {
                    println!("{name} differs");
                    differ += 1;
                }
                std::fs::write(folder.join(&name).with_extension("wasm"), &bytes).expect("a file");
                let _ = write!(expected, "== {name} {seed}\n{report}");
                found += 1;
                count += 1;
                bytes_in_all += bytes.len();
            }
        }
    }
    std::fs::write(folder.join("expected.txt"), &expected).expect("a file");
    println!("{count} modules, {bytes_in_all} bytes, {} bytes of results, {differ} differ", expected.len());
}

fn run(engine: &Engine, oracle: &Oracle, bytes: &[u8], seed: u64) -> Option<Report> {
    let store = Store::new(engine).ok()?;
    let module = Module::new(&store, bytes).ok()?;
    Some(oracle.run(module.info(), bytes, seed))
}

/// Whether the results say something, and all of them can be compared.
fn telling(report: &Report) -> bool {
    let values = report.lines.iter().filter(|l| l.contains("->")).count();
    !report.is_open() && values >= 2 && values * 2 >= report.lines.iter().filter(|l| l.starts_with("call")).count()
}
