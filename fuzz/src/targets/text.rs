//! A stranger's text: it is parsed, and what comes of it is loaded.
#![forbid(unsafe_code)]

use super::{module, source};
use crate::plan::Rng;
use std::sync::OnceLock;
use wasm::runtime::Engine;
use wasm::text;

pub fn run(data: &[u8]) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    match text::to_binary(data) {
        Ok(binary) => {
            let _ = ENGINE.get_or_init(|| Engine::new(module::careful())).compile(binary);
        }
        Err(e) => assert!(e.to_string().len() < 4000, "a message of {} bytes", e.to_string().len()),
    }
}

/// The words of texts that are there, put together anew.
fn words() -> &'static (Vec<String>, Vec<String>) {
    static WORDS: OnceLock<(Vec<String>, Vec<String>)> = OnceLock::new();
    WORDS.get_or_init(|| {
        let texts: Vec<String> = source::files("examples-wat", "wat")
            .into_iter()
            .chain([b"(module (func (export \"f\") (param $x i32) (result i32) (local.get $x)))".to_vec()])
            .map(|t| String::from_utf8_lossy(&t).into_owned())
            .collect();
        let words = texts.iter().flat_map(|t| tokens(t)).collect();
        (texts, words)
    })
}

fn tokens(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut kind = 0;
    for c in text.chars() {
        let next = match c {
            '(' | ')' => 1,
            c if c.is_whitespace() => 2,
            _ => 3,
        };
        if (next != kind || next == 1) && all.last().is_some_and(|w| !w.is_empty()) {
            all.push(String::new());
        }
        kind = next;
        if let Some(last) = all.last_mut() {
            last.push(c);
        }
    }
    all
}

pub fn make(rng: &mut Rng) -> Vec<u8> {
    let (texts, words) = words();
    let mut tokens = tokens(&rng.pick(texts));
    for _ in 0..1 + rng.below(6) {
        if tokens.is_empty() {
            break;
        }
        let at = rng.below(tokens.len());
        match rng.below(6) {
            0 => {
                tokens.remove(at);
            }
            1 => tokens.insert(at, rng.pick(words)),
            2 => tokens[at] = rng.pick(words),
            3 => tokens[at] = tokens[at].repeat(1 + rng.below(200)),
            4 => {
                let end = (at + 1 + rng.below(20)).min(tokens.len());
                let piece = tokens[at..end].to_vec();
                let to = rng.below(tokens.len());
                tokens.splice(to..to, piece);
            }
            _ => {
                tokens[at] = rng
                    .pick(&[
                        "0x",
                        "nan:0x",
                        "-0x1p9999999",
                        "18446744073709551616",
                        "\"\\u{d800}\"",
                        "$",
                        "(;",
                        ";;",
                        "\u{0}",
                    ])
                    .into()
            }
        }
    }
    let mut bytes = tokens.concat().into_bytes();
    if rng.chance(20) {
        source::damage(rng, &mut bytes, &[], 0);
    }
    bytes
}
