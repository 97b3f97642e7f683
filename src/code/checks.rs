//! Stopping guests that nobody polls: while some store wants its guest's attention, the instruction at every loop header of the
//! modules it runs is replaced by `check`, which asks the store. The word that names a handler is exchanged in place;
//! a guest sees the old or the new one, and both are right. Loops cost nothing while nothing is wanted, where a test of
//! a flag on every taken branch was measured at 13 % over a dozen loop programs.
//!
//! Code is shared between stores, so a guest may meet a check that is meant for another: it then runs the instruction that
//! stood there. The first instruction at a loop header takes nothing from an accumulator, so that `check` may come before it.
//! Calls are stopped another way: they test the stack's limit anyhow (`vm::layout::StoreCtx::stack_limit`).

#![forbid(unsafe_code)]

use super::ModuleCode;
use super::op::Op;
use std::sync::{Mutex, MutexGuard};

/// The checks in a module's code. Whoever exchanges words of it holds this.
#[derive(Default)]
pub(super) struct Checks(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    /// How many stores want checks.
    armed: u32,
}

impl State {
    pub(super) fn is_armed(&self) -> bool {
        self.armed > 0
    }
}

impl Checks {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl ModuleCode {
    /// Puts checks at all loop headers, those of functions yet to be translated too, until `disarm` is called as often.
    pub fn arm(&self) {
        let mut state = self.checks.lock();
        state.armed += 1;
        if state.armed == 1 {
            self.settle_translated(&mut state);
        }
    }

    /// Settles what has loops to put checks at. A function that is being translated is settled when that is done.
    fn settle_translated(&self, state: &mut State) {
        let ranges = self.ranges.lock().unwrap_or_else(|e| e.into_inner());
        ranges.values().for_each(|(_, defined)| self.settle(&self.funcs[*defined as usize], state));
    }

    /// One store fewer wants checks.
    pub fn disarm(&self) {
        let mut state = self.checks.lock();
        state.armed -= 1;
        if state.armed == 0 {
            self.settle_translated(&mut state);
        }
    }

    /// The handler of the instruction at a loop header of a function that has run, whatever stands in its place.
    pub fn handler_at(&self, pc: *const u64) -> u64 {
        let found = self.find(pc).and_then(|(defined, word)| {
            let loops = &self.funcs[defined as usize].body.get()?.loops;
            Some(loops[loops.binary_search_by_key(&word, |l| l.word as usize).ok()?].plain)
        });
        found.unwrap_or(self.handlers.word(Op::check))
    }
}
