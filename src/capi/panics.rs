//! No panic crosses into C: a panic is let off inside exported functions, of every shape of result and on every way in, and the
//! host sees what it sees of any failure. A look at the sources tells that no exported function goes past the wrappers.

use super::*;
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr::{null, null_mut};

thread_local! {
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// Called inside of every wrapper: panics once after [`arm`].
pub(super) fn maybe() {
    if ARMED.with(|a| a.replace(false)) {
        panic!("let off");
    }
}

fn arm() {
    ARMED.with(|a| a.set(true));
}

/// What the last failure said, which was the panic.
fn told() {
    assert!(!ARMED.with(Cell::get), "the function has no wrapper");
    // SAFETY: non-null results are C strings that live until this thread fails again.
    let text = unsafe { CStr::from_ptr(boundary::last_error()) }.to_string_lossy().into_owned();
    assert_eq!(text, "internal error: let off");
    boundary::set_last_error("");
}

/// Calls with a panic let off inside, and compares what comes back.
macro_rules! panicking {
    ($($call:expr => $expected:expr;)*) => { $(
        arm();
        assert!($call == $expected, stringify!($call));
        told();
    )* };
}

const TEXT: &[u8] = br#"(module (import "" "" (func $host)) (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") (mut i32) (i32.const 1))
    (func (export "f") (result i32) (call $host) (i32.const 7)))"#;

/// A host function that lets a panic off inside the function it calls itself.
unsafe extern "C" fn callback(env: *mut c_void, _: *const wasm_val_vec_t, _: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
    let store: *mut wasm_store_t = env.cast();
    // SAFETY: the environment is a live store.
    unsafe {
        panicking! { wasm_foreign_new(store) => null_mut(); }
    }
    null_mut()
}

#[test]
fn panics_become_failures() {
    let bytes = crate::text::to_binary(TEXT).unwrap();
    // SAFETY: objects are used as the header says; arguments that were given up in a call that panicked are gone.
    unsafe {
        let engine = wasm_engine_new();
        panicking! {
            wasm_engine_new() => null_mut();
            wasm_config_new() => null_mut();
            wasm_store_new(engine) => null_mut();
        }
        let store = wasm_store_new(engine);
        let binary = wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() };
        panicking! {
            wasm_module_new(store, &binary) => null_mut();
            wasm_module_validate(store, &binary) => false;
            wasm_module_deserialize(store, &binary) => null_mut();
            wasm_foreign_new(store) => null_mut();
            wasm_trap_new(store, &binary) => null_mut();
            wasm_valtype_new(0) => null_mut();
            wasmx_store_collect(store) => 0;
            wasmx_store_fuel(store) => 0;
            wasmx_store_interrupt(store) => false;
        }
        let module = wasm_module_new(store, &binary);
        let (mut params, mut results) = (std::mem::zeroed(), std::mem::zeroed());
        let ty = wasm_functype_new(&mut params, &mut results);
        panicking! {
            wasm_functype_copy(ty) => null_mut();
            wasm_func_new(store, ty, None) => null_mut();
            wasm_module_copy(module) => null_mut();
            wasm_module_share(module) => null_mut();
        }
        let host = wasm_func_new_with_env(store, ty, Some(callback), store.cast(), None);
        wasm_functype_delete(ty);
        let mut list = [wasm_func_as_extern(host)];
        let imports = wasm_extern_vec_t { size: 1, data: list.as_mut_ptr() };
        let mut trap = null_mut();
        panicking! { wasm_instance_new(store, module, &imports, &mut trap) => null_mut(); }
        assert!(trap.is_null());
        let instance = wasm_instance_new(store, module, &imports, &mut trap);
        let mut exports = wasm_extern_vec_t { size: 9, data: null_mut() };
        arm();
        wasm_instance_exports(instance, &mut exports);
        told();
        wasm_instance_exports(instance, &mut exports);
        assert_eq!(exports.size, 4);
        let item = |i: usize| *exports.data.add(i);
        let (memory, table) = (wasm_extern_as_memory(item(0)), wasm_extern_as_table(item(1)));
        let (global, func) = (wasm_extern_as_global(item(2)), wasm_extern_as_func(item(3)));
        let mut value = std::mem::zeroed::<wasm_val_t>();
        panicking! {
            wasm_memory_data(memory) => null_mut();
            wasm_memory_data_size(memory) => 0;
            wasm_memory_grow(memory, 1) => false;
            wasm_table_size(table) => 0;
            wasm_table_get(table, 0) => null_mut();
            wasm_table_grow(table, 1, null_mut()) => false;
            wasm_global_get(global, &mut value) => ();
            wasm_global_set(global, &value) => ();
            wasm_func_type(func) => null_mut();
            wasm_func_copy(func) => null_mut();
            wasm_extern_type(item(0)) => null_mut();
            wasm_extern_as_func(item(3)) => null_mut();
            wasm_func_get_host_info(func) => null_mut();
        }
        // A call says NULL when all is well, so a panic is a trap.
        let mut out = wasm_val_vec_t { size: 1, data: &mut value };
        arm();
        let trap = wasm_func_call(func, null(), &mut out);
        told();
        let mut message = std::mem::zeroed();
        wasm_trap_message(trap, &mut message);
        let text = std::slice::from_raw_parts(message.data.cast::<u8>(), message.size);
        assert_eq!(text, b"internal error: let off\0");
        wasm_byte_vec_delete(&mut message);
        wasm_trap_delete(trap);
        // And all goes on: the callback has a function panic in the middle of the guest's call.
        assert!(wasm_func_call(func, null(), &mut out).is_null());
        assert_eq!((value.kind, value.of.i32), (0, 7));
        arm();
        wasm_extern_vec_delete(&mut exports);
        told();
        wasm_extern_vec_delete(&mut exports);
        wasm_instance_delete(instance);
        wasm_func_delete(host);
        wasm_module_delete(module);
        wasm_store_delete(store);
        wasm_engine_delete(engine);
    }
}

/// Deletes the only handle to the function that is running.
unsafe extern "C" fn give_itself_up(
    env: *mut c_void,
    _: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // SAFETY: the environment is where the handles are; there is room for one result.
    unsafe {
        let [func, store] = *env.cast::<[*mut c_void; 2]>();
        wasm_func_delete(func.cast());
        wasm_store_delete(store.cast());
        *(*results).data = wasm_val_t { kind: 128, of: wasm_val_of_t { r#ref: null_mut() } };
    }
    null_mut()
}

#[test]
fn a_function_lives_until_its_call_returns() {
    // SAFETY: objects are used as the header says; the callback deletes the function and the store.
    unsafe {
        let engine = wasm_engine_new();
        let store = wasm_store_new(engine);
        let (mut params, mut results) = (std::mem::zeroed(), std::mem::zeroed());
        let types = [wasm_valtype_new(128)];
        wasm_valtype_vec_new(&mut results, 1, types.as_ptr());
        let ty = wasm_functype_new(&mut params, &mut results);
        let env: *mut [*mut c_void; 2] = Box::into_raw(Box::new([null_mut(), store.cast()]));
        let func = wasm_func_new_with_env(store, ty, Some(give_itself_up), env.cast(), None);
        (*env)[0] = func.cast();
        wasm_functype_delete(ty);
        let mut value = std::mem::zeroed::<wasm_val_t>();
        let mut out = wasm_val_vec_t { size: 1, data: &mut value };
        assert!(wasm_func_call(func, null(), &mut out).is_null());
        assert_eq!(value.kind, 128);
        drop(Box::from_raw(env));
        wasm_engine_delete(engine);
    }
}

#[test]
fn a_growth_hook_that_panics_refuses() {
    use crate::runtime::{Engine, Instance, Module, Store, Val};
    let store = Store::new(&Engine::default()).unwrap();
    let text = br#"(module (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 1))))"#;
    let module = Module::new(&store, &*crate::text::to_binary(text).unwrap()).unwrap();
    let instance = Instance::new(&store, &module, &[]).unwrap();
    store.set_growth_hook(Some(Box::new(|_| panic!("in a hook"))));
    let mut out = [Val::I32(0)];
    instance.func("f").unwrap().call(&[], &mut out).unwrap();
    assert_eq!(out[0].as_i32(), Some(-1));
}

#[test]
fn every_exported_function_has_a_wrapper() {
    /// The wrappers, functions made of them, and what cannot panic: casts of pointers, and comparisons of them.
    const SAFE: &[&str] = &[
        "guard(",
        "guard_version(",
        "attempt(",
        "make(",
        "tell(",
        "put(",
        "outcome(",
        "call::call(",
        "vec_new",
        "vec_copy(",
        "vec_delete(",
        ".cast()",
        "object::same(",
        "object::delete(",
        "object::copy(",
        "object::cast",
        "object::host_info(",
        "object::set_host_info(",
        "last_error()",
    ];
    let mut todo = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/capi"))];
    let (mut found, mut bare) = (0, Vec::new());
    while let Some(path) = todo.pop() {
        if path.ends_with("panics.rs") {
            continue;
        }
        if path.is_dir() {
            todo.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("#[unsafe(no_mangle)]").skip(1) {
            let end = part.find("\n}\n").unwrap_or(part.len());
            let body = &part[part.find('{').unwrap_or(0)..end];
            found += 1;
            let name = part.find("fn ").map_or("", |i| part[i..].lines().next().unwrap_or_default());
            // Runs in a signal's handler, where unwinding is no way out.
            let in_handler = name.starts_with("fn wasmx_handle_fault(");
            if !in_handler && !SAFE.iter().any(|w| body.contains(w)) {
                bare.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(found > 400, "found {found} functions only");
    assert!(bare.is_empty(), "without a wrapper:\n{}", bare.join("\n"));
}
