//! The handlers, one file per kind of instruction. Each is named after its op (`code::op`).

pub mod atomic;
pub mod bulk;
pub mod call;
pub mod canon;
pub mod control;
pub mod exception;
pub mod fuel;
pub mod fused;
pub mod gc;
pub mod lookup;
#[cfg(jit)]
pub mod machine;
pub mod mem;
pub mod num;
#[cfg(jit)]
pub mod tier;
pub mod var;

/// Defines a handler of a vector instruction, as `op` does, for the instruction set that the build is for.
macro_rules! vop {
    ($($handler:tt)*) => { crate::interp::dispatch::lone_op! { $($handler)* } };
}
pub mod simd;

// The same again for x86-64 processors since about 2009, which have most of what the vector instructions ask for.
#[cfg(target_arch = "x86_64")]
macro_rules! vop {
    ($($handler:tt)*) => {
        crate::interp::dispatch::lone_op! {
            #[target_feature(enable = "ssse3,sse4.1,sse4.2,popcnt")]
            $($handler)*
        }
    };
}
#[cfg(target_arch = "x86_64")]
#[path = "simd.rs"]
pub mod simd_v2;
