//! Sessions through the engine's Rust API.

use crate::session::{self, Failure, InstanceId, Mode, Names, Shared, TIER_CALLS, TIER_LOOPS};
use crate::value::{Top, Value};
use std::ffi::c_void;
use std::sync::Arc;
use wasm::module::{
    Feature, Features, FuncType, GlobalType, HeapType, MemoryType, RefType, TableType, TypeRegistry, ValType,
};
use wasm::runtime::{
    AnyRef, Config, Engine, Extern, Foreign, Func, Global, Instance, InstantiateError, Memory, Module, ObjectKind,
    SharedMemory, Store, Table, Tier, Trap, Val,
};
use wasm::sys::cpu::Level;
use wasm::util::V128;
use wasm::vm::trap::TrapKind;

/// The engine, running guests in one of its ways.
struct Rust(Mode);

impl session::Engine for Rust {
    fn session(&self, without: &[&str]) -> Box<dyn session::Session + '_> {
        let features = without.iter().fold(Features::ALL, |features, name| {
            let feature = Feature::ALL.iter().find(|f| f.name() == *name).expect("the name of a proposal");
            features.without(*feature)
        });
        let collect_always = std::env::var_os("SPEC_COLLECT_ALWAYS").is_some();
        let (tier, tier_calls, tier_loops) = match self.0 {
            Mode::Interpreter => (Tier::Interpreter, 0, 0),
            Mode::Eager | Mode::Oldest => (Tier::Eager, 0, 0),
            Mode::Tiering => (Tier::Tiering, TIER_CALLS, TIER_LOOPS),
        };
        let cpu = if self.0 == Mode::Oldest { Level::V1 } else { Level::default() };
        let tiers = Config { tier, tier_calls, tier_loops, compile_threads: 0, cpu, ..Config::default() };
        let engine = Engine::new(Config { features, collect_always, ..tiers });
        let store = Store::new(&engine).expect("a store");
        let instances = vec![Exports::Host(spectest(&store))];
        Box::new(RustSession { store, instances })
    }
}

struct RustSession {
    store: Store,
    instances: Vec<Exports>,
}

enum Exports {
    Instance(Instance),
    /// Made by the host.
    Host(Vec<(String, Extern)>),
}

impl RustSession {
    fn export(&self, id: InstanceId, name: &str) -> Option<Extern> {
        match &self.instances[id.0] {
            Exports::Instance(instance) => instance.export(name),
            Exports::Host(exports) => exports.iter().find(|(n, _)| *n == name).map(|(_, e)| e.clone()),
        }
    }

    fn types(&self) -> &TypeRegistry {
        self.store.engine().types()
    }
}

impl session::Session for RustSession {
    fn validate(&mut self, wasm: &[u8]) -> Result<(), Failure> {
        // The two functions must agree.
        match (self.store.engine().validate(wasm), Module::new(&self.store, wasm)) {
            (Ok(()), Ok(_)) => Ok(()),
            (Err(a), Err(b)) if a == b => Err(Failure::Refused(a.to_string())),
            (a, b) => Err(Failure::Unable(format!("validation says {a:?}, loading says {:?}", b.err()))),
        }
    }

    fn instantiate(&mut self, wasm: &[u8], names: &Names) -> Result<InstanceId, Failure> {
        let module = Module::new(&self.store, wasm).map_err(|e| Failure::Refused(e.to_string()))?;
        let imports = module.info().imports.iter().map(|import| {
            names
                .get(&*import.module)
                .and_then(|id| self.export(*id, &import.name))
                .ok_or_else(|| Failure::Unlinkable(format!("unknown import: {:?} {:?}", import.module, import.name)))
        });
        let imports = imports.collect::<Result<Vec<_>, _>>()?;
        let instance = Instance::new(&self.store, &module, &imports).map_err(|error| match error {
            InstantiateError::Trap(trap) => failure(&trap),
            InstantiateError::Incompatible(_) => Failure::Unlinkable(error.to_string()),
            other => Failure::Unable(other.to_string()),
        })?;
        self.instances.push(Exports::Instance(instance));
        Ok(InstanceId(self.instances.len() - 1))
    }

    fn invoke(&mut self, id: InstanceId, name: &str, args: &[Value]) -> Result<Vec<Value>, Failure> {
        let func = self.export(id, name).and_then(Extern::into_func);
        let func = func.ok_or_else(|| Failure::Unable(format!("no function {name:?}")))?;
        let args: Vec<Val> = args.iter().map(|arg| to_val(&self.store, arg)).collect::<Result<_, _>>()?;
        let results = &func.ty().results;
        let mut vals: Vec<Val> = results.iter().map(|ty| Val::default_for(*ty, self.types())).collect();
        func.call(&args, &mut vals).map_err(|trap| failure(&trap))?;
        results.iter().zip(&vals).map(|(ty, val)| from_val(*ty, val, self.types())).collect()
    }

    fn global(&mut self, id: InstanceId, name: &str) -> Result<Value, Failure> {
        let global = self.export(id, name).and_then(Extern::into_global);
        let global = global.ok_or_else(|| Failure::Unable(format!("no global {name:?}")))?;
        from_val(global.ty().content, &global.get(), self.types())
    }

    fn share(&mut self, id: InstanceId) -> Result<Shared, Failure> {
        let Exports::Instance(instance) = &self.instances[id.0] else { return Ok(Shared::new()) };
        let names = instance.module().exports.iter().map(|export| export.name.to_string());
        let memories = instance.exports().map(|e| e.as_memory().and_then(Memory::shared));
        Ok(names.zip(memories).filter_map(|(name, memory)| Some((name, memory? as Arc<_>))).collect())
    }

    fn obtain(&mut self, shared: Shared) -> InstanceId {
        let exports = shared.into_iter().map(|(name, memory)| {
            let memory = memory.downcast::<SharedMemory>().expect("a memory shared by a session of this kind");
            (name, Memory::from_shared(&self.store, &memory).expect("a memory").into())
        });
        let exports = exports.collect();
        self.instances.push(Exports::Host(exports));
        InstanceId(self.instances.len() - 1)
    }
}

fn failure(trap: &Trap) -> Failure {
    match trap.kind() {
        TrapKind::UncaughtException => Failure::Exception,
        _ => Failure::Trap(trap.message().into_owned()),
    }
}

/// A host object carries its number as host info, one too large so that it differs from no info.
fn host_object(store: &Store, number: u32) -> AnyRef {
    let foreign = Foreign::new(store);
    foreign.as_ref().set_host_info((number as usize + 1) as *mut c_void, None);
    AnyRef::Host(foreign.into_ref())
}

fn to_val(store: &Store, value: &Value) -> Result<Val, Failure> {
    Ok(match *value {
        Value::I32(v) => Val::I32(v as i32),
        Value::I64(v) => Val::I64(v as i64),
        Value::F32(v) => Val::F32(v),
        Value::F64(v) => Val::F64(v),
        Value::V128(v) => Val::V128(V128::from_slots([v as u64, (v >> 64) as u64])),
        Value::Null(Top::Func) => Val::FuncRef(None),
        Value::Null(Top::Extern) => Val::ExternRef(None),
        Value::Null(Top::Any) => Val::AnyRef(None),
        Value::Null(Top::Exn) => Val::ExnRef(None),
        Value::Extern(Some(n)) => Val::ExternRef(Some(host_object(store, n))),
        Value::Host(Some(n)) => Val::AnyRef(Some(host_object(store, n))),
        other => return Err(Failure::Unable(format!("no argument {other:?}"))),
    })
}

fn from_val(ty: ValType, val: &Val, types: &TypeRegistry) -> Result<Value, Failure> {
    Ok(match (val, ty) {
        (Val::I32(v), ValType::I32) => Value::I32(*v as u32),
        (Val::I64(v), ValType::I64) => Value::I64(*v as u64),
        (Val::F32(v), ValType::F32) => Value::F32(*v),
        (Val::F64(v), ValType::F64) => Value::F64(*v),
        (Val::V128(v), ValType::V128) => {
            let [low, high] = v.to_slots();
            Value::V128(u128::from(low) | u128::from(high) << 64)
        }
        (val, ValType::Ref(ty)) => match (val, types.top(ty.heap)) {
            (Val::FuncRef(None), HeapType::Func) => Value::Null(Top::Func),
            (Val::FuncRef(Some(_)), HeapType::Func) => Value::Func,
            (Val::ExternRef(None), HeapType::Extern) => Value::Null(Top::Extern),
            (Val::ExternRef(Some(AnyRef::Host(object))), HeapType::Extern) => {
                Value::Extern((object.host_info() as usize).checked_sub(1).map(|n| n as u32))
            }
            (Val::ExternRef(Some(_)), HeapType::Extern) => Value::Extern(None),
            (Val::AnyRef(None), HeapType::Any) => Value::Null(Top::Any),
            (Val::AnyRef(Some(AnyRef::I31(_))), HeapType::Any) => Value::I31,
            (Val::AnyRef(Some(AnyRef::Host(object))), HeapType::Any) => {
                Value::Host((object.host_info() as usize).checked_sub(1).map(|n| n as u32))
            }
            (Val::AnyRef(Some(AnyRef::Heap(object))), HeapType::Any) => match object.kind() {
                ObjectKind::Struct => Value::Struct,
                ObjectKind::Array => Value::Array,
                ObjectKind::Exception => return Err(Failure::Unable("an exception as an anyref".to_string())),
            },
            (Val::ExnRef(None), HeapType::Exn) => Value::Null(Top::Exn),
            (Val::ExnRef(Some(_)), HeapType::Exn) => Value::Exn,
            (val, _) => return Err(Failure::Unable(format!("{val:?} for a {ty:?}"))),
        },
        (val, ty) => return Err(Failure::Unable(format!("{val:?} for a {ty:?}"))),
    })
}

/// The host module of the suite.
fn spectest(store: &Store) -> Vec<(String, Extern)> {
    use ValType::{F32, F64, I32, I64};
    let mut exports: Vec<(&str, Extern)> = Vec::new();
    for (name, params) in [
        ("print", &[][..]),
        ("print_i32", &[I32]),
        ("print_i64", &[I64]),
        ("print_f32", &[F32]),
        ("print_f64", &[F64]),
        ("print_i32_f32", &[I32, F32]),
        ("print_f64_f64", &[F64, F64]),
    ] {
        exports.push((name, Func::new(store, &FuncType::new(params, []), |_, _, _| Ok(())).into()));
    }
    for (name, content, value) in [
        ("global_i32", I32, Val::I32(666)),
        ("global_i64", I64, Val::I64(666)),
        ("global_f32", F32, Val::from(666.6f32)),
        ("global_f64", F64, Val::from(666.6f64)),
    ] {
        let ty = GlobalType { content, mutable: false };
        exports.push((name, Global::new(store, ty, &value).expect("a global").into()));
    }
    for (name, is64) in [("table", false), ("table64", true)] {
        let element = RefType { nullable: true, heap: HeapType::Func };
        let ty = TableType { element, is64, minimum: 10, maximum: Some(20) };
        exports.push((name, Table::new(store, ty, &Val::FuncRef(None)).expect("a table").into()));
    }
    for (name, shared) in [("memory", false), ("shared_memory", true)] {
        let ty = MemoryType { minimum: 1, maximum: Some(2), is64: false, shared, page_log2: 16 };
        exports.push((name, Memory::new(store, ty).expect("a memory").into()));
    }
    exports.into_iter().map(|(name, object)| (name.to_string(), object)).collect()
}

crate::all_suites! { "engine", &Rust(Mode::Interpreter) }

// `wasm.h` has no way to give a memory to two stores, so only this runner has threads.
crate::suites! { "engine", &Rust(Mode::Interpreter); own_threads = "own-threads" }

crate::exotic_tests! { &Rust(Mode::Interpreter) }

#[cfg(feature = "jit")]
mod eager {
    use super::{Mode, Rust};
    crate::all_suites! { "engine, compiled at load", &Rust(Mode::Eager) }
    crate::suites! { "engine, compiled at load", &Rust(Mode::Eager); own_threads = "own-threads" }
    crate::exotic_tests! { &Rust(Mode::Eager) }
}

#[cfg(feature = "jit")]
mod oldest {
    use super::{Mode, Rust};
    crate::suites! { "engine, compiled for the oldest processors", &Rust(Mode::Oldest);
        wasm_v3 = "wasm-v3"
        wasm_latest = "wasm-latest"
        nontrapping_conversions = "nontrapping-float-to-int-conversions"
        relaxed_simd = "relaxed-simd"
        sign_extension = "sign-extension-ops"
        simd = "simd"
        threads = "threads"
        wide_arithmetic = "wide-arithmetic"
        own = "own"
    }
}

#[cfg(feature = "jit")]
mod tiering {
    use super::{Mode, Rust};
    crate::all_suites! { "engine, compiled when hot", &Rust(Mode::Tiering) }
    crate::suites! { "engine, compiled when hot", &Rust(Mode::Tiering); own_threads = "own-threads" }
    crate::exotic_tests! { &Rust(Mode::Tiering) }
}
