//! The library in processes that have ways of their own: a program that loads and unloads it while it runs, and one in Go,
//! whose runtime handles faults and preempts by signals. Hosts in C with signal handlers, small stacks and forks are
//! `c-tests/host_*.c`, which `c_api` runs.

mod common;

use std::process::Command;

use common::{cc, have, profile_dir, root, run, scratch, shared_library, stdout_of};

#[test]
fn library_can_be_unloaded_at_any_time() {
    let program = scratch("unload").join("unload");
    let mut command = cc();
    command.args(["-std=c11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I"]).arg(root().join("include"));
    run(command.arg(root().join("c-tests/unload/unload.c")).arg("-o").arg(&program).arg("-ldl"));
    let printed = stdout_of(Command::new(&program).arg(shared_library()));
    assert!(printed.ends_with(" after a guest\nstays after a deadline\n"), "{printed}");
    if have("valgrind") {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--quiet", "--error-exitcode=99"]).arg(&program).arg(shared_library());
        run(&mut valgrind);
    }
}

#[test]
fn guests_and_go_handle_their_own_faults() {
    if !Command::new("go").arg("version").output().is_ok_and(|o| o.status.success()) {
        println!("notice: Go is not installed, so its host is left out");
        return;
    }
    let program = scratch("process-go").join("faults");
    let library = shared_library().parent().expect("the library lies in a directory");
    let mut go = Command::new("go");
    go.args(["build", "-mod=mod", "-o"]).arg(&program).arg(".").current_dir(root().join("tests/process/go"));
    go.env("GOCACHE", profile_dir().join("go-cache")).env("GOPROXY", "off").env("GOTOOLCHAIN", "local");
    go.env("CGO_ENABLED", "1").env("CGO_CFLAGS", format!("-I{}", root().join("include").display()));
    go.env("CGO_LDFLAGS", format!("-L{0} -lwasm -Wl,-rpath,{0}", library.display()));
    run(&mut go);
    assert_eq!(stdout_of(&mut Command::new(&program)), "guests trap, and Go recovers\n");
}
