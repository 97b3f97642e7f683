//! The store's collector: mark and sweep over objects that guest code may have held.
//!
//! Roots are the objects with handles. Edges: an instance to its imports, memories, tables, tags, globals and the
//! segments it keeps; tables and globals to what they refer to; a function or a global of an instance to that instance;
//! a trap to the instances of its frames. Structures, arrays and exceptions of the heap ([`super::gc`]) are part of
//! it: they refer to functions, tags and host objects, and are swept as well. The collector runs before an object is made
//! or a function called, when the store has about doubled since the last time. Stores that stay small never run it.
//!
//! While guest code is active, it is in a call of the host's, and its frames may hold anything. Then only foreign objects
//! are swept, of which a program that runs for ever may see any number: all other objects stay, and what in a frame looks
//! like a reference to a host object is taken for one.

use super::gc::{Outside, Tracer};
use super::object::{LastWords, ObjHeader, ObjKind, destroy, home};
use super::store::{Store, StoreInner};
use super::val::extern_slot_index;
use super::{boxed, gc, global, instance, table, trap};
use crate::module::{HeapType, RefType, ValType};
use crate::sys::heap;
use crate::vm::layout as raw;
use core::cell::Cell;
use core::ptr::NonNull;

/// When to collect next.
pub(super) struct Pressure {
    objects: Cell<usize>,
    instances: Cell<usize>,
    memory_bytes: Cell<u64>,
    /// Whether one of them has been reached.
    due: Cell<bool>,
    running: Cell<bool>,
    /// Collections so far.
    count: Cell<u64>,
}

impl Pressure {
    pub fn collections(&self) -> u64 {
        self.count.get()
    }
}

const LEAST_OBJECTS: usize = 4096;
const LEAST_INSTANCES: usize = 128;
const LEAST_BYTES: u64 = 64 << 20;

impl Default for Pressure {
    fn default() -> Pressure {
        Pressure {
            objects: Cell::new(LEAST_OBJECTS),
            instances: Cell::new(LEAST_INSTANCES),
            memory_bytes: Cell::new(LEAST_BYTES),
            due: Cell::new(false),
            running: Cell::new(false),
            count: Cell::new(0),
        }
    }
}

impl Pressure {
    /// Whether the store is to collect before it makes an object or calls.
    #[inline]
    pub(super) fn is_due(&self) -> bool {
        self.due.get()
    }
}

impl Store {
    /// Whether the next object to be made, or function to be called, has the store collect first.
    #[inline]
    pub fn is_collection_due(&self) -> bool {
        self.inner().pressure.is_due()
    }

    /// Frees what nothing reaches any more, and says how many objects that were; while guest code is active, foreign
    /// objects only. Stores do this by themselves; a host calls it to have finalizers run at a time of its choice.
    pub fn collect(&self) -> usize {
        let _turn = self.enter();
        self.inner().collect_from(self.inner().is_active())
    }
}

impl StoreInner {
    /// Collects if the store has grown enough. Called before an object is made and before a call, when all others are
    /// reachable.
    #[inline]
    pub(super) fn collect_if_needed(&self) {
        if self.pressure.is_due() {
            self.collect_due();
        }
    }

    #[cold]
    fn collect_due(&self) {
        let active = self.is_active();
        if !active || self.objects.borrow().len() >= self.pressure.objects.get() {
            self.collect_from(active);
        }
    }

    /// Notes that there are so many objects now, or more bytes of memory.
    #[inline]
    pub(super) fn note_growth(&self, objects: usize) {
        let p = &self.pressure;
        if objects >= p.objects.get()
            || self.usage.instances.get() >= p.instances.get()
            || self.usage.memory_bytes.get() >= p.memory_bytes.get()
        {
            p.due.set(true);
        }
    }

    /// Whether there is room, if need be after collecting: what nobody reaches any more counts against no limit.
    #[inline]
    pub(super) fn with_room(&self, has_room: impl Fn() -> bool) -> bool {
        has_room() || (self.collect() > 0 && has_room())
    }

    /// Collects, unless guest code is active.
    #[cold]
    pub(super) fn collect(&self) -> usize {
        if self.is_active() { 0 } else { self.collect_from(false) }
    }

    fn collect_from(&self, active: bool) -> usize {
        // The lists of the collector: of objects, and of what tables refer to. Short ones fit the reserve, and freeing is what
        // helps a store that is short of memory.
        let lists = self.objects.borrow().len() * 64 + self.usage.table_elements.get() as usize * 16;
        if lists > heap::ALWAYS && !heap::has_room(lists) {
            return 0;
        }
        if self.pressure.running.replace(true) {
            return 0;
        }
        let mut marker = Marker { store: self, pending: Vec::new(), values: Vec::new() };
        self.gc.types.borrow().start();
        marker.mark_roots(active);
        marker.run(None);
        self.with_tracer(&[], gc::By::Host, |tracer| marker.run(Some(tracer)));
        let (dead, words) = self.sweep();
        self.gc.types.borrow_mut().prune();
        let p = &self.pressure;
        p.objects.set((self.objects.borrow().len() * 2).max(LEAST_OBJECTS));
        p.instances.set((self.usage.instances.get() * 2).max(LEAST_INSTANCES));
        p.memory_bytes.set(self.usage.memory_bytes.get().saturating_mul(2).max(LEAST_BYTES));
        p.due.set(active && p.due.get());
        p.running.set(false);
        p.count.set(p.count.get() + 1);
        // The host's code, when all is done.
        words.into_iter().for_each(LastWords::run);
        dead
    }

    /// Frees what has no mark, and takes the marks from the rest.
    fn sweep(&self) -> (usize, Vec<LastWords>) {
        let mut dead = Vec::new();
        self.objects.borrow_mut().retain(|&obj| {
            // SAFETY: objects in the list are alive.
            let marked = unsafe { core::mem::replace(&mut (*obj.as_ptr()).mark, false) };
            if !marked {
                dead.push(obj);
            }
            marked
        });
        for (i, obj) in self.objects.borrow().iter().enumerate() {
            // SAFETY: as above.
            unsafe { (*obj.as_ptr()).list_index = i as u32 };
        }
        let mut words = Vec::new();
        for &obj in &dead {
            // SAFETY: alive until `destroy`, below.
            unsafe {
                self.forget_extern(obj);
                if (*obj.as_ptr()).kind == ObjKind::Instance {
                    instance::inner_objects(obj.cast(), |o| self.forget_extern(o));
                    words.extend(instance::take_last_words(obj.cast()).into_iter().filter(|w| !w.is_empty()));
                } else {
                    let w = LastWords::take(obj);
                    if !w.is_empty() {
                        words.push(w);
                    }
                }
            }
        }
        for &obj in &dead {
            // SAFETY: no handle, and nothing alive refers to it: it has no mark.
            unsafe { destroy(obj) };
        }
        (dead.len(), words)
    }
}

struct Marker<'a> {
    store: &'a StoreInner,
    pending: Vec<NonNull<ObjHeader>>,
    /// References to the heap that objects of the store hold.
    values: Vec<u32>,
}

impl Outside for Marker<'_> {
    fn host(&mut self, index: u32) {
        if let Some(obj) = self.store.extern_at(index) {
            // SAFETY: the table of externs holds live objects.
            unsafe { self.mark(obj) };
        }
    }

    fn func(&mut self, func: *mut raw::Func) {
        if let Some(func) = NonNull::new(func) {
            // SAFETY: a function that a live object of the heap refers to is alive.
            unsafe { self.mark(func.cast()) };
        }
    }

    fn tag(&mut self, tag: *mut raw::Tag) {
        if let Some(tag) = NonNull::new(tag) {
            // SAFETY: as for functions.
            unsafe { self.mark(tag.cast()) };
        }
    }
}

impl Marker<'_> {
    fn mark_roots(&mut self, active: bool) {
        let store = self.store;
        for &obj in store.objects.borrow().iter() {
            // SAFETY: objects in the list are alive.
            if unsafe { (*obj.as_ptr()).host_refs > 0 || active && (*obj.as_ptr()).kind != ObjKind::Foreign } {
                // SAFETY: as above.
                unsafe { self.mark(obj) };
            }
        }
        self.store.each_stack_slot(|v| {
            if let Some(index) = u32::try_from(v).ok().and_then(|v| extern_slot_index(v as u64)) {
                self.host(index);
            }
        });
    }

    /// Follows edges until there are none left to follow, through the heap as well if there is a tracer for it.
    fn run(&mut self, mut tracer: Option<&mut Tracer<'_>>) {
        loop {
            while let Some(obj) = self.pending.pop() {
                // SAFETY: only live objects are ever pending.
                unsafe { self.trace(obj) };
            }
            let Some(tracer) = &mut tracer else { return };
            for v in core::mem::take(&mut self.values) {
                // SAFETY: a reference that a live object holds.
                unsafe { tracer.reference(v, self) };
            }
            tracer.drain(self);
            if self.pending.is_empty() {
                return;
            }
        }
    }

    /// # Safety
    /// `obj` is alive.
    unsafe fn mark(&mut self, obj: NonNull<ObjHeader>) {
        // SAFETY: the caller says so; an object keeps the instance it lives in alive.
        unsafe {
            let obj = NonNull::new(home(obj)).map_or(obj, NonNull::cast);
            if !core::mem::replace(&mut (*obj.as_ptr()).mark, true) {
                self.pending.push(obj);
            }
        }
    }

    /// # Safety
    /// `obj` is alive, and an object of its own.
    unsafe fn trace(&mut self, obj: NonNull<ObjHeader>) {
        // SAFETY: the kind says which struct this is; edges of a live object lead to live objects.
        unsafe {
            match (*obj.as_ptr()).kind {
                ObjKind::Instance => {
                    self.store.gc.types.borrow().see_module(instance::module_of(obj.cast()));
                    instance::edges(obj.cast(), |edge| match edge {
                        instance::Edge::Object(o) => self.mark(o),
                        instance::Edge::Slot(ty, v) => self.slot(ty, v),
                    });
                }
                ObjKind::Table => {
                    let (ty, elements) = table::elements(obj.cast());
                    if self.is_traced(ty) {
                        for &v in elements {
                            self.slot(ty, v);
                        }
                    }
                }
                ObjKind::Global => {
                    let (ty, cell) = global::parts(obj.cast());
                    if let ValType::Ref(r) = ty.content {
                        self.slot(r, (*cell)[0]);
                    }
                }
                ObjKind::Trap => {
                    trap::edges(obj.cast(), |o| self.mark(o));
                    self.values.extend(trap::exception_of(obj.cast()));
                }
                ObjKind::Boxed => self.values.push(boxed::slot(obj.cast())),
                ObjKind::Func | ObjKind::Memory | ObjKind::Tag | ObjKind::Module | ObjKind::Foreign => {}
            }
        }
    }

    /// Whether references of a type can lead to objects of the store.
    fn is_traced(&self, ty: RefType) -> bool {
        !matches!(ty.heap, HeapType::NoFunc | HeapType::NoExtern | HeapType::None | HeapType::I31 | HeapType::NoExn)
    }

    /// # Safety
    /// The slot holds a reference of that type.
    unsafe fn slot(&mut self, ty: RefType, v: u64) {
        if v == 0 {
            return;
        }
        let top = match ty.heap {
            h @ (HeapType::Func | HeapType::Extern | HeapType::Any) => h,
            h => self.store.engine.types().top(h),
        };
        match top {
            HeapType::Func => {
                let func: *mut ObjHeader = core::ptr::with_exposed_provenance_mut(v as usize);
                if let Some(f) = NonNull::new(func) {
                    // SAFETY: a funcref in a live place refers to a live function.
                    unsafe { self.mark(f) };
                }
            }
            _ => match extern_slot_index(v) {
                Some(index) => self.host(index),
                None => self.values.push(v as u32),
            },
        }
    }
}

/// Marks what any object of the store refers to in the heap.
pub(super) fn all_roots(store: &StoreInner, tracer: &mut Tracer<'_>) {
    let types = store.engine.types();
    // SAFETY: objects in the list are alive; their slots hold references of their types.
    let slot = |tracer: &mut Tracer<'_>, ty: RefType, v: u64| unsafe {
        if v != 0 && ty.heap != HeapType::Func && types.top(ty.heap) != HeapType::Func {
            tracer.reference(v as u32, &mut gc::Stays);
        }
    };
    for &obj in store.objects.borrow().iter() {
        if tracer.is_stopped(1) {
            return;
        }
        // SAFETY: as above; the kind says which struct this is.
        unsafe {
            match (*obj.as_ptr()).kind {
                ObjKind::Instance => instance::edges(obj.cast(), |edge| {
                    if let instance::Edge::Slot(ty, v) = edge
                        && !tracer.is_stopped(1)
                    {
                        slot(tracer, ty, v);
                    }
                }),
                ObjKind::Table => {
                    let (ty, elements) = table::elements(obj.cast());
                    if ty.heap != HeapType::Func && types.top(ty.heap) != HeapType::Func {
                        for part in elements.chunks(gc::PART) {
                            part.iter().for_each(|v| slot(tracer, ty, *v));
                            if tracer.is_stopped(part.len()) {
                                return;
                            }
                        }
                    }
                }
                ObjKind::Global => {
                    let (ty, cell) = global::parts(obj.cast());
                    if let ValType::Ref(r) = ty.content {
                        slot(tracer, r, (*cell)[0]);
                    }
                }
                ObjKind::Trap => {
                    if let Some(v) = trap::exception_of(obj.cast()) {
                        slot(tracer, RefType::nullable(HeapType::Exn), v as u64);
                    }
                }
                ObjKind::Boxed => slot(tracer, RefType::ANYREF, boxed::slot(obj.cast()) as u64),
                ObjKind::Func | ObjKind::Memory | ObjKind::Tag | ObjKind::Module | ObjKind::Foreign => {}
            }
        }
    }
}
