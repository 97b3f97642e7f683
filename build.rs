//! Chooses how the interpreter dispatches: the tail-call chain needs an optimising build (LLVM turns the last call of
//! a handler into a jump from `opt-level=1` up), so at level 0 the same handlers run under a loop. Also says
//! whether the compiler, and what tells profilers of its code, can be built for the target, whether the linker folds functions
//! with the same code into one (as many handlers and instances of generic functions are), and how the command's functions lie in
//! its file.

use std::path::Path;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo:rustc-check-cfg=cfg(dispatch_loop)");
    println!("cargo:rustc-check-cfg=cfg(jit)");
    println!("cargo:rustc-check-cfg=cfg(profile)");
    println!("cargo:rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    let arch = std::env::var("CARGO_CFG_TARGET_ARCH").unwrap_or_default();
    let tail_calls = level != "0" && (arch == "x86_64" || arch == "aarch64");
    if !tail_calls || std::env::var_os("CARGO_FEATURE_LOOP_DISPATCH").is_some() {
        println!("cargo:rustc-cfg=dispatch_loop");
    }
    let unix = std::env::var_os("CARGO_CFG_UNIX").is_some();
    if std::env::var_os("CARGO_FEATURE_JIT").is_some() && arch == "x86_64" && unix {
        println!("cargo:rustc-cfg=jit");
        let linux = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux" || os == "android");
        if linux && std::env::var_os("CARGO_FEATURE_PROFILE").is_some() {
            println!("cargo:rustc-cfg=profile");
        }
    }
    if is_release_for_linux() {
        if linker_takes("--icf=all") {
            println!("cargo:rustc-link-arg=-Wl,--icf=all");
        }
        if let Some(script) = order() {
            println!("cargo:rustc-link-arg-bins=-Wl,-T,{script}");
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether this is a build to be used, for the system it is made on, where the linker can be tried.
fn is_release_for_linux() -> bool {
    let is = |name: &str, value: &str| variable(name).is_some_and(|v| v == value);
    is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && variable("HOST") == variable("TARGET")
}

/// The script that puts the functions of a short run of the command next to each other (benches/start/order.py), if this is a build
/// of the command and its linker takes such scripts.
fn order() -> Option<String> {
    println!("cargo:rerun-if-env-changed=WASMX_UNORDERED");
    let script = format!("{}/benches/start/order.ld", variable("CARGO_MANIFEST_DIR")?);
    if !Path::new(&script).exists() {
        return None;
    }
    println!("cargo:rerun-if-changed={script}");
    let used = variable("CARGO_FEATURE_CLI").is_some() && variable("WASMX_UNORDERED").is_none();
    (used && linker_takes(&format!("-T,{script}"))).then_some(script)
}

/// Tries the linker on a program that does nothing.
fn linker_takes(argument: &str) -> bool {
    let link = || {
        let folder = variable("OUT_DIR")?;
        let source = format!("{folder}/tried.rs");
        std::fs::write(&source, "fn main() {}").ok()?;
        let mut rustc = Command::new(variable("RUSTC")?);
        rustc.args([&source, "--target", &variable("TARGET")?, "-o", &format!("{folder}/tried")]);
        rustc.arg(format!("-Clink-arg=-Wl,{argument}"));
        rustc.args(variable("RUSTC_LINKER").map(|linker| format!("-Clinker={linker}")));
        rustc.args(variable("CARGO_ENCODED_RUSTFLAGS")?.split('\x1f').filter(|flag| !flag.is_empty()));
        rustc.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()
    };
    link().is_some_and(|status| status.success())
}
