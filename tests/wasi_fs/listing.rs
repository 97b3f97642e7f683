//! `fd_readdir`.

use crate::host::*;
use std::collections::BTreeSet;
use wasm::wasi::p1::types::Errno;

fn full(n: usize) -> Scratch {
    let s = Scratch::new();
    for i in 0..n {
        s.file(&format!("file.{i}"), "");
    }
    s
}

#[test]
fn entries_say_what_they_are() {
    let s = Scratch::new();
    s.file("f", "").dir("d").link("l", "f").dir("d/inner");
    let h = Host::at(&s.0);
    let all = h.list_from(3, 4096, 0).unwrap();
    assert_eq!((all[0].name.as_str(), all[1].name.as_str()), (".", ".."));
    let root = h.fstat(3).unwrap().ino;
    assert!(all[..2].iter().all(|e| e.filetype == DIRECTORY && e.ino == root));
    let of = |name: &str| all.iter().find(|e| e.name == name).map(|e| (e.filetype, e.ino)).unwrap();
    assert_eq!(of("f"), (REGULAR, h.stat(3, false, "f").unwrap().ino));
    assert_eq!(of("d"), (DIRECTORY, h.stat(3, false, "d").unwrap().ino));
    assert_eq!(of("l"), (SYMLINK, h.stat(3, false, "l").unwrap().ino));
    assert_eq!(all.len(), 5);
    let d = h.open_dir(3, "d").unwrap();
    assert_eq!(h.names(d), ["inner"]);
}

#[test]
fn any_room_lists_everything_once() {
    let s = full(300);
    let h = Host::at(&s.0);
    for room in [24 + 8, 40, 63, 64, 65, 100, 255, 256, 4096, 100_000] {
        let names: Vec<_> = h.list_from(3, room, 0).unwrap().into_iter().map(|e| e.name).collect();
        assert_eq!(names.len(), 302, "room {room}");
        assert_eq!(names.into_iter().collect::<BTreeSet<_>>().len(), 302, "room {room}");
    }
    // Too little room for one entry gives its beginning.
    let first = h.readdir(3, 1000, 0).unwrap();
    for room in 0..60 {
        assert_eq!(h.readdir(3, room, 0).unwrap(), first[..room as usize]);
    }
    assert_eq!(h.readdir(3, 100, u64::MAX).unwrap(), b"");
    let last = h.list_from(3, 4096, 0).unwrap().pop().unwrap().next;
    assert_eq!(h.readdir(3, 100, last).unwrap(), b"");
}

#[test]
fn removing_while_reading_skips_nothing() {
    let s = full(500);
    let h = Host::at(&s.0);
    let (mut seen, mut cookie) = (0, 0);
    loop {
        let bytes = h.readdir(3, 200, cookie).unwrap();
        let found = entries(&bytes);
        for e in &found {
            cookie = e.next;
            if e.name.starts_with("file") {
                h.unlink(3, &e.name).unwrap();
                seen += 1;
            }
        }
        if bytes.len() < 200 {
            break;
        }
    }
    assert_eq!((seen, h.names(3).len()), (500, 0));
}

#[test]
fn adding_while_reading_repeats_nothing() {
    let s = full(200);
    let h = Host::at(&s.0);
    let (mut seen, mut cookie, mut round) = (Vec::new(), 0, 0);
    loop {
        let bytes = h.readdir(3, 128, cookie).unwrap();
        let found = entries(&bytes);
        cookie = found.last().map_or(cookie, |e| e.next);
        seen.extend(found.into_iter().map(|e| e.name));
        s.file(&format!("new.{round}"), "");
        // Another reader of the same descriptor begins.
        if round % 7 == 0 {
            h.readdir(3, 30, 0).unwrap();
        }
        round += 1;
        if bytes.len() < 128 {
            break;
        }
    }
    let old = seen.iter().filter(|n| n.starts_with("file")).count();
    let distinct = seen.iter().collect::<BTreeSet<_>>().len();
    assert_eq!((old, distinct), (200, seen.len()));
}

#[test]
fn a_cookie_of_another_descriptor_and_wrong_buffers() {
    let s = full(10);
    let h = Host::at(&s.0);
    let cookie = entries(&h.readdir(3, 200, 0).unwrap()).last().unwrap().next;
    let other = h.open_dir(3, ".").unwrap();
    let rest = h.list_from(other, 4096, cookie).unwrap();
    assert_eq!(rest.len(), 12 - cookie as usize);
    let end = PAGES * 65536;
    let call = |buf: u64, room: u64, out: u64| h.call("fd_readdir", &[3, buf, room, 0, out]);
    assert_eq!(call(end - 10, 11, OUT as u64), Err(Errno::Fault));
    assert_eq!(call(0, u32::MAX as u64, OUT as u64), Err(Errno::Fault));
    assert_eq!(call(DATA as u64, 10, end - 3), Err(Errno::Fault));
    assert_eq!(call(end, 0, OUT as u64), Ok(()));
    assert_eq!(call(end - 10, 10, OUT as u64), Ok(()));
}

#[test]
fn names_of_other_encodings_are_listed_as_they_are() {
    use std::os::unix::ffi::OsStrExt;
    let s = Scratch::new();
    let name = b"caf\xe9";
    if std::fs::write(s.0.join(std::ffi::OsStr::from_bytes(name)), "").is_err() {
        return;
    }
    let h = Host::at(&s.0);
    let bytes = h.readdir(3, 4096, 0).unwrap();
    assert!(bytes.windows(4).any(|w| w == name));
    assert_eq!(h.open(3, name), Err(Errno::Ilseq));
}

#[test]
fn a_removed_directory_is_empty() {
    let s = full(0);
    let h = Host::at(&s.0);
    h.mkdir(3, "d").unwrap();
    let d = h.open_dir(3, "d").unwrap();
    h.rmdir(3, "d").unwrap();
    assert!(h.list_from(d, 4096, 0).unwrap().len() <= 2);
    assert_eq!(h.create(d, "f"), Err(Errno::Noent));
}
