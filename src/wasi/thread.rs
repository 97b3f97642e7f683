//! Threads of a guest: `wasi_thread_spawn` of the wasi-threads proposal.
//!
//! A thread is one of the system's, with a store and an instance of the same module of its own, on the same shared memory
//! and in the same [`World`](super::World). The instance is made by the thread that spawns, so that what goes wrong there
//! is its error; then it moves to the new thread, which calls the export `wasi_thread_start`.
//!
//! The program ends as a whole: a trap or `proc_exit` in any thread asks the stores of all others to stop. Each comes to its
//! end by itself, at its next loop iteration, call, or in what it waits for.
//!
//! Invariants: threads are listed under the lock before they run, and not once the program has ended, so the end reaches
//! all; nothing in the list holds a store.
#![forbid(unsafe_code)]

use super::ctx::{Ctx, Exit};
use super::link::{WASI_THREADS, functions};
use super::p1::types::Errno;
use super::stdio::lock;
use crate::module::{ExternType, FuncType, Import, ValType};
use crate::runtime::{Caller, Extern, Func, Instance, Interrupter, Memory, Module, Store, Trap, Val};
use crate::sys;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// The largest thread number that the proposal allows.
const MAX_TID: u32 = (1 << 29) - 1;

/// What a thread of a guest can do with the native stack: guest calls use none, host functions that call back do.
const STACK_BYTES: usize = 2 << 20;

thread_local! {
    /// Which thread of a guest this is: the address of its list, and its number in it. (The standard library's own name for
    /// a thread is allocated for threads that it has not made, and found lost by leak checkers.)
    static HERE: Cell<(usize, u32)> = const { Cell::new((0, 0)) };
}

/// How another thread has ended the program.
#[derive(Clone, Debug)]
pub enum End {
    Exit(u32),
    Trap(String),
}

/// The threads that a guest has started.
pub struct Threads {
    max: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last_tid: u32,
    running: Vec<(u32, Interrupter)>,
    /// The store that the program was started in.
    main: Option<Interrupter>,
    /// Set when a thread other than the main one has ended the program.
    end: Option<End>,
    /// The program has ended: no thread may start any more, and what stops the others is not news.
    closed: bool,
    /// What threads are waited for with, the finished ones taken out now and then.
    handles: Vec<(u32, JoinHandle<()>)>,
}

impl Threads {
    pub fn new(max: u32) -> Threads {
        Threads { max, state: Mutex::default() }
    }

    pub fn are_allowed(&self) -> bool {
        self.max > 0
    }

    pub fn set_main(&self, main: Interrupter) {
        lock(&self.state).main = Some(main);
    }

    /// How another thread has ended the program, if one has.
    pub fn end_of_program(&self) -> Option<End> {
        lock(&self.state).end.clone()
    }

    pub fn trap(&self) -> Option<String> {
        match self.end_of_program()? {
            End::Trap(text) => Some(text),
            End::Exit(_) => None,
        }
    }

    /// Room for one more thread: its number.
    fn enter(&self, store: Interrupter) -> Result<u32, Errno> {
        let mut state = lock(&self.state);
        if state.closed || state.running.len() >= self.max as usize {
            return Err(Errno::Again);
        }
        // There are far fewer threads than numbers.
        loop {
            state.last_tid = state.last_tid % MAX_TID + 1;
            let tid = state.last_tid;
            if state.running.iter().all(|r| r.0 != tid) {
                state.running.push((tid, store));
                return Ok(tid);
            }
        }
    }

    fn leave(&self, tid: u32) {
        lock(&self.state).running.retain(|r| r.0 != tid);
    }

    fn started(&self, tid: u32, handle: JoinHandle<()>) {
        let mut state = lock(&self.state);
        state.handles.retain(|(_, h)| !h.is_finished());
        state.handles.push((tid, handle));
    }

    /// `proc_exit` in the store of this interrupter.
    pub fn exit(&self, caller: &Interrupter, code: u32) {
        self.end_program(caller, End::Exit(code));
    }

    /// Asks all stores but that of `caller` to stop. The first end counts.
    fn end_program(&self, caller: &Interrupter, end: End) {
        let mut state = lock(&self.state);
        if state.closed {
            return;
        }
        state.closed = true;
        let main = state.main.clone().filter(|m| !m.same(caller));
        if main.is_some() {
            state.end = Some(end);
        }
        let others: Vec<Interrupter> =
            state.running.iter().map(|r| &r.1).filter(|s| !s.same(caller)).cloned().chain(main).collect();
        drop(state);
        for store in others {
            store.interrupt();
        }
    }

    /// Asks all threads but the main one to stop, and waits until they have, except for one that calls this itself.
    pub fn end(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        let others: Vec<Interrupter> = state.running.iter().map(|r| r.1.clone()).collect();
        drop(state);
        for store in others {
            store.interrupt();
        }
        loop {
            // A thread may have started another one before it stopped.
            let handles = std::mem::take(&mut lock(&self.state).handles);
            if handles.is_empty() {
                return;
            }
            for (tid, handle) in handles {
                if HERE.get() != (std::ptr::from_ref(self).addr(), tid) {
                    // Panics are caught inside.
                    let _ = handle.join();
                }
            }
        }
    }
}

/// Whether an import is the function that starts threads.
pub fn is_spawn(import: &Import) -> bool {
    &*import.module == WASI_THREADS && &*import.name == "thread-spawn"
}

pub fn spawn_type() -> FuncType {
    FuncType::new([ValType::I32], [ValType::I32])
}

/// `thread-spawn`: returns the new thread's number, or a negative error.
pub fn spawn_function(store: &Store, ctx: &Arc<Ctx>) -> Option<Func> {
    let ctx = ctx.clone();
    Func::with_slots(store, &spawn_type(), move |caller: Caller<'_>, slots: &mut [u64]| {
        let result = match spawn(&caller, &ctx, slots[0] as u32) {
            Ok(tid) => tid as i32,
            Err(e) => -(e as i32),
        };
        slots[0] = result as u32 as u64;
        Ok(())
    })
}

fn spawn(caller: &Caller<'_>, ctx: &Arc<Ctx>, arg: u32) -> Result<u32, Errno> {
    let parent = caller.instance().ok_or(Errno::Notsup)?;
    let store = Store::new(caller.store().engine()).map_err(|_| Errno::Nomem)?;
    store.set_limits(caller.store().limits());
    let mine = ctx.in_store(&store);
    let tid = ctx.threads.enter(mine.interrupter.clone())?;
    // Gives the place up if anything fails on the way.
    let place = Place { ctx: mine.clone(), tid };
    let instance = second_instance(&store, &mine, &parent)?;
    let start = instance.func("wasi_thread_start").ok_or(Errno::Notsup)?;
    let ty = start.ty();
    if *ty.params != [ValType::I32, ValType::I32] || !ty.results.is_empty() {
        return Err(Errno::Notsup);
    }
    // Handles that the new thread does not need end here: a store belongs to one thread at a time.
    drop(instance);
    drop(store);
    let work = Work { start, arg, place };
    let builder = std::thread::Builder::new().name(format!("wasi {tid}")).stack_size(STACK_BYTES);
    let handle = sys::without_signals(|| builder.spawn(move || work.run())).map_err(|_| Errno::Again)?;
    ctx.threads.started(tid, handle);
    Ok(tid)
}

/// A thread's entry in the list.
struct Place {
    ctx: Arc<Ctx>,
    tid: u32,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.ctx.threads.leave(self.tid);
    }
}

/// What a new thread does. Fields are dropped in order: the store is gone when the place is given up.
struct Work {
    start: Func,
    arg: u32,
    place: Place,
}

impl Work {
    fn run(self) {
        let Place { ctx, tid } = &self.place;
        HERE.set((std::ptr::from_ref(&ctx.threads).addr(), *tid));
        let args = [Val::I32(*tid as i32), Val::I32(self.arg as i32)];
        let outcome = catch_unwind(AssertUnwindSafe(|| self.start.call(&args, &mut [])));
        let end = match outcome {
            Ok(Ok(())) => return,
            Ok(Err(trap)) => match exit_of(&trap) {
                // Its call has ended the program already.
                Some(_) => return,
                None => End::Trap(trap.message().into_owned()),
            },
            Err(_) => End::Trap(String::from("internal error")),
        };
        ctx.threads.end_program(&ctx.interrupter, end);
    }
}

fn exit_of(trap: &Trap) -> Option<Exit> {
    trap.payload()?.downcast_ref().copied()
}

/// An instance of the parent's module in another store. Possible if all it imports is WASI and the shared memory.
fn second_instance(store: &Store, ctx: &Arc<Ctx>, parent: &Instance) -> Result<Instance, Errno> {
    let memory = parent.export("memory").and_then(Extern::into_memory).ok_or(Errno::Notsup)?;
    let shared = memory.shared().ok_or(Errno::Notsup)?;
    let module = Module::from_code(store, parent.code().clone());
    let info = module.info();
    let found = functions(store, ctx, info).map_err(|_| Errno::Notsup)?;
    let mut all = Vec::with_capacity(found.len());
    for (import, found) in info.imports.iter().zip(found) {
        all.push(match (found, &import.ty) {
            (Some(found), _) => found,
            (None, ExternType::Memory(ty)) if ty.shared => {
                Memory::from_shared(store, &shared).map_err(|_| Errno::Nomem)?.into()
            }
            _ => return Err(Errno::Notsup),
        });
    }
    Instance::new(store, &module, &all).map_err(|_| Errno::Again)
}
