//! `/tmp/perf-PID.map`: a line for each function, `START SIZE NAME`, as `perf report` and others read for addresses in anonymous memory.
//!
//! The format knows no end of a function. Those of freed code stay, since samples of them may have been taken, until other code is
//! at their place: then the file is written anew without them.
#![forbid(unsafe_code)]

use super::Placed;
use crate::sys::profile::create;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Seek, Write};
use std::path::PathBuf;

pub struct PerfMap {
    file: File,
    /// What it says, by place.
    entries: Vec<Entry>,
}

struct Entry {
    start: usize,
    end: usize,
    name: String,
}

impl PerfMap {
    pub fn create() -> Result<PerfMap, String> {
        let path = PathBuf::from(format!("/tmp/perf-{}.map", std::process::id()));
        let file = create(&path).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        Ok(PerfMap { file, entries: Vec::new() })
    }

    pub fn add(&mut self, placed: &[Placed<'_>]) -> io::Result<()> {
        let mut outdated = false;
        let mut text = String::new();
        for p in placed {
            let end = p.start + p.code.len();
            let from = self.entries.partition_point(|e| e.end <= p.start);
            let to = self.entries.partition_point(|e| e.start < end);
            outdated |= from < to;
            self.entries.drain(from..to);
            let entry = Entry { start: p.start, end, name: p.name.clone() };
            entry.write(&mut text);
            self.entries.insert(from, entry);
        }
        if outdated {
            text.clear();
            self.entries.iter().for_each(|e| e.write(&mut text));
            self.file.set_len(0)?;
            self.file.rewind()?;
        }
        self.file.write_all(text.as_bytes())
    }
}

impl Entry {
    fn write(&self, text: &mut String) {
        let _ = writeln!(text, "{:x} {:x} {}", self.start, self.end - self.start, self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed<'a>(start: usize, code: &'a [u8], name: &'a str) -> Placed<'a> {
        Placed { start, code, name: name.into(), is_stubs: false }
    }

    #[test]
    fn code_at_the_place_of_other_code_replaces_it() {
        let path = std::env::temp_dir().join(format!("wasm-perf-map-test-{}", std::process::id()));
        let file = create(&path).unwrap();
        let mut map = PerfMap { file, entries: Vec::new() };
        let code = [0; 0x20];
        map.add(&[placed(0x1000, &code, "a"), placed(0x1020, &code, "b"), placed(0x1040, &code, "c")]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1000 20 a\n1020 20 b\n1040 20 c\n");
        map.add(&[placed(0x1010, &code, "d")]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1010 20 d\n1040 20 c\n");
        map.add(&[placed(0x1060, &code[..1], "e")]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1010 20 d\n1040 20 c\n1060 1 e\n");
        std::fs::remove_file(&path).unwrap();
    }
}
