//! Waiting for a place in a shared memory (threads proposal).

use super::layout::{Instance, StoreCtx};
use super::park::{self, Outcome};
use super::trap::TrapKind;
use core::time::Duration;

/// Waits at an address that has been checked: the result of the instruction, or the trap that ended the wait.
///
/// # Safety
/// The instance is alive and its store this thread's; the memory is one of the module's.
#[inline(never)]
pub unsafe fn wait(
    ctx: *mut Instance,
    memory: usize,
    address: *mut u8,
    timeout: i64,
    check: impl FnOnce() -> bool,
) -> Result<u32, TrapKind> {
    // SAFETY: memory indices come from validated code.
    let shared = unsafe { (**(*ctx).memories.add(memory)).shared };
    if !shared {
        return Err(TrapKind::ExpectedSharedMemory);
    }
    // SAFETY: an instance keeps its store.
    let owner = unsafe { (*ctx).store } as usize;
    let timeout = u64::try_from(timeout).ok().map(Duration::from_nanos);
    let store = owner as *mut StoreCtx;
    // SAFETY: the store is alive while its guest runs. An interrupter poisons the limit before it ends waits.
    let wanted = || unsafe { (*store).is_stop_wanted() };
    let outcome = match park::wait(address as usize, owner, timeout, wanted, check) {
        Outcome::Notified => return Ok(0),
        Outcome::TimedOut => return Ok(2),
        Outcome::Declined if !wanted() => return Ok(1),
        Outcome::Declined | Outcome::Interrupted => {
            // SAFETY: as above; the hooks outlive the store.
            unsafe { ((*(*store).hooks).checkpoint)(store) }
        }
    };
    Err(if outcome == 0 { TrapKind::Interrupted } else { TrapKind::from_u8(outcome) })
}
