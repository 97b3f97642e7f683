//! Choices taken from bytes.
#![forbid(unsafe_code)]

use crate::plan::Rng;
use std::cell::Cell;

/// Bytes that are used up from the start. When none are left, all choices are 0.
pub struct Source<'a> {
    data: &'a [u8],
    at: Cell<usize>,
}

impl<'a> Source<'a> {
    pub fn new(data: &'a [u8]) -> Source<'a> {
        Source { data, at: Cell::new(0) }
    }

    pub fn is_empty(&self) -> bool {
        self.at.get() >= self.data.len()
    }

    pub fn byte(&self) -> u8 {
        let at = self.at.get();
        self.at.set(at + 1);
        self.data.get(at).copied().unwrap_or(0)
    }

    /// Below `n`, which is not 0.
    pub fn below(&self, n: usize) -> usize {
        if n <= 256 { self.byte() as usize % n } else { self.word() as usize % n }
    }

    pub fn chance(&self, percent: u8) -> bool {
        self.byte() % 100 < percent
    }

    /// A number that is small, at an edge, or anything.
    pub fn word(&self) -> u64 {
        const EDGES: [u64; 12] = [
            u64::MAX,
            1 << 31,
            (1 << 31) - 1,
            1 << 32,
            (1 << 32) - 1,
            1 << 63,
            65_535,
            65_536,
            65_537,
            u64::MAX - 1,
            1 << 16 << 16 << 16,
            1 << 20,
        ];
        match self.byte() {
            n @ 0..200 => n as u64 % 40,
            n @ 200..230 => EDGES[n as usize % EDGES.len()],
            _ => u64::from_le_bytes(std::array::from_fn(|_| self.byte())),
        }
    }
}

/// Bytes without any structure.
pub fn make(rng: &mut Rng) -> Vec<u8> {
    let len = rng.pick(&[20, 200, 1000, 3000]);
    (0..len).map(|_| rng.next() as u8).collect()
}

/// Files of a folder in this repository, by extension.
pub fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    // The folder of the package that this is compiled in is `fuzz` or the one above it.
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = if here.ends_with("fuzz") { here.join("..") } else { here.to_owned() };
    let mut names: Vec<_> = std::fs::read_dir(root.join(folder))
        .map(|entries| entries.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    names.retain(|n| n.extension().is_some_and(|e| e == extension));
    names.sort();
    names.iter().filter_map(|n| std::fs::read(n).ok()).collect()
}

/// Damages bytes in a few places, sometimes with a piece of others.
pub fn damage(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8], from: usize) {
    const TELLING: [u8; 16] =
        [0, 1, 0x7f, 0x80, 0xff, 0x0b, 0x40, 0x60, 0x70, 0x6f, 0x7b, 0x05, 0x41, 0x20, 0xfc, 0xfd];
    for _ in 0..1 + rng.below(4) {
        if bytes.len() <= from {
            return;
        }
        let at = from + rng.below(bytes.len() - from);
        match rng.below(8) {
            0 => bytes[at] ^= 1 << rng.below(8),
            1 => bytes[at] = rng.next() as u8,
            2 => bytes[at] = rng.pick(&TELLING),
            3 => bytes[at] = bytes[at].wrapping_add(if rng.chance(50) { 1 } else { 255 }),
            4 => {
                bytes.remove(at);
            }
            5 => bytes.insert(at, rng.next() as u8),
            6 if rng.chance(10) => bytes.truncate(at),
            _ if other.len() > from => {
                let source = from + rng.below(other.len() - from);
                let n = (1 + rng.below(32)).min(other.len() - source).min(bytes.len() - at);
                bytes[at..at + n].copy_from_slice(&other[source..source + n]);
            }
            _ => {}
        }
    }
}
