//! The engines under comparison, each behind the same two steps: load a guest, run it.
//!
//! A guest exports `run(i32) -> i64` and `memory`, and imports `env.write(ptr, len)`, which must append to [`text`].

mod c_api;
mod libwasm;
pub mod native;
pub mod v8;
mod wasm3;
mod wasmi;

use libwasm::Tier;
use std::cell::RefCell;
use std::path::PathBuf;

/// A loaded guest, ready to run once.
pub trait Guest {
    fn run(&mut self, scale: i32) -> Result<u64, String>;
}

pub type Loaded = Result<Box<dyn Guest>, String>;

/// The engines by the names that the command line and the report use.
pub const NAMES: &[&str] = &["libwasm", "wasmi", "wasm3", "wasmtime", "winch", "v8", "native"];

/// libwasmtime's setting for its baseline compiler (`wasmtime_config_strategy_set`, `WASMTIME_STRATEGY_WINCH`).
const WINCH: (&str, u32) = ("wasmtime_config_strategy_set", 2);

/// Where an engine that is loaded at run time lies: `LIBWASM_PEERS`, else `benches/peers`.
pub fn peer(file: &str) -> PathBuf {
    let folder = std::env::var_os("LIBWASM_PEERS").map(PathBuf::from);
    folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../peers")).join(file)
}

/// What must exist before an engine can run, if it is not linked in.
pub fn missing(engine: &str) -> Option<PathBuf> {
    let path = match engine {
        "wasm3" => peer("libwasm3.so"),
        "wasmtime" | "winch" => peer("_libwasmtime.so"),
        "v8" => return v8::missing(),
        path if path.contains('/') => PathBuf::from(path),
        _ => return None,
    };
    (!path.exists()).then_some(path)
}

/// Prepares what must be paid once per process and not per guest: opening a shared library.
pub enum Engine {
    Libwasm(Tier),
    Wasmi,
    WasmiEager,
    Wasm3(wasm3::Library),
    CApi(c_api::Library),
    Native,
}

impl Engine {
    /// `name` is one of [`NAMES`], `libwasm-interpreter`, `libwasm-eager`, `wasmi-eager` (for loading), or the path of any shared library that exports `wasm.h`.
    pub fn open(name: &str) -> Result<Engine, String> {
        Ok(match name {
            "libwasm" => Engine::Libwasm(Tier::default()),
            "libwasm-interpreter" => Engine::Libwasm(Tier::Interpreter),
            "libwasm-eager" => Engine::Libwasm(Tier::Eager),
            "wasmi" => Engine::Wasmi,
            "wasmi-eager" => Engine::WasmiEager,
            "wasm3" => Engine::Wasm3(wasm3::Library::open(&peer("libwasm3.so"))?),
            "wasmtime" => Engine::CApi(c_api::Library::open(&peer("_libwasmtime.so"), None)?),
            "winch" => Engine::CApi(c_api::Library::open(&peer("_libwasmtime.so"), Some(WINCH))?),
            "native" => Engine::Native,
            path if path.contains('/') => Engine::CApi(c_api::Library::open(path.as_ref(), None)?),
            _ => return Err(format!("no engine is called {name}")),
        })
    }

    /// `code` is the module's bytes, or, for native guests, the path of the shared object.
    pub fn load(&self, code: &[u8]) -> Loaded {
        match self {
            Engine::Libwasm(tier) => libwasm::load(code, *tier),
            Engine::Wasmi | Engine::WasmiEager => wasmi::load(code),
            Engine::Wasm3(library) => library.load(code),
            Engine::CApi(library) => library.load(code),
            Engine::Native => native::load(code),
        }
    }

    /// Makes a module and nothing else.
    pub fn compile(&self, code: &[u8]) -> Result<(), String> {
        match self {
            Engine::Libwasm(tier) => libwasm::compile(code, *tier),
            Engine::Wasmi => wasmi::compile(code, false),
            Engine::WasmiEager => wasmi::compile(code, true),
            Engine::CApi(library) => library.compile(code),
            Engine::Wasm3(_) | Engine::Native => Err("has no loading apart from running".into()),
        }
    }
}

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What the guest has written, FNV-hashed: engines must agree on it.
pub fn text_hash() -> u64 {
    TEXT.with_borrow(|text| text.iter().fold(0xcbf29ce484222325, |h, b| (h ^ *b as u64).wrapping_mul(0x100000001b3)))
}

fn append(text: &[u8]) {
    TEXT.with_borrow_mut(|all| all.extend_from_slice(text));
}

/// The form in which engines with a C interface call back.
unsafe extern "C" fn append_raw(text: *const u8, len: u32) {
    // SAFETY: the guest's text lies in its memory for the duration of the call.
    append(unsafe { std::slice::from_raw_parts(text, len as usize) });
}
