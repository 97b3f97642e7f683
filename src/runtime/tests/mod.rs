//! Tests of the object world from the outside of its files: what hosts observe.

mod determinism;
mod fuel;
mod instances;
mod interrupt;
mod lifetimes;
#[cfg(jit)]
mod machine;
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
