//! Files, directories and the descriptors that name them.
//!
//! ```text
//! Table: number -> Arc<Descriptor>          rights, flags, name if preopened
//!                    └─ Kind: File | Dir | Stream | Listener | Connection
//! ```
//!
//! Nothing here knows guest memory: `p1::fd` and `p1::path` copy arguments and results.
//!
//! # What a guest can reach
//! Only what lies below a directory that the host preopened. Paths are resolved by `cap-std`, one descriptor relative to
//! another, by the system itself where it can (`openat2` with `RESOLVE_BENEATH`): absolute paths, `..` above the start,
//! symbolic links that leave the tree and links of `/proc` that the kernel follows by magic are refused, and renaming
//! directories meanwhile does not help. Besides, only regular files and directories are opened: devices, pipes and
//! sockets that lie in the tree can block or act, so opening them is not permitted.
//!
//! # Two kinds of restriction
//! *Permissions* ([`Perms`]) are the host's: they belong to a preopen, pass to everything opened through it, and no call
//! widens them. What they forbid is `EPERM`. *Rights* are the guest's own, as the specification has them: a descriptor
//! carries base and inheriting rights, [`Table`] operations check them (`ENOTCAPABLE`, but `EBADF` for reading and writing,
//! as of a descriptor opened for the other), and they only shrink. A preopen reports full rights even if its permissions
//! are fewer: guests ask for fixed sets of rights when they only want to read, and would fail.
#![forbid(unsafe_code)]

mod descriptor;
mod dir;
mod file;
mod listing;
mod lookup;
mod open;
mod stat;
mod table;

pub use descriptor::{Descriptor, Kind, Perms, Rights2};
pub use dir::{Dir, MAX_PATH};
pub use file::File;
pub use open::OpenRequest;
pub use stat::Times;
pub use table::Table;
