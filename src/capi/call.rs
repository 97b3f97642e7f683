//! Calls across the border, in both directions.
//!
//! Why by hand: this is the path that hosts take millions of times a second. Values go straight between C's
//! `wasm_val_t` arrays and the slots of guest code, with room for sixteen on the native stack; only references, which
//! need a handle, take the long way over [`Val`]. Nothing is allocated for numbers, and the type is read where the
//! function keeps it.
//!
//! Invariants: results are written only when the call has succeeded; every reference the guest hands to a callback is
//! given up after it, every reference a callback leaves in its results is given up even if it traps; a trap of the
//! host's is passed on as the object it is.
//!
//! # Safety
//! The callers are C programs: what each pointer must be is said at each function, and in `capi/mod.rs` for all.
#![allow(unsafe_op_in_unsafe_fn, reason = "the whole file works on what C passes; the contract is in capi/mod.rs")]

use super::boundary::{Failure, has_room, panic_text, set_last_error};
use super::convert::{from_val, kind_in, to_val};
use super::func::wasm_func_t;
use super::object::{self, Finalizer};
use super::traps::wasm_trap_t;
use super::val::{wasm_val_of_t, wasm_val_t, wasm_val_vec_t};
use super::valtypes::{WASM_F32, WASM_F64, WASM_I32, WASM_I64};
use super::vec::Element;
use crate::module::{FuncType, TypeHandle, TypeRegistry, ValType};
use crate::runtime::{Engine, Func, ObjHeader, Ref, Store, Trap, Val};
use crate::sys::heap;
use crate::vm::layout as raw;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

/// Values that fit on the native stack.
const FEW: usize = 16;

// ---------------------------------------------------------------------------------------------------------------------
// Host to guest

/// `wasm_func_call`.
#[inline(always)]
pub(crate) unsafe fn call(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    match call_numbers(func, args, results) {
        Some(outcome) => outcome,
        None => call_any(func, args, results),
    }
}

/// A call of machine code with numbers, most of those that are to be fast: everything else is kept out of it. None if it is another
/// call, or there is something wrong with it.
#[inline(always)]
unsafe fn call_numbers(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> Option<*mut wasm_trap_t> {
    const { assert!(WASM_I32 == 0 && WASM_I64 == 1 && WASM_F32 == 2 && WASM_F64 == 3) };
    const { assert!(size_of::<wasm_val_t>() == 16 && std::mem::offset_of!(wasm_val_t, of) == 8) };
    let (args, results) = (args.as_ref()?, results.as_ref()?);
    let callee = object::peek(func)?.as_ptr().cast::<raw::Func>();
    let raw = &*callee;
    if !Func::is_direct(raw) {
        return None;
    }
    let (params, given) = (raw.param_slots as usize, raw.result_slots as usize);
    let no_kinds = raw.kinds[0] == raw::Func::NO_KINDS;
    let misfits = args.size != params || results.size < given;
    if no_kinds || misfits || (params > 0 && args.data.is_null()) || (given > 0 && results.data.is_null()) {
        return None;
    }
    let (mut kinds, mut arg) = (u64::from_le_bytes(raw.kinds), args.data);
    for _ in 0..params {
        if (*arg).kind != kinds as u8 {
            return None;
        }
        (kinds, arg) = (kinds >> 8, arg.add(1));
    }
    if heap::is_short() {
        return None;
    }
    let value = |vals: *mut wasm_val_t| vals.wrapping_byte_add(8).cast::<u64>();
    let mut result = results.data;
    // The function may be gone after its call.
    let trap = call_directly(callee, value(args.data), value(result))?;
    if trap.is_null() {
        for _ in 0..given {
            (&raw mut (*result).kind).write(kinds as u8);
            (kinds, result) = (kinds >> 8, result.add(1));
        }
    }
    Some(trap)
}

/// A call of machine code, as [`Func::call_directly`]: null, or the trap.
#[inline(always)]
pub(crate) unsafe fn call_directly(
    func: *mut raw::Func,
    args: *const u64,
    results: *mut u64,
) -> Option<*mut wasm_trap_t> {
    Some(Func::call_directly(func, args, results)?.cast())
}

/// A call of any function.
#[inline(never)]
unsafe fn call_any(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> *mut wasm_trap_t {
    outcome(func, || enter(func, args, results))
}

/// Runs a call of a function for C: what comes out of it is NULL or a trap.
#[inline(always)]
pub(crate) unsafe fn outcome(func: *const wasm_func_t, body: impl FnOnce() -> Result<(), Refusal>) -> *mut wasm_trap_t {
    outcome_of(func, || {
        has_room(0)?;
        body()
    })
}

/// As [`outcome`], for a caller that has seen that the library is not short of memory.
#[inline(always)]
pub(crate) unsafe fn outcome_of(
    func: *const wasm_func_t,
    body: impl FnOnce() -> Result<(), Refusal>,
) -> *mut wasm_trap_t {
    // A neutral value will not do here: NULL would mean success.
    let body = || {
        #[cfg(test)]
        super::panics::maybe();
        body()
    };
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => std::ptr::null_mut(),
        Ok(Err(refusal)) => tell(func, refusal),
        Err(payload) => refuse(func, &panic_text(&*payload)),
    }
}

#[cold]
#[inline(never)]
unsafe fn tell(func: *const wasm_func_t, refusal: Refusal) -> *mut wasm_trap_t {
    match refusal {
        Refusal::Trap(trap) => object::give(trap),
        Refusal::Reason(reason) => refuse(func, &reason),
    }
}

/// Why a call did not return normally.
pub(crate) enum Refusal {
    Trap(Trap),
    Reason(Failure),
}

impl From<Failure> for Refusal {
    #[cold]
    fn from(reason: Failure) -> Refusal {
        Refusal::Reason(reason)
    }
}

#[inline(always)]
unsafe fn enter(
    func: *const wasm_func_t,
    args: *const wasm_val_vec_t,
    results: *mut wasm_val_vec_t,
) -> Result<(), Refusal> {
    let func = object::borrow(func)?;
    // What the function calls may give up all other handles.
    let _held = func.hold();
    let ty = func.ty();
    let (arg_count, arg_data) = args.as_ref().map_or((0, std::ptr::null_mut()), |v| (v.size, v.data));
    let (room, result_data) = results.as_ref().map_or((0, std::ptr::null_mut()), |v| (v.size, v.data));
    if arg_count != ty.params.len()
        || room < ty.results.len()
        || (arg_data.is_null() && arg_count != 0)
        || (result_data.is_null() && !ty.results.is_empty())
    {
        return Err(misfit(ty, arg_count, arg_data, room).into());
    }
    let slots = ty.param_slots.max(ty.result_slots) as usize;
    if slots <= FEW {
        let mut few = [const { MaybeUninit::<u64>::uninit() }; FEW];
        through(&func, ty, arg_data, result_data, few.as_mut_ptr().cast())
    } else {
        through_many(&func, ty, arg_data, result_data, slots)
    }
}

/// A call with too many values for the native stack.
#[cold]
unsafe fn through_many(
    func: &Func,
    ty: &FuncType,
    args: *const wasm_val_t,
    results: *mut wasm_val_t,
    slots: usize,
) -> Result<(), Refusal> {
    let mut many = vec![0u64; slots];
    through(func, ty, args, results, many.as_mut_ptr())
}

/// The call itself, with as many arguments, results and slots as the type says.
#[inline(always)]
unsafe fn through(
    func: &Func,
    ty: &FuncType,
    args: *const wasm_val_t,
    results: *mut wasm_val_t,
    slots: *mut u64,
) -> Result<(), Refusal> {
    let raw = func.raw_parts();
    if raw.numbers && !raw.instance.is_null() {
        // Straight into the frame and out of it.
        let fit = |(i, want): (usize, &ValType)| (*args.add(i)).kind == number_kind(*want);
        if ty.params.iter().enumerate().all(fit) {
            let put = |frame: *mut u64| (0..ty.params.len()).for_each(|i| *frame.add(i) = number_slot(&*args.add(i)));
            let take = |frame: *const u64| {
                for (i, have) in ty.results.iter().enumerate() {
                    results.add(i).write(number(number_kind(*have), frame.add(i)));
                }
            };
            return func.call_with(put, take).map_err(Refusal::Trap);
        }
    }
    let mut at = slots;
    for (i, want) in ty.params.iter().enumerate() {
        let arg = &*args.add(i);
        let kind = number_kind(*want);
        if arg.kind == kind && kind != NO_NUMBER {
            *at = number_slot(arg);
            at = at.add(1);
        } else {
            write_reference(func, i, arg, want, at)?;
            at = at.add(want.slots() as usize);
        }
    }
    func.call_raw(slots).map_err(Refusal::Trap)?;
    let mut at = slots.cast_const();
    for (i, have) in ty.results.iter().enumerate() {
        let kind = number_kind(*have);
        if kind != NO_NUMBER {
            results.add(i).write(number(kind, at));
            at = at.add(1);
        } else {
            match read_reference(func, i, have, at) {
                Ok(value) => results.add(i).write(value),
                Err(reason) => {
                    // What is written already would have no owner.
                    (0..i).for_each(|k| results.add(k).read().discard());
                    set_last_error(&reason);
                    return Err(Refusal::Trap(Trap::new(&func.store(), reason.as_bytes())));
                }
            }
            at = at.add(have.slots() as usize);
        }
    }
    Ok(())
}

/// The kind of a number's type, or [`NO_NUMBER`]. Kept to arithmetic, because a jump per value would cost more than the
/// rest.
#[inline(always)]
fn number_kind(ty: ValType) -> u8 {
    match ty {
        ValType::I32 => WASM_I32,
        ValType::I64 => WASM_I64,
        ValType::F32 => WASM_F32,
        ValType::F64 => WASM_F64,
        ValType::V128 | ValType::Ref(_) => NO_NUMBER,
    }
}

const NO_NUMBER: u8 = 0xff;

/// The slot of a number. Reads exactly the bytes that C has written: a wider load would have to wait for the store to
/// retire.
#[inline(always)]
unsafe fn number_slot(value: &wasm_val_t) -> u64 {
    const { assert!(WASM_I32 & 1 == 0 && WASM_F32 & 1 == 0 && WASM_I64 & 1 == 1 && WASM_F64 & 1 == 1) };
    if value.kind & 1 == 0 { value.of.i32 as u32 as u64 } else { value.of.i64 as u64 }
}

/// The number of a kind in a slot, of which no more is read than the number takes.
#[inline(always)]
unsafe fn number(kind: u8, slot: *const u64) -> wasm_val_t {
    let bits = if kind & 1 == 0 { *slot as u32 as i64 } else { *slot as i64 };
    wasm_val_t { kind, of: wasm_val_of_t { i64: bits } }
}

/// Writes an argument that is no number, or says why it does not fit.
#[cold]
unsafe fn write_reference(
    func: &Func,
    i: usize,
    arg: &wasm_val_t,
    want: &ValType,
    at: *mut u64,
) -> Result<(), Failure> {
    let (store, want) = (func.store(), *want);
    let value = to_val(arg, want, store.engine().types()).map_err(|e| format!("argument {i}: {e}"))?;
    if !value.matches(want, &store) {
        return Err(format!("argument {i} has the wrong type or belongs to another store: expected {want}").into());
    }
    value.write_slots(at, &store);
    Ok(())
}

#[cold]
unsafe fn read_reference(func: &Func, i: usize, have: &ValType, at: *const u64) -> Result<wasm_val_t, Failure> {
    let store = func.store();
    from_val(Val::read_slots(at, *have, &store), &store).map_err(|e| format!("result {i}: {e}").into())
}

#[cold]
fn misfit(ty: &FuncType, args: usize, arg_data: *mut wasm_val_t, room: usize) -> Failure {
    let (params, results) = (ty.params.len(), ty.results.len());
    if args != params {
        format!("wrong number of arguments: expected {params}, found {args}").into()
    } else if room < results {
        format!("not enough room for the results: expected {results}, found {room}").into()
    } else if arg_data.is_null() && args != 0 {
        "the data of the arguments is NULL".into()
    } else {
        "the data of the results is NULL".into()
    }
}

/// A trap for a call that could not be made. Without a function there is no store to make it in, so it gets one of its
/// own.
#[cold]
unsafe fn refuse(func: *const wasm_func_t, reason: &str) -> *mut wasm_trap_t {
    set_last_error(reason);
    let make = || {
        let store = match object::borrow(func) {
            Ok(func) => func.store(),
            Err(_) => Store::new(&Engine::default()).ok()?,
        };
        Some(object::give(Trap::new(&store, reason)))
    };
    catch_unwind(AssertUnwindSafe(make)).ok().flatten().unwrap_or(std::ptr::null_mut())
}

// ---------------------------------------------------------------------------------------------------------------------
// Guest to host

type Plain = unsafe extern "C" fn(*const wasm_val_vec_t, *mut wasm_val_vec_t) -> *mut wasm_trap_t;
type WithEnv = unsafe extern "C" fn(*mut c_void, *const wasm_val_vec_t, *mut wasm_val_vec_t) -> *mut wasm_trap_t;

/// The host's code.
#[derive(Clone, Copy)]
pub(crate) enum Callback {
    Plain(Plain),
    WithEnv(WithEnv, *mut c_void),
}

/// What a host function works with.
struct HostEnv {
    callback: Callback,
    finalizer: Finalizer,
    /// The type of the function, kept here because it is read on every call.
    params: Box<[Passed]>,
    results: Box<[Passed]>,
    /// Whether there are parameters whose values own something while the callback runs.
    owning: bool,
}

/// A parameter or a result.
#[derive(Clone, Copy)]
struct Passed {
    /// [`number_kind`] of the type.
    number: u8,
    kind: u8,
    ty: ValType,
}

fn passed(types: &[ValType], registry: &TypeRegistry) -> Box<[Passed]> {
    types.iter().map(|ty| Passed { number: number_kind(*ty), kind: kind_in(*ty, registry), ty: *ty }).collect()
}

/// A host function around a callback.
pub(crate) unsafe fn host_func(store: &Store, ty: TypeHandle, callback: Callback, finalizer: Finalizer) -> Func {
    unsafe extern "C" fn finalize(env: *mut c_void) {
        let env = Box::from_raw(env.cast::<HostEnv>());
        if let (Callback::WithEnv(_, data), Some(finalizer)) = (env.callback, env.finalizer) {
            finalizer(data);
        }
    }
    let sub_type = ty.ty().clone();
    let func = sub_type.as_func().expect("a function type, by construction");
    let (params, results) = (passed(&func.params, ty.registry()), passed(&func.results, ty.registry()));
    let owning = params.iter().any(|p| p.number == NO_NUMBER);
    let env = Box::into_raw(Box::new(HostEnv { callback, finalizer, params, results, owning }));
    Func::from_raw_parts(store, ty, call_back, env.cast(), Some(finalize))
}

/// The [`raw::HostFn`] of every host function.
unsafe extern "C" fn call_back(func: *mut raw::Func, _caller: *mut raw::Instance, slots: *mut u64) -> *mut ObjHeader {
    let env = &*(*func).env.cast::<HostEnv>();
    if env.params.len() <= FEW && env.results.len() <= FEW {
        let mut args = [const { MaybeUninit::<wasm_val_t>::uninit() }; FEW];
        let mut results = [const { MaybeUninit::<wasm_val_t>::uninit() }; FEW];
        serve(func, env, slots, args.as_mut_ptr().cast(), results.as_mut_ptr().cast())
    } else {
        serve_many(func, env, slots)
    }
}

/// A callback with too many values for the native stack.
#[cold]
unsafe fn serve_many(func: *mut raw::Func, env: &HostEnv, slots: *mut u64) -> *mut ObjHeader {
    let zero = wasm_val_t { kind: WASM_I32, of: wasm_val_of_t { i64: 0 } };
    let (mut args, mut results) = (vec![zero; env.params.len()], vec![zero; env.results.len()]);
    serve(func, env, slots, args.as_mut_ptr(), results.as_mut_ptr())
}

/// The callback itself, with room for its arguments and results.
#[inline(always)]
unsafe fn serve(
    func: *mut raw::Func,
    env: &HostEnv,
    slots: *mut u64,
    args: *mut wasm_val_t,
    results: *mut wasm_val_t,
) -> *mut ObjHeader {
    let mut at = slots.cast_const();
    for (i, param) in env.params.iter().enumerate() {
        if param.number != NO_NUMBER {
            args.add(i).write(number(param.number, at));
            at = at.add(1);
        } else {
            match read_for_host(func, i, &param.ty, at) {
                Ok(value) => args.add(i).write(value),
                Err(trap) => {
                    (0..i).for_each(|k| args.add(k).read().discard());
                    return trap;
                }
            }
            at = at.add(param.ty.slots() as usize);
        }
    }
    for (i, result) in env.results.iter().enumerate() {
        results.add(i).write(wasm_val_t { kind: result.kind, of: wasm_val_of_t { i64: 0 } });
    }

    let data = |count: usize, room: *mut wasm_val_t| if count == 0 { std::ptr::null_mut() } else { room };
    let arg_vec = wasm_val_vec_t { size: env.params.len(), data: data(env.params.len(), args) };
    let mut result_vec = wasm_val_vec_t { size: env.results.len(), data: data(env.results.len(), results) };
    let trap = match env.callback {
        Callback::Plain(f) => f(&arg_vec, &mut result_vec),
        Callback::WithEnv(f, data) => f(data, &arg_vec, &mut result_vec),
    };
    if env.owning {
        (0..env.params.len()).for_each(|i| args.add(i).read().discard());
    }
    if !trap.is_null() {
        return stop(func, trap, results, env.results.len());
    }

    let mut at = slots;
    for (i, want) in env.results.iter().enumerate() {
        let result = &*results.add(i);
        if result.kind == want.number && want.number != NO_NUMBER {
            *at = number_slot(result);
            at = at.add(1);
        } else {
            if let Err(trap) = write_for_guest(func, i, result, &want.ty, at) {
                (i..env.results.len()).for_each(|k| results.add(k).read().discard());
                return trap;
            }
            result.discard();
            at = at.add(want.ty.slots() as usize);
        }
    }
    std::ptr::null_mut()
}

/// The store of a host function that is running.
pub(crate) unsafe fn store_of(func: *mut raw::Func) -> Store {
    ManuallyDrop::new(Ref::from_raw(NonNull::new_unchecked(func.cast()))).store()
}

/// An argument that is no number, or the trap that says why it cannot be passed.
#[cold]
unsafe fn read_for_host(
    func: *mut raw::Func,
    i: usize,
    ty: &ValType,
    at: *const u64,
) -> Result<wasm_val_t, *mut ObjHeader> {
    let store = store_of(func);
    careful(&store, || {
        from_val(Val::read_slots(at, *ty, &store), &store)
            .map_err(|e| format!("argument {i} of a host function: {e}").into())
    })
}

/// Writes a result that is no number of the right kind, or gives the trap that says so.
#[cold]
unsafe fn write_for_guest(
    func: *mut raw::Func,
    i: usize,
    result: &wasm_val_t,
    want: &ValType,
    at: *mut u64,
) -> Result<(), *mut ObjHeader> {
    let store = store_of(func);
    careful(&store, || {
        let bad = |why: &str| Failure::from(format!("result {i} of a host function: {why}"));
        let value = to_val(result, *want, store.engine().types()).map_err(|e| bad(&e))?;
        if !value.matches(*want, &store) {
            return Err(bad("it has the wrong type or belongs to another store"));
        }
        value.write_slots(at, &store);
        Ok(())
    })
}

/// Runs what could fail on the way between guest and host; failures and panics become traps.
pub(crate) fn careful<T>(store: &Store, body: impl FnOnce() -> Result<T, Failure>) -> Result<T, *mut ObjHeader> {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(done) => done.map_err(|reason| complaint(store, &reason)),
        Err(payload) => Err(complaint(store, &panic_text(&*payload))),
    }
}

fn complaint(store: &Store, text: &str) -> *mut ObjHeader {
    Trap::new(store, text).into_ref().into_raw().as_ptr()
}

/// Passes on what a callback returned, and gives up what it had written to its results before.
#[cold]
unsafe fn stop(func: *mut raw::Func, trap: *mut wasm_trap_t, results: *mut wasm_val_t, count: usize) -> *mut ObjHeader {
    (0..count).for_each(|i| results.add(i).read().discard());
    pass_on(func, trap)
}

/// What a callback returned instead of NULL, as guest code expects it.
#[cold]
pub(crate) unsafe fn pass_on(func: *mut raw::Func, trap: *mut wasm_trap_t) -> *mut ObjHeader {
    match Trap::from_ref(Ref::from_raw(NonNull::new_unchecked(trap.cast()))) {
        Ok(trap) => trap.into_pending(&store_of(func)),
        Err(_) => complaint(&store_of(func), "a host function returned something that is no trap"),
    }
}
