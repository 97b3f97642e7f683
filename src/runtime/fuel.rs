//! Fuel: what a store may still execute, in units (`code::translate::fuel` says what costs what), and the host's word when it
//! is used up.
//!
//! Invariant: `consumed + left` only grows by what the host adds; all sums saturate.

use super::store::{Store, StoreInner, put_back};
use crate::vm::layout::StoreCtx;
use crate::vm::trap::TrapKind;
use core::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What the host does when fuel runs out: given the units that are missing at least, the units to add; 0 ends the run
/// with a trap. It may take its time, and do what a host function may.
pub type FuelHook = Box<dyn FnMut(&Store, u64) -> u64 + Send>;

/// The books of a store. What is left is in its context, where guest code pays.
#[derive(Default)]
pub(super) struct Fuel {
    /// Units consumed before `granted` was set.
    before: Cell<u64>,
    /// Units that were left then.
    granted: Cell<u64>,
    hook: RefCell<Option<FuelHook>>,
}

impl Store {
    /// Whether the store's engine meters.
    pub fn is_metered(&self) -> bool {
        self.engine().config().fuel
    }

    /// The units that are left.
    pub fn fuel(&self) -> u64 {
        // SAFETY: the context is part of a live store; no reference to it is held anywhere.
        unsafe { (*self.ctx()).fuel }
    }

    /// Sets what is left.
    pub fn set_fuel(&self, units: u64) {
        let books = &self.inner().fuel;
        books.before.set(self.fuel_consumed());
        books.granted.set(units);
        // SAFETY: as above.
        unsafe { (*self.ctx()).fuel = units };
    }

    /// Adds to what is left, as far as a number of 64 bits reaches.
    pub fn add_fuel(&self, units: u64) {
        self.set_fuel(self.fuel().saturating_add(units));
    }

    /// The units consumed since the store was made.
    pub fn fuel_consumed(&self) -> u64 {
        let books = &self.inner().fuel;
        books.before.get().saturating_add(books.granted.get().saturating_sub(self.fuel()))
    }

    /// Asks `hook` when fuel runs out. Without one, the run ends with a trap.
    pub fn set_fuel_hook(&self, hook: Option<FuelHook>) {
        let old = core::mem::replace(&mut *self.inner().fuel.hook.borrow_mut(), hook);
        // Dropping it may run code of the host's, which may ask for the books.
        drop(old);
    }
}

/// Fuel for `needed` units, or the number of the trap that ends the run.
///
/// # Safety
/// The context is that of a live store, stopped as in a host call.
pub(super) unsafe fn out_of_fuel(store: *mut StoreCtx, needed: u64) -> u8 {
    // SAFETY: the context is the first field of its store.
    let inner = unsafe { &*store.cast::<StoreInner>() };
    let store = inner.borrow();
    loop {
        let missing = needed.saturating_sub(store.fuel());
        if missing == 0 {
            return 0;
        }
        // Taken out while it runs: it may set another one. One that runs dry in guest code it started itself has no help.
        let Some(mut hook) = inner.fuel.hook.take() else { return TrapKind::OutOfFuel as u8 };
        // A panic must not unwind through handlers.
        let more = catch_unwind(AssertUnwindSafe(|| hook(&store, missing)));
        put_back(&inner.fuel.hook, hook);
        match more {
            Ok(0) => return TrapKind::OutOfFuel as u8,
            Ok(units) => store.add_fuel(units),
            Err(_) => return TrapKind::Internal as u8,
        }
    }
}
