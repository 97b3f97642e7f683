//! Tables: vectors of references that grow, one slot per element.
//!
//! Spec: "Execution / Runtime Structure / Table Instances", "Instructions / Table Instructions".

use super::error::CreateError;
use super::limits::Growth;
use super::object::{ObjKind, Ref, Table, header};
use super::store::{Store, StoreInner};
use super::val::Val;
use crate::module::{HeapType, RefType, TableType, TypeHandle, ValType};
use crate::sys::heap;
use crate::vm::bulk::PART as PART_BYTES;
use crate::vm::layout as raw;
use core::ptr::{self, NonNull};
use std::alloc::{Layout, alloc_zeroed, dealloc, realloc};

#[repr(C)]
pub(super) struct TableObj {
    raw: raw::Table,
    ty: TableType,
    /// Elements that `raw.base` has room for.
    capacity: usize,
    /// Keeps the element type alive: the table may outlive the module that defined it.
    _keep: Option<TypeHandle>,
}

/// Keeps a concrete type alive.
pub(super) fn keep(store: &StoreInner, ty: RefType) -> Option<TypeHandle> {
    match ty.heap {
        HeapType::Concrete(id) => Some(store.engine.types().handle(id)),
        _ => None,
    }
}

impl Table {
    /// A table whose elements are `init`.
    pub fn new(store: &Store, ty: TableType, init: &Val) -> Result<Table, CreateError> {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        if !init.matches(ValType::Ref(ty.element), store) {
            return Err(CreateError::Value("the initial element"));
        }
        let obj = create(store.inner(), ty, init.to_slots(store.inner())[0])?;
        // SAFETY: a whole object, boxed as `destroy` expects.
        Ok(Table(unsafe { store.inner().adopt(obj.cast()) }))
    }

    fn obj(&self) -> *mut TableObj {
        self.0.cast()
    }

    /// The type it was made with.
    pub fn ty(&self) -> TableType {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.obj()).ty }
    }

    /// The type as an import sees it: the minimum is the present size.
    pub fn current_type(&self) -> TableType {
        TableType { minimum: self.size(), ..self.ty() }
    }

    pub fn size(&self) -> u64 {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.obj()).raw.len as u64 }
    }

    /// An element, or `None` out of bounds.
    pub fn get(&self, index: u64) -> Option<Val> {
        let (store, ty) = (self.store(), self.ty());
        let _turn = store.enter();
        // SAFETY: in bounds; elements are references of the table's type to live objects.
        unsafe {
            let table = &(*self.obj()).raw;
            let index = usize::try_from(index).ok().filter(|i| *i < table.len)?;
            Some(Val::from_ref_slot(*table.base.add(index), ty.element, &store))
        }
    }

    /// Replaces an element; false out of bounds, and for a value of the wrong type or store.
    #[must_use]
    pub fn set(&self, index: u64, value: &Val) -> bool {
        let store = self.store();
        let _turn = store.enter();
        if index >= self.size() || !value.matches(ValType::Ref(self.ty().element), &store) {
            return false;
        }
        // SAFETY: in bounds.
        unsafe { *(*self.obj()).raw.base.add(index as usize) = value.to_slots(store.inner())[0] };
        true
    }

    /// Grows by `delta` elements; the old size, or `None` when the type or a limit refuses, or `init` does not fit.
    pub fn grow(&self, delta: u64, init: &Val) -> Option<u64> {
        let store = self.store();
        let _turn = store.enter();
        if !init.matches(ValType::Ref(self.ty().element), &store) {
            return None;
        }
        // SAFETY: a handle keeps its object alive.
        unsafe { grow(self.obj(), delta, init.to_slots(store.inner())[0], false) }
    }
}

fn check_type(ty: &TableType) -> Result<(), CreateError> {
    let limit = if ty.is64 { u64::MAX } else { u32::MAX as u64 };
    if ty.minimum > limit || ty.maximum.is_some_and(|m| m < ty.minimum || m > limit) {
        return Err(CreateError::Invalid("table limits"));
    }
    Ok(())
}

/// A new table, neither listed nor with a handle.
pub(super) fn create(store: &StoreInner, ty: TableType, init: u64) -> Result<NonNull<TableObj>, CreateError> {
    check_type(&ty)?;
    let most = store.limits.borrow().tables;
    if !store.with_room(|| store.usage.tables.get() < most) {
        return Err(CreateError::Limit("number of tables"));
    }
    let obj = Box::new(TableObj {
        raw: raw::Table {
            hdr: header(store, ObjKind::Table),
            base: NonNull::dangling().as_ptr(),
            len: 0,
            is64: ty.is64,
            owner: ptr::null_mut(),
        },
        ty,
        capacity: 0,
        _keep: keep(store, ty.element),
    });
    store.usage.tables.set(store.usage.tables.get() + 1);
    let table = NonNull::from(Box::leak(obj));
    // SAFETY: just made.
    unsafe {
        if grow_from(table.as_ptr(), ty.minimum, init, By::Maker).is_none() {
            drop(Box::from_raw(table.as_ptr()));
            return Err(CreateError::Limit("table size"));
        }
    }
    Ok(table)
}

/// `table.grow`. A guest that is to stop does not get a larger table: it is told that at its next loop or call.
///
/// # Safety
/// `t` is alive; `init` is a reference of its element type.
pub(super) unsafe fn grow(t: *mut TableObj, delta: u64, init: u64, by_guest: bool) -> Option<u64> {
    // SAFETY: passed on.
    unsafe { grow_from(t, delta, init, if by_guest { By::Guest } else { By::Host }) }
}

/// Who makes a table larger.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Guest,
    Host,
    /// Nobody: it is new.
    Maker,
}

/// Elements that are written without asking whether the guest is to stop.
const PART: usize = PART_BYTES / size_of::<u64>();

/// # Safety
/// As [`grow`].
unsafe fn grow_from(t: *mut TableObj, delta: u64, init: u64, by: By) -> Option<u64> {
    // SAFETY: the caller says that the table is alive, so its store is.
    let (old, ty, store) =
        unsafe { ((*t).raw.len, (*t).ty, StoreInner::of(NonNull::new_unchecked(t.cast())).as_ref()) };
    if delta == 0 && by != By::Maker {
        return Some(old as u64);
    }
    let wanted = (old as u64).checked_add(delta)?;
    let most = ty.maximum.unwrap_or(u64::MAX).min(if ty.is64 { u64::MAX } else { u32::MAX as u64 });
    let (each, total) = {
        let limits = store.limits.borrow();
        (limits.table_elements, limits.total_table_elements)
    };
    let used = &store.usage.table_elements;
    // Making room may collect, which looks at all tables.
    if wanted > most || wanted > each || !store.with_room(|| used.get().saturating_add(delta) <= total) {
        return None;
    }
    if !store.may_grow(Growth::Table { from: old as u64, to: wanted, max: ty.maximum }) {
        return None;
    }
    // SAFETY: as above; nobody else holds a reference into it.
    let t = unsafe { &mut *t };
    let new = usize::try_from(wanted).ok()?;
    let mut zeroed = false;
    if new > t.capacity {
        // Small ones would come out of the reserve.
        if heap::is_short() && !heap::has_room(0) {
            return None;
        }
        // Doubling makes growing one by one linear; a new table, which mostly never grows, gets what it wants.
        let capacity = if old == 0 { new } else { new.max(t.capacity * 2).min(most.max(wanted) as usize) };
        let layout = Layout::array::<u64>(capacity).ok()?;
        // SAFETY: `base` was allocated with the old capacity, or is dangling when that is 0; the new size is not 0.
        let base = unsafe {
            if t.capacity == 0 {
                zeroed = true;
                alloc_zeroed(layout)
            } else {
                realloc(t.raw.base.cast(), Layout::array::<u64>(t.capacity).ok()?, layout.size())
            }
        };
        t.raw.base = NonNull::new(base)?.as_ptr().cast();
        let room = &store.usage.table_room;
        room.set(room.get() + (capacity - t.capacity) as u64);
        t.capacity = capacity;
    }
    if !(zeroed && init == 0) {
        let mut done = old;
        while done < new {
            let part = PART.min(new - done);
            // SAFETY: `base` has room for `new` elements; the store is alive.
            unsafe {
                (0..part).for_each(|i| *t.raw.base.add(done + i) = init);
                if by == By::Guest && (*store.ctx()).is_stop_wanted() {
                    return None;
                }
            }
            done += part;
        }
    }
    t.raw.len = new;
    used.set(used.get() + delta);
    Some(old as u64)
}

impl Drop for TableObj {
    fn drop(&mut self) {
        // SAFETY: a store outlives its objects; `base` was allocated with this capacity.
        unsafe {
            let store = &*self.raw.hdr.store.cast::<StoreInner>();
            let usage = &store.usage;
            usage.tables.set(usage.tables.get() - 1);
            usage.table_elements.set(usage.table_elements.get() - self.raw.len as u64);
            usage.table_room.set(usage.table_room.get() - self.capacity as u64);
            if let Ok(layout) = Layout::array::<u64>(self.capacity)
                && self.capacity != 0
            {
                dealloc(self.raw.base.cast(), layout);
            }
        }
    }
}

/// What kind of references the table holds, and its elements, for the collector.
///
/// # Safety
/// `t` is alive, and stays unchanged while the result is used.
pub(super) unsafe fn elements<'a>(t: NonNull<TableObj>) -> (RefType, &'a [u64]) {
    // SAFETY: the caller says so.
    unsafe {
        let t = t.as_ptr();
        ((*t).ty.element, core::slice::from_raw_parts((*t).raw.base, (*t).raw.len))
    }
}

/// A handle to a table known by its address.
///
/// # Safety
/// `t` is alive.
pub(super) unsafe fn handle(t: *mut raw::Table) -> Table {
    // SAFETY: the caller says so.
    Table(unsafe { Ref::new(NonNull::new_unchecked(t.cast())) })
}
