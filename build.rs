//! Chooses how the interpreter dispatches: the tail-call chain needs an optimising build (LLVM turns the last call of
//! a handler into a jump from `opt-level=1` up), so at level 0 the same handlers run under a loop. Also says
//! whether the compiler, and what tells profilers of its code, can be built for the target.

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
}
