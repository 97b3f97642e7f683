//! Faults, where nothing is known of how the system tells of them: there is no handler, and all code checks bounds.

use core::ffi::c_void;

pub struct Fault {
    pub pc: usize,
    pub address: usize,
    pub registers: [usize; 16],
}

pub struct Resume {
    pub pc: usize,
    pub push: usize,
}

pub type Claim = unsafe fn(&Fault) -> Option<Resume>;

pub struct Watch(());

pub fn watch(_: usize, _: usize, _: Claim) -> Option<Watch> {
    None
}

pub fn expect() -> bool {
    false
}

pub fn unblock() {}

/// # Safety
/// None.
pub unsafe fn offer(_: *mut c_void, _: *mut c_void) -> bool {
    false
}
