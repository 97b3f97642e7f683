//! Telling the process's unwinder about machine code: `backtrace()`, `_Unwind_Backtrace` and what is built on them walk through it.
//!
//! Two unwinders are common. That of GCC takes a list of frame descriptions with an end; that of LLVM takes one description. A single
//! description with the end behind it serves both.

// SAFETY: as the unwinders that every Unix has declare them.
unsafe extern "C" {
    fn __register_frame(description: *const u8);
    fn __deregister_frame(description: *const u8);
}

/// A frame description that is registered as long as it lives.
pub struct Registered {
    bytes: Box<[u8]>,
    at: usize,
}

impl Registered {
    /// Registers the description at `at`, which refers to the common information before it.
    ///
    /// # Safety
    /// The bytes are well-formed `.eh_frame` data: common information, one description, and a word of zeros.
    pub unsafe fn new(bytes: Box<[u8]>, at: usize) -> Registered {
        // SAFETY: by the contract; the bytes stay where they are until they are taken back.
        unsafe { __register_frame(bytes[at..].as_ptr()) };
        Registered { bytes, at }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: what `new` has registered.
        unsafe { __deregister_frame(self.bytes[self.at..].as_ptr()) };
    }
}
