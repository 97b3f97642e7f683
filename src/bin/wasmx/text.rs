//! `wasmx wat2wasm`, `wasmx wasm2wat` and `wasmx completions`: what only converts and writes.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{self, Failure, Outcome, reason};
use crate::{args, input};
use clap::ArgMatches;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use wasm::runtime::Engine;

/// Writes a binary to where `-o` says.
fn write(matches: &ArgMatches, bytes: &[u8]) -> Outcome {
    match matches.get_one::<OsString>("output").filter(|o| *o != "-") {
        Some(path) => std::fs::write(path, bytes)
            .map_err(|e| Failure::failed(format!("cannot write {}: {}", path.to_string_lossy(), reason(&e))))?,
        None => {
            let mut out = std::io::stdout().lock();
            if out.is_terminal() {
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
    let engine = Engine::new(input::config(Options::of(matches))?);
    let binary = input::binary(name)?;
    if !matches.get_flag("no-check") {
        engine.validate(&binary).map_err(|e| input::invalid(name, &e))?;
    }
    write(matches, &binary)
}

pub fn wasm2wat(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    let _progress = input::Progress::start(name);
    let binary = input::binary(name)?;
    let mut config = wasmprinter::Config::new();
    config.fold_instructions(matches.get_flag("fold"));
    config.print_skeleton(matches.get_flag("skeleton"));
    config.print_offsets(matches.get_flag("offsets"));
    // Text is many times the size of the binary, so it is not collected first.
    let to = matches.get_one::<OsString>("output").filter(|o| *o != "-");
    let printed = match to {
        Some(path) => {
            let cannot = |e| Failure::failed(format!("cannot write {}: {}", path.to_string_lossy(), reason(&e)));
            print_to(&config, &binary, std::fs::File::create(path).map_err(cannot)?)
        }
        None => print_to(&config, &binary, std::io::stdout().lock()),
    };
    match (printed, to) {
        (Ok(()), _) => Ok(0),
        (Err(Printing::Module(text)), _) => Err(Failure::failed(format!("{}: {text}", input::shown(name)))),
        (Err(Printing::Output(e)), None) => Err(e.into()),
        (Err(Printing::Output(e)), Some(path)) => {
            Err(Failure::failed(format!("cannot write {}: {}", path.to_string_lossy(), reason(&e))))
        }
    }
}

/// Why there is no text, or not all of it.
enum Printing {
    Module(String),
    Output(std::io::Error),
}

fn print_to(config: &wasmprinter::Config, binary: &[u8], out: impl Write) -> Result<(), Printing> {
    let mut out = wasmprinter::PrintIoWrite(std::io::BufWriter::with_capacity(1 << 16, out));
    config.print(binary, &mut out).map_err(|e| match e.downcast::<std::io::Error>() {
        Ok(e) => Printing::Output(e),
        Err(e) => Printing::Module(e.to_string()),
    })?;
    out.0.flush().map_err(Printing::Output)
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
