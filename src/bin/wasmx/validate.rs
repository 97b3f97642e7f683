//! `wasmx validate`: whether modules are valid.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{self, Failure, Outcome};
use crate::input;
use clap::ArgMatches;
use std::ffi::{OsStr, OsString};
use wasm::runtime::Engine;

pub fn main(matches: &ArgMatches) -> Outcome {
    let engine = Engine::new(input::config(Options::of(matches))?);
    let quiet = matches.get_flag("quiet");
    let mut code = 0;
    for name in matches.get_many::<OsString>("file").into_iter().flatten() {
        match check(&engine, name) {
            Ok(()) if quiet => {}
            Ok(()) => console::print(&format!("{}: valid\n", input::shown(name)))?,
            Err(Failure::Message(_, text)) => {
                code = console::FAILED;
                if !quiet {
                    console::say(&text);
                }
            }
            Err(other) => return Err(other),
        }
    }
    Ok(code)
}

fn check(engine: &Engine, name: &OsStr) -> Result<(), Failure> {
    let _progress = input::Progress::start(name);
    engine.validate(&input::binary(name)?).map_err(|e| input::invalid(name, &e))
}
