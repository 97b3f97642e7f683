//! The engine: what stores on all threads share. Configuration, the registry of canonical types, and pools of
//! address space, so that a store or an instance made after another has died costs no system call.
//!
//! Invariant: an `Engine` is `Send + Sync`; nothing in it belongs to a store.
#![forbid(unsafe_code)]

use super::deadline;
use super::host_memory::Allocator;
use super::limits::Limits;
use super::profile::Profile;
#[cfg(jit)]
use super::seam;
use super::seam::{ModuleCode, prepare};
use crate::code::Options;
use crate::code::counters::Counters;
use crate::module::{self, Features, LoadError, TypeRegistry};
#[cfg(jit)]
use crate::sys::cpu::Cpu;
use crate::sys::cpu::Level;
use crate::sys::{Region, SysError};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How functions run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// By the interpreter, always.
    Interpreter,
    /// By the interpreter at first, and as machine code when they turn out to be hot.
    #[default]
    Tiering,
    /// As machine code, made when a module is loaded.
    Eager,
}

/// How an engine behaves. Plain data: change fields of `Config::default()`.
#[derive(Clone, Debug)]
pub struct Config {
    /// The proposals that modules may use.
    pub features: Features,
    /// How large a module may be.
    pub module_limits: module::Limits,
    /// Bytes of the value stack of each store: bounds the depth of guest recursion.
    pub stack_bytes: usize,
    /// How often host and guest may call each other in turn: bounds the native stack.
    pub max_nesting: u32,
    /// Whether to reserve address space for memories, so that growing never moves them.
    pub reserve_memories: bool,
    /// Where linear memories come from, if not from the system.
    pub memory_allocator: Option<Allocator>,
    /// What one store may use, unless it is given other limits.
    pub limits: Limits,
    /// Whether a guest computes the same on every machine: NaNs are canonical, and WASI shows virtual clocks and seeded random
    /// numbers unless it is told otherwise.
    pub deterministic: bool,
    /// Whether guest code pays for what it executes with the fuel of its store.
    pub fuel: bool,
    /// Whether to collect the garbage-collected heap before each object is made: slow, and finds references that the
    /// collector does not.
    pub collect_always: bool,
    /// Whether guests run as machine code. No machine code is made where the library has no compiler for the processor, where the
    /// system gives no executable memory, or of a function that the compiler does not cover.
    pub tier: Tier,
    /// With [`Tier::Tiering`]: how many times as much code as a function has must have run in its calls, and in one of its
    /// loops, before it is compiled. With 0 it is at its first call, and the first trip.
    pub tier_calls: u32,
    pub tier_loops: u32,
    /// With [`Tier::Tiering`]: how many threads compile while guests go on, 1 at most. With 0 a guest waits until its function is
    /// compiled.
    pub compile_threads: u32,
    /// Machine code uses no more of the processor than this: for tests, and to compare.
    pub cpu: Level,
    /// Whether calls of all small functions are inlined, and not only of those that the interpreter has seen called often: for
    /// tests.
    pub inline_all: bool,
    /// Whether machine code may leave bounds checks to pages that cannot be touched and a handler of SIGSEGV and SIGBUS, which
    /// passes on what is not its business. It is there as long as there is such code.
    pub signals: bool,
    /// Whether the process's unwinder is told of machine code, so that `backtrace()` in a host function walks through it.
    pub unwind_tables: bool,
    /// Which profilers and debuggers are told of machine code. Their files are begun by [`Profile::start`].
    pub profile: Profile,
    /// How many unused value stacks the engine keeps.
    pub pooled_stacks: usize,
    /// How many unused reservations of memories the engine keeps. They hold address space, no memory.
    pub pooled_memories: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            features: Features::default(),
            module_limits: module::Limits::default(),
            stack_bytes: 8 << 20,
            max_nesting: 400,
            reserve_memories: true,
            memory_allocator: None,
            limits: Limits::default(),
            deterministic: false,
            fuel: false,
            collect_always: false,
            tier: Tier::default(),
            tier_calls: 500,
            tier_loops: 500,
            compile_threads: 1,
            cpu: Level::default(),
            inline_all: false,
            signals: true,
            unwind_tables: true,
            profile: Profile::default(),
            pooled_stacks: 16,
            pooled_memories: 128,
        }
    }
}

/// A shared handle to an engine.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

struct Shared {
    config: Config,
    types: Arc<TypeRegistry>,
    counters: Arc<Counters>,
    stacks: Mutex<Stacks>,
    /// Reservations of memories, and how many of their bytes are committed (and zero).
    memories: Mutex<Vec<(Region, usize)>>,
}

/// What a store runs guests on.
pub(super) struct Stack {
    /// The value stack.
    pub values: Region,
    /// The machine stack, if a guest has run as machine code.
    #[cfg(jit)]
    pub machine: Option<crate::vm::machine::MachineStack>,
}

impl Stack {
    /// Gives its pages back to the system. False when it does not take them.
    fn clear(&self) -> bool {
        #[cfg(jit)]
        if self.machine.as_ref().is_some_and(|m| !m.clear()) {
            return false;
        }
        self.values.reset(0, self.values.len()).is_ok()
    }
}

/// The stacks of stores.
#[derive(Default)]
struct Stacks {
    unused: Vec<Stack>,
    /// How many stores have one each.
    used: u64,
}

/// What an engine has, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineUsage {
    pub stores: u64,
    /// Modules that are alive, in whatever store or none, and the bytes of their binaries.
    pub modules: u64,
    pub module_bytes: u64,
    /// Functions translated to register code, and its bytes.
    pub translated: u64,
    pub register_code_bytes: u64,
    /// Functions compiled to machine code, its bytes, and functions that the compiler refused.
    pub compiled: u64,
    pub machine_code_bytes: u64,
    pub uncompiled: u64,
    /// Of all times: functions translated, compiled, and the time of the latter.
    pub translations: u64,
    pub compilations: u64,
    pub compile_nanoseconds: u64,
    /// Bytes of memory that is kept for instances to come.
    pub pooled_bytes: u64,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new(Config::default())
    }
}

/// How many engines there are.
static ENGINES: AtomicUsize = AtomicUsize::new(0);

impl Drop for Shared {
    /// The last engine takes the library's threads with it.
    fn drop(&mut self) {
        if ENGINES.fetch_sub(1, Ordering::Relaxed) == 1 {
            deadline::end_thread();
            #[cfg(jit)]
            seam::end_compiler();
        }
    }
}

impl Engine {
    pub fn new(config: Config) -> Engine {
        ENGINES.fetch_add(1, Ordering::Relaxed);
        Engine(Arc::new(Shared {
            config,
            types: TypeRegistry::new(),
            counters: Arc::default(),
            stacks: Mutex::default(),
            memories: Mutex::new(Vec::new()),
        }))
    }

    /// Whether the library can compile for the processor it runs on.
    pub fn has_compiler() -> bool {
        cfg!(jit)
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn types(&self) -> &Arc<TypeRegistry> {
        &self.0.types
    }

    pub fn features(&self) -> &Features {
        &self.0.config.features
    }

    /// Whether both are the same engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Decodes and validates a module, for stores of this engine.
    pub fn compile(&self, bytes: impl Into<Arc<[u8]>>) -> Result<Arc<ModuleCode>, LoadError> {
        let config = self.config();
        let module = module::Module::load(bytes, self.types().clone(), config.features, &config.module_limits)?;
        let options = Options {
            fuel: config.fuel,
            canonical_nans: config.deterministic,
            #[cfg(jit)]
            tier: match config.tier {
                Tier::Tiering => seam::tiering(config.tier_calls, config.tier_loops, config.compile_threads > 0),
                Tier::Interpreter | Tier::Eager => None,
            },
            #[cfg(jit)]
            enter_machine: seam::enter_machine(),
            #[cfg(jit)]
            cpu: Cpu::of(config.cpu),
            #[cfg(jit)]
            inline_all: config.inline_all,
            #[cfg(jit)]
            guarded: config.signals
                && config.reserve_memories
                && config.memory_allocator.is_none()
                && config.tier != Tier::Interpreter
                && seam::guards(&module),
            #[cfg(jit)]
            unwind_tables: config.unwind_tables,
            #[cfg(profile)]
            profile: config.profile.bits(),
        };
        let code = prepare(Arc::new(module), options, self.0.counters.clone());
        #[cfg(jit)]
        if config.tier == Tier::Eager {
            seam::compile(&code);
        }
        Ok(code)
    }

    /// Whether the bytes are a module that this engine can run, or why not.
    pub fn validate(&self, bytes: &[u8]) -> Result<(), LoadError> {
        module::Module::validate(bytes, self.config().features, &self.config().module_limits)
    }

    pub(super) fn take_stack(&self) -> Result<Stack, SysError> {
        let mut stacks = lock(&self.0.stacks);
        stacks.used += 1;
        if let Some(stack) = stacks.unused.pop() {
            return Ok(stack);
        }
        drop(stacks);
        let values = Region::zeroed(self.0.config.stack_bytes.max(MIN_STACK));
        let values = values.inspect_err(|_| lock(&self.0.stacks).used -= 1)?;
        Ok(Stack {
            values,
            #[cfg(jit)]
            machine: None,
        })
    }

    /// Takes back a store's stacks. Their content is of no interest to the next user; their pages are given back to the
    /// system if they have been deep.
    pub(super) fn give_stack(&self, stack: Stack, was_deep: bool) {
        let keep = !was_deep || stack.clear();
        let mut stacks = lock(&self.0.stacks);
        stacks.used -= 1;
        if keep && stacks.unused.len() < self.0.config.pooled_stacks {
            stacks.unused.push(stack);
            return;
        }
        // Unmapping needs no lock.
        drop(stacks);
        drop(stack);
    }

    /// A reservation of exactly `len` bytes, and how many of them are committed; those are zero.
    pub(super) fn take_reservation(&self, len: usize) -> Result<(Region, usize), SysError> {
        let mut pool = lock(&self.0.memories);
        match pool.iter().rposition(|(r, _)| r.len() == len) {
            Some(i) => Ok(pool.swap_remove(i)),
            None => {
                drop(pool);
                Ok((Region::reserve(len)?, 0))
            }
        }
    }

    /// Takes back a reservation whose first `committed` bytes are in use.
    pub(super) fn give_reservation(&self, region: Region, committed: usize) {
        let most = self.0.config.pooled_memories;
        // Looked at again when it goes in: zeroing takes time, and the lock is everybody's.
        if lock(&self.0.memories).len() >= most || region.zero(committed, KEEP_RESIDENT).is_err() {
            return;
        }
        let mut pool = lock(&self.0.memories);
        if pool.len() < most {
            pool.push((region, committed));
            return;
        }
        drop(pool);
        drop(region);
    }

    /// What the engine has and has done.
    pub fn usage(&self) -> EngineUsage {
        let c = &*self.0.counters;
        let load = |n: &AtomicU64| n.load(Ordering::Relaxed);
        let (translated, register_code_bytes) = c.translated.get();
        let (compiled, machine_code_bytes) = c.compiled.get();
        EngineUsage {
            stores: lock(&self.0.stacks).used,
            modules: load(&c.modules),
            module_bytes: load(&c.module_bytes),
            translated,
            register_code_bytes,
            compiled,
            machine_code_bytes,
            uncompiled: load(&c.uncompiled),
            translations: load(&c.translations),
            compilations: load(&c.compilations),
            compile_nanoseconds: load(&c.compile_nanoseconds),
            pooled_bytes: lock(&self.0.memories).iter().map(|(_, committed)| *committed as u64).sum(),
        }
    }
}

/// A memory of at most so many bytes is zeroed by writing, which costs less than the faults of touching its pages again
/// (1 us against 7 where it was measured). Larger ones give their pages back to the system.
const KEEP_RESIDENT: usize = 64 << 10;

/// Room for the red zone and a few frames.
const MIN_STACK: usize = 8 * (crate::vm::layout::STACK_RED_ZONE + 8192);

fn lock<T>(m: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // The pools are whole after every statement, so a panic elsewhere cannot have left one half changed.
    m.lock().unwrap_or_else(PoisonError::into_inner)
}
