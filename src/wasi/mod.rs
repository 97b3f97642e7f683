//! WASI preview 1: the system interface that programs compiled to WebAssembly expect.
//!
//! ```text
//! Config            what the guest may see and touch: nothing, unless it is told      (ctx)
//!   └─ World        the same at work: arguments, descriptors, clocks, exit code       (ctx)
//!        └─ Ctx     the world in one store: each thread of the guest has its own      (ctx, thread)
//!             └─ imports    one function object per import of a module                (link; p1/mod: the table of functions)
//!                  └─ Call  one call: the context and the caller's memory             (p1/mod, guest)
//! ```
//!
//! A `World` belongs to no store: the threads of a guest share it. Nothing in it holds a lock while something blocks, and
//! everything that blocks can be ended from outside ([`wake`]).
//!
//! Functions exist under both `wasi_snapshot_preview1` and `wasi_unstable` (snapshot 0, which differs in a few layouts).
//!
//! Invariants: a guest reaches nothing that its configuration does not name; whatever it passes gives an error number,
//! never a crash; no code in this folder is unsafe.
#![forbid(unsafe_code)]

pub mod clock;
mod ctx;
pub mod fs;
pub mod guest;
mod link;
pub mod net;
pub mod p1;
pub mod random;
pub mod stdio;
mod thread;
pub mod wake;

pub use ctx::{Config, Ctx, Exit, World};
pub use link::{LinkError, Version, imports, version};

use p1::types::Errno;

/// Why a WASI function did not return normally.
#[derive(Debug)]
pub enum Stop {
    /// Returned to the guest.
    Errno(Errno),
    /// `proc_exit`: ends the guest with a status.
    Exit(u32),
    /// The call was ended from outside: ends the guest.
    Interrupted,
    /// Ends the guest with a message.
    Trap(&'static str),
}

impl From<Errno> for Stop {
    fn from(e: Errno) -> Stop {
        Stop::Errno(e)
    }
}

impl From<rustix::io::Errno> for Stop {
    fn from(e: rustix::io::Errno) -> Stop {
        Stop::Errno(e.into())
    }
}

impl From<std::io::Error> for Stop {
    fn from(e: std::io::Error) -> Stop {
        Stop::Errno(e.into())
    }
}
