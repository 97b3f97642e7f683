//! What `fd_readdir` lists, and cookies that stay good.
//!
//! A guest reads a directory in pieces and says with a cookie where to go on, perhaps after it has made or removed
//! entries. The system's own cookies cannot be used for that everywhere, and counting entries would skip some after a
//! removal. So a descriptor keeps a list: cookie 0 reads the directory anew, entries that were known keep their
//! number, new ones get the next, those that are gone leave a gap. A cookie is the number of the entry before it plus one;
//! numbers only grow, so several readers of one descriptor do not disturb one another. The list costs memory for as
//! many entries as the directory had when it was last read from the start.
#![forbid(unsafe_code)]

use crate::util::sort_by_key;
use crate::wasi::p1::types::{Dirent, Errno, FileType};
use std::collections::HashMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: Box<[u8]>,
    pub ino: u64,
    pub filetype: FileType,
}

#[derive(Default)]
pub struct Listing {
    /// By number, ascending.
    entries: Vec<(u64, Entry)>,
    /// The number of the next new entry; 0 before the directory is first read.
    next: u64,
}

impl Listing {
    /// Whether it must be read before entries from `cookie` on are known.
    pub fn is_stale(&self, cookie: u64) -> bool {
        cookie == 0 || self.next == 0
    }

    /// Takes in what the directory has now.
    pub fn refresh(&mut self, now: Vec<Entry>) {
        let mut known: HashMap<Box<[u8]>, u64> =
            std::mem::take(&mut self.entries).into_iter().map(|(number, e)| (e.name, number)).collect();
        self.entries = now
            .into_iter()
            .map(|e| {
                let number = known.remove(&e.name).unwrap_or_else(|| {
                    self.next += 1;
                    self.next - 1
                });
                (number, e)
            })
            .collect();
        sort_by_key(&mut self.entries, |(number, _)| *number);
        // An empty listing has been read as well.
        self.next = self.next.max(1);
    }

    /// The entries from a cookie on, as `fd_readdir` writes them: up to `room` bytes, the last one cut off.
    pub fn write(&self, cookie: u64, room: usize) -> Result<Vec<u8>, Errno> {
        let mut bytes = Vec::new();
        let from = self.entries.partition_point(|(number, _)| *number < cookie);
        for (number, e) in &self.entries[from..] {
            if bytes.len() >= room {
                break;
            }
            let name_len = u32::try_from(e.name.len()).map_err(|_| Errno::Overflow)?;
            let head = Dirent { next: number + 1, ino: e.ino, name_len, filetype: e.filetype };
            bytes.extend_from_slice(&head.to_bytes());
            bytes.extend_from_slice(&e.name);
        }
        bytes.truncate(room);
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        Entry { name: name.as_bytes().into(), ino: name.len() as u64, filetype: FileType::RegularFile }
    }

    fn list(names: &[&str]) -> Vec<Entry> {
        names.iter().map(|n| entry(n)).collect()
    }

    /// Names and cookies of whole entries.
    fn read(l: &Listing, cookie: u64, room: usize) -> Vec<(String, u64)> {
        let bytes = l.write(cookie, room).unwrap();
        assert!(bytes.len() <= room);
        let mut found = Vec::new();
        let mut rest = &bytes[..];
        while let Some((head, tail)) = rest.split_at_checked(Dirent::SIZE) {
            let next = u64::from_le_bytes(head[..8].try_into().unwrap());
            let len = u32::from_le_bytes(head[16..20].try_into().unwrap()) as usize;
            let Some((name, tail)) = tail.split_at_checked(len) else { break };
            found.push((String::from_utf8(name.to_vec()).unwrap(), next));
            rest = tail;
        }
        found
    }

    fn names(found: &[(String, u64)]) -> Vec<&str> {
        found.iter().map(|(n, _)| n.as_str()).collect()
    }

    #[test]
    fn removed_entries_do_not_move_the_others() {
        let mut l = Listing::default();
        assert!(l.is_stale(0) && l.is_stale(3));
        l.refresh(list(&[".", "..", "a", "b", "c", "d"]));
        assert!(l.is_stale(0) && !l.is_stale(3));
        let first = read(&l, 0, 3 * 24 + 4);
        assert_eq!(names(&first), [".", "..", "a"]);
        let cookie = first[2].1;
        // Another reader starts anew, after "a" and "c" went and "e" came.
        l.refresh(list(&[".", "..", "e", "d", "b"]));
        assert_eq!(names(&read(&l, cookie, 1000)), ["b", "d", "e"]);
        assert_eq!(names(&read(&l, 0, 1000)), [".", "..", "b", "d", "e"]);
        l.refresh(list(&[]));
        assert_eq!(names(&read(&l, 0, 1000)), Vec::<&str>::new());
        assert!(!l.is_stale(1));
        // A name that comes back is new: whoever was past it may see it again, nobody misses it.
        l.refresh(list(&["a"]));
        assert_eq!(names(&read(&l, cookie, 1000)), ["a"]);
    }

    #[test]
    fn small_buffers_cut_entries_off() {
        let mut l = Listing::default();
        l.refresh(list(&[".", "..", "name"]));
        let whole = l.write(0, 10_000).unwrap();
        assert_eq!(whole.len(), 3 * 24 + 1 + 2 + 4);
        for room in 0..whole.len() {
            assert_eq!(l.write(0, room).unwrap(), whole[..room]);
        }
        assert_eq!(l.write(u64::MAX, 100).unwrap(), b"");
        assert_eq!(l.write(3, 100).unwrap(), b"");
        assert_eq!(l.write(2, 100).unwrap(), whole[24 + 1 + 24 + 2..]);
    }
}
