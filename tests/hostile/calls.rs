//! Runs that do not want to end: loops, recursion of every kind, exceptions, and a heap of very many objects.

use crate::{Bomb, brief, call, instantiate, run_text, store, trap};
use std::time::Duration;
use wasm::module::FuncType;
use wasm::runtime::{Extern, Func, Instance, InstantiateError, Limits, Module, Store, Trap, Val};

pub const BOMBS: &[Bomb] = &[
    Bomb {
        name: "start-loops-fuel",
        what: "a start function that loops, with fuel",
        outcome: "trap: all fuel consumed",
        megabytes: 30,
        run: start_fuel,
    },
    Bomb {
        name: "start-loops-deadline",
        what: "a start function that loops, with a deadline",
        outcome: "trap: deadline exceeded; then returns I32(7)",
        megabytes: 30,
        run: start_deadline,
    },
    Bomb {
        name: "start-loops-interrupt",
        what: "a start function that loops, interrupted by another thread",
        outcome: "trap: interrupted; then returns I32(7)",
        megabytes: 30,
        run: start_interrupt,
    },
    Bomb {
        name: "recursion",
        what: "endless recursion",
        outcome: "trap: call stack exhausted",
        megabytes: 60,
        run: recursion,
    },
    Bomb {
        name: "recursion-wide",
        what: "endless recursion with 1,000 parameters and results",
        outcome: "trap: call stack exhausted",
        megabytes: 60,
        run: recursion_wide,
    },
    Bomb {
        name: "recursion-instances",
        what: "two instances that call each other without end",
        outcome: "trap: call stack exhausted",
        megabytes: 60,
        run: recursion_instances,
    },
    Bomb {
        name: "recursion-tail",
        what: "two instances that tail-call each other without end, with a deadline",
        outcome: "trap: deadline exceeded",
        megabytes: 60,
        run: recursion_tail,
    },
    Bomb {
        name: "recursion-host",
        what: "guest and host that call each other without end, on a thread of 1 MB",
        outcome: "trap: call stack exhausted",
        megabytes: 60,
        run: recursion_host,
    },
    Bomb {
        name: "recursion-host-c",
        what: "the same through callbacks of `wasm.h`",
        outcome: "trap: call stack exhausted",
        megabytes: 60,
        run: recursion_host_c,
    },
    Bomb {
        name: "recursion-instantiate",
        what: "a start function that has the host instantiate its module again",
        outcome: "trap: call stack exhausted",
        megabytes: 100,
        run: recursion_instantiate,
    },
    Bomb {
        name: "recursion-throws",
        what: "exceptions that are caught and thrown again in each of very many frames, in a loop, with a deadline",
        outcome: "trap: deadline exceeded",
        megabytes: 100,
        run: recursion_throws,
    },
    Bomb {
        name: "bulk-memory",
        what: "a loop that fills 4 GiB, with a deadline",
        outcome: "trap: deadline exceeded",
        megabytes: 4200,
        run: bulk_memory,
    },
    Bomb {
        name: "bulk-table",
        what: "a loop that fills, copies and initialises tables of 10,000,000 elements, with a deadline",
        outcome: "trap: deadline exceeded",
        megabytes: 260,
        run: bulk_table,
    },
    Bomb {
        name: "bulk-array",
        what: "a loop that fills and copies arrays of 100,000,000 bytes, with a deadline",
        outcome: "trap: deadline exceeded",
        megabytes: 300,
        run: bulk_array,
    },
    Bomb {
        name: "heap-list",
        what: "a linked list of 10,000,000 objects, then a collection",
        outcome: "returns I32(10000000)",
        megabytes: 1200,
        run: heap_list,
    },
    Bomb {
        name: "heap-cycles",
        what: "10,000,000 objects in cycles that nothing reaches, with a heap of 64 MB",
        outcome: "returns I32(7)",
        megabytes: 120,
        run: heap_cycles,
    },
    Bomb {
        name: "heap-wide",
        what: "an array that refers to 5,000,000 arrays that refer to it",
        outcome: "returns I32(7)",
        megabytes: 700,
        run: heap_wide,
    },
    Bomb {
        name: "heap-full",
        what: "a list that grows until the heap of 64 MB is full, 20 times",
        outcome: "trap: out of memory",
        megabytes: 140,
        run: heap_full,
    },
    Bomb {
        name: "heap-exceptions",
        what: "10,000,000 exceptions",
        outcome: "returns I32(7)",
        megabytes: 100,
        run: heap_exceptions,
    },
    Bomb {
        name: "host-objects",
        what: "5,000,000 host objects that the guest sees and forgets within one call",
        outcome: "returns I32(7)",
        megabytes: 100,
        run: host_objects,
    },
];

const LOOP: &str = r#"(module (func $f (loop (br 0))) (start $f))"#;
const SEVEN: &str = r#"(module (func (export "f") (result i32) (i32.const 7)))"#;

fn start_fuel() -> String {
    let store = store(|c| c.fuel = true);
    store.set_fuel(1_000_000);
    run_text(&store, LOOP)
}

fn start_deadline() -> String {
    let store = store(|_| ());
    store.interrupter().set_deadline(Some(Duration::from_millis(50))).expect("a deadline");
    format!("{}; then {}", run_text(&store, LOOP), run_text(&store, SEVEN))
}

fn start_interrupt() -> String {
    let store = store(|_| ());
    let interrupter = store.interrupter();
    let thread = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        interrupter.interrupt();
    });
    let text = run_text(&store, LOOP);
    thread.join().expect("the interrupting thread");
    format!("{text}; then {}", run_text(&store, SEVEN))
}

fn recursion() -> String {
    run_text(&store(|_| ()), r#"(module (func $f (export "f") (call $f)))"#)
}

fn recursion_wide() -> String {
    let types = "i64 ".repeat(1000);
    let zeros = "(i64.const 0) ".repeat(1000);
    let text = format!(
        r#"(module (func $f (param {types}) (result {types}) (call $f {zeros}))
            (func (export "f") {zeros} (call $f) {}))"#,
        "drop ".repeat(1000)
    );
    run_text(&store(|_| ()), &text)
}

/// Two instances of a module whose function calls through a shared table what the other put there.
fn partners(call: &str) -> (Store, Instance) {
    let store = store(|_| ());
    let first = format!(
        r#"(module (type $t (func)) (table (export "t") 2 funcref) (elem (i32.const 0) $f)
            (func $f (export "f") ({call} (i32.const 1))))"#
    );
    let second = format!(
        r#"(module (type $t (func)) (import "" "" (table 2 funcref)) (elem (i32.const 1) $f)
            (func $f ({call} (i32.const 0))))"#
    );
    let first = instantiate(&store, &binary(&first)).expect("the first instance");
    let module = Module::new(&store, binary(&second)).expect("a module");
    let table = first.export("t").expect("the table");
    Instance::new(&store, &module, &[table]).expect("the second instance");
    (store, first)
}

fn binary(text: &str) -> Vec<u8> {
    wasm::text::to_binary(text.as_bytes()).expect("a module")
}

fn recursion_instances() -> String {
    let (_store, first) = partners("call_indirect (type $t)");
    call(&first, "f")
}

fn recursion_tail() -> String {
    let (store, first) = partners("return_call_indirect (type $t)");
    store.interrupter().set_deadline(Some(Duration::from_millis(100))).expect("a deadline");
    call(&first, "f")
}

/// Does something on a thread with a small stack, as hosts have them.
fn on_a_small_thread(f: impl FnOnce() -> String + Send + 'static) -> String {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(f).expect("a thread");
    thread.join().expect("no panic")
}

fn recursion_host() -> String {
    on_a_small_thread(|| {
        let store = store(|_| ());
        let text = r#"(module (import "" "" (func $host)) (func (export "f") (call $host)))"#;
        let module = Module::new(&store, binary(text)).expect("a module");
        let again = Func::new(&store, &FuncType::new([], []), |caller, _, _| {
            caller.export("f").and_then(|e| e.into_func()).expect("f").call(&[], &mut [])
        });
        let instance = Instance::new(&store, &module, &[again.into()]).expect("an instance");
        call(&instance, "f")
    })
}

fn recursion_host_c() -> String {
    on_a_small_thread(|| {
        use std::ffi::c_void;
        use std::ptr::{null, null_mut};
        use wasm::capi::*;
        /// The instance's function, which the callback calls.
        unsafe extern "C" fn again(
            env: *mut c_void,
            _: *const wasm_val_vec_t,
            _: *mut wasm_val_vec_t,
        ) -> *mut wasm_trap_t {
            // SAFETY: the environment is where the function will be; no arguments and no results.
            unsafe {
                let func = *env.cast::<*mut wasm_func_t>();
                wasm_func_call(func, null(), null_mut())
            }
        }
        let bytes = binary(r#"(module (import "" "" (func $host)) (func (export "f") (call $host)))"#);
        // SAFETY: objects are used as the header says, and deleted at the end.
        unsafe {
            let engine = wasm_engine_new();
            let store = wasm_store_new(engine);
            let mut binary = std::mem::zeroed();
            wasm_byte_vec_new(&mut binary, bytes.len(), bytes.as_ptr().cast());
            let module = wasm_module_new(store, &binary);
            wasm_byte_vec_delete(&mut binary);
            let (mut params, mut results) = (std::mem::zeroed(), std::mem::zeroed());
            wasm_valtype_vec_new_empty(&mut params);
            wasm_valtype_vec_new_empty(&mut results);
            let ty = wasm_functype_new(&mut params, &mut results);
            let mut func: *mut wasm_func_t = null_mut();
            let env = (&raw mut func).cast();
            let host = wasm_func_new_with_env(store, ty, Some(again), env, None);
            wasm_functype_delete(ty);
            let (mut imports, mut exports) = (std::mem::zeroed(), std::mem::zeroed());
            let list = [wasm_func_as_extern(host)];
            wasm_extern_vec_new(&mut imports, 1, list.as_ptr());
            let instance = wasm_instance_new(store, module, &imports, null_mut());
            wasm_instance_exports(instance, &mut exports);
            func = wasm_extern_as_func(*exports.data);
            let trap = wasm_func_call(func, null(), null_mut());
            let mut message = std::mem::zeroed();
            wasm_trap_message(trap, &mut message);
            let text = std::slice::from_raw_parts(message.data.cast::<u8>(), message.size.saturating_sub(1));
            let text = format!("trap: {}", String::from_utf8_lossy(text));
            wasm_byte_vec_delete(&mut message);
            wasm_trap_delete(trap);
            wasm_extern_vec_delete(&mut exports);
            wasm_instance_delete(instance);
            wasm_extern_vec_delete(&mut imports);
            wasm_module_delete(module);
            wasm_store_delete(store);
            wasm_engine_delete(engine);
            text
        }
    })
}

fn recursion_instantiate() -> String {
    on_a_small_thread(|| {
        let store = store(|_| ());
        let text = r#"(module (import "" "" (func $host)) (start $host))"#;
        let module = Module::new(&store, binary(text)).expect("a module");
        let code = module.code().clone();
        let again = Func::new(&store, &FuncType::new([], []), move |caller, _, _| {
            let store = caller.store();
            let me = ME.with(|m| m.borrow().clone()).expect("set before the start");
            match Instance::from_code(store, &code, &[me]) {
                Ok(_) => Ok(()),
                Err(InstantiateError::Trap(t)) => Err(t),
                Err(e) => Err(Trap::new(store, e.to_string())),
            }
        });
        let again: Extern = again.into();
        ME.with(|m| *m.borrow_mut() = Some(again.clone()));
        let outcome = match Instance::new(&store, &module, &[again]) {
            Ok(_) => "instantiated".into(),
            Err(InstantiateError::Trap(t)) => trap(&t),
            Err(e) => brief(&e.to_string()),
        };
        ME.with(|m| m.borrow_mut().take());
        outcome
    })
}

thread_local! {
    /// The host function of `recursion_instantiate`.
    static ME: std::cell::RefCell<Option<Extern>> = const { std::cell::RefCell::new(None) };
}

fn with_deadline(text: &str, change: impl FnOnce(&mut wasm::runtime::Config)) -> String {
    let store = store(change);
    let instance = match instantiate(&store, &binary(text)) {
        Ok(i) => i,
        Err(e) => return e,
    };
    store.interrupter().set_deadline(Some(Duration::from_millis(200))).expect("a deadline");
    call(&instance, "f")
}

fn recursion_throws() -> String {
    let text = r#"(module (tag $e) (tag $other)
        (func $deep (param i32)
          (if (i32.eqz (local.get 0)) (then (throw $e)))
          (block $caught (result exnref)
            (try_table (catch_ref $e $caught) (catch_ref $other $caught)
              (call $deep (i32.sub (local.get 0) (i32.const 1))))
            (unreachable))
          (throw_ref))
        (func (export "f")
          (loop $again
            (block $caught (try_table (catch_all $caught) (call $deep (i32.const 50000))))
            (br $again))))"#;
    with_deadline(text, |_| ())
}

fn bulk_memory() -> String {
    let text = r#"(module (memory 65536)
        (func (export "f") (loop
          (memory.fill (i32.const 0) (i32.const 1) (i32.const -1))
          (memory.copy (i32.const 0) (i32.const 1) (i32.const -2))
          (br 0))))"#;
    with_deadline(text, |_| ())
}

fn bulk_table() -> String {
    let text = r#"(module (table $a 10000000 funcref) (table $b 10000000 funcref)
        (func $f (export "f") (loop
          (table.fill $a (i32.const 0) (ref.func $f) (i32.const 10000000))
          (table.copy $b $a (i32.const 0) (i32.const 0) (i32.const 10000000))
          (br 0))))"#;
    with_deadline(text, |_| ())
}

fn bulk_array() -> String {
    let text = r#"(module (type $a (array (mut i8)))
        (func (export "f") (local $a (ref null $a)) (local $b (ref null $a))
          (local.set $a (array.new_default $a (i32.const 100000000)))
          (local.set $b (array.new_default $a (i32.const 100000000)))
          (loop
            (array.fill $a (local.get $a) (i32.const 0) (i32.const 1) (i32.const 100000000))
            (array.copy $a $a (local.get $b) (i32.const 0) (local.get $a) (i32.const 0) (i32.const 100000000))
            (br 0))))"#;
    with_deadline(text, |_| ())
}

fn heap_list() -> String {
    let store = store(|_| ());
    let text = r#"(module (type $n (struct (field (ref null $n)) (field i32)))
        (global $list (mut (ref null $n)) (ref.null $n))
        (func (export "f") (result i32) (local $i i32) (local $p (ref null $n)) (local $n i32)
          (loop $more
            (global.set $list (struct.new $n (global.get $list) (local.get $i)))
            (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000000))))
          (local.set $p (global.get $list))
          (loop $next
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $next (i32.eqz (ref.is_null (local.tee $p (struct.get $n 0 (local.get $p)))))))
          (local.get $n)))"#;
    let text = run_text(&store, text);
    store.collect();
    text
}

fn heap(bytes: u64) -> Limits {
    Limits { heap_bytes: bytes, ..Limits::default() }
}

fn heap_cycles() -> String {
    let text = r#"(module (type $n (struct (field (mut (ref null $n)))))
        (func (export "f") (result i32) (local $i i32) (local $a (ref null $n)) (local $b (ref null $n))
          (loop $more
            (local.set $a (struct.new $n (ref.null $n)))
            (local.set $b (struct.new $n (local.get $a)))
            (struct.set $n 0 (local.get $a) (local.get $b))
            (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 2))) (i32.const 10000000))))
          (i32.const 7)))"#;
    run_text(&store(|c| c.limits = heap(64 << 20)), text)
}

fn heap_wide() -> String {
    let text = r#"(module (type $a (array (mut anyref)))
        (func (export "f") (result i32) (local $i i32) (local $a (ref null $a))
          (local.set $a (array.new_default $a (i32.const 5000000)))
          (loop $more
            (array.set $a (local.get $a) (local.get $i) (array.new $a (local.get $a) (i32.const 1)))
            (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000000))))
          (i32.const 7)))"#;
    let store = store(|_| ());
    let text = run_text(&store, text);
    store.collect();
    text
}

fn heap_full() -> String {
    let text = r#"(module (type $n (struct (field (ref null $n)) (field i64)))
        (func (export "f") (local $p (ref null $n))
          (loop $more (local.set $p (struct.new $n (local.get $p) (i64.const 0))) (br $more))))"#;
    let store = store(|c| c.limits = heap(64 << 20));
    let instance = instantiate(&store, &binary(text)).expect("an instance");
    let mut outcome = String::new();
    for _ in 0..20 {
        outcome = call(&instance, "f");
    }
    outcome
}

fn heap_exceptions() -> String {
    let text = r#"(module (tag $e (param i64))
        (func (export "f") (result i32) (local $i i32)
          (loop $more
            (drop (block $caught (result i64)
              (try_table (catch $e $caught) (throw $e (i64.const 1)))
              (unreachable)))
            (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000000))))
          (i32.const 7)))"#;
    run_text(&store(|c| c.limits = heap(64 << 20)), text)
}

fn host_objects() -> String {
    let store = store(|_| ());
    let text = r#"(module (import "" "" (func $new (result externref)))
        (func (export "f") (result i32) (local $i i32)
          (loop $more
            (drop (call $new))
            (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000000))))
          (i32.const 7)))"#;
    let module = Module::new(&store, binary(text)).expect("a module");
    let new = Func::new(&store, &FuncType::new([], [wasm::module::ValType::EXTERNREF]), |caller, _, out| {
        out[0] = Val::extern_ref(wasm::runtime::Foreign::new(caller.store()));
        Ok(())
    });
    let instance = Instance::new(&store, &module, &[new.into()]).expect("an instance");
    call(&instance, "f")
}
