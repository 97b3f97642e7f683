//! `wasi.h`: a guest's system interface, for hosts that use plain `wasm.h`.
//!
//! Why two halves: the configuration functions have the names and signatures that Wasmtime's users know, the attachment
//! (`wasi_env_*`, `wasi_get_*`) the shape that Wasmer's users know. Between them stands `crate::wasi`, which does the work.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, attempt, given, guard, has_room, set_last_error};
use super::engine::wasm_store_t;
use super::externs::{wasm_extern_t, wasm_extern_vec_t};
use super::func::wasm_func_t;
use super::instance::wasm_instance_t;
use super::module::wasm_module_t;
use super::object;
use super::vec::{self, wasm_byte_vec_t};
use crate::runtime::{Extern, Instance, Store};
use crate::wasi::fs::{Descriptor, Perms};
use crate::wasi::p1::types::Errno;
use crate::wasi::stdio::{Bytes, HostFd, Stream};
use crate::wasi::{self, Config, Ctx, Version};
use std::ffi::{CStr, OsStr, c_char, c_int, c_uchar, c_void};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;

/// What a guest may see and touch: nothing at first.
pub struct wasi_config_t {
    pub(super) config: Config,
}

/// A configuration at work for the guest in one store.
pub struct wasi_env_t {
    pub(super) ctx: Arc<Ctx>,
    store: Store,
}

pub(super) unsafe fn config_of<'a>(config: *mut wasi_config_t) -> Result<&'a mut Config, Failure> {
    config.as_mut().map(|c| &mut c.config).ok_or("the configuration is NULL".into())
}

/// The bytes of a C string.
pub(super) unsafe fn text<'a>(string: *const c_char, what: &'static str) -> Result<&'a [u8], Failure> {
    Ok(CStr::from_ptr(given(string, what)?).to_bytes())
}

pub(super) unsafe fn path<'a>(string: *const c_char, what: &'static str) -> Result<&'a Path, Failure> {
    Ok(Path::new(OsStr::from_bytes(text(string, what)?)))
}

/// The strings of an array of C strings.
unsafe fn strings(count: usize, array: *mut *const c_char, what: &'static str) -> Result<Vec<Vec<u8>>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    given(array.cast_const(), what)?;
    let one = |i: usize| match array.add(i).read() {
        string if string.is_null() => Err(Failure::from(format!("{what}[{i}] is NULL"))),
        string => {
            let bytes = CStr::from_ptr(string).to_bytes();
            has_room(bytes.len() + count * 24)?;
            Ok(bytes.to_vec())
        }
    };
    (0..count).map(one).collect()
}

/// Sets a variable, in the place of one of the same name if there is one.
fn set_variable(env: &mut Vec<(Vec<u8>, Vec<u8>)>, name: Vec<u8>, value: Vec<u8>) {
    match env.iter_mut().find(|(n, _)| *n == name) {
        Some((_, old)) => *old = value,
        None => env.push((name, value)),
    }
}

/// # Configurations
///
/// Deletes a configuration. NULL is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_delete(config: *mut wasi_config_t) {
    guard(|| {
        if !config.is_null() {
            drop(Box::from_raw(config))
        }
    })
}

/// A configuration, owned by the caller: no arguments, no environment, empty input, output that is captured (see
/// `wasi_env_read_stdout`), no directories, no sockets, no threads.
#[unsafe(no_mangle)]
pub extern "C" fn wasi_config_new() -> *mut wasi_config_t {
    guard(|| Box::into_raw(Box::new(wasi_config_t { config: Config::default() })))
}

/// Lets the guest open sockets by itself. The WASI versions supported so far have no functions for that: a guest uses
/// the sockets that it is given (`wasmx_wasi_config_preopen_listener`).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_network(config: *mut wasi_config_t) {
    attempt(|| config_of(config).map(drop))
}

/// Lets the guest look up names of hosts. The WASI versions supported so far have no functions for that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_allow_ip_name_lookup(config: *mut wasi_config_t, enable: bool) {
    let _ = enable;
    attempt(|| config_of(config).map(drop))
}

/// Sets the arguments, which are copied: `argc` C strings of any bytes, the first being the name of the program. False,
/// and nothing changes, if `config`, `argv` (while `argc` is not 0) or one of the strings is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_argv(
    config: *mut wasi_config_t,
    argc: usize,
    argv: *mut *const c_char,
) -> bool {
    attempt(|| {
        config_of(config)?.args = strings(argc, argv, "argv")?;
        Ok(true)
    })
}

/// Sets the arguments to those of this process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_argv(config: *mut wasi_config_t) {
    attempt(|| {
        config_of(config)?.args = std::env::args_os().map(OsStringExt::into_vec).collect();
        Ok(())
    })
}

/// Adds `envc` variables to the environment: C strings of any bytes, which are copied. One that is there already gets the
/// new value. False, and nothing changes, if `config`, `names` or `values` (while `envc` is not 0) or one of the strings is
/// NULL, or a name is empty or has a '=' in it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_env(
    config: *mut wasi_config_t,
    envc: usize,
    names: *mut *const c_char,
    values: *mut *const c_char,
) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        let (names, values) = (strings(envc, names, "names")?, strings(envc, values, "values")?);
        if let Some(i) = names.iter().position(|n| n.is_empty() || n.contains(&b'=')) {
            return Err(format!("names[{i}] is not the name of a variable").into());
        }
        names.into_iter().zip(values).for_each(|(n, v)| set_variable(&mut config.env, n, v));
        Ok(true)
    })
}

/// Adds all variables that this process has now, as `wasi_config_set_env` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_env(config: *mut wasi_config_t) {
    attempt(|| {
        let config = config_of(config)?;
        std::env::vars_os().for_each(|(n, v)| set_variable(&mut config.env, n.into_vec(), v.into_vec()));
        Ok(())
    })
}

/// Opens a file of the host's as standard input. False, and nothing changes, if that fails, or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdin_file(config: *mut wasi_config_t, path: *const c_char) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        config.stdin = Arc::new(opened(path, HostFd::open)?);
        Ok(true)
    })
}

/// A file of the host's, opened for a stream.
unsafe fn opened(file: *const c_char, open: impl FnOnce(&Path) -> std::io::Result<HostFd>) -> Result<HostFd, Failure> {
    let path = path(file, "the path")?;
    open(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// Sets what can be read from standard input. Takes over the content of `binary` and leaves it empty; NULL is no bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdin_bytes(config: *mut wasi_config_t, binary: *mut wasm_byte_vec_t) {
    attempt(|| {
        let taken = vec::take(binary);
        let bytes = Bytes::new(vec::bytes(&taken));
        vec::discard(taken);
        config_of(config)?.stdin = Arc::new(bytes);
        Ok(())
    })
}

/// Connects the guest's standard input to that of this process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_stdin(config: *mut wasi_config_t) {
    attempt(|| {
        config_of(config)?.stdin = inherited(std::io::stdin().as_fd())?;
        Ok(())
    })
}

fn inherited(fd: std::os::fd::BorrowedFd<'_>) -> Result<Arc<dyn Stream>, Failure> {
    Ok(Arc::new(HostFd::duplicate(fd).map_err(|e| format!("the stream cannot be duplicated: {e}"))?))
}

/// Makes or empties a file of the host's, and opens it as standard output. False, and nothing changes, if that fails, or
/// an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdout_file(config: *mut wasi_config_t, path: *const c_char) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        config.stdout = Some(Arc::new(opened(path, HostFd::create)?));
        Ok(true)
    })
}

/// Connects the guest's standard output to that of this process. It is written to directly: flush what the C library
/// has buffered before the guest runs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_stdout(config: *mut wasi_config_t) {
    attempt(|| {
        config_of(config)?.stdout = Some(inherited(std::io::stdout().as_fd())?);
        Ok(())
    })
}

/// Passes what the guest writes to standard output to `callback`, with `data`. It returns how many of the bytes it has
/// taken, at least 1, or a negated `errno` (such as `-EIO`), which the guest gets. It runs on the thread that runs the
/// guest; if the guest may start threads (`wasmx_wasi_config_allow_threads`), on several at a time. `finalizer` (may be
/// NULL) is called once with `data`, when the configuration is deleted, gets another standard output, or its environment
/// is deleted. If `config` or `callback` is NULL, nothing happens, and `finalizer` is not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stdout_custom(
    config: *mut wasi_config_t,
    callback: Option<unsafe extern "C" fn(*mut c_void, *const c_uchar, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    attempt(|| {
        let config = config_of(config)?;
        config.stdout = Some(Custom::stream(callback, data, finalizer)?);
        Ok(())
    })
}

/// As `wasi_config_set_stdout_file`, for standard error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stderr_file(config: *mut wasi_config_t, path: *const c_char) -> bool {
    attempt(|| {
        let config = config_of(config)?;
        config.stderr = Some(Arc::new(opened(path, HostFd::create)?));
        Ok(true)
    })
}

/// As `wasi_config_inherit_stdout`, for standard error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_inherit_stderr(config: *mut wasi_config_t) {
    attempt(|| {
        config_of(config)?.stderr = Some(inherited(std::io::stderr().as_fd())?);
        Ok(())
    })
}

/// As `wasi_config_set_stdout_custom`, for standard error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_set_stderr_custom(
    config: *mut wasi_config_t,
    callback: Option<unsafe extern "C" fn(*mut c_void, *const c_uchar, usize) -> isize>,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) {
    attempt(|| {
        let config = config_of(config)?;
        config.stderr = Some(Custom::stream(callback, data, finalizer)?);
        Ok(())
    })
}

/// Opens the host's directory `host_path` for the guest, which finds it as `guest_path` (such as "." or "/data"), and
/// nothing outside of it. Without `fs_mutable` the guest can only read. False, and nothing changes, if it cannot be opened,
/// or an argument is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_config_preopen_dir(
    config: *mut wasi_config_t,
    host_path: *const c_char,
    guest_path: *const c_char,
    fs_mutable: bool,
) -> bool {
    attempt(|| preopen(config, host_path, guest_path, if fs_mutable { Perms::READ_WRITE } else { Perms::READ_ONLY }))
}

/// Preopens a directory.
pub(super) unsafe fn preopen(
    config: *mut wasi_config_t,
    host: *const c_char,
    guest: *const c_char,
    perms: Perms,
) -> Result<bool, Failure> {
    let config = config_of(config)?;
    let (host, guest) = (path(host, "the host's path")?, text(guest, "the guest's path")?);
    let dir = Descriptor::preopen(host, guest, perms).map_err(|e| format!("{}: {e}", host.display()))?;
    config.preopens.push(dir);
    Ok(true)
}

/// Output to a callback of the host's.
struct Custom {
    callback: unsafe extern "C" fn(*mut c_void, *const c_uchar, usize) -> isize,
    data: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
}

// SAFETY: the host has been told on which threads its callback runs; its data is only passed to it.
unsafe impl Send for Custom {}
// SAFETY: as above.
unsafe impl Sync for Custom {}

impl Custom {
    fn stream(
        callback: Option<unsafe extern "C" fn(*mut c_void, *const c_uchar, usize) -> isize>,
        data: *mut c_void,
        finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
    ) -> Result<Arc<dyn Stream>, Failure> {
        let callback = callback.ok_or("the callback is NULL")?;
        Ok(Arc::new(Custom { callback, data, finalizer }))
    }
}

impl Stream for Custom {
    fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        if bytes.is_empty() {
            return Ok(0);
        }
        // SAFETY: the host gave the callback for this data.
        match unsafe { (self.callback)(self.data, bytes.as_ptr(), bytes.len()) } {
            // A guest that is told that nothing was written tries for ever.
            0 => Err(Errno::Io),
            n if n > 0 => Ok((n as usize).min(bytes.len())),
            n => {
                Err(i32::try_from(n.unsigned_abs()).map_or(Errno::Io, |n| std::io::Error::from_raw_os_error(n).into()))
            }
        }
    }
}

impl Drop for Custom {
    fn drop(&mut self) {
        if let Some(finalizer) = self.finalizer {
            // SAFETY: the host gave the finalizer for this data; it runs once.
            unsafe { finalizer(self.data) }
        }
    }
}

/// Which WASI a module imports functions of.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum wasi_version_t {
    /// None: no import is a WASI function.
    WASI_INVALID_VERSION = -1,
    /// `wasi_unstable`.
    WASI_SNAPSHOT0 = 1,
    /// `wasi_snapshot_preview1`.
    WASI_SNAPSHOT1 = 2,
}

/// # Environments
///
/// Puts a configuration to work for the guest in `store`; owned by the caller. Takes over `config`; NULL stands for
/// `wasi_config_new()`. The environment keeps the store alive. It belongs to that one store: to run several programs at a
/// time make an environment for each. NULL if `store` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_new(store: *mut wasm_store_t, config: *mut wasi_config_t) -> *mut wasi_env_t {
    attempt(|| {
        let config = if config.is_null() { Config::default() } else { Box::from_raw(config).config };
        let store = given(store.cast_const(), "the store")?.store.clone();
        let ctx = Ctx::new(&store, config);
        Ok(Box::into_raw(Box::new(wasi_env_t { ctx, store })))
    })
}

/// Deletes an environment: ends the threads that the guest has started and waits for them, closes what it has open, and calls
/// the finalizers of custom streams. A guest that is still called gets `EBADF` for its descriptors. The store may have
/// been deleted before or not. Called by the thread that may use the store, and not from inside the guest's calls. NULL
/// is ignored.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_delete(env: *mut wasi_env_t) {
    guard(|| {
        if !env.is_null() {
            let env = Box::from_raw(env);
            env.ctx.end_threads();
            env.ctx.table.clear();
        }
    })
}

/// Which WASI a module was made for: the newer one if it imports functions of both, `WASI_INVALID_VERSION` if of none or
/// `module` is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_get_wasi_version(module: *const wasm_module_t) -> wasi_version_t {
    let found = guard_version(|| wasi::version(object::borrow(module)?.info()).ok_or("it imports no WASI".into()));
    match found {
        Some(Version::Preview1) => wasi_version_t::WASI_SNAPSHOT1,
        Some(Version::Snapshot0) => wasi_version_t::WASI_SNAPSHOT0,
        None => wasi_version_t::WASI_INVALID_VERSION,
    }
}

fn guard_version(body: impl FnOnce() -> Result<Version, Failure>) -> Option<Version> {
    let mut found = None;
    attempt(|| {
        found = Some(body()?);
        Ok(())
    });
    found
}

/// Writes to `out`, which the caller then owns, one external for each import of `module`, in its order: a function for each
/// import that is one of WASI, and NULL for every other. The host puts what else the module imports into the NULL
/// places (an external of its own, for the vector owns its elements), and passes the vector to `wasm_instance_new`:
///
///     wasm_extern_vec_t imports;
///     if (!wasi_get_imports(store, env, module, &imports)) ...
///     imports.data[3] = wasm_extern_copy(wasm_func_as_extern(mine));
///     wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
///     wasm_extern_vec_delete(&imports);
///
/// The functions act on the memory that the instance which calls them exports as "memory". A module that starts threads,
/// if it may, also gets the shared memory that it imports.
///
/// False, and `out` is empty, if an argument is NULL, the environment is of another store, or an import has the name of a
/// function of WASI but not its type; `wasmx_last_error` names it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_get_imports(
    store: *mut wasm_store_t,
    env: *mut wasi_env_t,
    module: *const wasm_module_t,
    out: *mut wasm_extern_vec_t,
) -> bool {
    let mut done = false;
    vec::put(out, || {
        let store = &given(store.cast_const(), "the store")?.store;
        let env = env_in(env, store)?;
        let module = object::borrow(module)?;
        let found = wasi::imports(store, &env.ctx, module.info()).map_err(|e| e.to_string())?;
        let give = |e: Option<Extern>| e.map_or(std::ptr::null_mut(), object::give::<wasm_extern_t>);
        let vec = vec::from_items(found.into_iter().map(give).collect())?;
        done = true;
        Ok(vec)
    });
    done
}

/// The environment, which must belong to the store.
unsafe fn env_in<'a>(env: *const wasi_env_t, store: &Store) -> Result<&'a wasi_env_t, Failure> {
    let env = given(env, "the environment")?;
    if env.store.same(store) { Ok(env) } else { Err("the environment belongs to another store".into()) }
}

/// Prepares an instance: checks that it exports a memory as "memory", and, if it is a reactor (it exports a function
/// `_initialize`), calls that. Not needed for commands, but harmless. False if an argument is NULL, the environment or the
/// instance is of another store, there is no such memory, or the call traps or exits; `wasmx_last_error` has the message.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_initialize_instance(
    env: *mut wasi_env_t,
    store: *mut wasm_store_t,
    instance: *mut wasm_instance_t,
) -> bool {
    attempt(|| {
        let store = &given(store.cast_const(), "the store")?.store;
        env_in(env, store)?;
        let instance: ManuallyDrop<Instance> = object::borrow(instance.cast_const())?;
        if !instance.as_ref().belongs_to(store) {
            return Err("the instance belongs to another store".into());
        }
        if instance.export("memory").and_then(Extern::into_memory).is_none() {
            return Err("the instance exports no memory named \"memory\"".into());
        }
        if let Some(initialize) = instance.func("_initialize") {
            initialize.call(&[], &mut []).map_err(|trap| format!("_initialize: {trap}"))?;
        }
        Ok(true)
    })
}

/// The function that runs a command, owned by the caller: the export `_start`, else the one with an empty name. NULL if
/// there is none, as in a reactor, or `instance` is NULL. If the program calls `proc_exit`, the call ends with a trap, and
/// `wasi_env_exit_code` tells the status; a program that returns has exited with 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_get_start_function(instance: *mut wasm_instance_t) -> *mut wasm_func_t {
    attempt(|| {
        let instance: ManuallyDrop<Instance> = object::borrow(instance.cast_const())?;
        let start = instance.func("_start").or_else(|| instance.func(""));
        start.map(object::give).ok_or("the instance exports no start function".into())
    })
}

/// Whether the guest has exited with `proc_exit`; then its status, as the guest gave it, is written to `out` (may be
/// NULL). It is that of the last one, if there were several. Tells an exit from other traps. False if `env` is NULL. May be
/// called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_exit_code(env: *const wasi_env_t, out: *mut c_int) -> bool {
    attempt(|| {
        let Some(code) = given(env, "the environment")?.ctx.exit_code() else { return Ok(false) };
        if !out.is_null() {
            out.write(code as c_int);
        }
        Ok(true)
    })
}

/// Moves up to `len` bytes of what the guest has written to standard output, if that has not been configured otherwise,
/// to `buf`, and returns how many. What is not read in time is dropped beyond a megabyte
/// (`wasmx_wasi_config_set_capture_limit`). 0 if nothing is left, output goes elsewhere, or `env` or `buf` is NULL. May be
/// called from any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_read_stdout(env: *mut wasi_env_t, buf: *mut c_char, len: usize) -> usize {
    attempt(|| read(env, 0, buf, len))
}

/// As `wasi_env_read_stdout`, for standard error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasi_env_read_stderr(env: *mut wasi_env_t, buf: *mut c_char, len: usize) -> usize {
    attempt(|| read(env, 1, buf, len))
}

unsafe fn read(env: *const wasi_env_t, output: usize, buf: *mut c_char, len: usize) -> Result<usize, Failure> {
    let env = given(env, "the environment")?;
    if len == 0 {
        return Ok(0);
    }
    given(buf.cast_const(), "the buffer")?;
    let Some(captured) = env.ctx.captured(output) else {
        set_last_error("the output is not captured");
        return Ok(0);
    };
    // The buffer may be larger than an object can be: only what there is counts.
    let len = len.min(captured.len());
    if len == 0 {
        return Ok(0);
    }
    buf.write_bytes(0, len);
    Ok(captured.take(std::slice::from_raw_parts_mut(buf.cast(), len)))
}
