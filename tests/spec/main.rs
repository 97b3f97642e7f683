//! The official test suite, run against anything that can be a [`session::Session`].
//!
//! A suite is a directory of `.wast` scripts. [`script`] reads a script and turns each directive into calls on a
//! session and a comparison; a session is one store with its `spectest` host module, either the engine's Rust API or
//! the exported functions of the C library. [`suite`] names the selections and runs their files on all cores;
//! [`report`] counts, and compares the failures with the expected ones.
//!
//! # Environment
//! - `SPEC_FILTER=text`: only files whose `suite/name.wast` contains the text.
//! - `SPEC_TRACE=1`: print each directive before it runs, to find one that hangs or kills the process.
//! - `SPEC_THREADS=n`: how many files run at a time.
//! - `SPEC_COLLECT_ALWAYS=1`: the engine runner collects garbage before each object is made.

#[macro_use]
mod exotic;
#[macro_use]
mod suite;

mod capi;
mod engine;
mod report;
mod script;
mod session;
mod value;
