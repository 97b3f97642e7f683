//! Metering: the instructions that charge a store's fuel, emitted only when the engine asks for them.
//!
//! # What costs what
//! One unit for each operator of the wasm text that is executed, but none for those that only mark a place: `block`,
//! `loop`, `else`, `end`, `nop`, `try`, `try_table`, `catch`, `catch_all`, `delegate`. Instructions on many bytes or
//! elements cost more by their length operand, whatever becomes of them: one unit for 64 whole bytes of memory, one for
//! each element of a table or array. A call of a host function costs what the call operator does.
//!
//! # When it is paid
//! A *run* is a longest sequence of operators that are entered only at the first and left only at the last: it starts at the
//! function's entry, after every operator that can go elsewhere than to the next one (branches, calls, throws), and after
//! `loop`, `if`, `else`, `end` and the heads of clauses. It is paid as a whole before its first operator, and not
//! entered if there is too little; so a run that traps in its middle has been paid whole. What depends on a length is paid just
//! before the instruction.
//!
//! Runs are a property of the wasm body, not of the code made from it: every way to run the function charges the same.

use super::emit::ji;
use super::{Translator, Ty};
use crate::code::op::Op;
use crate::module::ops::Operator;

/// Bytes of memory to a unit, as a power of two.
const BYTES_LOG2: u64 = 6;

/// In field B of `fuel_sized`: the length has 64 bits.
const LONG: u64 = 0x8000;

/// Whether an operator is paid for.
pub fn costs(op: &Operator<'_>) -> bool {
    !matches!(
        op,
        Operator::Block { .. }
            | Operator::Loop { .. }
            | Operator::Else
            | Operator::End
            | Operator::Nop
            | Operator::Try { .. }
            | Operator::TryTable { .. }
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. }
    )
}

/// Whether a new run starts behind an operator.
pub fn ends_run(op: &Operator<'_>) -> bool {
    matches!(
        op,
        Operator::Unreachable
            | Operator::Loop { .. }
            | Operator::If { .. }
            | Operator::Else
            | Operator::End
            | Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::Return
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
            | Operator::CallRef { .. }
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Rethrow { .. }
            | Operator::Catch { .. }
            | Operator::CatchAll
            | Operator::Delegate { .. }
    )
}

/// For an instruction whose last operand is a length that is paid for: the items to a unit, as a power of two.
pub fn sized(op: &Operator<'_>) -> Option<u64> {
    match op {
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } | Operator::MemoryInit { .. } => Some(BYTES_LOG2),
        Operator::TableGrow { .. }
        | Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::ArrayNew { .. }
        | Operator::ArrayNewDefault { .. }
        | Operator::ArrayNewData { .. }
        | Operator::ArrayNewElem { .. }
        | Operator::ArrayFill { .. }
        | Operator::ArrayCopy { .. }
        | Operator::ArrayInitData { .. }
        | Operator::ArrayInitElem { .. } => Some(0),
        _ => None,
    }
}

impl Translator<'_> {
    /// Charges for an operator that is about to be translated.
    pub(super) fn meter(&mut self, op: &Operator<'_>) {
        if self.dead.is_some() {
            self.run = None;
            return;
        }
        if costs(op) {
            let at = match self.run {
                Some(at) => at,
                None => {
                    self.emit(Op::fuel, &[ji(0, self.top)]);
                    self.code.len() - 1
                }
            };
            self.run = Some(at);
            // A body has fewer than 2^32 operators, so this stays within its half of the word.
            self.code[at] += 1;
        }
        if let Some(shift) = sized(op) {
            let len = *self.stack.last().expect("an operand, as validated");
            let slot = self.near(&len) as u64;
            let long = if len.ty == Ty::I64 { LONG } else { 0 };
            self.emit(Op::fuel_sized, &[slot | (shift | long) << 16 | (self.top as u64) << 32]);
            self.scratch_used = 0;
        }
        if ends_run(op) {
            self.run = None;
        }
    }
}
