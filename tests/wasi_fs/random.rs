//! Every function with arguments made at random, against a directory tree that invites to leave it.
//!
//! Whatever is called, the guest must not crash or be ended, nothing outside of the tree may change or come into the
//! guest's memory, and a preopen that is read-only stays as it is. The fuzzing program `wasi` runs the same for longer.

use crate::host::*;
use std::time::SystemTime;
use wasm::wasi::Config;
use wasm::wasi::fs::{Descriptor, Perms};

const SECRET: &str = "never to be seen by a guest";

pub struct Rng {
    state: u64,
    /// What a fuzzer has chosen: each number is made of two bytes, while there are any.
    chosen: std::collections::VecDeque<u8>,
}

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng { state: seed, chosen: Default::default() }
    }

    /// Numbers that bytes determine, one by one.
    #[allow(dead_code)] // By the fuzzing programs alone.
    pub fn of_bytes(bytes: &[u8]) -> Rng {
        Rng { state: 0, chosen: bytes.iter().copied().collect() }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        if let Some(low) = self.chosen.pop_front() {
            z = low as u64 | (self.chosen.pop_front().unwrap_or(0) as u64) << 8;
            if z < 256 {
                // So that a fuzzer can have small numbers as they are.
                return z;
            }
        }
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    fn edge(&mut self) -> u64 {
        let n = self.below(65);
        let power = if n == 64 { 0 } else { 1u64 << n };
        power.wrapping_add(self.below(5)).wrapping_sub(2)
    }
}

/// What the parameters of a function are, so that most calls get far: `f` descriptor, `p` path (pointer and length), `v`
/// vectors (pointer and number), `b` buffer (pointer and length), `o` pointer for a result, `k` `O` `F` `s` `w` `a` flags and
/// numbers of their kinds, `r` rights, `t` offset or time, `z` offset and length of an allocation, `c` cookie, `x` anything.
const SHAPES: &[(&str, &str)] = &[
    ("args_get", "oo"),
    ("args_sizes_get", "oo"),
    ("environ_get", "oo"),
    ("environ_sizes_get", "oo"),
    ("clock_res_get", "ao"),
    ("clock_time_get", "ato"),
    ("fd_advise", "ftta"),
    ("fd_allocate", "fz"),
    ("fd_close", "f"),
    ("fd_datasync", "f"),
    ("fd_fdstat_get", "fo"),
    ("fd_fdstat_set_flags", "fF"),
    ("fd_fdstat_set_rights", "frr"),
    ("fd_filestat_get", "fo"),
    ("fd_filestat_set_size", "ft"),
    ("fd_filestat_set_times", "ftts"),
    ("fd_pread", "fvto"),
    ("fd_prestat_get", "fo"),
    ("fd_prestat_dir_name", "fb"),
    ("fd_pwrite", "fvto"),
    ("fd_read", "fvo"),
    ("fd_readdir", "fbco"),
    ("fd_renumber", "ff"),
    ("fd_seek", "ftwo"),
    ("fd_sync", "f"),
    ("fd_tell", "fo"),
    ("fd_write", "fvo"),
    ("path_create_directory", "fp"),
    ("path_filestat_get", "fkpo"),
    ("path_filestat_set_times", "fkptts"),
    ("path_link", "fkpfp"),
    ("path_open", "fkpOrrFo"),
    ("path_readlink", "fpbo"),
    ("path_remove_directory", "fp"),
    ("path_rename", "fpfp"),
    ("path_symlink", "pfp"),
    ("path_unlink_file", "fp"),
    ("poll_oneoff", "S"),
    ("sched_yield", ""),
    ("random_get", "b"),
    ("sock_accept", "fFo"),
    ("sock_recv", "fvaoo"),
    ("sock_send", "fvao"),
    ("sock_shutdown", "fa"),
];

/// Weights of names in paths.
const NAMES: &[&[u8]] = &[
    b"a",
    b"a",
    b"b",
    b"b",
    b"c",
    b"d",
    b".",
    b"..",
    b"..",
    b"",
    b"out",
    b"out_abs",
    b"loop",
    b"up",
    b"secret",
    b"tree",
    b"ro",
    b"proc",
    b"fifo",
    b"caf\xc3\xa9",
    b"\xff",
    b"nul\0",
];

pub struct World {
    s: Scratch,
    h: Host,
    before: Vec<(String, Vec<u8>, SystemTime)>,
    rng: Rng,
    calls: u64,
    succeeded: u64,
}

/// All that must stay: names, contents and times.
fn state(s: &Scratch) -> Vec<(String, Vec<u8>, SystemTime)> {
    let mut all = Vec::new();
    let mut todo = vec![s.path("outside"), s.path("ro")];
    while let Some(path) = todo.pop() {
        let meta = path.symlink_metadata().expect("still there");
        if meta.is_dir() {
            todo.extend(std::fs::read_dir(&path).expect("a directory").map(|e| e.expect("an entry").path()));
        }
        let text = if meta.is_file() { std::fs::read(&path).expect("a file") } else { Vec::new() };
        all.push((path.display().to_string(), text, meta.modified().expect("a time")));
    }
    all.sort();
    let mut top: Vec<_> =
        std::fs::read_dir(&s.0).expect("the world").map(|e| e.expect("an entry").file_name()).collect();
    top.sort();
    assert_eq!(top, ["outside", "ro", "tree"]);
    all
}

impl World {
    pub fn new(seed: u64) -> World {
        World::of(Rng::new(seed))
    }

    pub fn of(rng: Rng) -> World {
        let s = Scratch::new();
        s.dir("outside/a").file("outside/secret", SECRET).file("outside/a/secret", SECRET);
        s.dir("tree/a/b").dir("tree/d").file("tree/a/c", "text").file("tree/b", "more text");
        s.dir("ro/a").file("ro/b", "to be read").file("ro/a/c", "as well").link("ro/up", "../outside");
        s.link("tree/out", "../outside").link("tree/a/out", "../../outside/secret").link("tree/up", "..");
        s.link("tree/out_abs", &s.path("outside").display().to_string());
        s.link("tree/loop", "loop").link("tree/a/up", "../b").link("tree/proc", "/proc/self/root");
        let preopen = |dir: &str, perms| Descriptor::preopen(&s.path(dir), dir.as_bytes(), perms).expect("a directory");
        let preopens = vec![preopen("tree", Perms::READ_WRITE), preopen("ro", Perms::READ_ONLY)];
        let env = vec![(b"NAME".to_vec(), b"value".to_vec())];
        let h = Host::with(Config { preopens, args: vec![b"guest".to_vec()], env, max_fds: 40, ..Config::default() });
        let before = state(&s);
        World { s, h, before, rng, calls: 0, succeeded: 0 }
    }

    fn path(&mut self) -> Vec<u8> {
        let rng = &mut self.rng;
        if rng.one_in(40) {
            return self.s.path("outside/secret").into_os_string().into_encoded_bytes();
        }
        let mut path = Vec::new();
        for i in 0..1 + rng.below(4) {
            if i > 0 {
                path.push(b'/');
            }
            path.extend_from_slice(rng.pick(NAMES));
        }
        match rng.below(60) {
            0 => path.insert(0, b'/'),
            1 => path.push(b'/'),
            2 => path = path.repeat(600),
            3 => path = vec![b'n'; 260],
            _ => {}
        }
        path
    }

    /// A place in memory, mostly inside.
    fn place(&mut self) -> u64 {
        let end = PAGES * 65536;
        match self.rng.below(40) {
            0 => self.rng.edge(),
            1 => end - self.rng.below(64),
            _ => DATA as u64 + self.rng.below(1 << 20),
        }
    }

    fn length(&mut self) -> u64 {
        match self.rng.below(60) {
            0 => self.rng.edge(),
            1 => 1 << 20,
            2..10 => self.rng.below(65536),
            _ => self.rng.below(300),
        }
    }

    fn arguments(&mut self, shape: &str) -> Vec<u64> {
        let mut args = Vec::new();
        let mut next_path = PATH;
        for kind in shape.chars() {
            match kind {
                'f' => args.push(if self.rng.one_in(30) { self.rng.edge() } else { self.rng.below(16) }),
                'p' => {
                    let path = self.path();
                    args.extend([self.h.put(next_path, &path) as u64, path.len() as u64]);
                    next_path = PATH2;
                }
                'v' => {
                    let count = self.rng.below(9) as u32;
                    for i in 0..count {
                        let (at, len) = (self.place() as u32, self.length() as u32);
                        self.h.put(PATH2 + i * 8, &at.to_le_bytes());
                        self.h.put(PATH2 + i * 8 + 4, &len.to_le_bytes());
                    }
                    args.extend([PATH2 as u64, count as u64]);
                }
                'b' => args.extend([self.place(), self.length()]),
                'o' => args.push(if self.rng.one_in(30) { self.place() } else { OUT as u64 }),
                'k' => args.push(self.rng.below(2)),
                'O' | 's' => args.push(self.rng.below(16)),
                'F' => args.push(self.rng.below(32)),
                'w' => args.push(self.rng.below(3)),
                'a' => args.push(self.rng.below(6)),
                'r' => args.push(match self.rng.below(6) {
                    0 => 0,
                    1 => self.rng.next() & 0x3fff_ffff,
                    2 => RO.0,
                    3 => RW.0,
                    4 => DIR.0,
                    _ => 0x0fff_ffff,
                }),
                't' => args.push(match self.rng.below(3) {
                    0 => self.rng.edge(),
                    1 => self.rng.below(100_000),
                    _ => self.rng.below(20),
                }),
                // Lengths between would use up the disk.
                'z' => args.extend(if self.rng.one_in(2) {
                    [self.rng.below(1 << 16), self.rng.below(1 << 16)]
                } else {
                    [self.rng.edge() | 1 << 60, self.rng.edge()]
                }),
                'c' => args.push(if self.rng.one_in(10) { self.rng.edge() } else { self.rng.below(12) }),
                // Subscriptions whose clocks have run out.
                'S' => {
                    let count = self.rng.below(5) as u32;
                    for i in 0..count {
                        let mut sub = [0; 48];
                        sub[8] = self.rng.below(4) as u8;
                        sub[16] = self.rng.below(16) as u8;
                        self.h.put(DATA + i * 48, &sub);
                    }
                    args.extend([DATA as u64, self.place(), count as u64, OUT as u64]);
                }
                other => unreachable!("{other}"),
            }
        }
        // Sometimes one argument is out of all order; not what is waited for, nor how much of a disk is asked for.
        if !args.is_empty() && !shape.contains(['S', 'z']) && self.rng.one_in(12) {
            let i = self.rng.below(args.len() as u64) as usize;
            args[i] = if self.rng.one_in(2) { self.rng.edge() } else { self.rng.next() };
        }
        args
    }

    fn step(&mut self) {
        // Opening more often keeps the table full of files.
        let (name, shape) = if self.rng.one_in(6) { ("path_open", "fkpOrrFo") } else { self.rng.pick(SHAPES) };
        let args = self.arguments(shape);
        let result = self.h.try_call(name, &args);
        let result = result.unwrap_or_else(|| panic!("{name}({args:x?}) ended the guest"));
        self.calls += 1;
        self.succeeded += result.is_ok() as u64;
        // The guest closes what it was given sooner or later; without its directories it can do nothing.
        if self.h.fdstat(3).is_err()
            || self.h.fdstat(4).is_err()
            || self.h.fdstat(3).is_ok_and(|s| s.filetype != DIRECTORY)
        {
            self.renew();
        }
    }

    /// New descriptors for the same tree.
    fn renew(&mut self) {
        let preopen =
            |dir: &str, perms| Descriptor::preopen(&self.s.path(dir), dir.as_bytes(), perms).expect("a directory");
        let preopens = vec![preopen("tree", Perms::READ_WRITE), preopen("ro", Perms::READ_ONLY)];
        self.h = Host::with(Config { preopens, max_fds: 40, ..Config::default() });
    }

    /// Makes so many calls, and looks whether everything is as it must be.
    pub fn run(&mut self, calls: u64) -> (u64, u64) {
        for i in 0..calls {
            self.step();
            if i % 256 == 255 {
                let memory = self.h.get(0, (PAGES * 65536) as usize);
                let found = memory.windows(SECRET.len()).position(|w| w[0] == b'n' && w == SECRET.as_bytes());
                assert_eq!(found, None, "the guest has read what is outside");
            }
        }
        assert_eq!(state(&self.s), self.before, "something outside has changed");
        (self.calls, self.succeeded)
    }
}

#[test]
fn every_function_has_a_shape() {
    for row in wasm::wasi::p1::TABLE.iter().filter(|r| !r.name.starts_with("proc_")) {
        let shape = SHAPES.iter().find(|(name, _)| *name == row.name).map(|(_, shape)| *shape).expect(row.name);
        let params: usize = shape
            .chars()
            .map(|c| {
                if c == 'S' {
                    4
                } else if "pvbz".contains(c) {
                    2
                } else {
                    1
                }
            })
            .sum();
        assert_eq!(params, row.params.len(), "{}", row.name);
    }
}

#[test]
fn random_calls_stay_inside() {
    let (mut calls, mut succeeded) = (0, 0);
    for seed in 0..8 {
        let (c, s) = World::new(seed).run(2500);
        calls += c;
        succeeded += s;
    }
    assert!(succeeded > calls / 8, "only {succeeded} of {calls} calls did anything");
}
