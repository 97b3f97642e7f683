//! Values as people write them: arguments to values of a type, and results to text.
//!
//! What is printed can be given back as an argument, down to the payload of a NaN. The forms are those of the text
//! format where it has some; a type may stand before the value (`i32:7`), and must with the shapes of a vector.
#![forbid(unsafe_code)]

use wasm::module::{TypeRegistry, ValType};
use wasm::runtime::{AnyRef, Val};
use wasm::util::V128;

/// The value of type `ty` that the text means, or why it means none.
pub fn parse(text: &str, ty: ValType, types: &TypeRegistry) -> Result<Val, String> {
    let named = ty.to_string();
    let bare = text.strip_prefix(&named).and_then(|t| t.strip_prefix(':')).unwrap_or(text);
    let wrong = |what: &str| format!("`{text}` is no {named}: {what}");
    match ty {
        ValType::I32 => integer(bare, 32).map(|v| Val::I32(v as u32 as i32)),
        ValType::I64 => integer(bare, 64).map(|v| Val::I64(v as u64 as i64)),
        ValType::F32 => float(bare, F32).map(|v| Val::F32(v as u32)),
        ValType::F64 => float(bare, F64).map(Val::F64),
        ValType::V128 => vector(bare).map(Val::V128),
        ValType::Ref(r) => {
            let null = Val::default_for(ty, types);
            match bare.split_once(':') {
                _ if bare == "null" && !r.nullable => Err("null is not admitted"),
                _ if bare == "null" => Ok(null),
                Some(("i31", n)) if matches!(null, Val::AnyRef(_)) => {
                    integer(n, 31).map(|v| Val::AnyRef(Some(AnyRef::I31(v as u32))))
                }
                Some(("i31", n)) if matches!(null, Val::ExternRef(_)) => {
                    integer(n, 31).map(|v| Val::ExternRef(Some(AnyRef::I31(v as u32))))
                }
                _ => Err("a reference is `null`, or `i31:N` where it may be one"),
            }
        }
    }
    .map_err(wrong)
}

/// An integer of so many bits, signed or unsigned, as its two's complement.
fn integer(text: &str, bits: u32) -> Result<u128, &'static str> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or(digits.strip_prefix("0X")) {
        Some(rest) => (16, rest),
        None => (10, digits),
    };
    let digits = plain(digits, radix).ok_or("expected a decimal or hexadecimal integer")?;
    let range = "it is out of range";
    let value = u128::from_str_radix(&digits, radix).map_err(|_| range)?;
    match negative {
        false if value < 1 << bits => Ok(value),
        true if value <= 1 << (bits - 1) => Ok(value.wrapping_neg() & ((1 << bits) - 1)),
        _ => Err(range),
    }
}

/// Digits without the underscores that may stand between them; nothing else.
fn plain(digits: &str, radix: u32) -> Option<String> {
    let edges = digits.starts_with('_') || digits.ends_with('_') || digits.contains("__");
    let good = !digits.is_empty() && !edges && digits.chars().all(|c| c == '_' || c.is_digit(radix));
    good.then(|| digits.replace('_', ""))
}

/// A binary format: bits of the significand's fraction and of the whole.
#[derive(Clone, Copy)]
struct Format {
    fraction: u32,
    bits: u32,
}

const F32: Format = Format { fraction: 23, bits: 32 };
const F64: Format = Format { fraction: 52, bits: 64 };

impl Format {
    fn exponent_mask(self) -> u64 {
        ((1 << (self.bits - 1 - self.fraction)) - 1) << self.fraction
    }

    fn bias(self) -> i64 {
        (1 << (self.bits - 2 - self.fraction)) - 1
    }
}

/// The bits of a float.
fn float(text: &str, format: Format) -> Result<u64, &'static str> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (1u64 << (format.bits - 1), rest),
        None => (0, text.strip_prefix('+').unwrap_or(text)),
    };
    let infinite = format.exponent_mask();
    let lower = rest.to_ascii_lowercase();
    let magnitude = match lower.as_str() {
        "inf" | "infinity" => infinite,
        "nan" | "nan:canonical" => infinite | 1 << (format.fraction - 1),
        "" => return Err("expected a number"),
        other => {
            if let Some(payload) = other.strip_prefix("nan:0x") {
                let payload = plain(payload, 16).and_then(|p| u64::from_str_radix(&p, 16).ok());
                match payload {
                    Some(p) if p != 0 && p < 1 << format.fraction => infinite | p,
                    _ => return Err("the payload of a NaN is out of range"),
                }
            } else if let Some(hex) = other.strip_prefix("0x") {
                hex_float(hex, format)?
            } else {
                // The library also takes words, a sign and an absent digit, which have been dealt with or are no numbers here.
                if !other.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                    return Err("expected a number");
                }
                let digits = other.replace('_', "");
                if format.bits == 32 {
                    digits.parse::<f32>().map_err(|_| "expected a number")?.to_bits() as u64
                } else {
                    digits.parse::<f64>().map_err(|_| "expected a number")?.to_bits()
                }
            }
        }
    };
    let finite_asked = !matches!(lower.as_str(), "inf" | "infinity");
    if magnitude == infinite && finite_asked {
        return Err("it is out of range");
    }
    Ok(sign | magnitude)
}

/// The bits of a hexadecimal float without sign and prefix, rounded to nearest, ties to even.
fn hex_float(text: &str, format: Format) -> Result<u64, &'static str> {
    let bad = "expected a hexadecimal number such as 0x1.8p3";
    let (digits, exponent) = text.split_once('p').unwrap_or((text, "0"));
    let mut exponent: i64 = exponent.parse().map_err(|_| bad)?;
    exponent = exponent.clamp(-1 << 40, 1 << 40);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = if whole.is_empty() { Some(String::new()) } else { plain(whole, 16) }.ok_or(bad)?;
    let fraction = if fraction.is_empty() { Some(String::new()) } else { plain(fraction, 16) }.ok_or(bad)?;
    if whole.is_empty() && fraction.is_empty() {
        return Err(bad);
    }
    // The significand in 128 bits, of which the lowest remembers whether anything below it was lost.
    let mut significand: u128 = 0;
    for (i, c) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = c.to_digit(16).ok_or(bad)? as u128;
        if significand >> 120 == 0 {
            significand = significand << 4 | digit;
            exponent -= if i >= whole.len() { 4 } else { 0 };
        } else {
            significand |= (digit != 0) as u128;
            exponent += if i < whole.len() { 4 } else { 0 };
        }
    }
    if significand == 0 {
        return Ok(0);
    }
    let top = 127 - significand.leading_zeros() as i64;
    let magnitude = exponent + top;
    if magnitude > format.bias() {
        return Err("it is out of range");
    }
    // How many low bits go: those that the format, or its least exponent, has no room for.
    let least = 1 - format.bias() - format.fraction as i64;
    let unit = (magnitude - format.fraction as i64).max(least);
    let drop = unit - exponent;
    let rounded = if drop <= 0 {
        // Within the format's precision, so it fits.
        significand << (-drop).min(127)
    } else if drop > 127 {
        0
    } else {
        let (kept, lost) = (significand >> drop, significand & ((1 << drop) - 1));
        let half = 1 << (drop - 1);
        kept + (lost > half || lost == half && kept & 1 == 1) as u128
    };
    // The fraction may overflow into the exponent, which is what rounding up means.
    let biased = (unit - least) as u64;
    let hidden = (rounded >> format.fraction != 0) as u64;
    let bits = if hidden == 0 {
        rounded as u64
    } else {
        (rounded as u64 - (1 << format.fraction)) + ((biased + 1) << format.fraction)
    };
    if bits >= format.exponent_mask() {
        return Err("it is out of range");
    }
    Ok(bits)
}

fn vector(text: &str) -> Result<V128, &'static str> {
    let Some((shape, lanes)) = text.split_once(':') else {
        if !text.starts_with("0x") {
            return Err("expected lanes, as i32x4:1,2,3,4, or one hexadecimal number");
        }
        let digits = plain(&text[2..], 16).ok_or("expected a hexadecimal number")?;
        return u128::from_str_radix(&digits, 16).map(V128::from_u128).map_err(|_| "it has more than 128 bits");
    };
    let (count, bits, format) = match shape {
        "i8x16" => (16, 8, None),
        "i16x8" => (8, 16, None),
        "i32x4" => (4, 32, None),
        "i64x2" => (2, 64, None),
        "f32x4" => (4, 32, Some(F32)),
        "f64x2" => (2, 64, Some(F64)),
        _ => return Err("the shapes are i8x16, i16x8, i32x4, i64x2, f32x4 and f64x2"),
    };
    let lanes: Vec<&str> = lanes.split([',', ' ']).filter(|l| !l.is_empty()).collect();
    if lanes.len() != count {
        return Err("it has not as many lanes as its shape");
    }
    let mut value: u128 = 0;
    for lane in lanes.iter().rev() {
        let lane = match format {
            None => integer(lane, bits)?,
            Some(format) => float(lane, format)? as u128,
        };
        value = value << bits | lane;
    }
    Ok(V128::from_u128(value))
}

/// A value as text, without its type.
pub fn show(value: &Val) -> String {
    match value {
        Val::I32(v) => v.to_string(),
        Val::I64(v) => v.to_string(),
        Val::F32(v) => {
            show_float(*v as u64, F32, || f32::from_bits(*v).to_string(), || format!("{:e}", f32::from_bits(*v)))
        }
        Val::F64(v) => show_float(*v, F64, || f64::from_bits(*v).to_string(), || format!("{:e}", f64::from_bits(*v))),
        Val::V128(v) => format!("{:#034x}", v.to_u128()),
        Val::FuncRef(Some(f)) => match f.index() {
            Some(index) => format!("func:{index}"),
            None => "func".into(),
        },
        Val::ExternRef(Some(r)) | Val::AnyRef(Some(r)) => match r {
            AnyRef::I31(v) => format!("i31:{v}"),
            AnyRef::Host(_) => "extern".into(),
            AnyRef::Heap(h) => match h.kind() {
                wasm::runtime::ObjectKind::Struct => "struct".into(),
                wasm::runtime::ObjectKind::Array => "array".into(),
                wasm::runtime::ObjectKind::Exception => "exception".into(),
            },
        },
        Val::ExnRef(Some(_)) => "exception".into(),
        Val::FuncRef(None) | Val::ExternRef(None) | Val::AnyRef(None) | Val::ExnRef(None) => "null".into(),
    }
}

fn show_float(bits: u64, format: Format, short: impl Fn() -> String, long: impl Fn() -> String) -> String {
    let magnitude = bits & ((1 << (format.bits - 1)) - 1);
    let infinite = format.exponent_mask();
    let sign = if bits == magnitude { "" } else { "-" };
    match magnitude {
        m if m == infinite => format!("{sign}inf"),
        m if m == infinite | 1 << (format.fraction - 1) => format!("{sign}nan"),
        m if m > infinite => format!("{sign}nan:{:#x}", m & ((1 << format.fraction) - 1)),
        _ => {
            let text = short();
            if text.len() <= 22 { text } else { long() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm::module::{HeapType, RefType};

    fn parsed(text: &str, ty: ValType) -> Result<Val, String> {
        parse(text, ty, &TypeRegistry::new())
    }

    fn f32_of(text: &str) -> f32 {
        parsed(text, ValType::F32).expect(text).as_f32().expect("an f32")
    }

    fn f64_of(text: &str) -> f64 {
        parsed(text, ValType::F64).expect(text).as_f64().expect("an f64")
    }

    #[test]
    fn integers_have_their_range() {
        for (text, value) in [
            ("0", 0),
            ("-1", -1),
            ("4294967295", -1),
            ("2147483648", i32::MIN),
            ("-2147483648", i32::MIN),
            ("0xffff_ffff", -1),
            ("-0x80000000", i32::MIN),
            ("+7", 7),
            ("i32:7", 7),
            ("1_000", 1000),
        ] {
            assert_eq!(parsed(text, ValType::I32), Ok(Val::I32(value)), "{text}");
        }
        for text in
            ["4294967296", "-2147483649", "", "-", "0x", "_1", "1_", "1__0", "1.5", "abc", "0xg", " 1", "i64:1", "--1"]
        {
            assert!(parsed(text, ValType::I32).is_err(), "{text}");
        }
        assert_eq!(parsed("18446744073709551615", ValType::I64), Ok(Val::I64(-1)));
        assert!(parsed("18446744073709551616", ValType::I64).is_err());
        assert!(parsed("99999999999999999999999999999999999999999", ValType::I64).is_err());
        let e = parsed("4294967296", ValType::I32).expect_err("out of range");
        assert_eq!(e, "`4294967296` is no i32: it is out of range");
    }

    #[test]
    fn floats_are_exact() {
        assert_eq!(f64_of("0x1.8p3"), 12.0);
        assert_eq!(f64_of("-0x.8"), -0.5);
        assert_eq!(f64_of("0x1p-1074"), f64::from_bits(1));
        assert_eq!(f64_of("0x1p-1075"), 0.0);
        assert_eq!(f64_of("0x1.8p-1075"), f64::from_bits(1));
        assert_eq!(f64_of("0x1.fffffffffffff8p0"), 2.0);
        assert_eq!(f64_of("0x1.fffffffffffffp1023"), f64::MAX);
        assert!(parsed("0x1.fffffffffffff8p1023", ValType::F64).is_err());
        assert!(parsed("0x1p1024", ValType::F64).is_err());
        assert!(parsed("1e400", ValType::F64).is_err());
        assert_eq!(f32_of("0x1.fffffep127"), f32::MAX);
        assert_eq!(f32_of("0x1.000001p0"), 1.0);
        assert_eq!(f32_of("0x1.0000011p0"), f32::from_bits(0x3f80_0001));
        assert_eq!(f32_of("0x1p-149"), f32::from_bits(1));
        assert_eq!(f32_of("0x1p-126"), f32::MIN_POSITIVE);
        assert_eq!(f32_of("0x0.ffffff8p-126"), f32::MIN_POSITIVE);
        assert_eq!(f64_of("0x100000000000000000000000000000000000000"), 2f64.powi(152));
        assert_eq!(f64_of("1e3"), 1000.0);
        assert_eq!(f64_of("f64:.5"), 0.5);
        assert_eq!(f64_of("-inf"), f64::NEG_INFINITY);
        assert_eq!(f64_of("nan").to_bits(), 0x7ff8_0000_0000_0000);
        assert_eq!(f64_of("-nan:0x1").to_bits(), 0xfff0_0000_0000_0001);
        for text in ["", "-", "nan:0x0", "nan:0x10000000000000", "infinite", "0x", "0xp1", "1e", "0x1p", "e5", "1,5"] {
            assert!(parsed(text, ValType::F64).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_can_be_given_back() {
        let bits = (0..4000u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for b in bits.chain([0, 1 << 63, 1, f64::MAX.to_bits(), 0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0001]) {
            let v = Val::F64(b);
            assert_eq!(parsed(&show(&v), ValType::F64), Ok(v));
            let v = Val::F32(b as u32);
            assert_eq!(parsed(&show(&v), ValType::F32), Ok(v));
            let v = Val::I64(b as i64);
            assert_eq!(parsed(&show(&v), ValType::I64), Ok(v));
            let v = Val::V128(V128::from_u128((b as u128) << 64 | b as u128));
            assert_eq!(parsed(&show(&v), ValType::V128), Ok(v));
        }
    }

    #[test]
    fn vectors_have_shapes() {
        let lanes = |text: &str| match parsed(text, ValType::V128) {
            Ok(Val::V128(v)) => Ok(v.to_u128()),
            Ok(_) => Err(String::from("no vector")),
            Err(e) => Err(e),
        };
        assert_eq!(lanes("i32x4:1,2,3,-1"), Ok(0xffff_ffff_0000_0003_0000_0002_0000_0001));
        assert_eq!(lanes("v128:i64x2:1 2"), Ok(2 << 64 | 1));
        assert_eq!(lanes("f32x4:1,0,0,0"), Ok(0x3f80_0000));
        assert_eq!(lanes("i8x16:1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,255"), Ok(0xff << 120 | 1));
        assert_eq!(lanes("0xff"), Ok(255));
        for text in
            ["i32x4:1,2,3", "i32x4:1,2,3,4,5", "i8x16:256", "i3x2:1", "7", "0x100000000000000000000000000000000"]
        {
            assert!(lanes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn references_are_null_or_small() {
        assert_eq!(parsed("null", ValType::FUNCREF), Ok(Val::FuncRef(None)));
        assert_eq!(parsed("null", ValType::EXTERNREF), Ok(Val::ExternRef(None)));
        assert_eq!(parsed("i31:5", ValType::ANYREF), Ok(Val::AnyRef(Some(AnyRef::I31(5)))));
        assert_eq!(parsed("i31:-1", ValType::ANYREF), Ok(Val::AnyRef(Some(AnyRef::I31(0x7fff_ffff)))));
        assert!(parsed("i31:5", ValType::FUNCREF).is_err());
        assert!(parsed("i31:0x80000000", ValType::ANYREF).is_err());
        assert!(parsed("null", ValType::Ref(RefType::non_null(HeapType::I31))).is_err());
        assert!(parsed("7", ValType::EXTERNREF).is_err());
    }
}
