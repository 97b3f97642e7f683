//! What the command says, where, and with which exit code it ends.
//!
//! Results go to standard output, everything else to standard error. A reader that went away (`wasmx inspect | head`)
//! is no error to talk about: the command ends as if the signal had ended it.
#![forbid(unsafe_code)]

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};

/// A module that cannot be read, is invalid, or cannot be linked.
pub const FAILED: i32 = 1;
/// The command line makes no sense.
pub const USAGE: i32 = 2;
/// A bug of the command or the library.
pub const INTERNAL: i32 = 70;
/// The guest trapped: as a shell reports a program that called `abort`.
pub const TRAPPED: i32 = 134;
/// As a shell reports a program that SIGPIPE ended.
const BROKEN_PIPE: i32 = 141;

/// The exit code, or why there is nothing else to say.
pub type Outcome = Result<i32, Failure>;

/// How the command ends when it does not end well.
#[derive(Debug)]
pub enum Failure {
    /// An exit code, and one message to print after `wasmx: `.
    Message(i32, String),
    /// An exit code, and text to print as it is.
    Told(i32, String),
    /// Nobody reads standard output any more.
    BrokenPipe,
}

impl Failure {
    pub fn usage(text: impl Into<String>) -> Failure {
        Failure::Message(USAGE, text.into())
    }

    pub fn failed(text: impl Into<String>) -> Failure {
        Failure::Message(FAILED, text.into())
    }
}

/// An error while writing results.
impl From<io::Error> for Failure {
    fn from(e: io::Error) -> Failure {
        match e.kind() {
            ErrorKind::BrokenPipe => Failure::BrokenPipe,
            _ => Failure::failed(format!("cannot write to standard output: {}", reason(&e))),
        }
    }
}

/// What went wrong in the system's words, without the number.
pub fn reason(e: &io::Error) -> String {
    let text = e.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::from("unknown error"),
    }
}

/// Prints what is left to say and gives the exit code.
pub fn conclude(outcome: &Outcome) -> i32 {
    // Standard error may be closed, and then there is nobody to tell.
    match outcome {
        Ok(code) => *code,
        Err(Failure::Message(code, text)) => {
            say(text);
            *code
        }
        Err(Failure::Told(code, text)) => {
            let _ = io::stderr().write_all(text.as_bytes());
            *code
        }
        Err(Failure::BrokenPipe) => BROKEN_PIPE,
    }
}

/// A message on standard error, after the command's name.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{} {text}", paint(RED, "wasmx:"));
}

/// Writes to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// A panic is a bug: it is told in one line, and the exit code says so.
pub fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let said = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        let place = info.location().map(|l| format!(" at {}:{}", l.file(), l.line())).unwrap_or_default();
        say(&format!("internal error: {}{place}", said.unwrap_or("no message")));
    }));
}

const AUTO: u8 = 0;
const ALWAYS: u8 = 1;
const NEVER: u8 = 2;
static COLOR: AtomicU8 = AtomicU8::new(AUTO);

/// Obeys `--color`.
pub fn choose_color(when: Option<&str>) {
    let when = match when {
        Some("always") => ALWAYS,
        Some("never") => NEVER,
        _ => AUTO,
    };
    COLOR.store(when, Ordering::Relaxed);
}

pub const RED: &str = "1;31";
pub const BOLD: &str = "1";
pub const DIM: &str = "2";

/// The text in a colour, if standard error shows colours: on a terminal that is not dumb, unless `NO_COLOR` is set.
pub fn paint(code: &str, text: &str) -> String {
    let colored = match COLOR.load(Ordering::Relaxed) {
        ALWAYS => true,
        NEVER => false,
        _ => {
            let unset = |name: &str| std::env::var_os(name).is_none_or(|v| v.is_empty());
            unset("NO_COLOR") && io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
        }
    };
    if colored { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
