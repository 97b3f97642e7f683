//! Reading, writing, positions, sizes and times of regular files.

use crate::host::*;
use wasm::wasi::p1::types::{Errno, FdFlags, FstFlags, OFlags, Rights};

#[test]
fn positions() {
    let s = Scratch::new();
    s.file("f", "0123456789");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    assert_eq!(h.read(f, 4).unwrap(), b"0123");
    assert_eq!(h.tell(f), Ok(4));
    assert_eq!(h.seek(f, 2, 1), Ok(6));
    assert_eq!(h.read(f, 2).unwrap(), b"67");
    assert_eq!(h.seek(f, -1, 2), Ok(9));
    assert_eq!(h.read(f, 5).unwrap(), b"9");
    assert_eq!(h.read(f, 5).unwrap(), b"");
    assert_eq!(h.seek(f, -1, 0), Err(Errno::Inval));
    assert_eq!(h.seek(f, -11, 2), Err(Errno::Inval));
    assert_eq!(h.seek(f, i64::MIN, 1), Err(Errno::Inval));
    assert_eq!(h.seek(f, 0, 3), Err(Errno::Inval));
    assert_eq!(h.seek(f, 0, 256), Err(Errno::Inval));
    assert_eq!(h.tell(f), Ok(10));
    assert!(h.seek(f, i64::MAX, 1).is_err());
    assert!(h.seek(f, i64::MAX, 2).is_err());
    // Beyond the end there is nothing, until something is written.
    assert_eq!(h.seek(f, 20, 0), Ok(20));
    assert_eq!(h.read(f, 5).unwrap(), b"");
    assert_eq!(h.write(f, "!"), Ok(1));
    assert_eq!(h.fstat(f).unwrap().size, 21);
    assert_eq!(h.pread(f, 12, 9).unwrap(), b"9\0\0\0\0\0\0\0\0\0\0!");
}

#[test]
fn reading_and_writing_at_offsets() {
    let s = Scratch::new();
    s.file("f", "0123456789");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    h.seek(f, 5, 0).unwrap();
    assert_eq!(h.pread(f, 3, 7).unwrap(), b"789");
    assert_eq!(h.pread(f, 3, 9).unwrap(), b"9");
    assert_eq!(h.pread(f, 3, 10).unwrap(), b"");
    assert_eq!(h.pread(f, 3, i64::MAX as u64).map_err(drop).unwrap_or_default(), b"");
    assert_eq!(h.pread(f, 3, i64::MAX as u64 + 1), Err(Errno::Inval));
    assert_eq!(h.pread(f, 3, u64::MAX), Err(Errno::Inval));
    assert_eq!(h.pwrite(f, "xy", 1), Ok(2));
    assert_eq!(h.pwrite(f, "xy", u64::MAX), Err(Errno::Inval));
    assert!(h.pwrite(f, "xy", i64::MAX as u64).is_err());
    assert_eq!(h.tell(f), Ok(5));
    assert_eq!(s.text("f"), "0xy3456789");
}

#[test]
fn vectors_are_filled_and_emptied_in_order() {
    let s = Scratch::new();
    s.file("f", "abcdefghij");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    let call = |name: &str, list: &[(u32, u32)]| {
        let [at, count] = h.vectors(list);
        h.call(name, &[f as u64, at, count, OUT as u64]).map(|()| h.u32_at(OUT))
    };
    h.put(DATA, &[b'.'; 40]);
    assert_eq!(call("fd_read", &[(DATA + 20, 3), (DATA, 0), (DATA + 10, 4), (DATA, 2), (DATA + 30, 9)]), Ok(10));
    assert_eq!(h.get(DATA, 33), b"hi........defg......abc.......j..");
    // Overlapping ones get what comes last.
    h.seek(f, 0, 0).unwrap();
    assert_eq!(call("fd_read", &[(DATA, 4), (DATA + 1, 4)]), Ok(8));
    assert_eq!(h.get(DATA, 5), b"aefgh");
    // The same place may be written often.
    h.seek(f, 0, 0).unwrap();
    h.put(DATA, b"xy");
    assert_eq!(call("fd_write", &[(DATA, 2); 1000]), Ok(2000));
    assert_eq!(s.text("f"), "xy".repeat(1000));
    // None, or empty ones, do nothing.
    assert_eq!(call("fd_write", &[]), Ok(0));
    assert_eq!(call("fd_write", &[(0, 0); 5]), Ok(0));
    assert_eq!(call("fd_read", &[]), Ok(0));
    let end = (PAGES * 65536) as u32;
    assert_eq!(call("fd_read", &[(end, 0)]), Ok(0));
    // One that is not inside spoils all, before anything moves.
    h.seek(f, 0, 0).unwrap();
    for bad in [(end - 1, 2), (end + 1, 0), (u32::MAX, 1), (0, u32::MAX), (DATA, end)] {
        assert_eq!(call("fd_read", &[(DATA, 2), bad]), Err(Errno::Fault), "{bad:?}");
        assert_eq!(call("fd_write", &[(DATA, 2), bad]), Err(Errno::Fault), "{bad:?}");
    }
    assert_eq!(h.tell(f), Ok(0));
    for name in ["fd_read", "fd_write"] {
        assert_eq!(h.call(name, &[f as u64, end as u64 - 4, 1, OUT as u64]), Err(Errno::Fault));
        assert_eq!(h.call(name, &[f as u64, PATH2 as u64, 1 << 29, OUT as u64]), Err(Errno::Inval));
        let [at, count] = h.vectors(&[(DATA, 2)]);
        assert_eq!(h.call(name, &[f as u64, at, count, end as u64 - 3]), Err(Errno::Fault));
    }
    assert_eq!((h.tell(f), s.text("f").len()), (Ok(0), 2000));
}

#[test]
fn large_transfers_are_complete() {
    let s = Scratch::new();
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    let bytes: Vec<u8> = (0..3_000_001u32).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
    assert_eq!(h.write(f, &bytes), Ok(bytes.len() as u32));
    assert_eq!(std::fs::read(s.path("f")).unwrap(), bytes);
    h.seek(f, 0, 0).unwrap();
    assert_eq!(h.read(f, 3_100_000).unwrap(), bytes);
    assert_eq!(h.pread(f, 2_999_999, 2).unwrap(), bytes[2..]);
    // Many small vectors across the pieces in which data travels.
    let list: Vec<(u32, u32)> = (0..1000).map(|i| (DATA + i * 3001, 3000)).collect();
    let [at, count] = h.vectors(&list);
    h.call("fd_pread", &[f as u64, at, count, 0, OUT as u64]).unwrap();
    assert_eq!(h.u32_at(OUT), 3_000_000);
    for (i, (at, len)) in list.iter().enumerate() {
        assert_eq!(h.get(*at, *len as usize), bytes[i * 3000..(i + 1) * 3000], "vector {i}");
    }
}

#[test]
fn sizes() {
    let s = Scratch::new();
    s.file("f", "0123456789");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    h.set_size(f, 4).unwrap();
    assert_eq!(s.text("f"), "0123");
    h.set_size(f, 6).unwrap();
    assert_eq!(s.text("f"), "0123\0\0");
    assert_eq!(h.set_size(f, u64::MAX), Err(Errno::Inval));
    assert_eq!(h.set_size(f, 1 << 63), Err(Errno::Inval));
    assert!(h.set_size(f, i64::MAX as u64).is_ok_and(|()| h.set_size(f, 6).is_ok()) || h.fstat(f).unwrap().size == 6);
    match h.allocate(f, 10, 10) {
        Ok(()) => assert_eq!(h.fstat(f).unwrap().size, 20),
        Err(e) => assert_eq!(e, Errno::Notsup),
    }
    assert_eq!(h.allocate(f, 0, 0), Err(Errno::Inval));
    assert_eq!(h.allocate(f, u64::MAX, 1), Err(Errno::Inval));
    assert_eq!(h.allocate(f, i64::MAX as u64, i64::MAX as u64), Err(Errno::Fbig));
    assert_eq!(h.allocate(f, 1, 1 << 63), Err(Errno::Inval));
    let advise = |at: u64, len: u64, advice: u64| h.call("fd_advise", &[f as u64, at, len, advice]);
    assert_eq!((0..6).map(|a| advice_ok(advise(0, 10, a))).collect::<Vec<_>>(), [true; 6]);
    assert_eq!(advise(0, 0, 0), Ok(()));
    assert_eq!((advise(0, 10, 6), advise(0, 10, 256)), (Err(Errno::Inval), Err(Errno::Inval)));
    assert_eq!((advise(u64::MAX, 1, 0), advise(0, u64::MAX, 0)), (Err(Errno::Inval), Err(Errno::Inval)));
    // Without the right to write there is none to change the size.
    let r = h.open(3, "f").unwrap();
    assert_eq!((h.set_size(r, 0), h.allocate(r, 0, 1)), (Err(Errno::Notcapable), Err(Errno::Notcapable)));
}

fn advice_ok(r: Result<()>) -> bool {
    r == Ok(())
}

#[test]
fn opened_for_one_thing_only() {
    let s = Scratch::new();
    s.file("f", "text");
    let h = Host::at(&s.0);
    let open = |rights| h.open_with(3, false, "f", OFlags::NONE, (rights, Rights::NONE), FdFlags::NONE).unwrap();
    let (r, w) = (open(Rights::FD_READ), open(Rights::FD_WRITE));
    assert_eq!((h.write(r, "x"), h.read(w, 1)), (Err(Errno::Badf), Err(Errno::Badf)));
    assert_eq!(h.write(w, "T"), Ok(1));
    assert_eq!(h.read(r, 9).unwrap(), b"Text");
}

#[test]
fn times_of_descriptors_and_paths() {
    let s = Scratch::new();
    s.file("f", "").dir("d").link("l", "f").link("dangling", "none");
    let h = Host::at(&s.0);
    let f = h.create(3, "f").unwrap();
    let d = h.open_dir(3, "d").unwrap();
    let (a, m) = (1_000_000_000_000_000_007, 999_999_999_000_000_013);
    let both = FstFlags::ATIM | FstFlags::MTIM;
    for fd in [f, d] {
        h.set_times(fd, a, m, both).unwrap();
        let stat = h.fstat(fd).unwrap();
        assert_eq!((stat.atim, stat.mtim), (a, m));
        h.set_times(fd, 5, 6, FstFlags::MTIM).unwrap();
        assert_eq!((h.fstat(fd).unwrap().atim, h.fstat(fd).unwrap().mtim), (a, 6));
        h.set_times(fd, 5, 7, FstFlags::ATIM).unwrap();
        assert_eq!((h.fstat(fd).unwrap().atim, h.fstat(fd).unwrap().mtim), (5, 6));
        h.set_times(fd, 1, 1, FstFlags::NONE).unwrap();
        assert_eq!((h.fstat(fd).unwrap().atim, h.fstat(fd).unwrap().mtim), (5, 6));
        h.set_times(fd, 0, 0, FstFlags::ATIM_NOW | FstFlags::MTIM_NOW).unwrap();
        assert!(h.fstat(fd).unwrap().atim > a && h.fstat(fd).unwrap().mtim > a);
        for wrong in [FstFlags::ATIM | FstFlags::ATIM_NOW, FstFlags::MTIM | FstFlags::MTIM_NOW, FstFlags::ALL] {
            assert_eq!(h.set_times(fd, 1, 1, wrong), Err(Errno::Inval));
        }
        assert_eq!(h.call("fd_filestat_set_times", &[fd as u64, 0, 0, 16]), Err(Errno::Inval));
    }
    h.path_set_times(3, false, "f", (a, m), both).unwrap();
    assert_eq!((h.stat(3, false, "f").unwrap().atim, h.stat(3, false, "f").unwrap().mtim), (a, m));
    // A link's own times, or those of what it leads to.
    h.path_set_times(3, false, "l", (1, 2), both).unwrap();
    assert_eq!((h.stat(3, false, "l").unwrap().mtim, h.stat(3, true, "l").unwrap().mtim), (2, m));
    h.path_set_times(3, true, "l", (3, 4), both).unwrap();
    assert_eq!((h.stat(3, false, "l").unwrap().mtim, h.stat(3, true, "l").unwrap().mtim), (2, 4));
    h.path_set_times(3, false, "dangling", (1, 2), both).unwrap();
    assert_eq!(h.path_set_times(3, true, "dangling", (1, 2), both), Err(Errno::Noent));
    h.path_set_times(3, true, "d", (8, 9), both).unwrap();
    assert_eq!(h.fstat(d).unwrap().mtim, 9);
    assert_eq!(h.path_set_times(3, false, "f", (1, 1), FstFlags::ALL), Err(Errno::Inval));
    assert_eq!(h.path_set_times(3, false, "f/", (1, 1), both), Err(Errno::Notdir));
    assert_eq!(h.stat(3, false, "f").unwrap().mtim, 4);
}

/// Snapshot 0 counts directions otherwise, and has a shorter record.
#[test]
fn as_programs_of_snapshot_0_expect_it() {
    let s = Scratch::new();
    s.file("f", "0123456789").dir("d");
    let h = Host::old(&s.0);
    let f = h.create(3, "f").unwrap();
    assert_eq!([h.seek(f, 4, 2), h.seek(f, 1, 0), h.seek(f, -3, 1)], [Ok(4), Ok(5), Ok(7)]);
    assert_eq!(h.seek(f, 0, 3), Err(Errno::Inval));
    assert_eq!(h.read(f, 9).unwrap(), b"789");
    h.set_times(f, 111, 222, FstFlags::ATIM | FstFlags::MTIM).unwrap();
    h.put(OUT, &[0xaa; 64]);
    h.call("fd_filestat_get", &[f as u64, OUT as u64]).unwrap();
    let check = || {
        assert_eq!((h.get(OUT + 16, 1)[0], h.u32_at(OUT + 20), h.u64_at(OUT + 24)), (REGULAR, 1, 10));
        assert_eq!((h.u64_at(OUT + 32), h.u64_at(OUT + 40)), (111, 222));
        assert_eq!(h.get(OUT + 56, 8), [0xaa; 8]);
    };
    check();
    h.put(PATH, b"f");
    h.call("path_filestat_get", &[3, 0, PATH as u64, 1, OUT as u64]).unwrap();
    check();
    assert_eq!(h.names(3), ["d", "f"]);
}
