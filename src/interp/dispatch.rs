//! How one handler reaches the next: the only file that knows about the two ways.
//!
//! Handlers share one signature and end in a call of the next handler. With the tail chain (optimising builds on x86-64
//! and AArch64) LLVM turns that call into a jump, so the machine state of the interpreter lives in argument registers:
//! `pc`, `fp`, base and length of memory 0, the instance, and the two accumulators. Nothing in the language promises the
//! jump; `tests/dispatch.rs` disassembles the release build to see that it is there. With the loop (`dispatch_loop`) a
//! handler parks the state in the store's context and returns to the loop, which calls the next one.
//!
//! The rules that keep the chain a chain: a handler has no value with a destructor alive at its end, takes no address of
//! its arguments, and leaves slow paths to functions of the same signature or to cold functions that return.

use super::acc::FAcc;
use crate::vm::layout::Instance;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The state handlers pass on, in argument order.
pub type Pc = *const u64;
pub type Fp = *mut u64;

/// Why the chain ended.
pub const DONE: u64 = 1;
pub const TRAPPED: u64 = 2;
/// As [`DONE`], when the results are in the frame though machine code was to write them elsewhere.
pub const DONE_IN_FRAME: u64 = 3;
#[cfg(dispatch_loop)]
pub const CONTINUE: u64 = 0;

#[cfg(target_arch = "x86_64")]
#[allow(improper_ctypes_definitions)]
pub type Handler = unsafe extern "sysv64" fn(Pc, Fp, *mut u8, usize, *mut Instance, u64, FAcc) -> u64;
#[cfg(not(target_arch = "x86_64"))]
#[allow(improper_ctypes_definitions)]
pub type Handler = unsafe extern "C" fn(Pc, Fp, *mut u8, usize, *mut Instance, u64, FAcc) -> u64;

/// Goes on with the instruction at a pc. The instruction that follows, `pc.add(words)`, is reached as the handler's `Next` says.
macro_rules! go {
    ($pc:ident.add($words:literal), $fp:expr, $mb:expr, $ml:expr, $ctx:expr, $ia:expr, $fa:expr) => {
        return <Next as $crate::interp::dispatch::Chain>::next($pc.add($words), $fp, $mb, $ml, $ctx, $ia, $fa)
    };
    ($pc:expr, $fp:expr, $mb:expr, $ml:expr, $ctx:expr, $ia:expr, $fa:expr) => {{
        let next: $crate::interp::dispatch::Pc = $pc;
        #[cfg(not(dispatch_loop))]
        return $crate::interp::dispatch::handler_of(next)(next, $fp, $mb, $ml, $ctx, $ia, $fa);
        #[cfg(dispatch_loop)]
        {
            $crate::interp::dispatch::park(next, $fp, $mb, $ml, $ctx, $ia, $fa);
            return $crate::interp::dispatch::CONTINUE;
        }
    }};
}
pub(crate) use go;

/// What an instruction does, apart from how the next one is reached: `Next` is where its handler goes on.
pub trait Body {
    /// # Safety
    /// The state is the chain's, at an instruction of this kind.
    unsafe fn run<Next: Chain>(pc: Pc, fp: Fp, mb: *mut u8, ml: usize, ctx: *mut Instance, ia: u64, fa: FAcc) -> u64;
}

/// How a handler goes on with the instruction that follows its own in the code.
pub trait Chain {
    /// # Safety
    /// The state is the chain's, `pc` at the instruction that follows.
    unsafe fn next(pc: Pc, fp: Fp, mb: *mut u8, ml: usize, ctx: *mut Instance, ia: u64, fa: FAcc) -> u64;
}

/// By what the code says.
pub struct Dispatch;

impl Chain for Dispatch {
    // The loop's `go!` only hands the state back.
    #[cfg_attr(dispatch_loop, allow(unused_unsafe))]
    #[inline(always)]
    unsafe fn next(pc: Pc, fp: Fp, mb: *mut u8, ml: usize, ctx: *mut Instance, ia: u64, fa: FAcc) -> u64 {
        // SAFETY: by the contract.
        unsafe { go!(pc, fp, mb, ml, ctx, ia, fa) }
    }
}

/// With an instruction known beforehand: the second half of a fused pair.
pub struct Then<B>(core::marker::PhantomData<B>);

impl<B: Body> Chain for Then<B> {
    #[inline(always)]
    unsafe fn next(pc: Pc, fp: Fp, mb: *mut u8, ml: usize, ctx: *mut Instance, ia: u64, fa: FAcc) -> u64 {
        // SAFETY: by the contract; translation fuses only what follows each other.
        unsafe { B::run::<Dispatch>(pc, fp, mb, ml, ctx, ia, fa) }
    }
}

/// Defines a handler: `op!(name(pc fp mb ml ctx ia fa) { body ending in go! or trap! })`, and the [`Body`] of the same name.
macro_rules! op {
    ($(#[$attr:meta])* $name:ident($pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) $body:block) => {
        #[allow(non_camel_case_types)]
        pub struct $name {}
        impl $crate::interp::dispatch::Body for $name {
            #[inline(always)]
            #[allow(unused_variables, unused_unsafe, clippy::needless_return)]
            unsafe fn run<Next: $crate::interp::dispatch::Chain>(
                $pc: $crate::interp::dispatch::Pc, $fp: $crate::interp::dispatch::Fp, $mb: *mut u8, $ml: usize,
                $ctx: *mut $crate::vm::layout::Instance, $ia: u64, $fa: $crate::interp::acc::FAcc,
            ) -> u64 {
                // SAFETY: translation emits the op only with operands inside the frame, and the state is the chain's own.
                unsafe { $body }
            }
        }
        $crate::interp::dispatch::entry!($(#[$attr])* $name, $name, $crate::interp::dispatch::Dispatch);
    };
}
pub(crate) use op;

/// Defines the handler `$name` that runs a body and goes on in the given way.
macro_rules! entry {
    ($(#[$attr:meta])* $name:ident, $body:ty, $next:ty) => {
        $(#[$attr])*
        #[cfg(target_arch = "x86_64")]
        #[allow(improper_ctypes_definitions)]
        pub unsafe extern "sysv64" fn $name(
            pc: $crate::interp::dispatch::Pc, fp: $crate::interp::dispatch::Fp, mb: *mut u8, ml: usize,
            ctx: *mut $crate::vm::layout::Instance, ia: u64, fa: $crate::interp::acc::FAcc,
        ) -> u64 {
            // SAFETY: as for the body.
            unsafe { <$body as $crate::interp::dispatch::Body>::run::<$next>(pc, fp, mb, ml, ctx, ia, fa) }
        }
        $(#[$attr])*
        #[cfg(not(target_arch = "x86_64"))]
        #[allow(improper_ctypes_definitions)]
        pub unsafe extern "C" fn $name(
            pc: $crate::interp::dispatch::Pc, fp: $crate::interp::dispatch::Fp, mb: *mut u8, ml: usize,
            ctx: *mut $crate::vm::layout::Instance, ia: u64, fa: $crate::interp::acc::FAcc,
        ) -> u64 {
            // SAFETY: as for the body.
            unsafe { <$body as $crate::interp::dispatch::Body>::run::<$next>(pc, fp, mb, ml, ctx, ia, fa) }
        }
    };
}
pub(crate) use entry;

/// Defines a handler that is compiled for other processors than the rest, and never is half of a pair.
macro_rules! lone_op {
    ($(#[$attr:meta])* $name:ident($pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) $body:block) => {
        $(#[$attr])*
        #[cfg(target_arch = "x86_64")]
        #[allow(improper_ctypes_definitions, unused_variables, unused_unsafe, clippy::needless_return)]
        pub unsafe extern "sysv64" fn $name(
            $pc: $crate::interp::dispatch::Pc, $fp: $crate::interp::dispatch::Fp, $mb: *mut u8, $ml: usize,
            $ctx: *mut $crate::vm::layout::Instance, $ia: u64, $fa: $crate::interp::acc::FAcc,
        ) -> u64 {
            type Next = $crate::interp::dispatch::Dispatch;
            // SAFETY: translation emits the op only with operands inside the frame, and the state is the chain's own.
            unsafe { $body }
        }
        $(#[$attr])*
        #[cfg(not(target_arch = "x86_64"))]
        #[allow(improper_ctypes_definitions, unused_variables, unused_unsafe, clippy::needless_return)]
        pub unsafe extern "C" fn $name(
            $pc: $crate::interp::dispatch::Pc, $fp: $crate::interp::dispatch::Fp, $mb: *mut u8, $ml: usize,
            $ctx: *mut $crate::vm::layout::Instance, $ia: u64, $fa: $crate::interp::acc::FAcc,
        ) -> u64 {
            type Next = $crate::interp::dispatch::Dispatch;
            // SAFETY: as above.
            unsafe { $body }
        }
    };
}
pub(crate) use lone_op;

/// The handler of the instruction at a pc. Another thread may be exchanging it (`code::checks`).
///
/// # Safety
/// `pc` is an instruction made by translation.
#[inline(always)]
pub unsafe fn handler_of(pc: Pc) -> Handler {
    // SAFETY: the first word of an instruction is the address of its handler.
    unsafe { core::mem::transmute((*pc.cast::<AtomicUsize>()).load(Ordering::Relaxed)) }
}

/// Goes on in a cold function of the same signature.
macro_rules! jump {
    ($target:path, $pc:expr, $fp:expr, $mb:expr, $ml:expr, $ctx:expr, $ia:expr, $fa:expr) => {
        return $target($pc, $fp, $mb, $ml, $ctx, $ia, $fa)
    };
}
pub(crate) use jump;

/// Ends in a trap of the given kind at the current instruction.
macro_rules! trap {
    ($kind:expr, $pc:expr, $fp:expr, $mb:expr, $ml:expr, $ctx:expr, $fa:expr) => {
        return $crate::interp::handlers::control::raise($pc, $fp, $mb, $ml, $ctx, $kind as u64, $fa)
    };
}
pub(crate) use trap;

/// The state of the chain while the loop turns.
#[cfg(dispatch_loop)]
#[derive(Clone, Copy)]
pub struct Parked {
    pub pc: Pc,
    pub fp: Fp,
    pub mb: *mut u8,
    pub ml: usize,
    pub ctx: *mut Instance,
    pub ia: u64,
    pub fa: FAcc,
}

#[cfg(dispatch_loop)]
thread_local! {
    static PARKED: core::cell::Cell<core::mem::MaybeUninit<Parked>> = const { core::cell::Cell::new(core::mem::MaybeUninit::uninit()) };
}

#[cfg(dispatch_loop)]
pub fn park(pc: Pc, fp: Fp, mb: *mut u8, ml: usize, ctx: *mut Instance, ia: u64, fa: FAcc) {
    PARKED.with(|p| p.set(core::mem::MaybeUninit::new(Parked { pc, fp, mb, ml, ctx, ia, fa })));
}

/// Runs from `pc` until the activation ends: [`DONE`] or [`TRAPPED`].
///
/// # Safety
/// `pc` is an instruction made by translation, `fp` a frame laid out for it, and `ctx` the instance it belongs to.
#[inline(always)]
pub unsafe fn run(pc: Pc, fp: Fp, ctx: *mut Instance) -> u64 {
    // SAFETY: the first word of an instruction is the address of its handler; the instance is alive.
    unsafe {
        let (mb, ml) = super::handlers::call::memory0(ctx);
        let handler: Handler = handler_of(pc);
        #[cfg(not(dispatch_loop))]
        return handler(pc, fp, mb, ml, ctx, 0, super::acc::none());
        #[cfg(dispatch_loop)]
        {
            let mut end = handler(pc, fp, mb, ml, ctx, 0, super::acc::none());
            while end == CONTINUE {
                let s = PARKED.with(|p| p.get().assume_init());
                let handler: Handler = handler_of(s.pc);
                end = handler(s.pc, s.fp, s.mb, s.ml, s.ctx, s.ia, s.fa);
            }
            return end;
        }
    }
}
