//! Global variables and exception tags.
//!
//! The cell of a global that an instance defines is in the instance; its object is made when the host or another
//! instance first sees it, and lives and dies with the instance. A global of the host's has its cell in itself.
//!
//! Spec: "Execution / Runtime Structure / Global Instances" and "Tag Instances".

use super::error::CreateError;
use super::object::{Global, ObjKind, Ref, Tag, header};
use super::store::{Store, StoreInner};
use super::table::keep;
use super::val::Val;
use crate::module::{FuncType, GlobalType, TypeHandle, TypeId, ValType};
use crate::vm::layout as raw;
use core::ptr::{self, NonNull};
use std::sync::Arc;

#[repr(C)]
pub(super) struct GlobalObj {
    raw: raw::Global,
    ty: GlobalType,
    /// Where the cell is, or null when it is our own.
    pub(super) instance: *mut raw::Instance,
    _keep: Option<TypeHandle>,
}

#[repr(C)]
pub(super) struct TagObj {
    raw: raw::Tag,
    ty: TypeHandle,
}

impl Global {
    pub fn new(store: &Store, ty: GlobalType, value: &Val) -> Result<Global, CreateError> {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        if !value.matches(ty.content, store) {
            return Err(CreateError::Value("the initial value"));
        }
        let own = value.to_slots(store.inner());
        let obj = allocate(store.inner(), ty, ptr::null_mut(), own);
        // SAFETY: a whole object, boxed as `destroy` expects; it does not move any more.
        unsafe {
            (*obj.as_ptr()).raw.cell = &raw mut (*obj.as_ptr()).raw.own;
            Ok(Global(store.inner().adopt(obj.cast())))
        }
    }

    fn obj(&self) -> *mut GlobalObj {
        self.0.cast()
    }

    pub fn ty(&self) -> GlobalType {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.obj()).ty }
    }

    pub fn get(&self) -> Val {
        let store = self.store();
        let _turn = store.enter();
        // SAFETY: the cell holds a value of the global's type.
        unsafe { Val::read((*self.obj()).raw.cell.cast(), self.ty().content, &store) }
    }

    /// False when the global is immutable, and for a value of the wrong type or store.
    #[must_use]
    pub fn set(&self, value: &Val) -> bool {
        let (store, ty) = (self.store(), self.ty());
        let _turn = store.enter();
        if !ty.mutable || !value.matches(ty.content, &store) {
            return false;
        }
        // SAFETY: a handle keeps its object alive, and that its cell.
        unsafe { *(*self.obj()).raw.cell = value.to_slots(store.inner()) };
        true
    }
}

fn allocate(store: &StoreInner, ty: GlobalType, instance: *mut raw::Instance, own: [u64; 2]) -> NonNull<GlobalObj> {
    let keep = match ty.content {
        ValType::Ref(r) if instance.is_null() => keep(store, r),
        _ => None,
    };
    let hdr = header(store, ObjKind::Global);
    let raw = raw::Global { hdr, cell: ptr::null_mut(), own, owner: ptr::null_mut() };
    NonNull::from(Box::leak(Box::new(GlobalObj { raw, ty, instance, _keep: keep })))
}

/// The object for a global that `instance` defines.
///
/// # Safety
/// `instance` is alive, and `cell` is the global's.
pub(super) unsafe fn for_instance(
    store: &StoreInner,
    ty: GlobalType,
    instance: *mut raw::Instance,
    cell: *mut [u64; 2],
) -> NonNull<GlobalObj> {
    let obj = allocate(store, ty, instance, [0; 2]);
    // SAFETY: just made.
    unsafe {
        (*obj.as_ptr()).raw.cell = cell;
        (*obj.as_ptr()).raw.hdr.escaped = true;
    }
    obj
}

/// The type and cell of a global, for linking and for the collector.
///
/// # Safety
/// `g` is alive.
pub(super) unsafe fn parts(g: NonNull<GlobalObj>) -> (GlobalType, *mut [u64; 2]) {
    // SAFETY: the caller says so.
    unsafe { ((*g.as_ptr()).ty, (*g.as_ptr()).raw.cell) }
}

impl Tag {
    /// A tag whose payload is the parameters of `ty`.
    pub fn new(store: &Store, ty: &FuncType) -> Result<Tag, CreateError> {
        Tag::with_type(store, store.engine().types().intern_func(ty))
    }

    /// As [`Tag::new`], for a function type that is part of a recursion group or has subtypes.
    pub fn with_type(store: &Store, ty: TypeHandle) -> Result<Tag, CreateError> {
        if ty.ty().as_func().is_none_or(|f| !f.results.is_empty()) {
            return Err(CreateError::Invalid("tag type: a function type without results is wanted"));
        }
        let _turn = store.enter();
        store.inner().collect_if_needed();
        let obj = create_tag(store.inner(), ty);
        // SAFETY: a whole object, boxed as `destroy` expects.
        Ok(Tag(unsafe { store.inner().adopt(obj.cast()) }))
    }

    fn obj(&self) -> &TagObj {
        // SAFETY: a handle keeps its object alive; tags never change.
        unsafe { &*self.0.cast::<TagObj>() }
    }

    pub fn type_id(&self) -> TypeId {
        self.obj().ty.id()
    }

    /// The payload is its parameters.
    pub fn ty(&self) -> Arc<crate::module::SubType> {
        self.obj().ty.ty().clone()
    }
}

/// A new tag, neither listed nor with a handle.
pub(super) fn create_tag(store: &StoreInner, ty: TypeHandle) -> NonNull<TagObj> {
    let param_slots = ty.ty().as_func().map_or(0, |f| f.param_slots);
    let raw = raw::Tag { hdr: header(store, ObjKind::Tag), type_id: ty.id().0, param_slots };
    NonNull::from(Box::leak(Box::new(TagObj { raw, ty })))
}

/// A handle to a tag known by its address.
///
/// # Safety
/// `t` is alive.
pub(super) unsafe fn tag_handle(t: *mut raw::Tag) -> Tag {
    // SAFETY: the caller says so.
    Tag(unsafe { Ref::new(NonNull::new_unchecked(t.cast())) })
}
