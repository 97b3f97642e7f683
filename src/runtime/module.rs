//! Modules in a store. The code is shared by all stores of the engine; the object is only what handles point to.

use super::engine::Engine;
use super::object::{Module, ObjKind, header};
use super::seam::ModuleCode;
use super::store::{Store, StoreInner};
use crate::module::{self, LoadError};
use crate::vm::layout as raw;
use core::ptr::NonNull;
use std::sync::Arc;

#[repr(C)]
pub(super) struct ModuleObj {
    hdr: raw::ObjHeader,
    code: Arc<ModuleCode>,
}

impl Drop for ModuleObj {
    fn drop(&mut self) {
        // SAFETY: a store outlives its objects.
        let modules = unsafe { &(*self.hdr.store.cast::<StoreInner>()).usage.modules };
        modules.set(modules.get() - 1);
    }
}

impl Module {
    /// Decodes and validates.
    pub fn new(store: &Store, bytes: impl Into<Arc<[u8]>>) -> Result<Module, LoadError> {
        Ok(Module::from_code(store, store.engine().compile(bytes)?))
    }

    /// A handle in `store` over code that another store may use as well (share and obtain, in the C API).
    pub fn from_code(store: &Store, code: Arc<ModuleCode>) -> Module {
        let _turn = store.enter();
        let modules = &store.inner().usage.modules;
        modules.set(modules.get() + 1);
        let obj = Box::new(ModuleObj { hdr: header(store.inner(), ObjKind::Module), code });
        // SAFETY: a whole object, boxed as `destroy` expects.
        Module(unsafe { store.inner().adopt(NonNull::from(Box::leak(obj)).cast()) })
    }

    /// What stores share.
    pub fn code(&self) -> &Arc<ModuleCode> {
        // SAFETY: a handle keeps its object alive; modules never change.
        unsafe { &(*self.0.cast::<ModuleObj>()).code }
    }

    /// The validated module: imports, exports, types, sections.
    pub fn info(&self) -> &Arc<module::Module> {
        &self.code().module
    }
}

/// Whether code was compiled by an engine: its types are numbered in that engine's registry.
pub(super) fn is_of(code: &ModuleCode, engine: &Engine) -> bool {
    Arc::ptr_eq(&code.module.registry, engine.types())
}
