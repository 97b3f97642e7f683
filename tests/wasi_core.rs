//! WASI but for its file system, driven call by call through a guest with a memory: arguments, clocks, random numbers,
//! `poll_oneoff`, sockets, the end of a program, and what stops a call that blocks. Pointers outside the memory are tried
//! on every function that takes any.

#![cfg(unix)]

#[path = "wasi_fs/host.rs"]
mod host;

use host::Host;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasm::runtime::{Engine, Extern, Instance, Module, Store};
use wasm::wasi::clock::Clocks;
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::net;
use wasm::wasi::p1::TABLE;
use wasm::wasi::p1::types::{Errno, FdFlags};
use wasm::wasi::random::Random;
use wasm::wasi::stdio::{Bytes, HostFd};
use wasm::wasi::{Config, Ctx, Exit, imports};

// Places in guest memory.
const SUBS: u32 = 0x1000;
const EVENTS: u32 = 0x4000;
const COUNT: u32 = 0x7000;

/// A subscription's bytes.
fn subscription(userdata: u64, tag: u8, fields: &[(usize, &[u8])]) -> [u8; 48] {
    let mut s = [0; 48];
    s[..8].copy_from_slice(&userdata.to_le_bytes());
    s[8] = tag;
    for (at, bytes) in fields {
        s[*at..at + bytes.len()].copy_from_slice(bytes);
    }
    s
}

fn clock(userdata: u64, id: u32, nanos: u64, flags: u16) -> [u8; 48] {
    let fields: [(usize, &[u8]); 3] = [(16, &id.to_le_bytes()), (24, &nanos.to_le_bytes()), (40, &flags.to_le_bytes())];
    subscription(userdata, 0, &fields)
}

fn readable(userdata: u64, fd: u32) -> [u8; 48] {
    subscription(userdata, 1, &[(16, &fd.to_le_bytes())])
}

fn writable(userdata: u64, fd: u32) -> [u8; 48] {
    subscription(userdata, 2, &[(16, &fd.to_le_bytes())])
}

/// User data, error, bytes and flags of each event.
type Events = Vec<(u64, Errno, u64, u16)>;

fn poll(h: &Host, subs: &[[u8; 48]]) -> Result<Events, Errno> {
    h.put(SUBS, &subs.concat());
    h.call("poll_oneoff", &[SUBS as u64, EVENTS as u64, subs.len() as u64, COUNT as u64])?;
    let event = |i: u32| {
        let at = EVENTS + i * 32;
        let number = |at, len| h.get(at, len).iter().rev().fold(0u64, |n, b| n << 8 | *b as u64);
        let error = Errno::from_number(number(at + 8, 2)).expect("an error number");
        (h.u64_at(at), error, h.u64_at(at + 16), number(at + 24, 2) as u16)
    };
    Ok((0..h.u32_at(COUNT)).map(event).collect())
}

const OK: Errno = Errno::Success;
const MILLISECOND: u64 = 1_000_000;

#[test]
fn clocks_end_polls() {
    let h = Host::new(Vec::new());
    let start = Instant::now();
    assert_eq!(poll(&h, &[clock(1, 1, 20 * MILLISECOND, 0)]), Ok(vec![(1, OK, 0, 0)]));
    assert!(start.elapsed() >= Duration::from_millis(20));
    // The shorter of two; both if they are alike; those that have passed at once.
    let long = clock(2, 0, 3_600_000 * MILLISECOND, 0);
    assert_eq!(poll(&h, &[long, clock(3, 1, MILLISECOND, 0)]), Ok(vec![(3, OK, 0, 0)]));
    let twice = [clock(4, 1, MILLISECOND, 0), clock(4, 1, MILLISECOND, 0)];
    assert_eq!(poll(&h, &twice), Ok(vec![(4, OK, 0, 0), (4, OK, 0, 0)]));
    assert_eq!(poll(&h, &[clock(5, 0, 1, 1), clock(6, 1, 0, 0), long]), Ok(vec![(5, OK, 0, 0), (6, OK, 0, 0)]));
    // At an absolute time.
    h.call("clock_time_get", &[1, 0, COUNT as u64]).unwrap();
    let then = h.u64_at(COUNT) + 10 * MILLISECOND;
    let start = Instant::now();
    assert_eq!(poll(&h, &[clock(7, 1, then, 1)]), Ok(vec![(7, OK, 0, 0)]));
    assert!(start.elapsed() >= Duration::from_millis(5));
    // What cannot be waited for.
    let bad = [clock(8, 2, 0, 0), clock(9, 4, 0, 0), clock(10, 0, 0, 2), long];
    let errors = vec![(8, Errno::Notsup, 0, 0), (9, Errno::Inval, 0, 0), (10, Errno::Inval, 0, 0)];
    assert_eq!(poll(&h, &bad), Ok(errors));
}

#[test]
fn lists_that_make_no_sense() {
    let h = Host::new(Vec::new());
    assert_eq!(poll(&h, &[]), Err(Errno::Inval));
    assert_eq!(poll(&h, &[subscription(1, 3, &[])]), Err(Errno::Inval));
    let call = |subs: u64, events: u64, n: u64, out: u64| h.call("poll_oneoff", &[subs, events, n, out]);
    assert_eq!(call(0, 0, u32::MAX as u64, 0), Err(Errno::Inval));
    assert_eq!(call(0x20_0000, 0, 1 << 16, 0), Err(Errno::Fault));
    assert_eq!(call(u32::MAX as u64, 0, 1, 0), Err(Errno::Fault));
    assert_eq!(call(0, u32::MAX as u64, 1, 0), Err(Errno::Fault));
    h.put(0, &clock(1, 0, 0, 0));
    assert_eq!(call(0, 64, 1, u32::MAX as u64), Err(Errno::Fault));
}

#[test]
fn descriptors_end_polls() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let dir = std::env::temp_dir();
    let config = Config {
        stdin: Arc::new(HostFd::new(reader.into())),
        preopens: vec![Descriptor::preopen(&dir, b"/", Perms::READ_ONLY).unwrap()],
        ..Config::default()
    };
    let h = Host::with(config);
    let soon = clock(9, 1, MILLISECOND, 0);
    // Nothing to read yet; then something, reported once for each subscription.
    assert_eq!(poll(&h, &[readable(1, 0), soon]), Ok(vec![(9, OK, 0, 0)]));
    writer.write_all(b"four").unwrap();
    assert_eq!(poll(&h, &[readable(1, 0), readable(2, 0), soon]), Ok(vec![(1, OK, 4, 0), (2, OK, 4, 0)]));
    assert_eq!(h.read(0, 10), Ok(b"four".to_vec()));
    drop(writer);
    assert_eq!(poll(&h, &[readable(1, 0)]), Ok(vec![(1, OK, 0, 1)]));
    assert_eq!(h.read(0, 10), Ok(vec![]));
    // Output that is captured takes everything; errors come with the events.
    let long = clock(9, 1, 3_600_000 * MILLISECOND, 0);
    let mixed = [writable(1, 1), writable(2, 0), readable(3, 2), readable(4, 3), readable(5, 77), long];
    let badf = Errno::Badf;
    assert_eq!(
        poll(&h, &mixed),
        Ok(vec![(1, OK, 1, 0), (2, badf, 0, 0), (3, badf, 0, 0), (4, badf, 0, 0), (5, badf, 0, 0)])
    );
    // A thousand subscriptions to one descriptor are one to the system.
    let many: Vec<_> = (0..200).map(|i| readable(i, 0)).collect();
    h.put(SUBS, &many.concat());
    assert_eq!(h.call("poll_oneoff", &[SUBS as u64, 0x8000, 200, COUNT as u64]), Ok(()));
    assert_eq!(h.u32_at(COUNT), 200);
}

#[test]
fn input_in_memory_can_always_be_read() {
    let h = Host::with(Config { stdin: Arc::new(Bytes::new(*b"abc")), ..Config::default() });
    assert_eq!(poll(&h, &[readable(1, 0)]), Ok(vec![(1, OK, 3, 0)]));
    assert_eq!(h.read(0, 2), Ok(b"ab".to_vec()));
    assert_eq!(h.read(0, 2), Ok(b"c".to_vec()));
    assert_eq!(h.read(0, 2), Ok(vec![]));
}

#[test]
fn virtual_time_passes_by_itself() {
    let clocks = Clocks::virtual_from(5000, 1);
    let (reader, mut writer) = std::io::pipe().unwrap();
    let stdin = Arc::new(HostFd::new(reader.into()));
    let h = Host::with(Config { clocks, stdin, random: Random::seeded(7), ..Config::default() });
    let time = |id: u64| {
        h.call("clock_time_get", &[id, 0, COUNT as u64]).unwrap();
        h.u64_at(COUNT)
    };
    assert_eq!((time(0), time(1), time(2), time(3)), (5000, 1, 2, 3));
    let start = Instant::now();
    let hour = 3_600_000 * MILLISECOND;
    assert_eq!(poll(&h, &[clock(1, 1, hour, 0), readable(2, 0)]), Ok(vec![(1, OK, 0, 0)]));
    assert!(start.elapsed() < Duration::from_secs(60));
    assert_eq!(time(1), hour + 4);
    writer.write_all(b"x").unwrap();
    assert_eq!(poll(&h, &[clock(1, 1, hour, 0), readable(2, 0)]), Ok(vec![(2, OK, 1, 0)]));
    assert_eq!(time(1), hour + 5);
    assert_eq!(h.call("clock_res_get", &[1, COUNT as u64]), Ok(()));
    assert_eq!(h.u64_at(COUNT), 1);
}

#[test]
fn clocks_and_random_numbers_check_what_they_get() {
    let h = Host::new(Vec::new());
    for id in 0..4 {
        assert_eq!(h.call("clock_time_get", &[id, 0, COUNT as u64]), Ok(()));
        assert_eq!(h.call("clock_res_get", &[id, COUNT as u64]), Ok(()));
        assert!(h.u64_at(COUNT) > 0);
    }
    assert_eq!(h.call("clock_time_get", &[4, 0, COUNT as u64]), Err(Errno::Inval));
    assert_eq!(h.call("clock_res_get", &[u32::MAX as u64, COUNT as u64]), Err(Errno::Inval));
    assert_eq!(h.call("random_get", &[0, 65536]), Ok(()));
    assert!(h.get(0, 65536).iter().filter(|b| **b == 0).count() < 1000);
    assert_eq!(h.call("random_get", &[h.memory.data_len() as u64, 0]), Ok(()));
    assert_eq!(h.call("random_get", &[h.memory.data_len() as u64, 1]), Err(Errno::Fault));
    assert_eq!(h.call("random_get", &[1, u32::MAX as u64]), Err(Errno::Fault));
    assert_eq!(h.call("sched_yield", &[]), Ok(()));
    // Signals: none, ignored ones, unknown ones, and one that ends the guest.
    assert_eq!(h.call("proc_raise", &[0]), Ok(()));
    assert_eq!(h.call("proc_raise", &[16]), Ok(()));
    assert_eq!(h.call("proc_raise", &[31]), Err(Errno::Inval));
    assert_eq!(h.try_call("proc_raise", &[6]), None);
}

#[test]
fn strings_lie_behind_each_other() {
    let args = vec![b"prog".to_vec(), Vec::new(), b"\xff\xfe".to_vec()];
    let env = vec![(b"A".to_vec(), b"1=2".to_vec()), (b"B".to_vec(), Vec::new())];
    let h = Host::with(Config { args, env, ..Config::default() });
    assert_eq!(h.call("args_sizes_get", &[0, 4]), Ok(()));
    assert_eq!((h.u32_at(0), h.u32_at(4)), (3, 9));
    assert_eq!(h.call("args_get", &[16, 64]), Ok(()));
    assert_eq!((h.u32_at(16), h.u32_at(20), h.u32_at(24)), (64, 69, 70));
    assert_eq!(h.get(64, 9), b"prog\0\0\xff\xfe\0");
    assert_eq!(h.call("environ_sizes_get", &[0, 4]), Ok(()));
    assert_eq!((h.u32_at(0), h.u32_at(4)), (2, 9));
    assert_eq!(h.call("environ_get", &[16, 64]), Ok(()));
    assert_eq!(h.get(64, 9), b"A=1=2\0B=\0");
    // No room: nothing is written.
    let end = h.memory.data_len() as u64;
    h.put(16, &[7; 8]);
    assert_eq!(h.call("environ_get", &[16, end - 8]), Err(Errno::Fault));
    assert_eq!(h.call("environ_get", &[end - 7, 64]), Err(Errno::Fault));
    assert_eq!(h.get(16, 8), [7; 8]);
    assert_eq!(h.call("args_sizes_get", &[0, end - 3]), Err(Errno::Fault));
}

/// Every function that takes pointers, with pointers outside the memory: an error, and no harm. Descriptors are real, so
/// that the pointers are what fails.
#[test]
fn pointers_outside_fail() {
    for far in [u32::MAX as u64, u32::MAX as u64 - 3, 0x7fff_ffff] {
        let h = Host::at(&std::env::temp_dir());
        for row in TABLE.iter().filter(|r| r.memory) {
            // The descriptor, where there is one, is output, input or the directory.
            for fd in [1, 0, 3] {
                let args: Vec<u64> = (0..row.params.len()).map(|i| if i == 0 { fd } else { far }).collect();
                let args =
                    if row.name.starts_with("fd_") || row.name.starts_with("path_") || row.name.starts_with("sock_") {
                        args
                    } else {
                        vec![far; row.params.len()]
                    };
                let outcome = h.try_call(row.name, &args).expect("an error is no trap");
                assert!(outcome.is_err(), "{} {args:?}", row.name);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Sockets

/// A guest with a listener as descriptor 3, and its port.
fn listening() -> (Host, u16) {
    let (listener, port) = net::listen("127.0.0.1:0").unwrap();
    (Host::new(vec![listener]), port)
}

fn accept(h: &Host, fd: u32, flags: u16) -> Result<u32, Errno> {
    h.call("sock_accept", &[fd as u64, flags as u64, COUNT as u64])?;
    Ok(h.u32_at(COUNT))
}

fn recv(h: &Host, fd: u32, len: u32, flags: u16) -> Result<Vec<u8>, Errno> {
    let [at, count] = h.vectors(&[(0x5000, len / 2), (0x5000 + len / 2, len - len / 2)]);
    h.call("sock_recv", &[fd as u64, at, count, flags as u64, COUNT as u64, COUNT as u64 + 4])?;
    assert_eq!(h.get(COUNT + 4, 2), [0, 0]);
    Ok(h.get(0x5000, h.u32_at(COUNT) as usize))
}

fn send(h: &Host, fd: u32, bytes: &[u8], flags: u16) -> Result<u32, Errno> {
    let [at, count] = h.vectors(&[(h.put(0x5000, bytes), bytes.len() as u32)]);
    h.call("sock_send", &[fd as u64, at, count, flags as u64, COUNT as u64])?;
    Ok(h.u32_at(COUNT))
}

#[test]
fn connections_carry_bytes_both_ways() {
    let (h, port) = listening();
    let mut peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let fd = accept(&h, 3, 0).unwrap();
    assert_eq!(h.fdstat(fd).unwrap().filetype, 6);
    peer.write_all(b"question").unwrap();
    assert_eq!(poll(&h, &[readable(1, fd), clock(2, 1, 3_600_000 * MILLISECOND, 0)]), Ok(vec![(1, OK, 8, 0)]));
    assert_eq!(recv(&h, fd, 4, 1), Ok(b"ques".to_vec()));
    assert_eq!(recv(&h, fd, 4, 0), Ok(b"ques".to_vec()));
    assert_eq!(h.read(fd, 100), Ok(b"tion".to_vec()));
    assert_eq!(send(&h, fd, b"ans", 0), Ok(3));
    assert_eq!(h.write(fd, b"wer"), Ok(3));
    let mut text = [0; 6];
    peer.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"answer");
    // All or the end: the rest comes later, from another thread.
    let sender = std::thread::spawn(move || {
        for part in ["wait", "ing"] {
            std::thread::sleep(Duration::from_millis(20));
            peer.write_all(part.as_bytes()).unwrap();
        }
        peer
    });
    assert_eq!(recv(&h, fd, 7, 2), Ok(b"waiting".to_vec()));
    let mut peer = sender.join().unwrap();
    assert_eq!(h.call("sock_shutdown", &[fd as u64, 2]), Ok(()));
    assert_eq!(peer.read(&mut text).unwrap(), 0);
    peer.write_all(b"x").unwrap();
    drop(peer);
    assert_eq!(recv(&h, fd, 8, 2), Ok(b"x".to_vec()));
    assert_eq!(recv(&h, fd, 8, 0), Ok(vec![]));
    assert_eq!(send(&h, fd, b"late", 0), Err(Errno::Pipe));
    assert_eq!(h.close(fd), Ok(()));
    assert_eq!(recv(&h, fd, 1, 0), Err(Errno::Badf));
}

#[test]
fn sockets_that_do_not_block() {
    let (h, port) = listening();
    h.set_flags(3, FdFlags::NONBLOCK).unwrap();
    assert_eq!(accept(&h, 3, 0), Err(Errno::Again));
    assert_eq!(poll(&h, &[readable(1, 3), clock(2, 1, MILLISECOND, 0)]), Ok(vec![(2, OK, 0, 0)]));
    let peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(poll(&h, &[readable(1, 3)]), Ok(vec![(1, OK, 1, 0)]));
    let fd = accept(&h, 3, 4).unwrap();
    assert_eq!(recv(&h, fd, 4, 0), Err(Errno::Again));
    assert_eq!(h.read(fd, 4), Err(Errno::Again));
    // Fill the system's buffers.
    let chunk = [7; 8192];
    let mut sent = 0u64;
    let full = loop {
        match send(&h, fd, &chunk, 0) {
            Ok(n) => sent += n as u64,
            Err(e) => break e,
        }
        assert!(sent < 1 << 30);
    };
    assert_eq!(full, Errno::Again);
    drop(peer);
}

#[test]
fn what_is_no_socket_and_what_flags_do_not_exist() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let fd: std::os::fd::OwnedFd = ours.into();
    let kind = net::check(std::os::fd::AsFd::as_fd(&fd)).unwrap();
    let (listener, _) = net::listen("127.0.0.1:0").unwrap();
    let dir = Descriptor::preopen(&std::env::temp_dir(), b"/", Perms::READ_ONLY).unwrap();
    let h = Host::new(vec![listener, net::descriptor(fd, kind), dir]);
    for fd in [0, 1, 5] {
        assert_eq!(accept(&h, fd, 0), Err(Errno::Notsock));
        assert_eq!(recv(&h, fd, 1, 0), Err(Errno::Notsock));
        assert_eq!(send(&h, fd, b"x", 0), Err(Errno::Notsock));
        assert_eq!(h.call("sock_shutdown", &[fd as u64, 1]), Err(Errno::Notsock));
    }
    for fd in [9, u32::MAX] {
        assert_eq!(accept(&h, fd, 0), Err(Errno::Badf));
        assert_eq!(h.call("sock_shutdown", &[fd as u64, 1]), Err(Errno::Badf));
    }
    assert_eq!(accept(&h, 4, 0), Err(Errno::Inval));
    assert_eq!(accept(&h, 3, 1), Err(Errno::Inval));
    assert_eq!(recv(&h, 3, 1, 0), Err(Errno::Notconn));
    assert_eq!(send(&h, 3, b"x", 0), Err(Errno::Notconn));
    assert_eq!(recv(&h, 4, 1, 4), Err(Errno::Inval));
    assert_eq!(send(&h, 4, b"x", 1), Err(Errno::Inval));
    assert_eq!(h.call("sock_shutdown", &[4, 0]), Err(Errno::Inval));
    assert_eq!(h.call("sock_shutdown", &[4, 4]), Err(Errno::Inval));
    assert_eq!(poll(&h, &[writable(1, 3), writable(2, 4)]), Ok(vec![(1, Errno::Notconn, 0, 0), (2, OK, 1, 0)]));
    assert_eq!(send(&h, 4, b"", 0), Ok(0));
    assert_eq!(h.call("sock_shutdown", &[4, 3]), Ok(()));
    assert_eq!((&theirs).read(&mut [0]).unwrap(), 0);
    assert!(net::listen("no address").is_err());
    let (reader, _writer) = std::io::pipe().unwrap();
    assert!(net::check(std::os::fd::AsFd::as_fd(&reader)).is_err());
}

#[test]
fn a_full_table_leaves_the_connection_waiting() {
    let (listener, port) = net::listen("127.0.0.1:0").unwrap();
    let h = Host::with(Config { preopens: vec![listener], max_fds: 4, ..Config::default() });
    let _peer = TcpStream::connect(("127.0.0.1", port)).unwrap();
    assert_eq!(accept(&h, 3, 0), Err(Errno::Mfile));
    assert_eq!(h.close(0), Ok(()));
    assert_eq!(accept(&h, 3, 0), Ok(0));
}

#[test]
fn sockets_of_the_file_system() {
    let path = std::env::temp_dir().join(format!("libwasm-socket-{}", std::process::id()));
    let (listener, port) = net::listen(&format!("unix:{}", path.display())).unwrap();
    assert_eq!(port, 0);
    let h = Host::new(vec![listener]);
    let mut peer = UnixStream::connect(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    let fd = accept(&h, 3, 0).unwrap();
    assert_eq!(send(&h, fd, b"hi", 0), Ok(2));
    let mut text = [0; 2];
    peer.read_exact(&mut text).unwrap();
    assert_eq!(&text, b"hi");
}

// ---------------------------------------------------------------------------------------------------------------------
// Ends

/// Whatever blocks ends when the store is interrupted, and works again afterwards.
#[test]
fn interrupts_end_what_blocks() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let (listener, _) = net::listen("127.0.0.1:0").unwrap();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let fd: std::os::fd::OwnedFd = ours.into();
    let kind = net::check(std::os::fd::AsFd::as_fd(&fd)).unwrap();
    let stdin = Arc::new(HostFd::new(reader.into()));
    let h = Host::with(Config { stdin, preopens: vec![listener, net::descriptor(fd, kind)], ..Config::default() });
    h.put(SUBS, &clock(1, 1, 3_600_000 * MILLISECOND, 0));
    let [at, count] = h.vectors(&[(0x5000, 10)]);
    let calls: [(&str, Vec<u64>); 4] = [
        ("poll_oneoff", vec![SUBS as u64, EVENTS as u64, 1, COUNT as u64]),
        ("fd_read", vec![0, at, count, COUNT as u64]),
        ("sock_accept", vec![3, 0, COUNT as u64]),
        ("sock_recv", vec![4, at, count, 0, COUNT as u64, COUNT as u64 + 4]),
    ];
    for (name, args) in &calls {
        let interrupter = h.memory.store().interrupter();
        let waker = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            interrupter.interrupt();
        });
        let start = Instant::now();
        assert_eq!(h.try_call(name, args), None, "{name}");
        assert!(start.elapsed() < Duration::from_secs(60), "{name}");
        waker.join().unwrap();
        assert_eq!(h.call("sched_yield", &[]), Ok(()), "{name}");
    }
    writer.write_all(b"still there").unwrap();
    assert_eq!(h.read(0, 100), Ok(b"still there".to_vec()));
}

#[test]
fn exits_are_told_from_traps() {
    let h = Host::new(Vec::new());
    assert_eq!(h.ctx.exit_code(), None);
    assert_eq!(h.try_call("proc_exit", &[u32::MAX as u64]), None);
    assert_eq!(h.ctx.exit_code(), Some(u32::MAX));

    let store = Store::new(&Engine::default()).unwrap();
    let text = "(module (import \"wasi_snapshot_preview1\" \"proc_exit\" (func $e (param i32)))
        (func (export \"f\") (call $e (i32.const 3))))";
    let instance = link(&store, &Ctx::new(&store, Config::default()), text).unwrap();
    let trap = instance.func("f").unwrap().call(&[], &mut []).unwrap_err();
    assert_eq!(trap.payload().and_then(|p| p.downcast_ref()), Some(&Exit(3)));
}

// ---------------------------------------------------------------------------------------------------------------------
// Linking, and snapshot 0

fn link(store: &Store, ctx: &Arc<Ctx>, text: &str) -> Result<Instance, String> {
    let buffer = wast::parser::ParseBuffer::new(text).expect("text");
    let bytes = wast::parser::parse::<wast::Wat>(&buffer).expect("a module").encode().expect("a binary");
    let module = Module::new(store, bytes).expect("a valid module");
    let found = imports(store, ctx, module.info()).map_err(|e| e.to_string())?;
    let all: Option<Vec<Extern>> = found.into_iter().collect();
    Instance::new(store, &module, &all.ok_or("an import is missing")?).map_err(|e| e.to_string())
}

#[test]
fn imports_are_checked_one_by_one() {
    let store = Store::new(&Engine::default()).unwrap();
    let ctx = Ctx::new(&store, Config::default());
    for (import, wrong) in [
        ("\"wasi_snapshot_preview1\" \"fd_write\" (func (param i32))", "\"fd_write\" is of type"),
        ("\"wasi_snapshot_preview1\" \"fd_write\" (memory 1)", "\"fd_write\" is of type"),
        ("\"wasi_unstable\" \"proc_exit\" (func (param i64))", "\"wasi_unstable\" \"proc_exit\" is of type"),
        ("\"wasi\" \"thread-spawn\" (func)", "\"thread-spawn\" is of type"),
        ("\"wasi_snapshot_preview1\" \"fd_wrong\" (func)", "missing"),
        ("\"wasi_unstable\" \"sock_accept\" (func (param i32 i32 i32) (result i32))", "missing"),
        ("\"wasi_snapshot_preview2\" \"fd_write\" (func)", "missing"),
    ] {
        let error = link(&store, &ctx, &format!("(module (import {import}))")).expect_err("a refusal");
        assert!(error.contains(wrong), "{import}: {error}");
    }
}

#[test]
fn snapshot_0_has_other_layouts() {
    let store = Store::new(&Engine::default()).unwrap();
    let dir = host::Scratch::new();
    dir.file("f", "12345");
    let preopens = vec![Descriptor::preopen(&dir.0, b"/", Perms::READ_WRITE).unwrap()];
    let ctx = Ctx::new(&store, Config { preopens, ..Config::default() });
    let instance = link(
        &store,
        &ctx,
        r#"(module
            (import "wasi_unstable" "path_open"
              (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "wasi_unstable" "fd_seek" (func $seek (param i32 i64 i32 i32) (result i32)))
            (import "wasi_unstable" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
            (import "wasi_unstable" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "f")
            (func (export "size") (result i32)
              (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0)
                (i64.const 0x20000e) (i64.const 0) (i32.const 0) (i32.const 8)))
              (drop (call $stat (i32.load (i32.const 8)) (i32.const 64)))
              (i32.add (i32.mul (i32.load (i32.const 84)) (i32.const 100)) (i32.load (i32.const 88))))
            ;; From the end, which is 1 here, and from the start, which is 2.
            (func (export "seek") (param i32) (result i32)
              (drop (call $seek (i32.load (i32.const 8)) (i64.const 0) (local.get 0) (i32.const 16)))
              (i32.load (i32.const 16)))
            (func (export "poll") (result i32)
              (i32.store (i32.const 280) (i32.const 1))
              (i64.store (i32.const 288) (i64.const 1000000))
              (drop (call $poll (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 16)))
              (i32.load16_u (i32.const 520))))"#,
    )
    .unwrap();
    let call = |name: &str, args: &[i32]| {
        let args: Vec<_> = args.iter().map(|a| wasm::runtime::Val::I32(*a)).collect();
        let mut result = [wasm::runtime::Val::I32(-1)];
        instance.func(name).unwrap().call(&args, &mut result).unwrap();
        result[0].as_i32().unwrap()
    };
    assert_eq!(call("size", &[]), 105);
    assert_eq!(call("seek", &[1]), 5);
    assert_eq!(call("seek", &[2]), 0);
    assert_eq!(call("poll", &[]), 0);
}
