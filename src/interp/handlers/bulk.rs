//! Whole-memory and table instructions (spec, "Memory Instructions" and "Table Instructions").
//!
//! Operands of a 32-bit memory or table are read as 32 bits, those of a 64-bit one as 64; lengths between two of different
//! width are 32 bits wide.

use super::call::memory0;
use super::mem::length;
use crate::code::ModuleCode;
use crate::interp::dispatch::{Fp, go, op, trap};
use crate::interp::operand::{f16, get, high32, set, word};
use crate::vm::bulk::{PART, copy, copy_in_parts, fill_in_parts, fill_table, within};
use crate::vm::layout::{Instance, RuntimeHooks, Table};
use crate::vm::trap::TrapKind;

/// The slot `n`, as an index of the given width.
#[inline(always)]
unsafe fn index(fp: Fp, n: usize, is64: bool) -> u64 {
    // SAFETY: fields name slots inside the frame.
    unsafe { if is64 { *fp.add(n) } else { *fp.add(n) as u32 as u64 } }
}

#[inline(always)]
unsafe fn hooks(ctx: *mut Instance) -> &'static RuntimeHooks {
    // SAFETY: the hooks are a static of the runtime.
    unsafe { &*(*(*ctx).store).hooks }
}

op!(
    /// A = pages of memory I.
    memory_size(pc fp mb ml ctx ia fa) {
        let m = *(*ctx).memories.add(high32(pc));
        let pages = (length(m) >> (*m).page_log2) as u64;
        set(pc, fp, pages);
        go!(pc.add(2), fp, mb, ml, ctx, pages, fa)
    }
);
op!(
    /// A = pages of memory I before growing it by B, or -1.
    memory_grow(pc fp mb ml ctx ia fa) {
        let m = *(*ctx).memories.add(high32(pc));
        crate::interp::expose(pc, fp, ctx);
        let old = (hooks(ctx).memory_grow)(m, index(fp, f16::<1>(pc), (*m).is64));
        set(pc, fp, old);
        let (mb, ml) = memory0(ctx);
        go!(pc.add(2), fp, mb, ml, ctx, old, fa)
    }
);
op!(
    /// Fills C bytes of memory word 2 from A with B.
    memory_fill(pc fp mb ml ctx ia fa) {
        let m = *(*ctx).memories.add(word(pc, 2) as usize);
        let (at, len) = (index(fp, f16::<0>(pc), (*m).is64), index(fp, f16::<2>(pc), (*m).is64));
        if !within(at, len, length(m)) {
            trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (to, byte, len) = ((*m).base.add(at as usize), get::<1, u32>(pc, fp) as u8, len as usize);
        if len > PART {
            let kind = fill_in_parts((*ctx).store, to, byte, len);
            if kind != 0 {
                return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
            }
        } else {
            to.write_bytes(byte, len);
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Copies C bytes to A of memory word 2 (low) from B of memory word 2 (high).
    memory_copy(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        let (to, from) = (*(*ctx).memories.add(w as u32 as usize), *(*ctx).memories.add((w >> 32) as usize));
        let len = index(fp, f16::<2>(pc), (*to).is64 && (*from).is64);
        let (dst, src) = (index(fp, f16::<0>(pc), (*to).is64), index(fp, f16::<1>(pc), (*from).is64));
        if !within(dst, len, length(to)) || !within(src, len, length(from)) {
            trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (from, to, len): (*const u8, *mut u8, usize) = ((*from).base.add(src as usize), (*to).base.add(dst as usize), len as usize);
        if len > PART {
            let kind = copy_in_parts((*ctx).store, from, to, len);
            if kind != 0 {
                return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
            }
        } else {
            from.copy_to(to, len);
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Copies C bytes to A of memory word 2 (low) from B of data segment word 2 (high).
    memory_init(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        let m = *(*ctx).memories.add(w as u32 as usize);
        let segment = (w >> 32) as usize;
        let data: &[u8] = if *(*ctx).data_dropped.add(segment) != 0 {
            &[]
        } else {
            (*((*ctx).module as *const ModuleCode)).data(segment)
        };
        let dst = index(fp, f16::<0>(pc), (*m).is64);
        let (src, len) = (get::<1, u32>(pc, fp) as u64, get::<2, u32>(pc, fp) as u64);
        if !within(dst, len, length(m)) || !within(src, len, data.len()) {
            trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let kind = copy((*ctx).store, data.as_ptr().add(src as usize), (*m).base.add(dst as usize), len as usize);
        if kind != 0 {
            return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Drops data segment I.
    data_drop(pc fp mb ml ctx ia fa) {
        *(*ctx).data_dropped.add(high32(pc)) = 1;
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);

/// The table of the index in the 32-bit field.
#[inline(always)]
unsafe fn table(ctx: *mut Instance, n: usize) -> *mut Table {
    // SAFETY: table indices come from validated code.
    unsafe { *(*ctx).tables.add(n) }
}

op!(
    /// A = element B of table I.
    table_get(pc fp mb ml ctx ia fa) {
        let t = table(ctx, high32(pc));
        let at = index(fp, f16::<1>(pc), (*t).is64);
        if at >= (*t).len as u64 {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let v = *(*t).base.add(at as usize);
        set(pc, fp, v);
        go!(pc.add(2), fp, mb, ml, ctx, v, fa)
    }
);
op!(
    /// Element A of table I = B.
    table_set(pc fp mb ml ctx ia fa) {
        let t = table(ctx, high32(pc));
        let at = index(fp, f16::<0>(pc), (*t).is64);
        if at >= (*t).len as u64 {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        *(*t).base.add(at as usize) = get::<1, u64>(pc, fp);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// A = elements of table I.
    table_size(pc fp mb ml ctx ia fa) {
        let n = (*table(ctx, high32(pc))).len as u64;
        set(pc, fp, n);
        go!(pc.add(2), fp, mb, ml, ctx, n, fa)
    }
);
op!(
    /// A = elements of table word 2 before growing it by C elements of value B, or -1.
    table_grow(pc fp mb ml ctx ia fa) {
        let t = table(ctx, word(pc, 2) as usize);
        let by = index(fp, f16::<2>(pc), (*t).is64);
        crate::interp::expose(pc, fp, ctx);
        let old = (hooks(ctx).table_grow)(t, by, get::<1, u64>(pc, fp));
        set(pc, fp, old);
        go!(pc.add(3), fp, mb, ml, ctx, old, fa)
    }
);
op!(
    /// Fills C elements of table word 2 from A with B.
    table_fill(pc fp mb ml ctx ia fa) {
        let t = table(ctx, word(pc, 2) as usize);
        let (at, len) = (index(fp, f16::<0>(pc), (*t).is64), index(fp, f16::<2>(pc), (*t).is64));
        if !within(at, len, (*t).len) {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (to, v) = ((*t).base.add(at as usize), get::<1, u64>(pc, fp));
        let kind = fill_table((*ctx).store, to, v, len as usize);
        if kind != 0 {
            return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Copies C elements to A of table word 2 (low) from B of table word 2 (high).
    table_copy(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        let (to, from) = (table(ctx, w as u32 as usize), table(ctx, (w >> 32) as usize));
        let len = index(fp, f16::<2>(pc), (*to).is64 && (*from).is64);
        let (dst, src) = (index(fp, f16::<0>(pc), (*to).is64), index(fp, f16::<1>(pc), (*from).is64));
        if !within(dst, len, (*to).len) || !within(src, len, (*from).len) {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (from, to) = ((*from).base.add(src as usize), (*to).base.add(dst as usize));
        let kind = copy((*ctx).store, from.cast(), to.cast(), len as usize * size_of::<u64>());
        if kind != 0 {
            return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Copies C elements to A of table word 2 (low) from B of element segment word 2 (high).
    table_init(pc fp mb ml ctx ia fa) {
        let w = word(pc, 2);
        let dst = index(fp, f16::<0>(pc), (*table(ctx, w as u32 as usize)).is64);
        let (src, len) = (get::<1, u32>(pc, fp) as u64, get::<2, u32>(pc, fp) as u64);
        let kind = (hooks(ctx).table_init)(ctx, w as u32, (w >> 32) as u32, dst, src, len);
        if kind != 0 {
            return super::control::raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Drops element segment I.
    elem_drop(pc fp mb ml ctx ia fa) {
        (hooks(ctx).elem_drop)(ctx, high32(pc) as u32);
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
