//! V8, by way of Node: a script that prints the same figures as our own children.

use std::path::{Path, PathBuf};
use std::process::Command;

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("guest.mjs")
}

fn node() -> String {
    std::env::var("NODE").unwrap_or_else(|_| "node".into())
}

/// The command line that measures a guest.
pub fn command(code: &Path, scale: i32) -> Command {
    let mut command = Command::new(node());
    command.arg(script()).arg(code).arg(scale.to_string());
    command
}

pub fn missing() -> Option<PathBuf> {
    let answers = Command::new(node()).arg("--version").output().is_ok_and(|out| out.status.success());
    (!answers).then(|| node().into())
}
