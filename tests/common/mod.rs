//! What the tests of the C library share: the built `libwasm.so`, the C compiler, and running commands.
//!
//! The library is built by cargo itself, in the target directory and profile of the running test, as its own crate type
//! (the package declares only an rlib, see Cargo.toml). It is built once per test program; cargo makes that a no-op
//! when nothing changed.

#![allow(dead_code)] // each test program uses its part

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directory of this build's final artifacts, such as `target/debug`.
pub fn profile_dir() -> PathBuf {
    let exe = std::env::current_exe().expect("the path of this test program");
    let deps = exe.parent().expect("a test program lies in a directory");
    deps.parent().expect("test programs lie in `deps`").to_owned()
}

/// A directory of scratch files for one purpose, emptied.
pub fn scratch(purpose: &str) -> PathBuf {
    let dir = profile_dir().join("c-api").join(purpose);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a scratch directory under the target directory");
    dir
}

/// Builds `libwasm.so` and returns where it lies.
pub fn shared_library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("cdylib", "libwasm.so"))
}

/// Builds `libwasm.a` and returns where it lies.
pub fn static_library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| build("staticlib", "libwasm.a"))
}

fn build(crate_type: &str, file: &str) -> PathBuf {
    let profile_dir = profile_dir();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["rustc", "--quiet", "--lib", "--crate-type", crate_type]);
    cargo.arg("--target-dir").arg(profile_dir.parent().expect("a target directory"));
    if cfg!(feature = "jit") {
        cargo.args(["--features", "jit"]);
    }
    match profile_dir.file_name().and_then(|n| n.to_str()) {
        Some("debug") | None => {}
        Some(profile) => {
            cargo.args(["--profile", profile]);
        }
    }
    if crate_type == "cdylib" && cfg!(target_os = "linux") {
        // As an installed library has it, so that both builds are one.
        cargo.args(["--", "-C", "link-arg=-Wl,-soname,libwasm.so.0"]);
    }
    run(&mut cargo);
    // Keep a copy under its own directory: cargo's own name for it is not promised to stay when other types are built.
    let dir = profile_dir.join("c-api").join("lib");
    std::fs::create_dir_all(&dir).expect("a directory for the library");
    let built = profile_dir.join(file);
    let kept = dir.join(file);
    let fresh = dir.join(format!("{file}.{}", std::process::id()));
    std::fs::copy(&built, &fresh).unwrap_or_else(|e| panic!("{}: {e}", built.display()));
    std::fs::rename(&fresh, &kept).expect("replacing the library");
    #[cfg(unix)]
    if crate_type == "cdylib" {
        let _ = std::os::unix::fs::symlink(file, dir.join("libwasm.so.0"));
    }
    kept
}

/// The C compiler: `$CC`, or `cc`.
pub fn cc() -> Command {
    compiler("CC", "cc")
}

/// The C++ compiler: `$CXX`, or `c++`.
pub fn cxx() -> Command {
    compiler("CXX", "c++")
}

fn compiler(variable: &str, default: &str) -> Command {
    let value = std::env::var(variable).unwrap_or_else(|_| default.to_owned());
    let mut words = value.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(default));
    command.args(words);
    command
}

/// Whether a program can be started at all.
pub fn have(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

/// The libraries a program needs besides `libwasm.a`.
pub fn static_system_libraries() -> &'static [&'static str] {
    &["-lpthread", "-ldl", "-lm"]
}

/// Runs to success, or panics with everything the command said.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{}: {e}", describe(command)));
    if !output.status.success() {
        panic!(
            "{}\n{}\n--- stdout\n{}\n--- stderr\n{}",
            describe(command),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    output
}

/// The standard output of a command that succeeds.
pub fn stdout_of(command: &mut Command) -> String {
    String::from_utf8(run(command).stdout).expect("output in UTF-8")
}

fn describe(command: &Command) -> String {
    let words: Vec<OsString> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(Into::into).collect();
    words.iter().map(|w| w.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
