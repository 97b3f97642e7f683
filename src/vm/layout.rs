//! The objects guest code touches, with fixed C layout, so that machine code can take every offset from here.
//!
//! All of them are allocated by `runtime` at addresses that never change while they live, and are reached from guest
//! code through raw pointers. A store and everything in it belong to one thread at a time.
//!
//! # Slots and values
//! A slot is 8 bytes. An `i32` or `f32` occupies its low half and leaves the upper half unspecified; a `v128` takes two
//! adjacent slots, low half first. References:
//! - `funcref`: the address of a [`Func`], or 0.
//! - `externref`, `anyref` and their subtypes share one tagged encoding, whose upper 32 bits are zero, so that
//!   `extern.convert_any` and `any.convert_extern` change nothing: 0 is null; bit 0 set is an `i31` (`value << 1 | 1`);
//!   low bits `10` are a host object (`index << 2 | 2`, an index into the store's table of externs); low bits `000`
//!   are an offset into the store's garbage-collected heap.
//! - `exnref`: an offset into that heap.
//!
//! # Frames
//! A frame is a run of slots from `fp`: `max(parameter slots, result slots)` slots that receive the arguments and give
//! back the results, then the two-word header (return pc, caller's fp), the other locals, constants, and the operand
//! stack. The return pc of the outermost frame of an activation is the `exit` instruction. A frame's instance is the
//! instance of the frame that called it, except across a boundary record ([`Boundary`]).

use super::gc::HeapCtx;
use core::cell::UnsafeCell;
use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

/// What an object is. The first three bits of a `wasm_externkind_t` do not fit all of them, so `capi` translates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ObjKind {
    Func = 0,
    Global = 1,
    Table = 2,
    Memory = 3,
    Tag = 4,
    Instance = 5,
    Module = 6,
    Foreign = 7,
    Trap = 8,
    /// A value of the guest's heap, for hosts that know objects only.
    Boxed = 9,
}

/// The head of every object a store owns.
#[repr(C)]
pub struct ObjHeader {
    /// The store that owns the object.
    pub store: *mut StoreCtx,
    pub kind: ObjKind,
    /// Set while the store's collector traces.
    pub mark: bool,
    /// Whether guest code may hold a reference to it that no handle accounts for.
    pub escaped: bool,
    pub _pad: u8,
    /// How many host handles point here.
    pub host_refs: u32,
    /// Its index in the store's table of externs, or `u32::MAX` when it has never been an `externref`.
    pub extern_index: u32,
    /// Its place in the list of the store's objects; belongs to `runtime`.
    pub list_index: u32,
    /// The host's own data, boxed when set.
    pub host_info: *mut HostInfo,
}

/// Data that a host hung on an object (`wasm_*_set_host_info_with_finalizer`).
pub struct HostInfo {
    pub info: *mut c_void,
    pub finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// What a host function does: reads its arguments from `slots` and writes its results there, both packed from slot 0
/// by type width. Returns null, or the trap (an object of kind `Trap`, or an exception) that stops the guest, with one
/// host reference passed to the caller.
pub type HostFn = unsafe extern "C" fn(func: *mut Func, caller: *mut Instance, slots: *mut u64) -> *mut ObjHeader;

/// A function: the target of a `funcref`, of calls through tables, and of imports.
#[repr(C)]
pub struct Func {
    pub hdr: ObjHeader,
    /// The code record (`code::FuncCode`) of a wasm function; null for a host function.
    pub code: *const c_void,
    /// The instance of a wasm function; null for a host function.
    pub instance: *mut Instance,
    /// Canonical type id in the engine's registry.
    pub type_id: u32,
    /// Index in its module's function index space; `u32::MAX` for a host function.
    pub index: u32,
    /// Host functions only.
    pub host: Option<HostFn>,
    /// Host functions only: what `host` works with.
    pub env: *mut c_void,
    /// Slots of the parameters, of the results, and the larger of both.
    pub param_slots: u32,
    pub result_slots: u32,
    /// Whether all parameters and results are numbers, of one slot each.
    pub numbers: bool,
    /// The kinds of parameters, then of results, as `wasm.h` numbers them; the first is [`Func::NO_KINDS`] where they are not
    /// all numbers, or too many.
    pub kinds: [u8; 8],
}

impl Func {
    pub const NO_KINDS: u8 = 0xff;
}

/// A linear memory.
#[repr(C)]
pub struct Memory {
    pub hdr: ObjHeader,
    /// First byte. Changes only when `memory.grow` has to move an unreserved memory.
    pub base: *mut u8,
    /// Accessible bytes. For a shared memory this is a cached value, at most the true length, which is read again
    /// from `shared_len` before an access is refused.
    pub len: usize,
    /// The true length of a shared memory; null otherwise.
    pub shared_len: *const AtomicUsize,
    /// Page size as a power of two: 16, or 0 with custom page sizes.
    pub page_log2: u8,
    pub is64: bool,
    pub shared: bool,
    /// The rest (limits, mapping) belongs to `runtime`.
    pub owner: *mut c_void,
}

/// A table of references, one slot each.
#[repr(C)]
pub struct Table {
    pub hdr: ObjHeader,
    pub base: *mut u64,
    /// Elements.
    pub len: usize,
    pub is64: bool,
    /// The rest (type, limits) belongs to `runtime`.
    pub owner: *mut c_void,
}

/// A global variable: the cell is two slots so that it can hold a `v128`.
#[repr(C)]
pub struct Global {
    pub hdr: ObjHeader,
    /// Where the value is: in the instance that defined it, or in `own`.
    pub cell: *mut [u64; 2],
    /// The cell of a global made by the host.
    pub own: [u64; 2],
    /// Type; belongs to `runtime`.
    pub owner: *mut c_void,
}

/// An exception tag.
#[repr(C)]
pub struct Tag {
    pub hdr: ObjHeader,
    /// Canonical function type id; its parameters are the payload.
    pub type_id: u32,
    /// Slots of the payload.
    pub param_slots: u32,
}

/// The part of an instance that guest code reads. Index spaces are those of the module.
#[repr(C)]
pub struct Instance {
    pub hdr: ObjHeader,
    pub store: *mut StoreCtx,
    /// Machine code whose stack pointer is below this asks ([`RuntimeHooks::poll`]): the stack may be full, or another thread
    /// wants the guest to stop. All ones until asked first, and whenever somebody wants to be asked.
    #[cfg(jit)]
    pub limit: AtomicUsize,
    /// `memories[0]`, or null.
    pub mem0: *mut Memory,
    /// Where memory 0 begins, for code that runs only where that never changes.
    #[cfg(jit)]
    pub base0: *mut u8,
    /// Cells of the globals this instance defines, in definition order (index minus the imported ones).
    pub own_globals: *mut [u64; 2],
    /// Cells of all globals, imported ones first.
    pub globals: *const *mut [u64; 2],
    pub tables: *const *mut Table,
    pub memories: *const *mut Memory,
    /// Functions by index: imported ones are always present, others are made on first use (null until then).
    pub funcs: *mut *mut Func,
    /// Cells of own globals, if they are no more than that. What comes before is near enough for the short form of an address.
    pub few_globals: UnsafeCell<[[u64; 2]; FEW_GLOBALS]>,
    pub tags: *const *mut Tag,
    /// One byte per data and element segment: non-zero once dropped.
    pub data_dropped: *mut u8,
    pub elem_dropped: *mut u8,
    /// `Arc<code::ModuleCode>` as a raw pointer, kept alive by `owner`.
    pub module: *const c_void,
    /// The rest belongs to `runtime`.
    pub owner: *mut c_void,
}

/// A panic leaves globals as the guest had them.
impl core::panic::RefUnwindSafe for Instance {}

/// As many globals are in the instance itself, where machine code needs no pointer to them.
pub const FEW_GLOBALS: usize = 8;

/// The part of a store that guest code reads.
#[repr(C)]
pub struct StoreCtx {
    /// A frame that would reach beyond this address has to ask: it overflows the stack, or another thread has put null
    /// here so that the guest stops at its next call.
    pub stack_limit: AtomicPtr<u64>,
    /// Where frames must end. Below the end of the mapping by [`STACK_RED_ZONE`], so that headers and arguments can be
    /// written before the check.
    pub stack_end: *mut u64,
    pub stack_base: *mut u64,
    /// First slot free for a new activation (a call from the host). Valid while the host runs.
    pub stack_top: *mut u64,
    /// The trap in flight: set by the instruction that traps, taken by `interp::call`.
    pub trap: PendingTrap,
    /// Where the innermost activation called the host, for backtraces: pc, fp, instance. Means nothing without an activation.
    pub host_call: HostCallSite,
    /// The innermost activation, newest first; null while no guest code runs.
    pub activation: *mut Activation,
    /// How many activations are nested, to bound native recursion through host functions.
    pub depth: u32,
    pub max_depth: u32,
    /// The native stack: of which thread, from where on activations may begin, and how many bytes that are.
    pub native: NativeStack,
    /// The garbage-collected heap.
    pub heap: HeapCtx,
    /// Where the load or store began that was out of bounds, [`NO_FAULT`] if that is not known.
    pub fault: u64,
    /// Units of fuel that are left, and how many the instruction wants that found too few.
    pub fuel: u64,
    pub fuel_needed: u64,
    /// The machine stack and its registers.
    #[cfg(jit)]
    pub machine: super::machine::MachineCtx,
    pub counts: Counts,
    /// The calls from guest code into the runtime.
    pub hooks: *const RuntimeHooks,
    /// Back to the store itself; belongs to `runtime`.
    pub owner: *mut c_void,
}

/// Crossings of borders.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Counts {
    /// Calls of guest functions by the host.
    pub calls_in: u64,
    /// Calls of host functions by guests.
    pub calls_out: u64,
    /// Calls that went from outside machine code into it.
    pub machine_entries: u64,
    /// Calls that belong to the first and to the last.
    pub direct: u64,
}

/// The part of a thread's stack in which an activation may begin. Of no thread at first.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct NativeStack {
    pub thread: usize,
    pub low: usize,
    pub room: usize,
}

impl NativeStack {
    /// Whether an activation of this thread may begin at a stack address, as far as is known.
    #[inline(always)]
    pub fn has_room(&self, thread: usize, at: usize) -> bool {
        self.thread == thread && at.wrapping_sub(self.low) < self.room
    }
}

impl StoreCtx {
    /// Whether another thread has asked the guest to stop.
    pub fn is_stop_wanted(&self) -> bool {
        self.stack_limit.load(Ordering::SeqCst).is_null()
    }
}

/// A place in guest code: the instruction, its frame and its instance.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct HostCallSite {
    pub pc: *const u64,
    pub fp: *mut u64,
    pub instance: *mut Instance,
}

/// What stopped the guest, and where.
#[repr(C)]
pub struct PendingTrap {
    /// A [`crate::vm::trap::TrapKind`], or 0 when nothing is pending.
    pub kind: u8,
    /// The trap object of the host when `kind` is `Host`.
    pub object: *mut ObjHeader,
    /// The exception when `kind` is `UncaughtException`.
    pub exception: u64,
    pub site: HostCallSite,
}

/// One run of the interpreter, on the native stack of the host's call.
#[repr(C)]
pub struct Activation {
    pub prev: *mut Activation,
    /// Where the activation below called the host that started this one.
    /// Unknown in the first one.
    pub caller: MaybeUninit<HostCallSite>,
    /// The innermost entry of machine code then.
    #[cfg(jit)]
    pub machine_entry: *mut super::machine::Entry,
}

/// What guest code asks of the runtime. Indices are those of the instance's module.
#[repr(C)]
pub struct RuntimeHooks {
    /// Whether the guest is to stop, asked at calls and loop headers that another thread has stopped at (`code::checks`):
    /// the number of the trap, or 0 to go on.
    pub checkpoint: unsafe fn(*mut StoreCtx) -> u8,
    /// The same for machine code of an instance. If it is to go on, [`Instance::limit`] is the stack's own again.
    #[cfg(jit)]
    pub poll: unsafe fn(*mut Instance) -> u8,
    /// A direct call of machine code is not simply over: with why that came back. Ends the call. Null, or the trap.
    #[cfg(jit)]
    pub direct_ended: unsafe extern "sysv64" fn(u64, *const super::machine::DirectCall) -> *mut ObjHeader,
    /// `memory.grow`: the old size in pages, or `u64::MAX`. Moves and resizes; the caller reloads base and length.
    pub memory_grow: unsafe fn(*mut Memory, u64) -> u64,
    /// `table.grow` filling with the value: the old size, or `u64::MAX`.
    pub table_grow: unsafe fn(*mut Table, u64, u64) -> u64,
    /// `table.init`: 0, or the number of the trap. (instance, table, element segment, dst, src, len)
    pub table_init: unsafe fn(*mut Instance, u32, u32, u64, u64, u64) -> u64,
    /// `elem.drop`.
    pub elem_drop: unsafe fn(*mut Instance, u32),
    /// The `Func` of a function of the instance, made if need be.
    pub func_ref: unsafe fn(*mut Instance, u32) -> *mut Func,
    /// Whether a canonical function type is a subtype of another (both ids are of the store's engine).
    /// The exception that a trap object stands for, giving up the host reference to the object; 0, and nothing given up,
    /// for any other trap.
    pub take_exception: unsafe fn(*mut ObjHeader) -> u32,
    pub is_subtype: unsafe fn(*mut StoreCtx, u32, u32) -> bool,
    /// Makes room in the heap's current run for an object of that many bytes; 0, or the number of the trap that says
    /// why not, or that the guest is to stop. May collect: `stack_top` must be above all slots that hold references.
    pub heap_room: unsafe fn(*mut StoreCtx, u64) -> u8,
    /// A new exception with its payload of packed slots: an offset, or the number of a trap in the upper half. May
    /// collect, as `heap_room`.
    pub exception_new: unsafe fn(*mut StoreCtx, *mut Tag, *const u64) -> u64,
    /// Too little fuel is left for an instruction that costs so many units: 0 if there is enough now, or the number of
    /// the trap that ends the run. Calls the host: `stack_top` must be above all slots that hold references.
    pub out_of_fuel: unsafe fn(*mut StoreCtx, u64) -> u8,
    /// How many references an element segment holds.
    pub segment_len: unsafe fn(*mut Instance, u32) -> u64,
    /// Writes references of an element segment into an array: (instance, segment, first, how many, address of the
    /// first element, bytes of an element as a power of two). Within bounds. 0, or the number of the trap that stops the guest.
    pub array_init: unsafe fn(*mut Instance, u32, u32, u32, *mut u8, u32) -> u64,
}

/// What stands below the frame of a call that left its caller's instance: where to go back to. Returning through it
/// restores the caller's instance and moves the results down to where the caller expects them.
#[repr(C)]
pub struct Boundary {
    pub ret: *const u64,
    pub fp: *mut u64,
    pub instance: *mut Instance,
    /// Where the results go, and how many slots they are.
    pub results: *mut u64,
    pub result_slots: u64,
}

/// Slots of a [`Boundary`].
pub const BOUNDARY_SLOTS: usize = size_of::<Boundary>() / 8;

/// Behind a reservation for a 32-bit memory: accesses with an index below 4 GiB and an end this far behind it at most need no
/// check.
pub const GUARD_BYTES: usize = 32 << 20;

/// The bytes of such a reservation.
#[cfg(target_pointer_width = "64")]
pub const GUARDED_BYTES: usize = (1 << 32) + GUARD_BYTES;

/// No address: none of a byte outside a memory that anybody can make.
pub const NO_FAULT: u64 = u64::MAX;

/// Slots between `stack_limit` and the end of the mapping.
pub const STACK_RED_ZONE: usize = 8192;

// Translation lays frames out by these.
const _: () = assert!(BOUNDARY_SLOTS == crate::code::BOUNDARY_SLOTS as usize);
