//! `jit-PID.dump`: machine code with names and times, which `perf inject --jit` makes ELF files of, so that `perf annotate` can show instructions
//! and code that has taken the place of other code is told from it. The format is that of the kernel's
//! `tools/perf/Documentation/jitdump-specification.txt`.
#![forbid(unsafe_code)]

use super::Placed;
use crate::sys::profile::{Marker, clock, create, thread};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

const MAGIC: u32 = 0x4a69_5444;
const VERSION: u32 = 1;
const HEADER_BYTES: u32 = 40;
/// x86-64, in ELF's numbers.
const MACHINE: u32 = 62;
const CODE_LOAD: u32 = 0;
/// Of a record that tells of code, without name and code.
const LOAD_BYTES: usize = 56;

pub struct JitDump {
    file: File,
    /// By which `perf record` knows of the file.
    _marker: Marker,
    /// Functions so far.
    count: u64,
}

impl JitDump {
    pub fn create(directory: &Path) -> Result<JitDump, String> {
        let process = std::process::id();
        let path = directory.join(format!("jit-{process}.dump"));
        let begin = || {
            let mut file = create(&path)?;
            let mut header = Vec::new();
            [MAGIC, VERSION, HEADER_BYTES, MACHINE, 0, process].iter().for_each(|n| header.extend(n.to_le_bytes()));
            header.extend(clock().to_le_bytes());
            header.extend(0u64.to_le_bytes());
            file.write_all(&header)?;
            let marker = Marker::new(&file)?;
            Ok(JitDump { file, _marker: marker, count: 0 })
        };
        begin().map_err(|e: io::Error| format!("cannot write {}: {e}", path.display()))
    }

    pub fn add(&mut self, placed: &[Placed<'_>]) -> io::Result<()> {
        let mut records = Vec::new();
        for p in placed {
            let size = LOAD_BYTES + p.name.len() + 1 + p.code.len();
            [CODE_LOAD, size as u32].iter().for_each(|n| records.extend(n.to_le_bytes()));
            records.extend(clock().to_le_bytes());
            [std::process::id(), thread()].iter().for_each(|n| records.extend(n.to_le_bytes()));
            let at = p.start as u64;
            [at, at, p.code.len() as u64, self.count].iter().for_each(|n| records.extend(n.to_le_bytes()));
            records.extend(p.name.as_bytes());
            records.push(0);
            records.extend(p.code);
            self.count += 1;
        }
        self.file.write_all(&records)
    }
}
