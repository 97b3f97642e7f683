/*
 * WASI for guests of plain wasm.h: the system interface that programs compiled from C, C++, Rust, Go, Zig and others
 * expect (preview 1, and snapshot 0 before it).
 *
 * This file is made from the sources in src/capi; do not edit it. The conventions are those of wasm.h: who owns what,
 * what NULL does, which thread may call. `wasmx_last_error()` in wasmx.h says why a call failed.
 *
 * ## From a configuration to a running program
 *
 *     wasi_config_t *config = wasi_config_new();             // nothing is allowed that is not said here
 *     wasi_config_inherit_stdout(config);
 *     wasi_config_preopen_dir(config, "data", "/data", false);
 *     wasi_env_t *env = wasi_env_new(store, config);         // takes over the configuration
 *     wasm_extern_vec_t imports;
 *     wasi_get_imports(store, env, module, &imports);        // fill in what else the module imports
 *     wasm_instance_t *instance = wasm_instance_new(store, module, &imports, &trap);
 *     wasm_extern_vec_delete(&imports);
 *     wasm_func_t *start = wasi_get_start_function(instance);
 *     wasm_val_vec_t none = WASM_EMPTY_VEC;
 *     trap = wasm_func_call(start, &none, &none);            // NULL: exited with 0
 *     int code;
 *     if (trap && wasi_env_exit_code(env, &code)) ...        // not a failure, but proc_exit
 *     wasi_env_delete(env);
 *
 * Strings for the guest (arguments, variables, names of directories) are bytes that end in a NUL; they are passed on as they
 * are, UTF-8 or not. A NULL among them is refused.
 */

#ifndef WASI_H
#define WASI_H

#include <stddef.h>
#include "wasm.h"
#ifndef WASI_API_EXTERN
#define WASI_API_EXTERN WASM_API_EXTERN
#endif

/// Which WASI a module imports functions of.
typedef enum wasi_version_t {
  /// None: no import is a WASI function.
  WASI_INVALID_VERSION = -1,
  /// `wasi_unstable`.
  WASI_SNAPSHOT0 = 1,
  /// `wasi_snapshot_preview1`.
  WASI_SNAPSHOT1 = 2,
} wasi_version_t;

/// What a guest may see and touch: nothing at first.
typedef struct wasi_config_t wasi_config_t;

/// A configuration at work for the guest in one store.
typedef struct wasi_env_t wasi_env_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// # Configurations
///
/// Deletes a configuration. NULL is ignored.
WASI_API_EXTERN void wasi_config_delete(struct wasi_config_t *config);

/// A configuration, owned by the caller: no arguments, no environment, empty input, output that is captured (see
/// `wasi_env_read_stdout`), no directories, no sockets, no threads.
WASI_API_EXTERN struct wasi_config_t *wasi_config_new(void);

/// Lets the guest open sockets by itself. The WASI versions supported so far have no functions for that: a guest uses
/// the sockets that it is given (`wasmx_wasi_config_preopen_listener`).
WASI_API_EXTERN void wasi_config_inherit_network(struct wasi_config_t *config);

/// Lets the guest look up names of hosts. The WASI versions supported so far have no functions for that.
WASI_API_EXTERN void wasi_config_allow_ip_name_lookup(struct wasi_config_t *config, bool enable);

/// Sets the arguments, which are copied: `argc` C strings of any bytes, the first being the name of the program. False,
/// and nothing changes, if `config`, `argv` (while `argc` is not 0) or one of the strings is NULL.
WASI_API_EXTERN bool wasi_config_set_argv(struct wasi_config_t *config, size_t argc, const char **argv);

/// Sets the arguments to those of this process.
WASI_API_EXTERN void wasi_config_inherit_argv(struct wasi_config_t *config);

/// Adds `envc` variables to the environment: C strings of any bytes, which are copied. One that is there already gets the
/// new value. False, and nothing changes, if `config`, `names` or `values` (while `envc` is not 0) or one of the strings is
/// NULL, or a name is empty or has a '=' in it.
WASI_API_EXTERN
bool wasi_config_set_env(struct wasi_config_t *config,
                         size_t envc,
                         const char **names,
                         const char **values);

/// Adds all variables that this process has now, as `wasi_config_set_env` does.
WASI_API_EXTERN void wasi_config_inherit_env(struct wasi_config_t *config);

/// Opens a file of the host's as standard input. False, and nothing changes, if that fails, or an argument is NULL.
WASI_API_EXTERN bool wasi_config_set_stdin_file(struct wasi_config_t *config, const char *path);

/// Sets what can be read from standard input. Takes over the content of `binary` and leaves it empty; NULL is no bytes.
WASI_API_EXTERN void wasi_config_set_stdin_bytes(struct wasi_config_t *config, wasm_byte_vec_t *binary);

/// Connects the guest's standard input to that of this process.
WASI_API_EXTERN void wasi_config_inherit_stdin(struct wasi_config_t *config);

/// Makes or empties a file of the host's, and opens it as standard output. False, and nothing changes, if that fails, or
/// an argument is NULL.
WASI_API_EXTERN
bool wasi_config_set_stdout_file(struct wasi_config_t *config,
                                 const char *path);

/// Connects the guest's standard output to that of this process. It is written to directly: flush what the C library
/// has buffered before the guest runs.
WASI_API_EXTERN void wasi_config_inherit_stdout(struct wasi_config_t *config);

/// Passes what the guest writes to standard output to `callback`, with `data`. It returns how many of the bytes it has
/// taken, at least 1, or a negated `errno` (such as `-EIO`), which the guest gets. It runs on the thread that runs the
/// guest; if the guest may start threads (`wasmx_wasi_config_allow_threads`), on several at a time. `finalizer` (may be
/// NULL) is called once with `data`, when the configuration is deleted, gets another standard output, or its environment
/// is deleted. If `config` or `callback` is NULL, nothing happens, and `finalizer` is not called.
WASI_API_EXTERN
void wasi_config_set_stdout_custom(struct wasi_config_t *config,
                                   ptrdiff_t (*callback)(void*, const unsigned char*, size_t),
                                   void *data,
                                   void (*finalizer)(void*));

/// As `wasi_config_set_stdout_file`, for standard error.
WASI_API_EXTERN bool wasi_config_set_stderr_file(struct wasi_config_t *config, const char *path);

/// As `wasi_config_inherit_stdout`, for standard error.
WASI_API_EXTERN void wasi_config_inherit_stderr(struct wasi_config_t *config);

/// As `wasi_config_set_stdout_custom`, for standard error.
WASI_API_EXTERN
void wasi_config_set_stderr_custom(struct wasi_config_t *config,
                                   ptrdiff_t (*callback)(void*, const unsigned char*, size_t),
                                   void *data,
                                   void (*finalizer)(void*));

/// Opens the host's directory `host_path` for the guest, which finds it as `guest_path` (such as "." or "/data"), and
/// nothing outside of it. Without `fs_mutable` the guest can only read. False, and nothing changes, if it cannot be opened,
/// or an argument is NULL.
WASI_API_EXTERN
bool wasi_config_preopen_dir(struct wasi_config_t *config,
                             const char *host_path,
                             const char *guest_path,
                             bool fs_mutable);

/// # Environments
///
/// Puts a configuration to work for the guest in `store`; owned by the caller. Takes over `config`; NULL stands for
/// `wasi_config_new()`. The environment keeps the store alive. It belongs to that one store: to run several programs at a
/// time make an environment for each. NULL if `store` is NULL.
WASI_API_EXTERN
struct wasi_env_t *wasi_env_new(wasm_store_t *store,
                                struct wasi_config_t *config);

/// Deletes an environment: ends the threads that the guest has started and waits for them, closes what it has open, and calls
/// the finalizers of custom streams. A guest that is still called gets `EBADF` for its descriptors. The store may have
/// been deleted before or not. Called by the thread that may use the store, and not from inside the guest's calls. NULL
/// is ignored.
WASI_API_EXTERN
void wasi_env_delete(struct wasi_env_t *env);

/// Which WASI a module was made for: the newer one if it imports functions of both, `WASI_INVALID_VERSION` if of none or
/// `module` is NULL.
WASI_API_EXTERN
enum wasi_version_t wasi_get_wasi_version(const wasm_module_t *module);

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
WASI_API_EXTERN
bool wasi_get_imports(wasm_store_t *store,
                      struct wasi_env_t *env,
                      const wasm_module_t *module,
                      wasm_extern_vec_t *out);

/// Prepares an instance: checks that it exports a memory as "memory", and, if it is a reactor (it exports a function
/// `_initialize`), calls that. Not needed for commands, but harmless. False if an argument is NULL, the environment or the
/// instance is of another store, there is no such memory, or the call traps or exits; `wasmx_last_error` has the message.
WASI_API_EXTERN
bool wasi_env_initialize_instance(struct wasi_env_t *env,
                                  wasm_store_t *store,
                                  wasm_instance_t *instance);

/// The function that runs a command, owned by the caller: the export `_start`, else the one with an empty name. NULL if
/// there is none, as in a reactor, or `instance` is NULL. If the program calls `proc_exit`, the call ends with a trap, and
/// `wasi_env_exit_code` tells the status; a program that returns has exited with 0.
WASI_API_EXTERN
wasm_func_t *wasi_get_start_function(wasm_instance_t *instance);

/// Whether the guest has exited with `proc_exit`; then its status, as the guest gave it, is written to `out` (may be
/// NULL). It is that of the last one, if there were several. Tells an exit from other traps. False if `env` is NULL. May be
/// called from any thread.
WASI_API_EXTERN
bool wasi_env_exit_code(const struct wasi_env_t *env,
                        int *out);

/// Moves up to `len` bytes of what the guest has written to standard output, if that has not been configured otherwise,
/// to `buf`, and returns how many. What is not read in time is dropped beyond a megabyte
/// (`wasmx_wasi_config_set_capture_limit`). 0 if nothing is left, output goes elsewhere, or `env` or `buf` is NULL. May be
/// called from any thread.
WASI_API_EXTERN
size_t wasi_env_read_stdout(struct wasi_env_t *env,
                            char *buf,
                            size_t len);

/// As `wasi_env_read_stdout`, for standard error.
WASI_API_EXTERN size_t wasi_env_read_stderr(struct wasi_env_t *env, char *buf, size_t len);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WASI_H */
