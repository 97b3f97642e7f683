//! The garbage-collected heap of a store, and its collector.
//!
//! [`heap`] is the memory, [`trace`] follows references, [`types`] knows what objects look like, [`object`] is what a host
//! can do with them. This file decides when to collect, and finds the roots.
//!
//! # Roots
//! Handles of the host, and tables, globals and segments, are known exactly. The value stack is searched: each slot up to
//! `stack_top` that could be a reference to an object is taken for one. So guest code needs no maps of its frames, and
//! objects cannot move.
//!
//! # Two kinds of collection
//! When the heap has grown as much as it held after the last collection, it is collected alone: all objects of the store
//! (instances, tables, host objects) count as reachable. This is possible while guest code runs. [`super::collect`] goes
//! through both worlds, when none runs, because cycles can lead through both.
//!
//! Invariant: whoever asks for room holds its references in handles, in slots that are searched, or in `held`.

mod heap;
mod object;
mod trace;
mod types;

#[cfg(test)]
mod tests;

pub use object::ObjectKind;
pub(super) use trace::{Outside, PART, Stays, Tracer};
pub(super) use types::Types;

use super::collect;
use super::store::StoreInner;
use crate::module::{Module, TypeId};
use crate::vm::gc::{self, EXCEPTION_PAYLOAD, HeapCtx};
use crate::vm::layout::{StoreCtx, Tag};
use crate::vm::trap::TrapKind;
use core::cell::{Cell, RefCell};
use core::ptr;
use heap::{Heap, LINE};

/// Who wants an object, or a collection.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum By {
    /// May be told to stop meanwhile.
    Guest,
    Host,
}

/// The collector's part of a store.
pub(super) struct Gc {
    /// Made when the first object is.
    heap: RefCell<Option<Heap>>,
    pub types: RefCell<Types>,
    /// Bytes that may be handed out before the next collection.
    budget: Cell<isize>,
    /// How many collections there have been.
    count: Cell<u64>,
    /// Bytes in use after the last collection.
    live: Cell<usize>,
    /// How many objects the mark stack may hold.
    most_pending: Cell<usize>,
}

/// The least that is handed out between two collections: what fits a processor's cache is used over and over.
const LEAST_BUDGET: usize = 4 << 20;

/// What a collection for a guest gives back to the system: some milliseconds' work.
const MOST_TRIMMED: usize = 64 << 20;

impl Default for Gc {
    fn default() -> Gc {
        Gc {
            heap: RefCell::default(),
            types: RefCell::default(),
            budget: Cell::new(0),
            count: Cell::new(0),
            live: Cell::new(0),
            most_pending: Cell::new(usize::MAX),
        }
    }
}

impl Gc {
    /// Bytes the heap takes, bytes in use after the last collection, and how many collections there have been.
    pub(super) fn figures(&self) -> (u64, u64, u64) {
        let committed = self.heap.borrow().as_ref().map_or(0, Heap::committed);
        (committed as u64, self.live.get() as u64, self.count.get())
    }
}

impl StoreInner {
    /// The heap as guest code sees it.
    ///
    /// # Safety
    /// No other reference to it is held; none lasts longer than a statement.
    #[allow(clippy::mut_from_ref)]
    unsafe fn heap_ctx(&self) -> &mut HeapCtx {
        // SAFETY: the context is part of the store, and the caller sees to the rest.
        unsafe { &mut (*self.ctx()).heap }
    }

    /// Makes room for an object of `size` bytes in the current run. `held` are slots that may hold references, beside
    /// those that the collector knows of. A guest's demand ends with the trap that stops it, if it is to stop meanwhile.
    #[cold]
    pub(super) fn heap_room(&self, size: usize, held: &[u64], by: By) -> Result<(), TrapKind> {
        let most = usize::try_from(self.limits.borrow().heap_bytes).unwrap_or(usize::MAX).min(heap::MOST);
        {
            let mut heap = self.gc.heap.borrow_mut();
            let heap = match &mut *heap {
                Some(heap) => heap,
                none => {
                    if most == 0 {
                        return Err(TrapKind::OutOfMemory);
                    }
                    if !crate::sys::heap::has_room(0) {
                        return Err(TrapKind::OutOfMemory);
                    }
                    let heap = none.insert(Heap::new(most).map_err(|_| TrapKind::OutOfMemory)?);
                    // SAFETY: held for the statement.
                    heap.publish(unsafe { self.heap_ctx() });
                    self.gc.budget.set(LEAST_BUDGET as isize);
                    heap
                }
            };
            heap.set_most(most);
            if size > heap.most() - LINE {
                return Err(TrapKind::AllocationTooLarge);
            }
            if self.gc.budget.get() > 0 && !self.engine.config().collect_always && self.refill(heap, size) {
                return Ok(());
            }
        }
        while !self.collect_heap(held, by) {
            if let Some(kind) = self.interrupt.take() {
                return Err(kind);
            }
        }
        let mut heap = self.gc.heap.borrow_mut();
        let Some(heap) = &mut *heap else { return Err(TrapKind::Internal) };
        // A heap that is all but full would be collected over and over.
        let free = heap.most().saturating_sub(self.gc.live.get());
        if free < heap.most() / 64 || !self.refill(heap, size) {
            return Err(TrapKind::OutOfMemory);
        }
        Ok(())
    }

    fn refill(&self, heap: &mut Heap, size: usize) -> bool {
        // SAFETY: held for the statement.
        if !heap.refill(unsafe { self.heap_ctx() }, size) {
            return false;
        }
        // SAFETY: as above.
        let run = unsafe { self.heap_ctx().limit - self.heap_ctx().bump };
        if self.engine.config().collect_always {
            // Room for this object and no other.
            // SAFETY: as above.
            unsafe { self.heap_ctx().limit = self.heap_ctx().bump + size };
        }
        self.gc.budget.set(self.gc.budget.get() - run as isize);
        true
    }

    /// A new object whose fields have yet to be written.
    ///
    /// # Safety
    /// The type is in the table, and the caller writes all fields before anything else can happen.
    pub(super) unsafe fn heap_new(
        &self,
        type_id: TypeId,
        extent: u32,
        size: usize,
        held: &[u64],
        by: By,
    ) -> Result<u32, TrapKind> {
        let size = size.next_multiple_of(8);
        let ctx = self.ctx();
        // SAFETY: the store is alive; an object is whole but for its fields.
        unsafe {
            let mut at = gc::allocate(ctx, size);
            if at == 0 {
                self.heap_room(size, held, by)?;
                at = gc::allocate(ctx, size);
                if at == 0 {
                    return Err(TrapKind::Internal);
                }
            }
            gc::header(ctx, at).write(gc::Header { type_id: type_id.0, extent });
            Ok(at)
        }
    }

    /// Enters the types of a module's objects, before it can make any.
    pub(super) fn heap_types(&self, module: &Module) {
        let mut types = self.gc.types.borrow_mut();
        if types.add_module(module) {
            // SAFETY: held for the statement.
            unsafe { self.heap_ctx().types = types.table() };
        }
    }

    /// Enters one type.
    pub(super) fn heap_type(&self, id: TypeId) {
        let mut types = self.gc.types.borrow_mut();
        if types.get(id.0).is_none() {
            types.add(id, self.engine.types());
            // SAFETY: held for the statement.
            unsafe { self.heap_ctx().types = types.table() };
        }
    }

    /// What is in the part of the value stack that is in use.
    pub(super) fn each_stack_slot(&self, mut f: impl FnMut(u64)) {
        // SAFETY: slots between the base of the stack and its top may be read, whatever they hold.
        unsafe {
            let ctx = self.ctx();
            let mut slot = (*ctx).stack_base;
            while slot < (*ctx).stack_top {
                f(ptr::read_volatile(slot));
                slot = slot.add(1);
            }
            // Machine frames: everything they keep over a call is on their stack.
            #[cfg(jit)]
            (*ctx).machine.each_word(f);
        }
    }

    /// Collects the heap alone. False when that was given up since the guest is to stop.
    pub(super) fn collect_heap(&self, held: &[u64], by: By) -> bool {
        self.with_tracer(held, by, |tracer| {
            collect::all_roots(self, tracer);
            tracer.drain(&mut Stays);
        })
    }

    /// Collects the heap: `mark` follows the roots that are not in handles or on the value stack. Does nothing
    /// without a heap. False when it was given up, all objects staying: for a guest that is to stop.
    pub(super) fn with_tracer(&self, held: &[u64], by: By, mark: impl FnOnce(&mut Tracer<'_>)) -> bool {
        let mut heap = self.gc.heap.borrow_mut();
        let Some(heap) = &mut *heap else { return true };
        let types = self.gc.types.borrow();
        // SAFETY: held for the statement.
        heap.start_marking(unsafe { self.heap_ctx() });
        // SAFETY: the store is alive; the field is atomic.
        let limit = unsafe { &(*self.ctx()).stack_limit };
        let mut tracer = Tracer::new(heap, &types, self.gc.most_pending.get(), (by == By::Guest).then_some(limit));
        self.each_stack_slot(|v| tracer.maybe(v));
        held.iter().for_each(|v| tracer.maybe(*v));
        self.heap_roots.each(|offset| tracer.maybe(offset as u64));
        mark(&mut tracer);
        let stopped = tracer.is_stopped(0);
        drop(tracer);
        if stopped {
            heap.give_up_marking();
            self.gc.budget.set(0);
            return false;
        }
        // SAFETY: held for the statement.
        let live = heap.finish_marking(unsafe { self.heap_ctx() });
        let budget = live.max(LEAST_BUDGET);
        self.gc.budget.set(budget as isize);
        self.gc.live.set(live);
        self.gc.count.set(self.gc.count.get() + 1);
        // Twice what will be needed may stay; giving memory back costs more than keeping it.
        if heap.committed() - live > 4 * budget {
            // A guest may be told to stop meanwhile. Its next collections go on.
            heap.trim(2 * budget, if by == By::Guest { MOST_TRIMMED } else { usize::MAX });
        }
        true
    }
}

/// Room for an object of `size` bytes ([`crate::vm::layout::RuntimeHooks::heap_room`]): 0, or the number of a trap.
///
/// # Safety
/// The store is alive and this thread's; its `stack_top` covers all slots that hold references.
pub(super) unsafe fn room(store: *mut StoreCtx, size: u64) -> u8 {
    // SAFETY: the context is the first field of a live store.
    let inner = unsafe { &*store.cast::<StoreInner>() };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    inner.heap_room(size, &[], By::Guest).map_or_else(|kind| kind as u8, |()| 0)
}

/// A new exception: its offset in the heap. `payload` are slots, packed as the parameters of the tag's type.
///
/// # Safety
/// Store and tag are alive, and this thread's; the payload is of the tag's type. While guest code runs, the store's
/// `stack_top` covers all slots that hold references (the payload need not be among them).
pub(super) unsafe fn alloc_exception(
    store: *mut StoreCtx,
    tag: *mut Tag,
    payload: *const u64,
    by: By,
) -> Result<u32, TrapKind> {
    // SAFETY: by the contract.
    unsafe {
        let inner = &*store.cast::<StoreInner>();
        let id = TypeId((*tag).type_id);
        inner.heap_type(id);
        let slots = match inner.gc.types.borrow().get(id.0).and_then(|t| t.sub_type().as_func()) {
            Some(ty) => ty.param_slots as usize,
            None => return Err(TrapKind::Internal),
        };
        // No slice of no slots, which may have no address.
        let held = if slots == 0 { &[] } else { core::slice::from_raw_parts(payload, slots) };
        let size = EXCEPTION_PAYLOAD as usize + 8 * slots;
        let exn = inner.heap_new(id, size as u32, size, held, by)?;
        gc::object(store, exn + gc::EXCEPTION_TAG).cast::<*mut Tag>().write(tag);
        let to = gc::object(store, exn + EXCEPTION_PAYLOAD).cast::<u64>();
        ptr::copy_nonoverlapping(held.as_ptr(), to, slots);
        // Guest code may hold it in no other way from now on.
        (*tag).hdr.escaped = true;
        Ok(exn)
    }
}

/// As [`alloc_exception`], for guest code: the offset, or the number of a trap in the upper half.
///
/// # Safety
/// As [`alloc_exception`].
pub(super) unsafe fn exception_new(store: *mut StoreCtx, tag: *mut Tag, payload: *const u64) -> u64 {
    // SAFETY: passed on.
    match unsafe { alloc_exception(store, tag, payload, By::Guest) } {
        Ok(exn) => exn as u64,
        Err(kind) => (kind as u64) << 32,
    }
}
