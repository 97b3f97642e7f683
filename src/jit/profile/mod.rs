//! Telling profilers and debuggers what machine code there is: which function is where, under its name in the module.
//!
//! Off unless an engine's configuration asks for it ([`start`]). A process has one file of each kind, whatever the number of
//! engines. What cannot be written any more is given up, never more than that: [`failure`] says why. A process made by `fork`
//! writes a map of its own, with what it installs itself.

pub mod gdb;
mod jitdump;
mod perf_map;

use super::code::Compiled;
use crate::module::Module;
use crate::sys::PerProcess;
use jitdump::JitDump;
use perf_map::PerfMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who is told: bits of `code::Options::profile`.
pub const PERF_MAP: u8 = 1;
pub const JITDUMP: u8 = 2;
pub const GDB: u8 = 4;
pub const ALL: u8 = PERF_MAP | JITDUMP | GDB;

/// Code that has been put in its place.
pub struct Placed<'a> {
    pub start: usize,
    pub code: &'a [u8],
    pub name: String,
    /// Not a function, but what is common to all.
    pub is_stubs: bool,
}

/// A file that is written to.
#[derive(Default)]
enum Sink<T> {
    #[default]
    Closed,
    Open(T),
    Failed(String),
}

impl<T> Sink<T> {
    /// Opens it, unless it is.
    fn open(&mut self, how: impl FnOnce() -> Result<T, String>) -> Result<(), String> {
        if !matches!(self, Sink::Open(_)) {
            *self = Sink::Open(how()?);
        }
        Ok(())
    }

    /// Writes, or gives up.
    fn write(&mut self, what: &str, how: impl FnOnce(&mut T) -> io::Result<()>) {
        if let Sink::Open(sink) = self
            && let Err(e) = how(sink)
        {
            *self = Sink::Failed(format!("{what} ends early: {e}"));
        }
    }

    fn failure(&self) -> Option<String> {
        match self {
            Sink::Failed(why) => Some(why.clone()),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Sinks {
    perf_map: Sink<PerfMap>,
    jitdump: Sink<JitDump>,
}

static SINKS: PerProcess<Mutex<Sinks>> = PerProcess::new();

fn sinks() -> MutexGuard<'static, Sinks> {
    // Whole after every statement.
    SINKS.get().lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens the files that are asked for, unless this process has them. The dump goes to a directory, the current one if there is
/// none given; the map is where its readers look for it.
pub fn start(kinds: u8, directory: Option<&Path>) -> Result<(), String> {
    let mut sinks = sinks();
    if kinds & PERF_MAP != 0 {
        sinks.perf_map.open(PerfMap::create)?;
    }
    if kinds & JITDUMP != 0 {
        sinks.jitdump.open(|| JitDump::create(directory.unwrap_or(Path::new("."))))?;
    }
    Ok(())
}

/// Why a file that this process has begun is not whole.
pub fn failure() -> Option<String> {
    let sinks = SINKS.made()?.lock().unwrap_or_else(PoisonError::into_inner);
    sinks.perf_map.failure().or_else(|| sinks.jitdump.failure())
}

/// Tells of code that has just been installed.
pub fn installed(kinds: u8, placed: &[Placed<'_>]) {
    if kinds & (PERF_MAP | JITDUMP) == 0 {
        return;
    }
    let mut sinks = sinks();
    if kinds & PERF_MAP != 0 && matches!(sinks.perf_map, Sink::Closed) {
        // A child of the process that was asked to.
        sinks.perf_map = PerfMap::create().map_or_else(Sink::Failed, Sink::Open);
    }
    if kinds & PERF_MAP != 0 {
        sinks.perf_map.write("the map of machine code", |map| map.add(placed));
    }
    if kinds & JITDUMP != 0 {
        sinks.jitdump.write("the dump of machine code", |dump| dump.add(placed));
    }
}

/// What a function is called: its module and itself, by the names that the module gives, without what would end a line.
pub fn name(module: &Module, f: &Compiled) -> String {
    let index = module.num_imported_funcs + f.wanted.defined;
    let own = module.func_name(index).map_or_else(|| format!("function[{index}]"), str::to_owned);
    let mut name = match module.name() {
        Some(module) if !module.is_empty() => format!("{module}!{own}"),
        _ => format!("wasm!{own}"),
    };
    if let Some(at) = f.wanted.at {
        name += &format!(" [loop {at}]");
    }
    name.chars().map(|c| if c.is_control() { '?' } else { c }).take(MAX_NAME).collect()
}

/// Characters.
const MAX_NAME: usize = 400;
