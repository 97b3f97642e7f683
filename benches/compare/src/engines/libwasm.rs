//! This library, through its Rust interface.

use super::{Guest, Loaded, append};
use wasm::module::{FuncType, ValType};
use wasm::runtime::{Config, Engine, Extern, Func, Instance, Module, Store, Trap, Val};

struct Running {
    run: Func,
    /// Keeps the instance, and with it the store, alive.
    _instance: Instance,
}

pub use wasm::runtime::Tier;

fn engine(tier: Tier) -> Engine {
    Engine::new(Config { tier, ..Config::default() })
}

pub fn compile(code: &[u8], tier: Tier) -> Result<(), String> {
    let store = Store::new(&engine(tier)).map_err(|e| format!("{e:?}"))?;
    let module = Module::new(&store, code).map_err(|e| e.to_string())?;
    std::mem::forget((store, module));
    Ok(())
}

pub fn load(code: &[u8], tier: Tier) -> Loaded {
    let engine = engine(tier);
    let store = Store::new(&engine).map_err(|e| format!("{e:?}"))?;
    let module = Module::new(&store, code).map_err(|e| e.to_string())?;
    let ty = FuncType::new([ValType::I32, ValType::I32], []);
    let write = Func::new(&store, &ty, |caller, args, _| {
        let (at, len) = (args[0].as_i32().unwrap_or(-1) as u32, args[1].as_i32().unwrap_or(-1) as u32);
        let mut part = vec![0; len as usize];
        match caller.memory() {
            Some(memory) if memory.read(at as usize, &mut part) => {
                append(&part);
                Ok(())
            }
            _ => Err(Trap::new(caller.store(), "text outside of memory")),
        }
    });
    let imports = vec![Extern::from(write); module.info().imports.len()];
    let instance = Instance::new(&store, &module, &imports).map_err(|e| e.to_string())?;
    let run = instance.func("run").ok_or("no function `run`")?;
    Ok(Box::new(Running { run, _instance: instance }))
}

impl Guest for Running {
    fn run(&mut self, scale: i32) -> Result<u64, String> {
        let mut result = [Val::I64(0)];
        self.run.call(&[Val::I32(scale)], &mut result).map_err(|trap| trap.message().into_owned())?;
        result[0].as_i64().map(|v| v as u64).ok_or_else(|| "no i64".into())
    }
}
