//! The op names of each operation's forms, from the rows of the op table: what translation chooses among.

use crate::code::op::{Op, op_rows};

/// Binary integer operations.
pub struct IntBinary {
    pub commutes: bool,
    pub ss: Op,
    pub si: Op,
    pub as_: Op,
    pub ai: Op,
}

/// Subtraction and binary float operations.
pub struct Minus {
    pub ss: Op,
    pub as_: Op,
    pub sa: Op,
}

/// Division and remainder.
pub struct IntDiv {
    pub ss: Op,
    pub si: Op,
}

/// Integer comparisons and the branches fused with them.
pub struct IntCmp {
    pub ss: Op,
    pub si: Op,
    pub as_: Op,
    pub ai: Op,
    pub br_ss: Op,
    pub br_si: Op,
    pub br_as: Op,
    pub br_ai: Op,
    /// The comparison with its operands exchanged, and the negated one.
    pub mirror: &'static IntCmp,
    pub inverse: &'static IntCmp,
}

/// Float comparisons and the branches on their truth and falsity.
pub struct FloatCmp {
    pub ss: Op,
    pub as_: Op,
    pub br_ss: Op,
    pub br_as: Op,
    pub brn_ss: Op,
    pub brn_as: Op,
    pub mirror: &'static FloatCmp,
}

/// Operations on one operand.
pub struct Unary {
    pub s: Op,
    pub a: Op,
}

/// Loads.
pub struct Load {
    pub s: Op,
    pub a: Op,
    pub ss: Op,
    pub as_: Op,
    pub si: Op,
    pub ai: Op,
    pub g: Op,
}

/// Stores by width in bytes.
pub struct Store {
    pub width: u32,
    pub ss: Op,
    pub as_: Op,
    pub sa: Op,
    pub si: Op,
    pub sum: Op,
    pub far: Op,
    pub g: Op,
}

macro_rules! int_binary {
    ([] $( ($w:ident $f:ident $t:ident $c:literal) [$ss:ident $si:ident $as_:ident $ai:ident] )*) => { $(
        pub static $w: IntBinary =
            IntBinary { commutes: $c, ss: Op::$ss, si: Op::$si, as_: Op::$as_, ai: Op::$ai };
    )* };
}
macro_rules! minus {
    ([] $( ($w:ident $f:ident $t:ident) [$ss:ident $as_:ident $sa:ident] )*) => { $(
        pub static $w: Minus = Minus { ss: Op::$ss, as_: Op::$as_, sa: Op::$sa };
    )* };
}
macro_rules! int_div {
    ([] $( ($w:ident $f:ident $t:ident) [$ss:ident $si:ident] )*) => { $(
        pub static $w: IntDiv = IntDiv { ss: Op::$ss, si: Op::$si };
    )* };
}
macro_rules! int_cmp {
    ([] $( ($w:ident $f:ident $t:ident $mirror:ident $inverse:ident)
        [$ss:ident $si:ident $as_:ident $ai:ident $br_ss:ident $br_si:ident $br_as:ident $br_ai:ident] )*) => { $(
        pub static $w: IntCmp = IntCmp {
            ss: Op::$ss, si: Op::$si, as_: Op::$as_, ai: Op::$ai,
            br_ss: Op::$br_ss, br_si: Op::$br_si, br_as: Op::$br_as, br_ai: Op::$br_ai,
            mirror: &$mirror, inverse: &$inverse,
        };
    )* };
}
macro_rules! float_cmp {
    ([] $( ($w:ident $f:ident $t:ident $mirror:ident)
        [$ss:ident $as_:ident $br_ss:ident $br_as:ident $brn_ss:ident $brn_as:ident] )*) => { $(
        pub static $w: FloatCmp = FloatCmp {
            ss: Op::$ss, as_: Op::$as_, br_ss: Op::$br_ss, br_as: Op::$br_as,
            brn_ss: Op::$brn_ss, brn_as: Op::$brn_as, mirror: &$mirror,
        };
    )* };
}
macro_rules! unary {
    ([] $( ($w:ident $f:ident $t:ident $r:ident) [$s:ident $a:ident] )*) => { $(
        pub static $w: Unary = Unary { s: Op::$s, a: Op::$a };
    )* };
}
macro_rules! load {
    ([] $( ($w:ident $mem:ident $t:ident)
        [$s:ident $a:ident $ss:ident $as_:ident $si:ident $ai:ident $g:ident] )*) => { $(
        pub static $w: Load = Load {
            s: Op::$s, a: Op::$a, ss: Op::$ss, as_: Op::$as_, si: Op::$si, ai: Op::$ai, g: Op::$g,
        };
    )* };
}
macro_rules! trunc {
    ([] $( ($w:ident $f:ident $t:ident $r:ident) [$s:ident] )*) => { $(
        pub static $w: Op = Op::$s;
    )* };
}
macro_rules! store {
    ([] $( ($t:ident) [$ss:ident $as_:ident $sa:ident $si:ident $sum:ident $far:ident $g:ident] )*) => {
        /// Of 1, 2, 4 and 8 bytes.
        pub static STORES: [Store; 4] = [$(
            Store {
                width: size_of::<$t>() as u32, ss: Op::$ss, as_: Op::$as_, sa: Op::$sa, si: Op::$si, sum: Op::$sum, far: Op::$far, g: Op::$g,
            },
        )*];
    };
}

/// One static per operation, named as the operator.
#[allow(non_upper_case_globals)]
pub mod of {
    use super::*;
    op_rows!(int_binary int_binary);
    op_rows!(int_sub minus);
    op_rows!(float_binary minus);
    op_rows!(int_div int_div);
    op_rows!(int_cmp int_cmp);
    op_rows!(float_cmp float_cmp);
    op_rows!(unary unary);
    op_rows!(trunc trunc);
    op_rows!(load load);
    op_rows!(store store);
}
