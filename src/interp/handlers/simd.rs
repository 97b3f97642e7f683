//! Handlers of the vector classes (spec, "Vector Instructions"), made from the rows of the op table and the functions of
//! `sem`. A vector is read and written whole, so that it stays in a vector register between.
//!
//! This file is compiled once for each instruction set that `vop` is defined for (see `handlers`).

use super::mem::{at, locate, out_of_bounds};
use crate::code::op::op_rows;
use crate::interp::acc::Value;
use crate::interp::dispatch::{go, jump, trap};
use crate::interp::operand::{f16, get, get_vector, high32, peek, poke, set, set_vector, word};
use crate::util::V128;
use crate::vm::trap::TrapKind;

/// The semantic functions by instruction name.
mod sem {
    pub use crate::sem::{simd_float::*, simd_int::*, simd_lane::*};
    use crate::util::V128;

    /// A load that does no more than load.
    #[inline(always)]
    pub fn v128_load(v: V128) -> V128 {
        v
    }
}

/// Stores the vector that is the result and goes on.
macro_rules! to_vector {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        set_vector($pc, $fp, $r);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, $ia, $fa)
    }};
}

/// Stores a scalar result, puts it in its accumulator and goes on.
macro_rules! to_scalar {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r = $r;
        set($pc, $fp, r);
        let (ia, fa) = Value::put(r, $ia, $fa);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, ia, fa)
    }};
}

macro_rules! unary {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_vector!(sem::$f(get_vector::<1>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_unary unary);

macro_rules! binary {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_vector!(sem::$f(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_binary binary);

macro_rules! ternary {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            let r = sem::$f(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp), get_vector::<3>(pc, fp));
            to_vector!(r, 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_ternary ternary);

// Translation uses them only where the processor has the instructions.
macro_rules! fused {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        crate::interp::dispatch::lone_op! {
            #[cfg_attr(target_arch = "x86_64", target_feature(enable = "fma"))]
            $f(pc fp mb ml ctx ia fa) {
                let r = sem::$f(get_vector::<1>(pc, fp), get_vector::<2>(pc, fp), get_vector::<3>(pc, fp));
                to_vector!(r, 2, pc fp mb ml ctx ia fa)
            }
        }
    )* };
}
op_rows!(v128_fused fused);

macro_rules! shift {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_vector!(sem::$f(get_vector::<1>(pc, fp), get::<2, u32>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_shift shift);

macro_rules! test {
    ([] $( ($w:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_scalar!(sem::$f(get_vector::<1>(pc, fp)) as u32, 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_test test);

macro_rules! splat {
    ([] $( ($w:ident $t:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_vector!(sem::$f(get::<1, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_splat splat);

macro_rules! extract {
    ([] $( ($w:ident $t:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            to_scalar!(sem::$f(get_vector::<1>(pc, fp), f16::<2>(pc) as u8), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_extract extract);

macro_rules! replace {
    ([] $( ($w:ident $t:ident) [$f:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            let r = sem::$f(get_vector::<1>(pc, fp), f16::<3>(pc) as u8, get::<2, $t>(pc, fp));
            to_vector!(r, 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(v128_replace replace);

macro_rules! load {
    ([] $( ($w:ident $t:ident) [$f:ident $any:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            let p = at!(get::<1, u32>(pc, fp), high32(pc), size_of::<$t>(), pc fp mb ml ctx ia fa);
            to_vector!(sem::$f(peek::<$t>(p)), 2, pc fp mb ml ctx ia fa)
        });
        vop!($any(pc fp mb ml ctx ia fa) {
            match locate(ctx, f16::<2>(pc), get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Some(p) => to_vector!(sem::$f(peek::<$t>(p)), 3, pc fp mb ml ctx ia fa),
                None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(v128_load load);

macro_rules! load_lane {
    ([] $( ($w:ident $t:ident) [$f:ident $any:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            let p = at!(get::<1, u32>(pc, fp), word(pc, 2), size_of::<$t>(), pc fp mb ml ctx ia fa);
            let r = sem::$f(get_vector::<2>(pc, fp), f16::<3>(pc) as u8, peek::<$t>(p));
            to_vector!(r, 3, pc fp mb ml ctx ia fa)
        });
        vop!($any(pc fp mb ml ctx ia fa) {
            match locate(ctx, word(pc, 3) as usize, get::<1, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Some(p) => {
                    let r = sem::$f(get_vector::<2>(pc, fp), f16::<3>(pc) as u8, peek::<$t>(p));
                    to_vector!(r, 4, pc fp mb ml ctx ia fa)
                }
                None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
            }
        });
    )* };
}
op_rows!(v128_load_lane load_lane);

macro_rules! store_lane {
    ([] $( ($w:ident $t:ident) [$f:ident $any:ident] )*) => { $(
        vop!($f(pc fp mb ml ctx ia fa) {
            let p = at!(get::<0, u32>(pc, fp), word(pc, 2), size_of::<$t>(), pc fp mb ml ctx ia fa);
            poke(p, sem::$f(get_vector::<1>(pc, fp), f16::<3>(pc) as u8));
            go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
        });
        vop!($any(pc fp mb ml ctx ia fa) {
            match locate(ctx, word(pc, 3) as usize, get::<0, u64>(pc, fp), word(pc, 2), size_of::<$t>() as u64) {
                Some(p) => poke(p, sem::$f(get_vector::<1>(pc, fp), f16::<3>(pc) as u8)),
                None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
            }
            go!(pc.add(4), fp, mb, ml, ctx, ia, fa)
        });
    )* };
}
op_rows!(v128_store_lane store_lane);

vop!(v128_store(pc fp mb ml ctx ia fa) {
    let p = at!(get::<0, u32>(pc, fp), high32(pc), size_of::<V128>(), pc fp mb ml ctx ia fa);
    poke(p, get_vector::<1>(pc, fp));
    go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
});
vop!(v128_store_g(pc fp mb ml ctx ia fa) {
    match locate(ctx, f16::<2>(pc), get::<0, u64>(pc, fp), word(pc, 2), size_of::<V128>() as u64) {
        Some(p) => poke(p, get_vector::<1>(pc, fp)),
        None => trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa),
    }
    go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
});
