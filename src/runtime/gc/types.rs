//! The types of which a store has objects: what guest code needs for type tests, and the collector for tracing.
//!
//! A type enters the table before the first object of it is made: those of a module with its first instance, those of
//! the host with the first object, function types that are those of tags with the first exception. It stays as long as an
//! instance or an object needs it; the table keeps it alive in the engine's registry, so that its id means the same.

use crate::code::heap::{Holds, Shape};
use crate::module::{CompositeType, Module, SubType, TypeHandle, TypeId, TypeRegistry};
use crate::vm::gc::{EXCEPTION_PAYLOAD, ObjectKind, TypeInfo};
use core::cell::Cell;
use core::ptr;
use std::sync::Arc;

/// A type of objects.
#[repr(C)]
pub(in crate::runtime) struct Type {
    info: TypeInfo,
    /// What tracing follows.
    pub(super) trace: Trace,
    /// Whether the collection going on has met an object of it.
    pub(super) seen: Cell<bool>,
    /// None for exceptions.
    shape: Option<Shape>,
    _supers: Box<[u32]>,
    handle: TypeHandle,
}

/// Where the references of an object are.
pub(super) enum Trace {
    /// Of a structure or an exception: offsets of references in the heap's own encoding, and of functions.
    Fields {
        refs: Box<[u32]>,
        funcs: Box<[u32]>,
    },
    Elements(Holds),
}

impl Type {
    fn new(handle: TypeHandle, types: &TypeRegistry) -> Type {
        let ty: &SubType = handle.ty();
        let supers: Box<[u32]> = ty.supers.iter().map(|id| id.0).collect();
        let shape = Shape::of(&ty.composite, types);
        let (kind, width_log2) = match &shape {
            None => (ObjectKind::Exception, 0),
            Some(Shape::Struct { .. }) => (ObjectKind::Struct, 0),
            Some(Shape::Array(cell)) => (ObjectKind::Array, cell.width_log2),
        };
        let trace = match (&shape, &ty.composite) {
            (Some(Shape::Array(cell)), _) => Trace::Elements(cell.holds),
            (Some(Shape::Struct { fields, .. }), _) => {
                let which = |h| fields.iter().filter(|f| f.cell.holds == h).map(|f| f.offset).collect();
                Trace::Fields { refs: which(Holds::Ref), funcs: which(Holds::Func) }
            }
            (None, CompositeType::Func(f)) => {
                let (mut refs, mut funcs, mut at) = (Vec::new(), Vec::new(), EXCEPTION_PAYLOAD);
                for &param in &f.params {
                    match crate::code::heap::Cell::of(crate::module::StorageType::Val(param), types).holds {
                        Holds::Ref => refs.push(at),
                        Holds::Func => funcs.push(at),
                        Holds::Bits => {}
                    }
                    at += 8 * param.slots();
                }
                Trace::Fields { refs: refs.into(), funcs: funcs.into() }
            }
            (None, _) => Trace::Fields { refs: Box::default(), funcs: Box::default() },
        };
        let info = TypeInfo { kind, width_log2, depth: ty.depth, supers: supers.as_ptr() };
        Type { info, trace, seen: Cell::new(false), shape, _supers: supers, handle }
    }

    pub fn kind(&self) -> ObjectKind {
        self.info.kind
    }

    pub fn width_log2(&self) -> u8 {
        self.info.width_log2
    }

    pub fn shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    pub fn handle(&self) -> &TypeHandle {
        &self.handle
    }

    pub fn sub_type(&self) -> &Arc<SubType> {
        self.handle.ty()
    }
}

/// By type id: a box, or null.
#[derive(Default)]
pub(in crate::runtime) struct Types(Vec<*mut Type>);

// SAFETY: the table owns what its pointers lead to; one thread at a time uses a store.
unsafe impl Send for Types {}

impl Types {
    /// The table for guest code.
    pub fn table(&self) -> *const *const TypeInfo {
        self.0.as_ptr().cast()
    }

    pub fn get(&self, id: u32) -> Option<&Type> {
        let ty = self.0.get(id as usize).copied().unwrap_or(ptr::null_mut());
        // SAFETY: null or a box of the table's.
        unsafe { ty.as_ref() }
    }

    /// Puts a type in, if it is not there.
    pub fn add(&mut self, id: TypeId, types: &Arc<TypeRegistry>) -> &Type {
        let at = id.0 as usize;
        if self.0.len() <= at {
            self.0.resize((at + 1).next_power_of_two().max(64), ptr::null_mut());
        }
        if self.0[at].is_null() {
            self.0[at] = Box::into_raw(Box::new(Type::new(types.handle(id), types)));
        }
        // SAFETY: a box of the table's.
        unsafe { &*self.0[at] }
    }

    /// Puts in the structure and array types of a module. Whether the table has changed.
    pub fn add_module(&mut self, module: &Module) -> bool {
        let mut changed = false;
        for (id, ty) in module.types.iter().zip(&module.sub_types) {
            if ty.as_func().is_none() && self.get(id.0).is_none() {
                self.add(*id, &module.registry);
                changed = true;
            }
        }
        changed
    }

    /// Forgets which types have been seen.
    pub fn start(&self) {
        self.0.iter().for_each(|ty| {
            // SAFETY: null or a box of the table's.
            if let Some(ty) = unsafe { ty.as_ref() } {
                ty.seen.set(false);
            }
        });
    }

    /// The types of a module, whose instance lives on, are needed.
    pub fn see_module(&self, module: &Module) {
        for (id, ty) in module.types.iter().zip(&module.sub_types) {
            if ty.as_func().is_none()
                && let Some(ty) = self.get(id.0)
            {
                ty.seen.set(true);
            }
        }
    }

    /// Takes out all types that have not been seen.
    pub fn prune(&mut self) {
        for ty in &mut self.0 {
            // SAFETY: null or a box of the table's.
            if unsafe { ty.as_ref() }.is_some_and(|t| !t.seen.get()) {
                // SAFETY: as above; no object of the type is left, and no instance that could make one.
                drop(unsafe { Box::from_raw(core::mem::replace(ty, ptr::null_mut())) });
            }
        }
    }
}

impl Drop for Types {
    fn drop(&mut self) {
        for &ty in self.0.iter().filter(|ty| !ty.is_null()) {
            // SAFETY: a box of the table's.
            drop(unsafe { Box::from_raw(ty) });
        }
    }
}
