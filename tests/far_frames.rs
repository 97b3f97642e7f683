//! Frames of more than 65,536 slots, whose operands do not fit the fields of instructions and travel through scratch slots
//! (`code::translate`): however many of them an operator has, or a branch moves, each arrives.

#![forbid(unsafe_code)]

use wasm::runtime::{Config, Engine, Instance, Module, Store, Val};

/// Calls `f` of a module that consists of it and a memory; its locals after the parameter and the results are 33,000 vectors and an `i32`.
fn call(signature: &str, body: &str, arg: i32) -> Vec<Val> {
    let vectors = "v128 ".repeat(33_000);
    let text =
        format!("(module (memory 1) (func (export \"f\") (param i32) {signature} (local {vectors} i32) {body}))");
    let buffer = wast::parser::ParseBuffer::new(&text).expect("tokens");
    let bytes = wast::parser::parse::<wast::Wat<'_>>(&buffer).expect("a module").encode().expect("a module");
    let engine = Engine::new(Config::default());
    let store = Store::new(&engine).expect("a store");
    let module = Module::new(&store, bytes).expect("a valid module");
    let instance = Instance::new(&store, &module, &[]).expect("an instance");
    let f = instance.func("f").expect("the function");
    let mut results = vec![Val::I32(0); f.ty().results.len()];
    f.call(&[Val::I32(arg)], &mut results).expect("no trap");
    results
}

#[test]
fn three_far_constants() {
    let results =
        call("(result i32)", "(memory.fill (i32.const 16) (i32.const 7) (i32.const 3)) (i32.load (i32.const 16))", 0);
    assert_eq!(results, [Val::I32(0x0007_0707)]);
    let results = call("(result i32)", "(select (i32.const 10) (i32.const 20) (i32.const 0))", 0);
    assert_eq!(results, [Val::I32(20)]);
}

#[test]
fn branches_with_many_far_constants() {
    const CARRY: &str = "i32.const 1 i32.const 2 i32.const 3 i32.const 4 i32.const 5 local.get 33001";
    let taken = |branch: &str, arg: i32| {
        let body = format!(
            "local.get 0 local.set 33001
             (block (result i32 i32 i32 i32 i32) {CARRY} {branch} drop i32.const 6)
             i32.add i32.add i32.add i32.add"
        );
        call("(result i32)", &body, arg)
    };
    assert_eq!(taken("br_if 0", 0), [Val::I32(16)]);
    assert_eq!(taken("br_if 0", 1), [Val::I32(15)]);
    assert_eq!(taken("i32.eqz br_if 0", 0), [Val::I32(15)]);
    let table = |arg: i32| {
        let body = format!(
            "local.get 0 local.set 33001
             (block (result i32 i32 i32 i32 i32)
               (block (result i32 i32 i32 i32 i32) {CARRY} br_table 0 1)
               i32.const 100 i32.add)
             i32.add i32.add i32.add i32.add"
        );
        call("(result i32)", &body, arg)
    };
    assert_eq!(table(0), [Val::I32(115)]);
    assert_eq!(table(1), [Val::I32(15)]);
}

#[test]
fn far_results() {
    let results = call("(result i32 i32 i32)", "local.get 0 i32.const 1 i32.add i32.const -5 local.get 0", 7);
    assert_eq!(results, [Val::I32(8), Val::I32(-5), Val::I32(7)]);
}
