//! Directories that the host lets guests only read.

use crate::host::*;
use wasm::wasi::p1::types::{Errno, FdFlags, FstFlags, OFlags, Rights};

fn tree() -> (Scratch, Host) {
    let s = Scratch::new();
    s.file("f", "text").dir("d").dir("empty").file("d/g", "inner").link("l", "f");
    let h = Host::read_only(&s.0);
    (s, h)
}

/// Everything below a directory: names, texts, times.
fn snapshot(s: &Scratch) -> Vec<(String, String, std::time::SystemTime)> {
    let mut all = Vec::new();
    let mut todo = vec![s.0.clone()];
    while let Some(dir) = todo.pop() {
        for e in std::fs::read_dir(&dir).unwrap() {
            let path = e.unwrap().path();
            let meta = path.symlink_metadata().unwrap();
            if meta.is_dir() {
                todo.push(path.clone());
            }
            let text = if meta.is_file() { std::fs::read_to_string(&path).unwrap() } else { String::new() };
            all.push((path.display().to_string(), text, meta.modified().unwrap()));
        }
    }
    all.sort();
    all
}

#[test]
fn every_function_that_changes_is_refused() {
    let (s, h) = tree();
    let before = snapshot(&s);
    let d = h.open_with(3, true, "d", OFlags::DIRECTORY, (DIR, all_rights().1), FdFlags::NONE).unwrap();
    let f = h.open(3, "f").unwrap();
    assert_eq!(h.read(f, 9).unwrap(), b"text");
    assert_eq!((h.names(d), h.readlink(3, "l", 9).unwrap()), (vec!["g".to_owned()], b"f".to_vec()));
    let both = FstFlags::ATIM | FstFlags::MTIM;
    for (dir, file, sub) in [(3, "f", "empty"), (d, "g", "none"), (3, "d/g", "d")] {
        let open = |oflags, base| h.open_with(dir, true, file, oflags, (base, Rights::NONE), FdFlags::NONE).map(drop);
        let results = [
            ("write", open(OFlags::NONE, RW)),
            ("write only", open(OFlags::NONE, Rights::FD_WRITE)),
            ("allocate", open(OFlags::NONE, Rights::FD_ALLOCATE)),
            ("set_size", open(OFlags::NONE, Rights::FD_FILESTAT_SET_SIZE)),
            ("truncate", open(OFlags::TRUNC, RO)),
            ("make", open(OFlags::CREAT, RO)),
            ("make anew", h.create(dir, "new").map(drop)),
            ("mkdir", h.mkdir(dir, "new")),
            ("rmdir", h.rmdir(dir, sub)),
            ("unlink", h.unlink(dir, file)),
            ("rename", h.rename(dir, file, dir, "new")),
            ("link", h.hard_link(dir, file, dir, "new")),
            ("symlink", h.symlink("f", dir, "new")),
            ("times by path", h.path_set_times(dir, true, file, (1, 1), both)),
            ("times", h.set_times(dir, 1, 1, both)),
        ];
        for (what, result) in results {
            assert_eq!(result, Err(Errno::Perm), "{what} {file}");
        }
    }
    assert_eq!(h.set_times(f, 1, 1, both), Err(Errno::Perm));
    assert_eq!([h.set_size(f, 0), h.allocate(f, 0, 99)], [Err(Errno::Notcapable); 2]);
    assert_eq!([h.write(f, "x"), h.pwrite(f, "x", 0)], [Err(Errno::Badf); 2]);
    // Appending is nothing to somebody who cannot write.
    let f = h.open_with(3, true, "f", OFlags::NONE, (RO, Rights::NONE), FdFlags::APPEND).unwrap();
    assert_eq!(h.write(f, "x"), Err(Errno::Badf));
    assert_eq!(snapshot(&s), before);
}

#[test]
fn rights_are_still_whole() {
    let (_s, h) = tree();
    // Guests ask for what a preopen says it passes on, less what they do not need.
    assert_eq!(h.fdstat(3).unwrap().inheriting, all_rights().0);
    let less =
        all_rights().0 & !(Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE | Rights::FD_DATASYNC);
    let f = h.open_with(3, true, "f", OFlags::NONE, (less, all_rights().0), FdFlags::NONE).unwrap();
    assert_eq!(h.read(f, 9).unwrap(), b"text");
}
