//! `path_open`: every flag, and what they mean together.

use crate::host::*;
use wasm::wasi::p1::types::{Errno, FdFlags, OFlags, Rights};

fn tree() -> (Scratch, Host) {
    let s = Scratch::new();
    s.file("f", "text").dir("d").file("d/g", "inner").link("to_f", "f").link("to_d", "d").link("dangling", "none");
    s.link("loop_a", "loop_b").link("loop_b", "loop_a").link("d/up", "../f");
    let h = Host::at(&s.0);
    (s, h)
}

fn open(h: &Host, follow: bool, path: &str, oflags: OFlags, base: Rights) -> Result<u32> {
    h.open_with(3, follow, path, oflags, (base, Rights::NONE), FdFlags::NONE)
}

#[test]
fn links_are_followed_if_asked_for() {
    let (_s, h) = tree();
    let fd = open(&h, true, "to_f", OFlags::NONE, RO).unwrap();
    assert_eq!(h.read(fd, 9).unwrap(), b"text");
    assert_eq!(open(&h, false, "to_f", OFlags::NONE, RO), Err(Errno::Loop));
    assert!(open(&h, true, "to_d", OFlags::DIRECTORY, DIR).is_ok());
    assert!(matches!(open(&h, false, "to_d", OFlags::DIRECTORY, DIR), Err(Errno::Loop | Errno::Notdir)));
    assert_eq!(open(&h, true, "to_f", OFlags::DIRECTORY, DIR), Err(Errno::Notdir));
    // Those on the way always.
    let fd = open(&h, false, "to_d/g", OFlags::NONE, RO).unwrap();
    assert_eq!(h.read(fd, 9).unwrap(), b"inner");
    let fd = open(&h, true, "d/up", OFlags::NONE, RO).unwrap();
    assert_eq!(h.read(fd, 9).unwrap(), b"text");
    assert_eq!(open(&h, true, "loop_a", OFlags::NONE, RO), Err(Errno::Loop));
    assert_eq!(open(&h, true, "loop_a/x", OFlags::NONE, RO), Err(Errno::Loop));
    assert_eq!(open(&h, true, "dangling", OFlags::NONE, RO), Err(Errno::Noent));
    assert_eq!(h.call("path_open", &[3, 2, PATH as u64, 1, 0, 0, 0, 0, OUT as u64]), Err(Errno::Inval));
}

#[test]
fn making_files() {
    let (s, h) = tree();
    let fd = open(&h, false, "new", OFlags::CREAT, RW).unwrap();
    assert_eq!(h.write(fd, "made"), Ok(4));
    assert_eq!(open(&h, false, "new", OFlags::CREAT | OFlags::EXCL, RW), Err(Errno::Exist));
    assert!(open(&h, false, "newer", OFlags::CREAT | OFlags::EXCL, RW).is_ok());
    // One that exists is opened, and keeps what it has.
    let fd = open(&h, false, "new", OFlags::CREAT, RO).unwrap();
    assert_eq!(h.read(fd, 9).unwrap(), b"made");
    assert_eq!(h.write(fd, "x"), Err(Errno::Badf));
    // Where a link leads, but not through one that must not be followed.
    assert!(open(&h, true, "dangling", OFlags::CREAT, RW).is_ok());
    assert!(s.exists("none"));
    assert_eq!(open(&h, false, "to_f", OFlags::CREAT, RW), Err(Errno::Loop));
    assert_eq!(open(&h, true, "to_f", OFlags::CREAT | OFlags::EXCL, RW), Err(Errno::Exist));
    assert_eq!(open(&h, false, "no/such", OFlags::CREAT, RW), Err(Errno::Noent));
    assert_eq!(open(&h, false, "f/x", OFlags::CREAT, RW), Err(Errno::Notdir));
    assert!(open(&h, false, "slash/", OFlags::CREAT, RW).is_err());
    assert!(!s.exists("slash"));
    assert_eq!(open(&h, false, "d", OFlags::CREAT, RW), Err(Errno::Isdir));
    // Without a right to read or write it is made all the same.
    let fd = open(&h, false, "bare", OFlags::CREAT, Rights::FD_FILESTAT_GET).unwrap();
    assert_eq!((h.read(fd, 1), h.write(fd, "x")), (Err(Errno::Badf), Err(Errno::Badf)));
    assert!(s.exists("bare"));
    // Nothing is made if the number could not be told.
    h.put(PATH, b"unseen");
    let args = [3, 0, PATH as u64, 6, OFlags::CREAT.0 as u64, RW.0, 0, 0, PAGES * 65536 - 3];
    assert_eq!(h.call("path_open", &args), Err(Errno::Fault));
    assert!(!s.exists("unseen"));
}

#[test]
fn emptying_files() {
    let (s, h) = tree();
    let fd = open(&h, false, "f", OFlags::TRUNC, RO).unwrap();
    assert_eq!((h.read(fd, 9).unwrap(), h.write(fd, "x")), (vec![], Err(Errno::Badf)));
    s.file("f", "again");
    let fd = h.open_with(3, false, "f", OFlags::TRUNC | OFlags::CREAT, (RW, Rights::NONE), FdFlags::APPEND).unwrap();
    h.write(fd, "ab").unwrap();
    h.seek(fd, 0, 0).unwrap();
    h.write(fd, "cd").unwrap();
    assert_eq!((s.text("f").as_str(), h.tell(fd)), ("abcd", Ok(4)));
    assert_eq!(h.pwrite(fd, "efg", 0), Ok(3));
    assert_eq!(h.tell(fd), Ok(4));
    assert!(open(&h, false, "fresh", OFlags::TRUNC | OFlags::CREAT | OFlags::EXCL, RW).is_ok());
    assert_eq!(open(&h, false, "d", OFlags::TRUNC, RW), Err(Errno::Isdir));
    assert_eq!(open(&h, false, "none", OFlags::TRUNC, RW), Err(Errno::Noent));
}

#[test]
fn directories() {
    let (_s, h) = tree();
    for path in ["d", "d/", "d//", "d/.", "./d", ".//d/./", "d/../d", "to_d/", "to_d/."] {
        let fd = open(&h, true, path, OFlags::DIRECTORY, DIR).unwrap();
        assert_eq!(h.fdstat(fd).unwrap().filetype, DIRECTORY, "{path}");
        let fd = open(&h, true, path, OFlags::NONE, DIR).unwrap();
        assert_eq!(h.names(fd), ["g", "up"], "{path}");
    }
    assert_eq!(open(&h, false, "f", OFlags::DIRECTORY, DIR), Err(Errno::Notdir));
    assert_eq!(open(&h, false, "f/", OFlags::NONE, RO), Err(Errno::Notdir));
    assert_eq!(open(&h, false, "f///", OFlags::NONE, RO), Err(Errno::Notdir));
    assert_eq!(open(&h, false, "f/.", OFlags::NONE, RO), Err(Errno::Notdir));
    assert_eq!(open(&h, false, "f/..", OFlags::NONE, RO), Err(Errno::Notdir));
    assert_eq!(open(&h, false, "d", OFlags::NONE, RW), Err(Errno::Isdir));
    let write = Rights::FD_READ | Rights::FD_WRITE;
    assert_eq!(open(&h, false, ".", OFlags::DIRECTORY, write), Err(Errno::Isdir));
    for with in [OFlags::CREAT, OFlags::TRUNC, OFlags::EXCL] {
        assert_eq!(open(&h, false, "d", OFlags::DIRECTORY | with, DIR), Err(Errno::Inval));
    }
    assert_eq!(h.call("path_open", &[3, 0, PATH as u64, 1, 16, 0, 0, 0, OUT as u64]), Err(Errno::Inval));
    assert_eq!(h.call("path_open", &[3, 0, PATH as u64, 1, 0, 0, 0, 32, OUT as u64]), Err(Errno::Inval));
}

#[test]
fn what_cannot_be_a_path() {
    let (_s, h) = tree();
    assert_eq!(h.open(3, ""), Err(Errno::Noent));
    assert_eq!(h.open(3, "f\0"), Err(Errno::Inval));
    assert_eq!(h.open(3, "\0f"), Err(Errno::Inval));
    assert_eq!(h.open(3, b"\xff\xfe"), Err(Errno::Ilseq));
    assert_eq!(h.open(3, "n".repeat(256)), Err(Errno::Nametoolong));
    assert_eq!(h.open(3, "d/../".repeat(900)), Err(Errno::Nametoolong));
    assert!(h.open(3, "d/../".repeat(400) + "f").is_ok());
    let end = PAGES * 65536;
    let open = |at: u64, len: u64| h.call("path_open", &[3, 0, at, len, 0, RO.0, 0, 0, OUT as u64]);
    assert_eq!(open(end - 1, 2), Err(Errno::Fault));
    assert_eq!(open(end, 0), Err(Errno::Noent));
    assert_eq!(open(0, u32::MAX as u64), Err(Errno::Fault));
    assert_eq!(open(u32::MAX as u64, u32::MAX as u64), Err(Errno::Fault));
    assert_eq!(open(0, 4096), Err(Errno::Nametoolong));
}

#[test]
fn files_that_may_only_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let (s, h) = tree();
    std::fs::set_permissions(s.path("f"), std::fs::Permissions::from_mode(0o444)).unwrap();
    // Making a file that is there already does not ask to write to it.
    let fd = open(&h, false, "f", OFlags::CREAT, RO).unwrap();
    assert_eq!(h.read(fd, 9).unwrap(), b"text");
}
