//! Linear memories in buffers of the host's.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::fuel::Environment;
use crate::capi::boundary::attempt;
use crate::capi::engine::wasm_config_t;
use crate::runtime::{Allocator, MemoryAllocator, MemoryBlock, MemoryRequest};
use std::ffi::c_void;
use std::sync::Arc;

/// What a linear memory asks the host for.
#[repr(C)]
pub struct wasmx_memory_request_t {
    /// Bytes that it needs at once; 0 is possible.
    pub bytes: u64,
    /// Bytes that it can ever have, as its type and the limits at this time allow. As large as the address space where
    /// nothing else is said: not to be taken as a wish.
    pub most: u64,
    /// Whether it must stay where it is when it grows: a shared memory.
    pub fixed: bool,
}

/// Bytes of the host's that a linear memory lies in.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmx_memory_block_t {
    /// The first byte, at a multiple of 16. May be NULL if there are no bytes.
    pub base: *mut u8,
    /// How many there are, at least as many as were asked for. A memory that grows asks for more when it wants more than that.
    pub bytes: u64,
    /// The host's own.
    pub user: *mut c_void,
}

/// Where linear memories come from. All members but `env` and `finalizer` must be set. They are called by the threads that
/// use the engine's stores, and by whichever gives up a shared memory last; several at a time if there are several. They must not
/// call the library.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wasmx_memory_allocator_t {
    pub env: *mut c_void,
    /// Fills in `block` with bytes that are zero and that nobody else uses until they are released. False if there are
    /// none: the memory cannot be made then.
    pub allocate: Option<
        unsafe extern "C" fn(
            env: *mut c_void,
            request: *const wasmx_memory_request_t,
            block: *mut wasmx_memory_block_t,
        ) -> bool,
    >,
    /// Makes `block` at least `bytes` long: the content stays, what is new is zero. It may move, and `base` changes then,
    /// unless `fixed` is true. False, and nothing changes, if that cannot be: `memory.grow` gives -1 then.
    pub grow: Option<
        unsafe extern "C" fn(env: *mut c_void, block: *mut wasmx_memory_block_t, bytes: u64, fixed: bool) -> bool,
    >,
    /// Takes a block back, whose memory is gone.
    pub release: Option<unsafe extern "C" fn(env: *mut c_void, block: *const wasmx_memory_block_t)>,
    /// Called once with `env`, when the configuration, the engines made with it and all their memories are gone. May be
    /// NULL.
    pub finalizer: Option<unsafe extern "C" fn(env: *mut c_void)>,
}

type Allocate = unsafe extern "C" fn(*mut c_void, *const wasmx_memory_request_t, *mut wasmx_memory_block_t) -> bool;
type Grow = unsafe extern "C" fn(*mut c_void, *mut wasmx_memory_block_t, u64, bool) -> bool;
type Release = unsafe extern "C" fn(*mut c_void, *const wasmx_memory_block_t);

struct HostAllocator {
    environment: Environment,
    allocate: Allocate,
    grow: Grow,
    release: Release,
}

// SAFETY: the host promises that its functions may be called by any thread, by several at a time.
unsafe impl Sync for HostAllocator {}

fn to_c(block: &MemoryBlock) -> wasmx_memory_block_t {
    wasmx_memory_block_t { base: block.base, bytes: block.bytes as u64, user: block.user }
}

fn from_c(block: &wasmx_memory_block_t) -> MemoryBlock {
    let bytes = usize::try_from(block.bytes).unwrap_or(usize::MAX);
    MemoryBlock { base: block.base, bytes, user: block.user }
}

// SAFETY: what the host promises for the members of `wasmx_memory_allocator_t`.
unsafe impl MemoryAllocator for HostAllocator {
    fn allocate(&self, request: &MemoryRequest) -> Option<MemoryBlock> {
        let request = wasmx_memory_request_t { bytes: request.bytes as u64, most: request.most, fixed: request.fixed };
        let mut block = wasmx_memory_block_t { base: std::ptr::null_mut(), bytes: 0, user: std::ptr::null_mut() };
        // SAFETY: the host gave function and environment for each other.
        let done = unsafe { (self.allocate)(self.environment.env, &request, &mut block) };
        done.then(|| from_c(&block))
    }

    fn grow(&self, block: &mut MemoryBlock, bytes: usize, fixed: bool) -> bool {
        let mut of_host = to_c(block);
        // SAFETY: as above.
        let done = unsafe { (self.grow)(self.environment.env, &mut of_host, bytes as u64, fixed) };
        if done {
            *block = from_c(&of_host);
        }
        done
    }

    fn release(&self, block: MemoryBlock) {
        // SAFETY: as above; the block came from `allocate` and is used no more.
        unsafe { (self.release)(self.environment.env, &to_c(&block)) }
    }
}

/// # Allocators
///
/// Has all linear memories of the engine, those of modules, of `wasm_memory_new` and shared ones, lie in buffers of the host's.
/// Reads `allocator`; NULL stands for the system, as at first. The library then reserves no address space for memories, and keeps
/// none for instances to come. False, and no finalizer is called, if a function is missing or `config` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_memory_allocator(
    config: *mut wasm_config_t,
    allocator: *const wasmx_memory_allocator_t,
) -> bool {
    attempt(|| {
        let config = config.as_mut().ok_or("the configuration is NULL")?;
        let Some(given) = allocator.as_ref() else {
            config.config.memory_allocator = None;
            return Ok(true);
        };
        let missing = "the allocator has no";
        let allocate = given.allocate.ok_or_else(|| format!("{missing} allocate"))?;
        let grow = given.grow.ok_or_else(|| format!("{missing} grow"))?;
        let release = given.release.ok_or_else(|| format!("{missing} release"))?;
        let environment = Environment::new(given.env, given.finalizer);
        let allocator = HostAllocator { environment, allocate, grow, release };
        config.config.memory_allocator = Some(Allocator(Arc::new(allocator)));
        Ok(true)
    })
}
