//! Calls and returns.
//!
//! A call does not recurse on the native stack: the callee's frame starts where the caller put the arguments, and its
//! two-word header lies above the arguments and results (`vm::layout`). A call that changes the instance puts a
//! [`Boundary`] record under the callee's frame and makes the callee return to the `boundary` instruction, which
//! restores the caller's instance; so calls inside one instance neither save nor restore it. A tail call out of an
//! instance makes such a record only if the frame it replaces has none yet, so that chains of them stay flat.

use super::exception::{raise_host, raise_host_tail};
use crate::code::FuncCode;
#[cfg(jit)]
use crate::code::targets::Noted;
use crate::code::translate::ENTER_WORDS;
use crate::interp::dispatch::{DONE, DONE_IN_FRAME, Fp, Handler, Pc, go, jump, op, trap};
use crate::interp::operand::{get, high32, low32, word};
use crate::vm::layout::{BOUNDARY_SLOTS, Boundary, Func, HostCallSite, Instance, ObjHeader, StoreCtx};
use crate::vm::trap::TrapKind;
#[cfg(jit)]
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering;

/// One instruction outside any function, reachable by its address.
#[repr(transparent)]
pub struct Landing([Handler; 1]);

impl Landing {
    pub fn pc(&'static self) -> Pc {
        self.0.as_ptr() as Pc
    }
}

/// Where the outermost frame of an activation returns to; and where one does that is in the place of machine code which the host
/// has called directly.
static EXITS: [Handler; 2] = [exit, exit_in_frame];

/// The return pc of an activation's outermost frame.
pub fn exit_pc() -> Pc {
    &raw const EXITS[0] as Pc
}

/// The return pc of a frame whose results are where they are of no use to machine code's caller.
#[cfg(jit)]
pub fn exit_in_frame_pc() -> Pc {
    &raw const EXITS[1] as Pc
}

/// Whether the activation ends at a pc.
pub fn is_exit(pc: Pc) -> bool {
    EXITS.as_ptr_range().contains(&pc.cast())
}

/// Where a frame above a [`Boundary`] returns to.
pub static BOUNDARY: Landing = Landing([boundary]);

op!(
    /// The outermost frame has returned; its results are where it began.
    exit(pc fp mb ml ctx ia fa) {
        return DONE
    }
);
op!(
    /// As `exit`, for [`exit_in_frame_pc`].
    exit_in_frame(pc fp mb ml ctx ia fa) {
        return DONE_IN_FRAME
    }
);

/// The memory registers of an instance.
#[inline(always)]
pub unsafe fn memory0(ctx: *mut Instance) -> (*mut u8, usize) {
    // SAFETY: the instance is live; `mem0` is null or a live memory.
    unsafe {
        let m = (*ctx).mem0;
        if m.is_null() { (core::ptr::null_mut(), 0) } else { ((*m).base, (*m).len) }
    }
}

op!(
    /// The callee's frame above a boundary has returned; `fp` is the boundary.
    boundary(pc fp mb ml ctx ia fa) {
        let b = fp as *const Boundary;
        core::ptr::copy(fp.add(BOUNDARY_SLOTS), (*b).results, (*b).result_slots as usize);
        let ctx = (*b).instance;
        let (mb, ml) = memory0(ctx);
        go!((*b).ret, (*b).fp, mb, ml, ctx, ia, fa)
    }
);

/// Writes a frame header above `slots` argument and result slots.
#[inline(always)]
pub(super) unsafe fn header(frame: Fp, slots: usize, ret: Pc, caller: Fp) {
    // SAFETY: the caller's frame reserves room, or the red zone does.
    unsafe {
        *frame.add(slots) = ret as u64;
        *frame.add(slots + 1) = caller as u64;
    }
}

/// The entry of a function's code: its first instruction, or the one that translates it.
#[inline(always)]
pub unsafe fn entry(code: *const FuncCode) -> Pc {
    // SAFETY: code records live as long as the modules of live instances.
    unsafe { (*code).entry.load(Ordering::Acquire) }
}

op!(
    /// The first call of a function: translates it and starts it. The instruction is inside its `FuncCode`.
    translate(pc fp mb ml ctx ia fa) {
        let entry = crate::interp::translate_entry(pc, ctx);
        if entry < 256 {
            trap!(entry, pc, fp, mb, ml, ctx, fa)
        }
        go!(entry as Pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Whether a frame of that many slots ends below the stack's limit.
#[inline(always)]
unsafe fn fits(ctx: *mut Instance, fp: Fp, slots: usize) -> bool {
    // SAFETY: the instance is live.
    let limit = unsafe { (*(*ctx).store).stack_limit.load(Ordering::Relaxed) };
    (limit as isize).wrapping_sub(fp as isize) >= (slots * 8) as isize
}

op!(
    /// A frame opening (J = its slots) found no room below the stack's limit: the stack is full, or somebody wants the guest's
    /// attention.
    #[cold]
    #[inline(never)]
    no_room(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        let kind = ((*(*store).hooks).checkpoint)(store);
        if kind != 0 {
            return super::control::raise(pc, fp, mb, ml, ctx, kind as u64, fa)
        }
        if ((*store).stack_end as isize).wrapping_sub(fp as isize) < (low32(pc) * 8) as isize {
            trap!(TrapKind::StackOverflow, pc, fp, mb, ml, ctx, fa)
        }
        go!(pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Zeroes locals and brings in constants as words 2 and 3 of an `enter` at `opening` say.
#[inline(always)]
unsafe fn fill_in(frame: Fp, zero: u64, consts: u64, opening: Pc) {
    // SAFETY: the frame fits, and its slots and the constants lie where translation says.
    unsafe {
        let (mut to, end) = {
            let from = frame.add(zero as u32 as usize);
            (from, from.add((zero >> 32) as usize))
        };
        // Volatile, or the loops over a few slots become calls of memset and memcpy that save every register.
        while to < end {
            to.write_volatile(0);
            to = to.add(1);
        }
        let (mut to, mut from) = (frame.add(consts as u16 as usize), opening.add((consts >> 32) as usize));
        let end = to.add((consts >> 16) as u16 as usize);
        while to < end {
            to.write_volatile(*from);
            (to, from) = (to.add(1), from.add(1));
        }
    }
}

op!(
    /// Opens a frame: J = its slots; word 2: slots from (low) that are zeroed, how many (high); word 3: constants go from
    /// slot (bits 0-15), how many (bits 16-31), from this many words on (bits 32-63).
    enter(pc fp mb ml ctx ia fa) {
        if !fits(ctx, fp, low32(pc)) {
            jump!(no_room, pc, fp, mb, ml, ctx, ia, fa)
        }
        fill_in(fp, word(pc, 2), word(pc, 3), pc);
        go!(pc.add(4), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// `enter` for a frame with many slots to zero.
    enter_large(pc fp mb ml ctx ia fa) {
        if !fits(ctx, fp, low32(pc)) {
            jump!(no_room, pc, fp, mb, ml, ctx, ia, fa)
        }
        let (zero, consts) = (word(pc, 2), word(pc, 3));
        fp.add(zero as u32 as usize).write_bytes(0, (zero >> 32) as usize);
        let from = pc.add((consts >> 32) as usize);
        fp.add(consts as u16 as usize).copy_from_nonoverlapping(from as *mut u64, (consts >> 16) as u16 as usize);
        go!(pc.add(4), fp, mb, ml, ctx, ia, fa)
    }
);

/// Starts a function in a frame that has its header: opens the frame here if it fits, which saves a dispatch.
macro_rules! start {
    ($code:expr, $frame:expr, $mb:ident $ml:ident $ctx:ident $fa:ident) => {{
        let (code, frame): (*const FuncCode, Fp) = ($code, $frame);
        let opening = &(*code).opening;
        if !fits($ctx, frame, opening.slots.load(Ordering::Acquire) as usize) {
            go!(entry(code), frame, $mb, $ml, $ctx, 0, $fa)
        }
        let start = opening.start.load(Ordering::Relaxed) as Pc;
        let (zero, consts) = (opening.zero.load(Ordering::Relaxed), opening.consts.load(Ordering::Relaxed));
        fill_in(frame, zero, consts, start.sub(ENTER_WORDS));
        // A function takes nothing from the accumulators it is started with.
        go!(start, frame, $mb, $ml, $ctx, code as u64, $fa)
    }};
}

op!(
    /// Opens a frame of J slots that needs nothing filled in.
    enter0(pc fp mb ml ctx ia fa) {
        if !fits(ctx, fp, low32(pc)) {
            jump!(no_room, pc, fp, mb, ml, ctx, ia, fa)
        }
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);

op!(
    /// Calls a function of the same module: frame at slot J, I argument and result slots, code record in word 2.
    call(pc fp mb ml ctx ia fa) {
        let frame = fp.add(low32(pc));
        header(frame, high32(pc), pc.add(3), fp);
        start!(word(pc, 2) as *const FuncCode, frame, mb ml ctx fa)
    }
);

/// Notes whom a call goes to, in a word of its instruction, from which the compiler reads it (`code::targets`).
#[cfg(jit)]
#[inline(always)]
unsafe fn note_target(word: Pc, code: *const FuncCode) {
    // SAFETY: words of code are atomic ones, and live as long as the module of the instance that runs them.
    let noted = unsafe { &*(word as *const AtomicU64) };
    noted.store(Noted(noted.load(Ordering::Relaxed)).vote(code as u64).0, Ordering::Relaxed);
}

#[cfg(not(jit))]
#[inline(always)]
unsafe fn note_target(_: Pc, _: *const FuncCode) {}

/// Calls any function: the same instance at once, others by way of a cold or native path. The last word of an instruction that is
/// `noted` has whom it calls.
macro_rules! call_func {
    ($func:expr, $words:literal, $noted:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let func: *mut Func = $func;
        let frame = $fp.add(low32($pc));
        let ret = $pc.add($words);
        if (*func).instance == $ctx {
            header(frame, high32($pc), ret, $fp);
            if $noted {
                note_target($pc.add($words - 1), (*func).code as *const FuncCode);
            }
            start!((*func).code as *const FuncCode, frame, $mb $ml $ctx $fa)
        }
        if (*func).instance.is_null() {
            jump!(call_host, ret, $fp, frame as *mut u8, 0, $ctx, func as u64, $fa)
        }
        jump!(call_other, ret, $fp, frame as *mut u8, high32($pc), $ctx, func as u64, $fa)
    }};
}

op!(
    /// Calls a host function: ia = function, mb = frame, pc = return.
    #[inline(never)]
    call_host(pc fp mb ml ctx ia fa) {
        let (func, frame) = (ia as *mut Func, mb as Fp);
        let failure = host(func, frame, HostCallSite { pc: pc.sub(1), fp, instance: ctx }, ctx);
        if !failure.is_null() {
            jump!(raise_host, pc.sub(1), fp, mb, ml, ctx, failure as u64, fa)
        }
        let (mb, ml) = memory0(ctx);
        go!(pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Where a frame that a tail call replaces would have returned: the last word of the call that made it, or an `exit`.
///
/// # Safety
/// `ret` and `caller` are what the frame's header has, in an activation whose frames are intact; `ctx` is the frame's instance.
#[inline(always)]
pub(super) unsafe fn outer_site(ret: Pc, caller: Fp, ctx: *mut Instance) -> HostCallSite {
    let mut site = HostCallSite { pc: ret, fp: caller, instance: ctx };
    if ret == BOUNDARY.pc() {
        // SAFETY: such a header has the boundary's address for a frame.
        let b = unsafe { &*(caller as *const Boundary) };
        site = HostCallSite { pc: b.ret, fp: b.fp, instance: b.instance };
    }
    if !is_exit(site.pc) {
        // SAFETY: a return address follows the words of a call.
        site.pc = unsafe { site.pc.sub(1) };
    }
    site
}

/// Runs a host function on the arguments in `frame`; null, or the object it stopped with. The site is the calling instruction's last
/// word; the instance is whose function calls.
#[inline(always)]
pub(super) unsafe fn host(func: *mut Func, frame: Fp, site: HostCallSite, ctx: *mut Instance) -> *mut ObjHeader {
    // SAFETY: the function is a live host function, and the store belongs to this thread.
    unsafe {
        let store = (*ctx).store;
        (*store).counts.calls_out += 1;
        (*store).host_call = site;
        (*store).stack_top = frame.add((*func).param_slots.max((*func).result_slots) as usize);
        match (*func).host {
            Some(f) => f(func, ctx, frame),
            None => core::ptr::null_mut(),
        }
    }
}

op!(
    /// Calls a function of another instance: ia = function, mb = frame, ml = argument and result slots, pc = return.
    #[inline(never)]
    call_other(pc fp mb ml ctx ia fa) {
        let (func, args) = (ia as *mut Func, mb as Fp);
        let frame = args.add(ml + BOUNDARY_SLOTS);
        core::ptr::copy(args, frame, (*func).param_slots as usize);
        let b = args.add(ml) as *mut Boundary;
        b.write(Boundary { ret: pc, fp, instance: ctx, results: args, result_slots: (*func).result_slots as u64 });
        header(frame, ml, BOUNDARY.pc(), b as Fp);
        let ctx = (*func).instance;
        let (mb, ml) = memory0(ctx);
        go!(entry((*func).code as *const FuncCode), frame, mb, ml, ctx, ia, fa)
    }
);

op!(
    /// Calls imported function word 2: frame at slot J, I argument and result slots.
    call_import(pc fp mb ml ctx ia fa) {
        call_func!(*(*ctx).funcs.add(word(pc, 2) as usize), 3, false, pc fp mb ml ctx ia fa)
    }
);

/// The function a table holds for an indirect call of type `ty`, or why it cannot be called.
#[inline(always)]
unsafe fn table_func(ctx: *mut Instance, table: u32, index: u64, ty: u32) -> Result<*mut Func, TrapKind> {
    // SAFETY: table indices come from validated code.
    unsafe {
        let t = *(*ctx).tables.add(table as usize);
        let index = if (*t).is64 { index } else { index as u32 as u64 };
        if index >= (*t).len as u64 {
            return Err(TrapKind::UndefinedElement);
        }
        let func = *(*t).base.add(index as usize) as *mut Func;
        if func.is_null() {
            return Err(TrapKind::UninitializedElement);
        }
        if (*func).type_id != ty && !subtype((*ctx).store, (*func).type_id, ty) {
            return Err(TrapKind::IndirectCallTypeMismatch);
        }
        Ok(func)
    }
}

#[cold]
#[inline(never)]
unsafe fn subtype(store: *mut StoreCtx, actual: u32, expected: u32) -> bool {
    // SAFETY: the hooks outlive the store.
    unsafe { ((*(*store).hooks).is_subtype)(store, actual, expected) }
}

op!(
    /// Calls through a table: frame at slot J, I argument and result slots; word 2: table (low), index slot (high); word 3: type;
    /// word 4: whom it calls.
    call_indirect(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        match table_func(ctx, w as u32, *fp.add((w >> 32) as usize), word(pc, 3) as u32) {
            Ok(func) => call_func!(func, 5, true, pc fp mb ml ctx ia fa),
            Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
        }
    }
);
op!(
    /// Calls the reference in slot word 2: frame at slot J, I argument and result slots; word 3: whom it calls.
    call_ref(pc fp mb ml ctx ia fa) {
        let func = *fp.add(word(pc, 2) as usize) as *mut Func;
        if func.is_null() {
            trap!(TrapKind::NullFunctionReference, pc, fp, mb, ml, ctx, fa)
        }
        call_func!(func, 4, true, pc fp mb ml ctx ia fa)
    }
);

op!(
    /// Tail-calls a function of the same module: arguments from slot J, own argument and result slots I; code record in
    /// word 2; word 3: the callee's parameter slots (low), its argument and result slots (high).
    return_call(pc fp mb ml ctx ia fa) {
        let own = high32(pc);
        let (ret, caller) = (*fp.add(own) as Pc, *fp.add(own + 1) as Fp);
        let w = word(pc, 3);
        core::ptr::copy(fp.add(low32(pc)), fp, w as u32 as usize);
        header(fp, (w >> 32) as usize, ret, caller);
        start!(word(pc, 2) as *const FuncCode, fp, mb ml ctx fa)
    }
);

op!(
    /// Tail-calls function ia from the frame `fp`: pc = a tail call instruction (J, I as `return_call`).
    #[inline(never)]
    tail_func(pc fp mb ml ctx ia fa) {
        let func = ia as *mut Func;
        let (args, own) = (fp.add(low32(pc)), high32(pc));
        let (ret, caller) = (*fp.add(own) as Pc, *fp.add(own + 1) as Fp);
        let (params, results) = ((*func).param_slots as usize, (*func).result_slots as usize);
        if (*func).instance.is_null() {
            // The frame of the function that calls is gone already, as far as anybody can see.
            let failure = host(func, args, outer_site(ret, caller, ctx), ctx);
            if !failure.is_null() {
                jump!(raise_host_tail, ret, caller, mb, ml, ctx, failure as u64, fa)
            }
            core::ptr::copy(args, fp, results);
            let (mb, ml) = memory0(ctx);
            go!(ret, caller, mb, ml, ctx, ia, fa)
        }
        let slots = params.max(results);
        let mut frame = fp;
        let (mut ret, mut caller) = (ret, caller);
        if (*func).instance != ctx && ret != BOUNDARY.pc() {
            let b = fp.add(own) as *mut Boundary;
            frame = fp.add(own + BOUNDARY_SLOTS);
            core::ptr::copy(args, frame, params);
            b.write(Boundary { ret, fp: caller, instance: ctx, results: fp, result_slots: results as u64 });
            (ret, caller) = (BOUNDARY.pc(), b as Fp);
        } else {
            core::ptr::copy(args, frame, params);
        }
        header(frame, slots, ret, caller);
        let ctx = (*func).instance;
        let (mb, ml) = memory0(ctx);
        go!(entry((*func).code as *const FuncCode), frame, mb, ml, ctx, ia, fa)
    }
);

op!(
    /// Tail-calls imported function word 2. J, I as `return_call`.
    return_call_import(pc fp mb ml ctx ia fa) {
        let func = *(*ctx).funcs.add(word(pc, 2) as usize);
        jump!(tail_func, pc, fp, mb, ml, ctx, func as u64, fa)
    }
);
op!(
    /// Tail-calls through a table. J, I as `return_call`; words 2 and 3 as `call_indirect`.
    return_call_indirect(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        match table_func(ctx, w as u32, *fp.add((w >> 32) as usize), word(pc, 3) as u32) {
            Ok(func) => jump!(tail_func, pc, fp, mb, ml, ctx, func as u64, fa),
            Err(kind) => trap!(kind, pc, fp, mb, ml, ctx, fa),
        }
    }
);
op!(
    /// Tail-calls the reference in slot word 2. J, I as `return_call`.
    return_call_ref(pc fp mb ml ctx ia fa) {
        let func = *fp.add(word(pc, 2) as usize);
        if func == 0 {
            trap!(TrapKind::NullFunctionReference, pc, fp, mb, ml, ctx, fa)
        }
        jump!(tail_func, pc, fp, mb, ml, ctx, func, fa)
    }
);

op!(
    /// Returns nothing: the header is at slot I.
    return0(pc fp mb ml ctx ia fa) {
        let h = fp.add(high32(pc));
        go!(*h as Pc, *h.add(1) as Fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Returns slot A: the header is at slot I.
    return1(pc fp mb ml ctx ia fa) {
        let h = fp.add(high32(pc));
        let (ret, caller) = (*h as Pc, *h.add(1) as Fp);
        let v = get::<0, u64>(pc, fp);
        *fp = v;
        go!(ret, caller, mb, ml, ctx, v, fa)
    }
);
op!(
    /// Returns the word 2 slots from slot J: the header is at slot I.
    return_n(pc fp mb ml ctx ia fa) {
        let h = fp.add(high32(pc));
        let (ret, caller) = (*h as Pc, *h.add(1) as Fp);
        core::ptr::copy(fp.add(low32(pc)), fp, word(pc, 2) as usize);
        go!(ret, caller, mb, ml, ctx, ia, fa)
    }
);
