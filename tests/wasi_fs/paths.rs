//! Making, removing, renaming and linking.

use crate::host::*;
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::p1::types::Errno;

fn tree() -> (Scratch, Host) {
    let s = Scratch::new();
    let h = Host::at(&s.0);
    (s, h)
}

#[test]
fn directories_come_and_go() {
    let (s, h) = tree();
    h.mkdir(3, "a").unwrap();
    h.mkdir(3, "a/b/").unwrap();
    assert_eq!(h.mkdir(3, "a"), Err(Errno::Exist));
    assert_eq!(h.mkdir(3, "x/y"), Err(Errno::Noent));
    assert_eq!(h.mkdir(3, "."), Err(Errno::Exist));
    assert_eq!(h.mkdir(3, ""), Err(Errno::Noent));
    assert_eq!(h.rmdir(3, "a"), Err(Errno::Notempty));
    s.file("f", "").link("l", "a");
    assert_eq!([h.rmdir(3, "f"), h.rmdir(3, "f/"), h.rmdir(3, "l")], [Err(Errno::Notdir); 3]);
    assert_eq!(h.mkdir(3, "f/x"), Err(Errno::Notdir));
    h.rmdir(3, "a/b//").unwrap();
    h.rmdir(3, "a").unwrap();
    assert_eq!(h.rmdir(3, "a"), Err(Errno::Noent));
    assert!(h.rmdir(3, ".").is_err() && h.rmdir(3, "/").is_err() && s.0.exists());
}

#[test]
fn unlinking() {
    let (s, h) = tree();
    s.file("f", "").dir("d").link("l", "d").link("dangling", "none");
    assert_eq!([h.unlink(3, "d"), h.unlink(3, "d/")], [Err(Errno::Isdir); 2]);
    assert_eq!(h.unlink(3, "f/"), Err(Errno::Notdir));
    assert_eq!(h.unlink(3, "none"), Err(Errno::Noent));
    // A link, not what it leads to.
    h.unlink(3, "l").unwrap();
    h.unlink(3, "dangling").unwrap();
    let f = h.create(3, "f").unwrap();
    h.unlink(3, "f").unwrap();
    // An open file stays until it is closed.
    assert_eq!(h.write(f, "still"), Ok(5));
    assert_eq!((h.fstat(f).unwrap().nlink, s.exists("f"), s.exists("d")), (0, false, true));
}

#[test]
fn links_of_both_kinds() {
    let (s, h) = tree();
    s.file("f", "text").dir("d");
    h.hard_link(3, "f", 3, "d/g").unwrap();
    assert_eq!(h.stat(3, false, "f").unwrap(), h.stat(3, false, "d/g").unwrap());
    assert_eq!(h.stat(3, false, "f").unwrap().nlink, 2);
    assert_eq!(
        [h.hard_link(3, "f", 3, "d/g"), h.hard_link(3, "f", 3, "f"), h.hard_link(3, "f", 3, "d")],
        [Err(Errno::Exist); 3]
    );
    assert!(matches!(h.hard_link(3, "d", 3, "e"), Err(Errno::Perm | Errno::Acces)));
    assert_eq!(h.hard_link(3, "f", 3, "new/"), Err(Errno::Noent));
    assert_eq!(h.hard_link(3, "f/", 3, "new"), Err(Errno::Notdir));
    h.symlink("none", 3, "dangling").unwrap();
    h.hard_link(3, "dangling", 3, "same").unwrap();
    assert_eq!(h.readlink(3, "same", 9).unwrap(), b"none");
    assert_eq!(h.hard_link(3, "f", 3, "dangling"), Err(Errno::Exist));
    assert_eq!(h.hard_link_with(3, 1, "dangling", 3, "x"), Err(Errno::Inval));
    assert_eq!(h.hard_link_with(3, 2, "f", 3, "x"), Err(Errno::Inval));

    h.symlink("f", 3, "l").unwrap();
    assert_eq!(h.readlink(3, "l", 100).unwrap(), b"f");
    assert_eq!(h.symlink("f", 3, "l"), Err(Errno::Exist));
    assert_eq!(h.symlink("f", 3, "new/"), Err(Errno::Noent));
    assert_eq!(h.symlink("f", 3, "d/"), Err(Errno::Exist));
    assert_eq!(h.symlink("f", 3, "f/"), Err(Errno::Notdir));
    assert_eq!(h.symlink("", 3, "empty"), Err(Errno::Noent));
    assert_eq!((h.stat(3, false, "l").unwrap().filetype, h.stat(3, true, "l").unwrap().filetype), (SYMLINK, REGULAR));
    assert_eq!(h.stat(3, true, "dangling"), Err(Errno::Noent));
    assert_eq!(h.stat(3, false, "dangling").unwrap().size, 4);
    // Text that does not fit is cut off; what is behind it stays as it was.
    h.symlink("0123456789", 3, "long").unwrap();
    h.put(DATA, b"________________");
    assert_eq!(h.readlink(3, "long", 4).unwrap(), b"0123");
    assert_eq!(h.get(DATA, 6), b"0123__");
    assert_eq!(h.readlink(3, "long", 0).unwrap(), b"");
    assert_eq!([h.readlink(3, "f", 9), h.readlink(3, "d", 9)], [Err(Errno::Inval), Err(Errno::Inval)]);
    assert_eq!(h.readlink(3, "none", 9), Err(Errno::Noent));
    h.put(PATH, b"long");
    let end = PAGES * 65536;
    assert_eq!(h.call("path_readlink", &[3, PATH as u64, 4, end - 3, 4, OUT as u64]), Err(Errno::Fault));
}

#[test]
fn renaming() {
    let (s, h) = tree();
    s.file("f", "f").file("g", "g").dir("d").dir("e").dir("full").file("full/x", "");
    h.rename(3, "f", 3, "g").unwrap();
    assert_eq!((s.text("g").as_str(), s.exists("f")), ("f", false));
    h.rename(3, "d", 3, "e").unwrap();
    assert_eq!(h.rename(3, "e", 3, "full"), Err(Errno::Notempty));
    assert_eq!(h.rename(3, "e", 3, "full/x"), Err(Errno::Notdir));
    assert_eq!(h.rename(3, "g", 3, "e"), Err(Errno::Isdir));
    assert_eq!(h.rename(3, "none", 3, "x"), Err(Errno::Noent));
    assert_eq!(h.rename(3, "full", 3, "full/in"), Err(Errno::Inval));
    // With slashes: of directories only.
    h.rename(3, "e/", 3, "e2").unwrap();
    h.rename(3, "e2", 3, "e3/").unwrap();
    h.rename(3, "e3//", 3, "e4//").unwrap();
    assert_eq!([h.rename(3, "g/", 3, "x"), h.rename(3, "g", 3, "x/")], [Err(Errno::Notdir); 2]);
    assert!(s.exists("g"));
    assert!(
        h.rename(3, ".", 3, "x").is_err()
            && h.rename(3, "e4", 3, ".").is_err()
            && h.rename(3, "e4/..", 3, "x").is_err()
    );
    // A link is renamed, not what it leads to.
    s.link("l", "g");
    h.rename(3, "l", 3, "full/l").unwrap();
    assert_eq!(h.readlink(3, "full/l", 9).unwrap(), b"g");
    h.rename(3, "g", 3, "g").unwrap();
    assert_eq!(s.text("g"), "f");
}

#[test]
fn between_preopens() {
    let s = Scratch::new();
    s.dir("a").dir("b").file("a/f", "text").dir("a/d");
    let open = |dir: &str, perms| Descriptor::preopen(&s.path(dir), dir.as_bytes(), perms).unwrap();
    let h = Host::new(vec![open("a", Perms::READ_WRITE), open("b", Perms::READ_WRITE), open("b", Perms::READ_ONLY)]);
    h.hard_link(3, "f", 4, "linked").unwrap();
    h.rename(3, "f", 4, "f").unwrap();
    h.rename(3, "d", 4, "d").unwrap();
    assert_eq!((s.text("b/f").as_str(), s.text("b/linked").as_str(), s.exists("a/f")), ("text", "text", false));
    // What may only be read in one does not become writable in another.
    assert_eq!([h.rename(5, "f", 3, "f"), h.hard_link(5, "f", 3, "f")], [Err(Errno::Perm); 2]);
    assert_eq!([h.rename(4, "f", 5, "x"), h.hard_link(4, "f", 5, "x")], [Err(Errno::Perm); 2]);
    let tree_only = Perms { write_files: false, ..Perms::READ_WRITE };
    let blind = Perms { read_files: false, ..Perms::READ_WRITE };
    let h = Host::new(vec![open("b", tree_only), open("a", Perms::READ_WRITE), open("b", blind)]);
    assert_eq!([h.rename(3, "f", 4, "f"), h.hard_link(3, "f", 4, "f")], [Err(Errno::Perm); 2]);
    assert_eq!([h.rename(5, "f", 4, "f"), h.hard_link(5, "f", 4, "f")], [Err(Errno::Perm); 2]);
    assert_eq!((h.open(5, "f"), h.create(3, "f")), (Err(Errno::Perm), Err(Errno::Perm)));
    h.rename(3, "f", 3, "f2").unwrap();
    h.rename(3, "f2", 5, "f").unwrap_err();
}
