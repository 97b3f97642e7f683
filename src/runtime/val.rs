//! Values as the host sees them, and their conversion to and from the slots of guest code.
//!
//! Slots are typed by the code around them, so a conversion needs the type; and a reference in a slot counts no
//! handle, so an object that goes into a slot is marked as escaped (see [`super::object`]).

use super::func::func_type_id;
use super::gc::ObjectKind;
use super::heap_roots::HeapRef;
use super::object::{Func, ObjKind, Ref};
use super::store::{Store, StoreInner};
use crate::module::{HeapType, RefType, TypeRegistry, ValType};
use crate::util::V128;
use crate::vm::layout as raw;
use core::ptr::NonNull;

/// A value. Floats are kept as bits, so that the payload of a NaN survives the trip.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(V128),
    /// `funcref` and its subtypes.
    FuncRef(Option<Func>),
    /// `externref` and its subtypes.
    ExternRef(Option<AnyRef>),
    /// `anyref` and its subtypes.
    AnyRef(Option<AnyRef>),
    ExnRef(Option<HeapRef>),
}

/// What an `externref` or `anyref` points to.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyRef {
    /// 31 bits.
    I31(u32),
    /// An object of the store, most often a [`Foreign`](super::Foreign).
    Host(Ref),
    /// A structure or an array.
    Heap(HeapRef),
}

impl From<i32> for Val {
    fn from(v: i32) -> Val {
        Val::I32(v)
    }
}

impl From<i64> for Val {
    fn from(v: i64) -> Val {
        Val::I64(v)
    }
}

impl From<f32> for Val {
    fn from(v: f32) -> Val {
        Val::F32(v.to_bits())
    }
}

impl From<f64> for Val {
    fn from(v: f64) -> Val {
        Val::F64(v.to_bits())
    }
}

impl From<Func> for Val {
    fn from(v: Func) -> Val {
        Val::FuncRef(Some(v))
    }
}

impl Val {
    /// An `externref` to an object of the store.
    pub fn extern_ref(r: impl Into<Ref>) -> Val {
        Val::ExternRef(Some(AnyRef::Host(r.into())))
    }

    /// Zero or null.
    pub fn default_for(ty: ValType, types: &TypeRegistry) -> Val {
        match ty {
            ValType::I32 => Val::I32(0),
            ValType::I64 => Val::I64(0),
            ValType::F32 => Val::F32(0),
            ValType::F64 => Val::F64(0),
            ValType::V128 => Val::V128(V128::ZERO),
            ValType::Ref(r) => match types.top(r.heap) {
                HeapType::Func => Val::FuncRef(None),
                HeapType::Extern => Val::ExternRef(None),
                HeapType::Exn => Val::ExnRef(None),
                _ => Val::AnyRef(None),
            },
        }
    }

    pub fn as_i32(&self) -> Option<i32> {
        if let Val::I32(v) = self { Some(*v) } else { None }
    }

    pub fn as_i64(&self) -> Option<i64> {
        if let Val::I64(v) = self { Some(*v) } else { None }
    }

    pub fn as_f32(&self) -> Option<f32> {
        if let Val::F32(v) = self { Some(f32::from_bits(*v)) } else { None }
    }

    pub fn as_f64(&self) -> Option<f64> {
        if let Val::F64(v) = self { Some(f64::from_bits(*v)) } else { None }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None))
    }

    /// Whether the value may stand where `ty` is wanted in `store`: types match, and references are the store's own.
    #[inline]
    pub fn matches(&self, ty: ValType, store: &Store) -> bool {
        self.matches_in(ty, store.inner())
    }

    #[inline]
    pub(super) fn matches_in(&self, ty: ValType, store: &StoreInner) -> bool {
        match (self, ty) {
            (Val::I32(_), ValType::I32)
            | (Val::I64(_), ValType::I64)
            | (Val::F32(_), ValType::F32)
            | (Val::F64(_), ValType::F64)
            | (Val::V128(_), ValType::V128) => true,
            (_, ValType::Ref(r)) => self.matches_ref(r, store),
            _ => false,
        }
    }

    fn matches_ref(&self, ty: RefType, store: &StoreInner) -> bool {
        let types = store.engine.types();
        let own = |r: &Ref| core::ptr::eq(r.store_ctx(), store.ctx());
        match self {
            Val::ExternRef(Some(AnyRef::Host(r))) if r.kind() == ObjKind::Boxed => {
                return own(r) && Val::ExternRef(Some(AnyRef::from_object(r.clone()))).matches_ref(ty, store);
            }
            Val::AnyRef(Some(AnyRef::Host(r))) if r.kind() == ObjKind::Boxed => {
                return own(r) && Val::AnyRef(Some(AnyRef::from_object(r.clone()))).matches_ref(ty, store);
            }
            _ => {}
        }
        // The most specific type of the value.
        let heap = match self {
            Val::FuncRef(Some(f)) => {
                if !own(f.as_ref()) {
                    return false;
                }
                HeapType::Concrete(func_type_id(f))
            }
            Val::ExternRef(Some(a)) => {
                let here = match a {
                    AnyRef::I31(_) => true,
                    AnyRef::Host(r) => own(r),
                    AnyRef::Heap(h) => core::ptr::eq(h.store().inner(), store) && h.kind() != ObjectKind::Exception,
                };
                return here && ty.heap == HeapType::Extern;
            }
            Val::AnyRef(Some(AnyRef::I31(_))) => HeapType::I31,
            Val::AnyRef(Some(AnyRef::Host(r))) => {
                if !own(r) {
                    return false;
                }
                HeapType::Any
            }
            Val::AnyRef(Some(AnyRef::Heap(h))) => {
                if !core::ptr::eq(h.store().inner(), store) || h.kind() == ObjectKind::Exception {
                    return false;
                }
                HeapType::Concrete(h.ty().id())
            }
            Val::ExnRef(Some(h)) => {
                let own = core::ptr::eq(h.store().inner(), store);
                return own && ty.heap == HeapType::Exn && h.kind() == ObjectKind::Exception;
            }
            Val::FuncRef(None) => return ty.nullable && types.top(ty.heap) == HeapType::Func,
            Val::ExternRef(None) => return ty.nullable && types.top(ty.heap) == HeapType::Extern,
            Val::AnyRef(None) => return ty.nullable && types.top(ty.heap) == HeapType::Any,
            Val::ExnRef(None) => return ty.nullable && types.top(ty.heap) == HeapType::Exn,
            Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) | Val::V128(_) => return false,
        };
        types.heap_matches(heap, ty.heap)
    }

    /// The value as slots; all types but `v128` use the first only. References must belong to `store`.
    #[inline]
    pub(super) fn to_slots(&self, store: &StoreInner) -> [u64; 2] {
        let one = |v: u64| [v, 0];
        match self {
            Val::I32(v) => one(*v as u32 as u64),
            Val::I64(v) => one(*v as u64),
            Val::F32(v) => one(*v as u64),
            Val::F64(v) => one(*v),
            Val::V128(v) => v.to_slots(),
            Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => one(0),
            Val::FuncRef(Some(f)) => {
                f.as_ref().escape();
                one(f.as_ref().as_ptr().expose_provenance() as u64)
            }
            Val::ExternRef(Some(a)) | Val::AnyRef(Some(a)) => one(a.to_slot(store)),
            Val::ExnRef(Some(h)) => one(h.offset() as u64),
        }
    }

    /// Writes the value to the slots at `at`, and gives the number of slots.
    ///
    /// # Safety
    /// There is room for the value, and it belongs to `store`.
    #[inline]
    pub(super) unsafe fn write(&self, at: *mut u64, store: &StoreInner) -> usize {
        let slots = self.to_slots(store);
        // SAFETY: the caller says that there is room.
        unsafe {
            *at = slots[0];
            if let Val::V128(_) = self {
                *at.add(1) = slots[1];
                return 2;
            }
        }
        1
    }

    /// The value of type `ty` in the slots at `at`.
    ///
    /// # Safety
    /// The slots hold a value of that type in `store`, whose object is alive.
    #[inline]
    pub(super) unsafe fn read(at: *const u64, ty: ValType, store: &Store) -> Val {
        // SAFETY: the caller says that the slots hold the value.
        unsafe {
            let v = *at;
            match ty {
                ValType::I32 => Val::I32(v as i32),
                ValType::I64 => Val::I64(v as i64),
                ValType::F32 => Val::F32(v as u32),
                ValType::F64 => Val::F64(v),
                ValType::V128 => Val::V128(V128::from_slots([v, *at.add(1)])),
                ValType::Ref(r) => Val::from_ref_slot(v, r, store),
            }
        }
    }

    /// [`Val::write`], for those who pack the arguments of [`Func::call_raw`] and the results of host functions themselves.
    ///
    /// # Safety
    /// There is room for the value, and it belongs to `store`.
    pub unsafe fn write_slots(&self, at: *mut u64, store: &Store) -> usize {
        // SAFETY: the caller says so.
        unsafe { self.write(at, store.inner()) }
    }

    /// [`Val::read`], for the same.
    ///
    /// # Safety
    /// The slots hold a value of that type in `store`, whose object is alive.
    pub unsafe fn read_slots(at: *const u64, ty: ValType, store: &Store) -> Val {
        // SAFETY: the caller says so.
        unsafe { Val::read(at, ty, store) }
    }

    /// The reference of type `ty` in a slot.
    ///
    /// # Safety
    /// As [`Val::read`].
    pub(super) unsafe fn from_ref_slot(v: u64, ty: RefType, store: &Store) -> Val {
        // The three abstract types that nearly all references have need no question to the registry.
        let top = match ty.heap {
            h @ (HeapType::Func | HeapType::Extern | HeapType::Any) => h,
            h => store.engine().types().top(h),
        };
        match top {
            // SAFETY: the caller says that the object is alive; a funcref is the address of a `Func`.
            HeapType::Func => Val::FuncRef(unsafe { func_from_slot(v) }),
            HeapType::Extern => Val::ExternRef(AnyRef::from_slot(v, store)),
            HeapType::Exn => Val::ExnRef((v != 0).then(|| HeapRef::new(store, v as u32))),
            _ => Val::AnyRef(AnyRef::from_slot(v, store)),
        }
    }
}

/// A handle to the function that a slot of a function type refers to.
///
/// # Safety
/// The slot is 0 or the address of a live `Func`.
pub(super) unsafe fn func_from_slot(v: u64) -> Option<Func> {
    let func: *mut raw::ObjHeader = core::ptr::with_exposed_provenance_mut(v as usize);
    // SAFETY: the caller says so.
    NonNull::new(func).map(|f| Func(unsafe { Ref::new(f) }))
}

impl AnyRef {
    pub(super) fn to_slot(&self, store: &StoreInner) -> u64 {
        match self {
            AnyRef::I31(v) => ((*v as u64) << 1 | 1) & 0xffff_ffff,
            AnyRef::Host(r) => match r.as_boxed() {
                Some(boxed) => boxed.value().to_slot(store),
                // SAFETY: a handle keeps its object alive; callers check that it is the store's own.
                None => unsafe {
                    let obj = NonNull::new_unchecked(r.as_ptr());
                    (store.extern_index(obj) as u64) << 2 | 2
                },
            },
            AnyRef::Heap(h) => h.offset() as u64,
        }
    }

    fn from_slot(v: u64, store: &Store) -> Option<AnyRef> {
        if v == 0 {
            None
        } else if v & 1 != 0 {
            Some(AnyRef::I31((v as u32) >> 1))
        } else if v & 3 == 2 {
            // SAFETY: the table of externs holds live objects of the store.
            store.inner().extern_at((v >> 2) as u32).map(|o| AnyRef::Host(unsafe { Ref::new(o) }))
        } else {
            Some(AnyRef::Heap(HeapRef::new(store, v as u32)))
        }
    }
}

/// The object that a slot of `extern` or `any` type refers to in the store's table, for the collector.
#[inline]
pub(super) fn extern_slot_index(v: u64) -> Option<u32> {
    (v & 3 == 2).then_some((v >> 2) as u32)
}
