//! `wasmx run`: a program, or one of a module's functions.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{self, Failure, Outcome};
use crate::world::{End, World};
use crate::{input, names, values};
use clap::ArgMatches;
use std::ffi::{OsStr, OsString};
use wasm::module::{ExternKind, Module};
use wasm::runtime::{Func, Instance, Profile, Val};

pub fn main(matches: &ArgMatches) -> Outcome {
    let args: Vec<OsString> = matches.get_many::<OsString>("args").into_iter().flatten().cloned().collect();
    run(Options::of(matches), input::file(matches), &args)
}

/// Runs a program without any option.
pub fn plain(name: &OsStr, args: &[OsString]) -> Outcome {
    run(Options::NONE, name, args)
}

fn run(options: Options<'_>, name: &OsStr, args: &[OsString]) -> Outcome {
    let invoke = options.one::<String>("invoke");
    // The arguments of a function are no business of the program.
    let of_program = if invoke.is_some() { &[] } else { args };
    let mut world = World::new(options, name, of_program)?;
    let outcome = match invoke {
        None => program(&mut world, name),
        Some(function) => call(&mut world, name, function, args, options.flag("types")),
    };
    let outcome = outcome.map_or_else(End::outcome, |()| Ok(0));
    if let Some(why) = Profile::failure() {
        console::say(&format!("--profile: {why}"));
    }
    // The process ends now, which frees everything at once.
    std::mem::forget(world);
    outcome
}

/// Runs what a module does by itself.
fn program(world: &mut World, name: &OsStr) -> Result<(), End> {
    let instance = world.instantiate_main(name)?;
    let module = instance.module();
    let start = instance.func("_start").filter(|f| f.ty().params.is_empty() && f.ty().results.is_empty());
    if let Some(start) = start {
        return world.call(&start, &[], &mut []);
    }
    if world.initialize(&instance)? || module.start.is_some() {
        return Ok(());
    }
    let text = format!(
        "{} has no `_start` to run: name a function with --invoke\n{}",
        input::shown(name),
        exported_functions(module)
    );
    Err(Failure::usage(text.trim_end()).into())
}

fn call(world: &mut World, file: &OsStr, name: &str, args: &[OsString], types: bool) -> Result<(), End> {
    let instance = world.instantiate_main(file)?;
    world.initialize(&instance)?;
    let func = function(&instance, name).map_err(Failure::usage)?;
    let args: Vec<&str> = args
        .iter()
        .map(|a| a.to_str().ok_or_else(|| Failure::usage(format!("{} is not in UTF-8", a.to_string_lossy()))))
        .collect::<Result<_, _>>()?;
    let args = arguments(world, name, &func, &args).map_err(Failure::usage)?;
    let mut results = vec![Val::I32(0); func.ty().results.len()];
    world.call(&func, &args, &mut results)?;
    let lines: String = shown(&func, &results, types).iter().map(|v| format!("{v}\n")).collect();
    Ok(console::print(&lines)?)
}

/// An exported function, or in words why there is none.
pub fn function(instance: &Instance, name: &str) -> Result<Func, String> {
    instance.func(name).ok_or_else(|| {
        let functions = exported_functions(instance.module());
        format!("there is no exported function `{}`\n{functions}", names::printable(name)).trim_end().to_owned()
    })
}

/// The arguments of a function, from text.
pub fn arguments(world: &World, name: &str, func: &Func, args: &[&str]) -> Result<Vec<Val>, String> {
    let params = &func.ty().params;
    if params.len() != args.len() {
        let name = names::printable(name);
        let plural = if params.len() == 1 { "" } else { "s" };
        let ty = func.ty();
        return Err(format!("`{name}` takes {} argument{plural}, not {}: {ty}", params.len(), args.len()));
    }
    let types = world.store.engine().types();
    args.iter().zip(params).map(|(text, ty)| values::parse(text, *ty, types)).collect()
}

/// Results as text.
pub fn shown(func: &Func, results: &[Val], types: bool) -> Vec<String> {
    let show = |(ty, v): (&wasm::module::ValType, &Val)| {
        if types { format!("{ty}:{}", values::show(v)) } else { values::show(v) }
    };
    func.ty().results.iter().zip(results).map(show).collect()
}

/// What can be invoked, as lines for a message.
fn exported_functions(module: &Module) -> String {
    const MOST: usize = 20;
    let types = crate::describe::Types::of(module);
    let all: Vec<_> = module.exports.iter().filter(|e| e.kind == ExternKind::Func).collect();
    if all.is_empty() {
        return "it exports no function".into();
    }
    let line = |e: &&wasm::module::Export| {
        let ty = types.func(module.func_type(e.index));
        format!("  {} {ty}\n", names::printable(&e.name))
    };
    let mut text: String = all.iter().take(MOST).map(line).collect();
    if all.len() > MOST {
        text += &format!("  ... and {} more\n", all.len() - MOST);
    }
    format!("exported functions:\n{text}")
}
