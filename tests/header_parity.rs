//! `include/wasm.h` against the facts that host programs rely on (`tests/data/wasm_h.txt`), and both against the newest
//! published copy of the standard header, where a registry can be reached.
//!
//! How: the facts become a C program of static assertions (types of all functions, values, layouts, aliases), which must
//! compile with either header; and the list of exported functions is read out of each preprocessed header, so that
//! nothing is missing and nothing is added. Without a C compiler there is no C API to speak of, so its absence is a
//! failure.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scratch() -> PathBuf {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("header_parity");
    std::fs::create_dir_all(&dir).expect("a scratch folder");
    dir
}

/// The facts of one kind, without its keyword.
fn facts(kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("tests/data/wasm_h.txt")).expect("the facts");
    text.lines().filter_map(|l| l.strip_prefix(kind)?.strip_prefix(' ')).map(str::to_owned).collect()
}

fn function_names() -> BTreeSet<String> {
    facts("fn").iter().filter_map(|f| Some(f.split_once(':')?.0.to_owned())).collect()
}

fn run(compiler: &str, args: &[&str], include: &Path, source: &Path) -> Output {
    Command::new(compiler)
        .args(args)
        .arg("-I")
        .arg(include)
        .arg(source)
        .output()
        .unwrap_or_else(|e| panic!("no C compiler `{compiler}`: {e}"))
}

/// Names of the functions that a header declares (and does not define), as the compiler sees them.
fn declared(include: &Path) -> BTreeSet<String> {
    let source = scratch().join("list.c");
    std::fs::write(&source, "#include <stddef.h>\nint wasm_marker;\n#include \"wasm.h\"\n")
        .expect("a writable scratch folder");
    let out = run("cc", &["-E", "-P"], include, &source);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("preprocessed text");
    let text = text.split_once("wasm_marker;").expect("the marker").1;
    let mut names = BTreeSet::new();
    let mut depth = 0usize;
    let mut statement = String::new();
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                // A body ends a definition; the braces of a type are followed by the rest of its declaration.
                if depth == 0 && statement.contains('(') {
                    statement.clear();
                }
            }
            ';' if depth == 0 => {
                let declaration = statement.trim();
                if !declaration.starts_with("typedef")
                    && !declaration.contains("static")
                    && let Some((head, _)) = declaration.split_once('(')
                {
                    let name = head.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
                    if name.starts_with("wasm_") {
                        names.insert(name.to_owned());
                    }
                }
                statement.clear();
            }
            c if depth == 0 => statement.push(c),
            _ => {}
        }
    }
    names
}

/// The facts as a program that does not compile if one of them is wrong.
fn assertions() -> String {
    let mut c = String::from("#include \"wasm.h\"\n#include <assert.h>\n#include <stddef.h>\n");
    let mut same = |what: &str, expression: &str, ty: &str| {
        let _ = writeln!(c, "static_assert(_Generic({expression}, {ty}: 1, default: 0), \"{what}\");");
    };
    for fact in facts("fn").iter().chain(&facts("inline")) {
        let (name, ty) = fact.split_once(": ").expect("name: type");
        // Results are never functions, so the first parenthesis opens the list of parameters.
        let (result, params) = ty.split_at(ty.find('(').expect("a function type"));
        same(name, &format!("&{name}"), &format!("{result}(*){params}"));
    }
    for fact in facts("alias") {
        let (name, ty) = fact.split_once(" = ").expect("name = type");
        same(
            name,
            &format!("({name} *)0"),
            &if ty.contains("(*)") { ty.replacen("(*)", "(**)", 1) } else { format!("{ty} *") },
        );
    }
    for fact in facts("const") {
        let (name, rest) = fact.split_once(": ").expect("name: type = value");
        let (ty, _) = rest.split_once(" = ").expect("type = value");
        same(name, &format!("&{name}"), &format!("{ty} *"));
    }
    for fact in facts("value") {
        let _ = writeln!(c, "static_assert({}, \"{fact}\");", fact.replace(" = ", " == "));
    }
    for fact in facts("enum") {
        let _ = writeln!(c, "static_assert(sizeof(enum {fact}) == sizeof(int), \"{fact}\");");
    }
    for fact in facts("macro") {
        let _ = writeln!(c, "#ifndef {fact}\n#error \"{fact} is missing\"\n#endif");
    }
    for fact in facts("layout") {
        let (ty, rest) = fact.split_once(": ").expect("type: layout");
        for (i, part) in rest.split(", ").enumerate() {
            if i == 0 {
                let size = part.strip_prefix("sizeof ").expect("the size comes first");
                let _ = writeln!(c, "static_assert(sizeof({ty}) == {size}, \"size of {ty}\");");
                continue;
            }
            let (field, rest) = part.split_once(" at ").expect("field at offset as type");
            let (at, field_ty) = rest.split_once(" as ").expect("offset as type");
            let _ = writeln!(c, "static_assert(offsetof({ty}, {field}) == {at}, \"{ty}.{field}\");");
            let _ = writeln!(
                c,
                "static_assert(_Generic(&(({ty} *)0)->{field}, {}*: 1, default: 0), \"{ty}.{field}\");",
                spaced(field_ty)
            );
        }
    }
    c.push_str(
        "int main(void) { return wasm_limits_max_default == 0xffffffff && MEMORY_PAGE_SIZE == 0x10000 ? 0 : 1; }\n",
    );
    c
}

fn spaced(ty: &str) -> String {
    if ty.ends_with('*') { ty.to_owned() } else { format!("{ty} ") }
}

fn holds_the_facts(include: &Path, name: &str) {
    let source = scratch().join(format!("{name}.c"));
    std::fs::write(&source, assertions()).expect("a writable scratch folder");
    let out = run("cc", &["-std=gnu11", "-fsyntax-only"], include, &source);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let (found, wanted) = (declared(include), function_names());
    assert_eq!(
        found.difference(&wanted).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "declared by {name}, and not a known function"
    );
    assert_eq!(wanted.difference(&found).collect::<Vec<_>>(), Vec::<&String>::new(), "not declared by {name}");
}

#[test]
fn our_header_has_what_hosts_rely_on() {
    assert_eq!(function_names().len(), 293);
    assert_eq!(facts("inline").len(), 26);
    holds_the_facts(&root().join("include"), "ours");
}

#[test]
fn our_headers_compile_without_a_warning_in_c_and_cpp() {
    let text = "#include \"wasm.h\"\n#include \"wasi.h\"\n#include \"wasmx.h\"\n\
        int main(void) {\n\
          wasm_val_t values[] = {WASM_I32_VAL(1), WASM_I64_VAL(2), WASM_F32_VAL(3),\n\
                                 WASM_F64_VAL(4), WASM_REF_VAL(NULL), WASM_INIT_VAL};\n\
          wasm_val_vec_t all = WASM_ARRAY_VEC(values), none = WASM_EMPTY_VEC;\n\
          return all.size == 6 && none.size == 0 && values[1].of.i64 == 2 && values[3].of.f64 == 4 ? 0 : 1;\n\
        }\n";
    let dir = scratch();
    for (file, compiler, standards) in
        [("plain.c", "cc", &["-std=c99", "-std=c11"][..]), ("plain.cpp", "c++", &["-std=c++11", "-std=c++20"][..])]
    {
        let source = dir.join(file);
        std::fs::write(&source, text).expect("a writable scratch folder");
        for standard in standards {
            let args = [*standard, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"];
            let out = run(compiler, &args, &root().join("include"), &source);
            assert!(out.status.success(), "{compiler} {standard}: {}", String::from_utf8_lossy(&out.stderr));
        }
    }
}

/// The 18 functions of `wasi.h` that hosts know from elsewhere, as they know them.
const WASI: &[&str] = &[
    "void wasi_config_delete(wasi_config_t *)",
    "wasi_config_t *wasi_config_new(void)",
    "void wasi_config_inherit_network(wasi_config_t *)",
    "void wasi_config_allow_ip_name_lookup(wasi_config_t *, bool)",
    "bool wasi_config_set_argv(wasi_config_t *, size_t, const char *[])",
    "void wasi_config_inherit_argv(wasi_config_t *)",
    "bool wasi_config_set_env(wasi_config_t *, size_t, const char *[], const char *[])",
    "void wasi_config_inherit_env(wasi_config_t *)",
    "bool wasi_config_set_stdin_file(wasi_config_t *, const char *)",
    "void wasi_config_set_stdin_bytes(wasi_config_t *, wasm_byte_vec_t *)",
    "void wasi_config_inherit_stdin(wasi_config_t *)",
    "bool wasi_config_set_stdout_file(wasi_config_t *, const char *)",
    "void wasi_config_inherit_stdout(wasi_config_t *)",
    "void wasi_config_set_stdout_custom(wasi_config_t *, ptrdiff_t (*)(void *, const unsigned char *, size_t), void *, \
     void (*)(void *))",
    "bool wasi_config_set_stderr_file(wasi_config_t *, const char *)",
    "void wasi_config_inherit_stderr(wasi_config_t *)",
    "void wasi_config_set_stderr_custom(wasi_config_t *, ptrdiff_t (*)(void *, const unsigned char *, size_t), void *, \
     void (*)(void *))",
    "bool wasi_config_preopen_dir(wasi_config_t *, const char *, const char *, bool)",
];

/// What attaches a configuration to a store, and asks about it.
const WASI_ENV: &[&str] = &[
    "wasi_env_t *wasi_env_new(wasm_store_t *, wasi_config_t *)",
    "void wasi_env_delete(wasi_env_t *)",
    "wasi_version_t wasi_get_wasi_version(const wasm_module_t *)",
    "bool wasi_get_imports(wasm_store_t *, wasi_env_t *, const wasm_module_t *, wasm_extern_vec_t *)",
    "bool wasi_env_initialize_instance(wasi_env_t *, wasm_store_t *, wasm_instance_t *)",
    "wasm_func_t *wasi_get_start_function(wasm_instance_t *)",
    "bool wasi_env_exit_code(const wasi_env_t *, int *)",
    "size_t wasi_env_read_stdout(wasi_env_t *, char *, size_t)",
    "size_t wasi_env_read_stderr(wasi_env_t *, char *, size_t)",
];

/// A second declaration of another type is an error.
#[test]
fn wasi_h_declares_what_hosts_know() {
    let mut text = String::from("#include <stddef.h>\n#include \"wasi.h\"\n");
    for declaration in WASI.iter().chain(WASI_ENV) {
        let _ = writeln!(text, "extern {declaration};");
    }
    text.push_str("int main(void) { return WASI_SNAPSHOT1 == 2 && WASI_SNAPSHOT0 == 1 ? 0 : 1; }\n");
    let source = scratch().join("wasi.c");
    std::fs::write(&source, text).expect("a writable scratch folder");
    let out = run("cc", &["-std=c11", "-Wall", "-Werror", "-fsyntax-only"], &root().join("include"), &source);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    // Nothing else is declared.
    let out = run("cc", &["-E", "-P", "-DWASI_API_EXTERN=EXPORTED"], &root().join("include"), &source);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(text.matches("EXPORTED").count(), WASI.len() + WASI_ENV.len());
    assert_eq!(WASI.len(), 18);
}

/// The newest published copy that this machine has or can get. `cargo info` downloads that one package and compiles
/// nothing.
fn published() -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let _ = Command::new(cargo)
        .args(["info", "--quiet", "wasmtime-c-api-impl"])
        .current_dir(std::env::temp_dir())
        .env("CARGO_NET_RETRY", "0")
        .env("CARGO_HTTP_TIMEOUT", "10")
        .output();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let mut found = Vec::new();
    for registry in std::fs::read_dir(home.join("registry/src")).ok()?.flatten() {
        for package in std::fs::read_dir(registry.path()).into_iter().flatten().flatten() {
            let name = package.file_name().to_string_lossy().into_owned();
            if let Some(version) = name.strip_prefix("wasmtime-c-api-impl-")
                && package.path().join("include/wasm.h").is_file()
            {
                let version: Vec<u64> = version.split('.').filter_map(|n| n.parse().ok()).collect();
                found.push((version, package.path().join("include")));
            }
        }
    }
    found.into_iter().max().map(|(_, include)| include)
}

#[test]
fn the_published_header_agrees() {
    match published() {
        Some(include) => holds_the_facts(&include, "published"),
        None => eprintln!("no registry within reach: the published header was not compared"),
    }
}
