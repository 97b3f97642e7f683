//! Tests of the object world from the outside of its files: what hosts observe.

mod determinism;
mod fuel;
#[cfg(all(jit, target_arch = "x86_64"))]
mod golden;
#[cfg(jit)]
mod guard;
mod instances;
mod interrupt;
mod lifetimes;
#[cfg(jit)]
mod machine;
#[cfg(jit)]
mod machine_control;
#[cfg(jit)]
mod machine_idiom;
#[cfg(jit)]
mod machine_inline;
#[cfg(jit)]
mod machine_loops;
#[cfg(jit)]
mod machine_vectors;
mod objects;
mod opcodes;
mod random;
mod threads;
#[cfg(jit)]
mod tier;

use super::*;
use crate::module::{FuncType, ValType};

/// The binary of a module in the text format.
pub fn wat(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).unwrap();
    wast::parser::parse::<wast::Wat>(&buffer).unwrap_or_else(|e| panic!("{e}\n{text}")).encode().unwrap()
}

std::thread_local! {
    /// How engines of this thread's test run code: what `tier`, `tier_calls` and `tier_loops` of a configuration are.
    static RUNS: std::cell::Cell<(Tier, u32, u32)> = const { std::cell::Cell::new((Tier::Tiering, 500, 500)) };
}

/// The default configuration for the tier that is tested.
pub fn config() -> Config {
    let (tier, tier_calls, tier_loops) = RUNS.get();
    Config { tier, tier_calls, tier_loops, compile_threads: 0, inline_all: true, ..Config::default() }
}

/// Runs a test in every way that engines run code: interpreted; compiled at the first call; going on as machine code at the first
/// trip of a loop; and both a little later.
pub fn in_every_tier(test: impl Fn()) {
    let ways = [(Tier::Interpreter, 0, 0), (Tier::Eager, 0, 0), (Tier::Tiering, u32::MAX, 0), (Tier::Tiering, 1, 1)];
    for way in ways {
        RUNS.set(way);
        test();
    }
}

pub fn store() -> Store {
    Store::new(&Engine::default()).unwrap()
}

pub fn module(store: &Store, text: &str) -> Module {
    Module::new(store, wat(text)).unwrap()
}

pub fn instantiate(store: &Store, text: &str, imports: &[Extern]) -> Result<Instance, InstantiateError> {
    Instance::new(store, &module(store, text), imports)
}

pub fn instance(store: &Store, text: &str) -> Instance {
    instantiate(store, text, &[]).unwrap()
}

pub fn func_type(params: &[ValType], results: &[ValType]) -> FuncType {
    FuncType::new(params, results)
}

/// Calls an export that gives one result.
pub fn call(instance: &Instance, name: &str, args: &[Val]) -> Result<Val, Trap> {
    let mut results = [Val::I32(-1)];
    instance.func(name).unwrap().call(args, &mut results).map(|()| results[0].clone())
}
