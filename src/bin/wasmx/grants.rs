//! What the guest may see and touch, from the options. Everything is denied unless an option says otherwise; only the
//! three standard streams, clocks and random numbers are there without.
#![forbid(unsafe_code)]

use crate::args::Options;
use crate::console::{Failure, reason};
use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::Arc;
use wasm::wasi::Config;
use wasm::wasi::clock::Clocks;
use wasm::wasi::fs::{Descriptor, Perms};
use wasm::wasi::p1::types::FdFlags;
use wasm::wasi::random::Random;
use wasm::wasi::stdio::{HostFd, Null, Stream};

/// WASI for a program of this name with these arguments.
pub fn config(options: Options<'_>, name: &OsStr, args: &[OsString]) -> Result<Config, Failure> {
    let argv0 = options.one::<OsString>("argv0").map(OsString::as_os_str).unwrap_or(name);
    let mut config = Config {
        args: [argv0].into_iter().chain(args.iter().map(OsString::as_os_str)).map(|a| a.as_bytes().to_vec()).collect(),
        env: environment(options)?,
        ..Config::default()
    };
    config.stdin = match options.one::<OsString>("stdin") {
        // The module has been read from there.
        None if name == "-" => Arc::new(Null),
        None => inherited(io::stdin().as_fd()),
        Some(path) => opened(path, HostFd::open)?,
    };
    config.stdout = Some(match options.one::<OsString>("stdout") {
        None => inherited(io::stdout().as_fd()),
        Some(path) => opened(path, HostFd::create)?,
    });
    config.stderr = Some(match options.one::<OsString>("stderr") {
        None => inherited(io::stderr().as_fd()),
        Some(path) => opened(path, HostFd::create)?,
    });
    if options.flag("virtual-clock") {
        config.clocks = Clocks::virtual_from(0, 1000);
    }
    if let Some(seed) = options.one::<u64>("seed") {
        config.random = Random::seeded(*seed);
    }
    for text in options.many::<OsString>("dir") {
        config.preopens.push(directory(text)?);
    }
    for address in options.many::<String>("listen") {
        config.preopens.push(listener(address)?);
    }
    if let Some(most) = options.one::<u32>("threads") {
        config.max_threads = *most;
    }
    Ok(config)
}

/// `HOST[::GUEST][:ro]`.
fn directory(text: &OsStr) -> Result<Descriptor, Failure> {
    let bytes = text.as_bytes();
    let (rest, perms) = match bytes.strip_suffix(b":ro") {
        Some(rest) => (rest, Perms::READ_ONLY),
        None => (bytes, Perms::READ_WRITE),
    };
    // The last pair of colons: what is before it may be a path of any kind.
    let (host, guest) = match rest.windows(2).rposition(|pair| pair == b"::") {
        Some(at) => (&rest[..at], &rest[at + 2..]),
        None => (rest, rest),
    };
    if host.is_empty() || guest.is_empty() {
        return Err(Failure::usage(format!("--dir wants HOST[::GUEST][:ro], not `{}`", text.to_string_lossy())));
    }
    let host = Path::new(OsStr::from_bytes(host));
    Descriptor::preopen(host, guest, perms)
        .map_err(|e| Failure::failed(format!("cannot open {}: {}", host.display(), reason(&e))))
}

/// A socket that listens at an address.
fn listener(address: &str) -> Result<Descriptor, Failure> {
    let at: SocketAddr = address.parse().map_err(|_| {
        Failure::usage(format!("--listen wants an address and a port, such as 127.0.0.1:8080, not `{address}`"))
    })?;
    let socket =
        TcpListener::bind(at).map_err(|e| Failure::failed(format!("cannot listen at {address}: {}", reason(&e))))?;
    Ok(Descriptor::listener(socket.into(), FdFlags::NONE))
}

/// A stream of the command's own; one that is closed takes and gives nothing.
fn inherited(fd: BorrowedFd<'_>) -> Arc<dyn Stream> {
    match HostFd::duplicate(fd) {
        Ok(stream) => Arc::new(stream),
        Err(_) => Arc::new(Null),
    }
}

fn opened(path: &OsStr, open: fn(&Path) -> io::Result<HostFd>) -> Result<Arc<dyn Stream>, Failure> {
    let stream = open(Path::new(path));
    let cannot = |e| Failure::failed(format!("cannot open {}: {}", path.to_string_lossy(), reason(&e)));
    Ok(Arc::new(stream.map_err(cannot)?))
}

/// Names and values; of a name that is given twice, the last value counts.
fn environment(options: Options<'_>) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Failure> {
    let mut all: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let mut set = |name: Vec<u8>, value: Vec<u8>| {
        all.retain(|(n, _)| *n != name);
        all.push((name, value));
    };
    if options.flag("env-inherit") {
        std::env::vars_os().for_each(|(n, v)| set(n.into_vec(), v.into_vec()));
    }
    for text in options.many::<OsString>("env") {
        let bytes = text.as_bytes();
        let (name, value) = match bytes.iter().position(|b| *b == b'=') {
            Some(at) => (bytes[..at].to_vec(), Some(bytes[at + 1..].to_vec())),
            None => (bytes.to_vec(), std::env::var_os(text).map(OsString::into_vec)),
        };
        if name.is_empty() {
            return Err(Failure::usage(format!("--env wants NAME=VALUE, not `{}`", text.to_string_lossy())));
        }
        if let Some(value) = value {
            set(name, value);
        }
    }
    Ok(all)
}
