//! Writing JSON: objects and arrays with commas in the right places, and strings escaped. Reading is nobody's need here.
#![forbid(unsafe_code)]

use std::fmt::Write;

/// Text that grows by values. Keys are given before values inside objects; nesting is up to the caller.
#[derive(Default)]
pub struct Json {
    out: String,
    comma: bool,
}

impl Json {
    fn before(&mut self) {
        if self.comma {
            self.out.push(',');
        }
        self.comma = true;
    }

    pub fn open(&mut self, bracket: char) -> &mut Json {
        self.before();
        self.out.push(bracket);
        self.comma = false;
        self
    }

    pub fn close(&mut self, bracket: char) -> &mut Json {
        self.out.push(bracket);
        self.comma = true;
        self
    }

    pub fn key(&mut self, name: &str) -> &mut Json {
        self.before();
        self.quote(name);
        self.out.push(':');
        self.comma = false;
        self
    }

    pub fn string(&mut self, text: &str) -> &mut Json {
        self.before();
        self.quote(text);
        self
    }

    pub fn string_or_null(&mut self, text: Option<&str>) -> &mut Json {
        match text {
            Some(text) => self.string(text),
            None => self.word("null"),
        }
    }

    pub fn number(&mut self, n: u64) -> &mut Json {
        self.word(&n.to_string())
    }

    pub fn bool(&mut self, b: bool) -> &mut Json {
        self.word(if b { "true" } else { "false" })
    }

    fn word(&mut self, word: &str) -> &mut Json {
        self.before();
        self.out.push_str(word);
        self
    }

    fn quote(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                '"' => self.out.push_str("\\\""),
                '\\' => self.out.push_str("\\\\"),
                '\n' => self.out.push_str("\\n"),
                c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                    let _ = write!(self.out, "\\u{:04x}", c as u32);
                }
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }

    /// The text, as a line.
    pub fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_escapes() {
        let mut j = Json::default();
        j.open('{').key("a\"\\\n\x01").open('[').number(1).number(2).open('{').close('}').close(']');
        j.key("b").bool(true).key("c").string_or_null(None).close('}');
        assert_eq!(j.finish(), "{\"a\\\"\\\\\\n\\u0001\":[1,2,{}],\"b\":true,\"c\":null}\n");
    }
}
