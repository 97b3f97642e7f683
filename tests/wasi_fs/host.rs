//! A guest that does what a test tells it: every WASI function as a method, with guest memory in between.
//!
//! The module has one exported function per function of preview 1, which passes its arguments on. So calls take the
//! whole way, through an instance with a memory.

// Each of the programs that share this file uses a part of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use wasm::module::ValType;
use wasm::runtime::{Engine, Func, Instance, Memory, Module, Store, Val};
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::p1::types::{Errno, FdFlags, FileType, FstFlags, OFlags, Rights};
use wasm::wasi::p1::{Row, TABLE};
use wasm::wasi::{Config, Ctx, imports};
use wasm_encoder as enc;

/// A directory that is removed with its value.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("libwasm-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a directory for the test");
        Scratch(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn dir(&self, name: &str) -> &Scratch {
        std::fs::create_dir_all(self.path(name)).expect("a directory");
        self
    }

    pub fn file(&self, name: &str, text: &str) -> &Scratch {
        std::fs::write(self.path(name), text).expect("a file");
        self
    }

    pub fn link(&self, name: &str, target: &str) -> &Scratch {
        std::os::unix::fs::symlink(target, self.path(name)).expect("a symbolic link");
        self
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(std::fs::read(self.path(name)).expect("a file")).expect("text")
    }

    pub fn exists(&self, name: &str) -> bool {
        self.path(name).symlink_metadata().is_ok()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The functions that a version of WASI has.
fn rows(version: &str) -> impl Iterator<Item = &'static Row> {
    let old = version == "wasi_unstable";
    TABLE.iter().filter(move |row| row.old || !old)
}

/// The module: imports everything, and exports it under the same names.
pub fn module(version: &str, pages: u64) -> Vec<u8> {
    let val = |t: &ValType| match t {
        ValType::I32 => enc::ValType::I32,
        _ => enc::ValType::I64,
    };
    let (mut types, mut imports, mut functions) =
        (enc::TypeSection::new(), enc::ImportSection::new(), enc::FunctionSection::new());
    let (mut exports, mut code) = (enc::ExportSection::new(), enc::CodeSection::new());
    let count = rows(version).count() as u32;
    for (i, row) in (0..).zip(rows(version)) {
        let results: &[enc::ValType] = if row.result { &[enc::ValType::I32] } else { &[] };
        types.ty().function(row.params.iter().map(val), results.iter().copied());
        imports.import(version, row.name, enc::EntityType::Function(i));
        functions.function(i);
        exports.export(row.name, enc::ExportKind::Func, count + i);
        let mut body = enc::Function::new([]);
        for p in 0..row.params.len() as u32 {
            body.instruction(&enc::Instruction::LocalGet(p));
        }
        body.instruction(&enc::Instruction::Call(i)).instruction(&enc::Instruction::End);
        code.function(&body);
    }
    let mut memories = enc::MemorySection::new();
    memories.memory(enc::MemoryType {
        minimum: pages,
        maximum: Some(pages),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    exports.export("memory", enc::ExportKind::Memory, 0);
    let mut module = enc::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&memories).section(&exports).section(&code);
    module.finish()
}

pub struct Host {
    pub ctx: Arc<Ctx>,
    pub memory: Memory,
    funcs: Vec<(&'static str, &'static [ValType], Func)>,
    _store: Store,
}

/// Where results go, where paths go, where data goes.
pub const OUT: u32 = 64;
pub const PATH: u32 = 1 << 10;
pub const PATH2: u32 = 16 << 10;
pub const DATA: u32 = 64 << 10;
pub const PAGES: u64 = 64;

pub type Result<T> = std::result::Result<T, Errno>;

/// `fdstat`: type, flags, base and inheriting rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fdstat {
    pub filetype: u8,
    pub flags: FdFlags,
    pub base: Rights,
    pub inheriting: Rights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub ino: u64,
    pub filetype: u8,
    pub nlink: u64,
    pub size: u64,
    pub atim: u64,
    pub mtim: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub next: u64,
    pub ino: u64,
    pub filetype: u8,
    pub name: String,
}

/// Everything a directory passes on.
pub fn all_rights() -> (Rights, Rights) {
    (Rights(0x0fff_ffff), Rights(0x0fff_ffff))
}

/// What programs ask for to read and write.
pub const RW: Rights = Rights(
    Rights::FD_READ.0
        | Rights::FD_WRITE.0
        | Rights::FD_SEEK.0
        | Rights::FD_TELL.0
        | Rights::FD_FDSTAT_SET_FLAGS.0
        | Rights::FD_SYNC.0
        | Rights::FD_DATASYNC.0
        | Rights::FD_ADVISE.0
        | Rights::FD_ALLOCATE.0
        | Rights::FD_FILESTAT_GET.0
        | Rights::FD_FILESTAT_SET_SIZE.0
        | Rights::FD_FILESTAT_SET_TIMES.0
        | Rights::POLL_FD_READWRITE.0,
);

pub const RO: Rights = Rights(
    Rights::FD_READ.0
        | Rights::FD_SEEK.0
        | Rights::FD_TELL.0
        | Rights::FD_FILESTAT_GET.0
        | Rights::FD_FILESTAT_SET_TIMES.0,
);

/// Of a directory that can do everything.
pub const DIR: Rights = Rights(0x07bf_fe11);

impl Host {
    pub fn new(preopens: Vec<Descriptor>) -> Host {
        Host::with(Config { preopens, ..Config::default() })
    }

    pub fn with(config: Config) -> Host {
        let store = Store::new(&Engine::default()).expect("a store");
        let ctx = Ctx::new(&store, config);
        Host::of(store, ctx, "wasi_snapshot_preview1")
    }

    /// Another thread of the same guest.
    pub fn on(ctx: &Arc<Ctx>) -> Host {
        let store = Store::new(&Engine::default()).expect("a store");
        let ctx = ctx.in_store(&store);
        Host::of(store, ctx, "wasi_snapshot_preview1")
    }

    /// As a guest made for snapshot 0.
    pub fn old(path: &Path) -> Host {
        let preopens = vec![Descriptor::preopen(path, b"/", Perms::READ_WRITE).expect("a directory")];
        let store = Store::new(&Engine::default()).expect("a store");
        let ctx = Ctx::new(&store, Config { preopens, ..Config::default() });
        Host::of(store, ctx, "wasi_unstable")
    }

    fn of(store: Store, ctx: Arc<Ctx>, version: &str) -> Host {
        let module = Module::new(&store, module(version, PAGES)).expect("a module");
        let imports = imports(&store, &ctx, module.info()).expect("types that fit");
        let imports: Vec<_> = imports.into_iter().map(|i| i.expect("a function for every import")).collect();
        let instance = Instance::new(&store, &module, &imports).expect("an instance");
        let memory = instance.export("memory").and_then(|e| e.into_memory()).expect("a memory");
        let funcs = rows(version).map(|r| (r.name, r.params, instance.func(r.name).expect("an export"))).collect();
        Host { ctx, memory, funcs, _store: store }
    }

    /// One directory, read-write, as descriptor 3.
    pub fn at(path: &Path) -> Host {
        Host::new(vec![Descriptor::preopen(path, b"/", Perms::READ_WRITE).expect("a directory")])
    }

    pub fn read_only(path: &Path) -> Host {
        Host::new(vec![Descriptor::preopen(path, b"/", Perms::READ_ONLY).expect("a directory")])
    }

    /// Calls a function with the bits of its arguments. None if the guest was ended.
    pub fn try_call(&self, name: &str, args: &[u64]) -> Option<Result<()>> {
        let (_, params, func) = self.funcs.iter().find(|(n, ..)| *n == name).expect("a function of preview 1");
        assert_eq!(params.len(), args.len(), "{name}");
        let args: Vec<Val> = params
            .iter()
            .zip(args)
            .map(|(t, a)| if *t == ValType::I32 { Val::I32(*a as i32) } else { Val::I64(*a as i64) })
            .collect();
        let mut results = [Val::I32(-1)];
        let results = if name == "proc_exit" { &mut results[..0] } else { &mut results[..] };
        func.call(&args, results).ok()?;
        let number = results.first().and_then(Val::as_i32).unwrap_or(0);
        match Errno::from_number(number as u64).expect("an error number") {
            Errno::Success => Some(Ok(())),
            e => Some(Err(e)),
        }
    }

    pub fn call(&self, name: &str, args: &[u64]) -> Result<()> {
        self.try_call(name, args).expect("a call that returns")
    }

    pub fn put(&self, at: u32, bytes: &[u8]) -> u32 {
        assert!(self.memory.write(at as usize, bytes));
        at
    }

    pub fn get(&self, at: u32, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        assert!(self.memory.read(at as usize, &mut bytes));
        bytes
    }

    pub fn u32_at(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().expect("4 bytes"))
    }

    pub fn u64_at(&self, at: u32) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().expect("8 bytes"))
    }

    fn path(&self, at: u32, path: impl AsRef<[u8]>) -> [u64; 2] {
        let path = path.as_ref();
        [self.put(at, path) as u64, path.len() as u64]
    }

    // --- descriptors

    pub fn close(&self, fd: u32) -> Result<()> {
        self.call("fd_close", &[fd as u64])
    }

    pub fn renumber(&self, from: u32, to: u32) -> Result<()> {
        self.call("fd_renumber", &[from as u64, to as u64])
    }

    pub fn fdstat(&self, fd: u32) -> Result<Fdstat> {
        self.call("fd_fdstat_get", &[fd as u64, OUT as u64])?;
        let s = self.get(OUT, 24);
        Ok(Fdstat {
            filetype: s[0],
            flags: FdFlags(u16::from_le_bytes([s[2], s[3]])),
            base: Rights(self.u64_at(OUT + 8)),
            inheriting: Rights(self.u64_at(OUT + 16)),
        })
    }

    pub fn set_flags(&self, fd: u32, flags: FdFlags) -> Result<()> {
        self.call("fd_fdstat_set_flags", &[fd as u64, flags.0 as u64])
    }

    pub fn set_rights(&self, fd: u32, base: Rights, inheriting: Rights) -> Result<()> {
        self.call("fd_fdstat_set_rights", &[fd as u64, base.0, inheriting.0])
    }

    fn stat_out(&self) -> Stat {
        Stat {
            ino: self.u64_at(OUT + 8),
            filetype: self.get(OUT + 16, 1)[0],
            nlink: self.u64_at(OUT + 24),
            size: self.u64_at(OUT + 32),
            atim: self.u64_at(OUT + 40),
            mtim: self.u64_at(OUT + 48),
        }
    }

    pub fn fstat(&self, fd: u32) -> Result<Stat> {
        self.call("fd_filestat_get", &[fd as u64, OUT as u64])?;
        Ok(self.stat_out())
    }

    pub fn set_size(&self, fd: u32, size: u64) -> Result<()> {
        self.call("fd_filestat_set_size", &[fd as u64, size])
    }

    pub fn allocate(&self, fd: u32, at: u64, len: u64) -> Result<()> {
        self.call("fd_allocate", &[fd as u64, at, len])
    }

    pub fn set_times(&self, fd: u32, atim: u64, mtim: u64, flags: FstFlags) -> Result<()> {
        self.call("fd_filestat_set_times", &[fd as u64, atim, mtim, flags.0 as u64])
    }

    pub fn seek(&self, fd: u32, delta: i64, whence: u32) -> Result<u64> {
        self.call("fd_seek", &[fd as u64, delta as u64, whence as u64, OUT as u64])?;
        Ok(self.u64_at(OUT))
    }

    pub fn tell(&self, fd: u32) -> Result<u64> {
        self.call("fd_tell", &[fd as u64, OUT as u64])?;
        Ok(self.u64_at(OUT))
    }

    /// Puts down vectors, and says where and how many.
    pub fn vectors(&self, list: &[(u32, u32)]) -> [u64; 2] {
        for (i, (at, len)) in (0..).zip(list) {
            self.put(PATH2 + i * 8, &at.to_le_bytes());
            self.put(PATH2 + i * 8 + 4, &len.to_le_bytes());
        }
        [PATH2 as u64, list.len() as u64]
    }

    pub fn read(&self, fd: u32, len: usize) -> Result<Vec<u8>> {
        let [at, count] = self.vectors(&[(DATA, len as u32)]);
        self.call("fd_read", &[fd as u64, at, count, OUT as u64])?;
        Ok(self.get(DATA, self.u32_at(OUT) as usize))
    }

    pub fn write(&self, fd: u32, bytes: impl AsRef<[u8]>) -> Result<u32> {
        let bytes = bytes.as_ref();
        let [at, count] = self.vectors(&[(self.put(DATA, bytes), bytes.len() as u32)]);
        self.call("fd_write", &[fd as u64, at, count, OUT as u64])?;
        Ok(self.u32_at(OUT))
    }

    pub fn pread(&self, fd: u32, len: usize, from: u64) -> Result<Vec<u8>> {
        let [at, count] = self.vectors(&[(DATA, len as u32)]);
        self.call("fd_pread", &[fd as u64, at, count, from, OUT as u64])?;
        Ok(self.get(DATA, self.u32_at(OUT) as usize))
    }

    pub fn pwrite(&self, fd: u32, bytes: impl AsRef<[u8]>, to: u64) -> Result<u32> {
        let bytes = bytes.as_ref();
        let [at, count] = self.vectors(&[(self.put(DATA, bytes), bytes.len() as u32)]);
        self.call("fd_pwrite", &[fd as u64, at, count, to, OUT as u64])?;
        Ok(self.u32_at(OUT))
    }

    /// What one call of `fd_readdir` gives: bytes.
    pub fn readdir(&self, fd: u32, room: u32, cookie: u64) -> Result<Vec<u8>> {
        self.call("fd_readdir", &[fd as u64, DATA as u64, room as u64, cookie, OUT as u64])?;
        let used = self.u32_at(OUT);
        assert!(used <= room);
        Ok(self.get(DATA, used as usize))
    }

    /// Lists a directory from a cookie on, by calls with so much room.
    pub fn list_from(&self, fd: u32, room: u32, mut cookie: u64) -> Result<Vec<Listed>> {
        let mut all = Vec::new();
        loop {
            let bytes = self.readdir(fd, room, cookie)?;
            let found = entries(&bytes);
            let Some(last) = found.last() else {
                assert!(bytes.len() < room as usize, "no entry fits into {room} bytes");
                return Ok(all);
            };
            cookie = last.next;
            all.extend(found);
            if bytes.len() < room as usize {
                return Ok(all);
            }
        }
    }

    /// The names in a directory but `.` and `..`, sorted.
    pub fn names(&self, fd: u32) -> Vec<String> {
        let mut names: Vec<_> = self.list_from(fd, 4096, 0).expect("a listing").into_iter().map(|e| e.name).collect();
        assert_eq!(&names[..2], [".", ".."]);
        names.drain(..2);
        names.sort();
        names
    }

    // --- paths

    #[allow(clippy::too_many_arguments)]
    pub fn open_with(
        &self,
        fd: u32,
        follow: bool,
        path: impl AsRef<[u8]>,
        oflags: OFlags,
        rights: (Rights, Rights),
        flags: FdFlags,
    ) -> Result<u32> {
        let [at, len] = self.path(PATH, path);
        let (base, inheriting) = (rights.0.0, rights.1.0);
        let args = [fd as u64, follow as u64, at, len, oflags.0 as u64, base, inheriting, flags.0 as u64, OUT as u64];
        self.call("path_open", &args)?;
        Ok(self.u32_at(OUT))
    }

    /// Opens a file to read, following links.
    pub fn open(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<u32> {
        self.open_with(fd, true, path, OFlags::NONE, (RO, Rights::NONE), FdFlags::NONE)
    }

    /// Opens a file to read and write, or makes it.
    pub fn create(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<u32> {
        self.open_with(fd, true, path, OFlags::CREAT, (RW, Rights::NONE), FdFlags::NONE)
    }

    pub fn open_dir(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<u32> {
        let (base, inheriting) = (DIR, Rights(DIR.0 | RW.0));
        self.open_with(fd, true, path, OFlags::DIRECTORY, (base, inheriting), FdFlags::NONE)
    }

    pub fn mkdir(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<()> {
        let [at, len] = self.path(PATH, path);
        self.call("path_create_directory", &[fd as u64, at, len])
    }

    pub fn rmdir(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<()> {
        let [at, len] = self.path(PATH, path);
        self.call("path_remove_directory", &[fd as u64, at, len])
    }

    pub fn unlink(&self, fd: u32, path: impl AsRef<[u8]>) -> Result<()> {
        let [at, len] = self.path(PATH, path);
        self.call("path_unlink_file", &[fd as u64, at, len])
    }

    pub fn stat(&self, fd: u32, follow: bool, path: impl AsRef<[u8]>) -> Result<Stat> {
        let [at, len] = self.path(PATH, path);
        self.call("path_filestat_get", &[fd as u64, follow as u64, at, len, OUT as u64])?;
        Ok(self.stat_out())
    }

    pub fn path_set_times(
        &self,
        fd: u32,
        follow: bool,
        path: impl AsRef<[u8]>,
        times: (u64, u64),
        flags: FstFlags,
    ) -> Result<()> {
        let [at, len] = self.path(PATH, path);
        let args = [fd as u64, follow as u64, at, len, times.0, times.1, flags.0 as u64];
        self.call("path_filestat_set_times", &args)
    }

    pub fn hard_link(&self, fd: u32, path: impl AsRef<[u8]>, to: u32, new: impl AsRef<[u8]>) -> Result<()> {
        self.hard_link_with(fd, 0, path, to, new)
    }

    pub fn hard_link_with(
        &self,
        fd: u32,
        flags: u32,
        path: impl AsRef<[u8]>,
        to: u32,
        new: impl AsRef<[u8]>,
    ) -> Result<()> {
        let ([at, len], [at2, len2]) = (self.path(PATH, path), self.path(PATH2, new));
        self.call("path_link", &[fd as u64, flags as u64, at, len, to as u64, at2, len2])
    }

    pub fn rename(&self, fd: u32, path: impl AsRef<[u8]>, to: u32, new: impl AsRef<[u8]>) -> Result<()> {
        let ([at, len], [at2, len2]) = (self.path(PATH, path), self.path(PATH2, new));
        self.call("path_rename", &[fd as u64, at, len, to as u64, at2, len2])
    }

    pub fn symlink(&self, target: impl AsRef<[u8]>, fd: u32, path: impl AsRef<[u8]>) -> Result<()> {
        let ([at, len], [at2, len2]) = (self.path(PATH, target), self.path(PATH2, path));
        self.call("path_symlink", &[at, len, fd as u64, at2, len2])
    }

    pub fn readlink(&self, fd: u32, path: impl AsRef<[u8]>, room: u32) -> Result<Vec<u8>> {
        let [at, len] = self.path(PATH, path);
        self.call("path_readlink", &[fd as u64, at, len, DATA as u64, room as u64, OUT as u64])?;
        Ok(self.get(DATA, self.u32_at(OUT) as usize))
    }
}

/// The whole entries in what `fd_readdir` has written.
pub fn entries(mut bytes: &[u8]) -> Vec<Listed> {
    let mut all = Vec::new();
    while let Some((head, tail)) = bytes.split_at_checked(24) {
        let len = u32::from_le_bytes(head[16..20].try_into().expect("4 bytes")) as usize;
        let Some((name, rest)) = tail.split_at_checked(len) else { break };
        all.push(Listed {
            next: u64::from_le_bytes(head[..8].try_into().expect("8 bytes")),
            ino: u64::from_le_bytes(head[8..16].try_into().expect("8 bytes")),
            filetype: head[20],
            name: String::from_utf8_lossy(name).into_owned(),
        });
        bytes = rest;
    }
    all
}

pub const REGULAR: u8 = FileType::RegularFile as u8;
pub const DIRECTORY: u8 = FileType::Directory as u8;
pub const SYMLINK: u8 = FileType::SymbolicLink as u8;
