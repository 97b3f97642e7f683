//! `wasmx wat2wasm`, `wasmx wasm2wat` and `wasmx completions`: what only converts and writes.
#![forbid(unsafe_code)]

use crate::console::{self, Failure, Outcome, reason};
use crate::{args, input};
use clap::ArgMatches;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use wasm::runtime::Engine;

/// Writes what a conversion made to where `-o` says.
fn write(matches: &ArgMatches, bytes: &[u8], is_text: bool) -> Outcome {
    match matches.get_one::<OsString>("output").filter(|o| *o != "-") {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|e| Failure::failed(format!("cannot write {}: {}", path.to_string_lossy(), reason(&e))))?,
        None => {
            let mut out = std::io::stdout().lock();
            if !is_text && out.is_terminal() {
                return Err(Failure::usage("a binary is nothing for a terminal: give -o FILE, or redirect"));
            }
            out.write_all(bytes)?;
            out.flush()?;
        }
    }
    Ok(0)
}

pub fn wat2wasm(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    let _progress = input::Progress::start(name);
    let engine = Engine::new(input::config(matches)?);
    let binary = input::binary(name)?;
    if !matches.get_flag("no-check") {
        engine.validate(&binary).map_err(|e| input::invalid(name, &e))?;
    }
    write(matches, &binary, false)
}

pub fn wasm2wat(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    let _progress = input::Progress::start(name);
    let binary = input::binary(name)?;
    let mut config = wasmprinter::Config::new();
    config.fold_instructions(matches.get_flag("fold"));
    config.print_skeleton(matches.get_flag("skeleton"));
    config.print_offsets(matches.get_flag("offsets"));
    let mut text = String::new();
    config
        .print(&binary, &mut wasmprinter::PrintFmtWrite(&mut text))
        .map_err(|e| Failure::failed(format!("{}: {e}", input::shown(name))))?;
    write(matches, text.as_bytes(), true)
}

pub fn completions(matches: &ArgMatches) -> Outcome {
    use clap_complete::{Shell, generate};
    let shell = match matches.get_one::<String>("shell").map(String::as_str) {
        Some("bash") => Shell::Bash,
        Some("zsh") => Shell::Zsh,
        _ => Shell::Fish,
    };
    let mut script = Vec::new();
    generate(shell, &mut args::command(), "wasmx", &mut script);
    console::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}
