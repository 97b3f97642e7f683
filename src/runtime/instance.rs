//! Instances: what a module is at run time.
//!
//! An instance is one object and one zeroed block of words, in which all the arrays of `vm::layout::Instance` lie. The
//! functions and globals that it defines are made when somebody first asks for a reference to them, live in the
//! instance and die with it. [`super::link`] makes instances; this file is what can be done with one.
//!
//! Spec: "Execution / Runtime Structure / Module Instances".
//!
//! Invariants: imported functions are always present in `funcs`; `objects` of imported globals are always present;
//! everything the arrays point to is kept alive by the collector as an edge of the instance.

use super::global::{self, GlobalObj};
use super::memory;
use super::object::{Extern, Func, Global, Instance, LastWords, ObjHeader, ObjKind, Ref};
use super::seam::ModuleCode;
use super::store::StoreInner;
use super::{link, table};
use crate::module::{ElemItems, ExternKind, Module, RefType, ValType};
use crate::vm::layout as raw;
use core::ops::Range;
use core::ptr::{self, NonNull};
use std::sync::Arc;

#[repr(C)]
pub(super) struct InstanceObj {
    pub(super) raw: raw::Instance,
    pub(super) code: Arc<ModuleCode>,
    /// All arrays of `raw`, and `objects`.
    pub(super) block: Block,
    /// By global index: its object, or null as long as nobody wanted it.
    pub(super) objects: *mut *mut GlobalObj,
    pub(super) funcs: FuncArena,
    /// By element segment: its references, if it can still be used and its items had to be computed.
    pub(super) segments: Box<[Option<Box<[u64]>>]>,
}

/// Words on the heap, zero at first, with raw access only.
pub(super) struct Block(NonNull<[u64]>);

impl Block {
    pub(super) fn new(words: usize) -> Block {
        Block(NonNull::from(Box::leak(vec![0u64; words].into_boxed_slice())))
    }

    pub(super) fn words(&self) -> *mut u64 {
        self.0.as_ptr().cast()
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: leaked by `new`.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// Where the functions of an instance live: chunks that never move, each twice as large as the one before.
#[derive(Default)]
pub(super) struct FuncArena {
    chunks: Vec<(NonNull<raw::Func>, usize)>,
    /// How many of the last chunk are in use.
    used: usize,
}

impl FuncArena {
    fn add(&mut self, func: raw::Func) -> NonNull<raw::Func> {
        let full = self.chunks.last().is_none_or(|(_, size)| *size == self.used);
        if full {
            let size = self.chunks.last().map_or(4, |(_, size)| (size * 2).min(1024));
            let mut chunk = core::mem::ManuallyDrop::new(Vec::<raw::Func>::with_capacity(size));
            // SAFETY: a vector's pointer is never null.
            let at = unsafe { NonNull::new_unchecked(chunk.as_mut_ptr()) };
            // The allocator may have given more; `drop` must say the same number.
            self.chunks.push((at, chunk.capacity()));
            self.used = 0;
        }
        let (chunk, _) = self.chunks[self.chunks.len() - 1];
        // SAFETY: there is room in the last chunk.
        unsafe {
            let at = chunk.add(self.used);
            at.write(func);
            self.used += 1;
            at
        }
    }

    fn each(&self, mut f: impl FnMut(NonNull<raw::Func>)) {
        let last = self.chunks.len().wrapping_sub(1);
        for (i, (chunk, size)) in self.chunks.iter().enumerate() {
            let used = if i == last { self.used } else { *size };
            // SAFETY: so many functions of the chunk are in use.
            (0..used).for_each(|k| f(unsafe { chunk.add(k) }));
        }
    }
}

impl Drop for FuncArena {
    fn drop(&mut self) {
        for (chunk, size) in &self.chunks {
            // SAFETY: a vector's storage with this capacity; a `raw::Func` has no destructor.
            drop(unsafe { Vec::from_raw_parts(chunk.as_ptr(), 0, *size) });
        }
    }
}

impl InstanceObj {
    #[inline]
    pub(super) fn module(&self) -> &Module {
        &self.code.module
    }
}

impl Instance {
    #[inline]
    pub(super) fn obj(&self) -> *mut InstanceObj {
        self.0.cast()
    }

    /// The code it runs, which other stores may share.
    pub fn code(&self) -> &Arc<ModuleCode> {
        // SAFETY: a handle keeps its object alive; the code never changes.
        unsafe { &(*self.obj()).code }
    }

    /// The validated module it is an instance of.
    pub fn module(&self) -> &Arc<Module> {
        &self.code().module
    }

    /// The exports, in the order of the module.
    pub fn exports(&self) -> impl ExactSizeIterator<Item = Extern> + '_ {
        self.module().exports.iter().map(|e| self.item(e.kind, e.index))
    }

    /// The export with this place in the order of the module.
    pub fn export_at(&self, i: usize) -> Option<Extern> {
        self.module().exports.get(i).map(|e| self.item(e.kind, e.index))
    }

    /// The export of this name.
    pub fn export(&self, name: &str) -> Option<Extern> {
        self.module().export(name).map(|e| self.item(e.kind, e.index))
    }

    /// The exported function of this name.
    pub fn func(&self, name: &str) -> Option<Func> {
        self.export(name)?.into_func()
    }

    /// An item of an index space, exported or not. The index must exist.
    fn item(&self, kind: ExternKind, index: u32) -> Extern {
        let store = self.store();
        let _turn = store.enter();
        let (obj, i) = (self.obj(), index as usize);
        // SAFETY: a handle keeps the instance alive, and that everything in its index spaces; exports are validated.
        unsafe {
            match kind {
                ExternKind::Func => {
                    let func = NonNull::new_unchecked(func_ref(obj, index));
                    Func(Ref::new(func.cast())).into()
                }
                ExternKind::Global => Global(Ref::new(global_object(obj, index).cast())).into(),
                ExternKind::Table => table::handle(*(*obj).raw.tables.add(i)).into(),
                ExternKind::Memory => memory::handle(*(*obj).raw.memories.add(i)).into(),
                ExternKind::Tag => global::tag_handle(*(*obj).raw.tags.add(i)).into(),
            }
        }
    }
}

/// The function with this index, made if need be.
///
/// # Safety
/// `obj` is alive, and the index exists.
pub(super) unsafe fn func_ref(obj: *mut InstanceObj, index: u32) -> *mut raw::Func {
    // SAFETY: the caller says so.
    unsafe {
        let place = (*obj).raw.funcs.add(index as usize);
        if (*place).is_null() {
            *place = make_func(obj, index);
        }
        *place
    }
}

/// # Safety
/// As [`func_ref`]; the function is one that the instance defines.
unsafe fn make_func(obj: *mut InstanceObj, index: u32) -> *mut raw::Func {
    // SAFETY: the caller says so.
    unsafe {
        let o = &mut *obj;
        let store = &*o.raw.store.cast::<StoreInner>();
        let module = &o.code.module;
        let ty = module.func_type(index);
        let mut hdr = super::object::header(store, ObjKind::Func);
        hdr.escaped = true;
        let func = raw::Func {
            hdr,
            code: ptr::from_ref(&o.code.funcs[(index - module.num_imported_funcs) as usize]).cast(),
            instance: obj.cast(),
            type_id: module.func_type_id(index).0,
            index,
            host: None,
            env: ptr::null_mut(),
            param_slots: ty.param_slots,
            result_slots: ty.result_slots,
            numbers: ty.is_of_numbers(),
            kinds: super::func::kinds(ty),
        };
        o.funcs.add(func).as_ptr()
    }
}

/// The object of the global with this index, made if need be.
///
/// # Safety
/// `obj` is alive, and the index exists.
unsafe fn global_object(obj: *mut InstanceObj, index: u32) -> NonNull<GlobalObj> {
    // SAFETY: the caller says so.
    unsafe {
        let place = (*obj).objects.add(index as usize);
        if (*place).is_null() {
            let store = &*(*obj).raw.store.cast::<StoreInner>();
            let ty = (*obj).module().globals[index as usize].ty;
            let cell = *(*obj).raw.globals.add(index as usize);
            *place = global::for_instance(store, ty, obj.cast(), cell).as_ptr();
        }
        NonNull::new_unchecked(*place)
    }
}

/// `table.init`: what writes a part of the range, or `None` when out of bounds of the table or of the segment.
///
/// # Safety
/// `obj` is alive as long as the result is used, and the indices exist; parts are of the range `0..len`.
pub(super) unsafe fn table_init_range(
    obj: *mut InstanceObj,
    table: u32,
    segment: u32,
    dst: u64,
    src: u64,
    len: u64,
) -> Option<impl Fn(Range<usize>)> {
    // SAFETY: the caller says so; elements of valid segments fit the table.
    unsafe {
        let table = *(*obj).raw.tables.add(table as usize);
        let in_bounds = |from: u64, len: u64, size: usize| from.checked_add(len).is_some_and(|end| end <= size as u64);
        if !in_bounds(src, len, segment_len(obj, segment)) || !in_bounds(dst, len, (*table).len) {
            return None;
        }
        let to = (*table).base.add(dst as usize);
        Some(move |part: Range<usize>| {
            for i in part {
                *to.add(i) = segment_item(obj, segment, src as usize + i);
            }
        })
    }
}

/// How many references an element segment holds: none once dropped.
///
/// # Safety
/// `obj` is alive, and the index exists.
pub(super) unsafe fn segment_len(obj: *mut InstanceObj, segment: u32) -> usize {
    // SAFETY: the caller says so.
    unsafe {
        if *(*obj).raw.elem_dropped.add(segment as usize) != 0 {
            return 0;
        }
        (*obj).module().elems[segment as usize].items.len()
    }
}

/// A reference of an element segment.
///
/// # Safety
/// `obj` is alive, and both indices exist; the segment has not been dropped.
pub(super) unsafe fn segment_item(obj: *mut InstanceObj, segment: u32, i: usize) -> u64 {
    // SAFETY: the caller says so.
    unsafe {
        if let Some(items) = &(&(*obj).segments)[segment as usize] {
            return items[i];
        }
        match &(*obj).module().elems[segment as usize].items {
            ElemItems::Funcs(funcs) => func_ref(obj, funcs[i]).expose_provenance() as u64,
            // Computed when the instance was made; nothing is left of a dropped segment.
            ElemItems::Exprs(_) => 0,
        }
    }
}

/// `elem.drop`.
///
/// # Safety
/// As [`segment_len`].
pub(super) unsafe fn elem_drop(obj: *mut InstanceObj, segment: u32) {
    // SAFETY: the caller says so.
    unsafe {
        *(*obj).raw.elem_dropped.add(segment as usize) = 1;
        (&mut (*obj).segments)[segment as usize] = None;
    }
}

/// What an instance is of.
///
/// # Safety
/// `obj` is alive as long as the result is used.
pub(super) unsafe fn module_of<'a>(obj: NonNull<InstanceObj>) -> &'a Module {
    // SAFETY: the caller says so.
    unsafe { (*obj.as_ptr()).module() }
}

/// What an instance refers to.
pub(super) enum Edge {
    Object(NonNull<ObjHeader>),
    Slot(RefType, u64),
}

/// Everything an instance refers to, for the collector.
///
/// # Safety
/// `obj` is alive.
pub(super) unsafe fn edges(obj: NonNull<InstanceObj>, mut to: impl FnMut(Edge)) {
    // SAFETY: the caller says so; the arrays are as long as the module's index spaces.
    unsafe {
        let o = obj.as_ptr();
        let m = (*o).module();
        let mut object = |p: *mut ObjHeader| {
            if let Some(p) = NonNull::new(p) {
                to(Edge::Object(p));
            }
        };
        (0..m.num_imported_funcs as usize).for_each(|i| object((*(*o).raw.funcs.add(i)).cast()));
        (0..m.num_imported_globals as usize).for_each(|i| object((*(*o).objects.add(i)).cast()));
        (0..m.tables.len()).for_each(|i| object((*(*o).raw.tables.add(i)).cast()));
        (0..m.memories.len()).for_each(|i| object((*(*o).raw.memories.add(i)).cast()));
        (0..m.tags.len()).for_each(|i| object((*(*o).raw.tags.add(i)).cast()));
        for (i, g) in m.globals.iter().enumerate().skip(m.num_imported_globals as usize) {
            if let ValType::Ref(r) = g.ty.content {
                to(Edge::Slot(r, (**(*o).raw.globals.add(i))[0]));
            }
        }
        for (segment, items) in m.elems.iter().zip(&(*o).segments) {
            for &v in items.iter().flat_map(|i| i.iter()) {
                to(Edge::Slot(segment.ty, v));
            }
        }
    }
}

/// The objects that live in the instance.
///
/// # Safety
/// `obj` is alive.
pub(super) unsafe fn inner_objects(obj: NonNull<InstanceObj>, mut f: impl FnMut(NonNull<ObjHeader>)) {
    // SAFETY: the caller says so.
    unsafe {
        let o = obj.as_ptr();
        (*o).funcs.each(|func| f(func.cast()));
        let m = (*o).module();
        for i in m.num_imported_globals as usize..m.globals.len() {
            if let Some(g) = NonNull::new(*(*o).objects.add(i)) {
                f(g.cast());
            }
        }
    }
}

/// The finalizers of the instance and of what lives in it.
///
/// # Safety
/// `obj` is alive.
pub(super) unsafe fn take_last_words(obj: NonNull<InstanceObj>) -> Vec<LastWords> {
    // SAFETY: the caller says so.
    unsafe {
        let mut words = vec![LastWords::take(obj.cast())];
        inner_objects(obj, |o| {
            let w = LastWords::take(o);
            if !w.is_empty() {
                words.push(w);
            }
        });
        words
    }
}

/// Frees an instance and what lives in it.
///
/// # Safety
/// As [`super::object::destroy`].
pub(super) unsafe fn free(obj: NonNull<InstanceObj>) {
    // SAFETY: boxed by `link`; the store outlives its objects.
    unsafe {
        inner_objects(obj, |o| {
            if (*o.as_ptr()).kind == ObjKind::Global {
                drop(Box::from_raw(o.cast::<GlobalObj>().as_ptr()));
            }
        });
        let store = &*(*obj.as_ptr()).raw.store.cast::<StoreInner>();
        store.usage.instances.set(store.usage.instances.get() - 1);
        store.interrupt.leave_instance(&(*obj.as_ptr()).code, &raw mut (*obj.as_ptr()).raw);
        drop(Box::from_raw(obj.as_ptr()));
    }
}

impl Extern {
    /// What it is, in terms of a module's index spaces.
    pub fn kind(&self) -> ExternKind {
        match self.0.kind() {
            ObjKind::Func => ExternKind::Func,
            ObjKind::Global => ExternKind::Global,
            ObjKind::Table => ExternKind::Table,
            ObjKind::Memory => ExternKind::Memory,
            _ => ExternKind::Tag,
        }
    }

    /// Its type, as an import sees it: memories and tables have their present size as minimum.
    pub fn ty(&self) -> crate::module::ExternType {
        link::current_type(&self.0)
    }
}

macro_rules! into_view {
    ($($into:ident $as:ident $name:ident)+) => {
        impl Extern {
            $(
                pub fn $into(self) -> Option<super::object::$name> {
                    super::object::$name::from_ref(self.0).ok()
                }
                pub fn $as(&self) -> Option<&super::object::$name> {
                    self.0.$as()
                }
            )+
        }
    };
}
into_view! {
    into_func as_func Func
    into_global as_global Global
    into_table as_table Table
    into_memory as_memory Memory
    into_tag as_tag Tag
}
