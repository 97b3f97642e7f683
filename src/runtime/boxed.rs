//! Boxes: values of the guest's heap as objects of the store, for hosts whose references are all objects (the C API).
//!
//! Invariants: a box holds an `i31`, a structure, an array or an exception, never an object; a box never gets into the
//! guest, since [`AnyRef::from_object`] and the way to slots take it off; two boxes of one value are the same
//! reference, which [`Boxed::same_value`] tells.

use super::object::{Boxed, ObjHeader, ObjKind, Ref, header};
use super::store::Store;
use super::val::AnyRef;
use core::ptr::NonNull;

#[repr(C)]
pub(super) struct BoxedObj {
    hdr: ObjHeader,
    value: AnyRef,
}

impl Boxed {
    #[inline]
    pub fn value(&self) -> &AnyRef {
        // SAFETY: a handle keeps its object alive, the kind is right, and the value never changes.
        unsafe { &(*self.0.cast::<BoxedObj>()).value }
    }

    /// Whether both hold the same value.
    pub fn same_value(&self, other: &Boxed) -> bool {
        self.value() == other.value()
    }
}

impl AnyRef {
    /// The value as an object of `store`, to which it belongs: a box, unless it is one already.
    pub fn into_object(self, store: &Store) -> Ref {
        if let AnyRef::Host(object) = self {
            return object;
        }
        let _turn = store.enter();
        let obj = Box::new(BoxedObj { hdr: header(store.inner(), ObjKind::Boxed), value: self });
        // SAFETY: a whole object, on the heap, that `destroy` knows how to free.
        unsafe { store.inner().adopt(NonNull::from(Box::leak(obj)).cast()) }
    }

    /// What an object stands for: the value in the box, or itself.
    pub fn from_object(object: Ref) -> AnyRef {
        match object.as_boxed() {
            Some(boxed) => boxed.value().clone(),
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
    fn boxes_of_one_value_are_one_reference_and_die_with_their_handles() {
        let store = Store::new(&Engine::default()).unwrap();
        let (a, b) = (AnyRef::I31(1).into_object(&store), AnyRef::I31(1).into_object(&store));
        let c = AnyRef::I31(2).into_object(&store);
        assert!(!a.same(&b));
        assert!(a.as_boxed().unwrap().same_value(b.as_boxed().unwrap()));
        assert!(!a.as_boxed().unwrap().same_value(c.as_boxed().unwrap()));
        assert_eq!(store.object_count(), 3);
        drop((a, b, c));
        assert_eq!(store.object_count(), 0);
    }
}
