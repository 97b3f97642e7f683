//! Evaluating constant expressions.
//!
//! Spec: "Validation / Instructions / Constant Expressions". Nearly all are a single instruction, which needs no stack.
//! Making an object may collect, so what is on the stack is shown to the collector.

use super::instance::{InstanceObj, func_ref, module_of};
use super::store::StoreInner;
use crate::module::{ConstExpr, ConstOp};
use crate::vm::trap::TrapKind;
use core::ptr::NonNull;

/// The value of a constant expression of the instance's module.
///
/// # Safety
/// `obj` is alive, its imports are in place, and the globals that come before have their values.
pub(super) unsafe fn evaluate(obj: *mut InstanceObj, expr: &ConstExpr) -> Result<[u64; 2], TrapKind> {
    if let Some(slots) = expr.as_slots() {
        return Ok(slots);
    }
    let mut stack: Vec<[u64; 2]> = Vec::with_capacity(expr.ops().len().min(16));
    for op in expr.ops() {
        // SAFETY: passed on.
        let value = unsafe { step(obj, *op, &mut stack)? };
        stack.push(value);
    }
    // Validated: exactly one value is left.
    stack.pop().ok_or(TrapKind::Internal)
}

/// # Safety
/// As [`evaluate`].
unsafe fn step(obj: *mut InstanceObj, op: ConstOp, stack: &mut Vec<[u64; 2]>) -> Result<[u64; 2], TrapKind> {
    let one = |v: u64| [v, 0];
    if let ConstOp::StructNew(_)
    | ConstOp::StructNewDefault(_)
    | ConstOp::ArrayNew(_)
    | ConstOp::ArrayNewDefault(_)
    | ConstOp::ArrayNewFixed(..) = op
    {
        // SAFETY: passed on.
        return unsafe { make(obj, op, stack) }.map(|offset| one(offset as u64));
    }
    let mut pop = || stack.pop().map(|v| v[0]).ok_or(TrapKind::Internal);
    let mut i32s = |f: fn(u32, u32) -> u32| -> Result<[u64; 2], TrapKind> {
        let (b, a) = (pop()? as u32, pop()? as u32);
        Ok(one(f(a, b) as u64))
    };
    Ok(match op {
        ConstOp::I32(v) => one(v as u32 as u64),
        ConstOp::I64(v) => one(v as u64),
        ConstOp::F32(bits) => one(bits as u64),
        ConstOp::F64(bits) => one(bits),
        ConstOp::V128(v) => v.to_slots(),
        ConstOp::RefNull(_) => one(0),
        // SAFETY: validated indices of a live instance.
        ConstOp::RefFunc(index) => one(unsafe { func_ref(obj, index) }.expose_provenance() as u64),
        // SAFETY: as above; validation lets an expression read only globals before its own.
        ConstOp::GlobalGet(index) => unsafe { **(*obj).raw.globals.add(index as usize) },
        ConstOp::I32Add => i32s(u32::wrapping_add)?,
        ConstOp::I32Sub => i32s(u32::wrapping_sub)?,
        ConstOp::I32Mul => i32s(u32::wrapping_mul)?,
        ConstOp::I64Add | ConstOp::I64Sub | ConstOp::I64Mul => {
            let (b, a) = (pop()?, pop()?);
            one(match op {
                ConstOp::I64Add => a.wrapping_add(b),
                ConstOp::I64Sub => a.wrapping_sub(b),
                _ => a.wrapping_mul(b),
            })
        }
        ConstOp::RefI31 => one((pop()? << 1 | 1) & 0xffff_ffff),
        // The encodings of both hierarchies are the same.
        ConstOp::AnyConvertExtern | ConstOp::ExternConvertAny => one(pop()?),
        ConstOp::StructNew(_)
        | ConstOp::StructNewDefault(_)
        | ConstOp::ArrayNew(_)
        | ConstOp::ArrayNewDefault(_)
        | ConstOp::ArrayNewFixed(..) => return Err(TrapKind::Internal),
    })
}

/// Makes an object, taking what goes into it from the stack.
///
/// # Safety
/// As [`evaluate`].
#[cold]
unsafe fn make(obj: *mut InstanceObj, op: ConstOp, stack: &mut Vec<[u64; 2]>) -> Result<u32, TrapKind> {
    // SAFETY: the instance is alive, and so its store; type indices are validated.
    let (store, module) = unsafe { (&*(*obj).raw.store.cast::<StoreInner>(), module_of(NonNull::new_unchecked(obj))) };
    let held: Vec<u64> = stack.iter().map(|v| v[0]).collect();
    let ty = |index: u32| store.engine.types().handle(module.types[index as usize]);
    let mut take = |n: usize| stack.len().checked_sub(n).map(|at| stack.split_off(at)).ok_or(TrapKind::Internal);
    match op {
        ConstOp::StructNewDefault(index) => store.heap_struct(&ty(index), None, &held),
        ConstOp::StructNew(index) => {
            let ty = ty(index);
            let fields = take(ty.ty().composite.as_struct().map_or(0, |s| s.fields.len()))?;
            store.heap_struct(&ty, Some(&fields), &held)
        }
        ConstOp::ArrayNew(index) => {
            let operands = take(2)?;
            store.heap_array(&ty(index), operands[1][0] as u32, |_| operands[0], &held)
        }
        ConstOp::ArrayNewDefault(index) => {
            let len = take(1)?[0][0] as u32;
            store.heap_array(&ty(index), len, |_| [0; 2], &held)
        }
        ConstOp::ArrayNewFixed(index, len) => {
            let elements = take(len as usize)?;
            store.heap_array(&ty(index), len, |i| elements[i], &held)
        }
        _ => Err(TrapKind::Internal),
    }
}
