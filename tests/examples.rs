//! Builds and runs the programs of `examples-c/` and `examples-ffi/` against the built `libwasm.so`, and compares what they
//! print, to the byte, with `expected/NAME.txt` beside them. The C and C++ programs are compiled with all warnings as
//! errors; hosts in Python and Go run where those languages are installed. `BLESS=1` rewrites the expected files.

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{cc, cxx, have, profile_dir, root, run, scratch, shared_library};

/// Programs of `examples-c/` with an extension, by their names.
fn programs(extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join("examples-c"))
        .expect("examples-c")
        .map(|entry| entry.expect("a readable directory entry").path())
        // The guest of host.c lies beside it.
        .filter(|path| path.extension().is_some_and(|e| e == extension) && !path.ends_with("formula.c"))
        .collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn library_dir() -> &'static Path {
    shared_library().parent().expect("the library lies in a directory")
}

/// Compiles a program into `out`.
fn compile(source: &Path, out: &Path, flags: &[&str]) -> PathBuf {
    let program = out.join(stem(source));
    let mut command = if source.extension().is_some_and(|e| e == "cpp") {
        let mut command = cxx();
        command.arg("-std=c++17");
        command
    } else {
        let mut command = cc();
        command.args(["-std=c11", "-pthread"]);
        command
    };
    let library = library_dir();
    command.args(["-O2", "-g", "-Wall", "-Wextra", "-Werror"]).args(flags);
    command.arg("-I").arg(root().join("include")).arg(source).arg("-o").arg(&program);
    command.arg("-L").arg(library).arg("-lwasm").arg(format!("-Wl,-rpath,{}", library.display()));
    run(&mut command);
    program
}

/// Runs a command in the package's root, and compares its output; what differs, or None.
fn compare(command: &mut Command, expected: &Path) -> Option<String> {
    let output = command.current_dir(root()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Some(format!("{command:?}: {}\n{printed}{complaint}", output.status));
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(expected, &printed).unwrap_or_else(|e| panic!("{}: {e}", expected.display()));
    }
    let wanted = std::fs::read_to_string(expected).unwrap_or_else(|e| panic!("{}: {e}", expected.display()));
    (printed != wanted).then(|| format!("{command:?} prints\n{printed}--- instead of\n{wanted}"))
}

fn expected(dir: &str, name: &str) -> PathBuf {
    root().join(dir).join("expected").join(format!("{name}.txt"))
}

#[test]
fn programs_print_what_they_should() {
    let out = scratch("examples");
    let mut failures = Vec::new();
    let (mut names, mut all) = (BTreeSet::new(), programs("c"));
    assert!(all.len() >= 10, "{all:?}");
    all.extend(programs("cpp"));
    for source in &all {
        names.insert(stem(source));
        let program = compile(source, &out, &[]);
        failures.extend(compare(&mut Command::new(program), &expected("examples-c", &stem(source))));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let left_over: Vec<String> = std::fs::read_dir(root().join("examples-c/expected"))
        .expect("examples-c/expected")
        .map(|entry| stem(&entry.expect("a readable directory entry").path()))
        .filter(|name| !names.contains(name))
        .collect();
    assert!(left_over.is_empty(), "expected output of no program: {left_over:?}");
}

/// The examples are copied by their readers, so they must be clean in the use of memory, too.
#[test]
fn programs_are_clean_under_sanitizers() {
    let out = scratch("examples-sanitized");
    let flags = ["-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    let mut failures = Vec::new();
    for source in programs("c").iter().chain(&programs("cpp")) {
        let program = compile(source, &out, &flags);
        let mut command = Command::new(program);
        command.env("ASAN_OPTIONS", "detect_leaks=1:exitcode=99");
        failures.extend(compare(&mut command, &expected("examples-c", &stem(source))));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The script that the README names, with a library that is built already.
#[test]
#[cfg(unix)]
fn script_builds_and_compares() {
    let mut script = Command::new("sh");
    script.arg(root().join("examples-c/run.sh")).args(["host", "hello", "raii"]);
    script.env("LIBWASM_DIR", library_dir()).env("CARGO_TARGET_DIR", scratch("examples-script"));
    let output = run(&mut script);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.ends_with("\nall 3 as expected\n"), "{printed}");
}

#[test]
fn python_host_prints_what_it_should() {
    if !have("python3") {
        println!("notice: Python is not installed, so its host is left out");
        return;
    }
    let mut python = Command::new("python3");
    python.args(["-B", "examples-ffi/python/host.py"]).env("LIBWASM", shared_library());
    let failure = compare(&mut python, &expected("examples-ffi", "python"));
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
}

#[test]
fn go_host_prints_what_it_should() {
    if !Command::new("go").arg("version").output().is_ok_and(|o| o.status.success()) {
        println!("notice: Go is not installed, so its host is left out");
        return;
    }
    let program = scratch("examples-go").join("host");
    let library = library_dir();
    let mut go = Command::new("go");
    go.args(["build", "-mod=mod", "-o"]).arg(&program).arg(".").current_dir(root().join("examples-ffi/go"));
    go.env("GOCACHE", profile_dir().join("go-cache")).env("GOPROXY", "off").env("GOTOOLCHAIN", "local");
    go.env("CGO_ENABLED", "1").env("CGO_CFLAGS", format!("-I{}", root().join("include").display()));
    go.env("CGO_LDFLAGS", format!("-L{0} -lwasm -Wl,-rpath,{0}", library.display()));
    run(&mut go);
    let failure = compare(Command::new(&program).arg("examples-ffi/guest.wat"), &expected("examples-ffi", "go"));
    assert!(failure.is_none(), "{}", failure.unwrap_or_default());
}

// ---------------------------------------------------------------------------------------------------------------------
// The programs in the documentation

/// The programs of `doc/embedding.md`, each with what it prints and where that stands: blocks of C, each followed by one of text.
fn programs_in(text: &str) -> Vec<(String, String, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("```c\n").map(|i| at + i + 5) {
        let end = start + text[start..].find("```\n").expect("the end of a program");
        let printed = end + 4;
        let opening = "```text\n";
        assert!(text[printed..].starts_with(opening), "no output below a program: {}", &text[start..end]);
        let printed = printed + opening.len();
        let last = printed + text[printed..].find("```").expect("the end of the output");
        found.push((text[start..end].to_owned(), text[printed..last].to_owned(), printed..last));
        at = last;
    }
    found
}

#[test]
fn programs_in_the_documentation_print_what_stands_below_them() {
    let path = root().join("doc/embedding.md");
    let mut text = std::fs::read_to_string(&path).expect("doc/embedding.md");
    let out = scratch("embedding");
    let found = programs_in(&text);
    assert!(found.len() >= 8, "{} programs", found.len());
    let mut failures = Vec::new();
    // From the end, so that what is rewritten moves nothing that is still to come.
    for (i, (program, expected, range)) in found.into_iter().enumerate().rev() {
        let source = out.join(format!("program{i}.c"));
        std::fs::write(&source, program).expect("a scratch file");
        let examples = format!("-I{}", root().join("examples-c").display());
        for flags in [&[][..], &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]] {
            let flags: Vec<&str> = [&[&*examples], flags].concat();
            let program = compile(&source, &out, &flags);
            let output = Command::new(&program).current_dir(root()).output().expect("the program runs");
            let printed = String::from_utf8_lossy(&output.stdout);
            if output.status.success() && std::env::var_os("BLESS").is_some() {
                text.replace_range(range.clone(), &printed);
                break;
            }
            if !output.status.success() || printed != expected {
                let complaint = String::from_utf8_lossy(&output.stderr);
                failures
                    .push(format!("program {i}: {}\n{printed}{complaint}--- instead of\n{expected}", output.status));
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &text).expect("a writable document");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
