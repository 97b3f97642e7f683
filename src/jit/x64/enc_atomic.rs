//! Encodings of the instructions that other processors see whole (the layout is told in `enc`).
#![forbid(unsafe_code)]

use super::enc::{Asm, Mem, Reg};

const LOCK: u8 = 0xf0;

impl Asm {
    /// An instruction on 1, 2, 4 or 8 bytes of memory and a register, by its opcode for one byte; the next is for the others.
    fn sized(&mut self, bytes: u64, opcode: &[u8], m: Mem, r: Reg) {
        let prefix = (bytes == 2).then_some(0x66);
        let mut opcode = opcode.to_vec();
        if bytes > 1
            && let Some(last) = opcode.last_mut()
        {
            *last += 1;
        }
        self.op(prefix, bytes == 8, &opcode, r, m.into(), bytes == 1 && r >= 4, 0);
    }

    /// `r` gets what was in memory, which gets the sum.
    pub fn lock_xadd(&mut self, bytes: u64, m: Mem, r: Reg) {
        self.buf.push(LOCK);
        self.sized(bytes, &[0x0f, 0xc0], m, r);
    }

    /// Needs no prefix to be atomic.
    pub fn xchg(&mut self, bytes: u64, m: Mem, r: Reg) {
        self.sized(bytes, &[0x86], m, r);
    }

    /// If memory holds what rax does, it gets `r`; else rax gets what it holds.
    pub fn lock_cmpxchg(&mut self, bytes: u64, m: Mem, r: Reg) {
        self.buf.push(LOCK);
        self.sized(bytes, &[0x0f, 0xb0], m, r);
    }

    pub fn mfence(&mut self) {
        self.buf.extend([0x0f, 0xae, 0xf0]);
    }
}
