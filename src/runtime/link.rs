//! Instantiation: checking imports, allocating, initialising, starting.
//!
//! Spec: "Execution / Modules / Instantiation". The order is the spec's: imports; globals, tables, memories and tags;
//! element segments; active segments in order, elements before data; the start function. A trap on the way leaves what
//! has been written to imported tables and memories, and the functions of the instance that are in those tables keep it
//! alive.

use super::consts::evaluate;
use super::error::{CreateError, ImportName, InstantiateError, Mismatch};
use super::global::{self, create_tag};
use super::instance::{Block, FuncArena, InstanceObj, elem_drop, func_ref, table_init_range};
use super::object::{Extern, Instance, Module, ObjKind, Ref, Trap, header};
use super::seam::ModuleCode;
use super::store::{Store, StoreInner};
use super::{memory, table};
use crate::module::{self, ElemItems, ExternType, SegmentKind, extern_type_matches};
use crate::sys::heap;
use crate::vm::layout as raw;
use crate::vm::trap::TrapKind;
use core::ptr::{self, NonNull};
use std::sync::Arc;

impl Instance {
    /// Instantiates a module, with one import for each that it declares, in its order.
    pub fn new(store: &Store, module: &Module, imports: &[Extern]) -> Result<Instance, InstantiateError> {
        Instance::from_code(store, module.code(), imports)
    }

    /// As [`Instance::new`], for code that is not in a store.
    pub fn from_code(store: &Store, code: &Arc<ModuleCode>, imports: &[Extern]) -> Result<Instance, InstantiateError> {
        let _turn = store.enter();
        if !super::module::is_of(code, store.engine()) {
            return Err(InstantiateError::WrongEngine);
        }
        check_imports(store, code, imports)?;
        let inner = store.inner();
        inner.collect_if_needed();
        let most = inner.limits.borrow().instances;
        if !inner.with_room(|| inner.usage.instances.get() < most) {
            return Err(CreateError::Limit("number of instances").into());
        }
        if !heap::has_room(size_of_instance(&code.module)) {
            return Err(InstantiateError::Create(CreateError::Memory));
        }
        inner.heap_types(&code.module);
        let instance = allocate(inner, code, imports);
        // SAFETY: just allocated, with its imports.
        unsafe {
            define(inner, &instance)?;
            initialize(inner, &instance)?;
        }
        Ok(instance)
    }
}

fn check_imports(store: &Store, code: &ModuleCode, imports: &[Extern]) -> Result<(), InstantiateError> {
    let wanted = &code.module.imports;
    if wanted.len() != imports.len() {
        return Err(InstantiateError::ImportCount { expected: wanted.len(), found: imports.len() });
    }
    let types = store.engine().types();
    for (index, (want, import)) in wanted.iter().zip(imports).enumerate() {
        let name = || ImportName { index, module: want.module.clone(), name: want.name.clone() };
        if !import.as_ref().belongs_to(store) {
            return Err(InstantiateError::WrongStore(Box::new(name())));
        }
        let found = current_type(import.as_ref());
        if !extern_type_matches(&found, &want.ty, types) {
            let mismatch = Mismatch::new(store.engine(), name(), want.ty, found);
            return Err(InstantiateError::Incompatible(Box::new(mismatch)));
        }
    }
    Ok(())
}

/// The type of something that can be imported; memories and tables have their present size as minimum.
pub(super) fn current_type(r: &Ref) -> ExternType {
    if let Some(f) = r.as_func() {
        ExternType::Func(f.type_id())
    } else if let Some(m) = r.as_memory() {
        ExternType::Memory(m.current_type())
    } else if let Some(t) = r.as_table() {
        ExternType::Table(t.current_type())
    } else if let Some(g) = r.as_global() {
        ExternType::Global(g.ty())
    } else {
        // An `Extern` is one of five kinds.
        ExternType::Tag(r.as_tag().expect("something that can be exported").type_id())
    }
}

/// About as many bytes as the parts of an instance take that are allocated with it.
fn size_of_instance(m: &module::Module) -> usize {
    let items =
        m.globals.len() * 8 + m.tables.len() * 32 + m.memories.len() * 32 + m.tags.len() * 16 + m.func_types.len();
    // With the functions that segments and exports refer to, and the table of types, which is as long as their numbers are high.
    let segments =
        m.elems.len() * 2 + m.datas.len() + m.elems.iter().map(|e| e.items.len() as usize * 16).sum::<usize>();
    let types = m.types.last().map_or(0, |ty| ty.0 as usize * 4);
    (items + segments + types + m.exports.len() * 16) * 8
}

/// An instance with its imports in place and nothing of its own yet.
fn allocate(store: &StoreInner, code: &Arc<ModuleCode>, imports: &[Extern]) -> Instance {
    let m = &*code.module;
    let own_globals = m.globals.len() - m.num_imported_globals as usize;
    let few = own_globals <= raw::FEW_GLOBALS;
    let apart = if few { 0 } else { own_globals };
    // In words; cells of own globals first.
    let dropped = (m.datas.len() + m.elems.len()).div_ceil(8);
    let words = apart * 2
        + m.globals.len() * 2
        + m.tables.len()
        + m.memories.len()
        + m.tags.len()
        + m.func_types.len()
        + dropped;
    let block = Block::new(words);
    let mut next = block.words();
    let mut take = |n: usize| {
        let at = next;
        // SAFETY: the block has as many words as are taken from it, all told.
        next = unsafe { next.add(n) };
        at
    };
    let own_cells: *mut [u64; 2] = take(apart * 2).cast();
    let globals: *mut *mut [u64; 2] = take(m.globals.len()).cast();
    let objects = take(m.globals.len()).cast();
    let tables: *mut *mut raw::Table = take(m.tables.len()).cast();
    let memories: *mut *mut raw::Memory = take(m.memories.len()).cast();
    let tags: *mut *mut raw::Tag = take(m.tags.len()).cast();
    let funcs: *mut *mut raw::Func = take(m.func_types.len()).cast();
    let data_dropped: *mut u8 = take(dropped).cast();
    let mut hdr = header(store, ObjKind::Instance);
    hdr.escaped = true;
    let raw = raw::Instance {
        hdr,
        store: store.ctx(),
        #[cfg(jit)]
        limit: core::sync::atomic::AtomicUsize::new(usize::MAX),
        mem0: ptr::null_mut(),
        #[cfg(jit)]
        base0: ptr::null_mut(),
        own_globals: own_cells,
        few_globals: [[0; 2]; raw::FEW_GLOBALS].into(),
        globals,
        tables,
        memories,
        funcs,
        tags,
        data_dropped,
        elem_dropped: data_dropped.wrapping_add(m.datas.len()),
        module: Arc::as_ptr(code).cast(),
        owner: ptr::null_mut(),
    };
    let segments = m.elems.iter().map(|_| None).collect();
    let obj = InstanceObj { raw, code: code.clone(), block, objects, funcs: FuncArena::default(), segments };
    let obj: NonNull<InstanceObj> = NonNull::from(Box::leak(Box::new(obj)));
    let own_cells = if few {
        // SAFETY: the instance was just made, and stays where it is.
        unsafe {
            let cells = (*obj.as_ptr()).raw.few_globals.get().cast();
            (*obj.as_ptr()).raw.own_globals = cells;
            cells
        }
    } else {
        own_cells
    };
    store.usage.instances.set(store.usage.instances.get() + 1);
    // SAFETY: the instance was just made.
    store.interrupt.enter_instance(code, unsafe { &raw mut (*obj.as_ptr()).raw });

    let (mut f, mut g, mut t, mut me, mut ta) = (funcs, 0, tables, memories, tags);
    for import in imports {
        import.as_ref().escape();
        // SAFETY: checked: as many imports of each kind as the arrays begin with.
        unsafe {
            match import.as_ref().kind() {
                ObjKind::Func => {
                    *f = import.as_ref().cast();
                    f = f.add(1);
                }
                ObjKind::Global => {
                    let global = import.as_ref().cast::<global::GlobalObj>();
                    *(*obj.as_ptr()).objects.add(g) = global;
                    *globals.add(g) = global::parts(NonNull::new_unchecked(global)).1;
                    g += 1;
                }
                ObjKind::Table => {
                    *t = import.as_ref().cast();
                    t = t.add(1);
                }
                ObjKind::Memory => {
                    *me = import.as_ref().cast();
                    me = me.add(1);
                }
                _ => {
                    *ta = import.as_ref().cast();
                    ta = ta.add(1);
                }
            }
        }
    }
    for i in 0..own_globals {
        // SAFETY: the arrays are as long as the module's index spaces.
        unsafe { *globals.add(m.num_imported_globals as usize + i) = own_cells.add(i) };
    }
    // SAFETY: a whole object, boxed as `destroy` expects.
    Instance(unsafe { store.adopt(obj.cast()) })
}

/// Allocates and computes what the module defines.
///
/// # Safety
/// `instance` is new.
unsafe fn define(store: &StoreInner, instance: &Instance) -> Result<(), InstantiateError> {
    let obj = instance.obj();
    let module = instance.module().clone();
    let m = &*module;
    let trap = |kind| InstantiateError::Trap(Trap::of_kind(&store.borrow(), kind));
    // SAFETY: the arrays are as long as the module's index spaces; objects are listed as they are made, so that the
    // collector frees them if the rest fails.
    unsafe {
        for i in m.num_imported_memories as usize..m.memories.len() {
            let memory = memory::create(store, m.memories[i])?.cast::<raw::Memory>();
            (*memory.as_ptr()).hdr.escaped = true;
            store.list(memory.cast());
            *(*obj).raw.memories.cast_mut().add(i) = memory.as_ptr();
        }
        if !m.memories.is_empty() {
            (*obj).raw.mem0 = *(*obj).raw.memories;
            #[cfg(jit)]
            {
                (*obj).raw.base0 = (*(*obj).raw.mem0).base;
            }
            #[cfg(jit)]
            if (*obj).code.is_guarded() && !memory::is_guarded((*obj).raw.mem0) {
                run_unguarded(store, obj);
            }
        }
        for i in m.num_imported_tags as usize..m.tags.len() {
            let ty = store.engine.types().handle(m.tag_type_id(i as u32));
            let tag = create_tag(store, ty).cast::<raw::Tag>();
            (*tag.as_ptr()).hdr.escaped = true;
            store.list(tag.cast());
            *(*obj).raw.tags.cast_mut().add(i) = tag.as_ptr();
        }
        for i in m.num_imported_globals as usize..m.globals.len() {
            if let Some(init) = &m.globals[i].init {
                **(*obj).raw.globals.add(i) = evaluate(obj, init).map_err(trap)?;
            }
        }
        for i in m.num_imported_tables as usize..m.tables.len() {
            let init = match &m.tables[i].init {
                Some(init) => evaluate(obj, init).map_err(trap)?[0],
                None => 0,
            };
            let table = table::create(store, m.tables[i].ty, init)?.cast::<raw::Table>();
            (*table.as_ptr()).hdr.escaped = true;
            store.list(table.cast());
            *(*obj).raw.tables.cast_mut().add(i) = table.as_ptr();
        }
        for (i, segment) in m.elems.iter().enumerate() {
            if let (ElemItems::Exprs(exprs), false) = (&segment.items, segment.kind == SegmentKind::Declared) {
                // In the instance from the start, where the collector sees them.
                (&mut (*obj).segments)[i] = Some(vec![0; exprs.len()].into());
                for (k, e) in exprs.iter().enumerate() {
                    let item = evaluate(obj, e).map_err(trap)?[0];
                    if let Some(items) = &mut (&mut (*obj).segments)[i] {
                        items[k] = item;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Gives an instance whose memory has no guard code with checks. It has no functions yet.
///
/// # Safety
/// `obj` is alive, and nobody else uses it.
#[cfg(jit)]
unsafe fn run_unguarded(store: &StoreInner, obj: *mut InstanceObj) {
    // SAFETY: by the contract.
    unsafe {
        let guarded = (*obj).code.clone();
        let code = guarded.unguarded().clone();
        if store.engine.config().tier == super::engine::Tier::Eager {
            super::seam::compile(&code);
        }
        store.interrupt.enter_module(&code);
        (*obj).raw.module = Arc::as_ptr(&code).cast();
        (*obj).code = code;
        store.interrupt.leave_module(&guarded);
    }
}

/// Runs the active segments and the start function.
///
/// # Safety
/// `instance` is defined.
unsafe fn initialize(store: &StoreInner, instance: &Instance) -> Result<(), InstantiateError> {
    let obj = instance.obj();
    let module = instance.module().clone();
    let m = &*module;
    let trap = |kind| InstantiateError::Trap(Trap::of_kind(&store.borrow(), kind));
    // SAFETY: the instance is alive and whole; indices are validated.
    unsafe {
        for (i, segment) in m.elems.iter().enumerate() {
            match &segment.kind {
                SegmentKind::Active { index, offset } => {
                    let offset = match offset.as_offset() {
                        Some(offset) => offset,
                        None => address(evaluate(obj, offset).map_err(trap)?, m.tables[*index as usize].ty.is64),
                    };
                    let len = segment.items.len();
                    match table_init_range(obj, *index, i as u32, offset, 0, len as u64) {
                        Some(write) => write(0..len),
                        None => return Err(trap(TrapKind::TableOutOfBounds)),
                    }
                    elem_drop(obj, i as u32);
                }
                SegmentKind::Declared => elem_drop(obj, i as u32),
                SegmentKind::Passive => {}
            }
        }
        for (i, segment) in m.datas.iter().enumerate() {
            if let SegmentKind::Active { index, offset } = &segment.kind {
                let offset = match offset.as_offset() {
                    Some(offset) => offset,
                    None => address(evaluate(obj, offset).map_err(trap)?, m.memories[*index as usize].is64),
                };
                let memory = memory::handle(*(*obj).raw.memories.add(*index as usize));
                if !usize::try_from(offset).is_ok_and(|o| memory.write(o, m.slice(&segment.range))) {
                    return Err(trap(TrapKind::MemoryOutOfBounds));
                }
                *(*obj).raw.data_dropped.add(i) = 1;
            }
        }
        if let Some(start) = m.start {
            let func = NonNull::new_unchecked(func_ref(obj, start));
            super::object::Func(Ref::new(func.cast())).call(&[], &mut []).map_err(InstantiateError::Trap)?;
        }
    }
    Ok(())
}

/// The address or table index in a slot.
fn address(slots: [u64; 2], is64: bool) -> u64 {
    if is64 { slots[0] } else { slots[0] as u32 as u64 }
}
