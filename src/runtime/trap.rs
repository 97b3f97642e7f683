//! Traps as objects: why the guest stopped, and where.
//!
//! A trap that a host function returns travels through guest frames as the object it is and comes out of the outermost
//! call unchanged; a trap of the guest's own becomes an object there.

use super::gc::ObjectKind;
use super::heap_roots::HeapRef;
use super::object::{Instance, ObjKind, Ref, Trap, header};
use super::seam;
use super::store::{NOWHERE, Store, StoreInner};
use crate::util::short;
use crate::vm::layout::{self as raw, NO_FAULT};
use crate::vm::trap::{GuestFrame, TrapKind};
use core::any::Any;
use core::fmt;
use core::ptr::{self, NonNull};
use std::borrow::Cow;

#[repr(C)]
pub(super) struct TrapObj {
    hdr: raw::ObjHeader,
    kind: TrapKind,
    /// The host's words, or none for the standard ones of the kind.
    message: Option<Box<[u8]>>,
    /// Innermost first, with offsets from when somebody has asked for them. The instances are edges for the collector.
    frames: Box<[GuestFrame]>,
    payload: Option<Box<dyn Any + Send>>,
    /// The exception that nothing caught, as an offset into the store's heap; the collector keeps it.
    exception: u32,
    /// The address that was out of bounds.
    fault: Option<u64>,
}

/// A frame of guest code that the trap left.
#[derive(Clone, Debug)]
pub struct Frame {
    pub instance: Instance,
    /// In the function index space of the module.
    pub func_index: u32,
    /// Byte offset from the start of the function's body.
    pub func_offset: u32,
    /// Byte offset in the module's binary.
    pub module_offset: u32,
}

impl Trap {
    /// A trap of the host's, with its message. Made while guest code runs, it remembers the guest's frames.
    pub fn new(store: &Store, message: impl Into<Vec<u8>>) -> Trap {
        let message: Vec<u8> = message.into();
        Trap::make(store, TrapKind::Host, Some(message.into()), None)
    }

    /// A trap of the given kind, with the kind's own message.
    pub fn of_kind(store: &Store, kind: TrapKind) -> Trap {
        Trap::make(store, kind, None, None)
    }

    /// A trap of the given kind, with a message that says more than the kind's own.
    pub fn of_kind_saying(store: &Store, kind: TrapKind, message: impl Into<Vec<u8>>) -> Trap {
        let message: Vec<u8> = message.into();
        Trap::make(store, kind, Some(message.into()), None)
    }

    /// A trap of the host's that carries something for whoever catches it.
    pub fn with_payload(store: &Store, message: impl Into<Vec<u8>>, payload: Box<dyn Any + Send>) -> Trap {
        let message: Vec<u8> = message.into();
        Trap::make(store, TrapKind::Host, Some(message.into()), Some(payload))
    }

    /// The trap that throws an exception when a host function returns it. None if the object is no exception.
    pub fn from_exception(exception: &HeapRef) -> Option<Trap> {
        if exception.kind() != ObjectKind::Exception {
            return None;
        }
        let trap = Trap::make(exception.store(), TrapKind::UncaughtException, None, None);
        // SAFETY: just made; a handle keeps its object alive.
        unsafe { (*trap.0.cast::<TrapObj>()).exception = exception.offset() };
        Some(trap)
    }

    /// The exception that nothing caught, if that is what this trap is.
    pub fn thrown(&self) -> Option<HeapRef> {
        (self.exception() != 0).then(|| HeapRef::new(&self.store(), self.exception()))
    }

    #[inline(never)]
    fn make(store: &Store, kind: TrapKind, message: Option<Box<[u8]>>, payload: Option<Box<dyn Any + Send>>) -> Trap {
        let _turn = store.enter();
        // SAFETY: the store is alive, and stopped in a host call if guest code is active.
        let frames = if store.inner().is_active() { unsafe { seam::backtrace(store.ctx()) } } else { Vec::new() };
        Trap::with_frames(store.inner(), kind, message, payload, frames)
    }

    fn with_frames(
        store: &StoreInner,
        kind: TrapKind,
        message: Option<Box<[u8]>>,
        payload: Option<Box<dyn Any + Send>>,
        frames: Vec<GuestFrame>,
    ) -> Trap {
        let hdr = header(store, ObjKind::Trap);
        let obj = Box::new(TrapObj { hdr, kind, message, frames: frames.into(), payload, exception: 0, fault: None });
        // SAFETY: a whole object, boxed as `destroy` expects.
        Trap(unsafe { store.adopt(NonNull::from(Box::leak(obj)).cast()) })
    }

    /// The object for the trap that `interp::call` left in the store.
    ///
    /// # Safety
    /// The store is alive, and a trap is pending in it.
    #[cold]
    pub(super) unsafe fn take_pending(store: &StoreInner) -> Trap {
        let ctx = store.ctx();
        // SAFETY: the pending trap's object, if there is one, comes with a host reference.
        unsafe {
            let object = core::mem::replace(&mut (*ctx).trap.object, ptr::null_mut());
            let kind = core::mem::replace(&mut (*ctx).trap.kind, 0);
            store.was_deep.set(store.was_deep.get() | (kind == TrapKind::StackOverflow as u8));
            let frames = seam::backtrace(ctx);
            // The next backtrace, of a trap that a host function makes, has no site of its own.
            (*ctx).trap.site = NOWHERE;
            match NonNull::new(object) {
                Some(object) => match Trap::from_ref(Ref::from_raw(object)) {
                    Ok(trap) => {
                        trap.add_frames(frames);
                        trap
                    }
                    // Nothing but a trap is ever returned; a host that does otherwise gets a trap all the same.
                    Err(_) => Trap::with_frames(store, TrapKind::Internal, None, None, frames),
                },
                None => {
                    let trap = Trap::with_frames(store, TrapKind::from_u8(kind), None, None, frames);
                    let fault = core::mem::replace(&mut (*ctx).fault, NO_FAULT);
                    let known = kind == TrapKind::MemoryOutOfBounds as u8 && fault != NO_FAULT;
                    (*trap.0.cast::<TrapObj>()).fault = known.then_some(fault);
                    (*trap.0.cast::<TrapObj>()).exception = core::mem::replace(&mut (*ctx).trap.exception, 0) as u32;
                    trap
                }
            }
        }
    }

    /// What a host function of the store hands to guest code instead of returning: this trap, or in place of another store's, whose
    /// frames and exception mean nothing here, a new one of the same kind and message.
    pub fn into_pending(self, store: &Store) -> *mut raw::ObjHeader {
        let here = if self.0.belongs_to(store) {
            self
        } else {
            // An exception that is none of this store's is nothing that its guests could catch.
            let kind = if self.kind() == TrapKind::UncaughtException { TrapKind::Host } else { self.kind() };
            Trap::make(store, kind, Some(self.message_bytes().into()), None)
        };
        here.0.into_raw().as_ptr()
    }

    /// Gives frames to a trap that was made without any.
    fn add_frames(&self, frames: Vec<GuestFrame>) {
        let obj: *mut TrapObj = self.0.cast();
        // SAFETY: a handle keeps its object alive; no reference into the object outlives a call of a method.
        unsafe {
            let known = &mut (*obj).frames;
            if known.is_empty() {
                *known = frames.into();
            }
        }
    }

    fn obj(&self) -> &TrapObj {
        // SAFETY: a handle keeps its object alive.
        unsafe { &*self.0.cast::<TrapObj>() }
    }

    pub fn kind(&self) -> TrapKind {
        self.obj().kind
    }

    /// The message's bytes: whatever the host gave, or text.
    pub fn message_bytes(&self) -> &[u8] {
        match &self.obj().message {
            Some(m) => m,
            None => self.obj().kind.message().as_bytes(),
        }
    }

    /// The exception that this trap stands for: 0 for any other trap.
    pub(super) fn exception(&self) -> u32 {
        self.obj().exception
    }

    /// The address in the guest's memory where the access began that was out of bounds, if it was one of a load or store.
    pub fn fault_address(&self) -> Option<u64> {
        self.obj().fault
    }

    /// The frames as text, one a line, innermost first: number, offset in the module, module and function.
    pub fn backtrace(&self) -> String {
        use fmt::Write;
        let mut text = String::new();
        for (i, frame) in self.frames().enumerate() {
            let module = frame.instance.module();
            let _ = write!(text, "{i:>4}: {:#010x} ", frame.module_offset);
            if let Some(name) = module.name() {
                let _ = write!(text, "{}!", short(name));
            }
            let _ = match module.func_name(frame.func_index) {
                Some(name) => writeln!(text, "{}", short(name)),
                None => writeln!(text, "<function {}>", frame.func_index),
            };
        }
        text
    }

    pub fn message(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.message_bytes())
    }

    /// What [`Trap::with_payload`] put in.
    pub fn payload(&self) -> Option<&(dyn Any + Send)> {
        self.obj().payload.as_deref()
    }

    pub fn frame_count(&self) -> usize {
        self.obj().frames.len()
    }

    /// A frame of the backtrace, 0 being the innermost: the trap's origin.
    pub fn frame(&self, i: usize) -> Option<Frame> {
        let f = self.placed_frame(i)?;
        let instance: NonNull<raw::ObjHeader> = NonNull::new(f.instance)?.cast();
        Some(Frame {
            // SAFETY: a trap keeps the instances of its frames alive.
            instance: Instance(unsafe { Ref::new(instance) }),
            func_index: f.func_index,
            func_offset: f.func_offset,
            module_offset: f.module_offset,
        })
    }

    /// A frame with its offsets.
    fn placed_frame(&self, i: usize) -> Option<GuestFrame> {
        let obj: *mut TrapObj = self.0.cast();
        // SAFETY: a handle keeps its object alive, and that the instances of its frames; no reference into the object outlives a
        // call of a method.
        unsafe {
            let frames = &mut (*obj).frames;
            if frames.get(i)?.func_offset == GuestFrame::UNPLACED {
                seam::place_all(frames);
            }
            frames.get(i).copied()
        }
    }

    pub fn frames(&self) -> impl Iterator<Item = Frame> + '_ {
        (0..self.frame_count()).filter_map(|i| self.frame(i))
    }
}

/// The instances that a trap keeps alive.
///
/// # Safety
/// `obj` is a live trap.
pub(super) unsafe fn edges(obj: NonNull<TrapObj>, mut to: impl FnMut(NonNull<raw::ObjHeader>)) {
    // SAFETY: the caller says so.
    for f in unsafe { &(*obj.as_ptr()).frames } {
        if let Some(instance) = NonNull::new(f.instance) {
            to(instance.cast());
        }
    }
}

/// The exception that a trap keeps alive.
///
/// # Safety
/// `obj` is a live trap.
pub(super) unsafe fn exception_of(obj: NonNull<TrapObj>) -> Option<u32> {
    // SAFETY: the caller says so.
    Some(unsafe { (*obj.as_ptr()).exception }).filter(|e| *e != 0)
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Trap {}
