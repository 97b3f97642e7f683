//! The examples in `examples-wat/`: every command in the header of every file is run, and its output and exit status must
//! be those that stand below it. The table in the folder's README has to list each file as it describes itself.
//!
//! A header is the comment that a file opens with. Its first line is the title; of the rest, these lines have a meaning:
//!
//! ```text
//! ;; Teaches: what is new in the file
//! ;; $ a command for the shell
//! ;; > a line of its standard output
//! ;; ! a line of its standard error
//! ;; = its exit status, when not 0
//! ```
//!
//! The standard output is compared as a whole. The lines of standard error are its first ones: what follows them is the
//! backtrace of a trap. Without any, the command must write none.
//!
//! Commands run in an empty directory in which `examples-wat` is found, with `wasmx` on the path.

#![cfg(unix)]
#![forbid(unsafe_code)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples-wat")
}

#[derive(Debug, Default, PartialEq)]
struct Run {
    command: String,
    out: Vec<String>,
    err: Vec<String>,
    status: i32,
}

struct Example {
    /// The file's name.
    name: String,
    title: String,
    teaches: String,
    runs: Vec<Run>,
}

impl Example {
    fn parse(name: &str, text: &str) -> Result<Example, String> {
        let header = text.lines().take_while(|l| l.starts_with(";;"));
        let mut lines = header.map(|l| l[2..].strip_prefix(' ').unwrap_or(&l[2..]));
        let title = lines.next().filter(|t| !t.is_empty()).ok_or("no title")?.to_owned();
        let (mut teaches, mut runs, mut prose) = (String::new(), Vec::<Run>::new(), 0);
        for line in lines {
            let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
            match (mark, runs.last_mut()) {
                ("Teaches:", _) => teaches = rest.to_owned(),
                ("$", _) => runs.push(Run { command: rest.to_owned(), ..Run::default() }),
                (">" | "!" | "=", None) => return Err(format!("`{line}` has no command above it")),
                (">", Some(run)) => run.out.push(rest.to_owned()),
                ("!", Some(run)) => run.err.push(rest.to_owned()),
                ("=", Some(run)) => run.status = rest.parse().map_err(|e| format!("`{line}`: {e}"))?,
                (_, Some(_)) => return Err(format!("`{line}` stands below a command and has no mark")),
                ("", None) => {}
                (_, None) => prose += 1,
            }
        }
        if teaches.is_empty() {
            return Err("it does not say what it teaches".into());
        }
        if runs.is_empty() {
            return Err("there is no command".into());
        }
        if prose == 0 {
            return Err("nothing is explained".into());
        }
        Ok(Example { name: name.to_owned(), title, teaches, runs })
    }

    fn all() -> Vec<Example> {
        let mut names: Vec<String> = std::fs::read_dir(folder())
            .expect("the folder of examples")
            .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|n| n.ends_with(".wat"))
            .collect();
        names.sort();
        let read = |name: &String| {
            let text = std::fs::read_to_string(folder().join(name)).expect("an example");
            Example::parse(name, &text).unwrap_or_else(|e| panic!("{name}: {e}"))
        };
        names.iter().map(read).collect()
    }

    /// Runs all commands, one after the other in the same directory: what is not as the header says.
    fn breaches(&self) -> String {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples-wat").join(&self.name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("an empty directory");
        std::os::unix::fs::symlink(folder(), dir.join("examples-wat")).expect("a link to the examples");
        let mut breaches = String::new();
        for expected in &self.runs {
            let run = run(&expected.command, &dir, expected.err.len());
            if run != *expected {
                let _ = writeln!(breaches, "{}: expected\n  {expected:?}\nbut this came:\n  {run:?}", self.name);
            }
        }
        let left: Vec<_> =
            std::fs::read_dir(&dir).expect("the directory").map(|e| e.expect("an entry").path()).collect();
        if left != [dir.join("examples-wat")] {
            let _ = writeln!(breaches, "{}: the commands leave files: {left:?}", self.name);
        }
        breaches
    }
}

/// Runs a command; of standard error, so many lines count if it is at least one.
fn run(command: &str, dir: &Path, error_lines: usize) -> Run {
    let wasmx = Path::new(env!("CARGO_BIN_EXE_wasmx"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path =
        std::env::join_paths(wasmx.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path)));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(dir)
        .env("PATH", path.expect("a search path"))
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let lines = |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>();
    let mut err = lines(&output.stderr);
    if error_lines > 0 {
        err.truncate(error_lines);
    }
    Run {
        command: command.to_owned(),
        out: lines(&output.stdout),
        err,
        // A shell that a signal has ended matches nothing.
        status: output.status.code().unwrap_or(-1),
    }
}

#[test]
fn examples_do_what_their_headers_say() {
    let breaches: String = Example::all().iter().map(Example::breaches).collect();
    assert!(breaches.is_empty(), "{breaches}");
}

#[test]
fn examples_are_numbered_without_gaps() {
    let all = Example::all();
    assert!(all.len() >= 36);
    for (i, example) in all.iter().enumerate() {
        assert!(example.name.starts_with(&format!("{:02}-", i + 1)), "{} is number {}", example.name, i + 1);
    }
}

#[test]
fn the_readme_lists_each_example() {
    let readme = std::fs::read_to_string(folder().join("README.md")).expect("the README");
    let mut rows: Vec<&str> = readme.lines().filter(|l| l.starts_with("| [")).collect();
    for Example { name, title, teaches, .. } in Example::all() {
        let row = format!("| [{}]({name}) | {title} | {teaches} |", &name[..2]);
        match rows.iter().position(|r| *r == row) {
            Some(at) => drop(rows.remove(at)),
            None => panic!("the README lacks\n{row}"),
        }
    }
    assert!(rows.is_empty(), "the README lists what is not there: {rows:?}");
}

#[test]
fn examples_show_their_own_file() {
    for example in Example::all() {
        let file = format!("examples-wat/{}", example.name);
        assert!(
            example.runs.iter().any(|r| r.command.contains(&file)),
            "{} has no command with its name",
            example.name
        );
    }
}

#[test]
fn headers_are_read() {
    let example = Example::parse(
        "01-a.wat",
        ";; A title\n;; Teaches: x\n;;\n;; Why.\n;; $ a b\n;; > 1\n;; >\n;; ! e\n;; = 3\n\n;; > 2\n",
    );
    let example = example.expect("a header");
    let run = Run { command: "a b".into(), out: vec!["1".into(), String::new()], err: vec!["e".into()], status: 3 };
    assert_eq!((example.title.as_str(), example.teaches.as_str()), ("A title", "x"));
    assert_eq!(example.runs, [run]);
    for bad in
        ["", "(module)", ";; T\n;; > 1\n", ";; T\n;; Teaches: x\n", ";; T\n;; Teaches: x\n;; Why.\n;; $ a\n;; = b\n"]
    {
        assert!(Example::parse("01-a.wat", bad).is_err(), "{bad:?}");
    }
}
