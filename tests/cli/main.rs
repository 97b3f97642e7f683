//! The command `wasmx`, driven as people drive it: every subcommand, option, kind of failure and exit code.
//!
//! Modules are written as text where a test needs them, which is also what the command takes everywhere.

mod convert;
mod inspect;
mod manual;
mod profile;
mod refusals;
mod run;
mod system;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for the files of one test, emptied.
fn folder(test: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cli").join(test);
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("a scratch folder");
    dir
}

/// A module in a file of its own.
fn module(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).expect("a writable scratch folder");
    path
}

/// What a run of the command left.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The exit code and standard output, with nothing on standard error.
    fn quiet(self) -> (i32, String) {
        assert_eq!(self.err, "", "nothing to say");
        (self.code, self.out)
    }

    /// Succeeded without a word on standard error: what it printed.
    fn printed(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Ended with a code, with all parts in its message.
    fn failed(self, code: i32, parts: &[&str]) -> Ran {
        assert_eq!(self.code, code, "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "`{part}` is not in:\n{}", self.err);
        }
        self
    }
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wasmx"));
    command.env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

fn finish(command: &mut Command) -> Ran {
    let output = command.output().expect("the command starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("ended by {}", output.status));
    Ran { code, out: text(output.stdout), err: text(output.stderr) }
}

fn wasmx<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    finish(command().args(args))
}

/// With bytes on standard input.
fn wasmx_reading<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, input: impl AsRef<[u8]>) -> Ran {
    let mut child = command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A command that needs no input may be gone already.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_ref());
    let output = child.wait_with_output().expect("the command ends");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Words of a command line, the paths in it being what they stand for.
macro_rules! words {
    ($($word:expr),* $(,)?) => { [$(std::ffi::OsString::from($word)),*] };
}
use words;
