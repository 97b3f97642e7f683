//! Static single assignment form: what it is, how a body becomes it, how it is checked and printed.
#![forbid(unsafe_code)]

pub mod build;
pub mod dom;
pub mod ir;
mod ops;
pub mod print;
mod scan;
pub mod verify;
