//! Handlers of the numeric classes, made from the rows of the op table and the functions of `sem`.

use crate::code::op::op_rows;
use crate::interp::acc::Value;
use crate::interp::dispatch::{go, jump, op};
use crate::interp::operand::{Immediate, f16, get, i16, imm, set, target, word};

/// The semantic functions by instruction name.
mod sem {
    pub use crate::sem::{convert::*, float::*, int::*};
}

/// Stores the result, puts it in its accumulator and goes on.
macro_rules! result {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r = $r;
        set($pc, $fp, r);
        let (ia, fa) = Value::put(r, $ia, $fa);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, ia, fa)
    }};
}

macro_rules! int_binary {
    ([] $( ($w:ident $f:ident $t:ident $c:literal) [$ss:ident $si:ident $as_:ident $ai:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), get::<2, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
        op!($si(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), $t::from_i32(imm(pc))), 2, pc fp mb ml ctx ia fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            result!(sem::$f(ia as $t, get::<1, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
        op!($ai(pc fp mb ml ctx ia fa) {
            result!(sem::$f(ia as $t, $t::from_i32(imm(pc))), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(int_binary int_binary);

macro_rules! minus {
    ($( ($w:ident $f:ident $t:ident) [$ss:ident $as_:ident $sa:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), get::<2, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            result!(sem::$f($t::take(ia, fa), get::<1, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
        op!($sa(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), $t::take(ia, fa)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
macro_rules! int_sub { ([] $($rows:tt)*) => { minus! { $($rows)* } }; }
op_rows!(int_sub int_sub);
macro_rules! float_binary { ([] $($rows:tt)*) => { minus! { $($rows)* } }; }
op_rows!(float_binary float_binary);

macro_rules! int_div {
    ([] $( ($w:ident $f:ident $t:ident) [$ss:ident $si:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            match sem::$f(get::<1, $t>(pc, fp), get::<2, $t>(pc, fp)) {
                Ok(r) => result!(r, 2, pc fp mb ml ctx ia fa),
                Err(e) => jump!(super::control::raise_arith, pc, fp, mb, ml, ctx, e as u64, fa),
            }
        });
        op!($si(pc fp mb ml ctx ia fa) {
            match sem::$f(get::<1, $t>(pc, fp), $t::from_i32(imm(pc))) {
                Ok(r) => result!(r, 2, pc fp mb ml ctx ia fa),
                Err(e) => jump!(super::control::raise_arith, pc, fp, mb, ml, ctx, e as u64, fa),
            }
        });
    )* };
}
op_rows!(int_div int_div);

/// Branches by the offset field when the condition holds. Two dispatches, so that the processor predicts both ways.
macro_rules! branch {
    ($cond:expr, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {
        if $cond {
            go!(target($pc, imm($pc)), $fp, $mb, $ml, $ctx, $ia, $fa)
        } else {
            go!($pc.add(2), $fp, $mb, $ml, $ctx, $ia, $fa)
        }
    };
}
macro_rules! int_cmp {
    ([] $( ($w:ident $f:ident $t:ident $mirror:ident $inverse:ident)
        [$ss:ident $si:ident $as_:ident $ai:ident $br_ss:ident $br_si:ident $br_as:ident $br_ai:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), get::<2, $t>(pc, fp)) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($si(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), $t::from_i32(imm(pc))) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            result!(sem::$f(ia as $t, get::<1, $t>(pc, fp)) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($ai(pc fp mb ml ctx ia fa) {
            result!(sem::$f(ia as $t, $t::from_i32(imm(pc))) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($br_ss(pc fp mb ml ctx ia fa) {
            branch!(sem::$f(get::<0, $t>(pc, fp), get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
        op!($br_si(pc fp mb ml ctx ia fa) {
            branch!(sem::$f(get::<0, $t>(pc, fp), $t::from_i32(i16::<1>(pc) as i32)), pc fp mb ml ctx ia fa)
        });
        op!($br_as(pc fp mb ml ctx ia fa) {
            branch!(sem::$f(ia as $t, get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
        op!($br_ai(pc fp mb ml ctx ia fa) {
            branch!(sem::$f(ia as $t, $t::from_i32(i16::<1>(pc) as i32)), pc fp mb ml ctx ia fa)
        });
    )* };
}

op_rows!(int_cmp int_cmp);

macro_rules! float_cmp {
    ([] $( ($w:ident $f:ident $t:ident $mirror:ident)
        [$ss:ident $as_:ident $br_ss:ident $br_as:ident $brn_ss:ident $brn_as:ident] )*) => { $(
        op!($ss(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp), get::<2, $t>(pc, fp)) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($as_(pc fp mb ml ctx ia fa) {
            result!(sem::$f($t::take(ia, fa), get::<1, $t>(pc, fp)) as u32, 2, pc fp mb ml ctx ia fa)
        });
        op!($br_ss(pc fp mb ml ctx ia fa) {
            branch!(sem::$f(get::<0, $t>(pc, fp), get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
        op!($br_as(pc fp mb ml ctx ia fa) {
            branch!(sem::$f($t::take(ia, fa), get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
        op!($brn_ss(pc fp mb ml ctx ia fa) {
            branch!(!sem::$f(get::<0, $t>(pc, fp), get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
        op!($brn_as(pc fp mb ml ctx ia fa) {
            branch!(!sem::$f($t::take(ia, fa), get::<1, $t>(pc, fp)), pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(float_cmp float_cmp);

macro_rules! unary {
    ([] $( ($w:ident $f:ident $t:ident $r:ident) [$s:ident $a:ident] )*) => { $(
        op!($s(pc fp mb ml ctx ia fa) {
            result!(sem::$f(get::<1, $t>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
        op!($a(pc fp mb ml ctx ia fa) {
            result!(sem::$f($t::take(ia, fa)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(unary unary);

macro_rules! trunc {
    ([] $( ($w:ident $f:ident $t:ident $r:ident) [$s:ident] )*) => { $(
        op!($s(pc fp mb ml ctx ia fa) {
            match sem::$f(get::<1, $t>(pc, fp)) {
                Ok(r) => result!(r, 2, pc fp mb ml ctx ia fa),
                Err(e) => jump!(super::control::raise_arith, pc, fp, mb, ml, ctx, e as u64, fa),
            }
        });
    )* };
}
op_rows!(trunc trunc);

/// Stores both results and goes on.
macro_rules! pair {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let (low, high): (u64, u64) = $r;
        let dst = $fp.add(f16::<0>($pc));
        *dst = low;
        *dst.add(1) = high;
        go!($pc.add($words), $fp, $mb, $ml, $ctx, $ia, $fa)
    }};
}
macro_rules! int_wide2 {
    ([] $( ($w:ident $f:ident) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            pair!(sem::$f(get::<1, u64>(pc, fp), get::<2, u64>(pc, fp)), 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(int_wide2 int_wide2);

macro_rules! int_wide4 {
    ([] $( ($w:ident $f:ident) [$name:ident] )*) => { $(
        op!($name(pc fp mb ml ctx ia fa) {
            let d = *fp.add(word(pc, 2) as usize);
            let r = sem::$f(get::<1, u64>(pc, fp), get::<2, u64>(pc, fp), get::<3, u64>(pc, fp), d);
            pair!(r, 3, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(int_wide4 int_wide4);
