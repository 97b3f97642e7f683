//! Chooses how the interpreter dispatches: the tail-call chain needs an optimising build (LLVM turns the last call of
//! a handler into a jump from `opt-level=1` up), so at level 0 the same handlers run under a loop. Also says
//! whether the compiler, and what tells profilers of its code, can be built for the target, and how the command's functions lie
//! in its file.

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
    if let Some(script) = order() {
        println!("cargo:rustc-link-arg-bins=-Wl,-T,{script}");
    }
}

/// The script that puts the functions of a short run of the command next to each other (benches/start/order.py), if this is a build
/// to be used and its linker takes such scripts, which is tried.
fn order() -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok();
    let script = format!("{}/benches/start/order.ld", variable("CARGO_MANIFEST_DIR")?);
    if !Path::new(&script).exists() {
        return None;
    }
    println!("cargo:rerun-if-changed={script}");
    println!("cargo:rerun-if-env-changed=WASMX_UNORDERED");
    let target = variable("TARGET")?;
    let used = variable("PROFILE")? == "release"
        && variable("CARGO_FEATURE_CLI").is_some()
        && variable("WASMX_UNORDERED").is_none();
    if !used || variable("CARGO_CFG_TARGET_OS")? != "linux" || variable("HOST")? != target {
        return None;
    }
    let folder = variable("OUT_DIR")?;
    let source = format!("{folder}/order.rs");
    std::fs::write(&source, "fn main() {}").ok()?;
    let mut rustc = Command::new(variable("RUSTC")?);
    rustc.args([
        &source,
        "--target",
        &target,
        "-o",
        &format!("{folder}/order"),
        &format!("-Clink-arg=-Wl,-T,{script}"),
    ]);
    rustc.args(variable("RUSTC_LINKER").map(|linker| format!("-Clinker={linker}")));
    rustc.args(variable("CARGO_ENCODED_RUSTFLAGS")?.split('\x1f').filter(|flag| !flag.is_empty()));
    let status = rustc.stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then_some(script)
}
