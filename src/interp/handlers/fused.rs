//! Handlers of fused pairs (`code::op_fused`): the body of one instruction, going on with the body of the next.

use super::{call::*, control::*, mem::*, num::*, var::*};
use crate::code::op_fused::fused_rows;
use crate::interp::dispatch::{Then, entry};

macro_rules! fused {
    ([] $( ($first:ident $second:ident) [$both:ident] )*) => { $(
        entry!($both, $first, Then<$second>);
    )* };
}
fused_rows!(fused fused);
