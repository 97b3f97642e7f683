//! Runs the stored corpus of generated modules and compares everything that can be seen of each run (results, traps, calls of
//! imports, memories, globals, tables) with what another engine made of it. `fuzz/` makes the corpus; the plan of a run
//! and the runner are its files.

#![forbid(unsafe_code)]

#[path = "../fuzz/src/ours.rs"]
mod ours;
#[path = "../fuzz/src/plan.rs"]
mod plan;

use plan::Report;
use std::path::Path;

/// The expected report of each module: its name, the seed of the run, what is seen.
fn expected(text: &str) -> Vec<(&str, u64, Report)> {
    let mut all = Vec::new();
    for part in text.split("== ").skip(1) {
        let mut lines = part.lines();
        let head = lines.next().and_then(|l| l.split_once(' ')).expect("a name and a seed");
        let report = Report { lines: lines.map(str::to_owned).collect(), ..Report::default() };
        all.push((head.0, head.1.parse().expect("a number"), report));
    }
    all
}

#[test]
fn corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let text = std::fs::read_to_string(folder.join("expected.txt")).expect("the expected results");
    let all = expected(&text);
    assert!(all.len() >= 200, "the corpus is there");
    let engine = ours::engine();
    let mut wrong = Vec::new();
    for (name, seed, expected) in &all {
        let bytes = std::fs::read(folder.join(name).with_extension("wasm")).expect("a module");
        if let Some((ours, theirs)) = ours::run(&engine, &bytes, *seed).differs(expected) {
            wrong.push(format!("{name}:\n  expected {theirs}\n  found    {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} modules differ:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}
