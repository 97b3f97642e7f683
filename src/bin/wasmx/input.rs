//! From a file's name to a module: reading, text to binary, and the engine that the options describe.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{Failure, reason};
use clap::ArgMatches;
use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal, Read, Write};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use wasm::module::{Feature, Features, LoadError};
use wasm::runtime::{Config, Engine, ModuleCode};
use wasm::text;

/// A file's name as messages have it.
pub fn shown(name: &OsStr) -> String {
    if name == "-" { "standard input".into() } else { name.to_string_lossy().into_owned() }
}

/// The file that a subcommand works on.
pub fn file(matches: &ArgMatches) -> &OsString {
    matches.get_one("file").expect("a required argument")
}

/// All of a file, or of standard input.
pub fn read(name: &OsStr) -> Result<Vec<u8>, Failure> {
    let cannot = |why: &str| Failure::failed(format!("cannot read {}: {why}", shown(name)));
    if name == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(|e| cannot(&reason(&e)))?;
        return Ok(bytes);
    }
    let most = wasm::module::Limits::DEFAULT.module_size as u64;
    let file = std::fs::File::open(name).map_err(|e| cannot(&reason(&e)))?;
    let meta = file.metadata().map_err(|e| cannot(&reason(&e)))?;
    if meta.is_dir() {
        return Err(cannot("it is a directory"));
    }
    if meta.len() > most {
        return Err(cannot(&format!("it has {} bytes, and a module has at most {most}", meta.len())));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
    // A device has no length of its own and might never end.
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| cannot(&reason(&e)))?;
    if bytes.len() as u64 > most {
        return Err(cannot(&format!("it goes on after {most} bytes")));
    }
    Ok(bytes)
}

/// The binary of a module that may be text.
pub fn binary(name: &OsStr) -> Result<Vec<u8>, Failure> {
    to_binary(name, read(name)?)
}

/// As [`binary`], for what has been read already.
pub fn to_binary(name: &OsStr, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    // What begins with a NUL is a damaged binary rather than text.
    if text::is_binary(&bytes) || bytes.first() == Some(&0) {
        return Ok(bytes);
    }
    text::to_binary(&bytes).map_err(|e| {
        let colon = if e.line == 0 { ": " } else { ":" };
        Failure::failed(format!("{}{colon}{e}", shown(name)))
    })
}

/// A module that an engine refuses.
pub fn invalid(name: &OsStr, e: &LoadError) -> Failure {
    Failure::failed(format!("{}: invalid module: {e}", shown(name)))
}

/// A module of at most so many bytes is loaded before anybody looks.
const QUICK: usize = 1 << 18;

/// Reads, converts and validates; tells on a terminal when that takes long.
pub fn load(engine: &Engine, name: &OsStr) -> Result<Arc<ModuleCode>, Failure> {
    let bytes = read(name)?;
    let _progress = (bytes.len() > QUICK).then(|| Progress::start(name));
    engine.compile(to_binary(name, bytes)?).map_err(|e| invalid(name, &e))
}

/// The engine that the options for proposals describe.
pub fn config(options: Options<'_>) -> Result<Config, Failure> {
    Ok(Config { features: features(options)?, ..Config::default() })
}

fn feature(name: &str) -> Result<Feature, Failure> {
    Feature::ALL.iter().copied().find(|f| f.name() == name).ok_or_else(|| {
        let names: Vec<&str> = Feature::ALL.iter().map(|f| f.name()).collect();
        Failure::usage(format!("there is no proposal `{name}`; there are {}", names.join(", ")))
    })
}

fn features(options: Options<'_>) -> Result<Features, Failure> {
    let mut on = Features::default();
    if options.has("features") {
        on = Features::NONE;
        for name in options.many::<String>("features") {
            let more = match name.as_str() {
                "all" => Features::ALL,
                "none" => Features::NONE,
                "wasm1" => Features::WASM1,
                "wasm2" => Features::WASM2,
                "wasm3" => Features::WASM3,
                "list" => {
                    let names: String = Feature::ALL.iter().map(|f| format!("{}\n", f.name())).collect();
                    return Err(crate::console::print(&names).err().unwrap_or(Failure::Told(0, String::new())));
                }
                name => Features::NONE.with(feature(name)?),
            };
            on = more.iter().fold(on, Features::with);
        }
    }
    for (option, value) in [("enable", true), ("disable", false)] {
        for name in options.many::<String>(option) {
            on.set(feature(name)?, value);
        }
    }
    Ok(on)
}

/// A line on the terminal while something takes longer than a second; gone when dropped.
pub struct Progress {
    stop: Option<(Sender<()>, std::thread::JoinHandle<()>)>,
}

impl Progress {
    pub fn start(name: &OsStr) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { stop: None };
        }
        let (sender, receiver) = channel::<()>();
        let name = shown(name);
        let work = move || {
            let begin = Instant::now();
            let mut told = false;
            while receiver.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                let _ = write!(std::io::stderr(), "\r\x1b[Kwasmx: loading {name}: {} s", begin.elapsed().as_secs());
                told = true;
            }
            if told {
                let _ = write!(std::io::stderr(), "\r\x1b[K");
            }
        };
        let thread = std::thread::Builder::new().spawn(work);
        Progress { stop: thread.ok().map(|t| (sender, t)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.stop.take() {
            drop(sender);
            let _ = thread.join();
        }
    }
}
