//! Static single assignment form: what it is, how a body becomes it, how it is checked and printed.
#![forbid(unsafe_code)]

pub mod build;
pub mod copies;
pub mod dom;
pub mod ir;
pub mod op;
pub mod print;
pub mod vector;
pub mod verify;
