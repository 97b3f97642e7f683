//! Structures, arrays, `i31`s and type tests (spec, "Aggregate Reference Instructions"; `vm::gc` has the layout).
//!
//! An instruction that makes an object takes room from the heap's current run. When there is too little, `heap_more`
//! lets the runtime find another run and starts the instruction anew, its operands being where they were.

use super::control::raise;
use crate::code::heap::{AbstractTest, HEADER};
use crate::code::op::op_rows;
use crate::interp::dispatch::{Fp, Pc, go, jump, op, trap};
use crate::interp::operand::{f16, get, get_vector, high32, peek, poke, set, set_vector, word};
use crate::util::V128;
use crate::vm::array::{
    array_size, copy_new, data, elements, fill_in_parts, fill_new, unless_stopped, within, zero_new,
};
use crate::vm::gc::{self, ObjectKind};
use crate::vm::layout::StoreCtx;
use crate::vm::trap::TrapKind;

/// Leaves a one-slot result in its slot and the integer accumulator, and goes on.
macro_rules! result {
    ($r:expr, $words:literal, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r: u64 = $r;
        set($pc, $fp, r);
        go!($pc.add($words), $fp, $mb, $ml, $ctx, r, $fa)
    }};
}

/// The address of a structure's field; goes to the trap if the reference is null.
macro_rules! field {
    ($r:expr, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let r: u32 = $r;
        if r == 0 {
            trap!(TrapKind::NullStructReference, $pc, $fp, $mb, $ml, $ctx, $fa)
        }
        gc::object((*$ctx).store, r).add(high32($pc))
    }};
}

/// The address of an array's element; goes to a trap if there is none.
macro_rules! element {
    ($r:expr, $i:expr, $t:ty, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let (r, i): (u32, u32) = ($r, $i);
        if r == 0 {
            trap!(TrapKind::NullArrayReference, $pc, $fp, $mb, $ml, $ctx, $fa)
        }
        let object = gc::object((*$ctx).store, r);
        if i >= (*object.cast::<gc::Header>()).extent {
            trap!(TrapKind::ArrayOutOfBounds, $pc, $fp, $mb, $ml, $ctx, $fa)
        }
        object.add(HEADER as usize).cast::<$t>().add(i as usize)
    }};
}

macro_rules! gc_get {
    ([] $( ($mem:ident $t:ident $bits:ident) [$s:ident $a:ident $array:ident] )*) => { $(
        op!($s(pc fp mb ml ctx ia fa) {
            let p = field!(get::<1, u32>(pc, fp), pc fp mb ml ctx ia fa);
            result!(peek::<$mem>(p) as $t as $bits as u64, 2, pc fp mb ml ctx ia fa)
        });
        op!($a(pc fp mb ml ctx ia fa) {
            let p = field!(ia as u32, pc fp mb ml ctx ia fa);
            result!(peek::<$mem>(p) as $t as $bits as u64, 2, pc fp mb ml ctx ia fa)
        });
        op!($array(pc fp mb ml ctx ia fa) {
            let p = element!(get::<1, u32>(pc, fp), get::<2, u32>(pc, fp), $mem, pc fp mb ml ctx ia fa);
            result!(peek::<$mem>(p.cast()) as $t as $bits as u64, 2, pc fp mb ml ctx ia fa)
        });
    )* };
}
op_rows!(gc_get gc_get);

macro_rules! gc_set {
    ([] $( ($t:ident) [$field:ident $array:ident] )*) => { $(
        op!($field(pc fp mb ml ctx ia fa) {
            let p = field!(get::<0, u32>(pc, fp), pc fp mb ml ctx ia fa);
            poke::<$t>(p, get::<1, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
        op!($array(pc fp mb ml ctx ia fa) {
            let p = element!(get::<0, u32>(pc, fp), get::<1, u32>(pc, fp), $t, pc fp mb ml ctx ia fa);
            poke::<$t>(p.cast(), get::<2, u64>(pc, fp) as $t);
            go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
        });
    )* };
}
op_rows!(gc_set gc_set);

op!(
    /// Two slots from A = field at offset I of B.
    struct_get128(pc fp mb ml ctx ia fa) {
        let p = field!(get::<1, u32>(pc, fp), pc fp mb ml ctx ia fa);
        set_vector(pc, fp, peek::<V128>(p));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Field at offset I of A = two slots from B.
    struct_set128(pc fp mb ml ctx ia fa) {
        let p = field!(get::<0, u32>(pc, fp), pc fp mb ml ctx ia fa);
        poke::<V128>(p, get_vector::<1>(pc, fp));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Two slots from A = element C of B.
    array_get128(pc fp mb ml ctx ia fa) {
        let p = element!(get::<1, u32>(pc, fp), get::<2, u32>(pc, fp), V128, pc fp mb ml ctx ia fa);
        set_vector(pc, fp, peek::<V128>(p.cast()));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Element B of A = two slots from C.
    array_set128(pc fp mb ml ctx ia fa) {
        let p = element!(get::<0, u32>(pc, fp), get::<1, u32>(pc, fp), V128, pc fp mb ml ctx ia fa);
        poke::<V128>(p.cast(), get_vector::<2>(pc, fp));
        go!(pc.add(2), fp, mb, ml, ctx, ia, fa)
    }
);

// Making objects.

op!(
    /// Finds room for an object of ia bytes, and starts the instruction at `pc` anew.
    #[cold]
    #[inline(never)]
    heap_more(pc fp mb ml ctx ia fa) {
        let store = (*ctx).store;
        (*store).stack_top = fp.add((word(pc, 2) >> 32) as usize);
        let trap = ((*(*store).hooks).heap_room)(store, ia);
        if trap != 0 {
            return raise(pc, fp, mb, ml, ctx, trap as u64, fa)
        }
        go!(pc, fp, mb, ml, ctx, ia, fa)
    }
);

/// Takes a new object of the type in word 2 and the given extent; goes to `heap_more` if there is no room.
macro_rules! new_object {
    ($size:expr, $extent:expr, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {{
        let size: u64 = $size;
        let offset = gc::allocate((*$ctx).store, size as usize);
        if offset == 0 {
            jump!(heap_more, $pc, $fp, $mb, $ml, $ctx, size, $fa)
        }
        let object = gc::object((*$ctx).store, offset);
        *object.cast::<u64>() = word($pc, 2) as u32 as u64 | ($extent as u64) << 32;
        (offset, object)
    }};
}

/// Writes the fields of 4 and of 8 bytes; gives where the words of the others are.
#[inline(always)]
unsafe fn plain_fields(object: *mut u8, pc: Pc, fp: Fp) -> Pc {
    // SAFETY: the words name slots inside the frame and fields inside the object.
    unsafe {
        let mut at = pc.add(4);
        let of8 = at.add(f16::<1>(pc));
        let end = of8.add(f16::<2>(pc));
        while at != of8 {
            let w = *at;
            poke::<u32>(object.add((w >> 32) as usize), *fp.add(w as u32 as usize) as u32);
            at = at.add(1);
        }
        while at != end {
            let w = *at;
            poke::<u64>(object.add((w >> 32) as usize), *fp.add(w as u32 as usize));
            at = at.add(1);
        }
        end
    }
}

op!(
    /// A = new structure of word 3 bytes. From word 4 on the slots (low half) and offsets (high half) of its fields: B of 4
    /// bytes, then C of 8.
    struct_new(pc fp mb ml ctx ia fa) {
        let size = word(pc, 3);
        let (offset, object) = new_object!(size, size, pc fp mb ml ctx ia fa);
        let end = plain_fields(object, pc, fp);
        set(pc, fp, offset as u64);
        go!(end, fp, mb, ml, ctx, offset as u64, fa)
    }
);
op!(
    /// As `struct_new`; then D fields of other widths, which are in the three top bits.
    struct_new_mixed(pc fp mb ml ctx ia fa) {
        let size = word(pc, 3);
        let (offset, object) = new_object!(size, size, pc fp mb ml ctx ia fa);
        let mut at = plain_fields(object, pc, fp);
        let end = at.add(f16::<3>(pc));
        while at != end {
            let w = *at;
            let (to, from) = (object.add((w >> 32) as usize & 0x1fff_ffff), fp.add(w as u32 as usize));
            match w >> 61 {
                0 => *to = *from as u8,
                1 => poke::<u16>(to, *from as u16),
                _ => poke::<V128>(to, peek::<V128>(from.cast())),
            }
            at = at.add(1);
        }
        set(pc, fp, offset as u64);
        go!(end, fp, mb, ml, ctx, offset as u64, fa)
    }
);
op!(
    /// A = new structure of word 3 bytes, all zero.
    struct_new_default(pc fp mb ml ctx ia fa) {
        let size = word(pc, 3);
        let (offset, object) = new_object!(size, size, pc fp mb ml ctx ia fa);
        let mut at = HEADER as usize;
        while at < size as usize {
            // Volatile, or the loop would become a call of memset, which is slower for so few bytes.
            object.add(at).cast::<u64>().write_volatile(0);
            at += 8;
        }
        result!(offset as u64, 4, pc fp mb ml ctx ia fa)
    }
);

/// Writes slots to elements.
#[inline(never)]
unsafe fn spread(to: *mut u8, len: usize, width_log2: usize, from: *const u64) {
    // SAFETY: the caller has checked the bounds of the array, and that the slots are there.
    unsafe {
        match width_log2 {
            0 => (0..len).for_each(|i| *to.add(i) = *from.add(i) as u8),
            1 => (0..len).for_each(|i| poke::<u16>(to.add(i * size_of::<u16>()), *from.add(i) as u16)),
            2 => (0..len).for_each(|i| poke::<u32>(to.add(i * size_of::<u32>()), *from.add(i) as u32)),
            3 => (0..len).for_each(|i| poke::<u64>(to.add(i * size_of::<u64>()), *from.add(i))),
            _ => to.copy_from_nonoverlapping(from.cast(), len << 4),
        }
    }
}

op!(
    /// A = new array of C elements B, of 1 << D bytes.
    array_new(pc fp mb ml ctx ia fa) {
        let (len, log2) = (get::<2, u32>(pc, fp), f16::<3>(pc));
        let (offset, object) = new_object!(array_size(len, log2), len, pc fp mb ml ctx ia fa);
        let kind = fill_new((*ctx).store, object, log2, fp.add(f16::<1>(pc)));
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        result!(offset as u64, 3, pc fp mb ml ctx ia fa)
    }
);
op!(
    /// A = new array of B elements of 1 << D bytes, all zero.
    array_new_default(pc fp mb ml ctx ia fa) {
        let (len, log2) = (get::<1, u32>(pc, fp), f16::<3>(pc));
        let (offset, object) = new_object!(array_size(len, log2), len, pc fp mb ml ctx ia fa);
        let kind = zero_new((*ctx).store, object, log2);
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        result!(offset as u64, 3, pc fp mb ml ctx ia fa)
    }
);
op!(
    /// A = new array of 1 << D bytes an element, from the word 3 (low) values in slots from word 3 (high) on.
    array_new_fixed(pc fp mb ml ctx ia fa) {
        let (len, log2) = (word(pc, 3) as u32, f16::<3>(pc));
        let (offset, object) = new_object!(array_size(len, log2), len, pc fp mb ml ctx ia fa);
        spread(object.add(HEADER as usize), len as usize, log2, fp.add((word(pc, 3) >> 32) as usize));
        result!(offset as u64, 4, pc fp mb ml ctx ia fa)
    }
);

op!(
    /// A = new array of C elements of 1 << D bytes from byte B on of data segment word 3.
    array_new_data(pc fp mb ml ctx ia fa) {
        let (from, len, log2) = (get::<1, u32>(pc, fp), get::<2, u32>(pc, fp), f16::<3>(pc));
        let data = data(ctx, word(pc, 3) as usize);
        if !within(from, len, log2, data.len() as u64) {
            trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (offset, object) = new_object!(array_size(len, log2), len, pc fp mb ml ctx ia fa);
        let kind = copy_new((*ctx).store, object, log2, data.as_ptr().add(from as usize));
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        result!(offset as u64, 4, pc fp mb ml ctx ia fa)
    }
);
op!(
    /// A = new array of C elements of 1 << D bytes from reference B on of element segment word 3.
    array_new_elem(pc fp mb ml ctx ia fa) {
        let (from, len, log2) = (get::<1, u32>(pc, fp), get::<2, u32>(pc, fp), f16::<3>(pc));
        let hooks = (*(*ctx).store).hooks;
        let segment = word(pc, 3) as u32;
        if !within(from, len, 0, ((*hooks).segment_len)(ctx, segment)) {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let (offset, object) = new_object!(array_size(len, log2), len, pc fp mb ml ctx ia fa);
        let kind = unless_stopped(object, ((*hooks).array_init)(ctx, segment, from, len, object.add(HEADER as usize), log2 as u32));
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        result!(offset as u64, 4, pc fp mb ml ctx ia fa)
    }
);

// Arrays in use.

op!(
    /// A = length of B.
    array_len(pc fp mb ml ctx ia fa) {
        let r = get::<1, u32>(pc, fp);
        if r == 0 {
            trap!(TrapKind::NullArrayReference, pc, fp, mb, ml, ctx, fa)
        }
        result!((*gc::header((*ctx).store, r)).extent as u64, 2, pc fp mb ml ctx ia fa)
    }
);

/// What a function that may trap gives, or the trap.
macro_rules! check {
    ($r:expr, $pc:ident $fp:ident $mb:ident $ml:ident $ctx:ident $ia:ident $fa:ident) => {
        match $r {
            Ok(v) => v,
            Err(kind) => trap!(kind, $pc, $fp, $mb, $ml, $ctx, $fa),
        }
    };
}

/// The slot that the low half of word 2 names, as 32 bits.
#[inline(always)]
unsafe fn low_slot(pc: Pc, fp: Fp) -> u32 {
    // SAFETY: it names a slot inside the frame.
    unsafe { *fp.add(word(pc, 2) as u32 as usize) as u32 }
}

/// The high half of word 2.
#[inline(always)]
unsafe fn high_half(pc: Pc) -> u32 {
    // SAFETY: the instruction has a word 2.
    unsafe { (word(pc, 2) >> 32) as u32 }
}

// Elements of A from B on are written, as many as the slot in word 2 (low) says, each of 1 << D bytes.

op!(
    /// Elements of A from B on = C.
    array_fill(pc fp mb ml ctx ia fa) {
        let (to, at, len, log2) = (get::<0, u32>(pc, fp), get::<1, u32>(pc, fp), low_slot(pc, fp), f16::<3>(pc));
        let to = check!(elements(ctx, to, at, len, log2), pc fp mb ml ctx ia fa);
        let kind = fill_in_parts((*ctx).store, to, len as usize, log2, fp.add(f16::<2>(pc)));
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Elements of A from B on = elements of C from slot word 2 (low) on, as many as slot word 2 (high) says.
    array_copy(pc fp mb ml ctx ia fa) {
        let (len, log2) = (*fp.add(high_half(pc) as usize) as u32, f16::<3>(pc));
        let (to, from) = (get::<0, u32>(pc, fp), get::<2, u32>(pc, fp));
        if from == 0 {
            trap!(TrapKind::NullArrayReference, pc, fp, mb, ml, ctx, fa)
        }
        let to = check!(elements(ctx, to, get::<1, u32>(pc, fp), len, log2), pc fp mb ml ctx ia fa);
        let from = check!(elements(ctx, from, low_slot(pc, fp), len, log2), pc fp mb ml ctx ia fa);
        let kind = crate::vm::bulk::copy((*ctx).store, from, to, (len as usize) << log2);
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Elements of A from B on = bytes from C on of data segment word 2 (high).
    array_init_data(pc fp mb ml ctx ia fa) {
        let (to, at, len, log2) = (get::<0, u32>(pc, fp), get::<1, u32>(pc, fp), low_slot(pc, fp), f16::<3>(pc));
        let to = check!(elements(ctx, to, at, len, log2), pc fp mb ml ctx ia fa);
        let (data, from) = (data(ctx, high_half(pc) as usize), get::<2, u32>(pc, fp));
        if !within(from, len, log2, data.len() as u64) {
            trap!(TrapKind::MemoryOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let kind = crate::vm::bulk::copy((*ctx).store, data.as_ptr().add(from as usize), to, (len as usize) << log2);
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);
op!(
    /// Elements of A from B on = references from C on of element segment word 2 (high).
    array_init_elem(pc fp mb ml ctx ia fa) {
        let (to, at, len, log2) = (get::<0, u32>(pc, fp), get::<1, u32>(pc, fp), low_slot(pc, fp), f16::<3>(pc));
        let to = check!(elements(ctx, to, at, len, log2), pc fp mb ml ctx ia fa);
        let (hooks, from, segment) = ((*(*ctx).store).hooks, get::<2, u32>(pc, fp), high_half(pc));
        if !within(from, len, 0, ((*hooks).segment_len)(ctx, segment)) {
            trap!(TrapKind::TableOutOfBounds, pc, fp, mb, ml, ctx, fa)
        }
        let kind = ((*hooks).array_init)(ctx, segment, from, len, to, log2 as u32);
        if kind != 0 {
            return raise(pc, fp, mb, ml, ctx, kind, fa)
        }
        go!(pc.add(3), fp, mb, ml, ctx, ia, fa)
    }
);

// Small integers as references.

op!(
    /// A = the low 31 bits of B as a reference.
    ref_i31(pc fp mb ml ctx ia fa) {
        result!((get::<1, u32>(pc, fp) << 1 | 1) as u64, 2, pc fp mb ml ctx ia fa)
    }
);
op!(
    /// A = B, sign-extended from 31 bits.
    i31_get_s(pc fp mb ml ctx ia fa) {
        let v = get::<1, u32>(pc, fp);
        if v == 0 {
            trap!(TrapKind::NullI31Reference, pc, fp, mb, ml, ctx, fa)
        }
        result!((v as i32 >> 1) as u32 as u64, 2, pc fp mb ml ctx ia fa)
    }
);
op!(
    /// A = B, zero-extended from 31 bits.
    i31_get_u(pc fp mb ml ctx ia fa) {
        let v = get::<1, u32>(pc, fp);
        if v == 0 {
            trap!(TrapKind::NullI31Reference, pc, fp, mb, ml, ctx, fa)
        }
        result!((v >> 1) as u64, 2, pc fp mb ml ctx ia fa)
    }
);

// Type tests. B = reference, C = an `AbstractTest` (low byte), and whether null passes (the bit above it).

/// Whether null passes.
#[inline(always)]
unsafe fn null_passes(pc: Pc) -> bool {
    // SAFETY: the instruction has a word 1.
    unsafe { f16::<2>(pc) & 0x100 != 0 }
}

#[inline(always)]
unsafe fn passes(pc: Pc, fp: Fp, store: *mut StoreCtx) -> bool {
    // SAFETY: a reference of validated code; only those to the heap are looked up there.
    unsafe {
        let v = get::<1, u64>(pc, fp);
        if v == 0 {
            return null_passes(pc);
        }
        const I31: usize = AbstractTest::I31 as usize;
        const EQ: usize = AbstractTest::Eq as usize;
        const STRUCT: usize = AbstractTest::Struct as usize;
        const ARRAY: usize = AbstractTest::Array as usize;
        const ALWAYS: usize = AbstractTest::Always as usize;
        match f16::<2>(pc) & 0xff {
            I31 => v & 1 != 0,
            EQ => v & 3 != 2,
            STRUCT => v & 7 == 0 && gc::kind(store, v as u32) == ObjectKind::Struct,
            ARRAY => v & 7 == 0 && gc::kind(store, v as u32) == ObjectKind::Array,
            test => test == ALWAYS,
        }
    }
}

/// Whether the reference is to an object of type word 2 (low), at depth word 2 (high).
#[inline(always)]
unsafe fn passes_type(pc: Pc, fp: Fp, store: *mut StoreCtx) -> bool {
    // SAFETY: as `passes`.
    unsafe {
        let (v, w) = (get::<1, u64>(pc, fp), word(pc, 2));
        if v == 0 {
            return null_passes(pc);
        }
        v & 7 == 0 && gc::is_a(store, v as u32, w as u32, (w >> 32) as u32)
    }
}

/// Whether the reference is to a function of type word 2 (low).
#[inline(always)]
unsafe fn passes_func(pc: Pc, fp: Fp, store: *mut StoreCtx) -> bool {
    // SAFETY: a function reference of validated code is null or the address of a live function.
    unsafe {
        let func = get::<1, u64>(pc, fp) as *const crate::vm::layout::Func;
        if func.is_null() {
            return null_passes(pc);
        }
        let (own, wanted) = ((*func).type_id, word(pc, 2) as u32);
        own == wanted || ((*(*store).hooks).is_subtype)(store, own, wanted)
    }
}

macro_rules! type_tests {
    ($($passes:ident $words:literal $test:ident $cast:ident)*) => { $(
        op!(
            /// A = whether the reference passes.
            $test(pc fp mb ml ctx ia fa) {
                result!($passes(pc, fp, (*ctx).store) as u64, $words, pc fp mb ml ctx ia fa)
            }
        );
        op!(
            /// Traps unless the reference passes.
            $cast(pc fp mb ml ctx ia fa) {
                if !$passes(pc, fp, (*ctx).store) {
                    trap!(TrapKind::CastFailure, pc, fp, mb, ml, ctx, fa)
                }
                go!(pc.add($words), fp, mb, ml, ctx, ia, fa)
            }
        );
    )* };
}
type_tests! {
    passes 2 ref_test ref_cast
    passes_type 3 ref_test_type ref_cast_type
    passes_func 3 ref_test_func ref_cast_func
}
