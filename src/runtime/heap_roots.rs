//! Handles to objects of the garbage-collected heap: structures, arrays, exceptions.
//!
//! Such objects are not objects of the store in the sense of [`super::object`]; guest code knows them by their offset in
//! the store's heap. A host that holds one holds a numbered root, which the heap's collector reads.
#![forbid(unsafe_code)]

use super::store::Store;
use core::cell::RefCell;

/// The table of roots: an offset and how many handles share it.
#[derive(Default)]
pub(super) struct HeapRoots {
    slots: RefCell<(Vec<(u32, u32)>, Vec<u32>)>,
}

impl HeapRoots {
    /// The offset of each object that a handle holds.
    pub(super) fn each(&self, f: impl FnMut(u32)) {
        self.slots.borrow().0.iter().filter(|(_, handles)| *handles > 0).map(|(offset, _)| *offset).for_each(f);
    }

    fn add(&self, offset: u32) -> u32 {
        let (slots, free) = &mut *self.slots.borrow_mut();
        match free.pop() {
            Some(i) => {
                slots[i as usize] = (offset, 1);
                i
            }
            None => {
                slots.push((offset, 1));
                (slots.len() - 1) as u32
            }
        }
    }
}

/// A handle to a structure, an array or an exception.
pub struct HeapRef {
    store: Store,
    root: u32,
}

impl HeapRef {
    /// A handle to the object at `offset` of the store's heap.
    pub(super) fn new(store: &Store, offset: u32) -> HeapRef {
        HeapRef { store: store.clone(), root: store.inner().heap_roots.add(offset) }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where the object is in the store's heap.
    pub(super) fn offset(&self) -> u32 {
        self.store.inner().heap_roots.slots.borrow().0[self.root as usize].0
    }

    /// Whether both are handles to the same object.
    pub fn same(&self, other: &HeapRef) -> bool {
        self.store.same(&other.store) && self.offset() == other.offset()
    }
}

impl Clone for HeapRef {
    fn clone(&self) -> HeapRef {
        self.store.inner().heap_roots.slots.borrow_mut().0[self.root as usize].1 += 1;
        HeapRef { store: self.store.clone(), root: self.root }
    }
}

impl Drop for HeapRef {
    fn drop(&mut self) {
        let (slots, free) = &mut *self.store.inner().heap_roots.slots.borrow_mut();
        let slot = &mut slots[self.root as usize];
        slot.1 -= 1;
        if slot.1 == 0 {
            free.push(self.root);
        }
    }
}

impl PartialEq for HeapRef {
    fn eq(&self, other: &HeapRef) -> bool {
        self.same(other)
    }
}

impl core::fmt::Debug for HeapRef {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "heap object {:#x}", self.offset())
    }
}
