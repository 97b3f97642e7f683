//! The vocabulary of function bodies, straight from `wasmparser`.
//!
//! Translation reads operators as the parser makes them; wrapping some six hundred of them would add nothing. This
//! file is the whole surface: outside of `module` nobody names the parser.

pub use wasmparser::{
    BinaryReader, BlockType, BrTable, Catch, FrameKind, FrameStack, HeapType as OpHeapType, Ieee32, Ieee64, MemArg,
    MemArgTarget, Operator, Ordering, RefType as OpRefType, TryTable, UnpackedIndex, V128 as OpV128,
    ValType as OpValType, VisitOperator, VisitSimdOperator, for_each_visit_operator, for_each_visit_simd_operator,
};

/// Whether an operator opens a block, which an `End` or a `Delegate` closes.
pub fn opens(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(op, Block { .. } | Loop { .. } | If { .. } | TryTable { .. } | Try { .. })
}
