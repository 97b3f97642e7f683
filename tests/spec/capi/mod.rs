//! A session that knows nothing but the exported C functions of a shared library.
//!
//! Values that `wasm.h` has no kind for travel through adapter modules (see [`adapter`]); everything else goes
//! straight through `wasm_func_call` and `wasm_global_get`.
//!
//! # Environment
//! - `LIBWASM_SO`: the library to test; by default ours is built first.
//! - `SPEC_WITHOUT_HOST_REFS`: never make a host object, for a library that has no `wasm_foreign_new` to speak of.

pub mod adapter;
pub mod ffi;
mod session;

#[path = "../../common/mod.rs"]
mod common;

use crate::session::{Engine, Mode, Session};
use ffi::Api;
use std::sync::OnceLock;

/// The loaded library.
pub struct Library {
    api: Api,
    host_refs: bool,
}

/// Engines of it that run guests in one way.
struct Runs(Mode);

impl Engine for Runs {
    fn session(&self, without: &[&str]) -> Box<dyn Session + '_> {
        let library = library();
        Box::new(session::CSession::new(&library.api, without, library.host_refs, self.0))
    }
}

/// The library under test, built and loaded once per process.
fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let path = std::env::var_os("LIBWASM_SO").unwrap_or_else(|| common::shared_library().into());
        // SAFETY: the file implements `wasm.h`: that is what it is here to show.
        let api = unsafe { Api::load(&path) }.unwrap_or_else(|e| panic!("cannot load {}: {e}", path.display()));
        Library { api, host_refs: std::env::var_os("SPEC_WITHOUT_HOST_REFS").is_none() }
    })
}

crate::all_suites! { "C API", &Runs(Mode::Interpreter) }

crate::exotic_tests! { &Runs(Mode::Interpreter) }

#[cfg(feature = "jit")]
mod eager {
    use super::{Mode, Runs};
    crate::all_suites! { "C API, compiled at load", &Runs(Mode::Eager) }
}

#[cfg(feature = "jit")]
mod tiering {
    use super::{Mode, Runs};
    crate::all_suites! { "C API, compiled when hot", &Runs(Mode::Tiering) }
}
