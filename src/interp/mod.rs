//! The interpreter: runs register code, starting in microseconds and needing neither signals nor executable memory.
//!
//! # Safety
//! Whatever runs here relies on validation and translation: operands name slots inside the frame, indices name what the
//! instance has, and the frame fits below the stack limit. `pc` and `fp` are the chain's own, the instance in the chain
//! is alive with its store, and one thread at a time is in a store.

pub mod acc;
pub mod dispatch;
pub mod handlers;
mod operand;

use crate::code::counters::Counters;
use crate::code::op::{Op, all_ops, all_ops_step};
use crate::code::{FuncCode, HandlerTable, ModuleCode, Options};
use crate::module::Module;
use crate::sys::{self, heap};
use crate::util::sort_by_key;
use crate::vm::layout::{Activation, Func, HostCallSite, Instance, NativeStack, ObjHeader, PendingTrap, StoreCtx};
use crate::vm::trap::{GuestFrame, TrapKind};
use handlers::call::{BOUNDARY, exit_pc, is_exit};
use std::mem::{MaybeUninit, offset_of};
use std::sync::Arc;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
use std::{cell::UnsafeCell, sync::Once};

/// A table of handlers. As addresses it would take 8 bytes an op and a relocation of 24 bytes, so where the linker can tell
/// distances from the table at once the library has these, and addresses are made when the first module is prepared.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
macro_rules! table {
    ($($name:ident,)*) => {{
        #[unsafe(naked)]
        unsafe extern "C" fn distances() {
            core::arch::naked_asm!(
                "777:",
                $(concat!(".long {", stringify!($name), "} - 777b"),)*
                $($name = sym $name,)*
            )
        }
        // SAFETY: not a function, but a place in code that both the linker and the optimizer leave as it is: a word for each op.
        unsafe { addresses(distances as *const () as *const i32) }
    }};
}

/// The table of these distances.
///
/// # Safety
/// For each op there is a word, the distance of its handler from the first; it is the same place at each call of the process.
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn addresses(first: *const i32) -> &'static HandlerTable {
    struct Table(UnsafeCell<HandlerTable>);
    // SAFETY: written once, before anything reads it.
    unsafe impl Sync for Table {}
    // Apart from what tells whether it is made, it is nothing but zeros, which take no place in the file.
    static TABLE: Table = Table(UnsafeCell::new(HandlerTable([std::ptr::null(); Op::COUNT])));
    static MADE: Once = Once::new();
    MADE.call_once(|| {
        // SAFETY: by the contract.
        let word = |n: usize| unsafe { first.add(n).read_unaligned() };
        let table = HandlerTable(std::array::from_fn(|n| first.wrapping_byte_offset(word(n) as isize).cast()));
        // SAFETY: others wait until this is done.
        unsafe { *TABLE.0.get() = table };
    });
    // SAFETY: it has been written, and does not change any more.
    unsafe { &*TABLE.0.get() }
}

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
macro_rules! table {
    ($($name:ident,)*) => {{
        static TABLE: HandlerTable = HandlerTable([$($name as *const (),)*]);
        &TABLE
    }};
}

/// The handlers by op, for translation.
fn portable_handlers() -> &'static HandlerTable {
    use handlers::{
        atomic::*, bulk::*, call::*, canon::*, control::*, exception::*, fuel::*, fused::*, gc::*, lookup::portable::*,
        mem::*, num::*, simd::*, var::*,
    };
    all_ops! { table }
}

/// The handlers for processors with SSE 4.2.
#[cfg(target_arch = "x86_64")]
fn v2_handlers() -> &'static HandlerTable {
    use handlers::{
        atomic::*, bulk::*, call::*, canon::*, control::*, exception::*, fuel::*, fused::*, gc::*,
        lookup::x86_64_v2::*, mem::*, num::*, simd_v2::*, var::*,
    };
    all_ops! { table }
}

/// The handlers for the processor this runs on.
pub fn handlers() -> &'static HandlerTable {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("sse4.2") && std::arch::is_x86_feature_detected!("popcnt") {
        return v2_handlers();
    }
    portable_handlers()
}

/// The code records of a module for this interpreter.
pub fn prepare(module: Arc<Module>, options: Options, counters: Arc<Counters>) -> Arc<ModuleCode> {
    ModuleCode::new(module, handlers(), options, counters)
}

/// Translates the function whose `stub` is at `pc` and returns the address of its first instruction, or the number of the trap that
/// says why not. (A result in memory would be on the handler's stack, which then could not end in a jump.)
#[cold]
#[inline(never)]
pub(crate) fn translate_entry(pc: *const u64, ctx: *mut Instance) -> u64 {
    let record = pc.wrapping_byte_sub(offset_of!(FuncCode, stub)) as *const FuncCode;
    // A panic must not unwind through handlers.
    std::panic::catch_unwind(|| {
        // SAFETY: `translate` instructions exist only inside code records of live modules.
        let (code, defined) = unsafe { ((*record).module(), (*record).defined) };
        let body = &code.module.bodies[defined as usize];
        // Code and the lists it is made with: 32 bytes for each of the body's is more than has been seen.
        if !heap::has_room((body.end - body.start) as usize * 32) {
            return TrapKind::OutOfMemory as u64;
        }
        loop {
            // SAFETY: the caller's instance is alive with its store.
            let entry = code.translate_unless(defined, &|| unsafe { (*(*ctx).store).is_stop_wanted() });
            if !entry.is_null() {
                return entry as u64;
            }
            // SAFETY: as above; the hooks outlive the store.
            let kind = unsafe {
                let store = (*ctx).store;
                ((*(*store).hooks).checkpoint)(store)
            };
            if kind != 0 {
                return kind as u64;
            }
        }
    })
    .unwrap_or(TrapKind::Internal as u64)
}

/// At a loop header where a check stands in: the trap that stops the guest, or the address of the handler to go on with.
#[cold]
#[inline(never)]
pub(crate) fn checkpoint(pc: *const u64, ctx: *mut Instance) -> u64 {
    // SAFETY: the chain's own instance is alive with its store and code, and `pc` is in that code.
    unsafe {
        let store = (*ctx).store;
        match ((*(*store).hooks).checkpoint)(store) {
            0 => code_of(ctx).handler_at(pc),
            kind => kind as u64,
        }
    }
}

/// What must be left of a thread's stack for an activation to begin: enough for the library's own work on behalf of the
/// guest, short of calling the host.
const NATIVE_RESERVE: usize = 8 << 10;

/// How far a stack is taken to reach that is not the thread's own.
const UNKNOWN_STACK: usize = 64 << 10;

/// Whether the native stack has room for another activation. `at` is an address in the caller's frame.
///
/// # Safety
/// The store is alive and belongs to this thread.
#[inline(always)]
unsafe fn has_native_room(store: *mut StoreCtx, at: usize) -> bool {
    // SAFETY: by the contract.
    unsafe { (*store).native.has_room(sys::thread_mark(), at) || measure_native_stack(store, at) }
}

/// Asks the system about the stack of a thread that the store did not run on last, and whether there is room.
#[cold]
#[inline(never)]
unsafe fn measure_native_stack(store: *mut StoreCtx, at: usize) -> bool {
    let thread = sys::thread_mark();
    // SAFETY: as the caller's.
    let native = unsafe { &mut (*store).native };
    // A fault that a thread blocks ends the process.
    #[cfg(jit)]
    sys::faults::unblock();
    *native = match sys::thread_stack() {
        Some((low, high)) if low <= at && at < high => {
            let low = low + NATIVE_RESERVE;
            NativeStack { thread, low, room: high.saturating_sub(low) }
        }
        // A coroutine's, of which nothing is known. Only the number of activations bounds it.
        _ => NativeStack { thread, low: at.saturating_sub(UNKNOWN_STACK), room: 2 * UNKNOWN_STACK },
    };
    native.has_room(thread, at)
}

/// Calls a function from the host. The arguments are packed in `slots`, which has room for the larger of parameters and
/// results and receives the results. False when the guest trapped; `store.trap` tells why and where.
///
/// # Safety
/// The objects are alive and of one store, which belongs to this thread; the arguments are of the function's types.
pub unsafe fn call(store: *mut StoreCtx, func: *mut Func, slots: *mut u64) -> bool {
    // SAFETY: by the contract.
    unsafe {
        if (*func).instance.is_null() {
            return call_host(store, func, slots);
        }
        let (params, results) = ((*func).param_slots as usize, (*func).result_slots as usize);
        call_guest(store, func, |fp| copy_few(slots, fp, params), |fp| copy_few(fp, slots, results))
    }
}

/// Makes a trap pending that arose before any guest code ran.
unsafe fn fail(store: *mut StoreCtx, func: *mut Func, kind: TrapKind, object: *mut ObjHeader) -> bool {
    // SAFETY: as the callers'.
    unsafe {
        let site = HostCallSite { pc: core::ptr::null(), fp: (*store).stack_top, instance: (*func).instance };
        (*store).trap = PendingTrap { kind: kind as u8, object, exception: 0, site };
    }
    false
}

/// [`call`] of a host function.
unsafe fn call_host(store: *mut StoreCtx, func: *mut Func, slots: *mut u64) -> bool {
    // SAFETY: as `call`.
    unsafe {
        let here = 0u8;
        if !can_activate(store, &raw const here as usize) {
            return fail(store, func, TrapKind::StackOverflow, core::ptr::null_mut());
        }
        let Some(host) = (*func).host else { return fail(store, func, TrapKind::Internal, core::ptr::null_mut()) };
        (*store).depth += 1;
        let object = host(func, core::ptr::null_mut(), slots);
        (*store).depth -= 1;
        object.is_null() || fail(store, func, TrapKind::Host, object)
    }
}

/// [`call`] of a function of an instance's, whose arguments `put` writes to the frame, and whose results `take` finds there.
///
/// # Safety
/// As [`call`]; the closures write and read as many slots as the function's type says.
#[inline(always)]
pub unsafe fn call_guest(
    store: *mut StoreCtx,
    func: *mut Func,
    put: impl FnOnce(*mut u64),
    take: impl FnOnce(*const u64),
) -> bool {
    // SAFETY: by the contract; frames are laid out as `vm::layout` says.
    unsafe {
        let fp = (*store).stack_top;
        let header = (*func).param_slots.max((*func).result_slots) as usize;
        let mut activation = MaybeUninit::uninit();
        if !can_activate(store, activation.as_ptr() as usize) || fp.wrapping_add(header + 2) > (*store).stack_end {
            return fail(store, func, TrapKind::StackOverflow, core::ptr::null_mut());
        }
        put(fp);
        *fp.add(header) = exit_pc() as u64;
        *fp.add(header + 1) = 0;
        let activation = begin(store, &mut activation);
        (*store).counts.calls_in += 1;
        let code = (*func).code as *const FuncCode;
        let how = dispatch::run(handlers::call::entry(code), fp, (*func).instance);
        #[cfg(jit)]
        {
            (*store).machine.trap_entry = (*store).machine.entry;
            (*store).machine.leave_until(activation.machine_entry);
        }
        end(store, activation, fp);
        if how == dispatch::TRAPPED {
            return false;
        }
        take(fp);
        true
    }
}

/// Whether another activation may begin. `at` is an address in the caller's frame.
///
/// # Safety
/// The store is alive and belongs to this thread.
#[inline(always)]
unsafe fn can_activate(store: *mut StoreCtx, at: usize) -> bool {
    // SAFETY: by the contract.
    unsafe { (*store).depth < (*store).max_depth && has_native_room(store, at) }
}

/// Begins an activation, which is known to the store from here on.
///
/// # Safety
/// The store is alive and belongs to this thread; the activation stays in place until its [`end`].
#[inline(always)]
unsafe fn begin(store: *mut StoreCtx, activation: &mut MaybeUninit<Activation>) -> &Activation {
    // SAFETY: by the contract.
    unsafe {
        let at = activation.as_mut_ptr();
        let prev = (*store).activation;
        (*at).prev = prev;
        #[cfg(jit)]
        {
            (*at).machine_entry = (*store).machine.entry;
        }
        match prev.is_null() {
            true => (*store).host_call.pc = core::ptr::null(),
            false => (*at).caller = MaybeUninit::new((*store).host_call),
        }
        (*store).activation = at;
        (*store).depth += 1;
        activation.assume_init_ref()
    }
}

/// Ends the innermost activation, which began where the value stack's top was `fp`.
///
/// # Safety
/// As [`begin`], which has given the activation.
#[inline(always)]
unsafe fn end(store: *mut StoreCtx, activation: &Activation, fp: *mut u64) {
    // SAFETY: by the contract.
    unsafe {
        (*store).depth -= 1;
        (*store).activation = activation.prev;
        if !activation.prev.is_null() {
            (*store).host_call = activation.caller.assume_init();
        }
        (*store).stack_top = fp;
    }
}

/// Copies a handful of slots without the call to `memcpy` that a copy of unknown length becomes: volatile keeps it a loop.
///
/// # Safety
/// As a copy of `count` slots that do not overlap.
#[inline(always)]
unsafe fn copy_few(from: *const u64, to: *mut u64, count: usize) {
    for i in 0..count {
        // SAFETY: by the contract.
        unsafe { to.add(i).write_volatile(*from.add(i)) };
    }
}

/// The code of an instance's module.
///
/// # Safety
/// The instance is alive.
unsafe fn code_of<'a>(instance: *mut Instance) -> &'a ModuleCode {
    // SAFETY: an instance keeps its module.
    unsafe { &*((*instance).module as *const ModuleCode) }
}

/// Makes the guest's frame known to the store before a hook that asks the host, who may call guests in turn: they must start above
/// it, and a backtrace finds it.
///
/// # Safety
/// The state is the chain's, at an instruction.
#[inline(never)]
pub(crate) unsafe fn expose(pc: *const u64, fp: *mut u64, ctx: *mut Instance) {
    // SAFETY: the chain's own instance is alive with its store and code; the frame has as many slots as its function says.
    unsafe {
        let (store, code) = ((*ctx).store, code_of(ctx));
        if let Some((defined, _)) = code.find(pc) {
            (*store).stack_top = fp.add(code.frame_slots(defined));
            (*store).host_call = HostCallSite { pc: pc.add(1), fp, instance: ctx };
        }
    }
}

/// The most frames a backtrace keeps.
const MAX_FRAMES: usize = 4096;

/// The guest's frames at the pending trap, innermost first, through all activations. [`place_all`] finds where they are in their
/// modules.
///
/// # Safety
/// The store's trap has just been raised: no guest code has run since, so its frames are still in place.
pub unsafe fn backtrace(store: *mut StoreCtx) -> Vec<GuestFrame> {
    // SAFETY: by the contract the frames and records that the walk reads are intact.
    unsafe {
        let mut frames = Vec::new();
        #[cfg(jit)]
        let (mut machine, at_trap) = ((*store).machine.entry, (*store).machine.trap_entry);
        #[cfg(not(jit))]
        let (mut machine, at_trap) = ((), ());
        walk(&(*store).trap.site, true, at_trap, &mut frames);
        let mut activation = (*store).activation;
        let mut caller = (*store).host_call;
        while frames.len() < MAX_FRAMES && !activation.is_null() {
            walk(&caller, false, machine, &mut frames);
            if (*activation).prev.is_null() {
                break;
            }
            caller = (*activation).caller.assume_init();
            #[cfg(jit)]
            {
                machine = (*activation).machine_entry;
            }
            #[cfg(not(jit))]
            {
                machine = ();
            }
            activation = (*activation).prev;
        }
        frames
    }
}

/// Finds the offsets of frames. Each function is translated once, however many frames it has: this costs no more than the
/// module is large. It is done when somebody asks, since who stops a guest in a large function may not want to wait for it.
///
/// # Safety
/// The instances are alive.
pub unsafe fn place_all(frames: &mut [GuestFrame]) {
    let unplaced = (0..frames.len()).filter(|i| frames[*i].func_offset == GuestFrame::UNPLACED);
    let mut unplaced: Vec<_> = unplaced.map(|i| (frames[i].instance, frames[i].func_index, i)).collect();
    sort_by_key(&mut unplaced, |(_, func, _)| u64::from(*func));
    sort_by_key(&mut unplaced, |(instance, ..)| instance.addr() as u64);
    for of_func in unplaced.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (instance, func_index, _) = of_func[0];
        // SAFETY: by the contract.
        let code = unsafe { code_of(instance) };
        let defined = func_index - code.module.num_imported_funcs;
        let offsets = code.source_offsets(defined, of_func.iter().map(|f| frames[f.2].module_offset as usize));
        for ((.., i), offset) in of_func.iter().zip(offsets) {
            frames[*i].module_offset = offset;
            frames[*i].func_offset = offset.saturating_sub(code.module.bodies[defined as usize].start);
        }
    }
}

/// The innermost entry of machine code.
#[cfg(jit)]
type MachineEntry = *mut crate::vm::machine::Entry;
#[cfg(not(jit))]
type MachineEntry = ();

/// Appends the frames of one activation, from a site out to where the host called in.
unsafe fn walk(site: &HostCallSite, exact: bool, machine: MachineEntry, frames: &mut Vec<GuestFrame>) {
    // SAFETY: as `backtrace`.
    unsafe {
        let HostCallSite { mut pc, mut fp, mut instance } = *site;
        if instance.is_null() || pc.is_null() {
            return;
        }
        let mut at_return = !exact;
        #[cfg(jit)]
        let mut machine = machine;
        #[cfg(not(jit))]
        let () = machine;
        while frames.len() < MAX_FRAMES {
            #[cfg(jit)]
            let entered = handlers::machine::leave(pc, &mut machine, frames, MAX_FRAMES);
            #[cfg(not(jit))]
            let entered: Option<(*mut u64, *mut Instance)> = None;
            let header = match entered {
                Some((header, of)) => {
                    instance = of;
                    header
                }
                None => {
                    let code = code_of(instance);
                    let module = &code.module;
                    // The word before a return address belongs to the call.
                    let at = if at_return { pc.sub(1) } else { pc };
                    let Some((defined, word)) = place(code, at) else { return };
                    let func_index = module.num_imported_funcs + defined;
                    let (func_offset, module_offset) = match word {
                        Some(word) => (GuestFrame::UNPLACED, word as u32),
                        None => (0, module.bodies[defined as usize].start),
                    };
                    frames.push(GuestFrame { instance, func_index, func_offset, module_offset });
                    let ty = module.func_type(func_index);
                    fp.add(ty.param_slots.max(ty.result_slots) as usize)
                }
            };
            pc = *header as *const u64;
            fp = *header.add(1) as *mut u64;
            at_return = true;
            if pc == BOUNDARY.pc() {
                let b = fp as *const crate::vm::layout::Boundary;
                (pc, fp, instance) = ((*b).ret, (*b).fp, (*b).instance);
            }
            if is_exit(pc) {
                return;
            }
        }
    }
}

/// The function that an instruction belongs to, by its index among the defined ones, and the instruction's word unless it is the
/// function's entry.
fn place(code: &ModuleCode, pc: *const u64) -> Option<(u32, Option<usize>)> {
    #[cfg(jit)]
    if let Some(defined) = crate::jit::code::find_enter(code, pc) {
        return Some((defined, None));
    }
    code.find(pc).map(|(defined, word)| (defined, Some(word)))
}

// The op numbers fit the tables made from them.
const _: () = assert!(Op::COUNT < 1 << 16);
