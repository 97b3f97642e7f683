//! The vector operations of the intermediate form: one for each vector instruction that computes, made from the rows of the
//! op table that the interpreter's handlers are made from (`code::op_simd`). What each means is the function of `sem` of the same name.
//!
//! Memory is not among them: an access to a lane is a scalar access and a move of a lane, and a load that widens or splats is a
//! load followed by that; selection joins them again.
#![forbid(unsafe_code)]

use crate::code::op::op_rows;
use crate::module::ops::Operator;

/// A vector operation. Arguments are in order of the WebAssembly operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VOp {
    /// `imm` is the index among the function's vectors.
    Const,
    Unary(VUnary),
    Binary(VBinary),
    /// The relaxed one is the same.
    Swizzle,
    /// `imm` is the index of the picks among the function's vectors.
    Shuffle,
    Ternary(VTernary),
    Shift(VShift),
    /// To an `i32`.
    Test(VTest),
    Splat(VSplat),
    /// `imm` is the lane, in these two.
    Extract(VExtract),
    Replace(VReplace),
}

macro_rules! class {
    ([$(#[$doc:meta])* $name:ident] $( ($w:ident $($t:ident)?) [$f:ident] )*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($w),* }

        impl $name {
            pub fn of(op: &Operator<'_>) -> Option<$name> {
                match op {
                    $(Operator::$w { .. } => Some($name::$w),)*
                    _ => None,
                }
            }
        }
    };
}
op_rows!(v128_unary class VUnary);
op_rows!(v128_binary class VBinary);
op_rows!(v128_ternary class VTernary);
op_rows!(v128_shift class VShift);
op_rows!(v128_test class VTest);
op_rows!(v128_splat class VSplat);
op_rows!(v128_extract class VExtract);
op_rows!(v128_replace class VReplace);

impl VBinary {
    /// Whether the operands may change places. Not for float operations: which of two NaNs lends its payload is seen.
    pub fn is_commutative(self) -> bool {
        use VBinary::*;
        matches!(
            self,
            I8x16Eq
                | I8x16Ne
                | I16x8Eq
                | I16x8Ne
                | I32x4Eq
                | I32x4Ne
                | I64x2Eq
                | I64x2Ne
                | V128And
                | V128Or
                | V128Xor
                | I8x16Add
                | I8x16AddSatS
                | I8x16AddSatU
                | I8x16MinS
                | I8x16MinU
                | I8x16MaxS
                | I8x16MaxU
                | I8x16AvgrU
                | I16x8Q15MulrSatS
                | I16x8Add
                | I16x8AddSatS
                | I16x8AddSatU
                | I16x8Mul
                | I16x8MinS
                | I16x8MinU
                | I16x8MaxS
                | I16x8MaxU
                | I16x8AvgrU
                | I32x4Add
                | I32x4Mul
                | I32x4MinS
                | I32x4MinU
                | I32x4MaxS
                | I32x4MaxU
                | I32x4DotI16x8S
                | I64x2Add
                | I64x2Mul
                | I16x8ExtMulLowI8x16S
                | I16x8ExtMulHighI8x16S
                | I16x8ExtMulLowI8x16U
                | I16x8ExtMulHighI8x16U
                | I32x4ExtMulLowI16x8S
                | I32x4ExtMulHighI16x8S
                | I32x4ExtMulLowI16x8U
                | I32x4ExtMulHighI16x8U
                | I64x2ExtMulLowI32x4S
                | I64x2ExtMulHighI32x4S
                | I64x2ExtMulLowI32x4U
                | I64x2ExtMulHighI32x4U
                | I16x8RelaxedQ15mulrS
        )
    }

    /// Whether every lane of the result is all ones or all zeros.
    pub fn is_comparison(self) -> bool {
        use VBinary::*;
        matches!(
            self,
            I8x16Eq
                | I8x16Ne
                | I8x16LtS
                | I8x16LtU
                | I8x16GtS
                | I8x16GtU
                | I8x16LeS
                | I8x16LeU
                | I8x16GeS
                | I8x16GeU
                | I16x8Eq
                | I16x8Ne
                | I16x8LtS
                | I16x8LtU
                | I16x8GtS
                | I16x8GtU
                | I16x8LeS
                | I16x8LeU
                | I16x8GeS
                | I16x8GeU
                | I32x4Eq
                | I32x4Ne
                | I32x4LtS
                | I32x4LtU
                | I32x4GtS
                | I32x4GtU
                | I32x4LeS
                | I32x4LeU
                | I32x4GeS
                | I32x4GeU
                | I64x2Eq
                | I64x2Ne
                | I64x2LtS
                | I64x2GtS
                | I64x2LeS
                | I64x2GeS
                | F32x4Eq
                | F32x4Ne
                | F32x4Lt
                | F32x4Gt
                | F32x4Le
                | F32x4Ge
                | F64x2Eq
                | F64x2Ne
                | F64x2Lt
                | F64x2Gt
                | F64x2Le
                | F64x2Ge
        )
    }
}
