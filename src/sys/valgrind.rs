//! A word with valgrind, under which hosts run their tests: its client requests are instruction sequences without effect anywhere
//! else (`valgrind.h` and `memcheck.h` publish them as a stable interface).

use core::arch::asm;

/// Memcheck's `MAKE_MEM_DEFINED`: its tool's letters, and the third of its requests.
const MAKE_MEM_DEFINED: u64 = (b'M' as u64) << 24 | (b'C' as u64) << 16 | 2;

/// Says that a range may be read though parts of it were never written. A conservative collector looks at all of a stack.
pub fn defined(start: *const u8, bytes: usize) {
    let request = [MAKE_MEM_DEFINED, start as u64, bytes as u64, 0, 0, 0];
    // SAFETY: four rotations by 128 bits together and an exchange of a register with itself: nothing changes but flags. Under
    // valgrind the sequence reads `request` and leaves its answer in rdx.
    unsafe {
        asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const request,
            inout("rdx") 0u64 => _,
            options(nostack),
        );
    }
}
