//! The other tests again, on a system that cannot resolve a path in one step: a directory at a time then, by `cap-std`.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

#[test]
fn everything_works_without_openat2() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let helper = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_openat2");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = Command::new(compiler).arg("-o").arg(&helper).arg(root.join("tests/wasi/no_openat2.c")).status();
    if !built.is_ok_and(|status| status.success()) {
        eprintln!("no C compiler: not tested");
        return;
    }
    let this = std::env::current_exe().expect("the name of this program");
    let ran = Command::new(&helper).arg(this).args(["--skip", "without_openat2"]).output().expect("a run");
    if ran.status.code() == Some(77) {
        eprintln!("no filters for system calls here: not tested");
        return;
    }
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
}
