//! The text format: modules written as `.wat`, made into binaries.
//!
//! Parsing and encoding are `wast`'s, which this folder alone names; what is ours is how a mistake is told: with line and
//! column, and the line itself with a caret under the place, cut to a width that a terminal has. Spec: "Text Format".
//!
//! Without the feature `wat` the parser is absent, and every text is refused in so many words, so that callers need no
//! conditions of their own.
#![forbid(unsafe_code)]

use std::fmt;

/// A text that is no module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError {
    pub message: String,
    /// From 1; 0 when the error has no place in the text.
    pub line: usize,
    /// In characters, from 1; 0 when the error has no place in the text.
    pub column: usize,
    /// The line, or the part of it around the place.
    pub excerpt: String,
    /// Characters of the excerpt before the place.
    pub caret: usize,
}

/// How much of a line an error quotes.
#[cfg(feature = "wat")]
const EXCERPT: usize = 100;

impl TextError {
    #[cfg(feature = "wat")]
    fn at(text: &str, offset: usize, message: String) -> TextError {
        // The parser names places inside the text or its end; a place inside a character would be a bug of its own.
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let start = text[..offset].rfind('\n').map_or(0, |i| i + 1);
        let line = text[start..].split(['\n', '\r']).next().unwrap_or_default();
        let column = text[start..offset].chars().count();
        // The place in the last third, so that what led to it is seen.
        let skip = column.saturating_sub(EXCERPT * 2 / 3);
        let shown = line.chars().skip(skip).take(EXCERPT);
        TextError {
            message: crate::util::short(&message).into_owned(),
            line: text[..start].matches('\n').count() + 1,
            column: column + 1,
            excerpt: shown.map(|c| if c.is_control() { ' ' } else { c }).collect(),
            caret: column - skip,
        }
    }

    #[cfg(not(feature = "wat"))]
    fn nowhere(message: impl Into<String>) -> TextError {
        TextError { message: message.into(), line: 0, column: 0, excerpt: String::new(), caret: 0 }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.message);
        }
        let (line, margin) = (self.line, self.line.to_string().len());
        writeln!(f, "{line}:{}: {}", self.column, self.message)?;
        writeln!(f, " {line} | {}", self.excerpt)?;
        write!(f, " {:margin$} | {:>2$}", "", "^", self.caret + 1)
    }
}

impl std::error::Error for TextError {}

/// Whether the bytes begin as binary modules do.
pub fn is_binary(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

/// The binary of a module in the text format. It is well-formed, not yet known to be valid.
#[cfg(feature = "wat")]
pub fn to_binary(text: &[u8]) -> Result<Vec<u8>, TextError> {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text,
        Err(e) => {
            let valid = std::str::from_utf8(&text[..e.valid_up_to()]).unwrap_or_default();
            return Err(TextError::at(valid, e.valid_up_to(), "malformed UTF-8 encoding".into()));
        }
    };
    let told = |e: wast::Error| TextError::at(text, e.span().offset(), e.message());
    let buffer = wast::parser::ParseBuffer::new(text).map_err(told)?;
    let mut module = wast::parser::parse::<wast::Wat<'_>>(&buffer).map_err(told)?;
    module.encode().map_err(told)
}

/// The binary of a module in the text format: this build cannot make it.
#[cfg(not(feature = "wat"))]
pub fn to_binary(_text: &[u8]) -> Result<Vec<u8>, TextError> {
    Err(TextError::nowhere("this build of the library has no text format (feature `wat`)"))
}

#[cfg(all(test, feature = "wat"))]
mod tests {
    use super::*;

    fn error(text: impl AsRef<[u8]>) -> TextError {
        to_binary(text.as_ref()).expect_err("a mistake in the text")
    }

    #[test]
    fn a_module_becomes_a_binary() {
        let binary = to_binary(b"(module (func (export \"f\") (result i32) i32.const 7))").expect("a module");
        assert!(is_binary(&binary));
        assert_eq!(to_binary(b"(module)").expect("an empty module"), b"\0asm\x01\0\0\0");
        assert_eq!(to_binary(b"(module binary \"\\00asm\\01\\00\\00\\00\")").expect("bytes"), b"\0asm\x01\0\0\0");
    }

    #[test]
    fn errors_point_at_their_place() {
        let e = error("(module\n  (func (result i32)\n    i32.cnst 7))\n");
        assert_eq!((e.line, e.column), (3, 5));
        assert_eq!(e.to_string(), "3:5: unknown operator or unexpected token\n 3 |     i32.cnst 7))\n   |     ^");
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let e = error("");
        assert_eq!((e.line, e.column, e.caret), (1, 1, 0), "{e}");
        let e = error("(module\n");
        assert_eq!((e.line, e.column, e.caret), (2, 1, 0), "{e}");
        let e = error("(module (func $f) (export \"f\" (func $g)))");
        assert_eq!((e.line, e.column), (1, 37), "{e}");
    }

    #[test]
    fn tabs_and_long_lines_keep_the_caret_in_place() {
        let e = error("(module\n\t\u{e4}(nonsense))");
        assert_eq!((e.line, e.column, e.excerpt.as_str()), (2, 2, " \u{e4}(nonsense))"));
        let e = error(format!("(module {}(nonsense) {})", " ".repeat(5000), " ".repeat(5000)));
        assert_eq!(e.column, 5010);
        assert_eq!(e.excerpt.chars().count(), EXCERPT);
        assert_eq!(e.excerpt.chars().skip(e.caret).take(8).collect::<String>(), "nonsense");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let e = error(b"(module\n  \xff)");
        assert_eq!((e.line, e.column), (2, 3), "{e}");
        assert!(e.message.contains("UTF-8"));
    }

    #[test]
    fn depth_is_bounded() {
        for text in ["(".repeat(1_000_000), format!("(module (func {}", "(block ".repeat(200_000))] {
            let _ = error(text);
        }
        let text = format!("(module (func {}{}))", "(drop (i32.eqz ".repeat(5_000), "))".repeat(5_000));
        let _ = to_binary(text.as_bytes());
    }
}
