//! What `wasi.h` cannot say: sockets, clocks, random numbers, threads, and limits of a WASI guest.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use crate::capi::boundary::{Failure, attempt, given};
use crate::capi::traps::wasm_message_t;
use crate::capi::vec;
use crate::capi::wasi::{config_of, preopen, text, wasi_config_t, wasi_env_t};
use crate::wasi::clock::Clocks;
use crate::wasi::fs::Perms;
use crate::wasi::net;
use crate::wasi::random::Random;
use std::ffi::{c_char, c_int};
use std::os::fd::{FromRawFd, OwnedFd};

/// What a guest may do below a directory that it is given.
#[repr(C)]
pub enum wasmx_wasi_perms_enum {
    /// Read files.
    WASMX_WASI_READ = 1,
    /// Write to files, and change their sizes and times.
    WASMX_WASI_WRITE = 2,
    /// Make, remove, rename and link files and directories.
    WASMX_WASI_CHANGE = 4,
}

/// # WASI
///
/// As `wasi_config_preopen_dir`, with permissions one by one: a sum of `wasmx_wasi_perms_enum`. Names, sizes and times can
/// always be read. False, and nothing changes, if the directory cannot be opened, `perms` has other bits, or an argument
/// is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_preopen_dir(
    config: *mut wasi_config_t,
    host_path: *const c_char,
    guest_path: *const c_char,
    perms: u32,
) -> bool {
    attempt(|| {
        let has = |bit: wasmx_wasi_perms_enum| perms & bit as u32 != 0;
        if perms > 7 {
            return Err(format!("{perms} is no sum of permissions").into());
        }
        let perms = Perms {
            read_files: has(wasmx_wasi_perms_enum::WASMX_WASI_READ),
            write_files: has(wasmx_wasi_perms_enum::WASMX_WASI_WRITE),
            change_dirs: has(wasmx_wasi_perms_enum::WASMX_WASI_CHANGE),
        };
        preopen(config, host_path, guest_path, perms)
    })
}

/// Gives the guest a socket that listens at `address`: "127.0.0.1:8080", "[::1]:0" or "unix:/path". It gets the next
/// descriptor, counted from 3 on with the directories, in the order of configuration. Writes the port that it listens at,
/// which the system chooses if 0 was asked for, to `port` (may be NULL; 0 for unix). False, and nothing changes, if the
/// address makes no sense or cannot be had, or `config` or `address` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_preopen_listener(
    config: *mut wasi_config_t,
    address: *const c_char,
    port: *mut u16,
) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        let address = std::str::from_utf8(text(address, "the address")?).map_err(|_| "the address is not UTF-8")?;
        let (listener, at) = net::listen(address).map_err(|e| format!("{address}: {e}"))?;
        config.preopens.push(listener);
        if !port.is_null() {
            port.write(at);
        }
        Ok(true)
    })
}

/// Gives the guest an open socket of the host's, listening or connected, as the next descriptor. Takes over `fd`, which
/// does not block from then on. False if it is no stream socket or `config` is NULL; then `fd` stays the caller's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_preopen_socket(config: *mut wasi_config_t, fd: c_int) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        if fd < 0 {
            return Err("the descriptor is negative".into());
        }
        let socket = net::check(std::os::fd::BorrowedFd::borrow_raw(fd));
        let kind = socket.map_err(|e| format!("descriptor {fd} is no socket for a guest: {e}"))?;
        config.preopens.push(net::descriptor(OwnedFd::from_raw_fd(fd), kind));
        Ok(true)
    })
}

/// Shows the guest a clock that is the same on every run: real time starts at `start` nanoseconds since 1970, all clocks
/// move on by `step` nanoseconds with each reading, and whoever waits for a clock finds that the time has passed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_set_virtual_clock(config: *mut wasi_config_t, start: u64, step: u64) {
    attempt(|| {
        config_of(config)?.clocks = Clocks::virtual_from(start, step);
        Ok(())
    })
}

/// Gives the guest random numbers that `seed` determines, instead of the system's. Not for secrets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_set_random_seed(config: *mut wasi_config_t, seed: u64) {
    attempt(|| {
        config_of(config)?.random = Random::seeded(seed);
        Ok(())
    })
}

/// How many descriptors the guest may have open at a time, those it is given included; 4096 unless set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_set_max_fds(config: *mut wasi_config_t, most: u32) {
    attempt(|| {
        config_of(config)?.max_fds = most;
        Ok(())
    })
}

/// How many unread bytes of captured output are kept, for each of standard output and error; what exceeds them is
/// dropped. A megabyte unless set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_set_capture_limit(config: *mut wasi_config_t, bytes: usize) {
    attempt(|| {
        config_of(config)?.capture_limit = bytes;
        Ok(())
    })
}

/// Lets the guest start threads (`wasi` `thread-spawn`), up to `most` at a time besides its first: threads of the system's,
/// each with a store of its own, which has the limits of the first. All its module's imports must be of WASI, and the memory,
/// which is shared. A trap or an exit in any of them ends the program in all: a call that the host has under way, or makes next,
/// ends with a trap. Threads that still run when the first has returned go on until the environment is deleted. None unless
/// set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_config_allow_threads(config: *mut wasi_config_t, most: u32) {
    attempt(|| {
        config_of(config)?.max_threads = most;
        Ok(())
    })
}

/// Whether a thread that the guest has started trapped and so ended the program; then the message, ending in a NUL, is
/// written to `out`, and the caller owns it. Else `out` is empty. False if an argument is NULL. May be called from any
/// thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_wasi_env_thread_trap(env: *const wasi_env_t, out: *mut wasm_message_t) -> bool {
    let mut found = false;
    vec::put(out, || {
        let trap: Option<String> = given(env, "the environment")?.ctx.thread_trap();
        let Some(mut text) = trap else { return Ok(vec::empty()) };
        text.push('\0');
        found = true;
        let message: Result<wasm_message_t, Failure> = vec::from_bytes(text.as_bytes());
        message
    });
    found
}
