//! wasmi, through its Rust interface, with its default configuration.

use super::{Guest, Loaded, append};
use wasmi::{Caller, CompilationMode, Config, Engine, Extern, Linker, Module, Store, TypedFunc};

struct Running {
    store: Store<()>,
    run: TypedFunc<i32, i64>,
}

/// Validates, and with `eager` also translates every function; by default wasmi does that at a function's first call.
pub fn compile(code: &[u8], eager: bool) -> Result<(), String> {
    let mut config = Config::default();
    if eager {
        config.compilation_mode(CompilationMode::Eager);
    }
    let engine = Engine::new(&config);
    std::mem::forget(Module::new(&engine, code).map_err(|e| e.to_string())?);
    Ok(())
}

pub fn load(code: &[u8]) -> Loaded {
    let engine = Engine::default();
    let module = Module::new(&engine, code).map_err(|e| e.to_string())?;
    let mut store = Store::new(&engine, ());
    let mut linker = Linker::new(&engine);
    linker
        .func_wrap("env", "write", |caller: Caller<'_, ()>, at: u32, len: u32| {
            if let Some(Extern::Memory(memory)) = caller.get_export("memory") {
                if let Some(text) = memory.data(&caller).get(at as usize..at as usize + len as usize) {
                    append(text);
                }
            }
        })
        .map_err(|e| e.to_string())?;
    let instance = linker.instantiate_and_start(&mut store, &module).map_err(|e| e.to_string())?;
    let run = instance.get_typed_func(&store, "run").map_err(|e| e.to_string())?;
    Ok(Box::new(Running { store, run }))
}

impl Guest for Running {
    fn run(&mut self, scale: i32) -> Result<u64, String> {
        self.run.call(&mut self.store, scale).map(|v| v as u64).map_err(|e| e.to_string())
    }
}
