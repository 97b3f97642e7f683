//! Frame descriptions of machine code (DWARF call frame information, as in the `.eh_frame` section of ELF files): how to step from a
//! frame to its caller's.
//!
//! All machine code keeps the chain of frame pointers: rbp holds nothing else, so at every call the caller's frame is at rbp. One
//! description thus serves a whole arena, whatever is installed in it later, and registering costs nothing per function. It is
//! not exact in the first and the last instructions of a function, where nothing is called. Debuggers, which stop anywhere, get
//! a description of each function that is exact in its first instructions too.
#![forbid(unsafe_code)]

/// Registers in DWARF's numbers.
const RBP: u8 = 6;
#[cfg(profile)]
const RSP: u8 = 7;
const RETURN: u8 = 16;

const DEF_CFA: u8 = 0x0c;
#[cfg(profile)]
const DEF_CFA_REGISTER: u8 = 0x0d;
#[cfg(profile)]
const DEF_CFA_OFFSET: u8 = 0x0e;
#[cfg(profile)]
const ADVANCE: u8 = 0x40;
const OFFSET: u8 = 0x80;

/// `.eh_frame` data in the making.
#[derive(Default)]
pub struct Frames {
    pub bytes: Vec<u8>,
}

impl Frames {
    /// For ranges where the frame pointer always is the frame's.
    pub fn settled() -> Frames {
        let mut frames = Frames::default();
        frames.common(&[DEF_CFA, RBP, 16, OFFSET | RBP, 2, OFFSET | RETURN, 1]);
        frames
    }

    /// For functions with their first instructions.
    #[cfg(profile)]
    pub fn exact() -> Frames {
        let mut frames = Frames::default();
        frames.common(&[DEF_CFA, RSP, 8, OFFSET | RETURN, 1]);
        frames
    }

    /// Common information: version 1, addresses as they are, offsets in words downwards.
    fn common(&mut self, rules: &[u8]) {
        self.record(|bytes| {
            bytes.extend(0u32.to_le_bytes());
            bytes.extend([1, b'z', b'R', 0, 1, 0x78, RETURN, 1, 0]);
            bytes.extend(rules);
        });
    }

    /// A description of `len` bytes of code from an address. Where the description lies.
    fn range(&mut self, start: usize, len: usize, rules: &[u8]) -> usize {
        let at = self.bytes.len();
        self.record(|bytes| {
            // The distance back to the common information.
            bytes.extend((at as u32 + 4).to_le_bytes());
            bytes.extend((start as u64).to_le_bytes());
            bytes.extend((len as u64).to_le_bytes());
            bytes.push(0);
            bytes.extend(rules);
        });
        at
    }

    /// See [`Frames::settled`].
    pub fn whole(&mut self, start: usize, len: usize) -> usize {
        self.range(start, len, &[])
    }

    /// A function, which begins with `push rbp` (1 byte) and `mov rbp, rsp` (3 bytes).
    #[cfg(profile)]
    pub fn function(&mut self, start: usize, len: usize) {
        let rules = [ADVANCE | 1, DEF_CFA_OFFSET, 16, OFFSET | RBP, 2, ADVANCE | 3, DEF_CFA_REGISTER, RBP];
        self.range(start, len, &rules);
    }

    /// The end of the list.
    pub fn end(mut self) -> Vec<u8> {
        self.bytes.extend(0u32.to_le_bytes());
        self.bytes
    }

    /// A record: its length, and what `write` appends, up to a multiple of 8 bytes.
    fn record(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let at = self.bytes.len();
        self.bytes.extend([0; 4]);
        write(&mut self.bytes);
        // 0 is no rule.
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let len = (self.bytes.len() - at - 4) as u32;
        self.bytes[at..at + 4].copy_from_slice(&len.to_le_bytes());
    }
}
