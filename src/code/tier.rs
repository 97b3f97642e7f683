//! Noticing which functions are hot, so that the compiler gets them.
//!
//! A function that is translated counts at first: its calls go through an instruction of its code record, and `watch_loop` stands
//! at its loop headers. Both take from the function's budget, and a loop has a budget of its own. Once a budget is spent the
//! function, or its code from that loop on, is given to the compiler, and counting ends: the words that did it are exchanged, so
//! that interpreted code which is not compiled after all runs as if nobody had counted. When code is there, the same words lead
//! to it.
//!
//! Budgets are in words of register code: how many times as much as the function has must have run. So a long function waits
//! longer than a short one, as compiling it takes longer, and a trip of a small loop counts little.
//!
//! Threads may lose each other's counts; a function is compiled a little later then.

use super::{Body, FuncCode, ModuleCode};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// How functions of a module become machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// How many times as much as a function has must have run before it is compiled.
    pub calls: u32,
    /// How many times as much as a function has must have run in one of its loops before its frame goes on as machine code.
    pub loops: u32,
    /// Whether a thread compiles while guests go on; otherwise they wait.
    pub background: bool,
    pub handlers: Handlers,
}

/// Addresses of the interpreter's handlers that only tiering needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handlers {
    pub count_call: usize,
    pub watch_loop: usize,
}

/// What is known of a function.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It counts.
    Cold,
    /// The compiler has been given it.
    Pending,
    Compiled,
    /// It stays interpreted.
    Refused,
}

/// What a function's code record has for tiering.
#[repr(C)]
pub struct FuncTier {
    /// Where machine code calls the function: its own machine code, or a thunk that leads out. 0 when the module has none.
    pub machine: AtomicUsize,
    /// The thunk by which the host calls the function without the interpreter, once it is compiled; 0 when there is none.
    pub direct: AtomicUsize,
    /// An `enter_machine` instruction once the function is compiled: handler, function, thunk of its type, argument and result
    /// slots.
    pub enter: [AtomicU64; 4],
    /// A `count_call` instruction.
    pub count: AtomicU64,
    /// Words of register code left to run before it is hot.
    budget: AtomicU32,
    /// What a call takes.
    call_cost: AtomicU32,
    calls: AtomicU32,
    state: AtomicU8,
    /// What has become of its loops: a [`State`] too.
    loops: AtomicU8,
    /// Whether the next call makes it hot, as it has run enough in the only one so far.
    once_more: AtomicU8,
    /// Its register code's first instruction.
    pub plain: AtomicPtr<u64>,
}

impl FuncTier {
    pub fn new(tier: Option<Tier>) -> FuncTier {
        FuncTier {
            machine: AtomicUsize::new(0),
            direct: AtomicUsize::new(0),
            enter: Default::default(),
            count: AtomicU64::new(tier.map_or(0, |t| t.handlers.count_call as u64)),
            budget: AtomicU32::new(0),
            call_cost: AtomicU32::new(1),
            calls: AtomicU32::new(0),
            state: AtomicU8::new(if tier.is_some() { State::Cold as u8 } else { State::Refused as u8 }),
            loops: AtomicU8::new(if tier.is_some() { State::Cold as u8 } else { State::Refused as u8 }),
            once_more: AtomicU8::new(0),
            plain: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    pub fn state(&self) -> State {
        state(&self.state)
    }

    /// Takes from the budget; false when it is spent.
    #[inline(always)]
    fn spend(&self, cost: u32) -> bool {
        match self.budget.load(Ordering::Relaxed).checked_sub(cost) {
            Some(left) => self.budget.store(left, Ordering::Relaxed),
            None => return false,
        }
        true
    }

    /// Counts a call; false when the function is hot.
    #[inline(always)]
    pub fn count_call(&self) -> bool {
        self.calls.store(self.calls.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
        self.once_more.load(Ordering::Relaxed) == 0 && self.spend(self.call_cost.load(Ordering::Relaxed))
    }
}

fn state(of: &AtomicU8) -> State {
    match of.load(Ordering::Acquire) {
        0 => State::Cold,
        1 => State::Pending,
        2 => State::Compiled,
        _ => State::Refused,
    }
}

/// What a loop header has for tiering.
pub struct LoopTier {
    /// Where it is.
    pub at: *const u64,
    pub func: *const FuncCode,
    /// Trips left before it is hot.
    left: AtomicU32,
    /// Words of register code in a trip.
    cost: u32,
    /// Machine code that goes on from here, and the thunk that enters it.
    pub machine: AtomicUsize,
    pub thunk: AtomicUsize,
}

// SAFETY: the pointers are to what lives as long as the module's code, and is shared between threads.
unsafe impl Send for LoopTier {}
// SAFETY: as above.
unsafe impl Sync for LoopTier {}

/// Functions that have been called less often are not compiled on behalf of who calls them.
const CALLED: u32 = 10;

/// The most a trip or a call is taken to run.
const MOST_COST: u32 = 64;
const MOST_CALL: u32 = 400;

impl LoopTier {
    /// For a loop that starts at word `at` of a function of `words`; the next loop or the end is at `end`.
    pub fn new(tier: Option<Tier>, words: u32, at: u32, end: u32) -> LoopTier {
        let cost = end.saturating_sub(at).clamp(1, MOST_COST);
        let left = tier.map_or(0, |t| (t.loops as u64 * words as u64 / cost as u64).min(u32::MAX as u64) as u32);
        LoopTier {
            at: core::ptr::null(),
            func: core::ptr::null(),
            left: AtomicU32::new(left),
            cost,
            machine: AtomicUsize::new(0),
            thunk: AtomicUsize::new(0),
        }
    }
}

/// What a trip of a watched loop finds.
pub enum Trip {
    /// Nothing yet: the handler of the loop's first instruction.
    On(u64),
    /// The function is hot, or this loop is.
    Hot,
    /// There is machine code to go on with.
    Machine,
}

/// A loop header.
#[repr(C)]
pub struct Loop {
    pub word: u32,
    /// The handler of the instruction there.
    pub plain: u64,
    pub tier: LoopTier,
}

impl Loop {
    /// Counts a trip.
    ///
    /// # Safety
    /// The loop is one of a live module's.
    #[inline(always)]
    pub unsafe fn trip(&self) -> Trip {
        if self.tier.machine.load(Ordering::Acquire) != 0 {
            return Trip::Machine;
        }
        // SAFETY: the record lives as long as the module's code.
        let func = unsafe { &(*self.tier.func).tier };
        let left = self.tier.left.load(Ordering::Relaxed);
        if left == 0 || !func.spend(self.tier.cost) {
            return Trip::Hot;
        }
        self.tier.left.store(left - 1, Ordering::Relaxed);
        Trip::On(self.plain)
    }
}

/// Finds loops by address without a lock, most of the time: a loop that has been looked for is at the place of its address,
/// until another one takes it.
#[derive(Default)]
pub struct LoopCache(OnceLock<Box<[AtomicPtr<Loop>; CACHE]>>);

const CACHE: usize = 256;

impl LoopCache {
    #[inline(always)]
    fn place(&self, pc: *const u64) -> &AtomicPtr<Loop> {
        let all = self.0.get_or_init(|| Box::new([const { AtomicPtr::new(core::ptr::null_mut()) }; CACHE]));
        let n = pc as usize >> 3;
        &all[(n ^ n >> 8) % CACHE]
    }
}

/// Something for the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub defined: u32,
    /// The loop header, by word of the register code, to go on from; the function as a whole without.
    pub at: Option<u32>,
}

impl ModuleCode {
    /// How functions of this module become machine code; `None` when they stay interpreted or were compiled when it was loaded.
    pub fn tier(&self) -> Option<Tier> {
        self.options.tier
    }

    /// The address of the interpreter's handler that enters machine code.
    pub fn enter_machine(&self) -> usize {
        self.options.enter_machine
    }

    /// The loop whose header is at `pc`.
    #[inline(always)]
    pub fn watched(&self, pc: *const u64) -> Option<&Loop> {
        let place = self.loops.place(pc);
        // SAFETY: what is in the cache belongs to a body, and bodies live as long as the module's code.
        match unsafe { place.load(Ordering::Acquire).as_ref() } {
            Some(l) if l.tier.at == pc => Some(l),
            _ => self.look_for_loop(pc),
        }
    }

    #[cold]
    #[inline(never)]
    fn look_for_loop(&self, pc: *const u64) -> Option<&Loop> {
        let (defined, word) = self.find(pc)?;
        let found = self.loop_at(defined, word as u32)?;
        self.loops.place(pc).store(core::ptr::from_ref(found).cast_mut(), Ordering::Release);
        Some(found)
    }

    /// A loop header of a function that has run.
    pub fn loop_at(&self, defined: u32, word: u32) -> Option<&Loop> {
        let loops = &self.funcs[defined as usize].body.get()?.loops;
        Some(&loops[loops.binary_search_by_key(&word, |l| l.word).ok()?])
    }

    /// The budget of a function that has just been translated.
    pub(super) fn open_budget(&self, func: &FuncCode, body: &Body) {
        let Some(tier) = self.options.tier else { return };
        let words = body.code.len() as u32;
        func.tier.plain.store(body.word(body.entry) as *mut u64, Ordering::Relaxed);
        func.tier.budget.store(words.saturating_mul(tier.calls), Ordering::Relaxed);
        func.tier.call_cost.store((words / 2).clamp(1, MOST_CALL), Ordering::Relaxed);
    }

    /// A call found the function's budget spent: whether it is to be compiled now.
    pub fn is_hot(&self, func: &FuncCode) -> Option<Wanted> {
        let mut patches = self.checks.lock();
        if func.tier.state() != State::Cold {
            return None;
        }
        func.tier.state.store(State::Pending as u8, Ordering::Release);
        self.settle(func, &mut patches);
        Some(Wanted { defined: func.defined, at: None })
    }

    /// Something that is being compiled calls this function: whether it is to be compiled with it, as it has been called before
    /// and nobody has asked yet.
    pub fn is_called(&self, defined: u32) -> Option<Wanted> {
        let func = &self.funcs[defined as usize];
        if func.tier.calls.load(Ordering::Relaxed) < CALLED {
            return None;
        }
        self.is_hot(func)
    }

    /// Whether a function has been called so often that calls of it from hot code are likely to be hot too. Of a module that does
    /// not count nothing is known.
    pub fn is_often_called(&self, defined: u32) -> bool {
        let t = &self.funcs[defined as usize].tier;
        let hot = match t.state() {
            State::Cold => t.calls.load(Ordering::Relaxed) >= CALLED,
            State::Pending | State::Compiled => self.options.tier.is_some(),
            State::Refused => false,
        };
        hot || self.options.inline_all
    }

    /// A trip of a loop found a budget spent: what is to be compiled now.
    pub fn is_loop_hot(&self, l: &Loop) -> Option<Wanted> {
        // SAFETY: records live as long as the module's code.
        let func = unsafe { &*l.tier.func };
        let t = &func.tier;
        if l.tier.left.load(Ordering::Relaxed) > 0 {
            // The function's budget. One that has been called but once may never be again: then its loops decide.
            if t.state() == State::Cold && t.calls.load(Ordering::Relaxed) > 1 {
                return self.is_hot(func);
            }
            t.budget.store(u32::MAX / 2, Ordering::Relaxed);
            t.once_more.store(1, Ordering::Relaxed);
            return None;
        }
        t.once_more.store(1, Ordering::Relaxed);
        let mut patches = self.checks.lock();
        if state(&t.loops) != State::Cold && state(&t.loops) != State::Compiled {
            return None;
        }
        t.loops.store(State::Pending as u8, Ordering::Release);
        self.settle(func, &mut patches);
        Some(Wanted { defined: func.defined, at: Some(l.word) })
    }

    /// A function has machine code, which these words of an `enter_machine` instruction enter from the next call on, and calls from
    /// the host by the direct thunk.
    pub fn compiled(&self, defined: u32, enter: [u64; 4], direct: usize) {
        let func = &self.funcs[defined as usize];
        let mut patches = self.checks.lock();
        for (word, value) in func.tier.enter.iter().zip(enter) {
            word.store(value, Ordering::Relaxed);
        }
        func.tier.machine.store(enter[1] as usize, Ordering::Release);
        // Whoever sees it sees the code.
        func.tier.direct.store(direct, Ordering::Release);
        func.tier.state.store(State::Compiled as u8, Ordering::Release);
        self.settle(func, &mut patches);
    }

    /// Frames at a loop header of a function go on as machine code.
    pub fn compiled_loop(&self, defined: u32, at: u32, machine: usize, thunk: usize) {
        let func = &self.funcs[defined as usize];
        let mut patches = self.checks.lock();
        if let Some(l) = self.loop_at(defined, at) {
            l.tier.thunk.store(thunk, Ordering::Relaxed);
            l.tier.machine.store(machine, Ordering::Release);
        }
        func.tier.loops.store(State::Compiled as u8, Ordering::Release);
        self.settle(func, &mut patches);
    }

    /// The compiler could not do what was wanted.
    pub fn refused(&self, wanted: Wanted) {
        let func = &self.funcs[wanted.defined as usize];
        let mut patches = self.checks.lock();
        match wanted.at {
            // What cannot be compiled from the start cannot from a loop on.
            None => {
                func.tier.state.store(State::Refused as u8, Ordering::Release);
                func.tier.loops.store(State::Refused as u8, Ordering::Release);
            }
            Some(_) => func.tier.loops.store(State::Refused as u8, Ordering::Release),
        }
        self.settle(func, &mut patches);
    }

    /// Where calls of a translated function go, and what stands at its loop headers unless a check does.
    pub(super) fn tiered(&self, func: &FuncCode, plain: *const u64) -> (*const u64, Option<u64>) {
        let t = &func.tier;
        let entry = match t.state() {
            State::Compiled => t.enter.as_ptr().cast(),
            State::Cold => (&raw const t.count).cast(),
            State::Pending | State::Refused => plain,
        };
        let counts = matches!(t.state(), State::Cold | State::Compiled);
        let watches = counts && matches!(state(&t.loops), State::Cold | State::Compiled);
        let watch = self.options.tier.filter(|_| watches).map(|tier| tier.handlers.watch_loop as u64);
        (entry, watch)
    }
}
