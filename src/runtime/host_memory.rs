//! Linear memories in the host's own buffers, for hosts that own all their memory: games, consoles, databases.
//!
//! Invariants: what an allocator gives is readable, writable and zero; a block is released once, after its last use, and
//! before the allocator dies. A block that may not move does not.

use crate::sys::SysError;
use core::ffi::c_void;
use core::fmt;
use std::sync::Arc;

/// What a linear memory asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryRequest {
    /// Bytes it needs at once.
    pub bytes: usize,
    /// Bytes it can ever have: what its type allows and its store does.
    pub most: u64,
    /// Whether it must stay where it is when it grows, because other threads use it, or will.
    pub fixed: bool,
}

/// Bytes of the host's.
#[derive(Clone, Copy, Debug)]
pub struct MemoryBlock {
    /// Aligned to [`ALIGNMENT`]; may be null if there are no bytes.
    pub base: *mut u8,
    pub bytes: usize,
    /// The allocator's own.
    pub user: *mut c_void,
}

/// What the base of a block is a multiple of.
pub const ALIGNMENT: usize = 16;

/// Where linear memories come from. Used by the threads of all stores of an engine.
///
/// # Safety
/// The bytes of a block are valid for reads and writes, and zero at first; they are the block's alone until it is released.
/// Growing keeps the content, makes what is new zero, and moves no block that was asked for as fixed.
// SAFETY: what implementors promise is said above.
pub unsafe trait MemoryAllocator: Send + Sync {
    /// At least so many bytes, or none.
    fn allocate(&self, request: &MemoryRequest) -> Option<MemoryBlock>;
    /// Makes a block at least so many bytes long; false, and nothing changes, if it cannot.
    fn grow(&self, block: &mut MemoryBlock, bytes: usize, fixed: bool) -> bool;
    fn release(&self, block: MemoryBlock);
}

/// A shared handle to an allocator, as configurations have it.
#[derive(Clone)]
pub struct Allocator(pub Arc<dyn MemoryAllocator>);

impl fmt::Debug for Allocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Allocator@{:p}", Arc::as_ptr(&self.0))
    }
}

/// A block in use.
pub(super) struct HostBlock {
    allocator: Allocator,
    block: MemoryBlock,
    fixed: bool,
}

// SAFETY: an address range with no thread affinity, and an allocator that any thread may use.
unsafe impl Send for HostBlock {}

impl HostBlock {
    pub fn new(allocator: &Allocator, request: &MemoryRequest) -> Result<HostBlock, SysError> {
        let error = |what| SysError { what, bytes: request.bytes, code: 0 };
        let block = allocator.0.allocate(request).ok_or(error("get from the host"))?;
        let block = HostBlock { allocator: allocator.clone(), block, fixed: request.fixed };
        match fits(&block.block, request.bytes) {
            true => Ok(block),
            // Dropping it gives it back.
            false => Err(error("use, as the host gives them,")),
        }
    }

    pub fn base(&self) -> *mut u8 {
        self.block.base
    }

    pub fn len(&self) -> usize {
        self.block.bytes
    }

    /// At least so many bytes; false if the host refuses, or gives what cannot be used. The base may have changed in any case.
    pub fn grow(&mut self, bytes: usize) -> bool {
        if bytes <= self.block.bytes {
            return true;
        }
        let mut block = self.block;
        if !self.allocator.0.grow(&mut block, bytes, self.fixed) {
            return false;
        }
        // A host that does less than it says is taken to have refused, as long as what it gives holds the present content.
        if !fits(&block, self.block.bytes) || (self.fixed && block.base != self.block.base) {
            return false;
        }
        self.block = block;
        block.bytes >= bytes
    }
}

fn fits(block: &MemoryBlock, bytes: usize) -> bool {
    block.bytes >= bytes
        && block.bytes <= isize::MAX as usize
        && block.base.addr().is_multiple_of(ALIGNMENT)
        && (!block.base.is_null() || bytes == 0)
}

impl Drop for HostBlock {
    fn drop(&mut self) {
        self.allocator.0.release(self.block);
    }
}
