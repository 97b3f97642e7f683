//! `wasmx`, the command: runs modules, looks into them, and converts between binary and text.
//!
//! One file for each subcommand, and those they share: `args` (the command line, from which help, completions and the
//! manual are made), `input` (from a file's name to a module), `values` (typed arguments and results), `world` (store,
//! linking and WASI), `console` (what is said where, and how it ends).
//!
//! Nothing is set up before it is needed: a run of a small program should cost little more than the program.
#![forbid(unsafe_code)]

mod args;
mod batch;
mod console;
mod describe;
mod features;
mod grants;
mod input;
mod inspect;
mod json;
mod names;
mod objdump;
mod run;
mod text;
mod trap;
mod validate;
mod values;
mod world;

use console::{Failure, Outcome};
use std::ffi::OsString;

fn main() {
    console::report_panics();
    let outcome = std::panic::catch_unwind(|| command(std::env::args_os().collect()));
    // A panic has been reported by the hook.
    let code = outcome.map_or(console::INTERNAL, |o| console::conclude(&o));
    std::process::exit(code);
}

/// Runs the command line; the result is the exit code.
fn command(words: Vec<OsString>) -> Outcome {
    if let Some((file, args)) = args::plain_run(&words) {
        return run::plain(file, args);
    }
    let matches = match args::command().try_get_matches_from(args::with_subcommand(words)) {
        Ok(matches) => matches,
        Err(e) if e.use_stderr() => return Err(Failure::Told(console::USAGE, e.to_string())),
        Err(e) => return console::print(&e.to_string()).map(|()| 0),
    };
    console::choose_color(matches.get_one::<String>("color").map(String::as_str));
    match matches.subcommand() {
        Some(("run", m)) => run::main(m),
        Some(("batch", m)) => batch::main(m),
        Some(("inspect", m)) => inspect::main(m),
        Some(("validate", m)) => validate::main(m),
        Some(("features", m)) => features::main(m),
        Some(("wat2wasm", m)) => text::wat2wasm(m),
        Some(("wasm2wat", m)) => text::wasm2wat(m),
        Some(("objdump", m)) => objdump::main(m),
        Some(("completions", m)) => text::completions(m),
        _ => Err(Failure::usage("no command given; see `wasmx --help`")),
    }
}
