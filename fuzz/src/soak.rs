//! Long use: modules loaded, instantiated, run and deleted, and stores made and deleted, over and over on several threads, while
//! what the process holds of its system (resident memory, mappings, descriptors, threads) is looked at. The tests of the main
//! package include this file and run it for a moment; it names no other crate than `wasm`.

#![forbid(unsafe_code)]
#![allow(dead_code)]

use std::sync::Barrier;
use wasm::module::FuncType;
use wasm::runtime::{Config, Engine, Extern, Func, Instance, Limits, Module, Store, Val};

/// What a process holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub resident_kb: u64,
    pub mappings: u64,
    pub descriptors: u64,
}

impl Held {
    /// Of this process now; zeros where the system does not tell.
    pub fn now() -> Held {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:"));
        Held {
            resident_kb: line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0),
            mappings: std::fs::read_to_string("/proc/self/maps").map_or(0, |m| m.lines().count() as u64),
            descriptors: std::fs::read_dir("/proc/self/fd").map_or(0, |d| d.count() as u64),
        }
    }
}

/// A module with something of everything that has to be freed.
const TEXT: &str = r#"(module
    (import "" "host" (func $host (param i32) (result i32)))
    (type $node (struct (field (ref null $node)) (field i32)))
    (memory (export "memory") 1 10) (table 10 funcref) (elem (i32.const 0) $f)
    (tag $e (param i32)) (global $list (mut (ref null $node)) (ref.null $node))
    (func $f (export "f") (param $n i32) (result i32) (local $i i32)
      (loop $more
        (global.set $list (struct.new $node (global.get $list) (local.get $i)))
        (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
      (drop (memory.grow (i32.const 1)))
      (i32.store (i32.const 65536) (local.get $i))
      (block $caught (result i32)
        (try_table (result i32) (catch $e $caught)
          (if (i32.and (local.get $n) (i32.const 1)) (then (throw $e (local.get $n))))
          (call $host (local.get $n)))))
    (func (export "trap") (unreachable)))"#;

pub fn engine() -> Engine {
    let limits = Limits { total_memory_bytes: 16 << 20, heap_bytes: 4 << 20, ..Limits::default() };
    // A spare store for each thread and nothing that grows with time.
    Engine::new(Config { limits, pooled_stacks: 16, pooled_memories: 32, ..Config::default() })
}

fn host(store: &Store) -> Extern {
    let ty = FuncType::new([wasm::module::ValType::I32], [wasm::module::ValType::I32]);
    Func::new(store, &ty, |_, args, out| {
        out[0] = args[0].clone();
        Ok(())
    })
    .into()
}

/// Loads the module into the store if it is time to, instantiates it, runs it, has it trap, and deletes the instance.
fn cycle(store: &Store, module: &Module, host: &Extern, n: u64) {
    let instance = Instance::new(store, module, std::slice::from_ref(host)).expect("an instance");
    let arg = (n % 20) as i32 + 1;
    let mut out = [Val::I32(0)];
    instance.func("f").expect("f").call(&[Val::I32(arg)], &mut out).expect("a result");
    assert_eq!(out[0].as_i32(), Some(arg));
    if n % 16 == 0 {
        let trap = instance.func("trap").expect("trap").call(&[], &mut []).expect_err("a trap");
        assert_eq!(trap.frame_count(), 1);
    }
}

/// One thread's part: so many cycles in stores that are replaced every `per_store` cycles. Modules are loaded anew with each store.
pub fn cycles(engine: &Engine, cycles: u64, per_store: u64) {
    let binary = wasm::text::to_binary(TEXT.as_bytes()).expect("a module");
    let mut done = 0;
    while done < cycles {
        let store = Store::new(engine).expect("a store");
        let module = Module::new(&store, &*binary).expect("a module");
        let host = host(&store);
        for n in 0..per_store.min(cycles - done) {
            cycle(&store, &module, &host, n);
        }
        done += per_store;
    }
}

/// Runs parts on threads, `rounds` times, and gives what the process holds after each.
pub fn run(threads: u64, rounds: u64, each: u64, per_store: u64) -> Vec<Held> {
    let engine = engine();
    let barrier = Barrier::new(threads as usize + 1);
    let mut held = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for _ in 0..rounds {
                    cycles(&engine, each, per_store);
                    barrier.wait();
                    barrier.wait();
                }
            });
        }
        for _ in 0..rounds {
            barrier.wait();
            held.push(Held::now());
            barrier.wait();
        }
    });
    held
}

/// What has grown between two looks, if anything has by more than there is room for.
pub fn growth(before: Held, after: Held, kilobytes: u64) -> Option<String> {
    let worse = after.resident_kb > before.resident_kb + kilobytes
        || after.mappings > before.mappings + 64
        || after.descriptors > before.descriptors;
    worse.then(|| format!("from {before:?} to {after:?}"))
}
