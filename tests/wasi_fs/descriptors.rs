//! Numbers, rights and flags.

use crate::host::*;
use std::sync::Arc;
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::p1::types::{Errno, FdFlags, OFlags, Rights};
use wasm::wasi::stdio::Stream;
use wasm::wasi::{Config, stdio};

#[test]
fn numbers_are_reused_lowest_first() {
    let s = Scratch::new();
    s.file("f", "x");
    let h = Host::at(&s.0);
    let fds: Vec<u32> = (0..5).map(|_| h.open(3, "f").unwrap()).collect();
    assert_eq!(fds, [4, 5, 6, 7, 8]);
    h.close(7).unwrap();
    h.close(5).unwrap();
    assert_eq!(h.close(5), Err(Errno::Badf));
    assert_eq!([h.open(3, "f"), h.open(3, "f"), h.open(3, "f")], [Ok(5), Ok(7), Ok(9)]);
}

#[test]
fn a_full_table_says_so_and_makes_nothing() {
    let s = Scratch::new();
    let preopen = Descriptor::preopen(&s.0, b"/", Perms::READ_WRITE).unwrap();
    let h = Host::with(Config { preopens: vec![preopen], max_fds: 6, ..Config::default() });
    assert_eq!([h.create(3, "a"), h.create(3, "b")], [Ok(4), Ok(5)]);
    assert_eq!(h.create(3, "c"), Err(Errno::Mfile));
    assert!(!s.exists("c"));
    h.close(4).unwrap();
    assert_eq!(h.create(3, "c"), Ok(4));
}

#[test]
fn nothing_preopened_nothing_reachable() {
    let h = Host::new(vec![]);
    for fd in [3, 4, u32::MAX] {
        assert_eq!(h.call("fd_prestat_get", &[fd as u64, OUT as u64]), Err(Errno::Badf));
        assert_eq!(h.open(fd, "."), Err(Errno::Badf));
        assert_eq!(h.fdstat(fd), Err(Errno::Badf));
    }
    for fd in 0..3 {
        assert_eq!(h.open(fd, "/etc/passwd"), Err(Errno::Notdir));
        assert_eq!(h.mkdir(fd, "x"), Err(Errno::Notdir));
        assert_eq!(h.readdir(fd, 100, 0), Err(Errno::Notdir));
    }
}

#[test]
fn preopens_are_found_by_number_and_name() {
    let s = Scratch::new();
    s.dir("a").dir("b");
    let open = |dir: &str, name: &[u8]| Descriptor::preopen(&s.path(dir), name, Perms::READ_WRITE).unwrap();
    let h = Host::new(vec![open("a", b"/"), open("b", b"some where")]);
    h.call("fd_prestat_get", &[4, OUT as u64]).unwrap();
    assert_eq!((h.u32_at(OUT), h.u32_at(OUT + 4)), (0, 10));
    h.call("fd_prestat_dir_name", &[4, DATA as u64, 10]).unwrap();
    assert_eq!(h.get(DATA, 10), b"some where");
    h.call("fd_prestat_dir_name", &[3, DATA as u64, 100]).unwrap();
    assert_eq!(h.get(DATA, 2), b"/o");
    assert_eq!(h.call("fd_prestat_dir_name", &[4, DATA as u64, 9]), Err(Errno::Nametoolong));
    assert_eq!(h.call("fd_prestat_dir_name", &[0, DATA as u64, 9]), Err(Errno::Notdir));
    assert_eq!(h.call("fd_prestat_get", &[5, OUT as u64]), Err(Errno::Badf));
    assert_eq!(h.call("fd_prestat_get", &[0, OUT as u64]), Err(Errno::Badf));
    assert!(Descriptor::preopen(&s.0, b"a\0b", Perms::READ_WRITE).is_err());
    assert!(Descriptor::preopen(&s.path("none"), b"/", Perms::READ_WRITE).is_err());
}

#[test]
fn renumbering_over_a_preopen_and_closing_one() {
    let s = Scratch::new();
    s.dir("a").dir("b").file("a/in_a", "").file("b/in_b", "");
    let open = |dir: &str, name: &[u8]| Descriptor::preopen(&s.path(dir), name, Perms::READ_WRITE).unwrap();
    let h = Host::new(vec![open("a", b"/a"), open("b", b"/b")]);
    let f = h.create(3, "f").unwrap();
    h.renumber(4, 3).unwrap();
    assert_eq!(h.names(3), ["in_b"]);
    assert_eq!(h.open(4, "in_b"), Err(Errno::Badf));
    h.call("fd_prestat_dir_name", &[3, DATA as u64, 2]).unwrap();
    assert_eq!(h.get(DATA, 2), b"/b");
    // A file of the first directory stays open.
    assert_eq!(h.write(f, "text"), Ok(4));
    h.renumber(f, 3).unwrap();
    assert_eq!((h.fdstat(3).unwrap().filetype, h.open(3, "x")), (REGULAR, Err(Errno::Notdir)));
    assert_eq!(h.call("fd_prestat_get", &[3, OUT as u64]), Err(Errno::Badf));
    h.close(3).unwrap();
    assert_eq!(h.open(3, "in_a"), Err(Errno::Badf));
    assert_eq!(h.renumber(0, 100), Err(Errno::Badf));
    assert_eq!(h.renumber(100, 0), Err(Errno::Badf));
    assert_eq!(h.renumber(1, 1), Ok(()));
}

#[test]
fn rights_shrink_and_do_not_grow() {
    let s = Scratch::new();
    s.file("f", "text");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    let before = h.fdstat(f).unwrap();
    assert_eq!((before.base, before.inheriting), (RW, Rights::NONE));
    let less = Rights::FD_SEEK | Rights::FD_WRITE;
    h.set_rights(f, less, Rights::NONE).unwrap();
    assert_eq!(h.fdstat(f).unwrap().base, less);
    assert_eq!(h.set_rights(f, less | Rights::FD_READ, Rights::NONE), Err(Errno::Notcapable));
    assert_eq!(h.set_rights(f, less, Rights::FD_READ), Err(Errno::Notcapable));
    assert_eq!(h.set_rights(f, Rights(1 << 60), Rights::NONE), Err(Errno::Notcapable));
    assert_eq!(h.read(f, 1), Err(Errno::Badf));
    assert_eq!(h.fstat(f), Err(Errno::Notcapable));
    assert_eq!(h.set_size(f, 1), Err(Errno::Notcapable));
    assert_eq!(h.set_flags(f, FdFlags::APPEND), Err(Errno::Notcapable));
    assert_eq!(h.call("fd_sync", &[f as u64]), Err(Errno::Notcapable));
    assert_eq!(h.call("fd_datasync", &[f as u64]), Err(Errno::Notcapable));
    assert_eq!(h.call("fd_advise", &[f as u64, 0, 0, 0]), Err(Errno::Notcapable));
    assert_eq!(h.allocate(f, 0, 1), Err(Errno::Notcapable));
    // Whoever may seek may ask where.
    assert_eq!((h.tell(f), h.seek(f, 0, 1)), (Ok(0), Ok(0)));
    h.set_rights(f, Rights::FD_WRITE, Rights::NONE).unwrap();
    assert_eq!((h.tell(f), h.seek(f, 0, 1)), (Err(Errno::Notcapable), Err(Errno::Notcapable)));
    assert_eq!(h.pwrite(f, "x", 0), Err(Errno::Notcapable));
    assert_eq!(h.write(f, "x"), Ok(1));
}

/// Each function of a directory needs its own right.
#[test]
fn every_path_function_checks_its_right() {
    let s = Scratch::new();
    s.dir("d").file("f", "").link("l", "f");
    let h = Host::at(&s.0);
    let inheriting = Rights(DIR.0 | RW.0);
    let without = |right: Rights| {
        h.open_with(3, false, ".", OFlags::DIRECTORY, (DIR & !right, inheriting), FdFlags::NONE).unwrap()
    };
    let check = |right: Rights, run: &dyn Fn(u32) -> Result<()>| {
        let fd = without(right);
        assert_eq!(run(fd), Err(Errno::Notcapable), "{right:?}");
        h.close(fd).unwrap();
    };
    check(Rights::PATH_CREATE_DIRECTORY, &|d| h.mkdir(d, "n"));
    check(Rights::PATH_CREATE_FILE, &|d| h.create(d, "n").map(drop));
    check(Rights::PATH_LINK_SOURCE, &|d| h.hard_link(d, "f", 3, "n"));
    check(Rights::PATH_LINK_TARGET, &|d| h.hard_link(3, "f", d, "n"));
    check(Rights::PATH_OPEN, &|d| h.open(d, "f").map(drop));
    check(Rights::FD_READDIR, &|d| h.readdir(d, 100, 0).map(drop));
    check(Rights::PATH_READLINK, &|d| h.readlink(d, "l", 10).map(drop));
    check(Rights::PATH_RENAME_SOURCE, &|d| h.rename(d, "f", 3, "n"));
    check(Rights::PATH_RENAME_TARGET, &|d| h.rename(3, "f", d, "n"));
    check(Rights::PATH_FILESTAT_GET, &|d| h.stat(d, false, "f").map(drop));
    check(Rights::PATH_FILESTAT_SET_SIZE, &|d| {
        h.open_with(d, false, "f", OFlags::TRUNC, (RO, Rights::NONE), FdFlags::NONE).map(drop)
    });
    check(Rights::PATH_FILESTAT_SET_TIMES, &|d| h.path_set_times(d, false, "f", (0, 0), Default::default()));
    check(Rights::FD_FILESTAT_GET, &|d| h.fstat(d).map(drop));
    check(Rights::FD_FILESTAT_SET_TIMES, &|d| h.set_times(d, 0, 0, Default::default()));
    check(Rights::PATH_SYMLINK, &|d| h.symlink("f", d, "n"));
    check(Rights::PATH_REMOVE_DIRECTORY, &|d| h.rmdir(d, "d"));
    check(Rights::PATH_UNLINK_FILE, &|d| h.unlink(d, "f"));
    assert!(!s.exists("n") && s.exists("f") && s.exists("d"));
}

#[test]
fn rights_are_inherited() {
    let s = Scratch::new();
    s.dir("d").file("d/f", "text");
    let h = Host::at(&s.0);
    let pre = h.fdstat(3).unwrap();
    assert_eq!((pre.base, pre.inheriting), (DIR, all_rights().0));
    let open = |fd, path: &str, base, inheriting| {
        h.open_with(fd, false, path, OFlags::NONE, (base, inheriting), FdFlags::NONE)
    };
    let d = open(3, "d", Rights::PATH_OPEN, Rights::FD_READ).unwrap();
    assert_eq!(h.fdstat(d).unwrap().inheriting, Rights::FD_READ);
    assert_eq!(open(d, "f", Rights::FD_READ | Rights::FD_SEEK, Rights::NONE), Err(Errno::Notcapable));
    assert_eq!(open(d, "f", Rights::FD_READ, Rights::FD_WRITE), Err(Errno::Notcapable));
    let f = open(d, "f", Rights::FD_READ, Rights::NONE).unwrap();
    assert_eq!(h.read(f, 10).unwrap(), b"text");
    // Rights that no file has are not missed.
    let f = open(3, "d/f", Rights(u64::MAX), Rights(u64::MAX)).unwrap();
    assert_eq!(h.fdstat(f).unwrap().base, RW);
    // Asked for none, it gives what is passed on, but neither reading nor writing.
    let f = open(3, "d/f", Rights::NONE, Rights::NONE).unwrap();
    assert_eq!((h.read(f, 10), h.write(f, "x")), (Err(Errno::Badf), Err(Errno::Badf)));
    assert_eq!(h.fstat(f).unwrap().size, 4);
    let d = open(3, "d", Rights::NONE, Rights::NONE).unwrap();
    assert_eq!(h.names(d), ["f"]);
    // What means nothing for a kind of file is not given.
    let d = open(3, "d", Rights::FD_SEEK | Rights::FD_READDIR, Rights::NONE).unwrap();
    assert_eq!(h.fdstat(d).unwrap().base, Rights::FD_READDIR);
    // Synchronised writing needs the right that goes with it.
    let d = open(3, "d", Rights::PATH_OPEN, Rights::FD_READ | Rights::FD_DATASYNC).unwrap();
    let with = |flags| h.open_with(d, false, "f", OFlags::NONE, (Rights::FD_READ, Rights::NONE), flags);
    assert!(with(FdFlags::DSYNC).is_ok());
    assert_eq!([with(FdFlags::SYNC), with(FdFlags::RSYNC)], [Err(Errno::Notcapable); 2]);
}

#[test]
fn flags_can_be_changed() {
    let s = Scratch::new();
    let h = Host::at(&s.0);
    let all = FdFlags::ALL;
    let f = h.open_with(3, false, "f", OFlags::CREAT, (RW, Rights::NONE), all).unwrap();
    assert_eq!(h.fdstat(f).unwrap().flags, all);
    h.write(f, "one").unwrap();
    assert_eq!(h.seek(f, 0, 0), Ok(0));
    h.write(f, "two").unwrap();
    assert_eq!(h.tell(f), Ok(6));
    h.set_flags(f, FdFlags::NONE).unwrap();
    assert_eq!(h.fdstat(f).unwrap().flags, FdFlags::NONE);
    h.seek(f, 0, 0).unwrap();
    h.write(f, "ONE").unwrap();
    h.set_flags(f, FdFlags::APPEND | FdFlags::SYNC).unwrap();
    h.write(f, "end").unwrap();
    assert_eq!(s.text("f"), "ONEtwoend");
    assert_eq!(h.call("fd_fdstat_set_flags", &[f as u64, 32]), Err(Errno::Inval));
    assert_eq!(h.call("fd_fdstat_set_flags", &[f as u64, 1 << 16]), Err(Errno::Inval));
    assert_eq!(h.set_flags(3, FdFlags::NONE), Err(Errno::Badf));
    for flags in [FdFlags::DSYNC, FdFlags::RSYNC, FdFlags::NONBLOCK] {
        h.set_flags(f, flags).unwrap();
        assert_eq!(h.write(f, "+"), Ok(1));
        h.seek(f, 0, 0).unwrap();
        assert_eq!(h.read(f, 4).unwrap(), b"ONEt");
    }
}

#[test]
fn streams_are_not_files() {
    let stdin: Arc<dyn Stream> = Arc::new(stdio::Bytes::new(*b"typed"));
    let h = Host::with(Config { stdin, ..Config::default() });
    assert_eq!(h.read(0, 3).unwrap(), b"typ");
    assert_eq!(h.read(0, 30).unwrap(), b"ed");
    assert_eq!(h.read(0, 30).unwrap(), b"");
    assert_eq!((h.write(1, "out"), h.write(2, "err")), (Ok(3), Ok(3)));
    assert_eq!((h.write(0, "x"), h.read(1, 1)), (Err(Errno::Badf), Err(Errno::Badf)));
    for fd in 0..3 {
        assert_eq!(h.seek(fd, 0, 1), Err(Errno::Spipe));
        assert_eq!(h.tell(fd), Err(Errno::Spipe));
        assert_eq!(h.pread(fd, 1, 0), Err(Errno::Spipe));
        assert_eq!(h.pwrite(fd, "x", 0), Err(Errno::Spipe));
        assert_eq!(h.set_size(fd, 0), Err(Errno::Badf));
        assert_eq!(h.set_times(fd, 0, 0, Default::default()), Err(Errno::Badf));
        assert_eq!(h.allocate(fd, 0, 1), Err(Errno::Spipe));
        assert_eq!(h.fstat(fd).unwrap().size, 0);
        assert!(!h.fdstat(fd).unwrap().base.intersects(Rights::FD_SEEK | Rights::FD_TELL));
        assert_eq!(h.set_flags(fd, FdFlags::NONBLOCK), Ok(()));
        assert_eq!(h.call("fd_sync", &[fd as u64]), Ok(()));
    }
    let mut text = [0; 10];
    assert_eq!(h.ctx.captured(0).unwrap().take(&mut text), 3);
    assert_eq!(&text[..3], b"out");
}

#[test]
fn directories_are_not_files() {
    let s = Scratch::new();
    let h = Host::at(&s.0);
    assert_eq!(h.read(3, 1), Err(Errno::Badf));
    assert_eq!(h.write(3, "x"), Err(Errno::Badf));
    assert_eq!(h.pread(3, 1, 0), Err(Errno::Badf));
    assert_eq!(h.pwrite(3, "x", 0), Err(Errno::Badf));
    assert_eq!((0..3).map(|w| h.seek(3, 0, w)).collect::<Vec<_>>(), [Err(Errno::Badf); 3]);
    assert_eq!(h.tell(3), Err(Errno::Badf));
    assert_eq!(h.set_size(3, 0), Err(Errno::Badf));
    assert_eq!(h.allocate(3, 0, 1), Err(Errno::Badf));
    assert_eq!(h.call("fd_advise", &[3, 0, 0, 4]), Err(Errno::Badf));
    assert_eq!(h.call("fd_sync", &[3]), Ok(()));
    assert_eq!(h.call("fd_datasync", &[3]), Ok(()));
    assert_eq!(h.fstat(3).unwrap().filetype, DIRECTORY);
    let f = h.create(3, "f").unwrap();
    assert_eq!(h.readdir(f, 100, 0), Err(Errno::Notdir));
    assert_eq!(h.mkdir(f, "x"), Err(Errno::Notdir));
}

/// Threads that read from a descriptor while others close it, and put other files at its number.
#[test]
fn closing_under_a_reader() {
    let s = Scratch::new();
    s.file("a", &"a".repeat(4096)).file("b", &"b".repeat(4096));
    let h = Host::at(&s.0);
    let fd = h.open(3, "a").unwrap();
    let ctx = &h.ctx;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(move || {
                let h = Host::on(ctx);
                for _ in 0..3000 {
                    match h.pread(fd, 4096, 0) {
                        Ok(text) => {
                            assert_eq!(text.len(), 4096);
                            assert!(text.iter().all(|c| *c == text[0]), "two files in one read");
                        }
                        Err(e) => assert_eq!(e, Errno::Badf),
                    }
                }
            });
        }
        scope.spawn(move || {
            let h = Host::on(ctx);
            for i in 0..1500 {
                let other = h.open(3, if i % 2 == 0 { "b" } else { "a" }).unwrap();
                match i % 3 {
                    0 if other != fd => h.renumber(other, fd).or_else(|_| h.close(other)).unwrap(),
                    _ if other != fd => {
                        let _ = h.close(fd);
                        h.close(other).unwrap();
                    }
                    _ => {}
                }
            }
        });
    });
    assert!(ctx.table.len() <= 5);
}
