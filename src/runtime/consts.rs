//! Evaluating constant expressions.
//!
//! Spec: "Validation / Instructions / Constant Expressions". Nearly all are a single instruction, which needs no stack.

use super::instance::{InstanceObj, func_ref};
use crate::module::{ConstExpr, ConstOp};
use crate::vm::trap::TrapKind;

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
        | ConstOp::ArrayNewFixed(..) => return Err(TrapKind::OutOfMemory),
    })
}
