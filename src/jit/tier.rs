//! Compiling what is hot: at once, or by a thread.
//!
//! One thread of the process compiles for all engines. It starts with the first function that gets hot and ends when there has
//! been nothing to do for a while ([`LINGER`]), or with the last engine. It takes no signals: those are the host's. A process made
//! by `fork` has none of its parent's threads; it starts one of its own, and what its parent had queued stays interpreted
//! there. Modules that die while they wait are skipped.
//!
//! Whatever goes wrong leaves a function interpreted: a panic of the compiler is caught, and where no thread can be started the
//! guest's own compiles.
#![forbid(unsafe_code)]

use super::Workspace;
use super::code::Compiled;
use super::ssa::build::Uncovered;
use crate::code::ModuleCode;
use crate::code::tier::{State as Tier, Wanted};
use crate::sys::{self, PerProcess};
use crate::util::sort_by_key;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread waits for more to do before it ends.
const LINGER: Duration = Duration::from_millis(200);

/// Functions that are compiled in a row are installed together, but no more than so many, and none waits longer than this:
/// each batch takes whole pages.
const BATCH: usize = 32;
const BATCH_TIME: Duration = Duration::from_millis(2);

/// Callees that are compiled with a function, at most.
const MOST_CALLEES: u32 = 4;

/// The thread's stack: the passes recurse nowhere deeply, but the register allocator wants more than a little.
const STACK: usize = 2 << 20;

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<(Weak<ModuleCode>, Wanted)>,
    running: bool,
    /// The thread is to end when there is nothing to do.
    ends: bool,
    thread: Option<JoinHandle<()>>,
}

static QUEUE: PerProcess<Queue> = PerProcess::new();

/// Waits for the thread to end: there is no engine any more. Never called by that thread, which holds modules but no engine.
pub fn end_thread() {
    let Some(queue) = QUEUE.made() else { return };
    let mut state = queue.lock();
    let Some(thread) = state.thread.take() else { return };
    state.ends = state.running;
    queue.changed.notify_one();
    drop(state);
    // A panic has been told already.
    let _ = thread.join();
}

/// Compiles something hot, now or soon.
pub fn request(code: &ModuleCode, wanted: Wanted) {
    let background = code.tier().is_some_and(|t| t.background);
    if !background || !QUEUE.get().push(code.handle(), wanted) {
        compile(code, &[wanted]);
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// False when there is no thread, nor can there be one.
    fn push(&'static self, code: Weak<ModuleCode>, wanted: Wanted) -> bool {
        let mut state = self.lock();
        if !state.running {
            let builder = std::thread::Builder::new().name(String::from("wasm compiler")).stack_size(STACK);
            match sys::without_signals(|| builder.spawn(|| self.run())) {
                Ok(thread) => state.thread = Some(thread),
                Err(_) => return false,
            }
            state.running = true;
        }
        // A frame is waiting to leave a loop.
        match wanted.at {
            Some(_) => state.jobs.push_front((code, wanted)),
            None => state.jobs.push_back((code, wanted)),
        }
        self.changed.notify_one();
        true
    }

    fn run(&self) {
        let mut work = Workspace::default();
        let mut state = self.lock();
        loop {
            if let Some((code, wanted)) = state.jobs.pop_front() {
                drop(state);
                if let Some(code) = code.upgrade() {
                    self.batch(&code, wanted, &mut work);
                    // The last handle of a module gives up what its engine shares.
                    let _work = sys::at_work();
                    drop(code);
                }
                state = self.lock();
                continue;
            }
            let mut over = state.ends;
            if !over {
                let waited = self.changed.wait_timeout(state, LINGER).unwrap_or_else(PoisonError::into_inner);
                state = waited.0;
                over = waited.1.timed_out();
            }
            if over && state.jobs.is_empty() {
                (state.running, state.ends) = (false, false);
                // Nothing of the heap is kept when there is no engine.
                state.jobs = VecDeque::new();
                return;
            }
        }
    }

    /// Compiles a function, and with it those of the same module that wait behind it.
    fn batch(&self, code: &Arc<ModuleCode>, first: Wanted, work: &mut Workspace) {
        let start = Instant::now();
        let mut batch = Batch::new(work);
        {
            let _work = sys::at_work();
            super::prepare(code);
        }
        batch.add(code, first);
        self.add_callees(code, &mut batch);
        while first.at.is_none() && batch.len() < BATCH && start.elapsed() < BATCH_TIME {
            let mut state = self.lock();
            let same = |job: &(Weak<ModuleCode>, Wanted)| job.0.as_ptr() == Arc::as_ptr(code) && job.1.at.is_none();
            if !state.jobs.front().is_some_and(same) {
                break;
            }
            let Some((_, wanted)) = state.jobs.pop_front() else { break };
            drop(state);
            batch.add(code, wanted);
        }
        let _work = sys::at_work();
        batch.install(code, start);
    }

    /// Adds what the function or loop has been calling: it will be hot too, and calls to what is compiled before or with the caller
    /// need no detour.
    fn add_callees(&self, code: &Arc<ModuleCode>, batch: &mut Batch<'_>) {
        let mut callees: Vec<u32> = batch.compiled.iter().flat_map(|c| &c.code.relocs).map(|r| r.1).collect();
        sort_by_key(&mut callees, |d| u64::from(*d));
        callees.dedup();
        let mut left = MOST_CALLEES;
        // Functions are numbered from 0, in front of everything else that code refers to.
        for &defined in callees.iter().take_while(|d| (**d as usize) < code.funcs.len()) {
            if left == 0 {
                break;
            }
            let mut wanted = code.is_called(defined);
            if wanted.is_none() && code.funcs[defined as usize].tier.state() == Tier::Pending {
                let mut state = self.lock();
                let job = Wanted { defined, at: None };
                let queued = state.jobs.iter().position(|j| j.1 == job && j.0.as_ptr() == Arc::as_ptr(code));
                wanted = queued.and_then(|n| state.jobs.remove(n)).map(|j| j.1);
            }
            if let Some(wanted) = wanted {
                batch.add(code, wanted);
                left -= 1;
            }
        }
    }
}

/// Compiles and installs functions of a module.
pub fn compile(code: &ModuleCode, wanted: &[Wanted]) {
    let start = Instant::now();
    let mut work = Workspace::default();
    let mut batch = Batch::new(&mut work);
    wanted.iter().for_each(|w| batch.add(code, *w));
    batch.install(code, start);
}

/// What has become of functions that are to be installed together.
struct Batch<'a> {
    compiled: Vec<Compiled>,
    refused: Vec<(Wanted, Uncovered)>,
    work: &'a mut Workspace,
}

impl Batch<'_> {
    fn new(work: &mut Workspace) -> Batch<'_> {
        // What room there was is old news.
        work.room = super::Room::default();
        Batch { compiled: Vec::new(), refused: Vec::new(), work }
    }

    fn len(&self) -> usize {
        self.compiled.len() + self.refused.len()
    }

    fn add(&mut self, code: &ModuleCode, wanted: Wanted) {
        // No work for nothing where code cannot be kept.
        let done = match super::prepare(code) {
            Some(_) => {
                catch_unwind(AssertUnwindSafe(|| super::compile(code, wanted, self.work))).unwrap_or_else(|_| {
                    *self.work = Workspace::default();
                    Err(Uncovered("the compiler failed".into()))
                })
            }
            None => Err(Uncovered("no memory for code".into())),
        };
        match done {
            Ok(emitted) => self.compiled.push(Compiled { wanted, code: emitted }),
            Err(why) => self.refused.push((wanted, why)),
        }
    }

    fn install(mut self, code: &ModuleCode, start: Instant) {
        let machine = super::prepare(code);
        let functions: Vec<Wanted> = self.compiled.iter().map(|c| c.wanted).collect();
        let bytes = match machine {
            Some(machine) if !functions.is_empty() => machine.install(code, std::mem::take(&mut self.compiled)),
            Some(_) => Some(0),
            None => None,
        };
        if bytes.is_none() {
            let none = || Uncovered("no memory for code".into());
            self.refused.extend(functions.iter().map(|w| (*w, none())));
        }
        let spent = start.elapsed().as_nanos() as u64;
        let whole = if bytes.is_some() { functions.iter().filter(|w| w.at.is_none()).count() } else { 0 };
        let uncovered = self.refused.iter().filter(|(w, _)| w.at.is_none()).count();
        code.note_compiled(whole as u64, bytes.unwrap_or(0) as u64, uncovered as u64, spent);
        for (wanted, why) in self.refused {
            code.refused(wanted);
            if let Some(machine) = machine {
                machine.refuse(wanted.defined, why);
            }
        }
    }
}
