//! One shared memory, a store with its own instance on each of several operating-system threads: the guest of
//! `tests/guests/src/threads/` with its mutex, barrier, queue and litmus tests. Its answers do not depend on how the
//! threads interleave, so they must be those of the native build, which runs on pthreads.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use wasm::module::{ExternType, FuncType, ValType};
use wasm::runtime::{Engine, Extern, Func, Instance, Memory, Module, ModuleCode, SharedMemory, Store, Trap, Val};

/// How many threads, and how much work for each: as in `build.sh`.
const RUNS: &[(i32, i32)] = &[(1, 1000), (2, 1000), (4, 500)];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests")
}

fn expected(threads: i32, rounds: i32) -> String {
    let path = folder().join(format!("expected/threads/{threads}x{rounds}.txt"));
    std::fs::read_to_string(path).expect("a committed output")
}

/// An instance in a new store of the calling thread, on a stack of its own inside the shared memory.
fn instantiate(
    code: &Arc<ModuleCode>,
    engine: &Engine,
    memory: &Arc<SharedMemory>,
    text: &Arc<Mutex<Vec<u8>>>,
    id: i32,
) -> Instance {
    let store = Store::new(engine).expect("a store");
    let (bytes, sink) = (memory.clone(), text.clone());
    let imports = code.module.imports.iter().map(|import| match import.ty {
        ExternType::Memory(_) => Extern::from(Memory::from_shared(&store, memory).expect("a view of the memory")),
        _ => {
            let (bytes, sink) = (bytes.clone(), sink.clone());
            let ty = FuncType::new([ValType::I32, ValType::I32], []);
            Extern::from(Func::new(&store, &ty, move |caller, args, _| {
                let (at, len) = (args[0].as_i32().unwrap_or(-1) as u32, args[1].as_i32().unwrap_or(-1) as u32);
                let view = Memory::from_shared(caller.store(), &bytes).expect("a view of the memory");
                let mut part = vec![0; len as usize];
                if !view.read(at as usize, &mut part) {
                    return Err(Trap::new(caller.store(), "text outside of memory"));
                }
                sink.lock().expect("the text").extend_from_slice(&part);
                Ok(())
            }))
        }
    });
    let imports: Vec<Extern> = imports.collect();
    let instance = Instance::new(&store, &Module::from_code(&store, code.clone()), &imports).expect("an instance");
    call(&instance, "use_stack", &[id], &mut []);
    instance
}

fn call(instance: &Instance, name: &str, args: &[i32], results: &mut [Val]) {
    let args: Vec<Val> = args.iter().map(|v| Val::I32(*v)).collect();
    let function = instance.func(name).expect("an exported function");
    function.call(&args, results).unwrap_or_else(|trap| panic!("{name} traps: {}", trap.message()));
}

#[test]
fn threads_share_a_memory() {
    let bytes = std::fs::read(folder().join("wasm/threads/threads.wasm")).expect("the committed module");
    let engine = Engine::default();
    let code = engine.compile(bytes).expect("a valid module");
    let ty = code.module.imports.iter().find_map(|import| match import.ty {
        ExternType::Memory(ty) => Some(ty),
        _ => None,
    });
    for &(threads, rounds) in RUNS {
        let memory = SharedMemory::new(&engine, ty.expect("a memory import")).expect("a shared memory");
        let text = Arc::new(Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for id in 0..threads {
                let (code, engine, memory, text) = (&code, &engine, &memory, &text);
                scope.spawn(move || {
                    let instance = instantiate(code, engine, memory, text, id);
                    call(&instance, "worker", &[id, threads, rounds], &mut []);
                });
            }
        });
        let instance = instantiate(&code, &engine, &memory, &text, 0);
        let mut sum = [Val::I64(0)];
        call(&instance, "report", &[], &mut sum);
        let text = String::from_utf8(std::mem::take(&mut *text.lock().expect("the text"))).expect("text");
        let got = format!("{text}= {:016x}\n", sum[0].as_i64().expect("an i64"));
        assert_eq!(got, expected(threads, rounds), "{threads} threads, {rounds} rounds");
    }
}

/// The committed expectations, made again when there is a compiler.
#[test]
fn native_threads_agree_with_the_expected_outputs() {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    if Command::new(&compiler).arg("--version").output().is_err() {
        eprintln!("no C compiler: the committed outputs stand unchecked");
        return;
    }
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest-threads");
    let built = Command::new(&compiler)
        .args(["-O1", "-fno-strict-aliasing", "-w", "-DTHREADS_MAIN"])
        .arg(folder().join("src/threads/threads.c"))
        .arg("-o")
        .arg(&program)
        .arg("-lpthread")
        .output()
        .expect("a compiler that runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    for &(threads, rounds) in RUNS {
        let ran = Command::new(&program).args([threads.to_string(), rounds.to_string()]).output().expect("a run");
        assert_eq!(String::from_utf8_lossy(&ran.stdout), expected(threads, rounds), "{threads} threads");
    }
}
