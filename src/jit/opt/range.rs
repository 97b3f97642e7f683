//! What is known of the size of a value, as far as a few steps back tell.
#![forbid(unsafe_code)]

use crate::jit::ssa::ir::*;

/// How far back to look.
const STEPS: u32 = 6;

/// The largest number that a value can be, read as unsigned.
pub fn most(f: &Func, v: Value) -> u64 {
    bound(f, v, STEPS)
}

fn bound(f: &Func, v: Value, steps: u32) -> u64 {
    let v = f.resolve(v);
    let all = if f.ty(v).is_wide() { u64::MAX } else { u32::MAX as u64 };
    let (Some(i), Some(left)) = (f.def_inst(v), steps.checked_sub(1)) else { return all };
    let arg = |n: usize| bound(f, f.args(i)[n], left);
    let second = || f.as_const(f.resolve(f.args(i)[1]));
    let width = if f.ty(v).is_wide() { 64 } else { 32 };
    let known = match f.inst(i).op {
        Op::Const => f.inst(i).imm,
        Op::Cmp(_) | Op::FCmp(_) => 1,
        Op::Load(Width::U8) => u8::MAX as u64,
        Op::Load(Width::U16) => u16::MAX as u64,
        Op::Load(Width::U32) => u32::MAX as u64,
        Op::And => arg(0).min(arg(1)),
        Op::Or | Op::Xor => match arg(0) | arg(1) {
            0 => 0,
            bits => u64::MAX >> bits.leading_zeros(),
        },
        Op::ShrU => second().map_or(all, |n| arg(0) >> (n % width)),
        Op::Shl => second().and_then(|n| arg(0).checked_mul(1 << (n % width))).unwrap_or(all),
        Op::Add => arg(0).checked_add(arg(1)).unwrap_or(all),
        Op::Mul => arg(0).checked_mul(arg(1)).unwrap_or(all),
        Op::Zext => arg(0),
        Op::Wrap => match arg(0) {
            fits if fits <= u32::MAX as u64 => fits,
            _ => all,
        },
        Op::DivU => second().filter(|d| *d != 0).map_or(all, |d| arg(0) / d),
        Op::RemU => second().filter(|d| *d != 0).map_or(all, |d| d - 1),
        Op::Select => arg(0).max(arg(1)),
        Op::Clz | Op::Ctz | Op::Popcnt => width,
        _ => all,
    };
    // A sum that does not fit has wrapped.
    if known > all { all } else { known }
}
