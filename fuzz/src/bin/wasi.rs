//! Calls WASI functions at random: whatever is asked, the guest is not ended, and nothing outside of its directory is read
//! or changed. `wasi --seed N --seconds S`; prints how many calls it made. A failure prints the seed of its world.
//!
//! Best run with the address sanitizer: see README.md.

#[path = "../../../tests/wasi_fs/host.rs"]
mod host;
#[path = "../../../tests/wasi_fs/random.rs"]
mod random;

use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, or: u64| {
        args.iter().position(|a| a == name).and_then(|i| args.get(i + 1)?.parse().ok()).unwrap_or(or)
    };
    let (first, seconds) = (number("--seed", 1), number("--seconds", 60));
    let end = Instant::now() + Duration::from_secs(seconds);
    let (mut seed, mut calls, mut succeeded) = (first, 0, 0);
    while Instant::now() < end {
        let Ok((c, s)) = std::panic::catch_unwind(|| random::World::new(seed).run(2000)) else {
            eprintln!("world {seed} fails");
            return ExitCode::FAILURE;
        };
        calls += c;
        succeeded += s;
        seed += 1;
    }
    println!("{calls} calls in {} worlds, {succeeded} of them successful", seed - first);
    ExitCode::SUCCESS
}
