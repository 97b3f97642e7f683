//! Ways out of a preopened directory, each tried and refused.

use crate::host::*;
use std::sync::atomic::{AtomicBool, Ordering};
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::p1::types::{Errno, FdFlags, FstFlags, OFlags, Rights};

const SECRET: &str = "the secret";

/// `outside/secret` beside `tree`, which is all that the guest has.
fn world() -> (Scratch, Host) {
    let s = Scratch::new();
    s.dir("outside").file("outside/secret", SECRET).dir("outside/empty").dir("tree/d/deep").file("tree/f", "inside");
    let h = Host::at(&s.path("tree"));
    (s, h)
}

fn assert_untouched(s: &Scratch) {
    assert_eq!(s.text("outside/secret"), SECRET);
    let mut names: Vec<_> =
        std::fs::read_dir(s.path("outside")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["empty", "secret"]);
}

/// Tries a path in every function that takes one. None may succeed, and none may tell that something is there.
fn refused(h: &Host, path: &str) {
    let (a, m) = (FstFlags::ATIM, FstFlags::MTIM);
    let rights = |base: Rights| (base, Rights(DIR.0 | RW.0));
    let mut results: Vec<(&str, Result<()>)> = Vec::new();
    for follow in [false, true] {
        for oflags in [OFlags::NONE, OFlags::CREAT, OFlags::CREAT | OFlags::EXCL, OFlags::TRUNC, OFlags::DIRECTORY] {
            for base in [RO, RW, DIR, Rights::NONE, Rights::FD_WRITE] {
                if !follow && oflags.contains(OFlags::EXCL) {
                    continue;
                }
                let opened = h.open_with(3, follow, path, oflags, rights(base), FdFlags::NONE);
                results.push(("open", opened.map(drop)));
            }
        }
    }
    results.push(("stat", h.stat(3, true, path).map(drop)));
    results.push(("times", h.path_set_times(3, true, path, (1, 1), a | m)));
    results.push(("mkdir", h.mkdir(3, path.to_owned() + "/new")));
    results.push(("create", h.create(3, path.to_owned() + "/new").map(drop)));
    results.push(("rmdir", h.rmdir(3, path.to_owned() + "/empty")));
    results.push(("unlink", h.unlink(3, path.to_owned() + "/secret")));
    results.push(("link from", h.hard_link(3, path.to_owned() + "/secret", 3, "got")));
    results.push(("link to", h.hard_link(3, "f", 3, path.to_owned() + "/new")));
    results.push(("rename from", h.rename(3, path.to_owned() + "/secret", 3, "got")));
    results.push(("rename to", h.rename(3, "f", 3, path.to_owned() + "/new")));
    results.push(("symlink", h.symlink("x", 3, path.to_owned() + "/new")));
    results.push(("readlink", h.readlink(3, path.to_owned() + "/secret", 99).map(drop)));
    results.push(("open below", h.open(3, path.to_owned() + "/secret").map(drop)));
    results.push(("stat below", h.stat(3, false, path.to_owned() + "/secret").map(drop)));
    for (what, result) in results {
        let e = result.expect_err(&format!("{what} {path}"));
        let known = [Errno::Perm, Errno::Notdir, Errno::Loop, Errno::Inval, Errno::Noent, Errno::Exist, Errno::Isdir];
        assert!(known.contains(&e), "{what} {path}: {e:?}");
    }
}

#[test]
fn absolute_paths_and_parents() {
    let (s, h) = world();
    let absolute = s.path("outside").display().to_string();
    for path in [
        absolute.as_str(),
        &format!("/{absolute}"),
        &format!("{absolute}/secret"),
        "/",
        "//",
        "/.",
        "/..",
        "/etc/passwd",
        "..",
        "../",
        "../outside",
        "../outside/secret",
        "../../",
        "d/../..",
        "d/../../outside",
        "d/deep/../../../outside",
        "./../outside",
        ".//..//outside",
        "d/./.././../outside",
        "../tree/f",
        "../tree",
    ] {
        refused(&h, path);
    }
    assert_untouched(&s);
    assert_eq!(s.text("tree/f"), "inside");
    // Up and down inside is fine.
    assert!(h.open(3, "d/deep/../../f").is_ok());
    assert!(h.open(3, "d/..").is_ok());
}

#[test]
fn links_that_were_there_before() {
    let (s, h) = world();
    let outside = s.path("outside").display().to_string();
    s.link("tree/abs", &outside)
        .link("tree/rel", "../outside")
        .link("tree/d/rel2", "../../outside")
        .link("tree/chain", "chain2")
        .link("tree/chain2", "d/rel2")
        .link("tree/abs_file", &format!("{outside}/secret"))
        .link("tree/rel_file", "../outside/secret")
        .link("tree/root", "/")
        .link("tree/slashes", "//")
        .link("tree/dots", "..")
        .link("tree/self_abs", &s.path("tree").display().to_string())
        .link("tree/back_in", "../tree/f")
        .link("tree/nowhere", "../outside/new")
        .link("tree/proc", "/proc/self/root")
        .link("tree/cwd", "/proc/self/cwd")
        .link("tree/fd", "/proc/self/fd/0")
        .link("tree/dev", "/dev/null");
    for path in [
        "abs",
        "rel",
        "d/rel2",
        "chain",
        "abs_file",
        "rel_file",
        "root",
        "slashes",
        "dots",
        "self_abs",
        "back_in",
        "nowhere",
        "proc",
        "cwd",
        "fd",
        "dev",
        "abs/",
        "rel/.",
        "d/rel2/../outside",
        "chain/",
        "root/etc/passwd",
        "rel/../outside",
        "dots/outside",
        "dots/tree/f",
        "self_abs/f",
    ] {
        refused(&h, path);
    }
    assert_untouched(&s);
    assert!(!s.exists("outside/new"));
    // The links themselves are the guest's to look at and remove; what absolute ones say is not.
    assert_eq!(h.readlink(3, "rel", 99).unwrap(), b"../outside");
    assert_eq!(h.readlink(3, "abs", 99), Err(Errno::Perm));
    assert_eq!(h.stat(3, false, "abs").unwrap().filetype, SYMLINK);
    h.unlink(3, "abs").unwrap();
    h.rename(3, "rel", 3, "moved").unwrap();
    refused(&h, "moved");
    // Further down the same text leads to a place inside.
    h.rename(3, "moved", 3, "d/deep/moved").unwrap();
    h.mkdir(3, "d/outside").unwrap();
    assert!(h.open_dir(3, "d/deep/moved").is_ok());
    assert_untouched(&s);
}

#[test]
fn links_that_the_guest_makes() {
    let (s, h) = world();
    let outside = s.path("outside").display().to_string();
    for target in ["/", "//x", "/etc/passwd", outside.as_str()] {
        assert_eq!(h.symlink(target, 3, "made"), Err(Errno::Perm), "{target}");
    }
    for (i, target) in
        ["..", "../outside", "d/../../outside", "../outside/secret", "d/deep/../../.."].iter().enumerate()
    {
        let name = format!("made{i}");
        h.symlink(target, 3, &name).unwrap();
        refused(&h, &name);
    }
    // Harmless where it is made, not where it is moved to.
    h.symlink("../f", 3, "d/ok").unwrap();
    assert!(h.open(3, "d/ok").is_ok());
    h.rename(3, "d/ok", 3, "now_out").unwrap();
    refused(&h, "now_out");
    // A directory with such a link in it moves.
    h.symlink("../../f", 3, "d/deep/up2").unwrap();
    assert!(h.open(3, "d/deep/up2").is_ok());
    h.rename(3, "d/deep", 3, "deep").unwrap();
    refused(&h, "deep/up2");
    // Links to links, and hard links to links.
    h.symlink("made1", 3, "again").unwrap();
    h.hard_link(3, "made1", 3, "hard").unwrap();
    refused(&h, "again");
    refused(&h, "hard");
    assert_untouched(&s);
}

#[test]
fn descriptors_of_directories_that_move() {
    let (s, h) = world();
    s.dir("tree/a/b/c");
    let c = h.open_dir(3, "a/b/c").unwrap();
    // The host moves the directory out; `..` must not lead anywhere from there.
    std::fs::rename(s.path("tree/a/b/c"), s.path("outside/c")).unwrap();
    assert_eq!(h.open(c, "../secret"), Err(Errno::Perm));
    assert_eq!(h.stat(c, true, "..").map(drop), Err(Errno::Perm));
    assert_eq!(h.open_dir(c, "..").map(drop), Err(Errno::Perm));
    std::fs::rename(s.path("outside/c"), s.path("tree/c")).unwrap();
    // Nor above the directory that was opened, even inside the tree.
    assert_eq!(h.open(c, "../f"), Err(Errno::Perm));
    assert_untouched(&s);
}

/// A thread swaps a directory for a link that leads out, and another moves directories up and down, while the guest opens,
/// makes, renames and removes by paths through them.
#[test]
fn racing_with_renames() {
    let (s, h) = world();
    s.dir("tree/x/inner").dir("tree/store").link("tree/evil", "../outside").link("tree/store/up", "../..");
    let (stop, tree) = (AtomicBool::new(false), s.path("tree"));
    let (mut done, mut blocked) = (0, 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = std::fs::rename(tree.join("x"), tree.join("y"));
                let _ = std::fs::rename(tree.join("evil"), tree.join("x"));
                let _ = std::fs::rename(tree.join("x"), tree.join("evil"));
                let _ = std::fs::rename(tree.join("y"), tree.join("x"));
            }
        });
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = std::fs::rename(tree.join("d/deep"), tree.join("deep"));
                let _ = std::fs::rename(tree.join("deep"), tree.join("d/deep"));
            }
        });
        for i in 0..4000u32 {
            for path in ["x/secret", "x/../x/secret", "d/deep/../../../outside/secret", "d/deep/../../x/secret"] {
                match h.open(3, path) {
                    Ok(fd) => {
                        assert_ne!(h.read(fd, 99).unwrap(), SECRET.as_bytes(), "{path}");
                        h.close(fd).unwrap();
                        done += 1;
                    }
                    Err(_) => blocked += 1,
                }
            }
            let name = format!("x/file{}", i % 10);
            let results = [
                h.create(3, &name).and_then(|fd| h.close(fd)),
                h.rename(3, &name, 3, "x/renamed"),
                h.unlink(3, "x/renamed"),
                h.unlink(3, "x/secret"),
                h.mkdir(3, "x/made"),
                h.rmdir(3, "x/made"),
                h.rmdir(3, "x/empty"),
                h.hard_link(3, "x/secret", 3, "got"),
                h.rename(3, "x/secret", 3, "got"),
                h.path_set_times(3, true, "x/secret", (1, 1), FstFlags::ATIM | FstFlags::MTIM),
                h.symlink("f", 3, "x/link"),
                h.unlink(3, "x/link"),
            ];
            done += results.iter().filter(|r| r.is_ok()).count();
            assert!(!s.exists("tree/got"));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(done > 0 && blocked > 0);
    assert_untouched(&s);
}

#[test]
fn what_is_no_file() {
    let (s, h) = world();
    let fifo = s.path("tree/fifo");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.is_ok_and(|status| status.success()));
    let _socket = std::os::unix::net::UnixListener::bind(s.path("tree/socket")).unwrap();
    // Nobody is at the other end of the pipe: opening it the ordinary way would not return.
    for name in ["fifo", "socket"] {
        for base in [RO, RW, Rights::FD_WRITE, Rights::NONE] {
            for oflags in [OFlags::NONE, OFlags::CREAT, OFlags::TRUNC] {
                let opened = h.open_with(3, true, name, oflags, (base, Rights::NONE), FdFlags::NONE);
                assert!(matches!(opened, Err(Errno::Perm | Errno::Nxio)), "{name}: {opened:?}");
            }
        }
        assert!(h.stat(3, true, name).is_ok());
        // Only Linux can name what it does not open.
        let set = h.path_set_times(3, true, name, (1, 2_000_000_000), FstFlags::MTIM);
        assert_eq!(set, if cfg!(target_os = "linux") { Ok(()) } else { Err(Errno::Perm) });
        h.unlink(3, name).unwrap();
    }
    let device = Host::new(vec![Descriptor::preopen("/dev".as_ref(), b"/dev", Perms::READ_ONLY).unwrap()]);
    for name in ["null", "zero", "tty", "urandom"] {
        assert!(device.open(3, name).is_err(), "{name}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn links_that_the_kernel_follows_by_magic() {
    for dir in ["/proc/self", "/proc/self/fd", "/proc/self/task"] {
        let h = Host::new(vec![Descriptor::preopen(dir.as_ref(), b"/", Perms::READ_WRITE).unwrap()]);
        for path in
            ["root", "root/etc", "cwd", "cwd/Cargo.toml", "exe", "fd/0", "fd/1", "0", "1", "3", "ns/mnt", "../../etc"]
        {
            assert!(h.open(3, path).is_err(), "{dir} {path}");
            assert!(h.stat(3, true, path).is_err(), "{dir} {path}");
            assert!(h.open_dir(3, path).is_err(), "{dir} {path}");
        }
    }
}
