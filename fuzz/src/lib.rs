//! Differential fuzzing: modules are generated, run in this project's engine and in Wasmtime, and what can be seen of the
//! two runs is compared. See README.md.

pub mod ours;
pub mod plan;
pub mod shapes;
pub mod shrink;
pub mod smith;
pub mod soak;
pub mod supervise;
pub mod targets;
pub mod theirs;
