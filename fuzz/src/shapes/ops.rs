//! The operators that bodies are made of.

use super::{FUNCREF, Options};
use crate::plan::Rng;
use wasm_encoder::ValType::{self, F32, F64, I32, I64, V128};
use wasm_encoder::{Instruction, MemArg};

#[derive(Clone)]
pub struct Op {
    pub code: Instruction<'static>,
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
    /// Its result is a truth.
    pub truth: bool,
    /// Its second operand should not be zero.
    pub divides: bool,
}

macro_rules! ops {
    ($list:ident: $($params:expr => $results:expr, $truth:literal: $($name:ident)*;)*) => { $( $(
        $list.push(Op {
            code: Instruction::$name,
            params: $params.to_vec(),
            results: $results.to_vec(),
            truth: $truth,
            divides: matches!(
                Instruction::$name,
                Instruction::I32DivS | Instruction::I32DivU | Instruction::I32RemS | Instruction::I32RemU
                    | Instruction::I64DivS | Instruction::I64DivU | Instruction::I64RemS | Instruction::I64RemU
            ),
        });
    )* )* };
}

/// All operators that the options allow; frequent ones more than once.
pub fn all(options: &Options) -> Vec<Op> {
    let mut list = Vec::new();
    ops! { list:
        [I32, I32] => [I32], false: I32Add I32Sub I32Mul I32And I32Or I32Xor I32Shl I32ShrS I32ShrU I32Rotl I32Rotr;
        [I32, I32] => [I32], false: I32Add I32Sub I32Sub I32DivS I32DivU I32RemS I32RemU;
        [I64, I64] => [I64], false: I64Add I64Sub I64Mul I64And I64Or I64Xor I64Shl I64ShrS I64ShrU I64Rotl I64Rotr;
        [I64, I64] => [I64], false: I64Add I64Sub I64Sub I64DivS I64DivU I64RemS I64RemU;
        [I32, I32] => [I32], true: I32Eq I32Ne I32LtS I32LtU I32GtS I32GtU I32LeS I32LeU I32GeS I32GeU;
        [I64, I64] => [I32], true: I64Eq I64Ne I64LtS I64LtU I64GtS I64GtU I64LeS I64LeU I64GeS I64GeU;
        [I32] => [I32], true: I32Eqz I32Eqz;
        [I64] => [I32], true: I64Eqz I64Eqz;
        [I32] => [I32], false: I32Clz I32Ctz I32Popcnt I32Extend8S I32Extend16S;
        [I64] => [I64], false: I64Clz I64Ctz I64Popcnt I64Extend8S I64Extend16S I64Extend32S;
        [I64] => [I32], false: I32WrapI64 I32WrapI64 I32WrapI64;
        [I32] => [I64], false: I64ExtendI32S I64ExtendI32U I64ExtendI32U;
    }
    if options.floats {
        ops! { list:
            [F32, F32] => [F32], false: F32Add F32Sub F32Mul F32Div F32Min F32Max F32Copysign;
            [F64, F64] => [F64], false: F64Add F64Sub F64Mul F64Div F64Min F64Max F64Copysign;
            [F32, F32] => [I32], true: F32Eq F32Ne F32Lt F32Gt F32Le F32Ge;
            [F64, F64] => [I32], true: F64Eq F64Ne F64Lt F64Gt F64Le F64Ge;
            [F32] => [F32], false: F32Abs F32Neg F32Ceil F32Floor F32Trunc F32Nearest F32Sqrt;
            [F64] => [F64], false: F64Abs F64Neg F64Ceil F64Floor F64Trunc F64Nearest F64Sqrt;
            [F32] => [I32], false: I32TruncSatF32S I32TruncSatF32U I32ReinterpretF32 I32ReinterpretF32;
            [F64] => [I32], false: I32TruncSatF64S I32TruncSatF64U;
            [F32] => [I64], false: I64TruncSatF32S I64TruncSatF32U;
            [F64] => [I64], false: I64TruncSatF64S I64TruncSatF64U I64ReinterpretF64 I64ReinterpretF64;
            [I32] => [F32], false: F32ConvertI32S F32ConvertI32U;
            [I64] => [F32], false: F32ConvertI64S F32ConvertI64U;
            [I32] => [F64], false: F64ConvertI32S F64ConvertI32U;
            [I64] => [F64], false: F64ConvertI64S F64ConvertI64U;
            [F64] => [F32], false: F32DemoteF64;
            [F32] => [F64], false: F64PromoteF32;
        }
    }
    if options.vectors {
        ops! { list:
            [I32] => [V128], false: I8x16Splat I16x8Splat I32x4Splat;
            [I64] => [V128], false: I64x2Splat;
            [V128, V128] => [V128], false: I8x16Add I16x8Sub I32x4Mul I64x2Add I64x2Mul I8x16AddSatU I16x8MinS;
            [V128, V128] => [V128], false: V128And V128AndNot V128Or V128Xor I8x16Swizzle I8x16NarrowI16x8S;
            [V128, V128] => [V128], false: I32x4Eq I16x8LtS I8x16GtU I64x2GeS I32x4DotI16x8S I64x2ExtMulHighI32x4U;
            [V128] => [V128], false: V128Not I8x16Neg I64x2Abs I32x4ExtendLowI16x8S I8x16Popcnt;
            [V128, I32] => [V128], false: I8x16Shl I16x8ShrS I32x4ShrU I64x2Shl;
            [V128, V128, V128] => [V128], false: V128Bitselect V128Bitselect;
            [V128] => [I32], true: V128AnyTrue I8x16AllTrue I64x2AllTrue;
            [V128] => [I32], false: I8x16Bitmask I32x4Bitmask;
        }
        let mut lane = |code, params: &[ValType], result| {
            list.push(Op { code, params: params.to_vec(), results: vec![result], truth: false, divides: false });
        };
        lane(Instruction::I32x4ExtractLane(2), &[V128], I32);
        lane(Instruction::I8x16ExtractLaneS(15), &[V128], I32);
        lane(Instruction::I64x2ExtractLane(1), &[V128], I64);
        lane(Instruction::I32x4ReplaceLane(1), &[V128, I32], V128);
        lane(Instruction::I64x2ReplaceLane(0), &[V128, I64], V128);
        lane(Instruction::I8x16Shuffle([0, 17, 2, 19, 4, 21, 6, 23, 31, 30, 1, 1, 12, 9, 8, 16]), &[V128, V128], V128);
    }
    if options.wide {
        ops! { list:
            [I64, I64, I64, I64] => [I64, I64], false: I64Add128 I64Sub128;
            [I64, I64] => [I64, I64], false: I64MulWideS I64MulWideU;
        }
    }
    if options.refs {
        ops! { list:
            [FUNCREF] => [I32], true: RefIsNull RefIsNull;
        }
        list.push(Op {
            code: Instruction::TableGet(0),
            params: vec![I32],
            results: vec![FUNCREF],
            truth: false,
            divides: false,
        });
    }
    list
}

/// A load, and the type it gives.
pub fn load(rng: &mut Rng, options: &Options, m: MemArg) -> (Instruction<'static>, ValType) {
    use Instruction::*;
    let n = if options.vectors {
        19
    } else if options.floats {
        14
    } else {
        12
    };
    match rng.below(n) {
        0 => (I32Load(m), I32),
        1 => (I32Load8S(m), I32),
        2 => (I32Load8U(m), I32),
        3 => (I32Load16S(m), I32),
        4 => (I32Load16U(m), I32),
        5 => (I64Load(m), I64),
        6 => (I64Load8S(m), I64),
        7 => (I64Load8U(m), I64),
        8 => (I64Load16S(m), I64),
        9 => (I64Load16U(m), I64),
        10 => (I64Load32S(m), I64),
        11 => (I64Load32U(m), I64),
        12 if options.floats => (F32Load(m), F32),
        13 if options.floats => (F64Load(m), F64),
        14 => (V128Load8Splat(m), V128),
        15 => (V128Load32Zero(m), V128),
        16 => (V128Load16x4S(m), V128),
        _ if options.vectors => (V128Load(m), V128),
        _ => (I32Load(m), I32),
    }
}

/// A store, and the type it takes.
pub fn store(rng: &mut Rng, options: &Options, m: MemArg) -> (Instruction<'static>, ValType) {
    use Instruction::*;
    let n = if options.vectors {
        13
    } else if options.floats {
        11
    } else {
        7
    };
    match rng.below(n) {
        0 => (I32Store(m), I32),
        1 => (I32Store8(m), I32),
        2 => (I32Store16(m), I32),
        3 => (I64Store(m), I64),
        4 => (I64Store8(m), I64),
        5 => (I64Store16(m), I64),
        6 => (I64Store32(m), I64),
        7 | 8 if options.floats => (F32Store(m), F32),
        9 | 10 if options.floats => (F64Store(m), F64),
        11 => (V128Store(m), V128),
        12 => (V128Store(m), V128),
        _ => (I32Store(m), I32),
    }
}
