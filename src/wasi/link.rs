//! From a module's imports to function objects.
#![forbid(unsafe_code)]

use super::ctx::{Ctx, Exit};
use super::guest::Guest;
use super::p1::types::Errno;
use super::p1::{Call, Row, TABLE};
use super::thread::End;
use super::{Stop, thread};
use crate::module::{ExternType, FuncType, Import, Module, ValType};
use crate::runtime::{Caller, Extern, Func, Memory, Store, Trap};
use crate::sys::heap;
use crate::vm::trap::TrapKind;
use core::fmt;
use std::sync::Arc;

/// Which WASI a module was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `wasi_unstable`.
    Snapshot0,
    /// `wasi_snapshot_preview1`.
    Preview1,
}

impl Version {
    /// The version whose functions are imported from a module of this name.
    pub fn of_module(name: &str) -> Option<Version> {
        match name {
            "wasi_unstable" => Some(Version::Snapshot0),
            "wasi_snapshot_preview1" => Some(Version::Preview1),
            _ => None,
        }
    }
}

/// The module that `thread-spawn` is imported from.
pub const WASI_THREADS: &str = "wasi";

/// The version that a module imports functions of; the newer one if it imports both.
pub fn version(module: &Module) -> Option<Version> {
    let of = module.imports.iter().filter_map(|i| Version::of_module(&i.module));
    of.max_by_key(|v| *v == Version::Preview1)
}

/// An import that has the name of a WASI function, and not its type.
pub struct LinkError {
    pub module: Box<str>,
    pub name: Box<str>,
    /// What the module wants, and what WASI has.
    expected: String,
    found: String,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LinkError { module, name, expected, found } = self;
        write!(f, "import \"{module}\" \"{name}\" is of type {expected}, but this function of WASI is {found}")
    }
}

impl fmt::Debug for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LinkError {}

/// For each import of a module, in order: the WASI function it names, or none if it names something else. The functions
/// work in the store, on the context, and on the memory of whichever instance calls them. A module that starts threads, if
/// it may, also gets the shared memory that it imports.
pub fn imports(store: &Store, ctx: &Arc<Ctx>, module: &Module) -> Result<Vec<Option<Extern>>, LinkError> {
    let mut found = functions(store, ctx, module)?;
    if ctx.threads.are_allowed() && module.imports.iter().any(thread::is_spawn) {
        for (import, found) in module.imports.iter().zip(&mut found) {
            if let ExternType::Memory(ty) = import.ty
                && ty.shared
            {
                // Where there is no room, the host is told that the import is missing.
                *found = Memory::new(store, ty).ok().map(Extern::from);
            }
        }
    }
    Ok(found)
}

/// [`imports`] without a memory.
pub(super) fn functions(store: &Store, ctx: &Arc<Ctx>, module: &Module) -> Result<Vec<Option<Extern>>, LinkError> {
    module.imports.iter().map(|import| one(store, ctx, module, import)).collect()
}

fn one(store: &Store, ctx: &Arc<Ctx>, module: &Module, import: &Import) -> Result<Option<Extern>, LinkError> {
    if thread::is_spawn(import) {
        let ty = thread::spawn_type();
        check(module, import, &ty)?;
        return Ok(thread::spawn_function(store, ctx).map(Extern::from));
    }
    let Some(version) = Version::of_module(&import.module) else { return Ok(None) };
    let row = TABLE.iter().find(|r| r.name == &*import.name && (version == Version::Preview1 || r.old));
    let Some(row) = row else { return Ok(None) };
    check(module, import, &row.ty())?;
    Ok(function(store, ctx, row, version).map(Extern::from))
}

/// Fails unless an import is a function of this very type.
fn check(module: &Module, import: &Import, ty: &FuncType) -> Result<(), LinkError> {
    if let ExternType::Func(id) = import.ty
        && module.registry.lookup(id).as_func() == Some(ty)
    {
        return Ok(());
    }
    let found = module.registry.intern_func(ty);
    Err(LinkError {
        module: import.module.clone(),
        name: import.name.clone(),
        expected: module.registry.describe(&import.ty),
        found: module.registry.describe(&ExternType::Func(found.id())),
    })
}

/// A function of WASI in a store. The rows' types are numbers only, so there always is one.
fn function(store: &Store, ctx: &Arc<Ctx>, row: &'static Row, version: Version) -> Option<Func> {
    let ctx = ctx.clone();
    Func::with_slots(store, &row.ty(), move |caller: Caller<'_>, slots: &mut [u64]| {
        let mut call = Call { ctx: &ctx, mem: None, version };
        if row.memory {
            let Some(memory) = caller.memory() else {
                let text = format!("{}: the calling instance exports no memory named \"memory\"", row.name);
                return Err(Trap::new(caller.store(), text));
            };
            call.mem = Some(Guest::new(memory));
        }
        // What the functions allocate is bounded; its number is not.
        let done = if heap::has_room(0) { (row.run)(&mut call, slots) } else { Err(Stop::Errno(Errno::Nomem)) };
        let errno = match done {
            Ok(()) => Errno::Success,
            Err(Stop::Errno(e)) => e,
            Err(stop) => return Err(trap(caller.store(), &ctx, stop)),
        };
        if row.result {
            slots[0] = errno as u64;
        }
        Ok(())
    })
}

/// The trap that ends the guest.
fn trap(store: &Store, ctx: &Ctx, stop: Stop) -> Trap {
    match stop {
        Stop::Exit(code) => exit(store, code),
        Stop::Interrupted => {
            let kind = store.take_interrupt().unwrap_or(TrapKind::Interrupted);
            // Another thread of the guest may be behind it.
            match (ctx.threads.end_of_program(), kind) {
                (Some(End::Exit(code)), TrapKind::Interrupted) => exit(store, code),
                (Some(End::Trap(text)), TrapKind::Interrupted) => {
                    Trap::new(store, format!("another thread of the program trapped: {text}"))
                }
                _ => Trap::of_kind(store, kind),
            }
        }
        Stop::Trap(text) => Trap::new(store, text),
        Stop::Errno(e) => Trap::new(store, format!("{e:?}")),
    }
}

fn exit(store: &Store, code: u32) -> Trap {
    Trap::with_payload(store, format!("the program exited with status {code}"), Box::new(Exit(code)))
}

impl Row {
    /// The function's type.
    pub fn ty(&self) -> FuncType {
        let result: &[ValType] = if self.result { &[ValType::I32] } else { &[] };
        FuncType::new(self.params, result)
    }
}
