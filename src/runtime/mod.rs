//! The object world: engines, stores, and what lives in stores.
//!
//! ```text
//! Engine (Arc, any thread)         configuration, canonical types, pools of address space
//!   └─ Store (counted handle, one thread at a time)     limits, value stack, all objects
//!        └─ Ref (counted handle to an object)           views: Func Global Table Memory Tag Instance Module Foreign Trap,
//!                                                       and Extern for the five kinds that are imported and exported
//! ```
//!
//! # How to use it
//! - `Engine::new(Config)`, `Store::new(&engine)`, `Module::new(&store, bytes)`; `Engine::compile` gives the shared
//!   code without a store, `Module::from_code` brings it into one.
//! - `Instance::new(&store, &module, &[Extern])` in the order of `module.info().imports`; `instance.export(name)`,
//!   `instance.exports()`.
//! - `Func::call(&[Val], &mut [Val])`; `Func::call_raw(*mut u64)` without conversion. `Func::new(&store, &ty, closure)`
//!   makes a host function, `Func::from_raw_parts` one that reads slots itself.
//! - Every view is a `Ref` with its kind checked, `repr(transparent)`, one pointer wide: `Ref::as_func()` and its like,
//!   `view.as_ref()`, `Ref::into_raw()` and `from_raw()` cost nothing.
//! - Reference values: `Val::FuncRef(Option<Func>)`, `Val::ExternRef(Option<AnyRef>)` (`Val::extern_ref(object)`).
//! - Structures, arrays and exceptions: `HeapRef::new_struct(&store, &type, &[Val])` and its like; a `HeapRef` keeps its object
//!   alive, and reads and writes what is in it.
//!
//! # Lifetimes
//! See [`object`] for who frees what, [`collect`] for what nobody holds, [`store`] for the end.
//!
//! # Errors
//! [`CreateError`], [`InstantiateError`], `module::LoadError`, and [`Trap`] for what stops a guest. None of this panics on
//! what a guest or a host passes in.

mod boxed;
mod collect;
mod consts;
mod deadline;
mod engine;
mod error;
mod fuel;
mod func;
mod gc;
mod global;
mod heap_roots;
mod hooks;
mod host_memory;
mod instance;
mod interrupt;
mod limits;
mod link;
mod memory;
mod module;
mod object;
mod profile;
mod seam;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod trap;
mod val;

pub use engine::{Config, Engine, EngineUsage, Tier};
pub use error::{CreateError, ImportName, InstantiateError, Mismatch};
pub use fuel::FuelHook;
pub use func::{Caller, HostClosure, SlotClosure};
pub use gc::ObjectKind;
pub use heap_roots::HeapRef;
pub use host_memory::{Allocator, MemoryAllocator, MemoryBlock, MemoryRequest};
pub use interrupt::{Blocking, Interrupter};
pub use limits::{Growth, GrowthHook, Limits};
pub use memory::{GUARD_BYTES, SharedMemory};
pub use object::{
    Boxed, Extern, Finalizer, Foreign, Func, Global, HostInfo, Instance, Memory, Module, ObjHeader, ObjKind, Ref,
    Table, Tag, Trap,
};
pub use profile::Profile;
pub use seam::{ModuleCode, handle_fault};
pub use store::{Store, Usage};
pub use trap::Frame;
pub use val::{AnyRef, Val};
