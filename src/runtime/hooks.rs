//! What guest code asks of the runtime: the functions behind `vm::layout::RuntimeHooks`.

use super::object::Ref;
use super::store::StoreInner;
use super::{fuel, gc, instance, interrupt, memory, table};
use crate::module::TypeId;
use crate::vm::bulk;
use crate::vm::layout::{Func, Instance, Memory, ObjHeader, RuntimeHooks, StoreCtx, Table};
use crate::vm::trap::TrapKind;
use core::ptr::NonNull;

/// References of a segment that are written without asking whether the guest is to stop. Each may have a function made for it.
const REFERENCES: usize = 1 << 14;

pub(super) static HOOKS: RuntimeHooks = RuntimeHooks {
    checkpoint: interrupt::checkpoint,
    #[cfg(jit)]
    poll: interrupt::poll,
    #[cfg(jit)]
    direct_ended: super::func::direct_ended,
    memory_grow,
    table_grow,
    table_init,
    elem_drop,
    func_ref,
    is_subtype,
    heap_room: gc::room,
    exception_new: gc::exception_new,
    take_exception,
    out_of_fuel: fuel::out_of_fuel,
    segment_len,
    array_init,
};

unsafe fn memory_grow(m: *mut Memory, delta: u64) -> u64 {
    // SAFETY: guest code passes a memory of a live instance.
    unsafe { memory::grow(m.cast(), delta) }.unwrap_or(u64::MAX)
}

unsafe fn table_grow(t: *mut Table, delta: u64, init: u64) -> u64 {
    // SAFETY: guest code passes a table of a live instance, and a reference that validation has typed.
    unsafe { table::grow(t.cast(), delta, init, true) }.unwrap_or(u64::MAX)
}

unsafe fn table_init(i: *mut Instance, table: u32, segment: u32, dst: u64, src: u64, len: u64) -> u64 {
    // SAFETY: guest code passes its own live instance, with indices that validation has checked.
    unsafe {
        match instance::table_init_range(i.cast(), table, segment, dst, src, len) {
            Some(write) => {
                bulk::in_steps((*i).store, len as usize, REFERENCES, |from, count| write(from..from + count))
            }
            None => TrapKind::TableOutOfBounds as u64,
        }
    }
}

unsafe fn elem_drop(i: *mut Instance, segment: u32) {
    // SAFETY: as for `table_init`.
    unsafe { instance::elem_drop(i.cast(), segment) }
}

unsafe fn func_ref(i: *mut Instance, index: u32) -> *mut Func {
    // SAFETY: as for `table_init`.
    unsafe { instance::func_ref(i.cast(), index) }
}

unsafe fn take_exception(object: *mut ObjHeader) -> u32 {
    let Some(object) = NonNull::new(object) else { return 0 };
    // SAFETY: the object comes with a host reference, which is given up unless the caller is to keep it.
    let object = unsafe { Ref::from_raw(object) };
    let exception = object.as_trap().map_or(0, |t| t.exception());
    if exception == 0 {
        let _kept = object.into_raw();
    }
    exception
}

unsafe fn is_subtype(store: *mut StoreCtx, a: u32, b: u32) -> bool {
    // SAFETY: the context is the first field of a live store.
    unsafe { (*store.cast::<StoreInner>()).engine.types().is_subtype(TypeId(a), TypeId(b)) }
}

unsafe fn segment_len(i: *mut Instance, segment: u32) -> u64 {
    // SAFETY: as for `table_init`.
    unsafe { instance::segment_len(i.cast(), segment) as u64 }
}

unsafe fn array_init(i: *mut Instance, segment: u32, from: u32, len: u32, to: *mut u8, width_log2: u32) -> u64 {
    // SAFETY: as for `table_init`; guest code has checked the bounds of the segment and of the array.
    unsafe {
        bulk::in_steps((*i).store, len as usize, REFERENCES, |first, count| {
            for k in first..first + count {
                let v = instance::segment_item(i.cast(), segment, from as usize + k);
                if width_log2 == 3 {
                    to.cast::<u64>().add(k).write_unaligned(v);
                } else {
                    to.cast::<u32>().add(k).write_unaligned(v as u32);
                }
            }
        })
    }
}
