//! Runs a module in this project's engine.

#![forbid(unsafe_code)]
#![allow(dead_code)]

use crate::plan::{self, Callback, HOST_OBJECTS, Host, Outcome, Place, Report, Subject, Value};
use std::sync::{Arc, Mutex};
use wasm::module::{ExternKind, ExternType, FuncType, ValType};
use wasm::runtime::{
    AnyRef, Caller, Config, Engine, Extern, Foreign, Func, Global, Instance, InstantiateError, Limits, Memory, Module,
    Ref, Store, Table, Tag, Tier, Trap, Val,
};
use wasm::sys::cpu::Level;
use wasm::util::V128;
use wasm::vm::trap::TrapKind;

/// For modules of any kind, with room for deep stacks and little for garbage.
fn config() -> Config {
    let limits = Limits { total_memory_bytes: 256 << 20, heap_bytes: 32 << 20, ..Limits::default() };
    Config { stack_bytes: 64 << 20, limits, ..Config::default() }
}

/// The interpreter alone.
pub fn engine() -> Engine {
    interpreter(Level::default())
}

/// As that, with what machine code for a processor would give.
pub fn interpreter(cpu: Level) -> Engine {
    Engine::new(Config { tier: Tier::Interpreter, cpu, ..config() })
}

/// Engines that make machine code: of everything when a module is loaded, and in the middle of a run, at once or soon.
/// `cpu`: no more of the processor than that.
pub fn compiled(cpu: Level) -> Vec<Engine> {
    compiled_with(cpu, false)
}

/// The same, with or without fuel.
pub fn compiled_with(cpu: Level, fuel: bool) -> Vec<Engine> {
    let tiering = |tier_calls, tier_loops, compile_threads| {
        Engine::new(Config { tier: Tier::Tiering, tier_calls, tier_loops, compile_threads, cpu, fuel, ..config() })
    };
    let eager = Engine::new(Config { tier: Tier::Eager, inline_all: true, cpu, fuel, ..config() });
    // The last when it is known what indirect calls mostly go to.
    vec![eager, tiering(0, 0, 0), tiering(1, 3, 0), tiering(2, 1, 1), tiering(4, 40, 0)]
}

/// The words for a trap, as far as the spec tells traps apart.
pub fn trap(kind: TrapKind) -> Outcome {
    Outcome::Trap(match kind {
        TrapKind::Unreachable => "unreachable",
        TrapKind::MemoryOutOfBounds => "memory bounds",
        TrapKind::TableOutOfBounds | TrapKind::UndefinedElement => "table bounds",
        TrapKind::UninitializedElement => "call of null",
        TrapKind::IndirectCallTypeMismatch => "call type",
        TrapKind::IntegerDivideByZero => "division by zero",
        TrapKind::IntegerOverflow => "integer overflow",
        TrapKind::BadConversionToInteger => "conversion",
        TrapKind::UnalignedAtomic => "unaligned atomic",
        TrapKind::ExpectedSharedMemory => "memory not shared",
        TrapKind::NullReference
        | TrapKind::NullFunctionReference
        | TrapKind::NullI31Reference
        | TrapKind::NullStructReference
        | TrapKind::NullArrayReference
        | TrapKind::NullExceptionReference => "null reference",
        TrapKind::CastFailure => "cast",
        TrapKind::ArrayOutOfBounds => "array bounds",
        TrapKind::UncaughtException => "exception",
        TrapKind::Host => "host",
        TrapKind::StackOverflow => return Outcome::Open("stack"),
        TrapKind::AllocationTooLarge | TrapKind::OutOfMemory => return Outcome::Open("heap"),
        TrapKind::OutOfFuel => "fuel",
        TrapKind::Interrupted | TrapKind::DeadlineExceeded | TrapKind::LimitExceeded | TrapKind::Internal => {
            "internal error"
        }
    })
}

/// The objects of a store, by number.
struct World {
    store: Store,
    objects: Vec<Foreign>,
    /// The same for functions of the host.
    shared: Arc<Mutex<Vec<Foreign>>>,
}

impl World {
    fn new(engine: &Engine) -> Option<World> {
        let store = Store::new(engine).ok()?;
        let objects: Vec<Foreign> = (0..HOST_OBJECTS).map(|_| Foreign::new(&store)).collect();
        let shared = Arc::new(Mutex::new(objects.clone()));
        Some(World { store, objects, shared })
    }
}

fn to_val(v: Value, ty: ValType, store: &Store, objects: &[Foreign]) -> Val {
    match v {
        Value::I32(v) => Val::I32(v),
        Value::I64(v) => Val::I64(v),
        Value::F32(v) => Val::F32(v),
        Value::F64(v) => Val::F64(v),
        Value::V128(v) => Val::V128(V128::from_slots([v as u64, (v >> 64) as u64])),
        Value::Small(v) => Val::AnyRef(Some(AnyRef::I31(v))),
        Value::Host(n) => Val::extern_ref(objects[n as usize].clone()),
        Value::Null | Value::Func | Value::Object => Val::default_for(ty, store.engine().types()),
    }
}

fn from_val(v: &Val, objects: &[Foreign]) -> Value {
    match v {
        Val::I32(v) => Value::I32(*v),
        Val::I64(v) => Value::I64(*v),
        Val::F32(v) => Value::F32(*v),
        Val::F64(v) => Value::F64(*v),
        Val::V128(v) => {
            let [low, high] = v.to_slots();
            Value::V128(low as u128 | (high as u128) << 64)
        }
        v if v.is_null() => Value::Null,
        Val::FuncRef(_) => Value::Func,
        Val::AnyRef(Some(AnyRef::I31(v))) => Value::Small(*v),
        Val::ExternRef(Some(AnyRef::Host(r))) => host_object(r, objects),
        _ => Value::Object,
    }
}

fn host_object(r: &Ref, objects: &[Foreign]) -> Value {
    objects.iter().position(|o| o.as_ref().same(r)).map_or(Value::Object, |n| Value::Host(n as u32))
}

/// Calls a function. If it traps, the place of each frame is told too.
fn call(func: &Func, args: &[Value], ty: &FuncType, store: &Store, objects: &[Foreign]) -> (Outcome, Option<String>) {
    let args: Vec<Val> = args.iter().zip(&ty.params).map(|(a, t)| to_val(*a, *t, store, objects)).collect();
    let mut results = vec![Val::I32(0); ty.results.len()];
    match func.call(&args, &mut results) {
        Ok(()) => (Outcome::Values(results.iter().map(|v| from_val(v, objects)).collect()), None),
        Err(t) => {
            (trap(t.kind()), Some(t.frames().map(|f| format!(" {}:{:x}", f.func_index, f.module_offset)).collect()))
        }
    }
}

/// An instance and what it was given.
struct Running {
    world: World,
    module: Module,
    instance: Option<Instance>,
    imports: Vec<Extern>,
    /// Where calls of exports have trapped.
    places: Vec<String>,
}

impl Running {
    fn at(&self, place: Place) -> Option<Extern> {
        match place {
            Place::Import(i) => self.imports.get(i).cloned(),
            Place::Export(i) => self.instance.as_ref()?.export_at(i),
        }
    }
}

impl Subject for Running {
    fn call(&mut self, index: usize, args: &[Value], ty: &FuncType) -> Outcome {
        match self.at(Place::Export(index)).and_then(|e| e.into_func()) {
            Some(func) => {
                let (outcome, place) = call(&func, args, ty, &self.world.store, &self.world.objects);
                self.places.extend(place);
                outcome
            }
            None => Outcome::Trap("no such export"),
        }
    }

    fn memory(&mut self, at: Place, with: &mut dyn FnMut(u64, &[u8])) {
        let Some(m) = self.at(at).and_then(|e| e.into_memory()) else { return with(u64::MAX, &[]) };
        let mut bytes = vec![0; m.data_len()];
        if m.read(0, &mut bytes) {
            with(m.size(), &bytes);
        }
    }

    fn global(&mut self, at: Place, _: ValType) -> Value {
        match self.at(at).and_then(|e| e.into_global()) {
            Some(g) => from_val(&g.get(), &self.world.objects),
            None => Value::Object,
        }
    }

    fn relink(&mut self, links: &[Option<usize>]) -> Result<(), Outcome> {
        for (i, link) in links.iter().enumerate() {
            if let Some(export) = link.and_then(|e| self.at(Place::Export(e))) {
                self.imports[i] = export;
            }
        }
        match Instance::new(&self.world.store, &self.module, &self.imports) {
            Ok(instance) => self.instance = Some(instance),
            Err(InstantiateError::Trap(t)) => return Err(trap(t.kind())),
            Err(InstantiateError::Create(_)) => return Err(Outcome::Open("limit")),
            Err(_) => return Err(Outcome::Trap("not instantiated")),
        }
        Ok(())
    }

    fn table(&mut self, at: Place, first: usize) -> (u64, Vec<bool>) {
        let Some(t) = self.at(at).and_then(|e| e.into_table()) else { return (u64::MAX, Vec::new()) };
        let n = t.size().min(first as u64);
        (t.size(), (0..n).map(|i| t.get(i).is_none_or(|v| v.is_null())).collect())
    }
}

/// Makes an import of a type; none if the engine or the host cannot.
fn import(world: &World, host: &Host, index: usize, ty: ExternType, seed: u64) -> Option<Extern> {
    let World { store, objects, .. } = world;
    let types = store.engine().types();
    let mut rng = plan::Rng::of(&[seed, 3, index as u64]);
    Some(match ty {
        ExternType::Func(id) => {
            // The function belongs to the store: if it held the objects, which hold the store, both would live for ever.
            let (host, numbers) = (host.clone(), Arc::downgrade(&world.shared));
            let results = types.lookup(id).as_func()?.results.clone();
            let behaviour = move |caller: Caller<'_>, args: &[Val], out: &mut [Val]| {
                let store = caller.store();
                let objects = numbers.upgrade().map(|o| o.lock().unwrap_or_else(|e| e.into_inner()).clone());
                let objects = objects.unwrap_or_default();
                let args: Vec<Value> = args.iter().map(|v| from_val(v, &objects)).collect();
                let mut call_back = |c: &Callback| {
                    let func = caller.export(&c.name)?.into_func()?;
                    Some(call(&func, &c.args, &c.ty, store, &objects).0)
                };
                match host.call(index, &args, &results, &mut call_back) {
                    Some(values) => {
                        for ((to, v), ty) in out.iter_mut().zip(values).zip(&results) {
                            *to = to_val(v, *ty, store, &objects);
                        }
                        Ok(())
                    }
                    None => Err(Trap::new(store, "no value")),
                }
            };
            Func::with_type(store, types.handle(id), behaviour).into()
        }
        ExternType::Global(ty) => {
            let v = plan::value(&mut rng, ty.content, types)?;
            Global::new(store, ty, &to_val(v, ty.content, store, objects)).ok()?.into()
        }
        ExternType::Table(ty) => {
            let element = ValType::Ref(ty.element);
            let init = to_val(plan::value(&mut rng, element, types)?, element, store, objects);
            Table::new(store, ty, &init).ok()?.into()
        }
        ExternType::Memory(ty) => Memory::new(store, ty).ok()?.into(),
        ExternType::Tag(id) => Tag::new(store, types.lookup(id).as_func()?).ok()?.into(),
    })
}

/// Whether a module loads; all of its functions are translated then.
pub fn translates(engine: &Engine, bytes: &[u8]) -> bool {
    let Some(world) = World::new(engine) else { return false };
    let Ok(module) = Module::new(&world.store, bytes) else { return false };
    for f in 0..module.code().funcs.len() as u32 {
        module.code().translate(f);
    }
    true
}

/// An interpreter that meters.
pub fn metered(cpu: Level) -> Engine {
    Engine::new(Config { tier: Tier::Interpreter, cpu, fuel: true, ..config() })
}

/// Runs a module with so much fuel; what is left of it is reported too.
pub fn run_metered(engine: &Engine, bytes: &[u8], seed: u64, fuel: u64) -> Report {
    let mut left = None;
    let mut report = run_in(engine, bytes, seed, |store| {
        store.set_fuel(fuel);
        left = Some(store.clone());
    });
    if let Some(store) = left {
        report.line(format!("{} fuel left", store.fuel()));
    }
    report
}

/// Whether a module's run ends by itself, within so much fuel and without waiting for long.
pub fn ends(metered: &Engine, bytes: &[u8], seed: u64, fuel: u64) -> bool {
    let report = run_in(metered, bytes, seed, |store| {
        store.set_fuel(fuel);
        let _ = store.interrupter().set_deadline(Some(std::time::Duration::from_millis(500)));
    });
    // So are stops called, which are not compared.
    !report.lines.iter().any(|l| l.contains("internal error") || l.ends_with("trap fuel"))
}

/// Loads a module and runs it through.
pub fn run(engine: &Engine, bytes: &[u8], seed: u64) -> Report {
    run_in(engine, bytes, seed, |_| ())
}

/// As [`run`], in a store that has been prepared.
pub fn run_in(engine: &Engine, bytes: &[u8], seed: u64, prepare: impl FnOnce(&Store)) -> Report {
    let mut report = Report::default();
    let Some(world) = World::new(engine) else {
        report.open("no store");
        return report;
    };
    let module = match Module::new(&world.store, bytes) {
        Ok(m) => m,
        Err(e) => {
            report.line(format!("refused: {e}"));
            return report;
        }
    };
    prepare(&world.store);
    let info = module.info().clone();
    let host = Host::new(seed, info.clone());
    let mut imports = Vec::new();
    for (i, import_) in info.imports.iter().enumerate() {
        match import(&world, &host, i, import_.ty, seed) {
            Some(e) => imports.push(e),
            None => {
                report.open("an import that cannot be made");
                return report;
            }
        }
    }
    host.calling(info.start);
    let made = Instance::new(&world.store, &module, &imports);
    let mut running = Running { world, module, instance: None, imports, places: Vec::new() };
    match made {
        Ok(instance) => {
            report.line("instantiated");
            running.instance = Some(instance);
            plan::exercise(&info, seed, &host, &mut running, &mut report);
            report.places = running.places;
        }
        Err(InstantiateError::Trap(t)) => match trap(t.kind()) {
            Outcome::Trap(what) => report.line(format!("start trap {what}")),
            _ => report.open("start"),
        },
        // The host makes tags of the type alone, which may be one of a group.
        Err(InstantiateError::Incompatible(m)) if m.expected.kind() == ExternKind::Tag => report.open("a tag"),
        Err(InstantiateError::Create(e)) => report.open(&format!("limit: {e}")),
        Err(e) => report.line(format!("not instantiated: {e}")),
    }
    report
}
