//! Raw values: 16 bytes that hold any value of any type, and calls that pass them without conversion or allocation.
//!
//! Why in place: guest code wants its arguments packed in 8-byte slots, two for a `v128`. A raw value is as wide as two
//! slots, so packing never overtakes reading, nor does unpacking from the end, and the caller's own array serves as the
//! slots of the call.
//!
//! Invariants: a reference in a raw value is what guest code has, and keeps nothing alive. Its type is checked wherever
//! the guest relies on more than the top of a hierarchy; that it refers to something alive is the host's promise.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::caller::wasmx_caller_t;
use crate::capi::boundary::{Failure, attempt, given, has_room};
use crate::capi::call::{self, Refusal};
use crate::capi::convert::{reference_to_val, val_to_reference};
use crate::capi::engine::wasm_store_t;
use crate::capi::externtypes::ExternType;
use crate::capi::func::wasm_func_t;
use crate::capi::object;
use crate::capi::refs::wasm_ref_t;
use crate::capi::traps::wasm_trap_t;
use crate::capi::val::{float32_t, float64_t};
use crate::capi::valtypes::{KIND_ANYREF, KIND_EXNREF, WASM_EXTERNREF, WASM_FUNCREF, wasm_functype_t, wasm_valkind_t};
use crate::module::{HeapType, RefType, ValType};
use crate::runtime::{Func, ObjHeader, Ref, Store, Val};
use crate::sys::heap;
use crate::util::V128;
use crate::vm::layout;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;

/// A value of any type, which only the code around it knows: 16 bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub union wasmx_raw_t {
    pub i32: i32,
    pub i64: i64,
    pub f32: float32_t,
    pub f64: float64_t,
    /// In the order of memory: lane 0 first.
    pub v128: [u8; 16],
    /// A reference as guest code has it; 0 is null. The bits mean something only in their store, and only as long as
    /// something else keeps what they refer to alive: a handle, a table, a global, a field. Between the host's calls
    /// that means: until the next one that makes an object or runs guest code, except that references may be passed
    /// straight on to it. While a callback runs, its arguments stay alive.
    pub r#ref: u64,
}

const _: () = assert!(size_of::<wasmx_raw_t>() == 16);

/// Values that fit on the native stack.
const FEW: usize = 16;

// ---------------------------------------------------------------------------------------------------------------------
// Conversion

/// A value of the given type. References must be alive.
#[inline(never)]
pub(super) unsafe fn to_val(raw: &wasmx_raw_t, ty: ValType, store: &Store) -> Val {
    match ty {
        ValType::I32 => Val::I32(raw.i32),
        ValType::I64 => Val::I64(raw.i64),
        ValType::F32 => Val::F32(raw.i32 as u32),
        ValType::F64 => Val::F64(raw.i64 as u64),
        ValType::V128 => Val::V128(V128(raw.v128)),
        ValType::Ref(_) => Val::read_slots(&raw.r#ref, ty, store),
    }
}

/// A value of a store as a raw one.
pub(super) fn from_val(value: &Val, store: &Store) -> wasmx_raw_t {
    let mut raw = wasmx_raw_t { v128: [0; 16] };
    match value {
        Val::I32(v) => raw.i32 = *v,
        Val::I64(v) => raw.i64 = *v,
        Val::F32(v) => raw.i32 = *v as i32,
        Val::F64(v) => raw.i64 = *v as i64,
        Val::V128(v) => raw.v128 = v.0,
        Val::FuncRef(_) | Val::ExternRef(_) | Val::AnyRef(_) | Val::ExnRef(_) => {
            // SAFETY: references take one slot, and this one is of the store.
            unsafe { value.write_slots(&raw mut raw.r#ref, store) };
        }
    }
    raw
}

/// Raw values as values of the given types, checked.
pub(super) unsafe fn checked(
    raws: *const wasmx_raw_t,
    count: usize,
    types: impl ExactSizeIterator<Item = ValType>,
    store: &Store,
    what: &str,
) -> Result<Vec<Val>, Failure> {
    if count != types.len() {
        return Err(format!("{what}: expected {} values, found {count}", types.len()).into());
    }
    if raws.is_null() && count != 0 {
        return Err(format!("{what}: the values are NULL").into());
    }
    has_room(count.saturating_mul(2 * size_of::<Val>()))?;
    let mut values = Vec::with_capacity(count);
    for (i, ty) in types.enumerate() {
        let value = to_val(&*raws.add(i), ty, store);
        if !value.matches(ty, store) {
            return Err(format!("{what}: value {i} is not of type {ty}").into());
        }
        values.push(value);
    }
    Ok(values)
}

/// Packs raw values into slots, which may be the same memory.
#[inline(always)]
unsafe fn pack(types: &[ValType], raws: *const wasmx_raw_t, slots: *mut u64) {
    let mut to = slots;
    for (i, ty) in types.iter().enumerate() {
        let from = raws.add(i);
        match ty {
            // Exactly the bytes that C has written: the rest may hold anything.
            ValType::I32 | ValType::F32 => *to = (*from).i32 as u32 as u64,
            ValType::I64 | ValType::F64 | ValType::Ref(_) => *to = (*from).r#ref,
            ValType::V128 => {
                let [low, high] = V128((*from).v128).to_slots();
                *to = low;
                to = to.add(1);
                *to = high;
            }
        }
        to = to.add(1);
    }
}

/// Spreads `count` slots over raw values, which may be the same memory.
#[inline(always)]
unsafe fn unpack(types: &[ValType], count: u32, slots: *const u64, raws: *mut wasmx_raw_t) {
    let mut from = slots.add(count as usize);
    for (i, ty) in types.iter().enumerate().rev() {
        from = from.sub(1);
        let to = raws.add(i);
        match ty {
            ValType::I32 | ValType::F32 => {
                let bits = *from as u32;
                (*to).i64 = bits as i64;
                (*to).i32 = bits as i32;
            }
            ValType::I64 | ValType::F64 | ValType::Ref(_) => {
                let bits = *from;
                (*to).r#ref = bits;
            }
            ValType::V128 => {
                let high = *from;
                from = from.sub(1);
                (*to).v128 = V128::from_slots([*from, high]).0;
            }
        }
    }
}

/// A number's slot, whatever its type. Read in halves, because a load may not be wider than the store before it: C may have written
/// four bytes just now, and a load of eight would wait for them to reach the cache.
#[inline(always)]
unsafe fn join(raw: *const wasmx_raw_t) -> u64 {
    let halves = raw.cast::<u32>();
    // Volatile keeps them halves.
    halves.read_volatile() as u64 | (halves.add(1).read_volatile() as u64) << 32
}

/// Whether any reference is all that a place of the type asks for.
fn takes_any(ty: RefType) -> bool {
    ty.nullable && matches!(ty.heap, HeapType::Func | HeapType::Extern | HeapType::Any | HeapType::Exn)
}

/// Checks the references among raw values against their types; with `hold`, gives handles to all of them.
#[cold]
unsafe fn references(
    types: &[ValType],
    raws: *const wasmx_raw_t,
    store: &Store,
    hold: bool,
    what: &str,
) -> Result<Vec<Val>, Failure> {
    let mut held = Vec::new();
    for (i, ty) in types.iter().enumerate() {
        let ValType::Ref(r) = *ty else { continue };
        if !hold && takes_any(r) {
            continue;
        }
        let value = to_val(&*raws.add(i), *ty, store);
        if !value.matches(*ty, store) {
            return Err(format!("{what} {i} has the wrong type or belongs to another store: expected {ty}").into());
        }
        if hold {
            held.push(value);
        }
    }
    Ok(held)
}

/// The kinds whose values are references.
fn reference_kind(kind: wasm_valkind_t) -> Result<wasm_valkind_t, Failure> {
    match kind {
        WASM_EXTERNREF | WASM_FUNCREF | KIND_ANYREF | KIND_EXNREF => Ok(kind),
        _ => Err(format!("values of kind {kind} are no references").into()),
    }
}

/// # Raw values
///
/// Writes a reference (NULL is the null reference) to `out` as a raw value of a kind: `WASM_EXTERNREF`, `WASM_FUNCREF`,
/// `WASMX_ANYREF` or `WASMX_EXNREF`. Reads `reference`, which must outlive the use of the bits unless something else
/// keeps it alive. False, and `out` is untouched, if `out` is NULL or the reference cannot be of that kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_ref_to_raw(
    reference: *const wasm_ref_t,
    kind: wasm_valkind_t,
    out: *mut wasmx_raw_t,
) -> bool {
    attempt(|| {
        given(out, "out")?;
        let value = reference_to_val(reference, reference_kind(kind)?)?;
        let raw = match NonNull::new(reference.cast_mut().cast::<ObjHeader>()) {
            Some(object) => {
                let store = ManuallyDrop::new(Ref::from_raw(object)).store();
                let any = match kind {
                    WASM_EXTERNREF => ValType::EXTERNREF,
                    WASM_FUNCREF => ValType::FUNCREF,
                    KIND_EXNREF => ValType::EXNREF,
                    _ => ValType::ANYREF,
                };
                if !value.matches(any, &store) {
                    return Err("the reference cannot be of that kind".into());
                }
                from_val(&value, &store)
            }
            None => wasmx_raw_t { v128: [0; 16] },
        };
        out.write(raw);
        Ok(true)
    })
}

/// The reference in a raw value of a kind (as for `wasmx_ref_to_raw`), which must be alive in `store`; owned by the
/// caller. NULL for the null reference, and if an argument is NULL or the kind is not one of references.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_ref_from_raw(
    store: *const wasm_store_t,
    kind: wasm_valkind_t,
    raw: *const wasmx_raw_t,
) -> *mut wasm_ref_t {
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let ty = match reference_kind(kind)? {
            WASM_EXTERNREF => ValType::EXTERNREF,
            WASM_FUNCREF => ValType::FUNCREF,
            KIND_EXNREF => ValType::EXNREF,
            _ => ValType::ANYREF,
        };
        val_to_reference(to_val(given(raw, "the raw value")?, ty, store), store)
    })
}

// ---------------------------------------------------------------------------------------------------------------------
// Host to guest

/// Calls a function with raw values: the arguments are at `values`, and so are the results afterwards. `capacity` is the
/// number of elements at `values`, at least that of the parameters and that of the results; `values` may be NULL if it
/// is 0. Nothing is allocated. Returns NULL, or the trap that stopped the call, owned by the caller; the content of
/// `values` is then unspecified. Too little room is a trap, too, and so is a reference that is not of the parameter's
/// type. Of an argument only the bytes of its type are read; of a result, only those mean anything.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_func_call_raw(
    func: *const wasm_func_t,
    values: *mut wasmx_raw_t,
    capacity: usize,
) -> *mut wasm_trap_t {
    // Numbers on their way to guest code, most calls of this kind, go straight into machine code or the frame and out of it.
    // Everything else is kept out of this function, so that little has to be saved for it.
    if let Some(handle) = object::peek(func) {
        let callee = handle.as_ptr().cast::<layout::Func>();
        // Asked first, so that what follows is read once.
        let direct = Func::is_direct(&*callee);
        let needed = (*callee).param_slots.max((*callee).result_slots) as usize;
        let fits = capacity >= needed && (needed == 0 || !values.is_null());
        if fits && !heap::is_short() {
            let vals = values.cast();
            if direct && let Some(trap) = call::call_directly(callee, vals, vals) {
                return trap;
            }
            if (*callee).numbers && !(*callee).instance.is_null() {
                return call_numbers(func, values);
            }
        }
    }
    call_any(func, values, capacity)
}

/// A call of an instance's function of numbers, whose values fit.
#[inline(never)]
unsafe extern "C" fn call_numbers(func: *const wasm_func_t, values: *mut wasmx_raw_t) -> *mut wasm_trap_t {
    call::outcome_of(func, || {
        let handle = object::borrow(func)?;
        let raw = handle.raw_parts();
        let (params, results) = (raw.param_slots as usize, raw.result_slots as usize);
        let _held = handle.hold();
        let put = |frame: *mut u64| (0..params).for_each(|i| *frame.add(i) = join(values.add(i)));
        let take = |frame: *const u64| {
            for i in 0..results {
                (*values.add(i)).r#ref = join(frame.add(i).cast());
            }
        };
        handle.call_with(put, take).map_err(Refusal::Trap)
    })
}

/// [`wasmx_func_call_raw`] for functions of any type, the host's own too.
#[inline(never)]
unsafe extern "C" fn call_any(func: *const wasm_func_t, values: *mut wasmx_raw_t, capacity: usize) -> *mut wasm_trap_t {
    call::outcome(func, || {
        let func = object::borrow(func)?;
        // What the function calls may give up all other handles.
        let _held = func.hold();
        let ty = func.ty();
        let needed = ty.params.len().max(ty.results.len());
        if capacity < needed || (values.is_null() && needed != 0) {
            return Err(Refusal::Reason(no_room(needed, capacity)));
        }
        let held = match ty.params.iter().any(|ty| ty.is_ref()) {
            true => arguments(&func, &ty.params, values)?,
            false => Vec::new(),
        };
        // Functions without any value still want an address.
        let mut nothing = 0u64;
        let slots = if needed == 0 { &raw mut nothing } else { values.cast::<u64>() };
        pack(&ty.params, values, slots);
        let done = func.call_raw(slots);
        drop(held);
        done.map_err(Refusal::Trap)?;
        unpack(&ty.results, ty.result_slots, slots, values);
        Ok(())
    })
}

/// Checks the references among arguments, and keeps them alive where nothing else does before the guest has them.
#[cold]
unsafe fn arguments(func: &Func, params: &[ValType], values: *const wasmx_raw_t) -> Result<Vec<Val>, Failure> {
    let store = func.store();
    let hold = store.is_collection_due() || func.instance().is_none();
    references(params, values, &store, hold, "argument")
}

#[cold]
fn no_room(needed: usize, capacity: usize) -> Failure {
    if capacity < needed {
        format!("not enough room for the values: expected {needed}, found {capacity}").into()
    } else {
        "the values are NULL".into()
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Guest to host

/// A function of the host's on raw values. The arguments are at `values`, where the results go. `capacity` is the larger
/// of both numbers; elements beyond the arguments are 0. `caller` says who calls, and is valid until the function
/// returns. Returns NULL, or a trap (owned by whom it returns to) that stops the guest; `values` is then not looked at.
pub type wasmx_func_callback_raw_t = Option<
    unsafe extern "C" fn(
        env: *mut c_void,
        caller: *mut wasmx_caller_t,
        values: *mut wasmx_raw_t,
        capacity: usize,
    ) -> *mut wasm_trap_t,
>;

type Raw = unsafe extern "C" fn(*mut c_void, *mut wasmx_caller_t, *mut wasmx_raw_t, usize) -> *mut wasm_trap_t;

/// What a host function works with.
struct RawEnv {
    callback: Raw,
    env: *mut c_void,
    finalizer: object::Finalizer,
    params: Box<[ValType]>,
    results: Box<[ValType]>,
    param_slots: u32,
    /// Whether all of them are numbers.
    numbers: bool,
    /// Whether results must be looked at before the guest may have them.
    picky: bool,
}

/// A function that calls back to the host with raw values, owned by the caller. Reads `ty`. `finalizer` (may be NULL) is
/// called once with `env`, when the function dies. NULL, and no finalizer is called, if another argument but `env` is
/// NULL, or the type belongs to another engine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasmx_func_new_raw(
    store: *mut wasm_store_t,
    ty: *const wasm_functype_t,
    callback: wasmx_func_callback_raw_t,
    env: *mut c_void,
    finalizer: Option<unsafe extern "C" fn(*mut c_void)>,
) -> *mut wasm_func_t {
    unsafe extern "C" fn finalize(env: *mut c_void) {
        let env = Box::from_raw(env.cast::<RawEnv>());
        if let Some(finalizer) = env.finalizer {
            finalizer(env.env);
        }
    }
    attempt(|| {
        let store = &given(store, "the store")?.store;
        let callback = callback.ok_or("the callback is NULL")?;
        let ty = ExternType::of(ty)?.func_in_engine(store.engine().types())?;
        let sub_type = ty.ty().clone();
        let func = sub_type.as_func().ok_or("the type is not that of a function")?;
        let env = RawEnv {
            callback,
            env,
            finalizer,
            params: func.params.clone(),
            results: func.results.clone(),
            param_slots: func.param_slots,
            numbers: func.is_of_numbers(),
            picky: func.results.iter().any(|ty| matches!(ty, ValType::Ref(r) if !takes_any(*r))),
        };
        let env = Box::into_raw(Box::new(env));
        Ok(object::give(Func::from_raw_parts(store, ty, call_back, env.cast(), Some(finalize))))
    })
}

/// The [`layout::HostFn`] of these functions.
unsafe extern "C" fn call_back(
    func: *mut layout::Func,
    instance: *mut layout::Instance,
    slots: *mut u64,
) -> *mut ObjHeader {
    let env = &*(*func).env.cast::<RawEnv>();
    let count = env.params.len().max(env.results.len());
    if count <= FEW {
        let mut values = [const { MaybeUninit::<wasmx_raw_t>::uninit() }; FEW];
        serve(func, instance, env, slots, values.as_mut_ptr().cast(), count)
    } else {
        let mut values = vec![wasmx_raw_t { v128: [0; 16] }; count];
        serve(func, instance, env, slots, values.as_mut_ptr(), count)
    }
}

#[inline(always)]
unsafe fn serve(
    func: *mut layout::Func,
    instance: *mut layout::Instance,
    env: &RawEnv,
    slots: *mut u64,
    values: *mut wasmx_raw_t,
    count: usize,
) -> *mut ObjHeader {
    if env.numbers {
        for i in 0..env.params.len() {
            values.add(i).write(wasmx_raw_t { r#ref: join(slots.add(i).cast()) });
        }
    } else {
        unpack(&env.params, env.param_slots, slots, values);
    }
    for i in env.params.len()..count {
        values.add(i).write(wasmx_raw_t { v128: [0; 16] });
    }
    // Whoever calls keeps the function alive, and that its store.
    let handle = ManuallyDrop::new(Ref::from_raw(NonNull::new_unchecked(func.cast())));
    let mut caller = wasmx_caller_t::new(handle.lend_store(), instance);
    let trap = (env.callback)(env.env, &mut caller, values, count);
    if !trap.is_null() {
        return call::pass_on(func, trap);
    }
    if env.picky
        && let Err(trap) = call::careful(caller.store(), || {
            references(&env.results, values, caller.store(), false, "result of a host function").map(drop)
        })
    {
        return trap;
    }
    if env.numbers {
        (0..env.results.len()).for_each(|i| *slots.add(i) = join(values.add(i)));
    } else {
        pack(&env.results, values, slots);
    }
    std::ptr::null_mut()
}
