//! Calls of the C API in an order that bytes decide, with everything that is owned given up once. Callbacks of the host make such
//! calls as well. [`run_misuse`] does the same and passes NULL, objects of other kinds and of other stores, and values of wrong
//! types wherever the header promises a refusal.
//!
//! Borrowed pointers are not kept: their owner may be deleted next.

use super::source::Source;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use wasm::capi::*;

pub fn run(data: &[u8]) {
    World::new(data, false).go();
}

pub fn run_misuse(data: &[u8]) {
    World::new(data, true).go();
}

const TEXTS: &[&str] = &[
    r#"(module (memory (export "m") 1 4) (table (export "t") 3 10 funcref) (global (export "g") (mut i64) (i64.const 7))
        (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
        (func (export "grow") (result i32) (memory.grow (i32.const 1)))
        (func (export "trap") (unreachable)))"#,
    r#"(module (import "a" "f" (func $f (param i32) (result i32))) (import "a" "r" (func $r (param externref) (result externref)))
        (table (export "t") 2 20 externref) (elem declare func $f)
        (func (export "call") (param i32) (result i32) (call $f (local.get 0)))
        (func (export "keep") (param externref) (table.set (i32.const 0) (call $r (local.get 0))))
        (func (export "get") (result externref) (table.get (i32.const 0)))
        (func (export "self") (result funcref) (ref.func $f)))"#,
    r#"(module (import "a" "m" (memory 1)) (import "a" "g" (global $g (mut i64))) (import "a" "t" (table 1 funcref))
        (func $s (global.set $g (i64.const 1)) (i32.store8 (i32.const 5) (i32.const 6))) (start $s)
        (func (export "run") (param i32) (call_indirect (local.get 0))) (elem (i32.const 0) $s) (data (i32.const 1) "abc"))"#,
    r#"(module (func $r (export "r") (call $r)) (func (export "loop") (loop (br 0)))
        (global (export "c") f32 (f32.const 1.5)) (global (export "e") (mut externref) (ref.null extern)))"#,
    r#"(module (type $s (struct (field (mut anyref)))) (tag $e (export "e") (param i32))
        (func (export "make") (param externref) (result anyref) (struct.new $s (any.convert_extern (local.get 0))))
        (func (export "throw") (param i32) (throw $e (local.get 0))))"#,
    "(module)",
];

fn binaries() -> &'static [Vec<u8>] {
    static BINARIES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    BINARIES.get_or_init(|| TEXTS.iter().map(|t| wasm::text::to_binary(t.as_bytes()).expect("a module")).collect())
}

/// Objects of one kind that are owned.
type Pool<T> = RefCell<Vec<*mut T>>;

struct World<'a> {
    source: Source<'a>,
    /// Whether to pass what does not fit.
    misuse: bool,
    /// How deeply calls of the host are inside each other.
    depth: Cell<u32>,
    engine: *mut wasm_engine_t,
    stores: RefCell<Vec<*mut wasm_store_t>>,
    modules: Pool<wasm_module_t>,
    shared: Pool<wasm_shared_module_t>,
    instances: Pool<wasm_instance_t>,
    funcs: Pool<wasm_func_t>,
    globals: Pool<wasm_global_t>,
    tables: Pool<wasm_table_t>,
    memories: Pool<wasm_memory_t>,
    externs: Pool<wasm_extern_t>,
    traps: Pool<wasm_trap_t>,
    foreigns: Pool<wasm_foreign_t>,
    refs: Pool<wasm_ref_t>,
    frames: Pool<wasm_frame_t>,
    valtypes: Pool<wasm_valtype_t>,
    functypes: Pool<wasm_functype_t>,
    globaltypes: Pool<wasm_globaltype_t>,
    tabletypes: Pool<wasm_tabletype_t>,
    memorytypes: Pool<wasm_memorytype_t>,
}

/// What a callback works with.
struct Env {
    world: *const World<'static>,
    results: Vec<wasm_valkind_t>,
}

/// How many objects of a kind are kept at most.
const MOST: usize = 12;

/// How many calls one input makes at most.
const CALLS: usize = 400;

unsafe extern "C" fn forget_env(env: *mut c_void) {
    // SAFETY: the box that the function was made with, once.
    drop(unsafe { Box::from_raw(env.cast::<Env>()) });
}

unsafe extern "C" fn finalize(count: *mut c_void) {
    // SAFETY: a leaked counter.
    unsafe { *count.cast::<u32>() += 1 };
}

unsafe extern "C" fn callback(
    env: *mut c_void,
    args: *const wasm_val_vec_t,
    out: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    // SAFETY: the world outlives its calls; the vectors are as the header says.
    unsafe {
        let results = (*env.cast::<Env>()).results.clone();
        let world = &*(*env.cast::<Env>()).world;
        let args = if (*args).size == 0 { &[] } else { std::slice::from_raw_parts((*args).data, (*args).size) };
        assert!(args.iter().all(|a| a.kind <= 3 || a.kind >= 128), "arguments have kinds");
        world.depth.set(world.depth.get() + 1);
        for _ in 0..world.source.below(4) {
            world.step();
        }
        world.depth.set(world.depth.get() - 1);
        if world.source.chance(10) {
            let store = world.pick_store();
            let trap = wasm_trap_new(store, &name(b"host\0"));
            if !trap.is_null() {
                return trap;
            }
        }
        for (i, kind) in results.iter().enumerate().take((*out).size) {
            let kind = if world.misuse && world.source.chance(5) { world.source.byte() } else { *kind };
            *(*out).data.add(i) = world.value(kind);
        }
        null_mut()
    }
}

/// A borrowed vector of bytes.
fn name(bytes: &'static [u8]) -> wasm_byte_vec_t {
    wasm_byte_vec_t { size: bytes.len(), data: bytes.as_ptr().cast_mut().cast() }
}

impl<'a> World<'a> {
    fn new(data: &'a [u8], misuse: bool) -> World<'a> {
        // SAFETY: constructors; the engine takes the configuration over.
        let (engine, stores) = unsafe {
            let config = wasm_config_new();
            wasmx_config_set_limit(config, 1, 8 << 20);
            wasmx_config_set_limit(config, 3, 10_000);
            wasmx_config_set_limit(config, 4, 20);
            wasmx_config_set_limit(config, 16, 256 << 10);
            wasmx_config_set_limit(config, 17, 12);
            wasmx_config_set_fuel(config, true);
            let engine = wasm_engine_new_with_config(config);
            (engine, vec![wasm_store_new(engine), wasm_store_new(engine)])
        };
        World {
            source: Source::new(data),
            misuse,
            depth: Cell::new(0),
            engine,
            stores: RefCell::new(stores),
            modules: Pool::default(),
            shared: Pool::default(),
            instances: Pool::default(),
            funcs: Pool::default(),
            globals: Pool::default(),
            tables: Pool::default(),
            memories: Pool::default(),
            externs: Pool::default(),
            traps: Pool::default(),
            foreigns: Pool::default(),
            refs: Pool::default(),
            frames: Pool::default(),
            valtypes: Pool::default(),
            functypes: Pool::default(),
            globaltypes: Pool::default(),
            tabletypes: Pool::default(),
            memorytypes: Pool::default(),
        }
    }

    fn go(&self) {
        for _ in 0..CALLS {
            if self.source.is_empty() {
                break;
            }
            // SAFETY: each step uses objects that are owned, as the header says, or what it allows instead.
            unsafe { self.step() };
        }
        // SAFETY: everything that is left is owned, and given up once, in an order that bytes decide.
        unsafe { self.end() };
    }

    /// One of the objects, or NULL if there is none; when misusing, sometimes NULL or an object of another kind.
    fn pick<T>(&self, pool: &Pool<T>) -> *mut T {
        if self.misuse && self.source.chance(12) {
            if self.source.chance(40) {
                return null_mut();
            }
            return self.other().cast();
        }
        self.right(pool)
    }

    /// One of the objects, or NULL if there is none.
    fn right<T>(&self, pool: &Pool<T>) -> *mut T {
        let pool = pool.borrow();
        if pool.is_empty() { null_mut() } else { pool[self.source.below(pool.len())] }
    }

    /// As `pick`, for what records no kind: NULL, but nothing of another kind.
    fn pick_type<T>(&self, pool: &Pool<T>) -> *mut T {
        if self.misuse && self.source.chance(10) { null_mut() } else { self.right(pool) }
    }

    /// An object of some kind that is recorded.
    fn other(&self) -> *mut wasm_ref_t {
        match self.source.below(8) {
            0 => self.right(&self.modules).cast(),
            1 => self.right(&self.instances).cast(),
            2 => self.right(&self.funcs).cast(),
            3 => self.right(&self.globals).cast(),
            4 => self.right(&self.tables).cast(),
            5 => self.right(&self.memories).cast(),
            6 => self.right(&self.traps).cast(),
            _ => self.right(&self.foreigns).cast(),
        }
    }

    fn pick_store(&self) -> *mut wasm_store_t {
        if self.misuse && self.source.chance(5) {
            return null_mut();
        }
        let stores = self.stores.borrow();
        // Mostly one, so that objects meet.
        stores.get(self.source.chance(15) as usize).or(stores.first()).copied().unwrap_or(null_mut())
    }

    /// Keeps an object that is owned now. NULL is nothing.
    unsafe fn keep<T>(&self, pool: &Pool<T>, object: *mut T, delete: unsafe extern "C" fn(*mut T)) {
        if object.is_null() {
            return;
        }
        if pool.borrow().len() < MOST {
            pool.borrow_mut().push(object);
        } else {
            // SAFETY: owned, and not kept.
            unsafe { delete(object) };
        }
    }

    /// Takes an object out, to be given up; or NULL.
    fn take<T>(&self, pool: &Pool<T>) -> *mut T {
        let mut pool = pool.borrow_mut();
        if pool.is_empty() {
            return null_mut();
        }
        let i = self.source.below(pool.len());
        pool.swap_remove(i)
    }

    /// A value that is owned.
    unsafe fn value(&self, kind: wasm_valkind_t) -> wasm_val_t {
        let of = match kind {
            0 => wasm_val_of_t { i32: self.source.word() as i32 },
            1 => wasm_val_of_t { i64: self.source.word() as i64 },
            2 => wasm_val_of_t { f32: f32::from_bits(self.source.word() as u32) },
            3 => wasm_val_of_t { f64: f64::from_bits(self.source.word()) },
            // SAFETY: a live object, or NULL.
            128 | 129 => wasm_val_of_t { r#ref: unsafe { wasm_ref_copy(self.reference(kind)) } },
            // Of no kind: whoever deletes the value would not know that it owns something.
            _ => wasm_val_of_t { r#ref: null_mut() },
        };
        wasm_val_t { kind, of }
    }

    /// A reference that is borrowed.
    fn reference(&self, kind: wasm_valkind_t) -> *mut wasm_ref_t {
        match self.source.below(5) {
            0 => null_mut(),
            1 => self.right(&self.refs),
            2 if self.misuse => self.other(),
            _ if kind == 129 => self.right(&self.funcs).cast(),
            _ => self.right(&self.foreigns).cast(),
        }
    }

    /// Values for parameters, owned; when misusing, sometimes others.
    unsafe fn values(&self, types: *const wasm_valtype_vec_t) -> Vec<wasm_val_t> {
        // SAFETY: NULL, or a vector of a live type.
        unsafe {
            let kinds: Vec<u8> = kinds(types);
            let mut values: Vec<_> = kinds.iter().map(|k| self.value(*k)).collect();
            if self.misuse && self.source.chance(10) {
                values.push(self.value(self.source.byte() % 4));
            }
            if self.misuse && self.source.chance(10) && !values.is_empty() {
                let at = self.source.below(values.len());
                wasm_val_delete(&mut values[at]);
                values[at] = self.value([0, 1, 2, 3, 128, 129, 77][self.source.below(7)]);
            }
            values
        }
    }

    unsafe fn call(&self, func: *mut wasm_func_t) {
        // SAFETY: a function, an object of another kind, or NULL, all of which may be asked.
        unsafe {
            let ty = wasm_func_type(func);
            let mut args = self.values(wasm_functype_params(ty));
            let n = kinds(wasm_functype_results(ty)).len();
            wasm_functype_delete(ty);
            let room =
                if self.misuse && self.source.chance(10) { self.source.below(3) } else { n + self.source.below(2) };
            let (mut given, mut results) = (std::mem::zeroed(), std::mem::zeroed());
            wasm_val_vec_new(&mut given, args.len(), args.as_mut_ptr());
            wasm_val_vec_new_uninitialized(&mut results, room);
            let (given_at, results_at) = match self.misuse && self.source.chance(5) {
                true => (null(), null_mut()),
                false => (&raw const given, &raw mut results),
            };
            wasmx_store_set_fuel(self.pick_store(), 20_000);
            let trap = wasm_func_call(func, given_at, results_at);
            self.keep(&self.traps, trap, wasm_trap_delete);
            // What came back belongs to the vector; one of the references is kept.
            if results.size > 0 {
                let first = &*results.data;
                if first.kind >= 128 && trap.is_null() {
                    self.keep(&self.refs, wasm_ref_copy(first.of.r#ref), wasm_ref_delete);
                }
            }
            wasm_val_vec_delete(&mut results);
            wasm_val_vec_delete(&mut given);
        }
    }

    unsafe fn instantiate(&self) {
        // SAFETY: as the header says.
        unsafe {
            let module = self.pick(&self.modules);
            let mut wanted = std::mem::zeroed();
            wasm_module_imports(module, &mut wanted);
            let mut imports = Vec::new();
            for i in 0..wanted.size {
                let ty = wasm_importtype_type(*wanted.data.add(i));
                let found: *mut wasm_extern_t = match wasm_externtype_kind(ty) {
                    _ if self.misuse && self.source.chance(10) => self.other().cast(),
                    0 => self.func_of(wasm_externtype_as_functype_const(ty)).cast(),
                    1 => wasm_global_as_extern(self.right(&self.globals)),
                    2 => wasm_table_as_extern(self.right(&self.tables)),
                    3 => wasm_memory_as_extern(self.right(&self.memories)),
                    _ => self.right(&self.externs),
                };
                imports.push(found);
            }
            wasm_importtype_vec_delete(&mut wanted);
            if self.misuse && self.source.chance(10) {
                imports.pop();
            }
            let list = wasm_extern_vec_t { size: imports.len(), data: imports.as_mut_ptr() };
            let mut trap = null_mut();
            let at = if self.source.chance(80) { &raw mut trap } else { null_mut() };
            wasmx_store_set_fuel(self.pick_store(), 20_000);
            let instance = wasm_instance_new(self.pick_store(), module, &list, at);
            self.keep(&self.instances, instance, wasm_instance_delete);
            self.keep(&self.traps, trap, wasm_trap_delete);
        }
    }

    /// A host function of this type, kept, and borrowed by the caller.
    unsafe fn func_of(&self, ty: *const wasm_functype_t) -> *mut wasm_func_t {
        // SAFETY: a live type or NULL; the environment is a box that its finalizer frees, if there is a function.
        unsafe {
            let results = kinds(wasm_functype_results(ty));
            let world: *const World<'static> = std::ptr::from_ref(self).cast();
            let env = Box::into_raw(Box::new(Env { world, results })).cast();
            let func = wasm_func_new_with_env(self.pick_store(), ty, Some(callback), env, Some(forget_env));
            if func.is_null() {
                forget_env(env);
            }
            self.keep(&self.funcs, func, wasm_func_delete);
            self.funcs.borrow().last().copied().unwrap_or(null_mut())
        }
    }

    unsafe fn step(&self) {
        // SAFETY: each call is as the header says.
        unsafe {
            let s = &self.source;
            match s.below(48) {
                0 => {
                    let mut bytes = binaries()[s.below(TEXTS.len())].clone();
                    if s.chance(10) {
                        let at = s.below(bytes.len());
                        bytes[at] = s.byte();
                    }
                    let binary = wasm_byte_vec_t { size: bytes.len(), data: bytes.as_mut_ptr().cast() };
                    let module = wasm_module_new(self.pick_store(), &binary);
                    assert_eq!(module.is_null() && !self.misuse, module.is_null() && !self.misuse);
                    self.keep(&self.modules, module, wasm_module_delete);
                }
                1 | 2 => self.instantiate(),
                3 => {
                    let mut exports = std::mem::zeroed();
                    wasm_instance_exports(self.pick(&self.instances), &mut exports);
                    for i in 0..exports.size {
                        let e = *exports.data.add(i);
                        self.keep(&self.funcs, wasm_func_copy(wasm_extern_as_func(e)), wasm_func_delete);
                        self.keep(&self.globals, wasm_global_copy(wasm_extern_as_global(e)), wasm_global_delete);
                        self.keep(&self.tables, wasm_table_copy(wasm_extern_as_table(e)), wasm_table_delete);
                        self.keep(&self.memories, wasm_memory_copy(wasm_extern_as_memory(e)), wasm_memory_delete);
                    }
                    wasm_extern_vec_delete(&mut exports);
                }
                4..10 => self.call(self.pick(&self.funcs)),
                10 => {
                    let ty = self.pick_type(&self.functypes);
                    self.func_of(ty);
                }
                11 => {
                    let n = s.below(4);
                    let (mut params, mut results) = (self.some_types(n), self.some_types(s.below(3)));
                    let ty = wasm_functype_new(&mut params, &mut results);
                    self.keep(&self.functypes, ty, wasm_functype_delete);
                }
                12 => {
                    let ty = wasm_valtype_new([0, 1, 2, 3, 128, 129][s.below(6)]);
                    self.keep(&self.valtypes, ty, wasm_valtype_delete);
                }
                13 => {
                    let ty = wasm_globaltype_new(self.take(&self.valtypes), s.byte() % 2);
                    self.keep(&self.globaltypes, ty, wasm_globaltype_delete);
                }
                14 => {
                    let limits = wasm_limits_t { min: s.word() as u32, max: s.word() as u32 };
                    let ty = wasm_tabletype_new(self.take(&self.valtypes), &limits);
                    self.keep(&self.tabletypes, ty, wasm_tabletype_delete);
                }
                15 => {
                    let limits = wasm_limits_t { min: s.word() as u32, max: s.word() as u32 };
                    let ty = wasm_memorytype_new(if self.misuse && s.chance(10) { null() } else { &limits });
                    self.keep(&self.memorytypes, ty, wasm_memorytype_delete);
                }
                16 => {
                    let ty = self.pick_type(&self.globaltypes);
                    let kind = match self.misuse && s.chance(20) {
                        true => s.byte(),
                        false => wasm_valtype_kind(wasm_globaltype_content(ty)),
                    };
                    let mut value = self.value(kind);
                    let global = wasm_global_new(self.pick_store(), ty, &value);
                    self.keep(&self.globals, global, wasm_global_delete);
                    wasm_val_delete(&mut value);
                }
                17 => {
                    let init = self.reference(128 + s.byte() % 2);
                    let table = wasm_table_new(self.pick_store(), self.pick_type(&self.tabletypes), init);
                    self.keep(&self.tables, table, wasm_table_delete);
                }
                18 => {
                    let memory = wasm_memory_new(self.pick_store(), self.pick_type(&self.memorytypes));
                    self.keep(&self.memories, memory, wasm_memory_delete);
                }
                19 => {
                    let mut value = std::mem::zeroed();
                    let global = self.pick(&self.globals);
                    wasm_global_get(global, &mut value);
                    if s.chance(50) {
                        wasm_global_set(self.pick(&self.globals), &value);
                    }
                    wasm_val_delete(&mut value);
                }
                20 => {
                    let table = self.pick(&self.tables);
                    let r = wasm_table_get(table, s.word() as u32);
                    self.keep(&self.refs, r, wasm_ref_delete);
                }
                21 => {
                    wasm_table_set(self.pick(&self.tables), s.word() as u32, self.reference(128 + s.byte() % 2));
                }
                22 => {
                    let table = self.pick(&self.tables);
                    wasm_table_grow(table, s.word() as u32, self.reference(128 + s.byte() % 2));
                    wasm_table_size(table);
                }
                23 => {
                    let memory = self.pick(&self.memories);
                    wasm_memory_grow(memory, s.word() as u32);
                    let (data, size) = (wasm_memory_data(memory), wasm_memory_data_size(memory));
                    if size > 0 {
                        *data.add(s.word() as usize % size) = 1;
                    }
                }
                24 => {
                    let foreign = wasm_foreign_new(self.pick_store());
                    self.keep(&self.foreigns, foreign, wasm_foreign_delete);
                }
                25 => {
                    let trap = wasm_trap_new(self.pick_store(), &name(b"a message\0"));
                    self.keep(&self.traps, trap, wasm_trap_delete);
                }
                26 => self.look_at_a_trap(),
                27 => {
                    let module = self.pick(&self.modules);
                    let shared = wasm_module_share(module);
                    self.keep(&self.shared, shared, wasm_shared_module_delete);
                }
                28 => {
                    let module = wasm_module_obtain(self.pick_store(), self.pick_type(&self.shared));
                    self.keep(&self.modules, module, wasm_module_delete);
                }
                29 => {
                    let (mut image, mut exports) = (std::mem::zeroed(), std::mem::zeroed());
                    let module = self.pick(&self.modules);
                    wasm_module_serialize(module, &mut image);
                    wasm_module_exports(module, &mut exports);
                    wasm_exporttype_vec_delete(&mut exports);
                    let again = wasm_module_deserialize(self.pick_store(), &image);
                    self.keep(&self.modules, again, wasm_module_delete);
                    wasm_byte_vec_delete(&mut image);
                }
                30 => {
                    let r = wasm_ref_copy(self.other());
                    self.keep(&self.refs, r, wasm_ref_delete);
                }
                31 => {
                    let r = self.pick(&self.refs);
                    let (f, g) = (wasm_func_copy(wasm_ref_as_func(r)), wasm_global_copy(wasm_ref_as_global(r)));
                    self.keep(&self.funcs, f, wasm_func_delete);
                    self.keep(&self.globals, g, wasm_global_delete);
                    wasm_ref_same(r, self.other());
                }
                32 => {
                    let count = Box::into_raw(Box::new(0u32));
                    COUNTERS.with(|c| c.borrow_mut().push(count));
                    let r = self.pick(&self.refs);
                    wasm_ref_set_host_info_with_finalizer(r, count.cast(), Some(finalize));
                    wasm_ref_get_host_info(r);
                }
                33 => {
                    let e = wasm_extern_copy(wasm_func_as_extern(self.pick(&self.funcs)));
                    wasm_externtype_delete(wasm_extern_type(e));
                    self.keep(&self.externs, e, wasm_extern_delete);
                }
                34 => {
                    wasmx_store_collect(self.pick_store());
                }
                35 => {
                    wasmx_store_interrupt(self.pick_store());
                    if s.chance(50) {
                        wasmx_store_clear_interrupt(self.pick_store());
                    }
                }
                36 if self.depth.get() == 0 => {
                    // Stores are kept by their objects.
                    let at = s.below(2).min(self.stores.borrow().len() - 1);
                    let store = self.stores.borrow()[at];
                    wasm_store_delete(store);
                    self.stores.borrow_mut()[at] = wasm_store_new(self.engine);
                }
                37 => wasm_module_delete(self.take(&self.modules)),
                38 => wasm_instance_delete(self.take(&self.instances)),
                39 => wasm_func_delete(self.take(&self.funcs)),
                40 => wasm_global_delete(self.take(&self.globals)),
                41 => wasm_table_delete(self.take(&self.tables)),
                42 => wasm_memory_delete(self.take(&self.memories)),
                43 => wasm_trap_delete(self.take(&self.traps)),
                44 => wasm_foreign_delete(self.take(&self.foreigns)),
                45 => wasm_ref_delete(self.take(&self.refs)),
                46 => {
                    wasm_frame_delete(self.take(&self.frames));
                    wasm_shared_module_delete(self.take(&self.shared));
                    wasm_functype_delete(self.take(&self.functypes));
                }
                _ => {
                    wasm_memorytype_delete(wasm_memory_type(self.pick(&self.memories)));
                    wasm_tabletype_delete(wasm_table_type(self.pick(&self.tables)));
                    wasm_globaltype_delete(wasm_global_type(self.pick(&self.globals)));
                    let ty = wasm_func_type(self.pick(&self.funcs));
                    self.keep(&self.functypes, ty, wasm_functype_delete);
                }
            }
        }
    }

    unsafe fn look_at_a_trap(&self) {
        // SAFETY: a trap, or what may be asked in its place.
        unsafe {
            let trap = self.pick(&self.traps);
            let (mut message, mut trace, mut text) = (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed());
            wasm_trap_message(trap, &mut message);
            wasm_byte_vec_delete(&mut message);
            wasmx_trap_backtrace(trap, &mut text);
            wasm_byte_vec_delete(&mut text);
            wasm_trap_trace(trap, &mut trace);
            for i in 0..trace.size {
                wasm_frame_func_index(*trace.data.add(i));
                wasm_frame_module_offset(*trace.data.add(i));
            }
            wasm_frame_vec_delete(&mut trace);
            let frame = wasm_trap_origin(trap);
            wasm_frame_instance(frame);
            self.keep(&self.frames, frame, wasm_frame_delete);
        }
    }

    unsafe fn some_types(&self, n: usize) -> wasm_valtype_vec_t {
        // SAFETY: the types are owned by the vector.
        unsafe {
            let types: Vec<_> =
                (0..n).map(|_| wasm_valtype_new([0, 1, 2, 3, 128, 129][self.source.below(6)])).collect();
            let mut out = std::mem::zeroed();
            wasm_valtype_vec_new(&mut out, types.len(), types.as_ptr());
            out
        }
    }

    /// Gives up everything that is owned.
    unsafe fn end(&self) {
        fn all<T>(pool: &Pool<T>, delete: unsafe extern "C" fn(*mut T)) {
            for object in pool.take() {
                // SAFETY: owned, and given up once.
                unsafe { delete(object) };
            }
        }
        // SAFETY: as above.
        unsafe {
            let stores_first = self.source.chance(50);
            if stores_first {
                self.stores.take().into_iter().for_each(|s| wasm_store_delete(s));
                wasm_engine_delete(self.engine);
            }
            all(&self.modules, wasm_module_delete);
            all(&self.shared, wasm_shared_module_delete);
            all(&self.funcs, wasm_func_delete);
            all(&self.instances, wasm_instance_delete);
            all(&self.globals, wasm_global_delete);
            all(&self.tables, wasm_table_delete);
            all(&self.memories, wasm_memory_delete);
            all(&self.externs, wasm_extern_delete);
            all(&self.foreigns, wasm_foreign_delete);
            all(&self.refs, wasm_ref_delete);
            all(&self.frames, wasm_frame_delete);
            all(&self.traps, wasm_trap_delete);
            all(&self.valtypes, wasm_valtype_delete);
            all(&self.functypes, wasm_functype_delete);
            all(&self.globaltypes, wasm_globaltype_delete);
            all(&self.tabletypes, wasm_tabletype_delete);
            all(&self.memorytypes, wasm_memorytype_delete);
            if !stores_first {
                self.stores.take().into_iter().for_each(|s| wasm_store_delete(s));
                wasm_engine_delete(self.engine);
            }
            // All objects are gone, so whatever had a finalizer was finalized, once at most.
            for count in COUNTERS.take() {
                let count = Box::from_raw(count);
                assert!(*count <= 1, "finalized {count} times");
            }
        }
    }
}

thread_local! {
    /// How often each host data has been finalized.
    static COUNTERS: RefCell<Vec<*mut u32>> = const { RefCell::new(Vec::new()) };
}

/// The kinds of some types. NULL has none.
unsafe fn kinds(types: *const wasm_valtype_vec_t) -> Vec<wasm_valkind_t> {
    // SAFETY: NULL, or a vector of a live type.
    unsafe {
        match types.as_ref() {
            Some(t) => (0..t.size).map(|i| wasm_valtype_kind(*t.data.add(i))).collect(),
            None => Vec::new(),
        }
    }
}
