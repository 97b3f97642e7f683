//! Installs the C side with CMake and builds somebody else's C and C++ projects against the installed tree: through
//! pkg-config and through find_package, shared and static. What is proven is the packaging, so the library is built with
//! the profile of the running test, in its target directory, where most of it already lies.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{cc, cxx, have, profile_dir, root, run, scratch, stdout_of};

const C_SAYS: &str = "40 + 2 = 42\n";
const CXX_SAYS: &str = "12 squared = 144, called\n";

fn cmake() -> Command {
    Command::new("cmake")
}

/// Configures, builds and installs into `prefix`.
fn install(dir: &Path) -> PathBuf {
    let (build, staging, prefix) = (dir.join("build"), dir.join("staging"), dir.join("prefix"));
    let profile_dir = profile_dir();
    let profile = match profile_dir.file_name().and_then(|n| n.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let target = profile_dir.parent().expect("a target directory");
    let mut configure = cmake();
    configure.arg("-S").arg(root()).arg("-B").arg(&build).arg(format!("-DLIBWASM_PROFILE={profile}"));
    configure.arg(format!("-DLIBWASM_TARGET_DIR={}", target.display()));
    // With the features of this test, so that what it has built serves here too.
    if cfg!(feature = "cli") {
        configure.arg("-DLIBWASM_FEATURES=default");
    } else {
        configure.args(["-DLIBWASM_COMMAND=OFF", "-DLIBWASM_FEATURES="]);
    }
    if let Some(cargo) = std::env::var_os("CARGO") {
        configure.arg(format!("-DCARGO={}", Path::new(&cargo).display()));
    }
    run(&mut configure);
    run(cmake().arg("--build").arg(&build));
    run(cmake().arg("--install").arg(&build).arg("--prefix").arg(&staging));
    // Moved after installation, because that must not matter.
    std::fs::rename(&staging, &prefix).expect("moving the installed tree");
    prefix
}

/// The directory of the prefix that holds the libraries: `lib`, `lib64` or one named after the architecture.
fn lib_dir(prefix: &Path) -> PathBuf {
    let found = stdout_of(Command::new("find").arg(prefix).args(["-name", "libwasm.a"]));
    Path::new(found.trim()).parent().expect("libwasm.a is installed").to_owned()
}

fn check_tree(prefix: &Path) {
    let lib = lib_dir(prefix);
    for header in ["wasm.h", "wasi.h", "wasmx.h"] {
        assert!(prefix.join("include").join(header).is_file(), "{header} is not installed");
    }
    if cfg!(target_os = "linux") {
        let link = |name: &str| std::fs::read_link(lib.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(link("libwasm.so"), Path::new("libwasm.so.0"));
        let full = format!("libwasm.so.{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(link("libwasm.so.0"), Path::new(&full));
        let dynamic = stdout_of(Command::new("readelf").arg("-d").arg(lib.join(&full)));
        assert!(dynamic.contains("Library soname: [libwasm.so.0]"), "{dynamic}");
    }
}

/// The command runs, and has its manual and completions beside it.
fn check_command(prefix: &Path) {
    if cfg!(not(feature = "cli")) {
        return;
    }
    let command = prefix.join("bin/wasmx");
    let version = concat!("wasmx ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(stdout_of(Command::new(&command).arg("--version")), version);
    let share = prefix.join("share");
    for file in [
        "man/man1/wasmx.1",
        "man/man1/wasmx-run.1",
        "bash-completion/completions/wasmx",
        "zsh/site-functions/_wasmx",
        "fish/vendor_completions.d/wasmx.fish",
    ] {
        let text = std::fs::read_to_string(share.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert!(text.contains("wasmx"), "{file}");
    }
}

fn says(program: &Path, prefix: &Path, expected: &str, linked: bool) {
    let printed = stdout_of(Command::new(program).env("LD_LIBRARY_PATH", lib_dir(prefix)));
    assert_eq!(printed, expected, "{}", program.display());
    if cfg!(target_os = "linux") {
        let dynamic = stdout_of(Command::new("readelf").arg("-d").arg(program));
        assert_eq!(dynamic.contains("[libwasm.so.0]"), linked, "{}:\n{dynamic}", program.display());
    }
}

/// The words `pkg-config` gives.
fn pkg_config(prefix: &Path, args: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", lib_dir(prefix).join("pkgconfig")).args(args).arg("libwasm");
    stdout_of(&mut command).split_whitespace().map(str::to_owned).collect()
}

fn through_pkg_config(dir: &Path, prefix: &Path) {
    assert_eq!(pkg_config(prefix, &["--modversion"]), [env!("CARGO_PKG_VERSION")]);
    let cflags = pkg_config(prefix, &["--cflags"]);
    let shared = pkg_config(prefix, &["--libs"]);
    // The linker takes libwasm.a where it is told to take archives.
    let fixed: Vec<String> = pkg_config(prefix, &["--static", "--libs"])
        .into_iter()
        .flat_map(|word| match word.as_str() {
            "-lwasm" => vec!["-Wl,-Bstatic".to_owned(), word, "-Wl,-Bdynamic".to_owned()],
            _ => vec![word],
        })
        .collect();
    for (name, libs, linked) in [("shared", &shared, true), ("static", &fixed, false)] {
        let program = dir.join(format!("c-{name}"));
        run(cc().arg(root().join("tests/install/c/main.c")).arg("-o").arg(&program).args(&cflags).args(libs));
        says(&program, prefix, C_SAYS, linked);
        let program = dir.join(format!("cxx-{name}"));
        let mut command = cxx();
        command.args(["-std=c++17", "-Wall", "-Wextra", "-Werror"]).arg(root().join("tests/install/cxx/main.cpp"));
        run(command.arg("-o").arg(&program).args(&cflags).args(libs));
        says(&program, prefix, CXX_SAYS, linked);
    }
}

fn through_find_package(dir: &Path, prefix: &Path) {
    let build = |project: &str, name: &str, args: &[&str]| {
        let build = dir.join(name);
        let mut configure = cmake();
        configure.arg("-S").arg(root().join("tests/install").join(project)).arg("-B").arg(&build).args(args);
        run(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())));
        run(cmake().arg("--build").arg(&build));
        build
    };
    let c = build("c", "outside-c", &[]);
    says(&c.join("shared"), prefix, C_SAYS, true);
    says(&c.join("static"), prefix, C_SAYS, false);
    let shared = build("cxx", "outside-cxx-shared", &["-DWANT_STATIC=OFF"]);
    says(&shared.join("program"), prefix, CXX_SAYS, true);
    let fixed = build("cxx", "outside-cxx-static", &["-DWANT_STATIC=ON"]);
    says(&fixed.join("program"), prefix, CXX_SAYS, false);
}

#[test]
fn outside_projects_build_against_the_installed_library() {
    let missing: Vec<&str> = ["cmake", "pkg-config", "readelf", "make"].into_iter().filter(|p| !have(p)).collect();
    if !missing.is_empty() {
        println!("notice: {missing:?} not installed, so the installation is not tried");
        return;
    }
    let dir = scratch("install");
    let prefix = install(&dir);
    check_tree(&prefix);
    check_command(&prefix);
    through_pkg_config(&dir, &prefix);
    through_find_package(&dir, &prefix);
}

#[test]
fn readme_shows_the_program_that_is_tested() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    let program = read("tests/install/c/main.c");
    let body = program
        .split_once("*/\n")
        .expect("an opening comment")
        .1
        .replace("#include <stdio.h>\n\n", "#include <stdio.h>\n");
    assert!(read("README.md").contains(&body), "README.md and tests/install/c/main.c have come apart");
}
