//! Throwing and unwinding (spec, "Control Instructions"; the legacy exception proposal).
//!
//! Entering a try block costs nothing: unwinding looks up the return address of each frame in the function's table of
//! regions. It crosses instances through boundary records and stops at the end of the activation, where an exception that
//! nothing caught becomes a trap that the host sees; when the host returns that trap from a callback, the exception goes on
//! in the frames that called it.

use super::call::{BOUNDARY, is_exit, memory0, outer_site};
use super::control::raise;
use crate::code::{Catch, ModuleCode};
use crate::interp::dispatch::{Fp, Pc, TRAPPED, go, op, trap};
use crate::interp::operand::{get, high32, low32};
use crate::vm::gc::{exception_payload, exception_tag};
use crate::vm::layout::{Boundary, HostCallSite, Instance, ObjHeader, PendingTrap, StoreCtx};
use crate::vm::trap::TrapKind;

op!(
    /// Throws an exception of tag I with the payload from slot J on.
    #[cold]
    throw(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        let tag = *(*ctx).tags.add(high32(pc));
        let payload = fp.add(low32(pc));
        // The payload is at the top of the operand stack, so all that lives is below its end.
        (*store).stack_top = payload.add((*tag).param_slots as usize);
        let exception = ((*(*store).hooks).exception_new)(store, tag, payload);
        if exception >> 32 != 0 {
            return raise(pc, fp, mb, ml, ctx, exception >> 32, fa)
        }
        return unwind(pc, fp, mb, ml, ctx, exception, fa)
    }
);
op!(
    /// Throws the exception that A refers to.
    #[cold]
    throw_ref(pc fp mb ml ctx ia fa) {
        let exception = get::<0, u64>(pc, fp);
        if exception == 0 {
            trap!(TrapKind::NullExceptionReference, pc, fp, mb, ml, ctx, fa)
        }
        return unwind(pc, fp, mb, ml, ctx, exception, fa)
    }
);
op!(
    /// Goes on in the handler of the exception in the integer accumulator, thrown at this instruction.
    #[cold]
    #[inline(never)]
    unwind(pc fp mb ml ctx ia fa) {
        let site = HostCallSite { pc, fp, instance: ctx };
        match find_handler(site, ia) {
            Found::Handler(to) => {
                let (mb, ml) = memory0(to.instance);
                go!(to.pc, to.fp, mb, ml, to.instance, 0, fa)
            }
            Found::Stop(kind) => {
                return raise(pc, fp, mb, ml, ctx, kind, fa)
            }
            #[cfg(jit)]
            Found::Machine(instance) => return super::machine::land(pc, fp, mb, ml, instance, 0, fa),
            Found::Nothing => {
                let kind = TrapKind::UncaughtException as u8;
                (*(*ctx).store).trap = PendingTrap { kind, object: core::ptr::null_mut(), exception: ia, site };
                return core::hint::black_box(TRAPPED)
            }
        }
    }
);

op!(
    /// A host function called at this instruction returned the object in the integer accumulator: an exception goes on
    /// from here, a trap ends the activation.
    #[cold]
    #[inline(never)]
    raise_host(pc fp mb ml ctx ia fa) {
        let site = HostCallSite { pc, fp, instance: ctx };
        let object = ia as *mut ObjHeader;
        let hooks = (*(*ctx).store).hooks;
        let exception = ((*hooks).take_exception)(object);
        if exception != 0 {
            return unwind(pc, fp, mb, ml, ctx, exception as u64, fa)
        }
        (*(*ctx).store).trap = PendingTrap { kind: TrapKind::Host as u8, object, exception: 0, site };
        return core::hint::black_box(TRAPPED)
    }
);
op!(
    /// As `raise_host`, for a tail call: pc = return address and fp = frame of the caller, whose regions are the first to count.
    #[cold]
    #[inline(never)]
    raise_host_tail(pc fp mb ml ctx ia fa) {
        // `find_handler` ends at an `exit`; for a call it wants a word of the calling instruction.
        let to = outer_site(pc, fp, ctx);
        return raise_host(to.pc, to.fp, mb, ml, to.instance, ia, fa)
    }
);

/// What comes of a search for a handler.
enum Found {
    Handler(HostCallSite),
    /// In machine code of the instance; the machine's context says where.
    #[cfg(jit)]
    Machine(*mut Instance),
    Nothing,
    /// The guest is to stop, with this trap. Frames that exceptions pass are many, and may be passed again and again.
    Stop(u64),
}

/// The nearest handler of an exception in this activation, with the exception delivered to its frame.
// In the handler, its locals would keep that from ending in a jump.
#[cfg_attr(jit, inline(never))]
unsafe fn find_handler(site: HostCallSite, exception: u64) -> Found {
    // SAFETY: the frames from the site outward are intact; the exception is one of the store's heap.
    unsafe {
        let HostCallSite { mut pc, mut fp, mut instance } = site;
        let store = (*instance).store;
        #[cfg(jit)]
        let mut entry = (*store).machine.entry;
        loop {
            if is_exit(pc) {
                return Found::Nothing;
            }
            if (*store).is_stop_wanted() {
                let kind = ((*(*store).hooks).checkpoint)(store);
                if kind != 0 {
                    return Found::Stop(kind as u64);
                }
            }
            #[cfg(jit)]
            if super::machine::catch(pc, entry, exception) {
                let instance = (*entry).instance;
                (*store).machine.leave_until(entry);
                return Found::Machine(instance);
            }
            #[cfg(jit)]
            if let Some((header, of)) = super::machine::leave(pc, &mut entry, &mut Vec::new(), 0) {
                (pc, fp, instance) = outer(header, of);
                continue;
            }
            let code = &*((*instance).module as *const ModuleCode);
            let Some((defined, word)) = code.find(pc) else { return Found::Nothing };
            if let Some(target) = deliver(code, (defined, word as u32), store, instance, fp, exception) {
                #[cfg(jit)]
                (*store).machine.leave_until(entry);
                return Found::Handler(HostCallSite { pc: code.instruction(defined, target), fp, instance });
            }
            let ty = code.module.func_type(code.module.num_imported_funcs + defined);
            let header = fp.add(ty.param_slots.max(ty.result_slots) as usize);
            (pc, fp, instance) = outer(header, instance);
        }
    }
}

/// Where a frame with this header returns: the calling instruction, its frame and its instance.
unsafe fn outer(header: Fp, mut instance: *mut Instance) -> (Pc, Fp, *mut Instance) {
    // SAFETY: the header, and the record that it may point to, are intact.
    unsafe {
        let (mut ret, mut fp) = (*header as Pc, *header.add(1) as Fp);
        if ret == BOUNDARY.pc() {
            let b = fp as *const Boundary;
            (ret, fp, instance) = ((*b).ret, (*b).fp, (*b).instance);
        }
        // The word before a return address belongs to the call.
        (if is_exit(ret) { ret } else { ret.sub(1) }, fp, instance)
    }
}

/// Finds the clause for an exception thrown at a function's word, writes the payload where the clause expects it, and tells where its
/// code is.
unsafe fn deliver(
    code: &ModuleCode,
    (defined, word): (u32, u32),
    store: *mut StoreCtx,
    instance: *mut Instance,
    fp: Fp,
    exception: u64,
) -> Option<u32> {
    let mut within = u32::MAX;
    for region in code.regions(defined, word) {
        if region.depth > within {
            continue;
        }
        for catch in &region.catches {
            match *catch {
                Catch::Delegate(depth) => {
                    within = depth;
                    break;
                }
                Catch::Clause { tag, target, payload, exception: slot } => {
                    // SAFETY: clauses name tags of the module and slots of the frame.
                    unsafe {
                        if let Some(tag) = tag {
                            let own = *(*instance).tags.add(tag as usize);
                            if own != exception_tag(store, exception as u32) {
                                continue;
                            }
                            let values = exception_payload(store, exception as u32);
                            let count = (*own).param_slots as usize;
                            core::ptr::copy_nonoverlapping(values, fp.add(payload as usize), count);
                        }
                        if let Some(slot) = slot {
                            *fp.add(slot as usize) = exception;
                        }
                    }
                    return Some(target);
                }
            }
        }
    }
    None
}
