//! Boxes: values of the guest's heap as objects of the store, for hosts whose references are all objects (the C API).
//!
//! Guest code knows such a value by its reference alone: an offset into the heap, or tagged bits. There is one box per
//! value as long as the host has handles to it, so that two pointers are the same when the references are.
//!
//! Invariants: a box stands for an `i31`, a structure, an array or an exception, never an object; a box never gets into
//! the guest, since [`AnyRef::from_object`] and the way to slots take it off, so it dies with its last handle; while it
//! lives, the collector takes what is in it for a root.

use super::heap_roots::HeapRef;
use super::object::{Boxed, ObjHeader, ObjKind, Ref, header};
use super::store::{Store, StoreInner};
use super::val::AnyRef;
use core::ptr::NonNull;

#[repr(C)]
pub(super) struct BoxedObj {
    hdr: ObjHeader,
    /// The reference, as guest code has it.
    slot: u32,
}

impl Drop for BoxedObj {
    fn drop(&mut self) {
        // SAFETY: a store outlives its objects.
        unsafe { &*self.hdr.store.cast::<StoreInner>() }.boxes.borrow_mut().remove(&self.slot);
    }
}

/// The reference in a box.
///
/// # Safety
/// `obj` is alive.
pub(super) unsafe fn slot(obj: NonNull<BoxedObj>) -> u32 {
    // SAFETY: the caller says so.
    unsafe { (*obj.as_ptr()).slot }
}

impl Boxed {
    /// What is in the box: [`AnyRef::I31`] or [`AnyRef::Heap`].
    pub fn value(&self) -> AnyRef {
        // SAFETY: a handle keeps its object alive, and the kind is right.
        let slot = unsafe { (*self.0.cast::<BoxedObj>()).slot };
        if slot & 1 != 0 { AnyRef::I31(slot >> 1) } else { AnyRef::Heap(HeapRef::new(&self.store(), slot)) }
    }
}

impl AnyRef {
    /// The value as an object of `store`, to which it belongs: a box, unless it is one already.
    pub fn into_object(self, store: &Store) -> Ref {
        if let AnyRef::Host(object) = self {
            return object;
        }
        let _turn = store.enter();
        let inner = store.inner();
        let slot = self.to_slot(inner) as u32;
        let known = inner.boxes.borrow().get(&slot).copied();
        if let Some(known) = known {
            // SAFETY: what is in the table is alive: it goes out when it dies.
            return unsafe { Ref::new(known.cast()) };
        }
        let obj = NonNull::from(Box::leak(Box::new(BoxedObj { hdr: header(inner, ObjKind::Boxed), slot })));
        inner.boxes.borrow_mut().insert(slot, obj);
        // SAFETY: a whole object, on the heap, that `destroy` knows how to free.
        unsafe { inner.adopt(obj.cast()) }
    }

    /// What an object stands for: the value in the box, or itself.
    pub fn from_object(object: Ref) -> AnyRef {
        match object.as_boxed() {
            Some(boxed) => boxed.value(),
            None => AnyRef::Host(object),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Engine, Func, Val};
    use super::*;
    use crate::module::{FuncType, HeapType, RefType, ValType};

    #[test]
    fn boxes_are_taken_off_on_the_way_in() {
        let store = Store::new(&Engine::default()).unwrap();
        let externref = ValType::Ref(RefType::nullable(HeapType::Extern));
        let ty = FuncType::new([externref], [externref]);
        let echo = Func::new(&store, &ty, |_, args, results| {
            assert_eq!(args[0], Val::ExternRef(Some(AnyRef::I31(7))));
            results[0] = args[0].clone();
            Ok(())
        });
        let boxed = AnyRef::I31(7).into_object(&store);
        let mut results = [Val::ExternRef(None)];
        echo.call(&[Val::extern_ref(boxed.clone())], &mut results).unwrap();
        assert_eq!(results[0], Val::ExternRef(Some(AnyRef::from_object(boxed))));
    }

    #[test]
    fn boxes_of_one_value_are_one_object_and_die_with_their_handles() {
        let store = Store::new(&Engine::default()).unwrap();
        let (a, b) = (AnyRef::I31(1).into_object(&store), AnyRef::I31(1).into_object(&store));
        let c = AnyRef::I31(2).into_object(&store);
        assert!(a.same(&b));
        assert!(!a.same(&c));
        assert_eq!(store.object_count(), 2);
        drop((a, b, c));
        assert_eq!(store.object_count(), 0);
    }
}
