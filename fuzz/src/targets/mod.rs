//! Fuzz targets: functions that do with some bytes what a hostile host or guest would, and must not crash, panic or go on for long.
//! Each can be run by libFuzzer (`fuzz_targets/`), by the driver of this folder (`src/bin/hunt.rs`), which makes the bytes from
//! seeds, and for a second by the tests of the main package, which include this file; so it names no other crate than `wasm`.

#![allow(dead_code)]

pub mod calls;
pub mod engines;
pub mod image;
pub mod module;
pub mod source;
pub mod text;

use crate::plan::Rng;

/// A fuzz target.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
    /// Bytes worth trying, from a seed.
    pub make: fn(&mut Rng) -> Vec<u8>,
}

pub const TARGETS: &[Target] = &[
    Target { name: "module", run: module::run, make: module::make },
    Target { name: "text", run: text::run, make: text::make },
    Target { name: "image", run: image::run, make: image::make },
    Target { name: "calls", run: calls::run, make: source::make },
    Target { name: "misuse", run: calls::run_misuse, make: source::make },
    Target { name: "engines", run: engines::run, make: module::make },
];
