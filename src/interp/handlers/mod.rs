//! The handlers, one file per kind of instruction. Each is named after its op (`code::op`).

pub mod bulk;
pub mod call;
pub mod control;
pub mod mem;
pub mod num;
pub mod var;
