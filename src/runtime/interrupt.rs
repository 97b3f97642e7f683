//! Stopping a guest from another thread.
//!
//! A store shares with its [`Interrupter`]s whether its guest is to stop, and which modules' code it may be running. Asking
//! for a stop puts checks into that code (`code::checks`), makes the stack's limit unreachable so that calls ask too, and
//! ends waits. The guest takes the demand back as it traps, so that the store can be used again.

use super::deadline::{self, Due};
use super::seam::ModuleCode;
use super::store::StoreInner;
use crate::vm::layout::{Instance, StoreCtx};
use crate::vm::park;
use crate::vm::trap::TrapKind;
use core::ptr;
use core::sync::atomic::Ordering;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::{Duration, Instant};

/// Stops the guest of a store from any thread. Outlives the store: then it does nothing.
#[derive(Clone)]
pub struct Interrupter(Arc<Shared>);

/// What a store shares with its interrupters.
#[derive(Default)]
pub(super) struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    /// Null before the store is complete and after its end.
    store: StorePtr,
    pending: Option<TrapKind>,
    deadline: Option<Due>,
    /// What is told to stop, by address.
    guests: HashMap<usize, Guest>,
    /// Who else blocks on behalf of the guest.
    blocking: Vec<Weak<dyn Blocking>>,
}

/// An interrupter that does not keep what the store shares with it.
pub(super) struct WeakInterrupter(Weak<Shared>);

impl WeakInterrupter {
    pub(super) fn upgrade(&self) -> Option<Interrupter> {
        self.0.upgrade().map(Interrupter)
    }
}

/// A host's work for a guest that blocks, and can be ended.
pub trait Blocking: Send + Sync {
    /// Called on any thread when a stop has been asked for: what blocks finds [`Interrupter::is_pending`] true.
    fn wake(&self);
}

enum Guest {
    /// The code of instances of the store, and how many share it.
    Code(Arc<ModuleCode>, usize),
    /// An instance, whose machine code looks at its limits.
    Instance(InstancePtr),
}

struct StorePtr(*mut StoreCtx);

// SAFETY: other threads use the pointer under the lock, for atomic fields only, and a store takes it away under the
// lock before it goes.
unsafe impl Send for StorePtr {}

struct InstancePtr(*mut Instance);

// SAFETY: as for `StorePtr`: an instance is taken out under the lock before it goes.
unsafe impl Send for InstancePtr {}

impl InstancePtr {
    /// Has machine code of the instance ask at its next poll or call.
    fn alert(&self) {
        let instance = self.0;
        // SAFETY: the instance is alive, as it has not been taken out.
        #[cfg(jit)]
        unsafe {
            (*instance).limit.store(usize::MAX, Ordering::SeqCst)
        };
        #[cfg(not(jit))]
        let _ = instance;
    }
}

impl Default for StorePtr {
    fn default() -> StorePtr {
        StorePtr(ptr::null_mut())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The store is complete.
    pub(super) fn open(&self, store: *mut StoreCtx) {
        self.lock().store = StorePtr(store);
    }

    /// The store is about to go.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.take();
        state.store = StorePtr::default();
        let due = state.deadline.take();
        drop(state);
        if let Some(due) = due {
            deadline::remove(due);
        }
    }

    /// An instance has been made. Its limit is such that it will ask.
    pub(super) fn enter_instance(&self, code: &Arc<ModuleCode>, instance: *mut Instance) {
        self.enter_module(code);
        self.lock().guests.insert(instance.addr(), Guest::Instance(InstancePtr(instance)));
    }

    /// An instance is about to go.
    pub(super) fn leave_instance(&self, code: &Arc<ModuleCode>, instance: *mut Instance) {
        self.lock().guests.remove(&instance.addr());
        self.leave_module(code);
    }

    /// An instance runs this code from now on.
    pub(super) fn enter_module(&self, code: &Arc<ModuleCode>) {
        let mut state = self.lock();
        let pending = state.pending.is_some();
        let key = Arc::as_ptr(code).addr();
        if let Some(Guest::Code(_, count)) = state.guests.get_mut(&key) {
            *count += 1;
            return;
        }
        if pending {
            code.arm();
        }
        state.guests.insert(key, Guest::Code(code.clone(), 1));
    }

    /// One instance fewer runs this code.
    pub(super) fn leave_module(&self, code: &Arc<ModuleCode>) {
        let mut state = self.lock();
        let key = Arc::as_ptr(code).addr();
        let Some(Guest::Code(_, count)) = state.guests.get_mut(&key) else { return };
        *count -= 1;
        if *count == 0 {
            state.guests.remove(&key);
            if state.pending.is_some() {
                code.disarm();
            }
        }
    }

    /// Takes back the demand to stop, if there is one.
    pub(super) fn take(&self) -> Option<TrapKind> {
        self.lock().take()
    }
}

impl State {
    fn take(&mut self) -> Option<TrapKind> {
        let kind = self.pending.take()?;
        for guest in self.guests.values() {
            if let Guest::Code(code, _) = guest {
                code.disarm();
            }
        }
        let store = self.store.0;
        // SAFETY: the store is alive, as the pointer is still here.
        unsafe { (*store).stack_limit.store((*store).stack_end, Ordering::Relaxed) };
        Some(kind)
    }
}

impl Interrupter {
    pub(super) fn of(store: &StoreInner) -> Interrupter {
        Interrupter(store.interrupt.clone())
    }

    /// Makes the guest trap as interrupted: at its next loop iteration or call, or in its wait. When no guest runs, the next one
    /// to run does. False when the store is gone.
    pub fn interrupt(&self) -> bool {
        self.stop(self.0.lock(), TrapKind::Interrupted)
    }

    /// Whether both are of the same store.
    pub fn same(&self, other: &Interrupter) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Stops the guest when a time from now has passed, unless that is changed before. Replaces an earlier deadline; `None`
    /// stands for none, and takes back a stop that a passed one has asked for and no guest has noticed. Fails where no
    /// thread can be started, and then there is no deadline.
    pub fn set_deadline(&self, after: Option<Duration>) -> io::Result<()> {
        // A time that the clock cannot tell never comes.
        let due = after.and_then(|t| Instant::now().checked_add(t)).map(|at| (at, deadline::number()));
        let mut state = self.0.lock();
        let old = std::mem::replace(&mut state.deadline, due);
        if state.pending == Some(TrapKind::DeadlineExceeded) {
            state.take();
        }
        drop(state);
        if let Some(old) = old {
            deadline::remove(old);
        }
        match (due, after) {
            (Some(due), Some(Duration::ZERO)) => self.expire(due),
            (Some(due), _) => deadline::add(due, self).inspect_err(|_| self.0.lock().deadline = None)?,
            (None, _) => {}
        }
        Ok(())
    }

    /// The time of a deadline has come.
    pub(super) fn expire(&self, due: Due) {
        let mut state = self.0.lock();
        if state.deadline == Some(due) {
            state.deadline = None;
            self.stop(state, TrapKind::DeadlineExceeded);
        }
    }

    pub(super) fn downgrade(&self) -> WeakInterrupter {
        WeakInterrupter(Arc::downgrade(&self.0))
    }

    /// Whether a stop has been asked for that the guest has not noticed yet.
    pub fn is_pending(&self) -> bool {
        self.0.lock().pending.is_some()
    }

    /// Has `blocking` woken at every stop from now on, as long as it lives.
    pub fn also_wake(&self, blocking: Weak<dyn Blocking>) {
        let mut state = self.0.lock();
        state.blocking.retain(|b| b.strong_count() > 0);
        state.blocking.push(blocking);
    }

    fn stop(&self, mut state: MutexGuard<'_, State>, kind: TrapKind) -> bool {
        let store = state.store.0;
        if store.is_null() {
            return false;
        }
        if state.pending.is_none() {
            state.pending = Some(kind);
            for guest in state.guests.values() {
                if let Guest::Code(code, _) = guest {
                    code.arm();
                }
            }
            // SAFETY: the store cannot go while the lock is held.
            unsafe { (*store).stack_limit.store(ptr::null_mut(), Ordering::SeqCst) };
            for guest in state.guests.values() {
                if let Guest::Instance(instance) = guest {
                    instance.alert();
                }
            }
        }
        let blocking: Vec<_> = state.blocking.iter().filter_map(Weak::upgrade).collect();
        drop(state);
        park::interrupt(store.addr());
        blocking.iter().for_each(|b| b.wake());
        true
    }
}

/// `RuntimeHooks::checkpoint`.
///
/// # Safety
/// The context is that of a live store, which belongs to this thread.
pub(super) unsafe fn checkpoint(store: *mut StoreCtx) -> u8 {
    // SAFETY: the context is the first field of a live store.
    let inner = unsafe { &*store.cast::<StoreInner>() };
    inner.interrupt.take().map_or(0, |kind| kind as u8)
}

/// `RuntimeHooks::poll`.
///
/// # Safety
/// The instance is alive, and its store belongs to this thread and has a machine stack.
#[cfg(jit)]
pub(super) unsafe fn poll(instance: *mut Instance) -> u8 {
    // SAFETY: the context is the first field of a live store.
    unsafe {
        let inner = &*(*instance).store.cast::<StoreInner>();
        // Under the lock, so that a stop that is asked for meanwhile is not forgotten.
        let mut state = inner.interrupt.lock();
        let kind = state.take();
        if kind.is_none() {
            (*instance).limit.store((*(*instance).store).machine.limit, Ordering::Relaxed);
        }
        kind.map_or(0, |kind| kind as u8)
    }
}
