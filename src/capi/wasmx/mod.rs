//! `wasmx.h`: what the standard lacks, one file per topic.
//!
//! What the types of `wasm.h` can carry goes through them: a `wasm_ref_t` may be a structure or an exception, a
//! `wasm_valtype_t` any value type, a `wasm_extern_t` a tag. What they cannot carry (`v128`) or not fast enough goes
//! through the raw values of [`raw`].

mod allocator;
mod caller;
mod config;
mod fuel;
mod globals;
mod heap;
mod interrupt;
mod limits;
mod objects;
mod profile;
mod quotas;
mod raw;
mod shared;
mod stats;
mod tags;
mod text;
mod tier;
mod trapinfo;
mod types;
mod valtypes;
#[cfg(all(feature = "wasi", unix))]
mod wasi;

pub use allocator::*;
pub use caller::*;
pub use config::*;
pub use fuel::*;
pub use globals::*;
pub use heap::*;
pub use interrupt::*;
pub use limits::*;
pub use objects::*;
pub use profile::*;
pub use quotas::*;
pub use raw::*;
pub use shared::*;
pub use stats::*;
pub use tags::*;
pub use text::*;
pub use tier::*;
pub use trapinfo::*;
pub use types::*;
pub use valtypes::*;
#[cfg(all(feature = "wasi", unix))]
pub use wasi::*;
