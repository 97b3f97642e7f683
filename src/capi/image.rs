//! Serialized modules: what `wasm_module_serialize` writes and `wasm_module_deserialize` accepts.
//!
//! An image is a head (magic, format, build, features, length, checksum) and the module's binary. Why the binary and
//! nothing derived from it: validation runs at hundreds of megabytes a second, translation is lazy, and an image read
//! from disk cannot be trusted. So the checksum tells damage from a stale build in the message; safety never depends on
//! it.
//!
//! Invariants: everything is little-endian; an image of another format, build or configuration is refused, never
//! guessed at.
#![forbid(unsafe_code)]

use super::boundary::Failure;
use crate::module::{Feature, Features, Module};

const MAGIC: &[u8; 8] = b"\0libwasm";

/// Changes with the layout below.
const FORMAT: u32 = 1;

/// What made the image: an image is good for the same build only.
const BUILD: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Magic, format, features, length of the build's name, length of the binary, checksum; then the name and the binary.
const HEAD: usize = 8 + 4 + 4 + 8 + 8 + 8;

/// The image of a module.
pub(crate) fn write(module: &Module) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEAD + BUILD.len() + module.bytes.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&bits(module.features).to_le_bytes());
    out.extend_from_slice(&(BUILD.len() as u64).to_le_bytes());
    out.extend_from_slice(&(module.bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(&checksum(BUILD.as_bytes(), &module.bytes).to_le_bytes());
    out.extend_from_slice(BUILD.as_bytes());
    out.extend_from_slice(&module.bytes);
    out
}

/// The binary in an image, for an engine that accepts these features.
pub(crate) fn read(image: &[u8], features: Features) -> Result<&[u8], Failure> {
    let (head, rest) = image.split_at_checked(HEAD).ok_or("this is no serialized module: it is too short")?;
    let u32_at = |at: usize| u32::from_le_bytes(std::array::from_fn(|i| head[at + i]));
    let u64_at = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| head[at + i]));
    if &head[..8] != MAGIC {
        return Err("this is no serialized module: it does not begin with the magic number".into());
    }
    if u32_at(8) != FORMAT {
        return Err(format!("the serialized module has format {} instead of {FORMAT}", u32_at(8)).into());
    }
    let lengths = (usize::try_from(u64_at(16)), usize::try_from(u64_at(24)));
    let (Ok(build_len), Ok(binary_len)) = lengths else { return Err("the serialized module is cut short".into()) };
    if build_len.checked_add(binary_len) != Some(rest.len()) {
        return Err("the serialized module is cut short, or followed by something else".into());
    }
    let (build, binary) = rest.split_at(build_len);
    if u64_at(32) != checksum(build, binary) {
        return Err("the serialized module is damaged: its checksum is wrong".into());
    }
    if build != BUILD.as_bytes() {
        let other = String::from_utf8_lossy(build);
        return Err(format!("the serialized module was made by {other:?}, and this is {BUILD:?}").into());
    }
    if u32_at(12) != bits(features) {
        return Err("the serialized module was made for another set of features than this engine's".into());
    }
    Ok(binary)
}

fn bits(features: Features) -> u32 {
    features.iter().fold(0, |bits, f: Feature| bits | 1 << f as u32)
}

/// FNV-1a over 64-bit words: it has to notice accidents, not to withstand an attack.
fn checksum(build: &[u8], binary: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut mix = |word: u64| hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
    for part in [build, binary] {
        let (words, tail) = part.as_chunks::<8>();
        words.iter().for_each(|w| mix(u64::from_le_bytes(*w)));
        tail.iter().for_each(|b| mix(*b as u64));
        mix(part.len() as u64);
    }
    hash
}
