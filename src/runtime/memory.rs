//! Linear memories.
//!
//! On 64-bit hosts a 32-bit memory reserves its whole address range and a guard behind it, so that growing commits
//! pages and never moves the memory, and machine code needs no bounds checks. Where the system refuses the reservation
//! (limited address space, containers, small boards), and for 64-bit memories without a small maximum, the memory is a
//! plain mapping that grows by being remapped. Shared memories never move: they take address space for their maximum.
//! Engines with an allocator of the host's take all memories from it ([`super::host_memory`]).
//!
//! Spec: "Execution / Runtime Structure / Memory Instances"; threads proposal for shared memories; memory64;
//! custom page sizes.
//!
//! Invariants: bytes below `len` are readable and writable, bytes of a reservation beyond them are not touched; `len` is a
//! multiple of the page size and never shrinks.

use super::engine::Engine;
use super::error::CreateError;
use super::host_memory::{HostBlock, MemoryRequest};
use super::limits::Growth;
use super::object::{Memory, ObjKind, Ref, header};
use super::store::{Store, StoreInner};
use crate::module::MemoryType;
use crate::sys::{Region, SysError, page_size};
use crate::vm::layout as raw;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[repr(C)]
pub(super) struct MemoryObj {
    raw: raw::Memory,
    ty: MemoryType,
    backing: Backing,
    /// Bytes counted in the store's usage, and of address space.
    counted: u64,
    reserved: u64,
}

enum Backing {
    /// Address space for the largest size; so many bytes are committed.
    Reserved(Option<Region>, usize),
    /// Everything is accessible; grows by remapping.
    Plain(Region),
    /// The host's; may move as it grows.
    Host(HostBlock),
    Shared(Arc<SharedMemory>),
}

impl Backing {
    /// Bytes of address space.
    fn reserved(&self) -> u64 {
        match self {
            Backing::Reserved(region, _) => region.as_ref().map_or(0, |r| r.len() as u64),
            Backing::Plain(region) => region.len() as u64,
            Backing::Host(block) => block.len() as u64,
            Backing::Shared(shared) => shared.room.lock().unwrap_or_else(PoisonError::into_inner).reserved(),
        }
    }
}

pub use crate::vm::layout::GUARD_BYTES;

/// Above this, a maximum is not taken as a hint of what to reserve.
const SMALL_MAXIMUM: u64 = 1 << 32;

/// A memory that several stores use at a time. Atomic length, immovable.
pub struct SharedMemory {
    base: *mut u8,
    ty: MemoryType,
    len: AtomicUsize,
    /// Its lock makes growing one at a time.
    room: Mutex<Room>,
}

// SAFETY: `base` is that of the room, which never moves; whoever goes through it answers for synchronisation.
unsafe impl Send for SharedMemory {}
// SAFETY: as above.
unsafe impl Sync for SharedMemory {}

/// What a shared memory lies in.
enum Room {
    /// Address space for the largest size; so many bytes are accessible.
    Region(Region, usize),
    Host(HostBlock),
}

impl Room {
    fn base(&self) -> *mut u8 {
        match self {
            Room::Region(region, _) => region.base(),
            Room::Host(block) => block.base(),
        }
    }

    fn reserved(&self) -> u64 {
        match self {
            Room::Region(region, _) => region.len() as u64,
            Room::Host(block) => block.len() as u64,
        }
    }

    fn grow(&mut self, len: usize) -> Option<()> {
        match self {
            Room::Region(region, committed) => commit_to(region, committed, len),
            Room::Host(block) => block.grow(len).then_some(()),
        }
    }
}

impl SharedMemory {
    pub fn new(engine: &Engine, ty: MemoryType) -> Result<Arc<SharedMemory>, CreateError> {
        check_type(&ty)?;
        let (Some(maximum), true) = (ty.maximum, ty.shared) else { return Err(CreateError::Invalid("shared memory")) };
        let len = bytes(&ty, ty.minimum).ok_or(CreateError::Limit("memory size"))?;
        let maximum = bytes(&ty, maximum).ok_or(CreateError::Limit("memory size"))?;
        let room = |room: Room| {
            let base = room.base();
            Ok(Arc::new(SharedMemory { base, ty, len: AtomicUsize::new(len), room: Mutex::new(room) }))
        };
        if let Some(allocator) = &engine.config().memory_allocator {
            let request = MemoryRequest { bytes: len, most: maximum as u64, fixed: true };
            return room(Room::Host(HostBlock::new(allocator, &request)?));
        }
        let reserved = if engine.config().reserve_memories { Region::reserve(maximum).ok() } else { None };
        let (region, committed) = match reserved {
            Some(region) => {
                let committed = len.next_multiple_of(page_size());
                region.commit(0, committed)?;
                (region, committed)
            }
            None => {
                let region = Region::zeroed(maximum)?;
                let committed = region.len();
                (region, committed)
            }
        };
        room(Room::Region(region, committed))
    }

    pub fn ty(&self) -> MemoryType {
        self.ty
    }

    /// First byte; never changes.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Pages.
    pub fn size(&self) -> u64 {
        self.len() as u64 >> self.ty.page_log2
    }

    /// Grows by pages; the old size, or `None` when the type or the system refuses. No store's limits apply.
    pub fn grow_pages(&self, delta: u64) -> Option<u64> {
        self.grow(delta, |_, _| true)
    }

    /// Grows by pages; the old size in pages.
    fn grow(&self, delta: u64, allow: impl FnOnce(usize, usize) -> bool) -> Option<u64> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let old = self.len();
        let old_pages = (old as u64) >> self.ty.page_log2;
        let new = grown(&self.ty, old_pages, delta)?;
        if new == old {
            return Some(old_pages);
        }
        if !allow(old, new) {
            return None;
        }
        room.grow(new)?;
        self.len.store(new, Ordering::Release);
        Some(old_pages)
    }
}

/// Commits what is missing for `len` bytes.
fn commit_to(region: &Region, committed: &mut usize, len: usize) -> Option<()> {
    let wanted = len.checked_next_multiple_of(page_size())?;
    if wanted > *committed {
        region.commit(*committed, wanted - *committed).ok()?;
        *committed = wanted;
    }
    Some(())
}

/// The bytes of so many pages, if the host can address them.
fn bytes(ty: &MemoryType, pages: u64) -> Option<usize> {
    let bytes = pages.checked_mul(1 << ty.page_log2)?;
    usize::try_from(bytes).ok().filter(|b| *b <= isize::MAX as usize)
}

/// The bytes of a memory after growing, if its type allows them.
fn grown(ty: &MemoryType, pages: u64, delta: u64) -> Option<usize> {
    let new = pages.checked_add(delta)?;
    let maximum = ty.maximum.unwrap_or(u64::MAX).min(ty.address_limit());
    if new > maximum {
        return None;
    }
    bytes(ty, new)
}

fn check_type(ty: &MemoryType) -> Result<(), CreateError> {
    let limit = ty.address_limit();
    if ty.minimum > limit || ty.maximum.is_some_and(|m| m > limit || m < ty.minimum) {
        return Err(CreateError::Invalid("memory limits"));
    }
    if !matches!(ty.page_log2, 0 | 16) {
        return Err(CreateError::Invalid("memory page size"));
    }
    Ok(())
}

impl Memory {
    /// A memory of the host's. A shared type makes a new shared memory.
    pub fn new(store: &Store, ty: MemoryType) -> Result<Memory, CreateError> {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        let obj = create(store.inner(), ty)?;
        // SAFETY: a whole object, boxed as `destroy` expects.
        Ok(Memory(unsafe { store.inner().adopt(obj.cast()) }))
    }

    /// A store's view of a shared memory.
    pub fn from_shared(store: &Store, shared: &Arc<SharedMemory>) -> Result<Memory, CreateError> {
        let _turn = store.enter();
        store.inner().collect_if_needed();
        let obj = allocate(store.inner(), shared.ty, Backing::Shared(shared.clone()), shared.len())?;
        // SAFETY: a whole object, boxed as `destroy` expects.
        Ok(Memory(unsafe { store.inner().adopt(obj.cast()) }))
    }

    fn obj(&self) -> *mut MemoryObj {
        self.0.cast()
    }

    /// The type it was made with.
    pub fn ty(&self) -> MemoryType {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.obj()).ty }
    }

    /// The type as an import sees it: the minimum is the present size.
    pub fn current_type(&self) -> MemoryType {
        MemoryType { minimum: self.size(), ..self.ty() }
    }

    /// First byte. Changes when an unreserved memory grows.
    pub fn data(&self) -> *mut u8 {
        // SAFETY: a handle keeps its object alive.
        unsafe { (*self.obj()).raw.base }
    }

    /// Bytes.
    pub fn data_len(&self) -> usize {
        // SAFETY: a handle keeps its object alive.
        unsafe { true_len(&mut (*self.obj()).raw) }
    }

    /// Pages.
    pub fn size(&self) -> u64 {
        // SAFETY: a handle keeps its object alive.
        self.data_len() as u64 >> unsafe { (*self.obj()).raw.page_log2 }
    }

    /// Grows by pages; the old size, or `None` when the type, a limit or the system refuses.
    pub fn grow(&self, delta: u64) -> Option<u64> {
        let store = self.store();
        let _turn = store.enter();
        // SAFETY: a handle keeps its object alive.
        unsafe { grow(self.obj(), delta) }
    }

    /// What other stores can be given, if the memory is shared.
    pub fn shared(&self) -> Option<Arc<SharedMemory>> {
        // SAFETY: a handle keeps its object alive.
        match unsafe { &(*self.obj()).backing } {
            Backing::Shared(s) => Some(s.clone()),
            _ => None,
        }
    }

    /// Copies bytes out; false when they are not all inside.
    #[must_use]
    pub fn read(&self, offset: usize, to: &mut [u8]) -> bool {
        match self.range(offset, to.len()) {
            // SAFETY: inside the memory; `to` is the caller's own and cannot overlap guest memory.
            Some(p) => unsafe { p.copy_to_nonoverlapping(to.as_mut_ptr(), to.len()) },
            None => return false,
        }
        true
    }

    /// Copies bytes in; false, and nothing is written, when there is no room for all.
    #[must_use]
    pub fn write(&self, offset: usize, from: &[u8]) -> bool {
        match self.range(offset, from.len()) {
            // SAFETY: inside the memory.
            Some(p) => unsafe { p.copy_from(from.as_ptr(), from.len()) },
            None => return false,
        }
        true
    }

    fn range(&self, offset: usize, len: usize) -> Option<*mut u8> {
        let end = offset.checked_add(len)?;
        // SAFETY: the offset is at most the length of the memory.
        (end <= self.data_len()).then(|| unsafe { self.data().add(offset) })
    }

    /// Whether growing never moves it.
    pub fn is_immovable(&self) -> bool {
        // SAFETY: a handle keeps its object alive.
        unsafe { !matches!((*self.obj()).backing, Backing::Plain(_) | Backing::Host(_)) }
    }
}

/// The length of a memory; refreshes the cached one of a shared memory.
fn true_len(m: &mut raw::Memory) -> usize {
    if !m.shared_len.is_null() {
        // SAFETY: `shared_len` points into the `SharedMemory` that the object holds.
        m.len = unsafe { (*m.shared_len).load(Ordering::Acquire) };
    }
    m.len
}

/// A new memory, neither listed nor with a handle.
pub(super) fn create(store: &StoreInner, ty: MemoryType) -> Result<NonNull<MemoryObj>, CreateError> {
    check_type(&ty)?;
    let len = bytes(&ty, ty.minimum).ok_or(CreateError::Limit("memory size"))?;
    admit(store, &ty, 0, len)?;
    let engine = &store.engine;
    if ty.shared {
        let shared = SharedMemory::new(engine, ty)?;
        return allocate(store, ty, Backing::Shared(shared), len);
    }
    let most = grown_max(&ty) as u64;
    let most = store.limits.borrow().memory_bytes.min(most).max(len as u64);
    let backing = match map(engine, &ty, len, most) {
        Ok(backing) => backing,
        // Memories that nobody reaches any more may be what the system is short of.
        Err(_) if store.collect() > 0 => map(engine, &ty, len, most)?,
        Err(e) => return Err(e.into()),
    };
    allocate(store, ty, backing, len)
}

fn map(engine: &Engine, ty: &MemoryType, len: usize, most: u64) -> Result<Backing, SysError> {
    if let Some(allocator) = &engine.config().memory_allocator {
        let request = MemoryRequest { bytes: len, most, fixed: false };
        return HostBlock::new(allocator, &request).map(Backing::Host);
    }
    if engine.config().reserve_memories
        && let Some(size) = reservation(ty)
        && let Some(backing) = reserved(engine, size, len)
    {
        return Ok(backing);
    }
    Region::zeroed(len).map(Backing::Plain)
}

/// How much address space to reserve, if any.
fn reservation(ty: &MemoryType) -> Option<usize> {
    if usize::BITS < 64 {
        return None;
    }
    if !ty.is64 {
        return Some((1 << 32) + GUARD_BYTES);
    }
    let maximum = ty.maximum?.checked_mul(1 << ty.page_log2)?;
    (maximum <= SMALL_MAXIMUM).then(|| maximum.max(1) as usize)
}

fn reserved(engine: &Engine, size: usize, len: usize) -> Option<Backing> {
    let (region, mut committed) = engine.take_reservation(size).ok()?;
    let wanted = len.next_multiple_of(page_size());
    if committed > wanted {
        // Pages beyond the memory must not be accessible.
        region.decommit(wanted, committed - wanted).ok()?;
        committed = wanted;
    }
    commit_to(&region, &mut committed, len)?;
    Some(Backing::Reserved(Some(region), committed))
}

/// Whether the store's limits and the host allow a memory to become `to` bytes long.
fn admit(store: &StoreInner, ty: &MemoryType, from: usize, to: usize) -> Result<(), CreateError> {
    let most = store.limits.borrow().total_memory_bytes;
    let fits = || store.usage.memory_bytes.get().saturating_add((to - from) as u64) <= most;
    if to as u64 > store.limits.borrow().memory_bytes || !store.with_room(fits) {
        return Err(CreateError::Limit("memory size"));
    }
    let max = ty.maximum.map(|m| m.saturating_mul(1 << ty.page_log2));
    match store.may_grow(Growth::Memory { from: from as u64, to: to as u64, max }) {
        true => Ok(()),
        false => Err(CreateError::Limit("memory size")),
    }
}

fn allocate(
    store: &StoreInner,
    ty: MemoryType,
    backing: Backing,
    len: usize,
) -> Result<NonNull<MemoryObj>, CreateError> {
    let most = store.limits.borrow().memories;
    if !store.with_room(|| store.usage.memories.get() < most) {
        return Err(CreateError::Limit("number of memories"));
    }
    store.usage.memories.set(store.usage.memories.get() + 1);
    store.usage.memory_bytes.set(store.usage.memory_bytes.get() + len as u64);
    let (base, shared_len) = match &backing {
        Backing::Reserved(Some(region), _) | Backing::Plain(region) => (region.base(), ptr::null()),
        Backing::Host(block) => (block.base(), ptr::null()),
        Backing::Reserved(None, _) => (ptr::null_mut(), ptr::null()),
        Backing::Shared(shared) => (shared.base(), ptr::from_ref(&shared.len)),
    };
    let reserved = backing.reserved();
    store.usage.reserved_bytes.set(store.usage.reserved_bytes.get() + reserved);
    let obj = Box::new(MemoryObj {
        raw: raw::Memory {
            hdr: header(store, ObjKind::Memory),
            base,
            len,
            shared_len,
            page_log2: ty.page_log2,
            is64: ty.is64,
            shared: ty.shared,
            owner: ptr::null_mut(),
        },
        ty,
        backing,
        counted: len as u64,
        reserved,
    });
    Ok(NonNull::from(Box::leak(obj)))
}

/// `memory.grow`.
///
/// # Safety
/// `m` is alive.
pub(super) unsafe fn grow(m: *mut MemoryObj, delta: u64) -> Option<u64> {
    // SAFETY: the caller says that the memory is alive, so its store is; nobody else holds a reference into it.
    let (m, store) = unsafe { (&mut *m, StoreInner::of(NonNull::new_unchecked(m.cast())).as_ref()) };
    let ty = m.ty;
    let old;
    if let Backing::Shared(shared) = &m.backing {
        old = shared.grow(delta, |from, to| admit(store, &ty, from, to).is_ok())?;
        true_len(&mut m.raw);
    } else {
        old = m.raw.len as u64 >> ty.page_log2;
        let new = grown(&ty, old, delta)?;
        if new == m.raw.len {
            return Some(old);
        }
        admit(store, &ty, m.raw.len, new).ok()?;
        match &mut m.backing {
            Backing::Reserved(region, committed) => commit_to(region.as_ref()?, committed, new)?,
            Backing::Plain(region) => {
                // A little more than asked for, because moving may mean copying.
                let ample = new.max(region.len() + region.len() / 2).min(grown_max(&ty));
                if region.grow(ample).is_err() {
                    region.grow(new).ok()?;
                }
                m.raw.base = region.base();
            }
            Backing::Host(block) => {
                let grown = block.grow(new);
                m.raw.base = block.base();
                if !grown {
                    return None;
                }
            }
            Backing::Shared(_) => return None,
        }
        m.raw.len = new;
    }
    let more = (m.raw.len as u64).saturating_sub(m.counted);
    m.counted += more;
    let reserved = m.backing.reserved();
    let all = &store.usage.reserved_bytes;
    all.set(all.get() + reserved - m.reserved);
    m.reserved = reserved;
    store.usage.memory_bytes.set(store.usage.memory_bytes.get() + more);
    store.note_growth(0);
    Some(old)
}

/// The most bytes a type allows.
fn grown_max(ty: &MemoryType) -> usize {
    bytes(ty, ty.maximum.unwrap_or(u64::MAX).min(ty.address_limit())).unwrap_or(isize::MAX as usize)
}

impl Drop for MemoryObj {
    fn drop(&mut self) {
        // SAFETY: a store outlives its objects.
        let store = unsafe { &*self.raw.hdr.store.cast::<StoreInner>() };
        store.usage.memories.set(store.usage.memories.get() - 1);
        store.usage.memory_bytes.set(store.usage.memory_bytes.get() - self.counted);
        store.usage.reserved_bytes.set(store.usage.reserved_bytes.get() - self.reserved);
        if let Backing::Reserved(region, committed) = &mut self.backing
            && let Some(region) = region.take()
        {
            store.engine.give_reservation(region, *committed);
        }
    }
}

/// Whether accesses that lead out of a memory fault (see [`GUARD_BYTES`]), as long as it lives.
///
/// # Safety
/// `m` is alive.
#[cfg(jit)]
pub(super) unsafe fn is_guarded(m: *mut raw::Memory) -> bool {
    // SAFETY: the caller says so.
    let m = unsafe { &*m.cast::<MemoryObj>() };
    let wide = matches!(&m.backing, Backing::Reserved(Some(region), _) if region.len() >= raw::GUARDED_BYTES);
    wide && !m.ty.is64 && !m.ty.shared && m.ty.page_log2 == 16
}

/// A handle to a memory known by its address.
///
/// # Safety
/// `m` is alive.
pub(super) unsafe fn handle(m: *mut raw::Memory) -> Memory {
    // SAFETY: the caller says so.
    Memory(unsafe { Ref::new(NonNull::new_unchecked(m.cast())) })
}
