//! Profilers, debuggers and stack walkers: what they are told of machine code.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.

use crate::capi::boundary::{self, attempt};
use crate::capi::engine::wasm_config_t;
use crate::runtime::Profile;
use std::ffi::{CStr, c_char};
use std::path::Path;

/// Who is told of the machine code of guests: bits, to be joined.
#[repr(u8)]
#[derive(Clone, Copy)]
pub enum wasmx_profile_enum {
    /// Linux `perf`, and others that read `/tmp/perf-PID.map`.
    WASMX_PROFILE_PERF_MAP = 1,
    /// Linux `perf inject --jit`, which also shows instructions: `jit-PID.dump`.
    WASMX_PROFILE_JITDUMP = 2,
    /// GDB and LLDB, by the interface that debuggers have for compilers at run time.
    WASMX_PROFILE_GDB = 4,
}

/// Who is told of the machine code of guests: bits of `wasmx_profile_enum`, or 0 for nobody.
pub type wasmx_profile_t = u8;

/// # Configurations
///
/// Sets who is told which functions of guests are where in memory, under the names that modules have for them; at first it is
/// nobody. Costs nothing but when functions are compiled. The files are begun here, for the user alone, and hold the code of
/// guests; a process has one of each kind, whatever the number of engines. `directory`, a C string, is where `jit-PID.dump` goes the
/// first time that it is asked for; NULL stands for the current directory. False, and the configuration is as it was, if
/// `config` is NULL, there is no such kind, a file cannot be written, or the library was built without this or for a system
/// other than Linux on x86-64. What cannot be written later on is given up: see [`wasmx_profile_check`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_profile(
    config: *mut wasm_config_t,
    kinds: wasmx_profile_t,
    directory: *const c_char,
) -> bool {
    attempt(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL, and a string that ends in NUL, or NULL.
        let (config, directory) = unsafe {
            let directory = (!directory.is_null()).then(|| CStr::from_ptr(directory));
            (config.as_mut().ok_or("the configuration is NULL")?, directory)
        };
        let profile = Profile::from_bits(kinds).ok_or_else(|| format!("there is no kind of profile {kinds:#x}"))?;
        let directory = directory.map(|d| Path::new(os_str(d)));
        profile.start(directory)?;
        config.config.profile = profile;
        Ok(true)
    })
}

#[cfg(unix)]
fn os_str(text: &CStr) -> &std::ffi::OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(text.to_bytes())
}

#[cfg(not(unix))]
fn os_str(text: &CStr) -> &std::ffi::OsStr {
    text.to_str().unwrap_or_default().as_ref()
}

/// Whether the process's unwinder is told of machine code. On at first: then `backtrace()`, `_Unwind_Backtrace` and what is
/// built on them walk from a host function through the guest to the host. It costs one registration for some hundred kilobytes of
/// code. With the unwinder of GCC 12 and before, exceptions of C++ anywhere in the process take a lock as soon as
/// anything is registered; hosts that throw a lot on many threads can switch it off, and walks end at the guest. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_config_set_unwind_tables(config: *mut wasm_config_t, on: bool) {
    boundary::guard(|| {
        // SAFETY: C promises a configuration that nobody else uses, or NULL.
        if let Some(config) = unsafe { config.as_mut() } {
            config.config.unwind_tables = on;
        }
    })
}

/// Whether the files that [`wasmx_config_set_profile`] has begun are whole so far. False if one had to be given up, because the disk
/// is full for example; `wasmx_last_error` says why. May be called from any thread.
#[unsafe(no_mangle)]
pub extern "C" fn wasmx_profile_check() -> bool {
    attempt(|| match Profile::failure() {
        Some(why) => Err(why.into()),
        None => Ok(true),
    })
}
