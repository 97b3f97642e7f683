//! The headers in `include/` are made from `src/capi` by cbindgen: this makes them again and compares, so
//! that header and code cannot drift apart. `BLESS=1` rewrites them.
//!
//! Why a test and not a build script: a build must not need cbindgen, nor write outside its target folder.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sections of `wasm.h`, in its order.
const STANDARD: &[&str] = &[
    "vec",
    "engine",
    "valtypes",
    "objtypes",
    "externtypes",
    "porttypes",
    "val",
    "refs",
    "traps",
    "foreign",
    "module",
    "func",
    "global",
    "table",
    "memory",
    "externs",
    "instance",
];

/// The sections of `wasmx.h`.
const EXTENSIONS: &[&str] = &[
    "config",
    "tier",
    "profile",
    "valtypes",
    "types",
    "limits",
    "raw",
    "caller",
    "globals",
    "tags",
    "shared",
    "objects",
    "stats",
    "text",
    "fuel",
    "interrupt",
    "quotas",
    "allocator",
    "heap",
    "trapinfo",
    "wasi",
];

/// Enumerations of `wasmx.h` that no function names, for constants are passed as bytes.
const CONSTANTS: &[&str] = &[
    "wasmx_valkind_enum",
    "wasmx_heapkind_enum",
    "wasmx_typekind_enum",
    "wasmx_refkind_enum",
    "wasmx_tier_enum",
    "wasmx_profile_enum",
    "wasmx_limit_enum",
    "wasmx_growth_enum",
    "wasmx_trapkind_enum",
    "wasmx_wasi_perms_enum",
];

fn sources(builder: cbindgen::Builder, files: &[&str]) -> cbindgen::Builder {
    files.iter().fold(builder, |b, file| {
        let path: PathBuf = root().join("src/capi").join(format!("{file}.rs"));
        assert!(path.is_file(), "{} is missing", path.display());
        b.with_src(path)
    })
}

fn make(files: &[&str], config: cbindgen::Config) -> String {
    let bindings =
        sources(cbindgen::Builder::new().with_config(config), files).generate().expect("cbindgen reads the sources");
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).expect("the header is text")
}

fn compare(name: &str, made: &str) {
    let path = root().join("include").join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(root().join("include")).expect("a folder for the headers");
        std::fs::write(&path, made).expect("a writable header");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(line) = found.lines().zip(made.lines()).position(|(a, b)| a != b) {
        panic!(
            "include/{name}:{} differs from the code; run with BLESS=1\n  found {:?}\n  made  {:?}",
            line + 1,
            found.lines().nth(line).unwrap_or(""),
            made.lines().nth(line).unwrap_or(""),
        );
    }
    assert!(found == made, "include/{name} has {} bytes instead of {}; run with BLESS=1", found.len(), made.len());
}

#[test]
fn wasm_h_is_what_the_code_says() {
    let config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    compare("wasm.h", &make(STANDARD, config));
}

#[test]
fn wasi_h_is_what_the_code_says() {
    let mut config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    config.header = Some(String::from(WASI_HEAD));
    config.include_guard = Some(String::from("WASI_H"));
    config.sys_includes = vec![String::from("stddef.h")];
    config.includes = vec![String::from("wasm.h")];
    config.after_includes =
        Some(String::from("#ifndef WASI_API_EXTERN\n#define WASI_API_EXTERN WASM_API_EXTERN\n#endif"));
    config.function.prefix = Some(String::from("WASI_API_EXTERN"));
    config.trailer = None;
    config.export.include = Vec::new();
    compare("wasi.h", &make(&["wasi"], config));
}

#[test]
fn wasmx_h_is_what_the_code_says() {
    let mut config = cbindgen::Config::from_file(root().join("cbindgen.toml")).expect("cbindgen.toml");
    config.header = Some(String::from(WASMX_HEAD));
    config.include_guard = Some(String::from("WASMX_H"));
    config.sys_includes = Vec::new();
    config.includes = vec![String::from("wasm.h"), String::from("wasi.h")];
    config.after_includes = None;
    config.trailer = None;
    config.export.include = CONSTANTS.iter().map(|name| String::from(*name)).collect();
    let files: Vec<String> = EXTENSIONS.iter().map(|file| format!("wasmx/{file}")).collect();
    compare("wasmx.h", &make(&files.iter().map(String::as_str).collect::<Vec<_>>(), config));
}

const WASI_HEAD: &str = "\
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
 *     wasi_config_preopen_dir(config, \"data\", \"/data\", false);
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
 */";

const WASMX_HEAD: &str = "\
/*
 * What libwasm offers beyond the standard C API. All names begin with wasmx_.
 *
 * This file is made from the sources in src/capi; do not edit it. The conventions are those of wasm.h: who owns what,
 * what NULL does, which thread may call, and how failure is reported. `wasmx_last_error()` says why a call failed.
 *
 * ## Types, values and objects beyond the standard
 *
 * - A `wasm_valtype_t` can be any value type, a `wasm_ref_t` also a structure, an array, an exception or an `i31`, a
 *   `wasm_extern_t` also a tag, a `wasm_val_t` also a reference of kind `WASMX_ANYREF` or `WASMX_EXNREF`. The functions
 *   of wasm.h work on them.
 * - A `wasm_val_t` cannot hold a `v128`: functions, globals and fields of that type are for the raw values below.
 * - A structure, array or exception lives as long as a `wasm_ref_t *` to it has an owner, or the guest can reach it.
 *   There is one pointer for one object, so `wasm_ref_same` is identity; data that the host hangs on it is finalized
 *   when the last owner goes, though the object may live on in the guest.
 */";
