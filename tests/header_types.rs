//! The round trip: from the declarations of `include/wasm.h` back to Rust types, which the compiler then holds against the
//! functions themselves (`tests/data/wasm_h_types.in`, which is made from the header; `BLESS=1` rewrites it).
//!
//! Why not bindgen: it needs libclang where the tests run and takes longer to build than the library; the types of this
//! header are names, pointers and three function pointers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

// The header's types for every function, as constants that must type-check.
#[allow(dead_code)]
mod declarations {
    use std::ffi::c_void;
    use wasm::capi::*;
    include!("data/wasm_h_types.in");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A C type and the name declared with it.
struct Declared {
    ty: String,
    name: String,
}

/// Splits at commas outside parentheses.
fn list(text: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("at least one").push(c);
    }
    parts.retain(|p| !matches!(p.trim(), "" | "void"));
    parts
}

/// `const struct T *name` and its like, as Rust has them.
fn declared(text: &str) -> Declared {
    let text = text.trim();
    if let Some((result, rest)) = text.split_once("(*") {
        // A pointer to a function, which may be NULL.
        let (name, params) = rest.split_once(')').expect("the name of a function pointer");
        let params = params.trim().strip_prefix('(').and_then(|p| p.strip_suffix(')')).expect("its parameters");
        return Declared { ty: format!("Option<{}>", function(result, params)), name: name.to_owned() };
    }
    let spaced = text.replace('*', " * ");
    let mut words: Vec<&str> = spaced.split_whitespace().filter(|w| *w != "struct").collect();
    // A parameter has a name after its type; a result, or a parameter of a function pointer, may not.
    let base = words.iter().position(|w| *w != "const").expect("a type");
    let name =
        if words.len() > base + 1 && !matches!(words[words.len() - 1], "*" | "const") { words.pop() } else { None };
    let mut constant = base > 0;
    let mut ty = match words[base] {
        "void" => "c_void",
        "char" => "std::ffi::c_char",
        "_Bool" => "bool",
        "size_t" => "usize",
        "uint8_t" => "u8",
        "uint32_t" => "u32",
        other => other,
    }
    .to_owned();
    for word in &words[base + 1..] {
        match *word {
            "*" => {
                ty = format!("*{} {ty}", if constant { "const" } else { "mut" });
                constant = false;
            }
            "const" => constant = true,
            other => panic!("{other:?} in {text:?}"),
        }
    }
    Declared { ty, name: name.unwrap_or("").to_owned() }
}

fn function(result: &str, params: &str) -> String {
    let params: Vec<String> = list(params).iter().map(|p| declared(p).ty).collect();
    let result = declared(result).ty;
    let arrow = if result == "c_void" { String::new() } else { format!(" -> {result}") };
    format!("unsafe extern \"C\" fn({}){arrow}", params.join(", "))
}

/// The functions of the header, in its order, as Rust constants.
fn from_header() -> String {
    let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("header_types");
    std::fs::create_dir_all(&dir).expect("a scratch folder");
    let source = dir.join("all.c");
    std::fs::write(&source, "#include \"wasm.h\"\n").expect("a writable scratch folder");
    let mut cc = Command::new("cc");
    cc.args(["-E", "-P", "-DWASM_API_EXTERN=EXPORTED"]).arg("-I").arg(root().join("include")).arg(&source);
    let out = cc.output().expect("a C compiler");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("preprocessed text");
    let mut made = String::from("// Made from include/wasm.h by tests/header_types.rs.\n");
    for part in text.split("EXPORTED").skip(1) {
        let declaration =
            part.split(';').next().expect("a declaration").split_whitespace().collect::<Vec<_>>().join(" ");
        let (head, params) = declaration.split_once('(').expect("a function");
        let head = declared(head);
        let params = params.strip_suffix(')').expect("a closing parenthesis");
        // The result is Rust already, so only the parameters are still to be translated.
        let arrow = if head.ty == "c_void" { String::new() } else { format!(" -> {}", head.ty) };
        let ty = function("void", params) + &arrow;
        let _ = writeln!(made, "const _: {ty} = {};", head.name);
    }
    made
}

#[test]
fn every_function_has_the_type_that_the_header_gives_it() {
    let path = root().join("tests/data/wasm_h_types.in");
    let made = from_header();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &made).expect("a writable file");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == made, "tests/data/wasm_h_types.in is not what include/wasm.h says: run this test with BLESS=1");
    assert_eq!(made.lines().count(), 293 + 1);
}

/// What the compiler of C takes from the header, and the compiler of Rust from the code.
#[test]
fn layouts_are_those_of_the_standard() {
    use std::mem::{align_of, offset_of, size_of};
    use wasm::capi::*;
    macro_rules! vectors {
        ($($vec:ty)*) => {$(
            assert_eq!(size_of::<$vec>(), 2 * size_of::<*const u8>());
            assert_eq!((offset_of!($vec, size), offset_of!($vec, data)), (0, size_of::<usize>()));
        )*};
    }
    vectors! {
        wasm_byte_vec_t wasm_valtype_vec_t wasm_functype_vec_t wasm_globaltype_vec_t wasm_tabletype_vec_t
        wasm_memorytype_vec_t wasm_tagtype_vec_t wasm_externtype_vec_t wasm_importtype_vec_t wasm_exporttype_vec_t
        wasm_val_vec_t wasm_frame_vec_t wasm_extern_vec_t
    }
    assert_eq!((size_of::<wasm_val_t>(), align_of::<wasm_val_t>()), (16, 8));
    assert_eq!((offset_of!(wasm_val_t, kind), offset_of!(wasm_val_t, of)), (0, 8));
    assert_eq!((size_of::<wasm_limits_t>(), offset_of!(wasm_limits_t, max)), (8, 4));
    assert_eq!(wasm_valkind_enum::WASM_FUNCREF as u8, 129);
    assert_eq!(wasm_externkind_enum::WASM_EXTERN_TAG as u8, 4);
    assert_eq!(wasm_mutability_enum::WASM_VAR as u8, 1);
}
