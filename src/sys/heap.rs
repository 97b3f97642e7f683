//! The library's own heap: the host's allocator if it gives one, and a reserve for when there is no more memory.
//!
//! Why a reserve: Rust ends the process when a box or a vector cannot be allocated, and a global allocator must not unwind. So a
//! small request that the system refuses is served from a megabyte that is kept for it (address space, until it is touched), and
//! the library is *short* from then on: whoever is about to make something asks [`has_room`] first, and is refused until the
//! system gives memory again. What the operation at hand needs until then fits the reserve many times over. Requests whose
//! size a guest or a host chooses do not rely on it: they are made by `try_reserve` and its like, or announced to [`has_room`], which tries
//! whether the system has so much.
//!
//! Invariants: the kind of heap is decided by the first allocation and never changes; a block of the reserve is known by its
//! address.

#![cfg_attr(not(feature = "heap"), allow(dead_code))]

use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::alloc::{GlobalAlloc, Layout, System};

/// The allocator of the C libraries and of the command.
pub struct Heap;

#[cfg(feature = "heap")]
#[global_allocator]
static HEAP: Heap = Heap;

/// A heap of the host's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Functions {
    pub env: *mut c_void,
    pub allocate: unsafe extern "C" fn(*mut c_void, usize, usize) -> *mut c_void,
    pub reallocate: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize, usize, usize) -> *mut c_void>,
    pub release: unsafe extern "C" fn(*mut c_void, *mut c_void, usize, usize),
}

/// What a first allocation makes of [`FUNCTIONS`] if nobody else has: the system's heap.
static SYSTEM: u8 = 0;
/// Null while nothing has been allocated, then the address of [`SYSTEM`] or of the host's functions.
static FUNCTIONS: AtomicPtr<Functions> = AtomicPtr::new(ptr::null_mut());

/// Whether the reserve has been used and the system has not been seen to have memory since.
static SHORT: AtomicBool = AtomicBool::new(false);

/// Larger requests than this are not for the reserve.
const LARGEST: usize = 128 << 10;
/// What an operation may take that has not announced more. The reserve holds it with room to spare.
const ORDINARY: usize = 256 << 10;
/// As much is there at any time, for what frees more.
pub const ALWAYS: usize = LARGEST;

#[inline(always)]
fn system() -> *mut Functions {
    (&raw const SYSTEM).cast_mut().cast()
}

/// Has everything allocated by the host's functions, if nothing has been allocated yet.
#[cfg(feature = "heap")]
pub fn set_functions(functions: Functions) -> Result<(), &'static str> {
    // SAFETY: the system's own heap, by the address of a layout that is not empty. The block lives as long as the process.
    let place = unsafe { System.alloc(Layout::new::<Functions>()) }.cast::<Functions>();
    if place.is_null() {
        return Err("out of memory");
    }
    // SAFETY: room for it, just allocated.
    unsafe { place.write(functions) };
    match FUNCTIONS.compare_exchange(ptr::null_mut(), place, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => Ok(()),
        Err(_) => {
            // SAFETY: nobody has seen it.
            unsafe { System.dealloc(place.cast(), Layout::new::<Functions>()) };
            Err("the library's heap is in use already")
        }
    }
}

/// As above, in a build that shares the heap of its process.
#[cfg(not(feature = "heap"))]
pub fn set_functions(_: Functions) -> Result<(), &'static str> {
    Err("the library was built without a heap of its own")
}

/// Whether so many bytes more can be allocated, in whatever parts. Asked before something is made whose parts are allocated
/// without a way to fail. For ordinary amounts this is one load, unless the library is short of memory.
#[inline]
pub fn has_room(bytes: usize) -> bool {
    (bytes <= ORDINARY && !SHORT.load(Ordering::Relaxed)) || probe(bytes)
}

/// Whether memory has run out and not been seen again.
#[inline]
pub fn is_short() -> bool {
    SHORT.load(Ordering::Relaxed)
}

#[cold]
#[inline(never)]
fn probe(bytes: usize) -> bool {
    // The system is asked for a mapping: in its heap, large blocks that come and go change how much it keeps.
    if bytes > ORDINARY && FUNCTIONS.load(Ordering::Acquire) == system() {
        return super::Region::zeroed(bytes).is_ok() && has_room(0);
    }
    let Ok(layout) = Layout::from_size_align(bytes.max(ORDINARY), 16) else { return false };
    // SAFETY: the layout is not empty; the block is released as it was allocated, untouched.
    unsafe {
        let block = outer_alloc(layout, false);
        if block.is_null() {
            return false;
        }
        // Keeps the pair from being optimised away.
        core::hint::black_box(block);
        outer_dealloc(block, layout);
    }
    SHORT.store(false, Ordering::Relaxed);
    true
}

/// The functions of the host's, or none.
#[inline(always)]
fn functions() -> Option<&'static Functions> {
    let f = FUNCTIONS.load(Ordering::Acquire);
    if f == system() { None } else { decide(f) }
}

#[cold]
#[inline(never)]
fn decide(mut f: *mut Functions) -> Option<&'static Functions> {
    if f.is_null() {
        f = match FUNCTIONS.compare_exchange(ptr::null_mut(), system(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => system(),
            Err(other) => other,
        };
    }
    // SAFETY: what is neither is the host's functions, which stay.
    if f == system() { None } else { Some(unsafe { &*f }) }
}

/// # Safety
/// As [`GlobalAlloc::alloc`].
#[inline(always)]
unsafe fn outer_alloc(layout: Layout, zeroed: bool) -> *mut u8 {
    // SAFETY: by the contract; the host's functions keep to theirs.
    unsafe {
        match functions() {
            None if zeroed => System.alloc_zeroed(layout),
            None => System.alloc(layout),
            Some(f) => {
                let block = (f.allocate)(f.env, layout.size(), layout.align()).cast::<u8>();
                if zeroed && !block.is_null() {
                    block.write_bytes(0, layout.size());
                }
                block
            }
        }
    }
}

/// # Safety
/// As [`GlobalAlloc::dealloc`], for a block that is not of the reserve.
#[inline(always)]
unsafe fn outer_dealloc(block: *mut u8, layout: Layout) {
    // SAFETY: by the contract.
    unsafe {
        match functions() {
            None => System.dealloc(block, layout),
            Some(f) => (f.release)(f.env, block.cast(), layout.size(), layout.align()),
        }
    }
}

// SAFETY: blocks come from the system, from the host's functions, which promise the same, or from the reserve, and go back to
// where they came from. Not inlined: there are thousands of places that release something.
unsafe impl GlobalAlloc for Heap {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: by the contract.
        let block = unsafe { outer_alloc(layout, false) };
        if block.is_null() { RESERVE.alloc(layout) } else { block }
    }

    #[inline(never)]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: by the contract.
        let block = unsafe { outer_alloc(layout, true) };
        if !block.is_null() {
            return block;
        }
        let block = RESERVE.alloc(layout);
        if !block.is_null() {
            // SAFETY: as long as the layout says.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    #[inline(never)]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if RESERVE.has(block) {
            return RESERVE.dealloc(block, layout);
        }
        // SAFETY: by the contract; not of the reserve.
        unsafe { outer_dealloc(block, layout) }
    }

    #[inline(never)]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: by the contract.
        unsafe {
            if !RESERVE.has(block) {
                let new = match functions() {
                    None if is_kept(layout.size(), size) => block,
                    None => System.realloc(block, layout, size),
                    Some(Functions { env, reallocate: Some(f), .. }) => {
                        f(*env, block.cast(), layout.size(), size, layout.align()).cast()
                    }
                    Some(_) => return self.moved(block, layout, size),
                };
                if !new.is_null() {
                    return new;
                }
            }
            self.moved(block, layout, size)
        }
    }
}

/// Whether a block that is to become smaller stays as it is: a small one that would not lose half. The system's heap would cut off a
/// piece that nobody asks for, and look farther for the next block of the former size. It frees by address alone, whatever a layout says.
#[inline(always)]
fn is_kept(old: usize, new: usize) -> bool {
    cfg!(unix) && old <= 512 && new <= old && new >= old / 2
}

impl Heap {
    /// # Safety
    /// As [`GlobalAlloc::realloc`].
    #[cold]
    unsafe fn moved(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: by the contract: two blocks that do not overlap, and the old one is given up.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// The reserve

const RESERVE_BYTES: usize = 1 << 20;
/// The reserve is handed out in pieces of this.
const PIECE: usize = 64;
const WORDS: usize = RESERVE_BYTES / PIECE / 64;

#[repr(align(4096))]
struct Reserve {
    bytes: UnsafeCell<[u8; RESERVE_BYTES]>,
    /// A bit for each piece in use.
    used: UnsafeCell<[u64; WORDS]>,
    lock: AtomicBool,
}

// SAFETY: the map is touched under the lock only, the bytes by who was given them.
unsafe impl Sync for Reserve {}

static RESERVE: Reserve = Reserve {
    bytes: UnsafeCell::new([0; RESERVE_BYTES]),
    used: UnsafeCell::new([0; WORDS]),
    lock: AtomicBool::new(false),
};

impl Reserve {
    #[inline(always)]
    fn has(&self, block: *mut u8) -> bool {
        block.addr().wrapping_sub(self.bytes.get().addr()) < RESERVE_BYTES
    }

    fn locked<T>(&self, f: impl FnOnce(&mut [u64; WORDS]) -> T) -> T {
        while self.lock.swap(true, Ordering::Acquire) {
            std::thread::yield_now();
        }
        // SAFETY: the lock is held.
        let result = f(unsafe { &mut *self.used.get() });
        self.lock.store(false, Ordering::Release);
        result
    }

    #[cold]
    #[inline(never)]
    fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST || layout.align() > 4096 {
            return ptr::null_mut();
        }
        SHORT.store(true, Ordering::Relaxed);
        let wanted = layout.size().div_ceil(PIECE).max(1);
        let step = (layout.align() / PIECE).max(1);
        let found = self.locked(|used| {
            let (mut start, mut at) = (0, 0);
            while start + wanted <= WORDS * 64 {
                if at == start + wanted {
                    (start..at).for_each(|i| used[i / 64] |= 1 << (i % 64));
                    return Some(start);
                }
                if used[at / 64] & 1 << (at % 64) != 0 {
                    start = (at + 1).next_multiple_of(step);
                    at = start;
                } else {
                    at += 1;
                }
            }
            None
        });
        match found {
            Some(start) => self.bytes.get().cast::<u8>().wrapping_add(start * PIECE),
            None => ptr::null_mut(),
        }
    }

    #[cold]
    #[inline(never)]
    fn dealloc(&self, block: *mut u8, layout: Layout) {
        let start = (block.addr() - self.bytes.get().addr()) / PIECE;
        let pieces = layout.size().div_ceil(PIECE).max(1);
        self.locked(|used| (start..start + pieces).for_each(|i| used[i / 64] &= !(1 << (i % 64))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_hands_out_what_fits_and_takes_it_back() {
        let reserve = Box::new(Reserve {
            bytes: UnsafeCell::new([0; RESERVE_BYTES]),
            used: UnsafeCell::new([0; WORDS]),
            lock: AtomicBool::new(false),
        });
        let layout = |size, align| Layout::from_size_align(size, align).unwrap();
        assert!(reserve.alloc(layout(LARGEST + 1, 8)).is_null());
        let a = reserve.alloc(layout(1, 1));
        let b = reserve.alloc(layout(65, 4096));
        let c = reserve.alloc(layout(64, 64));
        assert!(reserve.has(a) && reserve.has(b) && reserve.has(c));
        assert!(b.addr().is_multiple_of(4096) && b.addr() > c.addr() && c.addr() == a.addr() + PIECE);
        reserve.dealloc(a, layout(1, 1));
        assert_eq!(reserve.alloc(layout(2, 2)), a);
        // To the last piece.
        let mut blocks = Vec::new();
        loop {
            let block = reserve.alloc(layout(LARGEST, 8));
            if block.is_null() {
                break;
            }
            blocks.push(block);
        }
        assert_eq!(blocks.len(), RESERVE_BYTES / LARGEST - 1);
        for block in blocks {
            reserve.dealloc(block, layout(LARGEST, 8));
        }
        assert!(!reserve.alloc(layout(LARGEST, 8)).is_null());
        assert!(has_room(1 << 20) && !is_short());
        assert!(!has_room(isize::MAX as usize - 4096));
    }
}
