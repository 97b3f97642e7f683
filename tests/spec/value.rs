//! Values as the scripts see them, and the patterns that results are compared with (spec interpreter, "Scripts").
//!
//! Floats are kept as bits, so that NaN payloads survive; references are kept as what a script can observe of them.

use std::fmt;
use wast::core::{AbstractHeapType, HeapType, NanPattern, V128Pattern, WastArgCore, WastRetCore};

/// The hierarchies of reference types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Top {
    Func,
    Extern,
    Any,
    Exn,
}

/// A value passed to or returned by a function.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    I32(u32),
    I64(u64),
    F32(u32),
    F64(u64),
    V128(u128),
    Null(Top),
    /// A host object as an `externref`: its number, when the script gave it one.
    Extern(Option<u32>),
    /// A host object as an `anyref`.
    Host(Option<u32>),
    Func,
    I31,
    Struct,
    Array,
    Exn,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Value::I32(v) => write!(f, "i32:{} ({v:#x})", v as i32),
            Value::I64(v) => write!(f, "i64:{} ({v:#x})", v as i64),
            Value::F32(v) => write!(f, "f32:{} ({v:#x})", f32::from_bits(v)),
            Value::F64(v) => write!(f, "f64:{} ({v:#x})", f64::from_bits(v)),
            Value::V128(v) => write!(f, "v128:{v:#034x}"),
            Value::Null(top) => write!(f, "null {top:?}"),
            Value::Extern(n) => write!(f, "ref.extern {n:?}"),
            Value::Host(n) => write!(f, "ref.host {n:?}"),
            Value::Func => f.write_str("ref.func"),
            Value::I31 => f.write_str("ref.i31"),
            Value::Struct => f.write_str("ref.struct"),
            Value::Array => f.write_str("ref.array"),
            Value::Exn => f.write_str("ref.exn"),
        }
    }
}

/// The value a script passes; `None` for a form this suite does not use.
pub fn argument(arg: &WastArgCore<'_>) -> Option<Value> {
    Some(match arg {
        WastArgCore::I32(v) => Value::I32(*v as u32),
        WastArgCore::I64(v) => Value::I64(*v as u64),
        WastArgCore::F32(v) => Value::F32(v.bits),
        WastArgCore::F64(v) => Value::F64(v.bits),
        WastArgCore::V128(v) => Value::V128(u128::from_le_bytes(v.to_le_bytes())),
        WastArgCore::RefNull(heap) => Value::Null(top(heap)?),
        WastArgCore::RefExtern(n) => Value::Extern(Some(*n)),
        WastArgCore::RefHost(n) => Value::Host(Some(*n)),
    })
}

/// The hierarchy of a heap type; `None` for a type index, which only its module could resolve.
fn top(heap: &HeapType<'_>) -> Option<Top> {
    use AbstractHeapType as A;
    let HeapType::Abstract { ty, .. } = heap else { return None };
    match ty {
        A::Func | A::NoFunc => Some(Top::Func),
        A::Extern | A::NoExtern => Some(Top::Extern),
        A::Any | A::Eq | A::Struct | A::Array | A::I31 | A::None => Some(Top::Any),
        A::Exn | A::NoExn => Some(Top::Exn),
        A::Cont | A::NoCont => None,
    }
}

/// Whether a result is what the script expects.
pub fn matches(got: &Value, expected: &WastRetCore<'_>) -> bool {
    match expected {
        WastRetCore::I32(v) => *got == Value::I32(*v as u32),
        WastRetCore::I64(v) => *got == Value::I64(*v as u64),
        WastRetCore::F32(p) => matches!(got, Value::F32(bits) if f32_matches(*bits, p)),
        WastRetCore::F64(p) => matches!(got, Value::F64(bits) if f64_matches(*bits, p)),
        WastRetCore::V128(p) => matches!(got, Value::V128(bits) if v128_matches(*bits, p)),
        WastRetCore::RefNull(None) => matches!(got, Value::Null(_)),
        WastRetCore::RefNull(Some(heap)) => match top(heap) {
            Some(top) => *got == Value::Null(top),
            None => matches!(got, Value::Null(_)),
        },
        WastRetCore::RefExtern(None) => matches!(got, Value::Extern(_)),
        WastRetCore::RefExtern(number) => *got == Value::Extern(*number),
        WastRetCore::RefHost(number) => *got == Value::Host(Some(*number)),
        WastRetCore::RefFunc(_) => *got == Value::Func,
        WastRetCore::RefAny => matches!(got, Value::Host(_) | Value::I31 | Value::Struct | Value::Array),
        WastRetCore::RefEq => matches!(got, Value::I31 | Value::Struct | Value::Array),
        WastRetCore::RefArray => *got == Value::Array,
        WastRetCore::RefStruct => *got == Value::Struct,
        WastRetCore::RefI31 | WastRetCore::RefI31Shared => *got == Value::I31,
        WastRetCore::Either(cases) => cases.iter().any(|case| matches(got, case)),
    }
}

fn f32_matches(bits: u32, pattern: &NanPattern<wast::token::F32>) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff == 0x7fc0_0000,
        NanPattern::ArithmeticNan => bits & 0x7fc0_0000 == 0x7fc0_0000,
        NanPattern::Value(v) => bits == v.bits,
    }
}

fn f64_matches(bits: u64, pattern: &NanPattern<wast::token::F64>) -> bool {
    match pattern {
        NanPattern::CanonicalNan => bits & 0x7fff_ffff_ffff_ffff == 0x7ff8_0000_0000_0000,
        NanPattern::ArithmeticNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        NanPattern::Value(v) => bits == v.bits,
    }
}

fn v128_matches(bits: u128, pattern: &V128Pattern) -> bool {
    let lane = |index: usize, width: usize| (bits >> (index * width)) & (u128::MAX >> (128 - width));
    match pattern {
        V128Pattern::I8x16(l) => l.iter().enumerate().all(|(i, v)| lane(i, 8) as u8 == *v as u8),
        V128Pattern::I16x8(l) => l.iter().enumerate().all(|(i, v)| lane(i, 16) as u16 == *v as u16),
        V128Pattern::I32x4(l) => l.iter().enumerate().all(|(i, v)| lane(i, 32) as u32 == *v as u32),
        V128Pattern::I64x2(l) => l.iter().enumerate().all(|(i, v)| lane(i, 64) as u64 == *v as u64),
        V128Pattern::F32x4(l) => l.iter().enumerate().all(|(i, p)| f32_matches(lane(i, 32) as u32, p)),
        V128Pattern::F64x2(l) => l.iter().enumerate().all(|(i, p)| f64_matches(lane(i, 64) as u64, p)),
    }
}
