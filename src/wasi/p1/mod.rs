//! The functions of preview 1: one table of them, for both module names.
//!
//! A row says how a function is called and where its Rust function is; everything between guest and function (slots,
//! memory, error numbers, traps) is in `link`. The Rust functions take what the guest passed, pointers and lengths as
//! `u32`, and a [`Call`]; what they return as an error goes to the guest as a number, and results through pointers.
#![forbid(unsafe_code)]

mod errno;
mod fd;
mod path;
mod poll;
mod process;
mod sock;
pub mod types;

use super::guest::Guest;
use super::{Ctx, Stop, Version};
use crate::module::ValType;
use std::sync::Arc;
use types::Errno;

/// One call of a WASI function.
pub struct Call<'a> {
    pub ctx: &'a Arc<Ctx>,
    /// The caller's memory; none for functions that need none.
    pub(super) mem: Option<Guest>,
    /// Which layouts the caller expects.
    pub version: Version,
}

impl Call<'_> {
    /// The memory of the calling instance.
    pub fn mem(&self) -> Result<&Guest, Errno> {
        self.mem.as_ref().ok_or(Errno::Fault)
    }

    /// Whether the caller was made for snapshot 0.
    pub fn is_old(&self) -> bool {
        self.version == Version::Snapshot0
    }
}

/// What a WASI function returns: results went through pointers.
pub type Outcome = Result<(), Stop>;

/// One function of WASI.
pub struct Row {
    pub name: &'static str,
    pub params: &'static [ValType],
    /// Whether it returns an error number.
    pub result: bool,
    /// Whether it works on the caller's memory.
    pub memory: bool,
    /// Whether snapshot 0 has it, too.
    pub old: bool,
    pub run: fn(&mut Call<'_>, &[u64]) -> Outcome,
}

/// How a parameter travels: its type, and its value out of a slot.
trait Param {
    const TYPE: ValType;
    fn of(slot: u64) -> Self;
}

impl Param for u32 {
    const TYPE: ValType = ValType::I32;
    fn of(slot: u64) -> u32 {
        slot as u32
    }
}

impl Param for u64 {
    const TYPE: ValType = ValType::I64;
    fn of(slot: u64) -> u64 {
        slot
    }
}

impl Param for i64 {
    const TYPE: ValType = ValType::I64;
    fn of(slot: u64) -> i64 {
        slot as i64
    }
}

/// Writes the table: `name(parameter types) = where`, with `[...]` for what is out of the ordinary.
macro_rules! functions {
    ($($name:ident($($ty:ident)*) = $module:ident $([$($field:ident: $value:literal),+])?;)+) => {
        /// Every function, in the order of the specification.
        pub static TABLE: &[Row] = &[$({
            const PLAIN: Row = Row {
                name: stringify!($name),
                params: &[$(<$ty as Param>::TYPE),*],
                result: true,
                memory: true,
                old: true,
                run: |call, slots| {
                    let mut _slots = slots.iter().copied();
                    $module::$name(call, $(<$ty as Param>::of(_slots.next().unwrap_or(0))),*)
                },
            };
            Row { $($($field: $value,)+)? ..PLAIN }
        }),+];
    };
}

functions! {
    args_get(u32 u32) = process;
    args_sizes_get(u32 u32) = process;
    environ_get(u32 u32) = process;
    environ_sizes_get(u32 u32) = process;
    clock_res_get(u32 u32) = process;
    clock_time_get(u32 u64 u32) = process;
    fd_advise(u32 u64 u64 u32) = fd [memory: false];
    fd_allocate(u32 u64 u64) = fd [memory: false];
    fd_close(u32) = fd [memory: false];
    fd_datasync(u32) = fd [memory: false];
    fd_fdstat_get(u32 u32) = fd;
    fd_fdstat_set_flags(u32 u32) = fd [memory: false];
    fd_fdstat_set_rights(u32 u64 u64) = fd [memory: false];
    fd_filestat_get(u32 u32) = fd;
    fd_filestat_set_size(u32 u64) = fd [memory: false];
    fd_filestat_set_times(u32 u64 u64 u32) = fd [memory: false];
    fd_pread(u32 u32 u32 u64 u32) = fd;
    fd_prestat_get(u32 u32) = fd;
    fd_prestat_dir_name(u32 u32 u32) = fd;
    fd_pwrite(u32 u32 u32 u64 u32) = fd;
    fd_read(u32 u32 u32 u32) = fd;
    fd_readdir(u32 u32 u32 u64 u32) = fd;
    fd_renumber(u32 u32) = fd [memory: false];
    fd_seek(u32 i64 u32 u32) = fd;
    fd_sync(u32) = fd [memory: false];
    fd_tell(u32 u32) = fd;
    fd_write(u32 u32 u32 u32) = fd;
    path_create_directory(u32 u32 u32) = path;
    path_filestat_get(u32 u32 u32 u32 u32) = path;
    path_filestat_set_times(u32 u32 u32 u32 u64 u64 u32) = path;
    path_link(u32 u32 u32 u32 u32 u32 u32) = path;
    path_open(u32 u32 u32 u32 u32 u64 u64 u32 u32) = path;
    path_readlink(u32 u32 u32 u32 u32 u32) = path;
    path_remove_directory(u32 u32 u32) = path;
    path_rename(u32 u32 u32 u32 u32 u32) = path;
    path_symlink(u32 u32 u32 u32 u32) = path;
    path_unlink_file(u32 u32 u32) = path;
    poll_oneoff(u32 u32 u32 u32) = poll;
    proc_exit(u32) = process [result: false, memory: false];
    proc_raise(u32) = process [memory: false];
    sched_yield() = process [memory: false];
    random_get(u32 u32) = process;
    sock_accept(u32 u32 u32) = sock [old: false];
    sock_recv(u32 u32 u32 u32 u32 u32) = sock;
    sock_send(u32 u32 u32 u32 u32) = sock;
    sock_shutdown(u32 u32) = sock [memory: false];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_complete() {
        assert_eq!(TABLE.len(), 46);
        assert_eq!(TABLE.iter().filter(|r| r.old).count(), 45);
        let types = |name: &str| TABLE.iter().find(|r| r.name == name).map(|r| (r.params.len(), r.result));
        assert_eq!(types("path_open"), Some((9, true)));
        assert_eq!(types("proc_exit"), Some((1, false)));
        assert_eq!(types("sched_yield"), Some((0, true)));
    }
}
