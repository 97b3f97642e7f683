//! `wasmx`, the command: runs modules, looks into them, and converts between binary and text.
#![forbid(unsafe_code)]

fn main() {}
