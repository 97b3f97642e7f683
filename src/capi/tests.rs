//! The exported functions as a host calls them: deletion in every order, bad input, ownership of what crosses the
//! border. Whole programs in C are in `c-tests/`; this is where a debugger reaches the Rust side.
//!
//! # Safety
//! Each test plays the host and keeps the contract of the header, except where it passes NULL or the wrong kind on
//! purpose.
#![allow(unsafe_op_in_unsafe_fn, reason = "the tests are hosts: everything they do is a call to C")]

use super::*;
use std::cell::Cell;
use std::ffi::{CStr, c_void};
use std::ptr::{null, null_mut};

/// A test that is a host from beginning to end.
macro_rules! host {
    (fn $name:ident() $body:block) => {
        #[test]
        fn $name() {
            unsafe fn host() $body
            // SAFETY: the contract of the header, as said above.
            unsafe { host() }
        }
    };
}

/// A module from the text format.
fn wat(text: &str) -> Vec<u8> {
    let buffer = wast::parser::ParseBuffer::new(text).expect("tokens");
    wast::parser::parse::<wast::Wat>(&buffer).expect("a module").encode().expect("an encodable module")
}

fn last_error() -> String {
    let text = wasmx_last_error();
    // SAFETY: non-null results are C strings.
    if text.is_null() { String::new() } else { unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned() }
}

/// An engine and a store, deleted at the end.
struct World {
    engine: *mut wasm_engine_t,
    store: *mut wasm_store_t,
}

impl World {
    unsafe fn new() -> World {
        let engine = wasm_engine_new();
        World { engine, store: wasm_store_new(engine) }
    }

    unsafe fn module(&self, text: &str) -> *mut wasm_module_t {
        let bytes = wat(text);
        let binary = wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() };
        let module = wasm_module_new(self.store, &binary);
        assert!(!module.is_null(), "{}", last_error());
        module
    }

    unsafe fn instance(&self, text: &str, imports: &[*mut wasm_extern_t]) -> *mut wasm_instance_t {
        let module = self.module(text);
        let imports = wasm_extern_vec_t { size: imports.len(), data: imports.as_ptr().cast_mut() };
        let mut trap = null_mut();
        let instance = wasm_instance_new(self.store, module, &imports, &mut trap);
        assert!(!instance.is_null(), "{}", last_error());
        assert!(trap.is_null());
        wasm_module_delete(module);
        instance
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // SAFETY: both are owned.
        unsafe {
            wasm_store_delete(self.store);
            wasm_engine_delete(self.engine);
        }
    }
}

/// An export of an instance, owned.
unsafe fn export(instance: *const wasm_instance_t, i: usize) -> *mut wasm_extern_t {
    let mut exports = vec::empty::<wasm_extern_vec_t>();
    wasm_instance_exports(instance, &mut exports);
    let found = wasm_extern_copy(vec::items(&exports)[i]);
    wasm_extern_vec_delete(&mut exports);
    found
}

fn i32_val(v: i32) -> wasm_val_t {
    wasm_val_t { kind: WASM_I32, of: wasm_val_of_t { i32: v } }
}

fn null_val() -> wasm_val_t {
    wasm_val_t { kind: WASM_EXTERNREF, of: wasm_val_of_t { r#ref: null_mut() } }
}

fn vals(of: &mut [wasm_val_t]) -> wasm_val_vec_t {
    wasm_val_vec_t { size: of.len(), data: of.as_mut_ptr() }
}

unsafe fn call(func: *const wasm_func_t, args: &mut [wasm_val_t], results: &mut [wasm_val_t]) -> Result<(), String> {
    let trap = wasm_func_call(func, &vals(args), &mut vals(results));
    if trap.is_null() {
        return Ok(());
    }
    let text = message(trap);
    wasm_trap_delete(trap);
    Err(text)
}

unsafe fn message(trap: *const wasm_trap_t) -> String {
    let mut text = vec::empty();
    wasm_trap_message(trap, &mut text);
    let (last, said) = vec::bytes(&text).split_last().expect("a message ends in a NUL");
    assert_eq!(*last, 0);
    let said = String::from_utf8_lossy(said).into_owned();
    wasm_byte_vec_delete(&mut text);
    said
}

/// A function type from kinds.
unsafe fn functype(params: &[wasm_valkind_t], results: &[wasm_valkind_t]) -> *mut wasm_functype_t {
    let list = |kinds: &[wasm_valkind_t]| {
        vec::from_items::<wasm_valtype_vec_t>(kinds.iter().map(|k| wasm_valtype_new(*k)).collect()).expect("memory")
    };
    wasm_functype_new(&mut list(params), &mut list(results))
}

thread_local! {
    static FINALIZED: Cell<usize> = const { Cell::new(0) };
}

unsafe extern "C" fn count(_: *mut c_void) {
    FINALIZED.set(FINALIZED.get() + 1);
}

// ---------------------------------------------------------------------------------------------------------------------
// Lifetimes

host! {
    fn every_deletion_order_is_safe() {
        // Each bit pattern is another order: what is deleted early, and what late.
        for order in 0..64u32 {
            FINALIZED.set(0);
            let engine = wasm_engine_new();
            let store = wasm_store_new(engine);
            let bytes = wat("(module (memory (export \"m\") 1) (func (export \"f\") (result i32) i32.const 7))");
            let binary = wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() };
            let module = wasm_module_new(store, &binary);
            let instance = wasm_instance_new(store, module, null(), null_mut());
            let mut exports = vec::empty::<wasm_extern_vec_t>();
            wasm_instance_exports(instance, &mut exports);
            let func = wasm_func_copy(wasm_extern_as_func(*exports.data.add(1)));
            let memory = wasm_memory_copy(wasm_extern_as_memory(*exports.data));
            wasm_module_set_host_info_with_finalizer(module, null_mut(), Some(count));
            wasm_instance_set_host_info_with_finalizer(instance, null_mut(), Some(count));
            wasm_func_set_host_info_with_finalizer(func, null_mut(), Some(count));
            wasm_memory_set_host_info_with_finalizer(memory, null_mut(), Some(count));
            let delete: [&mut dyn FnMut(); 6] = [
                &mut || wasm_engine_delete(engine),
                &mut || wasm_store_delete(store),
                &mut || wasm_module_delete(module),
                &mut || wasm_instance_delete(instance),
                &mut || wasm_extern_vec_delete(&mut exports),
                &mut || wasm_memory_delete(memory),
            ];
            let (mut early, mut late) = (Vec::new(), Vec::new());
            for (i, d) in delete.into_iter().enumerate() {
                if order >> i & 1 != 0 { early.push(d) } else { late.push(d) }
            }
            early.into_iter().for_each(|d| d());
            let mut result = [null_val()];
            assert_eq!(call(func, &mut [], &mut result), Ok(()));
            assert_eq!(result[0].of.i32, 7);
            // The other half goes before the function in even orders, after it in odd ones, and backwards.
            if order % 2 == 0 {
                late.into_iter().rev().for_each(|d| d());
                wasm_func_delete(func);
            } else {
                wasm_func_delete(func);
                late.into_iter().for_each(|d| d());
            }
            assert_eq!(FINALIZED.get(), 4, "order {order}");
        }
    }
}

host! {
    fn copies_are_owners_and_host_info_belongs_to_the_object() {
        FINALIZED.set(0);
        let world = World::new();
        let a = wasm_foreign_new(world.store);
        let b = wasm_foreign_copy(a);
        let other = wasm_foreign_new(world.store);
        assert!(wasm_foreign_same(a, b) && !wasm_foreign_same(a, other));
        assert!(!wasm_foreign_same(a, null()) && !wasm_foreign_same(null(), null()));
        let mut tag = 5u8;
        wasm_foreign_set_host_info_with_finalizer(a, (&raw mut tag).cast(), Some(count));
        assert_eq!(wasm_foreign_get_host_info(b), (&raw mut tag).cast());
        wasm_foreign_delete(a);
        assert_eq!(FINALIZED.get(), 0);
        wasm_foreign_delete(b);
        assert_eq!(FINALIZED.get(), 1);
        wasm_foreign_delete(other);
    }
}

host! {
    fn the_environment_of_a_host_function_is_finalized_once() {
        unsafe extern "C" fn nothing(_: *mut c_void, _: *const wasm_val_vec_t, _: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
            null_mut()
        }
        FINALIZED.set(0);
        {
            let world = World::new();
            let ty = functype(&[], &[]);
            let func = wasm_func_new_with_env(world.store, ty, Some(nothing), null_mut(), Some(count));
            wasm_functype_delete(ty);
            let instance =
                world.instance("(module (import \"\" \"f\" (func)) (start 0))", &[wasm_func_as_extern(func)]);
            wasm_func_delete(func);
            assert_eq!(FINALIZED.get(), 0);
            wasm_instance_delete(instance);
        }
        assert_eq!(FINALIZED.get(), 1);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Calls

host! {
    fn arguments_and_results_are_held_against_the_type() {
        let world = World::new();
        let instance = world.instance(
            "(module (func (export \"add\") (param i32 i64) (result i64)
               (i64.add (i64.extend_i32_s (local.get 0)) (local.get 1))))",
            &[],
        );
        let add = export(instance, 0);
        let func = wasm_extern_as_func(add);
        let i64_val = |v| wasm_val_t { kind: WASM_I64, of: wasm_val_of_t { i64: v } };
        let mut results = [null_val(), null_val()];
        // More room than results: the rest stays as it is.
        assert_eq!(call(func, &mut [i32_val(-1), i64_val(1 << 40)], &mut results), Ok(()));
        assert_eq!((results[0].kind, results[0].of.i64), (WASM_I64, (1 << 40) - 1));
        assert_eq!(results[1].kind, WASM_EXTERNREF);
        let err = |r: Result<(), String>, part: &str| {
            let text = r.unwrap_err();
            assert!(text.contains(part), "{text}");
            assert_eq!(last_error(), text);
        };
        err(call(func, &mut [i32_val(1), i64_val(2)], &mut []), "not enough room for the results: expected 1, found 0");
        err(call(func, &mut [i32_val(1)], &mut results), "wrong number of arguments: expected 2, found 1");
        err(call(func, &mut [i32_val(1), i32_val(2)], &mut results), "argument 1: the value is i32 instead of i64");
        let odd = wasm_val_t { kind: 77, of: wasm_val_of_t { i64: 1 } };
        err(call(func, &mut [odd, i64_val(2)], &mut results), "argument 0");
        err(call(null(), &mut [], &mut []), "the function is NULL");
        err(call(instance.cast_const().cast(), &mut [], &mut []), "the object is not a function");
        let trap = wasm_func_call(func, null(), null_mut());
        assert_eq!(message(trap), "wrong number of arguments: expected 2, found 0");
        wasm_trap_delete(trap);
        let no_data = wasm_val_vec_t { size: 2, data: null_mut() };
        let trap = wasm_func_call(func, &no_data, &mut vals(&mut results));
        assert!(message(trap).contains("NULL"));
        wasm_trap_delete(trap);
        wasm_extern_delete(add);
        wasm_instance_delete(instance);
    }
}

host! {
    fn many_values_travel_both_ways() {
        unsafe extern "C" fn reverse(args: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
            let (args, results) = (&*args, &*results);
            for i in 0..args.size {
                *results.data.add(i) = *args.data.add(args.size - 1 - i);
            }
            null_mut()
        }
        let world = World::new();
        for n in [1usize, 15, 16, 17, 100, 900] {
            let ty = functype(&vec![WASM_I32; n], &vec![WASM_I32; n]);
            let func = wasm_func_new(world.store, ty, Some(reverse));
            wasm_functype_delete(ty);
            let list = "i32 ".repeat(n);
            let gets = (0..n).map(|i| format!("(local.get {i})")).collect::<String>();
            let text = format!(
                "(module (import \"\" \"r\" (func $r (param {list}) (result {list})))
                   (func (export \"f\") (param {list}) (result {list}) (call $r {gets})))"
            );
            let instance = world.instance(&text, &[wasm_func_as_extern(func)]);
            let f = export(instance, 0);
            let mut args: Vec<_> = (0..n as i32).map(i32_val).collect();
            let mut results = vec![null_val(); n];
            for target in [wasm_extern_as_func(f), func] {
                assert_eq!(call(target, &mut args, &mut results), Ok(()));
                for (i, r) in results.iter().enumerate() {
                    assert_eq!((r.kind, r.of.i32), (WASM_I32, (n - 1 - i) as i32));
                }
            }
            wasm_extern_delete(f);
            wasm_instance_delete(instance);
            wasm_func_delete(func);
        }
    }
}

host! {
    fn a_host_trap_comes_out_unchanged_and_what_was_written_is_freed() {
        thread_local! {
            static TRAP: Cell<*mut wasm_trap_t> = const { Cell::new(null_mut()) };
            static LEFT: Cell<*mut wasm_foreign_t> = const { Cell::new(null_mut()) };
        }
        unsafe extern "C" fn fail(_: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
            let left = wasm_foreign_as_ref(wasm_foreign_copy(LEFT.get()));
            *(*results).data = wasm_val_t { kind: WASM_EXTERNREF, of: wasm_val_of_t { r#ref: left } };
            wasm_trap_copy(TRAP.get())
        }
        FINALIZED.set(0);
        let world = World::new();
        let mut text = vec::from_bytes(b"out of luck\0").expect("memory");
        TRAP.set(wasm_trap_new(world.store, &text));
        wasm_byte_vec_delete(&mut text);
        LEFT.set(wasm_foreign_new(world.store));
        wasm_foreign_set_host_info_with_finalizer(LEFT.get(), null_mut(), Some(count));
        let ty = functype(&[], &[WASM_EXTERNREF]);
        let func = wasm_func_new(world.store, ty, Some(fail));
        wasm_functype_delete(ty);
        let instance = world.instance(
            "(module (import \"\" \"f\" (func (result externref)))
               (func (export \"g\") (result externref) (call 0)))",
            &[wasm_func_as_extern(func)],
        );
        let g = export(instance, 0);
        let mut results = [null_val()];
        let trap = wasm_func_call(wasm_extern_as_func(g), null(), &mut vals(&mut results));
        assert!(wasm_trap_same(trap, TRAP.get()));
        assert_eq!(message(trap), "out of luck");
        wasm_trap_delete(trap);
        wasm_foreign_delete(LEFT.get());
        assert_eq!(FINALIZED.get(), 1, "the callback's reference was given up");
        wasm_trap_delete(TRAP.get());
        wasm_extern_delete(g);
        wasm_instance_delete(instance);
        wasm_func_delete(func);
    }
}

host! {
    fn a_callback_with_results_of_the_wrong_kind_is_a_trap() {
        unsafe extern "C" fn wrong(_: *const wasm_val_vec_t, results: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
            *(*results).data = i32_val(1);
            null_mut()
        }
        unsafe extern "C" fn no_trap(_: *const wasm_val_vec_t, _: *mut wasm_val_vec_t) -> *mut wasm_trap_t {
            let world = World::new();
            wasm_foreign_new(world.store).cast()
        }
        let world = World::new();
        let ty = functype(&[], &[WASM_F64]);
        let func = wasm_func_new(world.store, ty, Some(wrong));
        let why = call(func, &mut [], &mut [null_val()]).unwrap_err();
        assert!(why.contains("result 0 of a host function: the value is i32 instead of f64"), "{why}");
        wasm_func_delete(func);
        let func = wasm_func_new(world.store, ty, Some(no_trap));
        let why = call(func, &mut [], &mut [null_val()]).unwrap_err();
        assert!(why.contains("no trap"), "{why}");
        wasm_func_delete(func);
        wasm_functype_delete(ty);
    }
}

host! {
    fn references_keep_their_identity() {
        let world = World::new();
        let instance = world.instance(
            "(module (table (export \"t\") 2 funcref) (table (export \"x\") 1 externref)
               (global (export \"g\") (mut externref) (ref.null extern))
               (func (export \"id\") (param externref funcref) (result externref funcref)
                 (global.set 0 (local.get 0)) (table.set 0 (i32.const 1) (local.get 1))
                 (local.get 0) (local.get 1)))",
            &[],
        );
        let (table, global, id) = (export(instance, 0), export(instance, 2), export(instance, 3));
        let func = wasm_extern_as_func(id);
        let foreign = wasm_foreign_new(world.store);
        let val = |kind, r: *mut wasm_ref_t| wasm_val_t { kind, of: wasm_val_of_t { r#ref: r } };
        let mut args = [val(WASM_EXTERNREF, wasm_foreign_as_ref(foreign)), val(WASM_FUNCREF, wasm_func_as_ref(func))];
        let mut results = [null_val(); 2];
        assert_eq!(call(func, &mut args, &mut results), Ok(()));
        assert_eq!((results[0].kind, results[1].kind), (WASM_EXTERNREF, WASM_FUNCREF));
        assert!(wasm_ref_same(results[0].of.r#ref, wasm_foreign_as_ref(foreign)));
        assert!(wasm_ref_same(results[1].of.r#ref, wasm_func_as_ref(func)));
        let mut in_global = null_val();
        wasm_global_get(wasm_extern_as_global(global), &mut in_global);
        assert!(wasm_foreign_same(wasm_ref_as_foreign(in_global.of.r#ref), foreign));
        let in_table = wasm_table_get(wasm_extern_as_table(table), 1);
        assert!(wasm_func_same(wasm_ref_as_func(in_table), func));
        assert!(wasm_ref_as_foreign(in_table).is_null());
        assert!(wasm_table_get(wasm_extern_as_table(table), 0).is_null());
        assert!(wasm_table_get(wasm_extern_as_table(table), 2).is_null());
        // A reference of another store has no business here.
        let elsewhere = World::new();
        let stranger = wasm_foreign_new(elsewhere.store);
        args[0] = val(WASM_EXTERNREF, wasm_foreign_as_ref(stranger));
        assert!(call(func, &mut args, &mut results).unwrap_err().contains("another store"));
        args[0] = val(WASM_EXTERNREF, null_mut());
        args[1] = val(WASM_FUNCREF, wasm_foreign_as_ref(foreign));
        assert!(
            call(func, &mut args, &mut results).unwrap_err().contains("argument 1: the reference is not to a function")
        );
        wasm_foreign_delete(stranger);
        results.iter_mut().for_each(|v| wasm_val_delete(v));
        wasm_val_delete(&mut in_global);
        wasm_ref_delete(in_table);
        wasm_foreign_delete(foreign);
        [table, global, id].into_iter().for_each(|e| wasm_extern_delete(e));
        wasm_instance_delete(instance);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Modules

host! {
    fn images_come_back_and_damage_is_noticed() {
        let world = World::new();
        let module = world.module("(module (func (export \"f\") (result i32) i32.const 3))");
        let mut image = vec::empty();
        wasm_module_serialize(module, &mut image);
        wasm_module_delete(module);
        let back = wasm_module_deserialize(world.store, &image);
        assert!(!back.is_null(), "{}", last_error());
        wasm_module_delete(back);
        // Any changed byte is noticed, and so is any shortening.
        let good = vec::bytes(&image).to_vec();
        for i in 0..good.len() {
            let mut bad = good.clone();
            bad[i] ^= 0x10;
            let bad = wasm_byte_vec_t { size: bad.len(), data: bad.as_mut_ptr().cast() };
            assert!(wasm_module_deserialize(world.store, &bad).is_null(), "byte {i}");
            assert!(last_error().contains("serialized module"), "{}", last_error());
            let short = wasm_byte_vec_t { size: i, data: good.as_ptr().cast_mut().cast() };
            assert!(wasm_module_deserialize(world.store, &short).is_null(), "length {i}");
        }
        wasm_byte_vec_delete(&mut image);
    }
}

host! {
    fn shared_modules_reach_other_stores_and_engines() {
        let (here, there) = (World::new(), World::new());
        let neighbour = wasm_store_new(here.engine);
        let module = here.module("(module (func (export \"f\") (param externref) (result i32) i32.const 9))");
        let shared = wasm_module_share(module);
        wasm_module_delete(module);
        for store in [neighbour, there.store] {
            let module = wasm_module_obtain(store, shared);
            let instance = wasm_instance_new(store, module, null(), null_mut());
            let f = export(instance, 0);
            let mut results = [null_val()];
            assert_eq!(call(wasm_extern_as_func(f), &mut [null_val()], &mut results), Ok(()));
            assert_eq!(results[0].of.i32, 9);
            wasm_extern_delete(f);
            wasm_instance_delete(instance);
            wasm_module_delete(module);
        }
        wasm_shared_module_delete(shared);
        wasm_store_delete(neighbour);
    }
}

host! {
    fn a_wrong_import_is_named() {
        let world = World::new();
        let module =
            world.module("(module (import \"env\" \"mem\" (memory 2)) (import \"env\" \"f\" (func (param i32))))");
        let limits = wasm_limits_t { min: 1, max: u32::MAX };
        let ty = wasm_memorytype_new(&limits);
        let memory = wasm_memory_new(world.store, ty);
        wasm_memorytype_delete(ty);
        let mut trap = null_mut();
        let mut refused = |imports: &[*mut wasm_extern_t], parts: &[&str]| {
            let imports = wasm_extern_vec_t { size: imports.len(), data: imports.as_ptr().cast_mut() };
            assert!(wasm_instance_new(world.store, module, &imports, &mut trap).is_null());
            let text = message(trap);
            assert!(parts.iter().all(|p| text.contains(p)), "{text}");
            assert_eq!(last_error(), text);
            wasm_trap_delete(trap);
        };
        let m = wasm_memory_as_extern(memory);
        refused(&[], &["expected 2", "found 0"]);
        refused(&[m, m], &["\"env\" \"mem\""]);
        refused(&[m, null_mut()], &["\"env\" \"f\"", "NULL"]);
        assert!(wasm_instance_new(world.store, module, null(), null_mut()).is_null());
        wasm_memory_delete(memory);
        wasm_module_delete(module);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Nothing in particular

host! {
    fn nothing_happens_to_null() {
        assert!(wasm_store_new(null_mut()).is_null());
        assert!(wasm_module_new(null_mut(), null()).is_null());
        assert!(!wasm_module_validate(null_mut(), null()));
        assert!(wasm_instance_new(null_mut(), null(), null(), null_mut()).is_null());
        assert!(wasm_func_new(null_mut(), null(), None).is_null());
        assert!(wasm_global_new(null_mut(), null(), null()).is_null());
        assert!(wasm_memory_data(null_mut()).is_null());
        assert!(!wasm_table_grow(null_mut(), 1, null_mut()));
        assert_eq!(wasm_func_param_arity(null()), 0);
        assert_eq!(last_error(), "the function is NULL");
        assert!(wasm_trap_origin(null()).is_null());
        assert!(wasm_functype_params(null()).is_null());
        assert!(wasm_valtype_new(55).is_null());
        let mut out = vec::empty::<wasm_extern_vec_t>();
        wasm_instance_exports(null(), &mut out);
        assert_eq!(out.size, 0);
        wasm_val_copy(null_mut(), null());
        wasm_global_set(null_mut(), null());
        wasm_extern_vec_delete(null_mut());
        wasm_store_delete(null_mut());
        wasm_ref_delete(null_mut());
        wasm_val_delete(null_mut());
    }
}

host! {
    fn kinds_are_checked_where_they_are_recorded() {
        let world = World::new();
        let foreign = wasm_foreign_new(world.store);
        assert!(wasm_memory_data(foreign.cast()).is_null());
        assert_eq!(last_error(), "the object is not a memory");
        assert!(!wasm_table_set(foreign.cast(), 0, null_mut()));
        assert!(wasm_ref_as_extern(wasm_foreign_as_ref(foreign)).is_null());
        assert!(wasm_ref_as_foreign(wasm_foreign_as_ref(foreign)) == foreign);
        wasm_foreign_delete(foreign);
        let ty = functype(&[WASM_I32], &[]);
        assert!(wasm_externtype_as_globaltype(wasm_functype_as_externtype(ty)).is_null());
        assert!(wasm_memorytype_limits(ty.cast()).is_null());
        assert!(wasm_global_new(world.store, ty.cast(), &i32_val(0)).is_null());
        wasm_functype_delete(ty);
    }
}

host! {
    fn vectors_of_any_size() {
        let mut bytes = vec::empty::<wasm_byte_vec_t>();
        wasm_byte_vec_new_uninitialized(&mut bytes, 0);
        assert!(bytes.size == 0 && bytes.data.is_null());
        wasm_byte_vec_delete(&mut bytes);
        wasm_byte_vec_new_uninitialized(&mut bytes, usize::MAX);
        assert_eq!(bytes.size, 0);
        assert!(last_error().contains("address space"));
        let mut types = vec::empty::<wasm_valtype_vec_t>();
        wasm_valtype_vec_new_uninitialized(&mut types, 1 << 61);
        assert_eq!(types.size, 0);
        wasm_valtype_vec_new_uninitialized(&mut types, 3);
        *types.data.add(1) = wasm_valtype_new(WASM_F32);
        let mut copy = vec::empty();
        wasm_valtype_vec_copy(&mut copy, &types);
        assert!((*copy.data).is_null() && *copy.data.add(1) != *types.data.add(1));
        // A type with a hole in it is refused, and nothing leaks.
        assert!(wasm_functype_new(&mut copy, null_mut()).is_null());
        assert_eq!(copy.size, 0);
        wasm_valtype_vec_delete(&mut types);
        wasm_valtype_vec_delete(&mut types);
    }
}
