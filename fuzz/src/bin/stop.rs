//! How long a guest goes on after it has been told to stop: `stop [--rounds N] [--only WORD]`.
//!
//! Each guest does something that goes on for long, interpreted and as machine code. Half of the rounds end by an interrupt from
//! another thread, half by a deadline; the time is that from the demand to the return of the call. A round whose guest ended
//! before it was told to is told so. On a busy machine the scheduler's turns are most of the time: the row of the empty loop
//! shows them, and a real-time class (`chrt -f 10`) keeps them out.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use wasm::module::FuncType;
use wasm::runtime::{Config, Engine, Extern, Func, Instance, Limits, Module, Store, Tier};
use wasm::vm::trap::TrapKind;

/// What a guest is made of.
struct Guest {
    name: &'static str,
    what: &'static str,
    /// The module, which exports `run` and, if something is to be prepared, `setup`.
    text: String,
    /// Whether every round takes a new module, so that its code is made in the round.
    fresh: bool,
    /// The module imports a function that calls `again`, WASI, or nothing.
    imports: Imports,
    /// The first millisecond at which it is told to stop, and after how many more at the latest.
    after: u64,
    spread: u64,
}

#[derive(Clone, Copy, PartialEq)]
enum Imports {
    None,
    Again,
    Wasi,
}

fn guest(name: &'static str, what: &'static str, text: impl Into<String>) -> Guest {
    Guest { name, what, text: text.into(), fresh: false, imports: Imports::None, after: 2, spread: 20 }
}

/// A module with an export `run` that does something over and over.
fn again(name: &'static str, what: &'static str, items: &str, op: &str) -> Guest {
    guest(name, what, format!(r#"(module {items} (func (export "run") (loop {op} (br 0))))"#))
}

/// A function's body of about so many bytes that the compiler cannot make shorter.
fn long_body(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes * 12);
    for i in 0..bytes / 12 {
        text += &format!(
            "(local.set {} (i32.xor (local.get {}) (i32.load offset={} (local.get 0))))\n",
            i % 7,
            i % 5,
            i % 999
        );
    }
    text
}

fn guests() -> Vec<Guest> {
    let array = "(type $a (array (mut i32))) (type $r (array (mut anyref)))";
    let bytes = "(type $b (array (mut i8)))";
    let mut all = vec![
        again("loop", "an empty loop", "", ""),
        guest(
            "recursion",
            "Fibonacci numbers by recursion",
            r#"(module (func $fib (param i32) (result i32)
            (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (i32.const 1)) (else
              (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
            (func (export "run") (drop (call $fib (i32.const 70)))))"#,
        ),
        guest(
            "mutual recursion",
            "two functions that call each other through a table",
            r#"(module
            (type $t (func (param i32))) (table funcref (elem $a $b))
            (func $a (type $t) (if (local.get 0) (then (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1))
                (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 1)))))
            (func $b (type $t) (if (local.get 0) (then (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))
            (func (export "run") (call $a (i32.const 120))))"#,
        ),
        guest(
            "tail calls",
            "two functions that tail-call each other",
            r#"(module
            (func $a (return_call $b)) (func $b (return_call $a)) (func (export "run") (call $a)))"#,
        ),
        guest(
            "atomic wait",
            "`memory.atomic.wait32` without a timeout",
            r#"(module (memory 1 1 shared)
            (func (export "run") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"#,
        ),
        again(
            "memory.fill",
            "fills 4 GiB",
            "(memory 65535)",
            "(memory.fill (i32.const 0) (i32.const 1) (i32.const 0xffff0000))",
        ),
        again(
            "memory.copy",
            "copies 2 GiB",
            "(memory 65535)",
            "(memory.copy (i32.const 1) (i32.const 0x7fff0000) (i32.const 0x7ffe0000))",
        ),
        again(
            "table.fill",
            "fills 10,000,000 elements",
            "(table $t 10000000 funcref) (func $f) (elem declare func $f)",
            "(table.fill $t (i32.const 0) (ref.func $f) (i32.const 10000000))",
        ),
        again(
            "table.copy",
            "copies 10,000,000 elements",
            "(table $t 10000001 funcref)",
            "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 10000000))",
        ),
        again(
            "table.grow",
            "grows a table by 10,000,000 elements at a time",
            "(table $u 0 funcref) (func $f) (elem declare func $f)",
            "(drop (table.grow $u (ref.func $f) (i32.const 10000000)))",
        ),
        again(
            "memory.grow",
            "grows a memory by 1 GiB and by a page, over and over",
            "(memory 0)",
            "(drop (memory.grow (i32.const 16384))) (drop (memory.grow (i32.const 1)))",
        ),
        again(
            "memory.grow (64 bits)",
            "the same of a 64-bit memory, which has no reservation",
            "(memory i64 0 262144)",
            "(drop (memory.grow (i64.const 16384))) (i64.store8 (i64.sub (i64.shl (memory.size) (i64.const 16)) (i64.const 1)) (i64.const 1)) (drop (memory.grow (i64.const 1)))",
        ),
        again(
            "array.new",
            "makes arrays of 400 MB",
            array,
            "(drop (array.new $a (i32.const 1) (i32.const 100000000)))",
        ),
        again(
            "array.new_default",
            "makes arrays of 3.2 GB, all zero",
            array,
            "(drop (array.new_default $a (i32.const 800000000)))",
        ),
        guest(
            "array.fill",
            "fills an array of 400 MB",
            format!(
                r#"(module {array} (func (export "run") (local $x (ref $a))
            (local.set $x (array.new_default $a (i32.const 100000000)))
            (loop (array.fill $a (local.get $x) (i32.const 0) (i32.const 1) (i32.const 100000000)) (br 0))))"#
            ),
        ),
        guest(
            "array.copy",
            "copies an array of 400 MB",
            format!(
                r#"(module {array} (func (export "run") (local $x (ref $a))
            (local.set $x (array.new_default $a (i32.const 100000000)))
            (loop (array.copy $a $a (local.get $x) (i32.const 1) (local.get $x) (i32.const 0) (i32.const 99999999)) (br 0))))"#
            ),
        ),
        guest(
            "collection",
            "collects a heap with a list of 10,000,000 objects",
            r#"(module
            (type $n (struct (field (ref null $n)) (field i32))) (global $l (mut (ref null $n)) (ref.null $n))
            (func (export "setup") (local i32) (loop (global.set $l (struct.new $n (global.get $l) (i32.const 1)))
                (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 10000000)))))
            (func (export "run") (loop (drop (struct.new $n (ref.null $n) (i32.const 1))) (br 0))))"#,
        ),
        guest(
            "collection (wide)",
            "collects a heap with an array of 10,000,000 references, and a table of as many",
            format!(
                r#"(module {array}
            (global $l (mut (ref null $r)) (ref.null $r)) (table 10000000 anyref)
            (func (export "setup") (global.set $l (array.new $r (ref.i31 (i32.const 1)) (i32.const 10000000)))
               (table.fill 0 (i32.const 0) (global.get $l) (i32.const 10000000)))
            (func (export "run") (loop (drop (array.new_default $a (i32.const 100))) (br 0))))"#
            ),
        ),
        guest(
            "collection (large)",
            "collects a heap of 3 GiB, in arrays of 256 MiB",
            format!(
                r#"(module {bytes}
            (type $l (struct (field (ref null $l)) (field (ref $b)))) (global $l (mut (ref null $l)) (ref.null $l))
            (func (export "setup") (local i32) (loop (global.set $l (struct.new $l (global.get $l) (array.new_default $b (i32.const 268435456))))
                (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 12)))))
            (func (export "run") (loop (drop (array.new_default $b (i32.const 200000000))) (br 0))))"#
            ),
        ),
        guest(
            "exceptions",
            "throws through 10,000 frames, over and over",
            r#"(module (tag $e)
            (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (throw $e))))
            (func (export "run") (loop (block (try_table (catch $e 0) (call $deep (i32.const 10000)))) (br 0))))"#,
        ),
        guest(
            "backtrace",
            "an interrupt under 50,000 frames of a function of 1 MB",
            format!(
                r#"(module (memory 1)
            (func $deep (param i32) (local i32 i32 i32 i32 i32 i32)
              (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (loop (br 0))))
              {}) (func (export "run") (call $deep (i32.const 50000))))"#,
                long_body(1 << 20)
            ),
        ),
    ];
    let data = "\\01".repeat(8 << 20);
    all.push(again(
        "memory.init",
        "copies 8 MB from a segment",
        &format!("(memory 200) (data $d \"{data}\")"),
        "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 8388608))",
    ));
    all.push(guest("array.new_data", "makes arrays of 8 MB from a segment", format!(
        r#"(module {bytes} (data $d "{data}") (func (export "run") (loop (drop (array.new_data $b $d (i32.const 0) (i32.const 8388608))) (br 0))))"#)));
    let elements = "$f ".repeat(5_000_000);
    all.push(again(
        "table.init",
        "writes 5,000,000 elements from a segment",
        &format!("(table $t 5000000 funcref) (func $f) (elem $e func {elements})"),
        "(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 5000000))",
    ));
    all.push(guest(
        "array.new_elem",
        "makes arrays of 5,000,000 references from a segment",
        format!(
            r#"(module (type $f (array (mut funcref))) (func $f) (elem $e func {elements})
        (func (export "run") (loop (drop (array.new_elem $f $e (i32.const 0) (i32.const 5000000))) (br 0))))"#
        ),
    ));
    let mut g = guest(
        "first call",
        "the first call of a function of 4 MB",
        format!(
            r#"(module (memory 1)
        (func $long (param i32) (local i32 i32 i32 i32 i32 i32) {}) (func (export "run") (loop (call $long (i32.const 0)) (br 0))))"#,
            long_body(4 << 20)
        ),
    );
    (g.fresh, g.after, g.spread) = (true, 1, 40);
    all.push(g);
    let mut g = guest(
        "first call (100 KB)",
        "the first call of a function of 100 KB",
        format!(
            r#"(module (memory 1)
        (func $long (param i32) (local i32 i32 i32 i32 i32 i32) {}) (func (export "run") (loop (call $long (i32.const 0)) (br 0))))"#,
            long_body(100 << 10)
        ),
    );
    (g.fresh, g.after, g.spread) = (true, 1, 40);
    all.push(g);
    let many: String = (0..500_000).map(|_| "(func (loop (br_if 0 (i32.const 0))))\n").collect();
    all.push(again("many functions", "an empty loop, in a module with 500,000 functions", &many, ""));
    let mut g = guest(
        "host",
        "a callback of the host's that calls the guest, which loops",
        r#"(module (import "" "again" (func $again))
        (func (export "again") (loop (br 0))) (func (export "run") (call $again)))"#,
    );
    g.imports = Imports::Again;
    all.push(g);
    let wasi = r#"(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))"#;
    let mut g = guest(
        "poll_oneoff",
        "sleeps for an hour",
        format!(
            r#"(module {wasi} (memory (export "memory") 1) (data (i32.const 24) "\00\60\5f\b5\45\03")
        (func (export "run") (i32.store (i32.const 16) (i32.const 1)) (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))))"#
        ),
    );
    g.imports = Imports::Wasi;
    all.push(g);
    let mut g = again(
        "random_get",
        "1 GiB of random bytes",
        &format!(r#"{wasi} (memory (export "memory") 16384)"#),
        "(drop (call $random (i32.const 0) (i32.const 0x3fffffff)))",
    );
    g.imports = Imports::Wasi;
    all.push(g);
    all
}

fn imports(store: &Store, module: &Module, what: Imports) -> Vec<Extern> {
    match what {
        Imports::None => Vec::new(),
        Imports::Again => {
            let ty = FuncType::new([], []);
            let f = Func::new(store, &ty, |caller, _, _| match caller.instance().and_then(|i| i.func("again")) {
                Some(f) => f.call(&[], &mut []),
                None => Ok(()),
            });
            vec![f.into()]
        }
        Imports::Wasi => {
            let ctx = wasm::wasi::Ctx::new(store, wasm::wasi::Config::default());
            let found = wasm::wasi::imports(store, &ctx, module.info()).expect("memory for them");
            found.into_iter().flatten().collect()
        }
    }
}

/// How the rounds of a guest went: times from the demand to the end, and how many ended before.
fn measure(engine: &Engine, guest: &Guest, rounds: u64) -> (Vec<Duration>, u64) {
    let binary = wasm::text::to_binary(guest.text.as_bytes()).expect("a module");
    let (mut times, mut early) = (Vec::new(), 0);
    let mut made = None;
    for round in 0..rounds {
        if guest.fresh || made.is_none() {
            drop(made.take());
            let store = Store::new(engine).expect("a store");
            let module = Module::new(&store, &*binary).expect("a module");
            let given = imports(&store, &module, guest.imports);
            let instance = Instance::new(&store, &module, &given).expect("an instance");
            if let Some(setup) = instance.func("setup") {
                setup.call(&[], &mut []).expect("nothing happens");
            }
            made = Some((store, instance));
        }
        let (store, instance) = made.as_ref().expect("made");
        let (run, interrupter) = (instance.func("run").expect("run"), store.interrupter());
        let wait = Duration::from_micros(guest.after * 1000 + round * 7919 % (guest.spread * 1000));
        let start = Instant::now();
        let told = AtomicU64::new(0);
        let (ended, kind) = if round % 2 == 0 {
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    std::thread::sleep(wait);
                    told.store(start.elapsed().as_nanos() as u64, Ordering::SeqCst);
                    interrupter.interrupt();
                });
                let result = run.call(&[], &mut []);
                (start.elapsed(), result.err().map(|t| t.kind()))
            })
        } else {
            interrupter.set_deadline(Some(wait)).expect("a thread");
            told.store(wait.as_nanos() as u64, Ordering::SeqCst);
            let result = run.call(&[], &mut []);
            (start.elapsed(), result.err().map(|t| t.kind()))
        };
        let _ = interrupter.set_deadline(None);
        store.clear_interrupt();
        // A scheduler that rations a busy process must not look like a slow stop.
        std::thread::sleep(Duration::from_millis(8));
        match kind {
            Some(TrapKind::Interrupted | TrapKind::DeadlineExceeded) => {
                times.push(ended.saturating_sub(Duration::from_nanos(told.into_inner())));
            }
            _ => early += 1,
        }
    }
    times.sort();
    (times, early)
}

/// How long other threads of an engine wait for its table of types, while a module with very many types is loaded and deleted.
fn stalls() {
    let engine = Engine::new(Config::default());
    let mut types = String::from("(module");
    for n in 0..300_000u32 {
        let params: String = (0..18).map(|b| if n >> b & 1 == 0 { "i32 " } else { "i64 " }).collect();
        types += &format!("(type (func (param {params})))");
    }
    let many = wasm::text::to_binary((types + ")").as_bytes()).expect("a module");
    let one = wasm::text::to_binary(b"(module (type (func (param f32 f64 f32))))").expect("a module");
    let (done, worst) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut took = Duration::ZERO;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let store = Store::new(&engine).expect("a store");
            while done.load(Ordering::Relaxed) == 0 {
                let start = Instant::now();
                drop(Module::new(&store, &*one).expect("a module"));
                worst.fetch_max(start.elapsed().as_nanos() as u64, Ordering::Relaxed);
                std::thread::sleep(Duration::from_micros(100));
            }
        });
        let store = Store::new(&engine).expect("a store");
        std::thread::sleep(Duration::from_millis(5));
        let start = Instant::now();
        drop(Module::new(&store, &*many).expect("a module"));
        drop(store);
        took = start.elapsed();
        done.store(1, Ordering::Relaxed);
    });
    let worst = Duration::from_nanos(worst.into_inner());
    println!(
        "a module of 300,000 types loads and goes in {took:.1?}; another thread loads a small one in {worst:.1?} at worst"
    );
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| args.iter().position(|a| a == name).and_then(|i| args.get(i + 1));
    let rounds = value("--rounds").and_then(|v| v.parse().ok()).unwrap_or(20);
    let limits = Limits { heap_bytes: 4 << 30, table_elements: 100_000_000, ..Limits::default() };
    let config = Config { limits, ..Config::default() };
    let mut tiers = vec![("interpreted", Config { tier: Tier::Interpreter, ..config.clone() })];
    if Engine::has_compiler() {
        tiers.push(("compiled", Config { tier: Tier::Eager, ..config.clone() }));
        tiers.push((
            "compiled when called",
            Config { tier: Tier::Tiering, tier_calls: 0, tier_loops: 0, compile_threads: 0, ..config },
        ));
    }
    println!("{:<24}{:<22}{:>12}{:>12}  what it does", "guest", "", "median", "worst");
    let mut slow = 0;
    for guest in guests() {
        if value("--only").is_some_and(|only| !guest.name.contains(only.as_str())) {
            continue;
        }
        for (tier, config) in &tiers {
            let engine = Engine::new(config.clone());
            let (times, early) = measure(&engine, &guest, rounds);
            let ms = |i: usize| times.get(i).map_or("-".into(), |t| format!("{:.2} ms", t.as_secs_f64() * 1e3));
            let (median, worst) = (ms(times.len() / 2), ms(times.len().saturating_sub(1)));
            let note = if early > 0 { format!(" ({early} ended before)") } else { String::new() };
            println!("{:<24}{tier:<22}{median:>12}{worst:>12}  {}{note}", guest.name, guest.what);
            slow += times.last().is_some_and(|t| *t > Duration::from_millis(10)) as u32;
        }
    }
    println!("{slow} took more than 10 ms at worst");
    if value("--only").is_none_or(|only| "types".contains(only.as_str())) {
        stalls();
    }
    ExitCode::SUCCESS
}
