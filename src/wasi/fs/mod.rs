//! Descriptors: what the guest's numbers stand for.
//!
//! The table's lock is held only to look an entry up; what is done with it happens on a clone of its `Arc`.
#![forbid(unsafe_code)]

use super::p1::types::{Errno, FdFlags, Fdstat, Rights};
use super::stdio::{Stream, lock};
use std::sync::{Arc, Mutex};

/// What a descriptor is, and what may be done with it.
pub struct Descriptor {
    pub kind: Kind,
    pub rights: Rights,
}

/// What a descriptor is.
pub enum Kind {
    Stream(Arc<dyn Stream>),
}

impl Descriptor {
    /// Standard input.
    pub fn input(stream: Arc<dyn Stream>) -> Descriptor {
        Descriptor { kind: Kind::Stream(stream), rights: Rights::FD_READ | Rights::POLL_FD_READWRITE }
    }

    /// Standard output or error.
    pub fn output(stream: Arc<dyn Stream>) -> Descriptor {
        Descriptor { kind: Kind::Stream(stream), rights: Rights::FD_WRITE | Rights::POLL_FD_READWRITE }
    }

    /// The stream, if the rights allow what is to be done with it.
    pub fn stream(&self, rights: Rights) -> Result<&dyn Stream, Errno> {
        let Kind::Stream(stream) = &self.kind;
        if self.rights.contains(rights) { Ok(&**stream) } else { Err(Errno::Badf) }
    }

    pub fn fdstat(&self) -> Fdstat {
        let Kind::Stream(stream) = &self.kind;
        Fdstat {
            filetype: stream.filetype(),
            flags: FdFlags::NONE,
            rights_base: self.rights,
            rights_inheriting: Rights::NONE,
        }
    }
}

/// The guest's descriptors, by number.
pub struct Table {
    entries: Mutex<Vec<Option<Arc<Descriptor>>>>,
    limit: u32,
}

impl Table {
    pub fn new(first: Vec<Descriptor>, limit: u32) -> Table {
        Table { entries: Mutex::new(first.into_iter().map(|d| Some(Arc::new(d))).collect()), limit }
    }

    pub fn get(&self, fd: u32) -> Result<Arc<Descriptor>, Errno> {
        lock(&self.entries).get(fd as usize).and_then(Clone::clone).ok_or(Errno::Badf)
    }

    /// Gives a descriptor the lowest free number.
    pub fn insert(&self, descriptor: Descriptor) -> Result<u32, Errno> {
        let mut entries = lock(&self.entries);
        let free = entries.iter().position(Option::is_none).unwrap_or(entries.len());
        if free >= self.limit as usize {
            return Err(Errno::Mfile);
        }
        if free == entries.len() {
            entries.push(None);
        }
        entries[free] = Some(Arc::new(descriptor));
        Ok(free as u32)
    }

    pub fn close(&self, fd: u32) -> Result<(), Errno> {
        let closed = lock(&self.entries).get_mut(fd as usize).and_then(Option::take);
        // Dropped when the lock is free again.
        closed.map(drop).ok_or(Errno::Badf)
    }
}
