//! Runs a module in Wasmtime, whose word is law here. It comes as the shared library of its C API (the Python package has
//! it), found through `WASMTIME_LIB`, so that nothing of it has to be compiled. Only what a run needs is declared.

use crate::plan::{self, Callback, HOST_OBJECTS, Host, Outcome, Place, Report, Subject, Value};
use libloading::Library;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use wasm::module::{ExternType, FuncType, HeapType, Module, TypeRegistry, ValType};

/// Objects of the library are only pointers here.
type Obj = *mut c_void;

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Val {
    kind: u8,
    of: [u64; 3],
}

/// A function, global, table, memory or tag of a store.
type Item = [u64; 3];

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Extern {
    kind: u8,
    of: Item,
}

#[repr(C)]
struct List {
    len: usize,
    data: *mut Obj,
}

#[repr(C)]
struct Bytes {
    len: usize,
    data: *mut u8,
}

type HostEntry = unsafe extern "C" fn(*mut Env, Obj, *const Val, usize, *mut Val, usize) -> Obj;

mod kind {
    pub const I32: u8 = 0;
    pub const I64: u8 = 1;
    pub const F32: u8 = 2;
    pub const F64: u8 = 3;
    pub const V128: u8 = 4;
    pub const FUNC: u8 = 5;
    pub const EXTERN: u8 = 6;
    pub const ANY: u8 = 7;
    pub const EXN: u8 = 8;
}

macro_rules! api {
    ($($name:ident($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        struct Api { $($name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)* }

        impl Api {
            fn load(lib: &'static Library) -> Result<Api, libloading::Error> {
                // SAFETY: the signatures are those of the library's headers.
                unsafe { Ok(Api { $($name: *lib.get(stringify!($name).as_bytes())?,)* }) }
            }
        }
    };
}

api! {
    wasm_config_new() -> Obj;
    wasm_engine_new_with_config(Obj) -> Obj;
    wasmtime_config_max_wasm_stack_set(Obj, usize);
    wasmtime_config_async_stack_size_set(Obj, u64);
    wasmtime_config_cranelift_opt_level_set(Obj, u8);
    wasmtime_config_parallel_compilation_set(Obj, bool);
    wasmtime_config_wasm_relaxed_simd_deterministic_set(Obj, bool);
    wasmtime_config_wasm_function_references_set(Obj, bool);
    wasmtime_config_wasm_gc_set(Obj, bool);
    wasmtime_config_wasm_exceptions_set(Obj, bool);
    wasmtime_config_wasm_tail_call_set(Obj, bool);
    wasmtime_config_wasm_threads_set(Obj, bool);
    wasmtime_config_shared_memory_set(Obj, bool);
    wasmtime_config_wasm_multi_memory_set(Obj, bool);
    wasmtime_config_wasm_memory64_set(Obj, bool);
    wasmtime_config_wasm_wide_arithmetic_set(Obj, bool);
    wasmtime_config_wasm_custom_page_sizes_set(Obj, bool);
    wasmtime_store_new(Obj, Obj, Obj) -> Obj;
    wasmtime_store_context(Obj) -> Obj;
    wasmtime_store_delete(Obj);
    wasmtime_store_limiter(Obj, i64, i64, i64, i64, i64);
    wasmtime_module_new(Obj, *const u8, usize, *mut Obj) -> Obj;
    wasmtime_module_imports(Obj, *mut List);
    wasmtime_module_delete(Obj);
    wasm_importtype_vec_delete(*mut List);
    wasm_importtype_type(Obj) -> Obj;
    wasm_externtype_as_functype_const(Obj) -> Obj;
    wasm_externtype_as_globaltype_const(Obj) -> Obj;
    wasm_externtype_as_tabletype_const(Obj) -> Obj;
    wasm_externtype_as_memorytype_const(Obj) -> Obj;
    wasm_externtype_as_tagtype_const(Obj) -> Obj;
    wasmtime_instance_new(Obj, Obj, *const Extern, usize, *mut [u64; 2], *mut Obj) -> Obj;
    wasmtime_instance_export_nth(Obj, *const [u64; 2], usize, *mut *const u8, *mut usize, *mut Extern) -> bool;
    wasmtime_func_new(Obj, Obj, HostEntry, *mut Env, unsafe extern "C" fn(*mut Env), *mut Item);
    wasmtime_func_call(Obj, *const Item, *const Val, usize, *mut Val, usize, *mut Obj) -> Obj;
    wasmtime_caller_context(Obj) -> Obj;
    wasmtime_caller_export_get(Obj, *const u8, usize, *mut Extern) -> bool;
    wasmtime_global_new(Obj, Obj, *const Val, *mut Item) -> Obj;
    wasmtime_global_get(Obj, *const Item, *mut Val);
    wasmtime_table_new(Obj, Obj, *const Val, *mut Item) -> Obj;
    wasmtime_table_size(Obj, *const Item) -> u64;
    wasmtime_table_get(Obj, *const Item, u64, *mut Val) -> bool;
    wasmtime_memory_new(Obj, Obj, *mut Item) -> Obj;
    wasmtime_memory_size(Obj, *const Item) -> u64;
    wasmtime_memory_data(Obj, *const Item) -> *const u8;
    wasmtime_memory_data_size(Obj, *const Item) -> usize;
    wasmtime_tag_new(Obj, Obj, *mut Item) -> Obj;
    wasmtime_externref_new(Obj, usize, Obj, *mut [u64; 3]) -> bool;
    wasmtime_externref_data(Obj, *const [u64; 3]) -> usize;
    wasmtime_anyref_from_i31(Obj, u32, *mut [u64; 3]);
    wasmtime_anyref_i31_get_u(Obj, *const [u64; 3], *mut u32) -> bool;
    wasmtime_val_unroot(*mut Val);
    wasmtime_context_take_exception(Obj, *mut [u64; 3]) -> bool;
    wasmtime_exnref_unroot(*mut [u64; 3]);
    wasmtime_trap_new(*const u8, usize) -> Obj;
    wasmtime_trap_code(Obj, *mut u8) -> bool;
    wasm_trap_message(Obj, *mut Bytes);
    wasm_trap_delete(Obj);
    wasmtime_error_message(Obj, *mut Bytes);
    wasmtime_error_delete(Obj);
    wasm_byte_vec_delete(*mut Bytes);
}

const HOST_TRAP: &str = "the host has no value";

/// The other engine.
pub struct Oracle {
    api: &'static Api,
    engine: Obj,
}

/// What the host function of an import knows.
struct Env {
    api: &'static Api,
    host: Host,
    index: usize,
    results: Box<[ValType]>,
    types: Arc<TypeRegistry>,
}

impl Oracle {
    /// Loads the library at the path that `WASMTIME_LIB` names.
    pub fn load() -> Result<Oracle, String> {
        let path = std::env::var_os("WASMTIME_LIB").ok_or("WASMTIME_LIB is not set")?;
        // SAFETY: loading the library runs nothing that this program could disturb.
        let lib = unsafe { Library::new(&path) }.map_err(|e| e.to_string())?;
        let api: &'static Api = Box::leak(Box::new(Api::load(Box::leak(Box::new(lib))).map_err(|e| e.to_string())?));
        // SAFETY: as the library's headers say; the configuration goes to the engine.
        let engine = unsafe {
            let c = (api.wasm_config_new)();
            (api.wasmtime_config_max_wasm_stack_set)(c, 32 << 20);
            (api.wasmtime_config_async_stack_size_set)(c, 64 << 20);
            (api.wasmtime_config_cranelift_opt_level_set)(c, 0);
            (api.wasmtime_config_parallel_compilation_set)(c, false);
            for set in [
                api.wasmtime_config_wasm_relaxed_simd_deterministic_set,
                api.wasmtime_config_wasm_function_references_set,
                api.wasmtime_config_wasm_gc_set,
                api.wasmtime_config_wasm_exceptions_set,
                api.wasmtime_config_wasm_tail_call_set,
                api.wasmtime_config_wasm_threads_set,
                api.wasmtime_config_shared_memory_set,
                api.wasmtime_config_wasm_multi_memory_set,
                api.wasmtime_config_wasm_memory64_set,
                api.wasmtime_config_wasm_wide_arithmetic_set,
                api.wasmtime_config_wasm_custom_page_sizes_set,
            ] {
                set(c, true);
            }
            (api.wasm_engine_new_with_config)(c)
        };
        if engine.is_null() { Err("no engine".into()) } else { Ok(Oracle { api, engine }) }
    }

    /// Runs a module through. `module` is the same one as this project sees it: it has the types.
    pub fn run(&self, module: &Arc<Module>, bytes: &[u8], seed: u64) -> Report {
        let mut report = Report::default();
        // SAFETY: objects are used as the library's headers say, and only while their store lives.
        unsafe {
            let mut code = null_mut();
            let error = (self.api.wasmtime_module_new)(self.engine, bytes.as_ptr(), bytes.len(), &mut code);
            if !error.is_null() {
                report.line(format!("refused: {}", self.api.error_text(error)));
                return report;
            }
            let store = (self.api.wasmtime_store_new)(self.engine, null_mut(), null_mut());
            // Garbage counts as memory there.
            (self.api.wasmtime_store_limiter)(store, 64 << 20, -1, -1, -1, -1);
            self.run_in(store, code, module, seed, &mut report);
            (self.api.wasmtime_store_delete)(store);
            (self.api.wasmtime_module_delete)(code);
        }
        report
    }

    /// Whether the module is accepted, and if not, why.
    pub fn accepts(&self, bytes: &[u8]) -> Result<(), String> {
        // SAFETY: as above.
        unsafe {
            let mut code = null_mut();
            let error = (self.api.wasmtime_module_new)(self.engine, bytes.as_ptr(), bytes.len(), &mut code);
            if !error.is_null() {
                return Err(self.api.error_text(error));
            }
            (self.api.wasmtime_module_delete)(code);
            Ok(())
        }
    }

    unsafe fn run_in(&self, store: Obj, code: Obj, module: &Arc<Module>, seed: u64, report: &mut Report) {
        let api = self.api;
        // SAFETY: as `run`.
        unsafe {
            let ctx = (api.wasmtime_store_context)(store);
            let host = Host::new(seed, module.clone());
            let mut list = List { len: 0, data: null_mut() };
            (api.wasmtime_module_imports)(code, &mut list);
            let mut imports = Vec::new();
            for (i, import) in module.imports.iter().enumerate() {
                let ty = (api.wasm_importtype_type)(*list.data.add(i));
                let env =
                    Env { api, host: host.clone(), index: i, results: Box::default(), types: module.registry.clone() };
                match api.import(ctx, env, ty, import.ty, seed) {
                    Some(e) => imports.push(e),
                    None => return report.open("an import that cannot be made"),
                }
            }
            (api.wasm_importtype_vec_delete)(&mut list);
            host.calling(module.start);
            let (mut instance, mut trap) = ([0; 2], null_mut());
            let error =
                (api.wasmtime_instance_new)(ctx, code, imports.as_ptr(), imports.len(), &mut instance, &mut trap);
            match api.outcome(ctx, error, trap) {
                None => {
                    report.line("instantiated");
                    let mut running = Running { api, code, ctx, instance, imports, types: module.registry.clone() };
                    plan::exercise(module, seed, &host, &mut running, report);
                }
                Some(Outcome::Trap(what)) => report.line(format!("start trap {what}")),
                Some(_) => report.open("start"),
            }
        }
    }
}

impl Api {
    unsafe fn text(&self, bytes: &mut Bytes) -> String {
        // SAFETY: the library filled the vector in.
        unsafe {
            let text = String::from_utf8_lossy(std::slice::from_raw_parts(bytes.data, bytes.len)).into_owned();
            (self.wasm_byte_vec_delete)(bytes);
            text
        }
    }

    /// The text of an error, which it consumes.
    unsafe fn error_text(&self, error: Obj) -> String {
        let mut bytes = Bytes { len: 0, data: null_mut() };
        // SAFETY: a live error.
        unsafe {
            (self.wasmtime_error_message)(error, &mut bytes);
            (self.wasmtime_error_delete)(error);
            self.text(&mut bytes)
        }
    }

    /// How a call failed, if it did. Consumes both.
    unsafe fn outcome(&self, ctx: Obj, error: Obj, trap: Obj) -> Option<Outcome> {
        // SAFETY: null, or objects that the call gave.
        unsafe {
            let text = if !error.is_null() {
                self.error_text(error)
            } else if !trap.is_null() {
                let mut code = u8::MAX;
                if !(self.wasmtime_trap_code)(trap, &mut code) {
                    code = u8::MAX;
                }
                let mut bytes = Bytes { len: 0, data: null_mut() };
                (self.wasm_trap_message)(trap, &mut bytes);
                (self.wasm_trap_delete)(trap);
                if let Some(outcome) = by_code(code) {
                    return Some(outcome);
                }
                self.text(&mut bytes)
            } else {
                return None;
            };
            let mut exn = [0; 3];
            if (self.wasmtime_context_take_exception)(ctx, &mut exn) {
                (self.wasmtime_exnref_unroot)(&mut exn);
                return Some(Outcome::Trap("exception"));
            }
            Some(by_text(&text))
        }
    }

    unsafe fn to_val(&self, ctx: Obj, v: Value, ty: ValType, types: &TypeRegistry) -> Val {
        let of = |kind, low: u64, high: u64| Val { kind, of: [low, high, 0] };
        match v {
            Value::I32(v) => of(kind::I32, v as u32 as u64, 0),
            Value::I64(v) => of(kind::I64, v as u64, 0),
            Value::F32(v) => of(kind::F32, v as u64, 0),
            Value::F64(v) => of(kind::F64, v, 0),
            Value::V128(v) => of(kind::V128, v as u64, (v >> 64) as u64),
            Value::Small(v) => {
                let mut val = of(kind::ANY, 0, 0);
                // SAFETY: a live store.
                unsafe { (self.wasmtime_anyref_from_i31)(ctx, v, &mut val.of) };
                val
            }
            Value::Host(n) => {
                let mut val = of(kind::EXTERN, 0, 0);
                // SAFETY: a live store; the number is not a pointer and needs no finalizer.
                unsafe { (self.wasmtime_externref_new)(ctx, n as usize + 1, null_mut(), &mut val.of) };
                val
            }
            Value::Null | Value::Func | Value::Object => {
                let ValType::Ref(r) = ty else { return of(kind::I32, 0, 0) };
                let kind = match types.top(r.heap) {
                    HeapType::Func => kind::FUNC,
                    HeapType::Extern => kind::EXTERN,
                    HeapType::Exn => kind::EXN,
                    _ => kind::ANY,
                };
                of(kind, 0, 0)
            }
        }
    }

    unsafe fn from_val(&self, ctx: Obj, v: &Val) -> Value {
        let [low, high, _] = v.of;
        // SAFETY: a value of a live store.
        unsafe {
            match v.kind {
                kind::I32 => Value::I32(low as i32),
                kind::I64 => Value::I64(low as i64),
                kind::F32 => Value::F32(low as u32),
                kind::F64 => Value::F64(low),
                kind::V128 => Value::V128(low as u128 | (high as u128) << 64),
                _ if low == 0 => Value::Null,
                kind::FUNC => Value::Func,
                kind::EXTERN => match (self.wasmtime_externref_data)(ctx, &v.of) {
                    n @ 1.. if n <= HOST_OBJECTS as usize => Value::Host(n as u32 - 1),
                    _ => Value::Object,
                },
                kind::ANY => {
                    let mut n = 0;
                    if (self.wasmtime_anyref_i31_get_u)(ctx, &v.of, &mut n) { Value::Small(n) } else { Value::Object }
                }
                _ => Value::Object,
            }
        }
    }

    unsafe fn take(&self, ctx: Obj, mut v: Val) -> Value {
        // SAFETY: a value the library gave.
        unsafe {
            let value = self.from_val(ctx, &v);
            (self.wasmtime_val_unroot)(&mut v);
            value
        }
    }

    unsafe fn call(&self, ctx: Obj, func: &Item, args: &[Value], ty: &FuncType, types: &TypeRegistry) -> Outcome {
        // SAFETY: arguments are of the function's type, and there is room for the results.
        unsafe {
            let mut vals: Vec<Val> = Vec::new();
            for (a, t) in args.iter().zip(&ty.params) {
                vals.push(self.to_val(ctx, *a, *t, types));
            }
            let mut results = vec![Val::default(); ty.results.len()];
            let mut trap = null_mut();
            let error = (self.wasmtime_func_call)(
                ctx,
                func,
                vals.as_ptr(),
                vals.len(),
                results.as_mut_ptr(),
                results.len(),
                &mut trap,
            );
            for v in &mut vals {
                (self.wasmtime_val_unroot)(v);
            }
            match self.outcome(ctx, error, trap) {
                Some(outcome) => outcome,
                None => Outcome::Values(results.into_iter().map(|v| self.take(ctx, v)).collect()),
            }
        }
    }

    unsafe fn import(&self, ctx: Obj, mut env: Env, ty: Obj, ours: ExternType, seed: u64) -> Option<Extern> {
        let mut rng = plan::Rng::of(&[seed, 3, env.index as u64]);
        let types = env.types.clone();
        let mut of = [0; 3];
        // SAFETY: types are those of the module, values are made for them.
        unsafe {
            let mut initial = |ty: ValType| Some(self.to_val(ctx, plan::value(&mut rng, ty, &types)?, ty, &types));
            let (kind, error) = match ours {
                ExternType::Func(id) => {
                    env.results = types.lookup(id).as_func()?.results.clone();
                    let env = Box::into_raw(Box::new(env));
                    let ty = (self.wasm_externtype_as_functype_const)(ty);
                    (self.wasmtime_func_new)(ctx, ty, call_host, env, free_env, &mut of);
                    (0, null_mut())
                }
                ExternType::Global(g) => {
                    let v = initial(g.content)?;
                    (1, (self.wasmtime_global_new)(ctx, (self.wasm_externtype_as_globaltype_const)(ty), &v, &mut of))
                }
                ExternType::Table(t) => {
                    let v = initial(ValType::Ref(t.element))?;
                    (2, (self.wasmtime_table_new)(ctx, (self.wasm_externtype_as_tabletype_const)(ty), &v, &mut of))
                }
                ExternType::Memory(m) if m.shared => return None,
                ExternType::Memory(_) => {
                    (3, (self.wasmtime_memory_new)(ctx, (self.wasm_externtype_as_memorytype_const)(ty), &mut of))
                }
                ExternType::Tag(_) => {
                    (5, (self.wasmtime_tag_new)(ctx, (self.wasm_externtype_as_tagtype_const)(ty), &mut of))
                }
            };
            if !error.is_null() {
                self.error_text(error);
                return None;
            }
            Some(Extern { kind, of })
        }
    }
}

/// The function behind every import.
unsafe extern "C" fn call_host(env: *mut Env, caller: Obj, args: *const Val, n: usize, out: *mut Val, m: usize) -> Obj {
    // SAFETY: the library calls with the environment given to it, and with values of the function's type.
    unsafe {
        let env = &*env;
        let ctx = (env.api.wasmtime_caller_context)(caller);
        let args: Vec<Value> = (0..n).map(|i| env.api.from_val(ctx, &*args.add(i))).collect();
        let mut call_back = |c: &Callback| {
            let mut e = Extern::default();
            let found = (env.api.wasmtime_caller_export_get)(caller, c.name.as_ptr(), c.name.len(), &mut e);
            (found && e.kind == 0).then(|| env.api.call(ctx, &e.of, &c.args, &c.ty, &env.types))
        };
        match env.host.call(env.index, &args, &env.results, &mut call_back) {
            Some(values) => {
                for (i, v) in values.into_iter().enumerate().take(m) {
                    *out.add(i) = env.api.to_val(ctx, v, env.results[i], &env.types);
                }
                null_mut()
            }
            None => (env.api.wasmtime_trap_new)(HOST_TRAP.as_ptr(), HOST_TRAP.len()),
        }
    }
}

unsafe extern "C" fn free_env(env: *mut Env) {
    // SAFETY: the library gives back the box it was given, once.
    drop(unsafe { Box::from_raw(env) });
}

/// The words for a trap of a code.
fn by_code(code: u8) -> Option<Outcome> {
    Some(Outcome::Trap(match code {
        0 => return Some(Outcome::Open("stack")),
        1 => "memory bounds",
        2 => "unaligned atomic",
        3 => "table bounds",
        4 => "call of null",
        5 => "call type",
        6 => "integer overflow",
        7 => "division by zero",
        8 => "conversion",
        9 => "unreachable",
        12 => "memory not shared",
        13 => "null reference",
        14 => "array bounds",
        15 => return Some(Outcome::Open("heap")),
        16 => "cast",
        49 => "exception",
        _ => return None,
    }))
}

fn by_text(text: &str) -> Outcome {
    if text.contains(HOST_TRAP) {
        Outcome::Trap("host")
    } else if text.contains("GC heap") || text.contains("out of memory") || text.contains("limit") {
        Outcome::Open("heap")
    } else if text.contains("exception") {
        Outcome::Trap("exception")
    } else {
        eprintln!("unknown error of the other engine: {text}");
        Outcome::Trap("unknown")
    }
}

struct Running {
    api: &'static Api,
    code: Obj,
    ctx: Obj,
    instance: [u64; 2],
    imports: Vec<Extern>,
    types: Arc<TypeRegistry>,
}

impl Running {
    fn export(&self, i: usize) -> Option<Extern> {
        let (mut e, mut name, mut len) = (Extern::default(), null(), 0);
        // SAFETY: a live instance.
        let found = unsafe {
            (self.api.wasmtime_instance_export_nth)(self.ctx, &self.instance, i, &mut name, &mut len, &mut e)
        };
        found.then_some(e)
    }

    fn at(&self, place: Place, kind: u8) -> Option<Item> {
        let e = match place {
            Place::Import(i) => *self.imports.get(i)?,
            Place::Export(i) => self.export(i)?,
        };
        (e.kind == kind).then_some(e.of)
    }
}

impl Subject for Running {
    fn call(&mut self, index: usize, args: &[Value], ty: &FuncType) -> Outcome {
        let Some(func) = self.at(Place::Export(index), 0) else { return Outcome::Trap("no such export") };
        // SAFETY: arguments of the function's type.
        unsafe { self.api.call(self.ctx, &func, args, ty, &self.types) }
    }

    fn memory(&mut self, at: Place, with: &mut dyn FnMut(u64, &[u8])) {
        let Some(m) = self.at(at, 3) else { return with(u64::MAX, &[]) };
        // SAFETY: a live memory, which nothing changes meanwhile.
        unsafe {
            let (data, len) =
                ((self.api.wasmtime_memory_data)(self.ctx, &m), (self.api.wasmtime_memory_data_size)(self.ctx, &m));
            let bytes = if len == 0 { &[] } else { std::slice::from_raw_parts(data, len) };
            with((self.api.wasmtime_memory_size)(self.ctx, &m), bytes);
        }
    }

    fn global(&mut self, at: Place, _: ValType) -> Value {
        let Some(g) = self.at(at, 1) else { return Value::Object };
        let mut v = Val::default();
        // SAFETY: a live global.
        unsafe {
            (self.api.wasmtime_global_get)(self.ctx, &g, &mut v);
            self.api.take(self.ctx, v)
        }
    }

    fn relink(&mut self, links: &[Option<usize>]) -> Result<(), Outcome> {
        for (i, link) in links.iter().enumerate() {
            if let Some(export) = link.and_then(|e| self.export(e)) {
                self.imports[i] = export;
            }
        }
        let mut trap = null_mut();
        // SAFETY: imports of the module's types, all of this store.
        unsafe {
            let (imports, n) = (self.imports.as_ptr(), self.imports.len());
            let error =
                (self.api.wasmtime_instance_new)(self.ctx, self.code, imports, n, &mut self.instance, &mut trap);
            self.api.outcome(self.ctx, error, trap).map_or(Ok(()), Err)
        }
    }

    fn table(&mut self, at: Place, first: usize) -> (u64, Vec<bool>) {
        let Some(t) = self.at(at, 2) else { return (u64::MAX, Vec::new()) };
        // SAFETY: a live table.
        unsafe {
            let size = (self.api.wasmtime_table_size)(self.ctx, &t);
            let null = |i| {
                let mut v = Val::default();
                !(self.api.wasmtime_table_get)(self.ctx, &t, i, &mut v) || self.api.take(self.ctx, v) == Value::Null
            };
            (size, (0..size.min(first as u64)).map(null).collect())
        }
    }
}
