//! What a descriptor is: an object, the rights to it, and its flags.
#![forbid(unsafe_code)]

use super::dir::Dir;
use super::file::File;
use super::stat::Times;
use crate::wasi::p1::types::{Errno, FdFlags, Fdstat, FileType, Filestat, Rights};
use crate::wasi::stdio::Stream;
use rustix::fd::OwnedFd;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicU64, Ordering};

/// What the host lets guests do below a preopened directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Perms {
    /// Open files for reading.
    pub read_files: bool,
    /// Open files for writing, and change their size and times.
    pub write_files: bool,
    /// Make, remove, rename and link entries, and change times by path.
    pub change_dirs: bool,
}

impl Perms {
    pub const READ_ONLY: Perms = Perms { read_files: true, write_files: false, change_dirs: false };
    pub const READ_WRITE: Perms = Perms { read_files: true, write_files: true, change_dirs: true };

    /// Whether an entry may move to a place with other permissions without gaining any.
    pub fn covers(self, to: Perms) -> bool {
        (self.read_files || !to.read_files) && (self.write_files || !to.write_files)
    }
}

/// Base and inheriting rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rights2 {
    pub base: Rights,
    pub inheriting: Rights,
}

/// Rights that mean something for a directory.
pub const DIR_RIGHTS: Rights = Rights(
    Rights::PATH_CREATE_DIRECTORY.0
        | Rights::PATH_CREATE_FILE.0
        | Rights::PATH_LINK_SOURCE.0
        | Rights::PATH_LINK_TARGET.0
        | Rights::PATH_OPEN.0
        | Rights::FD_READDIR.0
        | Rights::PATH_READLINK.0
        | Rights::PATH_RENAME_SOURCE.0
        | Rights::PATH_RENAME_TARGET.0
        | Rights::PATH_FILESTAT_GET.0
        | Rights::PATH_FILESTAT_SET_SIZE.0
        | Rights::PATH_FILESTAT_SET_TIMES.0
        | Rights::PATH_SYMLINK.0
        | Rights::PATH_REMOVE_DIRECTORY.0
        | Rights::PATH_UNLINK_FILE.0
        | Rights::FD_FILESTAT_GET.0
        | Rights::FD_FILESTAT_SET_TIMES.0
        | Rights::FD_SYNC.0
        | Rights::FD_DATASYNC.0,
);

/// Rights that mean something for a regular file.
pub const FILE_RIGHTS: Rights = Rights(
    Rights::FD_DATASYNC.0
        | Rights::FD_READ.0
        | Rights::FD_SEEK.0
        | Rights::FD_FDSTAT_SET_FLAGS.0
        | Rights::FD_SYNC.0
        | Rights::FD_TELL.0
        | Rights::FD_WRITE.0
        | Rights::FD_ADVISE.0
        | Rights::FD_ALLOCATE.0
        | Rights::FD_FILESTAT_GET.0
        | Rights::FD_FILESTAT_SET_SIZE.0
        | Rights::FD_FILESTAT_SET_TIMES.0
        | Rights::POLL_FD_READWRITE.0,
);

/// What a stream can be asked. Without seeking, as terminals are recognised by that.
const STREAM_RIGHTS: Rights = Rights(
    Rights::FD_FDSTAT_SET_FLAGS.0
        | Rights::FD_FILESTAT_GET.0
        | Rights::FD_SYNC.0
        | Rights::FD_DATASYNC.0
        | Rights::POLL_FD_READWRITE.0,
);

pub enum Kind {
    File(File),
    Dir(Dir),
    Stream(Arc<dyn Stream>),
    /// A socket that accepts connections.
    Listener(OwnedFd),
    /// A connected socket.
    Connection(OwnedFd),
}

/// An open descriptor. Shared by the table and the calls under way on it, so closing does not pull it from under them.
pub struct Descriptor {
    pub kind: Kind,
    base: AtomicU64,
    inheriting: AtomicU64,
    /// As the guest sees them; `File` keeps the system's in step.
    flags: AtomicU16,
    /// What the guest knows a preopened directory by.
    preopen: Option<Box<[u8]>>,
}

impl Descriptor {
    pub fn new(kind: Kind, rights: Rights2, flags: FdFlags) -> Descriptor {
        Descriptor {
            kind,
            base: AtomicU64::new(rights.base.0),
            inheriting: AtomicU64::new(rights.inheriting.0),
            flags: AtomicU16::new(flags.0),
            preopen: None,
        }
    }

    /// A directory of the host's, under the name by which the guest finds it.
    pub fn preopen(host: &Path, guest: &[u8], perms: Perms) -> io::Result<Descriptor> {
        if guest.contains(&0) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "NUL in the name of a directory"));
        }
        if u32::try_from(guest.len()).is_err() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name of a directory is too long"));
        }
        let kind = Kind::Dir(Dir::open_ambient(host, perms)?);
        let inheriting = Rights(DIR_RIGHTS.0 | FILE_RIGHTS.0);
        let mut descriptor = Descriptor::new(kind, Rights2 { base: DIR_RIGHTS, inheriting }, FdFlags::NONE);
        descriptor.preopen = Some(guest.into());
        Ok(descriptor)
    }

    /// Standard input, or its like.
    pub fn input(stream: Arc<dyn Stream>) -> Descriptor {
        Descriptor::of_stream(stream, STREAM_RIGHTS | Rights::FD_READ)
    }

    /// Standard output or error, or their like.
    pub fn output(stream: Arc<dyn Stream>) -> Descriptor {
        Descriptor::of_stream(stream, STREAM_RIGHTS | Rights::FD_WRITE)
    }

    fn of_stream(stream: Arc<dyn Stream>, base: Rights) -> Descriptor {
        Descriptor::new(Kind::Stream(stream), Rights2 { base, inheriting: Rights::NONE }, FdFlags::NONE)
    }

    /// A socket that the host listens on.
    pub fn listener(socket: OwnedFd, flags: FdFlags) -> Descriptor {
        let connection = STREAM_RIGHTS | Rights::FD_READ | Rights::FD_WRITE | Rights::SOCK_SHUTDOWN;
        let base = STREAM_RIGHTS | Rights::SOCK_ACCEPT;
        Descriptor::new(Kind::Listener(socket), Rights2 { base, inheriting: connection }, flags)
    }

    /// A connection, accepted on a listener with these inheriting rights.
    pub fn connection(socket: OwnedFd, rights: Rights, flags: FdFlags) -> Descriptor {
        Descriptor::new(Kind::Connection(socket), Rights2 { base: rights, inheriting: Rights::NONE }, flags)
    }

    pub fn preopen_name(&self) -> Option<&[u8]> {
        self.preopen.as_deref()
    }

    pub fn rights(&self) -> Rights2 {
        Rights2 {
            base: Rights(self.base.load(Ordering::Acquire)),
            inheriting: Rights(self.inheriting.load(Ordering::Acquire)),
        }
    }

    /// Fails unless the descriptor has all these rights.
    pub fn require(&self, rights: Rights) -> Result<(), Errno> {
        if self.rights().base.contains(rights) {
            return Ok(());
        }
        // Programs know this as a descriptor that was opened for something else.
        let access = Rights::FD_READ | Rights::FD_WRITE;
        if rights.intersects(access) { Err(Errno::Badf) } else { Err(Errno::Notcapable) }
    }

    /// Takes rights away; none can be gained.
    pub fn shrink(&self, to: Rights2) -> Result<(), Errno> {
        let now = self.rights();
        if !now.base.contains(to.base) || !now.inheriting.contains(to.inheriting) {
            return Err(Errno::Notcapable);
        }
        // Another thread may have shrunk them meanwhile: only bits that both leave remain.
        self.base.fetch_and(to.base.0, Ordering::AcqRel);
        self.inheriting.fetch_and(to.inheriting.0, Ordering::AcqRel);
        Ok(())
    }

    pub fn flags(&self) -> FdFlags {
        FdFlags(self.flags.load(Ordering::Acquire))
    }

    pub fn set_flags(&self, flags: FdFlags) -> Result<(), Errno> {
        if let Kind::Dir(_) = self.kind {
            return Err(Errno::Badf);
        }
        self.require(Rights::FD_FDSTAT_SET_FLAGS)?;
        if let Kind::File(file) = &self.kind {
            file.set_append(flags.contains(FdFlags::APPEND))?;
        }
        self.flags.store(flags.0, Ordering::Release);
        Ok(())
    }

    /// The directory, for a function that resolves a path. `rights` are needed for it.
    pub fn dir(&self, rights: Rights) -> Result<&Dir, Errno> {
        let Kind::Dir(dir) = &self.kind else { return Err(Errno::Notdir) };
        self.require(rights)?;
        Ok(dir)
    }

    /// The regular file, for a function that works on nothing else.
    pub fn file(&self, rights: Rights) -> Result<&File, Errno> {
        let Kind::File(file) = &self.kind else { return Err(Errno::Badf) };
        self.require(rights)?;
        Ok(file)
    }

    /// As [`Descriptor::file`], for functions with a position: what has none is a pipe to them.
    pub fn seekable(&self, rights: Rights) -> Result<&File, Errno> {
        match &self.kind {
            Kind::File(_) => self.file(rights),
            Kind::Dir(_) => Err(Errno::Badf),
            Kind::Stream(_) | Kind::Listener(_) | Kind::Connection(_) => Err(Errno::Spipe),
        }
    }

    pub fn filetype(&self) -> FileType {
        match &self.kind {
            Kind::File(_) => FileType::RegularFile,
            Kind::Dir(_) => FileType::Directory,
            Kind::Stream(stream) => stream.filetype(),
            Kind::Listener(_) | Kind::Connection(_) => FileType::SocketStream,
        }
    }

    pub fn fdstat(&self) -> Fdstat {
        let rights = self.rights();
        Fdstat {
            filetype: self.filetype(),
            flags: self.flags(),
            rights_base: rights.base,
            rights_inheriting: rights.inheriting,
        }
    }

    pub fn filestat(&self) -> Result<Filestat, Errno> {
        match &self.kind {
            Kind::File(file) => {
                self.require(Rights::FD_FILESTAT_GET)?;
                file.stat()
            }
            Kind::Dir(dir) => {
                self.require(Rights::FD_FILESTAT_GET)?;
                dir.stat_self()
            }
            // What streams are connected to is the host's business.
            Kind::Stream(_) | Kind::Listener(_) | Kind::Connection(_) => {
                Ok(Filestat { dev: 0, ino: 0, filetype: self.filetype(), nlink: 0, size: 0, atim: 0, mtim: 0, ctim: 0 })
            }
        }
    }

    pub fn set_times(&self, times: Times) -> Result<(), Errno> {
        match &self.kind {
            Kind::File(file) => {
                self.require(Rights::FD_FILESTAT_SET_TIMES)?;
                file.set_times(times)
            }
            Kind::Dir(dir) => {
                self.require(Rights::FD_FILESTAT_SET_TIMES)?;
                dir.set_times_self(times)
            }
            Kind::Stream(_) | Kind::Listener(_) | Kind::Connection(_) => Err(Errno::Badf),
        }
    }

    /// The stream, if the rights allow what is to be done with it.
    pub fn stream(&self, rights: Rights) -> Result<&dyn Stream, Errno> {
        let Kind::Stream(stream) = &self.kind else { return Err(Errno::Badf) };
        self.require(rights)?;
        Ok(&**stream)
    }

    /// `fd_sync` and `fd_datasync`. Streams have nothing that the guest could wait for.
    pub fn sync(&self, rights: Rights, data_only: bool) -> Result<(), Errno> {
        match &self.kind {
            Kind::File(file) => {
                self.require(rights)?;
                file.sync(data_only)
            }
            Kind::Dir(dir) => {
                self.require(rights)?;
                dir.sync(data_only)
            }
            Kind::Stream(_) => Ok(()),
            Kind::Listener(_) | Kind::Connection(_) => Err(Errno::Inval),
        }
    }
}
