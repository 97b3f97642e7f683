//! Small shared types with no knowledge of WebAssembly's structure.

#![forbid(unsafe_code)]

mod chunked;
mod sort;
mod v128;

pub use chunked::Chunked;
pub use sort::sort_by_key;
pub use v128::V128;

use std::borrow::Cow;

/// A text for a message, cut if it is long. Names in modules may be of any length, and go into messages; nobody reads more than
/// this of one.
pub fn short(text: &str) -> Cow<'_, str> {
    const MOST: usize = 500;
    match text.len() {
        0..=MOST => Cow::Borrowed(text),
        _ => Cow::Owned(format!("{}...", &text[..text.floor_char_boundary(MOST)])),
    }
}
