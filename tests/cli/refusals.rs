//! What the command says when it is used wrongly or its files are no good, and how it behaves among other programs.

use crate::{command, finish, folder, module, wasmx, wasmx_reading, words};
use std::process::{Command, Stdio};

#[test]
fn files_that_cannot_be_read() {
    let dir = folder("files");
    for subcommand in ["run", "inspect", "validate", "wasm2wat", "objdump"] {
        wasmx([subcommand, "missing.wasm"]).failed(1, &["cannot read missing.wasm: no such file or directory"]);
        let ran = wasmx(words![subcommand, &dir]).failed(1, &["cannot read ", "it is a directory"]);
        assert_eq!(ran.err.lines().count(), 1);
    }
    let huge = dir.join("huge.wasm");
    std::fs::File::create(&huge).and_then(|f| f.set_len(3 << 30)).expect("a sparse file");
    wasmx([&huge]).failed(1, &["it has 3221225472 bytes"]);
    let empty = module(&dir, "empty.wasm", "");
    wasmx([&empty]).failed(1, &["expected at least one module field"]);
    let zeros = dir.join("zeros.wasm");
    std::fs::write(&zeros, [0; 64]).expect("a file");
    wasmx([&zeros]).failed(1, &["invalid module: magic header not detected"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let secret = module(&dir, "secret.wasm", "(module)");
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0)).expect("permissions");
        // Nothing is unreadable to the superuser.
        if std::fs::read(&secret).is_err() {
            wasmx([&secret]).failed(1, &["permission denied"]);
        }
    }
}

#[test]
fn usage_errors_are_2() {
    wasmx::<&str>([]).failed(2, &["Usage: wasmx"]);
    wasmx(["run"]).failed(2, &["<FILE>"]);
    wasmx(["--frob", "x.wasm"]).failed(2, &["--frob"]);
    wasmx(["run", "--fuel", "lots", "x.wasm"]).failed(2, &["lots"]);
    wasmx(["inspect", "--json", "--json", "x.wasm"]).failed(2, &["--json"]);
    wasmx(["completions"]).failed(2, &["SHELL"]);
    wasmx(["help", "frob"]).failed(2, &["frob"]);
}

#[test]
fn every_subcommand_has_help() {
    let all = wasmx(["--help"]).printed();
    assert!(all.contains("Usage: wasmx") && all.contains("--color"));
    for name in ["run", "batch", "inspect", "validate", "features", "wat2wasm", "wasm2wat", "objdump", "completions"] {
        assert!(all.contains(name), "{name}");
        let long = wasmx([name, "--help"]).printed();
        assert!(long.contains(&format!("Usage: wasmx {name}")), "{long}");
        assert_eq!(wasmx(["help", name]).printed(), long);
        assert!(wasmx([name, "-h"]).printed().len() <= long.len());
    }
    let run = wasmx(["run", "--help"]).printed();
    for part in ["--dir", "--env-inherit", "--listen", "--max-table", "Exit status:", "134", "Examples:"] {
        assert!(run.contains(part), "{part}");
    }
    let version = concat!("wasmx ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(wasmx(["--version"]).printed(), version);
    assert_eq!(wasmx(["-V"]).printed(), version);
}

#[test]
fn colour_is_for_terminals() {
    let red = "\x1b[1;31mwasmx:\x1b[0m";
    let ran = wasmx(["inspect", "missing.wasm"]);
    assert!(ran.err.starts_with("wasmx: "), "{}", ran.err);
    let ran = wasmx(["--color", "always", "inspect", "missing.wasm"]);
    assert!(ran.err.starts_with(red), "{}", ran.err);
    let ran = wasmx(["inspect", "--color=never", "missing.wasm"]);
    assert!(ran.err.starts_with("wasmx: "), "{}", ran.err);
    wasmx(["--color", "pink", "inspect", "missing.wasm"]).failed(2, &["pink"]);
    // `script` gives it a terminal.
    let line = format!("{} inspect missing.wasm", env!("CARGO_BIN_EXE_wasmx"));
    let on_terminal = |variable: Option<(&str, &str)>| {
        let mut script = Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").env_remove("NO_COLOR").stdin(Stdio::null());
        script.envs(variable);
        script.output().ok().map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
    };
    match on_terminal(None) {
        Some(shown) => assert!(shown.contains(red), "{shown:?}"),
        None => return println!("notice: script is not installed, so nothing is tried on a terminal"),
    }
    for variable in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let shown = on_terminal(Some(variable)).unwrap_or_default();
        assert!(shown.contains("wasmx: cannot") && !shown.contains(red), "{shown:?}");
    }
}

#[test]
fn progress_is_shown_on_a_terminal() {
    let exe = env!("CARGO_BIN_EXE_wasmx");
    let line = format!("(sleep 1.4; echo '(module)') | {exe} validate -");
    let Ok(output) = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output() else {
        return println!("notice: script is not installed, so nothing is tried on a terminal");
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.contains("wasmx: loading standard input: 1 s"), "{shown:?}");
    assert!(shown.ends_with("standard input: valid\r\n"), "{shown:?}");
    let ran = finish(Command::new("sh").arg("-c").arg(&line).stdin(Stdio::null()));
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("standard input: valid\n", ""));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = folder("pipe");
    let many: String = (0..20_000).map(|i| format!("(func (export \"function{i}\"))")).collect();
    let file = module(&dir, "many.wat", &format!("(module {many})"));
    for subcommand in ["inspect", "wasm2wat", "objdump"] {
        let mut child = command()
            .args(words![subcommand, &file])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{subcommand}");
        assert_eq!(output.status.code(), Some(141), "{subcommand}");
    }
}

#[test]
fn output_that_cannot_be_written() {
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let ran = command().args(["features"]).stdout(full).output().expect("the command");
        assert_eq!(ran.status.code(), Some(1));
        let text = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(text, "wasmx: cannot write to standard output: no space left on device\n");
    }
    let _ = wasmx_reading(["features"], "ignored").printed();
}
