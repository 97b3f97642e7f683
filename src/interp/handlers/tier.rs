//! Counting calls and loop trips, and going on as machine code (`code::tier`).

use super::machine::enter_loop;
use crate::code::tier::{Handlers, Loop, Trip};
use crate::code::{FuncCode, ModuleCode};
use crate::interp::dispatch::{Handler, Pc, go, jump, op};
use crate::jit::tier::request;
use crate::vm::layout::Instance;
use core::mem::offset_of;
use core::sync::atomic::Ordering;

/// The handlers that code which counts needs.
pub fn handlers() -> Handlers {
    Handlers { count_call: count_call as *const () as usize, watch_loop: watch_loop as *const () as usize }
}

op!(
    /// A call of a function that counts. The instruction is inside its `FuncCode`.
    count_call(pc fp mb ml ctx ia fa) {
        let code = pc.byte_sub(offset_of!(FuncCode, tier.count)) as *const FuncCode;
        if !(*code).tier.count_call() {
            let entry = hot_call(code);
            go!(entry, fp, mb, ml, ctx, ia, fa)
        }
        go!((*code).tier.plain.load(Ordering::Relaxed) as Pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Hands a hot function over, and gives where its calls go now.
#[cold]
#[inline(never)]
unsafe fn hot_call(code: *const FuncCode) -> Pc {
    // SAFETY: the record is that of a live module.
    unsafe {
        let module = (*code).module();
        if let Some(wanted) = module.is_hot(&*code) {
            request(module, wanted);
        }
        match (*code).entry.load(Ordering::Acquire) as Pc {
            // Another thread was about to hand it over.
            entry if entry == (&raw const (*code).tier.count).cast() => (*code).tier.plain.load(Ordering::Relaxed),
            entry => entry,
        }
    }
}

op!(
    /// Stands at the loop headers of functions that count, and of those that have machine code.
    watch_loop(pc fp mb ml ctx ia fa) {
        let Some(l) = (*((*ctx).module as *const ModuleCode)).watched(pc) else {
            crate::interp::dispatch::trap!(crate::vm::trap::TrapKind::Internal, pc, fp, mb, ml, ctx, fa)
        };
        match l.trip() {
            Trip::On(handler) => {
                let handler: Handler = core::mem::transmute(handler as usize);
                return handler(pc, fp, mb, ml, ctx, ia, fa)
            }
            Trip::Machine => jump!(enter_loop, pc, fp, mb, ml, ctx, core::ptr::from_ref(l) as u64, fa),
            Trip::Hot => jump!(hot_trip, pc, fp, mb, ml, ctx, core::ptr::from_ref(l) as u64, fa),
        }
    }
);

op!(
    /// A loop is hot: ia = the loop.
    #[cold]
    #[inline(never)]
    hot_trip(pc fp mb ml ctx ia fa) {
        if hand_over(ctx, ia as *const Loop) {
            jump!(enter_loop, pc, fp, mb, ml, ctx, ia, fa)
        }
        let handler: Handler = core::mem::transmute((*(ia as *const Loop)).plain as usize);
        return handler(pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Hands a hot loop over; whether there is machine code for it now.
#[cold]
#[inline(never)]
unsafe fn hand_over(ctx: *mut Instance, l: *const Loop) -> bool {
    // SAFETY: the instance is alive with its code, to which the loop belongs.
    unsafe {
        let code = &*((*ctx).module as *const ModuleCode);
        if let Some(wanted) = code.is_loop_hot(&*l) {
            request(code, wanted);
        }
        (*l).tier.machine.load(Ordering::Acquire) != 0
    }
}
