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
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

/// The checks in a module's code.
#[derive(Default)]
pub(super) struct Checks(Mutex<State>);

#[derive(Default)]
struct State {
    /// How many stores want checks.
    armed: u32,
    /// What stood where checks are, by address.
    replaced: BTreeMap<usize, u64>,
}

impl Checks {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl State {
    fn put(&mut self, headers: &[u32], code: &[AtomicU64], check: u64) {
        for &header in headers {
            let word = &code[header as usize];
            self.replaced.entry(word.as_ptr() as usize).or_insert_with(|| word.swap(check, Ordering::Relaxed));
        }
    }
}

impl ModuleCode {
    /// Puts checks at all loop headers, those of functions yet to be translated too, until `disarm` is called as often.
    pub fn arm(&self) {
        let mut state = self.checks.lock();
        state.armed += 1;
        if state.armed == 1 {
            let check = self.handlers.word(Op::check);
            for body in self.funcs.iter().filter_map(|f| f.body.get()) {
                state.put(&body.loops, &body.code, check);
            }
        }
    }

    /// One store fewer wants checks.
    pub fn disarm(&self) {
        let mut state = self.checks.lock();
        state.armed -= 1;
        if state.armed == 0 {
            let replaced = std::mem::take(&mut state.replaced);
            for body in self.funcs.iter().filter_map(|f| f.body.get()) {
                for &header in &body.loops {
                    let word = &body.code[header as usize];
                    if let Some(&handler) = replaced.get(&(word.as_ptr() as usize)) {
                        word.store(handler, Ordering::Relaxed);
                    }
                }
            }
        }
    }

    /// A function has been translated, and its code is about to be entered for the first time.
    pub(super) fn check_new(&self, body: &super::Body) {
        let mut state = self.checks.lock();
        if state.armed > 0 {
            state.put(&body.loops, &body.code, self.handlers.word(Op::check));
        }
    }

    /// The handler of the instruction of a function that has run, whether or not a check is in its place.
    pub fn handler_at(&self, pc: *const u64) -> u64 {
        let state = self.checks.lock();
        match state.replaced.get(&(pc as usize)) {
            Some(&handler) => handler,
            // The check has been taken away since it was read.
            None => self.find(pc).map_or(self.handlers.word(Op::check), |(defined, word)| {
                let body = self.funcs[defined as usize].body.get();
                body.map_or(0, |b| b.code[word].load(Ordering::Relaxed))
            }),
        }
    }
}
