//! Functions: calls from the host, and functions of the host's own.
//!
//! A function that an instance defines lives in the instance (see [`super::instance`]); a host function is an object of
//! its own, with its type and what it works with. Both begin with the `Func` that guest code calls.

use super::instance::InstanceObj;
use super::object::{Extern, Finalizer, Func, Instance, Memory, ObjHeader, ObjKind, Ref, Trap, header};
use super::seam;
use super::store::{Store, StoreInner};
use super::val::Val;
use crate::module::{FuncType, TypeHandle, TypeId, ValType};
use crate::vm::layout::{self as raw, HostFn};
#[cfg(jit)]
use crate::vm::machine::DirectCall;
use crate::vm::trap::TrapKind;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[repr(C)]
pub(super) struct HostFuncObj {
    raw: raw::Func,
    ty: TypeHandle,
    finalizer: Option<Finalizer>,
}

/// A host function as a Rust closure. Floats and references come and go as [`Val`]s; the slice of results holds
/// defaults of the right types.
pub trait HostClosure: Fn(Caller<'_>, &[Val], &mut [Val]) -> Result<(), Trap> + Send + 'static {}
impl<F: Fn(Caller<'_>, &[Val], &mut [Val]) -> Result<(), Trap> + Send + 'static> HostClosure for F {}

/// A host function of numbers that works on packed slots: arguments from slot 0 on, results there as well.
pub trait SlotClosure: Fn(Caller<'_>, &mut [u64]) -> Result<(), Trap> + Send + 'static {}
impl<F: Fn(Caller<'_>, &mut [u64]) -> Result<(), Trap> + Send + 'static> SlotClosure for F {}

/// Who called a host function.
pub struct Caller<'a> {
    store: &'a Store,
    instance: *mut raw::Instance,
}

impl Caller<'_> {
    pub fn store(&self) -> &Store {
        self.store
    }

    /// The instance whose code made the call; none when the host called directly.
    pub fn instance(&self) -> Option<Instance> {
        // SAFETY: the calling instance is alive during the call.
        NonNull::new(self.instance).map(|i| Instance(unsafe { Ref::new(i.cast()) }))
    }

    /// An export of the calling instance.
    pub fn export(&self, name: &str) -> Option<Extern> {
        self.instance()?.export(name)
    }

    /// The memory that the calling instance exports as `memory`, as programs compiled from C do.
    pub fn memory(&self) -> Option<Memory> {
        self.export("memory")?.into_memory()
    }
}

impl Func {
    /// A function of the host's.
    pub fn new(store: &Store, ty: &FuncType, f: impl HostClosure) -> Func {
        Func::with_type(store, store.engine().types().intern_func(ty), f)
    }

    /// As [`Func::new`], for a type that is part of a recursion group or has subtypes. Panics if it is no function type
    /// of the store's engine.
    pub fn with_type(store: &Store, ty: TypeHandle, f: impl HostClosure) -> Func {
        type Env = Box<dyn HostClosure>;
        unsafe extern "C" fn call(func: *mut raw::Func, caller: *mut raw::Instance, slots: *mut u64) -> *mut ObjHeader {
            // SAFETY: guest code, or `Func::call`, calls a host function with its own `Func` and packed arguments;
            // `env` is the box made below.
            unsafe {
                let env = &*(*func).env.cast::<Env>();
                call_closure(func.cast(), caller, slots, env)
            }
        }
        unsafe extern "C" fn finalize(env: *mut c_void) {
            // SAFETY: the finalizer runs once, with the box made below.
            drop(unsafe { Box::from_raw(env.cast::<Env>()) });
        }
        let f: Env = Box::new(f);
        let env = Box::into_raw(Box::new(f)).cast();
        // SAFETY: `call` follows the convention of `HostFn`.
        unsafe { Func::from_raw_parts(store, ty, call, env, Some(finalize)) }
    }

    /// A function of the host's whose parameters and results are numbers, of one slot each; its closure gets the slots. An
    /// `i32` is the low half of its slot. None if the type has anything but numbers.
    pub fn with_slots<F: SlotClosure>(store: &Store, ty: &FuncType, f: F) -> Option<Func> {
        unsafe extern "C" fn call<F: SlotClosure>(
            func: *mut raw::Func,
            instance: *mut raw::Instance,
            slots: *mut u64,
        ) -> *mut ObjHeader {
            // SAFETY: called with its own live `Func` and packed arguments, in slots that have room for the results and
            // that nobody else touches meanwhile; `env` is the box made below.
            unsafe {
                let store = &*StoreInner::of(NonNull::new_unchecked(func.cast())).as_ref().borrow();
                let len = (*func).param_slots.max((*func).result_slots) as usize;
                let slots = if len == 0 { &mut [] } else { core::slice::from_raw_parts_mut(slots, len) };
                let f = &*(*func).env.cast::<F>();
                let trap = match catch_unwind(AssertUnwindSafe(|| f(Caller { store, instance }, slots))) {
                    Ok(Ok(())) => return ptr::null_mut(),
                    Ok(Err(trap)) => trap,
                    Err(_) => Trap::of_kind(store, TrapKind::Internal),
                };
                trap.into_pending(store)
            }
        }
        unsafe extern "C" fn finalize<F>(env: *mut c_void) {
            // SAFETY: the finalizer runs once, with the box made below.
            drop(unsafe { Box::from_raw(env.cast::<F>()) });
        }
        if !ty.is_of_numbers() {
            return None;
        }
        let ty = store.engine().types().intern_func(ty);
        let env = Box::into_raw(Box::new(f)).cast();
        // SAFETY: `call` follows the convention of `HostFn`; any bits are a number.
        Some(unsafe { Func::from_raw_parts(store, ty, call::<F>, env, Some(finalize::<F>)) })
    }

    /// A function of the host's that reads and writes slots itself: see [`HostFn`]. `finalizer` runs once, with `env`,
    /// when the function dies.
    ///
    /// # Safety
    /// `host` keeps to the convention, for this type; `env` is what it and the finalizer expect.
    pub unsafe fn from_raw_parts(
        store: &Store,
        ty: TypeHandle,
        host: HostFn,
        env: *mut c_void,
        finalizer: Option<Finalizer>,
    ) -> Func {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        let func_ty = ty.ty().as_func().expect("a function type");
        let raw = raw::Func {
            hdr: header(store.inner(), ObjKind::Func),
            code: ptr::null(),
            instance: ptr::null_mut(),
            type_id: ty.id().0,
            index: u32::MAX,
            host: Some(host),
            env,
            param_slots: func_ty.param_slots,
            result_slots: func_ty.result_slots,
            numbers: func_ty.is_of_numbers(),
            kinds: kinds(func_ty),
        };
        let obj = NonNull::from(Box::leak(Box::new(HostFuncObj { raw, ty, finalizer })));
        // SAFETY: a whole object, boxed as `destroy` expects.
        Func(unsafe { store.inner().adopt(obj.cast()) })
    }

    #[inline]
    pub(super) fn raw(&self) -> *mut raw::Func {
        self.0.cast()
    }

    /// What guest code knows of it.
    #[inline]
    pub fn raw_parts(&self) -> &raw::Func {
        // SAFETY: a handle keeps the function alive, and all but its head never changes.
        unsafe { &*self.raw() }
    }

    /// The canonical type.
    pub fn type_id(&self) -> TypeId {
        func_type_id(self)
    }

    pub fn ty(&self) -> &FuncType {
        // SAFETY: a handle keeps the function alive, and that its type: a host function owns it, another's instance
        // holds the module.
        unsafe { raw_type(self.raw()) }
    }

    /// The instance of a wasm function; none for the host's.
    pub fn instance(&self) -> Option<Instance> {
        // SAFETY: a function keeps its instance alive.
        unsafe { NonNull::new((*self.raw()).instance).map(|i| Instance(Ref::new(i.cast()))) }
    }

    /// Its index in the function index space of its module; none for the host's.
    pub fn index(&self) -> Option<u32> {
        // SAFETY: a handle keeps the function alive.
        let index = unsafe { (*self.raw()).index };
        (index != u32::MAX).then_some(index)
    }

    /// Keeps the function and its store alive until the result is dropped, for less than a handle costs.
    #[inline]
    pub fn hold(&self) -> impl Sized + use<> {
        // A function of an instance dies in a collection, and none comes between a call and the use of its results.
        // SAFETY: a handle keeps its object alive.
        let own = unsafe { (*self.raw()).instance.is_null() }.then(|| self.clone());
        (own, self.store())
    }

    /// Calls the function. There may be more results than it has; the rest stays as it is. Arguments and results that do
    /// not fit give a trap.
    pub fn call(&self, args: &[Val], results: &mut [Val]) -> Result<(), Trap> {
        // SAFETY: a handle keeps its store alive.
        let store = unsafe { StoreInner::of(NonNull::new_unchecked(self.0.as_ptr())).as_ref() };
        let _turn = store.enter();
        let ty = self.ty();
        if args.len() != ty.params.len() || results.len() < ty.results.len() {
            return Err(arity_trap(&store.borrow(), ty, args.len(), results.len()));
        }
        let mut buffer = SlotBuffer::new();
        let slots = buffer.get(ty.param_slots.max(ty.result_slots) as usize);
        let mut at = slots;
        for (i, (arg, want)) in args.iter().zip(&ty.params).enumerate() {
            if !arg.matches_in(*want, store) {
                let text = format!("argument {i} has the wrong type or belongs to another store: expected {want}");
                return Err(Trap::new(&store.borrow(), text));
            }
            // SAFETY: the buffer has room for all parameters.
            at = unsafe { at.add(arg.write(at, store)) };
        }
        // SAFETY: arguments of the right types, room for the results.
        unsafe { self.call_raw(slots)? };
        let mut at = slots;
        for (result, ty) in results.iter_mut().zip(&ty.results) {
            // SAFETY: the call has left its results.
            unsafe {
                *result = Val::read(at, *ty, &store.borrow());
                at = at.add(ty.slots() as usize);
            }
        }
        Ok(())
    }

    /// Calls the function with arguments packed in slots, where the results will be. Allocates nothing.
    ///
    /// # Safety
    /// `slots` has room for the larger of arguments and results, and holds arguments of the function's type; references
    /// among them belong to its store, and something else keeps what they refer to alive: a collection may come first.
    #[inline]
    pub unsafe fn call_raw(&self, slots: *mut u64) -> Result<(), Trap> {
        // SAFETY: a handle keeps the function and its store alive.
        unsafe {
            let func = self.raw();
            let store = StoreInner::of(NonNull::new_unchecked(func.cast())).as_ref();
            let _turn = store.enter();
            store.collect_if_needed();
            if let Some(host) = (*func).host {
                return self.call_host(store, host, slots);
            }
            if seam::call(store.ctx(), func, slots) { Ok(()) } else { Err(Trap::take_pending(store)) }
        }
    }

    /// As [`Func::call_raw`], for a function of an instance's: `put` writes the arguments to the slots of the frame, where `take`
    /// finds the results.
    ///
    /// # Safety
    /// As [`Func::call_raw`]; the closures write and read as many slots as the type says, and do nothing else.
    #[inline(always)]
    pub unsafe fn call_with(&self, put: impl FnOnce(*mut u64), take: impl FnOnce(*const u64)) -> Result<(), Trap> {
        // SAFETY: a handle keeps the function and its store alive.
        unsafe {
            let func = self.raw();
            let store = StoreInner::of(NonNull::new_unchecked(func.cast())).as_ref();
            let _turn = store.enter();
            store.collect_if_needed();
            if seam::call_guest(store.ctx(), func, put, take) { Ok(()) } else { Err(pending(store)) }
        }
    }

    /// Whether [`Func::call_directly`] may be used for a function. If not, it may be later.
    #[inline(always)]
    pub fn is_direct(func: &raw::Func) -> bool {
        seam::is_direct(func)
    }

    /// Calls a function by its machine code, if that can be entered at once: null, or the trap, with a reference to it.
    /// None if it is to be called in another way; then nothing has happened. The values of `args` and of `results` are 16 bytes
    /// apart, and of each no more than its type takes is read; they may be the same.
    ///
    /// # Safety
    /// As [`Func::call_raw`], for a function that somebody has a handle to, and that [`Func::is_direct`].
    #[inline(always)]
    pub unsafe fn call_directly(func: *mut raw::Func, args: *const u64, results: *mut u64) -> Option<*mut ObjHeader> {
        // SAFETY: by the contract.
        unsafe {
            let inner = StoreInner::of(NonNull::new_unchecked(func.cast()));
            if inner.as_ref().pressure.is_due() {
                return None;
            }
            // Its turn ends after the call, which may end the store.
            #[cfg(debug_assertions)]
            let _held = Store::clone(&inner.as_ref().borrow());
            #[cfg(debug_assertions)]
            let _turn = inner.as_ref().enter();
            seam::call_directly(func, args, results)
        }
    }

    /// # Safety
    /// As [`Func::call_raw`]; `host` is this function's.
    unsafe fn call_host(&self, store: &StoreInner, host: HostFn, slots: *mut u64) -> Result<(), Trap> {
        // The host may give up its handles to the function, while it runs.
        let keep = self.clone();
        let ctx = store.ctx();
        // SAFETY: the caller keeps to the convention of `HostFn`.
        unsafe {
            if (*ctx).depth >= (*ctx).max_depth {
                return Err(Trap::of_kind(&store.borrow(), TrapKind::StackOverflow));
            }
            (*ctx).depth += 1;
            let trap = host(keep.raw(), ptr::null_mut(), slots);
            (*ctx).depth -= 1;
            match NonNull::new(trap) {
                None => Ok(()),
                Some(trap) => Err(Trap::from_ref(Ref::from_raw(trap))
                    .unwrap_or_else(|_| Trap::of_kind(&store.borrow(), TrapKind::Internal))),
            }
        }
    }
}

/// [`raw::RuntimeHooks::direct_ended`]: the host may have given up its last handle to the store meanwhile.
///
/// # Safety
/// The stub calls this once, at the end of a call that it has begun.
#[cfg(jit)]
pub(super) unsafe extern "sysv64" fn direct_ended(status: u64, call: *const DirectCall) -> *mut ObjHeader {
    // SAFETY: the call has kept the store alive, and the function: nothing is collected while guest code is active.
    unsafe {
        let inner = StoreInner::of(NonNull::new_unchecked((*call).func.cast()));
        let mut failure = ptr::null_mut();
        if !seam::end_directly(status, &*call) {
            let trap = || Trap::take_pending(inner.as_ref());
            let trap = catch_unwind(AssertUnwindSafe(trap))
                .unwrap_or_else(|_| Trap::of_kind(&inner.as_ref().borrow(), TrapKind::Internal));
            failure = trap.into_ref().into_raw().as_ptr();
        }
        StoreInner::end_call(inner);
        failure
    }
}

/// [`raw::Func::kinds`] of a type.
pub(super) fn kinds(ty: &FuncType) -> [u8; 8] {
    let mut kinds = [0; 8];
    let types = ty.params.iter().chain(&ty.results);
    if ty.params.len() + ty.results.len() > kinds.len() {
        return [raw::Func::NO_KINDS; 8];
    }
    for (kind, ty) in kinds.iter_mut().zip(types) {
        *kind = match ty {
            ValType::I32 => 0,
            ValType::I64 => 1,
            ValType::F32 => 2,
            ValType::F64 => 3,
            ValType::V128 | ValType::Ref(_) => return [raw::Func::NO_KINDS; 8],
        };
    }
    kinds
}

/// The trap that is pending.
///
/// # Safety
/// There is one.
#[cold]
#[inline(never)]
unsafe fn pending(store: &StoreInner) -> Trap {
    // SAFETY: by the contract.
    unsafe { Trap::take_pending(store) }
}

#[cold]
fn arity_trap(store: &Store, ty: &FuncType, args: usize, results: usize) -> Trap {
    let text = if args != ty.params.len() {
        format!("wrong number of arguments: expected {}, found {args}", ty.params.len())
    } else {
        format!("not enough room for the results: expected {}, found {results}", ty.results.len())
    };
    Trap::new(store, text)
}

#[inline]
pub(super) fn func_type_id(f: &Func) -> TypeId {
    // SAFETY: a handle keeps the function alive.
    TypeId(unsafe { (*f.raw()).type_id })
}

/// The type of a function.
///
/// # Safety
/// `func` is alive, as long as the result is used.
#[inline]
pub(super) unsafe fn raw_type<'a>(func: *mut raw::Func) -> &'a FuncType {
    // SAFETY: the caller says that it is alive, so its instance is.
    unsafe {
        if (*func).instance.is_null() {
            (*func.cast::<HostFuncObj>()).ty.ty().as_func().expect("a function type, as when it was made")
        } else {
            (*(*func).instance.cast::<InstanceObj>()).module().func_type((*func).index)
        }
    }
}

/// # Safety
/// The function and its store are alive; the slots hold its arguments.
unsafe fn call_closure(
    func: *mut HostFuncObj,
    instance: *mut raw::Instance,
    slots: *mut u64,
    f: &dyn HostClosure,
) -> *mut ObjHeader {
    // SAFETY: the caller says so.
    unsafe {
        let inner = StoreInner::of(NonNull::new_unchecked(func.cast())).as_ref();
        let store = &*inner.borrow();
        // Whoever calls keeps the function alive, and that its type.
        let ty = (*func).ty.ty().as_func().expect("a function type, as when it was made");
        let count = ty.params.len() + ty.results.len();
        let mut few = [const { Val::I32(0) }; 6];
        let mut many = Vec::new();
        let vals = match few.get_mut(..count) {
            Some(few) => few,
            None => {
                many.resize(count, Val::I32(0));
                &mut many[..]
            }
        };
        let (args, results) = vals.split_at_mut(ty.params.len());
        let mut at = slots.cast_const();
        for (arg, t) in args.iter_mut().zip(&ty.params) {
            *arg = Val::read(at, *t, store);
            at = at.add(t.slots() as usize);
        }
        for (result, t) in results.iter_mut().zip(&ty.results) {
            *result = Val::default_for(*t, store.engine().types());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| f(Caller { store, instance }, args, results)));
        let trap = match outcome {
            Ok(Ok(())) => None,
            Ok(Err(trap)) => Some(trap),
            Err(_) => Some(Trap::new(store, "the host function panicked")),
        };
        if let Some(trap) = trap {
            return trap.into_pending(store);
        }
        let mut at = slots;
        for (i, (result, want)) in results.iter().zip(&ty.results).enumerate() {
            if !result.matches_in(*want, inner) {
                let text = format!("result {i} of the host function has the wrong type: expected {want}");
                return Trap::new(store, text).into_ref().into_raw().as_ptr();
            }
            at = at.add(result.write(at, inner));
        }
        ptr::null_mut()
    }
}

/// Takes the finalizer and its data from a host function.
///
/// # Safety
/// `func` is alive.
pub(super) unsafe fn take_env(func: NonNull<raw::Func>) -> Option<(Finalizer, *mut c_void)> {
    // SAFETY: the caller says so; a function without an instance is the host's.
    unsafe {
        if !(*func.as_ptr()).instance.is_null() {
            return None;
        }
        let host = func.cast::<HostFuncObj>().as_ptr();
        (*host).finalizer.take().map(|f| (f, (*host).raw.env))
    }
}

/// Room for arguments and results: on the native stack when there are few.
struct SlotBuffer {
    few: [MaybeUninit<u64>; 16],
    many: Vec<u64>,
}

impl SlotBuffer {
    #[inline]
    fn new() -> SlotBuffer {
        SlotBuffer { few: [const { MaybeUninit::uninit() }; 16], many: Vec::new() }
    }

    #[inline]
    fn get(&mut self, slots: usize) -> *mut u64 {
        if slots <= self.few.len() {
            return self.few.as_mut_ptr().cast();
        }
        self.many = vec![0; slots];
        self.many.as_mut_ptr()
    }
}
