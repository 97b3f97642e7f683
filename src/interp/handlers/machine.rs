//! Between the interpreter and machine code (`vm::machine` tells the protocol).
//!
//! A compiled function's code record leads to an `enter_machine` instruction. When machine code wants something called that is
//! not compiled, this is done as for any instruction, with `resume_machine` as return address.

use super::call::{
    BOUNDARY, call_host, call_other, entry, exit_in_frame_pc, exit_pc, header, host, memory0, outer_site,
};
use super::control::raise;
use super::exception::{raise_host, raise_host_tail, unwind};
use crate::code::tier::Loop;
use crate::code::{FuncCode, ModuleCode};
use crate::interp::dispatch::{self, DONE_IN_FRAME, Fp, Handler, Pc, TRAPPED, go, jump, op, trap};
use crate::interp::end;
use crate::interp::operand::word;
use crate::jit::code::{SiteKind, ensure_stack, walk};
use crate::jit::x64::{direct, stubs};
use crate::jit::{code::MachineCode, machine_code};
use crate::sys;
use crate::vm::gc::exception_tag;
use crate::vm::layout::{BOUNDARY_SLOTS, Boundary, Func, HostCallSite, Instance, ObjHeader, PendingTrap};
use crate::vm::machine::{CALLS, DirectCall, Entry, FAILED, FINISHED, Out, Resume, TAIL, THROWN, native_pc};
use crate::vm::trap::{GuestFrame, TrapKind};
use core::sync::atomic::Ordering;

/// Where functions return that machine code called. The words before stand for places in machine code that have no pc of the
/// interpreter: a trap, and the calling instruction.
static RESUME: [Handler; 3] = [resume_machine, resume_machine, resume_machine];

/// The return pc of a function that machine code called.
fn resume_pc() -> Pc {
    &raw const RESUME[2] as Pc
}

/// The pc of a trap in machine code.
fn trap_pc() -> Pc {
    &raw const RESUME[0] as Pc
}

/// Whether a pc stands for a place in machine code, and if so, whether for the trap.
pub fn place_in_machine_code(pc: Pc) -> Option<bool> {
    if pc == trap_pc() {
        return Some(true);
    }
    let is_at = |place: Pc| pc == place || pc == place.wrapping_sub(1);
    (is_at(resume_pc()) || is_at(native_pc())).then_some(false)
}

/// Acts on what machine code came back with.
macro_rules! after {
    ($status:expr, $ctx:ident, $fa:ident) => {{
        let m = &raw mut (*(*$ctx).store).machine;
        let (mb, ml) = memory0($ctx);
        match $status {
            FINISHED => {
                let h = (*m).header;
                go!(*h as Pc, *h.add(1) as Fp, mb, ml, $ctx, 0, $fa)
            }
            CALLS => {
                let (frame, slots) = ((*m).value_top, (*m).out_slots);
                // Nobody uses the frame pointer of machine code: the header's place says whose it is.
                let fp = (*(*m).entry).header;
                let code = match (*m).out() {
                    Out::Code(code) => code as *const FuncCode,
                    Out::Func(func) if (*func).instance == $ctx => (*func).code as *const FuncCode,
                    Out::Func(func) if (*func).instance.is_null() => {
                        jump!(call_host, resume_pc(), fp, frame as *mut u8, 0, $ctx, func as u64, $fa)
                    }
                    Out::Func(func) => {
                        jump!(call_other, resume_pc(), fp, frame as *mut u8, slots, $ctx, func as u64, $fa)
                    }
                };
                header(frame, slots, resume_pc(), fp);
                go!(entry(code), frame, mb, ml, $ctx, 0, $fa)
            }
            TAIL => jump!(tail, trap_pc(), (*m).header, mb, ml, $ctx, 0, $fa),
            FAILED => {
                let object = (*m).out_func as u64;
                jump!(raise_host, resume_pc().sub(1), (*(*m).entry).header, mb, ml, $ctx, object, $fa)
            }
            THROWN => jump!(unwind, trap_pc(), (*(*m).entry).header, mb, ml, $ctx, (*m).exception as u64, $fa),
            _ => {
                machine_trap($ctx);
                return core::hint::black_box(TRAPPED);
            }
        }
    }};
}

op!(
    /// Enters machine code: word 1: function; word 2: thunk of its type; word 3: argument and result slots.
    enter_machine(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        let header = fp.add(word(pc, 3) as usize);
        let value_top = header.add(2);
        if value_top > (*store).stack_limit.load(Ordering::Relaxed) {
            // As for any call: the stack is full, or somebody wants the guest's attention.
            let kind = ((*(*store).hooks).checkpoint)(store);
            if kind != 0 {
                return raise(pc, fp, mb, ml, ctx, kind as u64, fa)
            }
            if value_top > (*store).stack_end {
                trap!(TrapKind::StackOverflow, pc, fp, mb, ml, ctx, fa)
            }
        }
        if (*store).machine.limit == 0 && !ensure_stack(store) {
            trap!(TrapKind::OutOfMemory, pc, fp, mb, ml, ctx, fa)
        }
        (*store).counts.machine_entries += 1;
        let m = &raw mut (*store).machine;
        let status = stubs::enter(m, word(pc, 1) as usize, word(pc, 2) as usize, fp, header, ctx);
        after!(status, ctx, fa)
    }
);

op!(
    /// Goes on as machine code at a loop header: ia = the loop. The frame is the machine code's from here on: it takes what the
    /// frame holds, and gives its results to where the frame's go.
    enter_loop(pc fp mb ml ctx ia fa) {
        let l = ia as *const Loop;
        let store = (*ctx).store;
        if (*store).machine.limit == 0 && !ensure_stack(store) {
            let handler: Handler = core::mem::transmute((*l).plain as usize);
            return handler(pc, fp, mb, ml, ctx, ia, fa)
        }
        let status = enter_middle(ctx, fp, l);
        after!(status, ctx, fa)
    }
);

/// Enters machine code at a loop header.
#[inline(never)]
unsafe fn enter_middle(ctx: *mut Instance, fp: Fp, l: *const Loop) -> u64 {
    // SAFETY: the frame is one of the function that the loop is in; linking has put the addresses there.
    unsafe {
        let code = &*((*ctx).module as *const ModuleCode);
        let ty = code.module.func_type(code.module.num_imported_funcs + (*(*l).tier.func).defined);
        let header = fp.add(ty.param_slots.max(ty.result_slots) as usize);
        let (function, thunk) = (&(*l).tier.machine, &(*l).tier.thunk);
        let (function, thunk) = (function.load(Ordering::Acquire), thunk.load(Ordering::Relaxed));
        stubs::enter(&raw mut (*(*ctx).store).machine, function, thunk, fp, header, ctx)
    }
}

/// Whether a function may be called by [`call_directly`]: it is compiled, and of numbers.
#[inline(always)]
pub fn is_direct(func: &Func) -> bool {
    // SAFETY: a function's code record lives as long as its instance.
    let code = unsafe { (func.code as *const FuncCode).as_ref() };
    code.is_some_and(|code| code.tier.direct.load(Ordering::Acquire) != 0)
}

/// Calls a compiled function for the host with no handler of the interpreter in between, nor a copy of its values: `args` and
/// `results` are 16 bytes apart. Null, or the trap; None if nothing has happened, and the call is to be made as any other.
///
/// # Safety
/// As `interp::call`; the function [`is_direct`], and the values fit its type. The results may be the arguments.
#[inline(always)]
pub unsafe fn call_directly(func: *mut Func, args: *const u64, results: *mut u64) -> Option<*mut ObjHeader> {
    // SAFETY: by the contract; frames are laid out as `vm::layout` says. What `direct` leads to has been linked.
    unsafe {
        let store = (*func).hdr.store;
        let fp = (*store).stack_top;
        let header = fp.add((*func).param_slots.max((*func).result_slots) as usize);
        // Whatever is not as it nearly always is, the interpreter's instructions see to.
        if header.add(2) > (*store).stack_limit.load(Ordering::Relaxed)
            || (*store).machine.limit == 0
            || (*store).depth >= (*store).max_depth
            || !(*store).native.has_room(sys::thread_mark(), sys::stack_pointer())
        {
            return None;
        }
        Some(direct::call_directly(args, results, func, fp, header, exit_pc()))
    }
}

/// Goes on with a direct call whose machine code was left or came back before its end, and ends the activation. False if the
/// guest trapped.
///
/// # Safety
/// The call is the innermost, and not yet ended.
#[cold]
#[inline(never)]
pub unsafe fn end_directly(status: u64, call: &DirectCall) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let DirectCall { activation, frame: fp, results, func } = call;
        let store = (**func).hdr.store;
        let mut how = DONE_IN_FRAME;
        if status != FINISHED {
            let m = &raw mut (*store).machine;
            (*m).status = status;
            how = dispatch::run(&raw const COME_BACK as Pc, *fp, (**func).instance);
            (*m).trap_entry = (*m).entry;
            (*m).leave_until(activation.machine_entry);
            if how == DONE_IN_FRAME {
                (0..(**func).result_slots as usize).for_each(|n| *results.add(2 * n) = *fp.add(n));
            }
        }
        end(store, activation, *fp);
        how != TRAPPED
    }
}

/// An instruction outside any function.
static COME_BACK: [Handler; 1] = [come_back];

op!(
    /// Machine code that the host called came back before its end.
    come_back(pc fp mb ml ctx ia fa) {
        let status = (*(*ctx).store).machine.status;
        after!(status, ctx, fa)
    }
);

op!(
    /// A function that machine code called has returned.
    resume_machine(pc fp mb ml ctx ia fa) {
        let status = stubs::resume(&raw mut (*(*ctx).store).machine);
        after!(status, ctx, fa)
    }
);

op!(
    /// An exception goes on in the handler that [`catch`] has found.
    #[cold]
    #[inline(never)]
    land(pc fp mb ml ctx ia fa) {
        let m = &raw mut (*(*ctx).store).machine;
        let status = stubs::land(m, &raw const (*m).resume);
        after!(status, ctx, fa)
    }
);

op!(
    /// A function that has been entered at the header `fp` calls another one in its place.
    #[cold]
    #[inline(never)]
    tail(pc fp mb ml ctx ia fa) {
        let m = &raw mut (*(*ctx).store).machine;
        let (args, frame, slots) = (fp.add(2), (*m).tail, (*m).out_slots);
        let (mut ret, caller) = (*fp as Pc, *fp.add(1) as Fp);
        if ret == exit_pc() {
            ret = exit_in_frame_pc();
        }
        let code = match (*m).out() {
            Out::Code(code) => code as *const FuncCode,
            Out::Func(func) if (*func).instance == ctx => (*func).code as *const FuncCode,
            Out::Func(func) => {
                let own = fp.offset_from(frame) as usize;
                jump!(tail_other, ret, caller, args as *mut u8, own, ctx, func as u64, fa)
            }
        };
        core::ptr::copy(args, frame, slots);
        header(frame, slots, ret, caller);
        go!(entry(code), frame, mb, ml, ctx, 0, fa)
    }
);

op!(
    /// As `tail`, for a function of the host or of another instance: ia = function, pc and fp = what the header had, mb =
    /// arguments, ml = argument and result slots of the function that is replaced.
    #[cold]
    #[inline(never)]
    tail_other(pc fp mb ml ctx ia fa) {
        let (func, args) = (ia as *mut Func, mb as Fp);
        let mut frame = args.sub(ml + 2);
        if (*func).instance.is_null() {
            core::ptr::copy(args, frame, (*func).param_slots as usize);
            let failure = host(func, frame, outer_site(pc, fp, ctx), ctx);
            if !failure.is_null() {
                jump!(raise_host_tail, pc, fp, mb, ml, ctx, failure as u64, fa)
            }
            let (mb, ml) = memory0(ctx);
            go!(pc, fp, mb, ml, ctx, 0, fa)
        }
        let (params, results) = ((*func).param_slots as usize, (*func).result_slots as usize);
        let (mut ret, mut caller) = (pc, fp);
        if ret == BOUNDARY.pc() {
            core::ptr::copy(args, frame, params);
        } else {
            let b = frame.add(ml) as *mut Boundary;
            let to = frame.add(ml + BOUNDARY_SLOTS);
            core::ptr::copy(args, to, params);
            b.write(Boundary { ret, fp: caller, instance: ctx, results: frame, result_slots: results as u64 });
            (ret, caller, frame) = (BOUNDARY.pc(), b as Fp, to);
        }
        header(frame, params.max(results), ret, caller);
        let ctx = (*func).instance;
        let (mb, ml) = memory0(ctx);
        go!(entry((*func).code as *const FuncCode), frame, mb, ml, ctx, 0, fa)
    }
);

/// Looks for a handler of an exception in the frames of the innermost entry; if there is one, the context says where to go on.
///
/// # Safety
/// As [`leave`]; the exception is one of the store's heap.
pub unsafe fn catch(pc: Pc, entry: *mut Entry, exception: u64) -> bool {
    let Some(at_trap) = place_in_machine_code(pc) else { return false };
    // SAFETY: by the contract; `out` and the stub for throwing have left the registers that callees keep.
    unsafe {
        let Some(e) = entry.as_ref() else { return false };
        let instance = e.instance;
        let store = (*instance).store;
        let m = &mut (*store).machine;
        let Some(code) = code_of(instance) else { return false };
        let (mut pc, mut fp, mut kept) = match at_trap {
            true => (m.trap_pc, m.trap_fp, m.kept),
            false => {
                // r15, r14, r13, r12, rbx, rbp.
                let kept = [4, 3, 2, 1].map(|n| *e.sp.add(n));
                (*e.sp.add(stubs::OUT_RETURN), *e.sp.add(stubs::OUT_RBP), kept)
            }
        };
        // The thunk that machine code was entered by is no site.
        loop {
            if !code.is_shim(pc) {
                let Some(frame) = code.frame(pc) else { return false };
                let unwind = frame.unwind;
                for landing in unwind.chains.get(frame.site.chain as usize).into_iter().flatten() {
                    let takes = |tag: &Option<u32>| match tag {
                        None => true,
                        Some(tag) => *(*instance).tags.add(*tag as usize) == exception_tag(store, exception as u32),
                    };
                    if let Some(clause) = unwind.regions[landing.region as usize].iter().position(takes) {
                        let (pc, sp) = (frame.start + landing.at as usize, fp - unwind.frame as usize);
                        m.resume = Resume { pc, sp, fp, kept, instance };
                        (m.exception, m.clause) = (exception as usize, clause);
                        return true;
                    }
                }
                let mut at = fp as *const usize;
                for (_, kept) in kept.iter_mut().enumerate().filter(|(n, _)| unwind.saved & 1 << n != 0) {
                    at = at.sub(1);
                    *kept = *at;
                }
            }
            let frame = fp as *const usize;
            (fp, pc) = (*frame, *frame.add(1));
        }
    }
}

/// Says why and where machine code trapped.
#[cold]
#[inline(never)]
unsafe fn machine_trap(ctx: *mut Instance) {
    // SAFETY: the instance runs machine code of its module.
    unsafe {
        let store = (*ctx).store;
        let site = HostCallSite { pc: trap_pc(), fp: (*(*store).machine.entry).header, instance: ctx };
        let found = code_of(ctx).and_then(|c| c.find((*store).machine.trap_pc));
        let kind = match found {
            Some((_, site)) => match site.kind {
                SiteKind::Trap(kind) => kind,
                SiteKind::Poll => TrapKind::from_u8((*store).machine.trap_kind as u8),
                SiteKind::Access { .. } => TrapKind::MemoryOutOfBounds,
                SiteKind::Call => TrapKind::Internal,
            },
            None => TrapKind::Internal,
        };
        (*store).trap = PendingTrap { kind: kind as u8, object: core::ptr::null_mut(), exception: 0, site };
    }
}

/// The machine code of an instance's module.
///
/// # Safety
/// The instance is alive, for as long as the result is used.
pub unsafe fn code_of<'a>(instance: *mut Instance) -> Option<&'a MachineCode> {
    // SAFETY: an instance keeps its module.
    unsafe { machine_code(&*((*instance).module as *const ModuleCode)) }
}

/// If `pc` stands for a place in machine code: appends the frames of the innermost entry, steps out of it, and gives the header
/// and the instance of the frame that it was entered from.
///
/// # Safety
/// The frames and records of the activation are intact, and `entry` is its innermost entry.
pub unsafe fn leave(
    pc: Pc,
    entry: &mut *mut Entry,
    frames: &mut Vec<GuestFrame>,
    most: usize,
) -> Option<(Fp, *mut Instance)> {
    let at_trap = place_in_machine_code(pc)?;
    // SAFETY: by the contract; `out` has left its registers where `sp` says.
    unsafe {
        let e = entry.as_ref()?;
        let m = &(*(*e.instance).store).machine;
        let (pc, fp) = match at_trap {
            true => (m.trap_pc, m.trap_fp),
            false => (*e.sp.add(stubs::OUT_RETURN), *e.sp.add(stubs::OUT_RBP)),
        };
        let code = &*((*e.instance).module as *const ModuleCode);
        let module = &code.module;
        let mut found = Vec::new();
        if let Some(machine) = machine_code(code) {
            walk(machine, module, pc, fp, &mut found, most.saturating_sub(frames.len()));
        }
        frames.extend(found.iter().map(|f| GuestFrame {
            instance: e.instance,
            func_index: module.num_imported_funcs + f.defined,
            func_offset: f.offset.saturating_sub(module.bodies[f.defined as usize].start),
            module_offset: f.offset,
        }));
        *entry = e.prev;
        Some((e.header, e.instance))
    }
}
