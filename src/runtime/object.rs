//! Objects and handles.
//!
//! An object is a C-layout struct that begins with an [`ObjHeader`], lives at one address until it dies, and belongs
//! to one store. A handle ([`Ref`] and its views [`Func`](super::Func), [`Memory`](super::Memory) ...) is one counted
//! pointer to an object: it keeps the object and its store alive. Views are the same pointer with its kind checked, so
//! that turning one into another costs nothing.
//!
//! # Who frees an object
//! - No handle, and no guest ever saw it (`escaped` is false): freed at once, when its last handle goes.
//! - No handle, but it escaped: freed by the store's collector, or with the store ([`super::collect`]).
//! - The functions and globals that an instance defines live in the instance: they die with it, and a handle to one of
//!   them counts as a handle to the instance.
//!
//! # Threads
//! A store and its objects may move between threads, but only one thread may use them at a time: counts are not atomic.
//! Debug builds check it ([`Store::enter`]).

use super::store::{Store, StoreInner};
use super::{boxed, func, global, instance, memory, module, table, trap};
use crate::vm::layout as raw;
use core::ffi::c_void;
use core::fmt;
use core::ptr::NonNull;

pub use crate::vm::layout::{HostInfo, ObjHeader, ObjKind};

/// What a host's finalizer looks like in C.
pub type Finalizer = unsafe extern "C" fn(*mut c_void);

/// A handle to an object of any kind.
#[repr(transparent)]
pub struct Ref(NonNull<ObjHeader>);

// SAFETY: a handle is a pointer into its store, which has no thread affinity; that one thread at a time uses a store
// and its handles is the contract of `Store`, checked in debug builds.
unsafe impl Send for Ref {}

impl Ref {
    /// A new handle to a live object.
    ///
    /// # Safety
    /// `obj` is a live object of a live store that this thread may use.
    #[inline]
    pub unsafe fn new(obj: NonNull<ObjHeader>) -> Ref {
        // SAFETY: the caller says that the object is alive.
        unsafe { retain(obj) };
        Ref(obj)
    }

    /// The handle that [`Ref::into_raw`] turned into a pointer.
    ///
    /// # Safety
    /// `obj` came from `into_raw`, or with a host reference counted for the caller, and is given up here.
    #[inline]
    pub unsafe fn from_raw(obj: NonNull<ObjHeader>) -> Ref {
        Ref(obj)
    }

    /// The object's address, with the handle's count.
    #[inline]
    pub fn into_raw(self) -> NonNull<ObjHeader> {
        let obj = self.0;
        core::mem::forget(self);
        obj
    }

    #[inline]
    pub fn as_ptr(&self) -> *mut ObjHeader {
        self.0.as_ptr()
    }

    /// The object as the struct that its kind stands for.
    #[inline]
    pub(super) fn cast<T>(&self) -> *mut T {
        self.0.as_ptr().cast()
    }

    #[inline]
    pub fn kind(&self) -> ObjKind {
        // SAFETY: a handle keeps its object alive; the kind never changes.
        unsafe { (*self.0.as_ptr()).kind }
    }

    /// The store, for as long as this handle is there.
    #[inline]
    pub fn lend_store(&self) -> core::mem::ManuallyDrop<Store> {
        // SAFETY: a handle keeps its store alive.
        unsafe { StoreInner::of(self.0).as_ref() }.borrow()
    }

    #[inline]
    pub fn store(&self) -> Store {
        // SAFETY: a handle keeps its store alive.
        unsafe { Store::retain(StoreInner::of(self.0)) }
    }

    /// Whether both are handles to the same object.
    #[inline]
    pub fn same(&self, other: &Ref) -> bool {
        self.0 == other.0
    }

    #[inline]
    pub(super) fn store_ctx(&self) -> *mut raw::StoreCtx {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.0.as_ptr()).store }
    }

    /// Whether the object belongs to `store`.
    #[inline]
    pub fn belongs_to(&self, store: &Store) -> bool {
        self.store_ctx() == store.ctx()
    }

    /// What the host hung on the object, or null.
    pub fn host_info(&self) -> *mut c_void {
        // SAFETY: a handle keeps its object alive; `host_info` is null or a live box.
        unsafe {
            let info = (*self.0.as_ptr()).host_info;
            if info.is_null() { core::ptr::null_mut() } else { (*info).info }
        }
    }

    /// Hangs data on the object. The finalizer runs once: when the data is replaced, or when the object dies or the
    /// store does.
    pub fn set_host_info(&self, info: *mut c_void, finalizer: Option<Finalizer>) {
        let new = if info.is_null() && finalizer.is_none() {
            core::ptr::null_mut()
        } else {
            Box::into_raw(Box::new(HostInfo { info, finalizer }))
        };
        // SAFETY: a handle keeps its object alive; `host_info` is null or a box that only the header owns.
        let old = unsafe {
            let old = core::mem::replace(&mut (*self.0.as_ptr()).host_info, new);
            if old.is_null() { None } else { Some(*Box::from_raw(old)) }
        };
        LastWords { info: old, env: None }.run();
    }

    /// Says that guest code, or another object, may hold the object without a handle from now on.
    #[inline]
    pub(super) fn escape(&self) {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.0.as_ptr()).escaped = true }
    }
}

impl Clone for Ref {
    #[inline]
    fn clone(&self) -> Ref {
        // SAFETY: a handle keeps its object alive.
        unsafe { Ref::new(self.0) }
    }
}

impl Drop for Ref {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the handle's own count is given up, once.
        unsafe { release(self.0) }
    }
}

impl PartialEq for Ref {
    fn eq(&self, other: &Ref) -> bool {
        self.same(other)
    }
}

impl Eq for Ref {}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:p}", self.kind(), self.0)
    }
}

/// Counts one more handle.
///
/// # Safety
/// `obj` is alive.
#[inline]
unsafe fn retain(obj: NonNull<ObjHeader>) {
    // SAFETY: the object is alive, so its store and its instance are.
    unsafe {
        let h = obj.as_ptr();
        StoreInner::of(obj).as_ref().retain();
        (*h).host_refs = (*h).host_refs.saturating_add(1);
        if (*h).host_refs == 1 {
            first_handle(obj);
        }
    }
}

/// Gives up one handle.
///
/// # Safety
/// The caller owns a counted handle to `obj`.
#[inline]
unsafe fn release(obj: NonNull<ObjHeader>) {
    // SAFETY: the handle being given up keeps object and store alive until the last line.
    unsafe {
        let h = obj.as_ptr();
        let store = StoreInner::of(obj);
        // A saturated count has lost track: the object lives as long as its store.
        if (*h).host_refs != u32::MAX {
            (*h).host_refs -= 1;
            if (*h).host_refs == 0 {
                last_handle(obj);
            }
        }
        StoreInner::release(store);
    }
}

/// The instance that `obj` lives in, or null for an object of its own.
///
/// # Safety
/// `obj` is alive.
pub(super) unsafe fn home(obj: NonNull<ObjHeader>) -> *mut raw::Instance {
    // SAFETY: the kind says which struct the header begins.
    unsafe {
        match (*obj.as_ptr()).kind {
            ObjKind::Func => (*obj.cast::<raw::Func>().as_ptr()).instance,
            ObjKind::Global => (*obj.cast::<global::GlobalObj>().as_ptr()).instance,
            _ => core::ptr::null_mut(),
        }
    }
}

/// # Safety
/// `obj` is alive.
#[inline]
unsafe fn first_handle(obj: NonNull<ObjHeader>) {
    // SAFETY: an object that lives in an instance keeps it alive, and the other way round.
    unsafe {
        let home = home(obj);
        if !home.is_null() {
            (*home).hdr.host_refs = (*home).hdr.host_refs.saturating_add(1);
        }
    }
}

/// # Safety
/// `obj` is alive; its last handle has just gone.
unsafe fn last_handle(obj: NonNull<ObjHeader>) {
    // SAFETY: as in `first_handle`. A free object that never escaped is unreachable.
    unsafe {
        let home = home(obj);
        if !home.is_null() {
            if (*home).hdr.host_refs != u32::MAX {
                (*home).hdr.host_refs -= 1;
            }
        } else if !(*obj.as_ptr()).escaped {
            let store = StoreInner::of(obj);
            let last_words = store.as_ref().forget(obj);
            destroy(obj);
            last_words.run();
        }
    }
}

/// The finalizers that the death of an object calls for. They are the host's code, which may do anything with the
/// store: they run when the store is whole again, and the object gone.
#[derive(Default)]
pub(super) struct LastWords {
    info: Option<HostInfo>,
    env: Option<(Finalizer, *mut c_void)>,
}

impl LastWords {
    /// Takes them from the object, so that they cannot run again.
    ///
    /// # Safety
    /// `obj` is alive.
    pub(super) unsafe fn take(obj: NonNull<ObjHeader>) -> LastWords {
        // SAFETY: `host_info` is null or a box that the header owns; the kind says which struct this is.
        unsafe {
            let info = core::mem::replace(&mut (*obj.as_ptr()).host_info, core::ptr::null_mut());
            let env = match (*obj.as_ptr()).kind {
                ObjKind::Func => func::take_env(obj.cast()),
                _ => None,
            };
            LastWords { info: (!info.is_null()).then(|| *Box::from_raw(info)), env }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.info.as_ref().is_none_or(|i| i.finalizer.is_none()) && self.env.is_none()
    }

    pub(super) fn run(self) {
        // SAFETY: the host promised that its finalizers can be called with the data they were registered with, once;
        // `take` took them from the object.
        unsafe {
            if let Some(HostInfo { info, finalizer: Some(finalizer) }) = self.info {
                finalizer(info);
            }
            if let Some((finalizer, env)) = self.env {
                finalizer(env);
            }
        }
    }
}

/// Frees the memory of an object, without finalizers.
///
/// # Safety
/// `obj` was allocated by the `alloc` of its kind, is in no list, and nobody reaches it any more. Objects that live in
/// an instance are freed by it.
pub(super) unsafe fn destroy(obj: NonNull<ObjHeader>) {
    // SAFETY: the kind says which struct was boxed.
    unsafe {
        match (*obj.as_ptr()).kind {
            ObjKind::Func => drop(Box::from_raw(obj.cast::<func::HostFuncObj>().as_ptr())),
            ObjKind::Global => drop(Box::from_raw(obj.cast::<global::GlobalObj>().as_ptr())),
            ObjKind::Table => drop(Box::from_raw(obj.cast::<table::TableObj>().as_ptr())),
            ObjKind::Memory => drop(Box::from_raw(obj.cast::<memory::MemoryObj>().as_ptr())),
            ObjKind::Tag => drop(Box::from_raw(obj.cast::<global::TagObj>().as_ptr())),
            ObjKind::Instance => instance::free(obj.cast()),
            ObjKind::Module => drop(Box::from_raw(obj.cast::<module::ModuleObj>().as_ptr())),
            ObjKind::Foreign => drop(Box::from_raw(obj.as_ptr())),
            ObjKind::Trap => drop(Box::from_raw(obj.cast::<trap::TrapObj>().as_ptr())),
            ObjKind::Boxed => drop(Box::from_raw(obj.cast::<boxed::BoxedObj>().as_ptr())),
        }
    }
}

/// The header of a new object, without handles.
pub(super) fn header(store: &StoreInner, kind: ObjKind) -> ObjHeader {
    ObjHeader {
        store: store.ctx(),
        kind,
        mark: false,
        escaped: false,
        _pad: 0,
        host_refs: 0,
        extern_index: u32::MAX,
        list_index: u32::MAX,
        host_info: core::ptr::null_mut(),
    }
}

/// Defines the view of a kind of object: its name, and the kinds it admits.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident, $as:ident, $($kind:ident)|+) => {
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $name(pub(super) Ref);

        impl $name {
            /// The handle as a view of this kind, if it is one.
            #[inline]
            pub fn from_ref(r: Ref) -> Result<$name, Ref> {
                match r.kind() {
                    $(ObjKind::$kind)|+ => Ok($name(r)),
                    _ => Err(r),
                }
            }

            #[inline]
            pub fn as_ref(&self) -> &Ref {
                &self.0
            }

            #[inline]
            pub fn into_ref(self) -> Ref {
                self.0
            }

            #[inline]
            pub fn store(&self) -> Store {
                self.0.store()
            }

            /// Whether both are handles to the same object.
            #[inline]
            pub fn same(&self, other: &$name) -> bool {
                self.0.same(&other.0)
            }
        }

        impl Ref {
            #[inline]
            pub fn $as(&self) -> Option<&$name> {
                match self.kind() {
                    // SAFETY: a view is `repr(transparent)` over `Ref`, and the kind is right.
                    $(ObjKind::$kind)|+ => Some(unsafe { &*core::ptr::from_ref(self).cast::<$name>() }),
                    _ => None,
                }
            }
        }

        impl From<$name> for Ref {
            #[inline]
            fn from(v: $name) -> Ref {
                v.0
            }
        }
    };
}

view!(
    /// A function, of the guest or of the host.
    Func, as_func, Func
);
view!(
    /// A global variable.
    Global, as_global, Global
);
view!(
    /// A table of references.
    Table, as_table, Table
);
view!(
    /// A linear memory.
    Memory, as_memory, Memory
);
view!(
    /// An exception tag.
    Tag, as_tag, Tag
);
view!(
    /// An instance of a module.
    Instance, as_instance, Instance
);
view!(
    /// A module in a store: a handle over code that stores of the same engine share.
    Module, as_module, Module
);
view!(
    /// An object without any meaning but its identity and what the host hangs on it.
    Foreign, as_foreign, Foreign
);
view!(
    /// What stopped a guest.
    Trap, as_trap, Trap
);
view!(
    /// A value of the guest's heap, for a host that knows objects only: see [`boxed`].
    Boxed, as_boxed, Boxed
);
view!(
    /// What can be imported and exported.
    Extern, as_extern, Func | Global | Table | Memory | Tag
);

macro_rules! externs {
    ($($name:ident)+) => {$(
        impl From<$name> for Extern {
            #[inline]
            fn from(v: $name) -> Extern {
                Extern(v.0)
            }
        }
    )+};
}
externs!(Func Global Table Memory Tag);

impl Foreign {
    pub fn new(store: &Store) -> Foreign {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        let obj = Box::new(header(store.inner(), ObjKind::Foreign));
        // SAFETY: a whole object, on the heap, that `destroy` knows how to free.
        Foreign(unsafe { store.inner().adopt(NonNull::from(Box::leak(obj))) })
    }
}
