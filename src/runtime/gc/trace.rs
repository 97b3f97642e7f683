//! Marking: from the roots through the heap, with a stack of its own.
//!
//! The stack may fail to grow; then what did not fit is found again by a walk over all marked objects. So marking needs no
//! memory that it cannot do without, however the objects are linked.

use super::heap::Heap;
use super::types::{Trace, Types};
use crate::code::heap::{HEADER, Holds};
use crate::runtime::val::extern_slot_index;
use crate::vm::gc::{EXCEPTION_TAG, Header, ObjectKind};
use crate::vm::layout::{Func, Tag};
use core::sync::atomic::{AtomicPtr, Ordering};

/// What lies outside the heap, as seen from it.
pub(in crate::runtime) trait Outside {
    /// An object of the store, by its index in the table of externs.
    fn host(&mut self, index: u32);
    fn func(&mut self, func: *mut Func);
    fn tag(&mut self, tag: *mut Tag);
}

/// For collections of the heap alone, while all objects of the store stay.
pub(in crate::runtime) struct Stays;

impl Outside for Stays {
    fn host(&mut self, _: u32) {}
    fn func(&mut self, _: *mut Func) {}
    fn tag(&mut self, _: *mut Tag) {}
}

/// A collection's marking.
pub(in crate::runtime) struct Tracer<'a> {
    heap: &'a mut Heap,
    types: &'a Types,
    /// Marked objects whose references have not been followed.
    stack: Vec<u32>,
    /// How long the stack may become.
    most: usize,
    /// Whether something did not fit the stack.
    overflow: bool,
    /// The limit of the store's stack, when marking ends as soon as the guest is to stop.
    stop: Option<&'a AtomicPtr<u64>>,
    /// References that have been followed since the last look at it.
    followed: usize,
    stopped: bool,
}

/// References that are followed without asking whether the guest is to stop: some hundred microseconds' work.
pub(in crate::runtime) const PART: usize = 1 << 13;

impl<'a> Tracer<'a> {
    pub(super) fn new(
        heap: &'a mut Heap,
        types: &'a Types,
        most: usize,
        stop: Option<&'a AtomicPtr<u64>>,
    ) -> Tracer<'a> {
        Tracer { heap, types, stack: Vec::new(), most, overflow: false, stop, followed: 0, stopped: false }
    }

    /// Notes work on so many references; whether marking is to end, unfinished.
    #[inline]
    pub fn is_stopped(&mut self, references: usize) -> bool {
        self.followed += references;
        if self.followed >= PART {
            self.followed = 0;
            // For good: roots may have been left out.
            self.stopped |= self.stop.is_some_and(|limit| limit.load(Ordering::Relaxed).is_null());
        }
        self.stopped
    }

    /// A slot that may hold a reference, or anything.
    #[inline]
    pub fn maybe(&mut self, v: u64) {
        if v != 0 && self.heap.is_object(v) {
            // SAFETY: an object starts there.
            unsafe { self.mark(v as u32) };
        }
    }

    /// A reference of the `any`, `extern` or `exn` hierarchy.
    ///
    /// # Safety
    /// It is one.
    #[inline]
    pub unsafe fn reference(&mut self, v: u32, outside: &mut impl Outside) {
        if v & 7 == 0 {
            if v != 0 {
                // SAFETY: neither null nor tagged: the offset of an object.
                unsafe { self.mark(v) };
            }
        } else if let Some(index) = extern_slot_index(v as u64) {
            outside.host(index);
        }
    }

    /// # Safety
    /// An object starts there.
    #[inline]
    unsafe fn mark(&mut self, offset: u32) {
        debug_assert!(self.heap.is_object(offset as u64));
        // SAFETY: the caller says so.
        if unsafe { self.heap.mark(offset) } {
            if self.stack.len() == self.stack.capacity() && !self.make_room() {
                self.overflow = true;
                return;
            }
            self.stack.push(offset);
        }
    }

    #[cold]
    fn make_room(&mut self) -> bool {
        let len = self.stack.len();
        len < self.most && self.stack.try_reserve_exact(len.max(256).min(self.most - len)).is_ok()
    }

    /// Follows references until there are none left to follow.
    pub fn drain(&mut self, outside: &mut impl Outside) {
        self.drain_stack(outside);
        while core::mem::replace(&mut self.overflow, false) {
            let mut next = self.heap.next_marked(0);
            while let Some(offset) = next {
                // SAFETY: a marked object.
                unsafe { self.follow(offset as u32, outside) };
                self.drain_stack(outside);
                if self.stopped {
                    return;
                }
                next = self.heap.next_marked(offset + 8);
            }
        }
    }

    fn drain_stack(&mut self, outside: &mut impl Outside) {
        while let Some(offset) = self.stack.pop() {
            // SAFETY: only marked objects are on the stack.
            unsafe { self.follow(offset, outside) };
            if self.is_stopped(1) {
                return;
            }
        }
    }

    /// # Safety
    /// An object starts at `offset`.
    unsafe fn follow(&mut self, offset: u32, outside: &mut impl Outside) {
        let at = self.heap.base().wrapping_add(offset as usize);
        // SAFETY: an object begins with its header, its type is in the table, and its fields lie as its type says.
        unsafe {
            let Header { type_id, extent } = at.cast::<Header>().read();
            let Some(ty) = self.types.get(type_id) else {
                debug_assert!(false, "object {offset:#x} is of type {type_id}, which is not in the table");
                return;
            };
            ty.seen.set(true);
            match &ty.trace {
                Trace::Fields { refs, funcs } => {
                    self.heap.mark_lines(offset, extent as usize);
                    for &f in refs {
                        self.reference(at.add(f as usize).cast::<u32>().read(), outside);
                    }
                    for &f in funcs {
                        let func = at.add(f as usize).cast::<*mut Func>().read();
                        if !func.is_null() {
                            outside.func(func);
                        }
                    }
                    if ty.kind() == ObjectKind::Exception {
                        outside.tag(at.add(EXCEPTION_TAG as usize).cast::<*mut Tag>().read());
                    }
                }
                Trace::Elements(holds) => {
                    let len = extent as usize;
                    self.heap.mark_lines(offset, HEADER as usize + (len << ty.width_log2()));
                    let elements = at.add(HEADER as usize);
                    match holds {
                        Holds::Bits => {}
                        Holds::Ref => {
                            let elements = elements.cast::<u32>();
                            let mut done = 0;
                            while done < len {
                                let end = len.min(done + PART);
                                for i in done..end {
                                    self.reference(elements.add(i).read(), outside);
                                }
                                if self.is_stopped(end - done) {
                                    return;
                                }
                                done = end;
                            }
                        }
                        Holds::Func => {
                            let elements = elements.cast::<*mut Func>();
                            for i in 0..len {
                                let func = elements.add(i).read();
                                if !func.is_null() {
                                    outside.func(func);
                                }
                                if i % PART == PART - 1 && self.is_stopped(PART) {
                                    return;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
