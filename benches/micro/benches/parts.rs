//! What single parts of the library cost, for the loop of changing one and looking at it again:
//!
//! ```text
//! cargo bench --manifest-path benches/micro/Cargo.toml [-- FILTER] [--save-baseline NAME | --baseline NAME]
//! ```
//!
//! Groups: `load` (validation alone, module with indices), `translate` (register code of all functions), `compile` (with
//! `--features jit`: SSA, each pass, the whole way), `call` (host to guest, guest to host, guest to guest), `op` (one operation
//! of the interpreter, as the difference that sixteen of them in a loop make).

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use wasm::module::{FuncType, ValType};
use wasm::runtime::{Config, Engine, Extern, Func, Instance, Module, Store, Val};

const GUESTS: &[&str] = &["json", "lisp", "fe25519", "regex"];

fn guest(name: &str) -> Arc<[u8]> {
    let path = format!("{}/../../tests/guests/wasm/{name}.wasm", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(path).expect("a guest of the tests").into()
}

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    let engine = Engine::default();
    for name in GUESTS {
        let code = guest(name);
        group.throughput(Throughput::Bytes(code.len() as u64));
        group.bench_with_input(BenchmarkId::new("validate", name), &code, |b, code| b.iter(|| engine.validate(code)));
        group.bench_with_input(BenchmarkId::new("module", name), &code, |b, code| {
            b.iter(|| engine.compile(code.clone()))
        });
    }
}

fn translate(c: &mut Criterion) {
    let mut group = c.benchmark_group("translate");
    let engine = Engine::default();
    for name in GUESTS {
        let code = guest(name);
        group.throughput(Throughput::Bytes(code.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(name), &code, |b, code| {
            b.iter_batched(
                || engine.compile(code.clone()).expect("a module"),
                |module| {
                    for defined in 0..module.module.bodies.len() as u32 {
                        black_box(module.translate(defined));
                    }
                    module
                },
                criterion::BatchSize::SmallInput,
            )
        });
    }
}

#[cfg(feature = "jit")]
use wasm::code::tier::Wanted;

/// The intermediate form of a function.
#[cfg(feature = "jit")]
fn built(module: &wasm::module::Module, defined: u32) -> Option<wasm::jit::ssa::ir::Func> {
    wasm::jit::ssa::build::build(module, defined, None, Default::default(), None, &mut Default::default()).ok()
}

#[cfg(feature = "jit")]
fn compile(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    let engine = Engine::default();
    for name in GUESTS {
        let code = guest(name);
        let compiled = engine.compile(code.clone()).expect("a module");
        let module = compiled.module.clone();
        group.throughput(Throughput::Bytes(code.len() as u64));
        let mut work = wasm::jit::Workspace::default();
        group.bench_function(BenchmarkId::new("whole", name), |b| {
            b.iter(|| {
                for defined in 0..module.bodies.len() as u32 {
                    let _ = black_box(wasm::jit::compile(&compiled, Wanted { defined, at: None }, &mut work));
                }
            })
        });
        group.bench_function(BenchmarkId::new("ssa", name), |b| {
            b.iter(|| {
                for defined in 0..module.bodies.len() as u32 {
                    let _ = black_box(built(&module, defined));
                }
            })
        });
        for (at, pass) in wasm::jit::opt::PASSES.iter().enumerate() {
            group.bench_function(BenchmarkId::new(pass.name, name), |b| {
                b.iter_batched(
                    || {
                        // Each pass sees what the ones before it have left.
                        let bodies = 0..module.bodies.len() as u32;
                        let mut all: Vec<_> = bodies.filter_map(|defined| built(&module, defined)).collect();
                        for f in &mut all {
                            wasm::jit::opt::PASSES[..at].iter().for_each(|p| p.run(f, &module));
                        }
                        all
                    },
                    |mut all| {
                        all.iter_mut().for_each(|f| {
                            pass.run(f, &module);
                        });
                        all
                    },
                    criterion::BatchSize::SmallInput,
                )
            });
        }
    }
}

#[cfg(not(feature = "jit"))]
fn compile(_: &mut Criterion) {}

/// An instance of a module in text form, in an engine that only interprets.
fn instance(text: &str, import: Option<fn(&Store) -> Func>) -> Instance {
    let store = Store::new(&Engine::new(Config::default())).expect("a store");
    let module = Module::new(&store, wat::parse_str(text).expect("text")).expect("a module");
    let imports: Vec<Extern> = import.iter().map(|f| f(&store).into()).collect();
    Instance::new(&store, &module, &imports).expect("an instance")
}

fn call(c: &mut Criterion) {
    let mut group = c.benchmark_group("call");
    let host = |store: &Store| {
        Func::new(store, &FuncType::new([ValType::I32], [ValType::I32]), |_, args, results| {
            results[0] = Val::I32(args[0].as_i32().unwrap_or(0) + 1);
            Ok(())
        })
    };
    let add = instance(
        "(module (func (export \"f\") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))",
        None,
    );
    let f = add.func("f").expect("exported");
    group.bench_function("host to guest", |b| {
        let mut results = [Val::I32(0)];
        b.iter(|| f.call(&[Val::I32(1), Val::I32(2)], &mut results).is_ok())
    });
    const TURNS: u64 = 1000;
    group.throughput(Throughput::Elements(TURNS));
    let out = instance(
        "(module (import \"\" \"f\" (func $f (param i32) (result i32))) (func (export \"f\") (param i32) (local i32)
           (loop (local.set 1 (call $f (local.get 1)))
             (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))",
        Some(host),
    );
    let inside = instance(
        "(module (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
           (func (export \"f\") (param i32) (local i32)
             (loop (local.set 1 (call $f (local.get 1)))
               (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))",
        None,
    );
    for (name, instance) in [("guest to host", out), ("guest to guest", inside)] {
        let f = instance.func("f").expect("exported");
        group.bench_function(name, |b| b.iter(|| f.call(&[Val::I32(TURNS as i32)], &mut []).is_ok()));
    }
}

/// Operations on a local of a type, by what turns it into the next.
const OPS: &[(&str, &str, &str)] = &[
    ("i32.add", "i32", "(i32.add (local.get $x) (local.get $y))"),
    ("i32.mul", "i32", "(i32.mul (local.get $x) (local.get $y))"),
    ("i32.div_u", "i32", "(i32.div_u (local.get $x) (i32.const 3))"),
    ("i64.add", "i64", "(i64.add (local.get $x) (local.get $y))"),
    ("i64.rotl", "i64", "(i64.rotl (local.get $x) (local.get $y))"),
    ("f64.add", "f64", "(f64.add (local.get $x) (local.get $y))"),
    ("f64.sqrt", "f64", "(f64.sqrt (local.get $x))"),
    ("i32.load", "i32", "(i32.load (local.get $x))"),
    ("i32.select", "i32", "(select (local.get $x) (local.get $y) (local.get $n))"),
    ("i32x4.add", "v128", "(i32x4.add (local.get $x) (local.get $y))"),
    ("i8x16.swizzle", "v128", "(i8x16.swizzle (local.get $x) (local.get $y))"),
    ("global.get", "i32", "(global.get $g)"),
];

fn op(c: &mut Criterion) {
    let mut group = c.benchmark_group("op");
    const TURNS: u64 = 100;
    const EACH: u64 = 16;
    group.throughput(Throughput::Elements(TURNS * EACH));
    for (name, ty, step) in OPS {
        let steps = format!("(local.set $x {step})").repeat(EACH as usize);
        let f = instance(
            &format!(
                "(module (memory 1) (global $g (mut i32) (i32.const 1))
                   (func (export \"f\") (param $n i32) (local $x {ty}) (local $y {ty})
                     (loop {steps} (br_if 0 (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"
            ),
            None,
        );
        let f = f.func("f").expect("exported");
        group.bench_function(*name, |b| b.iter(|| f.call(&[Val::I32(TURNS as i32)], &mut []).is_ok()));
    }
}

criterion_group!(parts, load, translate, compile, call, op);
criterion_main!(parts);
