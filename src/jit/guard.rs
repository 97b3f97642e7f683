//! Accesses to memory without a check: what becomes of those that fault.
//!
//! A 32-bit memory with a guard ([`GUARDED_BYTES`] of address space, of which the part behind the memory cannot be touched) needs no
//! bounds checks: an index of 32 bits and a constant that is not too large cannot lead out of it. Code without checks is made for
//! a whole module (`code::Options::guarded`), and an instance whose memory has no guard runs other code of the same
//! module (`ModuleCode::unguarded`). In the code each access that stands for a check is a site; a fault at one, in the memory of
//! the instance that runs, becomes a call of the trap stub, as if the access had been that call.
//!
//! Invariant: a fault is a trap only if instruction, instance and address all fit. Everything else is not ours.

use super::code::{MachineCode, SiteKind};
use super::x64::stubs;
use crate::code::ModuleCode;
use crate::module::Module;
use crate::sys::faults::{self, Fault, Resume, Watch};
use crate::vm::layout::{GUARDED_BYTES, Instance, NO_FAULT};

/// Whether a module's memory 0 is of the kind that can have a guard, and the process can have a handler.
pub fn suits(module: &Module) -> bool {
    let memory = module.memories.first().filter(|m| !m.is64 && !m.shared && m.page_log2 == 16);
    memory.is_some() && faults::expect()
}

/// Watches code of guarded modules. `None` where that cannot be: then it must not run.
pub fn watch(start: usize, len: usize) -> Option<Watch> {
    faults::watch(start, len, claim)
}

/// Where to go on after a fault in machine code.
///
/// # Safety
/// The fault is in machine code, that of the instance in r15.
unsafe fn claim(fault: &Fault) -> Option<Resume> {
    // SAFETY: by the contract the instance is alive, and with it its code, memory and store, which belongs to this thread.
    unsafe {
        let instance = fault.registers[super::x64::abi::INSTANCE as usize] as *mut Instance;
        let code = &*((*instance).module as *const ModuleCode);
        let machine: &MachineCode = super::machine_code(code)?;
        let (pc, site) = machine.find_access(fault.pc)?;
        let SiteKind::Access { index, disp } = site.kind else { return None };
        let memory = (*instance).mem0.as_ref()?;
        let distance = fault.address.checked_sub(memory.base as usize)?;
        if distance < memory.len || distance >= GUARDED_BYTES {
            return None;
        }
        let store = (*instance).store;
        (*store).fault = match index {
            PROBE => NO_FAULT,
            NO_INDEX => disp as u64,
            _ => (fault.registers[index as usize] as u64).wrapping_add(disp as u64),
        };
        Some(Resume { pc: stubs::trap as *const () as usize, push: pc })
    }
}

/// Instead of the index register of an access: it has none, or it only stands for another one.
pub const NO_INDEX: u8 = 0xff;
pub const PROBE: u8 = 0xfe;
