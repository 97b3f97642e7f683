//! Uses the library for long and looks for leaks: `soak [--cycles N] [--stores N] [--threads N]`. See README.md.

use libwasm_fuzz::soak::{self, Held};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, or: u64| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)?.parse().ok()).unwrap_or(or)
    };
    let threads = number("--threads", 8).max(1);
    let (cycles, stores) = (number("--cycles", 1_000_000), number("--stores", 100_000));
    const ROUNDS: u64 = 20;
    let mut code = ExitCode::SUCCESS;
    let each = |all: u64| (all / threads / ROUNDS).max(1);
    // First few stores and many instances, then a store for every other instance.
    let parts = [("instances", each(cycles), 5000), ("stores", each(stores * 2), 2)];
    for (what, each, per_store) in parts {
        let start = Instant::now();
        let held = soak::run(threads, ROUNDS, each, per_store);
        println!("{what}: {} cycles on {threads} threads in {:.1?}", each * threads * ROUNDS, start.elapsed());
        for (i, Held { resident_kb, mappings, descriptors }) in held.iter().enumerate().step_by(4) {
            println!("  round {:>2}: {resident_kb} KB resident, {mappings} mappings, {descriptors} descriptors", i + 1);
        }
        // Pools and the allocator have filled up by the fifth round.
        if let Some(what) = soak::growth(held[4], held[ROUNDS as usize - 1], held[4].resident_kb / 5 + 4096) {
            println!("  grows {what}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
