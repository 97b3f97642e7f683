//! Register code: what the interpreter runs and the compiler falls back to. Made from a validated body on a function's first
//! call, once per module, and shared by all instances of the module on all threads.

mod checks;
pub mod counters;
pub mod heap;
pub mod op;
pub mod op_atomic;
pub mod op_fused;
pub mod op_gc;
pub mod op_simd;
mod regions;
#[cfg(jit)]
pub mod targets;
#[cfg(jit)]
pub mod tier;
pub mod translate;

use crate::module::Module;
use counters::{Counters, Share};
use op::Op;
use regions::Regions;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// The number that `unreachable` gives to the `trap` instruction (`vm::trap::TrapKind`).
pub const TRAP_UNREACHABLE: u64 = 1;

/// Words of a frame header (`vm::layout` describes frames).
pub const HEADER_SLOTS: u32 = 2;
/// Words that a call out of the instance puts under the callee's frame.
pub const BOUNDARY_SLOTS: u32 = 5;

/// The address of the handler of each op, by number. Code holds these addresses, so that translation does not depend on
/// the interpreter that will run it.
pub struct HandlerTable(pub [*const (); Op::COUNT]);

// SAFETY: the addresses of functions may be shared.
unsafe impl Sync for HandlerTable {}
// SAFETY: as above.
unsafe impl Send for HandlerTable {}

impl HandlerTable {
    #[inline]
    pub fn word(&self, op: Op) -> u64 {
        self.0[op as usize] as usize as u64
    }
}

/// Instructions whose exceptions are caught in the same function: the body of a `try_table`, or of a legacy `try`.
pub struct Region {
    /// From this word to before that one.
    pub start: u32,
    pub end: u32,
    /// How many blocks enclose it.
    pub depth: u32,
    pub catches: Box<[Catch]>,
}

/// One way out of a region.
pub enum Catch {
    /// Goes to an instruction with what was thrown.
    Clause {
        /// The tag caught, by index; any when absent.
        tag: Option<u32>,
        /// Where the handler's code starts.
        target: u32,
        /// The slot from which on the payload goes, if a tag is given.
        payload: u32,
        /// The slot that the exception's reference goes to.
        exception: Option<u32>,
    },
    /// Legacy `delegate`: the search goes on at regions which at most this many blocks enclose.
    Delegate(u32),
}

/// What translation makes of a function.
struct Body {
    /// Its words. Those at loop headers may be exchanged while guests run (see [`checks`]).
    code: Box<[AtomicU64]>,
    /// The word of the first instruction.
    entry: usize,
    /// The frame's slots and words 2 and 3 of `enter`, unless the opening is the large one.
    opening: Option<[u64; 3]>,
    regions: Regions,
    /// Loop headers, in ascending order.
    loops: Box<[Loop]>,
}

#[cfg(jit)]
use tier::Loop;

/// A loop header.
#[cfg(not(jit))]
struct Loop {
    word: u32,
    /// The handler of the instruction there.
    plain: u64,
}

impl Body {
    /// The body of a function with that record.
    fn new(done: translate::Translated, _func: &FuncCode, _options: Options) -> Body {
        #[cfg(jit)]
        let words = done.code.len() as u32;
        #[cfg(jit)]
        let ends = done.loops.iter().skip(1).chain([&words]);
        #[cfg(not(jit))]
        let ends = done.loops.iter();
        let loops = done.loops.iter().zip(ends).map(|(&word, _end)| Loop {
            word,
            plain: done.code[word as usize],
            #[cfg(jit)]
            tier: tier::LoopTier::new(_options.tier, words, word, *_end),
        });
        #[cfg_attr(not(jit), allow(unused_mut))]
        let mut loops: Box<[Loop]> = loops.collect();
        // Atomic words are laid out as plain ones, so this is no copy.
        let code: Box<[AtomicU64]> = done.code.into_vec().into_iter().map(AtomicU64::new).collect();
        #[cfg(jit)]
        for l in &mut loops {
            (l.tier.at, l.tier.func) = (code[l.word as usize].as_ptr(), _func);
        }
        let regions = Regions::new(done.regions);
        Body { code, entry: done.entry, opening: done.opening, regions, loops }
    }

    fn word(&self, word: usize) -> *const u64 {
        self.code[word..].as_ptr().cast()
    }
}

/// A frame opening as data. A caller that finds `slots` below the stack's limit fills the frame in and goes on at `start`; any
/// other goes to the function's entry.
#[repr(C)]
pub struct Opening {
    /// Slots of the frame; [`Opening::NONE`] while the function is not translated, or when its opening is the large one.
    pub slots: AtomicU64,
    /// As words 2 and 3 of `enter`.
    pub zero: AtomicU64,
    pub consts: AtomicU64,
    /// The instruction after the opening, [`translate::ENTER_WORDS`] words into the code.
    pub start: AtomicPtr<u64>,
}

impl Opening {
    /// More slots than any stack has.
    pub const NONE: u64 = 1 << 48;

    fn new() -> Opening {
        let start = AtomicPtr::new(core::ptr::null_mut());
        Opening { slots: AtomicU64::new(Opening::NONE), zero: AtomicU64::new(0), consts: AtomicU64::new(0), start }
    }

    /// Makes known what translation found.
    fn publish(&self, body: &Body) {
        let Some([slots, zero, consts]) = body.opening else { return };
        self.zero.store(zero, Ordering::Relaxed);
        self.consts.store(consts, Ordering::Relaxed);
        self.start.store(body.word(translate::ENTER_WORDS) as *mut u64, Ordering::Relaxed);
        // Whoever sees the slots sees the rest.
        self.slots.store(slots, Ordering::Release);
    }
}

/// The code of one function. Its address is in the code of its callers.
#[repr(C)]
pub struct FuncCode {
    /// The first instruction: `stub` until the function has been translated.
    pub entry: AtomicPtr<u64>,
    /// What the frame opening at `entry` does, for callers that do it themselves.
    pub opening: Opening,
    /// A `translate` instruction, which finds this record by its own address.
    pub stub: [u64; 1],
    /// The module this belongs to, which owns the record.
    owner: AtomicPtr<ModuleCode>,
    /// Index among the module's defined functions.
    pub defined: u32,
    #[cfg(jit)]
    pub tier: tier::FuncTier,
    body: OnceLock<Body>,
}

impl FuncCode {
    /// The owning module's code.
    ///
    /// # Safety
    /// The module is alive; it is while the record can be reached.
    pub unsafe fn module(&self) -> &ModuleCode {
        // SAFETY: set before the record is shared, and the owner outlives it.
        unsafe { &*self.owner.load(Ordering::Relaxed) }
    }
}

/// How code is made: what engines may differ in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether code pays for what it executes (`translate::fuel`).
    pub fuel: bool,
    /// Whether results that are NaN are the canonical one (`translate::canon`).
    pub canonical_nans: bool,
    /// How functions become machine code as they get hot.
    #[cfg(jit)]
    pub tier: Option<tier::Tier>,
    /// The address of the interpreter's handler that enters machine code.
    #[cfg(jit)]
    pub enter_machine: usize,
    /// What of the processor machine code uses.
    #[cfg(jit)]
    pub cpu: crate::sys::cpu::Cpu,
    /// Whether all small functions count as often called.
    #[cfg(jit)]
    pub inline_all: bool,
    /// Whether machine code does without checks of memory 0: it runs in instances only whose memory has a guard.
    #[cfg(jit)]
    pub guarded: bool,
    /// Whether the process's unwinder is told of machine code.
    #[cfg(jit)]
    pub unwind_tables: bool,
    /// Which profilers and debuggers are told of machine code (`jit::profile`).
    #[cfg(profile)]
    pub profile: u8,
}

impl Options {
    /// Whether relaxed multiply-adds round once, as FMA does, in every tier alike. Where results are to be the same on all processors they
    /// round twice.
    pub fn rounds_once(&self) -> bool {
        #[cfg(jit)]
        return self.cpu.fma && !self.canonical_nans;
        #[cfg(not(jit))]
        false
    }
}

/// The code of a module's functions.
pub struct ModuleCode {
    pub module: Arc<Module>,
    pub funcs: Box<[FuncCode]>,
    handlers: &'static HandlerTable,
    pub options: Options,
    /// By module type index: the shape of a structure or array type, once somebody has asked.
    shapes: Box<[OnceLock<heap::Shape>]>,
    /// Translated code by address: start to (end, defined index).
    ranges: Mutex<BTreeMap<usize, (usize, u32)>>,
    checks: checks::Checks,
    counters: Arc<Counters>,
    share: Share,
    #[cfg(jit)]
    loops: tier::LoopCache,
    #[cfg(jit)]
    this: std::sync::Weak<ModuleCode>,
    /// The same module for instances whose memory has no guard.
    #[cfg(jit)]
    unguarded: OnceLock<Arc<ModuleCode>>,
    /// What the compiler made of the module.
    #[cfg(jit)]
    pub machine: OnceLock<Option<Box<dyn std::any::Any + Send + Sync>>>,
}

impl ModuleCode {
    /// Code records for a module, nothing translated yet.
    pub fn new(
        module: Arc<Module>,
        handlers: &'static HandlerTable,
        options: Options,
        counters: Arc<Counters>,
    ) -> Arc<ModuleCode> {
        counters.modules.fetch_add(1, Ordering::Relaxed);
        counters.module_bytes.fetch_add(module.bytes.len() as u64, Ordering::Relaxed);
        let stub = handlers.word(Op::translate);
        let funcs = (0..module.bodies.len() as u32).map(|defined| FuncCode {
            entry: AtomicPtr::new(core::ptr::null_mut()),
            opening: Opening::new(),
            stub: [stub],
            owner: AtomicPtr::new(core::ptr::null_mut()),
            defined,
            #[cfg(jit)]
            tier: tier::FuncTier::new(options.tier),
            body: OnceLock::new(),
        });
        let funcs = funcs.collect();
        let shapes = module.types.iter().map(|_| OnceLock::new()).collect();
        let this = Arc::new_cyclic(|_this| ModuleCode {
            module,
            funcs,
            handlers,
            options,
            shapes,
            ranges: Mutex::default(),
            checks: Default::default(),
            counters,
            share: Share::default(),
            #[cfg(jit)]
            loops: Default::default(),
            #[cfg(jit)]
            this: _this.clone(),
            #[cfg(jit)]
            unguarded: OnceLock::new(),
            #[cfg(jit)]
            machine: OnceLock::new(),
        });
        for f in &this.funcs {
            f.owner.store(Arc::as_ptr(&this) as *mut ModuleCode, Ordering::Relaxed);
            f.entry.store(f.stub.as_ptr() as *mut u64, Ordering::Release);
        }
        this
    }

    /// Translates a function if no thread has yet; returns where its calls go.
    pub fn translate(&self, defined: u32) -> *const u64 {
        self.translate_unless(defined, &|| false);
        self.funcs[defined as usize].entry.load(Ordering::Acquire)
    }

    /// As [`ModuleCode::translate`], unless `stop` says meanwhile that it is to be given up: then null.
    pub fn translate_unless(&self, defined: u32, stop: &dyn Fn() -> bool) -> *const u64 {
        let func = &self.funcs[defined as usize];
        if func.body.get().is_none() {
            // Threads that meet here do it twice rather than wait for one that may give up.
            let Some(done) = translate::translate(self, defined, self.handlers, stop) else {
                return std::ptr::null();
            };
            func.body.get_or_init(|| {
                let body = Body::new(done, func, self.options);
                let start = body.code.as_ptr() as usize;
                let range = (start + body.code.len() * 8, defined);
                self.ranges.lock().unwrap_or_else(|e| e.into_inner()).insert(start, range);
                self.counters.translated.add(1, body.code.len() as u64 * 8);
                self.counters.translations.fetch_add(1, Ordering::Relaxed);
                #[cfg(jit)]
                self.open_budget(func, &body);
                body
            });
        }
        self.settle(func, &mut self.checks.lock());
        func.entry.load(Ordering::Acquire)
    }

    /// Makes calls of a function lead where they are to lead now, and puts at its loop headers what is to stand there.
    fn settle(&self, func: &FuncCode, checks: &mut checks::State) {
        let Some(body) = func.body.get() else {
            #[cfg(jit)]
            if func.tier.state() == tier::State::Compiled {
                func.entry.store(func.tier.enter.as_ptr() as *mut u64, Ordering::Release);
            }
            return;
        };
        let plain = body.word(body.entry);
        #[cfg(jit)]
        let (entry, watch) = self.tiered(func, plain);
        #[cfg(not(jit))]
        let (entry, watch) = (plain, None);
        if entry == plain {
            func.opening.publish(body);
        } else {
            // Callers do not open the frame themselves.
            func.opening.slots.store(Opening::NONE, Ordering::Release);
        }
        func.entry.store(entry as *mut u64, Ordering::Release);
        let instead = if checks.is_armed() { Some(self.handlers.word(Op::check)) } else { watch };
        for l in &body.loops {
            body.code[l.word as usize].store(instead.unwrap_or(l.plain), Ordering::Relaxed);
        }
    }

    /// How the code is made.
    #[cfg(jit)]
    pub fn options(&self) -> Options {
        self.options
    }

    /// See [`Options::guarded`].
    #[cfg(jit)]
    pub fn is_guarded(&self) -> bool {
        self.options.guarded
    }

    /// The same module's code for instances whose memory has no guard, made by the first of them.
    #[cfg(jit)]
    pub fn unguarded(&self) -> &Arc<ModuleCode> {
        self.unguarded.get_or_init(|| {
            let options = Options { guarded: false, ..self.options };
            ModuleCode::new(self.module.clone(), self.handlers, options, self.counters.clone())
        })
    }

    /// Another handle to this.
    #[cfg(jit)]
    pub fn handle(&self) -> std::sync::Weak<ModuleCode> {
        self.this.clone()
    }

    /// Notes what the compiler has made of functions of this module, and which of them it could not do.
    pub fn note_compiled(&self, functions: u64, bytes: u64, uncompiled: u64, nanoseconds: u64) {
        for count in [&self.share.compiled, &self.counters.compiled] {
            count.add(functions, bytes);
        }
        for count in [&self.share.uncompiled, &self.counters.uncompiled] {
            count.fetch_add(uncompiled, Ordering::Relaxed);
        }
        self.counters.compilations.fetch_add(functions, Ordering::Relaxed);
        self.counters.compile_nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// The function whose code holds `pc`, by its index among the defined ones, and the word `pc` points at.
    pub fn find(&self, pc: *const u64) -> Option<(u32, usize)> {
        let ranges = self.ranges.lock().unwrap_or_else(|e| e.into_inner());
        let (start, (end, defined)) = ranges.range(..=pc as usize).next_back()?;
        (pc as usize <= *end).then(|| (*defined, (pc as usize - start) / 8))
    }

    /// The function whose `stub` is at `pc`.
    pub fn find_stub(&self, pc: *const u64) -> Option<u32> {
        let first = self.funcs.as_ptr() as usize;
        let index = (pc as usize).checked_sub(first)? / size_of::<FuncCode>();
        (index < self.funcs.len()).then_some(index as u32)
    }

    /// The protected regions around a word of a function that has run, from the innermost outwards.
    pub fn regions(&self, defined: u32, word: u32) -> impl Iterator<Item = &Region> {
        self.funcs[defined as usize].body.get().into_iter().flat_map(move |b| b.regions.around(word))
    }

    /// An instruction of a function that has run.
    pub fn instruction(&self, defined: u32, word: u32) -> *const u64 {
        self.funcs[defined as usize].body.get().map_or(core::ptr::null(), |b| b.word(word as usize))
    }

    /// Slots of the frame of a function that has run, which every frame opening has in its first field.
    pub fn frame_slots(&self, defined: u32) -> usize {
        let body = self.funcs[defined as usize].body.get();
        body.map_or(0, |b| b.code[b.entry + 1].load(Ordering::Relaxed) as u32 as usize)
    }

    /// The byte offsets in the module of the operators that instruction words came from.
    pub fn source_offsets(&self, defined: u32, words: impl Iterator<Item = usize>) -> Vec<u32> {
        translate::source_offsets(self, defined, self.handlers, words)
    }

    /// Where a frame has what the function has at the loop header at `word` of its code.
    #[cfg(jit)]
    pub fn loop_state(&self, defined: u32, word: u32) -> Option<translate::LoopState> {
        translate::loop_state(self, defined, self.handlers, word)
    }

    /// A function's register code as text, for people.
    pub fn listing(&self, defined: u32) -> String {
        translate::listing(self, defined, self.handlers)
    }

    /// The shape of a structure or array type of the module.
    pub fn shape(&self, type_index: u32) -> &heap::Shape {
        self.shapes[type_index as usize].get_or_init(|| heap::Shape::of_module(&self.module, type_index))
    }

    /// The bytes of a data segment.
    pub fn data(&self, segment: usize) -> &[u8] {
        self.module.slice(&self.module.datas[segment].range)
    }
}

impl Drop for ModuleCode {
    fn drop(&mut self) {
        let c = &*self.counters;
        c.modules.fetch_sub(1, Ordering::Relaxed);
        c.module_bytes.fetch_sub(self.module.bytes.len() as u64, Ordering::Relaxed);
        let bodies = self.funcs.iter().filter_map(|f| f.body.get());
        let (functions, words) = bodies.fold((0, 0), |(n, words), body| (n + 1, words + body.code.len() as u64));
        c.translated.take(functions, words * 8);
        let (functions, bytes) = self.share.compiled.get();
        c.compiled.take(functions, bytes);
        c.uncompiled.fetch_sub(self.share.uncompiled.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}
