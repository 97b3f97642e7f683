//! The garbage-collected heap as guest code sees it: where it is, how to take room from it, and what its objects look
//! like. The collector itself is in `runtime::gc`.
//!
//! # References
//! See [`super::layout`]: an offset from [`HeapCtx::base`], a multiple of 8 that fits 32 bits; 0 is null.
//!
//! # Objects
//! `code::heap` says where the fields of structures and the elements of arrays lie. An exception has type id and size
//! as any object, then the address of its tag, then its payload as slots, packed as parameters are.
//!
//! # Taking room
//! [`allocate`] bumps a pointer through a free run of memory; it fails when the run is at its end. The runtime then finds
//! another run, collecting if it has to ([`super::layout::RuntimeHooks::heap_room`]), and the instruction starts anew. The
//! memory taken holds leftovers. No reference may be kept across a call of the runtime except in slots of the value stack
//! below `stack_top`, where the collector looks; it takes every slot for a reference that could be one.

use super::layout::{StoreCtx, Tag};
use crate::code::heap::HEADER;

/// The heap of a store, as far as guest code needs it. All zero as long as there is none.
#[repr(C)]
pub struct HeapCtx {
    /// Where offsets count from. Never changes once set.
    pub base: *mut u8,
    /// The free run: offsets of its first byte, and behind its last. Multiples of 8.
    pub bump: usize,
    pub limit: usize,
    /// One bit for each 8 bytes of the heap: set where an object starts.
    pub starts: *mut u64,
    /// By canonical type id: what the objects of the type are. Set for each type of which the store has objects.
    pub types: *const *const TypeInfo,
}

impl HeapCtx {
    pub const NONE: HeapCtx = HeapCtx {
        base: core::ptr::null_mut(),
        bump: 0,
        limit: 0,
        starts: core::ptr::null_mut(),
        types: core::ptr::null(),
    };
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ObjectKind {
    Struct = 0,
    Array = 1,
    Exception = 2,
}

/// A type of objects in a store's heap.
#[repr(C)]
pub struct TypeInfo {
    pub kind: ObjectKind,
    /// Arrays: bytes of an element, as a power of two.
    pub width_log2: u8,
    /// How many supertypes it has, and their canonical ids from the top of the hierarchy down, its own last.
    pub depth: u32,
    pub supers: *const u32,
}

/// The header of an object.
#[repr(C)]
pub struct Header {
    pub type_id: u32,
    /// The number of elements of an array, the size in bytes of anything else.
    pub extent: u32,
}

const _: () = assert!(size_of::<Header>() == HEADER as usize);

/// Takes `size` bytes, a multiple of 8, from the free run; 0 when the run is too short.
///
/// # Safety
/// The store is alive and this thread's. The caller writes a whole object before anything else can happen.
#[inline(always)]
pub unsafe fn allocate(store: *mut StoreCtx, size: usize) -> u32 {
    // SAFETY: by the contract; the bitmap covers the whole heap.
    unsafe {
        let heap = &raw mut (*store).heap;
        let at = (*heap).bump;
        let end = at + size;
        if end > (*heap).limit {
            return 0;
        }
        (*heap).bump = end;
        *(*heap).starts.add(at >> 9) |= 1 << (at >> 3 & 63);
        at as u32
    }
}

/// The address of an object.
///
/// # Safety
/// The store is alive; the offset is one of an object of its heap (or nothing is done with the result).
#[inline(always)]
pub unsafe fn object(store: *mut StoreCtx, offset: u32) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe { (*store).heap.base.wrapping_add(offset as usize) }
}

/// The header of an object.
///
/// # Safety
/// As [`object`].
#[inline(always)]
pub unsafe fn header(store: *mut StoreCtx, offset: u32) -> *mut Header {
    // SAFETY: by the contract.
    unsafe { object(store, offset).cast() }
}

/// Whether the object at `offset` is of the type `id`, which lies at `depth` in its hierarchy, or of a subtype.
///
/// # Safety
/// As [`object`].
#[inline(always)]
pub unsafe fn is_a(store: *mut StoreCtx, offset: u32, id: u32, depth: u32) -> bool {
    // SAFETY: an object's type is in the table; a display is as long as its depth says.
    unsafe {
        let own = (*header(store, offset)).type_id;
        if own == id {
            return true;
        }
        let info = *(*store).heap.types.add(own as usize);
        (*info).depth > depth && *(*info).supers.add(depth as usize) == id
    }
}

/// What kind of object is at `offset`.
///
/// # Safety
/// As [`object`].
#[inline(always)]
pub unsafe fn kind(store: *mut StoreCtx, offset: u32) -> ObjectKind {
    // SAFETY: an object's type is in the table.
    unsafe { (**(*store).heap.types.add((*header(store, offset)).type_id as usize)).kind }
}

/// The tag of an exception.
///
/// # Safety
/// `exn` is an exception of the store.
#[inline(always)]
pub unsafe fn exception_tag(store: *mut StoreCtx, exn: u32) -> *mut Tag {
    // SAFETY: by the contract.
    unsafe { *object(store, exn + EXCEPTION_TAG).cast() }
}

/// The payload of an exception: slots, packed as the parameters of its tag's type. Valid as long as the exception is.
///
/// # Safety
/// `exn` is an exception of the store.
#[inline(always)]
pub unsafe fn exception_payload(store: *mut StoreCtx, exn: u32) -> *const u64 {
    // SAFETY: by the contract.
    unsafe { object(store, exn + EXCEPTION_PAYLOAD).cast() }
}

/// Where the tag of an exception is.
pub const EXCEPTION_TAG: u32 = HEADER;
/// Where its payload starts.
pub const EXCEPTION_PAYLOAD: u32 = HEADER + 8;
