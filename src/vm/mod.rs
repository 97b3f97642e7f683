//! What the interpreter and machine code share at run time: the layout of objects and frames, traps, and the calls
//! from guest code into the library. `interp` and `jit` see this folder and never `runtime`.

pub mod array;
pub mod bulk;
pub mod gc;
pub mod layout;
#[cfg(jit)]
pub mod machine;
pub mod park;
pub mod trap;
pub mod wait;
