//! Deadlines: one thread for all stores of the process, which stops the guest of each when its time has come.
//!
//! The thread starts with the first deadline and ends a moment ([`LINGER`]) after the last one, so that hosts which set one for
//! every call do not start a thread for every call, or with the last engine. It takes no signals: those are the host's. A process made by `fork` has
//! none of its parent's threads; it gets a timer of its own on its first deadline.
#![forbid(unsafe_code)]

use super::interrupt::{Interrupter, WeakInterrupter};
use crate::sys::{self, PerProcess};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the thread waits for another deadline before it ends.
const LINGER: Duration = Duration::from_millis(100);

/// A deadline: when, and a number that no other has.
pub(super) type Due = (Instant, u64);

#[derive(Default)]
struct Timer {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    due: BTreeMap<Due, WeakInterrupter>,
    next: u64,
    running: bool,
    /// A thread that started before the last change of this number is to end.
    era: u64,
    thread: Option<JoinHandle<()>>,
}

static TIMER: PerProcess<Timer> = PerProcess::new();

impl Timer {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Whole after every statement.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, era: u64) {
        let mut state = self.lock();
        while state.era == era {
            let now = Instant::now();
            match state.due.first_entry() {
                Some(first) if first.key().0 <= now => {
                    let (due, store) = first.remove_entry();
                    drop(state);
                    {
                        // A child of a fork has its own timer, but the same store.
                        let _work = sys::at_work();
                        if let Some(store) = store.upgrade() {
                            store.expire(due);
                        }
                    }
                    state = self.lock();
                }
                Some(first) => {
                    let left = first.key().0 - now;
                    state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                }
                None => {
                    let waited = self.changed.wait_timeout(state, LINGER).unwrap_or_else(PoisonError::into_inner);
                    state = waited.0;
                    if waited.1.timed_out() && state.due.is_empty() && state.era == era {
                        state.running = false;
                        return;
                    }
                }
            }
        }
    }
}

/// Waits for the thread to end: there is no engine any more, so all deadlines are those of stores that are gone. Never called by that
/// thread, which holds no engine.
pub(super) fn end_thread() {
    let Some(timer) = TIMER.made() else { return };
    let mut state = timer.lock();
    let Some(thread) = state.thread.take() else { return };
    state.era += 1;
    state.running = false;
    state.due.clear();
    timer.changed.notify_all();
    drop(state);
    // A panic has been told already.
    let _ = thread.join();
}

/// A number for a deadline.
pub(super) fn number() -> u64 {
    let mut state = TIMER.get().lock();
    state.next += 1;
    state.next
}

/// Sees to it that a store hears of its deadline. Fails where no thread can be started.
pub(super) fn add(due: Due, store: &Interrupter) -> io::Result<()> {
    let timer = TIMER.get();
    let mut state = timer.lock();
    if !state.running {
        let builder = std::thread::Builder::new().name(String::from("wasm deadlines")).stack_size(128 << 10);
        let era = state.era;
        state.thread = Some(sys::without_signals(|| builder.spawn(move || timer.run(era)))?);
        state.running = true;
    }
    state.due.insert(due, store.downgrade());
    if state.due.keys().next() == Some(&due) {
        timer.changed.notify_all();
    }
    Ok(())
}

/// A deadline is no longer one.
pub(super) fn remove(due: Due) {
    // The thread need not know: it wakes up once, finds nothing due, and waits on.
    TIMER.get().lock().due.remove(&due);
}
