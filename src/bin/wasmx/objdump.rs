//! `wasmx objdump`: the register code that functions are run as.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{Failure, Outcome};
use crate::describe::Types;
use crate::{input, names};
use clap::ArgMatches;
use std::io::Write;
use wasm::module::{ExternKind, Module};
use wasm::runtime::Engine;

pub fn main(matches: &ArgMatches) -> Outcome {
    let name = input::file(matches);
    let engine = Engine::new(input::config(Options::of(matches))?);
    let code = input::load(&engine, name)?;
    let module = &code.module;
    let types = Types::of(module);
    let funcs = match matches.get_one::<String>("function") {
        Some(wanted) => find(module, wanted)?,
        None => (0..module.bodies.len() as u32).collect(),
    };
    let known = names::of_all(module);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for (i, defined) in funcs.iter().enumerate() {
        let func = defined + module.num_imported_funcs;
        let body = &module.bodies[*defined as usize];
        let name = known[func as usize].as_deref().map(|n| format!(" {n}")).unwrap_or_default();
        let ty = types.func(module.func_type(func));
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "function {func}{name}: {ty}, {} bytes at {:#x}", body.len(), body.start)?;
        out.write_all(code.listing(*defined).as_bytes())?;
    }
    out.flush()?;
    Ok(0)
}

/// The defined functions that an index or a name means.
fn find(module: &Module, wanted: &str) -> Result<Vec<u32>, Failure> {
    let imported = module.num_imported_funcs;
    let all = module.func_types.len() as u32;
    let named = |func: &u32| module.func_name(*func).is_some_and(|n| n == wanted || names::demangle(n) == wanted);
    let found: Vec<u32> = match wanted.parse::<u32>() {
        Ok(func) if func < all => vec![func],
        _ => {
            let mut found: Vec<u32> = (0..all).filter(named).collect();
            let exports = module.exports.iter().filter(|e| e.kind == ExternKind::Func && &*e.name == wanted);
            found.extend(exports.map(|e| e.index));
            found.sort_unstable();
            found.dedup();
            found
        }
    };
    if found.is_empty() {
        return Err(Failure::usage(format!("there is no function `{wanted}`")));
    }
    let defined: Vec<u32> = found.iter().filter_map(|f| f.checked_sub(imported)).collect();
    if defined.is_empty() {
        return Err(Failure::usage(format!("function `{wanted}` is imported and has no code")));
    }
    Ok(defined)
}
