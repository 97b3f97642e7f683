//! The store: what owns all objects of a guest world.
//!
//! A [`Store`] is a counted handle, and so is every handle to one of its objects; the store dies with the last of them,
//! whatever the order. Then the finalizers of what the host hung on its objects run, and everything is freed.
//!
//! Invariants:
//! - The address of a store (and of its `StoreCtx`, its first field) never changes.
//! - One thread at a time. The counts are not atomic; a store may move to another thread when no other uses it.
//! - `objects[i].list_index == i` for every object that does not live in an instance.
//! - The host's code (finalizers, hooks, callbacks) runs only when the store is whole, for it may call back.

use super::boxed::BoxedObj;
use super::collect::Pressure;
use super::engine::{Engine, Stack};
use super::fuel::Fuel;
use super::gc::Gc;
use super::heap_roots::HeapRoots;
use super::interrupt::{self, Interrupter};
use super::limits::{Growth, GrowthHook, Limits};
use super::object::{LastWords, ObjHeader, Ref, destroy};
use super::{hooks, instance};
use crate::sys::{Region, SysError};
use crate::util::Chunked;
use crate::vm::gc::HeapCtx;
use crate::vm::layout::{HostCallSite, NO_FAULT, NativeStack, ObjKind, PendingTrap, STACK_RED_ZONE, StoreCtx};
use crate::vm::trap::TrapKind;
use core::cell::{Cell, RefCell, UnsafeCell};
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use core::sync::atomic::AtomicPtr;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A counted handle to a store.
pub struct Store(NonNull<StoreInner>);

// SAFETY: nothing in a store has thread affinity; that one thread at a time uses a store and its handles is its
// contract, checked in debug builds.
unsafe impl Send for Store {}

#[repr(C)]
pub(super) struct StoreInner {
    ctx: UnsafeCell<StoreCtx>,
    /// Handles to the store and to its objects. None is left only while the host is in a call.
    handles: Cell<u64>,
    pub(super) engine: Engine,
    stack: Region,
    /// Whether the guest has used up the value stack.
    pub(super) was_deep: Cell<bool>,
    /// All objects but those that live in instances.
    pub(super) objects: RefCell<Chunked<NonNull<ObjHeader>>>,
    /// Objects that have been an `externref`, by index; null where free.
    pub(super) externs: RefCell<Externs>,
    pub(super) heap_roots: HeapRoots,
    /// Boxes by the reference that guest code has to what is in them.
    pub(super) boxes: RefCell<HashMap<u32, NonNull<BoxedObj>>>,
    pub(super) gc: Gc,
    pub(super) limits: RefCell<Limits>,
    growth_hook: RefCell<Option<GrowthHook>>,
    pub(super) fuel: Fuel,
    pub(super) usage: Used,
    pub(super) pressure: Pressure,
    pub(super) interrupt: Arc<interrupt::Shared>,
    #[cfg(debug_assertions)]
    turn: Turn,
}

/// What the store's objects use, to be held against its limits.
#[derive(Default)]
pub(super) struct Used {
    pub memory_bytes: Cell<u64>,
    /// Address space of memories.
    pub reserved_bytes: Cell<u64>,
    /// Elements of all tables, and what they have room for.
    pub table_elements: Cell<u64>,
    pub table_room: Cell<u64>,
    pub modules: Cell<usize>,
    pub instances: Cell<usize>,
    pub memories: Cell<usize>,
    pub tables: Cell<usize>,
}

/// What a store has and has done, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Objects of all kinds, those that live in instances not counted.
    pub objects: u64,
    /// Handles of the host's to the store and its objects.
    pub handles: u64,
    pub instances: u64,
    pub memories: u64,
    pub tables: u64,
    /// Bytes of linear memories.
    pub memory_bytes: u64,
    /// Bytes of address space that they take.
    pub memory_reserved_bytes: u64,
    pub table_elements: u64,
    /// Bytes that tables take.
    pub table_bytes: u64,
    pub modules: u64,
    /// Bytes of address space of the value stack.
    pub stack_bytes: u64,
    /// Calls of guest functions by the host, of host functions by guests, and into machine code from outside of it.
    pub calls_in: u64,
    pub calls_out: u64,
    pub machine_entries: u64,
    /// Collections of the store's objects so far.
    pub collections: u64,
    /// Bytes that the garbage-collected heap takes.
    pub heap_bytes: u64,
    /// Bytes of it that were in use after the last collection.
    pub heap_live_bytes: u64,
    /// Collections of it so far.
    pub heap_collections: u64,
}

/// The table behind `externref`s.
#[derive(Default)]
pub(super) struct Externs {
    pub slots: Chunked<*mut ObjHeader>,
    pub free: Chunked<u32>,
}

impl Store {
    /// A new store, with its value stack.
    pub fn new(engine: &Engine) -> Result<Store, SysError> {
        let Stack {
            values: stack,
            #[cfg(jit)]
            machine,
        } = engine.take_stack()?;
        let base = stack.base().cast::<u64>();
        let slots = stack.len() / size_of::<u64>();
        // SAFETY: the engine makes stacks larger than the red zone.
        let end = unsafe { base.add(slots - STACK_RED_ZONE) };
        let inner = Box::new(StoreInner {
            ctx: UnsafeCell::new(StoreCtx {
                stack_limit: AtomicPtr::new(end),
                stack_end: end,
                stack_base: base,
                stack_top: base,
                trap: PendingTrap { kind: 0, object: ptr::null_mut(), exception: 0, site: NOWHERE },
                host_call: NOWHERE,
                activation: ptr::null_mut(),
                depth: 0,
                max_depth: engine.config().max_nesting,
                native: NativeStack::default(),
                heap: HeapCtx::NONE,
                fault: NO_FAULT,
                fuel: 0,
                fuel_needed: 0,
                counts: Default::default(),
                #[cfg(jit)]
                machine: crate::vm::machine::MachineCtx::new(),
                hooks: &hooks::HOOKS,
                owner: ptr::null_mut(),
            }),
            handles: Cell::new(1),
            engine: engine.clone(),
            stack,
            was_deep: Cell::new(false),
            objects: RefCell::default(),
            externs: RefCell::default(),
            heap_roots: HeapRoots::default(),
            boxes: RefCell::default(),
            gc: Gc::default(),
            limits: RefCell::new(engine.config().limits.clone()),
            growth_hook: RefCell::new(None),
            fuel: Fuel::default(),
            usage: Used::default(),
            pressure: Pressure::default(),
            interrupt: Arc::default(),
            #[cfg(debug_assertions)]
            turn: Turn::default(),
        });
        let inner = NonNull::from(Box::leak(inner));
        // SAFETY: just made; nobody else knows it.
        unsafe {
            (*inner.as_ref().ctx()).owner = inner.as_ptr().cast();
            #[cfg(jit)]
            if let Some(machine) = machine {
                (*inner.as_ref().ctx()).machine.take_stack(machine);
            }
        }
        // SAFETY: as above.
        unsafe { inner.as_ref() }.interrupt.open(inner.as_ptr().cast());
        Ok(Store(inner))
    }

    /// One more handle.
    ///
    /// # Safety
    /// `inner` is alive, and this thread may use it.
    #[inline]
    pub(super) unsafe fn retain(inner: NonNull<StoreInner>) -> Store {
        // SAFETY: the caller says that the store is alive.
        unsafe { inner.as_ref() }.retain();
        Store(inner)
    }

    #[inline]
    pub(super) fn inner(&self) -> &StoreInner {
        // SAFETY: a handle keeps its store alive; all fields that change are cells.
        unsafe { self.0.as_ref() }
    }

    /// What guest code sees of the store.
    #[inline]
    pub fn ctx(&self) -> *mut StoreCtx {
        self.inner().ctx()
    }

    #[inline]
    pub fn engine(&self) -> &Engine {
        &self.inner().engine
    }

    /// Whether both are handles to the same store.
    #[inline]
    pub fn same(&self, other: &Store) -> bool {
        self.0 == other.0
    }

    pub fn limits(&self) -> Limits {
        self.inner().limits.borrow().clone()
    }

    /// Changes what the store may use from now on. What it uses already stays.
    pub fn set_limits(&self, limits: Limits) {
        *self.inner().limits.borrow_mut() = limits;
    }

    /// Asks `hook` before every growth. Growths that it causes itself are not asked about.
    pub fn set_growth_hook(&self, hook: Option<GrowthHook>) {
        // The old one's end may be the host's code, which comes back here: nothing is borrowed any more.
        drop(self.inner().growth_hook.replace(hook));
    }

    /// How many objects the store owns, those that live in instances not counted.
    pub fn object_count(&self) -> usize {
        self.inner().objects.borrow().len()
    }

    /// What the store has and has done.
    pub fn usage(&self) -> Usage {
        let inner = self.inner();
        let (heap_bytes, heap_live_bytes, heap_collections) = inner.gc.figures();
        // SAFETY: a copy of numbers that nobody changes meanwhile.
        let counts = unsafe { (*self.ctx()).counts };
        Usage {
            objects: self.object_count() as u64,
            handles: self.handle_count(),
            instances: inner.usage.instances.get() as u64,
            memories: inner.usage.memories.get() as u64,
            tables: inner.usage.tables.get() as u64,
            memory_bytes: inner.usage.memory_bytes.get(),
            memory_reserved_bytes: inner.usage.reserved_bytes.get(),
            table_elements: inner.usage.table_elements.get(),
            table_bytes: inner.usage.table_room.get() * 8,
            modules: inner.usage.modules.get() as u64,
            stack_bytes: inner.stack.len() as u64,
            calls_in: counts.calls_in + counts.direct,
            calls_out: counts.calls_out,
            machine_entries: counts.machine_entries + counts.direct,
            collections: inner.pressure.collections(),
            heap_bytes,
            heap_live_bytes,
            heap_collections,
        }
    }

    /// What stops the store's guest from another thread.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter::of(self.inner())
    }

    /// Takes a demand to stop, for a host function that ends itself with a trap of this kind.
    pub fn take_interrupt(&self) -> Option<TrapKind> {
        self.inner().interrupt.take()
    }

    /// Takes back an [`Interrupter::interrupt`] that no guest has noticed yet. True if there was one.
    pub fn clear_interrupt(&self) -> bool {
        self.inner().interrupt.take().is_some()
    }

    /// How many handles there are to the store and its objects, this one included.
    pub fn handle_count(&self) -> u64 {
        self.inner().handles.get()
    }

    /// Marks this thread as the user of the store until the result is dropped. Debug builds panic when another thread
    /// is at it; release builds do nothing.
    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        self.inner().enter()
    }
}

impl Clone for Store {
    #[inline]
    fn clone(&self) -> Store {
        // SAFETY: a handle keeps its store alive.
        unsafe { Store::retain(self.0) }
    }
}

impl Drop for Store {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the handle's own count is given up, once.
        unsafe { StoreInner::release(self.0) }
    }
}

impl core::fmt::Debug for Store {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Store@{:p}", self.0)
    }
}

pub(super) const NOWHERE: HostCallSite =
    HostCallSite { pc: ptr::null(), fp: ptr::null_mut(), instance: ptr::null_mut() };

impl StoreInner {
    /// The store of an object.
    ///
    /// # Safety
    /// `obj` is alive.
    #[inline]
    pub(super) unsafe fn of(obj: NonNull<ObjHeader>) -> NonNull<StoreInner> {
        // SAFETY: `hdr.store` is the first field of the store, which outlives its objects.
        unsafe { NonNull::new_unchecked((*obj.as_ptr()).store.cast()) }
    }

    #[inline]
    pub(super) fn ctx(&self) -> *mut StoreCtx {
        self.ctx.get()
    }

    /// The store as a handle that counts nothing, for as long as somebody else keeps it alive.
    #[inline]
    pub(super) fn borrow(&self) -> ManuallyDrop<Store> {
        ManuallyDrop::new(Store(NonNull::from(self)))
    }

    #[inline]
    pub(super) fn retain(&self) {
        let _turn = self.enter();
        self.handles.set(self.handles.get() + 1);
    }

    /// # Safety
    /// The caller owns a handle to the store, and gives it up.
    #[inline]
    pub(super) unsafe fn release(this: NonNull<StoreInner>) {
        // SAFETY: the handle being given up keeps the store alive.
        let handles = unsafe { this.as_ref() }.handles.get();
        if handles == 1 {
            // SAFETY: no handle is left but the one given up.
            unsafe { StoreInner::die(this) };
        } else {
            // SAFETY: another handle keeps the store alive.
            unsafe { this.as_ref() }.handles.set(handles - 1);
        }
    }

    /// Ends a call that was made without a handle of its own: the host may have given up all of its handles meanwhile.
    ///
    /// # Safety
    /// The call was begun with a handle, and is what has kept the store alive since.
    #[cfg(jit)]
    pub(super) unsafe fn end_call(this: NonNull<StoreInner>) {
        // SAFETY: the call has kept the store alive.
        let handles = unsafe { &this.as_ref().handles };
        if handles.get() == 0 {
            handles.set(1);
            // SAFETY: that one is given up.
            unsafe { StoreInner::die(this) };
        }
    }

    /// Whether the host is in a call of a function of the store's.
    fn is_in_call(&self) -> bool {
        // SAFETY: the context is part of the store; no reference to it is held anywhere.
        unsafe { (*self.ctx()).depth > 0 }
    }

    /// Runs the finalizers and frees everything, unless a finalizer made a new handle that lives on, or the host is in a call of the
    /// store: then [`StoreInner::end_call`] does it, or a handle that the call has.
    ///
    /// # Safety
    /// Exactly one handle is left, and it is given up here.
    #[cold]
    unsafe fn die(this: NonNull<StoreInner>) {
        // SAFETY: the last handle keeps the store alive until it is freed below.
        let inner = unsafe { this.as_ref() };
        if inner.is_in_call() {
            inner.handles.set(0);
            return;
        }
        // Finalizers may make, take and delete handles, and objects; the index is read anew each time, because objects
        // that come and go move others about. Whoever has spoken once is silent, so this ends.
        loop {
            let mut spoken = false;
            let mut i = 0;
            while let Some(obj) = inner.object_at(i) {
                i += 1;
                // SAFETY: objects in the list are alive.
                let words = unsafe {
                    match (*obj.as_ptr()).kind {
                        ObjKind::Instance => instance::take_last_words(obj.cast()),
                        _ => vec![LastWords::take(obj)],
                    }
                };
                for w in words {
                    spoken |= !w.is_empty();
                    w.run();
                }
            }
            if !spoken {
                break;
            }
        }
        if inner.handles.get() > 1 {
            inner.handles.set(inner.handles.get() - 1);
            return;
        }
        inner.interrupt.close();
        // The bodies of instances and traps hold no handles, so freeing runs no code of the host's.
        let objects = core::mem::take(&mut *inner.objects.borrow_mut());
        for &obj in objects.iter() {
            // SAFETY: nobody reaches the objects any more: no handle, no guest code.
            unsafe { destroy(obj) };
        }
        // SAFETY: allocated by `Store::new`; no handle is left.
        let StoreInner { engine, stack, was_deep, ctx: _ctx, .. } = *unsafe { Box::from_raw(this.as_ptr()) };
        let stack = Stack {
            values: stack,
            #[cfg(jit)]
            machine: _ctx.into_inner().machine.stack,
        };
        engine.give_stack(stack, was_deep.get());
    }

    fn object_at(&self, i: usize) -> Option<NonNull<ObjHeader>> {
        self.objects.borrow().get(i).copied()
    }

    /// Puts a new object into the store and gives the first handle to it.
    ///
    /// # Safety
    /// `obj` is whole, belongs to this store, and is allocated as [`destroy`] expects.
    pub(super) unsafe fn adopt(&self, obj: NonNull<ObjHeader>) -> Ref {
        // SAFETY: alive, and now in the list.
        unsafe {
            self.list(obj);
            Ref::new(obj)
        }
    }

    /// Puts a new object into the store, without a handle.
    ///
    /// # Safety
    /// As [`StoreInner::adopt`]; something else keeps the object reachable.
    pub(super) unsafe fn list(&self, obj: NonNull<ObjHeader>) {
        let mut objects = self.objects.borrow_mut();
        // SAFETY: the object is alive. More than 2^32 objects of at least 48 bytes do not fit the counts of any limit.
        unsafe { (*obj.as_ptr()).list_index = objects.len() as u32 };
        objects.push(obj);
        self.note_growth(objects.len());
    }

    /// Takes an object out of the store's tables and returns its finalizers; the caller frees it.
    ///
    /// # Safety
    /// `obj` is in this store's list.
    pub(super) unsafe fn forget(&self, obj: NonNull<ObjHeader>) -> LastWords {
        // SAFETY: objects in the list are alive.
        unsafe {
            let mut objects = self.objects.borrow_mut();
            let i = (*obj.as_ptr()).list_index as usize;
            objects.swap_remove(i);
            if let Some(moved) = objects.get(i) {
                (*moved.as_ptr()).list_index = i as u32;
            }
            drop(objects);
            self.forget_extern(obj);
            LastWords::take(obj)
        }
    }

    /// # Safety
    /// `obj` is alive.
    pub(super) unsafe fn forget_extern(&self, obj: NonNull<ObjHeader>) {
        // SAFETY: the caller says so.
        let index = unsafe { core::mem::replace(&mut (*obj.as_ptr()).extern_index, u32::MAX) };
        if index != u32::MAX {
            let mut externs = self.externs.borrow_mut();
            if let Some(slot) = externs.slots.get_mut(index as usize) {
                *slot = ptr::null_mut();
            }
            externs.free.push(index);
        }
    }

    /// The index of an object in the table of externs, given on first use.
    ///
    /// # Safety
    /// `obj` is a live object of this store.
    pub(super) unsafe fn extern_index(&self, obj: NonNull<ObjHeader>) -> u32 {
        // SAFETY: the caller says so.
        unsafe {
            let h = obj.as_ptr();
            (*h).escaped = true;
            if (*h).extern_index == u32::MAX {
                let mut externs = self.externs.borrow_mut();
                (*h).extern_index = match externs.free.pop() {
                    Some(i) => {
                        if let Some(slot) = externs.slots.get_mut(i as usize) {
                            *slot = h;
                        }
                        i
                    }
                    None => {
                        externs.slots.push(h);
                        (externs.slots.len() - 1) as u32
                    }
                };
            }
            (*h).extern_index
        }
    }

    /// The object behind an index of the table of externs.
    pub(super) fn extern_at(&self, index: u32) -> Option<NonNull<ObjHeader>> {
        self.externs.borrow().slots.get(index as usize).and_then(|p| NonNull::new(*p))
    }

    /// The host's word on a growth that the limits allow.
    pub(super) fn may_grow(&self, growth: Growth) -> bool {
        // Taken out while it runs: it may do what makes the store ask again.
        let Some(mut hook) = self.growth_hook.take() else { return true };
        // It is called from guest code, which cannot be unwound: a hook that panics refuses.
        let allowed = catch_unwind(AssertUnwindSafe(|| hook(growth))).unwrap_or(false);
        put_back(&self.growth_hook, hook);
        allowed
    }

    /// Whether guest code is running, so that references may be in frames.
    #[inline]
    pub(super) fn is_active(&self) -> bool {
        // SAFETY: the context is part of the store; no reference to it is held anywhere.
        unsafe { !(*self.ctx()).activation.is_null() }
    }

    #[inline]
    pub(super) fn enter(&self) -> Entered<'_> {
        #[cfg(debug_assertions)]
        self.turn.take();
        Entered { _store: self }
    }
}

/// Puts a hook of the host's back that was taken out while it ran, unless it has set another one.
pub(super) fn put_back<T>(place: &RefCell<Option<T>>, hook: T) {
    let mut now = place.borrow_mut();
    let left = if now.is_none() { now.replace(hook) } else { Some(hook) };
    // Its end may be the host's code too, which may set another one.
    drop(now);
    drop(left);
}

/// Whose turn it is to use the store, for as long as this lives.
pub(super) struct Entered<'a> {
    _store: &'a StoreInner,
}

#[cfg(debug_assertions)]
impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self._store.turn.give_back();
    }
}

#[cfg(debug_assertions)]
#[derive(Default)]
struct Turn {
    /// The address of a thread-local of the thread that uses the store, or 0.
    thread: core::sync::atomic::AtomicUsize,
    /// How often it has entered. Touched only by that thread.
    nested: Cell<u32>,
}

#[cfg(debug_assertions)]
impl Turn {
    fn take(&self) {
        use core::sync::atomic::Ordering::{AcqRel, Acquire};
        let me = this_thread();
        match self.thread.compare_exchange(0, me, AcqRel, Acquire) {
            Ok(_) => {}
            Err(other) if other == me => {}
            Err(_) => panic!("a store is used by two threads at a time"),
        }
        self.nested.set(self.nested.get() + 1);
    }

    fn give_back(&self) {
        self.nested.set(self.nested.get() - 1);
        if self.nested.get() == 0 {
            self.thread.store(0, core::sync::atomic::Ordering::Release);
        }
    }
}

#[cfg(debug_assertions)]
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|h| ptr::from_ref(h).addr())
}
