//! Machine code of a module: installed function by function while other threads run the module, and found again by address.
//!
//! Code lies in arenas: reservations of address space, the first one large enough for most modules ([`super::arena`]). A batch
//! of functions is written to fresh pages, which become executable and read-only before anybody can know of them, so no page
//! is ever both writable and executable, and none that may be running changes. A function is installed by storing its
//! address where calls look: in its code record, which both kinds of code read at each call that does not go there directly.
//!
//! Finding a function for an address takes no lock: an arena has a table of pages, which only grows.
//!
//! Invariant: the code lives as long as the `ModuleCode` it belongs to, which the instances that run it keep alive.

use super::arena::Arena;
#[cfg(profile)]
use super::profile;
use super::ssa::build::Uncovered;
use super::ssa::ir::{Inlined, START, as_inlined};
use super::unwind::Frames;
use super::x64::emit::Emitted;
use crate::code::tier::Wanted;
use crate::code::{FuncCode, ModuleCode};
use crate::module::Module;
use crate::sys::Region;
use crate::sys::unwind::Registered;
use crate::vm::machine::MachineStack;
use crate::vm::trap::TrapKind;
use core::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// What a 32-bit distance in a function's code leads to.
pub mod target {
    pub const TRAP: u32 = u32::MAX;
    pub const NATIVE: u32 = u32::MAX - 1;
    pub const POLL: u32 = u32::MAX - 2;
    /// Finds room in the garbage-collected heap.
    pub const HEAP: u32 = u32::MAX - 3;
    /// Asks for fuel.
    pub const REFUEL: u32 = u32::MAX - 4;
    pub const THROW: u32 = u32::MAX - 5;
    /// Where functions return that a tail call has given more room for arguments.
    pub const SHIM: u32 = u32::MAX - 6;
    /// `pshufb` for processors that have none.
    pub const SHUFFLE: u32 = u32::MAX - 7;
    const FIXED: u32 = u32::MAX - 15;
    const THUNK: u32 = 1 << 31;

    /// One of the stubs above, counted from 0.
    pub fn as_fixed(target: u32) -> Option<usize> {
        (target >= FIXED).then_some((u32::MAX - target) as usize)
    }

    /// A function the module defines.
    pub fn function(defined: u32) -> u32 {
        defined
    }

    /// The thunk for calls out of machine code with a type, by module type index.
    pub fn thunk(type_index: u32) -> u32 {
        THUNK | type_index
    }

    pub fn as_thunk(target: u32) -> Option<u32> {
        (target & THUNK != 0).then_some(target & !THUNK)
    }
}

/// What a return address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteKind {
    Call,
    Trap(TrapKind),
    /// Asks whether the guest is to stop; if so it is a trap, of a kind that the context has.
    Poll,
    /// Not a return address: a place inside an instruction that may touch what lies behind memory. Its address is the register
    /// `index` (see [`super::guard`]) and `disp`.
    Access {
        index: u8,
        disp: i32,
    },
}

/// A return address.
#[derive(Clone, Copy, Debug)]
pub struct Site {
    /// Distance from the start of the function's code; of the module's, once linked.
    pub at: u32,
    pub kind: SiteKind,
    /// In the module, or [`START`], or one of [`Unwind::inlined`] (see [`Inlined`]).
    pub offset: u32,
    /// Which of the function's chains of handlers it has.
    pub chain: u32,
}

/// No handlers.
pub const NO_CHAIN: u32 = u32::MAX;

/// A place that takes exceptions.
#[derive(Clone, Copy, Debug)]
pub struct Landing {
    /// Distance from the start of the function's code.
    pub at: u32,
    /// By number, of the function's.
    pub region: u32,
}

/// How to leave frames of a function, and to come back to them.
#[derive(Clone, Debug, Default)]
pub struct Unwind {
    /// Bytes below the frame pointer.
    pub frame: u32,
    /// Which of the registers that callees keep it has saved: bits in the order of `CALLEE_SAVED`. They lie below the frame
    /// pointer in that order.
    pub saved: u8,
    /// The landings around a call, inner ones first.
    pub chains: Vec<Vec<Landing>>,
    /// The tags that each region takes.
    pub regions: Vec<Vec<Option<u32>>>,
    /// The places in inlined functions that sites name.
    pub inlined: Box<[Inlined]>,
}

/// A return address and all that is known of its frame.
pub struct Frame<'a> {
    pub defined: u32,
    pub site: Site,
    pub unwind: &'a Unwind,
    /// Where the function's code starts.
    pub start: usize,
}

/// What became of a module's functions.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub compiled: u32,
    /// Loops that frames go on from as machine code.
    pub loops: u32,
    /// Functions that stay interpreted: index among the defined ones, and why.
    pub uncovered: Vec<(u32, String)>,
    pub code_bytes: usize,
}

/// Functions that are installed together.
pub struct Batch {
    /// Start of each function's code in the arena, its end, and its index among the defined ones, in order.
    starts: Vec<(u32, u32, u32)>,
    /// Of the same functions.
    unwinds: Vec<Unwind>,
    sites: Vec<Site>,
}

impl Batch {
    /// The access of the instruction at a place in the arena.
    fn find_access(&self, at: u32) -> Option<Site> {
        let site = *self.sites.get(self.sites.partition_point(|s| s.at <= at))?;
        let fits = matches!(site.kind, SiteKind::Access { .. }) && site.at - at < LONGEST_INSTRUCTION;
        fits.then_some(site)
    }

    /// What the site at a place in the arena is.
    fn find(&self, at: u32, base: usize) -> Option<Frame<'_>> {
        let site = self.sites[self.sites.binary_search_by_key(&at, |s| s.at).ok()?];
        let n = self.starts.partition_point(|(start, ..)| *start < at).checked_sub(1)?;
        let (start, _, defined) = *self.starts.get(n)?;
        Some(Frame { defined, site, unwind: self.unwinds.get(n)?, start: base + start as usize })
    }
}

/// In bytes.
const LONGEST_INSTRUCTION: u32 = 15;

/// Arenas of a module at most. Each is at least twice as large as the one before.
const MAX_ARENAS: usize = 12;

/// The machine code of a module.
pub struct MachineCode {
    arenas: [OnceLock<Placed>; MAX_ARENAS],
    /// By arena.
    shims: [OnceLock<usize>; MAX_ARENAS],
    /// Held while functions are installed.
    install: Mutex<Install>,
    /// What debuggers know of the functions. Before the arenas are freed, they are told.
    #[cfg(profile)]
    debugged: Mutex<Vec<super::profile::gdb::Registered>>,
}

/// An arena, and what is in its pages.
struct Placed {
    /// Of modules without checks.
    _watch: Option<crate::sys::faults::Watch>,
    /// What the process's unwinder knows of the arena.
    _frames: Option<Registered>,
    region: Region,
    /// By page: the batch whose code it holds. They are freed with the arena.
    pages: Box<[AtomicPtr<Batch>]>,
}

impl Drop for Placed {
    fn drop(&mut self) {
        let mut last = core::ptr::null_mut();
        for page in &mut self.pages {
            let batch = *page.get_mut();
            if batch != last && !batch.is_null() {
                // SAFETY: made by `Box::into_raw`; a batch's pages are adjacent, and nobody looks here any more.
                drop(unsafe { Box::from_raw(batch) });
                last = batch;
            }
        }
    }
}

impl Placed {
    fn find(&self, pc: usize) -> Option<Frame<'_>> {
        let at = pc.checked_sub(self.region.base() as usize).filter(|at| *at <= self.region.len())?;
        // A return address may be the first byte behind the batch.
        let page = self.pages.get(at.checked_sub(1)? / crate::sys::page_size())?;
        // SAFETY: batches live as long as the arena.
        unsafe { page.load(Ordering::Acquire).as_ref()?.find(at as u32, self.region.base() as usize) }
    }
}

#[derive(Default)]
struct Install {
    /// The latest arena, whose region is the last of `arenas`.
    arena: Option<Arena>,
    stats: Stats,
}

/// A function that has been compiled.
pub struct Compiled {
    pub wanted: Wanted,
    pub code: Emitted,
}

impl MachineCode {
    /// Room for the machine code of a module, nothing compiled yet. `None` where the system gives no such memory.
    pub fn new(code: &ModuleCode) -> Option<MachineCode> {
        let this = MachineCode {
            arenas: Default::default(),
            shims: Default::default(),
            install: Mutex::default(),
            #[cfg(profile)]
            debugged: Mutex::default(),
        };
        let mut install = this.lock();
        this.add_arena(&mut install, code, 0)?;
        // Calls through references find every function of the module: a way out to it, as long as it is not compiled.
        let arena = install.arena.as_ref()?;
        for (defined, record) in code.funcs.iter().enumerate() {
            let ty = code.module.func_types[code.module.num_imported_funcs as usize + defined];
            record.tier.machine.store(arena.base() + arena.thunk_out(ty) as usize, Ordering::Release);
        }
        drop(install);
        Some(this)
    }

    fn lock(&self) -> MutexGuard<'_, Install> {
        // Whole after every statement that others could notice.
        self.install.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes an arena with room for `bytes` the latest one.
    fn add_arena(&self, install: &mut Install, code: &ModuleCode, bytes: usize) -> Option<()> {
        let at = self.arenas.iter().position(|a| a.get().is_none())?;
        let place = &self.arenas[at];
        let least = install.arena.as_ref().map_or(0, |a| a.len() * 2);
        let (arena, region) = Arena::new(&code.module, bytes, least)?;
        let watch = match code.is_guarded() {
            true => Some(super::guard::watch(region.base() as usize, region.len())?),
            false => None,
        };
        let frames = code.options().unwind_tables && crate::sys::heap::has_room(crate::sys::page_size());
        let frames = frames.then(|| {
            let mut frames = Frames::settled();
            let at = frames.whole(region.base() as usize, region.len());
            // SAFETY: common information, a description, the end.
            unsafe { Registered::new(frames.end().into_boxed_slice(), at) }
        });
        let pages = (0..region.len() / crate::sys::page_size()).map(|_| AtomicPtr::default()).collect();
        let _ = self.shims[at].set(arena.shim());
        let _ = place.set(Placed { _watch: watch, _frames: frames, region, pages });
        #[cfg(profile)]
        if code.options().profile != 0 {
            // SAFETY: the stubs have been written there, and stay as long as the arena, which `self` has.
            let stubs = unsafe { core::slice::from_raw_parts(arena.base() as *const u8, arena.used()) };
            let name = String::from("wasm entries and exits");
            self.tell(code, &[profile::Placed { start: arena.base(), code: stubs, name, is_stubs: true }]);
        }
        install.arena = Some(arena);
        Some(())
    }

    /// Links functions and lets calls reach them. Gives the bytes they take; `None` when there is no memory for them, and then
    /// nothing has changed.
    pub fn install(&self, code: &ModuleCode, functions: Vec<Compiled>) -> Option<usize> {
        let mut install = self.lock();
        let bytes = functions.iter().map(|f| f.code.bytes.len() + super::arena::room_for(&f.code)).sum();
        if !install.arena.as_ref().is_some_and(|a| a.fits(bytes)) && self.add_arena(&mut install, code, bytes).is_none()
        {
            return None;
        }
        let placed = self.arenas.iter().rev().find_map(OnceLock::get)?;
        let Install { arena, stats } = &mut *install;
        let arena = arena.as_mut()?;
        let linked = arena.link(code, &functions, &placed.region)?;
        let base = arena.base();
        let mut sites = Vec::new();
        let mut starts = Vec::with_capacity(functions.len());
        for (f, start) in functions.iter().zip(&linked.starts) {
            starts.push((*start, *start + f.code.bytes.len() as u32, f.wanted.defined));
            sites.extend(f.code.sites.iter().map(|s| Site { at: start + s.at, ..*s }));
        }
        #[cfg(profile)]
        self.tell_functions(code, &functions, &linked.starts, base);
        let unwinds = functions.iter().map(|f| f.code.unwind.clone()).collect();
        let batch = Box::into_raw(Box::new(Batch { starts, unwinds, sites }));
        let page = crate::sys::page_size();
        for slot in &placed.pages[linked.at / page..(linked.at + linked.len).div_ceil(page)] {
            slot.store(batch, Ordering::Release);
        }
        for (f, start) in functions.iter().zip(&linked.starts) {
            let defined = f.wanted.defined;
            let index = code.module.func_types[(code.module.num_imported_funcs + defined) as usize];
            let (machine, ty) = (base + *start as usize, code.module.type_func(index));
            match f.wanted.at {
                None => {
                    let thunk = base + arena.thunk_in(index) as usize;
                    let slots = ty.param_slots.max(ty.result_slots) as u64;
                    let enter = [code.enter_machine() as u64, machine as u64, thunk as u64, slots];
                    let direct = arena.thunk_direct(index).map_or(0, |at| base + at as usize);
                    code.compiled(defined, enter, direct);
                    stats.compiled += 1;
                }
                Some(at) => {
                    let thunk = base + arena.thunk_loop(index) as usize;
                    code.compiled_loop(defined, at, machine, thunk);
                    stats.loops += 1;
                }
            }
        }
        stats.code_bytes += linked.len;
        Some(linked.len)
    }

    /// Tells those who have asked for it of code in its place.
    #[cfg(profile)]
    fn tell(&self, code: &ModuleCode, placed: &[profile::Placed<'_>]) {
        let kinds = code.options().profile;
        profile::installed(kinds, placed);
        if kinds & profile::GDB != 0 {
            let registered = profile::gdb::Registered::new(placed);
            self.debugged.lock().unwrap_or_else(PoisonError::into_inner).extend(registered);
        }
    }

    /// As [`MachineCode::tell`], of functions of a batch.
    #[cfg(profile)]
    fn tell_functions(&self, code: &ModuleCode, functions: &[Compiled], starts: &[u32], base: usize) {
        if code.options().profile == 0 {
            return;
        }
        let mut placed = Vec::with_capacity(functions.len());
        for (f, start) in functions.iter().zip(starts) {
            let (start, name) = (base + *start as usize, profile::name(&code.module, f));
            // SAFETY: the function has been written there, and stays as long as `self`.
            let code = unsafe { core::slice::from_raw_parts(start as *const u8, f.code.bytes.len()) };
            placed.push(profile::Placed { start, code, name, is_stubs: false });
        }
        self.tell(code, &placed);
    }

    /// Notes that a function stays interpreted.
    pub fn refuse(&self, defined: u32, why: Uncovered) {
        self.lock().stats.uncovered.push((defined, why.0));
    }

    pub fn stats(&self) -> Stats {
        self.lock().stats.clone()
    }

    /// The access of the instruction at `pc`, and an address that stands for it. May be called by handlers of signals.
    pub fn find_access(&self, pc: usize) -> Option<(usize, Site)> {
        self.arenas.iter().map_while(OnceLock::get).find_map(|placed| {
            let base = placed.region.base() as usize;
            let at = pc.checked_sub(base).filter(|at| *at < placed.region.len())?;
            let page = placed.pages.get(at / crate::sys::page_size())?;
            // SAFETY: batches live as long as the arena.
            let site = unsafe { page.load(Ordering::Acquire).as_ref()?.find_access(at as u32)? };
            Some((base + site.at as usize, site))
        })
    }

    /// The return address at `pc`: the function's index among the defined ones, and what the site is.
    pub fn find(&self, pc: usize) -> Option<(u32, Site)> {
        self.frame(pc).map(|f| (f.defined, f.site))
    }

    /// All that is known of the return address at `pc`.
    pub fn frame(&self, pc: usize) -> Option<Frame<'_>> {
        self.arenas.iter().map_while(OnceLock::get).find_map(|a| a.find(pc))
    }

    /// Whether `pc` is where functions return that a tail call has given more room.
    pub fn is_shim(&self, pc: usize) -> bool {
        self.shims.iter().any(|s| s.get() == Some(&pc))
    }

    /// The code of a function, for people.
    pub fn bytes(&self, defined: u32) -> Option<&[u8]> {
        for placed in self.arenas.iter().map_while(OnceLock::get) {
            for page in &placed.pages {
                // SAFETY: batches live as long as the arena.
                let Some(batch) = (unsafe { page.load(Ordering::Acquire).as_ref() }) else { continue };
                if let Some((start, end, _)) = batch.starts.iter().find(|s| s.2 == defined) {
                    let (start, end) = (*start as usize, *end as usize);
                    // SAFETY: the pages are readable, never change, and live as long as `self`.
                    return Some(unsafe { core::slice::from_raw_parts(placed.region.base().add(start), end - start) });
                }
            }
        }
        None
    }
}

/// The function whose `enter_machine` instruction is at `pc`.
pub fn find_enter(code: &ModuleCode, pc: *const u64) -> Option<u32> {
    let first = code.funcs.as_ptr() as usize;
    let (index, at) = {
        let distance = (pc as usize).checked_sub(first)?;
        (distance / size_of::<FuncCode>(), distance % size_of::<FuncCode>())
    };
    (index < code.funcs.len() && at == core::mem::offset_of!(FuncCode, tier.enter)).then_some(index as u32)
}

/// Gives a store its machine stack, if it has none yet: as large as its value stack. False when there is no memory for it.
///
/// # Safety
/// The store is alive and belongs to this thread.
// In a handler, its locals would keep that from ending in a jump.
#[cold]
#[inline(never)]
pub unsafe fn ensure_stack(store: *mut crate::vm::layout::StoreCtx) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let m = &mut (*store).machine;
        if m.limit != 0 {
            return true;
        }
        let bytes = (*store).stack_end as usize - (*store).stack_base as usize;
        match MachineStack::new(bytes) {
            Some(stack) => m.take_stack(stack),
            None => return false,
        }
        true
    }
}

/// A machine frame of a backtrace.
pub struct MachineFrame {
    pub defined: u32,
    /// In the module.
    pub offset: u32,
}

/// Appends the frames of machine code from a return address and its frame pointer outwards, to the thunk that machine code was
/// entered by, which is no site.
///
/// # Safety
/// The frames are intact, and belong to functions of `code`.
pub unsafe fn walk(
    code: &MachineCode,
    module: &Module,
    mut pc: usize,
    mut fp: usize,
    frames: &mut Vec<MachineFrame>,
    most: usize,
) {
    while frames.len() < most {
        // SAFETY: a frame pointer points at the caller's, above which is the return address.
        let outer = |fp: usize| unsafe { (*(fp as *const usize), *(fp as *const usize).add(1)) };
        if code.is_shim(pc) {
            (fp, pc) = outer(fp);
            continue;
        }
        let Some(frame) = code.frame(pc) else { return };
        let (defined, mut offset) = (frame.defined, frame.site.offset);
        // From an inlined function out to the one whose code it is.
        while let Some(place) = as_inlined(offset).and_then(|n| frame.unwind.inlined.get(n)) {
            if frames.len() == most {
                return;
            }
            frames.push(MachineFrame { defined: module.body_at(place.offset), offset: place.offset });
            offset = place.call;
        }
        if offset == START {
            offset = module.bodies[defined as usize].start;
        }
        frames.push(MachineFrame { defined, offset });
        (fp, pc) = outer(fp);
    }
}
