//! What a module runs in: an engine and a store with the limits that were asked for, WASI with what was granted, and the
//! modules that were linked before it.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{Failure, Outcome, TRAPPED, reason};
use crate::describe::Types;
use crate::{grants, input, trap};
use std::ffi::{OsStr, OsString};
use std::sync::Arc;
use std::time::Duration;
use wasm::module::Module;
use wasm::runtime::{Config, Engine, Extern, Func, Instance, InstantiateError, Profile, Store, Tier, Trap, Val};
use wasm::sys::cpu::Level;
use wasm::vm::trap::TrapKind;
use wasm::wasi::{self, Ctx, Exit};

/// Why the guest does not go on.
pub enum End {
    Failure(Failure),
    Trap(Trap),
    /// `proc_exit`.
    Exit(i32),
}

impl From<Failure> for End {
    fn from(f: Failure) -> End {
        End::Failure(f)
    }
}

impl From<Trap> for End {
    fn from(t: Trap) -> End {
        match t.payload().and_then(|p| p.downcast_ref::<Exit>()) {
            Some(Exit(code)) => End::Exit(status(*code)),
            None => End::Trap(t),
        }
    }
}

/// The system keeps 8 bits of an exit code: what is a failure stays one.
fn status(code: u32) -> i32 {
    match code & 0xff {
        0 if code != 0 => 1,
        low => low as i32,
    }
}

impl End {
    pub fn outcome(self) -> Outcome {
        match self {
            End::Failure(f) => Err(f),
            End::Exit(code) => Ok(code),
            End::Trap(t) => Err(Failure::Told(TRAPPED, trap::report(&t))),
        }
    }
}

pub struct World {
    pub store: Store,
    ctx: Arc<Ctx>,
    /// Modules to instantiate first, under their names; and then those that are.
    links: Vec<(String, OsString)>,
    linked: Vec<(String, Instance)>,
}

impl World {
    /// `args` are those of the program, without its name.
    pub fn new(options: Options<'_>, name: &OsStr, args: &[OsString]) -> Result<World, Failure> {
        let engine = Engine::new(config(options)?);
        let store = Store::new(&engine).map_err(|e| Failure::failed(format!("cannot make a store: {e}")))?;
        let ctx = Ctx::new(&store, grants::config(options, name, args)?);
        let links = options.many::<OsString>("link").map(|l| link(l)).collect::<Result<_, _>>()?;
        if let Some(fuel) = options.one::<u64>("fuel") {
            store.set_fuel(*fuel);
        }
        if let Some(time) = options.one::<String>("timeout") {
            stop_after(&store, duration(time)?)?;
        }
        Ok(World { store, ctx, links, linked: Vec::new() })
    }

    /// Instantiates what is linked, then the module itself.
    pub fn instantiate_main(&mut self, name: &OsStr) -> Result<Instance, End> {
        for (module, file) in std::mem::take(&mut self.links) {
            let instance = self.instantiate(&file)?;
            self.initialize(&instance)?;
            self.linked.push((module, instance));
        }
        self.instantiate(name)
    }

    fn instantiate(&self, name: &OsStr) -> Result<Instance, End> {
        let code = input::load(self.store.engine(), name)?;
        let imports = self.imports(name, &code.module)?;
        Instance::from_code(&self.store, &code, &imports).map_err(|e| match e {
            InstantiateError::Trap(t) => t.into(),
            e => Failure::failed(format!("{}: {e}", input::shown(name))).into(),
        })
    }

    /// What a module imports: from linked modules, the latest of a name first, or from WASI.
    fn imports(&self, name: &OsStr, module: &Module) -> Result<Vec<Extern>, Failure> {
        let cannot = |why: String| Failure::failed(format!("{}: {why}", input::shown(name)));
        let system = wasi::imports(&self.store, &self.ctx, module).map_err(|e| cannot(e.to_string()))?;
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for (import, system) in module.imports.iter().zip(system) {
            let linked = self.linked.iter().rev().filter(|(name, _)| **name == *import.module);
            match linked.filter_map(|(_, i)| i.export(&import.name)).next().or(system) {
                Some(item) => found.push(item),
                None => missing.push(import),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        const MOST: usize = 10;
        let types = Types::of(module);
        let mut text = format!("nothing provides {} of its imports:", missing.len());
        for i in missing.iter().take(MOST) {
            text += &format!("\n  {:?} {:?} {}", i.module, i.name, types.external(&i.ty));
        }
        if missing.len() > MOST {
            text += &format!("\n  ... and {} more", missing.len() - MOST);
        }
        Err(cannot(text))
    }

    /// Calls `_initialize`, if the module is a reactor: whether it is.
    pub fn initialize(&self, instance: &Instance) -> Result<bool, End> {
        let init = instance.func("_initialize").filter(|f| f.ty().params.is_empty() && f.ty().results.is_empty());
        match init {
            Some(init) => self.call(&init, &[], &mut []).map(|()| true),
            None => Ok(false),
        }
    }

    pub fn call(&self, func: &Func, args: &[Val], results: &mut [Val]) -> Result<(), End> {
        func.call(args, results).map_err(|trap| match End::from(trap) {
            // Another thread of the guest has ended the program.
            End::Trap(t) if t.kind() == TrapKind::Interrupted => match (self.ctx.exit_code(), self.ctx.thread_trap()) {
                (Some(code), _) => End::Exit(status(code)),
                (None, Some(text)) => Failure::Told(TRAPPED, trap::of_thread(&text)).into(),
                (None, None) => End::Trap(t),
            },
            end => end,
        })
    }
}

/// Stops the guest when the time is over: its code, and what it waits for.
fn stop_after(store: &Store, time: Duration) -> Result<(), Failure> {
    let set = store.interrupter().set_deadline(Some(time));
    set.map_err(|e| Failure::failed(format!("cannot watch the time for --timeout: {}", reason(&e))))
}

/// `NAME=FILE`.
fn link(text: &OsStr) -> Result<(String, OsString), Failure> {
    let parts = text.to_str().and_then(|t| t.split_once('='));
    match parts {
        Some((name, file)) if !file.is_empty() => Ok((name.into(), file.into())),
        _ => Err(Failure::usage(format!("--link wants NAME=FILE, not `{}`", text.to_string_lossy()))),
    }
}

/// The engine that the options describe.
fn config(options: Options<'_>) -> Result<Config, Failure> {
    let mut config = input::config(options)?;
    config.fuel = options.has("fuel");
    config.tier = match options.one::<String>("tier").map(String::as_str) {
        Some("interpreter") => Tier::Interpreter,
        Some("eager") if !Engine::has_compiler() => {
            return Err(Failure::usage("--tier eager: this build has no compiler for this processor"));
        }
        Some("eager") => Tier::Eager,
        _ => Tier::Tiering,
    };
    config.cpu = match options.one::<String>("cpu").map(String::as_str) {
        Some("v1") => Level::V1,
        Some("v2") => Level::V2,
        _ => Level::V3,
    };
    for kind in options.many::<String>("profile") {
        config.profile = config.profile.with(match kind.as_str() {
            "perfmap" => Profile::PERF_MAP,
            "jitdump" => Profile::JITDUMP,
            _ => Profile::GDB,
        });
    }
    config.profile.start(None).map_err(|why| Failure::failed(format!("--profile: {why}")))?;
    let bytes = |name: &str| options.one::<String>(name).map(|text| size(text)).transpose();
    if let Some(most) = bytes("max-memory")? {
        config.limits.total_memory_bytes = most;
    }
    if let Some(most) = bytes("max-heap")? {
        config.limits.heap_bytes = most;
    }
    if let Some(most) = bytes("max-stack")? {
        config.stack_bytes = usize::try_from(most)
            .ok()
            .filter(|s| *s <= MAX_STACK)
            .ok_or_else(|| Failure::usage(format!("--max-stack is at most {} megabytes", MAX_STACK >> 20)))?;
    }
    if let Some(most) = options.one::<u64>("max-table") {
        config.limits.table_elements = *most;
    }
    if let Some(most) = options.one::<usize>("max-instances") {
        config.limits.instances = *most;
    }
    Ok(config)
}

/// More address space than a stack can use.
const MAX_STACK: usize = 1 << 32;

/// Bytes, with a unit that is a power of 1024.
fn size(text: &str) -> Result<u64, Failure> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let shift = match unit.to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => Some(0),
        "k" => Some(10),
        "m" => Some(20),
        "g" => Some(30),
        "t" => Some(40),
        _ => None,
    };
    let value = digits.parse::<u64>().ok().zip(shift).and_then(|(n, shift)| n.checked_mul(1 << shift));
    value.ok_or_else(|| Failure::usage(format!("`{text}` is no size: a number of bytes, or as 64K, 64M, 1G")))
}

/// A time, in seconds or with a unit.
fn duration(text: &str) -> Result<Duration, Failure> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let unit = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => f64::NAN,
    };
    let seconds = digits.parse::<f64>().ok().and_then(|n| Duration::try_from_secs_f64(n * unit).ok());
    seconds.ok_or_else(|| Failure::usage(format!("`{text}` is no time: a number with ms, s, m or h")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        for (text, bytes) in [("0", 0), ("65536", 65536), ("64K", 65536), ("1MiB", 1 << 20), ("2gb", 2 << 30)] {
            assert_eq!(size(text).ok(), Some(bytes), "{text}");
        }
        for text in ["", "K", "-1", "1X", "1.5M", "99999999999999999999", "99999999999T"] {
            assert!(size(text).is_err(), "{text}");
        }
        for (text, ms) in [("500ms", 500), ("2", 2000), ("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text).ok(), Some(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "ms", "-1s", "1d", "1e999s", "1.2.3s", "99999999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
